"""Measures and their parts: make, change, report, assign; tasks, benefits and risks."""

from __future__ import annotations

from typing import Annotated, Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from ninja import Field
from pydantic import StringConstraints

from framsyn.web.api.etags import seen_by
from framsyn.web.api.fields import Day, Id, In, Number, WordsIn
from framsyn.web.api.kinds import AssignmentRole, BenefitKind, MeasurePhase, MeasureStanding, ReportStatus
from framsyn.web.api.read.measures import MeasureDetail, measure_answer, measure_seen, router
from framsyn.web.api.voice import Voice
from framsyn.web.api.write.common import (
    does,
    elements_named,
    made,
    measures_named,
    organisation_named,
    part_of,
    plans_named,
    text,
    unknown,
)
from framsyn.web.measures import parts
from framsyn.web.measures.actions import assign, change, create, report
from framsyn.web.measures.models import Task

Name = Annotated[str, StringConstraints(max_length=80, pattern=r"^[a-z0-9-]*$")]
Said = Annotated[str, StringConstraints(max_length=5000)]
_TEXTS = ("title", "text", "owner_unit")


class MeasureChange(In):
    """The parts of a measure that change; what is left out stays."""

    title: WordsIn | None = None
    text: WordsIn | None = None
    organisation: Id | None = None
    owner_unit: WordsIn | None = None
    phase: MeasurePhase | None = None
    standing: MeasureStanding | None = None
    start: Day | None = None
    end: Day | None = None
    cost: Number | None = Field(None, description="MNOK in 2025 prices.")
    fte: Number | None = None
    assumption: Name | None = Field(None, description="Of the outlook's scenario; empty for none.")
    goals: list[Id] | None = Field(None, max_length=200)
    origins: list[Id] | None = Field(None, max_length=50)
    plans: list[Id] | None = Field(None, max_length=50)
    depends_on: list[Id] | None = Field(None, max_length=100)


class MeasureIn(MeasureChange):
    """A new measure."""

    id: Name | None = Field(None, description="Made of the title if left out.")
    title: WordsIn
    organisation: Id


def given_parts(voice: Voice, sent: MeasureChange) -> dict[str, Any]:
    """Return what was sent as the action takes it; what was left out is left out."""
    empties = {"start", "end", "cost", "fte"}  # which may be taken away
    given: dict[str, Any] = {}
    for name in sent.model_fields_set - {"id"}:
        value = getattr(sent, name)
        if value is None and name not in empties:
            continue
        given[name] = text(value) if name in _TEXTS else value
    if "organisation" in given:
        given["organisation"] = organisation_named(given["organisation"])
    for name in ("goals", "origins"):
        if name in given:
            given[name] = elements_named(voice, given[name], name)
    if "plans" in given:
        given["plans"] = plans_named(voice, given["plans"], "plans")
    if "depends_on" in given:
        given["depends_on"] = measures_named(given["depends_on"], "depends_on")
    return given


@router.post(
    "/measures", response={201: MeasureDetail}, summary="Make a measure", openapi_extra=does("measure.create")
)
def make_measure(request: HttpRequest, response: HttpResponse, sent: MeasureIn) -> Any:
    """Make a measure."""
    voice = Voice(request)
    given = given_parts(voice, sent)
    one = create(voice.actor, given.pop("title"), given.pop("organisation"), id=sent.id or "", **given)
    made(response, voice.api("measure", one.pk))
    return measure_answer(voice, response, one.pk)


@router.patch(
    "/measures/{measure_id}",
    response=MeasureDetail,
    summary="Change a measure",
    openapi_extra=does("measure.change"),
)
def change_measure(request: HttpRequest, response: HttpResponse, measure_id: str, sent: MeasureChange) -> Any:
    """Change what is sent and leave the rest. Needs If-Match with the measure's ETag."""
    voice = Voice(request)
    one = measure_seen(measure_id)
    seen = seen_by(request)
    change(voice.actor, one, seen=seen, **given_parts(voice, sent))
    return measure_answer(voice, response, measure_id)


class ReportIn(In):
    """How a measure goes."""

    status: ReportStatus
    text: Said = Field("", description="Needed when it does not go as planned.")
    phase: MeasurePhase | None = Field(None, description="A new phase; the present one if left out.")
    done: list[int] = Field(
        default_factory=list, max_length=100, description="Ids of tasks done since the last report."
    )
    date: Day | None = Field(None, description="Today if left out.")


@router.post(
    "/measures/{measure_id}/reports",
    response={201: MeasureDetail},
    summary="Report on a measure",
    openapi_extra=does("measure.report"),
)
def report_measure(request: HttpRequest, response: HttpResponse, measure_id: str, sent: ReportIn) -> Any:
    """Say how a measure goes. If-Match is heeded when it is sent."""
    voice = Voice(request)
    one = measure_seen(measure_id)
    tasks = list(Task.objects.filter(pk__in=sent.done))
    missing = set(sent.done) - {task.pk for task in tasks}
    if missing:
        raise unknown("done", min(missing))
    report(
        voice.actor,
        one,
        status=sent.status,
        text=sent.text,
        phase=sent.phase or "",
        done=tasks,
        date=sent.date,
        seen=seen_by(request, needed=False),
    )
    made(response, voice.api("reports", measure_id))
    return measure_answer(voice, response, measure_id)


class AssignmentIn(In):
    """Who answers from a day on."""

    role: AssignmentRole
    organisation: Id
    unit: WordsIn = Field(default_factory=dict, description="The function that answers.")
    person: Annotated[str, StringConstraints(max_length=150)] | None = Field(
        None, description="User name of who holds it."
    )
    valid_from: Day
    valid_to: Day | None = None


@router.post(
    "/measures/{measure_id}/assignments",
    response={201: MeasureDetail},
    summary="Give a measure to somebody",
    openapi_extra=does("measure.assign"),
)
def assign_measure(request: HttpRequest, response: HttpResponse, measure_id: str, sent: AssignmentIn) -> Any:
    """Make somebody owner or deputy; the one before ends the day before. Needs If-Match with the measure's ETag."""
    voice = Voice(request)
    one = measure_seen(measure_id)
    seen = seen_by(request)
    voice.actor.require(
        "measure.assign", one.organisation, plans=one.plans.values_list("pk", flat=True), thing=one
    )
    person = None
    if sent.person:  # looked for after the check: nobody else learns which user names there are
        person = get_user_model().objects.filter(username=sent.person).first()
        if person is None:
            raise unknown("person", sent.person)
    assign(
        voice.actor,
        one,
        role=sent.role,
        organisation=organisation_named(sent.organisation),
        unit=text(sent.unit),
        person=person,
        valid_from=sent.valid_from,
        valid_to=sent.valid_to,
        seen=seen,
    )
    made(response, voice.api("measure", measure_id))
    return measure_answer(voice, response, measure_id)


# ---------------------------------------------------------------- tasks
class TaskIn(In):
    """A step of a measure."""

    title: WordsIn
    due: Day | None = None
    done_on: Day | None = None


_TASKS = "/measures/{measure_id}/tasks"


@router.post(_TASKS, response={201: MeasureDetail}, summary="Add a task", openapi_extra=does("measure.task"))
def add_task(request: HttpRequest, response: HttpResponse, measure_id: str, sent: TaskIn) -> Any:
    """Add a task. If-Match is heeded when it is sent."""
    voice, one = Voice(request), measure_seen(measure_id)
    seen = seen_by(request, needed=False)
    parts.task(voice.actor, one, title=text(sent.title), due=sent.due, done_on=sent.done_on, seen=seen)
    made(response, voice.api("measure", measure_id))
    return measure_answer(voice, response, measure_id)


@router.put(
    f"{_TASKS}/{{number}}",
    response=MeasureDetail,
    summary="Change a task",
    openapi_extra=does("measure.task"),
)
def change_task(
    request: HttpRequest, response: HttpResponse, measure_id: str, number: int, sent: TaskIn
) -> Any:
    """Write a task anew. Needs If-Match with the measure's ETag."""
    voice, one = Voice(request), measure_seen(measure_id)
    task: Any = part_of(one.tasks.all(), number)
    seen = seen_by(request)
    parts.task(
        voice.actor, one, task=task, title=text(sent.title), due=sent.due, done_on=sent.done_on, seen=seen
    )
    return measure_answer(voice, response, measure_id)


@router.delete(
    f"{_TASKS}/{{number}}",
    response=MeasureDetail,
    summary="Take a task away",
    openapi_extra=does("measure.task"),
)
def remove_task(request: HttpRequest, response: HttpResponse, measure_id: str, number: int) -> Any:
    """Take a task away; the log keeps what it said. Needs If-Match with the measure's ETag."""
    voice, one = Voice(request), measure_seen(measure_id)
    task: Any = part_of(one.tasks.all(), number)
    parts.task(voice.actor, one, task=task, removed=True, seen=seen_by(request))
    return measure_answer(voice, response, measure_id)


# ---------------------------------------------------------------- benefits
class BenefitIn(In):
    """What a measure frees in one year, in the unit of its kind."""

    kind: BenefitKind
    year: int = Field(ge=2000, le=2100)
    planned: Number
    realised: Number | None = None
    note: WordsIn = {}

    def given(self) -> dict[str, Any]:
        """Return it as the action takes it."""
        return {**self.model_dump(exclude={"note"}), "note": text(self.note)}


_BENEFITS = "/measures/{measure_id}/benefits"


@router.post(
    _BENEFITS, response={201: MeasureDetail}, summary="Add a benefit", openapi_extra=does("measure.benefit")
)
def add_benefit(request: HttpRequest, response: HttpResponse, measure_id: str, sent: BenefitIn) -> Any:
    """Add what a measure frees in a year. If-Match is heeded when it is sent."""
    voice, one = Voice(request), measure_seen(measure_id)
    parts.benefit(voice.actor, one, **sent.given(), seen=seen_by(request, needed=False))
    made(response, voice.api("measure", measure_id))
    return measure_answer(voice, response, measure_id)


@router.put(
    f"{_BENEFITS}/{{number}}",
    response=MeasureDetail,
    summary="Change a benefit",
    openapi_extra=does("measure.benefit"),
)
def change_benefit(
    request: HttpRequest, response: HttpResponse, measure_id: str, number: int, sent: BenefitIn
) -> Any:
    """Write a benefit anew, as when it is realised. Needs If-Match with the measure's ETag."""
    voice, one = Voice(request), measure_seen(measure_id)
    benefit: Any = part_of(one.benefits.all(), number)
    parts.benefit(voice.actor, one, benefit=benefit, **sent.given(), seen=seen_by(request))
    return measure_answer(voice, response, measure_id)


@router.delete(
    f"{_BENEFITS}/{{number}}",
    response=MeasureDetail,
    summary="Take a benefit away",
    openapi_extra=does("measure.benefit"),
)
def remove_benefit(request: HttpRequest, response: HttpResponse, measure_id: str, number: int) -> Any:
    """Take a benefit away; the log keeps what it said. Needs If-Match with the measure's ETag."""
    voice, one = Voice(request), measure_seen(measure_id)
    benefit: Any = part_of(one.benefits.all(), number)
    parts.benefit(voice.actor, one, benefit=benefit, removed=True, seen=seen_by(request))
    return measure_answer(voice, response, measure_id)


# ---------------------------------------------------------------- risks
class RiskIn(In):
    """What may go wrong, on a scale of five by five."""

    text: WordsIn
    probability: int = Field(ge=1, le=5)
    consequence: int = Field(ge=1, le=5)
    mitigation: WordsIn = {}
    closed: bool = Field(False, description="A closed risk is kept.")

    def given(self) -> dict[str, Any]:
        """Return it as the action takes it."""
        plain = self.model_dump(exclude={"text", "mitigation"})
        return {**plain, "text": text(self.text), "mitigation": text(self.mitigation)}


_RISKS = "/measures/{measure_id}/risks"


@router.post(_RISKS, response={201: MeasureDetail}, summary="Add a risk", openapi_extra=does("measure.risk"))
def add_risk(request: HttpRequest, response: HttpResponse, measure_id: str, sent: RiskIn) -> Any:
    """Add a risk. If-Match is heeded when it is sent."""
    voice, one = Voice(request), measure_seen(measure_id)
    parts.risk(voice.actor, one, **sent.given(), seen=seen_by(request, needed=False))
    made(response, voice.api("measure", measure_id))
    return measure_answer(voice, response, measure_id)


@router.put(
    f"{_RISKS}/{{number}}",
    response=MeasureDetail,
    summary="Assess a risk anew",
    openapi_extra=does("measure.risk"),
)
def change_risk(
    request: HttpRequest, response: HttpResponse, measure_id: str, number: int, sent: RiskIn
) -> Any:
    """Assess a risk anew, or close it. Needs If-Match with the measure's ETag."""
    voice, one = Voice(request), measure_seen(measure_id)
    risk: Any = part_of(one.risks.all(), number)
    parts.risk(voice.actor, one, risk=risk, **sent.given(), seen=seen_by(request))
    return measure_answer(voice, response, measure_id)
