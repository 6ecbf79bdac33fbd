"""Bars with intervals: what drives the uncertainty, and which professions lack how many."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.report.figure import About, Chart, VegaDrawing
from framsyn.report.frames import display_frame
from framsyn.report.layout import nice_ticks, text_width
from framsyn.report.numbers import decimals_for, display_factor, number, shown, value_range
from framsyn.report.panels import (
    KeyItem,
    Label,
    Panel,
    key_row,
    labels_layer,
    rects_layer,
    rules_layer,
    tick_expression,
)
from framsyn.report.rows import RowPlan, shared_decimals, whisker
from framsyn.report.theme import INK, MAIN, MUTED, tint
from framsyn.report.words import word

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from framsyn.report.numbers import Style

__all__ = ["Bar", "bars_of", "grouped_bars", "ranking"]


def ranking(
    frame: pd.DataFrame,
    about: About,
    *,
    name: str,
    title: str | None = None,
    most: int = 12,
) -> Chart:
    """Draw bars from largest to smallest, each with its interval (Sobol shares, for instance).

    Parameters
    ----------
    frame : DataFrame
        Columns label, value, and low and high where there is an interval.
    about : About
    name : str
    title : str, optional
    most : int
        Rows drawn; the table holds all.
    """
    lang, style = about.lang, about.style
    columns = [column for column in ("value", "low", "high") if column in frame.columns]
    data = display_frame(
        frame, ("label", "value"), ("value", "low", "high"), style, chart=name, key=("label",)
    )
    data = data.sort_values("value", ascending=False, kind="stable").reset_index(drop=True)
    rows = data.head(most)
    with_interval = "low" in data and "high" in data
    digits = (
        min(decimals_for(row.low, row.high, row.value) for row in rows.itertuples())
        if with_interval
        else shared_decimals(rows["value"].tolist())
    )
    texts = []
    for row in rows.itertuples():
        text = shown(row.value, lang, style, digits)
        if with_interval:
            text += f" ({value_range(number(row.low, lang, digits), number(row.high, lang, digits), lang)})"
        texts.append(text)

    def draw(width: float) -> VegaDrawing:
        bar = 18.0
        plan = RowPlan.of(rows["label"].tolist(), width, bar, 12.0)
        room = max(map(text_width, texts)) + 14
        top_value = float(rows["high"].max() if with_interval else rows["value"].max())
        ticks = nice_ticks(min(0.0, float(rows[columns].min().min())), top_value, 4 if width >= 560 else 3)
        panel = Panel(0, 0, width - plan.room - room, plan.height, ticks.domain)
        rects, whiskers, labels = [], [], plan.labels(bar)
        for row, top, text in zip(rows.itertuples(), plan.bar_tops, texts, strict=True):
            low, high = sorted((panel.px(0.0), panel.px(row.value)))
            rects.append(
                {
                    "x": low,
                    "x2": high,
                    "y": top,
                    "y2": top + bar,
                    "color": tint(MAIN, 0.55),
                    "stroke": tint(MAIN, 0.55),
                }
            )
            reach = max(high, panel.px(row.high)) if with_interval else high
            if with_interval:
                whiskers += whisker(panel.px(row.low), panel.px(row.high), top + bar / 2)
            labels.append(Label(reach + 8, top + bar / 2, text, INK, halo=True))
        items = [KeyItem("patch", word("ranking.bar", lang), tint(MAIN, 0.55))]
        key, key_height = key_row(
            [*items, KeyItem("line", word("ranking.interval", lang), INK)], -plan.room, width, -10
        )
        key, key_height = (key, key_height) if with_interval else ([], 0.0)
        axis = panel.axes(
            x_values=ticks.values,
            x_label=tick_expression(style, lang, ticks.decimals),
            plot_height=plan.height,
            x_grid=True,
        )
        zero = panel.px(0.0)
        layers = [axis, *key, *rects_layer(rects), *rules_layer(whiskers, width=1.4)]
        layers += rules_layer(plan.zero_line(zero, bar))
        layers += labels_layer(labels)
        above = key_height + 14
        return VegaDrawing(layers, width, plan.height + above + 26, (plan.room, room, above, 26), lang)

    finding = title or word(
        "ranking.finding", lang, name=rows["label"].iloc[0], value=texts[0].split(" (")[0]
    )
    listed = "; ".join(f"{label} {text}" for label, text in zip(rows["label"], texts, strict=True))
    description = word("ranking.describe", lang, what=about.what, listed=listed)
    headings = {
        key: word(f"table.{text}", lang)
        for key, text in (("label", "driver"), ("value", "value"), ("low", "low"), ("high", "high"))
    }
    table = data[["label", *columns]].rename(columns=headings)
    decimals = {headings[column]: max(digits, 0) for column in columns}
    return Chart(name, finding, about.subtitle, description, table, lang, draw, decimals)


def grouped_bars(
    frame: pd.DataFrame,
    about: About,
    *,
    name: str,
    labels: Mapping[str, str],
    series: Mapping[str, str],
    title: str | None = None,
    sides: tuple[str, str] | None = None,
    row_heading: str = "profession",
) -> Chart:
    """Draw bars with intervals by row (profession) and series (year or scenario), such as the gap in FTE.

    Parameters
    ----------
    frame : DataFrame
        Columns row, series, q10, q50, q90.
    about : About
    name : str
    labels : mapping
        Row code → name; its order is the order of the rows.
    series : mapping
        Series code → name, at most three; the last is drawn darkest.
    title : str, optional
    sides : tuple of str, optional
        Words for the negative and the positive side of zero ("surplus", "short of").
    row_heading : str
        Key in the words' ``table`` for the first column of the table.
    """
    quantiles = ("q10", "q50", "q90")
    key = ("row", "series")
    data = display_frame(frame, (*key, *quantiles), quantiles, about.style, chart=name, key=key)
    bars = {(str(row.row), str(row.series)): (row.q10, row.q50, row.q90) for row in data.itertuples()}
    return _draw_bars(bars, about, name, labels, series, title, sides, row_heading, {})


Bar = tuple[float, float, float]
"""10 % quantile, median and 90 % quantile."""


def bars_of(
    bars: Mapping[tuple[str, str], Bar],
    about: About,
    *,
    name: str,
    labels: Mapping[str, str],
    series: Mapping[str, str],
    title: str | None = None,
    sides: tuple[str, str] | None = None,
    row_heading: str = "profession",
    fills: Mapping[str, str] | None = None,
) -> Chart:
    """Draw the bars of :func:`grouped_bars` from numbers at hand.

    Parameters
    ----------
    bars : mapping
        (row, series) → :data:`Bar` in the unit of the style.
    about, name, labels, series, title, sides, row_heading
        As there.
    fills : mapping, optional
        Series → colour, where they are not steps of one.
    """
    factor = display_factor(about.style)
    scaled = {
        key: (low * factor, middle * factor, high * factor) for key, (low, middle, high) in bars.items()
    }
    if not all(math.isfinite(value) for bar in scaled.values() for value in bar):
        message = f'chart "{name}": a bar holds missing or infinite values; leave such rows out.'
        raise PlanError("chart-missing-value", message, chart=name)
    return _draw_bars(scaled, about, name, labels, series, title, sides, row_heading, fills or {})


@dataclass(frozen=True)
class _Cell:
    q10: float
    q50: float
    q90: float


def _draw_bars(
    bars: Mapping[tuple[str, str], Bar],
    about: About,
    name: str,
    labels: Mapping[str, str],
    series: Mapping[str, str],
    title: str | None,
    sides: tuple[str, str] | None,
    row_heading: str,
    colours: Mapping[str, str],
) -> Chart:
    lang, style = about.lang, about.style
    cells = {key: _Cell(*bar) for key, bar in bars.items()}
    wanted = [(row, one) for row in labels for one in series]
    if set(cells) != set(wanted) or len(series) > 3:
        message = (
            f'chart "{name}": {len(cells)} bars for {len(labels)} rows × {len(series)} series; '
            "expected each pair once and at most three series."
        )
        raise PlanError("chart-groups", message, chart=name, missing=sorted(set(wanted) ^ set(cells)))
    # One precision for the chart, the coarsest that the widest interval allows, so that rows compare.
    digits = min(decimals_for(cell.q10, cell.q90, cell.q50) for cell in cells.values())
    signed = any(cell.q50 < 0 for cell in cells.values())
    texts = {key: shown(cell.q50, lang, style, digits, signed=signed) for key, cell in cells.items()}
    shares = {1: (1.0,), 2: (0.42, 1.0), 3: (0.3, 0.6, 1.0)}[len(series)]
    fills = {one: colours.get(one, tint(MAIN, share)) for one, share in zip(series, shares, strict=True)}

    def draw(width: float) -> VegaDrawing:
        thick = 15.0
        block = thick * len(series) + 2 * (len(series) - 1)
        plan = RowPlan.of(list(labels.values()), width, block, 14.0)
        low = min(0.0, *(cell.q10 for cell in cells.values()))
        high = max(0.0, *(cell.q90 for cell in cells.values()))
        ticks = nice_ticks(low, high, 5 if width >= 560 else 3)
        room = max(map(text_width, texts.values())) + 14
        inset = room if low < 0 else 0.0
        panel = Panel(inset, 0, width - plan.room - room - inset, plan.height, ticks.domain)
        rects, whiskers, drawn = [], [], plan.labels(block)
        for row, top in zip(labels, plan.bar_tops, strict=True):
            for place, one in enumerate(series):
                cell, y = cells[(row, one)], top + place * (thick + 2)
                start, stop = sorted((panel.px(0.0), panel.px(cell.q50)))
                rects.append(
                    {
                        "x": start,
                        "x2": stop,
                        "y": y,
                        "y2": y + thick,
                        "color": fills[one],
                        "stroke": fills[one],
                    }
                )
                whiskers += whisker(panel.px(cell.q10), panel.px(cell.q90), y + thick / 2)
                if cell.q50 >= 0:
                    x, align = max(panel.px(cell.q90), panel.px(0.0)) + 7, "left"
                else:
                    x, align = min(panel.px(cell.q10), panel.px(0.0)) - 7, "right"
                drawn.append(Label(x, y + thick / 2, texts[(row, one)], INK, align, halo=True))
        items = [KeyItem("patch", series[one], fills[one]) for one in series]
        items.append(KeyItem("line", word("ranking.interval", lang), INK))
        head = 18.0 if sides else 0.0
        zero = panel.px(0.0)
        if sides:
            drawn.append(Label(zero + 6, -9, sides[1], MUTED))
            if low < 0:
                drawn.append(Label(zero - 6, -9, sides[0], MUTED, "right"))
        key, key_height = key_row(items, -plan.room, width - plan.room, -10 - head)
        axis = panel.axes(
            x_values=ticks.values,
            x_label=tick_expression(style, lang, ticks.decimals),
            plot_height=plan.height,
            x_grid=True,
        )
        layers = [axis, *key, *rects_layer(rects), *rules_layer(whiskers, width=1.2)]
        layers += rules_layer(plan.zero_line(zero, block, head))
        layers += labels_layer(drawn)
        above = key_height + head + 14
        return VegaDrawing(layers, width, plan.height + above + 26, (plan.room, room, above, 26), lang)

    final = list(series)[-1]
    top = max(labels, key=lambda row: cells[(row, final)].q50)
    shared = {"what": about.what, "series": series[final]}
    finding = title or word(
        "professions.finding", lang, **shared, name=labels[top].lower(), value=texts[(top, final)]
    )
    listed = "; ".join(
        f"{labels[row]} {_interval_text(cells[(row, final)], lang, style, digits, signed=signed)}"
        for row in labels
    )
    description = word("professions.describe", lang, **shared, listed=listed)
    quantiles = ("q10", "q50", "q90")
    headings = {"q10": word("table.low", lang), "q50": word("table.median", lang)}
    headings["q90"] = word("table.high", lang)
    table: dict[str, list[Any]] = {
        word(f"table.{row_heading}", lang): [labels[row] for row, _ in wanted],
        word("table.series", lang): [series[one] for _, one in wanted],
    }
    table |= {headings[key]: [getattr(cells[pair], key) for pair in wanted] for key in quantiles}
    decimals = {headings[quantile]: max(digits, 0) for quantile in quantiles}
    return Chart(name, finding, about.subtitle, description, table, lang, draw, decimals)


def _interval_text(cell: Any, lang: str, style: Style, digits: int, *, signed: bool) -> str:
    low, high = (number(value, lang, digits, signed=signed) for value in (cell.q10, cell.q90))
    return f"{shown(cell.q50, lang, style, digits, signed=signed)} ({value_range(low, high, lang)})"
