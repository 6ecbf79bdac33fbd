"""One figure of an indicator with all that must be known of it, ready to be stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

__all__ = ["ObservationRow"]


@dataclass(frozen=True, slots=True)
class ObservationRow:
    """One figure of an indicator, ready to be stored.

    Parameters
    ----------
    place : str
        Id of an organisation.
    period_start, period_end : date
    value, numerator, denominator : float
        The parts are None where the figure was published whole.
    data_through : date
        Last day with data.
    coverage : float or None
        Share of what should be counted that is counted [1]; None where nothing is known of it.
    provisional : bool
        The publisher may still change it.
    quality : str
        ``official``, ``derived``, ``estimate``, ``assumption`` or ``synthetic``; the worst of the rows that it is made of.
    source, licence : str
    flags : tuple of str
        ``faulty`` (the publisher warns of it), ``approximate`` (rests on a split code), ``break`` (the series changes its
        meaning here), ``one_off`` (an event bears on it), ``incomplete`` (coverage under 1).
    note : dict of str to str
        What a reader must know, in nb, nn and en; empty where there is nothing.
    """

    place: str
    period_start: date
    period_end: date
    value: float
    numerator: float | None
    denominator: float | None
    data_through: date
    coverage: float | None
    provisional: bool
    quality: str
    source: str
    licence: str
    flags: tuple[str, ...] = ()
    note: dict[str, str] = field(default_factory=dict)

    @property
    def faulty(self) -> bool:
        """Whether the publisher warns of the figure; a goal is not judged by it."""
        return "faulty" in self.flags
