"""``framsyn levers``: the assumptions that planners move, where they stand and what they move."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from framsyn.cli import terminal
from framsyn.cli.options import JsonOption, RegionOptions, load_scenario
from framsyn.quantities import quantity
from framsyn.report.numbers import number

if TYPE_CHECKING:
    from framsyn.region import Region
    from framsyn.scenario import Scenario

__all__ = ["levers"]

UNITS = {
    "percent": "%",
    "percentage_points": "pp",
    "percentage_points_per_year": "pp a year",
    "years": "years",
    "number": "",
}


def levers(
    options: RegionOptions | None = None,
    *,
    scenario: Annotated[str, Parameter(help="Scenario whose values are shown, by name or file.")] = "plan",
    json: JsonOption = False,
) -> int:
    """Print the levers of a region."""
    region = (options or RegionOptions()).load()
    found = load_scenario(scenario, region)
    rows = lever_rows(region, found)
    if json:
        terminal.write_json({"region": region.name, "scenario": found.name, "levers": rows})
        return 0
    show(region, found, rows)
    return 0


def lever_rows(region: Region, scenario: Scenario) -> list[dict[str, Any]]:
    """Return what is told of each lever, in the unit that people are shown."""
    from framsyn.scenario.levers import held, lever_range, lever_value, read_levers, unsourced

    rows = []
    for lever in read_levers(region):
        low, high = lever_range(lever, scenario)
        assumption = held(lever, scenario)
        rows.append(
            {
                "name": lever.name,
                "group": lever.group,
                "label": lever.label["en"],
                "unit": lever.unit,
                "value": lever_value(lever, scenario),
                "p10": low,
                "p90": high,
                "low": lever.low,
                "high": lever.high,
                "step": lever.step,
                "decimals": lever.decimals,
                "moves": list(lever.moves),
                "in_scenario": assumption is not None,
                "sourced": not unsourced(assumption or lever.template),
                "idle": None if lever.idle is None else lever.idle["en"],
                "reprojects": lever.reprojects,
            }
        )
    return rows


def show(region: Region, scenario: Scenario, rows: list[dict[str, Any]]) -> None:
    """Print one table per group."""
    console = terminal.stdout()
    if not rows:
        terminal.note(console, f"Region {region.name} has no levers.toml, so it has no levers.")
        return
    terminal.heading(
        console,
        f"Levers: {scenario.label['en']}, {region.label['en']}",
        "Value of the scenario when all of it has come, range of 80% behind it, and the ends of the lever",
    )
    for group, inside in groupby(rows, key=lambda row: row["group"]):
        told = list(inside)
        console.print()
        columns = [
            (group.replace("_", " ").capitalize(), [row["name"] for row in told]),
            ("Value", [with_unit(row) for row in told]),
            ("80% range", [between(row, "p10", "p90") for row in told]),
            ("Ends", [between(row, "low", "high") for row in told]),
            ("Moves", [moved(row) for row in told]),
        ]
        console.print(terminal.one_table(columns, []))
    console.print()
    terminal.note(console, "* The size has no source but the planners' own judgement.")
    terminal.note(
        console, f"Move one: framsyn run {scenario.name} --lever {rows[0]['name']}={rows[0]['high']:g}"
    )


def with_unit(row: dict[str, Any]) -> str:
    """Write the value with its unit, and a mark where it rests on no source."""
    mark = "" if row["sourced"] else " *"
    return f"{number(row['value'], 'en', row['decimals'])} {UNITS[row['unit']]}".rstrip() + mark


def between(row: dict[str, Any], low: str, high: str) -> str:
    """Write two ends."""
    return f"{number(row[low], 'en', row['decimals'])} to {number(row[high], 'en', row['decimals'])}"


def moved(row: dict[str, Any]) -> str:
    """Name the quantities that the lever moves, or say why it moves none."""
    if row["idle"]:
        return "nothing here yet"
    return ", ".join(quantity(name).labels["en"].lower() for name in row["moves"][:2])
