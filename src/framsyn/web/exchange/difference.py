"""What a workbook would change: held against the plan as it is now, and against the plan as it was taken home.

A cell that still holds what was exported says nothing, whatever has happened in the plan since. A cell that was changed is a
change; where the plan has changed the same cell meanwhile the row is stale, both are shown, and nothing is overwritten.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.web.exchange.kinds import KINDS, Column, Kind
from framsyn.web.exchange.reading import Brought, CellError, Reading
from framsyn.web.exchange.rows import Held, held
from framsyn.web.exchange.values import check_sum, same
from framsyn.web.goals.models import GoalDecision
from framsyn.web.indicators.models import Observation
from framsyn.web.languages import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MOST_CHANGES", "CellChange", "Change", "Difference", "compare", "from_json", "to_json"]

MOST_CHANGES = 2_000
"""Rows that one workbook may change: more than that is for the programming interface."""
DOING = ("new", "changed", "removed")
"""What is done; stale and refused rows are shown, and left out or waited for."""


@dataclass(frozen=True)
class CellChange:
    """One cell: what stands in the plan, and what the workbook says. A hidden figure is never told."""

    column: str
    before: Any
    after: Any


@dataclass
class Change:
    """One row that differs."""

    kind: str
    status: str  # new, changed, removed, stale, refused, wrong
    sheet: str
    row: int
    id: str
    cells: list[CellChange]
    brought: Brought
    now: Held | None = None
    message: str = ""
    by: str = ""

    @property
    def label(self) -> str:
        """Return what the row is about, in words."""
        values = {
            **(self.now.values if self.now else {}),
            **{key: value for key, value in self.brought.values.items() if value},
        }
        for name in ("title", "name", "wording", "text"):
            if values.get(name):
                return str(values[name])
            words = [values[f"{name}.{code}"] for code in LANGUAGES if values.get(f"{name}.{code}")]
            if words:
                return str(words[0])
        keys = KINDS[self.kind].key
        return " · ".join(str(values[key]) for key in keys if values.get(key)) or self.id

    def said(self) -> list[Any]:
        """Return the change as it was shown, for the check sum of the whole."""
        return [
            self.kind,
            self.status,
            self.row,
            self.id,
            [[cell.column, cell.before, cell.after] for cell in self.cells],
        ]


@dataclass
class Difference:
    """All that a workbook would change, and all that is wrong with it."""

    changes: list[Change] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    unchanged: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each status."""
        found = Counter(change.status for change in self.changes)
        return {status: found.get(status, 0) for status in (*DOING, "stale", "refused", "wrong")}

    @property
    def doing(self) -> list[Change]:
        """Rows that would be written."""
        return [change for change in self.changes if change.status in DOING]

    @property
    def waiting(self) -> list[Change]:
        """Rows that are stale, or that the actor may not change."""
        return [change for change in self.changes if change.status in ("stale", "refused")]

    @property
    def digest(self) -> str:
        """The check sum of what was shown; another one means that something else would be done."""
        said = [
            [change.said() for change in self.changes],
            [[error.sheet, error.cell] for error in self.errors],
        ]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def to_json(found: Difference) -> str:
    """Return a difference as text, to be kept between "shown" and "done"."""
    return json.dumps(asdict(found), ensure_ascii=False)


def from_json(text: str) -> Difference:
    """Return the difference that :func:`to_json` wrote."""
    said = json.loads(text)
    changes = [
        Change(
            **{
                **one,
                "cells": [CellChange(**cell) for cell in one["cells"]],
                "brought": Brought(**one["brought"]),
                "now": Held(**{**one["now"], "about": tuple(one["now"]["about"])}) if one["now"] else None,
            }
        )
        for one in said["changes"]
    ]
    return Difference(
        changes, [CellError(**one) for one in said["errors"]], said["notices"], said["unchanged"]
    )


def compare(reading: Reading) -> Difference:
    """Hold what a workbook says against the plan; about 25 queries, however many rows there are."""
    found = Difference(errors=list(reading.errors), notices=list(reading.notices))
    bad = {(error.sheet, error.cell) for error in reading.errors}
    for name, kind in KINDS.items():
        rows = [row for row in reading.rows if row.kind == name]
        if not rows:
            continue
        here = _Here(kind, held(name), rows)
        for row in rows:
            wrong = any((row.sheet, cell) in bad for cell in row.cells.values())
            change = _compared(kind, row, here, found, wrong=wrong)
            if change is None:
                found.unchanged += 1
            else:
                found.changes.append(change)
    if len(found.doing) > MOST_CHANGES:
        message = _(
            "%(count)s rows would change, more than the %(most)s that one workbook may change. Take fewer at "
            "a time, or use the programming interface"
        )
        first = found.doing[MOST_CHANGES]
        found.errors.append(
            CellError(
                first.sheet,
                first.brought.cell("id"),
                message % {"count": len(found.doing), "most": MOST_CHANGES},
            )
        )
    return found


class _Here:
    """The rows of a sheet in the plan, found by id, by what they are about, and by what has followed them."""

    def __init__(self, kind: Kind, rows: Iterable[Held], brought: Iterable[Brought]) -> None:
        self.kind = kind
        self.by_id = {row.id: row for row in rows}
        self.by_key = {self.key(row.values): row for row in self.by_id.values()}
        self.followed: dict[str, Held] = {}
        self.hidden: set[str] = set()
        gone = [row.id for row in brought if row.id.isdigit() and row.id not in self.by_id]
        if gone and kind.name == "goals":
            self._decisions(gone)
        elif gone and kind.name == "observations":
            self._figures(gone)

    def key(self, values: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(values.get(name) or None for name in self.kind.key)

    def _decisions(self, gone: list[str]) -> None:
        for old in GoalDecision.objects.filter(pk__in=[int(one) for one in gone if len(one) < 16]):
            now = self.by_key.get((old.goal_id, old.place_id, old.indicator_id))
            if now is not None:
                self.followed[str(old.pk)] = now

    def _figures(self, gone: list[str]) -> None:
        for old in Observation.objects.filter(pk__in=[int(one) for one in gone if len(one) < 16]):
            now = self.by_key.get(
                (old.indicator_id, old.place, old.period_start.isoformat(), old.period_end.isoformat())
            )
            if now is not None:
                self.followed[str(old.pk)] = now
            else:
                self.hidden.add(str(old.pk))

    def find(self, row: Brought) -> Held | None:
        """Return the row of the plan that a row of the workbook is about."""
        if row.id:
            return self.by_id.get(row.id) or self.followed.get(row.id)
        if self.kind.name in ("goals", "observations"):
            return self.by_key.get(self.key(row.values))
        return None


def _compared(kind: Kind, row: Brought, here: _Here, found: Difference, *, wrong: bool) -> Change | None:
    now = here.find(row)
    if now is None:
        return _unknown(kind, row, here, found, wrong=wrong)
    _check_key(kind, row, now, found)
    cells: list[CellChange] = []
    stale: list[CellChange] = []
    for column in kind.changing:
        if column.name not in row.values or row.base.get(column.name) == "-":
            continue
        before, after = now.values.get(column.name), row.values[column.name]
        base = row.base.get(column.name)
        if same(before, after) or (base and check_sum(column.name, after) == base):
            continue
        moved = (
            check_sum(column.name, before) != base if base else row.seen is not None and row.seen != now.last
        )
        (stale if moved else cells).append(CellChange(column.name, before, after))
    if row.values.get("remove") == "yes":
        shown = next((column for column in kind.changing if column.required), kind.changing[0])
        return Change(
            kind.name,
            "wrong" if wrong else "removed",
            row.sheet,
            row.row,
            row.id,
            [CellChange(shown.name, now.values.get(shown.name), None)],
            row,
            now,
        )
    if stale:
        message = _(
            "Changed in the plan since the workbook was made. Theirs stands until you decide: export anew, or "
            "write their text into your cell and bring it back."
        )
        return Change(kind.name, "stale", row.sheet, row.row, row.id, stale + cells, row, now, message)
    if not cells:
        return None if not wrong else Change(kind.name, "wrong", row.sheet, row.row, row.id, [], row, now)
    missing = _missing(kind, row, now)
    for column in missing:
        found.errors.append(CellError(row.sheet, row.cell(column.name), _("this must be filled")))
    return Change(
        kind.name, "wrong" if wrong or missing else "changed", row.sheet, row.row, row.id, cells, row, now
    )


def _unknown(kind: Kind, row: Brought, here: _Here, found: Difference, *, wrong: bool) -> Change | None:
    """Return the change that a row makes which the plan does not have: new, or taken away meanwhile."""
    cells = [
        CellChange(column.name, None, row.values[column.name])
        for column in kind.columns
        if column.change != "never"
        and column.name not in ("id", "remove", "reason")
        and row.values.get(column.name) not in (None, "", [])
    ]
    if row.base or row.id in here.hidden:
        untouched = all(
            check_sum(column.name, row.values.get(column.name)) == row.base.get(column.name)
            for column in kind.changing
            if column.name in row.values and row.base.get(column.name) != "-"
        )
        if untouched and row.base:
            return None
        message = (
            _(
                "It is not among the figures that may be shown any more: it was hidden, or corrected so that "
                "it is."
            )
            if row.id in here.hidden
            else _("It has been taken out of the plan since the workbook was made.")
        )
        return Change(kind.name, "stale", row.sheet, row.row, row.id, cells, row, None, message)
    if row.id and kind.name not in ("measures", "indicators"):
        message = _("there is no row with this id; leave the id of a new row empty")
        found.errors.append(CellError(row.sheet, row.cell("id"), message))
        wrong = True
    missing = _missing(kind, row, None)
    for column in missing:
        found.errors.append(CellError(row.sheet, row.cell(column.name), _("this must be filled")))
    return Change(kind.name, "wrong" if wrong or missing else "new", row.sheet, row.row, row.id, cells, row)


def _check_key(kind: Kind, row: Brought, now: Held, found: Difference) -> None:
    """Tell of a cell that says what a row is about and was changed."""
    for column in kind.columns:
        if (
            column.change == "new"
            and column.name != "id"
            and column.name in row.values
            and row.id
            and not same(row.values[column.name], now.values.get(column.name))
        ):
            message = _(
                "this says what the row is about and cannot change; write %(old)s again, or make a new row "
                "without an id"
            )
            found.errors.append(
                CellError(
                    row.sheet, row.cell(column.name), message % {"old": now.values.get(column.name) or "–"}
                )
            )


def _missing(kind: Kind, row: Brought, now: Held | None) -> list[Column]:
    """Return the columns that must be filled and are not; of a text one language form is enough."""
    values = {**(now.values if now else {}), **row.values}
    found: dict[str, Column] = {}
    filled = set()
    for column in kind.columns:
        if not column.required:
            continue
        if values.get(column.name) in (None, "", []):
            found.setdefault(column.field, column)
        else:
            filled.add(column.field)
    return [column for name, column in found.items() if name not in filled]
