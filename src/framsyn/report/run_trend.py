"""The trend of a run chart's line around its breaks, and what it says in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framsyn.methods.trend import NoTrend, SeriesBreak, Trend, fit_trend
from framsyn.report.numbers import decimals_for, shown
from framsyn.report.words import join, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.report.figure import About
    from framsyn.report.run_data import Point, RunBreak, RunLine

__all__ = ["trend_of", "trend_text"]


def trend_of(line: RunLine, breaks: Sequence[RunBreak]) -> Trend | NoTrend:
    """Fit the trend of a line around its breaks; figures that their source warns of are no points of it.

    Parameters
    ----------
    line : RunLine
    breaks : sequence of RunBreak
        Those of the line's place count.
    """
    own = [mark for mark in breaks if mark.is_of(line.code)]
    return fit_trend(
        [point.at for point in line.sound],
        [point.value for point in line.sound],
        [
            SeriesBreak(mark.at, mark.kind, None if mark.kind == "level" else max(mark.last, mark.at))
            for mark in own
        ],
    )


def trend_text(trend: Trend | NoTrend, line: RunLine, about: About, breaks: Sequence[RunBreak] = ()) -> str:
    """Say a trend with its interval and what it leaves out, or why none can be told.

    Parameters
    ----------
    trend : Trend or NoTrend
    line : RunLine
        The line that it was fitted to.
    about : About
    breaks : sequence of RunBreak
        Name the jumps by their dates.
    """
    lang = about.lang
    gone = [point for point in line.points if point.mark == "faulty" or point.at in trend.left_out]
    years = word("run.trend.without", lang, listed=_listed(line.points, gone, lang)) if gone else ""
    if isinstance(trend, NoTrend):
        key = "few" if trend.reason == "too-few-points" else "apart"
        known = {"points": trend.points, "needed": trend.needed} if key == "few" else {}
        return word(f"run.trend.{key}", lang, years=years, **known)
    unit = (
        word("run.trend.points", lang) if about.style == "percent" else f" {about.unit}" if about.unit else ""
    )

    def sizes(middle: float, low: float, high: float) -> tuple[str, str, str]:
        places = decimals_for(low, high, middle)
        middle_text, low_text, high_text = (
            shown(value, lang, "number", places, signed=True) for value in (middle, low, high)
        )
        return middle_text, low_text, high_text

    slope, low, high = sizes(trend.slope, trend.low, trend.high)
    said = [
        word(
            "run.trend.told",
            lang,
            slope=slope,
            low=low,
            high=high,
            unit=unit,
            points=trend.points,
            years=years,
        )
    ]
    dates = {mark.at: mark.date for mark in breaks}
    for jump in trend.jumps:
        size, low, high = sizes(jump.size, jump.low, jump.high)
        date = dates.get(jump.at, f"{jump.at:.0f}")
        said.append(word("run.trend.jump", lang, date=date, size=size, low=low, high=high, unit=unit))
    return " ".join(said)


def _listed(points: Sequence[Point], gone: Sequence[Point], lang: str) -> str:
    """Name periods, those in a row by the first and last."""
    spans: list[list[Point]] = []
    for place, point in enumerate(points):
        if point not in gone:
            continue
        if spans and place and points[place - 1] is spans[-1][-1]:
            spans[-1].append(point)
        else:
            spans.append([point])
    texts = [
        one[0].period if len(one) == 1 else word("run.years", lang, first=one[0].period, last=one[-1].period)
        for one in spans
    ]
    return join(texts, lang)
