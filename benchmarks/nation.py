"""Promise: 357 municipalities × 1 000 draws in at most 40 s and 4 GiB.

The nation is synthetic: municipalities of the shipped region again under new codes, with other numbers of people.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import Figure, in_process, seconds

__all__ = ["make_nation", "measure", "run_nation"]

SECONDS, GIB = 40.0, 4.0
MUNICIPALITIES = 357
STRIDE = 7  # donors are listed trust by trust; steps of seven visit all of them and every trust early
LOCAL = ("fertility_area", "migration_area", "migration_variation")
HISTORY = ("total", "age_0_17", "age_18_66", "age_67_79", "age_80_plus", "age_65_plus", "women_15_49")


def measure(quick: bool = False) -> Iterator[Figure]:
    """Yield the figures."""
    count, draws, until = (80, 10, 2027) if quick else (MUNICIPALITIES, 1000, 2040)
    with tempfile.TemporaryDirectory(prefix="framsyn-bench-") as folder:
        nation = Path(folder) / "nation"
        people = make_nation(nation, count)
        answer = in_process("nation:run_nation", folder=str(nation), draws=draws, until=until)
        small = in_process("nation:run_nation", folder="midt-norge", draws=draws, until=until)
    what = f"synthetic, {people:,.0f} people, three trusts; {draws} draws, 2025–{until}, scenario plan"
    yield Figure(
        f"{count} municipalities, whole chain",
        answer["run"],
        "s",
        limit=SECONDS,
        note=f"{what}; first framsyn.run of a process, kernels cached",
    )
    peak = answer["peak_gib"]
    yield Figure(
        f"{count} municipalities, peak memory",
        peak,
        "GiB",
        limit=GIB,
        note="of that process" if peak is not None else "this system does not tell",
    )
    yield Figure(
        f"{count} municipalities against 66, per municipality",
        (answer["run"] / count) / (small["run"] / small["areas"]),
        "×",
        note="time per municipality over the shipped region's: under 1 is better than in proportion",
    )


def run_nation(folder: str, draws: int, until: int) -> dict[str, Any]:
    """Time the first run of this process on a region, by name or folder."""
    import framsyn
    from framsyn.outlook.run import run

    region = framsyn.Region.load(folder)
    scenario = framsyn.Scenario.load("plan", region=region)
    run(region, scenario, draws=2, until=2026)  # loads the kernels
    return {
        "run": seconds(lambda: run(region, scenario, draws=draws, until=until)),
        "areas": len(region.areas),
    }


def make_nation(folder: Path, count: int, seed: int = 357) -> float:
    """Write a synthetic region of many municipalities and return how many people it has.

    Every municipality beyond the shipped ones repeats one of them, taken in turn from all trusts, under a code
    from 9001 on; its people by sex and age are drawn as Poisson counts around the donor's times a size between about a
    third and three times. Use is scaled with the people, so that rates stay.

    Parameters
    ----------
    folder : Path
        Made; a region folder that the strict reader takes.
    count : int
    seed : int
    """
    import pandas as pd

    import framsyn

    shipped = framsyn.Region.load("midt-norge")
    shutil.copytree(shipped.folder, folder)
    (folder / "borders.geojson").unlink()
    tables = folder / "tables"
    rng = np.random.default_rng(seed)
    read = {
        name: pd.read_csv(tables / f"{name}.csv", dtype=str, keep_default_na=False)
        for name in ("areas", *LOCAL)
    }
    donors = [row["area"] for _, row in read["areas"].iterrows() if not row["switch"]]
    extra = [(f"{9001 + i}", donors[STRIDE * i % len(donors)]) for i in range(count - len(read["areas"]))]
    size = {code: float(np.exp(rng.normal(0, 0.5))) for code, _ in extra}
    areas = read["areas"].set_index("area", drop=False)
    more = areas.loc[[donor for _, donor in extra]].assign(area=[code for code, _ in extra])
    for column in ("name", "name_official"):
        more[column] = [f"Synthetic {code}" for code, _ in extra]
    more["source"] = "synthetic_nation"
    pd.concat([areas, more]).to_csv(tables / "areas.csv", index=False, lineterminator="\n")
    for name in LOCAL:
        again(read[name], extra).to_csv(tables / f"{name}.csv", index=False, lineterminator="\n")
    people, before = grow_people(tables, extra, size, rng)
    history = pd.read_csv(tables / "population_history.csv", dtype={"area": str})
    rows = again(history, extra)
    scale = rows["area"].map(size).fillna(1.0).to_numpy()
    rows[list(HISTORY)] = np.rint(rows[list(HISTORY)].to_numpy() * scale[:, None]).astype(int)
    rows.to_csv(tables / "population_history.csv", index=False, lineterminator="\n")
    use = pd.read_csv(tables / "use.csv", dtype={"service": str}, keep_default_na=False)
    use["value"] = use["value"].astype(float) * people / before
    use.to_csv(tables / "use.csv", index=False, lineterminator="\n")
    describe(folder / "datapackage.json", count)
    return people


def again(frame: Any, extra: list[tuple[str, str]]) -> Any:
    """Return a table with its donors' rows again under new codes."""
    import pandas as pd

    by_area = dict(list(frame.groupby("area")))
    return pd.concat([frame, *(by_area[donor].assign(area=code) for code, donor in extra)], ignore_index=True)


def grow_people(
    tables: Path, extra: list[tuple[str, str]], size: dict[str, float], rng: np.random.Generator
) -> tuple[float, float]:
    """Write the population table and return the people of the base year, now and before."""
    import pandas as pd

    frame = pd.read_csv(tables / "population.csv", dtype={"area": str})
    rows = again(frame, extra)
    new = rows["area"].isin(list(size)).to_numpy()
    scale = rows["area"].map(size).fillna(1.0).to_numpy()
    for sex in ("male", "female"):
        counts = rows[sex].to_numpy()
        rows[sex] = np.where(new, rng.poisson(counts * scale), counts)
    rows.to_csv(tables / "population.csv", index=False, lineterminator="\n")
    base = [table.loc[table["year"] == 2025, ["male", "female"]].to_numpy().sum() for table in (rows, frame)]
    return float(base[0]), float(base[1])


def describe(path: Path, count: int) -> None:
    """Say in the descriptor that the region is made up."""
    descriptor = json.loads(path.read_text(encoding="utf-8"))
    title = f"Synthetic nation of {count} municipalities"
    descriptor |= {
        "name": "synthetic-nation",
        "title": title,
        "description": "Made up for a benchmark; no real place.",
    }
    descriptor["framsyn"]["label"] = dict.fromkeys(("nb", "nn", "en"), title)
    descriptor["framsyn"]["controlSums"] = []
    descriptor["sources"].append({"name": "synthetic_nation", "title": f"{title}, made up for a benchmark"})
    path.write_text(json.dumps(descriptor, ensure_ascii=False), encoding="utf-8")
