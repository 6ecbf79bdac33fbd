"""Which municipalities belong to an authority, and to which trust, local hospital and psychiatric centre."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from framsyn.errors import PlanError
from framsyn.sources import klass

if TYPE_CHECKING:
    import pandas as pd

    from framsyn.sources.fetching import Fetcher
    from framsyn.sources.regions.authorities import Authority, Trust

__all__ = ["Municipalities", "municipalities_of"]


@dataclass(frozen=True)
class Municipalities:
    """The municipalities of an authority.

    Attributes
    ----------
    frame : DataFrame
        As ``municipalities`` of :class:`~framsyn.sources.regions.open_data.OpenData`.
    counties : list of str
        Counties that lie wholly in the authority.
    of_county : dict of str to list of str
        Every municipality of the counties that the authority has one of.
    local_areas : dict of str to str
        Code of a local hospital area → its name.
    split : set of str
        Names of the local areas, and keys of the trusts, that share a municipality with another.
    notes : list of str
    """

    frame: pd.DataFrame
    counties: list[str]
    of_county: dict[str, list[str]]
    local_areas: dict[str, str]
    split: set[str]
    notes: list[str]


def municipalities_of(
    authority: Authority, fetcher: Fetcher, year: int, *, base: str = klass.BASE
) -> Municipalities:
    """Ask KLASS for the catchments of 1 January after the year, and lay them on the municipalities.

    Parameters
    ----------
    authority : Authority
    fetcher : Fetcher
    year : int
    base : str

    Raises
    ------
    PlanError
        ``source-changed``: no area of the authority, or an area that belongs to none of its trusts.
    """
    import pandas as pd

    day = f"{year + 1}-01-01"
    named = klass.codes_at(fetcher, klass.MUNICIPALITIES, day, base=base)
    name_of = dict(zip(named["code"], named["name"], strict=True))
    notes: list[str] = []
    split: set[str] = set()
    somatic = _laid(authority, fetcher, klass.HOSPITAL_AREAS, day, base, (notes, split))
    psychiatric = _laid(authority, fetcher, klass.DISTRICT_PSYCHIATRIC_AREAS, day, base, (notes, set()))
    extras = {extra.area for extra in authority.extras}
    areas = sorted((set(somatic) | extras) & set(name_of))
    rows = []
    for area in areas:
        body = somatic.get(area) or psychiatric.get(area)
        mind = psychiatric.get(area) or body
        if area in extras:
            trust = authority.trusts[0].key
            rows.append((area, _norwegian(name_of[area]), trust, "", trust, ""))
        elif body is not None and mind is not None:
            rows.append((area, _norwegian(name_of[area]), body[0].key, body[2], mind[0].key, mind[2]))
    frame = pd.DataFrame(
        rows,
        columns=["area", "name", "somatic_trust", "somatic_area", "psychiatric_trust", "psychiatric_area"],
    )
    here = set(frame["area"]) - extras
    of_county: dict[str, list[str]] = {}
    for code in sorted(name_of):
        if len(code) == 4 and code[:2] in {area[:2] for area in here} and code != "9999":
            of_county.setdefault(code[:2], []).append(code)
    whole = [county for county, members in of_county.items() if set(members) <= here]
    local = {code: name for _, code, name in somatic.values()}
    return Municipalities(frame, whole, of_county, local, split, notes)


def _laid(
    authority: Authority,
    fetcher: Fetcher,
    classification: int,
    day: str,
    base: str,
    told: tuple[list[str], set[str]],
) -> dict[str, tuple[Trust, str, str]]:
    """Municipality → (trust, code and name of the area), under the authority; ``told`` takes what is split."""
    codes = klass.codes_at(fetcher, classification, day, base=base)
    parent = dict(zip(codes["code"], codes["parent"], strict=True))
    name = dict(zip(codes["code"], codes["name"], strict=True))
    pairs = klass.correspondence(fetcher, classification, klass.MUNICIPALITIES, day, base=base)
    found: dict[str, tuple[Trust, str, str]] = {}
    for area, municipality in zip(pairs["source"], pairs["target"], strict=True):
        above = _above(area, parent)
        if authority.klass not in above:
            continue
        trust = _trust(authority, [name.get(code, "") for code in above], above, area)
        if municipality in found:
            first = found[municipality]
            told[0].append(
                f"{municipality} is split between {first[2]} and {name.get(area, area)}; the first is used."
            )
            told[1].update((first[0].key, first[2], trust.key, name.get(area, area)))
            continue
        found[municipality] = (trust, area, name.get(area, area))
    if not found:
        raise PlanError(
            "source-changed",
            f"klass: classification {classification} has no area under {authority.klass} ({authority.name}) on {day}. Its "
            "layout has changed; see its page in KLASS.",
            source="klass",
            got=sorted({code for area in parent for code in _above(area, parent)[-1:]}),
            expected=authority.klass,
        )
    return found


def _above(code: str, parent: dict[str, str]) -> list[str]:
    """The code and those above it, nearest first."""
    chain = [code]
    while parent.get(chain[-1]) and parent[chain[-1]] not in chain:
        chain.append(parent[chain[-1]])
    return chain


def _trust(authority: Authority, names: list[str], codes: list[str], area: str) -> Trust:
    """The trust of an area: by its own number in the classification, else by the name nearest above the area."""
    for trust in authority.trusts:
        if trust.org_number in codes:
            return trust
    for name in names[1:] + names[:1]:
        known = authority.trust_named(name)
        if known is not None:
            return known
    raise PlanError(
        "source-changed",
        f"klass: area {area} ({', '.join(names)}) belongs to none of the trusts of {authority.name}: "
        f"{', '.join(trust.name for trust in authority.trusts)}. Add its name in authorities.toml.",
        source="klass",
        got=names,
    )


def _norwegian(name: str) -> str:
    """The name before the Sámi or Kven form, where the catalogue gives more than one."""
    return name.split(" - ")[0].strip()
