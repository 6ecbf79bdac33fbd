"""A data set of the catalogue as a table that is given out beside its own csv file."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from framsyn.web.exchange.tables import About, Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from framsyn.web.pages.catalogue import DataSet

__all__ = ["data_table"]

_TYPES = {"integer": "whole", "number": "number"}
_TIME, _PLACE = ("year", "period", "month"), ("area", "trust", "place", "origin")


def data_table(entry: DataSet) -> Table:
    """Return a data set with its columns as its descriptor tells them.

    It is a cube where its descriptor names a key and some columns outside the key are figures.
    """
    columns = tuple(
        Column(
            one["name"],
            one.get("title") or one["name"],
            _TYPES.get(one.get("type", ""), "text"),
            _unit(one),
            one.get("description", ""),
        )
        for one in entry.fields
    )
    figures = entry.figures
    key = entry.key if figures else ()
    return Table(
        entry.name,
        str(entry.title),
        columns,
        lambda: _rows(entry, columns),
        About(
            source="; ".join(str(source.title) for source in entry.sources),
            licence="; ".join(title for title, _address in entry.licences),
            licence_address=entry.licences[0][1] if len(entry.licences) == 1 else "",
            data_through=entry.data_through,
            notes=(str(entry.description), *(str(note) for note in entry.notes)),
        ),
        dimensions=key,
        values=figures,
        time=next((name for name in key if name in _TIME), ""),
        place=next((name for name in key if name in _PLACE), ""),
    )


def _unit(field: dict[str, Any]) -> str:
    unit = field.get("unit") or ""
    return "" if unit == "1" else unit


def _rows(entry: DataSet, columns: tuple[Column, ...]) -> Iterator[list[Any]]:
    with entry.path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield [_value(column.type, row[column.name]) for column in columns]


def _value(kind: str, words: str) -> Any:
    """Return a cell as its column's type has it.

    >>> _value("whole", "3"), _value("number", ""), _value("text", "x"), _value("number", "0.5")
    (3, None, 'x', 0.5)
    """
    if words == "":
        return None
    if kind == "whole":
        return int(words)
    return float(words) if kind == "number" else words
