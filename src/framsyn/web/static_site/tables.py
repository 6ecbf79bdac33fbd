"""The table of a place: what its charts show and more, in the first year, midway and at the horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from framsyn.report.numbers import interval
from framsyn.web.outlooks.charts import words_of
from framsyn.web.outlooks.names import SHARE
from framsyn.web.outlooks.queries import Lines

if TYPE_CHECKING:
    from framsyn.web.outlooks.models import Run
    from framsyn.web.outlooks.queries import Line

__all__ = ["Row", "place_table"]

BY_SERVICE = (
    "need",
    "stays",
    "bed_days",
    "day_treatments",
    "outpatient_contacts",
    "beds",
    "day_places",
    "outpatient_rooms",
)
QUANTITIES = (
    "population",
    f"population_65_plus{SHARE}",
    f"population_80_plus{SHARE}",
    *BY_SERVICE,
    "staff_demand",
    "staff_gap",
    "result",
    "liquidity",
    "emissions",
)
MIDWAY = 2030


@dataclass(frozen=True)
class Row:
    """One quantity: medians with their 80 % intervals, by year."""

    label: str
    unit: str
    cells: tuple[tuple[str, str], ...]


def place_table(run: Run, place: str, service: str, lang: str) -> tuple[list[int], list[Row]]:
    """Return the years of a table and its rows, for a place and a service area ("" for all); one query."""
    lines = Lines(run, QUANTITIES, (place,))
    found = [lines.get(name, place, service if name in BY_SERVICE else "") for name in QUANTITIES]
    kept = [line for line in found if line is not None]
    first, last = kept[0].first, kept[0].last
    years = sorted({first, min(max(MIDWAY, first), last), last})
    return years, [row(line, years, lang) for line in kept]


def row(line: Line, years: list[int], lang: str) -> Row:
    """Return a row of the table."""
    what, unit, style = words_of(line.quantity, lang, line.first)
    cells = []
    for year in years:
        said = interval(line.at(year), line.at(year, "p10"), line.at(year, "p90"), lang, style)
        span = said.text.partition(" (")[2].rstrip(")")
        cells.append((said.median, "" if said.low == said.high else span))
    return Row(what, unit, tuple(cells))
