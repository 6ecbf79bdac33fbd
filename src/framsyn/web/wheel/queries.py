"""Reading the annual wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from framsyn.web.wheel.dates import Occurrence, days_in, next_occurrences
from framsyn.web.wheel.models import Event

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

__all__ = ["events", "last_board_meeting", "next_events"]


def events() -> list[Event]:
    """Return every event with what it is about; one query."""
    return list(Event.objects.select_related("organisation", "plan", "element__origin"))


def next_events(count: int, known: Iterable[Event] | None = None) -> list[Occurrence]:
    """Return the next events that are not over; one query."""
    return next_occurrences(events() if known is None else known, timezone.localdate(), count)


def last_board_meeting(known: Iterable[Event], today: datetime.date) -> Occurrence | None:
    """Return the newest board meeting that lies behind; its last day where only its month is known."""
    found = [
        one
        for event in known
        if event.kind == Event.Kind.BOARD
        for year in (today.year, today.year - 1)
        if (one := days_in(event, year)) is not None and one.is_over(today)
    ]
    return max(found, key=lambda one: one.last, default=None)
