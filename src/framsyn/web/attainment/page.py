"""All that the page of one goal shows about whether it can be reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.analyses.attainment import LEVELS
from framsyn.report.numbers import number, percent
from framsyn.web.attainment import charts
from framsyn.web.attainment.asking import effects_in_use
from framsyn.web.attainment.queries import answers_of
from framsyn.web.attainment.wording import (
    chance_text,
    demand_text,
    error_text,
    moved_text,
    points_text,
    value_text,
)
from framsyn.web.goals.models import GoalDecision
from framsyn.web.indicators.models import Observation
from framsyn.web.indicators.readings import shown
from framsyn.web.languages import Text, current_language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from framsyn.analyses.attainment import Attainment, Part
    from framsyn.report.figure import Chart
    from framsyn.web.attainment.models import MeasureEffect
    from framsyn.web.attainment.queries import Answer
    from framsyn.web.measures.models import Measure

__all__ = ["Block", "GoalReach", "block_of", "goal_reach", "level_of"]


@dataclass(frozen=True)
class Row:
    """A measure in the table."""

    measure: Measure | None
    name: str
    alone: str
    last: str
    share: str
    size: float
    moves: str


@dataclass(frozen=True)
class Count:
    """What a scenario counts on of an assumption, and what the measures give."""

    label: Text
    scenario: str
    given: str
    more: bool
    less: bool
    measures: Sequence[Measure]


@dataclass(frozen=True)
class Way:
    """The fewest measures over a probability."""

    measures: Sequence[Measure]
    chance: str
    reached: bool
    cost: str
    fte: str
    method: str


@dataclass(frozen=True)
class Block:
    """One decision of a goal, answered."""

    answer: Answer
    name: str
    demand: str
    chance: str = ""
    trend: str = ""
    every: str = ""
    exactly: str = ""
    now: str = ""
    then: str = ""
    fan: Chart | None = None
    dots: Chart | None = None
    rows: Sequence[Row] = ()
    idle: Sequence[Measure] = ()
    sum_of_shares: str = ""
    way: Way | None = None
    past: str = ""

    @property
    def is_certain(self) -> bool:
        """Whether the draws do not differ: the model holds the indicator without uncertainty."""
        found = self.answer.found
        return found is not None and max(found.dots) - min(found.dots) < 1e-9


@dataclass(frozen=True)
class GoalReach:
    """The page of one goal."""

    blocks: Sequence[Block]
    scenarios: Sequence[tuple[str, Text]]
    scenario: str
    effects: Sequence[MeasureEffect]
    counts: Sequence[Count] = ()
    year: int = 0


def level_of(said: str | None) -> tuple[float, bool]:
    """Return the probability that is asked for, and whether the question was one that can be asked.

    >>> level_of("0.7"), level_of(None), level_of("nan"), level_of("0.71")
    ((0.7, True), (0.8, True), (0.8, False), (0.8, True))
    """
    if said is None:
        return 0.8, True
    try:
        asked = float(said)
    except ValueError:
        return 0.8, False
    if not 0 < asked <= LEVELS[-1]:
        return 0.8, False
    return next(level for level in LEVELS if level >= asked - 1e-9), True


def goal_reach(element_id: str, scenario: str, over: float) -> GoalReach:
    """Return what the page of a goal shows; five queries."""
    decisions = list(
        GoalDecision.objects.filter(goal=element_id, superseded_by__isnull=True)
        .select_related("place", "indicator")
        .order_by("place__position", "id")
    )
    effects = effects_in_use()
    answers, scenarios = answers_of(decisions, scenario, effects)
    measures = {effect.measure_id: effect.measure for effect in effects}
    history = counted([answers[one.pk] for one in decisions])
    blocks = [
        block_of(
            answers[one.pk], measures, over, history.get((one.indicator_id or "", one.place_id), {}), drawn=True
        )
        for one in decisions
    ]  # fmt: skip
    blocks.sort(key=lambda block: block.answer.found is None)
    own = {name for block in blocks for row in block.rows if row.measure for name in [row.measure.pk]}
    counts: dict[str, Count] = {}
    for answer in answers.values():
        for row in answer.result.shares if answer.result else ():
            counts.setdefault(row["assumption"], count_of(row, measures, current_language()))
    return GoalReach(
        blocks,
        scenarios,
        scenario,
        [one for one in effects if one.measure_id in own],
        list(counts.values()),
        max((one.found.target.year for one in answers.values() if one.found), default=0),
    )


def counted(answers: Sequence[Answer]) -> dict[tuple[str, str], dict[int, float]]:
    """Return the counted years of the indicators that are read from the outlook; one query."""
    pairs = {(one.decision.indicator_id, one.decision.place_id) for one in answers if one.found is not None}
    found: dict[tuple[str, str], dict[int, float]] = {}
    if not pairs:
        return found
    rows = shown(
        Observation.objects.filter(
            indicator__in={name for name, _place in pairs},
            place__in={place for _name, place in pairs},
            indicator__frequency="year",
            value__isnull=False,
        )
    ).order_by("period_end")
    for row in rows:
        if row.quality != "faulty" and row.value is not None:
            found.setdefault((row.indicator_id, row.place), {})[row.period_end.year] = row.value
    return found


def block_of(
    answer: Answer,
    measures: Mapping[str, Measure],
    over: float,
    history: dict[int, float],
    *,
    drawn: bool,
) -> Block:
    """Return one decision with its answer in words, numbers and pictures.

    Parameters
    ----------
    answer : Answer
    measures : mapping of str to Measure
        Those that move an assumption.
    over : float
        Probability over which the smallest set is shown.
    history : dict of int to float
        Counted years of the indicator.
    drawn : bool
        Whether the charts are made too.
    """
    decision, found, lang = answer.decision, answer.found, current_language()
    name = str(decision.indicator.name) if decision.indicator else ""
    if found is None or answer.result is None or decision.indicator is None:
        return Block(answer, name, demand_text(decision))
    indicator = decision.indicator
    biggest = max((abs(part.moves) for part in found.parts), default=0.0) or 1.0
    return Block(
        answer,
        name,
        demand_text(decision),
        chance=chance_text(found.probability, found.draws),
        trend=chance_text(found.trend, found.draws),
        every=chance_text(found.every, found.draws),
        exactly=error_text(found),
        now=value_text(indicator, found.start),
        then=value_text(indicator, found.centre),
        fan=charts.fan(answer.result, found, history, lang) if drawn else None,
        dots=charts.dots(answer.result, found, lang) if drawn else None,
        rows=[row_of(part, measures, indicator, biggest) for part in found.parts],
        idle=[measures[name] for name in found.idle if name in measures],
        sum_of_shares=points_text(found.every - found.trend),
        way=way_of(found, measures, over, lang),
        past=past_text(answer, lang),
    )


def row_of(part: Part, measures: Mapping[str, Measure], indicator: Any, biggest: float) -> Row:
    """Return a measure's row."""
    return Row(
        measures.get(part.name),
        part.name,
        points_text(part.alone),
        points_text(part.last),
        points_text(part.share),
        abs(part.moves) / biggest,
        moved_text(indicator, part.moves),
    )


def count_of(row: Mapping[str, Any], measures: Mapping[str, Measure], lang: str) -> Count:
    """Return what a scenario counts on, beside what the measures give."""
    return Count(
        Text(row["label"]),
        percent(row["scenario"], lang),
        percent(row["given"], lang),
        row["given"] < row["scenario"] - 0.015,
        row["given"] > row["scenario"] + 0.015,
        [measures[name] for name in row["measures"] if name in measures],
    )


def way_of(found: Attainment, measures: Mapping[str, Measure], over: float, lang: str) -> Way:
    """Return the smallest set over a probability, with what it costs."""
    smallest = found.over(over)
    chosen = [measures[name] for name in smallest.names if name in measures]
    return Way(
        chosen,
        percent(smallest.probability, lang),
        smallest.reached,
        number(sum(one.cost or 0 for one in chosen), lang, 1),
        number(sum(one.fte or 0 for one in chosen), lang, 0),
        smallest.method,
    )


def past_text(answer: Answer, lang: str) -> str:
    """Say how the model foresaw the indicator before; empty where that cannot be tested yet."""
    tested, indicator = answer.backtest, answer.decision.indicator
    if tested is None or indicator is None:
        return ""
    values = {
        "made": str(tested.made),
        "year": str(tested.year),
        "projected": value_text(indicator, tested.projected),
        "actual": value_text(indicator, tested.actual),
        "error": percent(abs(tested.error), lang),
        "naive": percent(abs(tested.naive_error), lang),
    }
    if tested.error >= 0:
        text = _(
            "With what was known in %(made)s, demography alone would have said %(projected)s for %(year)s. It became "
            "%(actual)s: the projection was %(error)s too high. “No change” would have missed by %(naive)s."
        )
    else:
        text = _(
            "With what was known in %(made)s, demography alone would have said %(projected)s for %(year)s. It became "
            "%(actual)s: the projection was %(error)s too low. “No change” would have missed by %(naive)s."
        )
    return text % values
