"""Promise: the whole chain, 1 000 draws, 66 municipalities, 2025–2040, in at most 3 s and 1.5 GiB, kernels cached.

Beside it the first compile, the share of every stage, what a second core gives, and how far the two heavy kernels are from
what the machine can do at best: moving memory (triad) and multiplying matrices (dgemm).
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from time import perf_counter
from typing import Any

from benchmarks import machine
from benchmarks.measuring import Figure, in_process, median, seconds

__all__ = ["first_run", "measure", "stages"]

SECONDS, GIB = 3.0, 1.5
REGION, SCENARIO, UNTIL = "midt-norge", "plan", 2040
NAMES = ("project_", "prepare_", "group_", "people_", "join_", "area_", "control_", "make_")


def measure(quick: bool = False) -> Iterator[Figure]:
    """Yield the figures."""
    draws, until, repeats = (20, 2027, 1) if quick else (1000, UNTIL, 3)
    size = {"draws": draws, "until": until}
    in_process(
        "chain:first_run", draws=2, until=2026
    )  # so that the kernels are cached before anything is measured
    runs = [in_process("chain:first_run", **size) for _ in range(repeats)]
    first = median([run["run"] for run in runs])
    peaks = [run["peak_gib"] for run in runs if run["peak_gib"] is not None]
    what = f"{draws} draws, 66 municipalities, 2025–{until}, scenario {SCENARIO}"
    yield Figure(
        "whole chain, first run in a process",
        first,
        "s",
        limit=SECONDS,
        note=f"{what}; framsyn.run after imports, region and scenario read; median of {repeats} processes",
        detail={"all": [run["run"] for run in runs]},
    )
    yield Figure(
        "whole chain, run again in the process",
        median([run["again"] for run in runs]),
        "s",
        limit=SECONDS,
        note="the same framsyn.run a second time",
    )
    yield Figure(
        "peak memory of that process",
        max(peaks) if peaks else None,
        "GiB",
        limit=GIB,
        note="interpreter and libraries included" if peaks else "this system does not tell",
    )
    yield Figure(
        "reading region and scenario", median([run["read"] for run in runs]), "s", note="before the run"
    )
    if not quick:
        yield from compile_figures()
    answer = in_process("chain:stages", **size)
    for name, spent in sorted(answer["spent"].items(), key=lambda item: -item[1]):
        share = 100 * spent / answer["total"]
        if share >= 1 or name == "the rest":
            yield Figure(
                f"share of time: {name}", share, "%", note=f"own time, {answer['draws']} draws on one thread"
            )
    yield Figure(
        "two workers against one",
        answer["one"] / answer["two"],
        "×",
        better="higher",
        note=f"time on one worker over time on two, {answer['draws']} draws; 2 is all that two cores can give",
    )
    yield from kernel_figures(in_process("chain:kernels", draws=4 if quick else 50, until=until, quick=quick))


def compile_figures() -> Iterator[Figure]:
    """Yield the cost of the first compile on a machine."""
    with tempfile.TemporaryDirectory(prefix="framsyn-bench-") as folder:
        cache = {"NUMBA_CACHE_DIR": folder}
        cold = in_process("chain:first_run", cache, draws=2, until=2026)
        warm = in_process("chain:first_run", cache, draws=2, until=2026)
    yield Figure(
        "first compile of the kernels",
        cold["run"] - warm["run"],
        "s",
        note="once per machine and version: first run of 2 draws with an empty kernel cache less the same with a full one",
    )
    yield Figure(
        "first run of 2 draws to 2026, kernels cached", warm["run"], "s", note="what any run costs at least"
    )


def first_run(draws: int, until: int) -> dict[str, float]:
    """Time the first and the second run of this process."""
    import framsyn
    from framsyn.outlook.run import run

    began = perf_counter()
    region = framsyn.Region.load(REGION)
    scenario = framsyn.Scenario.load(SCENARIO, region=region)
    read = perf_counter() - began
    first = seconds(lambda: run(region, scenario, draws=draws, until=until))
    again = seconds(lambda: run(region, scenario, draws=draws, until=until))
    return {"read": read, "run": first, "again": again}


def stages(draws: int, until: int) -> dict[str, Any]:
    """Time every step of a run on one thread, each without the steps inside it, and runs on one and two workers."""
    import framsyn
    from framsyn.outlook import run as chain

    region = framsyn.Region.load(REGION)
    scenario = framsyn.Scenario.load(SCENARIO, region=region)

    def once(workers: int) -> float:
        return seconds(lambda: chain.run(region, scenario, draws=draws, until=until, workers=workers))

    once(1)
    one, two = (median([once(workers) for _ in range(3)]) for workers in (1, 2))
    steps = {name: value for name, value in vars(chain).items() if callable(value) and name.startswith(NAMES)}
    spent: dict[str, float] = {}
    with ExitStack() as watched:
        for name, function in {**steps, **compiled()}.items():
            watched.enter_context(stopwatch(name, function, spent))
        total = once(1)
    spent["the rest"] = total - sum(spent.values())
    return {"spent": spent, "total": total, "one": one, "two": two, "draws": draws}


def compiled() -> dict[str, Any]:
    """Return every compiled kernel that the modules of Framsyn hold, by name."""
    from numba.core.dispatcher import Dispatcher

    modules = [module for name, module in sys.modules.items() if name.startswith("framsyn.")]
    return {
        f"kernel {value.py_func.__name__}": value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Dispatcher)
    }


@contextmanager
def stopwatch(name: str, function: Callable[..., Any], spent: dict[str, float]) -> Iterator[None]:
    """Time a function wherever Framsyn's modules hold it; what timed functions inside it take is not counted twice.

    A call on another thread counts for the step that waits for it.
    """

    def timed(*args: Any, **keywords: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():
            return function(*args, **keywords)
        before = sum(spent.values())
        began = perf_counter()
        result = function(*args, **keywords)
        inner = sum(spent.values()) - before
        spent[name] = spent.get(name, 0.0) + perf_counter() - began - inner
        return result

    held = [
        (module, key)
        for known, module in list(sys.modules.items())
        if known.startswith("framsyn.")
        for key, value in list(vars(module).items())
        if value is function
    ]
    for module, key in held:
        setattr(module, key, timed)
    try:
        yield
    finally:
        for module, key in held:
            setattr(module, key, function)


def kernels(draws: int, until: int, quick: bool) -> dict[str, Any]:
    """Time the heavy kernels alone on real arguments, and the machine's own best beside them."""
    import framsyn
    from framsyn.methods import cohort
    from framsyn.outlook.executors import single_threaded_blas
    from framsyn.outlook.run import prepare_chain
    from framsyn.stages import expected
    from framsyn.stages.cells import build_factors
    from framsyn.stages.draws import Draws
    from framsyn.stages.population import project_population

    region = framsyn.Region.load(REGION)
    scenario = framsyn.Scenario.load(SCENARIO, region=region)
    chain = prepare_chain(region, scenario, until)
    watched = ("project_cohorts", "gather_people")
    calls: dict[str, tuple[Any, ...]] = {}
    kept = {name: getattr(cohort, name) for name in watched}

    def spy(name: str) -> Callable[..., Any]:
        def wrapper(*args: Any) -> Any:
            calls.setdefault(name, args)
            return kept[name](*args)

        return wrapper

    for name in watched:
        setattr(cohort, name, spy(name))
    try:
        some = Draws.range(1, 0, draws)
        population = project_population(chain.people, scenario, some, until)
        people = population["population"].values
        class_people, _ = expected.group_people(people, chain.use)
    finally:
        for name in watched:
            setattr(cohort, name, kept[name])
    grid = build_factors(chain.use.plan, some, population["year"].values)
    kept["expected_use"] = expected.expected_use
    calls["expected_use"] = people, class_people, chain.use, grid
    repeats = 3 if quick else 15
    with single_threaded_blas():
        time = {
            name: median([seconds(lambda name=name, args=args: kept[name](*args)) for _ in range(repeats)])
            for name, args in calls.items()
        }
    years, areas = population.sizes["year"], len(region.areas)
    cells = years * areas * 212
    # A year is read and the next is written: 16 bytes a cell. One year beyond the horizon is projected, for its flows.
    moved = 16.0 * draws * cells
    read = 8.0 * draws * cells
    outputs = len(expected.AREA_COLUMNS) * 4
    work = useful_work(chain.use, years, areas, outputs)
    return {
        "time": time,
        "cohort_bytes": moved,
        "gather_bytes": read,
        "use_work": work,
        "bandwidth": machine.memory_bandwidth(16 if quick else 256, 3 if quick else 9),
        "square": machine.matrix_product(*(256 if quick else 1024,) * 3, repeats=repeats),
        "shape": machine.matrix_product(areas, 212, outputs, repeats=repeats),
        "shape_text": f"{areas} × 212 × {outputs}",
        "draws": draws,
    }


def useful_work(use: Any, years: int, areas: int, outputs: int) -> float:
    """Multiplications and additions that the sums over sex and age of one draw need, however they are done [flop].

    Activity: one sum per class of municipalities, service and measure with any use. Need: the same where there is a cost.
    Municipalities: one sum per shown column.
    """
    present = use.use.any(axis=2)
    classes = use.class_trust.shape[1]
    sums = classes * (int(present.sum()) + int((present & (use.cost > 0)).sum())) + areas * outputs
    return 2.0 * 212 * years * sums


def kernel_figures(answer: dict[str, Any]) -> Iterator[Figure]:
    """Yield the kernels' speed against the machine's."""
    time, bandwidth, draws = answer["time"], answer["bandwidth"], answer["draws"]
    yield Figure(
        "copy of large arrays, one thread", bandwidth["copy"], "GB/s", better="higher", note="the machine"
    )
    yield Figure(
        "triad of large arrays, one thread", bandwidth["triad"], "GB/s", better="higher", note="the machine"
    )
    yield Figure(
        "dgemm, large squares, one thread", answer["square"], "GFLOP/s", better="higher", note="the machine"
    )
    triad = ("triad", bandwidth["triad"])
    for name, key, what in (
        ("project_cohorts", "cohort_bytes", "people read and written once a year"),
        ("gather_people", "gather_bytes", "people read once"),
    ):
        if name in time:
            speed = answer[key] / time[name] / 1e9
            yield Figure(
                f"{name}: bytes moved",
                speed,
                "GB/s",
                better="higher",
                beside=triad,
                note=f"{what}, {draws} draws, one thread; {speed / triad[1]:.0%} of the triad",
                detail={"seconds_per_draw": time[name] / draws},
            )
    speed = answer["use_work"] * draws / time["expected_use"] / 1e9
    for peer, best in (
        ("dgemm, large squares", answer["square"]),
        (f"dgemm, {answer['shape_text']}", answer["shape"]),
    ):
        yield Figure(
            f"use times people against {peer}",
            speed,
            "GFLOP/s",
            better="higher",
            beside=(peer, best),
            note=f"expected_use: the sums that its result needs, {draws} draws, one thread; {speed / best:.0%} of it",
            detail={"seconds_per_draw": time["expected_use"] / draws},
        )
