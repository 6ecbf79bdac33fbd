"""Measures: phase, status and timeliness; tasks, benefits, risks and reports."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, Literal

from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router

from framsyn.web.api.fields import Figure, Links, Listing, One, Out, Paging, Ref, Words
from framsyn.web.api.kinds import MeasurePhase
from framsyn.web.api.voice import Voice
from framsyn.web.locking import last_change
from framsyn.web.measures.models import Benefit, Measure, Risk, StatusReport, Task
from framsyn.web.measures.people import Holder, owner_of
from framsyn.web.measures.queries import NO_REPORT, Filters, narrowed, ordered, rows_of, with_progress
from framsyn.web.measures.relations import relations_of
from framsyn.web.measures.timeliness import judge, sentence, with_timeliness

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from framsyn.web.measures.queries import Row

router = Router(tags=["Measures"])
OURS = {"nb": "Eierens eget anslag", "nn": "Eigaren sitt eige overslag", "en": "The owner's own estimate"}
LICENCE = "Framsyn, free with attribution"
_UNITS = {"hours": "hours", "fte": "FTE", "mnok": "MNOK"}


class OwnerOut(Out):
    """Who answers for it."""

    organisation: str
    unit: Words
    person: str | None = Field(description="Told only to those who have a role there.")


class TimelinessOut(Out):
    """Whether it keeps its time, by a rule that can be said in one sentence."""

    code: Literal["late", "due_soon", "not_updated", "on_time", "no_dates", "ended"]
    sentence: Words | None = Field(description="Why; in the list only in the language of the answer.")


class MeasureOut(Out):
    """A measure in a list."""

    id: str
    title: Words
    organisation: str
    owner: OwnerOut
    phase: str
    standing: str
    status: str | None = Field(description="Of the last report; none where nobody has reported.")
    reported_on: datetime.date | None
    timeliness: TimelinessOut
    tasks: int
    tasks_done: int
    start: datetime.date | None
    end: datetime.date | None
    cost: Figure | None = Field(description="MNOK in 2025 prices, in all.")
    fte: Figure | None = Field(description="Full-time equivalents that it takes itself.")
    links: Links


def own_figure(voice: Voice, value: float | None, unit: str, standing: str, day: datetime.date | None) -> Any:
    """Return a number that the owner of a measure has set."""
    if value is None:
        return None
    return {
        "value": value,
        "unit": unit,
        "source": voice.words(OURS),
        "licence": LICENCE,
        "quality": "estimate" if standing == "decided" else "assumption",
        "data_through": day,
    }


def owner_told(voice: Voice, owner: Holder, of: Any) -> dict[str, Any]:
    """Return who answers; the person's name only to those who have a role there."""
    named = bool(owner.person) and voice.names(of)
    return {
        "organisation": owner.organisation.pk,
        "unit": voice.words(owner.unit),
        "person": owner.person if named else None,
    }


def measure_links(voice: Voice, key: str) -> dict[str, Any]:
    """Return the addresses of a measure."""
    return {
        "self": voice.api("measure", key),
        "page": voice.page("measure", key),
        "more": {"reports": voice.api("reports", key), "changes": voice.page("feed-measure", key, "atom")},
    }


def measures_told(
    voice: Voice, rows: Sequence[Row], days: dict[str, datetime.date]
) -> Iterable[dict[str, Any]]:
    """Return measures of a list; nothing is asked for a stranger."""
    for row in rows:
        yield {
            "id": row.id,
            "title": voice.words(row.title),
            "organisation": row.organisation.pk,
            "owner": owner_told(voice, row.owner, row.organisation),
            "phase": row.phase,
            "standing": row.standing,
            "status": row.status or None,
            "reported_on": row.reported_on,
            "timeliness": {"code": row.timeliness.code, "sentence": None},
            "tasks": row.tasks,
            "tasks_done": row.tasks_done,
            "start": row.start,
            "end": row.end,
            "cost": own_figure(voice, row.cost, "MNOK 2025", row.standing, days[row.id]),
            "fte": own_figure(voice, row.fte, "FTE", row.standing, days[row.id]),
            "links": measure_links(voice, row.id),
        }


class Measures(Paging):
    """Which measures."""

    phase: MeasurePhase | None = None
    status: Literal["on_plan", "needs_attention", "stuck", "none"] | None = Field(
        None, description="Of the last report; none: nobody has reported yet."
    )
    timeliness: Literal["late", "due_soon", "not_updated", "on_time", "no_dates", "ended"] | None = None
    goal: str | None = Field(None, max_length=100, description="Id of a goal, or of a heading above goals.")
    organisation: str | None = Field(None, max_length=60)
    q: str | None = Field(None, max_length=200, description="Words.")
    sort: Literal["", "title", "phase", "status", "timeliness", "end", "cost", "-title", "-end", "-cost"] = ""


@router.get("/measures", response=Listing[MeasureOut], summary="List measures")
def measures(request: HttpRequest, response: HttpResponse, query: Query[Measures]) -> Any:
    """Measures, narrowed and sorted."""
    voice = Voice(request)
    voice.unless_known(response)
    filters = Filters(
        phase=query.phase or "",
        status=NO_REPORT if query.status == "none" else query.status or "",
        timeliness=query.timeliness or "",
        goal=query.goal or "",
        organisation=query.organisation or "",
        text=query.q or "",
        sort=query.sort.removeprefix("-"),
        descending=query.sort.startswith("-"),
    )
    today = timezone.localdate()
    # Ids first: a part of a list that is judged and sorted cannot be narrowed any more.
    found = ordered(with_progress(narrowed(filters, today)), filters)

    def tell(part: Sequence[Measure]) -> Iterable[dict[str, Any]]:
        ids = [one.pk for one in part]
        newest = StatusReport.objects.filter(measure=OuterRef("pk")).order_by("-date", "-id")
        judged = with_timeliness(Measure.objects.filter(pk__in=ids), today).annotate(
            status=Subquery(newest.values("status")[:1])
        )
        rows = {row.id: row for row in rows_of(with_progress(judged), today)}
        days = {one.pk: timezone.localdate(one.updated_at) for one in part}
        return measures_told(voice, [rows[name] for name in ids], days)

    return voice.listing(response, found, query, tell)


# ---------------------------------------------------------------- one measure
class TaskOut(Out):
    """A step of a measure."""

    id: int
    title: Words
    due: datetime.date | None
    done_on: datetime.date | None


class BenefitOut(Out):
    """What a measure frees in one year."""

    id: int
    kind: str
    year: int
    planned: Figure
    realised: Figure | None
    note: Words


class RiskOut(Out):
    """What may go wrong, on a scale of five by five."""

    id: int
    text: Words
    probability: int
    consequence: int
    mitigation: Words
    closed_on: datetime.date | None


class ReportOut(Out):
    """What the owner said about a measure on a day."""

    id: int
    date: datetime.date
    status: str
    text: str
    by: str | None = Field(description="Told only to those who have a role there.")


class MeasureDetail(Out):
    """A measure with its tasks, benefits, risks and last report."""

    id: str
    title: Words
    text: Words
    organisation: str
    owner: OwnerOut
    owner_unit: Words
    phase: str
    standing: str
    status: str | None
    timeliness: TimelinessOut
    start: datetime.date | None
    end: datetime.date | None
    cost: Figure | None
    fte: Figure | None
    assumption: str = Field(description="Of the outlook's scenario, which it moves.")
    goals: list[Ref]
    origins: list[Ref] = Field(description="Choices of path that it comes from.")
    plans: list[str]
    depends_on: list[str]
    needed_by: list[str]
    tasks: list[TaskOut]
    benefits: list[BenefitOut]
    risks: list[RiskOut]
    report: ReportOut | None
    created_at: datetime.datetime
    updated_at: datetime.datetime
    links: Links


def task_told(voice: Voice, one: Task) -> dict[str, Any]:
    """Return a task."""
    return {"id": one.pk, "title": voice.words(one.title), "due": one.due, "done_on": one.done_on}


def benefit_told(voice: Voice, one: Benefit, standing: str, day: datetime.date) -> dict[str, Any]:
    """Return a benefit."""
    unit = f"{_UNITS[one.kind]} per year"
    return {
        "id": one.pk,
        "kind": one.kind,
        "year": one.year,
        "planned": own_figure(voice, one.planned, unit, standing, day),
        "realised": own_figure(voice, one.realised, unit, standing, day),
        "note": voice.words(one.note),
    }


def risk_told(voice: Voice, one: Risk) -> dict[str, Any]:
    """Return a risk."""
    return {
        "id": one.pk,
        "text": voice.words(one.text),
        "probability": one.probability,
        "consequence": one.consequence,
        "mitigation": voice.words(one.mitigation),
        "closed_on": one.closed_on,
    }


def report_told(voice: Voice, one: StatusReport, measure: Measure) -> dict[str, Any]:
    """Return a report; who wrote it only to those who have a role there."""
    by = one.created_by
    named = by is not None and voice.names(measure.organisation)
    return {
        "id": one.pk,
        "date": one.date,
        "status": one.status,
        "text": one.text,
        "by": (by.get_full_name() or by.get_username()) if named and by else None,
    }


def measure_seen(measure_id: str) -> Measure:
    """Return a measure with its organisation and those above, or answer that it is not here."""
    query = Measure.objects.select_related("organisation__parent__parent__parent")
    found = query.filter(pk=measure_id).first()
    if found is None:
        raise Http404
    return found


def measure_answer(voice: Voice, response: HttpResponse, measure_id: str) -> dict[str, Any]:
    """Return one measure as it is answered; about twelve queries."""
    today = timezone.localdate()
    judged = with_timeliness(Measure.objects.filter(pk=measure_id), today)
    one: Any = judged.select_related("organisation__parent__parent__parent").first()
    if one is None:
        raise Http404
    tied = relations_of(measure_id, voice.drafts)
    titles = voice.visible([*tied.goals, *tied.origins]) if tied.goals or tied.origins else {}
    assignments = list(one.assignments.select_related("organisation", "person"))
    tasks = list(one.tasks.all())
    undone = sorted((task for task in tasks if task.done_on is None and task.due), key=lambda task: task.due)
    report = one.reports.select_related("created_by").order_by("-date", "-id").first()
    found = judge(one.phase, one.start, one.end, one.first_due, one.reported_on, today)
    first = undone[0].title if undone else None
    day = timezone.localdate(one.updated_at)
    told = {
        "id": one.pk,
        "title": voice.words(one.title),
        "text": voice.words(one.text),
        "organisation": one.organisation_id,
        "owner": owner_told(voice, owner_of(one, assignments, today), one.organisation),
        "owner_unit": voice.words(one.owner_unit),
        "phase": one.phase,
        "standing": one.standing,
        "status": report.status if report else None,
        "timeliness": {
            "code": found.code,
            "sentence": voice.made(lambda _code: sentence(found, str(first) if first else "")),
        },
        "start": one.start,
        "end": one.end,
        "cost": own_figure(voice, one.cost, "MNOK 2025", one.standing, day),
        "fte": own_figure(voice, one.fte, "FTE", one.standing, day),
        "assumption": one.assumption,
        "goals": [voice.ref("goal", name, titles[name][1]) for name in tied.goals if name in titles],
        "origins": [voice.ref("element", name, titles[name][1]) for name in tied.origins if name in titles],
        "plans": sorted(voice.known_plans(tied.plans)),
        "depends_on": sorted(tied.needs),
        "needed_by": sorted(tied.needed_by),
        "tasks": [task_told(voice, task) for task in tasks],
        "benefits": [benefit_told(voice, benefit, one.standing, day) for benefit in one.benefits.all()],
        "risks": [risk_told(voice, risk) for risk in one.risks.all()],
        "report": report_told(voice, report, one) if report else None,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
        "links": measure_links(voice, one.pk),
    }
    return voice.told(response, told, last_change(one))


@router.get("/measures/{measure_id}", response=MeasureDetail, summary="One measure")
def measure(request: HttpRequest, response: HttpResponse, measure_id: str, how: Query[One]) -> Any:
    """One measure with its tasks, benefits, risks and last report."""
    return measure_answer(Voice(request), response, measure_id)


@router.get("/measures/{measure_id}/reports", response=Listing[ReportOut], summary="The reports on a measure")
def reports(request: HttpRequest, response: HttpResponse, measure_id: str, paging: Query[Paging]) -> Any:
    """What the owner said about a measure, newest first."""
    voice = Voice(request)
    one = measure_seen(measure_id)
    voice.unless_known(response)
    found = one.reports.select_related("created_by").order_by("-date", "-id")
    return voice.listing(response, found, paging, lambda part: [report_told(voice, row, one) for row in part])
