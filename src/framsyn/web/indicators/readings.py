"""Figures as goals and lists need them: the newest ones of many series in one query, small numbers never among them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, Case, Count, F, OuterRef, Q, Subquery, Value, When, Window
from django.db.models.functions import Least, RowNumber

from framsyn.web.accounts.models import Organisation
from framsyn.web.indicators.models import Break, Observation
from framsyn.web.indicators.rules import Reading

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from django.db.models import QuerySet

__all__ = ["COUNTED", "FAULTY", "NEWEST", "counted_since", "is_small", "newest_readings", "shown"]

COUNTED = ("persons", "count")
"""Units in which the value itself is a count of people or events."""
FAULTY = "faulty"
NEWEST = 12
"""Readings of a series that a status or a small drawing needs at most."""

Key = tuple[str, str]  # indicator, place


def _under(rule: Any) -> Q:
    return (
        Q(numerator__lt=rule)
        | Q(denominator__lt=rule)
        | Q(denominator__isnull=False, numerator__gt=F("denominator") - rule, numerator__lte=F("denominator"))
        | Q(indicator__unit__in=COUNTED, value__lt=rule)
    )


def shown(rows: QuerySet[Observation]) -> QuerySet[Observation]:
    """Return the current figures that may be shown: there is one, nobody has hidden it, and no count in it is small."""
    small = Q(indicator__small_number__isnull=False) & _under(F("indicator__small_number"))
    hidden = Case(When(small, then=Value(True)), default=Value(False), output_field=BooleanField())
    return (
        rows.filter(current=True, hidden=False, value__isnull=False)
        .annotate(small=hidden)
        .filter(small=False)
    )


def is_small(
    least: int | None,
    unit: str,
    value: float | None,
    numerator: float | None = None,
    denominator: float | None = None,
) -> bool:
    """Tell whether a figure rests on fewer than the small-number rule allows: those counted, all, or those left.

    >>> is_small(5, "share", 0.5, 2, 4), is_small(5, "share", 0.5, 50, 100), is_small(None, "persons", 1)
    (True, False, False)
    >>> is_small(5, "share", 0.98, 98, 100), is_small(5, "persons", 4), is_small(5, "days", 4)
    (True, True, False)
    """
    if least is None:
        return False
    counts = [count for count in (numerator, denominator) if count is not None]
    if numerator is not None and denominator is not None and numerator <= denominator:
        counts.append(denominator - numerator)
    if unit in COUNTED and value is not None:
        counts.append(value)
    return any(count < least for count in counts)


# The newest break of a figure's series on or before its period's end: its own place's, every place's, or that of a part.
_NEW_COUNT = (
    Break.objects.filter(
        Q(place__in=["", OuterRef("place")])
        | Q(place__in=Organisation.objects.filter(parent=OuterRef(OuterRef("place"))).values("pk")),
        indicator=OuterRef("indicator"),
        kind=Break.Kind.LEVEL,
        date__lte=OuterRef("period_end"),
    )
    .order_by("-date")
    .values("date")[:1]
)


def counted_since(breaks: Iterable[Break], day: datetime.date) -> datetime.date | None:
    """Return the day from which figures are counted as one of a day is, of the breaks of its series; None: always."""
    return max((one.date for one in breaks if one.kind == Break.Kind.LEVEL and one.date <= day), default=None)


def newest_readings(
    series: Iterable[Key], today: datetime.date, newest: int = NEWEST
) -> dict[Key, list[Reading]]:
    """Return the first sound reading and the newest ones of every series, oldest first; one query.

    That is all that a goal is judged by, however long the series are. Readings whose data end after today are plans and
    are left out.

    Parameters
    ----------
    series : iterable of tuple of str
        Indicator and place.
    today : date
    newest : int
    """
    by_place: defaultdict[str, set[str]] = defaultdict(set)
    for indicator, place in series:
        by_place[place].add(indicator)
    if not by_place:
        return {}
    wanted = Q()
    for place, indicators in by_place.items():
        wanted |= Q(place=place, indicator__in=sorted(indicators))
    parts = [F("indicator"), F("place"), F("bad")]
    rows = (
        shown(
            Observation.objects.filter(wanted).filter(Q(data_through__lte=today) | Q(period_end__lte=today))
        )
        .annotate(
            through=Least("data_through", "period_end"),
            bad=Case(
                When(quality=FAULTY, then=Value(True)), default=Value(False), output_field=BooleanField()
            ),
        )
        .annotate(
            from_end=Window(RowNumber(), parts, [F("through").desc(), F("period_end").desc()]),
            # The last one from the end is the first: counting spares a second sorting.
            whole=Window(Count("*"), parts),
            counted=Subquery(_NEW_COUNT),
        )
        .filter(Q(from_end__lte=newest) | Q(from_end=F("whole")))
        .order_by("through", "period_end")
        .values_list(
            "indicator_id",
            "place",
            "period_end",
            "value",
            "state",
            "coverage",
            "data_through",
            "bad",
            "counted",
        )
    )
    found: defaultdict[Key, list[Reading]] = defaultdict(list)
    for indicator, place, end, value, state, coverage, through, bad, counted in rows:
        found[indicator, place].append(
            Reading(end, value, state == Observation.State.PROVISIONAL, coverage, through, bool(bad), counted)
        )
    return dict(found)
