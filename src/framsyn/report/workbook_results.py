"""The sheets of results: the region, the trusts, the municipalities.

By trust only what open data can tell apart is shown: somatic care, the other services together, and the professions that
every trust publishes.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np

from framsyn.quantities import Quantity, quantities
from framsyn.region.arrays import SERVICE_AREAS
from framsyn.report.evidence import OTHER_SERVICES, PUBLISHED_PROFESSIONS, Evidence, Triple
from framsyn.report.sections.common import place_name, unit_word
from framsyn.report.words import word
from framsyn.report.workbook_book import Book

__all__ = ["municipalities", "results"]

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
        by: tuple[str, ...] = ("trust",) if trust else ()
        at: dict[str, Any] = {"trust": trust} if trust else {}
        region = evidence.outlook.region
        values = evidence.draws(rule.name, where, by)
        triples = [evidence.triple(values, year, **at) for year in evidence.years]
        if rule.aggregation == "mean":  # a probability: its draws are 0 and 1, so the mean is what is told
            means = [float(values.sel(year=year, **at).mean()) for year in evidence.years]
            triples = [Triple(np.nan, mean, np.nan) for mean in means]
        key = ("central", rule.name, str(where), by)
        central = evidence.once(
            key, lambda: evidence.summed.central_value(rule.name, ("year", *by), where).values
        )
        numbers = [value for low, median, high in triples for value in (median, low, high)]
        place = (region.trusts.index(trust),) if trust else ()
        numbers += [float(central[(evidence.outlook.years.index(year), *place)]) for year in evidence.years]
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
                partial(evidence.outlook.quantiles, name, (0.1, 0.5, 0.9), ("year", "area"), where),
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
