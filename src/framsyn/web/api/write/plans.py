"""Plans and versions as a whole, and links between elements."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, Query
from pydantic import StringConstraints

from framsyn.web.api.etags import seen_by
from framsyn.web.api.fields import Day, Id, In, Reason, WordsIn
from framsyn.web.api.kinds import LinkKind, PlanKind
from framsyn.web.api.read.elements import ElementOut, element_answer
from framsyn.web.api.read.plans import VersionOut, plan_seen, router, version_answer, version_seen
from framsyn.web.api.voice import Voice
from framsyn.web.api.write.common import (
    DecisionIn,
    does,
    elements_named,
    made,
    organisation_named,
    plans_named,
    text,
)
from framsyn.web.plan.edits import last_edit
from framsyn.web.plan.models import Link, Version
from framsyn.web.plan.versions import create_plan, discard_version, link, open_version, publish, unlink


class PlanIn(In):
    """A new plan; it begins with an empty draft."""

    id: Annotated[str, StringConstraints(max_length=60)]
    kind: PlanKind
    organisation: Id
    title: WordsIn
    summary: WordsIn = {}
    period_from: int | None = Field(None, ge=1990, le=2200)
    period_to: int | None = Field(None, ge=1990, le=2200)
    parent: Id | None = Field(None, description="The plan that it follows up.")
    theme: Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z0-9-]*$")] = ""


@router.post("/plans", response={201: VersionOut}, summary="Make a plan", openapi_extra=does("plan.create"))
def make_plan(request: HttpRequest, response: HttpResponse, sent: PlanIn) -> Any:
    """Make a plan with an empty draft; the draft is answered."""
    voice = Voice(request)
    parent = plans_named(voice, [sent.parent], "parent")[0] if sent.parent else None
    draft = create_plan(
        voice.actor,
        sent.id,
        kind=sent.kind,
        organisation=organisation_named(sent.organisation),
        title=text(sent.title),
        summary=text(sent.summary),
        period=(sent.period_from, sent.period_to),
        parent=parent,
        theme=sent.theme,
    )
    made(response, voice.api("version", draft.plan_id, draft.number))
    return version_answer(voice, response, draft.plan_id, draft.number)


class VersionIn(In):
    """A draft begins as another version stood."""

    based_on: int | None = Field(
        None, ge=1, le=2**31 - 1, description="Number of a version; the latest if left out."
    )
    label: WordsIn = {}


@router.post(
    "/plans/{plan_id}/versions",
    response={201: VersionOut},
    summary="Open a draft",
    openapi_extra=does("plan.open_version"),
)
def open_draft(request: HttpRequest, response: HttpResponse, plan_id: str, sent: VersionIn) -> Any:
    """Open a draft of a plan. There is one at a time."""
    voice = Voice(request)
    one, _versions = plan_seen(voice, plan_id)
    based_on = version_seen(voice, plan_id, sent.based_on)[1] if sent.based_on else None
    draft = open_version(voice.actor, one, based_on=based_on, label=text(sent.label))
    made(response, voice.api("version", plan_id, draft.number))
    return version_answer(voice, response, plan_id, draft.number)


def seen_of(request: HttpRequest, version: Version) -> int:
    """Return the last edit that the caller saw; with ``*`` the last one there is."""
    seen = seen_by(request)
    return last_edit(version) if seen is None else seen


class PublishIn(In):
    """How a draft becomes a version that never changes."""

    date: Day
    state: Literal["published", "consultation"] = "published"
    decision: DecisionIn | None = Field(None, description="Who decided; needed to publish.")
    label: WordsIn | None = None
    note: WordsIn | None = None


@router.post(
    "/plans/{plan_id}/versions/{number}/publish",
    response=VersionOut,
    summary="Publish a draft",
    openapi_extra=does("plan.publish"),
)
def publish_draft(
    request: HttpRequest, response: HttpResponse, plan_id: str, number: int, sent: PublishIn
) -> Any:
    """Publish a draft, or send it out for consultation. Needs If-Match with the draft's ETag."""
    voice = Voice(request)
    _plan, draft = version_seen(voice, plan_id, number)
    publish(
        voice.actor,
        draft,
        seen_of(request, draft),
        date=sent.date,
        state=sent.state,
        decision=sent.decision.facts() if sent.decision else None,
        label=None if sent.label is None else text(sent.label),
        note=None if sent.note is None else text(sent.note),
    )
    return version_answer(voice, response, plan_id, number)


class Why(In):
    """Why something is taken away."""

    reason: Reason = ""


@router.delete(
    "/plans/{plan_id}/versions/{number}",
    response={204: None},
    summary="Throw a draft away",
    openapi_extra=does("plan.discard_version"),
)
def discard(request: HttpRequest, response: HttpResponse, plan_id: str, number: int, why: Query[Why]) -> Any:
    """Throw a draft away. Its elements keep their ids. Needs If-Match with the draft's ETag."""
    voice = Voice(request)
    _plan, draft = version_seen(voice, plan_id, number)
    discard_version(voice.actor, draft, seen_of(request, draft), reason=why.reason)


# ---------------------------------------------------------------- links
class LinkIn(In):
    """How one element relates to another."""

    source: Id
    target: Id
    kind: LinkKind
    note: WordsIn = {}


@router.post(
    "/links", response={201: ElementOut}, summary="Link two elements", openapi_extra=does("plan.link")
)
def make_link(request: HttpRequest, response: HttpResponse, sent: LinkIn) -> Any:
    """Join two elements; the source is answered with all its links."""
    voice = Voice(request)
    source = voice.element(sent.source)
    target = elements_named(voice, [sent.target], "target")[0]
    link(voice.actor, source, target, sent.kind, note=text(sent.note))
    made(response, voice.api("element", source.pk))
    return element_answer(voice, response, source.pk)


@router.delete(
    "/elements/{element_id}/links/{link_id}",
    response=ElementOut,
    summary="Take a link away",
    openapi_extra=does("plan.unlink"),
)
def remove_link(
    request: HttpRequest, response: HttpResponse, element_id: str, link_id: int, why: Query[Why]
) -> Any:
    """Take a link of an element away, whichever end it is; the element is answered."""
    voice = Voice(request)
    one = voice.element(element_id)
    ends = Link.objects.select_related("source__origin__organisation__parent__parent__parent")
    joined = ends.filter(Q(source=one) | Q(target=one), pk=link_id).first()
    if joined is None:
        raise Http404
    unlink(voice.actor, joined, reason=why.reason)
    return element_answer(voice, response, element_id)
