"""Places that people ask about: the region, its trusts, hospital areas, health communities and municipalities.

A place is a set of municipalities with a code that stays and a name that is read. Hospital areas come from the column
``somatic_area`` of the table of municipalities. A health community is what a trust and the municipalities of its somatic
area agree to plan together; locally it may go by another name.
"""

from __future__ import annotations

import functools
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from framsyn.errors import PlanError
from framsyn.region.codes import unknown

if TYPE_CHECKING:
    from framsyn.region.region import Region

__all__ = ["KINDS", "Place", "alphabetical", "neighbours_of", "place_of", "places", "places_above"]

KINDS = ("region", "trust", "hospital_area", "health_community", "municipality")
LANGUAGES = ("nb", "nn", "en")
_ORDER = str.maketrans({"æ": "zzx", "ä": "zzx", "ø": "zzy", "ö": "zzy", "å": "zzz", "ï": "i"})
_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "ä": "a", "ö": "o", "ï": "i"})


@dataclass(frozen=True)
class Place:
    """One place.

    Attributes
    ----------
    code : str
        Stays the same over time: ``region``, a trust, ``hospital-…``, ``community-…`` or a municipality number.
    kind : {"region", "trust", "hospital_area", "health_community", "municipality"}
    label : dict of str to str
        Name in nb, nn and en; of a municipality the official name in every official language, in the official order.
    areas : tuple of str
        Its municipalities, in the order of the region.
    name : str
        Short name for sentences and for sorting; of a municipality the Norwegian one.
    names : tuple of str
        Every official form, each once: ``("Snåase", "Snåsa")``.
    trust : str
        The trust whose somatic area holds it; empty for the region.
    """

    code: str
    kind: str
    label: dict[str, str] = field(hash=False)
    areas: tuple[str, ...]
    name: str = ""
    names: tuple[str, ...] = ()
    trust: str = ""

    def said(self, lang: str) -> str:
        """Return the name within a sentence: short for a municipality, whole for all others."""
        return self.name if self.kind == "municipality" else self.label[lang]


@functools.lru_cache(maxsize=4)
def places(region: Region) -> tuple[Place, ...]:
    """Return every place of a region: by kind as in :data:`KINDS`, trusts as in their table, all others by name.

    Examples
    --------
    >>> from framsyn.region import Region
    >>> found = places(Region.load("midt-norge"))
    >>> [place.code for place in found if place.kind == "hospital_area"][:3]
    ['hospital-levanger', 'hospital-namsos', 'hospital-nordmore-og-romsdal']
    """
    table = region.table("areas").set_index("area").loc[region.areas]
    trust_of = {
        area: region.trusts[i] for area, i in zip(region.areas, region.area_trust("SOM"), strict=True)
    }
    whole = Place("region", "region", dict(region.label), tuple(region.areas), region.label["nb"])
    found = [whole]
    full = dict(zip(region.table("trusts")["trust"], region.table("trusts")["name"], strict=True))
    of_trust = {
        trust: tuple(area for area in region.areas if trust_of[area] == trust) for trust in region.trusts
    }
    for trust in region.trusts:
        label = dict.fromkeys(LANGUAGES, str(full[trust]))
        found.append(Place(trust, "trust", label, of_trust[trust], label["nb"], trust=trust))
    groups: dict[str, list[str]] = defaultdict(list)
    for area, name in zip(region.areas, table["somatic_area"], strict=True):
        groups[str(name)].append(area)
    for name in sorted(groups, key=alphabetical):
        code = f"hospital-{slug(name)}"
        trust = trust_of[groups[name][0]]
        found.append(
            Place(
                code,
                "hospital_area",
                named(region, "hospital_area", name),
                tuple(groups[name]),
                name,
                (),
                trust,
            )
        )
    for trust in region.trusts:
        name = region.label_of("trust", trust)
        label = named(region, "health_community", name)
        found.append(Place(f"community-{trust}", "health_community", label, of_trust[trust], name, (), trust))
    municipalities = []
    for area, name, official in zip(region.areas, table["name"], table["name_official"], strict=True):
        forms = tuple(part.strip() for part in str(official).split(" - "))
        label = dict.fromkeys(LANGUAGES, " – ".join(forms))
        municipalities.append(Place(area, "municipality", label, (area,), str(name), forms, trust_of[area]))
    found += sorted(municipalities, key=lambda place: place.code)
    codes = [place.code for place in found]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        message = (
            f"region {region.name}: two places have the code {twice[0]!r}; expected one each. "
            "Give the hospital areas in tables/areas.csv (somatic_area) names that differ in more than accents."
        )
        raise PlanError("place-twice", message, file="areas.csv", got=twice)
    return tuple(found)


def place_of(region: Region, code: str) -> Place:
    """Return the place of a code.

    Raises
    ------
    PlanError
        ``unknown-place``; the message names places that there are.

    Examples
    --------
    >>> from framsyn.region import Region
    >>> place_of(Region.load("midt-norge"), "5041").label["nb"]
    'Snåase – Snåsa'
    """
    by_code = _by_code(region)
    if code not in by_code:
        raise unknown("place", code, tuple(by_code))
    return by_code[code]


@functools.lru_cache(maxsize=4)
def _by_code(region: Region) -> dict[str, Place]:
    return {place.code: place for place in places(region)}


def places_above(region: Region, place: Place) -> tuple[Place, ...]:
    """Return the larger places that hold a place, the nearest first; each kind once, the region last.

    >>> from framsyn.region import Region
    >>> midt = Region.load("midt-norge")
    >>> [one.code for one in places_above(midt, place_of(midt, "5025"))]
    ['hospital-st-olavs', 'community-sto', 'sto', 'region']
    """
    order = ("hospital_area", "health_community", "trust", "region")
    rank = {kind: number for number, kind in enumerate(order)}
    own = rank.get(place.kind, -1)
    inside = set(place.areas)
    larger = [one for one in places(region) if rank.get(one.kind, -1) > own and inside <= set(one.areas)]
    return tuple(sorted(larger, key=lambda one: rank[one.kind]))


@functools.lru_cache(maxsize=4)
def _neighbours(region: Region) -> dict[str, tuple[str, ...]]:
    """Municipalities that share a piece of border on land, by the borders of the region."""
    drawn = json.loads((region.folder / "borders.geojson").read_text(encoding="utf-8"))
    owner: dict[tuple[tuple[float, ...], tuple[float, ...]], str] = {}
    found: dict[str, set[str]] = {area: set() for area in region.areas}
    for feature in drawn["features"]:
        area = feature["properties"]["area"]
        geometry = feature["geometry"]
        parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        for ring in (ring for polygon in parts for ring in polygon):
            for start, stop in pairwise(map(tuple, ring)):
                other = owner.setdefault((min(start, stop), max(start, stop)), area)
                if other != area and area in found and other in found:
                    found[area].add(other)
                    found[other].add(area)
    return {area: tuple(sorted(others)) for area, others in found.items()}


def neighbours_of(region: Region, area: str) -> tuple[str, ...]:
    """Return the municipalities of the region that share a border with one; by code. An island has none.

    >>> from framsyn.region import Region
    >>> neighbours_of(Region.load("midt-norge"), "5025")
    ('5026', '5033')
    """
    return _neighbours(region).get(area, ())


def named(region: Region, kind: str, name: str) -> dict[str, str]:
    """Return the name of a hospital area or health community in the three language forms."""
    return {lang: region.label_of("place_label", kind, lang).format(name=name) for lang in LANGUAGES}


def alphabetical(name: str) -> str:
    """Return a key that sorts as Norwegian does: æ, ø and å last, and South Sámi ï and ö beside i and ø.

    >>> sorted(["Ørsta", "Ålesund", "Aure", "Ærøy"], key=alphabetical)
    ['Aure', 'Ærøy', 'Ørsta', 'Ålesund']
    """
    return name.lower().translate(_ORDER)


def slug(name: str) -> str:
    """Return a name as it stands in a code: plain small letters, without the word hospital at its end.

    >>> slug("Nordmøre og Romsdal"), slug("St. Olavs hospital"), slug("Ålesund")
    ('nordmore-og-romsdal', 'st-olavs', 'alesund')
    """
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower().translate(_LETTERS)).strip("-")
    return plain.removesuffix("-hospital") or plain
