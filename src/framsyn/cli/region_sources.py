"""What ``framsyn region`` does with the sources: fetch raw tables, keep what a region has of its own, add scenarios."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from framsyn.cli.progress import Work
    from framsyn.region import Region
    from framsyn.sources.fetching import Rate
    from framsyn.sources.regions import Authority
    from framsyn.sources.regions.fetch import Addresses

__all__ = [
    "ADDRESSES",
    "LIMITS",
    "add_scenarios",
    "authority_of",
    "fetch_raw",
    "is_raw_folder",
    "keep_own_tables",
]

ADDRESSES: Addresses | None = None
"""Where the services are, if elsewhere than usual."""
LIMITS: Mapping[str, Rate] | None = None
"""How often they are asked, if otherwise than they wish."""
OWN_TABLES = (
    "sites",
    "services",
    "flows",
    "season",
    "equipment",
    "income",
    "parameters",
    "use_ratio",
    "past_projections",
    "breaks",
)
"""Tables that no client fetches: a refresh leaves them as the region has them."""
MODEL = "midt-norge"
"""Region whose scenario of demography alone names no place and no service, so that it fits every region."""


def is_raw_folder(name: str) -> bool:
    """Whether a folder of raw tables is meant; a region that was built under an authority's name is none."""
    folder = Path(name)
    if (folder / "region.json").is_file():
        return True
    return folder.is_dir() and not (folder / "datapackage.json").is_file()


def fetch_raw(
    name: str,
    raw: Path,
    work: Work,
    *,
    cache: Path | None,
    offline: bool,
    indicators: Path | None,
    borders: Path | None,
    again: bool = False,
) -> Authority:
    """Fetch what an authority's region is made of and write its raw tables.

    Parameters
    ----------
    name : str
        Of the authority, in any spelling.
    raw : Path
        An existing folder.
    again : bool
        Ask the services whether an answer has changed, however fresh it is.
    """
    from framsyn.region.build import write_raw_folder
    from framsyn.sources.fetching import Fetcher
    from framsyn.sources.regions import BASE_YEAR, find_authority
    from framsyn.sources.regions.built import assemble_fetched
    from framsyn.sources.regions.fetch import fetch_open_data

    authority = find_authority(name)
    exported, drawn = _indicators(indicators), _borders(borders)
    with work.phase(f"Fetching {authority.name}", hint="the services allow few calls a minute") as step:
        options: dict[str, Any] = {"fresh_for": 0.0} if again else {}
        with Fetcher(cache, offline=offline, progress=step, limits=LIMITS, **options) as fetcher:
            fetched = fetch_open_data(
                authority, fetcher, addresses=ADDRESSES, indicators=exported, borders=drawn
            )
    with work.phase("Making raw tables"):
        made = assemble_fetched(authority, fetched, BASE_YEAR)
        write_raw_folder(raw, made.facts, made.tables, made.borders)
    return authority


def _indicators(path: Path | None) -> pd.DataFrame | None:
    if path is None:
        return None
    from framsyn.sources.quality_indicators import read_indicators

    return read_indicators(_bytes(path), path.name)


def _borders(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        found = json.loads(_bytes(path).decode("utf-8-sig"))
    except ValueError as error:
        raise PlanError(
            "bad-json",
            f"{path}: not readable as JSON ({error}). Give a GeoJSON file in UTF-8.",
            file=str(path),
        ) from error
    if not isinstance(found, dict):
        raise PlanError("bad-json", f"{path}: expected one JSON object, as GeoJSON is.", file=str(path))
    return found


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PlanError(
            "file-unreadable", f"{path}: cannot be read ({error.strerror}). Mend the path.", file=str(path)
        ) from error


def authority_of(region: Region) -> Authority:
    """The authority that a region was built for.

    Raises
    ------
    PlanError
        ``not-from-sources``: the region was made in another way.
    """
    from framsyn.sources.regions import authorities

    said = region.descriptor["framsyn"].get("authority")
    for authority in authorities().values():
        if said == authority.key or (said is None and authority.region == region.name):
            return authority
    raise PlanError(
        "not-from-sources",
        f"{region.folder}: the region {region.name!r} was not built from the sources, so there is nothing to fetch again; "
        f"expected one of {', '.join(one.region for one in authorities().values())}. Build it anew with "
        "`framsyn region build`.",
        got=region.name,
    )


def keep_own_tables(region: Region, raw: Path, *, waiting: bool, borders: bool) -> None:
    """Put what the region has of its own in the place of the assumptions, so that a refresh does not undo it.

    Parameters
    ----------
    region : Region
        As it is now.
    raw : Path
        Raw tables that were made anew.
    waiting : bool
        Keep the waiting times too, as no new export was given.
    borders : bool
        Keep the map too where the region has one.
    """
    import pandas as pd

    for name in (*OWN_TABLES, *(("waiting",) if waiting else ())):
        shutil.copyfile(region.folder / "tables" / f"{name}.csv", raw / f"{name}.csv")
    drawn = region.folder / "borders.geojson"
    if borders and drawn.is_file():
        shutil.copyfile(drawn, raw / "borders.geojson")
    facts = json.loads((raw / "region.json").read_text(encoding="utf-8"))
    named = {source["name"] for source in facts["sources"]}
    own = [source for source in region.descriptor["sources"] if source["name"] not in named]
    facts["sources"].extend(own)
    (raw / "region.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    counted = pd.read_csv(raw / "resident_activity.csv")
    beside = region.table("resident_activity")
    beside = beside[~beside["source"].isin(set(counted["source"]))]
    together = pd.concat([counted, beside], ignore_index=True)
    from framsyn.region.build import write_table

    order = ["source", "service_area", "measure", "year"]
    write_table(together.sort_values(order), raw / "resident_activity.csv")


def add_scenarios(folder: Path, authority: Authority) -> None:
    """Give a region that has no scenario those that fit it; what is there stays.

    Helse Midt-Norge gets its own; any other the one of demography alone, which names no place and no service.
    """
    from framsyn.scenario.scenario import REGIONS

    model, target = REGIONS / MODEL, folder / "scenarios"
    if target.exists():
        return
    if authority.region == MODEL:
        shutil.copytree(model / "scenarios", target)
        shutil.copyfile(model / "levers.toml", folder / "levers.toml")
        return
    text = (model / "scenarios" / "demography.toml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#:schema")]
    text = "\n".join(lines).replace("Helse Midt-Norge RHF", f"{authority.name} RHF")
    target.mkdir()
    (target / "demography.toml").write_text(text.lstrip() + "\n", encoding="utf-8", newline="\n")
