"""Sums that the sources state themselves, for the check of a built region, and what refresh tells of the sources."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from framsyn.sources.regions.assembly import Assembled, assemble
from framsyn.sources.regions.gaps import list_gaps

if TYPE_CHECKING:
    from framsyn.sources.regions.authorities import Authority
    from framsyn.sources.regions.fetch import Fetched

__all__ = ["assemble_fetched"]


def assemble_fetched(authority: Authority, fetched: Fetched, base_year: int) -> Assembled:
    """The raw tables of what was fetched, with control sums, gaps, notes and the dates of the sources.

    Parameters
    ----------
    authority : Authority
    fetched : Fetched
    base_year : int
    """
    made = assemble(authority, fetched.data, base_year)
    facts = dict(made.facts)
    facts["controlSums"] = [*facts["controlSums"], *_sums(authority, fetched, facts, base_year)]
    facts["gaps"] = list_gaps(authority, made.tables)
    facts["authority"] = authority.key
    facts["updated"] = dict(sorted(fetched.data.updated.items()))
    facts["notes"] = fetched.notes
    return replace(made, facts=facts)


def _sums(authority: Authority, fetched: Fetched, facts: dict[str, Any], year: int) -> list[dict[str, Any]]:
    """Catchments and counties, as Statistics Norway counts them; what the facts already hold is not said twice."""
    trusts = {trust.key for trust in authority.trusts}
    said = {(one["place"], one["year"], one["withSwitches"]) for one in facts["controlSums"]}
    sums: list[dict[str, Any]] = []
    for name, persons in fetched.catchments.items():
        kind = "place" if name in trusts else "localArea"
        if kind == "place" and (name, year, False) in said:
            continue
        sums.append(_sum(kind, name, year, persons, "ssb_13982"))
    sums.extend(
        _sum("county", county, year, persons, "ssb_07459") for county, persons in fetched.counties.items()
    )
    return sums


def _sum(kind: str, name: str, year: int, persons: int, source: str) -> dict[str, Any]:
    """One control sum; ``place`` is always there, for readers that know no other kind."""
    where = {"place": name} if kind == "place" else {"place": "region", kind: name}
    return {**where, "year": year, "persons": persons, "withSwitches": False, "source": source}
