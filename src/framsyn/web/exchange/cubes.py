"""JSON-stat 2.0: a table of figures as a cube, its dimensions with their codes and words."""

from __future__ import annotations

import datetime
import math
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.errors import PlanError

if TYPE_CHECKING:
    from framsyn.web.exchange.tables import Table

__all__ = ["json_stat"]

METRIC = "figure"
"""The dimension that tells which figure a value is, where a table has more than one and also where it has one."""


def json_stat(table: Table) -> dict[str, Any]:
    """Return a table as a JSON-stat 2.0 dataset, sparse: only cells that have a figure.

    Parameters
    ----------
    table : Table
        With dimensions and values.

    Returns
    -------
    dict

    Raises
    ------
    PlanError
        ``cell-twice`` when two rows have the same place in the cube.
    """
    columns = {column.name: (number, column) for number, column in enumerate(table.columns)}
    codes: dict[str, dict[str, int]] = {name: {} for name in table.dimensions}
    kept: list[tuple[tuple[int, ...], int, Any]] = []
    for row in table.rows():
        place = tuple(
            codes[name].setdefault(_code(row[columns[name][0]]), len(codes[name]))
            for name in table.dimensions
        )
        for number, name in enumerate(table.values):
            value = row[columns[name][0]]
            if value is not None and not (isinstance(value, float) and not math.isfinite(value)):
                kept.append((place, number, value))
    # In their own order, not in that in which rows happen to come.
    order = {name: {code: rank for rank, code in enumerate(_sorted(found))} for name, found in codes.items()}
    moved = {
        name: {number: order[name][code] for code, number in found.items()} for name, found in codes.items()
    }
    sizes = [len(codes[name]) for name in table.dimensions] + [len(table.values)]
    values: dict[str, Any] = {}
    for place, number, value in kept:
        index = 0
        for name, at, size in zip(table.dimensions, place, sizes, strict=False):
            index = index * size + moved[name][at]
        key = str(index * len(table.values) + number)
        if key in values:
            message = _("The table %(table)s has two rows for one place in its cube.") % {"table": table.name}
            raise PlanError("cell-twice", message, got=key)
        values[key] = value
    dimension: dict[str, Any] = {}
    for name in table.dimensions:
        known = table.labels.get(name, {})
        listed = list(order[name])
        category: dict[str, Any] = {"index": listed}
        if known:
            category["label"] = {code: known.get(code, code) for code in listed}
        dimension[name] = {"label": columns[name][1].title, "category": category}
    dimension[METRIC] = {
        "label": _("Figure"),
        "category": {
            "index": list(table.values),
            "label": {name: columns[name][1].title for name in table.values},
            "unit": {name: {"base": columns[name][1].unit} for name in table.values if columns[name][1].unit},
        },
    }
    roles = {
        "time": [table.time] if table.time else [],
        "geo": [table.place] if table.place else [],
        "metric": [METRIC],
    }
    about = table.about
    found: dict[str, Any] = {
        "version": "2.0",
        "class": "dataset",
        "label": table.title,
        "source": about.source,
        "id": [*table.dimensions, METRIC],
        "size": sizes,
        "role": {name: dims for name, dims in roles.items() if dims},
        "dimension": dimension,
        "value": values,
        "note": list(about.notes),
        "extension": {
            "licence": about.licence,
            "licence_address": about.licence_address,
            "data_through": about.data_through,
            "address": about.address,
        },
    }
    return {key: value for key, value in found.items() if value not in ("", [])}


def _code(value: Any) -> str:
    if isinstance(value, datetime.date):
        return value.isoformat()
    return "" if value is None else str(value)


def _sorted(codes: dict[str, int]) -> list[str]:
    """Return codes in their order: numbers as numbers, before all others.

    >>> _sorted({"10": 0, "9": 1, "all": 2})
    ['9', '10', 'all']
    """
    return sorted(
        codes,
        key=lambda code: (
            not code.lstrip("-").isdigit(),
            int(code) if code.lstrip("-").isdigit() else 0,
            code,
        ),
    )
