"""Pages of measures: the list, its file, and one measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.web.access import plans_where, roles_here
from framsyn.web.accounts.models import Role
from framsyn.web.accounts.queries import may_somewhere
from framsyn.web.actions import Actor
from framsyn.web.exchange.tables import answer
from framsyn.web.measures.choices import choices
from framsyn.web.measures.detail import detail
from framsyn.web.measures.models import Measure, StatusReport
from framsyn.web.measures.queries import NO_REPORT, SORTS, Filters, listing
from framsyn.web.measures.tables import measures_table
from framsyn.web.measures.timeliness import CODES, RULE
from framsyn.web.notes.queries import notes_of
from framsyn.web.policies import may

if TYPE_CHECKING:
    from django.http import HttpRequest


__all__ = ["measure", "measures", "measures_file"]

ALL = 100_000


def heads(filters: Filters) -> list[dict[str, Any]]:
    """Return the columns that sort, and how they do now."""
    found = []
    for name in ("title", "owner", "phase", "status", "timeliness", "progress"):
        now = filters.sort == name
        found.append(
            {
                "name": name,
                "label": SORTS[name],
                "sort": f"-{name}" if now and not filters.descending else name,
                "aria": ("descending" if filters.descending else "ascending") if now else "none",
            }
        )
    return found


def measures(request: HttpRequest) -> HttpResponse:
    """List measures, narrowed and sorted as ``?phase=``, ``?status=`` … say."""
    filters = Filters.of(request.GET)
    status_words = [(NO_REPORT, _("no report yet")), *StatusReport.Status.choices]
    context = {
        "crumbs": [(_("Measures"), "")],
        "filters": filters,
        "found": listing(filters, request.GET.get("page"), timezone.localdate()),
        "choices": choices(),
        "phases": Measure.Phase.choices,
        "statuses": status_words,
        "timelinesses": [(code, word) for code, (_badge, word) in CODES.items()],
        "heads": heads(filters),
        "rule": RULE,
        "may_create": may_somewhere(Actor.of(request), "measure.create"),
    }
    return render(request, "measures/measures.html", context)


def measures_file(request: HttpRequest, form: str) -> Any:
    """Return the same list as a file, all of it."""
    found = listing(Filters.of(request.GET), 1, timezone.localdate(), size=ALL)
    return answer(request, measures_table(found.rows, names=request.user.is_authenticated), form)


def measure(request: HttpRequest, measure_id: str) -> HttpResponse:
    """Show one measure."""
    found = detail(measure_id, timezone.localdate(), plans_where(request, "see.draft"))
    if found is None:
        raise Http404
    plans = [pk for pk, _title in found.plans]
    roles = roles_here(request, found.measure.organisation, plans=plans)
    if request.user.pk in found.answering:
        roles |= {Role.OWNER}
    context = {
        "crumbs": [(_("Measures"), reverse("measures")), (str(found.measure.title), "")],
        "found": found,
        "measure": found.measure,
        "row": found.row,
        "may": {
            name: may(roles, f"measure.{name}")
            for name in ("change", "report", "assign", "task", "benefit", "risk")
        },
        "rule": RULE,
        "notes": notes_of(found.measure, roles),
        "may_hand_over": may(roles, "followup.hand_over"),
        "may_audit": may(roles, "see.audit"),
    }
    return render(request, "measures/measure.html", context)
