"""What a goal decides, what was read, and what a person may overrule: the facts that a status is judged from.

A rule is checked when it is made, so that :func:`framsyn.web.indicators.status.judge` never meets one without sense.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import Any

from framsyn.errors import PlanError

__all__ = [
    "CODES",
    "DIRECTIONS",
    "OVERRIDABLE",
    "TYPES",
    "GoalRule",
    "Override",
    "Reading",
    "Status",
    "rule_from",
]

TYPES = ("reach_at_least", "reach_at_most", "range", "hold", "do")
DIRECTIONS = ("up", "down", "hold", "range")
CODES = ("reached", "on_the_way", "at_risk", "wrong_way", "missed", "outside", "no_data", "not_measured")
OVERRIDABLE = ("reached", "on_the_way", "at_risk", "wrong_way", "missed", "outside")

_NATURAL = {"reach_at_least": "up", "reach_at_most": "down", "range": "range", "hold": "hold", "do": "up"}


@dataclass(frozen=True, slots=True)
class GoalRule:
    """What a decision demands of an indicator.

    Parameters
    ----------
    type : {"reach_at_least", "reach_at_most", "range", "hold", "do"}
        ``do`` is a task without a number; the phases of its measures tell how far it is.
    direction : {"up", "down", "hold", "range"}, optional
        Which way is better; left out it follows from the type. A hold with ``up`` must not fall and may rise.
    baseline, baseline_date : float and date, optional
        Where the goal starts; left out, the first sound reading is the start.
    target : float, optional
        Of ``reach_at_least`` and ``reach_at_most``. Left out, the goal is the direction alone: better than the start.
    target_low, target_high : float, optional
        The band of ``range``.
    tolerance : float
        What may be chance or rounding, in the indicator's unit.
    deadline : date, optional
        Last day on which the goal can be met in time.

    Examples
    --------
    >>> GoalRule("reach_at_least", baseline=61, baseline_date=datetime.date(2025, 12, 31), target=75).direction
    'up'
    """

    type: str
    direction: str = ""
    baseline: float | None = None
    baseline_date: datetime.date | None = None
    target: float | None = None
    target_low: float | None = None
    target_high: float | None = None
    tolerance: float = 0.0
    deadline: datetime.date | None = None

    def __post_init__(self) -> None:
        if self.type not in TYPES:
            message = f'goal type "{self.type}" is unknown; expected one of {", ".join(TYPES)}.'
            raise PlanError("unknown-goal-type", message, got=self.type, expected=list(TYPES))
        object.__setattr__(self, "direction", self.direction or _NATURAL[self.type])
        self._check_direction()
        self._check_numbers()
        self._check_dates()

    def _check_direction(self) -> None:
        allowed = {
            "reach_at_least": ("up",),
            "reach_at_most": ("down",),
            "range": ("range",),
            "hold": ("hold", "up", "down"),
            "do": DIRECTIONS,
        }[self.type]
        if self.direction not in allowed:
            message = (
                f'a goal of type {self.type} has direction "{self.direction}"; expected {" or ".join(allowed)}. '
                "Leave the direction out, or choose the type that says what is meant."
            )
            raise PlanError("goal-direction", message, got=self.direction, expected=list(allowed))

    def _check_numbers(self) -> None:
        for name in ("baseline", "target", "target_low", "target_high", "tolerance"):
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                message = f"{name} is {value}; expected a finite number. Leave it out where it is not known."
                raise PlanError("not-finite", message, name=name, got=str(value))
        if self.tolerance < 0:
            message = f"tolerance is {self.tolerance}; expected 0 or more, in the unit of the indicator."
            raise PlanError("goal-tolerance", message, got=self.tolerance)
        band = (self.target_low, self.target_high)
        if self.type == "range":
            if self.target_low is None or self.target_high is None or self.target_low > self.target_high:
                message = f"a range goes from {band[0]} to {band[1]}; give target_low and target_high in that order."
                raise PlanError("goal-range", message, got=list(band))
        elif band != (None, None):
            message = f"a goal of type {self.type} has a band {band[0]}–{band[1]}; only type range has one. Take it out."
            raise PlanError("goal-range", message, got=list(band))
        if self.target is not None and self.type not in ("reach_at_least", "reach_at_most"):
            message = f"a goal of type {self.type} has target {self.target}; only reach_at_least and reach_at_most have one."
            raise PlanError("goal-target", message, got=self.target)

    def _check_dates(self) -> None:
        if self.baseline is not None and self.baseline_date is None:
            message = f"the baseline {self.baseline} has no date. Give the day that it was read for."
            raise PlanError("baseline-without-date", message, got=self.baseline)
        if self.deadline and self.baseline_date and self.deadline <= self.baseline_date:
            message = f"the deadline {self.deadline} is not after the baseline of {self.baseline_date}. Mend one of the two."
            raise PlanError("deadline-before-baseline", message, got=str(self.deadline))


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure of an indicator at one place.

    Parameters
    ----------
    date : date
        End of the period that the figure is for.
    value : float
    provisional : bool
        The publisher may still change it.
    coverage : float or None
        Share of what should be counted that is counted [1].
    data_through : date or None
        Last day with data, where that is before the end of the period.
    faulty : bool
        The publisher warns of it: shown, and never judged by.
    counted_since : date or None
        Day from which figures are counted as this one is; None where they always were.
    """

    date: datetime.date
    value: float
    provisional: bool = False
    coverage: float | None = None
    data_through: datetime.date | None = None
    faulty: bool = False
    counted_since: datetime.date | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            message = f"the reading of {self.date} is {self.value}; expected a finite number. Leave out what is missing."
            raise PlanError("not-finite", message, got=str(self.value), date=str(self.date))
        if self.coverage is not None and not 0 <= self.coverage <= 1:
            message = f"the reading of {self.date} has coverage {self.coverage}; a share lies in 0–1. Write 0.9 for 90 %."
            raise PlanError("coverage-out-of-range", message, got=self.coverage, date=str(self.date))

    @property
    def through(self) -> datetime.date:
        """Day up to which the figure counts."""
        return min(self.data_through or self.date, self.date)


@dataclass(frozen=True, slots=True)
class Override:
    """A status that a person sets against the rule, with the reason and the last day that it holds.

    Raises
    ------
    PlanError
        ``override-without-reason``, ``override-without-expiry``, ``override-without-name`` or ``override-status``.
    """

    status: str
    reason: str
    expires: datetime.date | None
    by: str

    def __post_init__(self) -> None:
        if self.status not in OVERRIDABLE:
            message = f'a status may be set to one of {", ".join(OVERRIDABLE)}; got "{self.status}".'
            raise PlanError("override-status", message, got=self.status, expected=list(OVERRIDABLE))
        if not self.reason.strip():
            message = f"the status {self.status} is set without a reason. Say in a sentence why the rule does not fit."
            raise PlanError("override-without-reason", message, got=self.reason)
        if self.expires is None:
            message = f"the status {self.status} is set without an end. Give the last day that it holds."
            raise PlanError("override-without-expiry", message, got=None)
        if not self.by.strip():
            message = (
                f"the status {self.status} is set by nobody. Give the unit or person who answers for it."
            )
            raise PlanError("override-without-name", message, got=self.by)


@dataclass(frozen=True, slots=True)
class Status:
    """A judged goal: the code, and every fact that the sentence is made of.

    Attributes
    ----------
    code : str
        The status that is shown: the override's while it holds, else ``computed``.
    computed : str
        What the rule says.
    wrong_way : bool
        The indicator moves the wrong way; told whatever the code is.
    wrong_since : date or None
        The reading that the wrong way is measured from.
    provisional : bool
        The newest reading that was judged may still change.
    value, date : float and date or None
        The newest reading that was judged.
    start, start_date : float and date or None
        The baseline, or the first sound reading.
    expected_now : float or None
        Where a straight line from the start to the target by the deadline is today.
    expected_then : float or None
        Where that line was on the day of the newest reading.
    pace_value : float or None
        Where the line through the start and the newest reading is at the deadline; after a break between the two, where
        the trend around the breaks leads from the newest reading, and nothing where no trend can be told.
    counted_since : date or None
        A break between the start and the newest reading: the two are not counted alike.
    deadline_passed : bool
    coverage : float or None
        Of the newest reading.
    skipped : int
        Readings after ``date`` that are marked faulty and were not judged.
    override : Override or None
        The one that holds today.
    expired : Override or None
        One that has fallen away.
    """

    code: str
    computed: str
    wrong_way: bool = False
    wrong_since: datetime.date | None = None
    provisional: bool = False
    value: float | None = None
    date: datetime.date | None = None
    start: float | None = None
    start_date: datetime.date | None = None
    expected_now: float | None = None
    expected_then: float | None = None
    pace_value: float | None = None
    counted_since: datetime.date | None = None
    deadline_passed: bool = False
    coverage: float | None = None
    skipped: int = 0
    override: Override | None = None
    expired: Override | None = None


def rule_from(decision: Any, direction: str = "") -> GoalRule:
    """Rule of a decision, be it an entry of a content file or a row of the database.

    Parameters
    ----------
    decision : object
        With ``type`` and, where they are decided, ``baseline``, ``baseline_date``, ``target``, ``target_low``,
        ``target_high``, ``tolerance`` and ``deadline``.
    direction : str
        The indicator's, where the decision stores none: a hold of what is better when high must not fall, and may rise.

    Returns
    -------
    GoalRule
    """
    facts = {
        name: getattr(decision, name, None)
        for name in ("baseline", "baseline_date", "target", "target_low", "target_high", "deadline")
    }
    direction = direction or getattr(decision, "direction", "")
    one_sided = decision.type == "hold" and direction in ("up", "down")
    return GoalRule(
        decision.type,
        direction=direction if one_sided else "",
        tolerance=getattr(decision, "tolerance", None) or 0.0,
        **facts,
    )
