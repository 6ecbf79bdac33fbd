"""Breaks of a run chart: where they lie, what they part, and how they are said."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framsyn.report.words import word

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["RunBreak", "break_note", "break_text"]


@dataclass(frozen=True)
class RunBreak:
    """Where a series changes its meaning, or the time in which it says little: places on the axis, in words, and why.

    ``kind`` is ``level`` (counted in another way from then on), ``faulty`` (the source warns) or ``one_off`` (an event
    that passes); ``codes`` are the places that it is limited to, none for all of them.
    """

    at: float
    date: str
    text: str
    kind: str = "level"
    until: float | None = None
    codes: frozenset[str] = frozenset()

    @property
    def last(self) -> float:
        """Place of the last figure that it touches by itself."""
        return self.at if self.until is None else self.until

    def is_of(self, code: str) -> bool:
        """Tell whether it touches the line of a place; one without a code is the only line there is."""
        return not code or not self.codes or code in self.codes

    def passes(self, at: float) -> bool:
        """Tell whether a figure bears an event that passes."""
        return self.kind == "one_off" and self.at <= at + 1e-9 and at <= self.last + 1e-9

    def cuts(self, before: float, after: float) -> bool:
        """Tell whether no line may be drawn from one figure to the next.

        >>> RunBreak(2022, "2022", "new system", "faulty", 2024).cuts(2024, 2025)
        True
        >>> RunBreak(2020, "2020", "pandemic", "one_off").cuts(2019, 2020)
        False
        """
        if self.kind == "one_off":
            return False
        edge = 1e-9
        return before < self.at <= after + edge or (
            self.kind == "faulty" and before <= self.last + edge < after
        )


def break_text(mark: RunBreak, lang: str) -> str:
    """Say a break in a sentence.

    >>> break_text(RunBreak(2025, "2025", "New form."), "en")
    'Break in the series from 2025: New form.'
    """
    key = "break" if mark.kind == "level" else mark.kind
    return word(f"run.describe.{key}", lang, at=mark.date, text=mark.text.rstrip("."))


def break_note(at: float, before: float, breaks: Sequence[RunBreak], lang: str) -> list[str]:
    """Say in the row of a period which breaks begin there, and in short which go on.

    Parameters
    ----------
    at, before : float [year]
        Places of the row's period and of the one before it; −inf before the first.
    breaks : sequence of RunBreak
    lang : str
    """
    notes = []
    for mark in breaks:
        if -math.inf < before < mark.at <= at + 1e-9:
            notes.append(break_text(mark, lang))
        elif mark.kind != "level" and mark.at <= at <= mark.last + 1e-9:
            notes.append(word(f"run.mark.{mark.kind}", lang))
    return notes
