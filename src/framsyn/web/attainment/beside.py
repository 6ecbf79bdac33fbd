"""What the page of a goal shows of whether it can be reached: brought by the decisions themselves, without a query more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import OuterRef, Subquery

from framsyn.web.attainment.models import AttainmentResult
from framsyn.web.attainment.queries import DEFAULT
from framsyn.web.attainment.wording import ANSWERS, answer_of, chance_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from framsyn.web.goals.models import GoalDecision

__all__ = ["ReachLine", "reach_lines", "with_reach"]


class ReachLine(NamedTuple):
    """The answer to one decision in a line."""

    shape: str
    word: Any
    name: str
    chance: str
    example: bool


def with_reach(decisions: QuerySet[GoalDecision]) -> QuerySet[GoalDecision]:
    """Let each decision bring its newest answer under the plan's scenario, for :func:`reach_lines`."""
    newest = AttainmentResult.objects.filter(decision=OuterRef("pk"), scenario=DEFAULT)
    newest = newest.order_by("-made_at", "-id")
    return decisions.annotate(
        reach_probability=Subquery(newest.values("probability")[:1]),
        reach_draws=Subquery(newest.values("draws")[:1]),
    )


def reach_lines(decisions: Iterable[Any]) -> list[ReachLine]:
    """Return the answers that decisions of :func:`with_reach` bring; nothing for those that have none."""
    lines = []
    for one in decisions:
        probability = one.reach_probability
        if probability is None:
            continue
        shape, word, _meaning = ANSWERS[answer_of(probability)]
        name = f"{one.indicator}, {one.place}"
        chance = chance_text(probability, one.reach_draws)
        lines.append(ReachLine(shape, word, name, chance, one.standing != one.Standing.DECIDED))
    return lines
