"""The list of all places, and the page of each."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.region.places import KINDS, Place, place_of
from framsyn.web.exchange.tables import answer
from framsyn.web.languages import current_language
from framsyn.web.outlooks.models import Run
from framsyn.web.outlooks.queries import main_run, region_of
from framsyn.web.places import charts
from framsyn.web.places.overview import Choice, Row, overview, rows_shown
from framsyn.web.places.page import PlacePage
from framsyn.web.places.page import place_page as page_of
from framsyn.web.places.plans import planned_for
from framsyn.web.places.tables import list_table, place_table

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

__all__ = ["place_file", "place_page", "places_file", "places_page"]


def places_page(request: HttpRequest) -> HttpResponse:
    """Show every place, narrowed by ``?q=`` and ``?kind=``, in the order of ``?sort=``."""
    run = main_run()
    context: dict[str, Any] = {"crumbs": [(_("Places"), "")], "run": run}
    if run is not None:
        lang, choice = current_language(), Choice.of(request.GET)
        region = region_of(run.region)
        first, last = span_of(run)
        context |= {
            "region_label": region.label[lang],
            "choice": choice,
            "kinds": [(kind, region.label_of("place_kind", kind, lang)) for kind in KINDS],
            "kind_of": {kind: region.label_of("place_kind", kind, lang) for kind in KINDS},
            "rows": listed_rows(run, choice, lang),
            "larger": larger(run, lang) if choice == Choice() else (),
            "first": first,
            "last": last,
            "map": drawn_map(run, lang, first, last),
        }
    return render(request, "places/places.html", context)


def listed_rows(run: Run, choice: Choice, lang: str) -> list[tuple[Row, str, str, str]]:
    """Return the places that fit: figures, name, kind and trust of each."""
    region = region_of(run.region)
    return [
        (
            row,
            row.place.label[lang],
            region.label_of("place_kind", row.place.kind, lang),
            trust_name(run, row.place),
        )
        for row in rows_shown(run, choice, lang)
    ]


def larger(run: Run, lang: str) -> list[tuple[str, list[tuple[Row, str]]]]:
    """Return the places above the municipalities by kind, as a short way in."""
    region = region_of(run.region)
    rows = rows_shown(run, Choice(), lang)
    return [
        (
            region.label_of("place_kind", kind, lang),
            [(row, row.place.label[lang]) for row in rows if row.place.kind == kind],
        )
        for kind in KINDS
        if kind != "municipality"
    ]


def span_of(run: Run) -> tuple[int, int]:
    """Return the base year and the horizon of a run."""
    return region_of(run.region).base_year, int(run.manifest["until"])


def trust_name(run: Run, place: Place) -> str:
    """Return the short name of the trust of a place."""
    return region_of(run.region).label_of("trust", place.trust) if place.trust else ""


@functools.lru_cache(maxsize=8)
def drawn_map(run: Run, lang: str, first: int, last: int) -> SafeString:
    """Draw the map of all places once per process, run and language."""
    growth = {code: row.growth for code, row in overview(run.pk, run.region).items()}
    chart = charts.growth_map(run, region_of(run.region), growth, lang, first=first, last=last)
    context = {
        "chart": chart,
        "page_address": reverse("places"),
        "files": reverse("places_file", args=["csv"]),
    }
    return render_to_string("places/map.html", context)


def known(code: str) -> tuple[Run, Place] | None:
    """Return the main run and a place of its region; None where no run is kept.

    Raises
    ------
    Http404
        There is no such place.
    """
    run = main_run()
    if run is None:
        return None
    try:
        return run, place_of(region_of(run.region), code)
    except PlanError:
        raise Http404 from None


def place_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show one place."""
    found = known(code)
    if found is None:
        context: dict[str, Any] = {"crumbs": [(_("Places"), reverse("places")), (code, "")]}
        return render(request, "places/place.html", context)
    run, place = found
    lang = current_language()
    page, body = drawn(run, place, lang)
    context = {
        "crumbs": [(_("Places"), reverse("places")), (page.label, "")],
        "run": run,
        "page": page,
        "body": body,
        "kind": region_of(run.region).label_of("place_kind", place.kind, lang),
        "planned": planned_for(place, names_in_texts(run, place)),
        "trust": place.trust and region_of(run.region).label_of("trust", place.trust),
        "explorer": f"{reverse('outlook')}?place={code}",
    }
    return render(request, "places/place.html", context)


@functools.lru_cache(maxsize=256)
def drawn(run: Run, place: Place, lang: str) -> tuple[PlacePage, SafeString]:
    """Draw what a page shows of a run once per process; a run never changes."""
    page = page_of(run, region_of(run.region), place, lang)
    body = render_to_string(
        "places/figures.html",
        {
            "page": page,
            "run": run,
            "page_address": reverse("place", args=[place.code]),
            "files": reverse("place_file", args=[place.code, "csv"]),
            "list_files": reverse("places_file", args=["csv"]),
            "explorer": f"{reverse('outlook')}?place={place.code}",
        },
    )
    return page, body


def names_in_texts(run: Run, place: Place) -> list[str]:
    """Return how texts of the plans may name a place: by its own names, and by the hospital area of a municipality."""
    region = region_of(run.region)
    if place.kind == "region":
        return []
    if place.kind in ("trust", "health_community"):
        full = region.table("trusts").set_index("trust").loc[place.trust, "name"]
        return [str(full).removesuffix(" HF")]
    areas = region.table("areas").set_index("area").loc[list(place.areas), "somatic_area"]
    return list(dict.fromkeys([*place.names, place.name, *map(str, areas)]))


def place_file(request: HttpRequest, code: str, form: str) -> Any:
    """Return the figures of a place as a file."""
    found = known(code)
    if found is None:
        raise Http404
    run, place = found
    return answer(request, place_table(run, region_of(run.region), place), form)


def places_file(request: HttpRequest, form: str) -> Any:
    """Return all places as a file."""
    run = main_run()
    if run is None:
        raise Http404
    rows = list(overview(run.pk, run.region).values())
    first, last = span_of(run)
    return answer(request, list_table(run, rows, first, last), form)
