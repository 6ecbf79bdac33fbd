"""Staff: the gap by profession, the three published ones by trust, and the intake that would close it."""

from __future__ import annotations

import pandas as pd
import xarray as xr

from framsyn.report.blocks import Block, Cell, Column, Figure, Paragraph, Section, Table
from framsyn.report.charts import Chart, grouped_bars
from framsyn.report.evidence import PUBLISHED_PROFESSIONS, Evidence, spell
from framsyn.report.numbers import number
from framsyn.report.sections.common import about, own_source, place_name
from framsyn.report.words import word

__all__ = ["staff"]


def staff(evidence: Evidence, lang: str) -> Section:
    """What the activity calls for, and what is expected to be there."""
    blocks: list[Block] = [
        Paragraph(word("staff_part.lead", lang, first=evidence.first)),
        Figure(gap(evidence, lang)),
        Figure(gap_by_trust(evidence, lang)),
        Paragraph(word("staff_part.trust_note", lang), "note"),
        intake(evidence, lang),
    ]
    return Section("staff", word("report.staff", lang), blocks)


def professions(evidence: Evidence, lang: str) -> dict[str, str]:
    """Names of all professions in the order of the region."""
    codes = [str(code) for code in evidence.outlook.central["profession"].values]
    return {code: evidence.outlook.region.label_of("profession", code, lang) for code in codes}


def gap(evidence: Evidence, lang: str) -> Chart:
    """Gap by profession in the whole region."""
    values = evidence.draws("staff_gap", by=("profession",))
    years = [year for year in evidence.years if year != evidence.first]

    def make() -> pd.DataFrame:
        rows = []
        for code in values["profession"].values:
            for year in years:
                low, median, high = evidence.triple(values, year, profession=code)
                rows.append({"row": str(code), "series": str(year), "q10": low, "q50": median, "q90": high})
        return pd.DataFrame(rows)

    return grouped_bars(
        evidence.once("staff_gap", make),
        about(
            evidence,
            lang,
            word("staff_part.gap", lang),
            word("staff_part.gap_unit", lang),
            sources=("ssb_13953",),
        ),
        name="staff-gap",
        labels=professions(evidence, lang),
        series={str(year): str(year) for year in years},
        sides=(word("professions.surplus", lang), word("professions.shortage", lang)),
    )


def gap_by_trust(evidence: Evidence, lang: str) -> Chart:
    """Gap of the professions that every trust publishes."""
    values = evidence.draws("staff_gap", {"profession": list(PUBLISHED_PROFESSIONS)}, ("profession", "trust"))

    def make() -> pd.DataFrame:
        rows = []
        for trust in evidence.outlook.region.trusts:
            for code in PUBLISHED_PROFESSIONS:
                low, median, high = evidence.triple(values, profession=code, trust=trust)
                rows.append({"row": trust, "series": code, "q10": low, "q50": median, "q90": high})
        return pd.DataFrame(rows)

    names = professions(evidence, lang)
    what = word("staff_part.trust", lang, year=evidence.last)
    return grouped_bars(
        evidence.once("staff_gap_trust", make),
        about(evidence, lang, what, word("staff_part.trust_unit", lang), sources=("ssb_13953",)),
        name="staff-gap-trusts",
        labels={trust: place_name(evidence, trust, lang) for trust in evidence.outlook.region.trusts},
        series={code: names[code] for code in PUBLISHED_PROFESSIONS},
        title=gap_title(evidence, lang, values),
        sides=(word("professions.surplus", lang), word("professions.shortage", lang)),
        row_heading="place",
    )


def gap_title(evidence: Evidence, lang: str, values: xr.DataArray) -> str:
    """Name the trust and the profession with the largest gap."""
    names = professions(evidence, lang)
    found = {
        (trust, code): evidence.triple(values, profession=code, trust=trust)
        for trust in evidence.outlook.region.trusts
        for code in PUBLISHED_PROFESSIONS
    }
    trust, code = max(found, key=lambda key: found[key].median)
    text = spell([found[(trust, code)]], lang)[0].split(" (")[0]
    return word(
        "staff_part.trust_title",
        lang,
        place=place_name(evidence, trust, lang),
        profession=names[code].lower(),
        value=text,
        year=evidence.last,
    )


def intake(evidence: Evidence, lang: str) -> Table:
    """Staff today and needed, entrants expected and required."""
    need, supply = (evidence.draws(name, by=("profession",)) for name in ("staff_demand", "staff_supply"))
    expected = evidence.draws("staff_intake", by=("profession",))
    required = evidence.draws("staff_intake_required", by=("profession",))
    later = [year for year in evidence.outlook.years if year > evidence.first]
    heads = (
        Column(word("head.profession", lang)),
        Column(word("staff_part.today", lang, year=evidence.first), numeric=True),
        Column(word("staff_part.demand", lang, year=evidence.last), numeric=True),
        Column(word("staff_part.expected", lang), numeric=True),
        Column(word("staff_part.required", lang), numeric=True),
    )
    rows: list[tuple[Cell, ...]] = []
    for code, name in professions(evidence, lang).items():
        yearly = expected.sel(year=later).mean("year").expand_dims(year=[evidence.last])
        rows.append(
            (
                name,
                number(evidence.triple(supply, evidence.first, profession=code).median, lang),
                spell([evidence.triple(need, profession=code)], lang)[0],
                spell([evidence.triple(yearly, profession=code)], lang, most=0)[0],
                spell([evidence.triple(required, profession=code)], lang, most=0)[0],
            )
        )
    caption = word("staff_part.intake", lang, year=evidence.last)
    return Table("staff-intake", caption, heads, tuple(rows), own_source(evidence, lang, "ssb_13953"))
