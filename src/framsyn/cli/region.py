"""``framsyn region build | refresh | diff | check``: a region from the sources, and what changed in it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.text import Text

from framsyn.cli import region_changes, terminal
from framsyn.cli.options import JsonOption
from framsyn.cli.progress import Work

if TYPE_CHECKING:
    from framsyn.region import Region

__all__ = ["build", "check", "diff", "refresh"]

CacheOption = Annotated[
    Path | None, Parameter(help="Folder of fetched answers; $FRAMSYN_CACHE or the user's cache if left out.")
]
OfflineOption = Annotated[bool, Parameter(help="Use fetched answers alone and never the network.")]
IndicatorsOption = Annotated[
    Path | None, Parameter(help="Export of the national quality indicators (CSV), for waiting times.")
]
BordersOption = Annotated[
    Path | None, Parameter(help="GeoJSON of municipalities, such as one that is cut along the coast.")
]


def build(
    name: Annotated[str, Parameter(help="A health authority, or a folder with region.json and raw tables.")],
    /,
    *,
    out: Annotated[Path, Parameter(help="Folder of the region.")],
    cache: CacheOption = None,
    offline: OfflineOption = False,
    indicators: IndicatorsOption = None,
    borders: BordersOption = None,
    json: JsonOption = False,
) -> int:
    """Build a region folder and tell what its check finds."""
    from framsyn.cli.region_sources import add_scenarios, fetch_raw, is_raw_folder
    from framsyn.region import Region, build_region

    with Work() as work:
        if is_raw_folder(name):
            with work.phase(f"Building {out}"):
                folder = build_region(name, out)
        else:
            with tempfile.TemporaryDirectory() as raw:
                authority = fetch_raw(
                    name,
                    Path(raw),
                    work,
                    cache=cache,
                    offline=offline,
                    indicators=indicators,
                    borders=borders,
                )
                with work.phase(f"Building {out}"):
                    folder = build_region(raw, out)
                    add_scenarios(folder, authority)
        with work.phase("Checking it"):
            region = Region.load(folder)
            findings = region.check()
    errors = sum(finding.level == "error" for finding in findings)
    gaps = region.descriptor["framsyn"].get("gaps", [])
    if json:
        terminal.write_json(
            {
                "region": region.name,
                "folder": str(folder),
                "digest": region.digest(),
                "findings": len(findings),
                "errors": errors,
                "gaps": len(gaps),
                "notes": region.descriptor["framsyn"].get("notes", []),
            }
        )
        return 1 if errors else 0
    console = terminal.stdout()
    console.print(
        Text(f"{region.label['en']}: {len(region.areas)} municipalities, {len(region.trusts)} trusts.")
    )
    console.print(Text(str(folder)), soft_wrap=True)
    for note in region.descriptor["framsyn"].get("notes", []):
        console.print(Text(note))
    if findings or gaps:
        console.print(
            Text(
                f"{len(findings)} findings, {errors} of them errors, and {len(gaps)} gaps; see: framsyn region check {out}"
            ),
            soft_wrap=True,
        )
    return 1 if errors else 0


def refresh(
    folder: Annotated[Path, Parameter(help="Folder of a region that was built from the sources.")],
    /,
    *,
    write: Annotated[bool, Parameter(help="Write what changed; without it nothing is written.")] = False,
    cache: CacheOption = None,
    offline: OfflineOption = False,
    indicators: IndicatorsOption = None,
    borders: BordersOption = None,
    table: Annotated[
        list[str] | None, Parameter(help="Show the rows of these tables alone; may be repeated.")
    ] = None,
    json: JsonOption = False,
) -> int:
    """Fetch again, show what changed and why, and write it when that is asked for."""
    from framsyn.cli.region_sources import authority_of, fetch_raw, keep_own_tables
    from framsyn.region import Region, build_region
    from framsyn.region.difference import compare_regions

    region_changes.known_tables_or_raise(table)
    before = Region.load(folder)
    authority = authority_of(before)
    with tempfile.TemporaryDirectory() as place, Work() as work:
        raw = Path(place) / "raw"
        raw.mkdir()
        fetch_raw(
            authority.key,
            raw,
            work,
            cache=cache,
            offline=offline,
            indicators=indicators,
            borders=borders,
            again=True,
        )
        keep_own_tables(before, raw, waiting=indicators is None, borders=borders is None)
        with work.phase("Building it beside the old one"):
            after = Region.load(build_region(raw, Path(place) / "region"))
            changes = compare_regions(before, after)
        why = region_changes.reasons(after)
        if not json:
            region_changes.show(terminal.stdout(), changes, table, why)
        write = bool(changes) and (write or (not json and region_changes.asked_to_write(folder)))
        if write:
            with work.phase(f"Writing {folder}"):
                build_region(raw, folder)
    if json:
        terminal.write_json({**region_changes.as_json(changes, table, why), "written": write})
    elif write:
        terminal.stdout().print(Text(f"Written: {folder}"), soft_wrap=True)
    elif changes:
        terminal.stdout().print(
            Text(f"Nothing was written. To write it: framsyn region refresh {folder} --write"), soft_wrap=True
        )
    return 1 if changes and not write else 0


def diff(
    before: Annotated[str, Parameter(help="Name of a region that comes along, or a folder.")],
    after: Annotated[str, Parameter(help="The other one.")],
    /,
    *,
    table: Annotated[
        list[str] | None, Parameter(help="Show the rows of these tables alone; may be repeated.")
    ] = None,
    json: JsonOption = False,
) -> int:
    """Show what differs between two regions, by table and key."""
    from framsyn.region import Region
    from framsyn.region.difference import compare_regions

    region_changes.known_tables_or_raise(table)
    with Work() as work:
        with work.phase("Reading the regions"):
            old, new = Region.load(before), Region.load(after)
        with work.phase("Comparing them"):
            changes = compare_regions(old, new)
    if json:
        terminal.write_json(region_changes.as_json(changes, table, {}))
    else:
        region_changes.show(terminal.stdout(), changes, table, {})
    return 1 if changes else 0


def check(
    region: Annotated[str, Parameter(help="Name of a region that comes along, or a folder.")] = "midt-norge",
    /,
    *,
    json: JsonOption = False,
) -> int:
    """Check a region against the sums that its sources state, and list what it lacks and who can mend it."""
    from framsyn.region import Region

    with Work() as work, work.phase("Checking the region"):
        found = Region.load(region)
        findings = found.check()
    errors = sum(finding.level == "error" for finding in findings)
    sums = found.descriptor["framsyn"]["controlSums"]
    gaps: list[dict[str, Any]] = found.descriptor["framsyn"].get("gaps", [])
    if json:
        terminal.write_json(
            {
                "region": found.name,
                "control_sums": sums,
                "findings": [
                    {
                        "level": finding.level,
                        "table": finding.table,
                        "row": finding.row,
                        "message": finding.message,
                    }
                    for finding in findings
                ],
                "errors": errors,
                "gaps": gaps,
            }
        )
        return 1 if errors else 0
    _print_check(found, findings, errors, gaps)
    return 1 if errors else 0


def _print_check(found: Region, findings: list[Any], errors: int, gaps: list[dict[str, Any]]) -> None:
    from framsyn.region.check import control_place

    console = terminal.stdout()
    missed = " ".join(finding.message for finding in findings if finding.table == "population")
    terminal.heading(console, found.label["en"], f"{len(findings)} findings, {errors} of them errors")
    for control in found.descriptor["framsyn"]["controlSums"]:
        where = f"{control_place(control)} {control['year']}"
        state = "differs" if f"{where}: the rows" in missed else "as published"
        switched = ", with what the switches add" if control["withSwitches"] else ""
        console.print(
            Text(f"  {where}: {control['persons']:,} {state} ({control['source']}{switched})"), soft_wrap=True
        )
    for finding in findings:
        row = "" if finding.row is None else f" row {finding.row}"
        console.print(Text(f"{finding.level}: {finding.table}{row}: {finding.message}"))
    if gaps:
        console.print(Text(f"\n{len(gaps)} gaps:"))
    for gap in gaps:
        console.print(Text(f"  {gap['table']}: {gap['missing']}. {gap['why']}."))
        console.print(Text(f"    {gap['owner']}. To close it: {gap['close']}."))
