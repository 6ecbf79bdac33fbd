"""Indicators in the form of FHIR R4; the same documents that an indicator's page links to, with the interface's rules."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Schema

from framsyn.sources import fhir
from framsyn.web.api.read.indicators import router
from framsyn.web.api.voice import Voice
from framsyn.web.indicators.fhir import definition_of, newest_period, report_of
from framsyn.web.indicators.models import Indicator


def _known(indicator_id: str) -> Indicator:
    return get_object_or_404(Indicator.objects.select_related("responsible"), pk=indicator_id)


@router.get(
    "/indicators/{indicator_id}/fhir/measure",
    response=dict[str, Any],
    summary="An indicator as a FHIR Measure",
)
def fhir_measure(request: HttpRequest, response: HttpResponse, indicator_id: str) -> Any:
    """The definition as a Measure of HL7 FHIR R4."""
    voice = Voice(request)
    one = _known(indicator_id)
    voice.unless_known(response)
    return fhir.measure(definition_of(one), voice.page("indicator_fhir_measure", one.pk))


class Period(Schema):
    """Which period; the newest one if left out."""

    start: datetime.date | None = Field(None, description="First day of the period.")
    end: datetime.date | None = Field(None, description="Last day of the period.")


@router.get(
    "/indicators/{indicator_id}/fhir/measure-report",
    response=dict[str, Any],
    summary="The figures of a period as a FHIR MeasureReport",
)
def fhir_report(
    request: HttpRequest, response: HttpResponse, indicator_id: str, period: Query[Period]
) -> Any:
    """The figures of one period by place, as a MeasureReport of the type summary. Hidden ones are masked."""
    voice = Voice(request)
    one = _known(indicator_id)
    voice.unless_known(response)
    asked = (period.start, period.end) if period.start and period.end else newest_period(one)
    found = report_of(one, asked, voice.page("indicator_fhir_measure", one.pk)) if asked else None
    if found is None:
        raise Http404
    return found
