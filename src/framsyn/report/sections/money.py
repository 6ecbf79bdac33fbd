"""Money and climate of the whole region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framsyn.quantities import quantity
from framsyn.report.blocks import Block, Figure, Paragraph, Section, Table
from framsyn.report.charts import Target, fan_chart, small_multiples
from framsyn.report.evidence import Evidence, Triple, spell
from framsyn.report.numbers import number, percent
from framsyn.report.sections.common import about, years_table
from framsyn.report.words import word

if TYPE_CHECKING:
    import xarray as xr

    from framsyn.report.numbers import Style

__all__ = ["climate", "money"]

LINES = (
    "income_block_grant",
    "income_activity",
    "income_other",
    "cost_staff",
    "cost_drugs",
    "cost_goods",
    "cost_outsourced",
    "cost_buildings",
    "operating_gain",
    "depreciation",
    "interest",
    "result",
    "instalments",
    "investment",
    "debt",
    "liquidity",
    "gain_required",
)


def money(evidence: Evidence, lang: str) -> Section:
    """Income and cost, result, liquidity and the gain that must be found."""
    unit = word("money_part.unit", lang)
    floor = evidence.parameter("liquidity_floor")
    label = word("money_part.floor_label", lang, value=number(floor / 1000, lang, 1))
    target = Target(floor, evidence.last, label, word("money_part.floor", lang))
    result = fan_chart(
        evidence.once("result", lambda: evidence.fan(evidence.draws("result"))),
        about(evidence, lang, word("money_part.result", lang), unit, style="money"),
        name="result",
    )
    liquidity = fan_chart(
        evidence.once("liquidity", lambda: evidence.fan(evidence.draws("liquidity"))),
        about(evidence, lang, word("money_part.liquidity", lang), unit, style="money"),
        name="liquidity",
        target=target,
    )
    rows: list[tuple[str, xr.DataArray, Style]] = [
        (quantity(name).labels[lang], evidence.draws(name), "money") for name in LINES
    ]
    table = years_table(
        evidence,
        lang,
        "accounts",
        word("money_part.table", lang),
        word("head.quantity", lang),
        rows,
        change=False,
    )
    breach = evidence.breach()
    chances = tuple(percent(float(breach[year]), lang) for year in evidence.years)
    table = Table(
        table.name,
        table.caption,
        table.columns,
        (*table.rows, (word("money_part.probability", lang), *chances)),
        table.source,
    )
    blocks: list[Block] = [
        Paragraph(word("money_part.lead", lang)),
        Figure(result),
        Figure(liquidity),
        Paragraph(f"{breach_sentence(evidence, lang)} {gain_sentence(evidence, lang)}"),
        table,
        Paragraph(word("money_part.warning", lang), "note"),
    ]
    return Section("money", word("report.economy", lang), blocks)


def breach_sentence(evidence: Evidence, lang: str) -> str:
    """Say how likely the floor is broken."""
    breach = evidence.breach()
    if float(breach.max()) == 0.0:
        return word("money_part.breach_none", lang)
    worst = int(breach.idxmax())
    if worst == evidence.last:
        return word("money_part.breach_last", lang, last=worst, share=percent(float(breach[worst]), lang))
    return word(
        "money_part.breach",
        lang,
        last=evidence.last,
        share=percent(float(breach[evidence.last]), lang),
        worst_year=worst,
        worst=percent(float(breach[worst]), lang),
    )


def gain_sentence(evidence: Evidence, lang: str) -> str:
    """Say what operations must still give, or have to spare."""
    gain = evidence.triple(evidence.draws("gain_required"))
    key, sign = ("gain", 1) if gain.median > 0 else ("gain_none", -1)
    low, high = sorted((sign * gain.low, sign * gain.high))
    text = spell([Triple(low, sign * gain.median, high)], lang, "money")[0]
    return word(f"money_part.{key}", lang, value=text, year=evidence.last)


def climate(evidence: Evidence, lang: str) -> Section:
    """Emissions by origin."""
    values = evidence.draws("emissions", by=("emission_source",))
    total = evidence.draws("emissions")
    origins = {str(code): word(f"climate_part.{code}", lang) for code in values["emission_source"].values}
    unit = word("climate_part.unit", lang)
    chart = small_multiples(
        evidence.once("emissions", lambda: evidence.fan(values, "emission_source")),
        about(evidence, lang, word("climate_part.chart", lang), unit),
        name="emissions",
        labels=origins,
        same_scale=False,
        zero=True,
    )
    rows: list[tuple[str, xr.DataArray, Style]] = [
        (name, values.sel(emission_source=code, drop=True), "number") for code, name in origins.items()
    ]
    rows.append((word("capacity_part.sum", lang), total, "number"))
    table = years_table(
        evidence,
        lang,
        "emissions-table",
        word("climate_part.table", lang),
        word("climate_part.origin", lang),
        rows,
    )
    before, after = spell([evidence.triple(total, evidence.first), evidence.triple(total)], lang)
    lead = word(
        "climate_part.lead", lang, before=before, after=after, first=evidence.first, last=evidence.last
    )
    blocks: list[Block] = [
        Paragraph(lead),
        Figure(chart),
        table,
        Paragraph(word("climate_part.target", lang), "note"),
    ]
    return Section("climate", word("report.climate", lang), blocks)
