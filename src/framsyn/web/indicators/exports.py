"""Files of one indicator: the figures as csv, what they are as JSON beside it."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from framsyn.web.indicators.queries import COLUMNS, export_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from framsyn.web.indicators.models import Indicator

__all__ = ["csv_lines", "metadata"]

_MEANING = {
    "place": "id of an organisation or code of a municipality",
    "period_start": "first day of the period",
    "period_end": "last day of the period",
    "value": "the figure, in the unit; a share in 0-1",
    "numerator": "count above the line, where it is known",
    "denominator": "count below the line, where it is known",
    "data_through": "last day with data",
    "coverage": "share of what should be counted that is counted, 0-1",
    "state": "final or provisional",
    "quality": "official, derived, estimate, assumption, synthetic or faulty (the source warns of it)",
    "source": "source of the figure",
    "licence": "licence of the figure",
    "revision": "1 for the first figure, higher after a correction",
}


class _Line:
    """A file that hands back what is written to it, line by line."""

    def write(self, value: str) -> str:
        """Return the line."""
        return value


def csv_lines(indicator: Indicator) -> Iterator[str]:
    """Yield the lines of the csv file; figures below the small-number rule are not among them."""
    writer = csv.writer(_Line())  # type: ignore[arg-type]
    yield writer.writerow(COLUMNS)
    for row in export_rows(indicator):
        yield writer.writerow(row)


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
            {"date": mark.date.isoformat(), "text": dict(mark.text)} for mark in indicator.breaks.all()
        ],
        "figures": address,
        "columns": [{"name": name, "meaning": _MEANING[name]} for name in COLUMNS],
    }
