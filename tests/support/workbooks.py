"""Workbooks as a planner changes them: opened whole, cells found by what they are about, saved again."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

__all__ = ["Changed", "checked", "written"]


class Changed:
    """A workbook that is being changed.

    Parameters
    ----------
    content : bytes
    """

    def __init__(self, content: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(content))

    def sheet(self, kind: str) -> Any:
        """Return the sheet of a kind, found by its technical names."""
        for sheet in self.book:
            names = [cell.value for cell in sheet[1] if isinstance(cell.value, str)]
            if f"{kind}:id" in names and f"{kind}:seen" in names:
                return sheet
        raise LookupError(kind)

    def column(self, kind: str, name: str) -> int:
        """Return the number of a column."""
        return next(cell.column for cell in self.sheet(kind)[1] if cell.value == f"{kind}:{name}")

    def row(self, kind: str, id: str) -> int:
        """Return the row of an id."""
        sheet, column = self.sheet(kind), self.column(kind, "id")
        return next(
            row for row in range(3, sheet.max_row + 1) if str(sheet.cell(row, column).value) == str(id)
        )

    def at(self, kind: str, id: str, name: str) -> str:
        """Return the address of a cell."""
        return f"{self.sheet(kind).title}!{get_column_letter(self.column(kind, name))}{self.row(kind, id)}"

    def get(self, kind: str, id: str, name: str) -> Any:
        """Return what a cell holds."""
        return self.sheet(kind).cell(self.row(kind, id), self.column(kind, name)).value

    def put(self, kind: str, id: str, name: str, value: Any) -> None:
        """Write into a cell; a text stays a text, also one that looks like a formula."""
        cell = self.sheet(kind).cell(self.row(kind, id), self.column(kind, name))
        cell.value = value
        if isinstance(value, str) and value.startswith("=") and not value.startswith("=formula:"):
            cell.data_type = "s"

    def add(self, kind: str, /, **values: Any) -> int:
        """Add a row below the last one, ``title_nb`` for the column title.nb; return its number."""
        sheet = self.sheet(kind)
        row = sheet.max_row + 1
        for name, value in values.items():
            stem, _mark, code = name.rpartition("_")
            own = f"{stem}.{code}" if stem and code in ("nb", "nn", "en") else name
            sheet.cell(row, self.column(kind, own)).value = value
        return row

    @property
    def bytes(self) -> bytes:
        """The workbook as a file."""
        target = io.BytesIO()
        self.book.save(target)
        return target.getvalue()


def written(language: str = "en", plan: str = "") -> Changed:
    """Return the workbook of the site, opened."""
    from framsyn.web.exchange.book import write_workbook
    from framsyn.web.exchange.rows import Scope

    return Changed(write_workbook(language, Scope(plan)))


def checked(content: bytes, actor: Any) -> tuple[Any, Any]:
    """Return what was read, and the difference that it makes."""
    from framsyn.web.exchange.applying import check
    from framsyn.web.exchange.opening import opened
    from framsyn.web.exchange.reading import read_book
    from framsyn.web.exchange.vocabulary import vocabularies

    reading = read_book(opened(content, "plan.xlsx"), vocabularies())
    return reading, check(actor, reading)
