"""What plans say: the elements of a version, one element under its permanent id, and choices of path."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Field, Query

from framsyn.web.api.fields import Links, Listing, One, Out, Paging, Ref, Words
from framsyn.web.api.kinds import ElementKind
from framsyn.web.api.read.organisations import DecisionOut, decision_told
from framsyn.web.api.read.plans import router, version_seen
from framsyn.web.api.voice import Voice
from framsyn.web.goals.models import Choice
from framsyn.web.locking import last_change
from framsyn.web.plan.canonical import tree_of
from framsyn.web.plan.edits import last_edit
from framsyn.web.plan.models import Element, Link, Node, Plan, Version
from framsyn.web.plan.queries import in_force

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


# ---------------------------------------------------------------- elements in a version
class PlacedOut(Out):
    """What one element says in one version, and where it stands."""

    id: str
    kind: str
    number: str
    parent: str | None
    position: int = Field(description="Among the elements under its parent, from 0.")
    level: int = Field(description="0 at the top.")
    state: str = Field(description="shown, merged or removed; only a draft tells the last two.")
    title: Words
    text: Words
    origin: str = Field(description="The plan that the element was written in.")
    links: Links


class Elements(Paging):
    """Which elements."""

    kind: ElementKind | None = None
    under: str | None = Field(None, max_length=100, description="Only this element and what stands under it.")


def placed_told(
    voice: Voice, plan: Plan, version: Version, node: Node, position: int, level: int
) -> dict[str, Any]:
    """Return an element in a version."""
    name = node.element_id
    more = {"element": voice.api("element", name)}
    if node.element.kind == Element.Kind.GOAL:
        more["goal"] = voice.api("goal", name)
    return {
        "id": name,
        "kind": node.element.kind,
        "number": node.number,
        "parent": node.parent_id,
        "position": position,
        "level": level,
        "state": node.state,
        "title": voice.words(node.wording.title),
        "text": voice.words(node.wording.text),
        "origin": node.element.origin_id,
        "links": {
            "self": voice.api("version_element", plan.pk, version.number, name),
            "page": voice.page("element", name),
            "more": more,
        },
    }


def places_of(version: Version) -> list[tuple[str, int, int]]:
    """Return id, position among shown siblings and level of what a version shows, in reading order; one query."""
    count: Counter[str | None] = Counter()
    tree, found = tree_of(version), []
    for name, level in tree.walk():
        parent = tree[name].parent
        found.append((name, count[parent], level))
        count[parent] += 1
    return found


@router.get(
    "/plans/{plan_id}/versions/{number}/elements",
    response=Listing[PlacedOut],
    summary="The text of a version",
)
def version_elements(
    request: HttpRequest, response: HttpResponse, plan_id: str, number: int, query: Query[Elements]
) -> Any:
    """What the version says, element by element in reading order."""
    voice = Voice(request)
    one, found = version_seen(voice, plan_id, number)
    voice.unless_known(response)
    places = places_of(found)
    if query.under:
        within = set(tree_of(found).under(query.under)) if any(query.under == p[0] for p in places) else set()
        places = [place for place in places if place[0] in within]
    if query.kind:
        kinds = dict(Element.objects.filter(nodes__version=found).values_list("pk", "kind"))
        places = [place for place in places if kinds[place[0]] == query.kind]

    def tell(part: Sequence[tuple[str, int, int]]) -> Iterable[dict[str, Any]]:
        nodes = found.nodes.select_related("wording", "element").filter(
            element__in=[place[0] for place in part]
        )
        by_id = {node.element_id: node for node in nodes}
        return (
            placed_told(voice, one, found, by_id[name], position, level) for name, position, level in part
        )

    return voice.listing(response, places, query, tell)


def placed_answer(
    voice: Voice, response: HttpResponse, plan_id: str, number: int, element_id: str
) -> dict[str, Any]:
    """Return one element of a version as it is answered; hidden ones only of drafts."""
    one, found = version_seen(voice, plan_id, number)
    node = get_object_or_404(found.nodes.select_related("wording", "element"), element=element_id)
    place = next((place for place in places_of(found) if place[0] == element_id), None)
    if place is None and found.is_frozen:
        raise Http404
    position, level = place[1:] if place else (0, 0)
    return voice.told(response, placed_told(voice, one, found, node, position, level), last_edit(found))


@router.get(
    "/plans/{plan_id}/versions/{number}/elements/{element_id}",
    response=PlacedOut,
    summary="One element of a version",
)
def version_element(
    request: HttpRequest,
    response: HttpResponse,
    plan_id: str,
    number: int,
    element_id: str,
    how: Query[One],
) -> Any:
    """What one element says in one version. The ETag of a draft's element counts the edits of the whole draft."""
    return placed_answer(Voice(request), response, plan_id, number, element_id)


# ---------------------------------------------------------------- elements, whichever version shows them
class LinkOut(Out):
    """How an element relates to another."""

    id: int
    kind: str
    outwards: bool = Field(description="From this element to the other.")
    other: Ref
    note: Words


class Standing(Out):
    """A version that shows the element."""

    plan: str
    version: int
    state: str
    number: str
    href: str


class ElementOut(Out):
    """An element under its permanent id: its words in force, where it stands, and what it is linked to."""

    id: str
    kind: str
    origin: str
    number: str
    heading: Words
    title: Words
    text: Words
    source: str
    url: str
    stands_in: list[Standing]
    linked: list[LinkOut]
    links: Links


def element_answer(voice: Voice, response: HttpResponse, element_id: str) -> dict[str, Any]:
    """Return one element as it is answered."""
    one = voice.element(element_id)
    nodes = list(
        Node.objects.filter(element=one)
        .select_related("version", "wording")
        .order_by("version__plan__position", "version__number")
    )
    nodes = [node for node in nodes if node.version.is_frozen or node.version.plan_id in voice.drafts]
    own = [node for node in nodes if node.version.plan_id == one.origin_id] or nodes
    force = in_force([node.version for node in own], drafts=True)
    node = next(node for node in own if force is not None and node.version_id == force.pk)
    joined = list(Link.objects.filter(Q(source=one) | Q(target=one)))
    ends = {link.source_id if link.target_id == one.pk else link.target_id for link in joined}
    titles = voice.visible(ends) if ends else {}
    linked = []
    for link in joined:
        outwards = link.source_id == one.pk
        other = link.target_id if outwards else link.source_id
        if other in titles:
            linked.append(
                {
                    "id": link.pk,
                    "kind": link.kind,
                    "outwards": outwards,
                    "other": voice.ref("element", other, titles[other][1]),
                    "note": voice.words(link.note),
                }
            )
    more = {"goal": voice.api("goal", one.pk)} if one.kind == Element.Kind.GOAL else {}
    if one.kind == Element.Kind.CHOICE:
        more["choice"] = voice.api("choice", one.pk)
    told = {
        "id": one.pk,
        "kind": one.kind,
        "origin": one.origin_id,
        "number": node.number,
        "heading": voice.words(node.wording.heading),
        "title": voice.words(node.wording.title),
        "text": voice.words(node.wording.text),
        "source": one.source,
        "url": one.url,
        "stands_in": [
            {
                "plan": place.version.plan_id,
                "version": place.version.number,
                "state": place.state,
                "number": place.number,
                "href": voice.api("version_element", place.version.plan_id, place.version.number, one.pk),
            }
            for place in nodes
        ],
        "linked": linked,
        "links": {"self": voice.api("element", one.pk), "page": voice.page("element", one.pk), "more": more},
    }
    return voice.told(response, told, last_change(one))


@router.get("/elements/{element_id}", response=ElementOut, summary="One element under its permanent id")
def element(request: HttpRequest, response: HttpResponse, element_id: str, how: Query[One]) -> Any:
    """What an element says in force in its own plan, the versions that show it, and its links."""
    return element_answer(Voice(request), response, element_id)


# ---------------------------------------------------------------- choices of path
class ChoiceOut(Out):
    """A choice of path: the options that were weighed, and which one was taken."""

    element: Ref
    options: list[Words]
    chosen: int | None = Field(description="Index of the option taken; none while the choice is open.")
    reasons: Words
    decision: DecisionOut | None
    links: Links


def choice_answer(voice: Voice, response: HttpResponse, element_id: str) -> dict[str, Any]:
    """Return one choice of path as it is answered."""
    one = voice.element(element_id)
    if one.kind != Element.Kind.CHOICE:
        raise Http404
    found = Choice.objects.select_related("decision").filter(element=one).first()
    title = voice.visible([one.pk])[one.pk][1]
    told = {
        "element": voice.ref("element", one.pk, title),
        "options": [voice.words(option) for option in found.options] if found else [],
        "chosen": found.chosen if found else None,
        "reasons": voice.words(found.reasons) if found else {},
        "decision": decision_told(voice, found.decision) if found and found.decision else None,
        "links": {"self": voice.api("choice", one.pk), "page": voice.page("element", one.pk)},
    }
    return voice.told(response, told, last_change(one))


@router.get("/choices/{element_id}", response=ChoiceOut, summary="One choice of path")
def choice(request: HttpRequest, response: HttpResponse, element_id: str, how: Query[One]) -> Any:
    """The options of a choice of path and, when it is made, the one that was taken, why and by which decision."""
    return choice_answer(Voice(request), response, element_id)
