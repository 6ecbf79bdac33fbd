"""From what was given to typed tables: every cell read, every key once, every reference known; all errors at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.region.own.cells import BadCell, read_cell, shown
from framsyn.region.own.columnar import read_columnar
from framsyn.region.own.delimited import LARGEST, read_delimited
from framsyn.region.own.given import CellError, Given, known_tables
from framsyn.region.own.sheets import read_workbook
from framsyn.region.own.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from framsyn.region.schema import Field

__all__ = ["ENDINGS", "Reading", "given_in", "read_all"]

ENDINGS = (".xlsx", ".csv", ".tsv", ".txt", ".parquet")
MOST_FILES = 100


@dataclass
class Reading:
    """What was read.

    Attributes
    ----------
    frames : dict of str to DataFrame
        Typed rows by table, those with errors left out.
    given : dict of str to Given
        Where each row stands: the n-th row of a frame is the ``rows_at[name][n]``-th of the given ones.
    errors : list of CellError
    notices : list of str
    """

    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    given: dict[str, Given] = field(default_factory=dict)
    rows_at: dict[str, list[int]] = field(default_factory=dict)
    errors: list[CellError] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def given_in(path: Path) -> list[Given]:
    """The tables in a file, or in every file of a folder; the kind is told by what is in it and not by its ending.

    Raises
    ------
    PlanError
        Nothing there, no table, or a file that cannot be opened.
    """
    if path.is_dir():
        files = sorted(
            one for one in path.iterdir() if one.is_file() and not one.name.startswith((".", "~$"))
        )
        files = [one for one in files if one.suffix.lower() in ENDINGS]
        if not files or len(files) > MOST_FILES:
            raise PlanError(
                "no-tables",
                f"{path}: {len(files)} files with tables here; expected 1 to {MOST_FILES} that end with "
                f"{', '.join(ENDINGS)}. Name the file or the folder that holds them.",
                file=str(path),
            )
    elif path.is_file():
        files = [path]
    else:
        raise PlanError(
            "no-file",
            f"{path}: no such file or folder. Mend the path, or make a file with `framsyn region template`.",
            file=str(path),
        )
    found: dict[str, Given] = {}
    for file in files:
        for given in _tables(file):
            if given.table.name in found:
                raise PlanError(
                    "table-twice",
                    f"{file.name}: the table {given.table.name} is in {found[given.table.name].place} too; expected it "
                    "once. Take one of the two out of the folder.",
                    file=file.name,
                )
            found[given.table.name] = given
    return list(found.values())


def _tables(file: Path) -> list[Given]:
    with file.open("rb") as stream:
        content = stream.read(LARGEST + 1)
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) or file.suffix.lower() == ".xlsx":
        return read_workbook(content, file.name)
    if len(content) > LARGEST:
        raise PlanError(
            "too-large",
            f"{file.name}: larger than {LARGEST // 2**20} megabytes, far more than a region's table. Split it.",
            file=file.name,
        )
    if content.startswith(b"PAR1") or file.suffix.lower() == ".parquet":
        return [read_columnar(content, file.name)]
    return [read_delimited(content, file.name)]


def read_all(tables: list[Given], known: Mapping[str, tuple[str, ...]]) -> Reading:
    """Read every table that was given, against the codes that the region knows and those that are given with it.

    Parameters
    ----------
    tables : list of Given
    known : dict of str to tuple of str
        What ``@sources``, ``@periods`` and ``@table.field`` stand for in the region as it is.

    Returns
    -------
    Reading
    """
    found = Reading()
    codes = {name: tuple(values) for name, values in known.items()}
    order = list(known_tables())
    for given in sorted(tables, key=lambda one: order.index(one.table.name)):
        found.errors.extend(given.errors)
        found.notices.extend(given.notices)
        found.given[given.table.name] = given
        if any(error.code == "wrong-column" and "column" in error.got for error in given.errors):
            continue  # without its columns no row can be told
        _read_table(given, codes, found)
    return found


def _read_table(given: Given, codes: dict[str, tuple[str, ...]], found: Reading) -> None:
    import pandas as pd

    table = given.table
    allowed = {column.name: _allowed(column, codes) for column in table.fields}
    kept: list[dict[str, Any]] = []
    places: list[int] = []
    first: dict[tuple[Any, ...], int] = {}
    for row, values in enumerate(given.rows):
        read: dict[str, Any] = {}
        for column in table.fields:
            try:
                read[column.name] = read_cell(
                    column,
                    values.get(column.name),
                    allowed[column.name],
                    decimal_comma=given.decimal_comma or bool(given.letters),
                )
            except BadCell as bad:
                found.errors.append(bad.at(given.place, given.cell(row, column.name)))
        if not all(name in read for name in table.key):
            continue
        key = tuple(read[name] for name in table.key)
        if key in first:
            earlier = given.numbers[first[key]]
            same = ", ".join(f"{name} {value}" for name, value in zip(table.key, key, strict=True))
            found.errors.append(
                CellError(
                    given.place,
                    given.cell(row, table.key[0]),
                    "duplicate-row",
                    f"{shown(same)} a second time, first in row {earlier}",
                    f"one row for each combination of {', '.join(table.key)}",
                    "Take one of the two out.",
                )
            )
            continue
        first[key] = row
        if len(read) == len(table.fields):
            kept.append(read)
            places.append(row)
    frame = pd.DataFrame(
        {
            column.name: pd.Series([read[column.name] for read in kept], dtype=_dtype(column))
            for column in table.fields
        }
    )
    found.frames[table.name] = frame
    found.rows_at[table.name] = places
    _learn(given, [str(key[0]) for key in first], codes)


def _allowed(column: Field, codes: Mapping[str, tuple[str, ...]]) -> dict[str, None] | None:
    """Texts that may stand in a column, in their order; None where any may."""
    if not column.allowed:
        return None
    return dict.fromkeys(code for entry in column.allowed for code in codes.get(entry, (entry,)))


def _dtype(column: Field) -> Any:
    if column.type == "string":
        return object
    return "int64" if column.type == "integer" and not column.blank else "float64"


def _learn(given: Given, keys: list[str], codes: dict[str, tuple[str, ...]]) -> None:
    """New codes of a table may be named by the tables after it."""
    table = given.table
    name = "@sources" if table is SOURCES else f"@{table.name}.{table.key[0]}"
    if len(table.key) == 1 and table.field(table.key[0]).type == "string":
        codes[name] = tuple(dict.fromkeys([*codes.get(name, ()), *keys]))
