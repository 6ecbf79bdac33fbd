"""A workbook with formats and words of one language, and the sheets that are one table each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from framsyn.report.theme import MAIN
from framsyn.report.words import word

__all__ = ["FORMATS", "Book"]

_BASE = {"font_name": "Arial", "font_size": 10, "valign": "top"}
FORMATS: dict[str, dict[str, Any]] = {
    "text": {**_BASE, "text_wrap": True},
    "plain": dict(_BASE),
    "title": {**_BASE, "bold": True, "font_size": 16, "font_color": MAIN},
    "lead": {**_BASE, "bold": True, "font_size": 12},
    "section": {**_BASE, "bold": True, "font_size": 12, "font_color": MAIN},
    "head": {
        **_BASE,
        "bold": True,
        "font_color": "#ffffff",
        "bg_color": MAIN,
        "text_wrap": True,
        "valign": "vcenter",
    },
    "right": {**_BASE, "align": "right"},
    "mark": {**_BASE, "bold": True, "font_color": "#a8440f", "text_wrap": True},
    "number": {**_BASE, "num_format": "#,##0"},
    "one": {**_BASE, "num_format": "#,##0.0"},
    "two": {**_BASE, "num_format": "#,##0.00"},
    "percent": {**_BASE, "num_format": "0.0%"},
    "year": {**_BASE, "num_format": "0"},
    "any": {**_BASE, "num_format": "General"},
}


@dataclass
class Book:
    """A workbook with its formats and the words of its language."""

    book: Any
    lang: str
    formats: dict[str, Any]

    def sheet(self, key: str, widths: Sequence[float]) -> Any:
        """Add a sheet with columns of given widths."""
        sheet = self.book.add_worksheet(word(f"workbook.{key}", self.lang)[:31])
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        return sheet

    def frame(
        self,
        key: str,
        heads: Sequence[str],
        widths: Sequence[float],
        rows: Iterable[Sequence[Any]],
        keep: int = 1,
    ) -> None:
        """Add a sheet that is one table: frozen head, filter, a format per cell."""
        sheet = self.sheet(key, widths)
        for column, head in enumerate(heads):
            sheet.write(0, column, head, self.formats["head"])
        last = 0
        for line, row in enumerate(rows, start=1):
            last = line
            for column, value in enumerate(row):
                self.cell(sheet, line, column, value)
        sheet.freeze_panes(1, keep)
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, max(last, 1), len(heads) - 1)

    def cell(self, sheet: Any, line: int, column: int, value: Any) -> None:
        """Write a value; (value, format) takes a named format, NaN stays empty."""
        look = "text"
        if isinstance(value, tuple):
            value, look = value
        if isinstance(value, float | int | np.floating | np.integer) and not isinstance(value, bool):
            if np.isfinite(value):
                sheet.write_number(
                    line, column, float(value), self.formats[look if look != "text" else "number"]
                )
            return
        sheet.write_string(line, column, str(value), self.formats[look])
