"""``framsyn hindcast``: how an earlier projection would have fared."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from framsyn.cli import figures, terminal
from framsyn.cli.options import DrawsOption, JsonOption, RegionOptions
from framsyn.cli.progress import Work
from framsyn.report.numbers import number, percent

if TYPE_CHECKING:
    from rich.console import Console

    from framsyn.analyses.hindcast import Hindcast
    from framsyn.region import Region

__all__ = ["hindcast", "hindcast_line", "hindcast_payload"]

UNDER = 1
PHASE = "Projecting from 2015"
FIGURES = {
    "population_2015_as_stated": "Population in 2015, as stated",
    "population_growth": "Growth of the population",
    "growth_over_67": "Growth of the population over 67",
    "fte_growth": "Growth of staff (FTE)",
}
MEASURES = {
    "stays": "Inpatient stays", "bed_days": "Bed days", "day_treatments": "Day treatments",
    "outpatient_contacts": "Outpatient contacts",
}  # fmt: skip


def hindcast(
    options: RegionOptions | None = None,
    *,
    draws: DrawsOption = 1000,
    seed: Annotated[int, Parameter(help="Two runs with one seed share their random numbers.")] = 1,
    workers: Annotated[
        int | None, Parameter(help="Parts computed at once; all processors if left out.")
    ] = None,
    min_coverage: Annotated[
        float | None,
        Parameter(help="Least share of municipalities covered, in per cent; below it the exit code is 1."),
    ] = None,
    json: JsonOption = False,
) -> int:
    """Project from 2015 and print the scores."""
    from framsyn.analyses.hindcast import hindcast as score
    from framsyn.outlook.run import check_run

    options = options or RegionOptions()
    region = options.load()
    check_run(draws, region.base_year)
    with Work() as work, work.phase(PHASE, draws, "draws") as step:
        found = score(region, draws=draws, seed=seed, workers=workers, progress=step)
    under = min_coverage is not None and 100 * found.scores["coverage"] < min_coverage
    if json:
        terminal.write_json(hindcast_payload(found) | {"draws": draws, "seed": seed, "region": region.name})
        return UNDER if under else 0
    console = terminal.stdout()
    show_scores(console, found, region, draws)
    show_missed(console, found)
    show_totals(console, found, region)
    show_activity(console, found, region)
    show_trends(console, found, region)
    show_strategy(console, found, region)
    if under:
        terminal.note(console, f"\nCoverage is under the {min_coverage:g}% asked for.")
    return UNDER if under else 0


def hindcast_payload(found: Hindcast) -> dict[str, Any]:
    """Return what ``--json`` writes."""
    return {
        "scores": found.scores, "areas": found.areas, "missed": list(found.missed["area"]), "totals": found.totals,
        "activity": found.activity, "strategy": found.strategy,
    }  # fmt: skip


def hindcast_line(found: Hindcast) -> str:
    """Say in a few sentences how the projection would have fared and what it misses."""
    s = found.scores
    missed = list(found.missed["name"])
    named = ", ".join(missed[:5]) + (f" and {len(missed) - 5} more" if len(missed) > 5 else "")
    return (
        f"Made in 2015, the 80% interval would have covered the count of 2025 in {percent(s['coverage'], 'en')} of "
        f"{len(found.areas)} municipalities (naive forecast {percent(s['naive_coverage'], 'en')}). {verdict(s)} "
        f"It misses {named or 'none'}."
    )


def verdict(s: dict[str, float]) -> str:
    """Say whether the interval score beats the naive forecast's."""
    gain = 1 - s["relative_score"] / s["naive_relative_score"]
    how = f"{percent(abs(gain), 'en')} {'better' if gain > 0 else 'worse'}"
    return f"Its interval score is {how} than that of no change."


def show_scores(console: Console, found: Hindcast, region: Region, draws: int) -> None:
    """Print the scores beside the naive forecast's."""
    s = found.scores
    terminal.heading(
        console,
        f"Projected in 2015, counted in 2025: {region.label['en']}",
        f"{len(found.areas)} municipalities, {draws:,} draws, 80% intervals; naive: no change, as spread as 2005–2015",
    )
    rows = [
        ("Municipalities whose count is inside the interval [%]", "80", percent(s["coverage"], "en").rstrip("%"),
         percent(s["naive_coverage"], "en").rstrip("%")),
        ("Interval score [% of the count, mean]", "low", number(100 * s["relative_score"], "en", 1),
         number(100 * s["naive_relative_score"], "en", 1)),
        ("Interval score [person, mean]", "low", number(s["interval_score"], "en"), number(s["naive_interval_score"], "en")),
        ("CRPS [person, mean]", "low", number(s["crps"], "en"), number(s["naive_crps"], "en")),
        ("Median miss of the median forecast [%]", "low", number(100 * s["median_absolute_error"], "en", 1),
         number(100 * s["naive_median_absolute_error"], "en", 1)),
        ("Mean of median / count − 1 [%]", "0", number(100 * s["bias"], "en", 1, signed=True), ""),
    ]  # fmt: skip
    columns = list(zip(*rows, strict=True))
    terminal.print_columns(
        console,
        [("Score", columns[0])],
        [("best", columns[1]), ("Framsyn", columns[2]), ("naive", columns[3])],
        fold=50,
    )
    terminal.note(console, verdict(s))


def show_missed(console: Console, found: Hindcast) -> None:
    """Print every municipality that the interval misses."""
    missed = found.missed
    terminal.heading(
        console,
        f"Missed: {len(missed)} of {len(found.areas)} municipalities",
        "Persons counted on 1 January, and projected for 2025 with its 80% interval; largest miss first",
    )
    if missed.empty:
        terminal.note(console, "None.")
        return
    rows = [
        (
            row.name,
            figures.count(row.count_2015),
            figures.count(row.actual),
            f"{figures.count(row.median)} ({figures.count(row.p10)}–{figures.count(row.p90)})",
            f"{percent(row.beyond, 'en', 1)} too {'high' if row.p10 > row.actual else 'low'}",
        )
        for row in missed.itertuples(index=False)
    ]
    columns = list(zip(*rows, strict=True))
    heads = ("2015", "2025", "projected", "interval is")
    terminal.print_columns(
        console, [("Municipality", columns[0])], list(zip(heads, columns[1:], strict=True)), fold=20
    )


def show_totals(console: Console, found: Hindcast, region: Region) -> None:
    """Print the trusts and the region."""
    terminal.heading(console, "Trusts and region", "Persons on 1 January 2025")
    rows = [
        (
            "The region" if row.place == "region" else region.label_of("trust", row.place, "nb"),
            figures.count(row.actual),
            figures.cell(row.median, row.p10, row.p90, "number"),
            percent(row.error, "en", 1, signed=True),
            "inside" if row.covered else "outside",
        )
        for row in found.totals.itertuples(index=False)
    ]
    columns = list(zip(*rows, strict=True))
    heads = ("counted", "projected (80%)", "median off by", "count")
    terminal.print_columns(console, [("", columns[0])], list(zip(heads, columns[1:], strict=True)))


def show_activity(console: Console, found: Hindcast, region: Region) -> None:
    """Print what demography alone would have said of use."""
    terminal.heading(
        console,
        "Use by the residents in 2025, from 2015 by demography alone",
        "Per year; practice has moved since 2015, and this is how far",
    )
    rows = [
        (
            f"{MEASURES.get(row.measure, row.measure)}, {region.label_of('service_area', row.service_area, 'en').lower()}",
            rounded(row.actual_2015),
            rounded(row.actual_2025),
            rounded(row.projected),
            off_by(row.error),
            off_by(row.naive_error),
        )
        for row in found.activity.itertuples(index=False)
    ]
    columns = list(zip(*rows, strict=True)) if rows else [()] * 6
    heads = ("2015", "2025", "projected", "off by", "no change")
    terminal.print_columns(console, [("", columns[0])], list(zip(heads, columns[1:], strict=True)), fold=30)


def show_trends(console: Console, found: Hindcast, region: Region) -> None:
    """Print the trend of use around the breaks of its series, and what the breaks are."""
    if found.activity.empty:
        return
    terminal.heading(
        console,
        "Trend of that use around the breaks in its series",
        "Per cent a year, with its 80% interval; a jump where counting changed is kept apart",
    )
    rows = [
        (
            f"{MEASURES.get(row.measure, row.measure)}, {region.label_of('service_area', row.service_area, 'en').lower()}",
            "no trend can be told" if math.isnan(row.trend) else percent(row.trend, "en", 1, signed=True),
            figures.DASH
            if math.isnan(row.trend)
            else " to ".join(percent(end, "en", 1, signed=True) for end in (row.trend_low, row.trend_high)),
            str(row.points),
            row.left_out.replace("+", ", ") or "none",
        )
        for row in found.activity.itertuples(index=False)
    ]
    columns = list(zip(*rows, strict=True))
    heads = ("a year", "80%", "years used", "left out")
    terminal.print_columns(console, [("", columns[0])], list(zip(heads, columns[1:], strict=True)), fold=30)
    for text in dict.fromkeys(text for told in found.activity["breaks"] for text in told.split("; ") if text):
        terminal.note(console, f"Break: {text}")


def rounded(value: float) -> str:
    """Write a count of use to the nearest hundred.

    >>> rounded(126_933)
    '126,900'
    """
    return number(value, "en", -2)


def off_by(error: float) -> str:
    """Write how far a projection was off, or a dash where a break parts the two years.

    >>> off_by(0.052), off_by(math.nan)
    ('+5%', '–')
    """
    return figures.DASH if math.isnan(error) else percent(error, "en", signed=True)


def show_strategy(console: Console, found: Hindcast, region: Region) -> None:
    """Print the figures of the strategy of 2016 beside what came."""
    terminal.heading(
        console,
        "What the strategy of 2016 stated, and what happened",
        "Due: by the year of the count, if the way were even",
    )
    rows = [
        (
            FIGURES.get(row.figure, str(row.figure)) + places(row.places, region),
            str(row.unit),
            str(int(row.year)),
            plain_number(row.said),
            plain_number(row.due),
            plain_number(row.came),
            str(int(row.as_of)),
        )
        for row in found.strategy.itertuples(index=False)
    ]
    columns = list(zip(*rows, strict=True)) if rows else [()] * 7
    heads = ("for", "stated", "due", "actual", "counted")
    terminal.print_columns(
        console, [("Figure", columns[0]), ("Unit", columns[1])], list(zip(heads, columns[2:], strict=True))
    )


def places(codes: str, region: Region) -> str:
    """Name the trusts that a figure is limited to."""
    named = [region.label_of("trust", code, "nb") for code in codes.split("+") if code]
    return f" ({', '.join(named)} only)" if named else ""


def plain_number(value: float) -> str:
    """Write a published figure as it stands, or a dash."""
    if value is None or not math.isfinite(value):
        return figures.DASH
    return number(value, "en", 0 if abs(value) >= 100 or value == int(value) else 1)
