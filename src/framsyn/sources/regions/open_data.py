"""The tidy frames that a region's raw tables are made from, whichever way they were read.

The clients of ``framsyn.sources`` fill them over the network; ``tools/compile_region.py`` fills them from files. What is
made of them is the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["OpenData"]


@dataclass
class OpenData:
    """Open figures on one authority.

    Attributes
    ----------
    municipalities : DataFrame
        area, name, somatic_trust, somatic_area, psychiatric_trust, psychiatric_area; trusts by their keys.
    places : DataFrame
        area, name_official, lon, lat [degree].
    borders : dict
        GeoJSON with the property ``municipality_code`` or ``area``; empty where there is no map.
    population : DataFrame
        area, year, age (0–105), male, female [person], approximate (1 where the count rests on a split code).
    nation : DataFrame
        year, age, male, female [person]; consecutive years.
    life_tables : DataFrame
        sex (male, female), age (0–105), year, qx [1].
    fertility_shares : DataFrame
        year_from, year_to, age_from, share [percent].
    fertility_un, migration_un : DataFrame
        year, rate [child per woman] and [1/year].
    use_by_age : DataFrame
        service_area (SOM, PHV), chapter (ICD-10 numeral, or ``_T`` for all), age_group, measure, value [count/year].
    use_all_ages : DataFrame
        chapter, measure, value [count/year]; somatic care, ``_T`` among the chapters.
    resident_years : DataFrame
        service_area, measure, year, value, source.
    trust_years : DataFrame
        trust, service_area (``TOT`` for all), measure (as in ``trust_activity``, and ``beds`` [bed] and ``occupancy`` [1]),
        year, value.
    professions : DataFrame
        trust, code (two signs, or ``TOT``), year, fte; trusts whose professions are published.
    profession_groups : DataFrame
        trust, profession (``total`` and published groups), year, fte; for the other trusts.
    projection : DataFrame
        county, variant, year, persons.
    waits : DataFrame
        place, service_area, measure, year, value, unit.
    updated : dict
        Source key → when the publisher last changed it, as far as it says.
    """

    municipalities: pd.DataFrame
    places: pd.DataFrame
    borders: dict[str, Any]
    population: pd.DataFrame
    nation: pd.DataFrame
    life_tables: pd.DataFrame
    fertility_shares: pd.DataFrame
    fertility_un: pd.DataFrame
    migration_un: pd.DataFrame
    use_by_age: pd.DataFrame
    use_all_ages: pd.DataFrame
    resident_years: pd.DataFrame
    trust_years: pd.DataFrame
    professions: pd.DataFrame
    profession_groups: pd.DataFrame
    projection: pd.DataFrame
    waits: pd.DataFrame
    updated: dict[str, str] = field(default_factory=dict)
