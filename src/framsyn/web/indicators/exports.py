"""What the figures of one indicator are, for machines; the figures themselves are in :mod:`.tables`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framsyn.web.indicators.tables import figures_columns

if TYPE_CHECKING:
    from framsyn.web.indicators.models import Indicator

__all__ = ["metadata"]


def metadata(indicator: Indicator, address: str) -> dict[str, Any]:
    """Return what the figures are; three queries."""
    return {
        "id": indicator.pk,
        "name": dict(indicator.name),
        "definition": dict(indicator.definition),
        "numerator": dict(indicator.numerator),
        "denominator": dict(indicator.denominator),
        "unit": indicator.unit,
        "decimals": indicator.decimals,
        "frequency": indicator.frequency,
        "direction": indicator.direction,
        "source": dict(indicator.source),
        "licence": indicator.licence,
        "small_number": indicator.small_number,
        "responsible": indicator.responsible_id,
        "needs": dict(indicator.needs),
        "sections": sorted(indicator.elements.values_list("pk", flat=True)),
        "breaks": [
            {
                "date": mark.date.isoformat(),
                "until": mark.until.isoformat() if mark.until else None,
                "kind": mark.kind,
                "place": mark.place,
                "text": dict(mark.text),
            }
            for mark in indicator.breaks.all()
        ],
        "figures": address,
        "columns": [
            {"name": one.name, "title": one.title, "meaning": one.meaning, "unit": one.unit}
            for one in figures_columns(indicator)
        ],
    }
