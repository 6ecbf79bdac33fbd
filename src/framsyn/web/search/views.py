"""The search page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from framsyn.web.languages import current_language
from framsyn.web.search.queries import PER_PAGE, find

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from framsyn.web.search.queries import Hit

__all__ = ["search"]

LONGEST = 200
KINDS = {
    "plan": gettext_lazy("Plans"),
    "goal": gettext_lazy("Goals"),
    "element": gettext_lazy("Text of the plans"),
    "indicator": gettext_lazy("Indicators"),
    "measure": gettext_lazy("Measures"),
    "data": gettext_lazy("Data"),
    "place": gettext_lazy("Places"),
    "scenario": gettext_lazy("Scenarios"),
}
EXAMPLES = {
    "nb": ("ventetid", "sykefravær", "hjemmesykehus", "beredskap"),
    "nn": ("ventetid", "sjukefråvær", "heimesjukehus", "beredskap"),
    "en": ("waiting time", "sick leave", "home hospital", "preparedness"),
}


@dataclass(frozen=True)
class Section:
    """Hits of one kind as the page shows them."""

    kind: str
    title: str
    count: int
    hits: list[Hit]
    rest: int


def search(request: HttpRequest) -> HttpResponse:
    """Show what was found for ``?q=``, perhaps of one ``?kind=`` only."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    number = request.GET.get("page", "1")
    page = int(number) if number.isdecimal() and 0 < int(number) < 10_000 else 1
    language = current_language()
    hits = find(text, language, kind, page)
    if kind and hits.count and not hits.count_of(kind):  # found, but nothing of this kind
        kind = ""
        hits = find(text, language)
    sections = [
        Section(group.kind, str(KINDS[group.kind]), group.count, group.hits, group.count - len(group.hits))
        for group in hits.groups
    ]
    context = {
        "crumbs": [(_("Search"), "")],
        "text": text,
        "hits": hits,
        "kind": kind,
        "kind_title": KINDS.get(kind, ""),
        "filters": sections,
        "sections": [one for one in sections if one.hits],
        "page": Paginator(range(hits.count_of(kind)), PER_PAGE).get_page(page) if kind else None,
        "examples": EXAMPLES[language],
    }
    return render(request, "search/search.html", context)
