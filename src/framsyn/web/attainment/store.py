"""Asking which goals of the site's plan can be reached, and keeping the answers, so that no page computes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from framsyn.analyses.attainment import BUDGET
from framsyn.web.actions import Act, action
from framsyn.web.attainment.asking import digest_of, effects_in_use, options_of, questions_of_site
from framsyn.web.attainment.models import AttainmentResult
from framsyn.web.attainment.questions import DRAWS, Answers, answer_all
from framsyn.web.audit.models import Entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from framsyn.region import Region
    from framsyn.scenario import Scenario

__all__ = ["DRAWS", "ask", "keep"]


def ask(
    region: Region,
    scenario: Scenario,
    *,
    draws: int = DRAWS,
    seed: int = 1,
    goal: str = "",
    budget: int = BUDGET,
    progress: Callable[[int, int], None] | None = None,
) -> Answers:
    """Ask of every decision of the site that a model reaches whether it is reached; two queries, then computing.

    Parameters
    ----------
    region : Region
    scenario : Scenario
    draws, seed : int
    goal : str
        One goal alone.
    budget : int
        Most sets of measures over which one target is shared out.
    progress : callable, optional
    """
    questions = questions_of_site(region.trusts, goal)
    measures = options_of(effects_in_use())
    return answer_all(
        region, scenario, questions, measures, draws=draws, seed=seed, budget=budget, progress=progress
    )


@action("attainment.store")
def keep(act: Act, answers: Answers) -> int:
    """Keep answers; one that is kept already stays as it is. Returns how many are new.

    Parameters
    ----------
    act : Act
    answers : Answers
        To questions of :func:`framsyn.web.attainment.asking.questions_of_site`.
    """
    act.require(None)
    new = 0
    for (question, found), tested in zip(answers.found, answers.past, strict=True):
        moved = {part.name for part in found.parts}
        _row, made = AttainmentResult.objects.get_or_create(
            decision_id=question.key,
            run=answers.run,
            digest=digest_of(found.target, answers.measures),
            defaults={
                "scenario": answers.scenario.name,
                "label": dict(answers.scenario.label),
                "draws": answers.draws,
                "seed": answers.seed,
                "probability": found.probability,
                "found": found.to_json(),
                "shares": [row for row in answers.shares if moved & set(row["measures"])],
                "backtest": asdict(tested) if tested else None,
                "made_at": act.at,
            },
        )
        new += made
    after = {"scenario": answers.scenario.name, "run": answers.run, "answers": len(answers.found), "new": new}
    act.record(Entry(pk=0), label=dict(answers.scenario.label), after=after)
    return new
