"""Promise: from the release of a lever to new numbers painted in the page ≤ 100 ms (95 %), in a real browser, 1 000 draws.

One person at the explorer in Chromium, served with two workers as in production. A lever is pressed at a new place and
released, or moved by a key, each held for as long as a hand holds it; the page itself takes the time, from the event's own
moment to the frame in which the new numbers are painted. The numbers are painted before the charts, whose time stands beside
them. Every place is new, so every answer is computed. Beside it the same moves where the server has kept the answers: what
sending, reading and painting them takes. Apart, the bare answers over HTTP, new and kept, without a browser.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.explorer_drive import LEVERS
from benchmarks.measuring import Figure, in_process, percentile
from benchmarks.site import HOST, WORKERS, served

__all__ = ["drive", "measure"]

WAIT = 100.0
MOVES, KEYS, KEPT, WARM = (
    48,
    40,
    24,
    3,
)  # the browser compiles what it runs often: the first few are not counted
HELD = 0.09  # seconds between pressing and letting go, of a button or a key, as people's hands do it
PATIENCE = 30_000.0  # milliseconds until something is wrong
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
ASKS = 6 * WORKERS  # of one address over connections of their own, until every worker has the answer

# The clock runs in the page. The moment of an event is the browser's own (its timeStamp), before any script has seen it. The
# run's id is written when the numbers are in place, and marks the results when the charts are; the next frame paints them,
# and what comes after that frame is told.
CLOCK = """() => {
  const clock = { first: 0, last: 0, done: null };
  window.benchmarkClock = clock;
  clock.arm = (first, last) => {
    clock.first = clock.last = 0;
    document.addEventListener(first, (event) => { clock.first = event.timeStamp; }, { capture: true, once: true });
    document.addEventListener(last, (event) => { clock.last = event.timeStamp; }, { capture: true, once: true });
    clock.answer = new Promise((resolve) => { clock.done = resolve; });
    clock.drawn = new Promise((resolve) => { clock.whole = resolve; });
  };
  const painted = (then) => {
    if (clock.first === 0) return;
    const after = new MessageChannel();
    after.port1.onmessage = then;
    requestAnimationFrame(() => after.port2.postMessage(0));
  };
  new MutationObserver(() => painted(() => {
    const now = performance.now();
    clock.done?.([now - (clock.last || now), now - clock.first]);
    clock.done = null;
  })).observe(document.getElementById("run-id"), { childList: true, characterData: true, subtree: true });
  new MutationObserver(() => painted(() => clock.whole?.(performance.now() - clock.last)))
    .observe(document.getElementById("results"), { attributeFilter: ["data-run"] });
  for (const fold of document.querySelectorAll(".levers details")) fold.open = true;
}"""


def measure(quick: bool = False) -> Iterator[Figure]:
    """Yield the figures."""
    name = "release to new numbers in the page, 95 %"
    if find_spec("playwright") is None or browser() is None:
        note = "needs the package playwright and a Chromium of this machine"
        yield Figure(name, None, "ms", limit=WAIT, note=note)
        return
    draws = 20 if quick else 1000
    with tempfile.TemporaryDirectory(prefix="framsyn-bench-") as folder:
        env = {"FRAMSYN_DATA": str(Path(folder) / "data")}
        in_process("site_fill:fill", env=env, measures=120, observations=4_000, draws=draws)
        with served(env) as port:
            where = {"host": HOST, "port": port}
            in_process("explorer_drive:await_desks", **where, workers=WORKERS)
            bare = in_process("explorer_drive:one_after_another", **where, repeats=4 if quick else MOVES)
            many = (
                {"moves": 4, "keys": 3, "kept": 3} if quick else {"moves": MOVES, "keys": KEYS, "kept": KEPT}
            )
            found = in_process("explorer_browser:drive", **where, **many)
    kept = percentile(found["kept"], 0.95)  # from the press: at the release it is there
    for title, key in ((name, "moves"), ("a key to new numbers in the page, 95 %", "keys")):
        times = found[key]
        yield Figure(
            title, percentile(times, 0.95), "ms", limit=WAIT,
            note=f"{len(times)} moves of {found['levers']} levers, {draws} draws; median {percentile(times, 0.5):.0f} ms",
            detail={"times": times},
        )  # fmt: skip
    yield Figure(
        "the same from the press, 95 %", percentile(found["pressed"], 0.95), "ms", beside=("kept by the server", kept),
        note=f"held for {1000 * HELD:.0f} ms; median {percentile(found['pressed'], 0.5):.0f} ms",
        detail={"times": found["pressed"]},
    )  # fmt: skip
    yield Figure(
        "release to all charts in the page, 95 %", percentile(found["drawn"], 0.95), "ms",
        note=f"median {percentile(found['drawn'], 0.5):.0f} ms; the numbers come first", detail={"times": found["drawn"]},
    )  # fmt: skip
    yield Figure(
        "the same, kept by the server, 95 %", kept, "ms", note="what the hand, sending and painting take",
        detail={"times": found["kept"]},
    )  # fmt: skip
    yield Figure(
        "bare answer over HTTP, 95 %", bare["miss_p95"], "ms", beside=("kept", bare["hit_p95"]), detail=bare,
        note=f"without a browser; median {bare['miss_p50']:.0f} ms, {bare['kilobytes']:.0f} kB",
    )  # fmt: skip


def browser() -> str | None:
    """Return this machine's Chromium."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def drive(host: str, port: int, moves: int, keys: int, kept: int) -> dict[str, Any]:
    """Move levers in the page of the explorer; times [ms] from the event to the painted numbers.

    Parameters
    ----------
    host, port
    moves, keys, kept : int
        How often a lever is pressed at a new place and released, how often a key moves one, and how many of the moves are
        made again by a browser that has kept nothing, when the server has kept the answers.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=browser(), args=SWITCHES)
        asked_for: list[str] = []
        page = opened(chromium, host, port)
        page.on("request", lambda request: "part=now" in request.url and asked_for.append(request.url))
        dice = random.Random(1)
        found = {"levers": len(LEVERS), **timed(page, dice, moves)}
        found["keys"] = [strike(page, dice, LEVERS[number % len(LEVERS)]) for number in range(keys)]
        page.context.close()
        keep_everywhere(host, port, asked_for[: 2 * (WARM + kept)])
        again = timed(opened(chromium, host, port), random.Random(1), kept)
        found["kept"] = again["pressed"]
        found["asked"] = len(asked_for)
        chromium.close()
    return found


def opened(chromium: Any, host: str, port: int) -> Any:
    """Open the explorer in a browser that has kept nothing, with the clock in it."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="nb-NO")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"http://{host}:{port}/outlook/")
    page.evaluate(CLOCK)
    rest(page)
    return page


def timed(page: Any, dice: random.Random, moves: int) -> dict[str, Any]:
    """Move one lever after the other; times from the release, and from the press before it [ms]."""
    both = [press(page, dice, LEVERS[number % len(LEVERS)]) for number in range(WARM + moves)][WARM:]
    return dict(zip(("moves", "pressed", "drawn"), map(list, zip(*both, strict=True)), strict=True))


def keep_everywhere(host: str, port: int, addresses: list[str]) -> None:
    """Ask for answers until every worker has kept them."""
    for address in dict.fromkeys(addresses):
        for _ask in range(ASKS):
            connection = HTTPConnection(host, port, timeout=PATIENCE / 1000)
            path = address[address.index("/outlook/") :]
            connection.request("GET", path, headers={"Accept-Language": "nb", "Accept-Encoding": "gzip"})
            connection.getresponse().read()
            connection.close()


def rest(page: Any) -> None:
    """Wait until nothing is under way: what follows a lever at rest has come as well."""
    page.wait_for_timeout(50)
    page.wait_for_selector('#results[aria-busy="false"]')
    page.wait_for_timeout(50)


def place_of(slider: Any) -> float:
    """Return where a lever stands on its way, 0–1."""
    return float(slider.evaluate("(one) => (one.value - one.min) / (one.max - one.min)"))


def slider_of(page: Any, name: str) -> Any:
    """Return a lever's slider, in view."""
    slider = page.locator(f'[data-lever="{name}"] .lever__slider')
    slider.scroll_into_view_if_needed()
    return slider


def press(page: Any, dice: random.Random, lever: tuple[str, float, float, float]) -> list[float]:
    """Press a lever at a place where it does not stand and let go.

    Returns
    -------
    list of float
        From the release and from the press to the numbers, and from the release to the charts [ms].
    """
    slider = slider_of(page, lever[0])
    box = slider.bounding_box()
    goal = (place_of(slider) + dice.uniform(0.15, 0.85)) % 1.0
    page.mouse.move(box["x"] + 7 + goal * (box["width"] - 14), box["y"] + box["height"] / 2)
    page.evaluate("() => benchmarkClock.arm('pointerdown', 'pointerup')")
    page.mouse.down()
    time.sleep(HELD)
    page.mouse.up()
    drawn = float(page.evaluate("() => benchmarkClock.drawn"))
    return [*answered(page), drawn]


def strike(page: Any, dice: random.Random, lever: tuple[str, float, float, float]) -> float:
    """Move a lever by a key; time from letting it go [ms]."""
    slider = slider_of(page, lever[0])
    away = "Left" if place_of(slider) > 0.5 else "Right"
    key = dice.choice([f"Arrow{away}", "PageDown" if away == "Left" else "PageUp"])
    slider.focus()
    page.evaluate("() => benchmarkClock.arm('keydown', 'keyup')")
    page.keyboard.press(key, delay=1000 * HELD)
    return answered(page)[0]


def answered(page: Any) -> list[float]:
    """Wait until the numbers are painted and all is at rest; return the times [ms]."""
    found = page.evaluate("() => benchmarkClock.answer")
    page.wait_for_timeout(350)  # a key that was struck rests after a moment
    rest(page)
    return [float(one) for one in found]
