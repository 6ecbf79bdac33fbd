"""Promise: ``import framsyn`` takes at most 0.4 s. Beside it NumPy and pandas, each in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from benchmarks.measuring import Figure, environment, median, seconds

__all__ = ["measure"]

LIMIT = 0.4
INSIDE = "from time import perf_counter as now; began = now(); import {name}; print(now() - began)"
HELP = "import sys; sys.argv = ['framsyn', '--help']; from framsyn.cli import main; main()"


def measure(quick: bool = False) -> Iterator[Figure]:
    """Yield the figures."""
    repeats = 1 if quick else 7
    started = median([whole_process("pass") for _ in range(repeats)])
    numpy, pandas = (median([inside(name) for _ in range(repeats)]) for name in ("numpy", "pandas"))
    ours = [inside("framsyn") for _ in range(repeats)]
    yield Figure(
        "import framsyn",
        median(ours),
        "s",
        limit=LIMIT,
        beside=("import numpy", numpy),
        note=f"inside the interpreter, median of {repeats} fresh processes",
        detail={"all": ours},
    )
    yield Figure("import numpy", numpy, "s", note="beside")
    yield Figure("import pandas", pandas, "s", note="beside")
    yield Figure(
        "import framsyn, whole process",
        median([whole_process("import framsyn") for _ in range(repeats)]),
        "s",
        beside=("python that does nothing", started),
        note="start of the interpreter included",
    )
    yield Figure(
        "import of what a run needs",
        median([inside("framsyn.outlook.run") for _ in range(repeats)]),
        "s",
        beside=("import pandas", pandas),
        note="framsyn.outlook.run: the first use of framsyn.run imports this",
    )
    yield Figure(
        "framsyn --help, whole process",
        median([whole_process(HELP) for _ in range(repeats)]),
        "s",
        beside=("import pandas", pandas),
        note="from the shell to the last line of help",
    )


def inside(name: str) -> float:
    """Return the seconds that an import takes in a fresh interpreter."""
    return float(run(INSIDE.format(name=name)))


def whole_process(code: str) -> float:
    """Return the seconds from start to end of a fresh interpreter that runs some code."""
    return seconds(lambda: run(code))


def run(code: str) -> str:
    """Run code in a fresh interpreter and return what it prints."""
    return subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, encoding="utf-8", check=True
    ).stdout
