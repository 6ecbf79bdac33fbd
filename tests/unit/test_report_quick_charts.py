"""Charts made from numbers at hand: they are the same drawings, and say the year on view."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framsyn.errors import PlanError
from framsyn.report.bar_charts import bars_of, grouped_bars
from framsyn.report.charts import About, Beside, Target, fan_chart, fan_of
from framsyn.report.frames import QUANTILES
from framsyn.report.month_charts import month_bars
from framsyn.report.numbers import number

YEARS = list(range(2025, 2041))
ABOUT = About("Beds", "beds", "Levanger", "Framsyn", "en")


def bands() -> np.ndarray:
    grown = 1600 + 20.0 * np.arange(16)
    width = np.arange(16) * 5.0
    return np.stack([grown + share * width for share in (-2, -1, 0, 1, 2)])


def test_a_fan_of_numbers_is_the_fan_of_a_frame() -> None:
    frame = pd.DataFrame({"year": YEARS, **dict(zip(QUANTILES, bands(), strict=True))})
    goal = Target(1700, 2040, "Today", "today")
    framed = fan_chart(frame, ABOUT, name="beds", target=goal)
    quick = fan_of(YEARS, bands(), ABOUT, name="beds", target=goal)
    assert quick.svg() == framed.svg()
    assert quick.html_table() == framed.html_table()
    assert quick.csv() == framed.csv()
    assert (quick.title, quick.description) == (framed.title, framed.description)


@pytest.mark.parametrize("year", [2025, 2031, 2040])
def test_words_and_marks_are_of_the_year_on_view(year: int) -> None:
    beside = Beside("Trend", YEARS, (bands()[2] + 100).tolist())
    chart = fan_of(YEARS, bands(), ABOUT, name="beds", beside=beside, focus=year)
    row = bands()[:, YEARS.index(year)]
    assert str(year) in chart.title and f"{number(row[2] + 100, 'en', -1)} in {year}" in chart.description
    if year > 2025:
        assert "80% between" in chart.title
    drawing = chart.svg(480, with_title=False)
    assert drawing.count("<circle") == 2  # a point on each median
    assert (f">{year}: " in drawing) == (year != 2040)  # the last year has its number at the end already
    assert "Median, Trend" in chart.html_table()


def test_bands_that_are_none_are_refused() -> None:
    holes = bands()
    holes[2, 3] = np.nan
    for wrong in (holes, bands()[:4], bands()[::-1]):
        with pytest.raises(PlanError, match="bands|quantiles fall"):
            fan_of(YEARS, wrong, ABOUT, name="beds")
    with pytest.raises(PlanError, match="one year only"):
        fan_of([2025], bands()[:, :1], ABOUT, name="beds")


def test_bars_of_numbers_are_those_of_a_frame() -> None:
    bars = {("nurse", "2040"): (100.0, 200.0, 300.0), ("doctor", "2040"): (-50.0, -20.0, 10.0)}
    rows = [
        {"row": row, "series": one, "q10": low, "q50": mid, "q90": high}
        for (row, one), (low, mid, high) in bars.items()
    ]
    named = {"labels": {"nurse": "Nurses", "doctor": "Doctors"}, "series": {"2040": "2040"}}
    framed = grouped_bars(pd.DataFrame(rows), ABOUT, name="gap", **named)
    quick = bars_of(bars, ABOUT, name="gap", **named)
    assert quick.svg() == framed.svg() and quick.html_table() == framed.html_table()
    assert "#8a979d" in bars_of(bars, ABOUT, name="gap", fills={"2040": "#8a979d"}, **named).svg()
    with pytest.raises(PlanError, match="missing or infinite"):
        bars_of({**bars, ("nurse", "2040"): (0.0, float("nan"), 1.0)}, ABOUT, name="gap", **named)


def test_months_name_the_one_on_view_the_most_and_the_least() -> None:
    middle = [100 + month for month in range(12)]
    chart = month_bars(
        [value - 10 for value in middle],
        middle,
        [value + 10 for value in middle],
        ABOUT,
        name="months",
        year=2035,
        focus=2,
        level=90,
    )
    assert "February 2035" in chart.title and "most in December" in chart.title and "January" in chart.title
    assert "Today: 90" in chart.description and len(chart.table) == 12
    wide, narrow = chart.svg(480), chart.svg(340)
    assert wide != narrow and wide.count("<rect") >= 12
    with pytest.raises(PlanError, match="twelve months"):
        month_bars(middle[:11], middle, middle, ABOUT, name="months", year=2035, focus=2)


@given(st.floats(-1e9, 1e9), st.integers(-4, 8))
def test_numbers_round_half_away_from_zero_whatever_the_way(value: float, decimals: int) -> None:
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    said = number(value, "en", decimals).replace(",", "").replace("−", "-")
    assert Decimal(said) == exact


@given(st.integers(-(10**7), 10**7), st.integers(0, 6))
def test_halves_too(steps: int, decimals: int) -> None:
    value = float(Decimal(2 * steps + 1).scaleb(-decimals - 1) * 5)
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    assert Decimal(number(value, "en", decimals).replace(",", "").replace("−", "-")) == exact
