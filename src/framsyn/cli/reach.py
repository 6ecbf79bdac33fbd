"""``framsyn reach``: whether the plan's goals can be reached, what moves them, and the fewest measures that suffice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.text import Text

from framsyn.cli import terminal
from framsyn.cli.options import COMPILES, JsonOption, RegionOptions, load_scenario
from framsyn.cli.progress import Work
from framsyn.errors import PlanError
from framsyn.report.numbers import number, percent

if TYPE_CHECKING:
    from rich.console import Console

    from framsyn.analyses.attainment import Attainment
    from framsyn.web.attainment.questions import Answers, Question

__all__ = ["reach"]

HIGHEST = 0.9
METHODS = {
    "all": "every set was tried",
    "bounds": "every set that can reach it was tried",
    "greedy": "found one measure at a time; there may be a smaller set",
}


def reach(
    goal: str = "",
    /,
    options: RegionOptions | None = None,
    *,
    scenario: Annotated[
        str, Parameter(help="Scenario that the chance is asked for, by its name or file.")
    ] = "plan",
    over: Annotated[float, Parameter(help="Chance that the fewest measures are to give, up to 0.9.")] = 0.8,
    draws: Annotated[int, Parameter(env_var="FRAMSYN_DRAWS", help="Number of draws.")] = 400,
    seed: Annotated[int, Parameter(help="Seed of the draws.")] = 1,
    sets: Annotated[int, Parameter(help="Most sets of measures over which a goal is shared out.")] = 256,
    keep: Annotated[
        bool, Parameter(help="Ask about the site's own plan, and keep the answers there.")
    ] = False,
    data: Annotated[
        Path | None,
        Parameter(help="Folder of the site's database; FRAMSYN_DATA if left out.", show_default=False),
    ] = None,
    json: JsonOption = False,
) -> int:
    """Ask of each goal that a model reaches whether it is reached."""
    if not 0 < over <= HIGHEST:
        message = f"--over is {over:g}; a chance lies above 0 and up to {HIGHEST:g}. Write 0.8 for 80 %."
        raise PlanError("chance-out-of-range", message, got=over, expected=[0, HIGHEST])
    region = (options or RegionOptions()).load()
    chosen = load_scenario(scenario, region)
    questions, measures = plan_of(region, goal, data, keep=keep)
    from framsyn.web.attainment.questions import answer_all

    with Work() as work, work.phase("Asking which goals can be reached", unit="goals", hint=COMPILES) as step:
        answers = answer_all(
            region, chosen, questions, measures, draws=draws, seed=seed, budget=sets, progress=step
        )
    kept = None
    if keep:
        from framsyn.web.actions import Actor
        from framsyn.web.attainment.store import keep as keep_answers

        kept = keep_answers(Actor.system("reach"), answers)
    if json:
        terminal.write_json(payload(answers, over, kept))
        return 0
    console = terminal.stdout()
    show(console, answers, over, detailed=bool(goal))
    if kept is not None:
        terminal.note(console, f"{kept} new answers are kept in the site.")
    return 0


def plan_of(region: Any, goal: str, data: Path | None, *, keep: bool) -> tuple[list[Question], list[Any]]:
    """Return the questions and measures of the region's plan, or of the site's."""
    if keep:
        from framsyn.web.operations import start

        start.set_up(data, existing=True)
        start.bring_up_to_date()
        from framsyn.web.attainment.asking import effects_in_use, options_of, questions_of_site

        questions, measures = questions_of_site(region.trusts), options_of(effects_in_use())
    else:
        from framsyn.web.attainment.questions import questions_of_files

        questions, measures = questions_of_files(region.folder / "plan", region.trusts)
    chosen = [one for one in questions if not goal or one.goal == goal]
    if not chosen:
        known = sorted({one.goal for one in questions})
        told = (
            f"Those that one reaches: {', '.join(known)}." if known else "The plan has none that one reaches."
        )
        message = f'no model reaches a goal "{goal}". {told}'
        raise PlanError("goal-not-reached", message, got=goal, expected=known)
    return chosen, measures


def show(console: Console, answers: Answers, over: float, *, detailed: bool) -> None:
    """Print one line per decision, and for one goal what moves it."""
    label = answers.scenario.label["en"]
    terminal.heading(
        console,
        f"Which goals can be reached: {label}",
        f"Share of {answers.draws} draws that meet the target; run {answers.run[:12]}",
    )
    questions = [question for question, _found in answers.found]
    found = [one for _question, one in answers.found]
    names = [f"{one.indicator}, {one.place}{'*' if one.standing != 'decided' else ''}" for one in questions]
    terminal.print_columns(
        console,
        [("Goal", [one.goal for one in questions]), ("Indicator", names)],
        [
            ("Target", [target_text(one) for one in questions]),
            ("Chance", [percent(one.probability, "en") for one in found]),
            ("±", [number(100 * one.error(), "en", 1) for one in found]),
            ("Without", [percent(one.trend, "en") for one in found]),
            ("With all", [percent(one.every, "en") for one in found]),
        ],
        [""] * len(found),
        fold=36,
    )
    terminal.note(
        console,
        "Without and with all measures of the plan. ±: Monte Carlo standard error in percentage points. "
        "*: an example that nobody has decided.",
    )
    if detailed:
        for question, one in answers.found:
            show_parts(console, question, one, over)


def show_parts(console: Console, question: Question, found: Attainment, over: float) -> None:
    """Print what moves one decision, and the fewest measures."""
    terminal.heading(
        console,
        f"What moves {question.indicator}, {question.place}",
        "Percentage points of chance: alone, on top of all others, fair share; and the indicator's move",
    )
    if not found.parts:
        terminal.note(console, "No measure of the plan moves it in the model.")
        return
    terminal.print_columns(
        console,
        [("Measure", [part.name for part in found.parts])],
        [
            ("Alone", [points(part.alone) for part in found.parts]),
            ("On top", [points(part.last) for part in found.parts]),
            ("Fair share", [points(part.share) for part in found.parts]),
            ("Moves", [number(part.moves, "en", 3 if abs(part.moves) < 1 else 1, signed=True) for part in found.parts]),
        ],
        [""] * len(found.parts),
        fold=30,
    )  # fmt: skip
    smallest = found.over(over)
    names = ", ".join(smallest.names) or "no measure"
    head = (
        f"Fewest for {percent(smallest.over, 'en')}: {names} ({percent(smallest.probability, 'en')})."
        if smallest.reached
        else f"No set reaches {percent(smallest.over, 'en')}. The best is {percent(smallest.probability, 'en')}: {names}."
    )
    console.print(Text(f"{head} {METHODS[smallest.method].capitalize()}."))


def target_text(question: Question) -> str:
    """Write the target in short."""
    target = question.target
    low, high = target.bounds
    year = target.year
    if target.type == "reach_at_least":
        return f"≥ {low:g}, {year}"
    if target.type == "reach_at_most":
        return f"≤ {high:g}, {year}"
    return f"{low:g}–{high:g}, {year}"


def points(change: float) -> str:
    """Write a change of a chance in percentage points."""
    return number(100 * change, "en", 1, signed=True)


def payload(answers: Answers, over: float, kept: int | None) -> dict[str, Any]:
    """Return what ``--json`` writes."""
    rows = []
    for (question, found), past in zip(answers.found, answers.past, strict=True):
        said = found.to_json()
        smallest = found.over(over)
        rows.append(
            {
                "goal": question.goal,
                "place": question.place,
                "indicator": question.indicator,
                "standing": question.standing,
                "error": found.error(),
                **{key: said[key] for key in ("target", "probability", "trend", "every", "centre", "parts", "idle")},
                "smallest": {
                    "over": smallest.over, "measures": list(smallest.names), "probability": smallest.probability,
                    "reached": smallest.reached, "method": smallest.method,
                },
                "past": None if past is None else {"made": past.made, "year": past.year, "projected": past.projected,
                                                   "actual": past.actual, "error": past.error},
            }
        )  # fmt: skip
    return {
        "scenario": answers.scenario.name, "run": answers.run, "draws": answers.draws, "seed": answers.seed,
        "goals": rows, "counts_on": list(answers.shares), "kept": kept,
    }  # fmt: skip
