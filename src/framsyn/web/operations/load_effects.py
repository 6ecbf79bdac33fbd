"""What measures give of assumptions, and where the outlook has indicators, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framsyn.web.attainment.models import IndicatorReading, MeasureEffect
from framsyn.web.operations.load_plans import text_of, upsert

if TYPE_CHECKING:
    from framsyn.web.plan.content import Content

__all__ = ["load_effects", "load_readings"]


def load_effects(content: Content, keys: set[str]) -> None:
    """Add effects of measures, or bring them up to the package."""
    rows = [
        MeasureEffect(
            pk=entry.id,
            measure_id=entry.measure,
            assumption=entry.assumption,
            low=entry.low,
            mode=entry.mode,
            high=entry.high,
            start=entry.start,
            end=entry.end,
            standing=entry.standing,
            reason=text_of(entry.reason),
            source=text_of(entry.source),
            position=position,
        )
        for position, entry in enumerate(content.effects)
        if entry.id in keys
    ]
    upsert(MeasureEffect, rows)


def load_readings(content: Content, keys: set[str]) -> None:
    """Add where the outlook has indicators, or bring it up to the package."""
    rows = [
        IndicatorReading(
            indicator_id=entry.indicator,
            quantity=entry.quantity or "",
            parameter=entry.parameter or "",
            where=entry.where,
            per=entry.per or "",
            per_where=entry.per_where,
            factor=entry.factor,
            needs=text_of(entry.needs),
        )
        for entry in content.readings
        if entry.id in keys
    ]
    if rows:
        fields = [
            column.attname for column in IndicatorReading._meta.concrete_fields if not column.primary_key
        ]
        IndicatorReading.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["indicator"], update_fields=fields
        )
