"""Everything a region is built from, in its own tables: tidy open figures and hand-written assumptions put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framsyn.sources.regions import assumed, people, places, staff
from framsyn.sources.regions.care_residents import care_tables
from framsyn.sources.regions.facts import region_facts

if TYPE_CHECKING:
    import pandas as pd

    from framsyn.sources.regions.authorities import Authority
    from framsyn.sources.regions.open_data import OpenData

__all__ = ["BASE_YEAR", "Assembled", "assemble"]

BASE_YEAR = 2025
"""Year of the figures by residence that a region starts from; 1 January of it for the people."""


@dataclass(frozen=True)
class Assembled:
    """Raw tables of a region by name, what is said of it, and its borders in full detail."""

    facts: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    borders: dict[str, Any]


def assemble(authority: Authority, data: OpenData, base_year: int = BASE_YEAR) -> Assembled:
    """The raw tables of an authority.

    Parameters
    ----------
    authority : Authority
    data : OpenData
    base_year : int

    Returns
    -------
    Assembled
        What ``framsyn.region.build`` reads.

    Raises
    ------
    PlanError
        ``source-changed``: a source does not hold what the tables need.
    """
    names = {trust.key: trust.short_name for trust in authority.trusts}
    areas = places.areas_table(authority, data.municipalities, data.places)
    inhabitants = _inhabitants(data.population, areas, list(names), base_year)
    whole = sum(inhabitants.values())
    tables: dict[str, pd.DataFrame] = {
        "trusts": places.trusts_table(authority),
        "areas": areas,
        "sites": places.sites_table(authority, areas),
        "services": assumed.hand_written("services"),
        "population_counts": data.population.sort_values(["area", "year", "age"]),
        "life_tables": data.life_tables.sort_values(["sex", "year", "age"]),
        "fertility_shares": data.fertility_shares,
        "fertility_total": people.fertility_total(
            data.nation, data.life_tables, data.fertility_shares, data.fertility_un
        ),
        "migration_national": people.migration_national(data.nation, data.life_tables, data.migration_un),
        "flows": assumed.flows(authority),
        "season": assumed.season(),
        "equipment": assumed.equipment(authority, whole),
        "income": assumed.income(authority, inhabitants),
        "breaks": assumed.breaks(authority),
        "use_ratio": assumed.use_ratio(authority),
        "controls": assumed.controls(authority, data.projection, areas),
        "past_projections": assumed.past_projections(authority),
        "waiting": places.waiting_table(authority, data.waits, base_year),
        **care_tables(data, names, areas, base_year),
        "staff": staff.staff_table(data.professions, data.profession_groups, names),
    }
    tables["parameters"] = _parameters(authority, data, tables, whole, base_year)
    return Assembled(region_facts(authority, tables, base_year), tables, data.borders)


def _inhabitants(
    population: pd.DataFrame, areas: pd.DataFrame, trusts: list[str], year: int
) -> dict[str, float]:
    """Inhabitants by somatic trust on 1 January [person], municipalities behind a switch among them."""
    counts = population[population["year"] == year].merge(areas[["area", "somatic_trust"]], on="area")
    sums = (counts["male"] + counts["female"]).groupby(counts["somatic_trust"]).sum()
    return {trust: float(sums.get(trust, 0)) for trust in trusts}


def _parameters(
    authority: Authority, data: OpenData, tables: dict[str, pd.DataFrame], whole: float, base_year: int
) -> pd.DataFrame:
    """The hand-written parameters and those that follow from the figures."""
    import pandas as pd

    frame = assumed.parameters(authority, whole)
    slope = float(frame.set_index("parameter").loc["tfr_autocorrelation", "value"])
    extra = [
        *staff.graduates(tables["staff"], frame, base_year),
        people.national_migration(data.nation, data.life_tables),
        people.fertility_process(tables["fertility_total"], slope),
    ]
    frame = frame[~frame["parameter"].isin({row["parameter"] for row in extra})]
    return pd.concat([frame, pd.DataFrame(extra)], ignore_index=True)[list(frame.columns)]
