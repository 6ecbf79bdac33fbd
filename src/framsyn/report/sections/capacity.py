"""Capacity: beds against today's, rooms and places, and why one occupancy does not fit all wards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framsyn.methods.queueing import turned_away
from framsyn.quantities import quantity
from framsyn.region.arrays import SERVICE_AREAS
from framsyn.report.blocks import Block, Cell, Column, Figure, Heading, Paragraph, Section, Table
from framsyn.report.charts import Chart, Target, small_multiples
from framsyn.report.evidence import OTHER_SERVICES, Evidence, spell
from framsyn.report.numbers import number, percent
from framsyn.report.sections.common import about, own_source, place_name, source_title, unit_word, years_table
from framsyn.report.words import word

if TYPE_CHECKING:
    import xarray as xr

    from framsyn.report.numbers import Style

__all__ = ["capacity"]

REGION_TABLE = ("beds", "day_places", "outpatient_rooms", "theatres", "imaging_rooms", "floor_area")
EXAMPLE_WARDS = {"ten": 10, "thirty": 30, "hundred": 100}


def capacity(evidence: Evidence, lang: str) -> Section:
    """What carries the activity."""
    somatic = evidence.draws("beds", {"service_area": "SOM"}, ("trust",))
    other = evidence.other_services("beds", ("trust",))
    rows: list[tuple[str, xr.DataArray, Style]] = []
    for name in REGION_TABLE:
        rule = quantity(name)
        label = (
            f"{rule.labels[lang]}, {unit_word(rule.unit, lang)}"
            if name == "floor_area"
            else rule.labels[lang]
        )
        rows.append((label, evidence.draws(name), "number"))
    blocks: list[Block] = [
        Paragraph(word("capacity_part.lead", lang)),
        Figure(beds(evidence, lang, "som", somatic, ("SOM",))),
        Figure(beds(evidence, lang, "other", other, OTHER_SERVICES)),
        Paragraph(word("capacity_part.split_note", lang), "note"),
        beds_today(evidence, lang),
        years_table(
            evidence,
            lang,
            "capacity-region",
            word("capacity_part.table", lang),
            word("head.quantity", lang),
            rows,
        ),
        Paragraph(word("capacity_part.norms", lang), "note"),
        Paragraph(renewal(evidence, lang)),
        Heading(word("capacity_part.service_heading", lang)),
        Paragraph(service_text(evidence, lang)),
        service_table(evidence, lang),
    ]
    return Section("capacity", word("report.capacity", lang), blocks)


def beds(evidence: Evidence, lang: str, key: str, needed: xr.DataArray, areas: tuple[str, ...]) -> Chart:
    """Beds needed by trust, with today's available beds as a dashed line."""
    today = evidence.beds_today().sel(service_area=list(areas)).sum("service_area")
    trusts = evidence.outlook.region.trusts
    what = word(f"capacity_part.beds_{key}", lang)
    name = word("capacity_part.today", lang, year=evidence.first)
    targets = {}
    for trust in trusts:
        count = float(today.sel(trust=trust))
        label = word("capacity_part.today_label", lang, value=number(count, lang))
        targets[trust] = Target(count, evidence.first, label, name)
    title = word(
        "capacity_part.beds_title",
        lang,
        what=what,
        last=spell([evidence.triple(needed.sum("trust"))], lang)[0],
        year=evidence.last,
        today=number(float(today.sum()), lang),
    )
    return small_multiples(
        evidence.once(("beds", key), lambda: evidence.fan(needed, "trust")),
        about(evidence, lang, what, word("capacity_part.beds_unit", lang), sources=("ssb_13942",)),
        name=f"beds-{key}",
        labels={trust: place_name(evidence, trust, lang) for trust in trusts},
        targets=targets,
        title=title,
        same_scale=False,
        zero=True,
    )


def beds_today(evidence: Evidence, lang: str) -> Table:
    """Available beds by trust and service area, as published."""
    counted = evidence.beds_today()
    region = evidence.outlook.region
    heads = [Column(word("head.trust", lang))]
    heads += [Column(region.label_of("service_area", area, lang), numeric=True) for area in SERVICE_AREAS]
    heads.append(Column(word("capacity_part.sum", lang), numeric=True))
    rows: list[tuple[Cell, ...]] = []
    for place in [*region.trusts, "region"]:
        found = counted.sum("trust") if place == "region" else counted.sel(trust=place)
        values = [float(found.sel(service_area=area)) for area in SERVICE_AREAS]
        rows.append(
            (place_name(evidence, place, lang), *(number(value, lang) for value in [*values, sum(values)]))
        )
    caption = word("capacity_part.today_caption", lang, year=evidence.first)
    return Table("beds-today", caption, tuple(heads), tuple(rows), source_title(evidence, "ssb_13942", lang))


def renewal(evidence: Evidence, lang: str) -> str:
    """Say what the renewal of equipment takes, from the first year after the base year."""
    found = evidence.draws("equipment_renewal").median("draw")
    found = found.sel(year=[year for year in evidence.outlook.years if year > evidence.first])
    dearest = int(found["year"].values[found.values.argmax()])
    amounts = {"value": float(found.mean()), "most": float(found.max())}
    texts = {
        key: word("capacity_part.millions", lang, value=number(amount, lang, -1))
        for key, amount in amounts.items()
    }
    return word(
        "capacity_part.renewal", lang, **texts, first=evidence.first + 1, last=evidence.last, year=dearest
    )


def service_text(evidence: Evidence, lang: str) -> str:
    """Say what one occupancy does to small and large wards."""
    occupancy = evidence.parameter("occupancy", service_area="SOM")
    shares = {
        key: percent(turned_away(beds, occupancy), lang, 0 if beds < 50 else 1)
        for key, beds in EXAMPLE_WARDS.items()
    }
    target = percent(evidence.parameter("loss_target"), lang)
    return word(
        "capacity_part.service_text", lang, occupancy=percent(occupancy, lang), target=target, **shares
    )


def service_table(evidence: Evidence, lang: str) -> Table:
    """Beds by both rules beside those of today."""
    region = evidence.outlook.region
    heads = (
        Column(word("head.service_area", lang)),
        Column(f"{word('head.today', lang)} ({evidence.first})", numeric=True),
        Column(quantity("beds").labels[lang], numeric=True),
        Column(quantity("beds_service_level").labels[lang], numeric=True),
    )
    rows: list[tuple[Cell, ...]] = []
    for area in SERVICE_AREAS:
        where = {"service_area": area}
        both = [evidence.triple(evidence.draws(name, where)) for name in ("beds", "beds_service_level")]
        today = float(evidence.beds_today().sel(service_area=area).sum())
        written = [spell([triple], lang)[0] for triple in both]
        rows.append((region.label_of("service_area", area, lang), number(today, lang), *written))
    caption = word("capacity_part.service_caption", lang, year=evidence.last)
    return Table("service-level", caption, heads, tuple(rows), own_source(evidence, lang, "ssb_13942"))
