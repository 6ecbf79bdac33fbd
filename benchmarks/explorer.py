"""Promise: with 10 people at the explorer a lever that comes to rest is answered in ≤ 250 ms (95 %); a move sends ≤ 60 kB.

A demo with an outlook of 1 000 draws is served with two workers as in production. One person alone, without and with an
answer that is kept; then 1, 10 and 50 people, each of whom drags a lever (three answers on the way), lets it rest, asks for
the charts that follow, reads, and drags another. Beside it an answer that is kept: what is left when nothing is computed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import Figure, in_process
from benchmarks.site import HOST, WORKERS, served

__all__ = ["measure"]

THOUGHT = 8.0  # seconds that somebody reads between two moves, half to one and a half times this
WAIT, KILOBYTES = 250.0, 60.0
# People, whether all move the same few levers, seconds of reading, seconds that are measured, seconds before that. The
# promise is measured longest; one person, whom nobody disturbs, reads less, so that there is something to take 95 % of.
CROWDS = (
    (1, False, 0.5, 16.0, 1.0),
    (1, True, 0.5, 8.0, 1.0),
    (10, False, THOUGHT, 40.0, 8.0),
    (10, True, THOUGHT, 20.0, 4.0),
    (50, False, THOUGHT, 20.0, 8.0),
    (50, True, THOUGHT, 16.0, 4.0),
)
TINY = ((1, False, 1.0, 3.0, 0.0), (3, True, 1.0, 3.0, 0.0))


def measure(quick: bool = False) -> Iterator[Figure]:
    """Yield the figures."""
    draws = 20 if quick else 1000
    with tempfile.TemporaryDirectory(prefix="framsyn-bench-") as name:
        env = {"FRAMSYN_DATA": str(Path(name) / "data")}
        in_process("site_fill:fill", env=env, measures=120, observations=4_000, draws=draws)
        with served(env) as port:
            where = {"host": HOST, "port": port}
            opened = in_process("explorer_drive:await_desks", **where, workers=WORKERS)
            yield Figure(
                "desks open in every worker", opened["seconds"], "s", note=f"{WORKERS} at once, {draws} draws"
            )
            repeats = 4 if quick else 40
            alone = in_process("explorer_drive:one_after_another", **where, repeats=repeats)
            slow = in_process("explorer_drive:one_after_another", **where, repeats=repeats, slow=True)
            kept = alone["hit_p95"]
            yield Figure("an answer that is kept, 95 %", kept, "ms", note="one person", detail=alone)
            yield Figure(
                "a multiplicative lever, 95 %",
                alone["miss_p95"],
                "ms",
                beside=("kept", kept),
                note="one person",
            )
            yield Figure(
                "healthier ageing, 95 %",
                slow["miss_p95"],
                "ms",
                beside=("kept", kept),
                note="one person",
                detail=slow,
            )
            yield Figure(
                "the charts that follow, 95 %", alone["later_p95"], "ms", note="waterfall, map, trusts, table"
            )
            yield Figure(
                "sent per answer", alone["kilobytes"], "kB", limit=KILOBYTES, note="gzip, the largest"
            )
            yield Figure(
                "sent per rest", alone["kilobytes"] + alone["later_kilobytes"], "kB", limit=KILOBYTES,
                note="gzip; with the charts that follow",
            )  # fmt: skip
            yield from together(where, kept, quick)


def together(where: dict[str, object], kept: float, quick: bool) -> Iterator[Figure]:
    """Yield how long people wait who move at the same time."""
    for count, shared, thought, seconds, before in TINY if quick else CROWDS:
        found = in_process(
            "explorer_drive:people",
            **where,
            count=count,
            thought=thought,
            seconds=seconds,
            before=before,
            shared=shared,
        )
        what = "the same levers" if shared else "levers of their own"
        yield Figure(
            f"{count} people, {what}, 95 %", found["p95"], "ms", limit=WAIT if count == 10 and not shared else None,
            beside=("kept", kept),
            note=f"{found['moves']} moves, {found['wrong']} not answered, median {found['p50']:.0f} ms",
            detail={**found, "load": os.getloadavg() if hasattr(os, "getloadavg") else None},
        )  # fmt: skip
