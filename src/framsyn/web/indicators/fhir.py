"""An indicator and its figures in the form of FHIR: what may be shown with its numbers, what may not as masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framsyn.sources import fhir
from framsyn.web.accounts.models import Organisation
from framsyn.web.indicators.models import Observation
from framsyn.web.indicators.readings import shown

if TYPE_CHECKING:
    import datetime

    from django.db.models import QuerySet

    from framsyn.web.indicators.models import Indicator

__all__ = ["CONTENT_TYPE", "bundle_of", "definition_of", "figures_of", "newest_period", "report_of"]

CONTENT_TYPE = "application/fhir+json"
Period = tuple["datetime.date", "datetime.date"]


def definition_of(indicator: Indicator) -> fhir.Indicator:
    """Return the definition of an indicator."""
    return fhir.Indicator(
        id=indicator.pk,
        name=dict(indicator.name),
        definition=dict(indicator.definition),
        unit=indicator.unit,
        frequency=indicator.frequency,
        direction=indicator.direction,
        source=dict(indicator.source),
        responsible=indicator.responsible_id,
        responsible_name=indicator.responsible.name.said_in("nb")[0],
        numerator=dict(indicator.numerator),
        denominator=dict(indicator.denominator),
        decimals=indicator.decimals,
        licence=indicator.licence,
        small_number=indicator.small_number,
    )


def _current(indicator: Indicator) -> QuerySet[Observation]:
    return Observation.objects.filter(indicator=indicator, current=True, value__isnull=False)


def newest_period(indicator: Indicator) -> Period | None:
    """Return the period that ends last, the longest of them; one query."""
    found = _current(indicator).order_by("-period_end", "period_start")
    return found.values_list("period_start", "period_end").first()


def figures_of(indicator: Indicator, period: Period | None = None) -> list[fhir.Figure]:
    """Return the current figures, of one period or of all; two queries.

    Numbers are read from what may be shown and from nowhere else; of the rest only place and period are read.
    """
    rows = _current(indicator)
    if period is not None:
        rows = rows.filter(period_start=period[0], period_end=period[1])
    told = {row.pk: _figure(row) for row in shown(rows)}
    withheld = rows.exclude(pk__in=list(told)).values_list("place", "period_start", "period_end")
    return [*told.values(), *(fhir.Figure(place, start, end, hidden=True) for place, start, end in withheld)]


def _figure(row: Observation) -> fhir.Figure:
    return fhir.Figure(
        place=row.place,
        period_start=row.period_start,
        period_end=row.period_end,
        value=row.value,
        numerator=row.numerator,
        denominator=row.denominator,
        data_through=row.data_through,
        coverage=row.coverage,
        provisional=row.state == Observation.State.PROVISIONAL,
        quality=row.quality,
        source=row.source,
        licence=row.licence,
        note=dict(row.note),
        revision=row.revision,
    )


def _names() -> dict[str, str]:
    return {place.pk: place.name.said_in("nb")[0] for place in Organisation.objects.all()}


def report_of(indicator: Indicator, period: Period, address: str) -> dict[str, Any] | None:
    """Return the MeasureReport of one period, None where there are no figures; three queries."""
    figures = figures_of(indicator, period)
    return fhir.measure_report(definition_of(indicator), figures, address, _names()) if figures else None


def bundle_of(indicator: Indicator, address: str) -> dict[str, Any]:
    """Return the Measure and the MeasureReports of all periods; three queries."""
    return fhir.bundle(definition_of(indicator), figures_of(indicator), address, _names())
