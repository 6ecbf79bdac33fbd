"""Organisations, decisions, search and changes."""

from __future__ import annotations

import datetime
import html
import re
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema

from framsyn.web.accounts.models import Organisation
from framsyn.web.api.fields import Links, Listing, One, Out, Paging, Ref, Words
from framsyn.web.api.voice import Voice
from framsyn.web.feeds.queries import THINGS, PublicChange, public_changes
from framsyn.web.languages import current_language
from framsyn.web.locking import last_change
from framsyn.web.plan.models import Decision
from framsyn.web.search.queries import PER_PAGE, find

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

router = Router(tags=["Organisations, decisions, search, changes"])
_MARK = re.compile(r"</?mark>")
Kind = Literal["plan", "element", "goal", "indicator", "measure", "data", "place", "scenario"]


class OrganisationOut(Out):
    """A body that owns plans, goals, indicators or measures."""

    id: str
    kind: str
    parent: str | None
    org_number: str
    name: Words
    short: Words
    note: Words
    links: Links


def organisation_told(voice: Voice, one: Organisation) -> dict[str, Any]:
    """Return an organisation."""
    return {
        "id": one.pk,
        "kind": one.kind,
        "parent": one.parent_id,
        "org_number": one.org_number,
        "name": voice.words(one.name),
        "short": voice.words(one.short),
        "note": voice.words(one.note),
        "links": {
            "self": voice.api("organisation", one.pk),
            "more": {
                "measures": f"{voice.api('measures')}?organisation={one.pk}",
                "goals": f"{voice.api('goals')}?place={one.pk}",
            },
        },
    }


@router.get("/organisations", response=Listing[OrganisationOut], summary="List organisations")
def organisations(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> Any:
    """All organisations in the order of the hierarchy."""
    voice = Voice(request)
    voice.unless_known(response)
    tell = lambda part: (organisation_told(voice, one) for one in part)  # noqa: E731
    return voice.listing(response, Organisation.objects.all(), paging, tell)


@router.get("/organisations/{organisation_id}", response=OrganisationOut, summary="One organisation")
def organisation(request: HttpRequest, response: HttpResponse, organisation_id: str, how: Query[One]) -> Any:
    """One organisation."""
    voice = Voice(request)
    one = get_object_or_404(Organisation, pk=organisation_id)
    return voice.told(response, organisation_told(voice, one), last_change(one))


class DecisionOut(Out):
    """What a board, a meeting or a minister decided."""

    id: int
    organisation: str
    title: Words
    body: Words
    case_number: str
    date: datetime.date
    text: Words
    url: str
    links: Links


def decision_told(voice: Voice, one: Decision) -> dict[str, Any]:
    """Return a decision."""
    return {
        "id": one.pk,
        "organisation": one.organisation_id,
        "title": voice.words(one.title),
        "body": voice.words(one.body),
        "case_number": one.case_number,
        "date": one.date,
        "text": voice.words(one.text),
        "url": one.url,
        "links": {"self": voice.api("decision", one.pk)},
    }


@router.get("/decisions", response=Listing[DecisionOut], summary="List decisions of boards and meetings")
def decisions(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> Any:
    """Recorded decisions, newest first."""
    voice = Voice(request)
    voice.unless_known(response)
    tell = lambda part: (decision_told(voice, one) for one in part)  # noqa: E731
    return voice.listing(response, Decision.objects.all(), paging, tell)


@router.get("/decisions/{decision_id}", response=DecisionOut, summary="One decision")
def decision(request: HttpRequest, response: HttpResponse, decision_id: int, how: Query[One]) -> Any:
    """One recorded decision."""
    voice = Voice(request)
    one = get_object_or_404(Decision, pk=decision_id)
    return voice.told(response, decision_told(voice, one), last_change(one))


# ---------------------------------------------------------------- search
class Looking(Schema):
    """What is looked for."""

    q: str = Field(max_length=200, description="Words; all of them, the last perhaps not to its end.")
    kind: Kind | None = Field(None, description="Of one kind alone, a page at a time.")
    page: int = Field(1, ge=1, le=1000)
    lang: Literal["nb", "nn", "en"] | None = Field(None, description="Language form that is searched.")


class Hit(Out):
    """One thing found."""

    title: str
    excerpt: str
    page: str


class Group(Out):
    """What was found of one kind."""

    kind: str
    count: int
    hits: list[Hit]


class Found(Out):
    """What was found, by kind in the order of the best hit."""

    q: str
    language: str
    total: int
    how: str = Field(
        description="`all` of the words; `language`: so in another language form; `some`; `beginning`; `nothing`."
    )
    per_page: int
    groups: list[Group]


@router.get(
    "/search", response=Found, summary="Search plan, goals, indicators, measures, scenarios, places and data"
)
def search(request: HttpRequest, response: HttpResponse, query: Query[Looking]) -> Any:
    """The best hits of each kind; with `kind` all of that kind, 20 at a time. Neither drafts nor others' own scenarios."""
    voice = Voice(request)
    voice.unless_known(response)
    language = query.lang or current_language()
    response["Content-Languages"] = language
    found = find(query.q, language, query.kind or "", query.page, voice.actor)
    return {
        "q": query.q,
        "language": language,
        "total": found.count,
        "how": found.how,
        "per_page": PER_PAGE,
        "groups": [
            {
                "kind": group.kind,
                "count": group.count,
                "hits": [
                    {
                        "title": plain(hit.title),
                        "excerpt": plain(hit.excerpt),
                        "page": request.build_absolute_uri(hit.address),
                    }
                    for hit in group.hits
                ],
            }
            for group in found.groups
        ],
    }


def plain(marked: str) -> str:
    """Return words without the marks of the page."""
    return html.unescape(_MARK.sub("", str(marked)))


# ---------------------------------------------------------------- changes
class Changes(Paging):
    """Which changes."""

    kind: Literal["plan", "goal", "indicator", "measure"] | None = None
    id: str | None = Field(None, max_length=100, description="Of one thing; needs `kind`.")
    since: datetime.date | None = Field(None, description="From this day on.")


class ChangeOut(Out):
    """One change that everybody may know of."""

    id: int
    at: datetime.datetime
    action: str = Field(description="The action, such as `goal.decide`.")
    what: Words
    kind: str | None
    thing: Ref | None
    title: Words
    reason: str


@router.get("/changes", response=Listing[ChangeOut], summary="What changed")
def changes(request: HttpRequest, response: HttpResponse, query: Query[Changes]) -> Any:
    """Public changes, newest first; work on drafts is not among them. The same as Atom and RSS: `/feeds/changes.atom`."""
    voice = Voice(request)
    voice.unless_known(response)
    found = public_changes(query.kind or "", query.id or "", since=query.since)
    return voice.listing(response, found, query, lambda part: changes_told(voice, part))


def what_of(change: PublicChange, _language: str) -> str:
    """Return what happened, in the language that is set."""
    return change.what


def changes_told(voice: Voice, part: Sequence[Any]) -> Iterable[dict[str, Any]]:
    """Return changes."""
    for change in part:
        thing = THINGS.get(change.kind)
        title = change.title
        yield {
            "id": change.id,
            "at": change.at,
            "action": change.action,
            "what": voice.made(partial(what_of, change)),
            "kind": change.kind or None,
            "thing": voice.ref(thing.resource, change.object_id, title) if thing else None,
            "title": voice.words(title),
            "reason": change.reason,
        }
