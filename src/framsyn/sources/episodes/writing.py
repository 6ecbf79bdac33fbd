"""Cells out of the query's numbers: written in order, with labels, and with an account of every row."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from framsyn.errors import PlanError
from framsyn.sources.episodes.export import AGE_BANDS
from framsyn.sources.episodes.opening import run
from framsyn.sources.episodes.query import (
    AGES,
    AREAS,
    DIAGNOSIS_DECIDES,
    FAULTS,
    FIRST_YEAR,
    LEVELS,
    MEASURES,
    MONTHS,
    POINT,
    SEXES,
    SITES,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from framsyn.sources.episodes.mappings import Mappings

__all__ = ["Report", "engine_tables", "unpack_cells", "write_cells", "write_people"]

OTHER = "other"
SEX_NAMES = ("male", "female")


@dataclass(frozen=True)
class Report:
    """What became of the rows.

    Attributes
    ----------
    rows : int
        Rows of the source.
    counted : int
        Rows that are in the cells.
    left_out : dict of str to int
        Rows by the rule that they break.
    totals : dict of str to float
        Measures and points in all.
    elsewhere : dict of str to int
        Measures of residents whose municipality the region does not have; they are in the cells as ``other``.
    """

    rows: int
    counted: int
    left_out: dict[str, int]
    totals: dict[str, float]
    elsewhere: dict[str, int]


def engine_tables(mappings: Mappings, until: str) -> dict[str, pd.DataFrame]:
    """Return the small tables that the query joins: diagnoses, units, areas, months."""
    place = {service: number for number, service in enumerate(mappings.services)}
    whole = dict(mappings.whole)
    sites = sorted({site for _, site, _ in mappings.units})
    if len(mappings.areas) >= AREAS or len(sites) >= SITES:
        message = f"{len(mappings.areas)} municipalities and {len(sites)} sites; a cell can tell apart {AREAS - 1} of each."
        raise PlanError("too-many-places", message)
    units = pd.DataFrame(
        [
            (unit, sites.index(site) + 1, whole.get(area, DIAGNOSIS_DECIDES))
            for unit, site, area in mappings.units
        ],
        columns=["unit", "site", "service"],
    )
    first = pd.date_range(f"{FIRST_YEAR}-01-01", until, freq="MS")
    assert len(place) * 3 < 1000  # a key has room for that
    return {
        "diagnoses": pd.DataFrame(mappings.diagnoses, columns=["code", "service"]),
        "units": units,
        "areas": pd.DataFrame({"area": mappings.areas, "place": range(1, len(mappings.areas) + 1)}),
        "months": pd.DataFrame({"first": first.date, "next": (first + pd.offsets.MonthBegin()).date}),
    }


def write_cells(connection: Any, folder: Path, mappings: Mappings, rows: int, by_site: bool) -> Report:
    """Write the cells in order, and say what became of the rows."""
    faults = dict(run(connection, "SELECT -cell, episodes FROM packed WHERE cell < 0"))
    left_out = {name: int(faults.get(number, 0)) for number, name in enumerate(FAULTS, start=1)}
    # Whole numbers add up to the same sum in any order.
    points = f"SUM(CAST(ROUND(points * {POINT}) AS BIGINT)) / {POINT}"
    sums = ", ".join([*(f"SUM({name})" for name in MEASURES), points, "SUM(episodes)"])
    total = run(connection, f"SELECT {sums} FROM packed WHERE cell >= 0")[0]
    sites = sorted({site for _, site, _ in mappings.units})
    named = {
        "service": mappings.services,
        "level": LEVELS,
        "sex": SEX_NAMES,
        "area": (OTHER, *mappings.areas),
        "site": ("", *sites),
    }
    for name, labels in named.items():  # for counts of persons, which come later
        connection.register("labels", pd.DataFrame({"place": range(len(labels)), name: list(labels)}))
        run(connection, f"CREATE TABLE label_{name} AS SELECT * FROM labels")
    shown = [
        f"{picked(name, named[name])} AS {name}" if name in named else name
        for name in (
            "service",
            "level",
            "age",
            "sex",
            "area",
            "year",
            "month",
            *(("site",) if by_site else ()),
        )
    ]
    # Put in order while a cell is one number, and labelled after that: labels are wide to carry around.
    ordered = "(SELECT * FROM packed WHERE cell >= 0 ORDER BY cell)"
    run(
        connection,
        f"COPY (SELECT {', '.join(shown)}, {', '.join(MEASURES)}, points, episodes FROM ({unpacked(ordered)})) "
        f"TO '{str(folder / 'cells.parquet').replace(chr(39), 2 * chr(39))}' (FORMAT parquet, COMPRESSION zstd)",
    )
    elsewhere = run(connection, f"SELECT {sums} FROM ({unpacked()}) p WHERE p.area = 0")[0]
    names = (*MEASURES, "points", "episodes")
    totals = {name: float(value or 0) for name, value in zip(names, total, strict=True)}
    counted = int(totals.pop("episodes"))
    if counted + sum(left_out.values()) != rows:  # nothing may be lost without a word
        message = (
            f"{rows} rows came in, {counted} are counted, {sum(left_out.values())} left out: a fault of ours."
        )
        raise PlanError("rows-lost", message, got=counted, expected=rows)
    return Report(
        rows,
        counted,
        left_out,
        totals,
        {name: int(value or 0) for name, value in zip(names[:4], elsewhere[:4], strict=True)},
    )


def write_people(connection: Any, folder: Path, people: str, level: tuple[str, ...], name: str) -> None:
    """Write how many persons stand behind each entry of a level; ages in bands.

    Parameters
    ----------
    connection, folder
        As in :func:`write_cells`, which must have been called.
    people : str
        Query of who was treated where and when.
    level : tuple of str
    name : str
        Of the source, for errors.
    """
    edges = " ".join(f"WHEN p.age < {high} THEN '{low}-{high - 1}'" for low, high in pairwise(AGE_BANDS))
    columns = {"age": f"CASE {edges} ELSE '{AGE_BANDS[-1]}+' END", "year": "p.year", "month": "p.month"}
    asked = ", ".join(f"{columns.get(part, f'l_{part}.{part}')} AS {part}" for part in level)
    labelled = " ".join(
        f"JOIN label_{part} l_{part} ON l_{part}.place = p.{part}" for part in level if part not in columns
    )
    target = str(folder / f"people-{'-'.join(level)}.parquet").replace("'", "''")
    run(
        connection,
        f"COPY (SELECT {asked}, COUNT(DISTINCT p.person) AS people FROM ({people}) p {labelled} GROUP BY ALL ORDER BY ALL) "
        f"TO '{target}' (FORMAT parquet, COMPRESSION zstd)",
        name,
    )


def picked(name: str, labels: Sequence[str]) -> str:
    """Return the expression that is the label at a place, counted from 0."""
    said = ", ".join("'" + label.replace("'", "''") + "'" for label in labels)
    return f"[{said}][{name} + 1]"


def unpacked(source: str = "packed") -> str:
    """Return the query that takes the numbers of cells apart."""
    parts = {}
    rest = "cell"
    for name, size in (
        ("site", SITES),
        ("month", MONTHS),
        ("area", AREAS),
        ("sex", SEXES),
        ("age", AGES),
        ("level", 3),
    ):
        parts[name] = f"({rest}) % {size}"
        rest = f"({rest}) // {size}"
    parts["service"] = rest
    return f"""
      SELECT cell, {parts["service"]} AS service, {parts["level"]} AS level, {parts["age"]} AS age,
        {parts["sex"]} AS sex, {parts["area"]} AS area, {parts["site"]} AS site,
        ({parts["month"]}) // 12 + {FIRST_YEAR} AS year, ({parts["month"]}) % 12 + 1 AS month,
        {", ".join(MEASURES)}, points, episodes
      FROM {source} WHERE cell >= 0
    """


def unpack_cells(packed: pd.DataFrame, mappings: Mappings, by_site: bool = False) -> pd.DataFrame:
    """Return the cells of another engine in the same form and order as :func:`build_cells` writes them.

    Parameters
    ----------
    packed : DataFrame
        What the query of :mod:`.query` gave: cell, the measures, points, episodes.
    mappings : Mappings
    by_site : bool
    """
    packed = packed[packed["cell"] >= 0].sort_values("cell")
    rest = packed["cell"].to_numpy(dtype=np.int64)
    numbers = {}
    for name, size in (
        ("site", SITES),
        ("month", MONTHS),
        ("area", AREAS),
        ("sex", SEXES),
        ("age", AGES),
        ("level", 3),
    ):
        numbers[name] = rest % size
        rest = rest // size
    sites = ["", *sorted({site for _, site, _ in mappings.units})]
    out = pd.DataFrame(
        {
            "service": np.array(mappings.services)[rest],
            "level": np.array(LEVELS)[numbers["level"]],
            "age": numbers["age"],
            "sex": np.array(SEX_NAMES)[numbers["sex"]],
            "area": np.array([OTHER, *mappings.areas])[numbers["area"]],
            "year": numbers["month"] // 12 + FIRST_YEAR,
            "month": numbers["month"] % 12 + 1,
        }
    )
    if by_site:
        out["site"] = np.array(sites)[numbers["site"]]
    for name in (*MEASURES, "points", "episodes"):
        out[name] = packed[name].to_numpy()
    return out
