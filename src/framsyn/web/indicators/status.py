"""The status of a goal, by a rule that can be said in one sentence; pure, with no clock and no database.

The rule, for every goal with an indicator:

* The newest sound reading is held against the target; readings are never averaged, and one that its publisher marks
  as faulty is not judged by.
* A straight line runs from the start (the baseline, or else the first sound reading) to the target at the deadline.
  On or beyond the line, less the tolerance, the goal is on the way; short of it, it is at risk. Met is reached, unmet
  after the deadline is missed.
* The indicator moves the wrong way when the newest reading is worse than the start by more than the tolerance, or when
  each of the last two steps went the wrong way and they add up to more than the tolerance. This is flagged whatever
  the status is, also when the goal is reached and also under an override.
* Readings that are counted in different ways are no steps: after a break in the series the wrong way is measured from the
  first reading of the new way, and the pace is the trend around the breaks (`framsyn.methods.trend`).
* An override needs a reason, a name and a last day; after that day the rule speaks again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from framsyn.methods.trend import NoTrend, SeriesBreak, fit_trend
from framsyn.web.indicators.rules import CODES, TYPES, GoalRule, Override, Reading, Status, rule_from
from framsyn.web.indicators.sentences import rule_text, sentence, status_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "CODES",
    "TYPES",
    "GoalRule",
    "Override",
    "Reading",
    "Status",
    "judge",
    "rule_from",
    "rule_text",
    "sentence",
    "status_name",
]

# Two steps need three readings.
_RECENT = 3
# Readings that a pace around a break rests on at most, beside the first.
_TREND = 12
# The last bits of 0.95 − 0.85 are no movement.
_ROUNDING = 1e-9


def judge(
    rule: GoalRule, readings: Iterable[Reading], today: date, override: Override | None = None
) -> Status:
    """Judge a goal.

    Parameters
    ----------
    rule : GoalRule
    readings : iterable of Reading
        In any order. A reading whose data end after today is a plan and no reading, and is left out.
    today : date
    override : Override, optional

    Returns
    -------
    Status

    Examples
    --------
    >>> rule = GoalRule("reach_at_least", baseline=0.61, baseline_date=date(2025, 12, 31), target=0.75,
    ...                 deadline=date(2030, 12, 31))
    >>> status = judge(rule, [Reading(date(2028, 6, 30), 0.66)], date(2028, 9, 1))
    >>> status.code, round(status.pace_value, 2), round(status.expected_then, 2)
    ('at_risk', 0.71, 0.68)
    >>> sentence(status, rule, "share", "en")
    'Rose from 61 to 66% and must reach 75 by 2030: at this pace 71.'
    """
    status = _computed(rule, list(readings), today)
    if override is None or override.expires is None:
        return status
    if today > override.expires:
        return replace(status, expired=override)
    return replace(status, code=override.status, override=override)


def _computed(rule: GoalRule, readings: Sequence[Reading], today: date) -> Status:
    """Status by the rule alone."""
    passed = rule.deadline is not None and today > rule.deadline
    if rule.type == "do":
        return Status("not_measured", "not_measured", deadline_passed=passed)
    past = sorted((r for r in readings if r.through <= today), key=lambda r: (r.through, r.date))
    sound = [reading for reading in past if not reading.faulty]
    start, start_date = _start(rule, sound)
    if not sound:
        return Status(
            "no_data",
            "no_data",
            start=start,
            start_date=start_date,
            deadline_passed=passed,
            skipped=len(past),
        )
    newest = sound[-1]
    status = Status(
        "no_data",
        "no_data",
        provisional=newest.provisional,
        value=newest.value,
        date=newest.through,
        start=start,
        start_date=start_date,
        deadline_passed=passed,
        coverage=newest.coverage,
        skipped=sum(reading.faulty and reading.through > newest.through for reading in past),
        counted_since=_break_after(start_date, newest),
    )
    status = _with_path(status, rule, today, sound)
    since = _wrong_since(rule, start, start_date, sound)
    code = _code(rule, status, wrong=since is not None)
    return replace(status, code=code, computed=code, wrong_way=since is not None, wrong_since=since)


def _start(rule: GoalRule, sound: Sequence[Reading]) -> tuple[float | None, date | None]:
    if rule.baseline is not None:
        return rule.baseline, rule.baseline_date
    if sound:
        return sound[0].value, sound[0].through
    return None, None


def _break_after(start_date: date | None, newest: Reading) -> date | None:
    """The day from which the newest reading is counted in another way than the start, or None."""
    since = newest.counted_since
    return since if since and start_date and start_date < since else None


def _with_path(status: Status, rule: GoalRule, today: date, sound: Sequence[Reading]) -> Status:
    """Add where the straight line to the target is, and where the pace so far leads."""
    start, first, last = status.start, status.start_date, rule.deadline
    if start is None or first is None or last is None or last <= first:
        return status
    length = (last - first).days
    aim = _aim(rule, start)
    if aim is not None:
        now, then = (
            start + (aim - start) * min(max((day - first).days / length, 0.0), 1.0)
            for day in (today, status.date or today)
        )
        status = replace(status, expected_now=now, expected_then=then)
    if status.date and first < status.date <= last and status.value is not None:
        pace: float | None = start + (status.value - start) * length / (status.date - first).days
        if status.counted_since:
            pace = _pace_around_breaks(status.value, status.date, last, sound)
        status = replace(status, pace_value=pace)
    return status


def _pace_around_breaks(value: float, day: date, last: date, sound: Sequence[Reading]) -> float | None:
    """Where the trend around the breaks leads from the newest reading, or None where no trend can be told."""
    # The first and the newest ones, which is what every page has at hand.
    known = {reading.date: reading for reading in (sound[0], *sound[-_TREND:])}
    found = fit_trend(
        [_years(at) for at in known],
        [reading.value for reading in known.values()],
        [SeriesBreak(_years(at)) for at in {one.counted_since for one in known.values()} if at],
    )
    return None if isinstance(found, NoTrend) else value + found.slope * (_years(last) - _years(day))


def _years(day: date) -> float:
    return day.toordinal() / 365.25


def _aim(rule: GoalRule, start: float) -> float | None:
    """The value that the straight line leads to: the target, the nearest edge of the band, or the start itself."""
    if rule.type == "hold":
        return start
    if rule.type == "range" and rule.target_low is not None and rule.target_high is not None:
        return min(max(start, rule.target_low), rule.target_high)
    return rule.target


def _badness(rule: GoalRule, start: float, value: float) -> float:
    """How bad a value is, in the unit of the indicator; only differences and the sign have a meaning."""
    if rule.direction == "up":
        return -value
    if rule.direction == "down":
        return value
    if rule.type == "range" and rule.target_low is not None and rule.target_high is not None:
        return max(rule.target_low - value, value - rule.target_high, 0.0)
    return abs(value - start)


def _wrong_since(
    rule: GoalRule, start: float | None, start_date: date | None, sound: Sequence[Reading]
) -> date | None:
    """The reading from which the indicator has moved the wrong way, or None."""
    if start is None or start_date is None:
        return None
    if _break_after(start_date, sound[-1]):
        # Steps across a break say how counting changed: only what is counted as the newest reading is compared.
        sound = [reading for reading in sound if reading.counted_since == sound[-1].counted_since]
        start, start_date = sound[0].value, sound[0].through
    worse = [_badness(rule, start, reading.value) for reading in sound]
    if sound[-1].through > start_date and _beyond(worse[-1] - _badness(rule, start, start), rule.tolerance):
        return start_date
    recent = [
        (reading.through, bad)
        for reading, bad in zip(sound, worse, strict=True)
        if reading.through >= start_date
    ][-_RECENT:]
    if len(recent) < _RECENT or not _beyond(recent[-1][1] - recent[0][1], rule.tolerance):
        return None
    steps = [after[1] - before[1] for before, after in pairwise(recent)]
    return recent[0][0] if all(_beyond(step) for step in steps) else None


def _code(rule: GoalRule, status: Status, *, wrong: bool) -> str:
    """Code of a goal that has a reading."""
    if status.value is None or status.start is None or status.start_date is None or status.date is None:
        return "no_data"
    fresh = status.date > status.start_date
    met = _met(rule, status.start, status.value) and status.date >= status.start_date
    if rule.type == "hold":
        return _code_of_hold(status, met=met, fresh=fresh)
    if met and (fresh or rule.target is not None or rule.type == "range"):
        # A direction without a number is met for good only when the time is over: until then it can turn.
        done = rule.target is not None or rule.type == "range" or status.deadline_passed
        return "reached" if done else ("wrong_way" if wrong else "on_the_way")
    if not fresh:
        return "outside" if rule.type == "range" else "no_data"
    if status.deadline_passed:
        return "missed"
    if wrong:
        return "wrong_way"
    return _code_on_the_path(rule, status)


def _code_of_hold(status: Status, *, met: bool, fresh: bool) -> str:
    if not fresh:
        return "no_data"
    if met:
        return "reached" if status.deadline_passed else "on_the_way"
    return "missed" if status.deadline_passed else "wrong_way"


def _code_on_the_path(rule: GoalRule, status: Status) -> str:
    """Code of a goal that is not met, has time left and does not move the wrong way."""
    start, value = status.start or 0.0, status.value or 0.0
    moved = _badness(rule, start, start) - _badness(rule, start, value)
    if status.expected_then is None:
        enough = _beyond(moved, rule.tolerance)
    else:
        behind = _badness(rule, start, value) - _badness(rule, start, status.expected_then)
        enough = not _beyond(behind, rule.tolerance)
    if enough:
        return "on_the_way"
    return "outside" if rule.type == "range" else "at_risk"


def _met(rule: GoalRule, start: float, value: float) -> bool:
    """Whether the value is what the goal demands; a direction without a number demands more than the tolerance."""
    if rule.type == "hold":
        return not _beyond(_badness(rule, start, value) - _badness(rule, start, start), rule.tolerance)
    if rule.type == "range":
        return _badness(rule, start, value) == 0
    if rule.target is None:
        return _beyond(_badness(rule, start, start) - _badness(rule, start, value), rule.tolerance)
    return value >= rule.target if rule.type == "reach_at_least" else value <= rule.target


def _beyond(change: float, tolerance: float = 0.0) -> bool:
    """Whether a change is more than the tolerance, and more than the rounding of the arithmetic."""
    return change > tolerance + _ROUNDING * max(1.0, abs(change), tolerance)
