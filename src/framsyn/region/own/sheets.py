"""A workbook as tables: which sheet is which, in which row its technical names stand, and cells that cannot be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.region.own.given import CellError, Given, Uncalculated, known_tables, place_columns, table_of
from framsyn.region.own.opening import opened

if TYPE_CHECKING:
    from framsyn.region.own.opening import Sheet

__all__ = ["FORMAT", "HEAD_ROWS", "MARK", "read_workbook"]

FORMAT = 1
"""Of the workbook; a later one is refused by an older engine."""
MARK = "framsyn"
"""Name of the hidden sheet that tells what the workbook is and which sheets are for reading alone."""
HEAD_ROWS = 4
"""Rows above the first row of data: title, heads, what they mean, technical names."""
LOOK_FOR_NAMES = 8
ERRORS = frozenset(
    {"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#GETTING_DATA", "#SPILL!", "#CALC!"}
)
"""What a spreadsheet shows where a formula has no value."""


def read_workbook(content: bytes, name: str) -> list[Given]:
    """Read every table that a workbook holds.

    Parameters
    ----------
    content : bytes
    name : str
        Name of the file, for messages.

    Raises
    ------
    PlanError
        As :func:`~framsyn.region.own.opening.opened`; ``newer-format``, ``unknown-table``, ``table-twice``.
    """
    sheets = opened(content, name)
    mark = {
        str(row[0]): str(row[1])
        for sheet in sheets
        if sheet.title == MARK
        for row in sheet.rows
        if len(row) > 1
    }
    if mark.get("format", "1") != str(FORMAT):
        raise PlanError(
            "newer-format",
            f"{name}: the workbook has format {mark['format'][:20]}; this Framsyn reads {FORMAT}. Make a new template and "
            "copy the rows.",
            file=name,
            got=mark["format"][:20],
            expected=FORMAT,
        )
    reading_alone = {MARK, *mark.get("sheets", "").split("\n")}
    found: dict[str, Given] = {}
    for sheet in sheets:
        if sheet.title in reading_alone or not sheet.rows:
            continue
        given = _table(sheet, name)
        if given.table.name in found:
            raise PlanError(
                "table-twice",
                f"{name}: the sheets {found[given.table.name].place!r} and {sheet.title!r} are both the table "
                f"{given.table.name}; expected one. Put their rows into one.",
                file=name,
            )
        found[given.table.name] = given
    if not found:
        raise PlanError(
            "unknown-table",
            f"{name}: no sheet of this workbook is a region's table. Start from `framsyn region template`.",
            file=name,
            expected=list(known_tables()),
        )
    return list(found.values())


def letter(place: int) -> str:
    """Letter of a column by its place from 0.

    >>> letter(0), letter(25), letter(26)
    ('A', 'Z', 'AA')
    """
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def _names(row: tuple[Any, ...]) -> list[str]:
    return [cell.strip() if isinstance(cell, str) else "" if cell is None else str(cell) for cell in row]


def _table(sheet: Sheet, file: str) -> Given:
    columns = {name for table in known_tables().values() for name in table.columns}
    scored = [
        (sum(name in columns for name in _names(row)), number)
        for number, row in enumerate(sheet.rows[:LOOK_FOR_NAMES])
    ]
    best = max(score for score, _ in scored)
    # The first of equals: a table may hold texts that are names of columns too.
    head = next(number for score, number in scored if score == best)
    heads = _names(sheet.rows[head]) if best else []
    table = table_of(sheet.title, [name for name in heads if name], f"{file}, sheet {sheet.title!r}")
    given = Given(table, sheet.title, [], [])
    where = f"A{sheet.numbers[head]}"
    if not best:
        expected = f"the technical names {', '.join(table.columns)} in one of the first rows"
        way_out = "Copy the row of technical names from a template."
        given.errors.append(
            CellError(sheet.title, where, "wrong-column", "no technical names", expected, way_out)
        )
        return given
    given.errors.extend(place_columns(table, heads, sheet.title, where))
    given.letters = {
        name: letter(place) for place, name in reversed(list(enumerate(heads))) if name in table.columns
    }
    places = {name: heads.index(name) for name in given.letters}
    for number, row in zip(sheet.numbers[head + 1 :], sheet.rows[head + 1 :], strict=True):
        values = {name: row[place] if place < len(row) else None for name, place in places.items()}
        for name in values:
            if f"{given.letters[name]}{number}" in sheet.empty_formulas:
                values[name] = Uncalculated()
        beside = [
            place
            for place, cell in enumerate(row)
            if cell not in (None, "") and (place >= len(heads) or not heads[place])
        ]
        for place in beside:
            way_out = "Move it to its column, or take it out."
            given.errors.append(
                CellError(
                    sheet.title,
                    f"{letter(place)}{number}",
                    "wrong-column",
                    repr(row[place])[:60],
                    "nothing beside the columns",
                    way_out,
                )
            )
        if any(value is not None and value != "" for value in values.values()):
            given.rows.append(values)
            given.numbers.append(number)
    _merged(given, sheet, sheet.numbers[head])
    _never_calculated(given, sheet)
    return given


def _never_calculated(given: Given, sheet: Sheet) -> None:
    """Tell of formulas without a value in rows that hold nothing else: those rows look empty."""
    for address in sorted(sheet.empty_formulas):
        if int("".join(sign for sign in address if sign.isdigit()) or 0) not in sheet.numbers:
            way_out = "Open and save the workbook in your spreadsheet, or write the value."
            given.errors.append(
                CellError(
                    sheet.title, address, "formula", "a formula that was never calculated", "a value", way_out
                )
            )


def _merged(given: Given, sheet: Sheet, head: int) -> None:
    for area in sheet.merged:
        digits = "".join(sign for sign in area.rpartition(":")[2] if sign.isdigit())
        if digits and int(digits) > head:
            given.errors.append(
                CellError(
                    sheet.title,
                    area,
                    "merged",
                    "merged cells",
                    "one value in each cell",
                    "Part them; it cannot be told which of them the value belongs to.",
                )
            )
