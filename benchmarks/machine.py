"""The machine: what it is, how fast it moves memory and how fast it multiplies matrices."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.measuring import median, seconds

__all__ = ["facts", "matrix_product", "memory_bandwidth"]

PACKAGES = ("numpy", "numba", "scipy", "pandas", "xarray")


def facts() -> dict[str, Any]:
    """Return processor, cores, memory, system and versions."""
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    return {
        "processor": processor(),
        "cores": usable_cores(),
        "memory_gib": memory(),
        "system": platform.system(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        **versions,
    }


def processor() -> str:
    """Return the processor's name as the system gives it."""
    listed = Path("/proc/cpuinfo")
    if listed.is_file():
        for line in listed.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"


def usable_cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory() -> float | None:
    """Return the machine's memory [GiB], if the system tells."""
    try:
        return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1)
    except (AttributeError, ValueError, OSError):
        return None


def memory_bandwidth(megabytes: int = 256, repeats: int = 9) -> dict[str, float]:
    """Copy and triad as in STREAM (McCalpin 1995), one thread, three arrays far beyond the caches.

    Bytes are counted as STREAM does: what the program reads and writes, not what the cache fetches in order to write.

    Returns
    -------
    dict
        ``copy`` (a = b) and ``triad`` (a = b + 3 c) [GB/s], medians.
    """
    import numpy as np
    from numba import njit

    @njit(nogil=True)
    def triad(out: Any, left: Any, right: Any) -> None:  # pragma: no cover - compiled
        for i in range(out.size):
            out[i] = left[i] + 3.0 * right[i]

    count = megabytes * 2**20 // 8
    out, left, right = np.zeros(count), np.ones(count), np.ones(count)
    triad(out, left, right)
    copied = median([seconds(lambda: np.copyto(out, left)) for _ in range(repeats)])
    added = median([seconds(lambda: triad(out, left, right)) for _ in range(repeats)])
    return {"copy": 16 * count / copied / 1e9, "triad": 24 * count / added / 1e9}


def matrix_product(rows: int, inner: int, columns: int, repeats: int = 9) -> float:
    """Speed of ``numpy`` (BLAS, dgemm) on one thread for one shape [GFLOP/s], median."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    left, right, out = np.ones((rows, inner)), np.ones((inner, columns)), np.empty((rows, columns))
    work = 2.0 * rows * inner * columns
    calls = max(1, int(2e8 / work))

    def multiply() -> None:
        for _ in range(calls):
            np.matmul(left, right, out=out)

    with threadpool_limits(limits=1):
        multiply()
        return work * calls / median([seconds(multiply) for _ in range(repeats)]) / 1e9
