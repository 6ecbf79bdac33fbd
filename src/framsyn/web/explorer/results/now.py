"""Charts that follow the hand: need, beds, rooms, staff, money and climate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext as _

from framsyn.region.arrays import SERVICE_AREAS, beds_available, season
from framsyn.report.charts import Target, fan_of
from framsyn.report.month_charts import month_bars
from framsyn.report.numbers import decimals_for, interval, number, percent
from framsyn.report.words import word
from framsyn.web.explorer.results.render import Note, Picture, Piece
from framsyn.web.explorer.results.series import HIGH, LOW, MEDIAN, central_of
from framsyn.web.explorer.results.staff import staff
from framsyn.web.explorer.results.view import label_of

if TYPE_CHECKING:
    from framsyn.report.charts import Chart
    from framsyn.web.explorer.results.view import View

__all__ = ["beds", "climate", "liquidity", "money", "months", "need", "places", "rooms", "staff"]


def fan(
    view: View, chart: str, name: str, part: str | None = None, target: Target | None = None, source: str = ""
) -> Chart | None:
    """Return the fan of a series of the view by the name of its chart, or nothing where the place has none."""
    bands = view.bands(name, part)
    if bands is None:
        return None
    about = view.about(view.what(name, part), view.unit_of(name), view.style_of(name), source)
    return fan_of(
        view.years,
        bands,
        about,
        name=f"explorer-{chart}",
        target=target,
        beside=view.beside(name, part),
        focus=view.year,
    )


def need(view: View) -> Piece:
    """Need of the residents."""
    chart = fan(view, "need", "need")
    assert chart is not None  # need is known of every place
    about = word("need_part.lead", view.lang, first=view.years[0])
    if view.place.kind != "region":
        about += " " + word("need_part.place_note", view.lang)
    return Picture(chart, about)


def beds(view: View) -> Piece:
    """Beds against those of today; below a trust the beds that the residents take up."""
    bands = view.bands("beds")
    assert bands is not None  # of the trusts, or made of the residents' bed days
    target = None
    if view.local:
        about = _(
            "Bed days of the residents a year, divided by 365 and by the occupancy that is planned for."
        )
        about += " " + _("The beds stand where the residents are treated, which may be in another place.")
    else:
        today = beds_today(view)
        label = word("explorer.today", view.lang, value=number(today, view.lang))
        target = Target(
            today, view.years[-1], label, word("explorer.today_key", view.lang, year=view.years[0])
        )
        about = _("Beds that carry the bed days at the planned occupancy.") + " " + service_level(view)
    chart = fan(
        view, "beds", "beds", target=target, source=word("source.ssb_13942", view.lang) if target else ""
    )
    assert chart is not None
    return Picture(chart, about)


def beds_today(view: View) -> float:
    """Return the beds in use in the base year."""
    found = beds_available(view.region)
    if view.place.kind == "trust":
        found = found.sel(trust=view.place.code)
    if view.state.service:
        found = found.sel(service_area=view.state.service)
    return float(found.sum())


def service_level(view: View) -> str:
    """Say how many beds it takes to turn few away from full wards."""
    bands = view.bands("beds_service_level")
    if bands is None:
        return ""
    low, median, high = bands[[LOW, MEDIAN, HIGH], view.at]
    said = interval(median, low, high, view.lang)
    share = percent(view.region.parameter("loss_target", service_area=view.state.service or "SOM"), view.lang)
    return _(
        "If a full ward is to turn away at most %(share)s of its patients, it takes %(beds)s beds in %(year)s."
    ) % {"share": share, "beds": said.text, "year": view.year}


def months(view: View) -> Piece:
    """Beds month by month in the year on view, when a month is chosen."""
    if not view.state.month:
        return None
    bands = view.bands("beds")
    assert bands is not None  # as in beds
    factor = month_factors(view)
    low, median, high = (bands[quantile, view.at] * factor for quantile in (LOW, MEDIAN, HIGH))
    chart = month_bars(
        low,
        median,
        high,
        view.about(view.what("beds"), view.unit_of("beds")),
        name="explorer-months",
        year=view.year,
        focus=view.state.month,
        level=None if view.local else beds_today(view),
    )
    about = _(
        "The beds of the year, spread over its months as bed days have been spread in the years counted."
    )
    return Picture(chart, about)


def month_factors(view: View) -> np.ndarray:
    """Return beds of each month against the mean of the year, (month); service areas weigh as in the central run."""
    profile = season(view.region).transpose("service_area", "month").values
    if view.state.service:
        return profile[SERVICE_AREAS.index(view.state.service)]
    weights = beds_by_service(view)
    return weights @ profile / weights.sum()


def beds_by_service(view: View) -> np.ndarray:
    """Return the beds of the year on view by service area in the central run, (service_area)."""
    if view.local:
        dim = "area" if view.place.kind == "municipality" else "place"
        asks = [("bed_days", {dim: [view.place.code]}, ("year", dim, "service_area"))]
        return central_of(view.answer, asks)[0][view.at, 0, : len(SERVICE_AREAS)]
    where = {"trust": view.place.code} if view.place.kind == "trust" else None
    return central_of(view.answer, [("beds", where, ("year", "service_area"))])[0][view.at]


def rooms(view: View) -> Piece:
    """Outpatient rooms; below a trust the residents' contacts."""
    if view.local:
        return local_use(view, "rooms", "outpatient_contacts")
    chart = fan(view, "rooms", "outpatient_rooms")
    assert chart is not None
    about = _(
        "Rooms that hold the outpatient contacts within opening hours; contacts by video and phone need none."
    )
    return Picture(chart, about)


def places(view: View) -> Piece:
    """Places for day treatment; below a trust the residents' day treatments."""
    if view.local:
        return local_use(view, "places", "day_treatments")
    chart = fan(view, "places", "day_places")
    assert chart is not None
    return Picture(chart, _("Places that hold the day treatments within opening hours."))


def local_use(view: View, chart_name: str, name: str) -> Piece:
    """Use of specialist care by the residents of a place."""
    bands = view.bands(name)
    if bands is None or not bands.any():
        service = label_of("service_area", view.state.service, view.lang)
        note = _("%(service)s has no figures of this kind.") % {"service": service}
        return Note(word(f"explorer.what.{name}", view.lang), note)
    chart = fan(view, chart_name, name)
    assert chart is not None
    return Picture(chart, word("need_part.place_note", view.lang))


def money(view: View) -> Piece:
    """Result of the year."""
    if view.place.kind != "region":
        return Note(word("report.economy", view.lang), why_not(view, _("Money")))
    chart = fan(view, "money", "result", "")
    assert chart is not None
    return Picture(chart, word("money_part.warning", view.lang))


def liquidity(view: View) -> Piece:
    """Cash at the end of the year, against the floor that it must keep."""
    if view.place.kind != "region":
        return None
    floor = view.region.parameter("liquidity_floor")
    label = word("money_part.floor_label", view.lang, value=number(floor / 1000, view.lang, 1))
    target = Target(floor, view.years[-1], label, word("money_part.floor", view.lang))
    chart = fan(view, "liquidity", "liquidity", "", target)
    assert chart is not None
    return Picture(chart, word("money_part.warning", view.lang))


def climate(view: View) -> Piece:
    """Emissions, and why the distance to the national goal cannot be drawn."""
    if view.place.kind != "region":
        return Note(word("report.climate", view.lang), why_not(view, _("Climate")))
    chart = fan(view, "climate", "emissions", "")
    assert chart is not None
    bands = view.bands("emissions", "")
    assert bands is not None
    change = bands[:, view.at] / bands[:, 0] - 1
    about = word("climate_part.target", view.lang)
    if view.at:
        low, high = change[LOW] * 100, change[HIGH] * 100
        digits = max(0, decimals_for(low, high))
        told = {
            "change": percent(change[MEDIAN], view.lang, digits, signed=True),
            "first": view.years[0],
            "year": view.year,
        }
        about = _("From %(first)s to %(year)s the change is %(change)s.") % told + " " + about
    return Picture(chart, about)


def why_not(view: View, subject: str) -> str:
    """Say that something is known of the whole region alone."""
    told = {"subject": subject, "place": view.where}
    return _("%(subject)s is reckoned for the whole region and cannot be told for %(place)s.") % told
