"""The workbook: results, assumptions, sources and a data dictionary, one file per language.

Numbers are numbers and carry a format, so that a planner can go on counting; units stand in the heads or in a column of
their own. By trust only what open data can tell apart is shown: somatic care, the other services together, and the
professions that every trust publishes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter

from framsyn.outlook.manifest import engine_version
from framsyn.quantities import Quantity, quantities
from framsyn.region.arrays import SERVICE_AREAS
from framsyn.report.blocks import Span, Table
from framsyn.report.evidence import OTHER_SERVICES, PUBLISHED_PROFESSIONS, Evidence, Triple
from framsyn.report.sections.assumptions import course, moves, owner, parameter_table
from framsyn.report.sections.basis import breaks_table, sources_table, tables_table
from framsyn.report.sections.common import place_name, unit_word
from framsyn.report.sections.need import headline_table
from framsyn.report.sections.past import foreign
from framsyn.report.sections.summary import headline, key_figures, old_table, people_table
from framsyn.report.words import word

__all__ = ["workbook_name", "write_workbook"]

MAIN = "#00707a"
PALE = "#f3f7f7"
AREA_QUANTITIES = (
    "population",
    "population_65_plus",
    "population_80_plus",
    "need",
    "stays",
    "bed_days",
    "outpatient_contacts",
)
TREATED = frozenset(
    {
        "treated_stays",
        "treated_bed_days",
        "treated_day_treatments",
        "treated_outpatient_contacts",
        "beds",
        "bed_gap",
        "beds_service_level",
        "day_places",
        "outpatient_rooms",
    }
)
"""Rest on treated activity, which is published by trust for somatic care and for the others together."""


def workbook_name(lang: str) -> str:
    """File name of the workbook in a language.

    >>> workbook_name("nb")
    'workbook.nb.xlsx'
    """
    return f"workbook.{lang}.xlsx"


@dataclass
class Book:
    """A workbook with its formats and the words of its language."""

    book: Any
    lang: str
    formats: dict[str, Any]

    def sheet(self, key: str, widths: Sequence[float]) -> Any:
        """Add a sheet with columns of given widths."""
        sheet = self.book.add_worksheet(word(f"workbook.{key}", self.lang)[:31])
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        return sheet

    def frame(
        self,
        key: str,
        heads: Sequence[str],
        widths: Sequence[float],
        rows: Iterable[Sequence[Any]],
        keep: int = 1,
    ) -> None:
        """Add a sheet that is one table: frozen head, filter, a format per cell."""
        sheet = self.sheet(key, widths)
        for column, head in enumerate(heads):
            sheet.write(0, column, head, self.formats["head"])
        last = 0
        for line, row in enumerate(rows, start=1):
            last = line
            for column, value in enumerate(row):
                self.cell(sheet, line, column, value)
        sheet.freeze_panes(1, keep)
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, max(last, 1), len(heads) - 1)

    def cell(self, sheet: Any, line: int, column: int, value: Any) -> None:
        """Write a value; (value, format) takes a named format, NaN stays empty."""
        look = "text"
        if isinstance(value, tuple):
            value, look = value
        if isinstance(value, float | int | np.floating | np.integer) and not isinstance(value, bool):
            if np.isfinite(value):
                sheet.write_number(
                    line, column, float(value), self.formats[look if look != "text" else "number"]
                )
            return
        sheet.write_string(line, column, str(value), self.formats[look])


def write_workbook(path: Path, evidence: Evidence, lang: str) -> None:
    """Write the workbook in one language.

    Parameters
    ----------
    path : Path
    evidence : Evidence
    lang : str
    """
    with xlsxwriter.Workbook(str(path), {"strings_to_urls": False, "constant_memory": False}) as raw:
        raw.set_properties(
            {
                "title": word(
                    "page.title", lang, region=evidence.outlook.region.label[lang], year=evidence.last
                ),
                "comments": f"Framsyn {engine_version()}, {evidence.outlook.id}",
            }
        )
        formats = {name: raw.add_format(look) for name, look in _FORMATS.items()}
        book = Book(raw, lang, formats)
        overview(book, evidence)
        results(book, evidence, "region")
        results(book, evidence, "trusts")
        municipalities(book, evidence)
        assumption_sheet(book, evidence)
        parameters(book, evidence)
        sources(book, evidence)
        dictionary(book)


_BASE = {"font_name": "Arial", "font_size": 10, "valign": "top"}
_FORMATS: dict[str, dict[str, Any]] = {
    "text": {**_BASE, "text_wrap": True},
    "plain": dict(_BASE),
    "title": {**_BASE, "bold": True, "font_size": 16, "font_color": MAIN},
    "lead": {**_BASE, "bold": True, "font_size": 12},
    "section": {**_BASE, "bold": True, "font_size": 12, "font_color": MAIN},
    "head": {
        **_BASE,
        "bold": True,
        "font_color": "#ffffff",
        "bg_color": MAIN,
        "text_wrap": True,
        "valign": "vcenter",
    },
    "right": {**_BASE, "align": "right"},
    "mark": {**_BASE, "bold": True, "font_color": "#a8440f", "text_wrap": True},
    "number": {**_BASE, "num_format": "#,##0"},
    "one": {**_BASE, "num_format": "#,##0.0"},
    "two": {**_BASE, "num_format": "#,##0.00"},
    "percent": {**_BASE, "num_format": "0.0%"},
    "year": {**_BASE, "num_format": "0"},
    "any": {**_BASE, "num_format": "General"},
}


def overview(book: Book, evidence: Evidence) -> None:
    """First sheet: the sentence, key figures, the plan's table, what the other sheets hold, the run."""
    lang = book.lang
    sheet = book.sheet("overview", (34, 20, 20, 24, 20, 24, 20))
    region = evidence.outlook.region.label[lang]
    sheet.write(0, 0, word("page.title", lang, region=region, year=evidence.last), book.formats["title"])
    sheet.write(1, 0, headline(evidence, lang), book.formats["lead"])
    draws = evidence.manifest["draws"]
    sheet.write(2, 0, word("workbook.note", lang, draws=draws), book.formats["plain"])
    line = 4
    sheet.write(line, 0, word("summary.figures", lang), book.formats["section"])
    heads = [word("head.quantity", lang), word("head.unit", lang), *map(str, evidence.years)]
    for column, head in enumerate(heads):
        sheet.write(line + 1, column, head, book.formats["head"])
    line += 2
    for card in key_figures(evidence, lang):
        book.cell(sheet, line, 0, card.label)
        book.cell(sheet, line, 1, card.unit)
        for column, (_, value, interval) in enumerate(card.values, start=2):
            book.cell(sheet, line, column, (f"{value} ({interval})" if interval else value, "right"))
        line += 1
    for table in (people_table(evidence, lang), old_table(evidence, lang), headline_table(evidence, lang)):
        line = small_table(book, sheet, table, line + 1)
    sheet.write(line + 1, 0, word("workbook.sheets", lang), book.formats["section"])
    line += 2
    for key in ("region", "trusts", "areas", "assumptions", "parameters", "sources", "dictionary"):
        name = word(f"workbook.{key}", lang)
        sheet.write_url(line, 0, f"internal:'{name}'!A1", book.formats["plain"], name)
        line += 1
    sheet.write(line + 1, 0, word("about_run.caption", lang), book.formats["section"])
    line += 2
    for key, value in evidence.manifest.items():
        if isinstance(value, dict):
            value = ", ".join(f"{name}={'on' if on else 'off'}" for name, on in value.items())
        book.cell(sheet, line, 0, word(f"about_run.{key}", lang))
        book.cell(sheet, line, 1, (str(value), "plain"))
        line += 1


def small_table(book: Book, sheet: Any, table: Table, line: int) -> int:
    """Write a table of texts below what stands in a sheet; return the next free line."""
    sheet.write(line, 0, table.caption, book.formats["section"])
    for column, head in enumerate(table.columns):
        sheet.write(line + 1, column, head.head, book.formats["head"])
    for offset, row in enumerate(table.rows, start=2):
        for column, cell in enumerate(row):
            look = "right" if table.columns[column].numeric else "text"
            book.cell(sheet, line + offset, column, (plain_text(cell), look))
    return line + 2 + len(table.rows)


def plain_text(cell: Any) -> str:
    """Text of a cell without its markup."""
    if isinstance(cell, Span):
        return cell.text
    if isinstance(cell, tuple):
        return "\n".join(plain_text(part) for part in cell)
    return str(cell)


# --- results ---------------------------------------------------------------------------------------------------------


def results(book: Book, evidence: Evidence, key: str) -> None:
    """All quantities of the region, or of the trusts, in the years of the report."""
    lang = book.lang
    by_trust = key == "trusts"
    heads = [word("head.quantity", lang), word("head.part", lang)]
    heads += [word("head.trust", lang)] if by_trust else []
    heads += [word("head.unit", lang)]
    looks = ("median", "low", "high")
    heads += [f"{year} {word(f'head.{look}', lang).lower()}" for year in evidence.years for look in looks]
    heads += [f"{year} {word('head.central', lang).lower()}" for year in evidence.years]
    heads.append(word("head.change_percent", lang, first=evidence.first, last=evidence.last))
    heads.append(word("head.name", lang))
    widths = [34, 30, *([18] if by_trust else []), 22, *([12] * (4 * len(evidence.years))), 14, 22]
    book.frame(
        key, heads, widths, list(result_rows(evidence, lang, by_trust=by_trust)), keep=3 if by_trust else 2
    )


def result_rows(evidence: Evidence, lang: str, *, by_trust: bool) -> Iterable[list[Any]]:
    """Rows of the sheet of results."""
    for rule in quantities().values():
        if by_trust and "trust" not in rule.dims:
            continue
        look = "percent" if rule.unit == "1" else "number"
        for label, where in parts_of(evidence, rule, lang, by_trust=by_trust):
            for trust in evidence.outlook.region.trusts if by_trust else [""]:
                found, grown = numbers_of(evidence, rule, where, trust)
                row: list[Any] = [rule.labels[lang], label]
                row += [place_name(evidence, trust, lang)] if trust else []
                yield [
                    *row,
                    unit_word(rule.unit, lang),
                    *((value, look) for value in found),
                    (grown, "percent"),
                    rule.name,
                ]


def numbers_of(
    evidence: Evidence, rule: Quantity, where: dict[str, Any] | None, trust: str
) -> tuple[list[float], float]:
    """Quantiles by year, central values by year, and the change to the horizon; computed once for all languages."""

    def make() -> tuple[list[float], float]:
        by, at = (("trust",), {"trust": trust}) if trust else ((), {})
        values = evidence.draws(rule.name, where, by)
        triples = [evidence.triple(values, year, **at) for year in evidence.years]
        if rule.aggregation == "mean":  # a probability: its draws are 0 and 1, so the mean is what is told
            means = [float(values.sel(year=year, **at).mean()) for year in evidence.years]
            triples = [Triple(np.nan, mean, np.nan) for mean in means]
        key = ("central", rule.name, str(where), by)
        central = evidence.once(key, lambda: evidence.outlook.central_value(rule.name, ("year", *by), where))
        numbers = [value for low, median, high in triples for value in (median, low, high)]
        numbers += central.sel(year=evidence.years, **at).values.tolist()
        start, end = triples[0].median, triples[-1].median
        return numbers, end / start - 1 if abs(start) > 1e-6 and start * end > 0 else np.nan

    return evidence.once(("row", rule.name, str(where), trust), make)


def parts_of(
    evidence: Evidence, rule: Quantity, lang: str, *, by_trust: bool
) -> list[tuple[str, dict[str, Any] | None]]:
    """Parts in which a quantity is told, none of them a difference that only an assumption made."""
    region = evidence.outlook.region
    if {"service", "service_area"} & set(rule.dims):
        if by_trust and rule.name in TREATED:
            other = word("capacity_part.other_services", lang)
            return [
                (region.label_of("service_area", "SOM", lang), {"service_area": "SOM"}),
                (other, {"service_area": list(OTHER_SERVICES)}),
            ]
        return [
            (region.label_of("service_area", area, lang), {"service_area": area}) for area in SERVICE_AREAS
        ]
    if "profession" in rule.dims:
        codes = [str(code) for code in evidence.outlook.central["profession"].values]
        chosen = PUBLISHED_PROFESSIONS if by_trust else codes
        return [(region.label_of("profession", code, lang), {"profession": code}) for code in chosen]
    if "emission_source" in rule.dims:
        codes = [str(code) for code in evidence.outlook.central["emission_source"].values]
        return [(word(f"climate_part.{code}", lang), {"emission_source": code}) for code in codes]
    return [("", None)]


def municipalities(book: Book, evidence: Evidence) -> None:
    """One row per municipality: people, need and use in the years of the report."""
    lang, region = book.lang, evidence.outlook.region
    columns: list[tuple[str, np.ndarray, str]] = []
    for name in AREA_QUANTITIES:
        rule = quantities()[name]
        areas: list[str | None] = (
            ["SOM", "ALL"] if "service_area" in evidence.outlook.areas[name].dims else [None]
        )
        for service_area in areas:
            where = {"service_area": service_area} if service_area else None
            values = evidence.once(
                ("areas", name, service_area),
                lambda name=name, where=where: evidence.outlook.quantiles(
                    name, (0.1, 0.5, 0.9), ("year", "area"), where
                ),
            )
            label = rule.labels[lang]
            if service_area:
                part = (
                    region.label_of("service_area", "SOM", lang)
                    if service_area == "SOM"
                    else word("capacity_part.sum", lang)
                )
                label = f"{label}, {part.lower()}"
            label = f"{label} ({unit_word(rule.unit, lang)})"
            look = "two" if name == "need" else "number"
            for year in evidence.years:
                for place, key in ((1, "median"), (0, "low"), (2, "high")):
                    head = f"{label} {year} {word(f'head.{key}', lang).lower()}"
                    columns.append((head, values.sel(year=year).isel(quantile=place).values, look))
    growth = evidence.need_growth_by_area()
    head = f"{word('need_part.map', lang, first=evidence.first, last=evidence.last)}, {word('need_part.map_unit', lang)}"
    columns.append((head, growth["value"].to_numpy(), "percent"))
    official = region.table("areas").set_index("area")["name_official"]
    trusts = [region.trusts[place] for place in region.area_trust("SOM")]
    heads = [
        word("head.code", lang),
        word("head.municipality", lang),
        word("head.trust", lang),
        *(c[0] for c in columns),
    ]
    rows = [
        [
            area,
            official[area],
            place_name(evidence, trusts[i], lang),
            *((column[1][i], column[2]) for column in columns),
        ]
        for i, area in enumerate(region.areas)
    ]
    book.frame("areas", heads, [8, 26, 18, *([13] * len(columns))], rows, keep=2)


# --- what the results rest on ----------------------------------------------------------------------------------------


def assumption_sheet(book: Book, evidence: Evidence) -> None:
    """Assumptions with sizes as numbers."""
    lang = book.lang
    keys = ("name", "moves", "size", "realisation", "profile", "source")
    names = {key: word(f"assumption.{key}", lang) for key in keys}
    heads = [
        word("head.group", lang),
        names["name"],
        names["moves"],
        f"{names['size']}: {word('head.median', lang).lower()}",
        f"{names['size']}: {word('head.low', lang)}",
        f"{names['size']}: {word('head.high', lang)}",
        word("head.unit", lang),
        f"{names['realisation']}: {word('head.median', lang).lower()}",
        f"{names['realisation']}: {word('head.low', lang)}",
        f"{names['realisation']}: {word('head.high', lang)}",
        names["profile"],
        word("head.reason", lang),
        word("assumption.set", lang),
        names["source"],
        word("head.owner", lang),
        word("head.quality", lang),
        word("head.name", lang),
    ]
    rows = []
    for a in evidence.outlook.scenario.assumptions:
        effect, real = a.effect, a.realisation
        met = (a.set_to_meet[lang], "mark") if a.set_to_meet is not None else ""
        rows.append(
            [
                word(f"group.{a.group}", lang),
                a.label[lang],
                moves(evidence, a, lang),
                (effect.central, "any"),
                (effect.p10, "any"),
                (effect.p90, "any"),
                unit_word(a.unit, lang),
                (real.central, "percent"),
                (real.p10, "percent"),
                (real.p90, "percent"),
                course(a, lang),
                a.reason[lang],
                met,
                plain_text(foreign(a.source, lang)),
                owner(a.owner, lang),
                word(f"quality.{a.quality}", lang),
                a.name,
            ]
        )
    widths = [12, 30, 34, 12, 12, 12, 16, 12, 12, 12, 18, 60, 50, 50, 30, 14, 24]
    book.frame("assumptions", heads, widths, rows, keep=2)


def parameters(book: Book, evidence: Evidence) -> None:
    """Parameters that no open source gives, with values as numbers."""
    lang, region = book.lang, evidence.outlook.region
    table = parameter_table(evidence, lang)
    frame = region.table("parameters")
    frame = frame[frame["quality"].isin(("assumption", "estimate"))]
    heads = [
        word("head.parameter", lang),
        word("head.for", lang),
        word("head.value", lang),
        word("head.low", lang),
        word("head.high", lang),
        word("head.unit", lang),
        word("head.quality", lang),
        word("head.reason", lang),
        word("head.source", lang),
        word("head.name", lang),
    ]
    heads[3:5] = [
        f"{word('head.range', lang)}: {side}" for side in (word("head.from", lang), word("head.to", lang))
    ]
    rows = [
        [
            told[0],
            told[1],
            (float(row["value"]), "any"),
            (float(row["low"]), "any"),
            (float(row["high"]), "any"),
            told[4],
            word(f"quality.{row['quality']}", lang),
            plain_text(told[5]),
            row["source"],
            row["parameter"],
        ]
        for told, row in zip(table.rows, frame.to_dict("records"), strict=True)
    ]
    book.frame("parameters", heads, [36, 34, 12, 12, 12, 20, 14, 70, 18, 26], rows)


def sources(book: Book, evidence: Evidence) -> None:
    """Sources with licences, the tables of the data package, breaks in series."""
    sheet = book.sheet("sources", (80, 34, 24, 90))
    line = 0
    for table in (sources_table, tables_table, breaks_table):
        line = small_table(book, sheet, table(evidence, book.lang), line) + 1
    sheet.freeze_panes(0, 1)


def dictionary(book: Book) -> None:
    """Every quantity of the results: name, label, unit, dimensions, definition."""
    lang = book.lang
    heads = [
        word("head.name", lang),
        word("head.quantity", lang),
        word("head.unit", lang),
        word("head.dims", lang),
        word("head.definition", lang),
    ]
    rows = [
        [
            rule.name,
            rule.labels[lang],
            unit_word(rule.unit, lang),
            ", ".join(word(f"dimension.{dim}", lang) for dim in ("year", *rule.dims)),
            definition(rule, lang),
        ]
        for rule in quantities().values()
    ]
    book.frame("dictionary", heads, [28, 34, 26, 40, 100], rows)


def definition(rule: Quantity, lang: str) -> str:
    """Definition of a quantity; the English one is the table's own."""
    return rule.text if lang == "en" else word(f"definition.{rule.name}", lang)
