"""Fetch what a region of an authority needs, and say in one message what could not be had."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from framsyn.errors import PlanError
from framsyn.sources import kartverket, klass
from framsyn.sources.regions import from_statbank
from framsyn.sources.regions.assembly import BASE_YEAR
from framsyn.sources.regions.assumed import hand_written
from framsyn.sources.regions.catchments import municipalities_of
from framsyn.sources.regions.open_data import OpenData
from framsyn.sources.regions.waits import read_waits
from framsyn.sources.statbank import client as statbank_client

if TYPE_CHECKING:
    import pandas as pd

    from framsyn.sources.fetching import Fetcher
    from framsyn.sources.regions.authorities import Authority

__all__ = ["Addresses", "Fetched", "fetch_open_data"]

Made = TypeVar("Made")
STEPS = 11
NETWORK = ("source-unreachable", "source-busy", "source-refused", "source-not-found", "source-too-large")
"""Faults of a service that a later call may not meet."""
MISSING = (*NETWORK, "source-changed", "not-in-cache")


@dataclass(frozen=True)
class Addresses:
    """Where the services are."""

    statbank: str = statbank_client.BASE
    klass: str = klass.BASE
    kartverket: str = kartverket.BASE


@dataclass
class Fetched:
    """What was fetched for one authority.

    Attributes
    ----------
    data : OpenData
    catchments : dict of str to int
        Inhabitants of 1 January by trust key and by name of local hospital area, as Statistics Norway counts them [person].
    counties : dict of str to int
        Inhabitants of the counties that lie wholly in the authority [person].
    nation : int [person]
    notes : list of str
        What went over from an old municipality to a new one, and what was left out.
    """

    data: OpenData
    catchments: dict[str, int]
    counties: dict[str, int]
    nation: int
    notes: list[str]


@dataclass
class _Attempts:
    """Steps one after another; a fault of a source is kept for later so that the others are still fetched."""

    fetcher: Fetcher
    done: int = 0
    faults: list[tuple[str, PlanError]] = field(default_factory=list)

    def of(self, what: str, make: Callable[[], Made]) -> Made | None:
        """The result of a step, or None if its source failed."""
        self.fetcher.tell(what, self.done, STEPS)
        self.done += 1
        try:
            return make()
        except PlanError as error:
            if error.code not in MISSING:
                raise
            self.faults.append((what, error))
            return None

    def finish(self) -> None:
        """Say everything that is missing in one message."""
        if not self.faults:
            return
        told = "\n".join(f"  {what}: {error.message}" for what, error in self.faults)
        kept = len(self.fetcher.fetched)
        raise PlanError(
            "sources-missing",
            f"{len(self.faults)} of {STEPS} sources could not be had; nothing was written, and a region that was there is "
            f"as it was:\n{told}\n{kept} answers are kept in {self.fetcher.folder}; the same command goes on from there.",
            missing=[what for what, _ in self.faults],
            codes=[error.code for _, error in self.faults],
            kept=kept,
        )


def fetch_open_data(
    authority: Authority,
    fetcher: Fetcher,
    *,
    addresses: Addresses | None = None,
    indicators: pd.DataFrame | None = None,
    borders: dict[str, Any] | None = None,
    base_year: int = BASE_YEAR,
    first_year: int = 2005,
) -> Fetched:
    """Fetch the open figures of an authority.

    Parameters
    ----------
    authority : Authority
    fetcher : Fetcher
        With its cache; offline it answers from that alone.
    addresses : Addresses, optional
    indicators : DataFrame, optional
        From :func:`framsyn.sources.quality_indicators.read_indicators`; that export is taken by hand.
    borders : dict, optional
        GeoJSON of municipalities, such as one that is cut along the coast, in place of Kartverket's.
    base_year, first_year : int
        Years of the counts of 1 January: from the first to the base year.

    Raises
    ------
    PlanError
        ``sources-missing``: one or more sources failed. All others were fetched and are in the cache.
    """
    at = addresses or Addresses()
    attempts = _Attempts(fetcher)
    bank = from_statbank.Bank(fetcher, base=at.statbank)
    orgs, years = list(authority.trust_of), range(first_year, base_year + 1)

    listed = attempts.of(
        "Catchments and municipalities (KLASS 131, 629, 632)",
        lambda: municipalities_of(authority, fetcher, base_year, base=at.klass),
    )
    changes = attempts.of(
        "Changes of municipalities (KLASS 131)",
        lambda: klass.changes(
            fetcher, klass.MUNICIPALITIES, f"{first_year}-01-01", f"{base_year + 1}-01-01", base=at.klass
        ),
    )
    areas = list(listed.frame["area"]) if listed else []
    map_ = attempts.of(
        "Borders, names and points (Kartverket)", lambda: _map(fetcher, areas, at.kartverket, borders)
    )
    life = attempts.of(
        "Life tables (07902)", lambda: from_statbank.life_tables(bank, range(first_year - 5, base_year))
    )
    people = attempts.of(
        "Population (07459)",
        lambda: (
            from_statbank.population(
                bank, areas, listed.counties if listed else [], changes, years, base_year
            )
            if listed is not None and changes is not None
            else from_statbank.nothing("the municipalities are not known")
        ),
    )
    projection = attempts.of(
        "Projection (14288)",
        lambda: (
            from_statbank.projection(bank, listed.of_county, base_year)
            if listed is not None
            else from_statbank.nothing("the municipalities are not known")
        ),
    )
    activity = attempts.of(
        "Beds and activity (13942)", lambda: from_statbank.trust_years(bank, authority, base_year)
    )
    fte = attempts.of("Staff (13953)", lambda: from_statbank.staff(bank, orgs, authority, base_year))
    use = attempts.of(
        "Patients (14824)", lambda: from_statbank.somatic_patients(bank, authority.klass, base_year)
    )
    mental = attempts.of(
        "Mental health care (14820)", lambda: from_statbank.mental_patients(bank, authority.klass, base_year)
    )
    catchments = attempts.of(
        "Catchment population (13982)",
        lambda: from_statbank.catchments(bank, authority, listed.local_areas if listed else {}, base_year),
    )
    attempts.finish()
    if not (
        listed and people and use and mental and fte and map_
    ):  # finish() has raised: this is for the type checker
        raise AssertionError
    notes = list(people.notes)
    named = map_[0].set_index("area")["name"]
    municipalities = listed.frame.assign(name=listed.frame["area"].map(named))
    data = OpenData(
        municipalities=municipalities,
        places=map_[0],
        borders=map_[1],
        population=people.municipalities,
        nation=people.nation,
        life_tables=life,
        fertility_shares=hand_written("fertility_shares"),
        fertility_un=hand_written("fertility_un"),
        migration_un=hand_written("migration_un"),
        use_by_age=_together(use.by_age, mental.by_age),
        use_all_ages=use.all_ages,
        resident_years=_together(use.years, mental.years),
        trust_years=activity,
        professions=fte[0],
        profession_groups=fte[1],
        projection=projection,
        waits=read_waits(indicators, authority),
        updated=dict(bank.updated),
    )
    catchments = {name: persons for name, persons in (catchments or {}).items() if name not in listed.split}
    return Fetched(data, catchments, people.counties, people.whole, [*listed.notes, *notes])


def _map(
    fetcher: Fetcher, areas: list[str], base: str, given: dict[str, Any] | None
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Names and points of the municipalities, and their borders from a file where one is given."""
    if not areas:
        from_statbank.nothing("the municipalities are not known")
    places = kartverket.places(fetcher, areas, base=base).rename(columns={"code": "area"})
    if given is not None:
        return places, kartverket.read_borders(given, "the borders that were given", areas)
    return places, kartverket.borders(fetcher, areas, base=base)


def _together(*frames: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    return pd.concat(frames, ignore_index=True)
