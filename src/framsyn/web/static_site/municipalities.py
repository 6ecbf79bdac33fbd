"""The pages of municipalities in the folder: the list with its map, and one for each, smaller than the site's own.

What is drawn of a municipality alone is there. The map of all, the bars of others beside it and the people by age and sex
are left out of its page: they would be most of the folder, and the list has the map.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from framsyn.region.places import place_of
from framsyn.web.outlooks.queries import region_of
from framsyn.web.places.overview import Choice, overview
from framsyn.web.places.page import place_page
from framsyn.web.places.tables import list_table
from framsyn.web.places.views import drawn_map, listed_rows, span_of
from framsyn.web.static_site.page import Page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.web.exchange.tables import Table
    from framsyn.web.outlooks.models import Run

__all__ = ["LIST_FILE", "all_places", "list_address", "municipality_pages"]

LIST_FILE = "data/places.csv"


def list_address() -> str:
    """Return what the file of all places stands for."""
    return reverse("places_file", args=["csv"])


def all_places(run: Run) -> Table:
    """Return all places as a table."""
    first, last = span_of(run)
    return list_table(run, list(overview(run.pk, run.region).values()), first, last)


def municipality_pages(run: Run, codes: Sequence[str], lang: str) -> list[Page]:
    """Return the list of municipalities, and the page of each."""
    found = [
        Page(
            f"{lang}/places/index.html",
            reverse("places"),
            "static_site/municipalities.html",
            lambda: municipality_list(run, lang),
            _("All places"),
        )
    ]
    for code in codes:

        def told(code: str = code) -> dict[str, Any]:
            return municipality(run, code, lang)

        found.append(
            Page(
                f"{lang}/places/{code}.html",
                reverse("place", args=[code]),
                "static_site/municipality.html",
                told,
                place_of(region_of(run.region), code).label[lang],
            )
        )
    return found


def municipality_list(run: Run, lang: str) -> dict[str, Any]:
    """Return what the list of municipalities shows."""
    first, last = span_of(run)
    return {
        "crumbs": [(_("Places"), "")],
        "rows": listed_rows(run, Choice(kind="municipality"), lang),
        "first": first,
        "last": last,
        "map": drawn_map(run, lang, first, last),
    }


def municipality(run: Run, code: str, lang: str) -> dict[str, Any]:
    """Return what the page of a municipality shows."""
    region = region_of(run.region)
    place = place_of(region, code)
    page = place_page(run, region, place, lang, is_compact=True)
    return {
        "crumbs": [(_("Places"), reverse("places")), (page.label, "")],
        "page": page,
        "kind": region.label_of("place_kind", place.kind, lang),
        "page_address": reverse("place", args=[code]),
        "files": list_address(),
    }
