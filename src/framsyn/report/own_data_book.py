"""A workbook of a region's tables that is being written: its formats, its words, and the codes that its cells offer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from framsyn.region.own.sources import SOURCES
from framsyn.report.words import read_words, word

if TYPE_CHECKING:
    import pandas as pd

    from framsyn.region.region import Region
    from framsyn.region.schema import Field, Table

__all__ = ["OwnBook", "field_text", "field_word", "table_word", "unit_word"]

_BASE = {"font_name": "Arial", "font_size": 10, "valign": "top"}


@dataclass
class OwnBook:
    """A workbook that is being written, in one language, for one region."""

    raw: Any
    lang: str
    region: Region
    tables: list[Table]
    frames: dict[str, pd.DataFrame]
    formats: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)
    lists: dict[tuple[str, ...], str] = field(default_factory=dict)

    def format(self, **look: Any) -> Any:
        """A format, made once."""
        key = tuple(sorted(look.items()))
        if key not in self.formats:
            self.formats[key] = self.raw.add_format({**_BASE, **look})
        return self.formats[key]

    def word(self, key: str, **fields: Any) -> str:
        """A word of the workbook in its language."""
        return word(f"own_data.{key}", self.lang, **fields)

    def codes(self, column: Field) -> list[str]:
        """What may stand in a column, references looked up in the region."""
        found: list[str] = []
        for entry in column.allowed:
            if entry == "@sources":
                found.extend(self.region.sources)
            elif entry == "@periods":
                found.extend(self.region.periods)
            elif entry.startswith("@"):
                table, _, name = entry[1:].partition(".")
                found.extend(self.region.table(table)[name])
            else:
                found.append(entry)
        return [code for code in dict.fromkeys(found) if code]


def field_word(name: str, lang: str) -> str:
    """Head of a column in a language.

    >>> field_word("service_area", "nn")
    'Tenesteområde'
    """
    return _told("field_name", name, lang)


def field_text(column: Field, lang: str) -> str:
    """What a column means, in a language.

    >>> from framsyn.region.schema import tables
    >>> field_text(tables()["beds"].field("beds"), "nb")
    'Gjennomsnittlig antall disponible senger'
    """
    return _told("field_text", column.description, lang)


def _told(kind: str, text: str, lang: str) -> str:
    """A declaration in a language; as it stands there while nobody has translated it."""
    key = f"{kind}.{text}"
    return word(key, lang) if key in read_words() else text


def unit_word(unit: str, lang: str) -> str:
    """Unit of a column in a language; empty for plain numbers and texts.

    >>> unit_word("count/year", "nb"), unit_word("1", "nb")
    ('antall per år', '')
    """
    return "" if unit in ("", "1") else _told("field_unit", unit, lang)


def table_word(table: Table, lang: str) -> str:
    """Title of a table in a language.

    >>> from framsyn.region.schema import tables
    >>> table_word(tables()["beds"], "nb")
    'Senger'
    """
    key = "own_data.sources" if table is SOURCES else f"table_name.{table.name}"
    return word(key, lang) if key in read_words() else table.title
