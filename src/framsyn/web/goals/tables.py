"""The list of goals as a table that is given out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.web.exchange.tables import About, Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from framsyn.web.goals.queries import GoalList, GoalRow

__all__ = ["goals_table"]


def goals_table(found: GoalList) -> Table:
    """Return the goals as they are filtered, with what is decided and where each stands."""
    in_unit = _("in the unit of the indicator; a share in 0–1")
    columns = (
        Column("goal", _("Id")),
        Column("number", _("Number")),
        Column("wording", _("The goal in one sentence")),
        Column("section", _("Section")),
        Column("status", _("Status"), meaning="reached, on_the_way, at_risk, outside, missed, no_data …"),
        Column("wrong_way", _("Goes the wrong way"), "whole", meaning=_("1 for yes")),
        Column("standing", _("Standing"), meaning="decided, proposed, illustration"),
        Column("place", _("Where"), meaning=_("id of the organisation")),
        Column("indicator", _("Measured by"), meaning=_("id of the indicator")),
        Column("type", _("What is demanded"), meaning="reach_at_least, reach_at_most, hold, range, do"),
        Column("baseline", _("Baseline"), "number", meaning=in_unit),
        Column("baseline_date", _("Day of the baseline"), "day"),
        Column("target", _("Target"), "number", meaning=in_unit),
        Column("target_low", _("Lowest, of a range"), "number", meaning=in_unit),
        Column("target_high", _("Highest, of a range"), "number", meaning=in_unit),
        Column("tolerance", _("Tolerance"), "number", meaning=in_unit),
        Column("deadline", _("Deadline"), "day"),
        Column("value", _("Newest figure"), "number", meaning=in_unit),
        Column("value_date", _("Day of the newest figure"), "day"),
        Column("sentence", _("Status in words")),
    )
    source = str(found.version.plan.title) if found.version else ""
    return Table("goals", _("Goals with their status"), columns, lambda: _rows(found), About(source=source))


def _rows(found: GoalList) -> Iterator[tuple[Any, ...]]:
    for row in found.rows:
        yield (
            row.element,
            row.number,
            str(row.wording),
            row.section or row.main_goal,
            row.status.code,
            int(row.status.wrong_way),
            row.status.standing,
            *_decided(row),
            row.status.sentence,
        )


def _decided(row: GoalRow) -> tuple[Any, ...]:
    part = row.status.shown
    if part is None or part.decision is None:
        return (None,) * 12
    decision = part.decision
    return (
        decision.place_id,
        decision.indicator_id,
        decision.type,
        decision.baseline,
        decision.baseline_date,
        decision.target,
        decision.target_low,
        decision.target_high,
        decision.tolerance,
        decision.deadline,
        part.status.value,
        part.status.date,
    )
