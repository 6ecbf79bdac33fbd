"""Who computes the chunks of draws: one thread after another, a pool of threads, or a pool of processes.

The workers of a cluster are in :mod:`framsyn.outlook.cluster`. The compiled kernels and the array operations let go of the
interpreter lock, so threads are the default: they start at once, copy nothing and work alike on every system. Chunks are
handed back in order whatever their order of completion.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from typing import TypeVar

from threadpoolctl import ThreadpoolController

from framsyn.errors import PlanError

__all__ = ["available_workers", "map_chunks", "single_threaded_blas"]

Item = TypeVar("Item")
Result = TypeVar("Result")


def available_workers() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Keep linear algebra to one thread, so that its sums have one order and workers do not fight over processors."""
    with controller("scipy.linalg" in sys.modules).limit(limits=1):
        yield


@lru_cache(maxsize=2)
def controller(_with_scipy: bool) -> ThreadpoolController:
    """Return the hand on linear algebra's threads; looking for the libraries that are loaded takes longer than a sum."""
    return ThreadpoolController()


def leave_interrupts_to_the_parent() -> None:
    """Let a worker process ignore Ctrl-C, which a terminal sends to all: the parent cancels the work and says so once."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def map_chunks(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    workers: int | None = None,
    kind: str = "threads",
    progress: Callable[[int, int], None] | None = None,
    consume: Callable[[Result], None] | None = None,
) -> list[Result]:
    """Apply a function to each chunk and return the results in the chunks' order.

    Parameters
    ----------
    function : callable
        Pure function of a chunk; must be importable for ``kind="processes"``.
    items : sequence
        The chunks.
    workers : int, optional
        How many at once; all available processors if left out.
    kind : {"threads", "processes", "serial"}
    progress : callable, optional
        Called with (done, total) after each chunk. An exception that it raises cancels the run.
    consume : callable, optional
        Takes each result in the chunks' order; it is then let go, so that its memory serves the next chunk.

    Returns
    -------
    list
        Empty where results are consumed.

    Raises
    ------
    PlanError
        ``unknown-executor`` or ``too-few-workers``.
    """
    workers = available_workers() if workers is None else workers
    if workers < 1:
        message = f"workers is {workers}; give 1 or more, or leave it out for all processors."
        raise PlanError("too-few-workers", message, got=workers, expected=1)
    if kind not in ("threads", "processes", "serial"):
        message = f'executor is "{kind}"; expected "threads", "processes" or "serial".'
        raise PlanError("unknown-executor", message, got=kind)
    report = progress or (lambda done, total: None)
    total = len(items)
    results: list[Result] = []
    take = consume or results.append
    with single_threaded_blas():
        if kind == "serial" or workers == 1:
            for done, item in enumerate(items, start=1):
                take(function(item))
                report(done, total)
            return results
        pool: Executor = (
            ThreadPoolExecutor(workers)
            if kind == "threads"
            else ProcessPoolExecutor(workers, initializer=leave_interrupts_to_the_parent)
        )
        try:
            waiting = deque(pool.submit(function, item) for item in items)
            while waiting:
                take(waiting.popleft().result())
                report(total - len(waiting), total)
        finally:
            # One call, and waited for: a pool that is let go before it has cancelled computes all that was queued.
            pool.shutdown(wait=True, cancel_futures=True)
        return results
