"""All places beside each other: people now and at the horizon, from the central run, so that places can be compared."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framsyn.region.places import KINDS, Place, alphabetical, places
from framsyn.web.outlooks.models import Run, Series
from framsyn.web.outlooks.queries import region_of
from framsyn.web.places.figures import PEOPLE, Track, added, kept_place, track_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["SORTS", "Choice", "Row", "overview", "rows_shown"]

SORTS = ("name", "people", "growth", "old", "old_then")


@dataclass(frozen=True)
class Row:
    """One place with the people that it has.

    Attributes
    ----------
    people, people_then : float [person]
        Base year and horizon.
    growth : float [1]
        Change of all people.
    growth_80 : tuple of float [1]
        Change of those of 80 and older: median and 80 % interval; the central run three times where none is kept.
    old, old_then : float [1]
        Share of 65 and older.
    """

    place: Place
    people: float
    people_then: float
    growth: float
    growth_80: tuple[float, float, float]
    old: float
    old_then: float


@dataclass(frozen=True)
class Choice:
    """What a reader has asked the list for."""

    text: str = ""
    kind: str = ""
    sort: str = "name"
    down: bool = False

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Choice:
        """Read ``?q=``, ``?kind=`` and ``?sort=`` (a minus before it turns the order); what is strange is left out."""
        sort = given.get("sort", "")
        kind = given.get("kind", "")
        return cls(
            given.get("q", "").strip()[:100],
            kind if kind in KINDS else "",
            sort.removeprefix("-") if sort.removeprefix("-") in SORTS else "name",
            sort.startswith("-"),
        )


@functools.lru_cache(maxsize=4)
def overview(run_id: str, region_name: str) -> dict[str, Row]:
    """Return every place by its code; one query, once per process, since a run never changes."""
    region = region_of(region_name)
    every = places(region)
    tracks: dict[str, dict[tuple[str, str], Track]] = {}
    for row in Series.objects.filter(run=run_id, quantity__in=PEOPLE, part=""):
        tracks.setdefault(row.place, {})[row.quantity, row.part] = track_of(row)
    found = {}
    for one in every:
        own = tracks.get(kept_place(one)) or added(tracks[area] for area in one.areas)
        whole, old, _oldest = (own[name, ""].central for name in PEOPLE)
        grown = own[PEOPLE[-1], ""].change()
        found[one.code] = Row(
            one,
            whole[0],
            whole[-1],
            whole[-1] / whole[0] - 1,
            (grown.at(grown.last), grown.at(grown.last, "p10"), grown.at(grown.last, "p90")),
            old[0] / whole[0],
            old[-1] / whole[-1],
        )
    return found


def rows_shown(run: Run, choice: Choice, lang: str) -> Sequence[Row]:
    """Return the places that fit, in the order asked for."""
    needle = choice.text.casefold()
    rows = [
        row
        for row in overview(run.pk, run.region).values()
        if (not choice.kind or row.place.kind == choice.kind)
        and (not needle or any(needle in name.casefold() for name in known_names(row.place)))
    ]
    if choice.sort == "name":
        rows.sort(
            key=lambda row: (KINDS.index(row.place.kind), alphabetical(row.place.name)), reverse=choice.down
        )
    else:
        keys = {
            "people": lambda row: row.people,
            "growth": lambda row: row.growth,
            "old": lambda row: row.old,
            "old_then": lambda row: row.old_then,
        }
        rows.sort(key=keys[choice.sort], reverse=choice.down)
    return rows


def known_names(place: Place) -> tuple[str, ...]:
    """Return every name and number by which somebody may look for a place."""
    return (place.code, place.name, *place.names, *place.label.values())
