"""Files of the outlook: every kept figure of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404

from framsyn.web.exchange.tables import answer
from framsyn.web.outlooks.models import Run
from framsyn.web.outlooks.tables import series_table

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["series_file"]


def series_file(request: HttpRequest, run_id: str, form: str) -> Any:
    """Return every kept figure of a run as one table, or those of ``?place=``."""
    run = Run.objects.filter(pk=run_id).first()
    if run is None:
        raise Http404
    return answer(request, series_table(run, request.GET.get("place", "").replace("\x00", "")), form)
