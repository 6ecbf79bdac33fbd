"""The home page: in ten seconds, where the region stands."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext

from framsyn.report.numbers import percent
from framsyn.report.words import word
from framsyn.web.outlooks import charts
from framsyn.web.outlooks.names import CHANGE, REGION, SHARE
from framsyn.web.outlooks.queries import Line, Lines, main_run

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from framsyn.report.charts import Chart
    from framsyn.web.outlooks.models import Run

__all__ = ["Front", "MapYear", "front"]

QUANTITIES = (
    "need",
    f"need{CHANGE}",
    f"population{CHANGE}",
    f"population_65_plus{SHARE}",
    "beds",
    "staff_gap",
    "result",
)
MAP_YEARS = (2030, 2035, 2040)


@dataclass(frozen=True)
class MapYear:
    """The map of one year."""

    year: int
    chart: Chart
    is_last: bool


@dataclass(frozen=True)
class Front:
    """What the home page shows of the outlook; nothing where no run is kept."""

    run: Run | None = None
    sentence: str = ""
    charts: SafeString | str = ""
    maps: SafeString | str = ""


def sentence(lines: Lines, lang: str) -> str:
    """Say in one sentence what the years to the horizon bring, as the report says it."""

    def phrase(name: str, line: Line) -> str:
        change = line.at(line.last)
        rounded = round(change * 100)
        side = "same" if rounded == 0 else "more" if rounded > 0 else "less"
        return word(f"summary.{name}_{side}", lang, share=percent(abs(change), lang))

    old = lines[f"population_65_plus{SHARE}"]
    return word(
        "summary.sentence",
        lang,
        year=old.last,
        need=phrase("need", lines[f"need{CHANGE}", REGION, "SOM"]),
        people=phrase("people", lines[f"population{CHANGE}"]),
        old=percent(old.at(old.last), lang),
    )


def front(lang: str) -> Front:
    """Return what the home page shows of the main run; one query once it is drawn."""
    run = main_run()
    return drawn_front(run, lang) if run else Front()


@functools.lru_cache(maxsize=8)
def drawn_front(run: Run, lang: str) -> Front:
    """Draw the front of a run; a run never changes, so each is drawn once per process and language."""
    lines = Lines(run, QUANTITIES, (REGION,), mapped=("need", "SOM"))
    beds, growth = lines["beds"], lines[f"need{CHANGE}", REGION, "SOM"]
    what = gettext("Need of somatic care")
    drawn = [
        charts.fan(run, growth, lang, name="home-need", title=charts.growth_title(growth, lang, what)),
        charts.beds_against_today(run, beds, lang, name="home-beds"),
        charts.fan(run, lines["staff_gap"], lang, name="home-staff"),
        charts.fan(run, lines["result"], lang, name="home-result"),
    ]
    years = [year for year in MAP_YEARS if year <= beds.last] or [beds.last]
    maps = [
        MapYear(
            year,
            charts.map_of_change(run, lines, lang, year, name=f"home-map-{year}"),
            year == years[-1],
        )
        for year in years
    ]
    files = reverse("series_file", args=[run.id])
    common = {"page_address": reverse("home"), "files": files, "region_files": f"{files}?place={REGION}"}
    charts_markup = render_to_string("pages/home_charts.html", {"charts": drawn, **common})
    maps_markup = render_to_string("pages/home_maps.html", {"maps": maps, **common})
    return Front(run, sentence(lines, lang), charts_markup, maps_markup)
