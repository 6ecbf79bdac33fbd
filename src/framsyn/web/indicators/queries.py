"""Reading indicators: the list with its newest figures, and all that the page and the files of one indicator need."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Case, IntegerField, Q, Value, When
from django.utils import timezone

from framsyn.web.accounts.models import Organisation
from framsyn.web.indicators.charts import period_text, sparkline
from framsyn.web.indicators.models import Break, Indicator, Observation
from framsyn.web.indicators.readings import newest_readings, shown
from framsyn.web.indicators.sentences import quantity_text
from framsyn.web.languages import Text, current_language
from framsyn.web.plan.models import Node, Version

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from django.db.models import QuerySet

    from framsyn.web.indicators.rules import Reading

__all__ = [
    "Filters",
    "IndicatorGroup",
    "IndicatorList",
    "IndicatorPage",
    "IndicatorRow",
    "export_rows",
    "indicator_list",
    "indicator_page",
    "titles_of",
]

STATES = ("with_data", "provisional", "better", "worse", "no_data")
_COMPARED = (Organisation.Kind.HEALTH_AUTHORITY, Organisation.Kind.TRUST, Organisation.Kind.COUNTRY)


def titles_of(
    elements: Iterable[str], *, drafts: Collection[str] | QuerySet[Any] = ()
) -> dict[str, tuple[str, Text]]:
    """Return number and heading of elements as the version in force has them; one query.

    What stands in a draft alone is left out, unless it is the draft of one of the plans in ``drafts``.
    """
    state = Case(
        When(version__state=Version.State.PUBLISHED, then=Value(2)),
        When(version__state=Version.State.CONSULTATION, then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )
    rows = (
        Node.objects.filter(element__in=set(elements))
        .exclude(version__state=Version.State.WITHDRAWN)
        .exclude(~Q(version__plan__in=drafts), version__state=Version.State.DRAFT)
        .annotate(rank=state)
        .order_by("rank", "version__number")
        .values_list("element_id", "number", "wording__title", "wording__text")
    )
    return {
        name: (number, Text(title if any((title or {}).values()) else text or {}))
        for name, number, title, text in rows
    }


# ---------------------------------------------------------------- the list
@dataclass(frozen=True)
class Filters:
    """What a reader has chosen on the list of indicators."""

    section: str = ""
    state: str = ""
    text: str = ""

    @property
    def any(self) -> bool:
        """Whether anything is chosen."""
        return any((self.section, self.state, self.text))


@dataclass(frozen=True)
class IndicatorRow:
    """One indicator as the list shows it."""

    indicator: Indicator
    readings: Sequence[Reading] = ()
    place: Organisation | None = None
    is_region: bool = True

    @property
    def newest(self) -> Reading | None:
        """Newest figure that its source does not warn of."""
        return next((reading for reading in reversed(self.readings) if not reading.faulty), None)

    @property
    def before(self) -> Reading | None:
        """The figure before the newest one; none where a break parts the two, for they are not counted alike."""
        sound = [reading for reading in self.readings if not reading.faulty]
        if len(sound) < 2 or sound[-2].counted_since != sound[-1].counted_since:
            return None
        return sound[-2]

    @property
    def movement(self) -> str:
        """Whether the newest figure is better, worse or the same as the one before; empty where neither way is better."""
        if self.newest is None or self.before is None or self.indicator.direction not in ("up", "down"):
            return ""
        scale = 100 if self.indicator.unit == "share" else 1
        change = round(scale * self.newest.value, self.indicator.decimals) - round(
            scale * self.before.value, self.indicator.decimals
        )
        if change == 0:
            return "steady"
        return "better" if (change > 0) == (self.indicator.direction == "up") else "worse"

    @property
    def value_text(self) -> str:
        """The newest figure with its unit, in the language of the page."""
        if self.newest is None:
            return ""
        return quantity_text(
            self.newest.value, self.indicator.unit, current_language(), self.indicator.decimals
        )

    @property
    def period(self) -> str:
        """Period of the newest figure, in the language of the page."""
        if self.newest is None:
            return ""
        day = self.newest.date
        return period_text(self.indicator.frequency, day, day, current_language())

    @property
    def spark(self) -> str:
        """The newest figures as a small line."""
        return sparkline(self.readings)

    def is_in(self, state: str) -> bool:
        """Tell whether the indicator is in the state that is asked for."""
        if state == "no_data":
            return self.newest is None
        if state == "with_data":
            return self.newest is not None
        if state == "provisional":
            return self.newest is not None and self.newest.provisional
        return not state or self.movement == state

    def speaks_of(self, text: str) -> bool:
        """Tell whether a text stands in the name, the definition, the source or the id, in any language."""
        needle = text.casefold()
        one = self.indicator
        texts = (*one.name.values(), *one.definition.values(), *one.source.values(), one.pk)
        return any(needle in words.casefold() for words in texts)


@dataclass(frozen=True)
class IndicatorGroup:
    """Indicators of one section of the plan."""

    element: str
    number: str
    title: Text | None
    rows: Sequence[IndicatorRow]


@dataclass(frozen=True)
class IndicatorList:
    """All indicators, those with figures by section, those without apart."""

    groups: Sequence[IndicatorGroup] = ()
    waiting: Sequence[IndicatorRow] = ()
    sections: Sequence[tuple[str, str, Text]] = ()
    total: int = 0
    found: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    place: Organisation | None = None

    @property
    def rows(self) -> list[IndicatorRow]:
        """Every row once, those without figures last."""
        return [row for group in self.groups for row in group.rows] + list(self.waiting)


def indicator_list(filters: Filters) -> IndicatorList:
    """Return the indicators as they are filtered, with the region's newest figures; six queries."""
    places = sorted(
        Organisation.objects.filter(kind__in=_COMPARED),
        key=lambda one: (one.kind != Organisation.Kind.HEALTH_AUTHORITY, one.position),
    )
    indicators = list(
        Indicator.objects.select_related("responsible").defer("recipe", "numerator", "denominator")
    )
    today = timezone.localdate()
    readings = newest_readings(
        [(one.pk, place.pk) for one in indicators for place in places[:1]], today, newest=8
    )
    known = {name for (name, _place), own in readings.items() if any(not reading.faulty for reading in own)}
    # Trusts only where the region has no figure that can be used: the list is long, and the series are longer.
    lacking = [(one.pk, place.pk) for one in indicators if one.pk not in known for place in places[1:]]
    readings |= newest_readings(lacking, today, newest=8)
    rows = [_row(one, places, readings) for one in indicators]
    sections: defaultdict[str, list[str]] = defaultdict(list)
    pairs = Indicator.elements.through.objects.order_by("element_id").values_list(
        "indicator_id", "element_id"
    )
    for indicator, element in pairs:
        sections[indicator].append(element)
    titles = titles_of(element for found in sections.values() for element in found)
    order = sorted(titles, key=_natural)
    kept = [
        row for row in rows if row.is_in(filters.state) and (not filters.text or row.speaks_of(filters.text))
    ]
    if filters.section:
        kept = [row for row in kept if filters.section in sections[row.indicator.pk]]
    grouped: defaultdict[str, list[IndicatorRow]] = defaultdict(list)
    for row in kept:
        if row.newest is not None:
            own = sections[row.indicator.pk]
            key = filters.section or min(
                own, key=lambda name: order.index(name) if name in titles else 999, default=""
            )
            grouped[key].append(row)
    groups = [
        IndicatorGroup(name, *titles.get(name, ("", None)), grouped[name])
        for name in [*order, *(name for name in grouped if name not in titles)]
        if name in grouped
    ]
    return IndicatorList(
        groups,
        [row for row in kept if row.newest is None],
        [(name, *titles[name]) for name in order],
        len(rows),
        len(kept),
        {state: sum(row.is_in(state) for row in rows) for state in STATES},
        places[0] if places else None,
    )


def _row(
    indicator: Indicator,
    places: Sequence[Organisation],
    readings: Mapping[tuple[str, str], Sequence[Reading]],
) -> IndicatorRow:
    """Return the region's figures, or those of the first trust where the region has none that can be used."""
    series = [
        (place, readings[indicator.pk, place.pk]) for place in places if (indicator.pk, place.pk) in readings
    ]
    sound = [found for found in series if any(not reading.faulty for reading in found[1])]
    place, own = (sound or series or [(None, ())])[0]
    return IndicatorRow(indicator, own, place, is_region=bool(places) and place == places[0])


def _natural(name: str) -> list[Any]:
    """Sort s2 before s10.

    >>> sorted(["a.s10", "a.s2"], key=_natural)
    ['a.s2', 'a.s10']
    """
    key: list[Any] = []
    for part in name.split("."):
        stem = part.rstrip("0123456789")
        key.append((stem, int(part[len(stem) :] or 0)))
    return key


# ---------------------------------------------------------------- one indicator
@dataclass(frozen=True)
class IndicatorPage:
    """What the page of one indicator shows, before it is drawn."""

    indicator: Indicator
    place: Organisation | None
    places: Mapping[str, Organisation]
    rows: Mapping[str, Sequence[Observation]]
    breaks: Sequence[Break]
    elements: Sequence[tuple[str, str, Text]]
    withheld: int = 0

    @property
    def own(self) -> Sequence[Observation]:
        """Figures of the region, or of the only place that has any."""
        if self.place and self.place.pk in self.rows:
            return self.rows[self.place.pk]
        return next(iter(self.rows.values()), ())

    @property
    def own_place(self) -> Organisation | None:
        """The place that :attr:`own` is of."""
        if self.place and self.place.pk in self.rows:
            return self.place
        return self.places.get(next(iter(self.rows), ""), self.place)

    @property
    def newest(self) -> Observation | None:
        """Newest figure that its source does not warn of."""
        return next((row for row in reversed(self.own) if row.quality != "faulty"), None)


def indicator_page(indicator: Indicator) -> IndicatorPage:
    """Return an indicator's figures by place, breaks and sections; six queries."""
    places = {place.pk: place for place in Organisation.objects.filter(kind__in=_COMPARED)}
    home = next((p for p in places.values() if p.kind == Organisation.Kind.HEALTH_AUTHORITY), None)
    of_places = Observation.objects.filter(indicator=indicator, place__in=list(places))
    rows: dict[str, list[Observation]] = {}
    for row in shown(of_places).order_by("period_end").defer("created_at", "created_by"):
        rows.setdefault(row.place, []).append(row)
    # Of several figures for the same end the one of the longer period would hide the other; both are kept in the file.
    withheld = 0
    if indicator.small_number is not None:
        given = of_places.filter(current=True, value__isnull=False).count()
        withheld = given - sum(map(len, rows.values()))
    ordered = {name: rows[name] for name in places if name in rows}
    elements = list(indicator.elements.values_list("pk", flat=True))
    titles = titles_of(elements)
    return IndicatorPage(
        indicator,
        home,
        places,
        ordered,
        list(indicator.breaks.all()),
        [(name, *titles[name]) for name in sorted(titles, key=_natural)],
        withheld,
    )


COLUMNS = (
    "place",
    "period_start",
    "period_end",
    "value",
    "numerator",
    "denominator",
    "data_through",
    "coverage",
    "state",
    "quality",
    "source",
    "licence",
    "revision",
)


def export_rows(indicator: Indicator) -> Iterator[tuple[Any, ...]]:
    """Yield every current figure that may be shown, of all places; one query, read as it is sent."""
    rows = shown(Observation.objects.filter(indicator=indicator)).order_by("place", "period_end")
    yield from rows.values_list(*COLUMNS).iterator(chunk_size=2000)
