"""The outlook: what the years to the horizon bring, and why."""

from __future__ import annotations

import csv
import functools
import io
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from framsyn.quantities import quantity
from framsyn.web.languages import current_language
from framsyn.web.outlooks.models import Run, Series
from framsyn.web.outlooks.page import AREAS, OutlookPage, known_place, outlook_page
from framsyn.web.outlooks.queries import main_run

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

__all__ = ["outlook", "series_file"]

BANDS = ("p10", "p25", "p50", "p75", "p90", "central")
HEAD = ("run", "quantity", "unit", "place", "part", "year", *BANDS)


def outlook(request: HttpRequest) -> HttpResponse:
    """Show the main run, for the service area and the place of ``?service=`` and ``?place=``."""
    run = main_run()
    context: dict[str, object] = {"crumbs": [(_("Outlook"), "")], "run": run}
    if run is not None:
        service = request.GET.get("service", "SOM")
        place = request.GET.get("place", "region")
        if not known_place(run, place):  # before the memory of drawn pages, which nonsense must not fill
            raise Http404
        drawn = body(run.pk, service if service in AREAS else "SOM", place, current_language())
        context["page"], context["body"] = drawn
    return render(request, "outlooks/outlook.html", context)


@functools.lru_cache(maxsize=64)
def body(run_id: str, service: str, place: str, lang: str) -> tuple[OutlookPage, SafeString]:
    """Return the page and its charts as markup; a run never changes, so each is drawn once per process."""
    page = outlook_page(Run.objects.get(pk=run_id), service, place, lang)
    return page, render_to_string("outlooks/charts.html", {"page": page})


def series_file(request: HttpRequest, run_id: str) -> HttpResponse:
    """Return every kept figure of a run as one table."""
    run = Run.objects.filter(pk=run_id).first()
    if run is None:
        raise Http404
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    for row in Series.objects.filter(run=run).order_by("quantity", "place", "part").iterator():
        root, _colon, kind = row.quantity.partition(":")
        unit = "1" if kind else quantity(root).unit  # a change or a share is a number of the kind 0.13
        for number, year in enumerate(row.years):
            writer.writerow(
                (
                    run.id,
                    row.quantity,
                    unit,
                    row.place,
                    row.part,
                    year,
                    *(row.values[band][number] for band in BANDS),
                )
            )
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="outlook-{run.id}.csv"'
    return response
