"""A table as somebody gives it: which one it is, where its columns stand, and what is wrong with a cell of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from framsyn.errors import PlanError
from framsyn.region.own.sources import SOURCES
from framsyn.region.schema import Table, tables

__all__ = ["CellError", "Given", "Uncalculated", "known_tables", "place_columns", "table_of"]


def known_tables() -> dict[str, Table]:
    """Every table that may be taken in: the sources first, since the others name them.

    >>> list(known_tables())[:2]
    ['sources', 'trusts']
    """
    return {SOURCES.name: SOURCES, **tables()}


class Uncalculated:
    """Stands in a cell whose formula was never calculated."""


@dataclass(frozen=True)
class CellError:
    """What is wrong with one cell.

    Attributes
    ----------
    place : str
        Sheet or file.
    cell : str
        Address as the reader finds it: ``F12`` in a sheet, ``row 12, column beds`` elsewhere; empty for the whole place.
    code : str
        Kind of fault, such as ``unknown-code``.
    got, expected, way_out : str

    Examples
    --------
    >>> print(CellError("beds", "D7", "not-a-number", "'many'", "a number not under 0 [bed]", "Write digits."))
    beds!D7: got 'many'; expected a number not under 0 [bed]. Write digits.
    >>> print(CellError("beds.csv", "row 7, column beds", "blank", "nothing", "a value", "Fill it."))
    beds.csv row 7, column beds: got nothing; expected a value. Fill it.
    """

    place: str
    cell: str
    code: str
    got: str
    expected: str
    way_out: str

    def __str__(self) -> str:
        between = " " if self.cell.startswith("row ") else "!"
        where = f"{self.place}{between}{self.cell}" if self.cell else self.place
        return f"{where}: got {self.got}; expected {self.expected}. {self.way_out}"


@dataclass
class Given:
    """A table as it was given, cell by cell.

    Attributes
    ----------
    table : Table
    place : str
        Sheet or file.
    rows : list of dict
        Column → value as the file has it; a column that the file lacks is not there.
    numbers : list of int
        The number of each row as its program counts.
    letters : dict of str to str
        Column → letter, in a workbook.
    decimal_comma : bool
        Whether the numbers that are texts are written with decimal comma.
    """

    table: Table
    place: str
    rows: list[dict[str, Any]]
    numbers: list[int]
    letters: dict[str, str] = field(default_factory=dict)
    decimal_comma: bool = False
    errors: list[CellError] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def cell(self, row: int, column: str) -> str:
        """Address of a cell: the n-th row of this table and a column.

        >>> Given(tables()["beds"], "beds.csv", [{}], [2]).cell(0, "beds")
        'row 2, column beds'
        """
        if self.letters:
            return f"{self.letters.get(column, 'A')}{self.numbers[row]}"
        return f"row {self.numbers[row]}, column {column}"


def table_of(name: str, columns: Sequence[str], place: str) -> Table:
    """Which table something is, by its name or else by its columns.

    Parameters
    ----------
    name : str
        Title of the sheet, or name of the file without its ending.
    columns : sequence of str
    place : str
        For the message.

    Raises
    ------
    PlanError
        ``unknown-table``: neither fits.

    Examples
    --------
    >>> table_of(" Beds ", [], "beds.csv").name, table_of("Sheet1", tables()["staff"].columns, "Sheet1").name
    ('beds', 'staff')
    """
    known = known_tables()
    wanted = name.strip().casefold()
    if wanted in known:
        return known[wanted]
    held = set(columns)
    fitting = [table for table in known.values() if set(table.columns) == held]
    if len(fitting) == 1:
        return fitting[0]
    near = get_close_matches(wanted, known, n=1)
    hint = f"Did you mean {near[0]!r}? Rename it" if near else "Rename it to the table that it is"
    raise PlanError(
        "unknown-table",
        f"{place}: no table {name[:60]!r} in a region; expected one of {', '.join(known)}. {hint}, or take it out.",
        got=name[:200],
        expected=list(known),
        place=place,
    )


def place_columns(table: Table, heads: Sequence[str], place: str, where: str) -> list[CellError]:
    """What is wrong with the heads of a table: unknown, twice, or missing.

    Parameters
    ----------
    table : Table
    heads : sequence of str
        Names of the columns as they stand; empty ones are left out of account.
    place, where : str
        Sheet or file, and the row of the heads in it.
    """
    errors = []
    named = [name for name in heads if name]
    unknown = [name for name in dict.fromkeys(named) if name not in table.columns]
    missing = [name for name in table.columns if name not in named]
    expected = f"the columns {', '.join(table.columns)}"
    for name in unknown:
        near = get_close_matches(name, missing, n=1)
        hint = f"Rename it to {near[0]!r}." if near else "Take it out."
        errors.append(
            CellError(place, where, "wrong-column", f"an unknown column {name[:60]!r}", expected, hint)
        )
    for name in missing:
        errors.append(
            CellError(
                place, where, "wrong-column", f"no column {name!r}", expected, f"Add the column {name!r}."
            )
        )
    for name, count in Counter(named).items():
        if count > 1 and name in table.columns:
            errors.append(
                CellError(
                    place,
                    where,
                    "wrong-column",
                    f"the column {name!r} {count} times",
                    "it once",
                    "Take one out.",
                )
            )
    return errors
