"""``framsyn cells``: episodes added up to cells where they lie, and protected tables out of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from rich.text import Text

from framsyn.cli import terminal
from framsyn.cli.options import JsonOption, RegionOptions
from framsyn.cli.progress import Work
from framsyn.errors import PlanError
from framsyn.report.numbers import number

if TYPE_CHECKING:
    from rich.console import Console

    from framsyn.sources.episodes.writing import Report

__all__ = ["build", "example", "export"]

REASONS = {
    "no_date": "no date",
    "out_before_in": "out before in",
    "unknown_care_level": "unknown care level",
    "unknown_sex": "unknown sex",
    "unknown_birth_year": "unknown year of birth",
    "unknown_unit": "treating unit not in the mapping",
    "unknown_diagnosis": "diagnosis without a service",
    "radiotherapy_of_inpatient": "radiotherapy contact of an inpatient (belongs to the stay)",
}
MEASURES = {
    "stays": "stays",
    "bed_days": "bed days",
    "day_treatments": "day treatments",
    "outpatient_contacts": "outpatient contacts",
}


def build(
    *,
    source: Annotated[Path, Parameter(help="Episodes: a Parquet file, or a folder of them.")],
    out: Annotated[Path, Parameter(help="Private folder for the cells.")] = Path("cells"),
    options: RegionOptions | None = None,
    column: Annotated[
        list[str] | None,
        Parameter(help="What the file calls a field, such as person=lopenr; may be repeated."),
    ] = None,
    units: Annotated[
        Path | None,
        Parameter(
            help="CSV of treating units: unit, site, service_area; the region's sites if left out.",
            show_default=False,
        ),
    ] = None,
    people: Annotated[
        list[str] | None,
        Parameter(
            help="Count persons at a level too, such as service,area,year: exports at it are judged by them. May be "
            "repeated."
        ),
    ] = None,
    until: Annotated[
        str,
        Parameter(
            help="First day after the data; the day after the last date if left out.", show_default=False
        ),
    ] = "",
    sites: Annotated[bool, Parameter(help="Tell apart at which site people were treated.")] = False,
    memory: Annotated[str, Parameter(help="What may be held in memory; the rest goes to the disk.")] = "2GB",
    json: JsonOption = False,
) -> int:
    """Add episodes up to cells."""
    from framsyn.sources.episodes.build import build_cells
    from framsyn.sources.episodes.mappings import mappings_of, read_units

    with Work() as work:
        with work.phase("Reading the region"):
            region = (options or RegionOptions()).load()
            mappings = mappings_of(region, read_units(units) if units else None)
        with work.phase(f"Adding up {source.name}") as step:
            report = build_cells(
                source,
                region,
                out,
                columns=read_columns(column or []),
                mappings=mappings,
                until=until,
                by_site=sites,
                people=[[name.strip() for name in level.split(",")] for level in people or ()],
                memory=memory,
                progress=_stages(step, 3 + len(people or ())),
            )
    if json:
        terminal.write_json({**vars(report), "folder": str(out)})
    else:
        print_report(terminal.stdout(), report, out)
    return 0


def export(
    folder: Annotated[Path, Parameter(help="Folder of cells.")],
    /,
    *,
    out: Annotated[
        Path, Parameter(help="The CSV file; what was done to it is told in a JSON file beside it.")
    ],
    by: Annotated[
        str, Parameter(help="What entries tell apart: service, level, age, sex, area, year, month.")
    ],
    measure: Annotated[
        Literal["stays", "bed_days", "day_treatments", "outpatient_contacts"],
        Parameter(help="What is counted."),
    ] = "stays",
    method: Annotated[
        Literal["suppress", "round"],
        Parameter(help="Hide small counts and what would give them away, or round every entry."),
    ] = "suppress",
    threshold: Annotated[int, Parameter(help="Smallest count that may be shown.")] = 5,
    json: JsonOption = False,
) -> int:
    """Write a protected table."""
    from framsyn.sources.episodes.export import export_cells

    with Work() as work, work.phase("Protecting small counts"):
        level = [name.strip() for name in by.split(",") if name.strip()]
        found = export_cells(folder, out, level, measure, method=method, threshold=threshold)
    if json:
        terminal.write_json({**vars(found), "path": str(found.path)})
        return 0
    console = terminal.stdout()
    hidden = (
        f"{number(found.hidden, 'en')} hidden"
        if method == "suppress"
        else f"rounded to multiples of {threshold}"
    )
    console.print(Text(f"{number(found.entries, 'en')} entries with their totals, {hidden}."))
    console.print(Text(f"A small count is one of fewer than {threshold} {found.judged_by}."))
    if found.judged_by == "episodes":
        console.print(
            Text(
                f"Persons are not counted at this level; for that: framsyn cells build … --people {','.join(level)}"
            ),
            soft_wrap=True,
        )
    console.print(Text(str(found.path)), soft_wrap=True)
    return 0


def example(
    file: Annotated[Path, Parameter(help="The Parquet file to write.")],
    /,
    *,
    rows: Annotated[int, Parameter(help="How many episodes.")] = 100_000,
    seed: Annotated[int, Parameter(help="The same seed gives the same rows.")] = 1,
    options: RegionOptions | None = None,
) -> int:
    """Write made-up episodes to try with."""
    from framsyn.sources.episodes.synthetic import write_synthetic

    if rows < 1:
        message = f"rows is {rows}; give at least 1."
        raise PlanError("rows-unfit", message, got=rows, expected=1)
    with Work() as work, work.phase(f"Writing {file}") as step:
        write_synthetic(file, (options or RegionOptions()).load(), rows, seed=seed, progress=step)
    console = terminal.stdout()
    console.print(Text(f"{number(rows, 'en')} made-up episodes; no row is or resembles a person."))
    console.print(Text(str(file)), soft_wrap=True)
    return 0


def read_columns(texts: list[str]) -> dict[str, str]:
    """Read ``field=column``.

    >>> read_columns(["person=lopenr"])
    {'person': 'lopenr'}
    """
    found = {}
    for text in texts:
        field, sign, column = text.partition("=")
        if not sign or not field.strip() or not column.strip():
            message = f'--column "{text}" is not understood. Write it as person=lopenr.'
            raise PlanError("column-unfit", message, got=text, expected="field=column")
        found[field.strip()] = column.strip()
    return found


def _stages(step: Any, total: int) -> Any:
    """Return what moves the bar on by one for each thing that is begun."""
    done = iter(range(total + 1))

    def begun(what: str) -> None:
        step(next(done, total), total, what)

    return begun


def print_report(console: Console, report: Report, out: Path) -> None:
    """Print what became of the rows."""
    kept = [(REASONS[name], count) for name, count in report.left_out.items() if count]
    rows = [
        ("rows of the file", report.rows),
        ("counted", report.counted),
        *((f"left out: {why}", n) for why, n in kept),
    ]
    texts, counts = [what for what, _ in rows], [number(count, "en") for _, count in rows]
    terminal.heading(console, "What became of the rows")
    terminal.print_columns(console, [("", texts)], [("rows", counts)], fold=60)
    console.print()
    sums = ", ".join(f"{number(report.totals[name], 'en')} {words}" for name, words in MEASURES.items())
    console.print(Text(f"{sums}."), soft_wrap=True)
    away = sum(report.elsewhere.values())
    if away:
        console.print(
            Text(f'Of residents of other regions, kept as "other": {number(away, "en")}.'), soft_wrap=True
        )
    console.print(Text(str(out)), soft_wrap=True)
