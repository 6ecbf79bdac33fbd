"""Charts of people and of how well they were foreseen: the population pyramid and the calibration dots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from framsyn.errors import PlanError
from framsyn.report.figure import About, Chart, VegaDrawing
from framsyn.report.frames import display_frame
from framsyn.report.layout import nice_ticks, text_width
from framsyn.report.numbers import number, shown
from framsyn.report.panels import (
    KeyItem,
    Label,
    Panel,
    key_row,
    labels_layer,
    marks_layer,
    rects_layer,
    rules_layer,
    tick_expression,
)
from framsyn.report.theme import ACCENT, GREY, INK, MAIN, MUTED, PAPER, tint
from framsyn.report.words import join, word

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["calibration", "population_pyramid"]

_BAND = 5
_OPEN_AGE = 95
_OLD_AGE = 65


def population_pyramid(
    frame: pd.DataFrame, about: About, *, name: str, years: tuple[int, int], title: str | None = None
) -> Chart:
    """Draw the population by five-year ages and sex: the base year as bars, the later year as an outline.

    Parameters
    ----------
    frame : DataFrame
        Columns year, sex ("male", "female"), age (single years, or first ages of five-year groups), q50 (persons);
        with q10 and q90 for five-year ages (or single ages of the later year left out) the outline has a band.
    about : About
    name : str
    years : tuple of int
        Base year and later year.
    title : str, optional

    Notes
    -----
    Quantiles of single ages do not add up to quantiles of groups, so a band is drawn only where the frame already
    comes in groups of five years.
    """
    lang = about.lang
    data = display_frame(
        frame,
        ("year", "sex", "age", "q50"),
        ("q10", "q50", "q90"),
        "number",
        chart=name,
        key=("year", "sex", "age"),
    )
    lacking = [
        f"{year} {sex}"
        for year in years
        for sex in ("male", "female")
        if data[(data["year"] == year) & (data["sex"] == sex)].empty
    ]
    if lacking:
        message = f'chart "{name}": no rows for {", ".join(lacking)}; expected both sexes in both years.'
        raise PlanError("pyramid-years", message, chart=name, missing=lacking)
    grouped = bool((data["age"] % _BAND == 0).all())
    with_band = grouped and {"q10", "q90"} <= set(data.columns) and int(data["age"].max()) <= _OPEN_AGE
    data = data[data["year"].isin(years)].assign(
        group=np.minimum(data["age"] // _BAND * _BAND, _OPEN_AGE).astype(int)
    )
    columns = ["q10", "q50", "q90"] if with_band else ["q50"]
    groups = data.groupby(["year", "sex", "group"])[columns].sum()
    ages = sorted(data["group"].unique())
    totals = {year: float(groups.loc[year]["q50"].sum()) for year in years}
    old = data[data["age"] >= _OLD_AGE].groupby("year")["q50"].sum()
    shares = {year: shown(float(old.get(year, 0.0)) / totals[year] * 100, lang, "percent") for year in years}

    known = {column: groups[column].to_dict() for column in columns}

    def value(year: int, sex: str, age: int, column: str = "q50") -> float:
        return float(known[column].get((year, sex, age), 0.0))

    def text_of(age: int) -> str:
        return word("pyramid.older", lang, age=age) if age == _OPEN_AGE else f"{age}–{age + _BAND - 1}"

    def draw(width: float) -> VegaDrawing:
        row = 15.0
        height = row * len(ages)
        largest = max(
            value(y, s, a, c) for y in years for s in ("male", "female") for a in ages for c in columns
        )
        ticks = nice_ticks(0.0, largest, 3 if width >= 560 else 2)
        reach = largest * 1.04
        shown_ticks = [tick for tick in ticks.values if tick <= reach]
        left = max(text_width(text_of(age)) for age in ages) + 12
        right = 22.0
        panel = Panel(0, 0, width - left - right, height, (-reach, reach))
        rects, bands, drawn = [], [], []
        outline: dict[str, list[Any]] = {"male": [], "female": []}
        for place, age in enumerate(ages):
            top = height - row * (place + 1)
            every = row >= 14 or place % 2 == 0
            drawn += [Label(-8, top + row / 2, text_of(age), MUTED, "right")] if every else []
            for sex, sign in (("male", -1), ("female", 1)):
                x, x2 = sorted((panel.px(0.0), panel.px(sign * value(years[0], sex, age))))
                rects.append(
                    {
                        "x": x,
                        "x2": x2,
                        "y": top + 0.75,
                        "y2": top + row - 0.75,
                        "color": "#d5dbde",
                        "stroke": "#d5dbde",
                    }
                )
                tip = panel.px(sign * value(years[1], sex, age))
                outline[sex] += [{"x": tip, "x2": tip, "y": top, "y2": top + row, "color": MAIN}]
                if place:
                    below = panel.px(sign * value(years[1], sex, ages[place - 1]))
                    outline[sex].append(
                        {"x": below, "x2": tip, "y": top + row, "y2": top + row, "color": MAIN}
                    )
                if with_band:
                    ends = sorted(
                        panel.px(sign * value(years[1], sex, age, column)) for column in ("q10", "q90")
                    )
                    bands.append(
                        {
                            "x": ends[0],
                            "x2": ends[1],
                            "y": top + 0.75,
                            "y2": top + row - 0.75,
                            "color": tint(MAIN, 0.3),
                            "stroke": "transparent",
                        }
                    )
        middle = panel.px(0.0)
        drawn += [
            Label(middle - 10, -10, word("pyramid.men", lang), INK, "right", bold=True),
            Label(middle + 10, -10, word("pyramid.women", lang), INK, bold=True),
        ]
        items = [KeyItem("patch", str(years[0]), "#d5dbde"), KeyItem("line", str(years[1]), MAIN)]
        if with_band:
            items.append(KeyItem("patch", word("pyramid.interval", lang, year=years[1]), tint(MAIN, 0.3)))
        key, key_height = key_row(items, -left, width - left, -24)
        values = sorted({-tick for tick in shown_ticks} | set(shown_ticks))
        axis = panel.axes(
            x_values=values,
            x_label=tick_expression("number", lang, 0, absolute=True),
            plot_height=height,
            x_grid=True,
        )
        layers = [axis, *key, *rects_layer(rects), *rects_layer(bands)]
        layers += rules_layer(outline["male"] + outline["female"], width=2)
        layers += rules_layer([{"x": middle, "x2": middle, "y": 0, "y2": height, "color": PAPER}], width=1.5)
        layers += labels_layer(drawn)
        above = key_height + 28
        return VegaDrawing(layers, width, height + above + 26, (left, right, above, 26), lang)

    growth = {}
    for age in ages:
        before, after = (sum(value(year, sex, age) for sex in ("male", "female")) for year in years)
        growth[age] = after / before - 1 if before else 0.0
    fastest = max(growth, key=lambda age: growth[age])
    shared = {"first": years[0], "last": years[1], "share": shares[years[1]], "before": shares[years[0]]}
    description = word(
        "pyramid.describe",
        lang,
        **shared,
        total_first=number(totals[years[0]], lang, 0),
        total_last=number(totals[years[1]], lang, -2),
        group=text_of(fastest),
        change=shown(growth[fastest] * 100, lang, "percent", signed=True),
    )
    sexes = {"male": word("pyramid.men", lang), "female": word("pyramid.women", lang)}
    table = groups["q50"].unstack(["year", "sex"]).fillna(0.0)
    wide = {
        f"{sexes[sex]} {year}": table[(year, sex)].to_numpy() for year in years for sex in ("male", "female")
    }
    twin = pd.DataFrame({word("table.age", lang): [text_of(age) for age in table.index], **wide})
    finding = title or word("pyramid.finding", lang, **shared)
    return Chart(name, finding, about.subtitle, description, twin, lang, draw, dict.fromkeys(wide, 0))


def calibration(
    frame: pd.DataFrame,
    about: About,
    *,
    name: str,
    labels: Mapping[str, str],
    title: str | None = None,
) -> Chart:
    """Draw, for each area, the projected interval and what came, relative to the projected median.

    An area inside its interval is a filled circle; one outside is a larger diamond with its name in bold.

    Parameters
    ----------
    frame : DataFrame
        Columns area, low, median, high (of the projection), actual; medians above zero.
    about : About
    name : str
    labels : mapping
        Area code → name.
    title : str, optional
    """
    lang = about.lang
    values = ("low", "median", "high", "actual")
    data = display_frame(frame, ("area", *values), values, "number", chart=name, key=("area",))
    unnamed = sorted(set(map(str, data["area"])) - set(labels))
    if unnamed or (data["median"] <= 0).any():
        message = f'chart "{name}": areas without a name: {", ".join(unnamed) or "none"}; medians must be above zero.'
        raise PlanError("calibration-areas", message, chart=name, areas=unnamed)
    relative = data.assign(
        **{column: (data[column] / data["median"] - 1) * 100 for column in ("low", "high", "actual")},
        place=data["area"].astype(str).map(dict(labels)),
        inside=(data["actual"] >= data["low"]) & (data["actual"] <= data["high"]),
    ).sort_values("actual", ascending=False, kind="stable")
    rows: list[Any] = list(relative.itertuples())

    def draw(width: float) -> VegaDrawing:
        columns = 2 if width >= 560 and len(rows) > 24 else 1
        per = -(-len(rows) // columns)
        step = 17.0
        height = step * per
        room = max(text_width(row.place, bold=not row.inside) for row in rows) + 10
        ticks = nice_ticks(
            float(relative[["low", "actual"]].min().min()), float(relative[["high", "actual"]].max().max()), 4
        )
        span = (width - columns * room - 16 - (columns - 1) * 24) / columns
        intervals: list[Any] = []
        inner: list[Any] = []
        missed: list[Any] = []
        drawn, layers, zeros = [], [], []
        for column in range(columns):
            panel = Panel(column * (span + room + 24), 0, span, height, ticks.domain)
            label = tick_expression("percent", lang, ticks.decimals)
            thinned = ticks.values if span / len(ticks.values) > 44 else ticks.values[::2]
            layers.append(panel.axes(x_values=thinned, x_label=label, plot_height=height, x_grid=True))
            zero = panel.px(0.0)
            zeros.append({"x": zero, "x2": zero, "y": 0, "y2": height, "color": GREY})
            for place, row in enumerate(rows[column * per : (column + 1) * per]):
                y = step * (place + 0.5)
                intervals.append(
                    {
                        "x": panel.px(row.low),
                        "x2": panel.px(row.high),
                        "y": y,
                        "y2": y,
                        "color": tint(MAIN, 0.35),
                    }
                )
                colour, shape = (MAIN, "circle") if row.inside else (ACCENT, "diamond")
                dot = {"x": panel.px(row.actual), "y": y, "color": colour, "stroke": PAPER, "shape": shape}
                (inner if row.inside else missed).append(dot)
                drawn.append(
                    Label(
                        panel.left - 8,
                        y,
                        row.place,
                        MUTED if row.inside else INK,
                        "right",
                        bold=not row.inside,
                    )
                )
        items = [
            KeyItem("patch", word("calibration.band", lang), tint(MAIN, 0.35)),
            KeyItem("point", word("calibration.covered", lang), MAIN, "circle"),
            KeyItem("point", word("calibration.missed", lang), ACCENT, "diamond"),
        ]
        key, key_height = key_row(items, -room, width - room, -8)
        layers += [*key, *rules_layer(zeros), *rules_layer(intervals, width=6), *marks_layer(inner, size=50)]
        layers += marks_layer(missed, size=110) + labels_layer(drawn)
        above = key_height + 12
        return VegaDrawing(layers, width, height + above + 26, (room, 16, above, 26), lang)

    covered = int(relative["inside"].sum())
    above = [row.place for row in rows if not row.inside and row.actual > row.high]
    below = [row.place for row in reversed(rows) if not row.inside and row.actual < row.low]
    misses = " ".join(
        word(f"calibration.{side}", lang, names=join(names, lang))
        for side, names in (("above", above), ("below", below))
        if names
    )
    counts = {"covered": covered, "total": len(rows)}
    description = word(
        "calibration.describe",
        lang,
        what=about.what,
        **counts,
        misses=misses or word("calibration.none", lang),
    )
    answer = {True: word("table.yes", lang), False: word("table.no", lang)}
    headings = {
        "place": word("table.municipality", lang),
        "low": word("table.low", lang),
        "median": word("table.median", lang),
        "high": word("table.high", lang),
        "actual": word("table.actual", lang),
        "inside": word("table.inside", lang),
    }
    table = data.assign(place=relative["place"], inside=relative["inside"].map(answer)).loc[relative.index]
    table = table[list(headings)].rename(columns=headings).reset_index(drop=True)
    decimals = {headings[column]: 0 for column in values}
    finding = title or word("calibration.finding", lang, **counts)
    return Chart(name, finding, about.subtitle, description, table, lang, draw, decimals)
