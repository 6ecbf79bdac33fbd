"""Run and control charts: figures as they came, what is chance and what is not, the target, other places, the outlook.

The line breaks where the series breaks or a period is missing, each figure is a point, and what a reader must know of a
point is said by its shape: a triangle for a signal, a ring for a provisional figure, a grey square for one that its source
warns of. With a fan the line goes on as the outlook has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framsyn.report.figure import About, Chart, VegaDrawing
from framsyn.report.layout import text_width, year_ticks
from framsyn.report.numbers import shown
from framsyn.report.panels import (
    Panel,
    band_tints,
    key_row,
    labels_layer,
    marks_layer,
    rects_layer,
    rules_layer,
    tick_expression,
)
from framsyn.report.run_data import (
    Aim,
    Control,
    Point,
    RunBreak,
    RunLine,
    check_line,
    control_of,
    describe,
    run_table,
)
from framsyn.report.run_parts import RunParts
from framsyn.report.theme import (
    ACCENT,
    GREY,
    INK,
    MAIN,
    MUTED,
    PAPER,
    TRUST_SHAPES,
    dash_for,
    tint,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

__all__ = ["Aim", "Control", "Point", "RunBreak", "RunLine", "control_of", "run_chart"]

_MANY = 40  # points from which only those that say something are drawn as points
_BAND = 0.16


def run_chart(
    line: RunLine,
    about: About,
    *,
    name: str,
    decimals: int = 0,
    control: Control | None = None,
    aim: Aim | None = None,
    breaks: Sequence[RunBreak] = (),
    others: Sequence[RunLine] = (),
    fan: pd.DataFrame | None = None,
    gap: float = 1.0,
    title: str = "",
) -> Chart:
    """Draw a line of figures with what is needed to judge it.

    Parameters
    ----------
    line : RunLine
        Values in the unit shown; a share comes in percent.
    about : About
    name : str
    decimals : int
    control : Control, optional
        From :func:`control_of`; centre, limits and signals.
    aim : Aim, optional
        Target line or band, and the straight line that leads there.
    breaks : sequence of RunBreak
    others : sequence of RunLine
        Places to compare with; no judgement is drawn for them.
    fan : DataFrame, optional
        Columns year, q10, q25, q50, q75, q90 in the unit shown; continues the line.
    gap : float [year]
        Time between two figures; where more is missing the line breaks.
    title : str
        The finding; made from the data where left out.

    Returns
    -------
    Chart
    """
    for one in (line, *others):
        check_line(one, name)
    parts = _Drawing(line, about, decimals, control, aim, tuple(breaks), tuple(others), fan, gap)
    table, columns = run_table(line, others, about.lang, control=control, breaks=breaks, fan=fan)
    text = describe(line, others, about, decimals, control=control, aim=aim, breaks=breaks, fan=fan)
    return Chart(
        name,
        title or parts.finding(),
        about.subtitle,
        text,
        table,
        about.lang,
        parts.draw,
        dict.fromkeys(columns, decimals),
    )


class _Drawing(RunParts):
    """Draws the parts."""

    def draw(self, width: float) -> VegaDrawing:
        """Lay the chart out for a width."""
        about, narrow = self.about, width < 560
        ticks = self.ticks()
        axis_room = (
            max(text_width(shown(v, about.lang, about.style, ticks.decimals)) for v in ticks.values) + 8
        )
        ends = self.ends(narrow=narrow)
        end_room = max(text_width(text, bold=True) for lines, *_ in ends for text in lines) + 12
        height = 220.0 if narrow else 280.0
        first, last = self.years()
        panel = Panel(0, 0, width - axis_room - end_room, height, (first, last), ticks.domain)  # type: ignore[arg-type]
        tops, top_height, rows = self.top_labels(panel, axis_room)
        key, key_height = key_row(self.key(), -axis_room, width - axis_room, -top_height - 6)
        if not self.key():
            key_height = 0.0
        axes = panel.axes(
            x_values=year_ticks(int(first), int(last), panel.width),
            y_ticks=ticks,
            y_label=tick_expression(about.style, about.lang, ticks.decimals),
            plot_height=height,
        )
        layers: list[dict[str, Any]] = [
            *self.aim_area(panel),
            *self.break_areas(panel),
            axes,
            *key,
            *self.break_marks(panel, rows),
            *self.fan_layers(panel),
            *self.control_layers(panel),
            *self.aim_lines(panel),
            *self.other_lines(panel),
            *self.own_line(panel),
            *labels_layer([*tops, *self.placed(ends, panel)]),
        ]
        above = key_height + top_height + 10
        return VegaDrawing(layers, width, height + above + 26, (axis_room, end_room, above, 26), about.lang)

    def aim_area(self, panel: Panel) -> list[dict[str, Any]]:
        """The target band as an area below everything."""
        if not self.aim or self.aim.low == self.aim.high:
            return []
        area = {
            "x": panel.left,
            "x2": panel.left + panel.width,
            "y": panel.py(self.aim.low),
            "y2": panel.py(self.aim.high),
        }
        return rects_layer([{**area, "color": tint(ACCENT, _BAND), "stroke": "transparent"}])

    def aim_lines(self, panel: Panel) -> list[dict[str, Any]]:
        """Edges of the target, the straight line to it, and the deadline."""
        if not self.aim:
            return []
        right = panel.left + panel.width
        edges = [
            {"x": panel.left, "x2": right, "y": panel.py(level), "y2": panel.py(level), "color": ACCENT}
            for level in dict.fromkeys((self.aim.low, self.aim.high))
        ]
        layers = rules_layer(edges, width=1.6, dash=[5, 3])
        if self.aim.until is None:
            return layers
        if self.aim.start:
            at, value = self.aim.start
            goal = min(max(value, self.aim.low), self.aim.high)
            path = {
                "x": panel.px(at),
                "x2": panel.px(self.aim.until),
                "y": panel.py(value),
                "y2": panel.py(goal),
            }
            layers += rules_layer([{**path, "color": ACCENT}], width=1.2)
        marks = [
            {
                "x": panel.px(self.aim.until),
                "y": panel.py(level),
                "color": PAPER,
                "stroke": ACCENT,
                "shape": "diamond",
            }
            for level in dict.fromkeys((self.aim.low, self.aim.high))
        ]
        return layers + marks_layer(marks)

    def fan_layers(self, panel: Panel) -> list[dict[str, Any]]:
        """Bands and median of the outlook, and a hairline at the last figure."""
        if self.fan is None:
            return []
        rows = self.fan.to_dict("records")
        light, dark = band_tints(MAIN)
        hair = panel.px(self.line.points[-1].at)
        inner = [
            panel.band(rows, "year", "q10", "q90", light),
            panel.band(rows, "year", "q25", "q75", dark),
            panel.line(rows, "year", "q50", MAIN),
        ]
        line = {"x": hair, "x2": hair, "y": panel.top - 2, "y2": panel.top + panel.height, "color": GREY}
        return [{"layer": inner}, *rules_layer([line], width=0.8)]

    def control_layers(self, panel: Panel) -> list[dict[str, Any]]:
        """Centre line and limits, phase by phase."""
        if not self.control:
            return []
        points, found = self.line.sound, self.control
        rows = [
            {"at": point.at, "centre": found.centre[i], "part": found.phase[i]}
            for i, point in enumerate(points)
        ]
        inner = [panel.line(rows, "at", "centre", MUTED, width=1.2, part="part")]
        for ends in (found.low, found.high):
            limited = [
                {"at": point.at, "limit": ends[i], "part": found.phase[i]}
                for i, point in enumerate(points)
                if ends and ends[i] == ends[i]
            ]
            if limited:
                inner.append(panel.line(limited, "at", "limit", GREY, width=1.2, dash=[5, 3], part="part"))
        return [{"layer": inner}]

    def own_line(self, panel: Panel) -> list[dict[str, Any]]:
        """The figures: a line that breaks where the series does, and points in the shape of what they are."""
        rows = [
            {"at": p.at, "value": p.value, "part": part}
            for p, part in zip(self.line.sound, self.pieces(self.line, self.line.sound), strict=True)
        ]
        layers = (
            [{"layer": [panel.line(rows, "at", "value", self.own_colour, width=2.4, part="part")]}]
            if rows
            else []
        )
        marked = self.control.marked if self.control else set()
        few = len(self.line.points) <= _MANY
        alone = {row["part"] for row in rows if sum(other["part"] == row["part"] for other in rows) == 1}
        small, large = [], []
        for place, point in enumerate(self.line.sound):
            at = {"x": panel.px(point.at), "y": panel.py(point.value), "stroke": self.own_colour}
            if place in marked:
                large.append({**at, "color": ACCENT, "stroke": ACCENT, "shape": "triangle-up"})
            elif point.mark == "provisional":
                large.append({**at, "color": PAPER, "shape": "circle"})
            elif few or rows[place]["part"] in alone:
                small.append({**at, "color": self.own_colour, "shape": "circle"})
        large += [
            {"x": panel.px(p.at), "y": panel.py(p.value), "color": PAPER, "stroke": GREY, "shape": "square"}
            for p in self.line.points
            if p.mark == "faulty"
        ]
        return [*layers, *marks_layer(small, size=22), *marks_layer(large, size=64)]

    def other_lines(self, panel: Panel) -> list[dict[str, Any]]:
        """Lines of other places, in their own colours."""
        colours = self.colours()
        inner, dots = [], []
        for index, one in enumerate(self.others):
            points = one.sound or list(one.points)
            rows = [
                {"at": p.at, "value": p.value, "part": part}
                for p, part in zip(points, self.pieces(one, points), strict=True)
            ]
            dash = dash_for(index + 1)
            inner.append(
                panel.line(rows, "at", "value", colours[one.code], width=1.8, dash=dash, part="part")
            )
            parts = [row["part"] for row in rows]
            # A piece of one figure has no line; a dot shows it.
            dots += [
                {
                    "x": panel.px(row["at"]),
                    "y": panel.py(row["value"]),
                    "color": colours[one.code],
                    "stroke": colours[one.code],
                    "shape": TRUST_SHAPES.get(one.code, "circle"),
                }
                for row in rows
                if parts.count(row["part"]) == 1
            ]
        return [*([{"layer": inner}] if inner else []), *marks_layer(dots, size=30)]

    def break_areas(self, panel: Panel) -> list[dict[str, Any]]:
        """A pale ground below the years that their source warns of, or that bear an event."""
        spans = [self.span(mark, panel) for mark in self.inside(panel) if mark.kind != "level"]
        ground = {"y": panel.top, "y2": panel.top + panel.height, "color": tint(GREY, _BAND)}
        areas = [{**ground, "x": left, "x2": right, "stroke": "transparent"} for left, right in spans]
        return rects_layer(areas) if areas else []

    def break_marks(self, panel: Panel, rows: Sequence[int]) -> list[dict[str, Any]]:
        """A dotted line at each break, and two strokes through the axis where no line crosses."""
        bottom = panel.top + panel.height
        uprights, cuts = [], []
        for mark, row in zip(self.inside(panel), rows, strict=True):
            left, right = self.span(mark, panel)
            top = panel.top - 2 - 15.0 * (row + 1)
            uprights.append({"x": left, "x2": left, "y": top, "y2": bottom, "color": MUTED})
            if right > left:
                uprights.append({"x": right, "x2": right, "y": panel.top, "y2": bottom, "color": MUTED})
            if mark.kind != "one_off":
                cuts += [left] if right == left else [left, right]
        strokes = [
            {"x": x - 4 + shift, "x2": x + 1 + shift, "y": bottom + 4, "y2": bottom - 5, "color": INK}
            for x in cuts
            for shift in (0, 4)
        ]
        return [*rules_layer(uprights, width=1, dash=[1, 3]), *rules_layer(strokes, width=1.4)]
