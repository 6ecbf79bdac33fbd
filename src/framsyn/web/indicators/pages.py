"""One indicator's page, drawn: its charts, its newest figure, what the rules say, and the goals that are bound to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps

from framsyn.web.audit.queries import history_of
from framsyn.web.indicators import charts
from framsyn.web.indicators.labels import QUALITIES
from framsyn.web.indicators.queries import IndicatorPage, indicator_page, titles_of
from framsyn.web.indicators.sentences import quantity_text
from framsyn.web.languages import current_language
from framsyn.web.templatetags.texts import said

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from django.db.models import QuerySet

    from framsyn.report.figure import Chart
    from framsyn.web.audit.queries import Change
    from framsyn.web.indicators.models import Break, Indicator, Observation
    from framsyn.web.languages import Text

__all__ = ["BoundGoal", "BreakLine", "DrawnPage", "PlaceLine", "drawn_page"]


@dataclass(frozen=True)
class BoundGoal:
    """A decision that is measured by the indicator."""

    element: str
    number: str
    wording: Text
    decision: Any


@dataclass(frozen=True)
class PlaceLine:
    """The newest figure of one place."""

    name: str
    period: str
    row: Observation
    text: str
    quality: str


@dataclass(frozen=True)
class BreakLine:
    """One break in words: its days, what it is, where, and why."""

    dates: str
    kind: str
    place: str
    mark: Break


@dataclass(frozen=True)
class DrawnPage:
    """What the page of one indicator shows."""

    data: IndicatorPage
    unit: str
    chart: Chart | None
    outlook: Chart | None
    comparison: Chart | None
    rule: str
    found: str
    signals: bool
    trend: str
    breaks: Sequence[BreakLine]
    newest: Sequence[PlaceLine]
    goals: Sequence[BoundGoal]
    history: Sequence[Change]

    @property
    def indicator(self) -> Indicator:
        """The indicator."""
        return self.data.indicator

    @property
    def definition(self) -> str:
        """What the indicator counts, marked where it is in another language form."""
        return said(self.indicator.definition)

    @property
    def needs(self) -> str:
        """What it needs before there are figures."""
        return said(self.indicator.needs)

    @property
    def notes(self) -> list[PlaceLine]:
        """Newest figures that something must be known of."""
        return [line for line in self.newest if line.row.note]

    @property
    def own(self) -> PlaceLine | None:
        """Newest figure of the place that is shown first."""
        return self.newest[0] if self.newest else None


def drawn_page(indicator: Indicator, *, drafts: Collection[str] | QuerySet[Any] = ()) -> DrawnPage:
    """Draw the page of an indicator, with goals that stand in a draft alone for those who work on it; ten queries."""
    lang = current_language()
    data = indicator_page(indicator)
    place, whole = data.own_place, data.place.pk if data.place else ""
    marks = charts.breaks_of(indicator, data.breaks, lang, place=place.pk if place else "", whole=whole)
    line = charts.line_of(indicator, data.own, lang)
    where = str(place) if place else ""
    chart = outlook = judged = None
    if line is not None:
        judged = charts.control(indicator, line, marks)
        chart = charts.own_chart(
            indicator, line, lang, where=where, name="figures", breaks=marks, judged=judged
        )
        fan = charts.fan_of(indicator, place) if place else None
        if fan is not None:
            outlook = charts.own_chart(
                indicator, line, lang, where=where, name="outlook", breaks=marks, fan=fan
            )
    lines = {
        name: one
        for name, rows in data.rows.items()
        if (one := charts.line_of(indicator, rows, lang, name, str(data.places[name]))) is not None
    }
    return DrawnPage(
        data,
        charts.unit_text(indicator.unit, lang),
        chart,
        outlook,
        charts.comparison(
            indicator,
            lines,
            lang,
            where="",
            name="places",
            region=whole,
            breaks=charts.breaks_of(indicator, data.breaks, lang, whole=whole),
        ),
        judged.rule(lang) if judged else "",
        judged.found(line.sound, lang) if judged and line else "",
        bool(judged and judged.signals),
        charts.trend(indicator, line, lang, marks) if line else "",
        [
            BreakLine(
                charts.break_dates(mark, lang),
                mark.get_kind_display(),
                str(data.places.get(mark.place, mark.place)),
                mark,
            )
            for mark in data.breaks
        ],
        _newest(data, lang),
        _goals(indicator, drafts=drafts),
        history_of("indicators.indicator", indicator.pk, 20),
    )


def _newest(data: IndicatorPage, lang: str) -> list[PlaceLine]:
    """Return the newest sound figure of every place, the one that is shown first first."""
    own = data.own_place.pk if data.own_place else ""
    found = []
    for name, rows in sorted(data.rows.items(), key=lambda item: item[0] != own):
        row = next((row for row in reversed(rows) if row.quality != "faulty"), None)
        if row is None or row.value is None:
            continue
        period = charts.period_text(data.indicator.frequency, row.period_start, row.period_end, lang)
        text = quantity_text(row.value, data.indicator.unit, lang, data.indicator.decimals)
        found.append(
            PlaceLine(str(data.places[name]), period, row, text, str(QUALITIES.get(row.quality, row.quality)))
        )
    return found


def _goals(indicator: Indicator, *, drafts: Collection[str] | QuerySet[Any] = ()) -> list[BoundGoal]:
    """Return the decisions in force that the indicator measures; two queries."""
    # Goals stand above indicators: they are asked for by name, not imported.
    decisions = apps.get_model("goals", "GoalDecision").objects
    rows = list(
        decisions.filter(indicator=indicator, superseded_by__isnull=True)
        .select_related("place")
        .order_by("goal", "id")
    )
    titles = titles_of((row.goal_id for row in rows), drafts=drafts) if rows else {}
    return [BoundGoal(row.goal_id, *titles[row.goal_id], row) for row in rows if row.goal_id in titles]
