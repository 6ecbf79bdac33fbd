"""The sheets of the workbook of a region's tables that are only read: how it is used, and what it all means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framsyn.outlook.manifest import engine_version
from framsyn.quantities import quantities
from framsyn.region.codes import labels
from framsyn.report.own_data_book import field_text, field_word, table_word, unit_word
from framsyn.report.theme import MAIN
from framsyn.report.words import read_words, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.region.schema import Field
    from framsyn.report.own_data_book import OwnBook

__all__ = ["front", "meaning"]

STEPS = 8


def front(book: OwnBook, sheet: Any) -> None:
    """Write the first sheet: what the workbook is, how it is used, and which sheet holds what."""
    sheet.hide_gridlines(2)
    for place, width in enumerate((30, 96, 10)):
        sheet.set_column(place, place, width)
    strong = book.format(bold=True, bg_color="#cfe3e3", bottom=1)
    wrap = book.format(text_wrap=True)
    sheet.set_row(0, 30)
    title = book.word("title", region=book.region.label[book.lang])
    sheet.write_string(0, 0, title, book.format(bold=True, font_size=18, font_color=MAIN))
    stamp = (
        ("made_for", book.region.name),
        ("made_with", f"Framsyn {engine_version()}"),
        ("language", book.lang),
    )
    for row, (key, value) in enumerate(stamp, start=1):
        sheet.write_string(row, 0, book.word(key), book.format(bold=True))
        sheet.write_string(row, 1, value, wrap)
    row = len(stamp) + 2
    sheet.write_string(row, 0, book.word("how"), strong)
    sheet.write_blank(row, 1, None, strong)
    for number in range(1, STEPS + 1):
        text = book.word(f"step_{number}", command="framsyn region import FILE --region FOLDER")
        sheet.set_row(row + number, 28 if len(text) > 95 else 15)
        sheet.write_number(row + number, 0, number, book.format(align="left"))
        sheet.write_string(row + number, 1, text, wrap)
    row += STEPS + 2
    for place, key in enumerate(("sheet", "holds", "rows")):
        sheet.write_string(row, place, book.word(key), strong)
    link = book.format(font_color=MAIN, underline=1)
    for table in book.tables:
        row += 1
        text = f"{table_word(table, book.lang)}. {table.description}"
        sheet.set_row(row, 15 * (1 + len(text) // 95))
        sheet.write_url(row, 0, f"internal:'{table.name}'!A1", link, table.name)
        sheet.write_string(row, 1, text, wrap)
        sheet.write_number(row, 2, len(book.frames[table.name]), book.format(num_format="#,##0"))
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def meaning(book: OwnBook, columns: Any, results: Any) -> None:
    """Write what every column means, and every quantity that is computed from them."""
    heads: Sequence[tuple[str, int]] = (
        ("sheet", 24), ("technical", 20), ("column", 26), ("type", 12), ("unit", 14), ("minimum", 9), ("maximum", 9),
        ("key", 9), ("filled", 13), ("explanation", 60), ("choices", 70),
    )  # fmt: skip
    rows: list[list[Any]] = [
        [
            table.name,
            column.name,
            field_word(column.name, book.lang),
            book.word({"string": "text", "integer": "whole"}.get(column.type, "number")),
            unit_word(column.unit, book.lang),
            column.minimum,
            column.maximum,
            book.word("yes") if column.key else "",
            "" if column.blank else book.word("yes"),
            field_text(column, book.lang),
            _choices(book, column),
        ]
        for table in book.tables
        for column in table.fields
    ]
    _listed(book, columns, heads, rows, 2)
    heads = (
        ("technical", 30),
        ("column", 40),
        ("unit", 24),
        ("minimum", 9),
        ("maximum", 9),
        ("explanation", 90),
    )
    rows = [
        [
            one.name,
            one.labels[book.lang],
            _said("unit", one.unit, one.unit, book.lang),
            one.minimum,
            one.maximum,
            _said("definition", one.name, one.text, book.lang),
        ]
        for one in quantities().values()
    ]
    _listed(book, results, heads, rows, 1)


def _said(kind: str, name: str, text: str, lang: str) -> str:
    """A word of the results in a language; in English as it is declared."""
    key = f"{kind}.{name}"
    return word(key, lang) if lang != "en" and key in read_words() else text


def _choices(book: OwnBook, column: Field) -> str:
    """Fixed codes with their names, and where other codes come from."""
    names = {row["code"]: row[book.lang] for row in labels()}
    said = [
        f"→ {entry[1:]}" if entry.startswith("@") else f"{entry}: {names[entry]}" if entry in names else entry
        for entry in column.allowed
        if entry
    ]
    return "; ".join(said)


def _listed(
    book: OwnBook, sheet: Any, heads: Sequence[tuple[str, int]], rows: list[list[Any]], keep: int
) -> None:
    strong = book.format(bold=True, bg_color="#cfe3e3", bottom=1, text_wrap=True)
    wrap = book.format(text_wrap=True)
    for place, (key, width) in enumerate(heads):
        sheet.write_string(0, place, book.word(key), strong)
        sheet.set_column(place, place, width)
    for line, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(line, place, value, wrap)
            elif value is not None:
                sheet.write_number(line, place, value, wrap)
    sheet.freeze_panes(1, keep)
    sheet.autofilter(0, 0, len(rows), len(heads) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
