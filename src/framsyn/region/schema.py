"""The tables of a region, declared once in ``tables.csv``, ``fields.csv`` and ``parameters.csv``.

The strict reader, the Data Package descriptor and the reference page all take names, types, units and limits
from here, so that a column has one definition.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = [
    "ALL_MEASURES",
    "MEASURES",
    "PROFESSIONS",
    "QUALITIES",
    "SERVICE_AREAS",
    "Field",
    "Parameter",
    "Table",
    "parameters",
    "tables",
]

QUALITIES = ("official", "derived", "estimate", "assumption", "synthetic")
MEASURES = ("patients", "stays", "bed_days", "day_treatments", "outpatient_contacts")
ALL_MEASURES = (*MEASURES, "inpatients")
SERVICE_AREAS = ("SOM", "PHV", "PHBU", "TSB")
PROFESSIONS = (
    "specialist_doctor",
    "other_doctor",
    "specialist_nurse",
    "nurse",
    "psychologist",
    "other_health",
    "administration",
    "support",
)

# Lists that fields.csv names by @word; @table.field means the values of that column and @sources the source keys.
_LISTS = {
    "@quality": QUALITIES,
    "@measure": MEASURES,
    "@measure_wide": ALL_MEASURES,
    "@profession": PROFESSIONS,
}


@dataclass(frozen=True)
class Field:
    """One column: its type, unit, limits, allowed values, and whether it is part of the key or may be blank."""

    name: str
    type: str
    unit: str
    minimum: float | None
    maximum: float | None
    allowed: tuple[str, ...]
    """Allowed texts; an entry that starts with ``@`` refers to another table's column or to the sources."""
    key: bool
    blank: bool
    description: str

    @property
    def references(self) -> tuple[str, ...]:
        """The entries of ``allowed`` that refer to another place."""
        return tuple(entry for entry in self.allowed if entry.startswith("@"))


@dataclass(frozen=True)
class Table:
    """One table: its columns in order and the key columns whose every combination must be there."""

    name: str
    title: str
    description: str
    complete: tuple[str, ...]
    fields: tuple[Field, ...]

    @property
    def key(self) -> list[str]:
        """Names of the key columns."""
        return [field.name for field in self.fields if field.key]

    @property
    def columns(self) -> list[str]:
        """Names of all columns in order."""
        return [field.name for field in self.fields]

    def field(self, name: str) -> Field:
        """The column of that name."""
        return next(field for field in self.fields if field.name == name)


@dataclass(frozen=True)
class Parameter:
    """One parameter of the chain: the unit that the engine calculates with, and the limits of sense.

    ``in_scenario`` tells whether an assumption may change it over the years; the others hold for a whole run.
    """

    name: str
    unit: str
    minimum: float
    maximum: float
    in_scenario: bool
    description: str


@cache
def parameters() -> dict[str, Parameter]:
    """Every parameter that the chain knows, declared in ``parameters.csv``.

    >>> parameters()["occupancy"].maximum
    1.0
    """
    return {
        row["parameter"]: Parameter(
            name=row["parameter"],
            unit=row["unit"],
            minimum=float(row["minimum"]),
            maximum=float(row["maximum"]),
            in_scenario=row["in_scenario"] == "1",
            description=row["description"],
        )
        for row in _rows("parameters.csv")
    }


@cache
def tables() -> dict[str, Table]:
    """Every table of a region by name, in the order in which they are read.

    >>> tables()["population"].key
    ['area', 'year', 'age']
    >>> tables()["population"].field("male").unit
    'person'
    """
    columns: dict[str, list[Field]] = {}
    for row in _rows("fields.csv"):
        columns.setdefault(row["table"], []).append(_field(row))
    return {
        row["table"]: Table(
            name=row["table"],
            title=row["title"],
            description=row["description"],
            complete=tuple(row["complete"].split()),
            fields=tuple(columns[row["table"]]),
        )
        for row in _rows("tables.csv")
    }


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("framsyn.region").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _field(row: dict[str, str]) -> Field:
    allowed: list[str] = []
    for entry in row["allowed"].split("|") if row["allowed"] else []:
        allowed.extend(_LISTS.get(entry, (entry,)))
    return Field(
        name=row["field"],
        type=row["type"],
        unit=row["unit"],
        minimum=float(row["minimum"]) if row["minimum"] else None,
        maximum=float(row["maximum"]) if row["maximum"] else None,
        allowed=tuple(allowed),
        key=row["key"] == "1",
        blank=row["blank"] == "1",
        description=row["description"],
    )
