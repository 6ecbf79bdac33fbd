"""The workbook of a region's tables: a sheet per table to write in, with heads, choices and limits, and what it all means.

It is read back by :mod:`framsyn.region.own`; the row of technical names in every sheet is what that goes by.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from framsyn.outlook.manifest import engine_version
from framsyn.region.own.files import chosen_tables, frame_of
from framsyn.region.own.sheets import FORMAT, HEAD_ROWS, MARK
from framsyn.region.own.sources import SOURCES
from framsyn.report.numbers import check_language
from framsyn.report.own_data_book import OwnBook, field_text, field_word, table_word, unit_word
from framsyn.report.own_data_pages import front, meaning
from framsyn.report.theme import MAIN

if TYPE_CHECKING:
    from framsyn.region.region import Region
    from framsyn.region.schema import Field, Table

__all__ = ["write_own_data"]

SPARE_ROWS = 500
"""Rows below the last one that offer choices and limits too."""
WIDEST, NARROWEST = 46, 9
_TITLE, _HEADS, _MEANING, _NAMES = range(HEAD_ROWS)


def write_own_data(
    path: Path, region: Region, tables: Sequence[str] = (), lang: str = "nb", *, filled: bool = True
) -> None:
    """Write tables of a region into a workbook, or empty sheets to fill.

    Parameters
    ----------
    path : Path
        Is written as it stands; the caller sees to it that it appears whole.
    region : Region
        Its codes are what cells offer.
    tables : sequence of str
        All if left out. The sources come along with any of them.
    lang : {"nb", "nn", "en"}
        Of heads and explanations.
    filled : bool
        Whether the rows of the region stand in the sheets; sources always do.

    Raises
    ------
    PlanError
        ``unknown-table``, or an unknown language.
    """
    check_language(lang)
    chosen = chosen_tables(tables)
    frames = {table.name: frame_of(region, table) for table in chosen}
    for table in chosen:
        if not filled and table is not SOURCES:
            frames[table.name] = frames[table.name].iloc[:0]
    options = {"strings_to_urls": False, "strings_to_formulas": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as raw:
        book = OwnBook(raw, lang, region, chosen, frames)
        raw.set_properties(
            {
                "title": book.word("title", region=region.label[lang]),
                "comments": f"Framsyn {engine_version()}",
            }
        )
        raw.set_size(2400, 1400)
        names = [book.word(key) for key in ("front", "dictionary", "quantities", "lists")]
        first = raw.add_worksheet(names[0])
        sheets = {table.name: raw.add_worksheet(table.name) for table in chosen}
        dictionary, quantity, lists = (raw.add_worksheet(name) for name in names[1:])
        _write_lists(book, lists)
        for table in chosen:
            _write_table(book, sheets[table.name], table)
        front(book, first)
        meaning(book, dictionary, quantity)
        _write_mark(book, names)
        first.activate()


def _write_mark(book: OwnBook, helpers: list[str]) -> None:
    sheet = book.raw.add_worksheet(MARK)
    sheet.very_hidden()
    said = {
        "format": str(FORMAT),
        "version": engine_version(),
        "region": book.region.name,
        "language": book.lang,
        "sheets": "\n".join(helpers),
    }
    for row, (key, value) in enumerate(said.items()):
        sheet.write_string(row, 0, key)
        sheet.write_string(row, 1, value)


def _write_lists(book: OwnBook, sheet: Any) -> None:
    """Every list that a cell offers, apart from those that are a column of another sheet."""
    sheet.freeze_panes(1, 0)
    column = 0
    for table in book.tables:
        for one in table.fields:
            codes = tuple(book.codes(one))
            if not codes or codes in book.lists or _column_of(book, one):
                continue
            sheet.write_string(0, column, field_word(one.name, book.lang), _head(book, key=False))
            sheet.set_column(column, column, min(WIDEST, max(14, *(len(code) + 2 for code in codes))))
            for row, code in enumerate(codes, start=1):
                sheet.write_string(row, column, code, book.format(num_format="@"))
            letter = xl_col_to_name(column)
            book.lists[codes] = f"='{sheet.get_name()}'!${letter}$2:${letter}${len(codes) + 1}"
            column += 1


def _column_of(book: OwnBook, column: Field) -> str:
    """The range of another sheet that a column refers to, with room for what is added there; empty where there is none."""
    if len(column.allowed) != 1 or not column.references:
        return ""
    entry = column.allowed[0]
    table, _, name = ("sources", "", "source") if entry == "@sources" else entry[1:].partition(".")
    held = {one.name: one for one in book.tables}
    if table not in held or name not in held[table].columns:
        return ""
    # Not through an empty sheet: without its rows it would offer nothing.
    if not len(book.frames[table]):
        return ""
    letter = xl_col_to_name(held[table].columns.index(name))
    last = HEAD_ROWS + len(book.frames[table]) + 200
    return f"='{table}'!${letter}${HEAD_ROWS + 1}:${letter}${last}"


def _head(book: OwnBook, *, key: bool) -> Any:
    look = {"font_color": "#ffffff", "bg_color": MAIN} if key else {"bg_color": "#cfe3e3"}
    return book.format(bold=True, text_wrap=True, valign="vcenter", bottom=1, **look)


def _write_table(book: OwnBook, sheet: Any, table: Table) -> None:
    frame = book.frames[table.name]
    sheet.set_row(_TITLE, 24)
    sheet.set_row(_HEADS, 32)
    sheet.set_row(_MEANING, 66)
    sheet.write_string(
        _TITLE, 0, table_word(table, book.lang), book.format(bold=True, font_size=14, font_color=MAIN)
    )
    small = book.format(text_wrap=True, font_size=9, font_color="#444444")
    plain = book.format(font_name="Consolas", font_size=9, font_color="#444444", bg_color="#eef0f0", bottom=1)
    last = HEAD_ROWS + len(frame) + SPARE_ROWS
    for place, column in enumerate(table.fields):
        label = field_word(column.name, book.lang)
        measured = unit_word(column.unit, book.lang)
        unit = f" [{measured}]" if measured and measured != label.lower() else ""
        look = book.format(num_format="@" if column.type == "string" else "General")
        values = frame[column.name].tolist()
        sheet.set_column(
            place, place, _width(label + unit, field_text(column, book.lang), column, values), look
        )
        sheet.write_string(_HEADS, place, label + unit, _head(book, key=column.key))
        sheet.write_string(_MEANING, place, field_text(column, book.lang), small)
        sheet.write_string(_NAMES, place, column.name, plain)
        _validate(book, sheet, column, (HEAD_ROWS, place, last, place), label)
        for row, value in enumerate(values, start=HEAD_ROWS):
            if column.type == "string":
                if value:
                    sheet.write_string(row, place, value, look)
            elif value == value:
                sheet.write_number(row, place, value, look)
    keys = [place for place, column in enumerate(table.fields) if column.key]
    sheet.freeze_panes(HEAD_ROWS, keys[-1] + 1 if keys == list(range(len(keys))) and len(keys) < 4 else 1)
    sheet.autofilter(_NAMES, 0, max(HEAD_ROWS + len(frame) - 1, HEAD_ROWS), len(table.fields) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_TITLE, _NAMES)


def _width(head: str, text: str, column: Field, values: list[Any]) -> float:
    """Wide enough for head and meaning in their rows, the technical name with its filter button, and most values."""
    texts = [str(value) for value in values[:500]]
    needed = [
        len(head) * 0.62,
        len(text) / 4.2,
        len(column.name) + 5,
        *(min(len(text), WIDEST) * 1.05 + 1 for text in texts),
    ]
    wide = 40 if column.name in ("reason", "note", "title", "path") else NARROWEST
    return min(WIDEST, max(wide, *needed))


def _validate(book: OwnBook, sheet: Any, column: Field, area: tuple[int, int, int, int], label: str) -> None:
    """Let a cell offer what may be chosen, hold it to its limits, and say what it means where it is selected."""
    said: dict[str, Any] = {"ignore_blank": True, "error_title": label[:32]}
    if column.allowed:
        own = _column_of(book, column)
        codes = tuple(book.codes(column))
        if not own and codes not in book.lists:
            return
        # A code of another table may be new with this workbook, so that one is warned of and not refused.
        said |= {"validate": "list", "source": own or book.lists[codes]}
        said["error_type"] = "warning" if column.references else "stop"
        said["error_message"] = book.word("new_source" if column.allowed == ("@sources",) else "choose")
    elif column.type != "string":
        least = -1e15 if column.minimum is None else column.minimum
        most = 1e15 if column.maximum is None else column.maximum
        message = book.word("write_number")
        if column.minimum is not None and column.maximum is not None:
            message = book.word("between", least=f"{least:g}", most=f"{most:g}")
        elif column.minimum is not None:
            message = book.word("at_least", least=f"{least:g}")
        said |= {
            "validate": "integer" if column.type == "integer" else "decimal",
            "criteria": "between",
            "minimum": int(least) if column.type == "integer" else least,
            "maximum": int(most) if column.type == "integer" else most,
            "error_message": message,
        }
    else:
        said |= {"validate": "any"}
    said |= {"input_title": label[:32], "input_message": field_text(column, book.lang)[:255]}
    sheet.data_validation(*area, said)
