"""The red thread and its dead ends as tables that are given out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from framsyn.web.exchange.tables import Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from framsyn.web.thread.beads import Thread
    from framsyn.web.thread.dead_ends import DeadEnd

__all__ = ["dead_ends_table", "thread_table"]


def thread_table(threads: Iterable[Thread]) -> Table:
    """Return a row for everything that hangs on a thread."""
    columns = (
        Column("goal", _("Goal"), meaning=_("id of the goal")),
        Column("number", _("No.")),
        Column("wording", _("Wording")),
        Column("stage", _("Stage"), meaning="indicator, measure, risk, decision"),
        Column("id", _("Id")),
        Column("title", _("Title")),
        Column("status", _("Status")),
        Column("note", _("Note")),
        Column("of", _("Hangs on"), meaning=_("id of the measure that a risk belongs to, else of the goal")),
    )

    def rows() -> Iterator[tuple[str, ...]]:
        for one in threads:
            for stage, _name, beads in one.stages:
                for bead in beads:
                    words = str(one.goal.title), stage, bead.id, str(bead.title), bead.word, bead.note
                    yield one.goal.id, one.number, *words, bead.of or one.goal.id

    return Table("red-thread", _("The red thread"), columns, rows)


def dead_ends_table(found: Iterable[DeadEnd]) -> Table:
    """Return a row for every dead end."""
    columns = (
        Column("kind", _("Kind"), meaning=_("code of the kind")),
        Column("kind_name", _("Kind in words")),
        Column("object_type", _("What it is"), meaning="goal, measure, indicator"),
        Column("object_id", _("Id")),
        Column("title", _("Title")),
        Column("sentence", _("What is missing")),
        Column("page", _("Page")),
    )

    def rows() -> Iterator[tuple[str, ...]]:
        for one in found:
            named = one.kind, one.kind_name, one.object_type, one.object_id
            yield *named, str(one.title), one.sentence, one.address

    return Table("dead-ends", _("Dead ends"), columns, rows)
