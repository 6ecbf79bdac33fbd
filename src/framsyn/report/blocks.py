"""The parts of a document without a layout: sections that hold paragraphs, cards, charts, tables and folds.

Templates turn them into HTML; tests read them as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from framsyn.errors import PlanError

if TYPE_CHECKING:
    from framsyn.report.figure import Chart

__all__ = [
    "Block",
    "Card",
    "Cards",
    "Cell",
    "Code",
    "Column",
    "Entries",
    "Entry",
    "Figure",
    "Fold",
    "Heading",
    "Items",
    "Paragraph",
    "Section",
    "Span",
    "Table",
]


@dataclass(frozen=True)
class Span:
    """A text of its own in a cell: in another language, with an address, or marked.

    Parameters
    ----------
    text : str
    lang : str
        Language of the text where it is not the document's.
    href : str
        Address of a source; opened only when a reader follows it.
    mark : bool
        Set apart with a sign and a colour.
    """

    text: str
    lang: str = ""
    href: str = ""
    mark: bool = False


Cell = str | Span | tuple[str | Span, ...]
"""What stands in a cell of a table; several parts stand below each other."""


@dataclass(frozen=True)
class Column:
    """Head of a column; numbers are aligned right, and a wide one keeps room for sentences."""

    head: str
    numeric: bool = False
    wide: bool = False


@dataclass(frozen=True)
class Table:
    """A table whose first column names its rows."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    source: str = ""
    kind: str = field(default="table", init=False)

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                message = f'table "{self.name}": a row has {len(row)} cells for {len(self.columns)} columns: {row!r}.'
                raise PlanError("table-shape", message, table=self.name)


@dataclass(frozen=True)
class Paragraph:
    """A sentence or several; ``look`` is "lead", "text" or "note"."""

    text: str
    look: str = "text"
    kind: str = field(default="paragraph", init=False)


@dataclass(frozen=True)
class Card:
    """A key figure: its name, its unit, and its value in a few years as (year, value, interval)."""

    label: str
    unit: str
    values: tuple[tuple[str, str, str], ...]
    href: str


@dataclass(frozen=True)
class Cards:
    """Key figures beside each other."""

    label: str
    cards: tuple[Card, ...]
    kind: str = field(default="cards", init=False)


@dataclass(frozen=True)
class Figure:
    """A chart with its text alternative and table."""

    chart: Chart
    kind: str = field(default="figure", init=False)


@dataclass(frozen=True)
class Items:
    """A list of sentences under a heading of its own."""

    heading: str
    items: tuple[str, ...]
    kind: str = field(default="items", init=False)


@dataclass(frozen=True)
class Entry:
    """Something described: its name, a few facts as (label, value), a text, a mark that sets it apart, and small notes."""

    title: str
    facts: tuple[tuple[str, str], ...]
    text: str
    mark: str
    notes: tuple[str | Span, ...]


@dataclass(frozen=True)
class Entries:
    """Entries under a heading of their own."""

    name: str
    heading: str
    entries: tuple[Entry, ...]
    kind: str = field(default="entries", init=False)


@dataclass(frozen=True)
class Code:
    """Something to copy and run."""

    label: str
    text: str
    kind: str = field(default="code", init=False)


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    text: str
    kind: str = field(default="heading", init=False)


@dataclass(frozen=True)
class Fold:
    """Blocks that unfold on demand and are open in print."""

    summary: str
    blocks: tuple[Block, ...]
    kind: str = field(default="fold", init=False)


Block = Paragraph | Cards | Figure | Table | Items | Entries | Code | Heading | Fold


@dataclass(frozen=True)
class Section:
    """A chapter of the report."""

    name: str
    title: str
    blocks: Sequence[Block]

    def all_blocks(self) -> list[Block]:
        """Blocks with those inside folds, in reading order."""
        found: list[Block] = []
        for block in self.blocks:
            found.append(block)
            if isinstance(block, Fold):
                found += block.blocks
        return found
