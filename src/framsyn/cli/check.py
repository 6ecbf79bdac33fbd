"""``framsyn check``: what is wrong with a region or a scenario, before a run shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from framsyn.cli import terminal
from framsyn.cli.options import JsonOption, load_scenario, no_scenarios, read_switches
from framsyn.cli.progress import Work
from framsyn.errors import PlanError

if TYPE_CHECKING:
    from framsyn.region import Region

__all__ = ["check"]

# Faults of the call and not of what is checked: there is nothing to find in what is not there.
NOT_THERE = ("unknown-region", "unknown-scenario", "no-scenarios", "unknown-switch", "bad-switch")
FILES = {"levers": "levers.toml", "borders": "borders.geojson"}
COLOURS = {"error": "bold red", "warning": "yellow", "note": "dim"}


def check(
    region: Annotated[str, Parameter(help="Name of a region that comes along, or a folder.")] = "midt-norge",
    /,
    *,
    scenario: Annotated[
        list[str] | None,
        Parameter(
            help="Scenario to check, by name or file; may be repeated. All that the region ships if left out."
        ),
    ] = None,
    switch: Annotated[
        list[str] | None, Parameter(help="Setting of the region, such as bindal=false.")
    ] = None,
    json: JsonOption = False,
) -> int:
    """Check a region and scenarios and print the findings."""
    switches = read_switches(switch or [])
    findings: list[dict[str, Any]] = []
    names: list[str] = []
    with Work() as work:
        with work.phase(f"Checking {region}"):
            found = check_region(region, switches, findings)
        if found is not None:
            from framsyn.scenario import Scenario

            names = list(scenario) if scenario else Scenario.shipped(found)
            if not names:
                findings.append(note_of("no-scenarios", "scenarios", no_scenarios(found)))
            for name in names:
                with work.phase(f"Checking scenario {name}"):
                    check_scenario(name, found, findings)
    errors = sum(finding["level"] == "error" for finding in findings)
    label = found.name if found is not None else region
    if json:
        terminal.write_json({"region": label, "scenarios": names, "findings": findings, "errors": errors})
        return 1 if errors else 0
    show(label, names, findings, errors)
    return 1 if errors else 0


def check_region(name: str, switches: dict[str, bool], findings: list[dict[str, Any]]) -> Region | None:
    """Read and check a region; a region that cannot be read is a finding, and nothing is returned."""
    from framsyn.region import Region

    try:
        region = Region.load(name, **switches)
    except PlanError as error:
        if error.code in NOT_THERE:
            raise
        findings.append(finding_of(error, str(error.data.get("file", name))))
        return None
    findings.extend(
        {
            "level": f.level,
            "file": FILES.get(f.table, f"{f.table}.csv"),
            "row": f.row,
            "code": None,
            "message": f.message,
        }
        for f in region.check()
    )
    return region


def check_scenario(name: str, region: Region, findings: list[dict[str, Any]]) -> None:
    """Read a scenario against a region, as a run would; each fault is a finding."""
    from framsyn.stages.parameters import refuse_fixed

    try:
        scenario = load_scenario(name, region)
    except PlanError as error:
        if error.code in NOT_THERE:
            raise
        findings.append(finding_of(error, name))
        return
    for assumption in scenario.assumptions:
        if assumption.kind != "parameter":
            continue
        try:
            refuse_fixed(assumption)
        except PlanError as error:
            findings.append(finding_of(error, name))


def note_of(code: str, file: str, message: str) -> dict[str, Any]:
    """Tell something that is worth knowing and makes no run wrong."""
    return {"level": "note", "file": file, "row": None, "code": code, "message": message}


def finding_of(error: PlanError, file: str) -> dict[str, Any]:
    """Turn a refusal into a finding."""
    row = error.data.get("row", error.data.get("line"))
    return {"level": "error", "file": file, "row": row, "code": error.code, "message": error.message}


def show(label: str, names: list[str], findings: list[dict[str, Any]], errors: int) -> None:
    """Print the findings, errors first, and a last line that says how it stands."""
    console = terminal.stdout()
    warnings = sum(finding["level"] == "warning" for finding in findings)
    if findings:
        terminal.heading(console, f"Findings in {label}")
        rows = sorted(findings, key=lambda finding: list(COLOURS).index(finding["level"]))
        columns = [
            ("Level", [row["level"] for row in rows]),
            ("File", [row["file"] for row in rows]),
            ("Row", ["" if row["row"] is None else str(row["row"]) for row in rows]),
            ("What", [row["message"] for row in rows]),
        ]
        console.print(terminal.one_table(columns, [], [COLOURS[row["level"]] for row in rows]))
        console.print()
    checked = f"{label} with {', '.join(names)}" if names else label
    terminal.note(
        console,
        f"{checked}: {errors} errors, {warnings} warnings, {len(findings) - errors - warnings} notes.",
    )
