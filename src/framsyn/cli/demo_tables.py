"""The tables of ``framsyn demo``: the plan's own beside ours, the headline, the main results."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from framsyn.cli import figures, terminal
from framsyn.cli.rows import breach, part_label, without_absent
from framsyn.quantities import quantity
from framsyn.report.numbers import Style, interval, number, percent
from framsyn.report.summed import Summed

if TYPE_CHECKING:
    from rich.console import Console

    from framsyn.outlook.result import Outlook

__all__ = ["Tables"]

LEVELS = (0.1, 0.5, 0.9)
# Quantity and part in the order of the chain; every part of a quantity where none is named.
RESULTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("need", ()),
    ("patients", ("SOM", "PHV")),
    ("bed_days", ("SOM", "PHV")),
    ("beds", ("SOM", "PHV")),
    ("outpatient_rooms", ("SOM", "PHV")),
    ("staff_gap", ()),
    ("result", ()),
    ("liquidity", ()),
    ("liquidity_breach", ()),
    ("emissions", ("ALL",)),
)
PART_DIM = {"staff_gap": "profession"}


@dataclass(frozen=True)
class Tables:
    """What the demo prints, computed once for the terminal and for ``--json``.

    Parameters
    ----------
    plan, baseline : Outlook
        The plan, and what it is compared with.
    """

    plan: Outlook
    baseline: Outlook

    def payload(self) -> dict[str, Any]:
        """Return the tables as rows."""
        return {"plan_table": self.published, "headline": self.headline, "results": self.results}

    def show(self, console: Console) -> None:
        """Print the tables."""
        self.show_published(console)
        self.show_headline(console)
        self.show_results(console)

    @cached_property
    def summed(self) -> tuple[Summed, Summed]:
        """Draws of the plan and of the baseline."""
        return Summed(self.plan), Summed(self.baseline)

    # --- the plan's own table ----------------------------------------------------------------------------------------

    @cached_property
    def published(self) -> list[dict[str, Any]]:
        """People as the plan prints them and as Framsyn projects them without control; one row per trust and the region."""
        table = self.plan.region.controls("trust")
        first, last = self.plan.base_year, int(table["year"].max())
        rows = []
        for place in [*self.plan.region.trusts, "region"]:
            said = table[table["place"] == place].set_index("year")
            where = None if place == "region" else {"trust": place}
            people, old = (
                self.summed[0].draws(name, ("year",), where) for name in ("population", "population_65_plus")
            )
            rows.append(
                {
                    "place": place, "years": [first, last],
                    "published": [float(said["persons"][year]) for year in (first, last)],
                    "published_share_65_plus": [float(said["share_65_plus"][year]) for year in (first, last)],
                    "projected": [quantiles(people.sel(year=year).values) for year in (first, last)],
                    "share_65_plus": [quantiles((old / people).sel(year=year).values) for year in (first, last)],
                }
            )  # fmt: skip
        return rows

    def show_published(self, console: Console) -> None:
        """Print the plan's table beside ours."""
        first, last = self.published[0]["years"]
        terminal.heading(
            console,
            "The plan's own table beside ours",
            f"Persons; Framsyn without control to official totals, 80% interval of {self.plan.manifest['draws']:,} draws",
        )
        rows: list[tuple[str, ...]] = []
        for row in self.published:
            said, old = row["published"], row["published_share_65_plus"]
            ours, share = row["projected"], row["share_65_plus"]
            middle = [found[1] for found in ours]
            rows.append(
                (self.place(row["place"]), figures.count(said[0]), figures.count(said[1]), relative(said), "",
                 percent(old[0], "en"), percent(old[1], "en"))
            )  # fmt: skip
            rows.append(
                ("  Framsyn", figures.count(middle[0]), triple_cell(ours[1], "number"), relative(middle),
                 percent(middle[1] / said[1] - 1, "en", 1, signed=True), percent(share[0][1], "en", 1),
                 triple_cell(share[1], "percent"))
            )  # fmt: skip
        columns = list(zip(*rows, strict=True))
        heads = (str(first), str(last), "change", "v. plan", f"65+ {first}", f"65+ {last}")
        terminal.print_columns(
            console,
            [("Plan", columns[0])],
            list(zip(heads, columns[1:], strict=True)),
            ["dim", ""] * len(self.published),
            fold=18,
        )

    # --- the headline ------------------------------------------------------------------------------------------------

    @cached_property
    def headline(self) -> list[dict[str, Any]]:
        """Change of the headline figure, published and projected [1]."""
        head = self.plan.scenario.headline
        rows = []
        for figure in head["figure"]:
            where = {"service_area": list(figure.service_area)}
            found = [self.growth(draws, head["measure"], where) for draws in self.summed]
            central = self.summed[0].central_value(head["measure"], ("year",), where)
            rows.append(
                {
                    "figure": figure.label["en"], "service_area": list(figure.service_area),
                    "published": None if figure.published is None else figure.published / 100,
                    "central": float(central.sel(year=head["until"]) / central.sel(year=head["base_year"]) - 1),
                    "plan": found[0], "demography": found[1],
                }
            )  # fmt: skip
        return rows

    def growth(self, draws: Summed, name: str, where: dict[str, Any]) -> list[float]:
        """Quantiles of the change from the headline's base year to its last year, within each draw."""
        head = self.plan.scenario.headline
        values = draws.draws(name, ("year",), where)
        return quantiles((values.sel(year=head["until"]) / values.sel(year=head["base_year"]) - 1).values)

    def show_headline(self, console: Console) -> None:
        """Print the headline and say what it measures."""
        scenario = self.plan.scenario
        head = scenario.headline
        terminal.heading(
            console,
            f"The headline: cost-weighted {head['measure']}, {head['base_year']}–{head['until']}",
            "Change in per cent; median and 80% interval",
        )
        rows = [
            (
                row["figure"],
                figures.DASH if row["published"] is None else percent(row["published"], "en", signed=True),
                percent(row["central"], "en", 1, signed=True),
                triple_cell(row["plan"], "percent", signed=True),
                triple_cell(row["demography"], "percent", signed=True),
            )
            for row in self.headline
        ]
        columns = list(zip(*rows, strict=True))
        heads = ("published", "our centre", "plan (80%)", "demography (80%)")
        terminal.print_columns(
            console, [("", columns[0])], list(zip(heads, columns[1:], strict=True)), fold=30
        )
        fitted = [a.label["en"] for a in scenario.assumptions if a.set_to_meet]
        terminal.note(console, head["measures"]["en"])
        if fitted:
            terminal.note(console, f"Set to meet the published figures: {'; '.join(fitted)}.")

    # --- the main results --------------------------------------------------------------------------------------------

    @property
    def years(self) -> list[int]:
        """Years of the results."""
        last = self.plan.years[-1]
        return sorted({self.plan.base_year, min(2030, last), last})

    @cached_property
    def results(self) -> list[dict[str, Any]]:
        """Main results by quantity, part, scenario and year."""
        rows: list[dict[str, Any]] = []
        for name, parts in RESULTS:
            dim = PART_DIM.get(name, "service_area")
            for part in parts or self.parts(name, dim):
                where = {dim: part} if part not in ("", "ALL") else None
                for draws in self.summed:
                    rows.extend(self.result_rows(draws, name, part, where))
        return without_absent(self.plan, rows)

    def parts(self, name: str, dim: str) -> list[str]:
        """Parts of a quantity that are shown one by one."""
        dims = quantity(name).dims
        if dim == "profession":
            return [str(label) for label in self.plan.central[dim].values]
        return ["SOM", "PHV", "PHBU", "TSB"] if {"service", "service_area"} & set(dims) else [""]

    def result_rows(
        self, draws: Summed, name: str, part: str, where: dict[str, Any] | None
    ) -> list[dict[str, Any]]:
        """Rows of one quantity and part in one outlook."""
        rule, outlook = quantity(name), draws.outlook
        chance = breach(outlook, name, self.years) if rule.aggregation == "mean" else None
        values = draws.draws(name, ("year",), where)
        rows = []
        for year in self.years:
            low, middle, high = (None, None, None) if chance else quantiles(values.sel(year=year).values)
            rows.append(
                {
                    "quantity": name, "part": part, "unit": rule.unit, "scenario": outlook.scenario.name, "year": year,
                    "p10": low, "p50": middle, "p90": high, "probability": chance[year] if chance else None,
                }
            )  # fmt: skip
        return rows

    def show_results(self, console: Console) -> None:
        """Print the main results, plan and demography under each other."""
        years = self.years
        terminal.heading(
            console,
            f"Main results, {self.plan.region.label['en']}",
            "Median and 80% interval; under the plan, demography: only the people change",
        )
        lines: list[tuple[str, ...]] = []
        styles: list[str] = []
        shown = ""
        by_line: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = {}
        for row in self.results:
            line = by_line.setdefault((row["quantity"], row["part"]), {})
            line.setdefault(row["scenario"], []).append(row)
        for (name, part), scenarios in by_line.items():
            rule = quantity(name)
            title = figures.titled(rule)
            single = part in ("", "ALL")
            if name != shown and not single:
                lines.append((title, *[""] * (len(years) + 1)))
                styles.append("bold")
            shown = name
            label = title if single else f"  {part_label(self.plan.region, rule, part)}"
            for number_, (scenario, rows) in enumerate(scenarios.items()):
                lines.append(
                    (
                        f"    {scenario}" if number_ else label,
                        *year_cells(name, rows),
                        last_change(name, rows),
                    )
                )
                styles.append("dim" if number_ else "bold" if single else "")
        columns = list(zip(*lines, strict=True))
        heads = (*map(str, years), f"{years[0]}–{years[-1] % 100:02d}")
        terminal.print_columns(
            console, [("Plan", columns[0])], list(zip(heads, columns[1:], strict=True)), styles, fold=28
        )
        terminal.note(console, f"{figures.MONEY_NOTE} A gap is staff needed less staff expected.")

    def place(self, code: str) -> str:
        """Name a place."""
        return "The region" if code == "region" else self.plan.region.label_of("trust", code, "nb")


def quantiles(values: np.ndarray) -> list[float]:
    """Return p10, p50 and p90."""
    return [float(x) for x in np.quantile(values, LEVELS)]


def triple_cell(found: list[float], style: Style, *, signed: bool = False) -> str:
    """Write p10, p50, p90 as a median with its interval."""
    low, middle, high = found
    return interval(middle, low, high, "en", style, signed=signed).text


def relative(values: list[float]) -> str:
    """Write the change from the first to the last value in per cent.

    >>> relative([200.0, 203.0])
    '+1.5%'
    """
    return percent(values[-1] / values[0] - 1, "en", 1, signed=True)


def year_cells(name: str, rows: list[dict[str, Any]]) -> list[str]:
    """Write the values of one line, one per year."""
    if rows[0]["probability"] is not None:
        return [figures.probability(row["probability"]) for row in rows]
    return figures.row_cells(name, [(row["p10"], row["p50"], row["p90"]) for row in rows])


def last_change(name: str, rows: list[dict[str, Any]]) -> str:
    """Write the change of the median over the years; nothing where a share would say nothing."""
    start, end = rows[0]["p50"], rows[-1]["p50"]
    if quantity(name).minimum is None or not start or end is None:
        return ""
    return number((end / start - 1) * 100, "en", signed=True) + "%"
