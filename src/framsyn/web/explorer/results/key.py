"""Key figures: now and in the year on view, with the interval and what the other scenario says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from django.template.loader import get_template
from django.utils.safestring import mark_safe

from framsyn.region.arrays import SERVICE_AREAS
from framsyn.report.numbers import decimals_for, display_factor, interval, number, shown, value_range
from framsyn.web.explorer.results.series import HIGH, LOW, MEDIAN, Want
from framsyn.web.explorer.results.view import CLEAR, label_of

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from framsyn.web.explorer.results.view import View

__all__ = ["Figure", "figures", "key_figures"]

REGION = ("need", "beds", "outpatient_rooms", "day_places", "staff_gap", "result", "emissions")
TRUST = REGION[:5]
LOCAL = ("need", "beds", "bed_days", "outpatient_contacts")
_WHOLE = frozenset({"staff_gap", "result", "liquidity", "emissions"})
"""Quantities that are not parted by service area."""


@dataclass(frozen=True)
class Figure:
    """One key figure in words: what, now, then, the interval, the change, and the other scenario's value."""

    what: str
    unit: str
    before: str
    after: str
    span: str
    change: str
    other: str


def figures(view: View) -> SafeString:
    """Return the key figures as markup."""
    names = REGION if view.place.kind == "region" else TRUST if view.place.kind == "trust" else LOCAL
    context = {
        "id": "result-key",
        "first": view.years[0],
        "year": view.year,
        "where": view.where,
        "scenario": view.scenario_name,
        "other": view.compared.scenario.label[view.lang] if view.compared is not None else "",
        "figures": key_figures(view, names),
        "services": growth_by_service(view),
    }
    return mark_safe(get_template("explorer_results/key.html").render(context))


def key_figures(view: View, names: tuple[str, ...] | None = None) -> list[Figure]:
    """Return the key figures of a view."""
    found = (figure(view, name) for name in names or REGION)
    return [one for one in found if one is not None]


def figure(view: View, name: str) -> Figure | None:
    """Return one key figure, rounded as its interval allows."""
    part = "" if name in _WHOLE else view.state.service
    bands = view.bands(name, part)
    if bands is None:
        return None
    style = view.style_of(name)
    factor = display_factor(style)
    low, median, high = (bands[[LOW, MEDIAN, HIGH], view.at] * factor).tolist()
    # The base year is counted and has no width; it is told as finely as the last year may be.
    ends = (
        (low, high, median)
        if high - low > CLEAR * max(1.0, abs(median))
        else tuple(bands[[LOW, HIGH, MEDIAN], -1] * factor)
    )
    digits = decimals_for(*ends)
    signed = name in ("staff_gap", "result")

    def write(value: float) -> str:
        return shown(value, view.lang, style, digits)

    other = view.others.get(Want(name, part))
    change = growth(view, bands) if not signed else ""
    return Figure(
        what=view.what(name, part),
        unit=view.unit_of(name),
        before=write(float(bands[MEDIAN, 0]) * factor),
        after=write(median),
        span=value_range(number(low, view.lang, digits), number(high, view.lang, digits), view.lang),
        change=change,
        other="" if other is None else write(float(other[MEDIAN, view.at]) * factor),
    )


def growth(view: View, bands: np.ndarray) -> str:
    """Return the change since the base year with its interval; nothing where the base year itself is uncertain."""
    base = float(bands[MEDIAN, 0])
    if not view.at or base <= 0 or float(np.ptp(bands[:, 0])) > CLEAR * base:
        return ""
    low, median, high = (bands[[LOW, MEDIAN, HIGH], view.at] / base - 1).tolist()
    return interval(median, low, high, view.lang, "percent", signed=True).text


def growth_by_service(view: View) -> list[tuple[str, str]]:
    """Return the growth of need in each service area, where all are on view."""
    if view.state.service or not view.at:
        return []
    found = []
    for area in SERVICE_AREAS:
        bands = view.bands("need", area)
        said = growth(view, bands) if bands is not None else ""
        if said:
            found.append((label_of("service_area", area, view.lang), said))
    return found
