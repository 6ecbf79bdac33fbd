"""The annual wheel as SVG: twelve months, a ring per kind, today's hand, and labels that do not overlap.

January begins at the top and the year goes round with the sun. A day is a dot, a span an arc. On a wide screen every event
is named beside the wheel, at a line that leads to its mark; on a narrow one the marks carry the numbers of the list below.
"""

from __future__ import annotations

import calendar
import datetime
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.html import conditional_escape as escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from framsyn.web.templatetags.texts import date as in_words
from framsyn.web.templatetags.texts import month_name
from framsyn.web.thread.letters import wrap
from framsyn.web.wheel.models import Event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.web.wheel.dates import Occurrence

__all__ = ["Mark", "drawn", "marks_of", "spread"]

_WIDE, _NARROW = (1080.0, 330.0), (340.0, 168.0)  # width and outer radius [px]
_LABEL, _LINE, _ROOM = 12.5, 15.0, 205.0  # letter size, line height, width of a label [px]
_SPAN = 0.06  # from this angle on it is seen as an arc [rad]
KINDS = list(Event.Kind.values)


@dataclass(frozen=True)
class Mark:
    """An occurrence with its number in the list."""

    number: int
    occurrence: Occurrence

    @property
    def spoken(self) -> str:
        """What it is and when, as one text."""
        event = self.occurrence.event
        return f"{self.number}. {event.title}: {self.occurrence.when}. {event.get_kind_display()}"


def marks_of(occurrences: Sequence[Occurrence]) -> list[Mark]:
    """Number the occurrences of a year."""
    return [Mark(number, one) for number, one in enumerate(occurrences, start=1)]


def angle(day: datetime.date, year: int) -> float:
    """Return the angle of a day, clockwise from the top [rad]; days of other years stop at the turn of the year.

    >>> angle(datetime.date(2027, 1, 1), 2027)
    0.0
    >>> round(math.degrees(angle(datetime.date(2027, 7, 2), 2027)))
    180
    """
    days = 366 if calendar.isleap(year) else 365
    past = (day - datetime.date(year, 1, 1)).days
    return 2 * math.pi * min(max(past, 0), days) / days


def at(centre: tuple[float, float], radius: float, turn: float) -> tuple[float, float]:
    """Return the point at an angle and a distance."""
    return centre[0] + radius * math.sin(turn), centre[1] - radius * math.cos(turn)


def arc(centre: tuple[float, float], radius: float, begin: float, end: float) -> str:
    """Return the path of an arc, clockwise."""
    (x1, y1), (x2, y2) = at(centre, radius, begin), at(centre, radius, end)
    large = int(end - begin > math.pi)
    return f"M{x1:.1f} {y1:.1f}A{radius:g} {radius:g} 0 {large} 1 {x2:.1f} {y2:.1f}"


def spread(wanted: Sequence[float], heights: Sequence[float], top: float, bottom: float) -> list[float]:
    """Return the upper edges of labels that lie in order, do not overlap, and as near as can be to where they are wanted.

    Parameters
    ----------
    wanted : sequence of float
        Middle of each label, growing [px].
    heights : sequence of float [px]
    top, bottom : float [px]
        Where there is room; the labels begin at the top when there is not enough.

    >>> spread([10, 12, 90], [20, 20, 20], 0, 100)
    [0.0, 20.0, 80.0]
    >>> spread([50, 50], [20, 20], 0, 100)
    [40.0, 60.0]
    """
    found: list[float] = []
    for middle, height in zip(wanted, heights, strict=True):
        edge = middle - height / 2
        if found:
            edge = max(edge, found[-1] + heights[len(found) - 1])
        found.append(max(edge, top))
    limit = bottom
    for place in range(len(found) - 1, -1, -1):
        found[place] = max(min(found[place], limit - heights[place]), top)
        limit = found[place]
    edge = top
    for place, height in enumerate(heights):
        found[place] = max(found[place], edge)
        edge = found[place] + height
    return found


def rings(occurrences: Sequence[Mark]) -> list[str]:
    """Return the kinds that have a ring this year, from the rim inwards."""
    used = {mark.occurrence.event.kind for mark in occurrences}
    return [kind for kind in KINDS if kind in used]


def drawn(marks: Sequence[Mark], year: int, today: datetime.date, *, wide: bool) -> SafeString:
    """Draw the wheel of a year."""
    width, radius = _WIDE if wide else _NARROW
    rim = radius - (24 if wide else 16)
    centre = (width / 2, radius + 6)
    used = rings(marks)
    step = min((rim - radius * 0.3) / max(len(used), 1), 40 if wide else 21)
    parts = [_months(centre, rim, rim - step * len(used), wide=wide)]
    places = {}
    for number, kind in enumerate(used):
        places[kind] = rim - step * (number + 0.5)
        parts.append(
            f'<circle class="wheel__ring" cx="{centre[0]:g}" cy="{centre[1]:g}" r="{rim - step * (number + 1):g}"/>'
        )
    lanes = _lanes(marks)
    points: dict[int, tuple[float, float]] = {}
    for mark in marks:
        offset = (0, 1, -1)[lanes[mark.number] % 3] * step * 0.3
        ring = places[mark.occurrence.event.kind] + offset
        drawing, points[mark.number] = _mark(mark, centre, ring, year, step, today, wide=wide)
        parts.append(drawing)
    if wide:
        parts.append(_labels(marks, points, centre, radius))
    if today.year == year:
        parts.append(_hand(centre, rim, angle(today, year), today))
    parts.append(f'<text class="wheel__year" x="{centre[0]:g}" y="{centre[1] + 7:g}">{year}</text>')
    size = "wide" if wide else "narrow"
    title = _("Annual wheel %(year)s") % {"year": year}
    words = _("Number of events: %(count)s. The same events stand in the list below.") % {"count": len(marks)}
    return mark_safe(
        f'<svg class="wheel wheel--{size}" viewBox="0 0 {width:g} {2 * radius + 12:g}" role="group" '
        f'aria-labelledby="wheel-{size}-title" aria-describedby="wheel-{size}-text">'
        f'<title id="wheel-{size}-title">{escape(title)}</title><desc id="wheel-{size}-text">{escape(words)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def _months(centre: tuple[float, float], rim: float, inner: float, *, wide: bool) -> str:
    """Draw the rim with its months."""
    parts = [
        f'<circle class="wheel__rim" cx="{centre[0]:g}" cy="{centre[1]:g}" r="{rim:g}"/>',
    ]
    for month in range(12):
        turn = 2 * math.pi * month / 12
        (x1, y1), (x2, y2) = at(centre, inner, turn), at(centre, rim + 5, turn)
        parts.append(f'<path class="wheel__spoke" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>')
        x, y = at(centre, rim + (14 if wide else 9), turn + math.pi / 12)
        name = month_name(month + 1)
        short = name[:3] if wide else name[:1].upper()
        parts.append(
            f'<text class="wheel__month" x="{x:.1f}" y="{y + 4:.1f}" aria-hidden="true">{escape(short)}</text>'
        )
    return "".join(parts)


def _lanes(marks: Sequence[Mark]) -> dict[int, int]:
    """Give events of one kind that lie close to each other different lanes of their ring."""
    lanes: dict[int, int] = {}
    last: dict[tuple[str, int], datetime.date] = {}
    for mark in marks:
        one = mark.occurrence
        lane = 0
        while lane < 3 and last.get((one.event.kind, lane), datetime.date.min) >= one.first:
            lane += 1
        lanes[mark.number] = lane
        last[one.event.kind, lane] = one.last + datetime.timedelta(days=6)
    return lanes


def _mark(
    mark: Mark,
    centre: tuple[float, float],
    ring: float,
    year: int,
    step: float,
    today: datetime.date,
    *,
    wide: bool,
) -> tuple[str, tuple[float, float]]:
    """Draw one event on its ring; return it and the point that its label leads to."""
    one = mark.occurrence
    begin, end = angle(one.first, year), angle(one.last + datetime.timedelta(days=1), year)
    is_span = end - begin > _SPAN
    x, y = at(
        centre, ring, begin + 0.05 if is_span else (begin + end) / 2
    )  # a span is numbered where it begins
    look = f"wheel__event wheel__event--{one.event.kind}"
    if one.event.standing == Event.Standing.ILLUSTRATION:
        look += " wheel__event--example"
    if one.is_over(today):
        look += " wheel__event--over"
    thick = min(step * 0.42, 13)
    parts = []
    if is_span:
        parts.append(
            f'<path class="wheel__span" stroke-width="{thick:g}" d="{arc(centre, ring, begin, end)}"/>'
        )
    size = 9.5 if wide else 8
    parts.append(f'<circle class="wheel__dot" cx="{x:.1f}" cy="{y:.1f}" r="{size:g}"/>')
    parts.append(f'<text class="wheel__number" x="{x:.1f}" y="{y + 3.8:.1f}">{mark.number}</text>')
    link = f'href="#event-{escape(one.event.pk)}" aria-label="{escape(mark.spoken)}"'
    return f'<a class="{look}" {link}>{"".join(parts)}</a>', (x, y)


def _labels(
    marks: Sequence[Mark], points: dict[int, tuple[float, float]], centre: tuple[float, float], radius: float
) -> str:
    """Name every event beside the wheel, on the side where its mark is."""
    parts = []
    for right in (True, False):
        side = [mark for mark in marks if (points[mark.number][0] >= centre[0]) == right]
        side.sort(key=lambda mark: points[mark.number][1])
        lines = [wrap(f"{mark.number}. {mark.occurrence.event.title}", _ROOM, _LABEL, 2) for mark in side]
        heights = [_LINE * (len(words) + 1) + 7 for words in lines]
        edges = spread([points[mark.number][1] for mark in side], heights, 0, 2 * radius + 12)
        edge = centre[0] + (radius + 12 if right else -radius - 12)
        for mark, words, y in zip(side, lines, edges, strict=True):
            parts.append(_label(mark, words, edge, y, "start" if right else "end"))
            (px, py), turn = points[mark.number], edge + (-4 if right else 4)
            bend = turn - 14 if right else turn + 14
            parts.append(
                f'<path class="wheel__lead" d="M{px:.1f} {py:.1f}L{bend:.1f} {y + 10:.1f}H{turn:.1f}"/>'
            )
    return f'<g aria-hidden="true">{"".join(parts)}</g>'


def _label(mark: Mark, words: Sequence[str], x: float, y: float, anchor: str) -> str:
    at_x = f'text-anchor="{anchor}" x="{x:.1f}"'
    lines = [
        f'<text class="wheel__label" {at_x} y="{y + 14 + place * _LINE:.1f}">{escape(line)}</text>'
        for place, line in enumerate(words)
    ]
    under = y + 14 + len(words) * _LINE
    lines.append(f'<text class="wheel__when" {at_x} y="{under:.1f}">{escape(mark.occurrence.when)}</text>')
    return "".join(lines)


def _hand(centre: tuple[float, float], rim: float, turn: float, today: datetime.date) -> str:
    """Draw today's hand."""
    (x1, y1), (x2, y2) = at(centre, 26, turn), at(centre, rim + 8, turn)
    words = _("Today, %(day)s") % {"day": in_words(today)}
    return (
        f'<g class="wheel__today"><title>{escape(words)}</title>'
        f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/><circle cx="{x2:.1f}" cy="{y2:.1f}" r="5"/></g>'
    )
