"""Defining indicators, changing them, putting figures in, and marking breaks."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Field
from pydantic import StringConstraints

from framsyn.errors import PlanError
from framsyn.web.api.etags import seen_by
from framsyn.web.api.fields import Day, Id, In, Number, Out, Reason, WordsIn
from framsyn.web.api.kinds import Frequency, IndicatorDirection
from framsyn.web.api.read.indicators import (
    IndicatorOut,
    ObservationOut,
    indicator_answer,
    observation_told,
    router,
)
from framsyn.web.api.voice import Voice
from framsyn.web.api.write.common import does, elements_named, made, organisation_named, text
from framsyn.web.indicators.actions import Definition, Figure, change, define, mark_break, observe
from framsyn.web.indicators.models import Indicator, Observation
from framsyn.web.indicators.names import free_id
from framsyn.web.locking import last_change

MOST = 500  # figures in one call
Short = Annotated[str, StringConstraints(max_length=100)]
_TEXTS = ("name", "definition", "numerator", "denominator", "source", "needs")


class DefinitionIn(In):
    """What an indicator measures, and how."""

    id: Annotated[str, StringConstraints(max_length=80)] | None = Field(
        None, description="Made of the name if left out."
    )
    name: WordsIn
    definition: WordsIn
    unit: Annotated[str, StringConstraints(max_length=30)] = Field(examples=["share", "days", "persons"])
    frequency: Frequency
    direction: IndicatorDirection
    source: WordsIn
    responsible: Id
    numerator: WordsIn = {}
    denominator: WordsIn = {}
    needs: WordsIn = {}
    decimals: int = Field(0, ge=0, le=4)
    licence: Short = ""
    small_number: int | None = Field(
        None, ge=0, le=1000, description="Figures that rest on fewer people are hidden."
    )
    sections: list[Id] = Field(default_factory=list, max_length=50, description="Ids of elements of plans.")


class DefinitionChange(In):
    """The parts of a definition that change; what is left out stays."""

    name: WordsIn | None = None
    definition: WordsIn | None = None
    unit: Annotated[str, StringConstraints(max_length=30)] | None = None
    frequency: Frequency | None = None
    direction: IndicatorDirection | None = None
    source: WordsIn | None = None
    responsible: Id | None = None
    numerator: WordsIn | None = None
    denominator: WordsIn | None = None
    needs: WordsIn | None = None
    decimals: int | None = Field(None, ge=0, le=4)
    licence: Short | None = None
    small_number: int | None = Field(None, ge=0, le=1000)
    sections: list[Id] | None = Field(None, max_length=50)
    reason: Reason = ""


def indicator_seen(indicator_id: str) -> Indicator:
    """Return an indicator with who is responsible, or answer that it is not here."""
    query = Indicator.objects.select_related("responsible__parent__parent__parent")
    return get_object_or_404(query, pk=indicator_id)


@router.post(
    "/indicators",
    response={201: IndicatorOut},
    summary="Define an indicator",
    openapi_extra=does("indicator.define"),
)
def define_indicator(request: HttpRequest, response: HttpResponse, sent: DefinitionIn) -> Any:
    """Define an indicator; it has no figures yet."""
    voice = Voice(request)
    given = sent.model_dump(exclude={"id", "sections", "responsible", *_TEXTS})
    words: dict[str, Any] = {name: text(getattr(sent, name)) for name in _TEXTS}
    definition = Definition(**given, **words, responsible=organisation_named(sent.responsible, "responsible"))
    sections = elements_named(voice, sent.sections, "sections")
    one = define(voice.actor, sent.id or free_id(words["name"]), definition, elements=sections)
    made(response, voice.api("indicator", one.pk))
    return indicator_answer(voice, response, one.pk)


@router.patch(
    "/indicators/{indicator_id}",
    response=IndicatorOut,
    summary="Change a definition",
    openapi_extra=does("indicator.change"),
)
def change_indicator(
    request: HttpRequest, response: HttpResponse, indicator_id: str, sent: DefinitionChange
) -> Any:
    """Change what is sent and leave the rest. Needs If-Match with the indicator's ETag."""
    voice = Voice(request)
    one = indicator_seen(indicator_id)
    seen = seen_by(request)
    given: dict[str, Any] = {}
    for name in sent.model_fields_set - {"sections", "reason"}:
        value = getattr(sent, name)
        if value is None and name != "small_number":
            continue
        given[name] = text(value) if name in _TEXTS else value
    if "responsible" in given:
        given["responsible"] = organisation_named(given["responsible"], "responsible")
    sections = None if sent.sections is None else elements_named(voice, sent.sections, "sections")
    change(
        voice.actor,
        one,
        replace(Definition.of(one), **given),
        elements=sections,
        reason=sent.reason,
        seen=seen,
    )
    return indicator_answer(voice, response, indicator_id)


class ObservationIn(In):
    """One figure: the value in the unit of the indicator, or of a share its two counts."""

    place: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    period_start: Day
    period_end: Day
    value: Number | None = None
    numerator: Number | None = None
    denominator: Number | None = None
    data_through: Day | None = Field(None, description="The end of the period if left out.")
    coverage: float | None = Field(None, ge=0, le=1)
    provisional: bool = False
    source: Annotated[str, StringConstraints(max_length=200)] = ""
    licence: Short = ""
    note: WordsIn = {}
    reason: Reason = Field("", description="Needed when it corrects a figure that stands there.")

    def figure(self) -> Figure:
        """Return it as the action takes it."""
        given = self.model_dump(exclude={"reason", "note"})
        return Figure(**given, note=text(self.note))


class ObservationsIn(In):
    """Figures that are put in together: all of them, or none."""

    observations: list[ObservationIn] = Field(min_length=1, max_length=MOST)


class ObservationsOut(Out):
    """The figures as they stand now."""

    indicator: str
    observations: list[ObservationOut]


@router.post(
    "/indicators/{indicator_id}/observations",
    response={201: ObservationsOut},
    summary="Put figures in",
    openapi_extra=does("indicator.observe"),
)
def put_in(request: HttpRequest, response: HttpResponse, indicator_id: str, sent: ObservationsIn) -> Any:
    """Put figures in, or correct them with a reason: all of them, or none. If-Match is heeded when it is sent."""
    voice = Voice(request)
    one = indicator_seen(indicator_id)
    seen = seen_by(request, needed=False)
    keys: list[int] = []
    with transaction.atomic():
        for number, figure in enumerate(sent.observations):
            try:
                row = observe(
                    voice.actor, one, figure.figure(), reason=figure.reason, seen=None if number else seen
                )
            except PlanError as error:
                raise placed(error, number) from error
            keys.append(row.pk)
    rows = Observation.objects.in_bulk(keys)
    made(response, voice.api("observations", one.pk))
    told = [observation_told(voice, one, rows[key]) for key in keys]
    return voice.told(response, {"indicator": one.pk, "observations": told}, last_change(one))


def placed(error: PlanError, number: int) -> PlanError:
    """Return an error of one of many with its place; who may not at all may not in no place."""
    if error.code in ("not-allowed", "read-only-token", "stale"):
        return error
    where = f"/observations/{number}"
    if error.data.get("field"):
        where += f"/{error.data['field']}"
    message = _("Figure %(number)s: %(fault)s None of them was put in.")
    facts = {**error.data, "field": where}
    return PlanError(error.code, message % {"number": number + 1, "fault": error.message}, **facts)


class BreakIn(In):
    """A day from which the series means something else, or a time that a trend leaves out."""

    date: Day
    until: Day | None = None
    kind: Literal["level", "faulty", "one_off"] = "level"
    place: str = ""
    text: WordsIn


@router.post(
    "/indicators/{indicator_id}/breaks",
    response={201: IndicatorOut},
    summary="Mark a break in a series",
    openapi_extra=does("indicator.mark_break"),
)
def mark(request: HttpRequest, response: HttpResponse, indicator_id: str, sent: BreakIn) -> Any:
    """No line is drawn across the day, and trends are fitted around it. If-Match is heeded when it is sent."""
    voice = Voice(request)
    one = indicator_seen(indicator_id)
    mark_break(
        voice.actor,
        one,
        sent.date,
        text(sent.text),
        kind=sent.kind,
        until=sent.until,
        place=sent.place,
        seen=seen_by(request, needed=False),
    )
    made(response, voice.api("indicator", one.pk))
    return indicator_answer(voice, response, one.pk)
