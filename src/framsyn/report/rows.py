"""Rows of horizontal bars: where their names, bars and interval lines go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framsyn.report.layout import text_width, wrap
from framsyn.report.numbers import decimals_for
from framsyn.report.panels import Label
from framsyn.report.theme import INK

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["RowPlan", "shared_decimals", "whisker"]

_LINE = 15.0


@dataclass(frozen=True)
class RowPlan:
    """Places of labelled rows: names beside the bars where there is room, above them on a narrow drawing."""

    names: list[list[str]]
    beside: bool
    room: float
    tops: list[float]
    bar_tops: list[float]
    height: float

    @classmethod
    def of(cls, texts: Sequence[str], width: float, bar: float, gap: float = 10.0) -> RowPlan:
        """Plan rows of one bar block each.

        Parameters
        ----------
        texts : sequence of str
            Names of the rows.
        width : float [px]
            Of the whole drawing.
        bar, gap : float [px]
            Height of a row's bars, and the room between rows.
        """
        beside = width >= 560
        most = min(width * 0.34, 240) if beside else width - 4
        names = [wrap(text, most) for text in texts]
        room = max(text_width(line) for lines in names for line in lines) + 12 if beside else 20.0
        tops, bar_tops, y = [], [], 0.0
        for lines in names:
            tops.append(y)
            block = _LINE * len(lines)
            bar_tops.append(y + (max(0.0, (block - bar) / 2) if beside else block + 3))
            y += (max(block, bar) if beside else block + 3 + bar) + gap
        return cls(names, beside, room, tops, bar_tops, y - gap)

    def zero_line(self, x: float, bar: float, head: float = 0.0) -> list[dict[str, Any]]:
        """Rule at zero: one line beside names, a piece per row where names stand above their bars."""
        if self.beside:
            return [{"x": x, "x2": x, "y": -head, "y2": self.height, "color": INK}]
        pieces = [{"x": x, "x2": x, "y": top - 2, "y2": top + bar + 2, "color": INK} for top in self.bar_tops]
        return pieces + ([{"x": x, "x2": x, "y": -head, "y2": -2, "color": INK}] if head else [])

    def labels(self, bar: float) -> list[Label]:
        """Names of the rows at their places."""
        drawn = []
        for lines, top, bar_top in zip(self.names, self.tops, self.bar_tops, strict=True):
            start = bar_top + bar / 2 - _LINE * (len(lines) - 1) / 2 if self.beside else top + _LINE / 2
            x = -10.0 if self.beside else -self.room
            drawn += [
                Label(
                    x,
                    start + _LINE * place,
                    line,
                    INK,
                    "right" if self.beside else "left",
                    halo=not self.beside,
                )
                for place, line in enumerate(lines)
            ]
        return drawn


def shared_decimals(effects: Sequence[float]) -> int:
    """Decimals that show the largest effect with two to three digits.

    >>> shared_decimals([251, -62]), shared_decimals([0.31])
    (-1, 2)
    """
    largest = max(map(abs, effects), default=1.0) or 1.0
    return decimals_for(0.0, largest * 0.9)


def whisker(low: float, high: float, y: float) -> list[dict[str, Any]]:
    """Rules of an interval with its two ends [px]."""
    ends = [{"x": x, "x2": x, "y": y - 4, "y2": y + 4, "color": INK} for x in (low, high)]
    return [{"x": low, "x2": high, "y": y, "y2": y, "color": INK}, *ends]
