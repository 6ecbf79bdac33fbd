"""The difference as people read it: rows grouped by sheet, only the cells that differ, values in words."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.report import numbers
from framsyn.web.exchange.kinds import KINDS
from framsyn.web.exchange.vocabulary import Vocabulary, vocabularies
from framsyn.web.languages import current_language
from framsyn.web.templatetags.texts import date

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from framsyn.web.exchange.difference import Change

__all__ = ["Group", "ShownCell", "ShownRow", "cell_text", "shown_groups", "status_words"]

LONG = 400


@dataclass(frozen=True)
class ShownCell:
    """One cell that differs."""

    head: str
    address: str
    before: str
    after: str


@dataclass(frozen=True)
class ShownRow:
    """One row that differs."""

    status: str
    word: str
    row: int
    label: str
    message: str
    cells: list[ShownCell]

    @property
    def span(self) -> int:
        """Lines that the row takes."""
        return max(1, len(self.cells))


@dataclass(frozen=True)
class Group:
    """The rows of one sheet."""

    name: str
    title: str
    rows: list[ShownRow]


def status_words() -> dict[str, str]:
    """Return the statuses of a row in words."""
    return {
        "new": _("new"),
        "changed": _("changed"),
        "removed": _("taken away"),
        "stale": _("changed by others too"),
        "refused": _("not yours to change"),
        "wrong": _("wrong"),
    }


def cell_text(change: Change, column: str, value: Any, words: Mapping[str, Vocabulary] | None = None) -> str:
    """Return a value as people read it."""
    if value is None or value == "" or value == []:
        return ""
    known = KINDS[change.kind].column(column)
    language = current_language()
    if isinstance(value, list):
        return "; ".join(str(one) for one in value)
    if known.words and words is not None and known.words in words:
        return words[known.words].label(str(value), language)
    if known.type == "day":
        return date(datetime.date.fromisoformat(str(value)))
    if isinstance(value, int | float) and known.name != "year":
        values = {**change.brought.values, **(change.now.values if change.now else {})}
        if known.type == "share" or (known.type == "figure" and values.get("unit") == "share"):
            return numbers.percent(float(value), language, _decimals(100 * value))
        return numbers.number(float(value), language, _decimals(value))
    text = str(value)
    return text if len(text) <= LONG else f"{text[:LONG]} …"


def _decimals(value: float) -> int:
    """Return how many decimals a number needs, four at most.

    >>> _decimals(3.0), _decimals(0.25), _decimals(1 / 3)
    (0, 2, 4)
    """
    return next((digits for digits in range(4) if round(value, digits) == round(value, 6)), 4)


def shown_groups(changes: Iterable[Change]) -> list[Group]:
    """Return changes by sheet; six queries for the words of choices."""
    words = vocabularies()
    said = status_words()
    language = current_language()
    groups: dict[str, Group] = {}
    for change in changes:
        kind = KINDS[change.kind]
        group = groups.setdefault(kind.name, Group(kind.name, kind.named(language), []))
        cells = [
            ShownCell(
                kind.column(cell.column).title(language),
                change.brought.cell(cell.column),
                cell_text(change, cell.column, cell.before, words),
                cell_text(change, cell.column, cell.after, words),
            )
            for cell in change.cells
        ]
        group.rows.append(
            ShownRow(change.status, said[change.status], change.row, change.label, change.message, cells)
        )
    return list(groups.values())
