"""Goals: where each stands, by which rule, and what was decided about it."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router

from framsyn.web.api.fields import Figure, Links, Listing, One, Out, Paging, Ref, Words
from framsyn.web.api.kinds import GoalStanding, GoalStatusCode
from framsyn.web.api.voice import Voice
from framsyn.web.goals.models import GoalDecision, Override
from framsyn.web.goals.queries import Filters, GoalRow, goal_list
from framsyn.web.goals.statuses import ORDER, GoalStatus, PartStatus, goal_statuses
from framsyn.web.indicators.models import Observation
from framsyn.web.indicators.status import rule_text
from framsyn.web.locking import last_change
from framsyn.web.measures.models import Measure
from framsyn.web.plan.models import Element, Node, Version
from framsyn.web.plan.queries import in_force

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

router = Router(tags=["Goals"])
_KIND_OF_TARGET = {"decided": "official", "proposed": "assumption", "illustration": "assumption"}


class StatusOut(Out):
    """Where a goal stands, and the sentence that says why."""

    code: GoalStatusCode
    wrong_way: bool = Field(description="Some part of it moves the wrong way, whatever the code says.")
    sentence: Words
    standing: str | None = Field(
        description="Of the decision that it is judged by: decided, proposed or illustration."
    )


class GoalOut(Out):
    """A goal in the list of a plan's goals."""

    id: str
    number: str
    wording: Words
    plan: str
    version: int
    draft: bool = Field(description="It stands in the draft alone.")
    main_goal: str | None
    section: str | None
    status: StatusOut
    deadline: datetime.date | None
    place: str | None = Field(description="Organisation of the decision that is shown.")
    indicator: str | None
    value: Figure | None = Field(description="The newest reading that was judged.")
    target: Figure | None
    links: Links


def nameless(part: PartStatus, voice: Voice) -> PartStatus:
    """Return a part whose sentence names the organisation, not the person, who set a status by hand."""
    if voice.names(part.decision.place) or not (part.status.override or part.status.expired):
        return part
    by = str(part.decision.place)
    hand, past = part.status.override, part.status.expired
    status = replace(
        part.status, override=hand and replace(hand, by=by), expired=past and replace(past, by=by)
    )
    return replace(part, status=status)


def sentence_of(voice: Voice, status: GoalStatus) -> dict[str, str]:
    """Return the sentence of a goal, without the names of people for those who may not read them."""

    def say(language: str) -> str:
        parts = tuple(nameless(part, voice) for part in status.parts)
        shown = next((new for old, new in zip(status.parts, parts, strict=True) if old is status.shown), None)
        return replace(status, parts=parts, shown=shown).said_in(language)

    return voice.made(say)


def status_told(voice: Voice, status: GoalStatus) -> dict[str, Any]:
    """Return the status of a goal."""
    return {
        "code": status.code,
        "wrong_way": status.wrong_way,
        "sentence": sentence_of(voice, status),
        "standing": status.standing or None,
    }


Newest = dict[tuple[str, str, datetime.date], Observation]


def newest_behind(parts: Iterable[PartStatus]) -> Newest:
    """Return the observations that the statuses were judged by, for their source and quality; one query."""
    wanted = Q()
    for part in parts:
        if part.decision.indicator_id and part.status.date:
            reading = next((one for one in reversed(part.readings) if one.through == part.status.date), None)
            day = reading.date if reading else part.status.date
            wanted |= Q(indicator=part.decision.indicator_id, place=part.decision.place_id, period_end=day)
    if not wanted:
        return {}
    found = Observation.objects.filter(wanted, current=True)
    return {(row.indicator_id, row.place, min(row.data_through, row.period_end)): row for row in found}


def value_told(voice: Voice, part: PartStatus | None, newest: Newest) -> dict[str, Any] | None:
    """Return the reading that a part was judged by."""
    if (
        part is None
        or part.status.value is None
        or part.decision.indicator is None
        or part.status.date is None
    ):
        return None
    indicator = part.decision.indicator
    row = newest.get((indicator.pk, part.decision.place_id, part.status.date))
    return {
        "value": part.status.value,
        "unit": indicator.unit,
        "source": voice.words(indicator.source),
        "licence": (row.licence if row else "") or indicator.licence,
        "quality": row.quality if row else "official",
        "data_through": part.status.date,
    }


def decided_figure(
    voice: Voice, decision: GoalDecision, value: float | None, day: datetime.date | None = None
) -> Any:
    """Return a number of a decision: its source is who decided, and it is as sure as the decision."""
    if value is None:
        return None
    return {
        "value": value,
        "unit": decision.indicator.unit if decision.indicator else "count",
        "source": voice.words(decision.source if any(decision.source.values()) else decision.decided_by),
        "licence": decision.indicator.licence if decision.indicator else "",
        "quality": _KIND_OF_TARGET[decision.standing],
        "data_through": day or decision.decided_on or timezone.localdate(decision.created_at),
    }


def goals_told(voice: Voice, plan: str, version: int, part: Sequence[GoalRow]) -> Iterable[dict[str, Any]]:
    """Return goals; one query more than the list itself."""
    newest = newest_behind(row.status.shown for row in part if row.status.shown)
    for row in part:
        shown = row.status.shown
        decision = shown.decision if shown else None
        yield {
            "id": row.element,
            "number": row.number,
            "wording": voice.words(row.wording),
            "plan": plan,
            "version": version,
            "draft": row.draft,
            "main_goal": row.main_goal or None,
            "section": row.section or None,
            "status": status_told(voice, row.status),
            "deadline": decision.deadline if decision else None,
            "place": decision.place_id if decision else None,
            "indicator": decision.indicator_id if decision else None,
            "value": value_told(voice, shown, newest),
            "target": decided_figure(voice, decision, decision.target) if decision else None,
            "links": goal_links(voice, row.element),
        }


def goal_links(voice: Voice, element_id: str) -> dict[str, Any]:
    """Return the addresses of a goal."""
    return {
        "self": voice.api("goal", element_id),
        "page": voice.page("goal", element_id),
        "more": {
            "element": voice.api("element", element_id),
            "measures": f"{voice.api('measures')}?goal={element_id}",
            "changes": voice.page("feed-goal", element_id, "atom"),
        },
    }


class Goals(Paging):
    """Which goals."""

    plan: str | None = Field(None, max_length=60, description="The regional development plan if left out.")
    status: GoalStatusCode | None = None
    section: str | None = Field(None, max_length=100, description="Id of a section or main goal.")
    place: str | None = Field(
        None, max_length=60, description="Goals that are decided for this organisation."
    )
    standing: GoalStanding | None = None
    q: str | None = Field(None, max_length=100, description="Words of the goal or its id.")
    sort: Literal["plan", "status", "deadline"] = Field(
        "plan", description="plan: reading order; status: worst first."
    )


@router.get("/goals", response=Listing[GoalOut], summary="List the goals of a plan with their status")
def goals(request: HttpRequest, response: HttpResponse, query: Query[Goals]) -> Any:
    """Goals of the plan in force: the code of the status, the sentence that says why, the newest figure, the target."""
    voice = Voice(request)
    voice.unless_known(response)
    filters = Filters(
        plan=query.plan or "",
        status=query.status or "",
        section=query.section or "",
        place=query.place or "",
        standing=query.standing or "",
        text=query.q or "",
    )
    found = goal_list(filters, drafts=voice.drafts)
    if found.version is None:
        return voice.listing(response, [], query, list)
    rows = found.rows
    if query.sort == "status":
        rows.sort(key=lambda row: ORDER.index(row.status.code))
    elif query.sort == "deadline":
        rows.sort(key=lambda row: (row.status.deadline is None, row.status.deadline or datetime.date.max))
    plan, version = found.version.plan_id, found.version.number
    return voice.listing(response, rows, query, lambda part: goals_told(voice, plan, version, part))


# ---------------------------------------------------------------- one goal
class OverrideOut(Out):
    """A status set by hand."""

    id: int
    status: str
    reason: str
    expires: datetime.date
    by: str | None = Field(description="Told only to those who have a role there.")


class TermsOut(Out):
    """What was decided about a goal at one place. It is never changed: a new decision supersedes it."""

    id: int
    place: str
    indicator: str | None
    type: str
    direction: str
    standing: str
    baseline: Figure | None
    baseline_date: datetime.date | None
    target: Figure | None
    target_low: Figure | None
    target_high: Figure | None
    tolerance: float = Field(description="In the unit of the indicator.")
    deadline: datetime.date | None
    decided_by: Words
    case_number: str
    decided_on: datetime.date | None
    source: Words
    note: Words
    supersedes: int | None
    in_force: bool


class JudgedOut(TermsOut):
    """A decision in force, judged."""

    status: str
    sentence: Words
    rule: Words
    value: Figure | None
    override: OverrideOut | None


class GoalDetail(Out):
    """A goal with all that was decided about it."""

    id: str
    number: str
    wording: Words
    plan: str
    version: int
    draft: bool
    status: StatusOut
    decisions: list[JudgedOut] = Field(description="In force: the one that is shown first.")
    earlier: list[TermsOut] = Field(description="Superseded, newest first.")
    measures: list[Ref]
    links: Links


def terms_told(voice: Voice, one: GoalDecision, *, force: bool) -> dict[str, Any]:
    """Return a decision."""
    return {
        "id": one.pk,
        "place": one.place_id,
        "indicator": one.indicator_id,
        "type": one.type,
        "direction": one.direction,
        "standing": one.standing,
        "baseline": decided_figure(voice, one, one.baseline, one.baseline_date),
        "baseline_date": one.baseline_date,
        "target": decided_figure(voice, one, one.target),
        "target_low": decided_figure(voice, one, one.target_low),
        "target_high": decided_figure(voice, one, one.target_high),
        "tolerance": one.tolerance,
        "deadline": one.deadline,
        "decided_by": voice.words(one.decided_by),
        "case_number": one.case_number,
        "decided_on": one.decided_on,
        "source": voice.words(one.source),
        "note": voice.words(one.note),
        "supersedes": one.supersedes_id,
        "in_force": force,
    }


def judged_told(
    voice: Voice, part: PartStatus, newest: Newest, overrides: dict[int, Override]
) -> dict[str, Any]:
    """Return a decision in force with its status."""
    decision = part.decision
    manual = overrides.get(decision.pk) if part.status.override else None
    by = manual.created_by if manual else None
    named = by is not None and voice.names(decision.place)
    return {
        **terms_told(voice, decision, force=True),
        "status": part.code,
        "sentence": voice.made(lambda language: nameless(part, voice).said_in(language)),
        "rule": voice.made(lambda language: rule_text(part.rule, language, part.unit)),
        "value": value_told(voice, part, newest),
        "override": manual
        and {
            "id": manual.pk,
            "status": manual.status,
            "reason": manual.reason,
            "expires": manual.expires,
            "by": (by.get_full_name() or by.get_username()) if named and by else None,
        },
    }


def goal_seen(voice: Voice, element_id: str) -> tuple[Element, Node]:
    """Return a goal and its place in force, or answer that it is not here."""
    one = voice.element(element_id)
    nodes = one.nodes.select_related("version__plan", "wording")
    seen = [node for node in nodes if node.version.is_frozen or node.version.plan_id in voice.drafts]
    own = [node for node in seen if node.version.plan_id == one.origin_id] or seen
    force = in_force([node.version for node in own], drafts=True)
    node = next(node for node in own if force is not None and node.version_id == force.pk)
    if one.kind != Element.Kind.GOAL and not one.decisions.exists():
        raise Http404
    return one, node


def goal_answer(voice: Voice, response: HttpResponse, element_id: str) -> dict[str, Any]:
    """Return one goal as it is answered; about twelve queries."""
    one, node = goal_seen(voice, element_id)
    status = goal_statuses([one.pk])[one.pk]
    decisions = list(
        GoalDecision.objects.filter(goal=one)
        .select_related("place__parent__parent", "indicator")
        .order_by("-id")
    )
    force = {part.decision.pk for part in status.parts}
    overrides = {
        found.decision_id: found
        for found in Override.objects.filter(decision__in=force, ended_at=None)
        .select_related("created_by")
        .order_by("id")
    }
    newest = newest_behind(status.parts)
    measures = Measure.objects.filter(goals=one)
    told = {
        "id": one.pk,
        "number": node.number,
        "wording": voice.words(node.wording.heading),
        "plan": node.version.plan_id,
        "version": node.version.number,
        "draft": node.version.state == Version.State.DRAFT,
        "status": status_told(voice, status),
        "decisions": [judged_told(voice, part, newest, overrides) for part in status.parts],
        "earlier": [terms_told(voice, found, force=False) for found in decisions if found.pk not in force],
        "measures": [voice.ref("measure", found.pk, found.title) for found in measures],
        "links": goal_links(voice, one.pk),
    }
    return voice.told(response, told, last_change(one))


@router.get("/goals/{goal_id}", response=GoalDetail, summary="One goal")
def goal(request: HttpRequest, response: HttpResponse, goal_id: str, how: Query[One]) -> Any:
    """One goal: its status with the sentence and the rule, the decisions in force and those that they superseded."""
    return goal_answer(Voice(request), response, goal_id)
