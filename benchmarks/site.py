"""Promise: 50 readers of the site wait ≤ 150 ms (95 %), and ≥ 60 pages a second arrive before 300 ms are passed.

With 2 000 measures and 200 000 observations, on PostgreSQL; the same on SQLite, and both without the cache of pages. Beside
it the same server and the same reader with a fixed page of 50 kB from memory: what is left when nothing is computed.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measuring import Figure, environment, in_process

__all__ = ["measure"]

HOST, WORKERS = "127.0.0.1", 2
READERS, THOUGHT, WAIT = 50, 2.0, 150.0
LIMIT, AIM = 300.0, 60.0
FIXED = 50_000  # bytes
FULL = {"measures": 2000, "observations": 200_000, "draws": 200}
TINY = {"measures": 120, "observations": 4_000, "draws": 20}
COMMAND = "from framsyn.cli import main; main()"
PATIENCE = 120.0


def measure(quick: bool = False) -> Iterator[Figure]:
    """Yield the figures."""
    with tempfile.TemporaryDirectory(prefix="framsyn-bench-") as name:
        folder = Path(name)
        limit = fixed_page(1.0 if quick else 5.0)
        yield Figure(
            "fixed page of 50 kB",
            limit,
            "pages/s",
            better="higher",
            note=f"from memory, {WORKERS} workers, the same reader",
        )
        for kind, url, missing in databases():
            if missing:
                yield Figure(f"{kind}: readers, 95 %", None, "ms", limit=WAIT, note=missing)
                continue
            env = {"FRAMSYN_DATA": str(folder / kind), **({"DATABASE_URL": url} if url else {})}
            filled = in_process("site_fill:fill", env=env, **(TINY if quick else FULL))
            for cache in (True, False):
                yield from load(kind, env, filled, limit, cache=cache, quick=quick)


def databases() -> Iterator[tuple[str, str, str]]:
    """Give each database: its name, its address, and why it cannot be measured here."""
    from tests.support import postgres_cluster

    missing = postgres_cluster.missing()
    if missing:
        yield "PostgreSQL", "", missing
    else:
        with postgres_cluster.started("shared_buffers=256MB") as cluster:
            yield "PostgreSQL", cluster.database(), ""
    yield "SQLite", "", ""


def load(
    kind: str, env: dict[str, str], filled: dict[str, Any], limit: float, *, cache: bool, quick: bool
) -> Iterator[Figure]:
    """Serve a filled site and let it be read."""
    name = f"{kind}{'' if cache else ', no page cache'}"
    with served({**env, "FRAMSYN_PAGE_CACHE": "1" if cache else "0"}) as port:
        where = {"host": HOST, "port": port}
        each = in_process("site_drive:alone", **where, paths=filled["paths"], repeats=2 if quick else 9)
        paths = {key: some for key, some in filled["paths"].items() if key in each["kinds"]}
        out = f"; left out, for they do not answer: {each['failed']}" if each["failed"] else ""
        note = f"{filled['measures']} measures, {filled['observations']} observations, {WORKERS} workers{out}"
        if not cache:
            for page, found in each["kinds"].items():
                yield Figure(
                    f"{name}: {page}, alone", found["ms"], "ms", note="median, one reader", detail=found
                )
        read = in_process(
            "site_drive:readers",
            **where,
            paths=paths,
            count=READERS,
            thought=THOUGHT,
            seconds=3.0 if quick else 40.0,
            before=0.0 if quick else 15.0,
        )
        most = in_process(
            "site_drive:highest_rate", **where, paths=paths, limit=LIMIT, seconds=1.0 if quick else 10.0
        )
    promised = kind == "PostgreSQL" and cache
    yield Figure(
        f"{name}: {READERS} readers, 95 %", read["p95"], "ms", limit=WAIT if promised else None, note=note,
        detail={**read, "load": os.getloadavg() if hasattr(os, "getloadavg") else None},
    )  # fmt: skip
    yield Figure(f"{name}: {READERS} readers, median", read["p50"], "ms", note=f"{read['rate']:.1f} pages/s")
    yield Figure(
        f"{name}: arrivals with 95 % within {LIMIT:.0f} ms", most["rate"], "pages/s", limit=AIM if promised else None,
        better="higher", beside=("fixed page", limit), note=f"open loop; mean page {read['kilobytes']:.0f} kB{out}",
        detail={"steps": most["steps"]},
    )  # fmt: skip


@contextmanager
def served(env: dict[str, str], code: str = COMMAND, words: tuple[str, ...] = ("serve",)) -> Iterator[int]:
    """Run the server as production does and give its port."""
    with socket.socket() as trial:
        trial.bind((HOST, 0))
        port = int(trial.getsockname()[1])
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *words, "--port", str(port), "--workers", str(WORKERS)],
            env=environment(**env), stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            await_answer(process, port, log)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def await_answer(process: subprocess.Popen[bytes], port: int, log: Any) -> None:
    """Wait until the server answers."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://{HOST}:{port}/health/", timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    log.seek(0)
    message = f"the server did not start:\n{log.read().decode(errors='replace')[-2000:]}"
    raise RuntimeError(message)


FIXED_SERVER = """
import sys
from granian import Granian
port, workers = int(sys.argv[2]), int(sys.argv[4])
Granian("benchmarks.site:fixed", address="127.0.0.1", port=port, interface="wsgi", workers=workers, blocking_threads=4,
        websockets=False, log_enabled=False).serve()
"""


def fixed(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer every request with the same page (an application of WSGI)."""
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(FIXED))])
    return [b"x" * FIXED]


def fixed_page(seconds: float) -> float:
    """Return how often a second a page from memory can be read."""
    with served({}, FIXED_SERVER, ()) as port:
        found = in_process(
            "site_drive:saturate", host=HOST, port=port, path="/", connections=16, seconds=seconds
        )
    return float(found["rate"])
