"""What is due, and since when: a pure function of what is known about a thing and of the day.

A duty has a due day and a period, and it asks for its answer from :attr:`~framsyn.web.followup.rules.Rules.lead` days before
the due day. The answer of a later period serves for the earlier ones too, because nobody can report the past: what is asked
for is always the newest period, and ``since`` says from which day an answer has been missing.
"""

from __future__ import annotations

import calendar
import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framsyn.web.followup.rules import MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from framsyn.web.followup.rules import Rules

__all__ = ["Due", "Facts", "dues", "period_end", "period_key"]

ENDED = ("completed", "stopped")
SOON = 60  # days ahead that "soon" reaches
_ONE = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Facts:
    """What is known about a measure, an indicator or a goal.

    Parameters
    ----------
    kind : {"measure", "indicator", "goal"}
    id : str
    known_since : date or None
        Since when it has been somebody's to follow up; nothing earlier is asked for.
    phase : str
        Of a measure.
    start : date or None
        Of a measure.
    answered : date or None
        Day of the last report on a measure; end of the newest period of an indicator.
    frequency : str
        Of an indicator.
    tasks, overrides, deadlines : tuple of (number, day)
        Open tasks with a day; statuses set by hand that have not ended; deadlines of the decisions in force.
    """

    kind: str
    id: str
    known_since: datetime.date | None = None
    phase: str = ""
    start: datetime.date | None = None
    answered: datetime.date | None = None
    frequency: str = ""
    tasks: tuple[tuple[int, datetime.date], ...] = ()
    overrides: tuple[tuple[int, datetime.date], ...] = ()
    deadlines: tuple[tuple[int, datetime.date], ...] = ()


@dataclass(frozen=True)
class Due:
    """One thing that is asked for.

    Parameters
    ----------
    what : {"report", "figure", "task", "override", "deadline"}
    period : str
        The period that is asked for, or the number of the task, status or decision.
    day : date
        When it is due.
    since : date
        The first due day that passed without an answer; ``day`` where none has.
    state : {"overdue", "now", "soon", "later"}
    asked : tuple of (period, day)
        All periods without an answer, oldest first; each has a ladder of its own.
    """

    kind: str
    id: str
    what: str
    period: str
    day: datetime.date
    since: datetime.date
    state: str
    asked: tuple[tuple[str, datetime.date], ...] = ()

    @property
    def chases(self) -> bool:
        """Whether it is still asked for when its day has passed; a status that has lapsed and a deadline are not."""
        return self.what in ("report", "figure", "task")

    @property
    def needs_you(self) -> bool:
        """Whether something should be done about it now."""
        return self.state in ("overdue", "now")


def period_end(frequency: str, day: datetime.date) -> datetime.date:
    """Return the last day of the period in which a day lies.

    >>> day = datetime.date(2026, 11, 22)
    >>> [str(period_end(name, day)) for name in ("month", "quarter", "tertial", "year")]
    ['2026-11-30', '2026-12-31', '2026-12-31', '2026-12-31']
    """
    length = MONTHS[frequency]
    month = -(-day.month // length) * length
    return datetime.date(day.year, month, calendar.monthrange(day.year, month)[1])


def period_key(frequency: str, end: datetime.date) -> str:
    """Return the name of the period that ends on a day.

    >>> period_key("tertial", datetime.date(2026, 8, 31)), period_key("month", datetime.date(2026, 8, 31))
    ('2026-T2', '2026-M8')
    >>> period_key("year", datetime.date(2026, 12, 31))
    '2026'
    """
    if frequency == "year":
        return str(end.year)
    return f"{end.year}-{frequency[0].upper()}{end.month // MONTHS[frequency]}"


def _state(since: datetime.date, day: datetime.date, today: datetime.date, window: int) -> str:
    if since < today:
        return "overdue"
    if day <= today + datetime.timedelta(days=window):
        return "now"
    return "soon" if day <= today + datetime.timedelta(days=SOON) else "later"


def _in_periods(
    facts: Facts,
    what: str,
    frequency: str,
    first_end: datetime.date,
    lag: int,
    today: datetime.date,
    rules: Rules,
) -> Due:
    """Return the duty whose first unanswered period ends on a day: asked for is the newest that has begun to ask."""
    wait = datetime.timedelta(days=lag)
    asks_from = today + datetime.timedelta(days=rules.lead) - wait
    ends = [first_end]
    while (after := period_end(frequency, ends[-1] + _ONE)) <= asks_from:
        ends.append(after)
    since, day = ends[0] + wait, ends[-1] + wait
    state = _state(since, day, today, rules.window)
    asked = tuple((period_key(frequency, end), end + wait) for end in ends)
    return Due(facts.kind, facts.id, what, asked[-1][0], day, since, state, asked)


def _report(facts: Facts, today: datetime.date, rules: Rules) -> Due | None:
    if facts.phase != "under_way":
        return None
    begun = [day for day in (facts.known_since, facts.start) if day is not None]
    if facts.answered is not None:
        told = facts.answered - datetime.timedelta(days=rules.grace_of(rules.report))
        first = period_end(rules.report, period_end(rules.report, told) + _ONE)
    elif begun:
        begin = max(begun)
        first = period_end(rules.report, begin)
        if (first - begin).days < rules.grace_of(rules.report):
            first = period_end(rules.report, first + _ONE)
    else:
        first = period_end(rules.report, today)
    return _in_periods(facts, "report", rules.report, first, 0, today, rules)


def _figure(facts: Facts, today: datetime.date, rules: Rules) -> Due | None:
    lag = rules.lag[facts.frequency]
    if facts.answered is None:
        if facts.known_since is None:
            return None
        first = period_end(facts.frequency, facts.known_since)
    else:
        first = period_end(facts.frequency, period_end(facts.frequency, facts.answered) + _ONE)
    return _in_periods(facts, "figure", facts.frequency, first, lag, today, rules)


def _dated(facts: Facts, today: datetime.date, rules: Rules) -> Iterator[Due]:
    if facts.kind != "measure" or facts.phase not in ENDED:
        for number, day in facts.tasks:
            state = _state(day, day, today, rules.window)
            yield Due(facts.kind, facts.id, "task", str(number), day, day, state, ((str(number), day),))
    for what, listed in (("override", facts.overrides), ("deadline", facts.deadlines)):
        for number, day in listed:
            if day >= today:
                state = _state(day, day, today, rules.window)
                yield Due(facts.kind, facts.id, what, str(number), day, day, state, ((str(number), day),))


def dues(facts: Facts, today: datetime.date, rules: Rules) -> list[Due]:
    """Return what a thing asks for on a day, what has been missing longest first.

    Parameters
    ----------
    facts : Facts
    today : date
    rules : Rules

    Examples
    --------
    >>> from framsyn.web.followup.rules import Rules
    >>> day = datetime.date
    >>> measure = Facts("measure", "m", known_since=day(2026, 1, 1), phase="under_way", answered=day(2026, 6, 3))
    >>> (one,) = dues(measure, day(2026, 9, 10), Rules())
    >>> one.period, one.state, str(one.since)
    ('2026-T3', 'later', '2026-12-31')
    >>> (one,) = dues(measure, day(2027, 1, 4), Rules())
    >>> one.state, str(one.since)
    ('overdue', '2026-12-31')
    """
    found = list(_dated(facts, today, rules))
    periodic = None
    if facts.kind == "measure":
        periodic = _report(facts, today, rules)
    elif facts.kind == "indicator" and facts.frequency in MONTHS:
        periodic = _figure(facts, today, rules)
    if periodic is not None:
        found.append(periodic)
    return sorted(found, key=lambda one: (one.since, one.what, one.period))
