"""Population: how many, how old, where."""

from __future__ import annotations

from framsyn.report.blocks import Block, Figure, Paragraph, Section
from framsyn.report.charts import fan_chart, population_pyramid, small_multiples
from framsyn.report.evidence import Evidence, spell
from framsyn.report.numbers import number
from framsyn.report.sections.common import about, place_name
from framsyn.report.words import word

__all__ = ["people"]


def people(evidence: Evidence, lang: str) -> Section:
    """People of the region."""
    total, old = evidence.draws("population"), evidence.draws("population_80_plus")
    unit = word("people.unit", lang)
    lead = word(
        "people.lead",
        lang,
        first=evidence.first,
        last=evidence.last,
        first_count=number(evidence.triple(total, evidence.first).median, lang),
        last_count=spell([evidence.triple(total)], lang)[0],
        old_first=number(evidence.triple(old, evidence.first).median, lang),
        old_last=spell([evidence.triple(old)], lang)[0],
    )
    fan = fan_chart(
        evidence.once("people_fan", lambda: evidence.fan(total)),
        about(evidence, lang, word("people.fan", lang), unit, sources=("ssb_07459",)),
        name="population",
        history=evidence.population_history(),
    )
    pyramid = population_pyramid(
        evidence.pyramid(),
        about(evidence, lang, word("people.pyramid", lang), unit, sources=("ssb_07459",)),
        name="pyramid",
        years=(evidence.first, evidence.last),
    )
    by_trust = evidence.draws("population_80_plus", by=("trust",))
    trusts = {trust: place_name(evidence, trust, lang) for trust in evidence.outlook.region.trusts}
    aged = small_multiples(
        evidence.once("old_trusts", lambda: evidence.fan(by_trust, "trust")),
        about(evidence, lang, word("people.old", lang), unit, sources=("ssb_07459",)),
        name="population-80",
        labels=trusts,
    )
    blocks: list[Block] = [
        Paragraph(lead),
        Figure(fan),
        Figure(pyramid),
        Paragraph(word("people.pyramid_note", lang), "note"),
        Figure(aged),
    ]
    return Section("people", word("people.heading", lang), blocks)
