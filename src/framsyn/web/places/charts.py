"""Charts of a place: its people, its need, how it stands beside others, and the map of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _

from framsyn.region.places import neighbours_of, place_of, places
from framsyn.report.charts import About, Chart, fan_chart, population_pyramid, ranking, scenario_lines
from framsyn.report.maps import choropleth
from framsyn.report.numbers import interval, number, percent
from framsyn.report.words import word
from framsyn.web.outlooks.charts import about, population_history, words_of
from framsyn.web.outlooks.names import CHANGE
from framsyn.web.places.addresses import place_addresses
from framsyn.web.places.figures import SMALL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from framsyn.region import Region
    from framsyn.region.places import Place
    from framsyn.web.outlooks.models import Run
    from framsyn.web.places.figures import Track

__all__ = ["beside", "fellows", "growth_map", "need_chart", "people_chart", "pyramid"]

NEIGHBOURS, ALIKE = 3, 5
BROADEST = 6  # bars beside the place's own


def people_chart(run: Run, place: Place, track: Track, lang: str) -> Chart:
    """Return the people over the years: counted, and as the run projects them."""
    what, unit, style = words_of("population", lang, track.first)
    source = word("source.ssb_07459", lang)
    info = about(run, lang, what, unit, where=place.label[lang], style=style, source=source)
    title = None
    if track.bands is None:
        said = {"then": number(track.at(track.last), lang, -2), "last": track.last}
        title = _("Inhabitants: %(then)s in %(last)s") % said
    history = population_history(run, place.code)
    return over_time(track, info, name="place-people", history=history, title=title)


def need_chart(run: Run, place: Place, track: Track, lang: str) -> Chart:
    """Return the change of the need of somatic care since the base year."""
    what, unit, style = words_of(f"need{CHANGE}", lang, track.first)
    info = about(run, lang, f"{what}, {_('somatic care')}", unit, where=place.label[lang], style=style)
    change = track.change()
    end = percent(change.at(change.last), lang, signed=True)
    title = _("Need of somatic care: %(change)s by %(year)s") % {"change": end, "year": change.last}
    return over_time(change, info, name="place-need", title=title)


def over_time(
    track: Track, info: About, *, name: str, history: pd.DataFrame | None = None, title: str | None = None
) -> Chart:
    """Return a fan, or one line where no interval is kept."""
    if track.bands is not None:
        bands = {band.replace("p", "q"): line for band, line in track.bands.items()}
        frame = pd.DataFrame({"year": track.years, **bands})
        return fan_chart(frame, info, name=name, history=history, title=title)
    frame = pd.DataFrame({"scenario": "central", "year": track.years, "q50": track.central})
    labels = {"central": _("central run")}
    return scenario_lines(frame, info, name=name, labels=labels, history=history, title=title)


def pyramid(region: Region, place: Place, lang: str) -> Chart | None:
    """Return the people by age and sex ten years apart; nothing where a bar would be fewer than five people."""
    years = sorted(int(year) for year in region.table("population")["year"].unique())
    if len(years) < 2:
        return None
    frames = []
    for year in (years[0], years[-1]):
        counted = region.population(year).sel(area=list(place.areas)).sum("area")
        ages = np.minimum(counted["age"].values // 5 * 5, 95)
        for sex in ("male", "female"):
            groups = pd.Series(counted.sel(sex=sex).values).groupby(ages).sum()
            if ((groups > 0) & (groups < SMALL)).any():
                return None
            frames.append(
                pd.DataFrame({"year": year, "sex": sex, "age": groups.index, "q50": groups.to_numpy()})
            )
    info = About(
        _("People by age and sex"), "", place.label[lang], word("source.ssb_07459", lang), lang, "number"
    )
    return population_pyramid(
        pd.concat(frames, ignore_index=True), info, name="place-ages", years=(years[0], years[-1])
    )


def fellows(region: Region, place: Place, people: Mapping[str, float]) -> tuple[str, list[Place]]:
    """Return what a place is held beside: "neighbours", "alike" (in size) or "kind", and the places.

    Parameters
    ----------
    region : Region
    place : Place
    people : mapping
        Municipality → persons in the base year.
    """
    if place.kind != "municipality":
        kind = "hospital_area" if place.kind == "region" else place.kind
        return "kind", [one for one in places(region) if one.kind == kind and one.code != place.code]
    near = neighbours_of(region, place.code)
    if len(near) >= NEIGHBOURS:
        others = sorted(near, key=lambda code: -people[code])[:BROADEST]
        return "neighbours", [place_of(region, code) for code in others]
    own = people[place.code]
    others = sorted(
        (code for code in region.areas if code != place.code), key=lambda code: abs(people[code] - own)
    )
    return "alike", [place_of(region, code) for code in others[:ALIKE]]


def beside(
    run: Run,
    region: Region,
    place: Place,
    others: Sequence[Place],
    growth: Mapping[str, tuple[float, float, float]],
    last: int,
    lang: str,
) -> Chart:
    """Return how much the people of 80 and older grow here and in other places.

    Parameters
    ----------
    growth : mapping
        Place → change of the people of 80 and older since the base year: median and 80 % interval; the region among them.
    """
    shown = [place, *others] + ([] if place.kind == "region" else [place_of(region, "region")])
    labels = [one.said(lang) + (" ←" if one is place else "") for one in shown]
    frame = pd.DataFrame([growth[one.code] for one in shown], columns=["value", "low", "high"])
    frame.insert(0, "label", labels)
    value, low, high = growth[place.code]
    if (frame["low"] == frame["high"]).any():  # a run that was kept without intervals of hospital areas
        frame = frame[["label", "value"]]
    info = about(
        run,
        lang,
        _("Growth of the people of 80 and older"),
        _("to %(year)s") % {"year": last},
        where=place.label[lang],
        style="percent",
    )
    own = interval(value, low, high, lang, "percent", signed=True)
    title = _("%(place)s: people of 80 and older %(growth)s")
    return ranking(
        frame, info, name="place-beside", title=title % {"place": place.said(lang), "growth": own.median}
    )


def growth_map(
    run: Run,
    region: Region,
    growth: Mapping[str, float],
    lang: str,
    *,
    first: int,
    last: int,
    marked: Sequence[str] = (),
) -> Chart:
    """Return the map of the change of the number of people, each municipality a link to its page."""
    rows = pd.DataFrame({"area": region.areas, "value": [growth[area] for area in region.areas]})
    trusts = {area: region.trusts[i] for area, i in zip(region.areas, region.area_trust("SOM"), strict=True)}
    info = about(
        run,
        lang,
        _("Change in the number of people %(first)s–%(last)s") % {"first": first, "last": last},
        _("central run"),
        style="percent",
        source=word("source.kartverket", lang),
    )
    return choropleth(
        region.borders(),
        rows,
        info,
        name="places-map",
        groups=trusts,
        bounds=[-0.1, -0.05, 0.0, 0.05],
        signed=True,
        links=place_addresses(region.areas),
        marked=marked,
    )
