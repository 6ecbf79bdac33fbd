"""Tables of a document: what their columns are, and the numbers of those that count people."""

from __future__ import annotations

import re
from typing import Literal

from framsyn.sources.plan_document.blocks import Block
from framsyn.sources.plan_document.cues import table_words
from framsyn.sources.plan_document.draft import DraftTable, Figure, Place

__all__ = ["number_of", "table_of"]

_NUMBER = re.compile(
    r"^[-−–+]?\s*\d{1,3}(?:[ \u00a0\u2009\u202f.]?\d{3})*(?:,\d+)?\s*(%|prosent|pst\.?|per cent)?$",
    re.IGNORECASE,
)
_FIGURES = re.compile(r"^[-−–+]?\s*\d[\d\s.,%−–-]*$")
_YEAR = re.compile(r"\b(19|20)\d\d\b")

What = Literal["people", "share", "change", "number"]


def number_of(cell: str) -> tuple[float, bool] | None:
    """Return the number in a cell and whether it is a percentage; None where it is no single number.

    >>> number_of("272 413"), number_of("−1,5 %"), number_of("80 -90"), number_of("1,234,567")
    ((272413.0, False), (-1.5, True), None, (1234567.0, False))
    """
    text = cell.strip()
    if re.fullmatch(r"[-−–+]?\d{1,3}(,\d{3})+(\.\d+)?", text):  # as written in English
        text = text.replace(",", "").replace(".", ",")
    found = _NUMBER.match(text)
    if not found and re.fullmatch(r"[-−–+]?\d+(\.\d+)?\s*%?", text):
        found = re.match(r"^[^%]*(%)?", text)
        text = text.replace(".", ",")
    if not found:
        return None
    digits = re.sub(r"[^\d,]", "", text).replace(",", ".")
    sign = -1.0 if text.lstrip()[:1] in "-−–" else 1.0
    return sign * float(digits), bool(re.search(r"%|prosent|pst|per cent", text, re.IGNORECASE))


def table_of(block: Block, name: str, caption: str) -> DraftTable:
    """Return the table of a block.

    The rows above the first row of numbers are its head; a head cell that is empty carries on the one to its left. Years are
    no numbers of a table, they say which year a column is about.
    """
    width = max(len(row) for row in block.rows)
    rows = [tuple(cell.strip() for cell in [*row, *[""] * (width - len(row))]) for row in block.rows]
    height = next((index for index, row in enumerate(rows) if _is_data(row)), 1)
    head, body = rows[:height] or rows[:1], rows[height:]
    columns = _columns(head, width)
    place = Place(page=block.page, line=block.line)
    figures = _figures(columns, body, caption)
    people = [figure for figure in figures if figure.what == "people"]
    kind: Literal["population", "table"] = (
        "population" if len({figure.year for figure in people if figure.year}) >= 2 else "table"
    )
    return DraftTable(
        id=name,
        kind=kind,
        caption=caption,
        columns=columns,
        rows=tuple(body),
        head=tuple(head),
        figures=tuple(figures) if kind == "population" else (),
        place=place,
    )


def _is_data(row: tuple[str, ...]) -> bool:
    """Tell whether a row holds numbers; years alone are the head of a table."""
    return any(_FIGURES.match(cell) and not re.fullmatch(r"(19|20)\d\d", cell) for cell in row[1:])


def _columns(head: list[tuple[str, ...]], width: int) -> tuple[str, ...]:
    names: list[list[str]] = [[] for _ in range(width)]
    for level, row in enumerate(head):
        carried = ""
        for column in range(width):
            cell = row[column]
            if cell:
                carried = cell
            # A group's name reaches over the columns under it; the lowest row names each column by itself.
            said = cell or (carried if level < len(head) - 1 and column > 0 else "")
            if said and said not in names[column]:
                names[column].append(said)
    return tuple(" ".join(parts) for parts in names)


def _figures(columns: tuple[str, ...], body: list[tuple[str, ...]], caption: str) -> list[Figure]:
    about = caption.lower()
    people_said = any(word in about for word in table_words("words"))
    found = []
    for row in body:
        for column, cell in zip(columns[1:], row[1:], strict=False):
            number = number_of(cell)
            if number is None:
                continue
            value, percent = number
            name = column.lower()
            year = _YEAR.search(column)
            what: What = "number"
            if any(word in name for word in table_words("change")):
                what = "change"
            elif percent or any(word in name for word in table_words("share")):
                what = "share"
            elif any(word in name for word in table_words("words")) or (people_said and year):
                what = "people"
            if percent:
                value = round(value / 100, 6)
            found.append(
                Figure(
                    row=row[0],
                    column=column,
                    year=int(year.group()) if year else None,
                    what=what,
                    value=value,
                )
            )
    return found
