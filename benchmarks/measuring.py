"""What every benchmark needs: a figure, a process of its own, its peak memory, medians."""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

__all__ = ["ROOT", "Figure", "environment", "in_process", "median", "peak_memory", "percentile", "seconds"]

ROOT = Path(__file__).resolve().parents[1]
ANSWER = "answer: "  # what a child process prints before its result; anything else that it prints is not ours


@dataclass(frozen=True)
class Figure:
    """One measured number, what was promised of it and what stands beside it.

    Parameters
    ----------
    name : str
    value : float or None
        None where this machine cannot measure it; ``note`` says why.
    unit : str
    limit : float, optional
        What was promised.
    better : {"lower", "higher"}
    beside : tuple of (str, float), optional
        A peer or a limit of the machine, in the same unit and measured in the same run.
    note : str
        What exactly was measured.
    detail : dict
        Further numbers for those who read the JSON lines.

    Examples
    --------
    >>> figure = Figure("import", 0.02, "s", limit=0.4, beside=("numpy", 0.08))
    >>> figure.kept(), round(figure.ratio(), 2), round(figure.used(), 2)
    (True, 4.0, 0.05)
    """

    name: str
    value: float | None
    unit: str
    limit: float | None = None
    better: str = "lower"
    beside: tuple[str, float] | None = None
    note: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    def kept(self) -> bool | None:
        """Whether the promise is kept; None where nothing was promised or nothing could be measured."""
        if self.limit is None or self.value is None:
            return None
        return self.value <= self.limit if self.better == "lower" else self.value >= self.limit

    def used(self) -> float | None:
        """Measured against promised."""
        return None if self.limit is None or self.value is None else self.value / self.limit

    def ratio(self) -> float | None:
        """How many times better the figure is than what stands beside it; 1 is equal."""
        if self.beside is None or not self.value or not self.beside[1]:
            return None
        return self.beside[1] / self.value if self.better == "lower" else self.value / self.beside[1]

    def record(self, bench: str) -> dict[str, Any]:
        """Return the JSON line of the figure."""
        facts = {
            "bench": bench,
            **asdict(self),
            "used": self.used(),
            "ratio": self.ratio(),
            "kept": self.kept(),
        }
        return {key: value for key, value in facts.items() if value not in (None, "", {})} | {
            "value": self.value
        }


def environment(**extra: str) -> dict[str, str]:
    """Return an environment in which a child process finds this source tree, installed or not."""
    paths = [str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONUTF8": "1", **extra}


def in_process(function: str, env: dict[str, str] | None = None, **arguments: Any) -> dict[str, Any]:
    """Call a benchmark's function in a process of its own and return its answer with the process's peak memory.

    Parameters
    ----------
    function : str
        ``module:name`` below ``benchmarks``; the function returns a dict that JSON can hold.
    env : dict of str to str, optional
        Added to the environment.
    **arguments
        Passed on.

    Returns
    -------
    dict
        The function's own, and ``peak_gib`` [GiB] or None.
    """
    command = [sys.executable, "-m", "benchmarks.measuring", function, json.dumps(arguments)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(**(env or {})), capture_output=True, encoding="utf-8", check=False
    )
    answers = [line.removeprefix(ANSWER) for line in done.stdout.splitlines() if line.startswith(ANSWER)]
    if done.returncode or not answers:
        message = f"{function} ended with {done.returncode}:\n{done.stderr.strip()[-2000:]}"
        raise RuntimeError(message)
    return dict(json.loads(answers[-1]))


def peak_memory() -> float | None:
    """Return this process's largest resident memory so far [GiB]; None where the system does not tell.

    Linux keeps the peak of this program alone in ``VmHWM``; ``ru_maxrss`` would inherit that of the process that started it.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 2**20
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**30 if sys.platform == "darwin" else 2**20)


def resident_memory() -> float:
    """Return this process's resident memory now [MiB]; not a number where the system does not tell."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii", errors="replace").splitlines() if status.is_file() else []
    return next((int(line.split()[1]) / 2**10 for line in lines if line.startswith("VmRSS:")), float("nan"))


def seconds(function: Callable[[], Any]) -> float:
    """Return how long one call takes, with the garbage of earlier work out of the way [s]."""
    gc.collect()
    began = perf_counter()
    function()
    return perf_counter() - began


def median(values: list[float]) -> float:
    """Return the median.

    >>> median([3.0, 1.0, 2.0])
    2.0
    """
    return float(statistics.median(values))


def percentile(values: list[float], share: float) -> float:
    """Return the smallest value that at least a share of the values does not exceed.

    >>> percentile([4.0, 1.0, 3.0, 2.0], 0.5)
    2.0
    """
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def main(words: list[str]) -> None:
    """Child process: call the function as the command line or a server would run it, and print its answer."""
    from importlib import import_module

    from framsyn.heap import share_one_heap

    share_one_heap()
    module, name = words[0].split(":")
    answer = getattr(import_module(f"benchmarks.{module}"), name)(**json.loads(words[1]))
    answer.setdefault("peak_gib", peak_memory())
    print(ANSWER + json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
