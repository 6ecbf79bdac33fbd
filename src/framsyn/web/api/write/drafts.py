"""Editing a draft: every step that the editor's page has, on one element at a time."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Field, Query
from pydantic import StringConstraints

from framsyn.web.api.fields import Id, In, Reason, WordsIn
from framsyn.web.api.kinds import ElementKind
from framsyn.web.api.read.elements import PlacedOut, placed_answer
from framsyn.web.api.read.plans import VersionOut, router, version_answer, version_seen
from framsyn.web.api.voice import Voice
from framsyn.web.api.write.common import does, made, text, unknown
from framsyn.web.api.write.plans import seen_of
from framsyn.web.plan import actions
from framsyn.web.plan.models import Version

DRAFTS = ["Drafts"]
_DRAFT = "/plans/{plan_id}/versions/{number}"
_ELEMENT = _DRAFT + "/elements/{element_id}"
Number_ = Annotated[str, StringConstraints(max_length=20)]
Position = Annotated[
    int, Field(ge=0, le=100_000, description="Index among the shown children; last if left out.")
]


def draft_of(voice: Voice, plan_id: str, number: int) -> Version:
    """Return a version that the caller may see; the action refuses one that is frozen."""
    return version_seen(voice, plan_id, number)[1]


def known(draft: Version, name: str | None, field: str) -> None:
    """Refuse an element that is no part of the draft: the actions take ids that a page has offered."""
    if name is not None and not draft.nodes.filter(element=name).exists():
        raise unknown(field, name)


def draft_with(voice: Voice, plan_id: str, number: int, element_id: str) -> Version:
    """Return a version that has an element, or answer that it is not here."""
    draft = draft_of(voice, plan_id, number)
    get_object_or_404(draft.nodes, element=element_id)
    return draft


class AddIn(In):
    """A new element, or one that exists already in this or another plan (`element`)."""

    kind: ElementKind | None = None
    element: Id | None = None
    title: WordsIn = {}
    text: WordsIn = {}
    parent: Id | None = Field(None, description="At the top if left out.")
    position: Position | None = None
    number: Number_ = ""
    reason: Reason = ""


@router.post(
    _DRAFT + "/elements",
    response={201: PlacedOut},
    summary="Add an element",
    tags=DRAFTS,
    openapi_extra=does("plan.add_element"),
)
def add_element(request: HttpRequest, response: HttpResponse, plan_id: str, number: int, sent: AddIn) -> Any:
    """Add an element to a draft. Needs If-Match with the draft's ETag."""
    voice = Voice(request)
    draft = draft_of(voice, plan_id, number)
    known(draft, sent.parent, "parent")
    if sent.element is not None and not voice.visible([sent.element]):
        raise unknown("element", sent.element)
    edit = actions.add_element(
        voice.actor,
        draft,
        seen_of(request, draft),
        kind=sent.kind or "",
        title=text(sent.title),
        text=text(sent.text),
        parent=sent.parent,
        position=sent.position,
        number=sent.number,
        element=sent.element,
        reason=sent.reason,
    )
    made(response, voice.api("version_element", plan_id, number, edit.element_id))
    return placed_answer(voice, response, plan_id, number, edit.element_id)


class WordsChange(In):
    """Other words for an element."""

    title: WordsIn
    text: WordsIn
    number: Number_ | None = None
    reason: Reason = ""


@router.put(
    _ELEMENT,
    response=PlacedOut,
    summary="Change the words",
    tags=DRAFTS,
    openapi_extra=does("plan.change_text"),
)
def change_words(
    request: HttpRequest,
    response: HttpResponse,
    plan_id: str,
    number: int,
    element_id: str,
    sent: WordsChange,
) -> Any:
    """Give an element other words. Others' work on other elements is no obstacle. Needs If-Match with the draft's ETag."""
    voice = Voice(request)
    draft = draft_with(voice, plan_id, number, element_id)
    seen = seen_of(request, draft)
    actions.change_text(
        voice.actor,
        draft,
        seen,
        element_id,
        title=text(sent.title),
        text=text(sent.text),
        number=sent.number,
        reason=sent.reason,
    )
    return placed_answer(voice, response, plan_id, number, element_id)


class MoveIn(In):
    """Another place for an element, with all that stands under it."""

    parent: Id | None = Field(None, description="At the top if left out.")
    position: Position | None = None
    reason: Reason = ""


@router.post(
    _ELEMENT + "/move",
    response=PlacedOut,
    summary="Move an element",
    tags=DRAFTS,
    openapi_extra=does("plan.move"),
)
def move(
    request: HttpRequest, response: HttpResponse, plan_id: str, number: int, element_id: str, sent: MoveIn
) -> Any:
    """Place an element somewhere else. Needs If-Match with the draft's ETag."""
    voice = Voice(request)
    draft = draft_with(voice, plan_id, number, element_id)
    known(draft, sent.parent, "parent")
    seen = seen_of(request, draft)
    actions.move(
        voice.actor, draft, seen, element_id, parent=sent.parent, position=sent.position, reason=sent.reason
    )
    return placed_answer(voice, response, plan_id, number, element_id)


class Part(In):
    """One of the two parts."""

    title: WordsIn = {}
    text: WordsIn = {}


class SplitIn(In):
    """An element in two: it keeps its id with the first words; the second become a new element right after it."""

    first: Part
    second: Part
    reason: Reason = ""


@router.post(
    _ELEMENT + "/split",
    response={201: PlacedOut},
    summary="Split an element",
    tags=DRAFTS,
    openapi_extra=does("plan.split"),
)
def split(
    request: HttpRequest, response: HttpResponse, plan_id: str, number: int, element_id: str, sent: SplitIn
) -> Any:
    """Part an element in two; the new one's address is the header Location. Needs If-Match with the draft's ETag."""
    voice = Voice(request)
    draft = draft_with(voice, plan_id, number, element_id)
    seen = seen_of(request, draft)
    first, second = ((text(part.title), text(part.text)) for part in (sent.first, sent.second))
    edit = actions.split(voice.actor, draft, seen, element_id, first=first, second=second, reason=sent.reason)
    new = next(name for name, state in edit.before.items() if state is None)
    made(response, voice.api("version_element", plan_id, number, new))
    return placed_answer(voice, response, plan_id, number, element_id)


class MergeIn(In):
    """What an element is merged into, and the words of the two together."""

    target: Id
    title: WordsIn | None = None
    text: WordsIn | None = None
    reason: Reason = ""


@router.post(
    _ELEMENT + "/merge",
    response=PlacedOut,
    summary="Merge an element",
    tags=DRAFTS,
    openapi_extra=does("plan.merge"),
)
def merge(
    request: HttpRequest, response: HttpResponse, plan_id: str, number: int, element_id: str, sent: MergeIn
) -> Any:
    """Merge an element into another of its kind; the other is answered. Needs If-Match with the draft's ETag."""
    voice = Voice(request)
    draft = draft_with(voice, plan_id, number, element_id)
    known(draft, sent.target, "target")
    actions.merge(
        voice.actor,
        draft,
        seen_of(request, draft),
        element_id,
        sent.target,
        title=None if sent.title is None else text(sent.title),
        text=None if sent.text is None else text(sent.text),
        reason=sent.reason,
    )
    return placed_answer(voice, response, plan_id, number, sent.target)


class Why(In):
    """Why something is taken away."""

    reason: Reason = ""


@router.delete(
    _ELEMENT, response=VersionOut, summary="Remove an element", tags=DRAFTS, openapi_extra=does("plan.remove")
)
def remove(
    request: HttpRequest, response: HttpResponse, plan_id: str, number: int, element_id: str, why: Query[Why]
) -> Any:
    """Take an element, and all under it, out of a draft. It can be restored. Needs If-Match with the draft's ETag."""
    voice = Voice(request)
    draft = draft_with(voice, plan_id, number, element_id)
    actions.remove(voice.actor, draft, seen_of(request, draft), element_id, reason=why.reason)
    return version_answer(voice, response, plan_id, number)


class RestoreIn(In):
    """What comes back: a hidden element, an element's words in another version, or a whole version."""

    element: Id | None = None
    version: int | None = Field(None, ge=1, le=2**31 - 1, description="Number of a version of this plan.")
    reason: Reason = ""


@router.post(
    _DRAFT + "/restore",
    response=VersionOut,
    summary="Restore",
    tags=DRAFTS,
    openapi_extra=does("plan.restore"),
)
def restore(request: HttpRequest, response: HttpResponse, plan_id: str, number: int, sent: RestoreIn) -> Any:
    """Bring something back into a draft. Needs If-Match with the draft's ETag."""
    voice = Voice(request)
    draft = draft_of(voice, plan_id, number)
    source = version_seen(voice, plan_id, sent.version)[1] if sent.version else None
    seen = seen_of(request, draft)
    actions.restore(voice.actor, draft, seen, element=sent.element, source=source, reason=sent.reason)
    return version_answer(voice, response, plan_id, number)


@router.post(
    _DRAFT + "/undo",
    response=VersionOut,
    summary="Undo the last edit",
    tags=DRAFTS,
    openapi_extra=does("plan.undo"),
)
def undo(request: HttpRequest, response: HttpResponse, plan_id: str, number: int) -> Any:
    """Undo the last edit in force. Needs If-Match with the draft's ETag."""
    voice = Voice(request)
    draft = draft_of(voice, plan_id, number)
    actions.undo(voice.actor, draft, seen_of(request, draft))
    return version_answer(voice, response, plan_id, number)


@router.post(
    _DRAFT + "/redo",
    response=VersionOut,
    summary="Do again what was undone",
    tags=DRAFTS,
    openapi_extra=does("plan.redo"),
)
def redo(request: HttpRequest, response: HttpResponse, plan_id: str, number: int) -> Any:
    """Do again what was undone last. Needs If-Match with the draft's ETag."""
    voice = Voice(request)
    draft = draft_of(voice, plan_id, number)
    actions.redo(voice.actor, draft, seen_of(request, draft))
    return version_answer(voice, response, plan_id, number)
