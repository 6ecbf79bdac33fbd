"""Writing the workbook: a sheet for each kind, with heads, drop-down lists, formats, and what the way back needs."""

from __future__ import annotations

import datetime
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from xlsxwriter.utility import xl_col_to_name

from framsyn.outlook.manifest import engine_version
from framsyn.web.exchange.front import write_dictionary, write_front
from framsyn.web.exchange.kinds import BASE, KINDS, SEEN, Column, Kind
from framsyn.web.exchange.rows import Held, Scope, held
from framsyn.web.exchange.values import LONGEST, check_sum, clean
from framsyn.web.exchange.vocabulary import Vocabulary, vocabularies
from framsyn.web.indicators.models import Indicator
from framsyn.web.languages import current_language

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FORMAT", "MARK", "file_name", "write_workbook"]

FORMAT = 1
MARK = "framsyn"
"""Name of the hidden sheet that tells what the workbook is."""
HEAD_ROW, FIRST_ROW, SPARE_ROWS = 1, 2, 300
_RISKY = ("=", "+", "-", "@", "\t", "\r")
_LISTS = "lists"


@dataclass
class _Book:
    raw: Any
    language: str
    words: dict[str, Vocabulary]
    decimals: Mapping[str, int]
    formats: dict[tuple[tuple[str, Any], ...], Any]
    ranges: dict[str, str]

    def format(self, **look: Any) -> Any:
        """Return a format, made once."""
        key = tuple(sorted(look.items()))
        if key not in self.formats:
            self.formats[key] = self.raw.add_format(
                {"valign": "top", "font_name": "Calibri", "font_size": 11, **look}
            )
        return self.formats[key]


def file_name(plan: str = "") -> str:
    """Return the name of a workbook made today."""
    return f"framsyn-{plan or 'plan'}-{timezone.localdate().isoformat()}.xlsx"


def write_workbook(language: str = "", scope: Scope | None = None, site: str = "") -> bytes:
    """Return the workbook.

    Parameters
    ----------
    language : {"nb", "nn", "en"}
        Of heads, choices and explanations; that of the page if left out.
    scope : Scope, optional
        Everything, or one plan.
    site : str
        Address of the site, for the stamp.
    """
    language = language or current_language()
    scope = scope or Scope()
    target = io.BytesIO()
    with (
        override(language),
        xlsxwriter.Workbook(
            target,
            {
                "in_memory": True,
                "strings_to_urls": False,
                "strings_to_formulas": False,
                "strings_to_numbers": False,
            },
        ) as raw,
    ):
        raw.set_properties(
            {"title": _("Goals, figures and measures"), "comments": f"Framsyn {engine_version()}"}
        )
        raw.set_size(2400, 1400)
        decimals = dict(Indicator.objects.values_list("pk", "decimals"))
        book = _Book(raw, language, vocabularies(), decimals, {}, {})
        data = {name: held(name, scope) for name in KINDS}
        front = raw.add_worksheet(_("Read me"))
        sheets = {name: raw.add_worksheet(kind.named(language)) for name, kind in KINDS.items()}
        dictionary = raw.add_worksheet(_("Data dictionary"))
        _lists(book)
        for name, kind in KINDS.items():
            _sheet(book, sheets[name], kind, data[name])
        made = timezone.localtime()
        write_front(book, front, {name: len(rows) for name, rows in data.items()}, made, site, scope.plan)
        write_dictionary(book, dictionary)
        mark = raw.add_worksheet(MARK)
        mark.very_hidden()
        stamp = {
            "format": FORMAT,
            "version": engine_version(),
            "made": made.isoformat(timespec="seconds"),
            "site": site,
            "language": language,
            "plan": scope.plan,
        }
        for number, (key, value) in enumerate(stamp.items()):
            mark.write_string(number, 0, key)
            mark.write_string(number, 1, str(value))
        mark.write_string(len(stamp), 0, BASE)
        mark.write_string(
            len(stamp),
            1,
            json.dumps({name: [one.name for one in kind.changing] for name, kind in KINDS.items()}),
        )
        front.activate()
    return target.getvalue()


def _lists(book: _Book) -> None:
    """Write every list that a cell offers into a sheet of its own: more than a cell's own list can hold."""
    sheet = book.raw.add_worksheet(_("Lists"))
    sheet.freeze_panes(1, 0)
    used = {column.words: column for kind in KINDS.values() for column in kind.columns if column.words}
    for number, (name, column) in enumerate(used.items()):
        offered = book.words[name].offered(book.language)
        sheet.write_string(
            0, number, str(column.head), book.format(bold=True, text_wrap=True, bg_color="#e8eeee", bottom=1)
        )
        sheet.set_column(number, number, 28)
        for row, label in enumerate(offered, start=1):
            sheet.write_string(row, number, label)
        letter = xl_col_to_name(number)
        book.ranges[name] = f"='{sheet.get_name()}'!${letter}$2:${letter}${max(2, len(offered) + 1)}"


def _sheet(book: _Book, sheet: Any, kind: Kind, rows: list[Held]) -> None:
    last = FIRST_ROW + len(rows)
    columns = kind.columns
    sheet.set_row(0, None, None, {"hidden": True})
    sheet.set_row(HEAD_ROW, 48)
    for number, column in enumerate(columns):
        fixed = column.change == "never"
        sheet.write_string(0, number, f"{kind.name}:{column.name}")
        colour = "#d5dbdb" if column.change != "free" else "#cfe3e3"
        sheet.write_string(
            HEAD_ROW,
            number,
            column.title(book.language),
            book.format(bold=True, text_wrap=True, bg_color=colour, bottom=1, locked=True),
        )
        sheet.set_column(number, number, column.width, book.format(**_look(column, book, None), locked=fixed))
        _validate(book, sheet, column, number, last + SPARE_ROWS)
        if column.hint:
            sheet.write_comment(HEAD_ROW, number, str(column.hint), {"x_scale": 1.6})
    hidden = {SEEN: len(columns), BASE: len(columns) + 1}
    for name, number in hidden.items():
        sheet.write_string(0, number, f"{kind.name}:{name}")
        sheet.write_string(HEAD_ROW, number, name)
        sheet.set_column(number, number, 10, None, {"hidden": True})
    for offset, row in enumerate(rows):
        place = FIRST_ROW + offset
        sums = []
        for number, column in enumerate(columns):
            kept = _cell(book, sheet, place, number, column, row)
            if column in kind.changing:
                sums.append(check_sum(column.name, row.values[column.name]) if kept else "-")
        sheet.write_number(place, hidden[SEEN], row.last)
        sheet.write_string(place, hidden[BASE], ".".join(sums))
    sheet.freeze_panes(FIRST_ROW, 1 + (kind.name in ("goals", "tasks", "benefits", "risks")))
    sheet.autofilter(HEAD_ROW, 0, max(last - 1, FIRST_ROW), len(columns) - 1)
    # Without a password: it keeps the ids from being typed over by mistake, and anybody may lift it.
    sheet.protect(
        "",
        {
            "format_cells": True,
            "format_columns": True,
            "format_rows": True,
            "insert_rows": True,
            "delete_rows": True,
            "sort": True,
            "autofilter": True,
        },
    )
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD_ROW)


def _look(column: Column, book: _Book, row: Held | None) -> dict[str, Any]:
    """Return how a cell is drawn."""
    look: dict[str, Any] = {}
    if column.type == "day":
        look["num_format"] = "yyyy-mm-dd"
        look["align"] = "left"
    elif column.type == "share":
        look["num_format"] = "0.0 %"
    elif column.type == "number":
        look["num_format"] = (
            "#,##0.######" if row is not None and not _whole(row.values[column.name]) else "#,##0"
        )
    elif column.type == "figure" and row is not None:
        decimals = book.decimals.get(row.values.get("indicator") or "", 0)
        digits = "0" * decimals
        share = row.values.get("unit") == "share"
        look["num_format"] = (
            f"{'0' if share else '#,##0'}{'.' if digits else ''}{digits}{' %' if share else ''}"
        )
    elif column.type in ("text", "id", "reference", "references") and column.change != "never":
        look["num_format"] = "@"  # 12/27 is a case number, not a day
    if column.type in ("words", "text", "references"):
        look["text_wrap"] = True
    if (column.change != "free" and row is not None) or column.change == "never":
        look |= {"bg_color": "#eef0f0", "font_color": "#444444"}
    return look


def _whole(value: Any) -> bool:
    return value is None or float(value) == int(float(value))


def _cell(book: _Book, sheet: Any, place: int, number: int, column: Column, row: Held) -> bool:
    """Write one cell; return whether the whole value is there."""
    value = row.values[column.name]
    look = _look(column, book, row) | {"locked": column.change != "free"}
    if value is None or value == "" or value == []:
        sheet.write_blank(place, number, None, book.format(**look))
        return True
    if column.type == "day":
        sheet.write_datetime(place, number, datetime.date.fromisoformat(value), book.format(**look))
        return True
    if column.type in ("number", "figure", "share", "whole"):
        sheet.write_number(place, number, value, book.format(**look))
        return True
    if column.type == "references":
        words = "; ".join(value)
    elif column.words:
        words = book.words[column.words].label(value, book.language)
    else:
        words = clean(str(value))
    if words.startswith(_RISKY):
        look["quote_prefix"] = True  # stays a text when somebody opens the cell and leaves it again
    if len(words) > LONGEST:
        sheet.write_blank(place, number, None, book.format(**look))
        sheet.write_comment(
            place,
            number,
            _("This text is too long for a cell. It is not changed by this workbook; change it in the site."),
        )
        return False
    sheet.write_string(place, number, words, book.format(**look))
    return True


def _validate(book: _Book, sheet: Any, column: Column, number: int, last: int) -> None:
    """Let a cell offer what can be chosen, and warn of what cannot be read."""
    area = (FIRST_ROW, number, last, number)
    warn = {"error_type": "warning", "ignore_blank": True, "error_title": str(column.head)[:32]}
    if column.words and column.type in ("choice", "reference") and column.change != "never":
        sheet.data_validation(
            *area,
            {
                "validate": "list",
                "source": book.ranges[column.words],
                **warn,
                "error_message": _("Choose from the list."),
            },
        )
    elif column.type == "day":
        first = datetime.date(1900, 1, 1)
        sheet.data_validation(
            *area,
            {
                "validate": "date",
                "criteria": ">",
                "value": first,
                **warn,
                "error_message": _("Write a date, such as 2027-01-31."),
            },
        )
    elif column.type in ("number", "figure", "share"):
        sheet.data_validation(
            *area,
            {
                "validate": "decimal",
                "criteria": "between",
                "minimum": -1e15,
                "maximum": 1e15,
                **warn,
                "error_message": _("Write a number."),
            },
        )
    elif column.type == "whole":
        sheet.data_validation(
            *area,
            {
                "validate": "integer",
                "criteria": "between",
                "minimum": 0,
                "maximum": 100_000,
                **warn,
                "error_message": _("Write a whole number."),
            },
        )
