"""The draft of a plan: what was found in a document, where it stands there, how sure that is, and what to look at."""

from __future__ import annotations

from collections import Counter
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from framsyn.sources.plan_document.blocks import words

__all__ = [
    "GUESS",
    "KINDS",
    "LIKELY",
    "PLAN_KINDS",
    "SURE",
    "DraftElement",
    "DraftTable",
    "Figure",
    "Finding",
    "LeftOver",
    "Place",
    "PlanDraft",
]

SURE, LIKELY, GUESS = 0.95, 0.8, 0.5
"""A cue word or the file itself says so; the shape of the text says so; it has to be something."""

PLAN_KINDS = (
    "chapter",
    "section",
    "paragraph",
    "driver",
    "main_goal",
    "goal",
    "ambition",
    "challenge",
    "priority",
    "statement",
    "vision",
    "value",
    "means",
    "focus",
    "annex",
    "reference",
    "choice",
)
"""Kinds of element that a plan of the site consists of."""

KINDS = (*PLAN_KINDS, "theme", "conclusion", "table")
"""Kinds that a draft tells apart; a plan holds a theme as a chapter, a proposed conclusion and a table as a paragraph."""


class Part(BaseModel):
    """A part of a draft: unknown keys are refused and nothing changes after it is made."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(Part):
    """Where something stands in the source; a page is known of PDF, a line of the rest (paragraph number in Word)."""

    page: int | None = None
    line: int | None = None

    def __str__(self) -> str:
        parts = [f"page {self.page}"] if self.page else []
        if self.line:
            parts.append(f"line {self.line}")
        return ", ".join(parts)


class DraftElement(Part):
    """One element of the draft."""

    id: str
    kind: str
    parent: str | None = None
    number: str = ""
    title: str = ""
    text: str = ""
    url: str = ""
    place: Place = Place()
    confidence: float = SURE
    table: str | None = None
    """Id of the table that an element of kind table shows."""
    also_in: str | None = None
    """Id of the paragraph that says it too: a vision or value that a sentence holds."""

    @property
    def words(self) -> str:
        """What it says: title and text."""
        return "\n\n".join(part for part in (self.title, self.text) if part)


class Figure(Part):
    """One number of a table of people."""

    row: str
    column: str
    year: int | None
    what: Literal["people", "share", "change", "number"]
    value: float
    """People, or a share of 1."""


class DraftTable(Part):
    """A table: its cells as they stand, and its numbers where it is one of people."""

    id: str
    kind: Literal["population", "table"]
    caption: str = ""
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    head: tuple[tuple[str, ...], ...] = ()
    """The rows above the numbers, as they stand."""
    figures: tuple[Figure, ...] = ()
    place: Place = Place()

    def lines(self) -> list[str]:
        """Return each row as a sentence that needs no columns; a table of one row alone is its head."""
        if not self.rows:
            return ["; ".join(cell for cell in row if cell) for row in self.head]
        found = []
        for row in self.rows:
            pairs = [
                f"{column}: {cell}" if column else cell
                for column, cell in zip(self.columns[1:], row[1:], strict=False)
                if cell
            ]
            found.append(f"{row[0]} – {'; '.join(pairs)}" if row[0] else "; ".join(pairs))
        return found

    def all_text(self) -> str:
        """Return everything in it."""
        cells = [cell for row in (*self.head, *self.rows) for cell in row]
        return "\n".join((self.caption, *cells))


class LeftOver(Part):
    """Text of the source that became no element, and why."""

    text: str
    reason: Literal[
        "page-number", "header", "footer", "contents", "title-page", "signpost", "repeated", "unplaced"
    ]
    place: Place = Place()


class Finding(Part):
    """Something that a person should look at before the draft is taken in."""

    code: str
    level: Literal["look", "note"]
    message: str
    way_out: str
    place: Place = Place()
    element: str | None = None
    data: dict[str, Any] = Field(default_factory=dict)


class PlanDraft(Part):
    """All that was found in a document."""

    file: str
    form: str
    digest: str = ""
    language: Literal["nb", "nn", "en"] = "nb"
    title: str = ""
    period: tuple[int, int] | None = None
    elements: tuple[DraftElement, ...] = ()
    tables: tuple[DraftTable, ...] = ()
    left_over: tuple[LeftOver, ...] = ()
    findings: tuple[Finding, ...] = ()
    source_words: int = 0

    def of_kind(self, kind: str, parent: str | None = None) -> tuple[DraftElement, ...]:
        """Elements of one kind; with ``parent``, those right under it."""
        return tuple(
            element
            for element in self.elements
            if element.kind == kind and (parent is None or element.parent == parent)
        )

    def children(self, parent: str | None) -> tuple[DraftElement, ...]:
        """Elements right under another, or at the top."""
        return tuple(element for element in self.elements if element.parent == parent)

    def counts(self) -> dict[str, int]:
        """How many of each kind there are, and how many parts hold a list of goals."""
        found = Counter(element.kind for element in self.elements)
        holders = {element.parent for element in self.elements if element.kind == "goal"}
        counts = {kind: found[kind] for kind in KINDS if found[kind]}
        if holders:
            counts["parts_with_goals"] = len(holders)
        counts["population_tables"] = sum(table.kind == "population" for table in self.tables)
        return counts

    def depths(self) -> dict[str, int]:
        """Element id → how deep it stands."""
        found: dict[str, int] = {}
        for element in self.elements:
            found[element.id] = 0 if element.parent is None else found.get(element.parent, -1) + 1
        return found

    def words_held(self) -> Counter[str]:
        """Return how often each word stands in elements, tables and text left over."""
        held: Counter[str] = Counter()
        for element in self.elements:
            if element.also_in is None:
                held.update(words(f"{element.number} {element.title} {element.text} {element.url}"))
        for table in self.tables:
            held.update(words(table.all_text()))
        for piece in self.left_over:
            held.update(words(piece.text))
        return held
