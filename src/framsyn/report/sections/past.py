"""How earlier projections fared: ours from 2015, use by demography alone, and the strategy of 2016."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from framsyn.report.blocks import Block, Cell, Column, Figure, Paragraph, Section, Span, Table
from framsyn.report.charts import Chart, calibration
from framsyn.report.evidence import Evidence, Triple, spell
from framsyn.report.numbers import number, percent, value_range
from framsyn.report.sections.common import about, heads, numbers_table, own_source, place_name, source_title
from framsyn.report.words import join, read_words, word

if TYPE_CHECKING:
    from framsyn.analyses.hindcast import Hindcast

__all__ = ["past"]

SCORES = {
    "coverage": "percent",
    "interval_score": "number",
    "relative_score": "percent",
    "crps": "number",
    "median_absolute_error": "percent",
    "bias": "percent",
}


def past(evidence: Evidence, lang: str) -> Section:
    """The projection of 2015 held against the count of 2025."""
    title = word("report.past", lang)
    found = evidence.hindcast
    if found is None:
        return Section("past", title, [Paragraph(word("past.absent", lang), "note")])
    blocks: list[Block] = [
        Paragraph(word("past.text", lang)),
        Paragraph(verdict(found, lang)),
        Figure(chart(evidence, found, lang)),
        Paragraph(misses(found, lang)),
    ]
    if len(found.missed):
        blocks.append(missed_table(evidence, found, lang))
    blocks += [scores(evidence, found, lang), trusts(evidence, found, lang)]
    if len(found.activity):
        blocks += [activity(evidence, found, lang), Paragraph(word("past.activity_note", lang), "note")]
        blocks += [trends(evidence, found, lang)]
    if len(found.strategy):
        blocks.append(strategy(evidence, found, lang))
    return Section("past", title, blocks)


def verdict(found: Hindcast, lang: str) -> str:
    """Say whether the projection beats the forecast of no change."""
    ours, naive = found.scores["interval_score"], found.scores["naive_interval_score"]
    key = "better" if ours < naive else "worse"
    coverage = percent(found.scores["coverage"], lang)
    return word(f"past.{key}", lang, ours=number(ours, lang), naive=number(naive, lang), coverage=coverage)


def chart(evidence: Evidence, found: Hindcast, lang: str) -> Chart:
    """Interval and count of each municipality."""
    frame = found.areas.rename(columns={"p10": "low", "p90": "high"})[
        ["area", "low", "median", "high", "actual"]
    ]
    info = about(evidence, lang, word("past.chart", lang), sources=("ssb_07459",), scenario=False)
    names = dict(zip(found.areas["area"].astype(str), found.areas["name"], strict=True))
    return calibration(frame, info, name="hindcast", labels=names)


def misses(found: Hindcast, lang: str) -> str:
    """Name every municipality outside its interval."""
    names = [str(name) for name in found.missed["name"]]
    if not names:
        return word("past.no_misses", lang)
    return word("past.misses", lang, count=len(names), total=len(found.areas), names=join(names, lang))


def missed_table(evidence: Evidence, found: Hindcast, lang: str) -> Table:
    """The misses with their size."""
    return numbers_table(
        "missed",
        word("past.misses_caption", lang),
        heads(lang, "head.municipality", "past.actual", "past.projected", "head.beyond"),
        [
            (str(row.name), *count_and_projection(row, lang), percent(row.beyond, lang, 1))
            for row in found.missed.itertuples()
        ],
        own_source(evidence, lang, "ssb_07459"),
    )


def scores(evidence: Evidence, found: Hindcast, lang: str) -> Table:
    """Scores beside those of the forecast of no change."""
    known = {
        "naive_bias": float((found.areas["count_2015"] / found.areas["actual"] - 1).mean()),
        **found.scores,
    }

    def text(key: str, style: str) -> str:
        if key not in known:
            return word("figure.absent", lang)
        value = known[key]
        return percent(value, lang, 1) if style == "percent" else number(value, lang)

    rows = [
        (word(f"past.{key}", lang), text(key, style), text(f"naive_{key}", style))
        for key, style in SCORES.items()
    ]
    return numbers_table(
        "scores",
        word("past.scores", lang),
        heads(lang, "head.measure", "head.ours_short", "head.naive"),
        rows,
        own_source(evidence, lang, "ssb_07459"),
    )


def trusts(evidence: Evidence, found: Hindcast, lang: str) -> Table:
    """Trusts and region."""
    return numbers_table(
        "hindcast-trusts",
        word("past.trusts", lang),
        [
            *heads(lang, "head.place", "past.actual", "past.projected", "past.error"),
            Column(word("past.inside", lang)),
        ],
        [
            (
                place_name(evidence, str(row.place), lang),
                *count_and_projection(row, lang),
                percent(row.median / row.actual - 1, lang, 1, signed=True),
                word("table.yes" if row.p10 <= row.actual <= row.p90 else "table.no", lang),
            )
            for row in found.totals.itertuples()
        ],
        own_source(evidence, lang, "ssb_07459"),
    )


def activity(evidence: Evidence, found: Hindcast, lang: str) -> Table:
    """Use that demography alone would have foreseen."""
    name_of = evidence.outlook.region.label_of
    return numbers_table(
        "hindcast-activity",
        word("past.activity", lang),
        heads(
            lang,
            "head.measure",
            "past.seen_2015",
            "past.demography",
            "past.actual",
            "past.error",
            "head.naive",
        ),
        [
            (
                f"{name_of('service_area', row.service_area, lang)}, {name_of('measure', row.measure, lang).lower()}",
                number(row.actual_2015, lang),
                number(row.projected, lang, -2),
                number(row.actual_2025, lang),
                off_by(row.error, lang),
                off_by(row.naive_error, lang),
            )
            for row in found.activity.itertuples()
        ],
        own_source(evidence, lang, "ssb_14824", "ssb_14820"),
    )


def off_by(error: float, lang: str) -> str:
    """Write how far a projection was off, or that a break parts the two years."""
    return word("past.not_comparable", lang) if math.isnan(error) else percent(error, lang, 1, signed=True)


def trends(evidence: Evidence, found: Hindcast, lang: str) -> Table:
    """Trend of the same use around the breaks in its series."""
    name_of = evidence.outlook.region.label_of

    def ends(low: float, high: float) -> str:
        return value_range(percent(low, lang, 1, signed=True), percent(high, lang, 1, signed=True), lang)

    return numbers_table(
        "hindcast-trends",
        word("past.trends", lang),
        heads(
            lang, "head.measure", "past.trend", "past.trend_interval", "past.trend_points", "past.left_out"
        ),
        [
            (
                f"{name_of('service_area', row.service_area, lang)}, {name_of('measure', row.measure, lang).lower()}",
                word("past.no_trend", lang)
                if math.isnan(row.trend)
                else percent(row.trend, lang, 1, signed=True),
                "" if math.isnan(row.trend) else ends(row.trend_low, row.trend_high),
                str(row.points),
                ", ".join(row.left_out.split("+")),
            )
            for row in found.activity.itertuples()
        ],
        own_source(evidence, lang, "ssb_14824", "ssb_14820"),
    )


def strategy(evidence: Evidence, found: Hindcast, lang: str) -> Table:
    """What the strategy of 2016 said, and what came."""
    rows: list[tuple[Cell, ...]] = []
    for row in found.strategy.to_dict("records"):
        key = f"past_figure.{row['figure']}"
        label: Cell = word(key, lang) if key in read_words() else Span(str(row["figure"]), lang="en")
        unit = str(row["unit"])
        came = row.get("came")
        note = row.get("note")
        rows.append(
            (
                label,
                str(int(row["year"])),
                figure_text(row["said"], unit, lang),
                word("past.not_yet", lang)
                if came is None or pd.isna(came)
                else figure_text(came, unit, lang),
                foreign(str(note), lang) if note and not pd.isna(note) else "",
            )
        )
    return numbers_table(
        "strategy",
        word("past.strategy", lang),
        [
            *heads(lang, "head.quantity", "head.year", "head.said", "head.came"),
            Column(word("head.note", lang), wide=True),
        ],
        rows,
        source_title(evidence, "hmn_strategy", lang),
    )


def count_and_projection(row: Any, lang: str) -> tuple[str, str]:
    """Write what was counted, and what was projected with its interval."""
    return number(row.actual, lang), spell([Triple(row.p10, row.median, row.p90)], lang)[0]


def figure_text(value: object, unit: str, lang: str) -> str:
    """Write a figure of the strategy in its unit."""
    size = float(value)  # type: ignore[arg-type]
    if unit == "percent":
        return percent(size / 100, lang, 0 if size == round(size) else 1)
    return number(size, lang)


def foreign(text: str, lang: str) -> str | Span:
    """A text that stands in English in the data, part by part translated where the words hold it, else marked as English."""
    words = read_words()
    if lang == "en":
        return text
    if f"note.{text}" in words:
        return word(f"note.{text}", lang)
    parts = [part.split(": ", 1) if f"note.{part}" not in words else [part] for part in text.split("; ")]
    if all(f"note.{piece}" in words for part in parts for piece in part):
        return "; ".join(": ".join(word(f"note.{piece}", lang) for piece in part) for part in parts)
    return Span(text, lang="en")
