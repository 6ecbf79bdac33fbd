"""The figures of places in the kept run: read once, added up where a place is several municipalities.

A run keeps the region, its trusts, hospital areas and municipalities with their intervals. A health community has the
municipalities of its trust and takes the trust's. A run that was kept before hospital areas were holds their municipalities
alone: the central run is added up then, and since intervals do not add, there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from framsyn.region.arrays import SERVICE_AREAS
from framsyn.report.numbers import interval, number, shown
from framsyn.web.outlooks.models import Series

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from framsyn.region.places import Place
    from framsyn.report.numbers import Style
    from framsyn.web.outlooks.models import Run

__all__ = ["ACTIVITY", "PEOPLE", "SMALL", "Figures", "Track", "said_value"]

PEOPLE = ("population", "population_65_plus", "population_80_plus")
ACTIVITY = ("stays", "bed_days", "day_treatments", "outpatient_contacts")
BANDS = ("p10", "p25", "p50", "p75", "p90")
SMALL = 5.0  # fewer cases than this are not told for a place

Key = tuple[str, str]  # quantity, part


@dataclass(frozen=True)
class Track:
    """One quantity of a place over the years: the central run, and the bands where they are kept."""

    quantity: str
    part: str
    years: list[int]
    central: list[float]
    bands: dict[str, list[float]] | None = None

    def at(self, year: int, band: str = "") -> float:
        """Return the value of a year: the median where there are bands, else the central run."""
        place = self.years.index(year)
        if self.bands is None:
            return self.central[place]
        return self.bands[band or "p50"][place]

    @property
    def first(self) -> int:
        """Base year."""
        return self.years[0]

    @property
    def last(self) -> int:
        """Horizon."""
        return self.years[-1]

    def change(self) -> Track:
        """Return the change since the base year, which is counted and the same in every draw."""
        bands = None
        if self.bands is not None:
            bands = {name: [value / line[0] - 1 for value in line] for name, line in self.bands.items()}
        return Track(
            self.quantity,
            self.part,
            self.years,
            [value / self.central[0] - 1 for value in self.central],
            bands,
        )

    def times(self, factors: Sequence[float]) -> Track:
        """Return the track with every year multiplied by a number of its own."""

        def product(line: list[float]) -> list[float]:
            return [value * factor for value, factor in zip(line, factors, strict=True)]

        bands = {name: product(line) for name, line in self.bands.items()} if self.bands else None
        return Track(self.quantity, self.part, self.years, product(self.central), bands)


class Figures:
    """Every track of a place that its page shows, and those of the region beside it; one query.

    Parameters
    ----------
    run : Run
    place : Place
    """

    def __init__(self, run: Run, place: Place) -> None:
        self.place = place
        kept = kept_place(place)
        wanted = {"region", kept, *(place.areas if place.kind == "hospital_area" else ())}
        rows = Series.objects.filter(
            run=run,
            place__in=wanted,
            quantity__in=(*PEOPLE, "need", *ACTIVITY, "beds", "treated_bed_days"),
            part__in=("", *SERVICE_AREAS),
        )
        found: dict[str, dict[Key, Track]] = {one: {} for one in wanted}
        for row in rows:
            found[row.place][row.quantity, row.part] = track_of(row)
        self.region = found["region"]
        self.own = found[kept] or added(found[area] for area in place.areas)

    def get(self, quantity: str, part: str = "") -> Track | None:
        """Return a track of the place."""
        return self.own.get((quantity, part))

    def beds(self, part: str) -> Track | None:
        """Return beds of a service area: of the trusts where they run them, else those that the residents' days fill.

        beds = bed days of the residents / (365 · occupancy), with the occupancy that the run plans for the region
        """
        if self.place.kind in ("region", "trust"):
            return self.get("beds", part)
        days = self.get("bed_days", part)
        planned, treated = self.region.get(("beds", part)), self.region.get(("treated_bed_days", part))
        if days is None or planned is None or treated is None or min(treated.central) <= 0:
            return None
        return replace(days, quantity="beds").times(
            [beds / carried for beds, carried in zip(planned.central, treated.central, strict=True)]
        )

    def share(self, quantity: str) -> Track | None:
        """Return the share of all people, in the central run."""
        some, all_people = self.own.get((quantity, "")), self.own.get(("population", ""))
        if some is None or all_people is None:
            return None
        values = [part / whole for part, whole in zip(some.central, all_people.central, strict=True)]
        return Track(quantity, "", some.years, values)


def kept_place(place: Place) -> str:
    """Return the place under which a run keeps these people."""
    return place.trust if place.kind == "health_community" else place.code


def track_of(row: Series) -> Track:
    """Return a kept row as a track."""
    bands = {name: row.values[name] for name in BANDS}
    return Track(row.quantity, row.part, row.years, row.values["central"], bands)


def added(places: Iterable[dict[Key, Track]]) -> dict[Key, Track]:
    """Add up the central runs of places; what one of them lacks is left out."""
    each = list(places)
    common = set(each[0]).intersection(*each[1:]) if each else set()
    total = {}
    for key in common:
        lines = [one[key] for one in each]
        values = [sum(parts) for parts in zip(*(line.central for line in lines), strict=True)]
        total[key] = Track(*key, lines[0].years, values)
    return total


def said_value(track: Track, year: int, lang: str, style: Style = "number", *, signed: bool = False) -> str:
    """Write a value with its interval where there is one, in the digits that it justifies; small counts are not told.

    >>> said_value(Track("stays", "SOM", [2025], [3.2]), 2025, "en")
    '< 5'
    >>> said_value(Track("stays", "SOM", [2025], [1234.0]), 2025, "en")
    '1,230'
    """
    value = track.at(year)
    if style == "number" and track.quantity in ACTIVITY and 0 < value < SMALL:
        return f"< {number(SMALL, lang)}"
    low, high = (track.at(year, "p10"), track.at(year, "p90")) if track.bands else (value, value)
    if high > low:
        return interval(value, low, high, lang, style, signed=signed).text
    if style == "percent":
        return shown(value * 100, lang, style, signed=signed)
    if track.quantity in PEOPLE and year == track.first:  # counted
        return number(value, lang)
    digits = 1 if value < 10 else 0 if value < 100 else -1 if value < 10_000 else -2
    return number(value, lang, digits)
