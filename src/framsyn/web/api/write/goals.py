"""Deciding goals and choices of path, and recording decisions."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Field, Query
from pydantic import StringConstraints

from framsyn.web.api.etags import seen_by
from framsyn.web.api.fields import Day, Id, In, Number, Reason, WordsIn
from framsyn.web.api.kinds import GoalDirection, GoalStanding, GoalType, HandStatus
from framsyn.web.api.read.elements import ChoiceOut, choice_answer
from framsyn.web.api.read.goals import GoalDetail, goal_answer, goal_seen, router
from framsyn.web.api.read.organisations import DecisionOut, decision_told
from framsyn.web.api.read.organisations import router as decisions
from framsyn.web.api.read.plans import router as plans
from framsyn.web.api.voice import Voice
from framsyn.web.api.write.common import (
    CaseNumber,
    DecisionIn,
    does,
    indicator_named,
    made,
    organisation_named,
    text,
)
from framsyn.web.goals.actions import Terms, decide, end_override, override
from framsyn.web.goals.models import GoalDecision, Override
from framsyn.web.locking import last_change
from framsyn.web.plan.choices import decide_choice
from framsyn.web.plan.versions import record_decision


class TermsIn(In):
    """What a goal demands at one place. Numbers are in the unit of the indicator, a share in 0–1."""

    place: Id = Field(description="Id of an organisation.")
    type: GoalType
    standing: GoalStanding = "decided"
    indicator: Id | None = None
    direction: GoalDirection | None = None
    baseline: Number | None = None
    baseline_date: Day | None = None
    target: Number | None = None
    target_low: Number | None = None
    target_high: Number | None = None
    tolerance: Number = 0.0
    deadline: Day | None = None
    decided_by: WordsIn = {}
    case_number: CaseNumber = ""
    decided_on: Day | None = None
    source: WordsIn = {}
    note: WordsIn = {}
    supersedes: int | None = Field(
        None,
        ge=1,
        le=2**53,
        description="The decision that falls away; without it the one in force for the same place and indicator.",
    )
    reason: Reason = ""

    def terms(self) -> Terms:
        """Return them as the action takes them."""
        plain = (
            "baseline",
            "baseline_date",
            "target",
            "target_low",
            "target_high",
            "tolerance",
            "deadline",
            "decided_on",
        )
        return Terms(
            type=self.type,
            standing=self.standing,
            indicator=indicator_named(self.indicator),
            direction=self.direction or "",
            case_number=self.case_number,
            decided_by=text(self.decided_by),
            source=text(self.source),
            note=text(self.note),
            **{name: getattr(self, name) for name in plain},
        )


@router.post(
    "/goals/{goal_id}/decisions",
    response={201: GoalDetail},
    summary="Decide what a goal demands",
    openapi_extra=does("goal.decide"),
)
def decide_goal(request: HttpRequest, response: HttpResponse, goal_id: str, terms: TermsIn) -> Any:
    """Record a decision. An earlier one is never changed: the new one supersedes it. Needs If-Match with the goal's ETag."""
    voice = Voice(request)
    one = voice.element(goal_id)  # what is no goal yet becomes one by its first decision
    seen = seen_by(request)
    place = organisation_named(terms.place, "place")
    old = None
    if terms.supersedes is not None:
        old = get_object_or_404(GoalDecision, goal=one, pk=terms.supersedes)
    decide(voice.actor, one, place, terms.terms(), supersedes=old, reason=terms.reason, seen=seen)
    made(response, voice.api("goal", goal_id))
    return goal_answer(voice, response, goal_id)


class OverrideIn(In):
    """A status set by hand."""

    status: HandStatus
    reason: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    expires: Day = Field(description="Last day that it holds: within a year.")


@router.post(
    "/goals/{goal_id}/decisions/{decision_id}/override",
    response={201: GoalDetail},
    summary="Set the status of a goal by hand",
    openapi_extra=does("goal.override"),
)
def override_status(
    request: HttpRequest, response: HttpResponse, goal_id: str, decision_id: int, sent: OverrideIn
) -> Any:
    """Set the status of a decision by hand, with a reason and an end. Needs If-Match with the goal's ETag."""
    voice = Voice(request)
    one, _node = goal_seen(voice, goal_id)
    query = GoalDecision.objects.select_related(
        "place__parent__parent__parent", "goal", "wording", "indicator"
    )
    decision = get_object_or_404(query, goal=one, pk=decision_id)
    override(voice.actor, decision, sent.status, sent.reason, sent.expires, seen=seen_by(request))
    made(response, voice.api("goal", goal_id))
    return goal_answer(voice, response, goal_id)


class Why(In):
    """Why something is taken away."""

    reason: Reason = ""


@router.delete(
    "/goals/{goal_id}/overrides/{override_id}",
    response=GoalDetail,
    summary="End a status set by hand",
    openapi_extra=does("goal.end_override"),
)
def end_status(
    request: HttpRequest, response: HttpResponse, goal_id: str, override_id: int, why: Query[Why]
) -> Any:
    """The rule speaks again. Needs If-Match with the goal's ETag."""
    voice = Voice(request)
    one, _node = goal_seen(voice, goal_id)
    query = Override.objects.select_related(
        "decision__place__parent__parent__parent", "decision__goal", "decision__wording"
    )
    manual = get_object_or_404(query, pk=override_id, decision__goal=one)
    end_override(voice.actor, manual, reason=why.reason, seen=seen_by(request))
    return goal_answer(voice, response, goal_id)


class ChoiceIn(In):
    """The options of a choice of path and, with a decision, which one was taken."""

    options: list[WordsIn] = Field(min_length=2, max_length=20)
    chosen: int | None = Field(
        None, ge=0, le=19, description="Index of the option taken; none while it is open."
    )
    reasons: WordsIn = {}
    decision: DecisionIn | None = Field(None, description="Who decided; needed when one is taken.")


@plans.put(
    "/choices/{element_id}",
    response=ChoiceOut,
    summary="Decide a choice of path",
    openapi_extra=does("choice.decide"),
)
def decide_path(request: HttpRequest, response: HttpResponse, element_id: str, sent: ChoiceIn) -> Any:
    """Write down the options and, with a decision, the one that was taken. Needs If-Match with the choice's ETag."""
    voice = Voice(request)
    one = voice.element(element_id)
    decide_choice(
        voice.actor,
        one,
        options=[text(option) for option in sent.options],
        chosen=sent.chosen,
        reasons=text(sent.reasons),
        decision=sent.decision.facts() if sent.decision else None,
        seen=seen_by(request),
    )
    return choice_answer(voice, response, element_id)


class RecordIn(DecisionIn):
    """A decision of a board or a meeting of an organisation."""

    organisation: Id


@decisions.post(
    "/decisions",
    response={201: DecisionOut},
    summary="Record a decision of a board or a meeting",
    openapi_extra=does("decision.record"),
)
def record(request: HttpRequest, response: HttpResponse, sent: RecordIn) -> Any:
    """Record what was decided, by whom, and under which case number."""
    voice = Voice(request)
    one = record_decision(voice.actor, organisation_named(sent.organisation), sent.facts())
    made(response, voice.api("decision", one.pk))
    return voice.told(response, decision_told(voice, one), last_change(one))
