"""Checks across tables: sums that must hold before a run, and findings that a person should know of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np

from framsyn.errors import PlanError
from framsyn.region.breaks import break_faults
from framsyn.region.package import file_facts
from framsyn.region.schema import parameters

if TYPE_CHECKING:
    from framsyn.region.region import Region

__all__ = ["Finding", "check_region", "check_sums_or_raise", "control_place"]

TOLERANCE = 1e-6
CONTROLLED = {"place": "somatic_trust", "localArea": "somatic_area", "county": "county"}
"""Key of a control sum → the column of ``areas`` that says which municipalities it adds up."""
CODES = {"parameters": "bad-parameter", "areas": "bad-area", "borders": "missing-border"}
"""What an error in a table is called; any other table's error is a sum or a range that does not hold."""


@dataclass(frozen=True)
class Finding:
    """Something about a region that a person should know.

    Attributes
    ----------
    level : str
        ``error`` (a run would be wrong), ``warning`` (look at it) or ``note``.
    table : str
    row : int or None
        Row of the file as an editor counts it; None where the whole table is meant.
    message : str
    """

    level: str
    table: str
    row: int | None
    message: str


def check_sums_or_raise(region: Region) -> None:
    """Refuse a region whose tables contradict themselves."""
    for problem in _hard_problems(region):
        raise PlanError(
            CODES.get(problem.table, "sums-do-not-hold"),
            f"{problem.table}.csv{'' if problem.row is None else f' row {problem.row}'}: {problem.message}",
            file=f"{problem.table}.csv",
            row=problem.row,
        )


def check_region(region: Region) -> list[Finding]:
    """All findings, errors first."""
    found = [
        *_hard_problems(region),
        *_missing_parameters(region),
        *_control_sums(region),
        *_plausible(region),
        *_changed_files(region),
        *_levers(region),
    ]
    rank = {"error": 0, "warning": 1, "note": 2}
    return sorted(found, key=lambda finding: (rank[finding.level], finding.table, finding.row or 0))


def _error(table: str, row: int | None, message: str) -> Finding:
    return Finding("error", table, row, message)


def _hard_problems(region: Region) -> list[Finding]:
    return [
        *_codes(region),
        *_age_groups(region),
        *_shares(region),
        *_parameter_ranges(region),
        *_borders(region),
        *(_error("breaks", row + 2, message) for row, message in break_faults(region)),
    ]


def _codes(region: Region) -> list[Finding]:
    found = []
    for row, area in enumerate(region.table("areas")["area"]):
        if not re.fullmatch(r"\d{4}", area):
            found.append(
                _error(
                    "areas",
                    row + 2,
                    f"area {area!r}; expected four digits. Write the municipality number as text.",
                )
            )
    return found


def _age_groups(region: Region) -> list[Finding]:
    """Groups of one series follow each other without gap or overlap."""
    found = []
    for table, keys in (
        ("use", ["service", "measure", "sex"]),
        ("use_total", ["service_area", "measure"]),
        ("migration_area", ["area", "period", "sex"]),
    ):
        frame = region.table(table).sort_values([*keys, "age_from"], kind="stable")
        first, last = frame["age_from"].to_numpy(), frame["age_to"].to_numpy()
        wrong = np.flatnonzero(last < first)
        if wrong.size:
            row = int(frame.index[wrong[0]]) + 2
            found.append(
                _error(
                    table,
                    row,
                    f"age_to {last[wrong[0]]} is below age_from {first[wrong[0]]}. Swap or mend them.",
                )
            )
            continue
        keyed = [frame[key].to_numpy(dtype=object) for key in keys]
        same = np.all([column[1:] == column[:-1] for column in keyed], axis=0)
        broken = np.flatnonzero(same & (first[1:] != last[:-1] + 1))
        if broken.size:
            at = int(broken[0])
            row = int(frame.index[at + 1]) + 2
            found.append(
                _error(
                    table,
                    row,
                    f"ages {first[at + 1]}–{last[at + 1]} follow {first[at]}–{last[at]}; expected to start at "
                    f"{last[at] + 1}. Close the gap or the overlap.",
                )
            )
    return found


def _shares(region: Region) -> list[Finding]:
    found = []
    pattern = float(region.table("fertility_pattern")["share"].sum())
    if abs(pattern - 1) > TOLERANCE:
        found.append(
            _error(
                "fertility_pattern",
                None,
                f"the shares sum to {pattern:.6f}; expected 1. Divide every share by the sum.",
            )
        )
    flows = region.table("flows")
    residents = flows[flows["origin"] != "guests"]
    sums = residents.groupby(["origin", "service_area"])["share"].sum()
    for (origin, service_area), total in sums.items():
        if abs(total - 1) > TOLERANCE:
            rows = (
                residents[(residents["origin"] == origin) & (residents["service_area"] == service_area)].index
                + 2
            )
            found.append(
                _error(
                    "flows",
                    int(rows[0]),
                    f"the shares of origin {origin}, service area {service_area} (rows {', '.join(map(str, rows))}) sum "
                    f"to {total:.6f}; expected 1. Mend a share so that everybody is treated somewhere, once.",
                )
            )
    expected = len(region.trusts) * 4
    if len(sums) != expected:
        found.append(
            _error(
                "flows",
                None,
                f"got {len(sums)} combinations of trust and service area; expected {expected}. Add rows.",
            )
        )
    for service_area, mean in region.table("season").groupby("service_area")["factor"].mean().items():
        if abs(mean - 1) > 1e-3:
            found.append(
                _error(
                    "season",
                    None,
                    f"{service_area}: the factors have mean {mean:.4f}; expected 1. Divide by the mean.",
                )
            )
    return found


def _parameter_ranges(region: Region) -> list[Finding]:
    """Every parameter is one that the chain knows, in its unit and limits, and none that it needs is missing."""
    frame, known = region.table("parameters"), parameters()
    found = []
    for index, row in enumerate(frame.itertuples(index=False)):
        declared = known.get(row.parameter)
        if declared is None:
            near = get_close_matches(row.parameter, known, n=1)
            meant = f"Did you mean {near[0]!r}? Write that, or take" if near else "Take"
            what = (
                f"no parameter {row.parameter!r} in the chain. {meant} the row out; a new parameter is first "
                "declared in framsyn/region/parameters.csv."
            )
        elif row.unit != declared.unit:
            what = (
                f"{row.parameter} has unit {row.unit!r}; the chain calculates with {declared.unit!r}. "
                "Convert value, low and high and write that unit."
            )
        elif not declared.minimum <= row.value <= declared.maximum:
            what = (
                f"{row.parameter} is {row.value:g}; expected {declared.minimum:g} to {declared.maximum:g} "
                f"[{declared.unit}]. Mend the value; a share of 30 % is written 0.3."
            )
        elif not row.low <= row.value <= row.high:
            what = (
                f"{row.parameter}: value {row.value:g} lies outside low {row.low:g} – high {row.high:g}. "
                "Mend the value or the range."
            )
        else:
            continue
        found.append(_error("parameters", index + 2, what))
    return found


def _missing_parameters(region: Region) -> list[Finding]:
    """Declared parameters without a row: a run that asks for one stops there."""
    known = parameters()
    return [
        _error("parameters", None, f"no row for {name!r} ({known[name].description.lower()}). Add it.")
        for name in sorted(set(known) - set(region.table("parameters")["parameter"]))
    ]


def _borders(region: Region) -> list[Finding]:
    if not (region.folder / "borders.geojson").is_file():
        return []
    drawn = {part["properties"]["area"] for part in region.borders()["features"]}
    lacking = sorted(set(region.areas) - drawn)
    if not lacking:
        return []
    return [
        Finding(
            "error",
            "borders",
            None,
            f"no border for area {lacking[0]} ({len(lacking)} in all); expected one for each of areas.csv. Add it.",
        )
    ]


def _control_sums(region: Region) -> list[Finding]:
    """Sums that the publisher states, against the sums of our rows."""
    found = []
    frame = region.table("population").merge(
        region.table("areas")[["area", "county", "somatic_trust", "somatic_area", "switch"]], on="area"
    )
    for control in region.descriptor["framsyn"]["controlSums"]:
        where = control_place(control)
        chosen = frame[frame["year"] == control["year"]]
        if not control["withSwitches"]:
            chosen = chosen[chosen["switch"] == ""]
        for key, column in CONTROLLED.items():
            if key in control and control[key] != "region":
                chosen = chosen[chosen[column] == control[key]]
        got = int(chosen["male"].sum() + chosen["female"].sum())
        if got != control["persons"]:
            found.append(
                _error(
                    "population",
                    None,
                    f"{where} {control['year']}: the rows sum to {got}; published {control['persons']} "
                    f"({control['source']}). Look for a changed or lost row.",
                )
            )
    return found


def control_place(control: dict[str, Any]) -> str:
    """The place that a control sum is about, for people to read.

    >>> control_place({"place": "region", "county": "50", "year": 2025, "persons": 486815})
    'county 50'
    """
    if "county" in control:
        return f"county {control['county']}"
    return str(control.get("localArea", control["place"]))


def _plausible(region: Region) -> list[Finding]:
    found = []
    use, total = region.table("use"), region.table("use_total")
    area_of = region.service_area_of
    sums = (
        use.assign(service_area=use["service"].map(area_of))
        .groupby(["service_area", "measure"])["value"]
        .sum()
    )
    for (service_area, measure), published in (
        total.groupby(["service_area", "measure"])["value"].sum().items()
    ):
        if measure == "patients" or (service_area, measure) not in sums.index:
            continue  # a patient may have several diagnoses
        gap = float(sums[service_area, measure] / published - 1)
        if abs(gap) > 0.002:
            found.append(
                Finding(
                    "warning",
                    "use",
                    None,
                    f"{service_area} {measure}: the service groups sum to {gap:+.2%} against the published total.",
                )
            )
        elif gap:
            found.append(
                Finding(
                    "note",
                    "use",
                    None,
                    f"{service_area} {measure}: the service groups sum to {gap:+.3%} against the published total, "
                    "because the publisher rounds each figure.",
                )
            )
    for name in ("parameters", "flows", "use", "trust_activity", "staff", "season", "equipment", "use_ratio"):
        frame = region.table(name)
        bare = (frame["quality"] != "official") & (frame["reason"].str.strip() == "")
        if bare.any():
            row = int(np.flatnonzero(bare.to_numpy())[0]) + 2
            found.append(
                Finding("warning", name, row, "a figure that is not official has no reason. Write why.")
            )
    return found


def _changed_files(region: Region) -> list[Finding]:
    """Files that are not those that the descriptor was written for: allowed, but said."""
    found = []
    for resource in region.descriptor["resources"]:
        path = region.folder / resource["path"]
        if path.is_file() and "hash" in resource and file_facts(path)["hash"] != resource["hash"]:
            found.append(
                Finding(
                    "warning",
                    resource["name"],
                    None,
                    f"{resource['path']} was changed after datapackage.json was written; its figures are no longer "
                    "those of the named sources. Build the region again, or keep the change and say so.",
                )
            )
    return found


def _levers(region: Region) -> list[Finding]:
    """What does not fit in ``levers.toml``, the way in which a reader is shown the assumptions of this region."""
    from framsyn.scenario.lever_checks import lever_faults

    return [_error("levers", None, fault) for fault in lever_faults(region, parameters())]
