"""The page that tells what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from framsyn.web.feeds.feeds import address_of
from framsyn.web.feeds.queries import public_changes

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["KINDS", "changes"]

PAGE = 50
KINDS = (
    ("plan", gettext_lazy("Plans")),
    ("goal", gettext_lazy("Goals")),
    ("indicator", gettext_lazy("Indicators")),
    ("measure", gettext_lazy("Measures")),
)


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """What changed, newest first, of one kind with ``?kind=``."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in dict(KINDS) else ""
    page = Paginator(public_changes(kind), PAGE).get_page(request.GET.get("page"))
    rows = [(change, address_of(change.kind, change.object_id)) for change in page.object_list]
    context = {
        "crumbs": [(_("What changed"), "")],
        "page_obj": page,
        "rows": rows,
        "kinds": KINDS,
        "kind": kind,
    }
    return render(request, "feeds/changes.html", context)
