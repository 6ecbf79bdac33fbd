"""What drives the uncertainty, and what an interval holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framsyn.quantities import quantity
from framsyn.report.blocks import Block, Figure, Items, Paragraph, Section
from framsyn.report.charts import Chart, ranking
from framsyn.report.sections.common import about
from framsyn.report.words import word

if TYPE_CHECKING:
    import pandas as pd

    from framsyn.report.evidence import Evidence

__all__ = ["certainty", "drivers"]


def drivers(evidence: Evidence, lang: str) -> Section:
    """Ranking of the uncertain inputs."""
    blocks: list[Block]
    if evidence.drivers is None or evidence.drivers.empty:
        blocks = [Paragraph(word("driver.absent", lang), "note")]
    else:
        blocks = [
            Paragraph(word("driver.text", lang)),
            Figure(driver_chart(evidence, evidence.drivers, lang)),
        ]
    return Section("drivers", word("report.drivers", lang), blocks)


def driver_chart(evidence: Evidence, found: pd.DataFrame, lang: str) -> Chart:
    """Sobol's total shares, largest first; an estimate below zero is shown as zero."""
    rule = quantity(str(found.attrs.get("quantity", "bed_days")))
    year = int(found.attrs.get("year", evidence.last))
    what = rule.labels[lang].lower()
    area = (found.attrs.get("where") or {}).get("service_area")
    if isinstance(area, str):
        part = evidence.outlook.region.label_of("service_area", area, lang)
        what = word("driver.where", lang, what=what, part=part.lower())
    frame = found.assign(
        label=[input_name(evidence, str(row.input), str(row.part), lang) for row in found.itertuples()],
        value=found["total"].clip(0.0, 1.0),
        low=found["total_low"].clip(0.0, 1.0),
        high=found["total_high"].clip(0.0, 1.0),
    )
    info = about(
        evidence,
        lang,
        word("driver.chart", lang, what=what, year=year),
        word("driver.unit", lang),
        style="percent",
    )
    return ranking(frame[["label", "value", "low", "high"]], info, name="drivers", most=10)


def input_name(evidence: Evidence, name: str, part: str, lang: str) -> str:
    """Name an input: the people, an assumption, how much of it comes true, or its conversion."""
    if name == "people":
        return word("driver.people", lang)
    label = evidence.outlook.scenario.assumption(name).label[lang]
    return label if part == "effect" else word(f"driver.{part}", lang, name=label)


def certainty(evidence: Evidence, lang: str) -> Section:
    """What an 80 % interval means, and what it leaves out."""
    del evidence
    inside = tuple(word(f"certainty.in_{key}", lang) for key in ("people", "assumptions", "chance"))
    outside = tuple(word(f"certainty.out_{key}", lang) for key in ("parameters", "flows", "shocks"))
    blocks: list[Block] = [
        Paragraph(word("report.interval", lang)),
        Items(word("certainty.in_title", lang), inside),
        Items(word("certainty.out_title", lang), outside),
        Paragraph(word("certainty.quality", lang)),
    ]
    return Section("certainty", word("report.certainty", lang), blocks)
