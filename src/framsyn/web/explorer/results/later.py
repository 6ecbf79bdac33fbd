"""What may come a moment after the hand: why it changes, where, by trust, and everything as one table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd
from django.template.loader import get_template
from django.urls import get_script_prefix
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from framsyn.analyses.explain import explain, explain_change
from framsyn.region.arrays import beds_available
from framsyn.report.charts import About, Chart, Target, small_multiples, waterfall
from framsyn.report.maps import choropleth
from framsyn.report.numbers import interval, number
from framsyn.report.words import word
from framsyn.web.explorer.known import scenario_of
from framsyn.web.explorer.results.now import why_not
from framsyn.web.explorer.results.render import Note, Picture, Piece
from framsyn.web.explorer.results.series import QUANTILES, Want, bands_of, central_of
from framsyn.web.explorer.results.view import label_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from framsyn.analyses.explain import Explanation
    from framsyn.region import Region
    from framsyn.scenario import Scenario
    from framsyn.web.explorer.results.view import View

__all__ = ["Row", "moved", "table", "table_of", "trusts", "where", "why"]

# Inner bounds of the map's five classes, as shares; the same for every state, so that maps can be compared.
MAP_BOUNDS = (0.0, 0.05, 0.1, 0.15)
WIDE = 720
# Causes that a waterfall tells apart while somebody waits; those of the report and the command line are more.
TOLD_APART = 8


@dataclass(frozen=True)
class Side:
    """One side of a comparison, as far as it is asked: no draws are needed to explain the central run."""

    region: Region
    scenario: Scenario
    years: list[int]
    manifest: Mapping[str, Any] = field(repr=False)


def place_filter(view: View) -> dict[str, str]:
    """Return the labels that pick the place and the service area on view."""
    found = {"service_area": view.state.service} if view.state.service else {}
    if view.place.kind == "trust":
        found["trust"] = view.place.code
    return found


def drawn(view: View, found: Explanation, name: str, start: str, end: str) -> Chart:
    """Return an explanation as a waterfall."""
    frame = pd.DataFrame(
        {
            "label": [found.labels[key][view.lang] for key in found.effects],
            "effect": list(found.effects.values()),
        }
    )
    style = view.style_of("need") if found.name == "need" else "number"
    return waterfall(
        frame,
        view.about(view.what(found.name), view.unit_of(found.name), style),
        name=name,
        start=(start, found.before),
        end=(end, found.after),
        from_zero=False,
    )


def why(view: View) -> Piece:
    """What drives the change since the base year: people, age and sex, and each assumption."""
    title = _("Why it changes")
    if view.local:
        return Note(title, why_not(view, _("What drives the change")))
    if not view.at:
        return Note(title, _("Choose a later year to see what has changed."))
    found = explain_change(view.answer, "beds", view.year, place_filter(view) or None, most=TOLD_APART)
    chart = drawn(view, found, "explorer-why", found.start, found.end)
    return Picture(chart, word("need_part.why_note", view.lang), WIDE)


def moved(view: View) -> Piece:
    """What the moved levers do against the scenario, or the scenario against the one that is held against it."""
    if view.local or not view.at:
        return None
    if view.state.levers:
        before = scenario_of(view.state.scenario)
        names = (
            word("explorer.from_moved", view.lang, name=before.label[view.lang]),
            view.scenario_name,
        )
    elif view.compared is not None and view.compared.scenario != view.answer.scenario:
        before = view.compared.scenario
        names = (before.label[view.lang], view.answer.scenario.label[view.lang])
    else:
        return None
    side = Side(view.region, before, view.years, view.answer.manifest)
    found = explain(side, view.answer, "beds", view.year, place_filter(view) or None, TOLD_APART)  # type: ignore[arg-type]
    # A lever may act on what beds are not made of, such as contacts; the last bits of a sum are no effect.
    if max(map(abs, found.effects.values()), default=0.0) <= 1e-9 * abs(found.before):
        note = _("Beds in %(year)s are the same: what was moved acts on something else.")
        return Note(_("What the change does"), note % {"year": view.year})
    chart = drawn(view, found, "explorer-moved", *names)
    return Picture(chart, word("need_part.why_note", view.lang), WIDE)


def where(view: View) -> Piece:
    """Need by municipality in the central run, against the base year."""
    if not view.at:
        return Note(_("Where it changes"), _("Choose a later year to see what has changed."))
    service = {"service_area": view.state.service} if view.state.service else None
    values = central_of(view.answer, [("need", service, ("year", "area"))])[0]
    growth = values[view.at] / values[0] - 1
    areas = view.region.areas
    places = dict(zip(areas, view.region.area_trust("SOM"), strict=True))
    prefix = get_script_prefix()
    what = view.of_service(word("explorer.map", view.lang, first=view.years[0], last=view.year))
    info = About(
        what,
        word("need_part.map_unit", view.lang),
        view.region.label[view.lang],
        f"{word('source.kartverket', view.lang)}; {view.source}",
        view.lang,
        "percent",
        view.scenario_name,
    )
    chart = choropleth(
        view.region.borders(),
        pd.DataFrame({"area": list(areas), "value": growth}),
        info,
        name="explorer-where",
        groups={area: view.region.trusts[trust] for area, trust in places.items()},
        bounds=MAP_BOUNDS,
        signed=True,
        links=None if view.is_paper else {area: f"{prefix}places/{area}/" for area in areas},
        marked=view.place.areas if view.place.kind != "region" else (),
    )
    return Picture(chart, word("need_part.place_note", view.lang), WIDE)


def trusts(view: View) -> Piece:
    """Beds trust by trust, each against its own of today."""
    codes = view.region.trusts
    service = {"service_area": view.state.service} if view.state.service else {}
    asks = [("beds", {**service, "trust": code}, ("year",)) for code in codes]
    found = bands_of(view.answer, asks)
    names = [f"q{round(level * 100)}" for level in QUANTILES]
    frame = pd.concat(
        [
            pd.DataFrame({"group": code, "year": view.years, **dict(zip(names, bands.tolist(), strict=True))})
            for code, bands in zip(codes, found, strict=True)
        ]
    )
    today = beds_available(view.region)
    if view.state.service:
        today = today.sel(service_area=[view.state.service])
    key = word("explorer.today_key", view.lang, year=view.years[0])
    targets = {}
    for code in codes:
        count = float(today.sel(trust=code).sum())
        label = word("explorer.today", view.lang, value=number(count, view.lang))
        targets[code] = Target(count, view.years[-1], label, key)
    what = view.of_service(word("explorer.what.beds", view.lang))
    info = About(
        what,
        word("unit.bed", view.lang),
        view.region.label[view.lang],
        f"{word('source.ssb_13942', view.lang)}; {view.source}",
        view.lang,
        scenario=view.scenario_name,
    )
    chart = small_multiples(
        frame,
        info,
        name="explorer-trusts",
        labels={code: label_of("trust", code, view.lang) for code in codes},
        targets=targets,
        same_scale=False,
        zero=True,
    )
    about = _("Beds that carry the bed days at the planned occupancy.")
    return Picture(chart, about, WIDE)


@dataclass(frozen=True)
class Row:
    """One quantity in the years of the table: median and 80 % interval."""

    label: str
    unit: str
    cells: list[tuple[str, str]]


def table_of(view: View) -> tuple[list[int], list[Row]]:
    """Return the years and the rows of the table: every series of the view with its interval."""
    years = sorted({view.years[0], min(max(2030, view.years[0]), view.years[-1]), view.year, view.years[-1]})
    return years, [row(view, want, bands, years) for want, bands in view.series.items()]


def table(view: View) -> Piece:
    """Every series of the view in a few years, with its interval."""
    years, rows = table_of(view)
    context = {
        "id": "result-table",
        "years": years,
        "rows": rows,
        "where": view.where,
        "scenario": view.scenario_name,
        "source": view.source,
        "csv": view.table_file,
    }
    return mark_safe(get_template("explorer_results/table.html").render(context))


def row(view: View, want: Want, bands: Any, years: list[int]) -> Row:
    """Return a row of the table."""
    style = view.style_of(want.name)
    cells = []
    for year in years:
        low, _q25, median, _q75, high = bands[:, view.years.index(year)].tolist()
        said = interval(median, low, high, view.lang, style)
        span = said.text.partition(" (")[2].rstrip(")")
        cells.append((said.median, "" if said.low == said.high else span))
    return Row(view.what(want.name, want.part), view.unit_of(want.name), cells)
