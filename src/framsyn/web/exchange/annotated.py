"""The workbook as it was brought, with a comment at every cell that is wrong and at every row that waits."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils.cell import range_boundaries

from framsyn.web.exchange.shown import cell_text

if TYPE_CHECKING:
    from framsyn.web.exchange.difference import Difference

__all__ = ["annotate"]

_WRONG = PatternFill("solid", fgColor="FFF4C7C3")
_WAITING = PatternFill("solid", fgColor="FFFFE5B4")


def annotate(content: bytes, difference: Difference) -> bytes:
    """Return the workbook with its faults marked.

    Parameters
    ----------
    content : bytes
        The workbook, which has been opened once without a fault.
    difference : Difference
    """
    book = load_workbook(io.BytesIO(content), keep_links=False)
    for error in difference.errors:
        if error.cell:
            _mark(book, error.sheet, error.cell, error.message, _WRONG)
    for change in difference.waiting:
        if change.status == "refused" or not change.cells:
            _mark(book, change.sheet, change.brought.cell("id"), change.message, _WAITING)
            continue
        for cell in change.cells:
            theirs = _("In the plan now: %(value)s") % {
                "value": cell_text(change, cell.column, cell.before) or "–"
            }
            _mark(
                book, change.sheet, change.brought.cell(cell.column), f"{change.message}\n{theirs}", _WAITING
            )
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _mark(book: Any, sheet: str, cell: str, message: str, fill: PatternFill) -> None:
    if sheet not in book.sheetnames:
        return
    left, top, _right, _bottom = range_boundaries(cell)
    place = book[sheet].cell(row=top, column=left)
    before = f"{place.comment.text}\n" if place.comment is not None else ""
    place.comment = Comment(f"{before}{message}", "Framsyn", width=320, height=120)
    place.fill = fill
