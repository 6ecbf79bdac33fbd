"""Small numbers: figures that rest on too few people are marked hidden, and with them those that would give them away."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from framsyn.web.accounts.models import Organisation
from framsyn.web.indicators.models import Observation
from framsyn.web.indicators.readings import is_small

if TYPE_CHECKING:
    from framsyn.web.indicators.models import Indicator

__all__ = ["hide_small"]


def hide_small(indicator: Indicator) -> int:
    """Mark the current figures of an indicator that may not be shown; return how many there are.

    A figure is hidden when a count in it is below the indicator's rule. When it is the only hidden one among places that
    add up to a figure which is shown, it could be found by subtraction: then the next smallest of them is hidden too.
    """
    parents = dict(Organisation.objects.values_list("pk", "parent_id"))
    top = next((name for name, parent in parents.items() if parent is None), "")
    rows = list(
        Observation.objects.filter(indicator=indicator, current=True, value__isnull=False).order_by("pk")
    )
    by_period: defaultdict[tuple[object, object], dict[str, Observation]] = defaultdict(dict)
    for row in rows:
        by_period[row.period_start, row.period_end][row.place] = row
    hidden: set[int] = set()
    for period in by_period.values():
        small = {
            place
            for place, row in period.items()
            if is_small(indicator.small_number, indicator.unit, row.value, row.numerator, row.denominator)
        }
        families: defaultdict[str, list[str]] = defaultdict(list)
        for place in period:
            # What is no organisation is a municipality: together they are the region.
            families[parents.get(place, top) or ""].append(place)
        for whole, family in families.items():
            inside = [place for place in family if place in small]
            others = sorted(
                (place for place in family if place not in small), key=lambda place: _size(period[place])
            )
            if len(inside) == 1 and others and whole in period and whole not in small:
                small.add(others[0])
        hidden |= {period[place].pk for place in small}
    changed = [row for row in rows if row.hidden != (row.pk in hidden)]
    for row in changed:
        row.hidden = row.pk in hidden
    Observation.objects.bulk_update(changed, ("hidden",), batch_size=500)
    return len(hidden)


def _size(row: Observation) -> float:
    """Return the count of a figure, or its value where it has none."""
    return row.numerator if row.numerator is not None else row.value or 0.0
