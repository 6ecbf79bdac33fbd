"""Plans and their versions."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router

from framsyn.web.api.fields import Links, Listing, One, Out, Paging, Words
from framsyn.web.api.read.organisations import DecisionOut, decision_told
from framsyn.web.api.voice import Voice
from framsyn.web.locking import last_change
from framsyn.web.plan.edits import last_edit
from framsyn.web.plan.models import Node, Plan, Version
from framsyn.web.plan.queries import in_force

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

router = Router(tags=["Plans"])


# ---------------------------------------------------------------- plans
class PlanOut(Out):
    """A plan at one level of the hierarchy."""

    id: str
    kind: str
    organisation: str
    parent: str | None = Field(description="The plan that it follows up.")
    theme: str
    title: Words
    summary: Words
    period_from: int | None
    period_to: int | None
    source: str
    source_date: str
    source_note: Words
    version: int | None = Field(description="Number of the version in force.")
    state: str | None = Field(
        description="published, consultation, withdrawn, or draft for those who may see it."
    )
    links: Links


def plan_told(voice: Voice, plan: Plan, version: Version | None, known: Iterable[str]) -> dict[str, Any]:
    """Return a plan; its parent only when the caller may know of it."""
    return {
        "id": plan.pk,
        "kind": plan.kind,
        "organisation": plan.organisation_id,
        "parent": plan.parent_id if plan.parent_id in known else None,
        "theme": plan.theme,
        "title": voice.words(plan.title),
        "summary": voice.words(plan.summary),
        "period_from": plan.period_from,
        "period_to": plan.period_to,
        "source": plan.source_title,
        "source_date": plan.source_date,
        "source_note": voice.words(plan.source_note),
        "version": version.number if version else None,
        "state": version.state if version else None,
        "links": {
            "self": voice.api("plan", plan.pk),
            "page": voice.page("plan", plan.pk),
            "more": {
                "versions": voice.api("versions", plan.pk),
                **({"elements": voice.api("version_elements", plan.pk, version.number)} if version else {}),
            },
        },
    }


def plans_seen(voice: Voice) -> dict[str, tuple[Plan, Version | None]]:
    """Return the plans that the caller may know of with the version in force; two queries for a stranger."""
    versions: defaultdict[str, list[Version]] = defaultdict(list)
    for version in Version.objects.order_by("number"):
        versions[version.plan_id].append(version)
    found = {}
    for plan in Plan.objects.select_related("organisation"):
        drafts = plan.pk in voice.drafts
        force = in_force(versions[plan.pk], drafts=drafts)
        if force is not None or drafts:
            found[plan.pk] = (plan, force)
    return found


@router.get("/plans", response=Listing[PlanOut], summary="List plans")
def plans(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> Any:
    """Plans in their order. Plans that are only drafts are shown to those who have a role there."""
    voice = Voice(request)
    voice.unless_known(response)
    seen = plans_seen(voice)
    tell = lambda part: (plan_told(voice, one, force, seen) for one, force in part)  # noqa: E731
    return voice.listing(response, list(seen.values()), paging, tell)


def plan_seen(voice: Voice, plan_id: str) -> tuple[Plan, list[Version]]:
    """Return a plan with the versions that the caller may see, or answer that it is not here."""
    query = Plan.objects.select_related("organisation__parent__parent__parent", "parent")
    plan = get_object_or_404(query, pk=plan_id)
    drafts = voice.sees("see.draft", plan.organisation, plan.pk)
    versions = Version.objects.filter(plan=plan).select_related("decision", "based_on").order_by("number")
    seen = [version for version in versions if drafts or version.is_frozen]
    if not seen and not drafts:
        raise Http404
    return plan, seen


@router.get("/plans/{plan_id}", response=PlanOut, summary="One plan")
def plan(request: HttpRequest, response: HttpResponse, plan_id: str, how: Query[One]) -> Any:
    """One plan with the number of its version in force."""
    voice = Voice(request)
    return plan_answer(voice, response, plan_id)


def plan_answer(voice: Voice, response: HttpResponse, plan_id: str) -> dict[str, Any]:
    """Return one plan as it is answered."""
    one, versions = plan_seen(voice, plan_id)
    force = in_force(versions, drafts=True)
    known = plans_seen(voice) if one.parent_id else ()
    return voice.told(response, plan_told(voice, one, force, known), last_change(one))


# ---------------------------------------------------------------- versions
class VersionOut(Out):
    """One version of a plan: a draft that is worked on, or a frozen one that never changes."""

    plan: str
    number: int
    label: Words
    state: str
    date: datetime.date | None
    based_on: int | None
    decision: DecisionOut | None
    note: Words
    created_at: datetime.datetime
    frozen_at: datetime.datetime | None
    digest: str = Field(description="SHA-256 of the whole text, set when it is frozen.")
    counts: dict[str, int] = Field(description="How many elements of each kind are shown.")
    links: Links


def version_told(
    voice: Voice, plan: Plan, one: Version, counts: dict[str, int], *, drafts: bool = False
) -> dict[str, Any]:
    """Return a version."""
    page = (
        voice.page("plan-version", plan.pk, one.number) if one.is_frozen else voice.page("plan-edit", plan.pk)
    )
    return {
        "plan": plan.pk,
        "number": one.number,
        "label": voice.words(one.label),
        "state": one.state,
        "date": one.date,
        "based_on": one.based_on.number if one.based_on and (drafts or one.based_on.is_frozen) else None,
        "decision": decision_told(voice, one.decision) if one.decision else None,
        "note": voice.words(one.note),
        "created_at": one.created_at,
        "frozen_at": one.frozen_at,
        "digest": one.digest,
        "counts": counts,
        "links": {
            "self": voice.api("version", plan.pk, one.number),
            "page": page,
            "more": {
                "elements": voice.api("version_elements", plan.pk, one.number),
                "plan": voice.api("plan", plan.pk),
            },
        },
    }


def counts_of(versions: Sequence[Version]) -> dict[int, dict[str, int]]:
    """Return how many elements of each kind versions show; one query."""
    found: dict[int, Counter[str]] = {version.pk: Counter() for version in versions}
    shown = Node.objects.filter(version__in=list(found), state=Node.State.SHOWN)
    for version, kind in shown.values_list("version_id", "element__kind"):
        found[version][kind] += 1
    return {version: dict(counts) for version, counts in found.items()}


@router.get("/plans/{plan_id}/versions", response=Listing[VersionOut], summary="List the versions of a plan")
def versions(request: HttpRequest, response: HttpResponse, plan_id: str, paging: Query[Paging]) -> Any:
    """Versions, newest first."""
    voice = Voice(request)
    one, seen = plan_seen(voice, plan_id)
    voice.unless_known(response)

    def tell(part: Sequence[Version]) -> Iterable[dict[str, Any]]:
        counts = counts_of(part)
        return (version_told(voice, one, version, counts[version.pk], drafts=True) for version in part)

    return voice.listing(response, seen[::-1], paging, tell)


def version_seen(voice: Voice, plan_id: str, number: int) -> tuple[Plan, Version]:
    """Return a version that the caller may see, or answer that it is not here."""
    one, seen = plan_seen(voice, plan_id)
    found = next((version for version in seen if version.number == number), None)
    if found is None:
        raise Http404
    return one, found


def version_answer(voice: Voice, response: HttpResponse, plan_id: str, number: int) -> dict[str, Any]:
    """Return one version as it is answered; its version is its last edit."""
    one, found = version_seen(voice, plan_id, number)
    told = version_told(voice, one, found, counts_of([found])[found.pk], drafts=True)
    return voice.told(response, told, last_edit(found))


@router.get("/plans/{plan_id}/versions/{number}", response=VersionOut, summary="One version of a plan")
def version(request: HttpRequest, response: HttpResponse, plan_id: str, number: int, how: Query[One]) -> Any:
    """One version. The ETag of a draft counts its edits: send it as If-Match to change the draft."""
    return version_answer(Voice(request), response, plan_id, number)
