"""``framsyn demo``: the plan against pure demography, on the terminal and in a folder."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from rich.text import Text

from framsyn.cli import demo_tables, terminal
from framsyn.cli.hindcast import PHASE, hindcast_line, hindcast_payload
from framsyn.cli.options import DrawsOption, JsonOption, RunOptions, run_scenario
from framsyn.cli.progress import Work, beside

if TYPE_CHECKING:
    from concurrent.futures import Future

    import pandas as pd
    from rich.console import Console

    from framsyn.analyses.explain import Explanation
    from framsyn.analyses.hindcast import Hindcast
    from framsyn.outlook.result import Outlook

__all__ = ["demo"]

LANGUAGES = ("nb", "nn", "en")
RANKED, RANKED_WHERE = "bed_days", {"service_area": "SOM"}
RANKING_SIZE = 64
WHAT = {".html": "report", ".xlsx": "workbook with data dictionary", ".json": "what was run, and check sums"}
FIRST = "index.html"


def demo(
    *,
    out: Annotated[Path, Parameter(help="Folder for report, workbook and data.")] = Path("out"),
    draws: DrawsOption = 1000,
    lang: Annotated[
        Literal["nb", "nn", "en"],
        Parameter(help="Language of the workbook, and of the report that is named first."),
    ] = "nb",
    no_report: Annotated[bool, Parameter(help="Print the tables and write nothing.")] = False,
    json: JsonOption = False,
) -> int:
    """Run plan and demography, print what they say, write the folder, serve the site.

    The command ends when the folder is written with FRAMSYN_NO_SERVE=1, and where the extra ``web`` is not installed.
    """
    from framsyn.cli import site
    from framsyn.outlook.executors import single_threaded_blas
    from framsyn.outlook.store import check_target

    began = perf_counter()
    if not no_report:
        check_target(out)
    work = Work()
    studied = None
    # What is computed beside the runs fills the gaps between their kernels. Linear algebra keeps to one thread all the
    # while: a run that ended would else give the other one more threads, and its sums another order.
    with work, single_threaded_blas():
        options = RunOptions(draws=draws)
        region = options.load()
        if not no_report:
            import_module("framsyn.outlook.run")
            beside(fetch_report)
        plan = run_scenario(region, "plan", options, work)
        if not no_report:
            studied = beside(lambda: study(plan, work))
        baseline = run_scenario(region, "demography", options, work)
        found = score_past(plan, draws, work)
    tables = demo_tables.Tables(plan, baseline)
    if not json:
        console = terminal.stdout()
        tables.show(console)
        terminal.heading(console, "How an earlier projection would have fared")
        terminal.note(console, hindcast_line(found))
    if studied is not None:
        with work:
            write(out, plan, baseline, found, studied, lang, work)
    seconds = perf_counter() - began
    if json:
        files = [] if no_report else [str(path) for path in written(out, lang)]
        terminal.write_json(
            {"manifests": [plan.manifest, baseline.manifest], **tables.payload(), "hindcast": hindcast_payload(found),
             "files": files, "seconds": {**work.seconds, "in all": seconds}}
        )  # fmt: skip
        return 0
    if not no_report:
        tell_files(console, out, lang)
    terminal.stderr().print(Text(time_line(work.seconds, seconds), style="dim"))
    return site.open_demo((plan, baseline)) if not no_report and site.may_serve() else 0


def fetch_report() -> None:
    """Import what ranking and report need, ahead of their turn."""
    for name in ("framsyn.report.bundle", "scipy.stats"):
        import_module(name)


def score_past(plan: Outlook, draws: int, work: Work) -> Hindcast:
    """Score a projection made in 2015."""
    from framsyn.analyses.hindcast import hindcast

    with work.phase(PHASE, draws, "draws") as step:
        return hindcast(plan.region, draws=draws, progress=step)


def study(plan: Outlook, work: Work) -> tuple[pd.DataFrame, Explanation]:
    """Rank the inputs and explain the need of the plan, which the other run is not needed for."""
    from framsyn.analyses.explain import explain_change

    with work.phase("Ranking what drives bed days", unit="runs") as step:
        drivers = rank(plan, step)
    return drivers, explain_change(plan, "need", where=RANKED_WHERE)


def write(
    out: Path,
    plan: Outlook,
    baseline: Outlook,
    found: Hindcast,
    studied: Future[tuple[pd.DataFrame, Explanation]],
    lang: str,
    work: Work,
) -> None:
    """Write the folder, whole or not at all."""
    from framsyn.report.bundle import write_bundle

    with work.phase(f"Writing report, workbook and data to {out}") as step:
        drivers, explanation = studied.result()
        write_bundle(
            out,
            plan,
            baseline,
            languages=(lang, *(other for other in LANGUAGES if other != lang)),
            workbooks=(lang,),
            hindcast=found,
            drivers=drivers,
            explanation=explanation,
            progress=step,
        )


def rank(plan: Outlook, step: Any) -> pd.DataFrame:
    """Rank the inputs, with what was ranked for the report's words."""
    from framsyn.analyses.drivers import rank_drivers

    found = rank_drivers(plan, RANKED, where=RANKED_WHERE, n=RANKING_SIZE, progress=step)
    found.attrs |= {"quantity": RANKED, "year": plan.years[-1], "where": RANKED_WHERE}
    return found


def written(out: Path, lang: str) -> list[Path]:
    """Return what is in the folder: the way in, the chosen language, the other files, folders."""

    def place(path: Path) -> tuple[bool, bool, bool, str]:
        return path.name != FIRST, path.is_dir(), f".{lang}." not in path.name, path.name

    return sorted(out.iterdir(), key=place)


def tell_files(console: Console, out: Path, lang: str) -> None:
    """Tell where everything is."""
    terminal.heading(console, f"Written to {out.absolute()}")
    paths = written(out, lang)
    width = max(len(path.name) for path in paths) + 1
    for path in paths:
        name = f"{path.name}/" if path.is_dir() else path.name
        what = "Parquet tables and the scenario" if path.is_dir() else WHAT.get(path.suffix, "")
        what = "start here" if path.name == FIRST else what
        console.print(Text(f"  {name:<{width}}  {what}".rstrip()), soft_wrap=True)


def time_line(phases: dict[str, float], whole: float) -> str:
    """Say how long everything took.

    >>> time_line({"Running plan": 2.04, "Running demography": 1.5}, 4.0)
    '4.0 s in all: running plan 2.0, running demography 1.5'
    """
    parts = ", ".join(f"{text[0].lower()}{text[1:]} {seconds:.1f}" for text, seconds in phases.items())
    return f"{whole:.1f} s in all: {parts}"
