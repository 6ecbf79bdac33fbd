"""How surely a size is known: all that it may be, each value as high as it is likely, the middle eight tenths marked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from framsyn.errors import PlanError
from framsyn.report.figure import About, Chart, VegaDrawing
from framsyn.report.layout import nice_ticks, text_width
from framsyn.report.numbers import decimals_for, number, percent, shown, value_range
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
from framsyn.report.theme import ACCENT, INK, MAIN, MUTED, tint
from framsyn.report.words import word

__all__ = ["size_chart"]

_BARS = 30
_HEIGHT = 150.0
_TAIL = 0.002


def size_chart(
    values: np.ndarray,
    about: About,
    *,
    name: str,
    centre: float | None = None,
    mark: tuple[float, str] | None = None,
) -> Chart:
    """Draw what an uncertain size may be.

    Parameters
    ----------
    values : array, (value,)
        Equally likely values of the size, in the unit shown.
    about : About
        Style ``number``; the unit stands in its words.
    name : str
    centre : float, optional
        Value of the central run, the median of each part; the median of the values if left out.
    mark : tuple of float and str, optional
        A value to compare with and its label, such as what others have.

    Returns
    -------
    Chart
    """
    lang = about.lang
    data = np.sort(np.asarray(values, dtype=float))
    if data.size < 100 or not np.isfinite(data).all() or not data[0] < data[-1]:
        message = (
            f'chart "{name}": {data.size} values without spread; expected a hundred or more that differ.'
        )
        raise PlanError("chart-no-spread", message, chart=name, got=int(data.size))
    low, middle, high = (float(x) for x in np.quantile(data, (0.1, 0.5, 0.9)))
    middle = middle if centre is None else centre
    digits = max(decimals_for(low, high, middle), 0)
    first, last = (float(x) for x in np.quantile(data, (_TAIL, 1 - _TAIL)))
    counts, edges = np.histogram(data[(data >= first) & (data <= last)], bins=_BARS, range=(first, last))
    shares = counts / data.size

    def write(value: float) -> str:
        return number(value, lang, digits)

    def draw(width: float) -> VegaDrawing:
        marks = (first, last) if mark is None else (min(first, mark[0]), max(last, mark[0]))
        ticks = nice_ticks(*marks, 6 if width >= 560 else 4)
        side = max(text_width(shown(v, lang, about.style, ticks.decimals)) for v in ticks.values) / 2 + 2
        panel = Panel(0, 0, width - 2 * side, _HEIGHT, ticks.domain, (0.0, float(shares.max()) * 1.05))
        rects = []
        for share, left, right in zip(shares, edges[:-1], edges[1:], strict=True):
            inside = low <= (left + right) / 2 <= high
            colour = tint(MAIN, 0.7 if inside else 0.25)
            rects.append(
                {
                    "x": panel.px(left) + 0.5,
                    "x2": panel.px(right) - 0.5,
                    "y": panel.py(share),
                    "y2": _HEIGHT,
                    "color": colour,
                    "stroke": colour,
                }
            )
        where = panel.px(middle)
        said = write(middle)
        room = text_width(said, bold=True) / 2
        labels = [
            Label(min(max(where, room), panel.width - room), -9, said, INK, "center", bold=True, halo=True)
        ]
        rules = [{"x": where, "x2": where, "y": 0.0, "y2": _HEIGHT, "color": INK}]
        dashed = []
        if mark is not None:
            x = panel.px(mark[0])
            half = text_width(mark[1]) / 2
            dashed = [{"x": x, "x2": x, "y": 0.0, "y2": _HEIGHT, "color": ACCENT}]
            labels.append(
                Label(min(max(x, half), panel.width - half), -25, mark[1], ACCENT, "center", halo=True)
            )
        items = [
            KeyItem("patch", word("size.inside", lang), tint(MAIN, 0.7)),
            KeyItem("patch", word("size.outside", lang), tint(MAIN, 0.25)),
            KeyItem("line", word("size.middle", lang), INK),
        ]
        top = 36.0 if mark is not None else 22.0
        key, key_height = key_row(items, -side, width - side, -top - 4)
        axis = panel.axes(
            x_values=ticks.values,
            x_label=tick_expression(about.style, lang, ticks.decimals),
            plot_height=_HEIGHT,
            x_grid=False,
        )
        base = {"x": 0.0, "x2": panel.width, "y": _HEIGHT, "y2": _HEIGHT, "color": MUTED}
        layers = [
            axis,
            *key,
            *rects_layer(rects),
            *rules_layer([base], width=1),
            *rules_layer(rules, width=1.6),
        ]
        layers += rules_layer(dashed, width=1.6, dash=[5, 3]) + labels_layer(labels)
        above = key_height + top + 4
        return VegaDrawing(layers, width, _HEIGHT + above + 26, (side, side, above, 26), lang)

    told = {
        "what": about.what,
        "unit": sign_of(about.unit, lang),
        "low": write(low),
        "high": write(high),
        "range": value_range(write(low), write(high), lang),
        "middle": write(middle),
    }
    described = word("size.describe", lang, **told, first=write(first), last=write(last))
    if mark is not None:
        described += f" {mark[1]}."
    headings = [word(f"size.{key}", lang) for key in ("share_below", "value")]
    levels = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
    table = pd.DataFrame(
        {headings[0]: [level * 100 for level in levels], headings[1]: np.quantile(data, levels).tolist()}
    )
    title = word("size.finding", lang, **told)
    decimals = {headings[0]: 0, headings[1]: max(digits, 1)}
    return Chart(name, title, about.subtitle, described, table, lang, draw, decimals)


def sign_of(unit: str, lang: str) -> str:
    """Return a unit with the space that parts it from a number.

    >>> sign_of("%", "en"), sign_of("years", "en")
    ('%', ' years')
    """
    if unit == "%":
        return percent(0.0, lang).removeprefix("0")
    return f" {unit}" if unit else ""
