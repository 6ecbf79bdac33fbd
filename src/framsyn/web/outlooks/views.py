"""The outlook: what the years to the horizon bring, and why."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from framsyn.web.languages import current_language
from framsyn.web.outlooks.models import Run, Series
from framsyn.web.outlooks.page import AREAS, outlook_page
from framsyn.web.outlooks.queries import main_run

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["outlook", "series_file"]

HEAD = ("quantity", "place", "part", "year", "p10", "p25", "p50", "p75", "p90", "central")


def outlook(request: HttpRequest) -> HttpResponse:
    """Show the main run, for the service area and the place of ``?service=`` and ``?place=``."""
    run = main_run()
    context: dict[str, object] = {"crumbs": [(_("Outlook"), "")], "run": run}
    if run is not None:
        service = request.GET.get("service", "SOM")
        place = request.GET.get("place", "region")
        page = outlook_page(run, service if service in AREAS else "SOM", place, current_language())
        if page is None:
            raise Http404
        context["page"] = page
    return render(request, "outlooks/outlook.html", context)


def series_file(request: HttpRequest, run_id: str) -> HttpResponse:
    """Return every kept figure of a run as one table."""
    run = Run.objects.filter(pk=run_id).first()
    if run is None:
        raise Http404
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    for row in Series.objects.filter(run=run).order_by("quantity", "place", "part").iterator():
        for number, year in enumerate(row.years):
            writer.writerow(
                (row.quantity, row.place, row.part, year, *(row.values[band][number] for band in HEAD[4:]))
            )
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="outlook-{run.id}.csv"'
    return response
