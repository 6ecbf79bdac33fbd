"""Drawing of fan charts: one panel or several, with labels that make room for each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framsyn.report.figure import VegaDrawing
from framsyn.report.frames import part_by_breaks
from framsyn.report.layout import Ticks, honest_ticks, spread, text_width, wrap, year_ticks
from framsyn.report.numbers import decimals_for, shown
from framsyn.report.panels import (
    KeyItem,
    Label,
    Panel,
    band_tints,
    key_row,
    labels_layer,
    marks_layer,
    rules_layer,
    tick_expression,
)
from framsyn.report.theme import ACCENT, GREY, GRID, INK, MAIN, MUTED, PAPER, SIZE, colours_for
from framsyn.report.words import word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from framsyn.report.fan_data import FanData, Target

__all__ = ["draw_fans"]

_ROW = 16.0
_END_GAP = 8.0


def _scale(fan: FanData, groups: Sequence[str], goals: Mapping[str, Target], *, zero: bool) -> Ticks:
    values = [row[end] for code in groups for row in fan.of(code) for end in ("q10", "q90")]
    values += [row["value"] for code in groups for row in fan.past_of(code)]
    values += [goals[code].value for code in groups if code in goals]
    values += fan.beside.values if fan.beside else ()
    return honest_ticks(min(values), max(values), zero=zero)


def draw_fans(
    fan: FanData,
    width: float,
    *,
    columns: int,
    height: float,
    goals: Mapping[str, Target] | None = None,
    zero: bool,
    same_scale: bool = True,
) -> VegaDrawing:
    """Lay panels, axes, key and labels of a fan chart out for a width.

    Parameters
    ----------
    fan : FanData
    width : float [px]
    columns : int
        Panels beside each other.
    height : float [px]
        Of one panel.
    goals : mapping, optional
        Target by group, in the unit shown.
    zero : bool
        Let scales start at zero.
    same_scale : bool
        One scale along y for all panels.
    """
    about, groups, goals = fan.about, list(fan.labels), dict(goals or {})
    several = len(groups) > 1
    colours = colours_for(groups) if several else {groups[0]: MAIN}
    ticks = {code: _scale(fan, groups if same_scale else [code], goals, zero=zero) for code in groups}
    tick_texts = [
        shown(value, about.lang, about.style, scale.decimals)
        for scale in ticks.values()
        for value in scale.values
    ]
    axis_room = max(text_width(text) for text in tick_texts) + 8
    ends = {
        code: _end_labels(fan, code, colours[code], goals.get(code), narrow=width < 560) for code in groups
    }
    end_room = (
        max(
            text_width(line, bold=True)
            for labels in ends.values()
            for lines, _, _, _ in labels
            for line in lines
        )
        + 12
    )
    plot = width - axis_room - end_room
    own_axes = not same_scale and columns > 1
    gap = max(end_room, 44.0) + (axis_room if own_axes else 0.0)
    panel_width = (plot - gap * (columns - 1)) / columns
    rows = -(-len(groups) // columns)
    head = _ROW if several else 0.0
    single = Panel(0, 0, panel_width, height, fan.years)
    top = _TopLabels.none(fan) if several else _top_labels(fan, single, axis_room)
    row_step = head + height + 26 + (14 if several else 0)
    total = rows * row_step - 26 - (14 if several else 0)

    key, key_height = key_row(
        _key(fan, goals, several=several), -axis_room, width - axis_room, -top.height - (12 if several else 6)
    )
    layers: list[dict[str, Any]] = [*key]
    above = key_height + top.height + (14 if several else 8)
    for index, code in enumerate(groups):
        row, column = divmod(index, columns)
        panel = Panel(
            column * (panel_width + gap),
            row * row_step + head,
            panel_width,
            height,
            fan.years,
            ticks[code].domain,
        )
        layers += _fan_layers(fan, panel, code, colours[code], goals.get(code), top)
        axes: dict[str, Any] = {
            "x_values": year_ticks(*fan.years, panel_width),
            "plot_height": total,
            "y_ticks": ticks[code] if column == 0 or own_axes else None,
            "y_label": tick_expression(about.style, about.lang, ticks[code].decimals),
        }
        layers.append(panel.axes(**axes))
        if column and not own_axes:
            layers[-1]["layer"] = _grid(panel, ticks[code]) + layers[-1]["layer"]
        labels = _placed_ends(ends[code], panel)
        labels += top.labels
        if several:
            labels.append(
                Label(
                    panel.left,
                    panel.top - head / 2 - 3,
                    fan.labels[code],
                    colours[code],
                    bold=True,
                    size=SIZE["strong"],
                )
            )
        layers += labels_layer(labels)
    # Axes lie below bands and lines: layers with axes are drawn in order, so grids come first.
    layers.sort(key=lambda layer: 0 if "resolve" in layer else 1)
    return VegaDrawing(layers, width, total + above + 26, (axis_room, end_room, above, 26), about.lang)


def _grid(panel: Panel, ticks: Ticks) -> list[dict[str, Any]]:
    right = panel.left + panel.width
    return rules_layer(
        [
            {"x": panel.left, "x2": right, "y": panel.py(v), "y2": panel.py(v), "color": GRID}
            for v in ticks.values
        ]
    )


@dataclass(frozen=True)
class _TopLabels:
    """Labels above a panel, their height [px], and the row to which each break's line and the hairline reach."""

    labels: list[Label]
    height: float
    break_rows: list[int]
    hair_row: int
    focus_row: int = -1

    @classmethod
    def none(cls, fan: FanData) -> _TopLabels:
        return cls([], 0.0, [-1] * len(fan.breaks), -1)


def _fan_layers(
    fan: FanData, panel: Panel, code: str, colour: str, goal: Target | None, top: _TopLabels
) -> list[dict[str, Any]]:
    """Bands, median, history, hairline, breaks and target of one panel."""
    rows = fan.of(code)
    light, dark = band_tints(colour)
    inner = [
        panel.band(rows, "year", "q10", "q90", light),
        panel.band(rows, "year", "q25", "q75", dark),
        *_beside_line(fan, panel),
        panel.line(rows, "year", "q50", colour),
    ]
    past = fan.past_of(code)
    points: list[dict[str, Any]] = []
    if past:
        parts = part_by_breaks([int(row["year"]) for row in past], [item.year for item in fan.breaks])
        cut = [{**row, "part": part} for row, part in zip(past, parts, strict=True)]
        inner.append(panel.line(cut, "year", "value", INK, width=2.4, part="part"))
        sizes: dict[float, int] = {part: parts.count(part) for part in parts}
        # A piece of one year has no line; a dot shows it.
        points = [
            {
                "x": panel.px(row["year"]),
                "y": panel.py(row["value"]),
                "color": INK,
                "stroke": INK,
                "shape": "circle",
            }
            for row in cut
            if sizes[row["part"]] == 1
        ]
    hair = panel.px(fan.last_count)
    bottom = panel.top + panel.height

    def reach(row: int) -> float:
        return panel.top - 2 - 15.0 * (row + 1)

    counted = [{"x": hair, "x2": hair, "y": reach(top.hair_row), "y2": bottom, "color": GREY}]
    layers: list[dict[str, Any]] = rules_layer(counted if fan.past else [], width=0.8)
    marks = [panel.px(item.year - 0.5) for item in sorted(fan.breaks, key=lambda item: item.year)]
    layers += rules_layer(
        [
            {"x": x, "x2": x, "y": reach(row), "y2": bottom, "color": MUTED}
            for x, row in zip(marks, top.break_rows, strict=True)
        ],
        width=1,
        dash=[1, 3],
    )
    layers += rules_layer(
        [
            {"x": x - 4 + shift, "x2": x + 1 + shift, "y": bottom + 4, "y2": bottom - 5, "color": INK}
            for x in marks
            for shift in (0, 4)
        ],
        width=1.4,
    )
    if panel.y_domain[0] < 0 < panel.y_domain[1]:
        zero, right = panel.py(0.0), panel.left + panel.width
        layers += rules_layer([{"x": panel.left, "x2": right, "y": zero, "y2": zero, "color": MUTED}])
    layers += _focus_line(fan, panel, top)
    layers.append({"layer": inner})
    layers += marks_layer(points, size=26)
    layers += _focus_marks(fan, panel, code, colour)
    if goal:
        y = panel.py(goal.value)
        layers += rules_layer(
            [{"x": hair, "x2": panel.left + panel.width, "y": y, "y2": y, "color": ACCENT}],
            width=1.6,
            dash=[5, 3],
        )
        if fan.years[0] <= goal.year <= fan.years[1]:
            layers += marks_layer(
                [{"x": panel.px(goal.year), "y": y, "color": PAPER, "stroke": ACCENT, "shape": "diamond"}]
            )
    return layers


def _beside_line(fan: FanData, panel: Panel) -> list[dict[str, Any]]:
    """The median of the other scenario: grey, dashed, below the own one."""
    if fan.beside is None:
        return []
    rows = [
        {"year": year, "value": value}
        for year, value in zip(fan.beside.years, fan.beside.values, strict=True)
    ]
    return [panel.line(rows, "year", "value", GREY, width=1.8, dash=[7, 3])]


def _focus_line(fan: FanData, panel: Panel, top: _TopLabels) -> list[dict[str, Any]]:
    """An upright line at the year on view, where it is not the last."""
    if fan.focus is None or fan.focus == fan.years[1]:
        return []
    x = panel.px(fan.focus)
    start = panel.top - 2 - 15.0 * (top.focus_row + 1)
    return rules_layer([{"x": x, "x2": x, "y": start, "y2": panel.top + panel.height, "color": INK}])


def _focus_marks(fan: FanData, panel: Panel, code: str, colour: str) -> list[dict[str, Any]]:
    """A point on each median in the year on view."""
    if fan.focus is None:
        return []
    row = fan.told(code)
    x, other = panel.px(row["year"]), fan.beside_told
    marks = []
    if other is not None:
        marks.append({"x": x, "y": panel.py(other), "color": PAPER, "stroke": GREY, "shape": "circle"})
    marks.append({"x": x, "y": panel.py(row["q50"]), "color": colour, "stroke": colour, "shape": "circle"})
    return marks_layer(marks, size=44)


def _end_labels(
    fan: FanData, code: str, colour: str, goal: Target | None, *, narrow: bool
) -> list[tuple[list[str], float, str, bool]]:
    """Texts at the right end: lines, value that they stand at, colour, bold."""
    decimals = fan.decimals(code)
    last = fan.of(code)[-1]
    if fan.focus is not None:
        decimals = decimals_for(last["q10"], last["q90"], last["q50"])
    labels = [
        ([fan.write(last["q90"], decimals)], last["q90"], MUTED, False),
        ([fan.write(last["q50"], decimals)], last["q50"], colour, True),
        ([fan.write(last["q10"], decimals)], last["q10"], MUTED, False),
    ]
    if last["q10"] == last["q90"]:
        labels = labels[1:2]
    if fan.beside is not None:
        value = fan.write(fan.beside.values[-1], decimals)
        labels.append(
            (wrap(f"{fan.beside.name} {value}", 72 if narrow else 130), fan.beside.values[-1], MUTED, False)
        )
    if goal:
        value = fan.write(goal.value, max(decimals, 0))
        text = goal.text or word("chart.target_label", fan.about.lang, value=value, year=goal.year)
        labels.append((wrap(text, 72 if narrow else 130), goal.value, ACCENT, False))
    return labels


def _placed_ends(labels: list[tuple[list[str], float, str, bool]], panel: Panel) -> list[Label]:
    heights = [15.0 * len(lines) for lines, _, _, _ in labels]
    places = spread(
        [panel.py(value) for _, value, _, _ in labels], heights, panel.top - 8, panel.top + panel.height + 8
    )
    x = panel.left + panel.width + _END_GAP
    return [
        Label(x, place - 7.5 * (len(lines) - 1) + 15 * index, line, colour, bold=bold)
        for (lines, _, colour, bold), place in zip(labels, places, strict=True)
        for index, line in enumerate(lines)
    ]


def _top_labels(fan: FanData, panel: Panel, overhang: float) -> _TopLabels:
    """Labels of breaks and of the hairline above a panel.

    A break's label ends at its own line and takes the lowest row in which it is free; since breaks come from the
    left, no line crosses a text. The hairline's label starts at its line.
    """
    placed: list[tuple[int, float, float, Label]] = []

    def place(x: float, text: str, *, before: bool, least: int = 0) -> int:
        size = text_width(text) + 5
        start, end = (x - size, x) if before else (x, x + size)
        row = least
        while any(other == row and start < right + 6 and left < end + 6 for other, left, right, _ in placed):
            row += 1
        label = Label(x - 5 if before else x + 5, -9 - row * 15.0, text, MUTED, "right" if before else "left")
        placed.append((row, start, end, label))
        return row

    rows: list[int] = []
    for item in sorted(fan.breaks, key=lambda item: item.year):
        x = panel.px(item.year - 0.5)
        fits = x - text_width(item.text) - 5 >= -overhang
        rows.append(place(x, item.text, before=fits, least=0 if fits else len(fan.breaks)))
    hair = 0
    if fan.past:
        text = word("chart.last_count", fan.about.lang, year=fan.last_count)
        x = panel.px(fan.last_count)
        hair = place(x, text, before=x + text_width(text) > panel.left + panel.width + 40)
    focus = -1
    if fan.focus is not None and fan.focus != fan.years[1]:
        row_told = fan.told("")
        text = f"{fan.focus}: {fan.write(row_told['q50'], fan.decimals(''))}"
        x = panel.px(fan.focus)
        focus = place(x, text, before=x + text_width(text) > panel.left + panel.width + 40)
    height = 5 + 15.0 * (1 + max((row for row, *_ in placed), default=-1))
    return _TopLabels([label for *_, label in placed], height, rows, hair, focus)


def _key(fan: FanData, goals: Mapping[str, Target], *, several: bool) -> list[KeyItem]:
    lang = fan.about.lang
    colour = MUTED if several else MAIN
    light, dark = band_tints(colour)
    items = [KeyItem("line", word("chart.counted", lang), INK)] if fan.past else []
    items.append(KeyItem("line", word("chart.median", lang), colour))
    if any(row["q10"] < row["q90"] for rows in fan.parts.values() for row in rows):
        items.append(KeyItem("patch", word("chart.band", lang, share=50), dark))
        items.append(KeyItem("patch", word("chart.band", lang, share=80), light))
    if several and fan.past:
        items.append(KeyItem("upright", word("chart.last_count", lang, year=fan.last_count), GREY))
    if several and fan.breaks:
        items.append(KeyItem("break", word("chart.break", lang), MUTED))
    names = dict.fromkeys(goal.name or word("chart.target", lang) for goal in goals.values())
    return items + [KeyItem("dashed", name, ACCENT) for name in names]
