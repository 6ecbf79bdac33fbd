"""All goals with their answers as a table that is given out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.web.attainment.wording import ANSWERS
from framsyn.web.exchange.tables import About, Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from framsyn.web.attainment.queries import ReachList

__all__ = ["reach_table"]


def reach_table(found: ReachList) -> Table:
    """Return every decision of every goal with its answer."""
    columns = (
        Column("goal", _("Id")),
        Column("number", _("Number")),
        Column("wording", _("The goal in one sentence")),
        Column("answer", _("Answer"), meaning=", ".join(ANSWERS)),
        Column("place", _("Where"), meaning=_("id of the organisation")),
        Column("indicator", _("Measured by"), meaning=_("id of the indicator")),
        Column("standing", _("Standing"), meaning="decided, proposed, illustration"),
        Column("deadline", _("Deadline"), "day"),
        Column("scenario", _("Scenario")),
        Column("run", _("Run")),
        Column("draws", _("Draws"), "whole"),
        Column("probability", _("Probability of reaching it"), "number", meaning=_("share of the draws, 0–1")),
        Column("error", _("Standard error"), "number", meaning=_("Monte Carlo, of the probability")),
        Column("without", _("Without the measures"), "number", meaning=_("share of the draws, 0–1")),
        Column("with_all", _("With all measures"), "number", meaning=_("share of the draws, 0–1")),
        Column("measures", _("Measures that move it"), meaning=_("ids, the largest share first")),
    )  # fmt: skip

    def rows() -> Iterator[tuple[Any, ...]]:
        for _code, goals in found.groups:
            for goal in goals:
                for one in goal.answers:
                    known, result = one.found, one.result
                    yield (
                        goal.row.element,
                        goal.row.number,
                        str(goal.row.wording),
                        one.code,
                        one.decision.place_id,
                        one.decision.indicator_id,
                        one.decision.standing,
                        one.decision.deadline,
                        *(
                            (
                                result.scenario,
                                result.run,
                                known.draws,
                                known.probability,
                                round(known.error(), 4),
                                known.trend,
                                known.every,
                                " ".join(part.name for part in known.parts),
                            )
                            if known is not None and result is not None
                            else (None,) * 8
                        ),
                    )

    source = str(found.version.plan.title) if found.version else ""
    return Table("reach", _("Goals and whether they can be reached"), columns, rows, About(source=source))
