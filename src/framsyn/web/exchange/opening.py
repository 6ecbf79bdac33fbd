"""Opening a workbook that somebody sends: what it is, that it is no trap, and what its sheets hold."""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any
from xml.etree import ElementTree as Xml

from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.exchange.book import FORMAT, MARK
from framsyn.web.exchange.kinds import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LARGEST", "MOST_COLUMNS", "MOST_ROWS", "Book", "Sheet", "opened"]

LARGEST = 10 * 2**20
"""Bytes of a file; the whole plan of a region takes a fiftieth of it."""
MOST_UNPACKED = 200 * 2**20
MOST_PARTS = 2_000
MOST_ROWS, MOST_COLUMNS = 50_000, 200
_CHUNK = 2**16
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # compound file: .xls, and an encrypted .xlsx
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SPACE = re.compile(r"\{[^}]*\}")
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    KeyError,
    ValueError,
    OSError,
    IndexError,
    TypeError,
    AttributeError,
)


@dataclass
class Sheet:
    """One sheet as it was opened.

    Parameters
    ----------
    rows : list of tuple
        The values, row by row from the first.
    numbers : list of int
        The number of each row in the sheet: empty ones are left out.
    empty_formulas : set of str
        Cells whose formula was never calculated.
    merged : list of str
        Areas of merged cells.
    hidden : int
        Rows that are hidden, by hand or by a filter; the row of technical names is one.
    """

    title: str
    rows: list[tuple[Any, ...]]
    numbers: list[int]
    empty_formulas: set[str] = field(default_factory=set)
    merged: list[str] = field(default_factory=list)
    hidden: int = 0


@dataclass
class Book:
    """A workbook as it was opened: its sheets, and what its hidden mark says."""

    sheets: list[Sheet]
    mark: dict[str, str] = field(default_factory=dict)

    @property
    def base(self) -> dict[str, list[str]]:
        """Which columns the check sums of a row are of, by kind."""
        try:
            found = json.loads(self.mark.get(BASE, ""))
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def _refuse(code: str, message: str, **data: Any) -> PlanError:
    return PlanError(code, message, **data)


def opened(file: bytes | IO[bytes], name: str = "") -> Book:
    """Open a workbook.

    Parameters
    ----------
    file : bytes or file
    name : str
        As its sender called it, for messages.

    Raises
    ------
    PlanError
        ``too-large``, ``old-format``, ``encrypted``, ``macros``, ``not-a-workbook``, ``damaged``, ``hostile``,
        ``newer-format``.
    """
    content = file if isinstance(file, bytes) else file.read(LARGEST + 1)
    if len(content) > LARGEST:
        message = _(
            "The file is larger than %(most)s megabytes. Export the workbook again and change that one; "
            "pictures and other sheets do not belong in it."
        )
        raise _refuse("too-large", message % {"most": LARGEST // 2**20}, got=len(content))
    _known_kind(content, name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            extra = _looked_through(archive, name)
        book = _values(content)
    except PlanError:
        raise
    except (*_DAMAGE, Xml.ParseError) as error:
        message = _(
            "The workbook is damaged and cannot be read. Open it in your spreadsheet, save it as .xlsx and "
            "try again."
        )
        raise _refuse("damaged", message, cause=f"{type(error).__name__}: {error}") from error
    for sheet in book.sheets:
        if sheet.title in extra:
            sheet.empty_formulas, sheet.merged, sheet.hidden = extra[sheet.title]
    try:
        version = int(book.mark.get("format", FORMAT))
    except ValueError:
        version = 0
    if version > FORMAT:
        message = _("The workbook was made by a newer Framsyn (%(version)s). Export it again from this site.")
        raise _refuse(
            "newer-format", message % {"version": book.mark.get("version", "?")}, got=version, expected=FORMAT
        )
    return book


def _known_kind(content: bytes, name: str) -> None:
    """Refuse what is no workbook by its first bytes."""
    if content.startswith(_OLD):
        if _ENCRYPTED in content:
            message = _(
                "The workbook is protected by a password. Take the password off (File, Info, Protect "
                "workbook) and try again."
            )
            raise _refuse("encrypted", message)
        message = _("This is an old Excel file (.xls). Open it and save it as an Excel workbook (.xlsx).")
        raise _refuse("old-format", message)
    if not content.startswith(b"PK\x03\x04"):
        message = _(
            "“%(name)s” is not an Excel workbook (.xlsx). Export a workbook here, change that one, and bring "
            "it back."
        )
        raise _refuse("not-a-workbook", message % {"name": name or "–"})


def _looked_through(archive: zipfile.ZipFile, name: str) -> dict[str, tuple[set[str], list[str], int]]:
    """Unpack every part once, counting, and return what the reader of values does not tell, by title of sheet."""
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise _refuse(
            "encrypted",
            _(
                "The workbook is protected by a password. Take the password off (File, Info, Protect "
                "workbook) and try again."
            ),
        )
    if "xl/workbook.xml" not in names:
        message = _(
            "“%(name)s” is not an Excel workbook (.xlsx). Export a workbook here, change that one, and bring "
            "it back."
        )
        raise _refuse("not-a-workbook", message % {"name": name or "–"})
    if len(parts) > MOST_PARTS:
        raise _hostile()
    left = MOST_UNPACKED
    for part in parts:
        if part.filename.lower().endswith("vbaproject.bin"):
            message = _(
                "The workbook holds macros (.xlsm). Save it as an Excel workbook without macros (.xlsx)."
            )
            raise _refuse("macros", message)
        left = _unpacked(archive, part, left)
    titles = _titles(archive)
    return {title: _marks(archive, part) for title, part in titles.items() if part in names}


def _hostile() -> PlanError:
    message = _(
        "The file unpacks to far more than a workbook of this plan can hold, or holds what no workbook needs. "
        "It was not read. Export the workbook again and change that one."
    )
    return _refuse("hostile", message)


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    """Return how many bytes are left of what a workbook may hold after one of its parts.

    The sizes that a file tells of itself may be wrong: it is what comes out that counts.
    """
    is_xml = part.filename.lower().endswith((".xml", ".rels", ".vml"))
    tail = b""
    with archive.open(part) as stream:
        first = True
        while chunk := stream.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise _hostile()
            if is_xml:
                # Spreadsheets write UTF-8, and never declare entities: those could name files or grow without end.
                if (first and chunk[:2] in (b"\xff\xfe", b"\xfe\xff")) or b"\x00" in chunk:
                    raise _hostile()
                seen = (tail + chunk).upper()
                if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
                    raise _hostile()
                tail, first = chunk[-16:], False
    return left


def _titles(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of each sheet by its title."""
    targets = {}
    for node in Xml.fromstring(archive.read("xl/_rels/workbook.xml.rels")):
        target = node.get("Target", "")
        targets[node.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    found = {}
    for node in Xml.fromstring(archive.read("xl/workbook.xml")).iter():
        if _SPACE.sub("", node.tag) == "sheet":
            key = next((value for name, value in node.attrib.items() if name.endswith("}id")), "")
            found[node.get("name", "")] = targets.get(key, "")
    return found


def _marks(archive: zipfile.ZipFile, part: str) -> tuple[set[str], list[str], int]:
    """Return formulas without a value, merged areas and how many rows are hidden."""
    formulas: set[str] = set()
    merged: list[str] = []
    hidden = 0
    with archive.open(part) as stream:
        for _event, node in Xml.iterparse(stream):
            tag = _SPACE.sub("", node.tag)
            if tag == "row":
                hidden += node.get("hidden") in ("1", "true")
                node.clear()
            elif tag == "mergeCell":
                merged.append(node.get("ref", ""))
            elif tag == "c":
                inside = {_SPACE.sub("", child.tag): child.text for child in node}
                if "f" in inside and not inside.get("v"):
                    formulas.add(node.get("r", ""))
    return formulas, merged, hidden


def _values(content: bytes) -> Book:
    import openpyxl

    raw = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        sheets, mark = [], {}
        for sheet in raw.worksheets:
            # What a file says of its own extent may be wrong, or a million empty rows.
            sheet.reset_dimensions()
            rows = _rows(sheet)
            if sheet.title == MARK:
                mark = {str(row[0]): str(row[1]) for row in rows.rows if len(row) > 1 and row[0] is not None}
            else:
                sheets.append(rows)
    finally:
        raw.close()
    return Book(sheets, mark)


def _rows(sheet: Any) -> Sheet:
    found = Sheet(sheet.title, [], [])
    for number, row in _numbered(sheet):
        if any(cell is not None and cell != "" for cell in row):
            if len(found.rows) >= MOST_ROWS or len(row) > MOST_COLUMNS:
                message = _(
                    "The sheet “%(sheet)s” has more than %(rows)s rows or %(columns)s columns. Export the "
                    "workbook again and change that one."
                )
                raise _refuse(
                    "too-large", message % {"sheet": sheet.title, "rows": MOST_ROWS, "columns": MOST_COLUMNS}
                )
            found.rows.append(row)
            found.numbers.append(number)
    return found


def _numbered(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        last = len(row)
        while last and row[last - 1] in (None, ""):
            last -= 1
        yield number, row[:last]
