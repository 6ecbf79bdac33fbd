"""Numbers of a terminal table: the digits that the interval justifies, and short units for the head of a row."""

from __future__ import annotations

import math

from framsyn.quantities import Quantity, quantity
from framsyn.report.numbers import Style, decimals_for, display_factor, interval, number, percent, shown

__all__ = [
    "DASH",
    "MONEY_NOTE",
    "cell",
    "change",
    "count",
    "fixed",
    "probability",
    "row_cells",
    "scale_of",
    "style_of",
    "titled",
    "unit_of",
]

DASH = "–"
MONEY = "NOK bn"
MONEY_NOTE = f"{MONEY}: billions of kroner at 2025 prices."


def style_of(unit: str) -> Style:
    """Return how a quantity of a unit is written.

    >>> style_of("MNOK (2025) per year"), style_of("1"), style_of("bed")
    ('money', 'percent', 'number')
    """
    if unit.startswith("MNOK"):
        return "money"
    return "percent" if unit == "1" else "number"


def unit_of(unit: str) -> str:
    """Return a unit as it stands in a table.

    >>> unit_of("MNOK (2025) per year"), unit_of("bed day per year"), unit_of("1")
    ('NOK bn/yr', 'bed day/yr', '%')
    """
    if unit == "1":
        return "%"
    money = unit.replace("MNOK (2025)", MONEY)
    return money.replace(" per year", "/yr")


def count(value: float) -> str:
    """Write something counted, in full.

    >>> count(272413)
    '272,413'
    """
    return number(value, "en")


def fixed(value: float, style: Style, decimals: int) -> str:
    """Write a stored value with given decimals of the shown unit.

    >>> fixed(16628.4, "money", 1), fixed(-0.25, "percent", 0)
    ('16.6', '−25%')
    """
    return shown(value * display_factor(style), "en", style, decimals)


def change(share: float) -> str:
    """Write a relative change in whole per cent, or a dash where there is none to tell.

    >>> change(0.132), change(-0.004), change(float("nan"))
    ('+13%', '0%', '–')
    """
    return percent(share, "en", signed=True) if math.isfinite(share) else DASH


def probability(share: float) -> str:
    """Write a share of draws in whole per cent; what is rare or nearly sure is told as such.

    >>> probability(0.0), probability(0.004), probability(0.31), probability(0.997)
    ('<1%', '<1%', '31%', '>99%')
    """
    if share < 0.005:
        return "<1%"
    return ">99%" if share > 0.995 else percent(share, "en")


def cell(middle: float, low: float, high: float, style: Style) -> str:
    """Write a median and its interval.

    >>> cell(1718.4, 1612.0, 1843.0, "number")
    '1,720 (1,610–1,840)'
    """
    return interval(middle, low, high, "en", style).text


def titled(rule: Quantity, unit: str | None = None) -> str:
    """Name a quantity with its unit as the head of its rows; a share carries its sign in every cell.

    >>> titled(quantity("beds")), titled(quantity("liquidity_breach"))
    ('Beds (occupancy) [bed]', 'Below the liquidity floor')
    """
    shown_unit = unit_of(rule.unit) if unit is None else unit
    return rule.labels["en"] if shown_unit == "%" else f"{rule.labels['en']} [{shown_unit}]"


def scale_of(unit: str, largest: float) -> tuple[float, str]:
    """Return what values are divided by so that they fit a column, and the unit then.

    >>> scale_of("contact per year", 1.4e6), scale_of("bed", 1300.0)
    ((1000.0, '1,000 contact/yr'), (1.0, 'bed'))
    """
    if style_of(unit) == "number" and unit != "person" and largest >= 1e6:
        return 1000.0, f"1,000 {unit_of(unit)}"
    return 1.0, unit_of(unit)


def row_cells(name: str, values: list[tuple[float, float, float]], scale: float = 1.0) -> list[str]:
    """Write one row of a quantity, (p10, p50, p90) per year, divided by a scale.

    A value without an interval is a count: people in full, all else in three digits or as fine as the row's sharpest
    interval.

    >>> row_cells("beds", [(1319.9, 1319.9, 1319.9), (1341.0, 1364.0, 1383.0)])
    ['1,320', '1,360 (1,340–1,380)']
    """
    unit = quantity(name).unit
    style = style_of(unit)
    values = [(low / scale, middle / scale, high / scale) for low, middle, high in values]
    factor = display_factor(style)
    spread = [(low, middle, high) for low, middle, high in values if not flat(low, middle, high)]
    sharpest = max(
        (decimals_for(low * factor, high * factor, middle * factor) for low, middle, high in spread),
        default=-9,
    )
    cells = []
    for low, middle, high in values:
        if not flat(low, middle, high):
            cells.append(cell(middle, low, high, style))
        elif unit == "person":
            cells.append(count(middle))
        else:
            cells.append(known(middle, style, sharpest))
    return cells


def known(value: float, style: Style, sharpest: int) -> str:
    """Write a value without an interval in three digits, or finer where its row is.

    >>> known(2903.2, "money", 0), known(1e-12, "number", 2)
    ('2.90', '0')
    """
    shown_value = value * display_factor(style)
    if abs(shown_value) < 1e-6:
        return "0"
    return fixed(value, style, min(max(sharpest, decimals_for(shown_value, shown_value)), 3))


def flat(low: float, middle: float, high: float) -> bool:
    """Say whether an interval has no width beside rounding."""
    return abs(high - low) <= 1e-9 * max(abs(middle), 1.0)
