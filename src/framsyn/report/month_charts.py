"""The months of a year as bars, one of them in focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framsyn.errors import PlanError
from framsyn.report.figure import About, Chart, VegaDrawing
from framsyn.report.layout import nice_ticks, text_width
from framsyn.report.numbers import decimals_for, number, shown
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
from framsyn.report.theme import ACCENT, INK, MAIN, MUTED, month_names, tint
from framsyn.report.words import word

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["month_bars"]

_MONTHS = 12


def month_bars(
    low: Sequence[float],
    median: Sequence[float],
    high: Sequence[float],
    about: About,
    *,
    name: str,
    year: int,
    focus: int,
    level: float | None = None,
) -> Chart:
    """Draw a quantity month by month with its interval.

    Parameters
    ----------
    low, median, high : sequence of float, (12)
        10 % quantile, median and 90 % quantile of each month, in the unit of the style ``number``.
    about : About
    name : str
    year : int
    focus : int
        Month on view, 1–12; darker than the others and with its number above.
    level : float, optional
        What there is today; a dashed line.

    Returns
    -------
    Chart
    """
    if len({len(low), len(median), len(high), _MONTHS}) > 1 or not 1 <= focus <= _MONTHS:
        message = (
            f'chart "{name}": {len(median)} months and month {focus} on view; expected twelve months and one of '
            "1–12. Give one value a month."
        )
        raise PlanError("chart-months", message, chart=name, got=[len(low), len(median), len(high), focus])
    lang = about.lang
    lows, middles, highs = ([float(value) for value in values] for values in (low, median, high))
    here = focus - 1
    digits = decimals_for(lows[here], highs[here], middles[here])
    months = month_names(lang)

    def write(value: float) -> str:
        return number(value, lang, digits)

    def draw(width: float) -> VegaDrawing:
        height = 220.0
        ticks = nice_ticks(0.0, max(*highs, level or 0.0))
        axis_room = max(text_width(shown(v, lang, about.style, ticks.decimals)) for v in ticks.values) + 8
        today = word("explorer.today", lang, value=number(level, lang)) if level is not None else ""
        end_room = text_width(today) + 12 if today else 6.0
        panel = Panel(0, 0, width - axis_room - end_room, height, (0.5, 12.5), ticks.domain)
        step = panel.width / _MONTHS
        letters = 3 if step >= text_width("mmm") else 1
        rects, whiskers, labels = [], [], []
        for month in range(_MONTHS):
            x = panel.px(month + 1)
            fill = MAIN if month == here else tint(MAIN, 0.35)
            edges = {"x": x - step * 0.36, "x2": x + step * 0.36, "y": panel.py(middles[month]), "y2": height}
            rects.append({**edges, "color": fill, "stroke": "transparent"})
            bottom, top = panel.py(lows[month]), panel.py(highs[month])
            whiskers.append({"x": x, "x2": x, "y": top, "y2": bottom, "color": INK})
            whiskers += [
                {"x": x - 3, "x2": x + 3, "y": end, "y2": end, "color": INK} for end in (top, bottom)
            ]
            bold = month == here
            labels.append(
                Label(x, height + 13, months[month][:letters], INK if bold else MUTED, "center", bold=bold)
            )
        said = write(middles[here])
        place = max(text_width(said, bold=True) / 2, panel.px(focus))
        labels.append(Label(place, panel.py(highs[here]) - 9, said, MAIN, "center", bold=True, halo=True))
        dashed = []
        if level is not None:
            y = panel.py(level)
            dashed = [{"x": 0.0, "x2": panel.width, "y": y, "y2": y, "color": ACCENT}]
            labels.append(Label(panel.width + 8, y, today, ACCENT))
        items = [
            KeyItem("patch", word("chart.median", lang), MAIN),
            KeyItem("line", word("ranking.interval", lang), INK),
        ]
        key, key_height = key_row(items, -axis_room, width - axis_room, -14)
        axes = panel.axes(
            y_ticks=ticks,
            y_label=tick_expression(about.style, lang, ticks.decimals),
            plot_height=height,
        )
        layers = [axes, *key, *rects_layer(rects), *rules_layer(whiskers, width=1.2)]
        layers += rules_layer(dashed, width=1.6, dash=[5, 3]) + labels_layer(labels)
        above = key_height + 18
        return VegaDrawing(layers, width, height + above + 26, (axis_room, end_room, above, 26), lang)

    by_size = sorted(range(_MONTHS), key=lambda month: middles[month])
    told = {"what": about.what, "year": year}
    title = word(
        "explorer.months_title",
        lang,
        **told,
        month=months[here],
        value=write(middles[here]),
        low=write(lows[here]),
        high=write(highs[here]),
        most=months[by_size[-1]],
        least=months[by_size[0]],
    )
    listed = "; ".join(f"{month} {write(value)}" for month, value in zip(months, middles, strict=True))
    described = word("explorer.months_listed", lang, **told, listed=listed)
    if level is not None:
        described += f" {word('explorer.today', lang, value=number(level, lang))}."
    headings = [word(f"table.{key}", lang) for key in ("low", "median", "high")]
    table = {word("explorer.month", lang): months, **dict(zip(headings, (lows, middles, highs), strict=True))}
    decimals = dict.fromkeys(headings, max(digits, 0))
    return Chart(name, title, about.subtitle, described, table, lang, draw, decimals)
