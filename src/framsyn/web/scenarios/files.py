"""Scenarios as tables that are given out: the figures of one, and the differences between two or three."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.quantities import quantity
from framsyn.web.exchange.tables import About, Column, Table
from framsyn.web.outlooks.names import CHANGE
from framsyn.web.outlooks.queries import region_of
from framsyn.web.scenarios.comparing import difference, years_of
from framsyn.web.scenarios.drawings import label_of
from framsyn.web.scenarios.figures import drawn, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from framsyn.web.scenarios.models import Reading
    from framsyn.web.scenarios.queries import Known

__all__ = ["differences_table", "figures_table"]

_BANDS = ("p10", "p25", "p50", "p75", "p90", "central")


def _unit(name: str) -> str:
    return "1" if name.endswith(CHANGE) else quantity(name).unit


def _about(*runs: str) -> About:
    return About(
        source=_("Framsyn, run %(run)s") % {"run": ", ".join(runs)},
        notes=(_("It rests on the data sets of the catalogue, each under its own licence."),),
    )


def _labels(reading: Reading, names: Sequence[tuple[str, str]], lang: str) -> dict[str, dict[str, str]]:
    first = region_of(str(reading.manifest["region"])).base_year
    return {"quantity": {name: label_of(reading, name, "", first, lang)[0] for name, _part in names}}


def figures_table(slug: str, readings: Sequence[Reading], lang: str) -> Table:
    """Return every figure that is kept of a scenario, a row for each run, quantity, part and year."""
    columns = (
        Column("run", _("Run")),
        Column("engine", _("Version of the engine")),
        Column("quantity", _("Quantity")),
        Column("part", _("Part"), meaning=_("a service area; empty for the whole")),
        Column("year", _("Year"), "whole"),
        Column("unit", _("Unit")),
        *(Column(band, band, "number") for band in _BANDS),
    )

    def rows() -> Iterator[tuple[Any, ...]]:
        for reading in readings:
            for (name, part), line in lines_of(reading).items():
                for place, year in enumerate(line.years):
                    yield (
                        reading.pk,
                        reading.manifest["engine"],
                        name,
                        part,
                        year,
                        _unit(name),
                        *(line.values[band][place] for band in _BANDS),
                    )

    return Table(
        f"scenario-{slug}",
        _("Scenario: every figure shown, with its interval"),
        columns,
        rows,
        _about(*(one.pk for one in readings)),
        dimensions=("run", "quantity", "part", "year"),
        values=_BANDS,
        time="year",
        labels=_labels(readings[-1], list(lines_of(readings[-1])), lang),
    )


def differences_table(known: Sequence[Known], readings: Sequence[Reading], lang: str) -> Table:
    """Return how far each scenario lies from the first, within each draw."""
    columns = (
        Column("scenario", _("Scenario"), meaning=_("plan, demography …, or the address of a saved one")),
        Column("run", _("Run")),
        Column("quantity", _("Quantity")),
        Column("part", _("Part"), meaning=_("a service area; empty for the whole")),
        Column("year", _("Year"), "whole"),
        Column("unit", _("Unit")),
        Column("median", _("Median"), "number"),
        Column("difference", _("Difference from the first"), "number", meaning=_("median over the draws")),
        Column("difference_p10", _("Difference, lower end of 80 %"), "number"),
        Column("difference_p90", _("Difference, upper end of 80 %"), "number"),
    )
    draws = [drawn(one) for one in readings]

    def rows() -> Iterator[tuple[Any, ...]]:
        years = years_of(readings)
        for number, (scenario, reading) in enumerate(zip(known, readings, strict=True)):
            for (name, part), line in lines_of(reading).items():
                for year in years:
                    key = (name, part, year)
                    if any(key not in one for one in draws):
                        continue
                    low, middle, high = difference(draws[0][key], draws[number][key])
                    yield (
                        scenario.key,
                        reading.pk,
                        name,
                        part,
                        year,
                        _unit(name),
                        line.at(year),
                        *((middle, low, high) if number else (0.0, 0.0, 0.0)),
                    )

    return Table(
        "scenarios-compared",
        _("Scenarios beside each other"),
        columns,
        rows,
        _about(*(one.pk for one in readings)),
        dimensions=("scenario", "quantity", "part", "year"),
        values=("median", "difference", "difference_p10", "difference_p90"),
        time="year",
        labels={
            **_labels(readings[0], list(lines_of(readings[0])), lang),
            "scenario": {one.key: str(one.name) for one in known},
        },
    )
