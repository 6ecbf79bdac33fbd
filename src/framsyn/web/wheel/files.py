"""The annual wheel as a table that is given out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.web.exchange.tables import Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from framsyn.web.wheel.dates import Occurrence

__all__ = ["wheel_table"]


def wheel_table(found: Sequence[Occurrence]) -> Table:
    """Return a row for every event of a year."""
    columns = (
        Column("id", _("Id")),
        Column("title", _("Title")),
        Column("kind", _("Kind"), meaning="owner, board, report, economy, plan, other"),
        Column("standing", _("Where the time comes from"), meaning="decided, known, illustration"),
        Column("first", _("First day"), "day"),
        Column("last", _("Last day"), "day"),
        Column("every", _("How often"), "whole", meaning=_("years between two; 0 is once")),
        Column("organisation", _("Whose wheel"), meaning=_("id of the organisation")),
        Column("responsible", _("Function that answers")),
        Column("plan", _("Plan that it is about"), meaning=_("id of the plan")),
        Column("element", _("Part of the plan that it is about"), meaning=_("id of the part")),
        Column("note", _("Note")),
        Column("source", _("Source")),
    )

    def rows() -> Iterator[tuple[Any, ...]]:
        for one in found:
            event = one.event
            time = one.first, one.last, event.every
            about = event.organisation_id, str(event.responsible), event.plan_id, event.element_id
            yield (
                event.pk,
                str(event.title),
                event.kind,
                event.standing,
                *time,
                *about,
                str(event.note),
                event.source,
            )

    return Table("annual-wheel", _("Annual wheel"), columns, rows)
