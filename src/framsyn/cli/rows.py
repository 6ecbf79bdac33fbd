"""Results as rows: what a table on the terminal shows and what ``--json`` writes, from one source."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from framsyn.cli import figures
from framsyn.quantities import Quantity, quantity

if TYPE_CHECKING:
    from rich.console import Console

    from framsyn.outlook.result import Outlook
    from framsyn.region import Region

__all__ = ["breach", "part_label", "print_summary", "summary_rows", "without_absent"]

SHORT = {
    "SOM": "Somatic care",
    "PHV": "Mental health, adults",
    "PHBU": "Mental health, children",
    "TSB": "Substance use",
    "ALL": "All services",
    "administration": "Management, administration",
    "PHV+PHBU+TSB": "Psychiatry, substance use",
}
OTHER = "PHV+PHBU+TSB"


def part_label(region: Region, rule: Quantity, part: str) -> str:
    """Name a part of a quantity: a service area, a profession, a source of emissions."""
    if part in SHORT:
        return SHORT[part]
    if "profession" in rule.dims:
        return region.label_of("profession", part, "en")
    return part.replace("_", " ").capitalize()


def breach(outlook: Outlook, name: str, years: Sequence[int]) -> dict[int, float]:
    """Return the share of draws in which an event happens, by year."""
    found = outlook.draws(name, ("year",)).mean("draw")
    return {year: float(found.sel(year=year)) for year in years}


def summary_rows(
    outlook: Outlook, level: str, years: Sequence[int] | None, names: Sequence[str] | None
) -> list[dict[str, Any]]:
    """Return the rows of :meth:`Outlook.summary`; an event has its probability and no quantiles."""
    rows: list[dict[str, Any]] = outlook.summary(level, years, names).to_dict("records")
    for row in rows:
        row["year"] = int(row["year"])
    rows = without_absent(outlook, rows)
    if level == "trust":
        rows = without_assumed_splits(outlook, rows)
    for row in rows:
        rule = quantity(row["quantity"])
        row["probability"] = None
        if rule.aggregation == "mean":
            row["probability"] = breach(outlook, rule.name, [row["year"]])[row["year"]]
            row |= {"p10": None, "p50": None, "p90": None, "change": None}
        elif rule.minimum is None:
            row["change"] = None  # a share of a number that may be nought or negative says nothing
    return rows


def part_dims(rule: Quantity) -> tuple[str, ...]:
    """Dimensions that a summary may show the parts of; a quantity by service is shown by service area."""
    return ("service_area", *rule.dims) if "service" in rule.dims else rule.dims


def without_absent(outlook: Outlook, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out the parts of a quantity that the region's open figures do not hold, such as patients of some services.

    They are nought in the whole central run, and nought is not what is known of them.
    """
    absent = set()
    for name, part in {(row["quantity"], row["part"]) for row in rows}:
        rule = quantity(name)
        dims = [
            dim
            for dim in ("service_area", "profession", "emission_source")
            if part and dim in part_dims(rule)
        ]
        if rule.minimum == 0 and dims and part != "ALL":
            if not outlook.central_value(name, ("year",), {dims[0]: part}).values.any():
                absent.add((name, part))
    return [row for row in rows if (row["quantity"], row["part"]) not in absent]


def without_assumed_splits(outlook: Outlook, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Show no difference between trusts that only an assumption made.

    How mental health and substance use care divide between the trusts is an estimate service by service, so they are
    taken together there; professions without published figures in every trust are left out.
    """
    from framsyn.report.evidence import OTHER_SERVICES, PUBLISHED_PROFESSIONS

    kept: list[dict[str, Any]] = []
    for row in rows:
        rule = quantity(row["quantity"])
        if "profession" in rule.dims and row["part"] not in PUBLISHED_PROFESSIONS:
            continue
        if not is_by_treating_trust(rule) or row["part"] not in OTHER_SERVICES:
            kept.append(row)
        elif row["part"] == OTHER_SERVICES[0]:
            kept.append(together(outlook, row, OTHER_SERVICES))
    return kept


def is_by_treating_trust(rule: Quantity) -> bool:
    """Say whether a quantity belongs to the trust that gives the care and not to the one where the patients live."""
    return "service_area" in rule.dims and (
        rule.name.startswith("treated_") or rule.stage == "stages.capacity"
    )


def together(outlook: Outlook, row: dict[str, Any], areas: Sequence[str]) -> dict[str, Any]:
    """Return a row of some service areas added up within each draw."""
    where = {"service_area": list(areas), "trust": row["trust"]}
    found = outlook.quantiles(row["quantity"], (0.1, 0.5, 0.9), ("year",), where)
    low, middle, high = (float(x) for x in found.sel(year=row["year"]).values)
    start = float(found.sel(year=outlook.base_year, quantile=0.5))
    central = outlook.central_value(row["quantity"], ("year",), where)
    return row | {
        "part": OTHER, "p10": low, "p50": middle, "p90": high, "change": middle / start - 1 if start else None,
        "central": float(central.sel(year=row["year"])),
    }  # fmt: skip


def print_summary(console: Console, outlook: Outlook, rows: list[dict[str, Any]], level: str) -> None:
    """Print rows of a summary: one line per quantity, part and place, one column per year."""
    from framsyn.cli.terminal import print_columns

    years = sorted({row["year"] for row in rows})
    labels: list[str] = []
    styles: list[str] = []
    cells: list[list[str]] = []
    changes: list[str] = []

    def add(label: str, style: str = "", values: list[str] | None = None, changed: str = "") -> None:
        labels.append(label)
        styles.append(style)
        cells.append(values or [""] * len(years))
        changes.append(changed)

    for name, found in groupby(rows, key=lambda row: row["quantity"]):
        rule = quantity(name)
        group = list(found)
        scale, unit = figures.scale_of(rule.unit, max(row["p90"] or 0.0 for row in group))
        title = figures.titled(rule, unit)
        if "ALL" in {row["part"] for row in group}:
            group = [row for row in group if row["part"] == "ALL"]
        keys = list(dict.fromkeys((row["part"], row.get(level, "")) for row in group))
        if len(keys) > 1:
            add(title, "bold")
        shown_part = None
        for part, place in keys:
            line = {row["year"]: row for row in group if (row["part"], row.get(level, "")) == (part, place)}
            named = part_label(outlook.region, rule, part) if part else ""
            if level != "region":
                if named and named != shown_part and len({key[0] for key in keys}) > 1:
                    add(f" {named}")
                    shown_part = named
                named = outlook.region.label_of(level, place, "nb")
            add(
                f"  {named}" if len(keys) > 1 else title,
                "" if len(keys) > 1 else "bold",
                year_cells(name, [line[year] for year in years], scale),
                last_change(line[years[-1]]),
            )
    head = f"{outlook.base_year}–{years[-1] % 100:02d}"
    columns = [(str(year), [line[i] for line in cells]) for i, year in enumerate(years)]
    if any(changes):
        columns.append((head, changes))
    print_columns(console, [("", labels)], columns, styles)


def year_cells(name: str, line: list[dict[str, Any]], scale: float) -> list[str]:
    """Write the values of one line, one per year."""
    if line[0]["probability"] is not None:
        return [figures.probability(row["probability"]) for row in line]
    return figures.row_cells(name, [(row["p10"], row["p50"], row["p90"]) for row in line], scale)


def last_change(row: dict[str, Any]) -> str:
    """Write the change of the median since the base year."""
    return "" if row["change"] is None else figures.change(row["change"])
