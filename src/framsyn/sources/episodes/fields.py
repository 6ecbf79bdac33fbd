"""The columns of a table of episodes: what each is called, what it holds, and how a user's own names are met."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from framsyn.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FIELDS", "Field", "resolve_columns"]


@dataclass(frozen=True)
class Field:
    """One column.

    Attributes
    ----------
    name : str
        Our name.
    npr : str
        Name in the registry's own files, where it is known.
    kind : {"key", "integer", "text", "moment", "number"}
    needed : bool
    text : str
        What it holds.
    """

    name: str
    npr: str
    kind: str
    needed: bool
    text: str


def _declared() -> tuple[Field, ...]:
    with (Path(__file__).parent / "fields.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Field(row["name"], row["npr"], row["kind"], row["needed"] == "1", row["text"])
            for row in csv.DictReader(file)
        )


FIELDS = _declared()

# What a file's type may be for each kind, by the first word of its DuckDB name.
_TYPES = {
    "key": ("VARCHAR", "BIGINT", "UBIGINT", "INTEGER", "UINTEGER", "HUGEINT", "UUID", "BLOB"),
    "integer": (
        "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "VARCHAR",
    ),
    "text": ("VARCHAR", "SMALLINT", "USMALLINT", "INTEGER", "BIGINT", "UINTEGER"),
    "moment": ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE", "VARCHAR"),
    "number": ("DOUBLE", "FLOAT", "DECIMAL", "INTEGER", "BIGINT", "SMALLINT", "TINYINT"),
}  # fmt: skip


def resolve_columns(
    found: Mapping[str, str], given: Mapping[str, str] | None = None, file: str = ""
) -> dict[str, str]:
    """Find the file's column for each field.

    Parameters
    ----------
    found : mapping of str to str
        Names and types of the file's columns.
    given : mapping of str to str, optional
        The user's word for some fields: field to column.
    file : str
        Name of the file, for errors.

    Returns
    -------
    dict of str to str
        Field to column; fields that are absent and not needed are left out.

    Raises
    ------
    PlanError
        A needed column is missing, twice there, or of a type that cannot hold it.

    Examples
    --------
    >>> columns = {"pid": "BIGINT", "birth_year": "INTEGER", "sex": "INTEGER", "komNrHjem": "VARCHAR", "unit": "VARCHAR",
    ...            "omsorgsniva": "INTEGER", "in_time": "TIMESTAMP", "out_time": "TIMESTAMP"}
    >>> resolve_columns(columns, {"person": "pid"})["municipality"]
    'komNrHjem'
    """
    given = dict(given or {})
    known = {field.name for field in FIELDS}
    strange = sorted(set(given) - known)
    if strange:
        message = (
            f"there is no field {', '.join(strange)}; a column can be given for {', '.join(sorted(known))}."
        )
        raise PlanError("unknown-field", message, got=strange, expected=sorted(known))
    folded: dict[str, list[str]] = {}
    for column in found:
        folded.setdefault(column.lower(), []).append(column)
    chosen: dict[str, str] = {}
    for field in FIELDS:
        if field.name in given:
            wanted = [given[field.name]]
        else:
            wanted = [name for name in (field.name, field.npr) if name]
        hits = [column for name in wanted for column in folded.get(name.lower(), ())]
        if len(hits) > 1:
            message = (
                f"{file}: the field {field.name} is met by several columns, {', '.join(hits)}. Say which: "
                f"--column {field.name}={hits[0]}."
            )
            raise PlanError("column-twice", message, file=file, field=field.name, got=hits)
        if not hits:
            if field.needed or field.name in given:
                message = (
                    f"{file}: no column for {field.name} ({field.text.lower()}); looked for {' or '.join(wanted)}, and "
                    f"the file has {', '.join(sorted(found)) or 'none'}. Say which one it is: --column {field.name}=NAME."
                )
                raise PlanError(
                    "column-missing", message, file=file, field=field.name, got=sorted(found), expected=wanted
                )
            continue
        kind = found[hits[0]].upper().split("(")[0].split(" ")[0]
        if kind not in _TYPES[field.kind]:
            message = (
                f"{file}: the column {hits[0]} is of type {found[hits[0]]}, and {field.name} is {_article(field.kind)}. "
                "Write it anew in that type."
            )
            raise PlanError("column-type", message, file=file, field=field.name, got=found[hits[0]])
        chosen[field.name] = hits[0]
    return chosen


def _article(kind: str) -> str:
    """Say what a kind is.

    >>> _article("moment")
    'a date or a date and time'
    """
    return {
        "key": "a key (text or a whole number)",
        "integer": "a whole number",
        "text": "a text",
        "moment": "a date or a date and time",
        "number": "a number",
    }[kind]
