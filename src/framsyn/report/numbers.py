"""Numbers as people read them in bokmål, nynorsk and English, with no more digits than are known.

Norwegian groups thousands with a narrow no-break space and writes a decimal comma ("1 234,5", "13,5 %"); English
writes "1,234.5" and "13.5%". A minus is U+2212 in all three, so that it is as wide as a plus and never breaks a line.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from framsyn.errors import PlanError

__all__ = [
    "NARROW_SPACE",
    "Interval",
    "Style",
    "check_language",
    "decimals_for",
    "display_factor",
    "interval",
    "money",
    "number",
    "number_locale",
    "percent",
    "shown",
    "value_range",
    "year_range",
]

Style = Literal["number", "percent", "money"]
"""How a quantity is written: as it is, as a share in percent, or as MNOK in billions."""

LANGUAGES = ("nb", "nn", "en")
NARROW_SPACE = "\u202f"
MINUS = "\u2212"
DASH = "\u2013"

# Digits that a value without an interval gets: three say enough in a chart, and promise little.
_PLAIN_DIGITS = 3
# An interval is told in steps that are at most a quarter of its width, so 4 to 40 steps wide.
_STEPS_IN_INTERVAL = 4
_DISPLAY_FACTOR: dict[str, float] = {"number": 1.0, "percent": 100.0, "money": 1e-3}
_RANGE_WORD = {"nb": "til", "nn": "til", "en": "to"}


class Interval(NamedTuple):
    """A median with its interval, all three rounded alike, and the three in one text."""

    median: str
    low: str
    high: str
    text: str


def check_language(lang: str) -> str:
    """Return the language code, or refuse one that Framsyn does not speak.

    >>> check_language("nn")
    'nn'
    """
    if lang not in LANGUAGES:
        message = (
            f'language "{lang}" is unknown; expected one of {", ".join(LANGUAGES)}. Write nb for bokmål.'
        )
        raise PlanError("unknown-language", message, got=lang, expected=list(LANGUAGES))
    return lang


def number(value: float, lang: str = "nb", decimals: int = 0, *, signed: bool = False) -> str:
    """Write a number with grouped thousands.

    Parameters
    ----------
    value : float [any]
    lang : str
        ``nb``, ``nn`` or ``en``.
    decimals : int
        Decimals shown; a negative one rounds to tens (-1), hundreds (-2) and so on. Halves round away from zero.
    signed : bool
        Write the plus of a positive value too.

    Returns
    -------
    str

    Raises
    ------
    PlanError
        For a value that is not a finite number: absence is shown by leaving out, never as a number.

    Examples
    --------
    >>> number(1234567, "en"), number(-4.12, "en", 1), number(1234567, "en", -3)
    ('1,234,567', '−4.1', '1,235,000')
    >>> number(1234.5, "nb", 1).replace(NARROW_SPACE, "_")
    '1_234,5'
    """
    return _number(float(value), lang, decimals, signed)


@lru_cache(maxsize=32_768)  # most numbers of a page are those of the page before
def _number(value: float, lang: str, decimals: int, signed: bool) -> str:
    check_language(lang)
    if not math.isfinite(value):
        message = (
            f"a number to write is {value}; expected a finite one. Leave the figure out where it is missing."
        )
        raise PlanError("not-a-number", message, got=str(value))
    digits = _digits(value, decimals)
    is_negative = digits.startswith("-")
    digits = digits.removeprefix("-")
    if lang != "en":
        digits = digits.replace(",", NARROW_SPACE).replace(".", ",")
    if not any(digit in "123456789" for digit in digits):
        return digits
    if is_negative:
        return MINUS + digits
    return "+" + digits if signed else digits


def _digits(value: float, decimals: int) -> str:
    """Round half away from zero by the shortest decimal that names the value, and group thousands by commas.

    Formatting rounds the value itself, which is many times faster and gives the same unless that decimal ends on the half.

    >>> _digits(0.125, 2), _digits(2.675, 2), _digits(-1234.5, 0), _digits(1250.0, -2)
    ('0.13', '2.68', '-1,235', '1,300')
    """
    written = repr(value)
    beyond = len(written) - written.find(".") - 1 - decimals  # digits that are rounded away
    if decimals >= 0 and "e" not in written and beyond > 0 and not (beyond == 1 and written.endswith("5")):
        return f"{value:,.{decimals}f}"
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return f"{rounded:,.{max(decimals, 0)}f}"


def percent(share: float, lang: str = "nb", decimals: int = 0, *, signed: bool = False) -> str:
    """Write a share as percent.

    >>> percent(0.135, "en", 1), percent(-0.041, "en", 1, signed=True)
    ('13.5%', '−4.1%')
    >>> percent(0.135, "nn", 1).replace(NARROW_SPACE, "_")
    '13,5_%'
    """
    return shown(share * 100.0, lang, "percent", decimals, signed=signed)


def shown(
    value: float, lang: str = "nb", style: Style = "number", decimals: int = 0, *, signed: bool = False
) -> str:
    """Write a value that already is in display units, with the percent sign where the style has one.

    >>> shown(13.5, "en", "percent", 1), shown(13.5, "en", "money", 1)
    ('13.5%', '13.5')
    """
    text = number(value, lang, decimals, signed=signed)
    if style != "percent":
        return text
    return text + ("%" if lang == "en" else NARROW_SPACE + "%")


def display_factor(style: Style) -> float:
    """Factor from the stored unit to the shown one: share → percent, MNOK → billion NOK.

    >>> display_factor("percent"), display_factor("money"), display_factor("number")
    (100.0, 0.001, 1.0)
    """
    if style not in _DISPLAY_FACTOR:
        message = f'number style "{style}" is unknown; expected one of {", ".join(_DISPLAY_FACTOR)}.'
        raise PlanError("unknown-style", message, got=style, expected=list(_DISPLAY_FACTOR))
    return _DISPLAY_FACTOR[style]


def money(mnok: float, lang: str = "nb", decimals: int = 1, price_year: int | None = 2025) -> str:
    """Write an amount in billions of kroner with the year of its prices.

    Parameters
    ----------
    mnok : float [MNOK]
    lang : str
    decimals : int
    price_year : int or None
        None leaves the price year out, for places that state it beside.

    Examples
    --------
    >>> money(13_500, "en")
    'NOK 13.5 billion (2025 prices)'
    >>> money(-420, "nb", 2).replace(NARROW_SPACE, "_")
    '−0,42_mrd._kr (2025-kr)'
    """
    billions = number(mnok / 1000.0, lang, decimals)
    if lang == "en":
        year = f" ({price_year} prices)" if price_year else ""
        return f"NOK {billions} billion{year}"
    year = f" ({price_year}-kr)" if price_year else ""
    return f"{billions}{NARROW_SPACE}mrd.{NARROW_SPACE}kr{year}"


def year_range(first: int, last: int) -> str:
    """Write a span of years, one year where both ends are the same.

    >>> year_range(2025, 2040), year_range(2025, 2025)
    ('2025–2040', '2025')
    """
    return f"{first}" if first == last else f"{first}{DASH}{last}"


def value_range(low: str, high: str, lang: str = "nb") -> str:
    """Join two written ends of a range; with a word where a minus beside a dash would confuse.

    >>> value_range("5", "9"), value_range("−6", "−2"), value_range("−6", "2", "en")
    ('5–9', '−6 til −2', '−6 to 2')
    """
    if MINUS in low + high or "+" in low + high:
        return f"{low} {_RANGE_WORD[check_language(lang)]} {high}"
    return f"{low}{DASH}{high}"


def decimals_for(low: float, high: float, median: float | None = None) -> int:
    """Decimals that an interval justifies: its width becomes 4 to 40 of the last digit shown.

    step = 10 ^ floor(log10((high − low) / 4))

    Without width (a fixed number) the median, or else the ends, keep three significant digits.

    Parameters
    ----------
    low, high : float [any]
        Ends of the interval, in the unit that is shown.
    median : float [any]

    Returns
    -------
    int
        Negative for tens and more.

    Examples
    --------
    >>> decimals_for(1610, 1840), decimals_for(11.4, 15.8), decimals_for(0.52, 0.61)
    (-1, 0, 2)
    >>> decimals_for(1523, 1523)
    -1
    """
    width = abs(high - low)
    level = abs(median if median is not None else high)
    if width <= 1e-9 * max(level, 1e-300):
        if level == 0:
            return 0
        return _PLAIN_DIGITS - 1 - math.floor(math.log10(level))
    return -math.floor(math.log10(width / _STEPS_IN_INTERVAL))


def interval(
    median: float,
    low: float,
    high: float,
    lang: str = "nb",
    style: Style = "number",
    *,
    signed: bool = False,
) -> Interval:
    """Write a median and its interval with the digits that the interval justifies.

    Parameters
    ----------
    median, low, high : float [unit of the style: any, share, MNOK]
    lang : str
    style : {"number", "percent", "money"}
    signed : bool
        Write a plus before positive values, for changes.

    Returns
    -------
    Interval

    Examples
    --------
    >>> interval(1718.4, 1612, 1843, "en").text
    '1,720 (1,610–1,840)'
    >>> interval(-0.0412, -0.06, -0.022, "en", "percent").text
    '−4.1% (−6.0 to −2.2)'
    """
    if not low <= median <= high:
        message = f"an interval runs from {low} to {high} with median {median}; expected low ≤ median ≤ high."
        raise PlanError("interval-order", message, low=low, median=median, high=high)
    factor = display_factor(style)
    middle, bottom, top = median * factor, low * factor, high * factor
    decimals = decimals_for(bottom, top, middle)
    texts = [shown(value, lang, style, decimals, signed=signed) for value in (middle, bottom, top)]
    bare = [number(value, lang, decimals, signed=signed) for value in (bottom, top)]
    return Interval(texts[0], texts[1], texts[2], f"{texts[0]} ({value_range(bare[0], bare[1], lang)})")


def number_locale(lang: str) -> dict[str, object]:
    """Locale of numbers for Vega's axes in the d3-format form, since the renderer has no Norwegian one.

    >>> number_locale("nb")["decimal"], number_locale("en")["thousands"]
    (',', ',')
    """
    check_language(lang)
    english = lang == "en"
    return {
        "decimal": "." if english else ",",
        "thousands": "," if english else NARROW_SPACE,
        "grouping": [3],
        "currency": ["NOK ", ""] if english else ["", f"{NARROW_SPACE}kr"],
        "percent": "%" if english else f"{NARROW_SPACE}%",
        "minus": MINUS,
        "nan": DASH,
    }
