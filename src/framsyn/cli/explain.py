"""``framsyn explain``: why a number changes, as a waterfall, and which uncertainty drives it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from framsyn.cli import figures, terminal
from framsyn.cli.options import COMPILES, JsonOption, RegionOptions, load_scenario
from framsyn.cli.progress import Work
from framsyn.cli.rows import SHORT
from framsyn.errors import PlanError
from framsyn.quantities import quantity as quantity_of
from framsyn.report.numbers import Style, display_factor, number, percent

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from framsyn.analyses.explain import Explanation

__all__ = ["bar", "explain"]

BAR = 24
SHOWN_DRIVERS = 12


def explain(
    scenario: str,
    other: str | None = None,
    /,
    options: RegionOptions | None = None,
    *,
    quantity: Annotated[str, Parameter(help="Quantity that is explained.")] = "need",
    service_area: Annotated[
        Literal["SOM", "PHV", "PHBU", "TSB"] | None,
        Parameter(help="One service area; all together if left out."),
    ] = None,
    year: Annotated[int, Parameter(help="Year that is explained, at most 2060.")] = 2040,
    control: Annotated[
        Literal["none", "trust", "county"],
        Parameter(help="Official population totals that the run is made to meet."),
    ] = "none",
    drivers: Annotated[
        bool,
        Parameter(help="Also rank the uncertain inputs by their share of the variance (one scenario only)."),
    ] = False,
    size: Annotated[
        int, Parameter(help="Base size of the ranking's design, a power of two; more is sharper and slower.")
    ] = 64,
    seed: Annotated[int, Parameter(help="Seed of the people's draws in the ranking.")] = 1,
    json: JsonOption = False,
) -> int:
    """Explain a change over time or between two scenarios."""
    from framsyn.analyses.drivers import rank_drivers
    from framsyn.analyses.explain import explain_change
    from framsyn.outlook.run import run

    if drivers and other is not None:
        message = (
            "--drivers ranks the inputs of one scenario; two are named. Name one, or leave --drivers out."
        )
        raise PlanError("one-scenario-only", message, got=[scenario, other])
    options = options or RegionOptions()
    quantity_of(quantity)
    region = options.load()
    names = [scenario] if other is None else [scenario, other]
    scenarios = [load_scenario(name, region) for name in names]
    where = None if service_area is None else {"service_area": service_area}
    ranked = None
    with Work() as work:
        with work.phase("Running the centre of " + " and ".join(s.name for s in scenarios), hint=COMPILES):
            outlooks = [
                run(region, s, draws=2, seed=seed, until=year, control=control, workers=1) for s in scenarios
            ]
        with work.phase(f"Sharing the change of {quantity} out over its causes"):
            if other is None:
                found = explain_change(outlooks[0], quantity, year, where)
            else:
                found = outlooks[0].explain(outlooks[1], quantity, year, where)
        if drivers:
            with work.phase("Ranking the drivers", unit="runs") as step:
                ranked = rank_drivers(outlooks[0], quantity, year, where, n=size, progress=step)
    if json:
        terminal.write_json(payload(found, ranked, service_area))
        return 0
    console = terminal.stdout()
    show(console, found, service_area, [s.label["en"] for s in scenarios])
    if ranked is not None:
        show_drivers(console, ranked, outlooks[0].scenario, quantity, year)
    return 0


def payload(found: Explanation, ranked: pd.DataFrame | None, service_area: str | None) -> dict[str, Any]:
    """Return what ``--json`` writes."""
    return {
        "quantity": found.name, "unit": found.unit, "service_area": service_area, "year": found.year, "start": found.start,
        "end": found.end, "before": found.before, "after": found.after,
        "effects": found.table("en") if found.effects else [], "drivers": ranked,
    }  # fmt: skip


def show(console: Console, found: Explanation, service_area: str | None, labels: list[str]) -> None:
    """Print the waterfall: start, each effect with its bar, end."""
    rule = quantity_of(found.name)
    style, unit = figures.style_of(rule.unit), figures.unit_of(rule.unit)
    whole = found.after - found.before
    place = f" ({SHORT[service_area].lower()})" if service_area else ""
    if len(labels) == 1:
        title = (
            f"Why {rule.labels['en'].lower()}{place} changes from {found.start} to {found.end}: {labels[0]}"
        )
    else:
        title = f"Why {rule.labels['en'].lower()}{place} differs in {found.year}: {labels[0]} → {labels[1]}"
    terminal.heading(console, title, f"Central run; effects add up to the whole change. Unit: {unit}")
    if not found.effects:
        what = rule.labels["en"].lower()
        terminal.note(console, f"No assumption that moves {what} differs; the value is the same in both.")
        return
    table = found.table("en")
    effects = [float(x) for x in table["effect"]]
    decimals = step_of(found, style)
    scale = max(map(abs, [*effects, whole])) or 1.0
    relative = found.before != 0
    rows = [(start_label(found.start, labels), figures.fixed(found.before, style, decimals), "", "", "bold")]
    for label, effect in zip(table["label"], effects, strict=True):
        share = percent(effect / found.before, "en", 1, signed=True) if relative else ""
        rows.append((f"  {label}", signed(effect, style, decimals), share, bar(effect / scale), ""))
    rows.append(
        (
            "Whole change",
            signed(whole, style, decimals),
            percent(whole / found.before, "en", 1, signed=True) if relative else "",
            bar(whole / scale),
            "bold",
        )
    )
    rows.append((end_label(found.end, labels), figures.fixed(found.after, style, decimals), "", "", "bold"))
    columns = list(zip(*rows, strict=True))
    terminal.print_columns(
        console,
        [("", columns[0])],
        [(unit, columns[1]), (f"of {found.start}", columns[2])],
        columns[4],
        fold=30,
        tail=[("lowers │ raises".center(BAR + 1), columns[3])],
    )


def start_label(start: str, labels: list[str]) -> str:
    """Name the value before."""
    return start if len(labels) == 1 else labels[0]


def end_label(end: str, labels: list[str]) -> str:
    """Name the value after."""
    return end if len(labels) == 1 else labels[1]


def step_of(found: Explanation, style: Style) -> int:
    """Return the decimals that tell the whole change in three digits."""
    factor = display_factor(style)
    largest = max(abs(x) for x in (found.after - found.before, *found.effects.values())) * factor
    return min(2 - math.floor(math.log10(largest)), 3) if largest > 0 else 0


def signed(value: float, style: Style, decimals: int) -> str:
    """Write an effect with its sign."""
    return number(value * display_factor(style), "en", decimals, signed=True)


def bar(share: float, width: int = BAR // 2) -> str:
    """Draw a bar to the left of an axis for what lowers, to the right for what raises, in half characters.

    >>> bar(0.5, 4), bar(-0.375, 4), bar(0.0, 4)
    ('    │██  ', '  ▐█│    ', '    │    ')
    """
    halves = min(round(abs(share) * width * 2), width * 2)
    if share < 0:
        return ("▐" * (halves % 2) + "█" * (halves // 2)).rjust(width) + "│" + " " * width
    return " " * width + "│" + ("█" * (halves // 2) + "▌" * (halves % 2)).ljust(width)


def show_drivers(console: Console, ranked: pd.DataFrame, scenario: Any, name: str, year: int) -> None:
    """Print the inputs with the largest shares of the variance."""
    terminal.heading(
        console,
        f"What the uncertainty of {quantity_of(name).labels['en'].lower()} in {year} comes from",
        "Sobol's shares of the variance with 80% bootstrap intervals; chance from year to year left out",
    )
    labels = {a.name: a.label["en"] for a in scenario.assumptions} | {
        "people": "Births, deaths and moves together"
    }
    shown = ranked[ranked["total"] >= 0.001].head(SHOWN_DRIVERS)
    rows = [
        (
            labels[row.input],
            "" if row.part == "people" else row.part,
            driver_cell(row.total, row.total_low, row.total_high),
            driver_cell(row.first, row.first_low, row.first_high),
            bar_of_share(row.total),
        )
        for row in shown.itertuples()
    ]
    columns = list(zip(*rows, strict=True)) if rows else [()] * 5
    terminal.print_columns(
        console,
        [("Input", columns[0]), ("Part", columns[1])],
        [("total", columns[2]), ("alone", columns[3])],
        fold=30,
        tail=[("", columns[4])],
    )
    rest = len(ranked) - len(shown)
    if rest:
        terminal.note(console, f"{rest} further inputs matter less.")


def driver_cell(value: float, low: float, high: float) -> str:
    """Write a share of variance; estimates a little outside 0–1 are the noise of the design."""
    low, value, high = (min(max(x, 0.0), 1.0) for x in (low, value, high))
    return f"{percent(value, 'en')} ({number(100 * low, 'en')}–{number(100 * high, 'en')})"


def bar_of_share(share: float, width: int = 12) -> str:
    """Draw a share as a bar.

    >>> bar_of_share(0.5, 4)
    '██  '
    """
    halves = round(min(max(share, 0.0), 1.0) * width * 2)
    return ("█" * (halves // 2) + "▌" * (halves % 2)).ljust(width)
