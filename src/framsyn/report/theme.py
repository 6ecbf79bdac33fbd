"""The look of every chart and map: colours, type, and the one Altair theme that carries them.

One blue-green belongs to Framsyn, greys hold the frame, one warm accent says "look here". Trusts and scenarios keep
their colour everywhere. Colours are told apart with the common forms of colour blindness, have at least 3 : 1
contrast on white (WCAG 2.2, 1.4.11), and never speak alone: shape, sign or a label beside says the same.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.report.numbers import check_language

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ACCENT",
    "DIVERGING",
    "FONT",
    "GRID",
    "GREY",
    "INK",
    "MAIN",
    "MUTED",
    "PAPER",
    "SCENARIO_COLOURS",
    "SEQUENTIAL",
    "SERIES",
    "SIZE",
    "TRUST_COLOURS",
    "TRUST_SHAPES",
    "WRONG",
    "WARM",
    "colours_for",
    "config",
    "contrast",
    "dash_for",
    "enable",
    "month_names",
    "time_locale",
    "tint",
]

FONT = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'Segoe UI', Roboto, system-ui, sans-serif"
"""Fonts of the reader's own system: no font file travels with a chart. Those with the widths that layout counts on come
first, the generic family last."""

INK = "#1d2a30"
MUTED = "#55646b"
GREY = "#8a979d"
GRID = "#e1e7e9"
PAPER = "#ffffff"
MAIN = "#00707a"
ACCENT = "#c2541b"
WRONG = "#b3261e"

SIZE = MappingProxyType({"title": 18, "subtitle": 13, "label": 12, "strong": 13})
"""Sizes of text [px]; 12 is the least anywhere."""

TRUST_COLOURS = MappingProxyType({"hmr": "#2b5fb3", "hnt": "#a06a00", "sto": "#8c2f6f"})
TRUST_SHAPES = MappingProxyType({"hmr": "square", "hnt": "triangle-up", "sto": "circle"})
SCENARIO_COLOURS = MappingProxyType(
    {"plan": MAIN, "demography": "#3d3f42", "trend": "#a06a00", "ambitious": "#5a4fb0"}
)

SERIES = (MAIN, "#a06a00", "#5a4fb0", "#3d3f42", "#7d2c10", "#4e1f59")
"""At most six series carry a colour; further ones are grey."""

SEQUENTIAL = ("#cfe8e7", "#9fd0cf", "#61aeb0", "#238590", "#085a66")
"""Five classes from little to much."""

DIVERGING = ("#b8500f", "#e3a878", "#f1efec", "#8cc6c6", "#0b7078")
"""Warm below a centre, neutral at it, blue-green above."""

WARM = ("#f0cfae", "#dd9a5f", "#c2692b", "#8f3f0c")
"""Classes below zero, from near to far."""

_DASHES: tuple[list[int], ...] = ([], [8, 3], [2, 3], [10, 3, 2, 3], [5, 2], [1, 2])

_MONTHS = {
    "nb": "januar februar mars april mai juni juli august september oktober november desember",
    "nn": "januar februar mars april mai juni juli august september oktober november desember",
    "en": "January February March April May June July August September October November December",
}
_DAYS = {
    "nb": "søndag mandag tirsdag onsdag torsdag fredag lørdag",
    "nn": "sundag måndag tysdag onsdag torsdag fredag laurdag",
    "en": "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
}


def _channels(colour: str) -> tuple[int, int, int]:
    if len(colour) != 7 or not colour.startswith("#"):
        message = f'colour "{colour}" is not in the form "#00707a".'
        raise PlanError("colour-form", message, got=colour)
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def tint(colour: str, share: float) -> str:
    """Mix a colour with white.

    Parameters
    ----------
    colour : str
    share : float [1]
        Part of the colour that stays; 0 is white.

    >>> tint("#000000", 0.5)
    '#808080'
    """
    return "#" + "".join(f"{round(255 - (255 - channel) * share):02x}" for channel in _channels(colour))


def contrast(colour: str, other: str = PAPER) -> float:
    """Contrast ratio of two colours (WCAG 2.2, relative luminance).

    >>> round(contrast("#000000"), 1)
    21.0
    """

    def luminance(text: str) -> float:
        shares = [channel / 255 for channel in _channels(text)]
        linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((luminance(colour), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def colours_for(codes: Sequence[str]) -> dict[str, str]:
    """Colour of each code: its own where it has one, else the next free of the series, grey after six.

    >>> colours_for(["sto", "plan"])["sto"] == TRUST_COLOURS["sto"]
    True
    >>> colours_for([f"s{n}" for n in range(7)])["s6"] == GREY
    True
    """
    fixed = {**TRUST_COLOURS, **SCENARIO_COLOURS}
    chosen = {code: fixed[code] for code in codes if code in fixed}
    free = [colour for colour in SERIES if colour not in chosen.values()]
    for code in codes:
        if code not in chosen:
            chosen[code] = free.pop(0) if free and len(chosen) < len(SERIES) else GREY
    return {code: chosen[code] for code in codes}


def dash_for(index: int) -> list[int]:
    """Dash pattern of a series by its place, so that lines differ without colour too."""
    return list(_DASHES[index % len(_DASHES)])


def config() -> dict[str, Any]:
    """Vega-Lite configuration that makes any chart one of ours.

    >>> config()["font"].endswith("sans-serif")
    True
    """
    label = SIZE["label"]
    return {
        "background": PAPER,
        "font": FONT,
        "aria": False,
        "view": {"stroke": None},
        "axis": {
            "labelFontSize": label,
            "titleFontSize": label,
            "labelColor": MUTED,
            "titleColor": MUTED,
            "titleFontWeight": "normal",
            "gridColor": GRID,
            "domain": False,
            "ticks": False,
            "labelPadding": 6,
            "labelLimit": 0,
            "titleLimit": 0,
        },
        "axisX": {"grid": False},
        "legend": {"labelFontSize": label, "titleFontSize": label, "labelColor": INK, "labelLimit": 0},
        "title": {
            "anchor": "start",
            "fontSize": SIZE["title"],
            "fontWeight": 600,
            "color": INK,
            "lineHeight": 23,
            "subtitleFontSize": SIZE["subtitle"],
            "subtitleColor": MUTED,
            "subtitleLineHeight": 18,
            "subtitlePadding": 4,
            "limit": 0,
        },
        "text": {"fontSize": label, "color": INK},
        "line": {"color": MAIN, "strokeWidth": 2.2, "strokeCap": "round", "strokeJoin": "round"},
        "bar": {"color": MAIN},
        "area": {"color": MAIN},
        "range": {"category": list(SERIES), "ramp": list(SEQUENTIAL), "diverging": list(DIVERGING)},
    }


def enable() -> None:
    """Register and switch on the theme ``framsyn`` for Altair charts that a notebook makes itself."""
    import altair  # only here: charts of the report are plain specifications, and importing Altair takes half a second

    register = altair.theme.register("framsyn", enable=True)
    register(lambda: altair.theme.ThemeConfig(config=config()))  # type: ignore[typeddict-item]


def month_names(lang: str) -> list[str]:
    """Names of the months.

    >>> month_names("nn")[4]
    'mai'
    """
    return _MONTHS[check_language(lang)].split()


def time_locale(lang: str) -> dict[str, object]:
    """Names of days and months in the d3-time-format form, since the renderer has no Norwegian ones.

    >>> time_locale("nn")["days"][1], time_locale("nb")["shortMonths"][9]
    ('måndag', 'okt')
    """
    check_language(lang)
    days, months = _DAYS[lang].split(), month_names(lang)
    english = lang == "en"
    return {
        "dateTime": "%-d %B %Y, %H:%M" if english else "%-d. %B %Y kl. %H.%M",
        "date": "%-d %b %Y" if english else "%d.%m.%Y",
        "time": "%H:%M" if english else "%H.%M",
        "periods": ["AM", "PM"],
        "days": days,
        "shortDays": [day[:3] for day in days],
        "months": months,
        "shortMonths": [month[:3] for month in months],
    }
