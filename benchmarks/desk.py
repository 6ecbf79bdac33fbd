"""Promise: on a desk a lever that multiplies is answered in at most 30 ms; healthier ageing and levelling in 250 ms.

What is timed is all that a page shows first: the answer, five quantiles of need, beds, places, rooms, staff, money and
emissions in every year, and the central run. The desk opens in at most 3 s and holds at most 500 MiB. Beside it stands the
whole chain for the same change, and how far the two answers differ.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import Figure, in_process, median, percentile, resident_memory, seconds

__all__ = ["measure"]

MULTIPLY, RESHAPE = 30.0, 250.0  # ms
OPEN, MEMORY = 3.0, 500.0  # s, MiB
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
AREAS = ("SOM", "PHV", "PHBU", "TSB")
LEVERS = (
    "home_hospital",
    "disease_cancer",
    "prevention",
    "shift_day_outpatient",
    "sick_leave",
    "income_growth",
)


def measure(quick: bool = False) -> Iterator[Figure]:
    """Yield the figures."""
    import framsyn
    from framsyn.outlook.desk import Desk
    from framsyn.outlook.run import run

    draws, moves, until = (20, 4, 2027) if quick else (1000, 40, 2040)
    yield from opening(draws, until)
    region = framsyn.Region.load("midt-norge")
    plan = framsyn.Scenario.load("plan", region=region)
    changed = plan.replace("home_hospital", effect=wider(plan, "home_hospital", 0.8))
    older = plan.replace("healthier_ageing", effect=wider(plan, "healthier_ageing", 1.3))
    run(region, changed, draws=2, until=until)
    full = 1e3 * median(
        [seconds(lambda: run(region, changed, draws=draws, until=until)) for _ in range(1 if quick else 3)]
    )
    beside = ("whole chain", full)
    yield Figure("whole chain for one moved lever", full, "ms", note=f"framsyn.run, {draws} draws; beside")

    desk = Desk.open(region, plan, draws=draws, until=until)
    for where in (None, {"trust": "hmr"}):
        times = [time for name in LEVERS for time in timed(desk, plan, name, moves // 2, where)]
        yield from figures(f"a lever that multiplies, {place(where)}", times, LEVERS, MULTIPLY, beside)
    times = timed(desk, plan, "healthier_ageing", moves // 2, None)
    yield from figures("healthier ageing, region", times, ("healthier_ageing",), RESHAPE, beside)
    answer = [
        desk.answer(plan.replace("home_hospital", effect=wider(plan, "home_hospital", 0.5 + k / 50)))
        for k in range(8)
    ]
    local = 1e3 * median([seconds(lambda one=one: one.central_areas) for one in answer])
    yield Figure(
        "municipalities of a moved lever",
        local,
        "ms",
        limit=60.0,
        beside=beside,
        note="central run, median of 8",
    )
    yield agreement("one factor", desk, changed)
    yield agreement("healthier ageing", desk, older)

    with tempfile.TemporaryDirectory(prefix="framsyn-bench-") as folder:
        uneven = uneven_region(region, Path(folder) / "uneven")
        plan = framsyn.Scenario.load("plan", region=uneven)
        desk = Desk.open(uneven, plan, draws=draws, until=until)
        times = timed(desk, plan, "levelling", moves // 2, None)
        yield from figures("levelling where use is uneven, region", times, ("levelling",), RESHAPE, beside)
        yield agreement("levelling", desk, plan.replace("levelling", effect=wider(plan, "levelling", 0.8)))


def opening(draws: int, until: int) -> Iterator[Figure]:
    """Yield what opening a desk in a fresh process takes, and what it holds after many moves."""
    found = in_process("desk:open_and_move", draws=draws, until=until)
    note = f"{draws} draws, 2025–{until}; kernels on disk"
    yield Figure("open a desk", found["seconds"], "s", limit=OPEN, note=note)
    yield Figure(
        "first answer", 1e3 * found["first"], "ms", note="sums over age are made here; once for each desk"
    )
    note = f"resident memory after {found['moves']} moves of every kind over what it was before; at most {found['most']:.0f}"
    yield Figure("memory of a desk", found["memory"], "MiB", limit=MEMORY, note=note)


def open_and_move(draws: int, until: int) -> dict[str, Any]:
    """Open a desk in this process, move levers, and tell times and memory."""
    import framsyn
    from framsyn.outlook.desk import Desk

    region = framsyn.Region.load("midt-norge")
    plan = framsyn.Scenario.load("plan", region=region)
    show(Desk.open(region, plan, draws=4, until=2026), plan, None)  # loads the kernels
    before = resident_memory()
    desks: list[Desk] = []
    opened = seconds(lambda: desks.append(Desk.open(region, plan, draws=draws, until=until)))
    first = seconds(lambda: show(desks[0], plan, None))
    moves, most = 0, resident_memory() - before
    for name in (*LEVERS, "healthier_ageing", "levelling"):
        timed(desks[0], plan, name, 6, None)
        moves += 6
        most = max(most, resident_memory() - before)
    now = resident_memory() - before
    return {"seconds": opened, "first": first, "memory": now, "most": most, "moves": moves}


def page(where: dict[str, str] | None) -> list[tuple[str, dict[str, str], tuple[str, ...]]]:
    """Return what a page shows first, for the region or one trust."""
    at = where or {}
    found: list[tuple[str, dict[str, str], tuple[str, ...]]] = []
    for name in ("need", "beds", "bed_gap", "day_places", "outpatient_rooms"):
        found.append((name, at, ("year",)))
        found += [(name, {**at, "service_area": area}, ("year",)) for area in AREAS]
    found += [(name, at, ("year", "profession")) for name in ("staff_demand", "staff_supply", "staff_gap")]
    found += [(name, {}, ("year",)) for name in ("result", "liquidity", "gain_required", "emissions")]
    return [*found, ("emissions", {}, ("year", "emission_source"))]


def show(desk: Any, scenario: Any, where: dict[str, str] | None) -> None:
    """Answer a scenario with all that a page shows first."""
    answer = desk.answer(scenario)
    answer.lines(page(where), LEVELS)
    answer.central_lines(page(where))


def timed(desk: Any, plan: Any, name: str, moves: int, where: dict[str, str] | None) -> list[float]:
    """Move one lever many times, each time to another place, and return the times in ms."""
    show(desk, plan, where)
    show(desk, plan.replace(name, effect=wider(plan, name, 0.55)), where)
    times = []
    for step in range(moves):
        scenario = plan.replace(name, effect=wider(plan, name, 0.6 + 0.4 * step / (moves + 1)))
        times.append(1e3 * seconds(lambda scenario=scenario: show(desk, scenario, where)))
    return times


def figures(
    title: str, times: list[float], names: tuple[str, ...], limit: float, beside: tuple[str, float]
) -> Iterator[Figure]:
    """Yield the median and the 95th percentile of the moves."""
    note = f"{len(times)} moves of {', '.join(names)}; {len(page(None))} questions, 5 quantiles and the central run"
    yield Figure(f"{title}, median", median(times), "ms", limit=limit, beside=beside, note=note)
    yield Figure(f"{title}, 95 %", percentile(times, 0.95), "ms", limit=limit, beside=beside, note=note)


def place(where: dict[str, str] | None) -> str:
    """Name what is on view."""
    return "one trust" if where else "region"


def wider(scenario: Any, name: str, factor: float) -> Any:
    """Return an assumption's effect times a factor, as a table of the scenario file."""
    effect = scenario.assumption(name).effect.model_dump(mode="json")
    size = ("value", "mean", "sd", "low", "mode", "high", "median")
    return {
        key: entry * factor if key in size and entry is not None else entry for key, entry in effect.items()
    }


def agreement(title: str, desk: Any, scenario: Any) -> Figure:
    """Compare every series of the page with the whole chain, draw by draw."""
    from framsyn.outlook.run import run

    outlook = run(desk.region, scenario, draws=desk.draws, until=desk.until)
    answer = desk.answer(scenario)
    worst = 0.0
    for name, where, by in page(None):
        whole, moved = (one.draws(name, by, where).values for one in (outlook, answer))
        worst = max(worst, float(np.abs(moved - whole).max() / np.abs(whole).max()))
    note = "largest difference over all series, draws and years, against the largest number of the series"
    return Figure(f"{title}: desk against whole chain", worst, "1", limit=1e-9, note=note)


def uneven_region(region: Any, folder: Path) -> Any:
    """Return a copy of a region in which the trusts' residents use care unevenly; made up, for the clock alone."""
    import pandas as pd

    shutil.copytree(region.folder, folder)
    path = folder / "tables" / "use_ratio.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    made_up = [0.9, 1.15, 1.05, 0.95]
    table["ratio"] = [str(made_up[i % len(made_up)]) for i in range(len(table))]
    table["quality"] = "synthetic"
    table["reason"] = "Made up so that levelling has something to level; benchmark only"
    table.to_csv(path, index=False, lineterminator="\n")
    return type(region).load(folder)
