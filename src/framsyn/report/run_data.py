"""Data of run charts: points in time, the rules that tell a signal from chance, and the words and table about them."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from framsyn.errors import PlanError
from framsyn.methods.spc import p_chart, run_chart, xmr_chart
from framsyn.report.numbers import decimals_for, shown, value_range
from framsyn.report.run_breaks import RunBreak, break_note, break_text
from framsyn.report.words import join, word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from framsyn.report.figure import About

__all__ = ["Aim", "Control", "Point", "RunBreak", "RunLine", "control_of", "run_table"]

LEAST_RUN = 10
"""Points from which a run chart's rules say something."""
LEAST_CONTROL = 12
"""Points from which limits of a control chart are held to be known well enough."""


@dataclass(frozen=True, slots=True)
class Point:
    """One figure: its place on the axis of years, its period in words, its value in the unit shown.

    ``mark`` is empty, ``provisional``, or ``faulty`` for a figure that its source warns of.
    """

    at: float
    period: str
    value: float
    mark: str = ""
    numerator: float | None = None
    denominator: float | None = None


@dataclass(frozen=True)
class RunLine:
    """One place's points in the order of time."""

    code: str
    label: str
    points: Sequence[Point]

    @cached_property
    def sound(self) -> list[Point]:
        """Points without those that the source warns of."""
        return [point for point in self.points if point.mark != "faulty"]


@dataclass(frozen=True)
class Aim:
    """What is to be reached: one level, or a band; until when; and the straight line that leads there.

    Parameters
    ----------
    low, high : float or None
        Ends of the band in the unit shown; both the same for a single level.
    until : float or None
        Place of the deadline on the axis.
    text : str
        The label at the end of the line.
    start : tuple of float or None
        Place and value that the straight line starts from.
    """

    low: float
    high: float
    until: float | None = None
    text: str = ""
    start: tuple[float, float] | None = None


@dataclass(frozen=True)
class Control:
    """Centre, limits and signals of a line, phase by phase.

    ``kind`` is ``run``, ``xmr`` or ``p``; ``signals`` holds the places of the points by rule.
    """

    kind: str
    centre: list[float]
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    phase: list[int] = field(default_factory=list)
    signals: Mapping[str, list[int]] = field(default_factory=dict)

    @property
    def marked(self) -> set[int]:
        """Places of the points that belong to a signal."""
        return {place for places in self.signals.values() for place in places}

    def rule(self, lang: str) -> str:
        """Say the rules in words."""
        text = word(f"run.rule.{self.kind}", lang)
        return f"{text} {word('run.rule.phases', lang)}" if self.phase and self.phase[-1] else text

    def found(self, points: Sequence[Point], lang: str) -> str:
        """Say which signals there are."""
        if not self.signals:
            return word("run.found.none", lang)
        said = []
        for name, places in self.signals.items():
            spans = _spans(places)
            listed = [
                points[first].period
                if first == last
                else word("run.years", lang, first=points[first].period, last=points[last].period)
                for first, last in spans
            ]
            said.append(word(f"run.found.{name}", lang, listed=join(listed, lang)))
        return " ".join(said)


def _spans(places: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of each row of neighbours.

    >>> _spans([1, 2, 3, 7])
    [(1, 3), (7, 7)]
    """
    spans: list[tuple[int, int]] = []
    for place in places:
        if spans and spans[-1][1] == place - 1:
            spans[-1] = (spans[-1][0], place)
        else:
            spans.append((place, place))
    return spans


def _starts(points: Sequence[Point], breaks: Sequence[RunBreak]) -> list[int]:
    """Return the places of the first points of new phases."""
    return [
        place
        for place in range(1, len(points))
        if any(mark.cuts(points[place - 1].at, points[place].at) for mark in breaks)
    ]


def control_of(
    line: RunLine, breaks: Sequence[RunBreak], *, often: bool, share: bool = False
) -> Control | None:
    """Return centre, limits and signals of a line, or nothing where it has too few points for any rule.

    Years that bear an event are known to be no part of the process: they are drawn and not judged.

    Parameters
    ----------
    line : RunLine
    breaks : sequence of RunBreak
    often : bool
        Figures come several times a year: a control chart once there are enough of them, else a run chart.
    share : bool
        The values are shares of counts: limits follow the denominators where every point has one.
    """
    kept = [
        place for place, point in enumerate(line.sound) if not any(one.passes(point.at) for one in breaks)
    ]
    points = [line.sound[place] for place in kept]
    starts = _starts(points, breaks)
    edges = [0, *starts, len(points)]
    if max(last - first for first, last in itertools.pairwise(edges)) < LEAST_RUN:
        return None
    if often and len(points) >= LEAST_CONTROL:
        judged = _control(points, starts, share=share)
    else:
        judged = _run(points, starts)
    return _on_every_point(judged, kept, len(line.sound))


def _on_every_point(judged: Control, kept: Sequence[int], length: int) -> Control:
    """Lay a judgement of some points on all of them: a point left out has the lines of the one before, and no signal."""
    if len(kept) == length:
        return judged
    near = [max(bisect_right(kept, place) - 1, 0) for place in range(length)]

    def spread(values: Sequence[Any]) -> list[Any]:
        return [values[place] for place in near] if values else []

    return Control(
        judged.kind,
        spread(judged.centre),
        spread(judged.low),
        spread(judged.high),
        spread(judged.phase),
        {name: [kept[place] for place in places] for name, places in judged.signals.items()},
    )


def _control(points: Sequence[Point], starts: list[int], *, share: bool) -> Control:
    above = [point.numerator for point in points]
    below = [point.denominator for point in points]
    if share and all(
        n is not None and d is not None and 0 <= n <= d and d > 0 for n, d in zip(above, below, strict=True)
    ):
        chart, kind, factor = p_chart(above, below, starts), "p", 100.0  # type: ignore[arg-type]
    else:
        chart, kind, factor = xmr_chart([point.value for point in points], starts), "xmr", 1.0
    signals: dict[str, list[int]] = {
        name: np.flatnonzero(getattr(chart, name)).tolist()
        for name in ("outside", "side")
        if name in chart.signals
    }
    centre, low, high = ((factor * part).tolist() for part in (chart.centre, chart.low, chart.high))
    return Control(kind, centre, low, high, chart.phase.tolist(), signals)


def _run(points: Sequence[Point], starts: list[int]) -> Control:
    """Apply the run chart's rules within each phase that has enough points; another phase has its median alone."""
    edges = [0, *starts, len(points)]
    centre: list[float] = []
    phase: list[int] = []
    signals: dict[str, list[int]] = {}
    for number, (first, last) in enumerate(itertools.pairwise(edges)):
        chart = run_chart([point.value for point in points[first:last]])
        centre += [chart.median] * (last - first)
        phase += [number] * (last - first)
        if last - first < LEAST_RUN:
            continue
        for name in chart.signals:
            flags = getattr(chart, name)
            # Too few or too many runs is said of the whole phase and points at no single figure.
            places = [] if isinstance(flags, bool) else [first + int(i) for i in np.flatnonzero(flags)]
            signals.setdefault(name, []).extend(places)
    return Control("run", centre, phase=phase, signals=signals)


def check_line(line: RunLine, name: str) -> None:
    """Refuse a line without points, out of order or with a figure that is none."""
    places = [point.at for point in line.points]
    if not places:
        message = f'chart "{name}": {line.label or line.code} has no points. Leave the chart out and say why instead.'
        raise PlanError("chart-empty", message, chart=name)
    if any(later <= earlier for earlier, later in itertools.pairwise(places)):
        message = f'chart "{name}": {line.label or line.code} goes back in time; one point per period, oldest first.'
        raise PlanError("chart-order", message, chart=name)
    if not np.isfinite([point.value for point in line.points]).all():
        message = f'chart "{name}": a value of {line.label or line.code} is missing or infinite; leave such points out.'
        raise PlanError("chart-missing-value", message, chart=name)


def fan_texts(fan: pd.DataFrame, about: About) -> dict[str, str]:
    """Return the last year of a fan with its median and 80 % band, rounded as the band allows."""
    last = fan.iloc[-1]
    low, middle, high = (float(last[name]) for name in ("q10", "q50", "q90"))
    decimals = decimals_for(low, high, middle)
    texts = {
        name: shown(value, about.lang, about.style, decimals)
        for name, value in (("low", low), ("value", middle), ("high", high))
    }
    return {**texts, "year": str(int(last["year"]))}


def describe(
    line: RunLine,
    others: Sequence[RunLine],
    about: About,
    decimals: int,
    *,
    control: Control | None = None,
    aim: Aim | None = None,
    breaks: Sequence[RunBreak] = (),
    fan: pd.DataFrame | None = None,
) -> str:
    """Say what a sighted reader sees."""
    lang = about.lang

    def write(value: float) -> str:
        return shown(value, lang, about.style, decimals)

    points = line.sound or list(line.points)
    values = [point.value for point in points]
    said = [
        word(
            "run.describe.lead",
            lang,
            what=about.what,
            where=line.label or about.where,
            first=points[0].period,
            last=points[-1].period,
            before=write(values[0]),
            value=write(values[-1]),
            low=write(min(values)),
            high=write(max(values)),
        )
    ]
    faulty = [point.period for point in line.points if point.mark == "faulty"]
    if faulty:
        said.append(word("run.describe.warned", lang, listed=join(faulty, lang)))
    if control:
        said.append(control.found(line.sound, lang))
    if others:
        listed = join([f"{one.label} {write(one.points[-1].value)}" for one in others], lang)
        said.append(word("run.describe.compare", lang, what=about.what, listed=listed))
    if aim:
        text = write(aim.low) if aim.low == aim.high else value_range(write(aim.low), write(aim.high), lang)
        said.append(word("run.describe.target", lang, target=text))
    said += [break_text(mark, lang) for mark in breaks]
    if fan is not None:
        said.append(word("run.describe.fan", lang, **fan_texts(fan, about)))
    return " ".join(said)


def run_table(
    line: RunLine,
    others: Sequence[RunLine],
    lang: str,
    *,
    control: Control | None = None,
    breaks: Sequence[RunBreak] = (),
    fan: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, list[str]]:
    """Return the numbers of a run chart, breaks in words, and the names of the columns that hold values."""
    rows: dict[str, dict[str, object]] = {}
    order: dict[str, float] = {}
    own = line.label or word("run.table.value", lang)
    period, note = word("run.table.period", lang), word("run.table.note", lang)
    marked = control.marked if control else set()
    sound = {id(point): place for place, point in enumerate(line.sound)}
    columns = [own]
    for point in line.points:
        place = sound.get(id(point))
        notes = [word(f"run.{point.mark}", lang)] if point.mark else []
        if place in marked:
            notes.append(word("run.signal", lang))
        row: dict[str, object] = {own: point.value, note: ", ".join(notes)}
        if control and place is not None:
            row[word("run.median" if control.kind == "run" else "run.mean", lang).capitalize()] = (
                control.centre[place]
            )
            if control.low:
                row[word("run.table.low", lang)] = control.low[place]
                row[word("run.table.high", lang)] = control.high[place]
        rows[point.period], order[point.period] = row, point.at
    for one in others:
        for point in one.points:
            rows.setdefault(point.period, {})[one.label] = point.value
            order.setdefault(point.period, point.at)
    if fan is not None:
        heads = {"q10": word("table.quantile", lang, share=10), "q50": word("table.median", lang)}
        heads["q90"] = word("table.quantile", lang, share=90)
        for record in fan.to_dict("records"):
            year = str(int(record["year"]))
            rows.setdefault(year, {}).update({head: record[key] for key, head in heads.items()})
            order.setdefault(year, float(record["year"]))
    before = -math.inf
    for name in sorted(rows, key=lambda name: order[name]):
        told = break_note(order[name], before, breaks, lang)
        rows[name][note] = ", ".join(filter(None, [str(rows[name].get(note, "")), *told]))
        before = order[name]
    names = dict.fromkeys(name for row in rows.values() for name in row if name != note)
    columns = [own, *(name for name in names if name != own)]
    has_notes = any(row.get(note) for row in rows.values())
    table = pd.DataFrame(
        [
            {period: name, **rows[name], **({note: rows[name].get(note, "")} if has_notes else {})}
            for name in sorted(rows, key=lambda name: order[name])
        ],
        columns=[period, *columns, *([note] if has_notes else [])],
    )
    return table, columns
