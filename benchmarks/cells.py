"""Promise: 100 million episodes become cells in at most 60 s and 3 GiB.

Beside it a bare scan of the same columns of the same file by the same engine: what reading alone costs.
The episodes are made up (`framsyn cells example`), of the region's own municipalities, sites and services.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measuring import Figure, in_process

__all__ = ["measure"]

ROWS, SECONDS, GIB = 100_000_000, 60.0, 3.0
MEMORY = "2GB"


def measure(quick: bool = False) -> Iterator[Figure]:
    """Yield the figures."""
    rows = 100_000 if quick else ROWS
    with tempfile.TemporaryDirectory(prefix="framsyn-bench-") as name:
        source = str(Path(name) / "episodes.parquet")
        made = in_process("cells:make", path=source, rows=rows)
        yield Figure(
            "made-up episodes",
            rows,
            "rows",
            note=f"{made['bytes'] / 1e9:.1f} GB of Parquet in {made['seconds']:.0f} s",
        )
        in_process("cells:scan", path=source)  # the file comes to the system's cache once, for both
        scan = in_process("cells:scan", path=source)
        built = in_process("cells:build", path=source, out=str(Path(name) / "cells"))
        yield Figure(
            "bare scan of the same columns", scan["seconds"], "s", note="DuckDB, a sum of each column"
        )
        yield Figure(
            "episodes to cells", built["seconds"], "s", limit=SECONDS, beside=("bare scan", scan["seconds"]),
            note=f"{rows:,} rows to {built['cells']:,} cells; stays joined, faults counted, written in order",
            detail=built["steps"],
        )  # fmt: skip
        yield Figure(
            "episodes to cells, peak memory", built["peak_gib"], "GiB", limit=GIB, note=f"--memory {MEMORY}"
        )


# ---------------------------------------------------------------- in processes of their own
def make(path: str, rows: int) -> dict[str, Any]:
    """Write the episodes."""
    from time import perf_counter

    from framsyn.region import Region
    from framsyn.sources.episodes.synthetic import write_synthetic

    began = perf_counter()
    write_synthetic(Path(path), Region.load("midt-norge"), rows)
    return {"seconds": perf_counter() - began, "bytes": Path(path).stat().st_size}


def scan(path: str) -> dict[str, Any]:
    """Read every column that the cells are made of, and keep nothing."""
    from time import perf_counter

    import duckdb

    whole = ("person", "birth_year", "sex", "care_level", "points")
    texts = ("municipality", "unit", "diagnosis")
    sums = ", ".join(
        [f"SUM({name})" for name in whole]
        + [f"SUM(LENGTH({name}))" for name in texts]
        + [f"MAX({name})" for name in ("in_time", "out_time")]
    )
    began = perf_counter()
    duckdb.connect().execute(f"SELECT {sums} FROM read_parquet('{path}')").fetchall()
    return {"seconds": perf_counter() - began}


def build(path: str, out: str) -> dict[str, Any]:
    """Make the cells."""
    from time import perf_counter

    import pyarrow.parquet as parquet

    from framsyn.region import Region
    from framsyn.sources.episodes.build import build_cells

    region = Region.load("midt-norge")
    steps: dict[str, float] = {}
    began = perf_counter()
    build_cells(
        Path(path),
        region,
        Path(out),
        memory=MEMORY,
        progress=lambda what: steps.update({what: perf_counter() - began}),
    )
    took = perf_counter() - began
    return {
        "seconds": took,
        "steps": {f"{what}, begun after": round(at, 2) for what, at in steps.items()},
        "cells": parquet.ParquetFile(Path(out) / "cells.parquet").metadata.num_rows,
    }
