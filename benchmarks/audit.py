"""Promise: 200 who write at the same time get ≥ 80 % of the throughput that they would have without stamps and seals.

Each writer records one change after the other, on a connection of its own, in as many processes as the site has workers; the
sealers of these processes run beside them. Rounds with and without alternate on one database, so that the ratio holds on
whatever machine it is read. The smallest change there is is one entry; a real one reports on a measure.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measuring import ROOT, Figure, environment, in_process, median

__all__ = ["measure"]

WRITERS, PROCESSES = 200, 2
LEAST = 0.8
ROUNDS, SECONDS = 5, 6.0
WAYS = {"entry": "one entry", "report": "a report on a measure"}


def measure(quick: bool = False) -> Iterator[Figure]:
    """Yield the figures."""
    with tempfile.TemporaryDirectory(prefix="framsyn-bench-") as name:
        for kind, url, missing in databases():
            if missing:
                yield Figure(f"{kind}: with seals against without", None, "1", limit=LEAST, note=missing)
                continue
            env = {"FRAMSYN_DATA": str(Path(name) / kind), **({"DATABASE_URL": url} if url else {})}
            in_process("audit:fill", env=env)
            for way, words in WAYS.items():
                found = rounds(env, way, 1 if quick else ROUNDS, 1.0 if quick else SECONDS)
                checked = in_process("audit:check", env=env)
                share = found["with"] / found["without"]
                yield Figure(
                    f"{kind}, {words}: with against without", share, "1", limit=LEAST, better="higher",
                    note=f"{WRITERS} writers; the log verified: {checked['whole']}; "
                    f"{found['behind']:.0f} entries waited at the end of a round",
                    detail={**found, **checked, "load": os.getloadavg() if hasattr(os, "getloadavg") else None},
                )  # fmt: skip
                yield Figure(
                    f"{kind}, {words}: with",
                    found["with"],
                    "changes/s",
                    better="higher",
                    note="median of rounds",
                )
                yield Figure(f"{kind}, {words}: without", found["without"], "changes/s", better="higher")


def databases() -> Iterator[tuple[str, str, str]]:
    """Give each database: its name, its address, and why it cannot be measured here."""
    from tests.support import postgres_cluster

    missing = postgres_cluster.missing()
    if missing:
        yield "PostgreSQL", "", missing
    else:
        # As a server is run: what is committed is on the disk.
        with postgres_cluster.started(
            "shared_buffers=256MB", f"max_connections={WRITERS + 50}", "fsync=on"
        ) as cluster:
            yield "PostgreSQL", cluster.database(), ""
    yield "SQLite", "", ""


def rounds(env: dict[str, str], way: str, count: int, seconds: float) -> dict[str, Any]:
    """Let the writers write with and without by turns, and return the medians."""
    each: dict[str, list[float]] = {"with": [], "without": []}
    behind = []
    with writers(env, way) as ask:
        ask("without", min(seconds, 2.0))  # connections are opened, caches filled
        for number in range(count):
            for mode in ("with", "without") if number % 2 else ("without", "with"):
                answers = ask(mode, seconds)
                each[mode].append(sum(one["wrote"] / one["seconds"] for one in answers))
                if mode == "with":
                    behind.append(max(one["behind"] for one in answers))
    return {
        **{mode: median(found) for mode, found in each.items()},
        "rounds": each,
        "behind": median(behind),
    }


@contextmanager
def writers(env: dict[str, str], way: str) -> Iterator[Any]:
    """Run the processes of the writers; what is given asks them all to write for a while."""
    command = [sys.executable, "-m", "benchmarks.audit", way, str(WRITERS // PROCESSES)]
    processes = [
        subprocess.Popen(
            [*command, str(number)], cwd=ROOT, env=environment(**env), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        for number in range(PROCESSES)
    ]  # fmt: skip

    def ask(mode: str, seconds: float) -> list[dict[str, Any]]:
        for process in processes:
            print(json.dumps([mode, seconds]), file=process.stdin, flush=True)
        return [json.loads(process.stdout.readline()) for process in processes]

    try:
        for process in processes:
            process.stdout.readline()  # ready
        yield ask
    finally:
        for process in processes:
            process.stdin.close()
            process.wait(60)


# ---------------------------------------------------------------- in processes of their own
def fill() -> dict[str, Any]:
    """Make the site, with a measure for every writer."""
    from framsyn.web.operations import start

    start.set_up()
    start.bring_up_to_date()
    from framsyn.web.accounts.models import Organisation
    from framsyn.web.actions import Actor
    from framsyn.web.audit import sealing
    from framsyn.web.measures.models import Measure
    from framsyn.web.operations import demo

    demo.load(Actor.system("benchmark"))
    first, owners = Measure.objects.order_by("id").first(), list(Organisation.objects.all())
    for number in range(WRITERS):
        first.pk, first.organisation = f"writer-{number}", owners[number % len(owners)]
        first.save(force_insert=True)
    sealing.seal(everything=True)
    return {}


def check() -> dict[str, Any]:
    """Seal what is left and verify the log."""
    from framsyn.web.operations import start

    start.set_up()
    from framsyn.web.audit import heads, sealing, verifying
    from framsyn.web.audit.keys import known_keys

    sealing.seal(everything=True)
    began = time.perf_counter()
    report = verifying.verify(known_keys(), heads.read(heads.path_of()))
    # What was written without a stamp has none: it was put in past the site, and the check says so.
    strange = {kind: count for kind, count in report.count.items() if kind != "inserted"}
    return {
        "whole": not strange,
        "faults": strange,
        "entries": report.entries,
        "verified_per_second": report.entries / (time.perf_counter() - began),
    }


def write(way: str, threads: int, first: int) -> None:
    """Write for as long as each line of the input says, and answer how much it was."""
    from framsyn.web.operations import start

    start.set_up()
    import logging

    from django.conf import settings
    from django.db import connections, models

    from framsyn.web.actions import ACTIONS, Act, Actor, action
    from framsyn.web.audit.models import Entry
    from framsyn.web.audit.sealing import waiting
    from framsyn.web.measures.actions import report
    from framsyn.web.measures.models import Measure

    logging.getLogger("framsyn.web.actions").setLevel(logging.WARNING)

    @action("accounts.set_role")  # which no index listens to
    def record(act: Act, measure: Measure) -> None:
        act.require(measure.organisation)
        act.record(
            measure, before={"status": "on_plan"}, after={"status": "stuck", "text": "A sentence about why."}
        )

    real, actor = Entry.save, Actor.system("benchmark")
    measures = [
        Measure.objects.select_related("organisation").get(pk=f"writer-{first * threads + n}")
        for n in range(threads)
    ]
    gate, stop = threading.Barrier(threads + 1), threading.Event()
    wrote = [0] * threads

    def one(number: int) -> None:
        try:
            while True:
                gate.wait()
                while not stop.is_set():
                    if way == "entry":
                        record(actor, measures[number])
                    else:
                        report(
                            actor, measures[number], status="on_plan", text="A sentence about how it goes."
                        )
                    wrote[number] += 1
                gate.wait()
        finally:
            gate.abort()  # a writer that fails ends the benchmark

    for number in range(threads):
        threading.Thread(target=one, args=(number,), daemon=True).start()
    assert ACTIONS
    print("ready", flush=True)
    for line in sys.stdin:
        mode, seconds = json.loads(line)
        settings.AUDIT_SEALING = mode == "with"
        Entry.save = real if mode == "with" else models.Model.save  # type: ignore[method-assign]
        wrote[:] = [0] * threads
        stop.clear()
        gate.wait()
        began = time.perf_counter()
        time.sleep(seconds)
        stop.set()
        gate.wait()
        took = time.perf_counter() - began
        behind = waiting(everything=False).count() if mode == "with" else 0
        connections.close_all()
        time.sleep(1.0 if mode == "with" else 0.0)
        print(json.dumps({"wrote": sum(wrote), "seconds": took, "behind": behind}), flush=True)
    os._exit(0)  # threads wait at the gate for ever


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
