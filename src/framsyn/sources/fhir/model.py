"""What is carried over: an indicator with its definition, and its figures by place and period."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from framsyn.errors import PlanError

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

__all__ = ["Figure", "Found", "Indicator"]


@dataclass(frozen=True)
class Indicator:
    """What is measured, and how.

    Parameters
    ----------
    id : str
    name, definition, numerator, denominator, source : dict of str to str
        The same text by language: nb, nn, en.
    unit : str
        Our own code: ``share``, ``days``, ``per_1000`` …
    decimals : int
        With which a figure is shown.
    frequency : {"year", "tertial", "quarter", "month"}
    direction : {"up", "down", "hold", "range", "none"}
        Which way is better.
    responsible, responsible_name : str
        Id and name of the organisation.
    small_number : int or None
        Counts below it are not shown [person].
    """

    id: str
    name: Mapping[str, str]
    definition: Mapping[str, str]
    unit: str
    frequency: str
    direction: str
    source: Mapping[str, str]
    responsible: str
    responsible_name: str = ""
    numerator: Mapping[str, str] = field(default_factory=dict)
    denominator: Mapping[str, str] = field(default_factory=dict)
    decimals: int = 0
    licence: str = ""
    small_number: int | None = None

    @property
    def scoring(self) -> str:
        """How FHIR calls the kind of its figures.

        >>> Indicator("a", {}, {}, "share", "year", "up", {}, "hmn").scoring
        'proportion'
        >>> Indicator("a", {}, {}, "days", "year", "down", {}, "hmn").scoring
        'continuous-variable'
        """
        if self.unit == "share":
            return "proportion"
        return "ratio" if self.unit in ("per_1000", "ratio") or self.denominator else "continuous-variable"


@dataclass(frozen=True)
class Figure:
    """One figure of an indicator, for one place and period.

    Parameters
    ----------
    place : str
        Id of an organisation, or code of a municipality.
    value : float or None
        In the unit of the indicator, a share in 0–1; None where it is hidden, or follows from its two counts.
    numerator, denominator : float or None
    hidden : bool
        It rests on too few people to be told. It has no number then, in any field.
    revision : int
        1 for the first figure, higher after a correction.

    Raises
    ------
    PlanError
        ``hidden-figure-told`` for a hidden figure that has a number; ``not-a-number``.
    """

    place: str
    period_start: datetime.date
    period_end: datetime.date
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    data_through: datetime.date | None = None
    coverage: float | None = None
    provisional: bool | None = None
    quality: str = ""
    source: str = ""
    licence: str = ""
    note: Mapping[str, str] = field(default_factory=dict)
    revision: int | None = None
    hidden: bool = False

    def __post_init__(self) -> None:
        """Refuse what must never leave: a hidden figure with a number in it."""
        numbers = [self.value, self.numerator, self.denominator, self.coverage]
        if self.hidden and any(number is not None for number in numbers):
            message = (
                f"the figure of {self.place} until {self.period_end} is hidden and has a number all the same; "
                "a hidden figure is told without any. Leave value, numerator, denominator and coverage out."
            )
            raise PlanError("hidden-figure-told", message, place=self.place)
        for number in numbers:
            if number is not None and not math.isfinite(number):
                message = (
                    f"the figure of {self.place} until {self.period_end} holds {number}; expected a number."
                )
                raise PlanError("not-a-number", message, place=self.place, got=str(number))


@dataclass
class Found:
    """What a document holds.

    Parameters
    ----------
    figures : list of (str, Figure, str)
        Id of the indicator, the figure, and where in the document it stands.
    indicators : list of Indicator
        Definitions that came along.
    notices : list of str
        What was seen and left aside.
    """

    figures: list[tuple[str, Figure, str]] = field(default_factory=list)
    indicators: list[Indicator] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
