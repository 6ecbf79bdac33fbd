"""Doing what the workbook says: each row by the action that the forms call, with its checks, its roles and its log."""

from __future__ import annotations

import datetime
import logging
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web import locking
from framsyn.web.accounts.models import Organisation
from framsyn.web.actions import NotAllowed
from framsyn.web.exchange.difference import CellError, Change, Difference, compare
from framsyn.web.exchange.kinds import KINDS
from framsyn.web.exchange.writers import WRITERS
from framsyn.web.plan.models import Element

if TYPE_CHECKING:
    from collections.abc import Iterator

    from framsyn.web.actions import Actor
    from framsyn.web.exchange.reading import Reading

__all__ = ["apply", "check"]

# Where a refusal of an action belongs that names no field.
_COLUMN_OF = {
    "no-value": "value",
    "not-finite": "value",
    "value-and-parts": "value",
    "share-out-of-range": "value",
    "nothing-counted": "denominator",
    "wrong-order": "period_end",
    "future-date": "data_through",
    "coverage-out-of-range": "coverage",
    "correction-without-reason": "reason",
    "unit-in-use": "unit",
    "unknown-unit": "unit",
    "decimals": "decimals",
    "bad-name": "id",
    "duplicate-id": "id",
}


@dataclass
class Trial:
    """What one run of a workbook remembers: the last change of each thing, so that one row does not make the next stale."""

    actor: Actor
    last: dict[tuple[str, str], int] = field(default_factory=dict)

    def seen(self, thing: Any, change: Change) -> int | None:
        """Return the version of a thing that a row was held against."""
        about = (thing._meta.label_lower, str(thing.pk))
        if about in self.last:
            return self.last[about]
        return change.now.last if change.now is not None else None

    def touched(self, thing: Any) -> None:
        """Remember what we have written: the thing is locked, so nobody else has."""
        self.last[thing._meta.label_lower, str(thing.pk)] = locking.last_change(thing)


class _Undo(Exception):
    """Ends the trial; nothing stays."""


class _OthersOnly(logging.Filter):
    """Lets through what other threads log: an action that is tried and undone has not happened."""

    def __init__(self) -> None:
        super().__init__()
        self.own = threading.get_ident()

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a line was written by another thread."""
        return record.thread != self.own


@contextmanager
def _undone() -> Iterator[None]:
    quiet = _OthersOnly()
    log = logging.getLogger("framsyn.web.actions")
    log.addFilter(quiet)
    try:
        with transaction.atomic():
            yield
            raise _Undo  # noqa: TRY301 - the way out of the transaction is the point
    except _Undo:
        pass
    finally:
        log.removeFilter(quiet)


def check(actor: Actor, reading: Reading) -> Difference:
    """Return what a workbook would change: every row is tried by its action, and all of it undone.

    Parameters
    ----------
    actor : Actor
    reading : Reading
    """
    with _undone():
        found = compare(reading)
        trial = Trial(actor)
        for change in found.doing:
            try:
                with transaction.atomic():
                    _write(trial, change)
            except NotAllowed as error:
                change.status, change.message = "refused", error.message
            except PlanError as error:
                if error.code == "stale":
                    change.status, change.message = "stale", error.message
                else:
                    change.status = "wrong"
                    found.errors.append(_told(change, error))
    return found


def apply(actor: Actor, reading: Reading, digest: str, *, leave_out: bool = False) -> Difference:
    """Do what was shown, all of it or nothing.

    Parameters
    ----------
    actor : Actor
    reading : Reading
        What was read when the difference was shown.
    digest : str
        Of the difference that was shown.
    leave_out : bool
        Leave out the rows that are stale or refused; otherwise they stop the whole.

    Raises
    ------
    PlanError
        ``difference-moved`` when something else would be done than was shown; ``cell-errors``; ``rows-waiting``;
        ``nothing-to-do``; and what the actions raise. Nothing is changed then.
    """
    with transaction.atomic():
        found = check(actor, reading)
        if found.digest != digest:
            message = _(
                "The plan has changed since you were shown the difference. Nothing was done. Look at the "
                "difference as it is now, and say yes again."
            )
            raise PlanError("difference-moved", message, expected=digest, got=found.digest)
        if found.errors:
            message = _(
                "Some cells are wrong (%(count)s). Nothing was done. Mend them in the workbook and bring it back."
            )
            raise PlanError(
                "cell-errors",
                message % {"count": len(found.errors)},
                errors=[str(error) for error in found.errors],
            )
        if found.waiting and not leave_out:
            message = _(
                "Some rows are stale or not yours to change (%(count)s). Nothing was done. Leave them out, or mend "
                "them and bring the workbook back."
            )
            raise PlanError("rows-waiting", message % {"count": len(found.waiting)})
        if not found.doing:
            raise PlanError("nothing-to-do", _("The workbook changes nothing."))
        trial = Trial(actor)
        for change in found.doing:
            _write(trial, change)
    return found


def _write(trial: Trial, change: Change) -> None:
    try:
        WRITERS[change.kind](trial, change, merged(change))
    except DatabaseError as error:
        message = _("the database does not take this row: %(reason)s")
        raise PlanError("not-stored", message % {"reason": str(error).splitlines()[0]}) from error
    except (Organisation.DoesNotExist, Element.DoesNotExist) as error:
        raise PlanError("not-there", str(error)) from error


def merged(change: Change) -> dict[str, Any]:
    """Return the row as it will be: the plan's, with the cells that were changed."""
    values = dict(change.now.values) if change.now is not None else {}
    if change.now is None:
        values |= change.brought.values
    else:
        values |= {cell.column: cell.after for cell in change.cells}
    extra = {name: change.brought.values.get(name) for name in ("reason", "remove")}
    kinds = {column.name: column for column in KINDS[change.kind].columns}
    days = {
        name: datetime.date.fromisoformat(value)
        for name, value in values.items()
        if value and name in kinds and kinds[name].type == "day"
    }
    return {**values, **extra, **days}


def _told(change: Change, error: PlanError) -> CellError:
    """Return the cell that a refusal belongs to."""
    name = error.data.get("field") or _COLUMN_OF.get(error.code, "")
    kind = KINDS[change.kind]
    own = [column.name for column in kind.columns if name in (column.name, column.field)]
    changed = [cell.column for cell in change.cells if cell.column in own]
    column = (changed or own or [cell.column for cell in change.cells] or ["id"])[0]
    return CellError(change.sheet, change.brought.cell(column), error.message)
