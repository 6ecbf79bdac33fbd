"""People at the explorer: each drags a lever, lets it rest, reads for a while, and drags another."""

from __future__ import annotations

import asyncio
import random
import time
from typing import Any

from benchmarks.measuring import percentile
from benchmarks.site_drive import Connection

__all__ = ["await_desks", "one_after_another", "people"]

# Levers as they are moved: name, lowest, highest, step.
LEVERS = (
    ("work_processes", -25.0, 10.0, 0.5),
    ("home_hospital", -20.0, 0.0, 0.5),
    ("digital_follow_up", -25.0, 5.0, 0.5),
    ("prevention", -20.0, 5.0, 0.5),
    ("sick_leave", -30.0, 30.0, 1.0),
    ("productivity_growth", -1.0, 1.5, 0.1),
    ("income_growth", -1.5, 2.0, 0.1),
    ("bed_occupancy", -20.0, 10.0, 1.0),
)
SLOW = ("healthier_ageing", -2.0, 6.0, 0.1)
ON_THE_WAY = 3  # answers while the hand moves, each asked for when the one before has come
SAMPLE = 0.05  # seconds of a hand between them
HEADERS = "Accept-Encoding: gzip\r\nAccept: application/json\r\n"
PATIENCE = 120.0
ANSWER = "/outlook/answer/"


def asked(moves: dict[str, str], part: str = "now") -> str:
    """Return the address of an answer."""
    said = "".join(f"{name}={value}&" for name, value in moves.items())
    return f"{ANSWER}?{said}part={part}&width=wide"


def await_desks(host: str, port: int, workers: int) -> dict[str, float]:
    """Wait until every worker answers, and say how long it took [s]."""

    async def wait() -> float:
        began = time.perf_counter()
        in_a_row = 0
        while in_a_row < 4 * workers:
            connection = Connection(host, port)
            status, _ = await connection.get(asked({}), headers=HEADERS)
            connection.close()
            in_a_row = in_a_row + 1 if status == 200 else 0
            if status != 200:
                await asyncio.sleep(0.1)
            if time.perf_counter() - began > PATIENCE:
                message = f"no desk is open after {PATIENCE:.0f} s; the last answer was {status}"
                raise RuntimeError(message)
        return time.perf_counter() - began

    return {"seconds": asyncio.run(wait())}


def one_after_another(host: str, port: int, repeats: int, slow: bool = False) -> dict[str, Any]:
    """Let one person move one lever to new places, then to the same again; times [ms] and sizes [kB]."""
    name, low, _high, step = SLOW if slow else LEVERS[0]

    async def go() -> dict[str, Any]:
        connection = Connection(host, port)
        found: dict[str, Any] = {"miss": [], "hit": [], "later": [], "kilobytes": [], "later_kilobytes": []}
        for number in range(repeats):
            moves = {name: f"{low + step * (number + 1):.1f}"}
            for kind in ("miss", "hit"):
                began = time.perf_counter()
                status, size = await connection.get(asked(moves), headers=HEADERS)
                assert status == 200, status
                found[kind].append(1000 * (time.perf_counter() - began))
            found["kilobytes"].append(size / 1000)
            if number % 4 == 0:
                began = time.perf_counter()
                _, size = await connection.get(asked(moves, "later"), headers=HEADERS)
                found["later"].append(1000 * (time.perf_counter() - began))
                found["later_kilobytes"].append(size / 1000)
        connection.close()
        return {
            **{f"{kind}_p50": percentile(found[kind], 0.5) for kind in ("miss", "hit", "later")},
            **{f"{kind}_p95": percentile(found[kind], 0.95) for kind in ("miss", "hit", "later")},
            "kilobytes": max(found["kilobytes"]),
            "later_kilobytes": max(found["later_kilobytes"]),
        }

    return asyncio.run(go())


def people(
    host: str,
    port: int,
    count: int,
    thought: float,
    seconds: float,
    before: float = 0.0,
    shared: bool = False,
) -> dict[str, Any]:
    """Let people move levers for some time; the time of a move runs from its release to its new numbers.

    Parameters
    ----------
    host, port
    count : int
        People, each with a connection of their own.
    thought : float [s]
        How long they read between two moves: half to one and a half times this.
    seconds, before : float [s]
        How long it is measured, and how long before that they move already.
    shared : bool
        Whether all move the same few levers to the same few places, as after a lecture; else each moves on their own.
    """
    released: list[float] = []
    way: list[float] = []
    later: list[float] = []
    sizes: list[float] = []
    wrong = 0

    async def move(number: int, end: float) -> None:
        nonlocal wrong
        dice, connection, moves = random.Random(1000 + number), Connection(host, port), {}
        await asyncio.sleep(dice.uniform(0, thought))
        while time.perf_counter() < end:
            name, low, high, step = LEVERS[dice.randrange(2)] if shared else dice.choice(LEVERS)
            if shared:
                moves = {}
            places = [low + step * dice.randrange(int((high - low) / step)) for _ in range(ON_THE_WAY + 1)]
            if shared:
                places = [low + 2 * step * (n + dice.randrange(3)) for n in range(ON_THE_WAY + 1)]
            sent = 0.0
            for place, value in enumerate(places):
                moves = {**moves, name: f"{value:.1f}"}
                began = time.perf_counter()
                status, size = await connection.get(asked(moves), headers=HEADERS)
                spent = 1000 * (time.perf_counter() - began)
                wrong += status != 200
                sent += size
                if began >= end - seconds:
                    (released if place == ON_THE_WAY else way).append(spent)
                if place < ON_THE_WAY:
                    await asyncio.sleep(max(0.0, SAMPLE - spent / 1000))
            began, status = time.perf_counter(), 202
            while status == 202:  # others go first
                status, size = await connection.get(asked(moves, "later"), headers=HEADERS)
                await asyncio.sleep(0.3 if status == 202 else 0)
            wrong += status != 200
            if began >= end - seconds:
                later.append(1000 * (time.perf_counter() - began))
                sizes.append((sent + size) / 1000)
            if len(moves) > 4:
                moves = {}
            await asyncio.sleep(thought * dice.uniform(0.5, 1.5))
        connection.close()

    async def together() -> None:
        end = time.perf_counter() + before + seconds
        await asyncio.wait_for(
            asyncio.gather(*(move(number, end) for number in range(count))), before + seconds + PATIENCE
        )

    asyncio.run(together())
    return {
        "moves": len(released),
        "wrong": wrong,
        "p50": percentile(released, 0.5),
        "p95": percentile(released, 0.95),
        "way_p95": percentile(way, 0.95),
        "later_p95": percentile(later, 0.95),
        "kilobytes": percentile(sizes, 0.95),
    }
