"""Readers of a site: over real connections, in a process of their own, with as little work per page as can be.

Times run from when a reader wanted the page to its last byte. Where readers come by themselves and do not wait for each
other (an open loop), a page that was wanted while the server was busy has waited since then: slowness cannot hide itself.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from benchmarks.measuring import percentile

__all__ = ["alone", "highest_rate", "readers", "saturate"]

# How often each kind of page is asked for; plan and goal pages most.
WEIGHTS = {
    "home": 8, "plans": 4, "plan": 20, "element": 8, "goals": 10, "goal": 25, "indicators": 3, "indicator": 8,
    "measures": 4, "measure": 8, "outlook": 2,
}  # fmt: skip
LANGUAGES = ("nb",) * 8 + ("nn", "en")
PATIENCE = 60.0
MOST_WAITING = 600  # then the rate is far beyond what can be served, and the step is ended


class Connection:
    """One kept-alive HTTP/1.1 connection."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def get(self, path: str, language: str = "nb", headers: str = "") -> tuple[int, int]:
        """Return status and size of a page; ``headers`` are more lines of the request, each with its end."""
        if self.writer is None or self.writer.is_closing():
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        assert self.reader is not None
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Language: {language}\r\n{headers}\r\n"
        self.writer.write(head.encode())
        top = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        size = int(top.partition("content-length:")[2].partition("\r\n")[0])
        await self.reader.readexactly(size)
        if "connection: close" in top:
            self.close()
        return int(top.split(" ", 2)[1]), size

    def close(self) -> None:
        """Hang up."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None


def chooser(paths: dict[str, list[str]], seed: int) -> Callable[[], tuple[str, str, str]]:
    """Return a function that gives the next page: kind, address, language."""
    dice = random.Random(seed)
    kinds = [kind for kind in WEIGHTS if kind in paths]
    weights = [WEIGHTS[kind] for kind in kinds]

    def choose() -> tuple[str, str, str]:
        kind = dice.choices(kinds, weights)[0]
        return kind, dice.choice(paths[kind]), dice.choice(LANGUAGES)

    return choose


def summary(taken: list[tuple[str, float, int]], seconds: float, wrong: int) -> dict[str, Any]:
    """Return the percentiles [ms], pages a second, mean size [kB], and the percentiles of each kind."""
    times = [1000 * spent for _, spent, _ in taken]
    kinds = sorted({kind for kind, _, _ in taken})
    by_kind = {kind: [1000 * spent for other, spent, _ in taken if other == kind] for kind in kinds}
    return {
        "pages": len(taken),
        "wrong": wrong,
        "rate": len(taken) / seconds,
        "kilobytes": sum(size for *_, size in taken) / 1000 / len(taken),
        "p50": percentile(times, 0.5),
        "p95": percentile(times, 0.95),
        "p99": percentile(times, 0.99),
        "kinds": {
            kind: {"p50": percentile(some, 0.5), "p95": percentile(some, 0.95)}
            for kind, some in by_kind.items()
        },
    }


def alone(host: str, port: int, paths: dict[str, list[str]], repeats: int) -> dict[str, Any]:
    """Ask for pages of each kind one after the other; return their median times [ms], and who does not answer well."""

    async def ask() -> dict[str, Any]:
        connection, found, failed = Connection(host, port), {}, {}
        for kind, addresses in paths.items():
            times, sizes = [], []
            step = max(1, len(addresses) // repeats)
            for number in range(repeats + 1):
                began = time.perf_counter()
                path = addresses[number * step % len(addresses)]
                status, size = await connection.get(path)
                if status != 200:
                    failed[kind] = f"{path} {status}"
                    break
                if number:  # the first of a kind compiles its templates
                    times.append(1000 * (time.perf_counter() - began))
                    sizes.append(size / 1000)
            else:
                found[kind] = {
                    "ms": percentile(times, 0.5),
                    "most_ms": max(times),
                    "kilobytes": percentile(sizes, 0.5),
                }
        connection.close()
        return {"kinds": found, "failed": failed}

    return asyncio.run(ask())


def readers(
    host: str,
    port: int,
    paths: dict[str, list[str]],
    count: int,
    thought: float,
    seconds: float,
    before: float = 0.0,
    seed: int = 1,
) -> dict[str, Any]:
    """Let readers read for some time, each thinking a while (half to one and a half times ``thought``) after a page.

    What is asked for in the first ``before`` seconds, while the server still imports and nothing is kept, does not count.
    """
    taken: list[tuple[str, float, int]] = []
    wrong = 0

    async def read(number: int, end: float) -> None:
        nonlocal wrong
        choose, dice, connection = (
            chooser(paths, seed * 1000 + number),
            random.Random(number),
            Connection(host, port),
        )
        await asyncio.sleep(dice.uniform(0, thought))
        while (began := time.perf_counter()) < end:
            kind, path, language = choose()
            status, size = await connection.get(path, language)
            if began >= end - seconds:
                taken.append((kind, time.perf_counter() - began, size))
            wrong += status != 200
            await asyncio.sleep(thought * dice.uniform(0.5, 1.5))
        connection.close()

    async def together() -> None:
        end = time.perf_counter() + before + seconds
        everybody = asyncio.gather(*(read(number, end) for number in range(count)))
        await asyncio.wait_for(everybody, before + seconds + PATIENCE)

    asyncio.run(together())
    return summary(taken, seconds, wrong)


def at_rate(
    host: str, port: int, paths: dict[str, list[str]], rate: float, seconds: float, seed: int
) -> dict[str, Any]:
    """Let pages be wanted at random moments at a rate [1/s]; nobody waits for anybody."""
    taken: list[tuple[str, float, int]] = []
    idle: deque[Connection] = deque()
    waiting = wrong = 0

    async def want(kind: str, path: str, language: str, due: float) -> None:
        nonlocal waiting, wrong
        connection = idle.popleft() if idle else Connection(host, port)
        try:
            status, size = await connection.get(path, language)
            wrong += status != 200
        except (OSError, EOFError):
            connection.close()
            wrong, size = wrong + 1, 0
        taken.append((kind, time.perf_counter() - due, size))
        waiting -= 1
        idle.append(connection)

    async def arrive() -> bool:
        nonlocal waiting
        choose, dice = chooser(paths, seed), random.Random(seed)
        due, end = time.perf_counter(), time.perf_counter() + seconds
        tasks = []
        while due < end and waiting < MOST_WAITING:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            waiting += 1
            tasks.append(asyncio.create_task(want(*choose(), due)))
            due += dice.expovariate(rate)
        held = due >= end
        await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)
        for connection in idle:
            connection.close()
        return held

    held = asyncio.run(arrive())
    return {**summary(taken, seconds, wrong), "wanted": rate, "held": held}


def highest_rate(
    host: str, port: int, paths: dict[str, list[str]], limit: float, seconds: float, most: float = 2000.0
) -> dict[str, Any]:
    """Look for the highest rate [1/s] that keeps the 95th percentile within a limit [ms]: double, then halve the gap."""
    steps: list[dict[str, Any]] = []

    def keeps(rate: float) -> bool:
        step = at_rate(host, port, paths, rate, seconds, seed=len(steps) + 1)
        steps.append({key: step[key] for key in ("wanted", "rate", "p50", "p95", "wrong", "held")})
        return bool(step["held"] and step["p95"] <= limit and not step["wrong"])

    low, high = 0.0, 16.0
    while high < most and keeps(high):
        low, high = high, 2 * high
    while not low and high > 1:
        if keeps(high / 2):
            low = high / 2
        else:
            high /= 2
    while low and high - low > 0.1 * low:
        middle = (low + high) / 2
        low, high = (middle, high) if keeps(middle) else (low, middle)
    return {"rate": low, "steps": steps}


def saturate(host: str, port: int, path: str, connections: int, seconds: float) -> dict[str, Any]:
    """Ask for one page as fast as it is answered; return pages a second."""
    answered = 0

    async def ask(end: float) -> None:
        nonlocal answered
        connection = Connection(host, port)
        while time.perf_counter() < end:
            status, _ = await connection.get(path)
            assert status == 200
            answered += 1
        connection.close()

    async def together() -> None:
        end = time.perf_counter() + seconds
        await asyncio.gather(*(ask(end) for _ in range(connections)))

    asyncio.run(together())
    return {"rate": answered / seconds}
