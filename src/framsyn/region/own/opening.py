"""Opening a workbook that somebody sends: what it is, that it is no trap, and what its sheets hold.

Nothing here knows what the workbook is about. The site opens the workbooks of its plan with it, and a region those of
its tables; each says in its own words what is refused, by the code of the error.
"""

from __future__ import annotations

import io
import re
import struct
import warnings
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any
from xml.etree import ElementTree as Xml

from framsyn.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Limits", "Sheet", "opened"]

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
    SyntaxError,  # of either parser of XML
    ArithmeticError,
    AssertionError,
    struct.error,
)


@dataclass(frozen=True)
class Limits:
    """What a workbook may hold at most.

    Parameters
    ----------
    file, unpacked : int [byte]
        Of the file as it is sent, and of its parts together.
    parts : int
        Files inside the workbook.
    rows, columns : int
        Of one sheet, empty rows not counted.
    """

    file: int = 30 * 2**20
    unpacked: int = 400 * 2**20
    parts: int = 2_000
    rows: int = 200_000
    columns: int = 200


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


def opened(file: bytes | IO[bytes], name: str = "", limits: Limits | None = None) -> list[Sheet]:
    """Open a workbook.

    Parameters
    ----------
    file : bytes or file
    name : str
        As its sender called it, for messages.
    limits : Limits, optional

    Returns
    -------
    list of Sheet
        All of them, hidden ones too, in their order.

    Raises
    ------
    PlanError
        ``too-large``, ``too-many-rows``, ``old-format``, ``encrypted``, ``macros``, ``not-a-workbook``, ``damaged``,
        ``hostile``.
    """
    limits = limits or Limits()
    content = file if isinstance(file, bytes) else file.read(limits.file + 1)
    if len(content) > limits.file:
        raise _refuse(
            "too-large",
            name,
            f"the file is larger than {limits.file // 2**20} megabytes. Take out pictures and sheets that do not "
            "belong in it, or split it.",
            got=len(content),
            most=limits.file // 2**20,
        )
    _known_kind(content, name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            extra = _looked_through(archive, name, limits)
        with warnings.catch_warnings():
            # What a spreadsheet adds and no value depends on, such as an extended list of choices.
            warnings.simplefilter("ignore")
            sheets = _values(content, name, limits)
    except PlanError:
        raise
    except _DAMAGE as error:
        raise _refuse(
            "damaged",
            name,
            "the workbook is damaged and cannot be read. Open it in your spreadsheet, save it as .xlsx and try again.",
            cause=f"{type(error).__name__}: {error}",
        ) from error
    for sheet in sheets:
        if sheet.title in extra:
            sheet.empty_formulas, sheet.merged, sheet.hidden = extra[sheet.title]
    return sheets


def _refuse(code: str, name: str, message: str, **data: Any) -> PlanError:
    return PlanError(code, f"{name or 'workbook'}: {message}", file=name, **data)


def _encrypted(name: str) -> PlanError:
    return _refuse(
        "encrypted",
        name,
        "the workbook is protected by a password. Take the password off (File, Info, Protect workbook) and try again.",
    )


def _no_workbook(name: str) -> PlanError:
    return _refuse(
        "not-a-workbook",
        name,
        "this is not an Excel workbook (.xlsx). Save it as one in your spreadsheet, or start from a template.",
    )


def _hostile(name: str) -> PlanError:
    return _refuse(
        "hostile",
        name,
        "the file unpacks to far more than a workbook of tables can hold, or holds what no workbook needs. It was not "
        "read. Copy the values into a fresh template.",
    )


def _known_kind(content: bytes, name: str) -> None:
    """Refuse what is no workbook by its first bytes."""
    if content.startswith(_OLD):
        if _ENCRYPTED in content:
            raise _encrypted(name)
        raise _refuse(
            "old-format",
            name,
            "this is an old Excel file (.xls). Open it and save it as an Excel workbook (.xlsx).",
        )
    if not content.startswith(b"PK\x03\x04"):
        raise _no_workbook(name)


def _looked_through(
    archive: zipfile.ZipFile, name: str, limits: Limits
) -> dict[str, tuple[set[str], list[str], int]]:
    """Unpack every part once, counting, and return what the reader of values does not tell, by title of sheet."""
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise _encrypted(name)
    if "xl/workbook.xml" not in names:
        raise _no_workbook(name)
    if len(parts) > limits.parts:
        raise _hostile(name)
    left = limits.unpacked
    for part in parts:
        if part.filename.lower().endswith("vbaproject.bin"):
            raise _refuse(
                "macros",
                name,
                "the workbook holds macros (.xlsm). Save it as an Excel workbook without macros (.xlsx).",
            )
        left = _unpacked(archive, part, left, name)
    titles = _titles(archive)
    return {title: _marks(archive, part) for title, part in titles.items() if part in names}


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int, name: str) -> int:
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
                raise _hostile(name)
            if is_xml:
                # Spreadsheets write UTF-8, and never declare entities: those could name files or grow without end.
                if (first and chunk[:2] in (b"\xff\xfe", b"\xfe\xff")) or b"\x00" in chunk:
                    raise _hostile(name)
                seen = (tail + chunk).upper()
                if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
                    raise _hostile(name)
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


def _values(content: bytes, name: str, limits: Limits) -> list[Sheet]:
    try:
        import openpyxl
    except ImportError as error:
        message = 'reading workbooks needs the extra own-data. Install it: pip install "framsyn[own-data]"'
        raise PlanError("extra-missing", message, extra="own-data") from error
    raw = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        sheets = []
        for sheet in raw.worksheets:
            # What a file says of its own extent may be wrong, or a million empty rows.
            sheet.reset_dimensions()
            sheets.append(_rows(sheet, name, limits))
    finally:
        raw.close()
    return sheets


def _rows(sheet: Any, name: str, limits: Limits) -> Sheet:
    found = Sheet(sheet.title, [], [])
    for number, row in _numbered(sheet):
        if any(cell is not None and cell != "" for cell in row):
            if len(found.rows) >= limits.rows or len(row) > limits.columns:
                raise _refuse(
                    "too-many-rows",
                    name,
                    f"the sheet {sheet.title!r} has more than {limits.rows} rows or {limits.columns} columns. "
                    "Take out what does not belong in it, or bring the table as Parquet.",
                    sheet=sheet.title,
                    rows=limits.rows,
                    columns=limits.columns,
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
