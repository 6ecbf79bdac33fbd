"""A real Dask cluster for tests: a scheduler and workers as processes of their own, started and ended by the test."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START = 60.0  # [s] a loaded machine may take to start a process


class DaskCluster:
    """A scheduler, and workers that come and go.

    Parameters
    ----------
    folder : Path
        For what the processes write.
    environment : dict
        Of every process.
    scheme : {"tcp", "tls"}
    """

    def __init__(self, folder: Path, environment: dict[str, str], scheme: str = "tcp") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.environment = {
            **environment,
            "DASK_DISTRIBUTED__SCHEDULER__DASHBOARD__STATUS__TASK_STREAM_LENGTH": "0",
        }
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        file = folder / "scheduler.json"
        words = [
            "scheduler",
            "--protocol",
            scheme,
            "--host",
            f"{scheme}://127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
        ]
        words += ["--dashboard-address", ":0"]
        self.scheduler = self._start("scheduler", [*words, "--scheduler-file", str(file)], {})
        wait_until(lambda: file.is_file() and file.stat().st_size > 0, "the scheduler has begun")
        self.address = str(json.loads(file.read_text())["address"])

    def add_worker(self, name: str, threads: int = 1, wait: bool = True, **environment: str) -> None:
        """Start a worker and, unless told otherwise, wait until the scheduler knows it."""
        words = [
            "worker",
            self.address,
            "--name",
            name,
            "--no-nanny",
            "--nthreads",
            str(threads),
            "--no-dashboard",
        ]
        words += ["--local-directory", str(self.folder / name)]
        self.workers[name] = self._start(name, words, environment)
        if wait:
            self.wait_for(name)

    def wait_for(self, name: str) -> None:
        """Wait until the scheduler knows a worker."""
        log = self.folder / f"{name}.log"
        wait_until(lambda: "Registered to" in log.read_text(errors="replace"), f"{name} is known")

    def kill(self, name: str) -> None:
        """End a worker at once, as a lack of memory or a power cut would."""
        worker = self.workers.pop(name)
        worker.kill()
        worker.wait()

    def stop(self) -> None:
        """End all processes."""
        for process in [*self.workers.values(), self.scheduler]:
            process.kill()
            process.wait()

    def _start(self, name: str, words: list[str], more: dict[str, str]) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *words],
                env={**self.environment, **more},
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
            )


@contextmanager
def cluster(
    folder: Path, environment: dict[str, str], workers: int, scheme: str = "tcp"
) -> Iterator[DaskCluster]:
    """Give a cluster with some workers, called a, b, c …"""
    found = DaskCluster(folder, environment, scheme)
    try:
        names = [chr(ord("a") + number) for number in range(workers)]
        for name in names:
            found.add_worker(name, wait=False)
        for name in names:
            found.wait_for(name)
        yield found
    finally:
        found.stop()


def kill_while_it_computes(found: DaskCluster, name: str) -> list[str]:
    """Kill a worker at a moment when it holds chunks that are not done; return their names.

    It is stopped first: what it holds then cannot become done before it is killed.
    """
    from distributed import Client

    with Client(found.address, set_as_default=False) as watcher:
        workers = watcher.scheduler_info()["workers"]
        address = next(key for key, worker in workers.items() if worker["name"] == name)
        end = time.monotonic() + START
        while time.monotonic() < end:
            os.kill(found.workers[name].pid, signal.SIGSTOP)
            time.sleep(0.1)  # for what it had already sent to arrive
            held = [str(key) for key in watcher.processing()[address] if str(key).startswith("framsyn-chunk")]
            if held:
                found.kill(name)
                return held
            os.kill(found.workers[name].pid, signal.SIGCONT)
            time.sleep(0.02)
    message = f"worker {name} never held a chunk"
    raise AssertionError(message)


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Wait until something is so."""
    end = time.monotonic() + START
    while not is_so():
        assert time.monotonic() < end, f"not so after {START:g} s: {what}"
        time.sleep(0.05)
