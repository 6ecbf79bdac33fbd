"""Made-up episodes in the registry's form, for tests and benchmarks: no row is or resembles a person.

Use is concentrated as the region's plan says of real use: one in a hundred people has a fifth of it, one in ten has two
thirds. Everything else (lengths of stay, levels, diagnoses) is drawn from simple laws and says nothing about anybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from framsyn.sources.episodes.mappings import mappings_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from framsyn.region import Region

__all__ = ["CONCENTRATION", "write_synthetic"]

CONCENTRATION = ((0.01, 0.20), (0.09, 0.46), (0.90, 0.34))
"""Share of people, share of use: from the heaviest users down."""
CHUNK = 1_000_000
LEVEL_SHARE = (0.08, 0.09, 0.825, 0.005)  # inpatient, day, outpatient, radiotherapy of an inpatient
LEVEL_CODES = np.array([1, 2, 3, 8], dtype=np.int8)
MEAN_NIGHTS = 4.1
TRANSFERS = 0.06  # of inpatient episodes
DAY = 24 * 60  # minutes


def write_synthetic(
    path: Path,
    region: Region,
    rows: int,
    *,
    seed: int = 1,
    first_year: int = 2024,
    years: int = 2,
    people: int | None = None,
    faults: float = 0.0005,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write made-up episodes to a Parquet file; the same seed gives the same rows.

    Parameters
    ----------
    path : Path
    region : Region
        Its municipalities, sites and services.
    rows : int
    seed : int
    first_year, years : int
        Period of the episodes.
    people : int, optional
        How many there are to choose among; the region's population if left out.
    faults : float [1]
        Share of rows with a fault, spread over several kinds.
    progress : callable, optional
        Called with (rows written, rows).

    Returns
    -------
    Path
    """
    import pyarrow as pa
    import pyarrow.parquet as parquet

    mappings = mappings_of(region)
    counted = region.population(int(region.descriptor["framsyn"]["baseYear"]))
    residents = counted.sum([dim for dim in counted.dims if dim != "area"]).values.astype(float)
    people = people or int(residents.sum())
    labels = {
        "municipality": [*mappings.areas, "0301", "9999"],
        "unit": [*(unit for unit, _, _ in mappings.units), "unknown"],
        "diagnosis": [*(f"{code}{digit}" for code, _ in mappings.diagnoses for digit in "019"), "U99", ""],
    }
    schema = pa.schema(
        [
            ("person", pa.int64()),
            ("birth_year", pa.int16()),
            ("sex", pa.int8()),
            ("municipality", pa.dictionary(pa.int16(), pa.string())),
            ("unit", pa.dictionary(pa.int16(), pa.string())),
            ("care_level", pa.int8()),
            ("in_time", pa.timestamp("s")),
            ("out_time", pa.timestamp("s")),
            ("diagnosis", pa.dictionary(pa.int16(), pa.string())),
            ("urgency", pa.int8()),
            ("points", pa.float32()),
        ]
    )
    cumulated = np.cumsum(residents / residents.sum())
    partial = path.with_name(f".{path.name}.part")
    try:
        with parquet.ParquetWriter(partial, schema, compression="snappy") as writer:
            for number, first in enumerate(range(0, rows, CHUNK)):
                size = min(CHUNK, rows - first)
                random = np.random.default_rng([seed, number])
                drawn = _chunk(random, size, people, first_year, years, cumulated, labels, faults)
                writer.write_table(
                    pa.table(
                        {
                            name: pa.DictionaryArray.from_arrays(pa.array(drawn[name]), labels[name])
                            if name in labels
                            else pa.array(
                                drawn[name], type=schema.field(name).type, mask=drawn.get(f"no {name}")
                            )
                            for name in schema.names
                        },
                        schema=schema,
                    )
                )
                if progress is not None:
                    progress(first + size, rows)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def _chunk(
    random: np.random.Generator,
    size: int,
    people: int,
    first_year: int,
    years: int,
    cumulated: np.ndarray,
    labels: dict[str, list[str]],
    faults: float,
) -> dict[str, np.ndarray]:
    person = _people(random, size, people)
    own = _mixed(person)  # what belongs to a person is a function of the key: 64 bits that look like chance
    level = np.searchsorted(np.cumsum(LEVEL_SHARE)[:-1], random.random(size)).astype(np.int8)
    inpatient = level == 0
    begin = np.datetime64(f"{first_year}-01-01", "s").astype(np.int64)
    span = (np.datetime64(f"{first_year + years}-01-01", "s").astype(np.int64) - begin) // 60
    came = random.integers(0, span, size)
    lasting = random.integers(20, 240, size)
    nights = random.geometric(1 / MEAN_NIGHTS, int(inpatient.sum())) - (
        random.random(int(inpatient.sum())) < 0.05
    )
    lasting[inpatient] = np.maximum(nights * DAY + random.integers(-360, 360, len(nights)), 30)
    went = came + lasting
    # A transfer is the next row of the same person, a few hours after the one before.
    moved = np.flatnonzero(inpatient[1:] & inpatient[:-1] & (random.random(size - 1) < TRANSFERS * 10)) + 1
    moved = (
        moved[np.append(True, np.diff(moved) > 1) & (went[moved - 1] < span - DAY)] if len(moved) else moved
    )
    person[moved], own[moved] = person[moved - 1], own[moved - 1]
    came[moved] = went[moved - 1] + random.integers(0, 300, len(moved))
    went[moved] = came[moved] + lasting[moved]
    ongoing = inpatient & (went >= span)
    codes = len(labels["diagnosis"]) - 2
    out = {
        "person": person,
        "sex": (1 + (own & 1)).astype(np.int8),
        "birth_year": (first_year - (104 * np.sqrt(_share(own, 1))).astype(np.int16)).astype(np.int16),
        "municipality": np.searchsorted(cumulated, _share(own, 21))
        .clip(0, len(cumulated) - 1)
        .astype(np.int16),
        "unit": ((own >> 11) % (len(labels["unit"]) - 1)).astype(np.int16),
        "care_level": LEVEL_CODES[level],
        "in_time": begin + came * 60,
        "out_time": begin + went * 60,
        "no out_time": ongoing,
        "diagnosis": (codes * random.random(size) ** 1.5).astype(np.int16),
        "urgency": random.integers(1, 5, size).astype(np.int8),
        "points": random.gamma(0.6, 0.5, size).astype(np.float32)
        * np.where(inpatient, 3, 0.1).astype(np.float32),
    }
    wrong = np.flatnonzero(random.random(size) < faults)
    kind = np.arange(len(wrong)) % 6
    out["sex"][wrong[kind == 0]] = 0
    out["care_level"][wrong[kind == 1]] = 7
    out["unit"][wrong[kind == 2]] = len(labels["unit"]) - 1
    out["diagnosis"][wrong[kind == 3]] = codes
    out["out_time"][wrong[kind == 4]] = out["in_time"][wrong[kind == 4]] - 3600
    out["municipality"][wrong[kind == 5]] = len(labels["municipality"]) - 1  # no fault: it lives elsewhere
    return out


def _people(random: np.random.Generator, size: int, people: int) -> np.ndarray:
    """Draw who an episode belongs to, so that use is as concentrated as :data:`CONCENTRATION` says."""
    of_people, of_use = np.cumsum(np.array(CONCENTRATION), axis=0).T
    u = random.random(size)
    low = np.concatenate([[0.0], of_use[:-1]])
    start = np.concatenate([[0.0], of_people[:-1]])
    group = np.searchsorted(of_use[:-1], u, side="right")
    within = (u - low[group]) / (of_use - low)[group]
    return ((start[group] + within * (of_people - start)[group]) * people).astype(np.int64)


def _mixed(keys: np.ndarray) -> np.ndarray:
    """Turn keys into 64 bits that look like chance (splitmix64, Steele, Lea and Flood 2014)."""
    z = keys.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(1)).astype(np.int64)


def _share(bits: np.ndarray, offset: int) -> np.ndarray:
    """Return a number in 0–1 from some of the bits."""
    return ((bits >> offset) & 0xFFFFF) / float(1 << 20)
