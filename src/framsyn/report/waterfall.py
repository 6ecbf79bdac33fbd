"""The waterfall: how effects lead from one level to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from framsyn.errors import PlanError
from framsyn.report.figure import About, Chart, VegaDrawing
from framsyn.report.frames import display_frame
from framsyn.report.layout import nice_ticks, text_width
from framsyn.report.numbers import shown
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
from framsyn.report.rows import RowPlan, shared_decimals
from framsyn.report.theme import GREY, INK, MAIN, MUTED, PAPER
from framsyn.report.words import word

if TYPE_CHECKING:
    pass

__all__ = ["waterfall"]


def waterfall(
    frame: pd.DataFrame,
    about: About,
    *,
    name: str,
    start: tuple[str, float],
    end: tuple[str, float],
    title: str | None = None,
    from_zero: bool = True,
) -> Chart:
    """Draw how effects lead from one level to another, row by row.

    An increase is a filled bar with its sign and an arrow head to the right, a decrease a hollow one with its sign and
    an arrow head to the left, so that colour carries nothing alone.

    Parameters
    ----------
    frame : DataFrame
        Columns label, effect, in the order of the rows.
    about : About
    name : str
    start, end : tuple of str and float
        Word and level of the first and the last bar. start + effects must be end.
    title : str, optional
    from_zero : bool
        False shows the change only: the scale starts at the start level, which has no bar of its own.

    Raises
    ------
    PlanError
        Where the effects do not add up to the change, within one part in a million of the level.
    """
    lang, style = about.lang, about.style
    data = display_frame(frame, ("label", "effect"), ("effect",), style, chart=name, key=("label",))
    factor = {"number": 1.0, "percent": 100.0, "money": 1e-3}[style]
    first, last = start[1] * factor, end[1] * factor
    effects = data["effect"].tolist()
    if abs(first + sum(effects) - last) > 1e-6 * max(abs(first), abs(last), 1e-12):
        message = (
            f'chart "{name}": {start[1]} plus effects of {sum(frame["effect"])} is not {end[1]}; '
            "expected effects that add up. Give the rest as a row of its own."
        )
        raise PlanError("waterfall-sum", message, chart=name, got=first + sum(effects), expected=last)
    decimals = shared_decimals(effects)
    names = [start[0], *data["label"], end[0]]
    signed = [shown(effect, lang, style, decimals, signed=True) for effect in effects]
    first_text, last_text = (
        shown(level, lang, style, min(decimals, max(0, decimals))) for level in (first, last)
    )
    change_text = shown(last - first, lang, style, decimals, signed=True)

    def draw(width: float) -> VegaDrawing:
        bar = 20.0
        plan = RowPlan.of(names, width, bar)
        levels = [first]
        for effect in effects:
            levels.append(levels[-1] + effect)
        base = 0.0 if from_zero else first
        ends_text = last_text if from_zero else f"{change_text} → {last_text}"
        room = max(text_width(text, bold=True) for text in (*signed, first_text, ends_text)) + 20
        left = plan.room
        span = (min(base, *levels), max(base, *levels))
        if span[1] <= span[0]:  # nothing changes: a line in the middle
            reach = abs(span[0]) * 0.1 or 1.0
            span = (span[0] - reach, span[0] + reach)
        ticks = nice_ticks(*span, 4 if width >= 560 else 3)
        # A falling effect writes to its left: where one ends at the left edge, the edge moves in.
        inset = (
            room
            if any(
                effect < 0 and level < span[0] + 0.1 * (span[1] - span[0])
                for effect, level in zip(effects, levels[1:], strict=True)
            )
            else 0.0
        )
        panel = Panel(inset, 0, width - left - room - inset, plan.height, span)
        marked = [value for value in ticks.values if span[0] <= value <= span[1]]
        rects, arrows, connectors = [], [], []
        texts = plan.labels(bar)
        for row, (level, top) in enumerate(zip([first, *levels[1:], last], plan.bar_tops, strict=True)):
            middle = top + bar / 2
            total = row in (0, len(names) - 1)
            before = base if total else levels[row - 1]
            low, high = sorted((panel.px(before), panel.px(level)))
            if total:
                rects.append(
                    {"x": low, "x2": high, "y": top, "y2": top + bar, "color": MUTED, "stroke": MUTED}
                )
                text = (first_text if row == 0 else ends_text) if from_zero or row else first_text
                texts.append(Label(max(high, panel.px(base)) + 8, middle, text, INK, bold=True, halo=True))
            else:
                rise = level >= before
                fill = MAIN if rise else PAPER
                rects.append({"x": low, "x2": high, "y": top, "y2": top + bar, "color": fill, "stroke": MAIN})
                tip = panel.px(level)
                shape = "triangle-right" if rise else "triangle-left"
                arrows.append(
                    {
                        "x": tip + (5 if rise else -5),
                        "y": middle,
                        "color": fill,
                        "stroke": MAIN,
                        "shape": shape,
                    }
                )
                place, align = (tip + 14, "left") if rise else (tip - 14, "right")
                texts.append(Label(place, middle, signed[row - 1], INK, align, halo=True))
            if row < len(names) - 1:
                x = panel.px(level)
                connectors.append(
                    {"x": x, "x2": x, "y": top + bar, "y2": plan.bar_tops[row + 1], "color": GREY}
                )
        axis = panel.axes(
            x_values=marked,
            x_label=tick_expression(style, lang, ticks.decimals),
            plot_height=plan.height,
            x_grid=True,
        )
        zero = panel.px(base)
        items = [
            KeyItem("patch", word("waterfall.adds", lang), MAIN),
            KeyItem("patch", word("waterfall.takes", lang), PAPER, stroke=MAIN),
            KeyItem("patch", word("waterfall.total" if from_zero else "waterfall.change", lang), MUTED),
        ]
        key, key_height = key_row(items, -left, width - left, -10)
        layers = [axis, *key, *rules_layer(connectors, width=0.8), *rects_layer(rects)]
        layers += rules_layer(plan.zero_line(zero, bar))
        layers += marks_layer(arrows, size=45) + labels_layer(texts)
        above = key_height + 14
        return VegaDrawing(layers, width, plan.height + above + 26, (left, room, above, 26), lang)

    most = max(range(len(effects)), key=lambda place: abs(effects[place]))
    values = {"what": about.what, "change": change_text, "first": start[0], "last": end[0]}
    finding = word("waterfall.finding", lang, **values, name=data["label"].iloc[most], effect=signed[most])
    listed = "; ".join(f"{label} {text}" for label, text in zip(data["label"], signed, strict=True))
    description = word("waterfall.describe", lang, **values, start=first_text, end=last_text, listed=listed)
    headings = [word("table.step", lang), word("table.value", lang)]
    table = pd.DataFrame({headings[0]: names, headings[1]: [first, *effects, last]})
    digits = {headings[1]: max(decimals, 0)}
    return Chart(name, title or finding, about.subtitle, description, table, lang, draw, digits)
