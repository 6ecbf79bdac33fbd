"""One table, and every file that it is given out as: csv, workbook, JSON, JSON-stat, and the description beside the csv.

The csv is one dialect, for machines: UTF-8 without a mark, comma, decimal point, days as 2027-01-31, technical names in the
head, lines ended as RFC 4180 says. Spreadsheets open the workbook, which has words, units and formats. The description
follows the W3C's metadata vocabulary for tabular data, at the csv's address with ``-metadata.json`` behind it.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import xlsxwriter
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.outlook.manifest import engine_version
from framsyn.web.exchange.cubes import json_stat
from framsyn.web.languages import current_language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from django.http import HttpRequest

__all__ = [
    "FORMS",
    "About",
    "Column",
    "Table",
    "answer",
    "csv_lines",
    "description",
    "harmless",
    "json_text",
    "workbook",
]

FORMS = ("csv", "xlsx", "json", "stat.json", "csv-metadata.json")
"""Endings of the addresses of a table. Only a table with dimensions has ``stat.json``."""
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "stat.json": "application/json",
    "csv-metadata.json": "application/csvm+json",
}
_DATATYPES = {"text": "string", "number": "number", "whole": "integer", "day": "date", "yes": "boolean"}
_WIDTHS = {"text": 24, "number": 14, "whole": 10, "day": 12, "yes": 8}
_MOST_ROWS = 1_000_000  # of a sheet
_LONGEST = 32_767  # characters of a cell


@dataclass(frozen=True)
class Column:
    """One column: technical name, words in the language of the page, unit and type.

    Parameters
    ----------
    type : {"text", "number", "whole", "day", "yes"}
    """

    name: str
    title: str
    type: str = "text"
    unit: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class About:
    """Where a table comes from, and what may be done with it."""

    source: str = ""
    licence: str = ""
    licence_address: str = ""
    data_through: str = ""
    notes: tuple[str, ...] = ()
    address: str = ""


@dataclass(frozen=True)
class Table:
    """A table as it is given out.

    Parameters
    ----------
    name : str
        Of the file, without date and ending.
    rows : callable
        Gives the rows, each with as many values as there are columns; None is nothing.
    dimensions : tuple of str
        Names of the columns that a figure is found by; without any the table is a list and has no JSON-stat.
    values : tuple of str
        Names of the columns that are figures.
    time, place : str
        Which dimension is the time, and which the place.
    labels : dict
        Column → code → words, for JSON-stat.
    is_long : bool
        Whether its csv is sent line by line while it is read.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Callable[[], Iterable[Sequence[Any]]]
    about: About = field(default_factory=About)
    dimensions: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    time: str = ""
    place: str = ""
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    is_long: bool = False

    def file_name(self, form: str) -> str:
        """Return the name of a file, with the day."""
        return f"{self.name}-{timezone.localdate().isoformat()}.{form}"

    @property
    def forms(self) -> tuple[str, ...]:
        """Endings under which the table is given out."""
        return tuple(form for form in FORMS if form != "stat.json" or self.dimensions)


def harmless(words: str) -> str:
    """Return words that no spreadsheet takes for a formula.

    >>> harmless("=1+1"), harmless("Home hospital")
    ("'=1+1", 'Home hospital')
    """
    return f"'{words}" if words.startswith(("=", "+", "-", "@", "\t", "\r")) else words


def _plain(value: Any) -> Any:
    """Return a value as the csv has it: nothing for none, 0 and 1 for no and yes."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    return harmless(value) if isinstance(value, str) else value


class _Line:
    """A file that hands back what is written to it, line by line."""

    def write(self, value: str) -> str:
        """Return the line."""
        return value


def csv_lines(table: Table) -> Iterator[str]:
    """Yield the lines of the csv file."""
    writer = csv.writer(_Line(), lineterminator="\r\n")  # type: ignore[arg-type]
    yield writer.writerow([column.name for column in table.columns])
    for row in table.rows():
        yield writer.writerow([_plain(value) for value in row])


def description(table: Table) -> dict[str, Any]:
    """Return what the csv is, for machines."""
    language = current_language()
    columns = []
    for column in table.columns:
        one: dict[str, Any] = {
            "name": column.name,
            "titles": {language: column.title},
            "datatype": _DATATYPES[column.type],
        }
        if column.meaning:
            one["dc:description"] = {"@value": column.meaning, "@language": language}
        if column.unit:
            one["schema:unitText"] = column.unit
        columns.append(one)
    address = table.about.address
    found: dict[str, Any] = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": language}],
        "url": f"{address.rpartition('/')[2]}.csv" if address else f"{table.name}.csv",
        "dc:title": table.title,
        "dc:source": table.about.source,
        "dc:license": table.about.licence_address or table.about.licence,
        "schema:temporalCoverage": table.about.data_through,
        "dc:description": list(table.about.notes),
        "dialect": {
            "delimiter": ",",
            "encoding": "utf-8",
            "header": True,
            "lineTerminators": ["\r\n"],
            "quoteChar": '"',
            "doubleQuote": True,
        },
        "tableSchema": {"columns": columns},
    }
    if table.dimensions:
        found["tableSchema"]["primaryKey"] = list(table.dimensions)
    return {key: value for key, value in found.items() if value not in ("", [])}


def json_text(table: Table) -> str:
    """Return the table as JSON: what it is, its columns, and an object for each row."""
    names = [column.name for column in table.columns]
    about = table.about
    found = {
        "title": table.title,
        "source": about.source,
        "licence": about.licence,
        "licence_address": about.licence_address,
        "data_through": about.data_through,
        "notes": list(about.notes),
        "address": about.address,
        "columns": [
            {"name": one.name, "title": one.title, "type": one.type, "unit": one.unit}
            for one in table.columns
        ],
        "rows": [dict(zip(names, map(_value, row), strict=True)) for row in table.rows()],
    }
    return json.dumps(found, ensure_ascii=False)


def _value(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if isinstance(value, datetime.date) else value


def workbook(table: Table) -> bytes:
    """Return the table as a workbook, with a sheet that tells what it is."""
    target = io.BytesIO()
    options = {
        "in_memory": True,
        "constant_memory": True,
        "strings_to_urls": False,
        "strings_to_formulas": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"title": table.title, "comments": f"Framsyn {engine_version()}"})
        head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#cfe3e3", "bottom": 1}
        )
        day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        share = book.add_format({"num_format": "0.0 %"})
        words = book.add_format({"quote_prefix": True})
        sheet = book.add_worksheet(_("Table"))
        for number, column in enumerate(table.columns):
            sheet.set_column(number, number, min(48, max(_WIDTHS[column.type], len(column.title) // 2 + 4)))
        sheet.freeze_panes(1, 1)
        sheet.set_row(0, 32)
        for number, column in enumerate(table.columns):
            sheet.write_string(
                0, number, f"{column.title} ({column.unit})" if column.unit else column.title, head
            )
        last = 0
        for last, row in enumerate(table.rows(), start=1):
            if last > _MOST_ROWS:
                break
            for number, (column, value) in enumerate(zip(table.columns, row, strict=True)):
                if value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)):
                    continue
                if column.type == "day" and isinstance(value, datetime.date):
                    sheet.write_datetime(last, number, value, day)
                elif isinstance(value, bool):
                    sheet.write_boolean(last, number, value)
                elif isinstance(value, int | float):
                    sheet.write_number(last, number, value, share if column.unit == "%" else None)
                else:
                    text = str(value)[:_LONGEST]
                    sheet.write_string(last, number, text, words if harmless(text) != text else None)
        sheet.autofilter(0, 0, max(1, last), len(table.columns) - 1)
        _about(book, table, last)
    return target.getvalue()


def _about(book: Any, table: Table, rows: int) -> None:
    sheet = book.add_worksheet(_("About"))
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 80)
    bold, wrap = (
        book.add_format({"bold": True, "valign": "top"}),
        book.add_format({"text_wrap": True, "valign": "top", "align": "left"}),
    )
    about = table.about
    facts = [
        (_("Table"), table.title),
        (_("Source"), about.source or _("see the column of sources")),
        (_("Licence"), " ".join(filter(None, (about.licence, about.licence_address))) or _("not stated")),
        (_("Data through"), about.data_through),
        (_("Rows"), str(min(rows, _MOST_ROWS))),
        (_("Fetched"), timezone.localdate().isoformat()),
        (_("Address"), about.address),
        (_("Made with"), f"Framsyn {engine_version()}"),
        *(("", note) for note in about.notes),
    ]
    line = 0
    for name, value in facts:
        if value:
            sheet.write_string(line, 0, name, bold)
            sheet.write_string(line, 1, value, wrap)
            line += 1
    line += 1
    sheet.write_string(line, 0, _("Column"), bold)
    sheet.write_string(line, 1, _("What it holds"), bold)
    for column in table.columns:
        line += 1
        sheet.write_string(line, 0, column.title, wrap)
        said = " · ".join(filter(None, (column.meaning, column.unit, column.name)))
        sheet.write_string(line, 1, said, wrap)


def answer(request: HttpRequest, table: Table, form: str) -> HttpResponse | StreamingHttpResponse:
    """Return a table in one of its forms.

    Parameters
    ----------
    request : HttpRequest
        Its address, without the ending, is the permanent address of the table.
    table : Table
    form : str
        One of :attr:`Table.forms`.
    """
    if form not in table.forms:
        raise Http404
    if not table.about.address:
        whole = request.build_absolute_uri(request.path).removesuffix(f".{form}")
        table = replace(table, about=replace(table.about, address=whole))
    response: HttpResponse | StreamingHttpResponse
    if form == "csv":
        lines = csv_lines(table)
        response = StreamingHttpResponse(lines) if table.is_long else HttpResponse("".join(lines))
    elif form == "xlsx":
        response = HttpResponse(workbook(table))
    elif form == "json":
        response = HttpResponse(json_text(table))
    elif form == "stat.json":
        response = HttpResponse(json.dumps(json_stat(table), ensure_ascii=False))
    else:
        response = HttpResponse(json.dumps(description(table), ensure_ascii=False, indent=1))
    response["Content-Type"] = TYPES[form]
    if form in ("csv", "xlsx"):
        response["Content-Disposition"] = f'attachment; filename="{table.file_name(form)}"'
    if form == "csv":
        response["Link"] = (
            f'<{table.about.address}.csv-metadata.json>; rel="describedby"; type="{TYPES["csv-metadata.json"]}"'
        )
    return response
