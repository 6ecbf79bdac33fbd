"""What the page of one place shows, made from the kept run without computing anything anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from framsyn.region.arrays import SERVICE_AREAS
from framsyn.region.places import alphabetical, place_of, places_above
from framsyn.report.numbers import interval, number, percent
from framsyn.web.places import charts
from framsyn.web.places.figures import ACTIVITY, Figures, Track, said_value
from framsyn.web.places.overview import overview
from framsyn.web.places.travel import Journey, journeys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.region import Region
    from framsyn.region.places import Place
    from framsyn.report.charts import Chart
    from framsyn.web.outlooks.models import Run

__all__ = ["KeyFigure", "PlacePage", "Row", "place_page"]

MIDDLE = 2030


@dataclass(frozen=True)
class KeyFigure:
    """A figure of the base year and what becomes of it."""

    label: str
    now: str
    later: list[tuple[int, str]]


@dataclass(frozen=True)
class Row:
    """One line of a table: what, and its cells."""

    label: str
    unit: str
    cells: list[str]


@dataclass(frozen=True)
class PlacePage:
    """All that the page shows of one place but the plans."""

    place: Place
    label: str
    names: tuple[str, ...]
    above: list[tuple[Place, str]]
    members: list[tuple[Place, str]]
    mental: str
    sentence: str
    years: list[int]
    people: list[KeyFigure]
    people_chart: Chart | None
    ages: Chart | None
    need: list[Row]
    need_chart: Chart | None
    has_bands: bool
    use_of_region: list[Row]
    expected: list[Row]
    beds: list[Row]
    journeys: Sequence[Journey]
    fellows: str
    beside: Chart | None
    map: Chart | None
    is_compact: bool = False


def place_page(run: Run, region: Region, place: Place, lang: str, *, is_compact: bool = False) -> PlacePage:
    """Return the page of a place; two queries, one of them once per process.

    Parameters
    ----------
    run : Run
    region : Region
    place : Place
    lang : {"nb", "nn", "en"}
    is_compact : bool
        Leave out what other places are drawn in as well, and the people by age and sex: for a folder with every place.
    """
    figures = Figures(run, place)
    population = figures.get("population")
    assert population is not None  # every run keeps the people of every place
    years = sorted({population.first, min(max(MIDDLE, population.first), population.last), population.last})
    fellows, beside, growth = (
        ("", None, None) if is_compact else others_drawn(run, region, place, lang, population)
    )
    need = figures.get("need", "SOM")
    return PlacePage(
        place=place,
        label=place.label[lang],
        names=place.names,
        above=[(one, one.label[lang]) for one in places_above(region, place)],
        members=members_of(region, place, lang),
        mental=mental_of(region, place),
        sentence=sentence(place, population, need, lang),
        years=years,
        people=key_figures(figures, years, lang),
        people_chart=charts.people_chart(run, place, population, lang),
        ages=None if is_compact else charts.pyramid(region, place, lang),
        need=need_rows(region, figures, years, lang),
        need_chart=charts.need_chart(run, place, need, lang) if need else None,
        has_bands=population.bands is not None,
        use_of_region=use_rows(region, figures, lang),
        expected=expected_rows(region, figures, years, lang),
        beds=bed_rows(region, figures, years, lang),
        journeys=journeys(region, place),
        fellows=fellows,
        beside=beside,
        map=growth,
        is_compact=is_compact,
    )


def others_drawn(
    run: Run, region: Region, place: Place, lang: str, population: Track
) -> tuple[str, Chart | None, Chart]:
    """Return what the place is held beside, the chart that does it, and the map of all municipalities."""
    rows = overview(run.pk, run.region)
    growth_80 = {code: row.growth_80 for code, row in rows.items()}
    fellows, others = charts.fellows(region, place, {area: rows[area].people for area in region.areas})
    beside = charts.beside(run, region, place, others, growth_80, population.last, lang)
    growth = charts.growth_map(
        run,
        region,
        {area: rows[area].growth for area in region.areas},
        lang,
        first=population.first,
        last=population.last,
        marked=place.areas if len(place.areas) < len(region.areas) else (),
    )
    return fellows, beside, growth


def sentence(place: Place, people: Track, need: Track | None, lang: str) -> str:
    """Say in one or two sentences how many live here, how many will, and what it means for the need of care."""
    name = place.said(lang)
    said = {
        "place": name[0].upper() + name[1:],
        "now": number(people.at(people.first), lang),
        "first": people.first,
        "last": people.last,
    }
    if people.bands is not None:
        found = interval(
            people.at(people.last), people.at(people.last, "p10"), people.at(people.last, "p90"), lang
        )
        said |= {"then": found.median, "low": found.low, "high": found.high}
        text = _(
            "%(place)s had %(now)s inhabitants on 1 January %(first)s; by %(last)s there are about %(then)s "
            "(80 %% between %(low)s and %(high)s)."
        )
    else:
        said["then"] = number(people.at(people.last), lang, -2)
        text = _(
            "%(place)s had %(now)s inhabitants on 1 January %(first)s; by %(last)s there are about %(then)s."
        )
    whole = text % said
    if need is not None:
        change = need.change().at(need.last)
        size = percent(abs(change), lang)
        grows = _("The need of somatic care grows by about %(size)s.")
        falls = _("The need of somatic care falls by about %(size)s.")
        stays = _("The need of somatic care stays about the same.")
        text = stays if round(abs(change) * 100) == 0 else grows if change > 0 else falls
        whole = f"{whole} {text % {'size': size}}"
    return whole


def members_of(region: Region, place: Place, lang: str) -> list[tuple[Place, str]]:
    """Return the municipalities of a larger place by name; none of a municipality."""
    if place.kind == "municipality":
        return []
    found = sorted((place_of(region, area) for area in place.areas), key=lambda one: alphabetical(one.name))
    return [(one, one.label[lang]) for one in found]


def mental_of(region: Region, place: Place) -> str:
    """Return the areas of mental health care that the people belong to, with the trust where it is another."""
    table = region.table("areas").set_index("area").loc[list(place.areas)]
    names: dict[str, None] = {}
    for own, trust in zip(table["psychiatric_area"], table["psychiatric_trust"], strict=True):
        other = place.trust and trust != place.trust
        names[f"{own} ({region.label_of('trust', trust)})" if other else str(own)] = None
    return ", ".join(names)


def key_figures(figures: Figures, years: list[int], lang: str) -> list[KeyFigure]:
    """Return people and the shares of the old: now, and in the years of the page."""
    people = figures.get("population")
    found = []
    if people is not None:
        later = [(year, said_value(people, year, lang)) for year in years[1:]]
        found.append(KeyFigure(_("Inhabitants"), number(people.at(people.first), lang), later))
    for quantity, label in (
        ("population_65_plus", _("65 and older")),
        ("population_80_plus", _("80 and older")),
    ):
        share = figures.share(quantity)
        if share is not None:
            later = [(year, percent(share.at(year), lang)) for year in years[1:]]
            found.append(KeyFigure(label, percent(share.at(share.first), lang), later))
    return found


def need_rows(region: Region, figures: Figures, years: list[int], lang: str) -> list[Row]:
    """Return the change of the need by service area."""
    found = []
    for part in SERVICE_AREAS:
        track = figures.get("need", part)
        if track is not None:
            change = track.change()
            cells = [said_value(change, year, lang, "percent", signed=True) for year in years[1:]]
            found.append(Row(region.label_of("service_area", part, lang), "", cells))
    return found


def use_rows(region: Region, figures: Figures, lang: str) -> list[Row]:
    """Return what the people of the region use in the base year, per 1 000 inhabitants."""
    people = figures.region["population", ""]
    found = []
    for quantity in ACTIVITY:
        cells = []
        for part in ("SOM", "PHV"):
            track = figures.region.get((quantity, part))
            rate = None if track is None else track.central[0] / people.central[0] * 1000
            cells.append("" if not rate else number(rate, lang, 0 if rate >= 10 else 1))
        found.append(Row(region.label_of("measure", quantity, lang), "", cells))
    return found


def expected_rows(region: Region, figures: Figures, years: list[int], lang: str) -> list[Row]:
    """Return the somatic care that the outlook counts with for the people here."""
    found = []
    for quantity in ACTIVITY:
        track = figures.get(quantity, "SOM")
        if track is not None:
            cells = [said_value(track, year, lang) for year in years]
            found.append(Row(region.label_of("measure", quantity, lang), "", cells))
    return found


def bed_rows(region: Region, figures: Figures, years: list[int], lang: str) -> list[Row]:
    """Return the beds by service area."""
    found = []
    for part in SERVICE_AREAS:
        track = figures.beds(part)
        if track is not None and track.central[0] > 0:
            cells = [said_value(track, year, lang) for year in years]
            found.append(Row(region.label_of("service_area", part, lang), "", cells))
    return found
