"""No promise: draws a second on a Dask cluster of two workers on this machine, beside two threads and two processes.

All share the same two cores, so a cluster of one machine can only lose: what is shown is the price of sending the chunks'
results through the network, which is what a second machine has to earn back. Scheduler and workers are started here.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from benchmarks.measuring import Figure, environment, in_process

__all__ = ["draws_a_second", "measure"]

REGION, SCENARIO, WORKERS, START = "midt-norge", "plan", 2, 60.0


def measure(quick: bool = False) -> Iterator[Figure]:
    """Yield the figures."""
    draws, until, repeats = (20, 2027, 1) if quick else (2000, 2040, 3)
    try:
        import distributed
    except ImportError:
        yield Figure(
            "draws on a cluster", None, "draws/s", better="higher", note="the extra cluster is not installed"
        )
        return
    with tempfile.TemporaryDirectory(prefix="framsyn-bench-") as name, local_cluster(Path(name)) as address:
        found = in_process(
            "cluster:draws_a_second", address=address, draws=draws, until=until, repeats=repeats
        )
    what = f"{draws} draws, 2025–{until}, best of {repeats} after one to get ready, in turns"
    for kind in ("threads", "processes"):
        yield Figure(f"draws on {WORKERS} {kind}", found[kind], "draws/s", better="higher", note=what)
    yield Figure(
        f"draws on a cluster of {WORKERS} workers",
        found["cluster"],
        "draws/s",
        better="higher",
        beside=("threads", found["threads"]),
        note=f"{what}; one thread each, distributed {distributed.__version__}; connecting and checking included",
        detail={"of processes": found["cluster"] / found["processes"], "same bytes": found["same"]},
    )


def draws_a_second(address: str, draws: int, until: int, repeats: int) -> dict[str, Any]:
    """Time the same run on threads, processes and the cluster by turns, and see that the bytes are the same."""
    import framsyn
    from framsyn.outlook.run import run

    region = framsyn.Region.load(REGION)
    scenario = framsyn.Scenario.load(SCENARIO, region=region)
    ways: dict[str, dict[str, Any]] = {
        "threads": {"workers": WORKERS},
        "processes": {"workers": WORKERS, "executor": "processes"},
        "cluster": {"cluster": address},
    }
    best: dict[str, float] = {}
    bytes_of: dict[str, bytes] = {}
    for turn in range(repeats + 1):
        for kind, keys in ways.items():
            began = monotonic()
            outlook = run(region, scenario, draws=draws, until=until, **keys)
            took = monotonic() - began
            bytes_of[kind] = b"".join(values.values.tobytes() for values in outlook.trusts.data_vars.values())
            if turn:  # the first run compiles, starts and makes ready
                best[kind] = max(best.get(kind, 0.0), draws / took)
    same = len(set(bytes_of.values())) == 1
    if not same:
        message = "threads, processes and the cluster gave different bytes"
        raise AssertionError(message)
    return {**best, "same": same}


@contextmanager
def local_cluster(folder: Path) -> Iterator[str]:
    """Start a scheduler and workers as processes and give the scheduler's address."""
    file = folder / "scheduler.json"
    common = {"cwd": folder, "env": environment(), "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-m", "dask"]
    words = ["--host", "127.0.0.1", "--port", "0", "--dashboard-address", ":0", "--scheduler-file", str(file)]
    running = [subprocess.Popen([*dask, "scheduler", *words], **common)]
    try:
        end = monotonic() + START
        while not (file.is_file() and file.stat().st_size) and monotonic() < end:
            sleep(0.1)
        address = str(json.loads(file.read_text(encoding="utf-8"))["address"])
        words = ["--no-nanny", "--nthreads", "1", "--no-dashboard", "--local-directory", str(folder)]
        running += [subprocess.Popen([*dask, "worker", address, *words], **common) for _ in range(WORKERS)]
        wait_for_workers(address)
        yield address
    finally:
        for process in reversed(running):
            process.kill()
            process.wait()


def wait_for_workers(address: str) -> None:
    """Wait until all workers have joined."""
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(WORKERS, timeout=START)
