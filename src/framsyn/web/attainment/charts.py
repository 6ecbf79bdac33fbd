"""The pictures of a goal: the fan against the target, and the draws at the deadline as twenty dots."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _

from framsyn.report.fan_data import Target as Line
from framsyn.report.figure import About, Chart, SvgDrawing
from framsyn.report.layout import nice_ticks, text_width
from framsyn.report.numbers import number
from framsyn.report.theme import ACCENT, GRID, INK, MAIN, MUTED, PAPER, SIZE
from framsyn.report.time_charts import fan_chart
from framsyn.web.attainment.wording import chance_text, demand_text
from framsyn.web.indicators.charts import unit_text

if TYPE_CHECKING:
    from framsyn.analyses.attainment import Attainment
    from framsyn.web.attainment.models import AttainmentResult
    from framsyn.web.goals.models import GoalDecision

__all__ = ["dots", "fan"]

COLUMNS = ("q10", "q25", "q50", "q75", "q90")
RADIUS, GAP = 10.0, 2.0
COLUMNS_OF_DOTS = 12


def about(result: AttainmentResult, lang: str) -> About:
    """Return what, unit, where and source of a goal's charts."""
    decision = result.decision
    indicator = decision.indicator
    what, unit = indicator.name.said_in(lang)[0], unit_text(indicator.unit, lang)
    return About(
        what,
        "" if unit.lower() in what.lower() else unit,
        str(decision.place),
        _("Framsyn, run %(run)s") % {"run": result.run[:12]},
        lang,
        "percent" if indicator.unit == "share" else "number",
        scenario=result.label.said_in(lang)[0],
    )


def fan(result: AttainmentResult, found: Attainment, history: dict[int, float], lang: str) -> Chart:
    """Draw the years to the deadline under the scenario, with the target at its end.

    Parameters
    ----------
    result : AttainmentResult
    found : Attainment
    history : dict of int to float
        Counted years, in the unit of the indicator.
    lang : str
    """
    decision = result.decision
    frame = pd.DataFrame({"year": found.years, **dict(zip(COLUMNS, found.bands, strict=True))})
    before = {year: value for year, value in history.items() if year <= found.years[0]}
    counted = (
        pd.DataFrame({"year": list(before), "value": list(before.values())}) if len(before) > 1 else None
    )
    return fan_chart(
        frame,
        about(result, lang),
        name=f"reach-fan-{decision.pk}",
        history=counted,
        target=Line(aim(found), found.target.year, *target_words(decision)),
        title=_("%(name)s: %(chance)s") % {
            "name": decision.indicator.name.said_in(lang)[0],
            "chance": chance_text(found.probability, found.draws),
        },
    )  # fmt: skip


def target_words(decision: GoalDecision) -> tuple[str, str]:
    """Return the label at the end of the target's line, and its name."""
    return _("Target: %(demand)s") % {"demand": demand_text(decision)}, _("target")


def aim(found: Attainment) -> float:
    """Return the value that the target's line is drawn at: for a range the end that is nearer to the median."""
    low, high = found.target.bounds
    ends = [end for end in (low, high) if math.isfinite(end)]
    if found.target.type == "hold":
        return float(found.target.value or 0.0)
    return min(ends, key=lambda end: abs(end - found.centre))


def dots(result: AttainmentResult, found: Attainment, lang: str) -> Chart:
    """Draw twenty dots that stand for the draws in the year of the deadline: filled where they meet the target."""
    decision = result.decision
    indicator = decision.indicator
    factor = 100.0 if indicator.unit == "share" else 1.0
    values = np.array(found.dots)
    met = found.target.met(values)
    told = about(result, lang)
    places = max(indicator.decimals, 1) if indicator.unit == "share" else indicator.decimals
    unit = unit_text(indicator.unit, lang)
    count = int(met.sum())
    title = _("%(count)s of 20 dots meet the target of %(demand)s") % {
        "count": number(count, lang),
        "demand": demand_text(decision),
    }
    low, middle, high = (
        number(float(np.quantile(values, q)) * factor, lang, places) for q in (0.1, 0.5, 0.9)
    )
    description = _(
        "Each dot stands for one draw in twenty. Eight in ten of the draws lie between %(low)s and %(high)s, half of them "
        "below %(middle)s %(unit)s. %(count)s of the 20 dots meet the target."
    ) % {"low": low, "high": high, "middle": middle, "unit": unit, "count": number(count, lang)}
    value_head = f"{told.what} ({unit})" if unit else told.what
    table = pd.DataFrame(
        {
            _("Dot"): np.arange(1, len(values) + 1),
            value_head: values * factor,
            _("Meets the target"): [_("yes") if one else _("no") for one in met],
        }
    )
    bounds = [end * factor for end in found.target.bounds if math.isfinite(end)]

    def draw(width: float) -> SvgDrawing:
        return drawing(values * factor, met, bounds, width, lang, at_most=math.isinf(found.target.bounds[0]))

    return Chart(
        f"reach-dots-{decision.pk}",
        title,
        told.subtitle,
        description,
        table,
        lang,
        draw,
        {value_head: places},
    )


def drawing(
    values: np.ndarray, met: np.ndarray, bounds: list[float], width: float, lang: str, *, at_most: bool
) -> SvgDrawing:
    """Draw the dots in columns over the axis, the ends of the target as dashed lines."""
    left, right, top = 14.0, width - 14.0, 34.0
    low, high = min(*values, *bounds), max(*values, *bounds)
    if high - low < 1e-12:
        low, high = low - abs(low) * 0.05 - 1e-6, high + abs(high) * 0.05 + 1e-6
    # Columns begin at the target, so that no dot stands on the wrong side of its line.
    step = 2 * RADIUS + GAP
    columns = max(min(int((right - left) // step), COLUMNS_OF_DOTS), 1)
    size = (high - low) / columns
    start = bounds[0] - math.ceil((bounds[0] - low) / size - 1e-9) * size if bounds else low
    columns = max(math.ceil((high - start) / size - 1e-9), 1)
    low, high = start, start + columns * size
    # A value at the very end of the target stands on the side that meets it.
    whole = math.floor if not at_most else lambda place: math.ceil(place) - 1
    at = [min(max(whole(round((value - low) / size, 6)), 0), columns - 1) for value in values]
    tallest = max(at.count(column) for column in set(at))
    floor = top + tallest * step + 4
    parts: list[str] = []

    def x_of(value: float) -> float:
        return left + (value - low) / (high - low) * (right - left)

    axis = nice_ticks(low, high, 4 if width < 500 else 6)
    ticks = [tick for tick in axis.values if low <= tick <= high]
    digits = axis.decimals
    for tick in ticks:
        x = x_of(tick)
        parts.append(
            f'<line x1="{x:.1f}" y1="{top:.1f}" x2="{x:.1f}" y2="{floor:.1f}" stroke="{GRID}"/>'
            f'<text x="{x:.1f}" y="{floor + 17:.1f}" text-anchor="middle" font-size="{SIZE["label"]}" fill="{MUTED}">'
            f"{number(tick, lang, digits)}</text>"
        )
    parts.append(f'<line x1="{left}" y1="{floor:.1f}" x2="{right:.1f}" y2="{floor:.1f}" stroke="{MUTED}"/>')
    filled: dict[int, int] = {}
    for column, inside in zip(at, met.tolist(), strict=True):
        height = filled.get(column, 0)
        filled[column] = height + 1
        x = left + (column + 0.5) * (right - left) / columns
        y = floor - (height + 0.5) * step
        fill = MAIN if inside else PAPER
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS - 1:g}" fill="{fill}" stroke="{MAIN}" stroke-width="1.5"/>'
        )
    for number_of, bound in enumerate(bounds):
        x = x_of(bound)
        label = _("Target") if len(bounds) == 1 else (_("from") if number_of == 0 else _("to"))
        half = text_width(label, SIZE["strong"], bold=True) / 2
        middle = min(max(x, left + half), right - half)
        parts.append(
            f'<line x1="{x:.1f}" y1="{top - 8:.1f}" x2="{x:.1f}" y2="{floor:.1f}" stroke="{ACCENT}" stroke-width="2" '
            f'stroke-dasharray="6 4"/><text x="{middle:.1f}" y="{top - 14:.1f}" text-anchor="middle" '
            f'font-size="{SIZE["strong"]}" font-weight="600" fill="{ACCENT}">{label}</text>'
        )
    legend = floor + 40
    x = left + RADIUS
    for fill, words in ((MAIN, _("meets the target")), (PAPER, _("does not"))):
        parts.append(
            f'<circle cx="{x:.1f}" cy="{legend - 4:.1f}" r="6" fill="{fill}" stroke="{MAIN}" stroke-width="1.5"/>'
            f'<text x="{x + 12:.1f}" y="{legend:.1f}" font-size="{SIZE["label"]}" fill="{INK}">{words}</text>'
        )
        x += 12 + text_width(words, SIZE["label"]) + 30
    return SvgDrawing(width, legend + 12, "".join(parts))
