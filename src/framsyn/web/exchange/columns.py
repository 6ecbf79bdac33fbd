"""A sheet of the workbook and its columns, as they are told in :mod:`.kinds`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import override

from framsyn.web.languages import LANGUAGE_NAMES, LANGUAGES

__all__ = ["BASE", "SEEN", "Column", "Kind", "flat", "words"]

SEEN, BASE = "seen", "base"
"""Hidden columns: the last change of the thing when the workbook was made, and the check sums of its cells."""


@dataclass(frozen=True)
class Column:
    """One column of a sheet.

    Parameters
    ----------
    name : str
        Technical name, in the hidden first row: ``title.nb`` for one language form.
    head : str
        Lazy; what stands above the column, without unit and language.
    type : {"id", "text", "words", "number", "figure", "share", "whole", "day", "choice", "reference", "references"}
        A figure is in the unit of its indicator, and in percent where that is a share.
    change : {"free", "new", "never"}
        ``new`` columns say what a row is about: written in new rows alone. ``never`` is there to be read.
    """

    name: str
    head: Any
    type: str = "text"
    unit: Any = ""
    hint: Any = ""
    change: str = "free"
    words: str = ""  # the vocabulary of a choice or a reference
    required: bool = False
    width: int = 14
    language: str = ""
    longest: int = 0  # characters; 0 for no limit
    least: float | None = None
    most: float | None = None

    @property
    def field(self) -> str:
        """Name of the part of the thing: without the language form."""
        return self.name.partition(".")[0]

    def title(self, language: str) -> str:
        """Return the head with unit and language form."""
        with override(language):
            head = str(self.head)
            unit = LANGUAGE_NAMES[self.language] if self.language else str(self.unit)
        return f"{head} ({unit})" if unit else head


def words(column: Column) -> tuple[Column, ...]:
    """Return the three columns of a text."""
    return tuple(
        replace(column, name=f"{column.name}.{code}", language=code, type="words") for code in LANGUAGES
    )


def flat(*columns: Column | tuple[Column, ...]) -> tuple[Column, ...]:
    """Return columns and texts of three columns as one row of columns."""
    found: list[Column] = []
    for one in columns:
        found += one if isinstance(one, tuple) else (one,)
    return tuple(found)


@dataclass(frozen=True)
class Kind:
    """One sheet.

    Parameters
    ----------
    key : tuple of str
        The columns that tell what a new row is about.
    unit_of : str
        The column whose indicator gives the unit of figures.
    """

    name: str
    title: Any
    hint: Any
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    unit_of: str = ""

    def column(self, name: str) -> Column:
        """Return a column by its technical name."""
        return next(one for one in self.columns if one.name == name)

    def named(self, language: str) -> str:
        """Return the name of the sheet."""
        with override(language):
            return str(self.title)

    @property
    def changing(self) -> tuple[Column, ...]:
        """Columns whose cells say something about the thing, and that a check sum is kept of."""
        return tuple(
            one for one in self.columns if one.change == "free" and one.name not in ("reason", "remove")
        )
