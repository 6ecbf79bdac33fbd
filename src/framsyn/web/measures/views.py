"""Pages of measures: the list, its file, and one measure."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.web.accounts.queries import may_somewhere
from framsyn.web.actions import Actor
from framsyn.web.measures.choices import choices
from framsyn.web.measures.detail import detail
from framsyn.web.measures.models import Benefit, Measure, StatusReport
from framsyn.web.measures.queries import NO_REPORT, SORTS, Filters, listing
from framsyn.web.measures.timeliness import CODES, RULE
from framsyn.web.policies import may

if TYPE_CHECKING:
    from django.http import HttpRequest

    from framsyn.web.measures.queries import Row

__all__ = ["measure", "measures", "measures_file"]

KINDS = list(Benefit.Kind.values)
HEAD = (
    "id title organisation owner person phase standing status reported timeliness start end cost_mnok fte tasks "
    "tasks_done"
).split() + [f"{kind}_{what}" for kind in KINDS for what in ("planned", "realised")]
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


def measures_file(request: HttpRequest) -> HttpResponse:
    """Return the same list as a file, all of it."""
    found = listing(Filters.of(request.GET), 1, timezone.localdate(), size=ALL)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    writer.writerows(cells(row) for row in found.rows)
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="measures.csv"'
    return response


def cells(row: Row) -> list[object]:
    """Return a row of the file; nothing where nothing is known."""
    benefits = {one.kind: one for one in row.benefits}
    sums: list[object] = []
    for kind in KINDS:
        one = benefits.get(kind)
        sums += ["", ""] if one is None else [one.planned, one.realised if one.reported else ""]
    return [
        row.id,
        harmless(str(row.title)),
        row.owner.organisation.pk,
        harmless(str(row.owner.unit)),
        harmless(row.owner.person),
        row.phase,
        row.standing,
        row.status,
        row.reported_on or "",
        row.timeliness.code,
        row.start or "",
        row.end or "",
        "" if row.cost is None else row.cost,
        "" if row.fte is None else row.fte,
        row.tasks,
        row.tasks_done,
        *sums,
    ]


def harmless(words: str) -> str:
    """Return words that no spreadsheet takes for a formula.

    >>> harmless("=1+1"), harmless("Home hospital")
    ("'=1+1", 'Home hospital')
    """
    return f"'{words}" if words.startswith(("=", "+", "-", "@", "\t", "\r")) else words


def measure(request: HttpRequest, measure_id: str) -> HttpResponse:
    """Show one measure."""
    found = detail(measure_id, timezone.localdate())
    if found is None:
        raise Http404
    actor = Actor.of(request)
    roles = actor.roles_in(found.measure.organisation)
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
    }
    return render(request, "measures/measure.html", context)
