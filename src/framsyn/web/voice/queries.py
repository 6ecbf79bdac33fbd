"""Reading reports: the queue of those who handle them, and what everybody may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.utils import timezone

from framsyn.web.plan.models import Plan
from framsyn.web.voice.models import Report

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping
    from typing import Any

    from framsyn.web.accounts.models import Organisation

__all__ = ["Queue", "accessibility_record", "corrections", "home_organisation", "queue"]

PAGE = 50


def home_organisation() -> Organisation | None:
    """Return the organisation that answers readers: the owner of the regional development plan, else of any; one query."""
    plans = Plan.objects.select_related("organisation").order_by("position", "pk")
    known = list(plans)
    regional = [one for one in known if one.kind == Plan.Kind.REGIONAL_PLAN]
    found = (regional or known)[:1]
    return found[0].organisation if found else None


@dataclass(frozen=True)
class Queue:
    """Reports, those that wait longest first."""

    page: Any
    rows: list[tuple[Report, bool]]  # with whether the promised day has passed
    counts: Mapping[str, int]
    late: int


def queue(organisations: Iterable[str] | None, status: str, page: object) -> Queue:
    """Return the reports of some organisations, of all without; four queries.

    Parameters
    ----------
    status : str
        A status; those that are not answered without one, all with ``all``.
    """
    today = timezone.localdate()
    found = Report.objects.all()
    if organisations is not None:
        found = found.filter(organisation__in=list(organisations))
    states = list(found.order_by().values_list("status", "due"))
    counts = {code: sum(state == code for state, _due in states) for code in Report.Status.values}
    late = sum(state not in Report.ANSWERED and due < today for state, due in states)
    if status in Report.Status.values:
        found = found.filter(status=status)
    elif status != "all":
        found = found.exclude(status__in=Report.ANSWERED)
    if status in ("", Report.Status.RECEIVED, Report.Status.IN_WORK):
        found = found.order_by("due", "id")
    shown = Paginator(found.select_related("handler", "organisation"), PAGE).get_page(page)
    return Queue(shown, [(one, one.is_late(today)) for one in shown], counts, late)


def corrections(page: object) -> Any:
    """Return what was corrected, newest first, a page at a time; two queries."""
    found = Report.objects.filter(status=Report.Status.CORRECTED).order_by("-answered_at", "-id")
    return Paginator(found.only("figure", "page", "subject", "correction", "answered_at"), PAGE).get_page(
        page
    )


def accessibility_record(today: datetime.date) -> dict[str, int]:
    """Count the reports on accessibility and those answered in time; one query."""
    rows = Report.objects.filter(subject=Report.Subject.ACCESSIBILITY).values_list("due", "answered_at")
    known = list(rows)
    in_time = sum(done is not None and timezone.localtime(done).date() <= due for due, done in known)
    waiting = sum(done is None for _due, done in known)
    late = sum(done is None and due < today for due, done in known)
    return {"all": len(known), "in_time": in_time, "waiting": waiting, "late": late}
