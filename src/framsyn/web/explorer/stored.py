"""The kept run's figures, for the moments in which a desk is still being opened."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.urls import reverse

from framsyn.web.outlooks.models import Run
from framsyn.web.outlooks.page import known_place, stored_charts
from framsyn.web.outlooks.queries import main_run

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from framsyn.web.explorer.state import State

__all__ = ["stored_figures"]


def stored_figures(state: State, lang: str) -> SafeString | None:
    """Return the charts of the kept run where the view shows just that run; None for every other view."""
    run = main_run()
    if run is None or state.levers or state.scenario != run.scenario or not known_place(run, state.place):
        return None
    return _drawn(run.pk, state.service, state.place, lang)


@functools.lru_cache(maxsize=64)
def _drawn(run_id: str, service: str, place: str, lang: str) -> SafeString:
    """Draw the charts; a run never changes, so each is drawn once per process."""
    parts = stored_charts(Run.objects.get(pk=run_id), service, place, lang)
    files = f"{reverse('series_file', args=[run_id])}?place={place}"
    context = {"parts": parts, "page_address": reverse("outlook"), "files": files}
    return render_to_string("outlooks/charts.html", context)
