"""What a built region says of itself beside its tables: names, periods, sources, dates and control sums."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from framsyn.sources.regions.authorities import Authority

__all__ = ["region_facts"]

FIRST_YEAR = 2005
LICENCE = {
    "name": "CC-BY-4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
    "title": "Creative Commons Attribution 4.0",
}


def region_facts(authority: Authority, tables: dict[str, pd.DataFrame], base_year: int) -> dict[str, Any]:
    """The content of ``region.json``: the authority's own words where it has them, else generated.

    Parameters
    ----------
    authority : Authority
    tables : dict of str to DataFrame
        Raw tables by name.
    base_year : int
    """
    national = {source["name"]: source for source in _read("national/sources.json")}
    if authority.own:
        facts: dict[str, Any] = _read(f"own/{authority.own}/region.json")
        facts["sources"] = [
            national[source] if isinstance(source, str) else source for source in facts["sources"]
        ]
        return facts
    said = _read("national/tables.json")
    through = {
        "population": f"{base_year}-01-01",
        "life_tables": f"{int(tables['life_tables']['year'].max())}-12-31",
        "trusts": f"{base_year + 1}-01-01",
        "areas": f"{base_year + 1}-01-01",
    }
    for name, table in said.items():
        table["dataThrough"] = through.get(name, _last(tables.get(name), base_year))
    return {
        "name": authority.region,
        "title": authority.name,
        "description": "Open figures and labelled assumptions on the region of "
        f"{authority.name} RHF: people, use of specialist care, trusts, beds, staff, waiting times and money.",
        "version": f"{base_year}.1",
        "keywords": ["health services", "projection", "Norway"],
        "licenses": [LICENCE],
        "label": authority.label,
        "baseYear": base_year,
        "periods": [f"{FIRST_YEAR}-{base_year - 10}", f"{base_year - 10}-{base_year}"],
        "switches": {},
        "jointAreas": [],
        "controlSums": [],
        "sources": list(national.values()),
        "tables": said,
    }


def _last(table: pd.DataFrame | None, base_year: int) -> str:
    """The last day that a table tells of; a projection tells of the base year it was made in or after."""
    if table is None or "year" not in table or table.empty:
        return f"{base_year}-12-31"
    return f"{min(int(table['year'].max()), base_year)}-12-31"


def _read(name: str) -> Any:
    path = resources.files("framsyn.sources.regions").joinpath(*name.split("/"))
    return json.loads(path.read_text(encoding="utf-8"))
