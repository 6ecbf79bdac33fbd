"""How things are told to one caller: in which languages, under which addresses, and what the caller may see at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.urls import reverse
from django.utils import translation

from framsyn.web.accounts.models import Organisation
from framsyn.web.actions import Actor
from framsyn.web.api.etags import refuse_known, versioned
from framsyn.web.languages import LANGUAGES, Text
from framsyn.web.plan.models import Element, Node, Plan, Version
from framsyn.web.templatetags.files import downloads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from django.http import HttpRequest, HttpResponse

    from framsyn.web.api.fields import Paging

__all__ = ["Voice"]

_ENDINGS: dict[str, list[str]] = {}  # of the files that a table has, by the route of its csv
_RANK = {
    Version.State.PUBLISHED: 3,
    Version.State.CONSULTATION: 2,
    Version.State.WITHDRAWN: 1,
    Version.State.DRAFT: 0,
}


class Voice:
    """Tells things to one caller.

    Parameters
    ----------
    request : HttpRequest
        With the actor of :class:`framsyn.web.api.auth.Caller` as ``auth``.
    """

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        auth = getattr(request, "auth", None)
        self.actor: Actor = auth if isinstance(auth, Actor) else Actor(user=None, name="")
        chosen = request.GET.get("lang", "")
        self.languages = (chosen,) if chosen in LANGUAGES else LANGUAGES
        self._sees: dict[tuple[str, str | None], bool] = {}
        self._organisations: dict[str, Organisation] = {}
        self._plans: frozenset[str] | None = None
        self._drafts: frozenset[str] | None = None

    # ------------------------------------------------------------------ words and addresses
    def words(self, text: Mapping[str, str] | None) -> dict[str, str]:
        """Return a text in the languages that the caller wants."""
        given = Text(text or {})
        if len(self.languages) == 1:
            said, language = given.said_in(self.languages[0])
            return {language: said} if said else {}
        return {code: given[code] for code in LANGUAGES if given.get(code)}

    def made(self, say: Callable[[str], str]) -> dict[str, str]:
        """Return a sentence that is made, in the languages that the caller wants."""
        found = {}
        for code in self.languages:
            with translation.override(code):
                found[code] = str(say(code))
        return found

    def api(self, name: str, *parts: Any) -> str:
        """Return the address of a resource."""
        return self.request.build_absolute_uri(reverse(f"api-v1:api-{name}", args=parts))

    def page(self, name: str, *parts: Any, anchor: str = "") -> str:
        """Return the address of a page."""
        return self.request.build_absolute_uri(reverse(name, args=parts) + anchor)

    def files(self, name: str, *parts: Any) -> dict[str, str]:
        """Return the files of a table by ending: its csv, and those beside it."""
        csv = reverse(name, args=parts)
        if name not in _ENDINGS:
            _ENDINGS[name] = [
                address.rpartition("/")[2].split(".", 1)[1] for _word, address in downloads(csv)["files"]
            ]
        stem = csv.removesuffix(".csv")
        return {ending: self.request.build_absolute_uri(f"{stem}.{ending}") for ending in _ENDINGS[name]}

    def ref(self, name: str, key: str, title: Mapping[str, str] | None) -> dict[str, Any]:
        """Return a thing that is named in another."""
        return {"id": key, "title": self.words(title), "href": self.api(name, key)}

    # ------------------------------------------------------------------ who may see what
    def sees(self, what: str, organisation: Organisation | None = None, plan: str = "") -> bool:
        """Tell whether the caller may see something: in an organisation, or on a plan; a stranger never, without a query."""
        if self.actor.user is None:
            return False
        key = (what, organisation.pk if organisation else None)
        if key not in self._sees:
            self._sees[key] = self.actor.may(what, self._with_those_above(organisation))
        return self._sees[key] or (bool(plan) and self._on_plan(what, organisation, plan))

    def _with_those_above(self, organisation: Organisation | None) -> Organisation | None:
        """Return an organisation that knows those above it; all are read at once."""
        if organisation is None:
            return None
        if not self._organisations:
            self._organisations = {one.pk: one for one in Organisation.objects.all()}
            for one in self._organisations.values():
                if one.parent_id:
                    one.parent = self._organisations[one.parent_id]
        return self._organisations[organisation.pk]

    def _on_plan(self, what: str, organisation: Organisation | None, plan: str) -> bool:
        """Tell whether a role on this very plan lets the caller see something."""
        if self._plans is None:
            held = self.actor.user.memberships.exclude(plan=None)  # type: ignore[union-attr]
            self._plans = frozenset(held.values_list("plan", flat=True))
        limited = getattr(getattr(self.actor, "token", None), "plan_id", None)
        if plan not in self._plans and plan != limited:
            return False
        return self.actor.may(what, self._with_those_above(organisation), plans=(plan,))

    def names(self, organisation: Organisation | None) -> bool:
        """Tell whether the caller may read the names of people who work there: whoever has any role there."""
        return self.sees("see.draft", organisation)

    @property
    def drafts(self) -> frozenset[str]:
        """Ids of the plans whose drafts the caller may see; nothing is asked for a stranger."""
        if self._drafts is None:
            self._drafts = frozenset()
            if self.actor.user is not None:
                plans = Plan.objects.select_related("organisation")
                found = (one.pk for one in plans if self.sees("see.draft", one.organisation, one.pk))
                self._drafts = frozenset(found)
        return self._drafts

    def visible(self, ids: Iterable[str]) -> dict[str, tuple[str, Text]]:
        """Return number and heading of those elements that the caller may read, by id; one query for a stranger."""
        nodes = Node.objects.filter(element__in=set(ids)).select_related("wording", "version", "element")
        best: dict[str, tuple[tuple[int, ...], Node]] = {}
        for node in nodes:
            version = node.version
            if not version.is_frozen and version.plan_id not in self.drafts:
                continue
            own = version.plan_id == node.element.origin_id
            rank = (own, _RANK[Version.State(version.state)], version.number)
            if node.element_id not in best or rank > best[node.element_id][0]:
                best[node.element_id] = (rank, node)
        return {name: (node.number, node.wording.heading) for name, (_rank, node) in best.items()}

    def known_plans(self, ids: Iterable[str]) -> set[str]:
        """Return those plans that the caller may know of: with a frozen version, or a draft that the caller may see."""
        wanted = set(ids)
        frozen = Version.objects.filter(plan__in=wanted).exclude(state=Version.State.DRAFT)
        return set(frozen.values_list("plan_id", flat=True)) | (wanted & self.drafts) if wanted else set()

    def element(self, element_id: str) -> Element:
        """Return an element that the caller may read.

        Raises
        ------
        Http404
        """
        found = (
            Element.objects.select_related("origin__organisation__parent__parent")
            .filter(pk=element_id)
            .first()
        )
        if found is None or not self.visible([element_id]):
            raise Http404
        return found

    # ------------------------------------------------------------------ answers
    def told(self, response: HttpResponse, data: dict[str, Any], version: int) -> dict[str, Any]:
        """Note the version and the languages of one thing that is answered."""
        versioned(response, version)
        self.spoken(response)
        return data

    def spoken(self, response: HttpResponse) -> None:
        """Say in which languages the answer is."""
        response["Content-Languages"] = ", ".join(self.languages)

    def unless_known(self, response: HttpResponse) -> None:
        """End here when the caller has the list already; see :func:`framsyn.web.api.etags.refuse_known`."""
        self.spoken(response)
        refuse_known(self.request, response, self.actor)

    def listing(
        self,
        response: HttpResponse,
        found: Any,
        paging: Paging,
        tell: Callable[[Sequence[Any]], Iterable[dict[str, Any]]],
    ) -> dict[str, Any]:
        """Return a part of a list.

        Parameters
        ----------
        response : HttpResponse
            Gets the header Link.
        found : QuerySet or sequence
            All of it.
        paging : Paging
        tell : callable
            Makes the items of a part; called once.
        """
        total = len(found) if isinstance(found, list | tuple) else found.count()
        part = list(found[paging.offset : paging.offset + paging.limit])
        links: dict[str, Any] = {"self": self.request.build_absolute_uri()}
        if paging.offset + paging.limit < total:
            links["next"] = self.part(paging.offset + paging.limit)
        if paging.offset > 0:
            links["previous"] = self.part(max(0, paging.offset - paging.limit))
        ways = [
            f'<{links[name]}>; rel="{rel}"'
            for name, rel in (("next", "next"), ("previous", "prev"))
            if name in links
        ]
        if ways:
            response["Link"] = ", ".join(ways)
        items = list(tell(part)) if part else []
        return {
            "total": total,
            "limit": paging.limit,
            "offset": paging.offset,
            "links": links,
            "items": items,
        }

    def part(self, offset: int) -> str:
        """Return the address of another part of this list."""
        query = self.request.GET.copy()
        query["offset"] = str(offset)
        return self.request.build_absolute_uri(f"{self.request.path}?{query.urlencode()}")
