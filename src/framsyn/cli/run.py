"""``framsyn run``: one scenario, its results and, if asked for, its files."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from rich.text import Text

from framsyn.cli import figures, terminal
from framsyn.cli.options import JsonOption, RunOptions, read_moves, read_names, read_years, run_scenario
from framsyn.cli.progress import Work
from framsyn.cli.rows import OTHER, SHORT, print_summary, summary_rows
from framsyn.errors import PlanError

if TYPE_CHECKING:
    from rich.console import Console

    from framsyn.outlook.result import Outlook

__all__ = ["run"]

MAIN = {
    "region": (
        "population", "population_65_plus", "need", "patients", "bed_days", "outpatient_contacts", "beds",
        "outpatient_rooms", "staff_gap", "result", "liquidity", "liquidity_breach", "emissions",
    ),
    "trust": ("population", "population_65_plus", "need", "bed_days", "beds", "outpatient_rooms", "staff_gap"),
    "area": ("population", "population_65_plus", "need"),
}  # fmt: skip
SPLITS = (
    "Differences between trusts that only an assumption makes are not shown: mental health and substance use care are taken "
    "together, and professions without published figures in every trust are left out."
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def run(
    scenario: str,
    /,
    options: RunOptions | None = None,
    *,
    out: Annotated[
        Path | None,
        Parameter(help="Folder for trusts.parquet, areas.parquet, scenario.toml and manifest.json."),
    ] = None,
    level: Annotated[
        Literal["region", "trust", "area"],
        Parameter(help="Places of the table: the whole, trusts or municipalities."),
    ] = "region",
    years: Annotated[
        str | None, Parameter(help="Years with commas between; first, 2030 and last if left out.")
    ] = None,
    quantity: Annotated[
        list[str] | None, Parameter(help="Quantities with commas between or repeated; all gives every one.")
    ] = None,
    month: Annotated[int | None, Parameter(help="A year whose beds are shown month by month.")] = None,
    lever: Annotated[
        list[str] | None,
        Parameter(help="A lever and where it is moved to, such as work_processes=-10; may be repeated."),
    ] = None,
    json: JsonOption = False,
) -> int:
    """Run a scenario and print its summary."""
    from framsyn.outlook.store import fill, replace_directory

    options = options or RunOptions()
    names, moves = read_names(quantity or []), read_moves(lever or [])
    region = options.load()
    chosen = read_years(years, region.base_year, options.until)
    if month is not None and not region.base_year <= month <= options.until:
        span = f"{region.base_year}–{options.until}"
        message = f"--month is {month}; the run has {span}. Name one of these years, or set --until."
        raise PlanError("year-outside-run", message, got=month, expected=[region.base_year, options.until])
    # The folder is opened before the run, so that a name that cannot be used is told at once.
    with replace_directory(out) if out is not None else nullcontext() as fresh:
        with Work() as work:
            outlook = run_scenario(region, scenario, options, work, moves)
            if fresh is not None:
                with work.phase(f"Writing {out}"):
                    fill(outlook, fresh)
        rows = summary_rows(outlook, level, chosen, names or MAIN[level])
        months = month_rows(outlook, month, level) if month is not None else []
    if json:
        terminal.write_json(
            {"manifest": outlook.manifest, "levers": moves, "level": level, "rows": rows, "months": months}
        )
        return 0
    console = terminal.stdout()
    show(console, outlook, rows, level)
    if moves:
        told = ", ".join(f"{name} at {value:g}" for name, value in moves.items())
        terminal.note(console, f"Levers moved: {told}.")
    if level == "trust":
        terminal.note(console, SPLITS)
    if months:
        show_months(console, outlook, months)
    if out is not None:
        console.print()
        console.print(Text(f"Written to {out}"), soft_wrap=True)
    return 0


def show(console: Console, outlook: Outlook, rows: list[dict[str, Any]], level: str) -> None:
    """Print the summary of a run."""
    m = outlook.manifest
    terminal.heading(
        console,
        f"{outlook.scenario.label['en']}, {outlook.region.label['en']}, {outlook.years[0]}–{outlook.years[-1]}",
        f"Median and 80% interval of {m['draws']:,} draws; seed {m['seed']}, control {m['control']}, run {m['id']}",
    )
    print_summary(console, outlook, rows, level)
    if any(quantity_is_money(row) for row in rows):
        terminal.note(console, figures.MONEY_NOTE)


def quantity_is_money(row: dict[str, Any]) -> bool:
    """Say whether a row is in kroner."""
    return figures.style_of(row["unit"]) == "money"


def month_rows(outlook: Outlook, year: int, level: str) -> list[dict[str, Any]]:
    """Return beds by month in a year, of the region or of each trust.

    By trust, mental health and substance use care are taken together, see :func:`without_assumed_splits`.
    """
    from framsyn.report.evidence import OTHER_SERVICES
    from framsyn.stages.capacity import beds_by_month

    found = []
    for place in ["region"] if level == "region" else list(outlook.region.trusts):
        where: dict[str, Any] = {"year": year} | ({} if place == "region" else {"trust": place})
        beds = beds_by_month(outlook.draws("beds", ("service_area",), where), outlook.region)
        parts = {str(area): [str(area)] for area in beds["service_area"].values}
        if place != "region":
            parts = {"SOM": ["SOM"], OTHER: list(OTHER_SERVICES)}
        for part, areas in parts.items():
            levels = beds.sel(service_area=areas).sum("service_area").quantile((0.1, 0.5, 0.9), dim="draw")
            for number in beds["month"].values:
                low, middle, high = (float(x) for x in levels.sel(month=number).values)
                found.append(
                    {"place": place, "year": year, "service_area": part, "month": int(number), "p10": low, "p50": middle,
                     "p90": high}
                )  # fmt: skip
    return found


def show_months(console: Console, outlook: Outlook, rows: list[dict[str, Any]]) -> None:
    """Print beds by month, one table per place."""
    for place in dict.fromkeys(row["place"] for row in rows):
        named = "the region" if place == "region" else outlook.region.label_of("trust", place, "nb")
        terminal.heading(
            console,
            f"Beds by month in {rows[0]['year']}, {named}",
            "Beds at the planned occupancy [bed], spread by the seasonal profile; median and 80% interval",
        )
        columns = []
        for area in dict.fromkeys(row["service_area"] for row in rows):
            inside = [row for row in rows if (row["place"], row["service_area"]) == (place, area)]
            columns.append(
                (SHORT[area], [figures.cell(row["p50"], row["p10"], row["p90"], "number") for row in inside])
            )
        terminal.print_columns(console, [("Month", list(MONTHS))], columns)
