"""Charts over years: the fan of one quantity, the same fan for several places, and the lines of several scenarios."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from framsyn.errors import PlanError
from framsyn.report.fan_data import Beside, Break, FanData, Target, fan_headings
from framsyn.report.fan_drawing import draw_fans
from framsyn.report.figure import About, Chart, VegaDrawing
from framsyn.report.frames import QUANTILES, display_frame
from framsyn.report.layout import honest_ticks, spread, text_width, wrap, year_ticks
from framsyn.report.numbers import decimals_for, shown
from framsyn.report.panels import Label, Panel, labels_layer, rules_layer, tick_expression
from framsyn.report.theme import GREY, INK, MUTED, SERIES, colours_for, dash_for
from framsyn.report.words import word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd

__all__ = ["Beside", "Break", "Target", "fan_chart", "fan_of", "scenario_lines", "small_multiples"]


def fan_chart(
    frame: pd.DataFrame,
    about: About,
    *,
    name: str,
    history: pd.DataFrame | None = None,
    target: Target | None = None,
    breaks: Sequence[Break] = (),
    title: str | None = None,
    zero: bool = False,
) -> Chart:
    """Draw a quantity over the years: what was counted, and the projection with its 50 % and 80 % bands.

    Parameters
    ----------
    frame : DataFrame
        Columns year, q10, q25, q50, q75, q90; one row per year.
    about : About
    name : str
    history : DataFrame, optional
        Columns year, value; counted years. A missing year becomes a gap.
    target : Target, optional
        Drawn as a dashed line with its label at the end.
    breaks : sequence of Break
        Years in which the way of counting changed; drawn as a gap with a mark.
    title : str, optional
        The finding; made from the data where left out.
    zero : bool
        Let the scale start at zero.

    Returns
    -------
    Chart
    """
    fan = FanData.read(frame.assign(group=""), history, about, name=name, breaks=breaks)
    return _fan(fan, name, target, title, zero=zero)


def fan_of(
    years: Sequence[int],
    bands: np.ndarray,
    about: About,
    *,
    name: str,
    target: Target | None = None,
    beside: Beside | None = None,
    focus: int | None = None,
    title: str | None = None,
    zero: bool = False,
) -> Chart:
    """Draw the fan of a series that is at hand as numbers; in a few milliseconds, for pages that follow a hand.

    Parameters
    ----------
    years : sequence of int
    bands : array, (5, year)
        The 10, 25, 50, 75 and 90 % quantiles in the unit of the style.
    about : About
    name : str
    target : Target, optional
    beside : Beside, optional
        The median of another scenario, drawn grey with its name at the end.
    focus : int, optional
        The year on view: marked, and the one that title and description speak of.
    title : str, optional
    zero : bool

    Returns
    -------
    Chart
    """
    fan = FanData.of_bands(years, bands, about, name=name, beside=beside, focus=focus)
    return _fan(fan, name, target, title, zero=zero)


def _fan(fan: FanData, name: str, target: Target | None, title: str | None, *, zero: bool) -> Chart:
    about = fan.about
    goal = replace(target, value=target.value * fan.factor) if target else None
    description = (
        fan.describe("") + (_target_sentence(goal, about, fan) if goal else "") + fan.break_sentences()
    )
    goals = {"": goal} if goal else {}

    def draw(width: float) -> VegaDrawing:
        return draw_fans(fan, width, columns=1, height=280 if width >= 560 else 220, goals=goals, zero=zero)

    return Chart(
        name,
        title or fan.finding(""),
        about.subtitle,
        description,
        fan.table(),
        about.lang,
        draw,
        fan.table_decimals(),
    )


def small_multiples(
    frame: pd.DataFrame,
    about: About,
    *,
    name: str,
    labels: Mapping[str, str],
    history: pd.DataFrame | None = None,
    breaks: Sequence[Break] = (),
    targets: Mapping[str, Target] | None = None,
    title: str | None = None,
    same_scale: bool = True,
    zero: bool = False,
) -> Chart:
    """Draw the same fan for several places side by side, on one scale.

    Parameters
    ----------
    frame : DataFrame
        Columns group, year, q10, q25, q50, q75, q90.
    about : About
    name : str
    labels : mapping
        Group code → name; its order is the order of the panels. Trust codes take the colour of the trust.
    history : DataFrame, optional
        Columns group, year, value.
    breaks : sequence of Break
    targets : mapping, optional
        Target by group code; drawn as in :func:`fan_chart`.
    title : str, optional
    same_scale : bool
        False gives every panel its own scale along y, which the description then says.
    zero : bool

    Returns
    -------
    Chart
    """
    fan = FanData.read(frame, history, about, name=name, breaks=breaks, labels=labels)
    goals = {code: replace(goal, value=goal.value * fan.factor) for code, goal in (targets or {}).items()}
    description = " ".join(
        fan.describe(code) + (_target_sentence(goals[code], about, fan, code) if code in goals else "")
        for code in labels
    )
    description += fan.break_sentences()
    if not same_scale:
        description += " " + word("fan.own_scales", about.lang)

    def draw(width: float) -> VegaDrawing:
        columns = 1 if width < 560 else 2 if len(labels) == 4 else min(3, len(labels))
        return draw_fans(
            fan, width, columns=columns, height=190, goals=goals, zero=zero, same_scale=same_scale
        )

    heading = title or _multiples_finding(fan)
    return Chart(
        name, heading, about.subtitle, description, fan.table(), about.lang, draw, fan.table_decimals()
    )


def _target_sentence(goal: Target, about: About, fan: FanData, group: str = "") -> str:
    text = shown(goal.value, about.lang, about.style, max(fan.decimals(group), 0))
    if goal.name:
        return f" {goal.name}: {text}."
    return " " + word("fan.target", about.lang, value=text, year=goal.year)


def _multiples_finding(fan: FanData) -> str:
    """Name the place whose median changes most, as a share of its first value."""
    change = {}
    for code in fan.labels:
        start, end = (fan.of(code)[place]["q50"] for place in (0, -1))
        change[code] = end / start - 1 if start else 0.0
    most = max(change, key=lambda code: abs(change[code]))
    return word(
        "fan.finding.most",
        fan.about.lang,
        what=fan.about.what,
        place=fan.labels[most],
        last_year=fan.years[1],
        change=shown(change[most] * 100, fan.about.lang, "percent", 0, signed=True),
    )


def scenario_lines(
    frame: pd.DataFrame,
    about: About,
    *,
    name: str,
    labels: Mapping[str, str],
    history: pd.DataFrame | None = None,
    title: str | None = None,
    zero: bool = False,
) -> Chart:
    """Draw the medians of several scenarios, each with its name at the end of its line.

    Parameters
    ----------
    frame : DataFrame
        Columns scenario, year, q50; with q10 and q90 the table and the description carry the interval.
    about : About
    name : str
    labels : mapping
        Scenario code → name in words; the first six have a colour, further ones are grey.
    history : DataFrame, optional
        Columns year, value.
    title : str, optional
    zero : bool

    Returns
    -------
    Chart
    """
    lang, style = about.lang, about.style
    data = display_frame(
        frame, ("scenario", "year", "q50"), QUANTILES, style, chart=name, key=("scenario", "year")
    )
    if set(data["scenario"]) != set(labels):
        message = (
            f'chart "{name}": scenarios {sorted(set(data["scenario"]))} and labels {sorted(labels)} differ.'
        )
        raise PlanError("chart-groups", message, chart=name)
    data = data.sort_values(["scenario", "year"])
    past = None
    if history is not None:
        past = display_frame(
            history, ("year", "value"), ("value",), style, chart=name, key=("year",)
        ).sort_values("year")
    ends = {code: data[data["scenario"] == code].iloc[-1] for code in labels}
    middles = [float(row["q50"]) for row in ends.values()]
    spans = [(row["q10"], row["q90"]) for row in ends.values() if "q10" in data and "q90" in data]
    digits = min(
        (decimals_for(*span) for span in spans),
        default=decimals_for(min(middles), max(middles), max(middles)),
    )
    texts = {code: shown(float(row["q50"]), lang, style, digits) for code, row in ends.items()}
    first, last = int(data["year"].min()), int(data["year"].max())
    colours = colours_for(list(labels))

    def draw(width: float) -> VegaDrawing:
        years = (int(past["year"].min()) if past is not None else first, last)
        values = [*data["q50"], *(past["value"] if past is not None else [])]
        ticks = honest_ticks(min(values), max(values), zero=zero)
        axis_room = max(text_width(shown(v, lang, style, ticks.decimals)) for v in ticks.values) + 8
        most = 190 if width >= 560 else 118
        lines = {code: [*wrap(label, most, bold=True), texts[code]] for code, label in labels.items()}
        for code, parts in lines.items():
            joined = f"{parts[-2]} {parts[-1]}"
            if text_width(joined, bold=True) <= most:
                lines[code] = [*parts[:-2], joined]
        end_room = max(text_width(part, bold=True) for parts in lines.values() for part in parts) + 22
        height = max(300 if width >= 560 else 240, 16.0 * sum(map(len, lines.values())))
        panel = Panel(0, 0, width - axis_room - end_room, height, years, ticks.domain)
        inner, labels_drawn, leaders = [], [], []
        order = list(labels)
        for code in reversed(order):
            rows = data[data["scenario"] == code][["year", "q50"]].to_dict("records")
            inner.append(
                panel.line(
                    rows, "year", "q50", colours[code], dash=dash_for(min(order.index(code), len(SERIES) - 1))
                )
            )
        if past is not None:
            inner.append(
                panel.line(past[["year", "value"]].to_dict("records"), "year", "value", INK, width=2.4)
            )
        codes = list(labels)
        wishes = [panel.py(float(ends[code]["q50"])) for code in codes]
        places = spread(wishes, [15.0 * len(lines[code]) + 2 for code in codes], -8, height + 8)
        for code, wish, place in zip(codes, wishes, places, strict=True):
            end = panel.left + panel.width
            leaders.append({"x": end + 2, "x2": end + 12, "y": wish, "y2": place, "color": colours[code]})
            colour = MUTED if colours[code] == GREY else colours[code]  # grey is too pale for text
            labels_drawn += [
                Label(
                    end + 15,
                    place - 7.5 * (len(lines[code]) - 1) + 15 * index,
                    part,
                    colour,
                    bold=True,
                )
                for index, part in enumerate(lines[code])
            ]
        hair = panel.px(int(past["year"].max()) if past is not None else first)
        counted = [{"x": hair, "x2": hair, "y": -3, "y2": height, "color": GREY}] if past is not None else []
        layers = [
            panel.axes(
                x_values=year_ticks(*years, panel.width),
                y_ticks=ticks,
                y_label=tick_expression(style, lang, ticks.decimals),
                plot_height=height,
            ),
            *rules_layer(counted, width=0.8),
            {"layer": inner},
            *rules_layer(leaders, width=0.8),
        ]
        above = 12.0
        if past is not None:
            text = word("chart.last_count", lang, year=int(past["year"].max()))
            half = text_width(text) / 2
            x = min(max(hair, half), panel.width - half)
            labels_drawn.append(Label(x, -11, text, MUTED, align="center"))
            above = 22.0
        layers += labels_layer(labels_drawn)
        return VegaDrawing(layers, width, height + above + 26, (axis_room, end_room, above, 26), lang)

    top, bottom = max(labels, key=lambda c: ends[c]["q50"]), min(labels, key=lambda c: ends[c]["q50"])
    shared = {"what": about.what, "year": last, "high": texts[top], "low": texts[bottom]}
    shared |= {"high_name": labels[top], "low_name": labels[bottom]}
    finding = title or word("scenarios.finding", lang, **shared)
    listed = "; ".join(f"{labels[code]} {texts[code]}" for code in labels)
    description = word("scenarios.describe", lang, what=about.what, first=first, last=last, listed=listed)
    headings = {**fan_headings(lang), "scenario": word("table.scenario", lang)}
    kept = [column for column in ("scenario", "year", *QUANTILES) if column in data.columns]
    table = (
        data[kept]
        .assign(scenario=data["scenario"].map(dict(labels)))
        .rename(columns=headings)
        .reset_index(drop=True)
    )
    decimals = {headings[column]: max(digits, 0) for column in kept if column.startswith("q")}
    return Chart(name, finding, about.subtitle, description, table, lang, draw, decimals)
