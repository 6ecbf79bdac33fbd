"""All that the page of one goal shows: status, charts, decisions, measures, links, risks, history."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from framsyn.web.accounts.models import Organisation
from framsyn.web.attainment.beside import with_reach
from framsyn.web.audit.queries import history_of
from framsyn.web.goals.models import GoalDecision
from framsyn.web.goals.statuses import (
    GoalStatus,
    PartStatus,
    judge_decision,
    override_of,
    status_of_goal,
    with_overrides,
)
from framsyn.web.indicators import charts
from framsyn.web.indicators.models import Break, Observation
from framsyn.web.indicators.queries import titles_of
from framsyn.web.indicators.readings import FAULTY, counted_since, shown
from framsyn.web.indicators.rules import Reading
from framsyn.web.indicators.sentences import decimals_of, quantity_text
from framsyn.web.languages import current_language
from framsyn.web.measures.models import Measure, Risk
from framsyn.web.plan.models import Link
from framsyn.web.plan.queries import Joined, threads_of
from framsyn.web.templatetags.texts import said

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping, Sequence

    from framsyn.report.figure import Chart
    from framsyn.web.audit.queries import Change
    from framsyn.web.goals.models import Override
    from framsyn.web.indicators.models import Indicator
    from framsyn.web.plan.models import Element, Node
    from framsyn.web.plan.queries import Thread

__all__ = ["DecisionLine", "GoalPage", "Picture", "goal_page"]

_MOST_CHARTS = 3
_COMPARED = (Organisation.Kind.HEALTH_AUTHORITY, Organisation.Kind.TRUST, Organisation.Kind.COUNTRY)


@dataclass(frozen=True)
class EarlierLine:
    """A decision that has been superseded."""

    decision: GoalDecision
    target: str


def _written(decision: GoalDecision, value: float) -> str:
    unit = decision.indicator.unit if decision.indicator else "count"
    return quantity_text(value, unit, current_language(), decimals_of([value], unit))


def target_text(decision: GoalDecision) -> str:
    """Return the target of a decision with its unit; empty where it has none."""
    if decision.target is not None:
        return _written(decision, decision.target)
    if decision.target_low is not None and decision.target_high is not None:
        return f"{_written(decision, decision.target_low)} – {_written(decision, decision.target_high)}"
    return ""


@dataclass(frozen=True)
class DecisionLine:
    """A decision in force, judged, with the decisions that it superseded, newest first."""

    part: PartStatus
    earlier: Sequence[GoalDecision]
    override: Override | None
    breaks_since: Sequence[Break] = ()

    @property
    def decision(self) -> GoalDecision:
        """The decision itself."""
        return self.part.decision

    @property
    def baseline(self) -> str:
        """Where it starts, with its unit."""
        start = self.part.status.start
        return "" if start is None else _written(self.decision, start)

    @property
    def target(self) -> str:
        """What is to be reached, with its unit."""
        return target_text(self.decision)

    @property
    def tolerance(self) -> str:
        """What may be chance, with its unit."""
        return _written(self.decision, self.decision.tolerance)

    @property
    def earlier_lines(self) -> list[EarlierLine]:
        """Decisions that this one superseded, newest first."""
        return [EarlierLine(decision, target_text(decision)) for decision in self.earlier]


@dataclass(frozen=True)
class Picture:
    """Charts of one indicator of the goal."""

    indicator: Indicator
    own: Chart | None
    comparison: Chart | None

    @property
    def definition(self) -> str:
        """What the indicator counts, marked where it is in another language form."""
        return said(self.indicator.definition)

    @property
    def needs(self) -> str:
        """What it needs before there are figures."""
        return said(self.indicator.needs)


@dataclass(frozen=True)
class GoalPage:
    """What the page of one goal shows."""

    element: Element
    node: Node
    status: GoalStatus
    lines: Sequence[DecisionLine]
    ended: Sequence[GoalDecision]
    pictures: Sequence[Picture] = ()
    measures: Sequence[Measure] = ()
    threads: Sequence[Thread] = ()
    risks: Sequence[Risk] = ()
    history: Sequence[Change] = field(default_factory=list)

    @property
    def indicators(self) -> list[Indicator]:
        """Indicators that the goal is measured by."""
        return [picture.indicator for picture in self.pictures]


def goal_page(node: Node) -> GoalPage:
    """Return what the page of a goal shows, from the place of the goal in force; eleven queries."""
    element = node.element
    today = timezone.localdate()
    decisions = list(
        with_reach(with_overrides(GoalDecision.objects.filter(goal=element)))
        .select_related("place__parent", "indicator", "created_by", "decision")
        .order_by("place__position", "id")
    )
    superseded = {one.supersedes_id: one for one in decisions if one.supersedes_id}
    in_force = [one for one in decisions if one.pk not in superseded]
    overrides = {one.pk: override_of(one) for one in in_force}
    indicators = {one.indicator_id: one.indicator for one in in_force if one.indicator}
    places = {place.pk: place for place in Organisation.objects.filter(kind__in=_COMPARED)}
    places |= {one.place_id: one.place for one in in_force}
    rows = _observations(indicators, places)
    breaks: defaultdict[str, list[Break]] = defaultdict(list)
    for mark in Break.objects.filter(indicator__in=indicators) if indicators else ():
        breaks[mark.indicator_id].append(mark)
    parts = [
        judge_decision(
            one,
            _readings(
                rows.get((one.indicator_id or "", one.place_id), ()),
                today,
                _breaks_at(one.place, breaks[one.indicator_id or ""], places),
            ),
            overrides.get(one.pk),
            today,
        )
        for one in in_force
    ]
    status = status_of_goal(element.pk, parts)
    by_id = {one.pk: one for one in decisions}
    lines = [
        DecisionLine(
            part,
            _earlier(part.decision, by_id),
            overrides.get(part.decision.pk),
            _since(part, _breaks_at(part.decision.place, breaks[part.decision.indicator_id or ""], places)),
        )
        for part in status.parts
    ]
    return GoalPage(
        element,
        node,
        status,
        lines,
        [one for one in decisions if one.pk in superseded],
        _pictures(status, rows, places, breaks),
        list(Measure.objects.filter(goals=element).select_related("organisation")),
        _threads(element),
        list(
            Risk.objects.filter(Q(element=element) | Q(measure__goals=element), closed_on__isnull=True)
            .select_related("measure")
            .distinct()
        ),
        history_of("plan.element", element.pk, 20),
    )


def _threads(element: Element) -> list[Thread]:
    """Return what a goal continues, answers and supports, as the version in force words it; two queries."""
    links = Link.objects.filter(Q(source=element) | Q(target=element))
    ends = [
        (link, link.source_id == element.pk, link.target if link.source_id == element.pk else link.source)
        for link in links.select_related("source__origin", "target__origin")
    ]
    titles = titles_of(other.pk for _link, _outwards, other in ends)
    return threads_of(
        Joined(
            kind=link.kind,
            outwards=outwards,
            element_id=other.pk,
            element_kind=other.kind,
            heading=titles[other.pk][1],
            plan=other.origin,
            note=link.note,
            link_id=link.pk,
            address=reverse("element", args=[other.pk]),
        )
        for link, outwards, other in ends
        if other.pk in titles
    )


def _observations(
    indicators: Iterable[str | None], places: Iterable[str]
) -> Mapping[tuple[str, str], Sequence[Observation]]:
    found: defaultdict[tuple[str, str], list[Observation]] = defaultdict(list)
    chosen = list(indicators)
    if chosen:
        query = Observation.objects.filter(indicator__in=chosen, place__in=list(places))
        for row in shown(query).order_by("period_end").defer("note", "source", "licence", "created_at"):
            found[row.indicator_id, row.place].append(row)
    return found


def _breaks_at(
    place: Organisation, breaks: Iterable[Break], places: Mapping[str, Organisation]
) -> list[Break]:
    """Return the breaks of a place's series: its own, every place's, and those of the parts that it sums."""
    parts = {name for name, one in places.items() if one.parent_id == place.pk}
    return [one for one in breaks if one.place in ("", place.pk) or one.place in parts]


def _readings(rows: Iterable[Observation], today: datetime.date, breaks: Sequence[Break]) -> list[Reading]:
    return [
        Reading(
            row.period_end,
            row.value,
            row.state == Observation.State.PROVISIONAL,
            row.coverage,
            row.data_through,
            row.quality == FAULTY,
            counted_since(breaks, row.period_end),
        )
        for row in rows
        if row.value is not None and min(row.data_through, row.period_end) <= today
    ]


def _earlier(decision: GoalDecision, by_id: Mapping[int, GoalDecision]) -> list[GoalDecision]:
    found: list[GoalDecision] = []
    before = by_id.get(decision.supersedes_id or 0)
    while before is not None:
        found.append(before)
        before = by_id.get(before.supersedes_id or 0)
    return found


def _since(part: PartStatus, breaks: Iterable[Break]) -> list[Break]:
    """Return the breaks between the start and the newest reading: the two are not counted alike."""
    first, last = part.status.start_date, part.status.date
    if first is None or last is None:
        return []
    return [mark for mark in breaks if mark.kind != Break.Kind.ONE_OFF and first < mark.date <= last]


def _pictures(
    status: GoalStatus,
    rows: Mapping[tuple[str, str], Sequence[Observation]],
    places: Mapping[str, Organisation],
    breaks: Mapping[str, Sequence[Break]],
) -> list[Picture]:
    """Draw each indicator of the goal: the part that is shown first."""
    lang = current_language()
    pictures: list[Picture] = []
    drawn: set[str] = set()
    for part in status.parts:
        indicator, place = part.decision.indicator, part.decision.place
        if indicator is None or indicator.pk in drawn or len(pictures) >= _MOST_CHARTS:
            continue
        drawn.add(indicator.pk)
        of_series, whole = breaks.get(indicator.pk, ()), _region(places)
        marks = charts.breaks_of(indicator, of_series, lang, place=place.pk, whole=whole)
        lines = {
            name: line
            for name, other in places.items()
            if (line := charts.line_of(indicator, rows.get((indicator.pk, name), ()), lang, name, str(other)))
        }
        line = charts.line_of(indicator, rows.get((indicator.pk, place.pk), ()), lang)
        own = None
        if line is not None:
            own = charts.own_chart(
                indicator,
                line,
                lang,
                where=str(place),
                name=f"goal-{indicator.pk}",
                breaks=marks,
                aim=charts.aim_of(indicator, part.rule, part.status, lang),
                # One outlook on a page: the query budget, and the eye, hold no more.
                fan=None if pictures else charts.fan_of(indicator, place),
            )
        compared = charts.comparison(
            indicator,
            lines,
            lang,
            where="",
            name=f"compare-{indicator.pk}",
            region=whole,
            breaks=charts.breaks_of(indicator, of_series, lang, whole=whole),
        )
        pictures.append(Picture(indicator, own, compared))
    return pictures


def _region(places: Mapping[str, Organisation]) -> str:
    """Return the id of the place that the others add up to."""
    kind = Organisation.Kind.HEALTH_AUTHORITY
    return next((name for name, place in places.items() if place.kind == kind), "")
