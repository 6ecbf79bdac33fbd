"""Charts of kept runs: the same drawings as in the report, from the figures that the site keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from django.utils.translation import gettext

from framsyn.errors import PlanError
from framsyn.quantities import quantity
from framsyn.region.arrays import beds_available
from framsyn.region.places import place_of
from framsyn.report.charts import About, Chart, Target, fan_chart, small_multiples, waterfall
from framsyn.report.maps import choropleth
from framsyn.report.numbers import interval, number, percent
from framsyn.report.words import word
from framsyn.web.outlooks.names import CHANGE, REGION, SHARE
from framsyn.web.outlooks.queries import Line, Lines, region_of
from framsyn.web.places.addresses import place_addresses

if TYPE_CHECKING:
    from framsyn.report.numbers import Style
    from framsyn.web.outlooks.models import Explanation, Run

__all__ = [
    "about",
    "beds_today",
    "fan",
    "fans_by_trust",
    "growth_title",
    "map_of_change",
    "population_history",
    "why",
]


def about(
    run: Run,
    lang: str,
    what: str,
    unit: str = "",
    *,
    where: str = "",
    style: Style = "number",
    source: str = "",
) -> About:
    """Return the subtitle of a chart of a run."""
    region = region_of(run.region)
    own = word("page.source_own", lang, id=run.id)
    return About(
        what,
        unit,
        where or region.label[lang],
        f"{source}; {own}" if source else own,
        lang,
        style,
        run.label[lang],
    )


# Inner bounds of the map's five classes, as shares; the same in every year and on every page, so that they can be compared.
MAP_BOUNDS = [0.0, 0.05, 0.1, 0.15]


def words_of(name: str, lang: str, first: int) -> tuple[str, str, Style]:
    """Return label, unit in words and style of a quantity, of its change or of its share.

    >>> words_of("beds", "en", 2025)
    ('Beds (occupancy)', 'beds', 'number')
    >>> words_of("liquidity", "en", 2025)
    ('Liquidity', 'NOK billion (2025 prices)', 'money')
    """
    root = name.partition(":")[0]
    rule = quantity(root)
    label = rule.labels[lang]
    if name.endswith(CHANGE):
        return label, gettext("change since %(first)s") % {"first": first}, "percent"
    if name.endswith(SHARE):
        return label, "", "percent"
    if rule.unit.startswith("MNOK"):  # charts of money show billions
        return label, word("need_part.unit", lang), "money"
    return label, word(f"unit.{rule.unit}", lang), "number"


def part_name(run: Run, part: str, lang: str) -> str:
    """Return the name of a service area, a profession or a source of emissions."""
    region = region_of(run.region)
    for kind in ("service_area", "profession", "emission_source"):
        try:
            return region.label_of(kind, part, lang)
        except PlanError:
            continue
    return part


def place_name(run: Run, place: str, lang: str) -> str:
    """Return the name of the region, a trust or a municipality."""
    region = region_of(run.region)
    if place == REGION:
        return region.label[lang]
    kind = "trust" if place in region.trusts else "area"
    return region.label_of(kind, place, lang)


def fan(
    run: Run,
    line: Line,
    lang: str,
    *,
    name: str,
    title: str | None = None,
    history: pd.DataFrame | None = None,
    target: Target | None = None,
    source: str = "",
    zero: bool = False,
) -> Chart:
    """Return the fan chart of a line."""
    what, unit, style = words_of(line.quantity, lang, line.first)
    if line.part:
        part = part_name(run, line.part, lang)
        what = f"{what}, {part[0].lower()}{part[1:]}"
    info = about(run, lang, what, unit, where=place_name(run, line.place, lang), style=style, source=source)
    return fan_chart(line.frame(), info, name=name, title=title, history=history, target=target, zero=zero)


def fans_by_trust(
    run: Run, lines: Lines, quantity_name: str, part: str, lang: str, *, name: str
) -> Chart | None:
    """Return the same fan for each trust, or nothing where only an assumption would part them."""
    region = region_of(run.region)
    found = [(trust, lines.get(quantity_name, trust, part)) for trust in region.trusts]
    if any(line is None for _, line in found):
        return None
    frames = [line.frame().assign(group=trust) for trust, line in found if line is not None]
    what, unit, style = words_of(quantity_name, lang, frames[0]["year"].min())
    if part:
        part_text = part_name(run, part, lang)
        what = f"{what}, {part_text[0].lower()}{part_text[1:]}"
    labels = {trust: region.label_of("trust", trust, lang) for trust in region.trusts}
    title = None
    if quantity_name.endswith(CHANGE):
        ends = {trust: line.at(line.last) for trust, line in found if line is not None}
        high, low = max(ends, key=ends.__getitem__), min(ends, key=ends.__getitem__)
        title = gettext(
            "%(what)s: most growth in %(high_name)s (%(high)s), least in %(low_name)s (%(low)s)"
        ) % {
            "what": what,
            "high_name": labels[high],
            "high": percent(ends[high], lang, signed=True),
            "low_name": labels[low],
            "low": percent(ends[low], lang, signed=True),
        }
    info = about(run, lang, what, unit, style=style)
    return small_multiples(pd.concat(frames, ignore_index=True), info, name=name, labels=labels, title=title)


def growth_title(line: Line, lang: str, what: str) -> str:
    """Say how much something grows, with the interval.

    Parameters
    ----------
    line : Line
        A change since the base year.
    lang : str
    what : str
        What grows, as a sentence begins.
    """
    low, median, high = (line.at(line.last, band) for band in ("p10", "p50", "p90"))
    said = interval(median, low, high, lang, "percent", signed=True)
    return gettext("%(what)s: %(change)s by %(year)s") % {
        "what": what,
        "change": said.text,
        "year": line.last,
    }


def map_of_change(run: Run, lines: Lines, lang: str, year: int, *, name: str) -> Chart:
    """Return the map of the change of somatic need since the base year, in the central run."""
    region = region_of(run.region)
    rows = []
    for area in region.areas:
        line = lines.get("need", area, "SOM")
        if line is not None:
            rows.append(
                {"area": area, "value": line.at(year, "central") / line.at(line.first, "central") - 1}
            )
    trusts = {area: region.trusts[i] for area, i in zip(region.areas, region.area_trust("SOM"), strict=True)}
    first = lines["need", REGION, "SOM"].first
    info = about(
        run,
        lang,
        word("need_part.map", lang, first=first, last=year),
        word("need_part.map_unit", lang),
        style="percent",
        source=word("source.kartverket", lang),
    )
    return choropleth(
        region.borders(),
        pd.DataFrame(rows),
        info,
        name=name,
        groups=trusts,
        bounds=MAP_BOUNDS,
        signed=True,
        links=place_addresses(region.areas),
    )


def why(run: Run, found: Explanation, lang: str, *, name: str) -> Chart:
    """Return the waterfall of a kept explanation."""
    frame = pd.DataFrame(
        {
            "label": [effect["label"][lang] for effect in found.effects],
            "effect": [effect["effect"] for effect in found.effects],
        }
    )
    base_year = int(region_of(run.region).descriptor["framsyn"]["baseYear"])
    what, unit, style = words_of(found.quantity, lang, base_year)
    if found.part:
        part = part_name(run, found.part, lang)
        what = f"{what}, {part[0].lower()}{part[1:]}"
    return waterfall(
        frame,
        about(run, lang, what, unit, style=style),
        name=name,
        start=(str(base_year), found.before),
        end=(str(found.year), found.after),
        from_zero=False,
    )


def beds_today(run: Run, part: str = "") -> float:
    """Return the beds of the base year."""
    beds = beds_available(region_of(run.region))
    return float(beds.sum() if not part else beds.sel(service_area=part).sum())


def beds_against_today(run: Run, line: Line, lang: str, *, name: str) -> Chart:
    """Return the fan chart of the region's beds, with those of the base year as a line to compare with."""
    today = beds_today(run, line.part)
    label = f"{word('head.now', lang)}: {number(today, lang)}"
    return fan(run, line, lang, name=name, target=Target(today, line.last, label, label))


def population_history(run: Run, place: str) -> pd.DataFrame:
    """Return counted persons by year: year, value; only years in which every municipality has a count.

    Municipalities that were one are counted apart only since they parted; before that the split is a guess, and they are
    shown together or not at all.
    """
    region = region_of(run.region)
    areas = set(place_of(region, place).areas)
    table = region.table("population_history")
    table = table[table["area"].isin(areas)]
    whole = table.groupby("year")["area"].nunique() == len(areas)
    total = table.groupby("year")["total"].sum()[whole]
    for joint in region.descriptor["framsyn"].get("jointAreas", ()):
        together = set(joint["areas"])
        if areas & together and not together <= areas:
            total = total[total.index > int(joint["lastYear"])]
    return total.rename("value").reset_index()
