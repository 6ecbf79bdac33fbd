"""The list of measures as a table that is given out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.web.exchange.tables import Column, Table
from framsyn.web.measures.models import Benefit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.web.measures.queries import Row

__all__ = ["measures_table"]

KINDS = list(Benefit.Kind.values)


def measures_table(rows: Sequence[Row], *, names: bool = False) -> Table:
    """Return measures as they are filtered, with owner, status, work and benefits; strangers get no names of people."""
    units = {"hours": _("hours"), "fte": _("full-time equivalents"), "mnok": _("million kroner")}
    columns = (
        Column("id", _("Id")),
        Column("title", _("Title")),
        Column("organisation", _("Owner"), meaning=_("id of the organisation")),
        Column("owner", _("Function that answers")),
        Column("person", _("Person")),
        Column("phase", _("Phase"), meaning="idea, planned, under_way, completed, stopped"),
        Column("standing", _("Decided?"), meaning="decided, illustration"),
        Column("status", _("Status"), meaning="on_plan, needs_attention, stuck"),
        Column("reported", _("Last report"), "day"),
        Column("timeliness", _("Timeliness")),
        Column("start", _("Start"), "day"),
        Column("end", _("End"), "day"),
        Column("cost_mnok", _("Cost in all"), "number", _("million kroner, 2025 prices")),
        Column("fte", _("Staff"), "number", _("full-time equivalents")),
        Column("tasks", _("Tasks"), "whole"),
        Column("tasks_done", _("Tasks done"), "whole"),
        *(
            Column(f"{kind}_{what}", head, "number", units[kind])
            for kind in KINDS
            for what, head in (("planned", _("Benefit planned")), ("realised", _("Benefit realised")))
        ),
    )
    return Table("measures", _("Measures"), columns, lambda: (_cells(row, names=names) for row in rows))


def _cells(row: Row, *, names: bool) -> tuple[Any, ...]:
    """Return a row of the file; nothing where nothing is known."""
    benefits = {one.kind: one for one in row.benefits}
    sums: list[Any] = []
    for kind in KINDS:
        one = benefits.get(kind)
        sums += [None, None] if one is None else [one.planned, one.realised if one.reported else None]
    return (
        row.id,
        str(row.title),
        row.owner.organisation.pk,
        str(row.owner.unit),
        row.owner.person if names else "",
        row.phase,
        row.standing,
        row.status,
        row.reported_on,
        row.timeliness.code,
        row.start,
        row.end,
        row.cost,
        row.fte,
        row.tasks,
        row.tasks_done,
        *sums,
    )
