"""Indicators and their observations: every number with its unit, source, licence, quality and last day with data."""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Literal

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router

from framsyn.web.accounts.models import Organisation
from framsyn.web.api.fields import Figure, Links, Listing, One, Out, Paging, Ref, Words
from framsyn.web.api.kinds import Frequency, ObservationState
from framsyn.web.api.voice import Voice
from framsyn.web.indicators.models import Indicator, Observation
from framsyn.web.indicators.readings import FAULTY, is_small, shown
from framsyn.web.locking import last_change

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

router = Router(tags=["Indicators"])


class BreakOut(Out):
    """A day from which the series means something else, or a time that a trend leaves out."""

    date: datetime.date
    until: datetime.date | None = Field(description="Last day of a time; a new way of counting has none.")
    kind: str = Field(description="level (counted in another way from then on), faulty or one_off.")
    place: str = Field(description="Organisation that it is limited to; empty is every place.")
    text: Words


class NewestOut(Figure):
    """The newest figure that its source does not warn of."""

    place: str
    period_start: datetime.date
    period_end: datetime.date
    state: str


class IndicatorOut(Out):
    """One thing that is measured over time, with its definition."""

    id: str
    name: Words
    definition: Words
    numerator: Words
    denominator: Words
    unit: str
    decimals: int
    frequency: str
    direction: str = Field(description="Which way is better.")
    source: Words
    licence: str
    small_number: int | None = Field(description="Figures that rest on fewer people are hidden.")
    responsible: str
    needs: Words = Field(description="What it would take to fill it, where there is no open figure.")
    sections: list[Ref]
    breaks: list[BreakOut]
    newest: NewestOut | None = Field(description="Of the region, else of the first place that has one.")
    links: Links


def figure(voice: Voice, indicator: Indicator, row: Observation) -> dict[str, Any]:
    """Return the value of an observation with its flags; one that may not be shown is hidden."""
    hidden = is_hidden(indicator, row)
    return {
        "value": None if hidden else row.value,
        "unit": indicator.unit,
        "hidden": hidden,
        "source": voice.words(indicator.source),
        "licence": row.licence or indicator.licence,
        "quality": row.quality,
        "data_through": row.data_through,
    }


def is_hidden(indicator: Indicator, row: Observation) -> bool:
    """Tell whether a figure may not be shown: it was marked so, or a count in it is below the indicator's rule."""
    return row.hidden or is_small(
        indicator.small_number, indicator.unit, row.value, row.numerator, row.denominator
    )


def newest_of(indicators: Sequence[Indicator]) -> dict[str, Observation]:
    """Return each indicator's newest figure that may be shown: the region's, else the first place's; three queries."""
    places = {place.pk: number for number, place in enumerate(Organisation.objects.all())}
    home = [name for name, _n in places.items()]
    regions = set(
        Organisation.objects.filter(kind=Organisation.Kind.HEALTH_AUTHORITY).values_list("pk", flat=True)
    )
    rows = (
        shown(Observation.objects.filter(indicator__in=[one.pk for one in indicators], place__in=home))
        .exclude(quality=FAULTY)
        .annotate(
            from_end=Window(
                RowNumber(), [F("indicator"), F("place")], [F("period_end").desc(), F("period_start").asc()]
            )
        )
        .filter(from_end=1)
    )
    best: dict[str, Observation] = {}
    for row in rows:
        old = best.get(row.indicator_id)
        rank = (row.place not in regions, places[row.place])
        if old is None or rank < (old.place not in regions, places[old.place]):
            best[row.indicator_id] = row
    return best


def indicators_told(voice: Voice, part: Sequence[Indicator]) -> Iterable[dict[str, Any]]:
    """Return indicators; five queries, however many there are."""
    sections: defaultdict[str, list[str]] = defaultdict(list)
    pairs = Indicator.elements.through.objects.filter(indicator__in=part).order_by("element_id")
    for indicator, element in pairs.values_list("indicator_id", "element_id"):
        sections[indicator].append(element)
    titles = voice.visible({name for names in sections.values() for name in names}) if sections else {}
    newest = newest_of(part)
    for one in part:
        row = newest.get(one.pk)
        yield {
            "id": one.pk,
            "name": voice.words(one.name),
            "definition": voice.words(one.definition),
            "numerator": voice.words(one.numerator),
            "denominator": voice.words(one.denominator),
            "unit": one.unit,
            "decimals": one.decimals,
            "frequency": one.frequency,
            "direction": one.direction,
            "source": voice.words(one.source),
            "licence": one.licence,
            "small_number": one.small_number,
            "responsible": one.responsible_id,
            "needs": voice.words(one.needs),
            "sections": [
                voice.ref("element", name, titles[name][1]) for name in sections[one.pk] if name in titles
            ],
            "breaks": [
                {
                    "date": mark.date,
                    "until": mark.until,
                    "kind": mark.kind,
                    "place": mark.place,
                    "text": voice.words(mark.text),
                }
                for mark in one.breaks.all()
            ],
            "newest": row
            and {
                **figure(voice, one, row),
                "place": row.place,
                "period_start": row.period_start,
                "period_end": row.period_end,
                "state": row.state,
            },
            "links": {
                "self": voice.api("indicator", one.pk),
                "page": voice.page("indicator", one.pk),
                "files": voice.files("indicator_csv", one.pk),
                "more": {
                    "observations": voice.api("observations", one.pk),
                    "changes": voice.page("feed-indicator", one.pk, "atom"),
                },
            },
        }


class Indicators(Paging):
    """Which indicators."""

    section: str | None = Field(None, max_length=100, description="Id of an element of a plan.")
    responsible: str | None = Field(None, max_length=60, description="Id of an organisation.")
    frequency: Frequency | None = None
    has_data: bool | None = Field(None, description="With figures, or without any yet.")
    sort: Literal["position", "id", "-id"] = "position"


@router.get("/indicators", response=Listing[IndicatorOut], summary="List indicators")
def indicators(request: HttpRequest, response: HttpResponse, query: Query[Indicators]) -> Any:
    """Indicators with their newest figure."""
    voice = Voice(request)
    voice.unless_known(response)
    found = Indicator.objects.prefetch_related("breaks")
    if query.section:
        found = found.filter(elements=query.section)
    if query.responsible:
        found = found.filter(responsible=query.responsible)
    if query.frequency:
        found = found.filter(frequency=query.frequency)
    if query.has_data is not None:
        known = Observation.objects.filter(current=True, value__isnull=False).values("indicator")
        found = found.filter(pk__in=known) if query.has_data else found.exclude(pk__in=known)
    order = ("position", "id") if query.sort == "position" else (query.sort,)
    return voice.listing(response, found.order_by(*order), query, lambda part: indicators_told(voice, part))


def indicator_answer(voice: Voice, response: HttpResponse, indicator_id: str) -> dict[str, Any]:
    """Return one indicator as it is answered."""
    one = get_object_or_404(Indicator.objects.prefetch_related("breaks"), pk=indicator_id)
    return voice.told(response, next(iter(indicators_told(voice, [one]))), last_change(one))


@router.get("/indicators/{indicator_id}", response=IndicatorOut, summary="One indicator")
def indicator(request: HttpRequest, response: HttpResponse, indicator_id: str, how: Query[One]) -> Any:
    """The definition of one indicator and its newest figure."""
    return indicator_answer(Voice(request), response, indicator_id)


# ---------------------------------------------------------------- observations
class ObservationOut(Figure):
    """One figure for one place and period. One below the small-number rule is told as hidden, without any count."""

    id: int
    place: str = Field(description="Id of an organisation, code of a municipality, or norway.")
    period_start: datetime.date
    period_end: datetime.date
    numerator: float | None
    denominator: float | None
    coverage: float | None = Field(description="Share of what should have been counted.")
    state: str = Field(description="provisional or final.")
    note: Words
    source_note: str = Field(
        description="The source as it was put in with the figure, in the words of who did so."
    )
    revision: int = Field(description="1 for the first figure, higher after a correction.")


class Observations(Paging):
    """Which observations."""

    place: str | None = Field(None, max_length=60)
    from_day: datetime.date | None = Field(
        None, alias="from", description="Periods that end on this day or later."
    )
    to_day: datetime.date | None = Field(
        None, alias="to", description="Periods that end on this day or earlier."
    )
    state: ObservationState | None = None
    sort: Literal["place", "period_end", "-period_end"] = "place"
    limit: int = Field(200, ge=1, le=1000, description="How many at a time.")


def observation_told(voice: Voice, indicator: Indicator, row: Observation) -> dict[str, Any]:
    """Return an observation."""
    told = figure(voice, indicator, row)
    return {
        **told,
        "id": row.pk,
        "place": row.place,
        "period_start": row.period_start,
        "period_end": row.period_end,
        "numerator": None if told["hidden"] else row.numerator,
        "denominator": None if told["hidden"] else row.denominator,
        "coverage": None if told["hidden"] else row.coverage,
        "state": row.state,
        "note": voice.words(row.note),
        "source_note": row.source,
        "revision": row.revision,
    }


@router.get(
    "/indicators/{indicator_id}/observations",
    response=Listing[ObservationOut],
    summary="The figures of an indicator",
)
def observations(
    request: HttpRequest, response: HttpResponse, indicator_id: str, query: Query[Observations]
) -> Any:
    """Current figures by place and period. Corrected ones are not among them."""
    voice = Voice(request)
    one = get_object_or_404(Indicator, pk=indicator_id)
    voice.unless_known(response)
    found = Observation.objects.filter(indicator=one, current=True)
    if query.place:
        found = found.filter(place=query.place)
    if query.from_day:
        found = found.filter(period_end__gte=query.from_day)
    if query.to_day:
        found = found.filter(period_end__lte=query.to_day)
    if query.state:
        found = found.filter(state=query.state)
    order = {"place": ("place", "period_end"), "period_end": ("period_end", "place")}
    found = found.order_by(*order.get(query.sort, ("-period_end", "place")), "pk")
    return voice.listing(
        response, found, query, lambda part: [observation_told(voice, one, row) for row in part]
    )
