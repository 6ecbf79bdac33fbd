"""Files of one indicator in the form of FHIR: its Measure, the MeasureReport of a period, and all of them in a Bundle."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from framsyn.sources import fhir
from framsyn.web.indicators.fhir import (
    CONTENT_TYPE,
    bundle_of,
    definition_of,
    newest_period,
    report_of,
)
from framsyn.web.indicators.models import Indicator

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["bundle", "fhir_answer", "measure", "measure_address", "measure_report"]


def measure_address(request: HttpRequest, indicator_id: str) -> str:
    """Return the permanent address of the definition, which every report names."""
    return request.build_absolute_uri(reverse("indicator_fhir_measure", args=[indicator_id]))


def fhir_answer(resource: dict[str, Any]) -> HttpResponse:
    """Return a resource as it is sent."""
    return JsonResponse(
        resource, content_type=CONTENT_TYPE, json_dumps_params={"ensure_ascii": False, "allow_nan": False}
    )


def _known(indicator_id: str) -> Indicator:
    return get_object_or_404(Indicator.objects.select_related("responsible"), pk=indicator_id)


@require_safe
def measure(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """The definition."""
    one = _known(indicator_id)
    return fhir_answer(fhir.measure(definition_of(one), measure_address(request, one.pk)))


@require_safe
def measure_report(request: HttpRequest, indicator_id: str, start: str = "", end: str = "") -> HttpResponse:
    """The figures of a period by place; of the newest one where none is named."""
    one = _known(indicator_id)
    if start:
        try:
            period = (datetime.date.fromisoformat(start), datetime.date.fromisoformat(end))
        except ValueError as error:
            raise Http404 from error
    else:
        newest = newest_period(one)
        if newest is None:
            raise Http404
        period = newest
    found = report_of(one, period, measure_address(request, one.pk))
    if found is None:
        raise Http404
    return fhir_answer(found)


@require_safe
def bundle(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """The definition and the figures of every period."""
    one = _known(indicator_id)
    return fhir_answer(bundle_of(one, measure_address(request, one.pk)))
