"""``framsyn compare``: two scenarios side by side, draw by draw."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from framsyn.cli import figures, terminal
from framsyn.cli.options import JsonOption, RunOptions, read_names, read_years, run_scenario
from framsyn.cli.progress import Work
from framsyn.cli.rows import breach, part_label, without_absent
from framsyn.cli.run import MAIN
from framsyn.report.numbers import decimals_for, display_factor, interval, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from framsyn.outlook.result import Outlook

__all__ = ["compare"]

OVER = 1


def compare(
    first: str,
    second: str,
    /,
    options: RunOptions | None = None,
    *,
    years: Annotated[str | None, Parameter(help="Years with commas between; the last if left out.")] = None,
    quantity: Annotated[
        list[str] | None, Parameter(help="Quantities with commas between or repeated; all gives every one.")
    ] = None,
    threshold: Annotated[
        float | None,
        Parameter(help="Largest difference of medians in per cent; above it the exit code is 1."),
    ] = None,
    json: JsonOption = False,
) -> int:
    """Run two scenarios and print what differs."""
    options = options or RunOptions()
    names = read_names(quantity or [])
    region = options.load()
    chosen = read_years(years, region.base_year, options.until) or [options.until]
    with Work() as work:
        one, two = (run_scenario(region, name, options, work) for name in (first, second))
        with work.phase("Comparing"):
            rows = difference_rows(one, two, chosen, names or MAIN["region"])
    over = [row for row in rows if is_over(row, threshold)]
    if json:
        terminal.write_json(
            {
                "first": one.manifest,
                "second": two.manifest,
                "rows": rows,
                "threshold": threshold,
                "over": len(over),
            }
        )
        return OVER if over else 0
    console = terminal.stdout()
    m = one.manifest
    for year in chosen:
        terminal.heading(
            console,
            f"{two.scenario.label['en']} against {one.scenario.label['en']}, {region.label['en']}, {year}",
            f"Medians; difference within each of {m['draws']:,} draws with its 80% interval; seed {m['seed']}, "
            f"control {m['control']}",
        )
        show(console, one, two, [row for row in rows if row["year"] == year])
    if any(figures.style_of(row["unit"]) == "money" for row in rows):
        terminal.note(console, figures.MONEY_NOTE)
    if threshold is not None:
        named = ", ".join(dict.fromkeys(row["quantity"] for row in over))
        told = f"{len(over)} of {len(rows)} differences: {named}" if over else "none"
        terminal.note(console, f"Over the threshold of {threshold:g}%: {told}.")
    return OVER if over else 0


def difference_rows(
    one: Outlook, two: Outlook, years: Sequence[int], names: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the rows of :func:`framsyn.compare`; an event has its probability and no interval."""
    from framsyn.analyses.compare import compare as compare_outlooks
    from framsyn.quantities import quantity

    rows: list[dict[str, Any]] = compare_outlooks(one, two, years, names).to_dict("records")
    rows = without_absent(one, rows)
    for row in rows:
        row["year"] = int(row["year"])
        rule = quantity(row["quantity"])
        if rule.aggregation == "mean":
            row["first"], row["second"] = (
                breach(x, rule.name, [row["year"]])[row["year"]] for x in (one, two)
            )
            row |= {"difference": row["second"] - row["first"], "p10": None, "p90": None, "share": None}
        elif rule.minimum is None or not row["first"]:
            row["share"] = None
    return rows


def is_over(row: dict[str, Any], threshold: float | None) -> bool:
    """Say whether the difference of medians is larger than the threshold in per cent."""
    return threshold is not None and row["share"] is not None and abs(row["share"]) * 100 > threshold


def show(console: Console, one: Outlook, two: Outlook, rows: list[dict[str, Any]]) -> None:
    """Print the rows of one year."""
    from framsyn.quantities import quantity

    labels: list[str] = []
    styles: list[str] = []
    cells: list[tuple[str, str, str, str]] = []
    for name, found in groupby(rows, key=lambda row: row["quantity"]):
        group = list(found)
        rule = quantity(name)
        title = figures.titled(rule)
        if len(group) > 1:
            labels.append(title)
            styles.append("bold")
            cells.append(("", "", "", ""))
        for row in group:
            labels.append(f"  {part_label(one.region, rule, row['part'])}" if len(group) > 1 else title)
            styles.append("" if len(group) > 1 else "bold")
            cells.append(difference_cells(row))
    heads = (one.scenario.name, two.scenario.name, "difference", "in %")
    columns = [(head, [line[i] for line in cells]) for i, head in enumerate(heads)]
    terminal.print_columns(console, [("", labels)], columns, styles)


def difference_cells(row: dict[str, Any]) -> tuple[str, str, str, str]:
    """Write first, second, difference and share with the digits that the difference justifies."""
    style = figures.style_of(row["unit"])
    if row["p10"] is None:
        points = percent(row["difference"], "en", signed=True).rstrip("%")
        return figures.probability(row["first"]), figures.probability(row["second"]), f"{points} points", ""
    factor = display_factor(style)
    low, middle, high = row["p10"], row["difference"], row["p90"]
    size = max(abs(row["first"]), abs(row["second"]))
    if max(abs(low), abs(high)) <= 1e-9 * max(size, 1.0):
        decimals = min(decimals_for(size * factor, size * factor), 3)
        value = (
            figures.count(size) if row["unit"] == "person" else figures.fixed(row["first"], style, decimals)
        )
        return value, value, "0", ""
    decimals = min(decimals_for(low * factor, high * factor, middle * factor), 3)
    return (
        figures.fixed(row["first"], style, decimals),
        figures.fixed(row["second"], style, decimals),
        interval(middle, low, high, "en", style, signed=True).text,
        share_cell(row),
    )


def share_cell(row: dict[str, Any]) -> str:
    """Write the difference in per cent of the first, with the digits that its interval justifies."""
    if row["share"] is None:
        return ""
    low, high = (100 * row[key] / row["first"] for key in ("p10", "p90"))
    return percent(row["share"], "en", min(max(decimals_for(low, high), 0), 2), signed=True)
