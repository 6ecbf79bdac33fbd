"""Promise: one moved lever on cached draws shows its series in at most 30 ms; healthier ageing or levelling in 120 ms.

Beside it the whole chain for the same change, and how far the two answers differ.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import Figure, median, percentile, seconds

__all__ = ["measure"]

MULTIPLY, RESHAPE = 30.0, 120.0  # ms
LEVELS = (0.1, 0.5, 0.9)
SOMATIC = ("bed_days", "SOM")
MENTAL = ("outpatient_contacts", "PHV")


def measure(quick: bool = False) -> Iterator[Figure]:
    """Yield the figures."""
    import framsyn
    from framsyn.outlook.run import run
    from framsyn.outlook.whatif import project_ensemble

    draws, moves, until = (20, 4, 2027) if quick else (1000, 50, 2040)
    region = framsyn.Region.load("midt-norge")
    plan = framsyn.Scenario.load("plan", region=region)
    made = seconds(lambda: project_ensemble(region, plan, draws=draws, until=until))
    ensemble = project_ensemble(region, plan, draws=draws, until=until)
    yield Figure(
        "people of all draws, made once", made, "s", note=f"project_ensemble, {draws} draws, 2025–{until}"
    )

    changed = plan.replace("home_hospital", effect=wider(plan, "home_hospital", 1.3))
    older = plan.replace("healthier_ageing", effect=wider(plan, "healthier_ageing", 1.3))
    run(region, changed, draws=2, until=until)
    full = 1e3 * median(
        [seconds(lambda: run(region, changed, draws=draws, until=until)) for _ in range(1 if quick else 3)]
    )
    beside = ("whole chain", full)
    yield Figure("whole chain for one moved lever", full, "ms", note=f"framsyn.run, {draws} draws; beside")

    for by_trust in (False, True):
        where = "by trust" if by_trust else "region"
        title = f"one factor moved, somatic bed days, {where}"
        yield from timed(ensemble, SOMATIC, by_trust, plan, "home_hospital", moves, title, MULTIPLY, beside)
    title = "healthier ageing moved, somatic bed days, by trust"
    yield from timed(ensemble, SOMATIC, True, plan, "healthier_ageing", moves, title, RESHAPE, beside)
    yield agreement("one factor", ensemble, SOMATIC, changed)
    yield agreement("healthier ageing", ensemble, SOMATIC, older)

    with tempfile.TemporaryDirectory(prefix="framsyn-bench-") as folder:
        uneven = uneven_region(region, Path(folder) / "uneven")
        plan = framsyn.Scenario.load("plan", region=uneven)
        ensemble = project_ensemble(uneven, plan, draws=draws, until=until)
        title = "levelling moved, mental health contacts, by trust"
        yield from timed(ensemble, MENTAL, True, plan, "levelling", moves, title, RESHAPE, beside)
        yield agreement(
            "levelling", ensemble, MENTAL, plan.replace("levelling", effect=wider(plan, "levelling", 0.8))
        )


def timed(
    ensemble: Any,
    series: tuple[str, str],
    by_trust: bool,
    plan: Any,
    name: str,
    moves: int,
    title: str,
    limit: float,
    beside: tuple[str, float],
) -> Iterator[Figure]:
    """Move one lever many times, each time to another place, and yield the median and the 95th percentile."""
    view = ensemble.view(*series, by_trust=by_trust)
    view.move(plan)
    times = []
    for step in range(moves + 1):
        scenario = plan.replace(name, effect=wider(plan, name, 0.6 + 0.4 * step / (moves + 1)))
        times.append(
            1e3 * seconds(lambda scenario=scenario: np.quantile(view.move(scenario), LEVELS, axis=0))
        )
    times = times[1:]  # the first one loads a kernel
    note = f"move and three quantiles of {len(ensemble.draws)} draws, {moves} moves of {name}"
    yield Figure(f"{title}, median", median(times), "ms", limit=limit, beside=beside, note=note)
    yield Figure(f"{title}, 95 %", percentile(times, 0.95), "ms", limit=limit, beside=beside, note=note)


def wider(scenario: Any, name: str, factor: float) -> Any:
    """Return an assumption's effect times a factor, as a table of the scenario file."""
    effect = scenario.assumption(name).effect.model_dump(mode="json")
    size = ("value", "mean", "sd", "low", "mode", "high", "median")
    return {
        key: entry * factor if key in size and entry is not None else entry for key, entry in effect.items()
    }


def agreement(title: str, ensemble: Any, series: tuple[str, str], scenario: Any) -> Figure:
    """Compare the moved view with the whole chain, draw by draw."""
    from framsyn.outlook.run import run

    measure_name, service_area = series
    chain = ensemble.chain
    outlook = run(chain.region, scenario, draws=len(ensemble.draws), until=chain.until)
    whole = outlook.draws(measure_name, ("year", "trust"), {"service_area": service_area})
    whole = whole.transpose("draw", "year", "trust").values
    moved = ensemble.view(measure_name, service_area, by_trust=True).move(scenario)
    return Figure(
        f"{title}: view against whole chain",
        float(np.abs(moved / whole - 1).max()),
        "1",
        limit=1e-9,
        note="largest relative difference over draws, years and trusts: the quick answer is the slow one",
    )


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
