"""Places for text in a drawing: how wide it is, where it wraps, and how labels make room for each other.

The drawings set every margin themselves, so that a chart has exactly the width that was asked for in every
renderer and with every sans serif font; that takes the width of text before it is drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Ticks", "honest_ticks", "nice_ticks", "spread", "text_width", "wrap", "year_ticks"]

# Advance widths of Helvetica (Adobe Font Metrics) in thousandths of the size, by width; Arial and Liberation Sans
# share them, and system fonts lie within the reserve below.
_WIDTHS = {
    191: "'",
    222: "ijl",
    240: "\u202f",
    278: " !,./:;IftÎ\\|\u00a0",
    333: "-()r`“”",
    355: '"',
    389: "*",
    500: "Jckvsxyzš",
    556: "#$?0123456789Labdeghnopqu–äåöéèêáçâ«»",
    584: "+<=>~−±×",
    611: "FTZøđŧ",
    667: "&ABEKPSVXYÅÄŠ",
    722: "CDHNRUwČĐŊ",
    778: "GOQØÖ",
    833: "Mm",
    889: "%æ",
    944: "W",
    1000: "Æ—…",
}
_WIDTH_OF = {letter: width for width, letters in _WIDTHS.items() for letter in letters}
_OTHER = 600
_RESERVE = 1.04
_BOLD = 1.07


def text_width(text: str, size: float = 12, *, bold: bool = False) -> float:
    """Width of a text in a sans serif font, with a small reserve for wider fonts.

    Parameters
    ----------
    text : str
    size : float [px]
    bold : bool

    Returns
    -------
    float [px]

    >>> round(text_width("2040", 12), 1)
    27.8
    """
    thousandths = sum(_WIDTH_OF.get(letter, _OTHER) for letter in text)
    return thousandths / 1000 * size * _RESERVE * (_BOLD if bold else 1.0)


def wrap(text: str, width: float, size: float = 12, *, bold: bool = False) -> list[str]:
    """Break a text at spaces into lines no wider than a width; a longer word keeps a line of its own.

    >>> wrap("Flere senger trengs i 2040", 90, 12)
    ['Flere senger', 'trengs i 2040']
    """
    lines: list[str] = []
    for piece in text.split(" "):
        longer = f"{lines[-1]} {piece}" if lines else piece
        if lines and text_width(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(piece)
    return lines


def spread(centres: list[float], heights: list[float], low: float, high: float) -> list[float]:
    """Move labels along a line by as little as possible so that none overlap.

    Labels keep their order. Those that would overlap form a block around the mean of their wishes (pool adjacent
    violators, the least-squares solution), and blocks stay between the two ends.

    Parameters
    ----------
    centres : list of float [px]
        Wished positions, in any order.
    heights : list of float [px]
        Room of each label along the line.
    low, high : float [px]
        Ends of the line.

    Returns
    -------
    list of float [px]
        Positions in the order of the input.

    >>> spread([10, 12, 50], [10, 10, 10], 0, 100)
    [6.0, 16.0, 50.0]
    """
    order = sorted(range(len(centres)), key=lambda index: (centres[index], index))
    offsets: list[float] = []
    used = 0.0
    for index in order:
        offsets.append(used + heights[index] / 2)
        used += heights[index]
    blocks: list[list[float]] = []  # wish of the block's start (mean), number of labels in it
    for offset, index in zip(offsets, order, strict=True):
        blocks.append([centres[index] - offset, 1.0])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, count = blocks.pop()
            before, count_before = blocks[-1]
            blocks[-1] = [
                (before * count_before + mean * count) / (count_before + count),
                count_before + count,
            ]
    starts = [start for start, count in blocks for _ in range(int(count))]
    latest = max(high - used, low)
    placed = {
        index: min(max(start, low), latest) + offset
        for start, offset, index in zip(starts, offsets, order, strict=True)
    }
    return [placed[index] for index in range(len(centres))]


# A range narrower than this share of its level would make small changes look large.
_LEAST_RANGE = 0.25


@dataclass(frozen=True)
class Ticks:
    """Round values along an axis, and the decimals that they need."""

    values: tuple[float, ...]
    decimals: int

    @property
    def domain(self) -> tuple[float, float]:
        """First and last tick."""
        return self.values[0], self.values[-1]


def nice_ticks(low: float, high: float, count: int = 5) -> Ticks:
    """Round ticks that enclose a range, in steps of 1, 2 or 5 times a power of ten.

    >>> nice_ticks(1480, 1840)
    Ticks(values=(1400.0, 1500.0, 1600.0, 1700.0, 1800.0, 1900.0), decimals=0)
    >>> nice_ticks(0, 0.31).values
    (0.0, 0.1, 0.2, 0.3, 0.4)
    """
    if high <= low:
        reach = abs(low) * 0.1 or 1.0
        low, high = low - reach, high + reach
    raw = (high - low) / max(count, 1)
    power = math.floor(math.log10(raw))
    step = next(factor for factor in (1, 2, 5, 10) if factor * 10.0**power >= raw * 0.999) * 10.0**power
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return Ticks(tuple(round(index * step, 12) for index in range(first, last + 1)), decimals)


def honest_ticks(low: float, high: float, *, zero: bool = False, count: int = 5) -> Ticks:
    """Ticks for lines: around the data, never so close that a small change looks large.

    >>> honest_ticks(98, 101).values[0] < 90
    True
    """
    if zero or low <= 0 <= high or low < high / 3:
        low, high = min(low, 0.0), max(high, 0.0)
    else:
        lack = _LEAST_RANGE * max(abs(low), abs(high)) - (high - low)
        if lack > 0:
            low, high = low - lack * 0.7, high + lack * 0.3
    return nice_ticks(low, high, count)


def year_ticks(first: int, last: int, width: float, size: float = 12) -> list[int]:
    """Years to label on an axis: each year of a short span, else round ones every 5, 10, 20 or 50 years.

    >>> year_ticks(2008, 2040, 400)
    [2010, 2015, 2020, 2025, 2030, 2035, 2040]
    """
    room = text_width("2040", size) + 14
    for step in (1, 5, 10, 20, 50) if last - first <= 8 else (5, 10, 20, 50):
        years = [year for year in range(first, last + 1) if year % step == 0]
        if len(years) >= 1 and width / max(last - first, 1) * step >= room:
            return years
    return [first, last]
