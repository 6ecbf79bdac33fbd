"""When an event falls in a year: days out of months, spans and rhythms."""

from __future__ import annotations

import calendar
import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.languages import current_language
from framsyn.web.templatetags.texts import date as in_words
from framsyn.web.templatetags.texts import month_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from framsyn.web.wheel.models import Event

__all__ = [
    "FIRST_YEAR", "LAST_YEAR", "Occurrence", "check_when", "days_in", "next_occurrences", "occurrences", "rhythm",
    "when_text",
]  # fmt: skip

FIRST_YEAR, LAST_YEAR = 2000, 2100
_LEAP = 2024  # a year that has every day a year can have


@dataclass(frozen=True)
class Occurrence:
    """One event in one year.

    Parameters
    ----------
    event : Event
    first, last : date
        The same day where it is a day.
    """

    event: Event
    first: datetime.date
    last: datetime.date

    def is_over(self, day: datetime.date) -> bool:
        """Whether its last day lies before a day."""
        return self.last < day

    def is_on(self, day: datetime.date) -> bool:
        """Whether a day lies in it."""
        return self.first <= day <= self.last

    @property
    def when(self) -> str:
        """Its time in words, with the year."""
        return when_text(self.event, self.first.year)


def last_of(year: int, month: int) -> int:
    """Return the last day of a month.

    >>> last_of(2028, 2)
    29
    """
    return calendar.monthrange(year, month)[1]


def day_of(year: int, month: int, day: int) -> datetime.date:
    """Return a day; 29 February is the 28th where there is none.

    >>> day_of(2027, 2, 29)
    datetime.date(2027, 2, 28)
    """
    return datetime.date(year, month, min(day, last_of(year, month)))


def days_in(event: Event, year: int) -> Occurrence | None:
    """Return an event as it begins in a year; nothing in a year without it."""
    if event.every == 0 and event.year != year:
        return None
    if event.every > 0 and event.year is not None:
        if year < event.year or (year - event.year) % event.every:
            return None
    first = day_of(year, event.month, event.day or 1)
    if event.end_month is None:
        last = first if event.day else day_of(year, event.month, 31)
    else:
        last = day_of(year, event.end_month, event.end_day or 31)
        if last < first:
            last = day_of(year + 1, event.end_month, event.end_day or 31)
    return Occurrence(event, first, last)


def occurrences(events: Iterable[Event], year: int) -> list[Occurrence]:
    """Return what begins in a year, in the order of the year."""
    found = [one for event in events if (one := days_in(event, year)) is not None]
    return sorted(found, key=lambda one: (one.first, one.last, one.event.pk))


def next_occurrences(events: Iterable[Event], today: datetime.date, count: int) -> list[Occurrence]:
    """Return the next events that are not over, those that go on now first."""
    known = list(events)
    found = [
        one
        for year in (today.year - 1, today.year, today.year + 1)
        for one in occurrences(known, year)
        if not one.is_over(today)
    ]
    return sorted(found, key=lambda one: (one.first, one.last, one.event.pk))[:count]


def when_text(event: Event, year: int | None = None) -> str:
    """Say when in the year an event is, with a year where one is given.

    >>> from types import SimpleNamespace as Thing
    >>> from django.utils import translation
    >>> with translation.override("nb"):
    ...     when_text(Thing(month=10, day=None, end_month=11, end_day=None), 2027)
    ...     when_text(Thing(month=3, day=15, end_month=None, end_day=None))
    'oktober–november 2027'
    '15. mars'
    """

    def said(month: int, day: int | None) -> str:
        name = month_name(month)
        if day is None:
            return name
        return f"{day} {name}" if current_language() == "en" else f"{day}. {name}"

    words = said(event.month, event.day)
    if event.end_month is not None and (event.end_month, event.end_day) != (event.month, event.day):
        dash = "–" if event.day is None and event.end_day is None else " – "
        words = f"{words}{dash}{said(event.end_month, event.end_day)}"
    return f"{words} {year}" if year else words


def rhythm(event: Event) -> str:
    """Say how often an event comes."""
    if event.every == 0:
        return _("once, in %(year)s") % {"year": event.year}
    if event.every == 1:
        return _("every year")
    return _("every %(count)s years, first in %(year)s") % {"count": event.every, "year": event.year}


def check_when(
    month: int, day: int | None, end_month: int | None, end_day: int | None, every: int, year: int | None
) -> None:
    """Refuse a time that no year has.

    Raises
    ------
    PlanError
        With the field of the form that it is about.
    """
    for field, a_month, a_day in (("day", month, day), ("end_day", end_month, end_day)):
        if a_month is not None and a_day is not None and not 1 <= a_day <= last_of(_LEAP, a_month):
            message = _("%(month)s has no day %(day)s. Write a day from 1 to %(last)s.")
            facts = {"month": month_name(a_month), "day": a_day, "last": last_of(_LEAP, a_month)}
            raise PlanError("no-such-day", message % facts, field=field, got=a_day)
    if end_day is not None and end_month is None:
        raise PlanError(
            "end-without-month",
            _("The last day needs its month too. Choose it."),
            field="end_month",
            got=None,
        )
    if every != 1 and year is None:
        raise PlanError(
            "year-missing",
            _("What does not come every year needs its first year. Write it."),
            field="year",
            got=None,
        )
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        message = _("%(year)s is no year of this wheel. Write one from %(first)s to %(last)s.")
        facts = {"year": year, "first": FIRST_YEAR, "last": LAST_YEAR}
        raise PlanError("year-out-of-range", message % facts, field="year", got=year)


def in_full(occurrence: Occurrence) -> str:
    """Return first and last day in words.

    >>> from types import SimpleNamespace as Thing
    >>> from django.utils import translation
    >>> with translation.override("nb"):
    ...     in_full(Occurrence(Thing(), datetime.date(2027, 10, 1), datetime.date(2027, 10, 31)))
    '1. oktober 2027 – 31. oktober 2027'
    """
    if occurrence.first == occurrence.last:
        return in_words(occurrence.first)
    return f"{in_words(occurrence.first)} – {in_words(occurrence.last)}"
