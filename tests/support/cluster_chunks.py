"""Chunks that workers of a test cluster compute: small, importable there, and they leave a trace."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from framsyn.errors import PlanError


@dataclass(frozen=True)
class Traced:
    """Squares a number, slowly if asked to; writes down who made it ready and what was begun.

    Parameters
    ----------
    folder : str
        Where the traces go.
    pause : float [s]
        For each chunk.
    ballast : bytes
        Makes the recipe as large as a region.
    """

    folder: str
    pause: float = 0.0
    ballast: bytes = b""

    def __call__(self) -> Callable[[int], int]:
        with (Path(self.folder) / "ready").open("a") as trace:
            trace.write(f"{os.getpid()}\n")
        return self.square

    def square(self, number: int) -> int:
        (Path(self.folder) / f"begun-{number}").touch()
        time.sleep(self.pause * (3 if number == 0 else 1))  # the first is the last to be done
        return number * number


@dataclass(frozen=True)
class Failing:
    """Raises at the chunk of a number."""

    kind: str

    def __call__(self) -> Callable[[int], int]:
        return self.fail

    def fail(self, number: int) -> int:
        if number == 2 and self.kind == "plan":
            raise PlanError("share-out-of-range", "plan.toml: share 1.3; a share lies in 0–1.", got=1.3)
        if number == 2:
            message = "no space left\non device"
            raise OSError(message) if self.kind == "os" else TimeoutError(message)
        return number


@dataclass(frozen=True)
class Multiplying:
    """Tells how many threads linear algebra has while a chunk is computed."""

    def __call__(self) -> Callable[[int], tuple[int, int]]:
        # As if the worker had been started with many, whatever Dask sets in its environment.
        import scipy.linalg  # noqa: F401
        from threadpoolctl import threadpool_limits

        threadpool_limits(limits=4)
        return self.count

    def count(self, number: int) -> tuple[int, int]:
        from threadpoolctl import threadpool_info

        return number, max(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
