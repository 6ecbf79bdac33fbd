"""Build a region: read raw tables, estimate what is derived from counts, and write the package in one stroke."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from framsyn.errors import PlanError
from framsyn.region import estimate
from framsyn.region.counts import AGES, Counts
from framsyn.region.package import describe, write_descriptor
from framsyn.region.schema import tables

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["DERIVED_TABLES", "build_region", "swap_folder", "write_raw_folder", "write_table"]

DERIVED_TABLES = (
    "population",
    "population_history",
    "population_trust_history",
    "fertility_pattern",
    "fertility_area",
    "migration",
    "migration_area",
    "migration_variation",
)
RAW_FACTS = "region.json"


def build_region(raw_folder: str | Path, out_folder: str | Path) -> Path:
    """Build a region folder from a folder of raw tables.

    Parameters
    ----------
    raw_folder : path
        ``region.json`` (name, sources, periods …), the tables that are carried as they are, ``population_counts.csv``
        (area, year, age, male, female, approximate), ``fertility_shares.csv`` (year_from, year_to, age_from, share)
        and, optionally, ``borders.geojson`` in any detail.
    out_folder : path
        Appears whole or not at all. Entries of an older region that are not built here, such as ``scenarios/``, stay.

    Returns
    -------
    Path
        The region folder.

    Raises
    ------
    PlanError
        A raw table is missing or does not hold what it should; nothing is written then.
    """
    from framsyn.region.region import Region

    raw, out = Path(raw_folder), Path(out_folder).resolve()
    facts = _read_facts(raw)
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        fresh.chmod(0o755)  # a temporary folder is private; a region is for everybody
        (fresh / "tables").mkdir()
        derived = _derive(raw, facts)
        for table in tables().values():
            path = fresh / "tables" / f"{table.name}.csv"
            if table.name in derived:
                write_table(derived[table.name][table.columns], path)
            else:
                _carry(raw / f"{table.name}.csv", path)
        if (raw / "borders.geojson").is_file():
            _draw(raw / "borders.geojson", fresh / "borders.geojson", facts.get("bordersBytes", 80_000))
        write_descriptor(describe(facts, fresh), fresh / "datapackage.json")
        Region.load(fresh)  # the strict reader has the last word before anything is replaced
        swap_folder(fresh, out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return out


def write_raw_folder(
    folder: Path, facts: dict[str, Any], frames: dict[str, pd.DataFrame], borders: dict[str, Any]
) -> None:
    """Write what :func:`build_region` reads: ``region.json``, one CSV file per table, and the borders if there are any.

    Parameters
    ----------
    folder : Path
        An existing folder; files of the same names are replaced.
    facts : dict
        The content of ``region.json``.
    frames : dict of str to DataFrame
        Raw tables by name.
    borders : dict
        GeoJSON, or empty.
    """
    text = json.dumps(facts, ensure_ascii=False, indent=1)
    (folder / RAW_FACTS).write_text(text + "\n", encoding="utf-8", newline="\n")
    for name, frame in frames.items():
        write_table(frame, folder / f"{name}.csv")
    if borders:
        (folder / "borders.geojson").write_text(json.dumps(borders), encoding="utf-8")


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as UTF-8 CSV with comma and line feed; floats with up to seven significant digits."""
    frame.to_csv(path, index=False, lineterminator="\n", encoding="utf-8", float_format="%.7g")


def _read_facts(raw: Path) -> dict[str, Any]:
    path = raw / RAW_FACTS
    if not path.is_file():
        raise PlanError(
            "no-raw-region",
            f"{raw}: no {RAW_FACTS} here; a folder of raw tables holds {RAW_FACTS} beside its CSV files. "
            "See the how-to page on building a region.",
            file=str(path),
        )
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise PlanError("bad-json", f"{path}: not readable as JSON ({error}).", file=str(path)) from error
    needed = (
        "name", "title", "description", "version", "keywords", "licenses", "label", "baseYear", "periods", "switches",
        "controlSums", "jointAreas", "sources", "tables",
    )  # fmt: skip
    for key in needed:
        if key not in facts:
            raise PlanError(
                "bad-raw-region",
                f"{path}: the key {key!r} is missing; expected {', '.join(needed)}. Add it.",
                file=str(path),
                expected=key,
            )
    return dict(facts)


def _draw(source: Path, target: Path, size: int) -> None:
    """Simplify borders; those of a region, which name a municipality by ``area``, are that already and are carried."""
    from framsyn.region.borders import simplify_borders

    drawn = json.loads(source.read_text(encoding="utf-8"))
    if all("area" in part["properties"] for part in drawn["features"]):
        target.write_bytes(source.read_bytes())
    else:
        target.write_bytes(simplify_borders(drawn, size))


def _carry(source: Path, target: Path) -> None:
    if not source.is_file():
        raise PlanError(
            "missing-table",
            f"{source}: the file is missing; this table is not derived and must be given. Add it to the raw folder.",
            file=source.name,
        )
    target.write_bytes(source.read_bytes().replace(b"\r\n", b"\n"))


def swap_folder(fresh: Path, out: Path) -> None:
    """Put the finished folder in the place of the old one; other entries of the old one come along."""
    if not out.exists():
        fresh.replace(out)
        fresh.mkdir()  # so that the caller's clean-up has something to remove
        return
    for entry in out.iterdir():
        if (fresh / entry.name).exists():
            continue
        if entry.is_dir():
            shutil.copytree(entry, fresh / entry.name)
        else:
            shutil.copy2(entry, fresh / entry.name)
    old = Path(tempfile.mkdtemp(prefix=f".{out.name}.old.", dir=out.parent))
    out.replace(old / out.name)
    try:
        fresh.replace(out)
    except OSError:
        (old / out.name).replace(out)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _derive(raw: Path, facts: dict[str, Any]) -> dict[str, pd.DataFrame]:
    import pandas as pd

    areas = pd.read_csv(raw / "areas.csv", dtype=str, keep_default_na=False)
    trusts = list(pd.read_csv(raw / "trusts.csv", dtype=str)["trust"])
    counts = Counts(raw, list(areas["area"]), facts["jointAreas"])
    trust = areas["somatic_trust"].map({key: i for i, key in enumerate(trusts)}).to_numpy(dtype=np.int64)
    pooled = areas["switch"].eq("").to_numpy(dtype=bool)
    life = pd.read_csv(raw / "life_tables.csv").pivot_table(index="year", columns=["sex", "age"], values="qx")
    death = life.to_numpy().reshape(len(life), 2, AGES)[:, ::-1]  # columns come as female, male
    survive, newborn = (dict(zip(life.index, values, strict=True)) for values in estimate.survival(death))
    shares = pd.read_csv(raw / "fertility_shares.csv")
    total = pd.read_csv(raw / "fertility_total.csv").set_index("year")["rate"]

    first_years = {int(period.split("-")[0]) for period in facts["periods"]}
    base_years = sorted((first_years & set(counts.years[1:])) | {int(facts["baseYear"])})
    derived = {
        "population": _population(counts, base_years),
        "population_history": _history(counts),
        "population_trust_history": _trust_history(counts, trust, pooled, trusts),
        "fertility_pattern": _pattern(shares),
    }
    parts: dict[str, list[pd.DataFrame]] = {
        name: [] for name in ("fertility_area", "migration", "migration_area", "migration_variation")
    }
    persons, comparable = counts.together(), counts.comparable()
    once = pooled.copy()
    for members, _ in counts.joint:
        once[members[1:]] = False
    for period in facts["periods"]:
        first, last = (counts.years.index(int(year)) for year in period.split("-"))
        window, years = slice(first, last), counts.years[first:last]
        residual = estimate.migration_residual(
            persons[:, first : last + 1], np.stack([survive[year] for year in years]), comparable[:, window]
        )
        counted = _once(residual, counts)
        sums = [
            np.stack([values[(trust == i) & pooled].sum(axis=(0, 1)) for i in range(len(trusts))])
            for values in (counted.net, counted.survivors)
        ]
        rate = np.stack([estimate.smooth_over_age(net, left) for net, left in zip(*sums, strict=True)])
        parts["migration"].append(_long_rates(trusts, period, rate))
        deviation, weight = estimate.area_deviations(counted, rate, trust, once)
        deviation, weight = (_shared(values, counts) for values in (deviation, weight))
        parts["migration_area"].append(_long_deviations(counts.areas, period, deviation, weight))
        parts["migration_variation"].append(_variation(residual, counted, counts, window, period))
        level, births, expected = _fertility(
            persons, counts, years, newborn, total, shares, trust, once, comparable[:, window]
        )
        parts["fertility_area"].append(
            pd.DataFrame(
                {
                    "area": counts.areas,
                    "period": period,
                    "level": level.round(4),
                    "births": births.round(1),
                    "expected": expected.round(1),
                }
            )
        )
    derived |= {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}
    return derived


def _variation(
    residual: estimate.MigrationResidual,
    counted: estimate.MigrationResidual,
    counts: Counts,
    window: slice,
    period: str,
) -> pd.DataFrame:
    import pandas as pd

    own = counts.persons[:, window].sum(axis=(2, 3)).mean(axis=1)
    size = counts.together()[:, window].sum(axis=(2, 3)).mean(axis=1)
    spread, observed = estimate.variation_by_size(residual, size)
    slope = float(np.polyfit(np.log(size), np.log(observed), 1)[0])
    spread = spread * (own / size) ** slope  # the spread of a joint group, carried to the size of each member
    return pd.DataFrame(
        {
            "area": counts.areas,
            "period": period,
            "sd": spread.round(6),
            "sd_observed": observed.round(6),
            "autocorrelation": round(estimate.autocorrelation(counted), 4),
        }
    )


def _once(residual: estimate.MigrationResidual, counts: Counts) -> estimate.MigrationResidual:
    """The residual in which a joint group counts once: its first member carries it and the others are empty."""
    net, survivors, used = residual.net.copy(), residual.survivors.copy(), residual.used.copy()
    for members, _ in counts.joint:
        net[members[1:]], survivors[members[1:]] = 0.0, 0.0
    return estimate.MigrationResidual(net, survivors, used)


def _shared(values: NDArray[np.float64], counts: Counts) -> NDArray[np.float64]:
    shared = values.copy()
    for members, _ in counts.joint:
        shared[members[1:]] = shared[members[0]]
    return shared


def _fertility(
    persons: NDArray[np.float64],
    counts: Counts,
    years: list[int],
    newborn: dict[int, NDArray[np.float64]],
    total: pd.Series,
    shares: pd.DataFrame,
    trust: NDArray[np.int64],
    pooled: NDArray[np.bool_],
    valid: NDArray[np.bool_],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    births = np.zeros((len(counts.areas), len(years)))
    expected = np.zeros_like(births)
    for position, year in enumerate(years):
        index = counts.years.index(year)
        births[:, position] = (persons[:, index + 1, :, 0] / newborn[year]).sum(axis=1)
        women = (persons[:, index, 1, 15:50] + persons[:, index + 1, 1, 15:50]) / 2
        expected[:, position] = women @ _pattern_of(shares, year) * float(total.loc[year])
    for members, _ in counts.joint:  # both carry the group's level: count it once
        births[members[1:]], expected[members[1:]] = 0.0, 0.0
    level, births_sum, expected_sum = estimate.fertility_levels(births, expected, trust, pooled, valid)
    for members, _ in counts.joint:
        for values in (level, births_sum, expected_sum):
            values[members[1:]] = values[members[0]]
    return level, births_sum, expected_sum


def _pattern_of(shares: pd.DataFrame, year: int) -> NDArray[np.float64]:
    of_year = shares[(shares["year_from"] <= year) & (year < shares["year_to"])].sort_values("age_from")
    return estimate.mother_age_pattern(of_year["share"].to_numpy(dtype=np.float64))


def _pattern(shares: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    pattern = _pattern_of(shares, int(shares["year_from"].max())).round(7)
    pattern[np.argmax(pattern)] += 1 - pattern.sum()
    return pd.DataFrame({"age": np.arange(15, 50), "share": pattern.round(7)})


def _population(counts: Counts, years: list[int]) -> pd.DataFrame:
    import pandas as pd

    grid = pd.MultiIndex.from_product([counts.areas, years, range(AGES)], names=["area", "year", "age"])
    frame = grid.to_frame(index=False)
    chosen = counts.persons[:, [counts.years.index(year) for year in years]].astype(np.int64)
    frame["male"], frame["female"] = chosen[:, :, 0].ravel(), chosen[:, :, 1].ravel()
    return frame


def _history(counts: Counts) -> pd.DataFrame:
    import pandas as pd

    frame = pd.MultiIndex.from_product([counts.areas, counts.years], names=["area", "year"]).to_frame(
        index=False
    )
    both = counts.persons.sum(axis=2)
    for name, first, last in (
        ("total", 0, 105),
        ("age_0_17", 0, 17),
        ("age_18_66", 18, 66),
        ("age_67_79", 67, 79),
        ("age_80_plus", 80, 105),
        ("age_65_plus", 65, 105),
    ):
        frame[name] = both[..., first : last + 1].sum(axis=-1).ravel().astype(np.int64)
    frame["women_15_49"] = counts.persons[:, :, 1, 15:50].sum(axis=-1).ravel().astype(np.int64)
    frame["approximate"] = counts.approximate.ravel().astype(np.int64)
    return frame[counts.known.ravel()]


def _trust_history(
    counts: Counts, trust: NDArray[np.int64], pooled: NDArray[np.bool_], trusts: list[str]
) -> pd.DataFrame:
    import pandas as pd

    grid = pd.MultiIndex.from_product([trusts, counts.years, range(AGES)], names=["trust", "year", "age"])
    frame = grid.to_frame(index=False)
    sums = np.stack([counts.persons[(trust == i) & pooled].sum(axis=0) for i in range(len(trusts))]).astype(
        np.int64
    )
    frame["male"], frame["female"] = sums[:, :, 0].ravel(), sums[:, :, 1].ravel()
    return frame


def _long_rates(trusts: list[str], period: str, rate: NDArray[np.float64]) -> pd.DataFrame:
    import pandas as pd

    grid = pd.MultiIndex.from_product(
        [trusts, [period], ["male", "female"], range(AGES)], names=["trust", "period", "sex", "age"]
    )
    frame = grid.to_frame(index=False)
    frame["rate"] = rate.ravel().round(6)
    return frame


def _long_deviations(
    areas: list[str], period: str, deviation: NDArray[np.float64], weight: NDArray[np.float64]
) -> pd.DataFrame:
    import pandas as pd

    grid = pd.MultiIndex.from_product(
        [areas, [period], range(len(estimate.AGE_GROUPS))], names=["area", "period", "g"]
    )
    frame = grid.to_frame(index=False)
    frame["sex"] = "all"
    frame["age_from"] = [estimate.AGE_GROUPS[group][0] for group in frame["g"]]
    frame["age_to"] = [estimate.AGE_GROUPS[group][1] for group in frame["g"]]
    frame["deviation"], frame["weight"] = deviation.ravel().round(6), weight.ravel().round(4)
    return frame
