"""A table as text: CSV with comma, semicolon or tab, decimal point or comma, and in the encodings that people meet."""

from __future__ import annotations

import codecs
import csv
import io
import re
from itertools import chain

from framsyn.errors import PlanError
from framsyn.region.own.given import CellError, Given, known_tables, place_columns, table_of

__all__ = ["LARGEST", "decoded", "read_delimited"]

LARGEST = 100 * 2**20
"""Bytes of a file."""
MOST_ROWS = 1_000_000
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
_COMMA_NUMBER = re.compile(r"\s*[+\-\u2212]?[\d\s\u00a0\u202f]*,\d+\s*")


def decoded(content: bytes, name: str) -> tuple[str, str]:
    """The text of a file and the name of its encoding.

    A mark at the beginning decides; else UTF-8, and Windows-1252 where that fails.

    Raises
    ------
    PlanError
        ``too-large``, ``bad-encoding``.

    Examples
    --------
    >>> decoded("Ålesund".encode("cp1252"), "areas.csv")
    ('Ålesund', 'Windows-1252')
    """
    if len(content) > LARGEST:
        raise PlanError(
            "too-large",
            f"{name}: larger than {LARGEST // 2**20} megabytes. Bring the table as Parquet.",
            file=name,
            got=len(content),
        )
    marks = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    said = next((encoding for mark, encoding in marks.items() if content.startswith(mark)), "")
    for encoding, label in (
        ((said, "UTF-16" if said == "utf-16" else "UTF-8"),)
        if said
        else (("utf-8", "UTF-8"), ("cp1252", "Windows-1252"))
    ):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break  # no text
        return text, label
    raise PlanError(
        "bad-encoding",
        f"{name}: this is neither text in UTF-8 nor in Windows-1252. Save it as “CSV UTF-8” in your spreadsheet, or "
        "bring the workbook itself (.xlsx).",
        file=name,
        expected="UTF-8",
    )


def read_delimited(content: bytes, name: str) -> Given:
    r"""Read a table from a text file.

    Parameters
    ----------
    content : bytes
    name : str
        Name of the file; without its ending the name of the table.

    Raises
    ------
    PlanError
        The file is no table at all: ``too-large``, ``bad-encoding``, ``bad-csv``, ``unknown-table``.

    Examples
    --------
    >>> given = read_delimited("service_area;month;factor\nSOM;1;0,98\n".encode(), "season.csv")
    >>> given.decimal_comma, given.rows[0]["factor"], given.numbers
    (True, '0,98', [2])
    """
    text, encoding = decoded(content, name)
    skipped = 0
    if text[:4].lower() == "sep=":  # a hint to a spreadsheet, not data
        _, _, text = text.partition("\n")
        skipped = 1
    if not text.strip():
        raise PlanError(
            "bad-csv",
            f"{name}: the file is empty; expected a row of heads and rows below it. Export the table and change that.",
            file=name,
        )
    delimiter, heads = _delimiter(text, name)
    stem = name.rpartition(".")[0] or name
    table = table_of(stem, heads, name)
    given = Given(table, name, [], [])
    given.errors.extend(place_columns(table, heads, name, "row 1"))
    said = [DELIMITERS[delimiter]] if delimiter != "," else []
    said += [encoding] if encoding != "UTF-8" else []
    _fill(given, text, delimiter, heads, skipped)
    if _decimal_comma(given):
        given.decimal_comma = True
        said.append("decimal comma")
    if said:
        given.notices.append(f"{name}: read with {', '.join(said)}.")
    return given


def _delimiter(text: str, name: str) -> tuple[str, list[str]]:
    """The delimiter that finds most known columns in the first row, and that row."""
    columns = set(chain.from_iterable(table.columns for table in known_tables().values()))
    found: list[tuple[int, str, list[str]]] = []
    for delimiter in DELIMITERS:
        try:
            heads = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        except (csv.Error, StopIteration):
            continue
        heads = [head.strip() for head in heads]
        found.append((len(columns.intersection(heads)), delimiter, heads))
    most, delimiter, heads = max(found, key=lambda one: one[0], default=(0, ",", []))
    if most == 0:
        raise PlanError(
            "bad-csv",
            f"{name} row 1: no column of a region's table is named here; expected heads such as "
            "trust,service_area,year. Keep the first row as it was exported, parted by comma, semicolon or tab.",
            file=name,
            row=1,
            got=text[:100],
        )
    return delimiter, heads


def _fill(given: Given, text: str, delimiter: str, heads: list[str], skipped: int) -> None:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = skipped
    try:
        for count, row in enumerate(reader):
            number, before = before + 1, reader.line_num + skipped
            if count == 0 or not any(row):
                continue
            if len(given.rows) >= MOST_ROWS:
                raise PlanError(
                    "too-large",
                    f"{given.place}: more than {MOST_ROWS} rows. Split the file.",
                    file=given.place,
                )
            if len(row) != len(heads):
                given.errors.append(
                    CellError(
                        given.place,
                        f"row {number}",
                        "wrong-length",
                        f"{len(row)} cells",
                        f"{len(heads)}",
                        "Put quotes around a text or a number that holds the "
                        f"{DELIMITERS[delimiter]}, or mend the row.",
                    )
                )
                continue
            given.rows.append(dict(zip(heads, row, strict=True)))
            given.numbers.append(number)
    except csv.Error as error:
        raise PlanError(
            "bad-csv",
            f"{given.place} row {before + 1}: not readable as CSV ({error}). A quote that is opened there is not closed, "
            "or the file was cut; export it again and change that.",
            file=given.place,
            row=before + 1,
        ) from error


def _decimal_comma(given: Given) -> bool:
    """Whether any number of the file is written with decimal comma."""
    numbers = [column.name for column in given.table.fields if column.type != "string"]
    return any(
        isinstance(row.get(name), str) and "," in row[name] and _COMMA_NUMBER.fullmatch(row[name])
        for row in given.rows
        for name in numbers
    )
