"""Opening a workbook that somebody sends to the site: the checks of the engine, told in the reader's language."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import IO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from framsyn.errors import PlanError
from framsyn.region.own import opening as engine
from framsyn.region.own.opening import Sheet
from framsyn.web.exchange.book import FORMAT, MARK
from framsyn.web.exchange.kinds import BASE

__all__ = ["LARGEST", "MOST_COLUMNS", "MOST_ROWS", "Book", "Sheet", "opened"]

LARGEST = 10 * 2**20
"""Bytes of a file; the whole plan of a region takes a fiftieth of it."""
MOST_UNPACKED = 200 * 2**20
MOST_PARTS = 2_000
MOST_ROWS, MOST_COLUMNS = 50_000, 200
_SAID = {
    "too-large": gettext_noop(
        "The file is larger than %(most)s megabytes. Export the workbook again and change that one; "
        "pictures and other sheets do not belong in it."
    ),
    "too-many-rows": gettext_noop(
        "The sheet “%(sheet)s” has more than %(rows)s rows or %(columns)s columns. Export the "
        "workbook again and change that one."
    ),
    "damaged": gettext_noop(
        "The workbook is damaged and cannot be read. Open it in your spreadsheet, save it as .xlsx and "
        "try again."
    ),
    "encrypted": gettext_noop(
        "The workbook is protected by a password. Take the password off (File, Info, Protect "
        "workbook) and try again."
    ),
    "old-format": gettext_noop(
        "This is an old Excel file (.xls). Open it and save it as an Excel workbook (.xlsx)."
    ),
    "not-a-workbook": gettext_noop(
        "“%(name)s” is not an Excel workbook (.xlsx). Export a workbook here, change that one, and bring "
        "it back."
    ),
    "macros": gettext_noop(
        "The workbook holds macros (.xlsm). Save it as an Excel workbook without macros (.xlsx)."
    ),
    "hostile": gettext_noop(
        "The file unpacks to far more than a workbook of this plan can hold, or holds what no workbook needs. "
        "It was not read. Export the workbook again and change that one."
    ),
}


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
    limits = engine.Limits(LARGEST, MOST_UNPACKED, MOST_PARTS, MOST_ROWS, MOST_COLUMNS)
    try:
        sheets = engine.opened(file, name, limits)
    except PlanError as error:
        if error.code not in _SAID:
            raise
        message = _(_SAID[error.code]) % {**error.data, "name": name or "–"}
        code = "too-large" if error.code == "too-many-rows" else error.code
        raise PlanError(code, message, **error.data) from error
    mark = {
        str(row[0]): str(row[1])
        for sheet in sheets
        if sheet.title == MARK
        for row in sheet.rows
        if len(row) > 1 and row[0] is not None
    }
    book = Book([sheet for sheet in sheets if sheet.title != MARK], mark)
    try:
        version = int(book.mark.get("format", FORMAT))
    except ValueError:
        version = 0
    if version > FORMAT:
        message = _("The workbook was made by a newer Framsyn (%(version)s). Export it again from this site.")
        raise PlanError(
            "newer-format", message % {"version": book.mark.get("version", "?")}, got=version, expected=FORMAT
        )
    return book
