"""From the site's decisions and measures to questions."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from framsyn.analyses.attainment import Effect
from framsyn.web.attainment.models import MeasureEffect
from framsyn.web.attainment.questions import REGION, Question, measures_of, target_from
from framsyn.web.goals.models import GoalDecision
from framsyn.web.measures.models import Measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from framsyn.analyses.attainment import Measure as Option
    from framsyn.analyses.attainment import Target
    from framsyn.web.attainment.models import IndicatorReading

__all__ = ["digest_of", "effects_in_use", "has_number", "options_of", "questions_of_site", "target_of"]


def questions_of_site(trusts: Sequence[str], goal: str = "") -> list[Question]:
    """Return the questions of the decisions that none has superseded; one query."""
    decisions = GoalDecision.objects.filter(superseded_by__isnull=True, indicator__isnull=False)
    if goal:
        decisions = decisions.filter(goal=goal)
    found = []
    for one in decisions.select_related("indicator__reading", "place").order_by(
        "goal_id", "place__position", "id"
    ):
        target = target_of(one, getattr(one.indicator, "reading", None), trusts)
        if target is not None:
            found.append(
                Question(one.pk, one.goal_id, one.place_id, one.indicator_id or "", one.standing, target)
            )
    return found  # fmt: skip


def has_number(decision: GoalDecision) -> bool:
    """Tell whether a decision demands something that a number can meet."""
    if decision.type == decision.Type.DO or decision.indicator_id is None:
        return False
    if decision.type == decision.Type.RANGE:
        return decision.target_low is not None and decision.target_high is not None
    if decision.type == decision.Type.HOLD:
        return decision.baseline is not None
    return decision.target is not None


def target_of(
    decision: GoalDecision, reading: IndicatorReading | None, trusts: Sequence[str]
) -> Target | None:
    """Return what a decision demands of the outlook; None where no model reaches it."""
    if decision.indicator is None or not has_number(decision):
        return None
    whole = decision.place.kind == decision.place.Kind.HEALTH_AUTHORITY
    place = REGION if whole else decision.place_id
    return target_from(decision, decision.direction, place, reading, decision.indicator.outlook, trusts)


def effects_in_use() -> list[MeasureEffect]:
    """Return the effects of the plan's measures, but of those that are stopped; one query."""
    return list(MeasureEffect.objects.exclude(measure__phase=Measure.Phase.STOPPED).select_related("measure"))


def options_of(effects: Iterable[MeasureEffect]) -> list[Option]:
    """Return measures with their effects, as the analysis takes them."""
    return measures_of(
        (
            one.measure_id,
            one.measure.cost,
            one.measure.fte,
            Effect(one.assumption, one.low, one.mode, one.high, one.start, one.end),
        )
        for one in effects
    )


def digest_of(target: Target, measures: Iterable[Option]) -> str:
    """Return a digest of everything in a question but the outlook: it changes when an answer is no longer of today."""
    said = {
        "target": asdict(target),
        "measures": [asdict(one) for one in sorted(measures, key=lambda one: one.name)],
    }
    text = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
