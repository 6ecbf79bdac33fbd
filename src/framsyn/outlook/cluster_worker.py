"""What a worker of a cluster does: say what it computes with, make a job ready once, compute chunks of it.

Nothing here needs the library of the cluster, so the machine that asks uses the same functions to say what it has itself.
"""

from __future__ import annotations

import hashlib
import pickle
import platform
import sys
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

from threadpoolctl import threadpool_limits

from framsyn.errors import PlanError
from framsyn.outlook.manifest import engine_version

__all__ = ["Job", "compute", "differences", "hold", "make_job", "tools"]

# Whatever of these differs can change the last bits of a number, or how a table is read from its bytes.
PACKAGES = ("numpy", "scipy", "numba", "llvmlite", "pandas", "xarray")
# The floors that a chunk passes through.
ENGINE = ("methods", "outlook", "quantities", "region", "scenario", "stages")
KEPT = 2  # jobs that a worker holds ready: two runs may share a cluster
_READY: dict[str, Callable[[Any], Any]] = {}
_MAKING = Lock()


@dataclass(frozen=True)
class Job:
    """What the chunks of a run share, in the form in which it travels.

    Attributes
    ----------
    key : str
        Name of the job in the cluster.
    recipe : bytes
        Compressed pickle of a callable without parameters that gives the function of a chunk.
    tools : dict of str to str
        What a worker has to compute with, see :func:`tools`.
    """

    key: str
    recipe: bytes
    tools: dict[str, str]


def make_job(recipe: Callable[[], Callable[[Any], Any]]) -> Job:
    """Pack a recipe for the workers."""
    return Job(uuid4().hex, zlib.compress(pickle.dumps(recipe, pickle.HIGHEST_PROTOCOL), 1), tools())


def hold(job: Job) -> Job:
    """Return the job: as the result of a task it travels to each worker once, and is made again when all copies died."""
    return job


def compute(job: Job, item: Any) -> Any:
    """Compute a chunk; the first of a job on a worker makes the job ready there.

    Linear algebra has one thread from then on, so that its sums have one order.

    Raises
    ------
    PlanError
        ``workers-differ`` where the worker joined later and is not like the machine that asks.
    """
    return ready(job)(item)


def ready(job: Job) -> Callable[[Any], Any]:
    """Return the function of a job's chunks, made once in this process."""
    with _MAKING:
        if job.key not in _READY:
            if found := differences(job.tools, tools()):
                raise PlanError("workers-differ", told_difference(platform.node(), found), got=found)
            while len(_READY) >= KEPT:
                _READY.pop(next(iter(_READY)))
            _READY[job.key] = pickle.loads(zlib.decompress(job.recipe))()
            # For as long as the worker lives: a thread that lifted the limit when its own chunk is done would lift it
            # for the chunks of the others.
            threadpool_limits(limits=1)
        return _READY[job.key]


def differences(here: Mapping[str, str], there: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return what differs between two machines, (here, there) by what it is.

    >>> differences({"python": "3.11", "numpy": "2.4.6"}, {"python": "3.11", "numpy": "2.4.1"})
    {'numpy': ('2.4.6', '2.4.1')}
    """
    return {
        name: (here.get(name, "none"), there.get(name, "none"))
        for name in [*here, *(name for name in there if name not in here)]
        if here.get(name) != there.get(name)
    }


def told_difference(worker: str, found: Mapping[str, tuple[str, str]]) -> str:
    """Say how a worker differs and what to do.

    >>> print(told_difference("tcp://10.0.0.7:4001", {"numpy": ("2.4.6", "2.4.1")}))
    the worker tcp://10.0.0.7:4001 has numpy 2.4.1, here it is 2.4.6; figures could differ in their last digits, and a
    run's bytes may not depend on who computes them. Install Framsyn from the same lock on every machine, then start the
    workers again.
    """
    parts = [f"has {name} {there}, here it is {here}" for name, (here, there) in found.items()]
    ways = []
    if not found.keys() <= MACHINE:
        ways.append("Install Framsyn from the same lock on every machine, then start the workers again.")
    if found.keys() & MACHINE:
        ways.append(
            "Processors that compute alike are needed: take workers of one kind, and start the run on a machine of that "
            "kind."
        )
    return (
        f"the worker {worker} {'; '.join(parts)}; figures could differ in their last digits, and a run's bytes may not "
        f"depend on who computes them. {' '.join(ways)}"
    )


MACHINE = frozenset({"system", "processor", "vector instructions", "linear algebra for"})


def tools() -> dict[str, str]:
    """Say what this process computes with: whatever can change the bytes of a number."""
    return dict(known_tools())


@lru_cache(maxsize=1)
def known_tools() -> tuple[tuple[str, str], ...]:
    """Look the tools of this process up; they do not change while it lives."""
    import numpy as np
    import scipy.linalg  # noqa: F401  brings its linear algebra, which is asked about below
    from threadpoolctl import threadpool_info

    simd = np.show_config(mode="dicts").get("SIMD Extensions", {})  # type: ignore[call-overload]
    kernels = {
        f"{pool['internal_api']} {pool.get('architecture', '')}".strip()
        for pool in threadpool_info()
        if pool["user_api"] == "blas"
    }
    processor = platform.machine().lower()
    return (
        ("framsyn", engine_version()),
        ("engine files", engine_files()),
        ("python", f"{sys.version_info.major}.{sys.version_info.minor}"),
        *((name, package_version(name)) for name in PACKAGES),
        ("system", platform.system()),
        ("processor", {"amd64": "x86_64", "aarch64": "arm64"}.get(processor, processor)),
        ("vector instructions", " ".join(simd.get("found", [])) or "none"),
        ("linear algebra for", ", ".join(sorted(kernels)) or "none"),
    )


def package_version(name: str) -> str:
    """Return the version of a package as it is installed, or "none"."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def engine_files() -> str:
    """Return a short digest of the engine's own files: two source trees of one version may differ."""
    home = Path(__file__).resolve().parents[1]
    sums = hashlib.sha256()
    for floor in ENGINE:
        for path in sorted([*(home / floor).rglob("*.py"), *home.glob(f"{floor}.*")]):
            if path.suffix in (".py", ".csv"):
                content = path.read_bytes().replace(b"\r\n", b"\n")
                sums.update(
                    path.relative_to(home).as_posix().encode() + b"\0" + hashlib.sha256(content).digest()
                )
    return sums.hexdigest()[:12]
