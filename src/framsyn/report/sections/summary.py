"""One page: the sentence, four key figures, and the plan's own table beside ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framsyn.report.blocks import Block, Card, Cards, Cell, Column, Heading, Paragraph, Section, Table
from framsyn.report.evidence import Evidence, spell
from framsyn.report.numbers import number, percent
from framsyn.report.sections.common import own_source, place_name
from framsyn.report.words import word

if TYPE_CHECKING:
    import xarray as xr

    from framsyn.report.numbers import Style

__all__ = ["headline", "summary"]


def headline(evidence: Evidence, lang: str) -> str:
    """Say in one sentence what the years to the horizon bring; medians, rounded to whole percent."""
    need = evidence.triple(evidence.growth("need", {"service_area": "SOM"})).median
    people = evidence.triple(evidence.growth("population")).median
    old = evidence.triple(evidence.share("population_65_plus")).median

    def phrase(name: str, change: float) -> str:
        rounded = round(change * 100)
        side = "same" if rounded == 0 else "more" if rounded > 0 else name_of_less
        return word(f"summary.{name}_{side}", lang, share=percent(abs(change), lang))

    name_of_less = "less"
    return word(
        "summary.sentence",
        lang,
        year=evidence.last,
        need=phrase("need", need),
        people=phrase("people", people),
        old=percent(old, lang),
    )


def summary(evidence: Evidence, lang: str) -> Section:
    """The first page."""
    outlook = evidence.outlook
    control = outlook.manifest["control"]
    bindal = "bindal" if outlook.region.switches.get("bindal", False) else "no_bindal"
    note = f"{word(f'summary.plan_{control}', lang)} {word(f'summary.{bindal}', lang)}"
    draws = number(outlook.manifest["draws"], lang)
    blocks: list[Block] = [
        Paragraph(headline(evidence, lang), "lead"),
        Cards(word("summary.figures", lang), key_figures(evidence, lang)),
        Paragraph(f"{word('page.reading', lang, draws=draws)} {word('report.interval', lang)}", "note"),
        Heading(word("summary.plan_heading", lang)),
        Paragraph(note),
        people_table(evidence, lang),
        old_table(evidence, lang),
    ]
    return Section("summary", word("summary.heading", lang), blocks)


def key_figures(evidence: Evidence, lang: str) -> tuple[Card, ...]:
    """Need, beds, staff and money: now, 2030 and the horizon."""
    today = number(float(evidence.beds_today().sum()), lang)

    def card(
        key: str,
        values: xr.DataArray,
        href: str,
        style: Style = "number",
        *,
        signed: bool = False,
        **fields: object,
    ) -> Card:
        texts = spell(evidence.triples(values), lang, style, signed=signed)
        rows = []
        for year, text in zip(evidence.years, texts, strict=True):
            value, _, interval = text.partition(" (")
            when = f"{word('head.now', lang)} ({year})" if year == evidence.first else str(year)
            rows.append((when, value, interval.rstrip(")")))
        return Card(
            word(f"summary.{key}", lang), word(f"summary.{key}_unit", lang, **fields), tuple(rows), href
        )

    gap = evidence.draws("staff_gap")
    return (
        card(
            "need",
            evidence.growth("need", {"service_area": "SOM"}),
            "need",
            "percent",
            signed=True,
            year=evidence.first,
        ),
        card("beds", evidence.draws("beds"), "capacity", today=today),
        card("staff", gap.where(abs(gap) > 1e-6, 0.0), "staff", signed=True),
        card("money", evidence.draws("result"), "money", "money", signed=True),
    )


def people_table(evidence: Evidence, lang: str) -> Table:
    """The plan's inhabitants and ours, trust by trust."""
    published = evidence.published_population()
    first, last = (int(year) for year in (published.index.levels[1].min(), published.index.levels[1].max()))
    heads = (
        Column(word("head.place", lang)),
        Column(word("head.counted", lang, year=first), numeric=True),
        Column(word("head.published", lang, year=last), numeric=True),
        Column(word("head.ours", lang, year=last), numeric=True),
        Column(word("head.published_change", lang), numeric=True),
        Column(word("head.our_change", lang), numeric=True),
        Column(word("head.deviation", lang), numeric=True),
    )
    rows: list[tuple[Cell, ...]] = []
    for place, values in by_place(evidence, "population"):
        said, start = (
            float(published.loc[(place, last), "persons"]),
            float(published.loc[(place, first), "persons"]),
        )
        if last not in evidence.outlook.years:
            continue
        ours = evidence.triple(values, last)
        count = evidence.triple(values, first).median
        growth = evidence.triple(values / values.sel(year=first) - 1, last)
        rows.append(
            (
                place_name(evidence, place, lang),
                number(count, lang),
                number(said, lang),
                spell([ours], lang)[0],
                percent(said / start - 1, lang, 1, signed=True),
                spell([growth], lang, "percent", signed=True)[0],
                percent(ours.median / said - 1, lang, 1, signed=True),
            )
        )
    source = own_source(evidence, lang, "hmn_plan")
    return Table("plan-people", word("summary.plan_people", lang), heads, tuple(rows), source)


def old_table(evidence: Evidence, lang: str) -> Table:
    """The plan's share aged 65 and over and ours."""
    published = evidence.published_population()
    first, last = (int(year) for year in (published.index.levels[1].min(), published.index.levels[1].max()))
    heads = (
        Column(word("head.place", lang)),
        Column(word("head.published", lang, year=first), numeric=True),
        Column(word("head.counted", lang, year=first), numeric=True),
        Column(word("head.published", lang, year=last), numeric=True),
        Column(word("head.ours", lang, year=last), numeric=True),
    )
    rows: list[tuple[Cell, ...]] = []
    people = dict(by_place(evidence, "population"))
    for place, old in by_place(evidence, "population_65_plus"):
        if last not in evidence.outlook.years:
            continue
        share = old / people[place]
        rows.append(
            (
                place_name(evidence, place, lang),
                percent(float(published.loc[(place, first), "share_65_plus"]), lang),
                percent(evidence.triple(share, first).median, lang, 1),
                percent(float(published.loc[(place, last), "share_65_plus"]), lang),
                spell([evidence.triple(share, last)], lang, "percent")[0],
            )
        )
    source = own_source(evidence, lang, "hmn_plan")
    return Table("plan-old", word("summary.plan_old", lang), heads, tuple(rows), source)


def by_place(evidence: Evidence, name: str) -> list[tuple[str, xr.DataArray]]:
    """Draws of each trust and of the region."""
    trusts = evidence.draws(name, by=("trust",))
    places = [(trust, trusts.sel(trust=trust, drop=True)) for trust in evidence.outlook.region.trusts]
    return [*places, ("region", evidence.draws(name))]
