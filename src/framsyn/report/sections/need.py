"""Need: by service area, by trust of residence, by municipality, and why it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from framsyn.region.arrays import SERVICE_AREAS
from framsyn.report.blocks import Block, Cell, Figure, Heading, Paragraph, Section, Table
from framsyn.report.charts import Chart, fan_chart, scenario_lines, small_multiples, waterfall
from framsyn.report.evidence import Evidence, spell
from framsyn.report.maps import choropleth
from framsyn.report.numbers import percent
from framsyn.report.sections.common import (
    about,
    heads,
    highest_and_lowest,
    numbers_table,
    own_source,
    place_name,
)
from framsyn.report.words import word

if TYPE_CHECKING:
    from framsyn.scenario.scenario import Figure as HeadlineFigure

__all__ = ["need"]

SOM = {"service_area": "SOM"}


def need(evidence: Evidence, lang: str) -> Section:
    """Need, its parts and its causes."""
    span = {"first": evidence.first, "last": evidence.last}
    unit = word("need_part.unit", lang)
    fan = fan_chart(
        evidence.once("need_fan", lambda: evidence.fan(evidence.draws("need", SOM))),
        about(evidence, lang, word("need_part.fan", lang), unit, style="money"),
        name="need-somatic",
    )
    blocks: list[Block] = [
        Paragraph(word("need_part.lead", lang, **span)),
        headline_table(evidence, lang),
        Figure(fan),
        Figure(by_service_area(evidence, lang)),
        Figure(by_trust(evidence, lang)),
        Paragraph(word("need_part.place_note", lang), "note"),
        Figure(by_municipality(evidence, lang)),
        Heading(word("need_part.why", lang)),
        Figure(why(evidence, lang)),
        Paragraph(word("need_part.why_note", lang), "note"),
        Figure(against_baseline(evidence, lang)),
    ]
    return Section("need", word("report.need", lang), blocks)


def headline_table(evidence: Evidence, lang: str) -> Table:
    """The scenario's headline figures: what was published, and what the run says."""

    def row(figure: HeadlineFigure) -> tuple[Cell, ...]:
        areas, said = list(figure.service_area), figure.published
        growth = evidence.growth("need", {"service_area": areas})
        return (
            figure.label[lang],
            word("need_part.absent", lang) if said is None else percent(said / 100, lang, signed=True),
            percent(evidence.central_growth("need", areas), lang, 1, signed=True),
            spell([evidence.triple(growth)], lang, "percent", signed=True)[0],
        )

    return numbers_table(
        "headline",
        word("need_part.headline", lang, first=evidence.first, last=evidence.last),
        heads(lang, "head.service_area", "need_part.published", "head.central", "head.ours_short"),
        [row(figure) for figure in evidence.outlook.scenario.headline.figure],
        own_source(evidence, lang, "hmn_plan"),
    )


def by_service_area(evidence: Evidence, lang: str) -> Chart:
    """Change since the base year in each service area, on one scale."""
    values = evidence.by_service("need")
    growth = values / values.sel(year=evidence.first) - 1
    labels = {area: evidence.outlook.region.label_of("service_area", area, lang) for area in SERVICE_AREAS}
    ends = {area: evidence.triple(growth, service_area=area) for area in SERVICE_AREAS}
    high, low = highest_and_lowest(ends)
    return small_multiples(
        evidence.once("need_services", lambda: evidence.fan(growth, "service_area")),
        about(evidence, lang, word("need_part.change", lang, first=evidence.first), style="percent"),
        name="need-service-areas",
        labels=labels,
        title=word(
            "need_part.services_title",
            lang,
            high_name=labels[high][0].lower() + labels[high][1:],
            high=percent(ends[high].median, lang, signed=True),
            low_name=labels[low][0].lower() + labels[low][1:],
            low=percent(ends[low].median, lang, signed=True),
            last=evidence.last,
        ),
    )


def by_trust(evidence: Evidence, lang: str) -> Chart:
    """Change of somatic need among the residents of each trust."""
    growth = evidence.growth("need", SOM, ("trust",))
    trusts = evidence.outlook.region.trusts
    labels = {trust: place_name(evidence, trust, lang) for trust in trusts}
    ends = {trust: evidence.triple(growth, trust=trust) for trust in trusts}
    high, low = highest_and_lowest(ends)
    return small_multiples(
        evidence.once("need_trusts", lambda: evidence.fan(growth, "trust")),
        about(evidence, lang, word("need_part.trusts", lang, first=evidence.first), style="percent"),
        name="need-trusts",
        labels=labels,
        title=word(
            "need_part.trusts_title",
            lang,
            high_name=labels[high],
            high=percent(ends[high].median, lang, signed=True),
            low_name=labels[low],
            low=percent(ends[low].median, lang, signed=True),
        ),
    )


def by_municipality(evidence: Evidence, lang: str) -> Chart:
    """Map of the growth of somatic need; no hospital is drawn, since its point is only its municipality's."""
    region = evidence.outlook.region
    trusts = {
        area: region.trusts[place] for area, place in zip(region.areas, region.area_trust("SOM"), strict=True)
    }
    what = word("need_part.map", lang, first=evidence.first, last=evidence.last)
    return choropleth(
        evidence.once("borders", region.borders),
        evidence.need_growth_by_area(),
        about(
            evidence, lang, what, word("need_part.map_unit", lang), style="percent", sources=("kartverket",)
        ),
        name="need-map",
        groups=trusts,
        signed=True,
    )


def why(evidence: Evidence, lang: str) -> Chart:
    """Waterfall from the base year to the horizon."""
    explanation = evidence.explanation
    table = explanation.table(lang)
    frame = pd.DataFrame({"label": table["label"], "effect": table["effect"]})
    return waterfall(
        frame,
        about(evidence, lang, word("need_part.fan", lang), word("need_part.unit", lang), style="money"),
        name="need-why",
        start=(explanation.start, explanation.before),
        end=(explanation.end, explanation.after),
        from_zero=False,
    )


def against_baseline(evidence: Evidence, lang: str) -> Chart:
    """The run and its baseline, medians side by side."""
    runs = {run.scenario.name: run for run in (evidence.outlook, evidence.baseline)}

    def make() -> pd.DataFrame:
        parts = []
        for name, other in zip(runs, (False, True), strict=False):
            frame = evidence.fan(evidence.draws("need", SOM, baseline=other))
            parts.append(frame.assign(scenario=name)[["scenario", "year", "q10", "q50", "q90"]])
        return pd.concat(parts, ignore_index=True)

    labels = {name: run.scenario.label[lang] for name, run in runs.items()}
    info = about(
        evidence,
        lang,
        word("need_part.against", lang),
        word("need_part.unit", lang),
        style="money",
        scenario=False,
    )
    return scenario_lines(evidence.once("need_runs", make), info, name="need-scenarios", labels=labels)
