"""The outlook: what the years to the horizon bring, and why."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from framsyn.web.exchange.tables import answer
from framsyn.web.languages import current_language
from framsyn.web.outlooks.models import Run
from framsyn.web.outlooks.page import AREAS, OutlookPage, known_place, outlook_page
from framsyn.web.outlooks.queries import main_run
from framsyn.web.outlooks.tables import series_table

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

__all__ = ["outlook", "series_file"]


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
    return page, render_to_string(
        "outlooks/charts.html",
        {
            "page": page,
            "page_address": reverse("outlook"),
            "files": f"{reverse('series_file', args=[run_id])}?place={place}",
        },
    )


def series_file(request: HttpRequest, run_id: str, form: str) -> Any:
    """Return every kept figure of a run as one table, or those of ``?place=``."""
    run = Run.objects.filter(pk=run_id).first()
    if run is None:
        raise Http404
    return answer(request, series_table(run, request.GET.get("place", "")), form)
