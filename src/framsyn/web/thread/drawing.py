"""The red thread as SVG that the server draws: boxes in five columns, curves between them, links on the boxes.

Goal, indicators, a knot, measures with their risks, a knot, decisions. What concerns the goal itself (its own risks, its
decisions) hangs on the line that runs below the measures. On a narrow screen the same thread runs downwards. Every box
is a link, so the keyboard walks along the thread; colours and strokes come from the style sheet.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from django.utils.html import conditional_escape as escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from framsyn.web.templatetags.shapes import SHAPES
from framsyn.web.thread.beads import STAGES, Bead, Thread, missing, stage_name
from framsyn.web.thread.letters import wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["NARROW", "WIDE", "described", "drawn_narrow", "drawn_wide"]

WIDE, NARROW = 1080, 336
_BOX, _GAP, _APART, _LINE, _PAD = 178, 47.5, 10, 17, 9
_LETTERS = (13.5, 12.0)  # px: title and note
_MOST_LINES = {"goal": 8}  # of a title; four of others


class Box:
    """A bead with its place."""

    def __init__(self, bead: Bead, x: float, width: float, *, bold: bool = False) -> None:
        self.bead, self.x, self.width, self.y = bead, x, width, 0.0
        inner = width - 2 * _PAD - 20
        self.title = wrap(
            str(bead.title), inner, _LETTERS[0] * (1.06 if bold else 1.0), _MOST_LINES.get(bead.stage, 4)
        )
        under = " · ".join(part for part in (bead.word, bead.note) if part)
        self.under = wrap(under, inner + 20, _LETTERS[1], 3)
        self.height = 2 * _PAD + _LINE * len(self.title) + (_LINE - 1) * len(self.under)

    @property
    def middle(self) -> float:
        """Height at which the thread goes in and out."""
        return self.y + self.height / 2

    def drawn(self) -> str:
        """Return it as SVG: a link where it has a page."""
        bead, x, y = self.bead, self.x, self.y
        parts = [
            f'<rect class="bead__box" x="{x:g}" y="{y:g}" width="{self.width:g}" height="{self.height:g}" rx="5"/>'
        ]
        if bead.shape:
            parts.append(
                f'<g class="bead__shape" transform="translate({x + _PAD:g} {y + _PAD + 1.5:g}) scale(.84)">'
                f"{SHAPES[bead.shape]}</g>"
            )
        indent = 20 if bead.shape else 0
        at = y + _PAD + 12.5
        for line in self.title:
            parts.append(
                f'<text class="bead__title" x="{x + _PAD + indent:g}" y="{at:g}">{escape(line)}</text>'
            )
            at += _LINE
        for line in self.under:
            parts.append(f'<text class="bead__note" x="{x + _PAD:g}" y="{at:g}">{escape(line)}</text>')
            at += _LINE - 1
        look = f"bead bead--{bead.tone} bead--{bead.stage}{' bead--missing' if bead.is_missing else ''}"
        inner = "".join(parts)
        if not bead.address:
            return f'<g class="{look}">{inner}</g>'
        return (
            f'<a class="{look}" href="{escape(bead.address)}" aria-label="{escape(bead.spoken)}">{inner}</a>'
        )


def curve(x1: float, y1: float, x2: float, y2: float, *, broken: bool = False) -> str:
    """Return a thread from one point to another, level at both ends."""
    bend = (x1 + x2) / 2
    path = f"M{x1:g} {y1:g}C{bend:g} {y1:g} {bend:g} {y2:g} {x2:g} {y2:g}"
    return f'<path class="strand{" strand--broken" if broken else ""}" d="{path}"/>'


def knot(x: float, y: float) -> str:
    """Return a knot."""
    return f'<circle class="knot" cx="{x:g}" cy="{y:g}" r="4"/>'


def column(number: int) -> float:
    """Return the left edge of a column.

    >>> column(4) + 178
    1080.0
    """
    return number * (_BOX + _GAP)


def stacked(boxes: Sequence[Box], top: float, height: float) -> None:
    """Put boxes below each other, in the middle of a height."""
    whole = sum(box.height for box in boxes) + _APART * (len(boxes) - 1)
    y = top + (height - whole) / 2
    for box in boxes:
        box.y = y
        y += box.height + _APART


def tall(boxes: Sequence[Box]) -> float:
    """Return the height of boxes below each other."""
    return sum(box.height for box in boxes) + _APART * max(0, len(boxes) - 1)


def band(thread: Thread, top: float) -> tuple[str, float]:
    """Draw one thread from a height downwards; return it and its height."""
    columns = [
        [Box(bead, column(place), _BOX, bold=stage == "goal") for bead in thread.stage(stage)]
        or [Box(missing(stage, thread.goal.id), column(place), _BOX)]
        for place, stage in enumerate(STAGES)
    ]
    height = max(map(tall, columns))
    for boxes in columns:
        stacked(boxes, top, height)
    goal, indicators, measures, risks, decisions = columns
    middle = goal[0].middle
    edges: list[str] = []
    if thread.is_sum:
        for left, right in pairwise(columns):
            broken = left[0].bead.is_missing or right[0].bead.is_missing
            edges.append(curve(left[0].x + _BOX, left[0].middle, right[0].x, right[0].middle, broken=broken))
        return "".join(edges) + "".join(box.drawn() for boxes in columns for box in boxes), height
    first = column(2) - _GAP / 2
    last = column(4) - _GAP / 2
    for box in indicators:
        broken = box.bead.is_missing
        edges.append(curve(_BOX, middle, box.x, box.middle, broken=broken))
        edges.append(curve(box.x + _BOX, box.middle, first, middle, broken=broken))
    edges += [curve(first, middle, box.x, box.middle, broken=box.bead.is_missing) for box in measures]
    by_measure = {box.bead.id: box for box in measures}
    lane = top + height + 12
    turn = 14.0
    own = [box for box in risks if box.bead.id and box.bead.of not in by_measure]
    broken = all(box.bead.is_missing for box in decisions)
    look = f"strand{' strand--broken' if broken else ''}"
    edges.append(
        f'<path class="{look}" d="M{first:g} {middle:g}V{lane - turn:g}Q{first:g} {lane:g} {first + turn:g} {lane:g}'
        f'H{last - turn:g}Q{last:g} {lane:g} {last:g} {lane - turn:g}V{middle:g}"/>'
    )
    for box in risks:
        parent = by_measure.get(box.bead.of)
        if parent is not None:
            edges.append(curve(parent.x + _BOX, parent.middle, box.x, box.middle))
    for box in own:
        edges.append(curve(column(3) - _GAP, lane, box.x, box.middle))
    edges += [curve(last, middle, box.x, box.middle, broken=box.bead.is_missing) for box in decisions]
    knots = knot(first, middle) + knot(last, middle)
    drawn = "".join(box.drawn() for group in columns for box in group)
    return "".join(edges) + knots + drawn, height + 24


def framed(
    name: str, width: float, height: float, title: str, description: str, inner: str, size: str
) -> SafeString:
    """Return the drawing with its title and its description."""
    ids = f"{name}-{size}"
    return mark_safe(
        f'<svg class="thread-drawing thread-drawing--{size}" viewBox="0 0 {width:g} {height:g}" role="group" '
        f'aria-labelledby="{ids}-title" aria-describedby="{ids}-text"><title id="{ids}-title">{escape(title)}</title>'
        f'<desc id="{ids}-text">{escape(description)}</desc>{inner}</svg>'
    )


def drawn_wide(threads: Sequence[Thread], name: str, title: str, description: str) -> SafeString:
    """Draw threads below each other, the columns named at the top."""
    heads = "".join(
        f'<text class="thread-head" x="{column(place):g}" y="14">{escape(stage_name(stage))}</text>'
        for place, stage in enumerate(STAGES)
    )
    parts, y = [heads], 30.0
    for number, thread in enumerate(threads):
        if number:
            parts.append(f'<path class="thread-line" d="M0 {y - 13:g}H{WIDE}"/>')
        drawing, height = band(thread, y)
        parts.append(f"<g>{drawing}</g>")
        y += height + 26
    return framed(name, WIDE, y - 22, title, description, "".join(parts), "wide")


def down(thread: Thread, top: float) -> tuple[str, float]:
    """Draw one thread downwards from a height; return it and its height."""
    goal = Box(thread.goal, 1, NARROW - 2, bold=True)
    goal.y = top
    y = top + goal.height + 8
    line, left = 11.0, 30.0
    edges: list[str] = []
    boxes = [goal]
    heads: list[str] = []
    at = goal.y + goal.height
    for stage, name, beads in thread.stages:
        heads.append(f'<text class="thread-head" x="{left:g}" y="{y + 13:g}">{escape(name)}</text>')
        y += 22
        for bead in beads or (missing(stage, thread.goal.id),):
            box = Box(bead, left, NARROW - left - 1)
            box.y = y
            boxes.append(box)
            broken = bead.is_missing
            turn = min(14.0, box.height / 2)
            edges.append(
                f'<path class="strand{" strand--broken" if broken else ""}" d="M{line:g} {box.middle - turn:g}'
                f'Q{line:g} {box.middle:g} {left:g} {box.middle:g}"/>'
            )
            edges.append(
                f'<path class="strand{" strand--broken" if broken else ""}" d="M{line:g} {at:g}V{box.middle - turn:g}"/>'
            )
            at = box.middle - turn
            y += box.height + 8
        y += 4
    return "".join(edges) + "".join(heads) + "".join(box.drawn() for box in boxes), y - top - 8


def drawn_narrow(threads: Sequence[Thread], name: str, title: str, description: str) -> SafeString:
    """Draw threads downwards, for a narrow screen."""
    parts, y = [], 2.0
    for thread in threads:
        drawing, height = down(thread, y)
        parts.append(f"<g>{drawing}</g>")
        y += height + 28
    return framed(name, NARROW, max(y - 20, 40), title, description, "".join(parts), "narrow")


def described(threads: Sequence[Thread]) -> str:
    """Say in words what hangs on the threads and where they break."""
    said = []
    for thread in threads:
        parts = []
        for stage, name, beads in thread.stages:
            titles = "; ".join(str(bead.title) for bead in beads) or str(missing(stage).title)
            parts.append(f"{name}: {titles}")
        said.append(_("%(goal)s – %(parts)s.") % {"goal": thread.goal.title, "parts": ". ".join(parts)})
    return " ".join(said)
