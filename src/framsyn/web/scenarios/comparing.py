"""Two or three scenarios side by side: differences within each draw, why, and where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _

from framsyn.report.charts import About
from framsyn.report.maps import choropleth
from framsyn.report.numbers import interval, percent
from framsyn.report.words import word
from framsyn.web.outlooks import charts
from framsyn.web.outlooks.names import CHANGE
from framsyn.web.outlooks.queries import region_of
from framsyn.web.scenarios.computing import ask_comparison
from framsyn.web.scenarios.drawings import label_of, run_of, steps
from framsyn.web.scenarios.figures import KEPT, drawn, figure, lines_of
from framsyn.web.scenarios.models import Comparison

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from framsyn.region import Region
    from framsyn.report.charts import Chart
    from framsyn.report.numbers import Style
    from framsyn.web.scenarios.models import Reading
    from framsyn.web.scenarios.queries import Known

__all__ = ["Cell", "Row", "comparisons", "difference", "map_of_difference", "rows", "waterfalls", "years_of"]

ALIKE = 5e-4  # less than one tenth of a percent is told as nothing


@dataclass(frozen=True)
class Cell:
    """A figure with its interval, and how far it lies from the first scenario's."""

    name: str
    median: str
    span: str
    difference: str = ""
    difference_span: str = ""
    is_sure: bool = False


@dataclass(frozen=True)
class Row:
    """One key figure of the year in every scenario."""

    name: str
    label: str
    unit: str
    cells: list[Cell]


def years_of(readings: Sequence[Reading]) -> list[int]:
    """Return the years in which all of them can be held against each other."""
    return [
        year for year in readings[0].sample["years"] if all(year in one.sample["years"] for one in readings)
    ]


def difference(first: np.ndarray, second: np.ndarray) -> tuple[float, float, float]:
    """Return p10, median and p90 of second − first, within each draw.

    The two share their seed: chance that both have does not widen the interval.

    >>> difference(np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0, 4.0]))
    (1.0, 1.0, 1.0)
    """
    low, middle, high = np.quantile(second - first, (0.1, 0.5, 0.9))
    return float(low), float(middle), float(high)


def rows(names: Sequence[str], readings: Sequence[Reading], year: int, lang: str) -> list[Row]:
    """Return the table: the first scenario's figures, and the others' with their differences from the first."""
    draws = [drawn(one) for one in readings]
    lines = [lines_of(one) for one in readings]
    found = []
    for name, part in KEPT:
        key = (f"{name}{CHANGE}", part) if name == "need" else (name, part)
        if any(key not in one for one in lines) or any((*key, year) not in one for one in draws):
            continue
        label, unit = label_of(readings[0], name, part, lines[0][key].first, lang)
        if name == "need":
            unit = _("change since %(first)s") % {"first": lines[0][key].first}
        style = charts.words_of(key[0], lang, lines[0][key].first)[2]
        cells = []
        for number, one in enumerate(lines):
            median, span = figure(one[key], year, lang)
            if number == 0:
                cells.append(Cell(names[0], median, span))
                continue
            low, middle, high = difference(draws[0][(*key, year)], draws[number][(*key, year)])
            far = told(low, middle, high, style, lang)
            cells.append(Cell(names[number], median, span, *far, low > 0 or high < 0))
        found.append(Row(key[0], label, unit, cells))
    return found


def told(low: float, middle: float, high: float, style: Style, lang: str) -> tuple[str, str]:
    """Return a difference and its interval in words."""
    if max(abs(low), abs(high)) < 1e-9:
        return _("none"), ""
    words = interval(middle, low, high, lang, style, signed=True)
    return words.median, "" if words.low == words.high else words.text.partition(" (")[2].rstrip(")")


def comparisons(
    known: Sequence[Known], readings: Sequence[Reading]
) -> tuple[dict[str, Comparison], list[str]]:
    """Return why each differs from the first, by run id, and the jobs that are asked for; one query."""
    first = readings[0]
    others = [one for one in readings[1:] if one.pk != first.pk]
    kept = Comparison.objects.filter(first=first, second__in=[one.pk for one in others])
    found = {one.second_id: one for one in kept}
    asked = []
    for scenario, reading in zip(known[1:], readings[1:], strict=True):
        if reading.pk != first.pk and reading.pk not in found:
            asked.append(ask_comparison(first, reading, partial(files_of, known[0], scenario)))
    return found, asked


def files_of(first: Known, second: Known) -> tuple[str, str]:
    """Return all that two scenarios assume."""
    return first.toml(), second.toml()


def waterfalls(
    comparison: Comparison, first: Known, second: Known, reading: Reading, lang: str, *, name: str
) -> list[Chart]:
    """Return why two scenarios differ, a waterfall for each quantity in which they do."""
    run = run_of(reading, sources=f"{comparison.first_id}, {comparison.second_id}")
    ends = (str(first.name), str(second.name))
    return [
        steps(run, one, lang, name=f"{name}-{one['quantity']}", ends=ends)
        for one in comparison.causes
        if one["effects"]
    ]


def map_of_difference(
    first: Known, second: Known, one: Reading, two: Reading, year: int, lang: str, *, name: str
) -> Chart | None:
    """Return the map of somatic need: how far the second lies from the first, central runs, by municipality.

    Where the two need the same everywhere there is nothing to draw.
    """
    region = region_of(str(one.manifest["region"]))
    table: list[dict[str, Any]] = []
    for area in region.areas:
        here, there = one.areas.get(area, {}).get(str(year)), two.areas.get(area, {}).get(str(year))
        if here and there:
            table.append({"area": area, "value": there / here - 1})
    if all(abs(row["value"]) < ALIKE for row in table):
        return None
    trusts = {area: region.trusts[i] for area, i in zip(region.areas, region.area_trust("SOM"), strict=True)}
    words = {"year": year, "first": first.name, "second": second.name}
    what = _("Somatic need in %(year)s: “%(second)s” against “%(first)s”") % words
    own = word("page.source_own", lang, id=f"{one.pk}, {two.pk}")
    about = About(
        what,
        word("need_part.map_unit", lang),
        region.label[lang],
        f"{word('source.kartverket', lang)}; {own}",
        lang,
        "percent",
    )
    frame = pd.DataFrame(table, columns=["area", "value"])
    return choropleth(
        region.borders(),
        frame,
        about,
        name=name,
        groups=trusts,
        title=map_title(table, what, region, lang),
        signed=True,
    )


def map_title(table: Sequence[Mapping[str, Any]], what: str, region: Region, lang: str) -> str:
    """Say between what the difference lies, and where it is least and greatest."""
    if not table:
        return what
    ordered = sorted(table, key=lambda row: float(row["value"]))
    ends = ordered[0], ordered[-1]
    low, high = (percent(float(row["value"]), lang, 1, signed=True) for row in ends)
    if low == high:
        return f"{what}: {low}"
    names = [region.label_of("area", str(row["area"]), lang) for row in ends]
    words = {"what": what, "low": low, "high": high, "least": names[0], "most": names[1]}
    return _("%(what)s: from %(low)s (%(least)s) to %(high)s (%(most)s)") % words
