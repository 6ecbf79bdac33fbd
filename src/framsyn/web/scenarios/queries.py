"""Reading saved scenarios: who may see which, the engine's own object of each, and choices for menus."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.scenario import Scenario
from framsyn.web.accounts.queries import reach_of
from framsyn.web.languages import Text
from framsyn.web.outlooks.queries import region_of
from framsyn.web.outlooks.terms import Terms, terms
from framsyn.web.scenarios.computing import (
    WORK,
    ask_reading,
    first_manifest,
    manifest_now,
    scenario_from,
)
from framsyn.web.scenarios.models import KEY, Reading, SavedScenario
from framsyn.web.scenarios.reader import reading_actor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from framsyn.web.actions import Actor

__all__ = [
    "REGION_NAME",
    "SHIPPED",
    "Known",
    "choices",
    "found_or_404",
    "known_or_404",
    "readings_now",
    "saved_scenario",
    "shipped",
    "visible",
]

REGION_NAME = "midt-norge"
SHIPPED = ("plan", "demography", "trend", "ambitious")  # in this order; others that a region ships come after


@dataclass(frozen=True)
class Known:
    """A scenario as pages tell it: one that the region ships, or a saved one.

    Parameters
    ----------
    key : str
        "plan", or "s-" and the address of a saved one.
    slug : str
        Of its page.
    manifest : dict
        Of its run under the engine and the data of today.
    saved : SavedScenario or None
    """

    key: str
    slug: str
    name: Text
    description: Text
    manifest: dict[str, Any]
    saved: SavedScenario | None = None

    @property
    def run_id(self) -> str:
        """Id of its run today."""
        return str(self.manifest["id"])

    def toml(self) -> str:
        """Return all that it assumes, as a file of the engine."""
        if self.saved is not None:
            return self.saved.toml
        return shipped_scenario(self.key).to_toml()

    def scenario(self) -> Scenario:
        """Return the engine's object."""
        return scenario_from(self.toml()) if self.saved is not None else shipped_scenario(self.key)


# ---------------------------------------------------------------- shipped
def shipped() -> list[str]:
    """Return the names of the scenarios that the region ships, in the order of the menus."""
    names = Scenario.shipped(REGION_NAME)
    return [*(name for name in SHIPPED if name in names), *(name for name in names if name not in SHIPPED)]


@functools.lru_cache(maxsize=16)
def shipped_scenario(name: str) -> Scenario:
    """Return a scenario that the region ships, read once per process."""
    return Scenario.load(name, region=region_of(REGION_NAME))


@functools.lru_cache(maxsize=32)
def shipped_known(name: str, by: Terms) -> Known:
    """Return how a shipped scenario is told that is run as the explorer runs it."""
    scenario = shipped_scenario(name)
    manifest = first_manifest(region_of(REGION_NAME), scenario, by)
    return Known(name, name, texts(scenario.label), texts(scenario.description), manifest)


def texts(wording: Any) -> Text:
    """Return a wording of the engine as a text of the site."""
    return Text({code: wording[code] for code in ("nb", "nn", "en")})


def saved_known(saved: SavedScenario, by: Terms | None = None) -> Known:
    """Return how a saved scenario is told; run as it was when it was saved, or as the explorer runs now."""
    manifest = manifest_now(saved.manifest, by)
    return Known(saved.key, saved.slug, saved.name, saved.description, manifest, saved)


# ---------------------------------------------------------------- who may see which
def visible(actor: Actor) -> QuerySet[SavedScenario]:
    """Return what somebody may read: what is published, one's own, and what one's organisation shares.

    A token that is limited to an organisation or a plan reads no further than that. At most two queries before the one
    itself; none for a stranger.
    """
    there = SavedScenario.objects.select_related("organisation__parent__parent", "owner", "locked_by").filter(
        removed_at=None
    )
    if actor.is_system:
        return there
    wanted = Q(visibility=SavedScenario.Visibility.PUBLISHED)
    user = actor.user
    if user is None or not user.is_active:
        return there.filter(wanted)
    token = getattr(actor, "token", None)
    if token is not None and token.plan_id:
        return there.filter(wanted)
    places = {one.pk: one for one in reach_of(actor, "see.shared_scenario").organisations}
    if token is not None and token.organisation_id:
        places = {name: one for name, one in places.items() if is_within(one, token.organisation_id)}
        mine = Q(owner=user, organisation__in=list(places))
    else:
        mine = Q(owner=user)
    shared = Q(visibility=SavedScenario.Visibility.ORGANISATION, organisation__in=list(places))
    return there.filter(wanted | mine | shared)


def is_within(organisation: Any, top: str) -> bool:
    """Tell whether an organisation is another one or below it."""
    while organisation is not None:
        if organisation.pk == top:
            return True
        organisation = organisation.parent
    return False


def found_or_404(actor: Actor, slug: str) -> SavedScenario:
    """Return a saved scenario that somebody may read; for all others it is not there."""
    found = visible(actor).filter(pk=slug).first()
    if found is None:
        raise Http404
    return found


def known_or_404(actor: Actor, slug: str) -> Known:
    """Return a scenario by the address of its page: a shipped one, or a saved one that somebody may read."""
    return shipped_known(slug, terms()) if slug in shipped() else saved_known(found_or_404(actor, slug))


def known_by_keys(actor: Actor, keys: Iterable[str]) -> dict[str, Known | None]:
    """Return scenarios by what names them beside each other, None for those that are not there; few queries.

    All of them are run alike, so that draws can be held against each other one by one.
    """
    by = terms()
    asked = list(dict.fromkeys(keys))
    slugs = [key.removeprefix(KEY) for key in asked if key.startswith(KEY)]
    slugs = [slug for slug in slugs if "\x00" not in slug]  # which PostgreSQL refuses
    saved = {one.key: saved_known(one, by) for one in visible(actor).filter(pk__in=slugs)} if slugs else {}
    names = shipped()
    return {key: shipped_known(key, by) if key in names else saved.get(key) for key in asked}


def saved_scenario(slug: str, actor: Actor | None = None) -> Scenario:
    """Return the engine's object of a saved scenario.

    Parameters
    ----------
    slug : str
        Address of its page; "s-" before it is allowed.
    actor : Actor, optional
        Who asks; without one whoever the request that is being answered comes from, and a stranger outside of any.

    Raises
    ------
    PlanError
        ``unknown-scenario``: there is none, or not for this reader, who is not told which of the two.
    """
    who = actor if actor is not None else reading_actor()
    there = visible(who).select_related(None).only("toml")
    found = there.filter(pk=slug.removeprefix(KEY)[:60]).first()
    if found is None:
        message = _(
            "There is no scenario “%(slug)s” that you may read. It may be somebody's draft, or removed. Log in as who saved "
            "it, or choose another."
        )
        raise PlanError("unknown-scenario", message % {"slug": slug[:60]}, got=slug[:60])
    return scenario_from(found.toml)


def choices(actor: Actor | None = None) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what somebody may choose among, in groups: heading, and (value, name) of each; at most four queries.

    The groups are those of the list: what the region ships, decided, published, shared with one's organisation, one's own.
    """
    who = actor if actor is not None else reading_actor()
    groups = grouped(who, visible(who).select_related(None).only(*_LISTED))
    found = [
        (_("Shipped with Framsyn"), [(name, str(texts(shipped_scenario(name).label))) for name in shipped()])
    ]
    return found + [
        (heading, [(one.key, str(one.name)) for one in members])
        for _code, heading, members in groups
        if members
    ]


_LISTED = (
    "slug",
    "name",
    "visibility",
    "owner",
    "organisation",
    "locked_at",
    "decided_on",
    "published_at",
    "created_at",
)


def grouped(actor: Actor, found: Iterable[SavedScenario]) -> list[tuple[str, str, list[SavedScenario]]]:
    """Return saved scenarios in the groups of lists and menus, each in one of them."""
    me = actor.user.pk if actor.user is not None else None
    places: dict[str, list[SavedScenario]] = {"decided": [], "published": [], "shared": [], "mine": []}
    for one in found:
        mine = one.owner_id == me
        code = (
            "decided" if one.is_locked else "published" if one.is_published else "mine" if mine else "shared"
        )
        places[code].append(one)
    headings = {
        "decided": _("Decided"),
        "published": _("Published"),
        "shared": _("Shared in my organisation"),
        "mine": _("Mine, not published"),
    }
    return [(code, headings[code], places[code]) for code in ("decided", "published", "shared", "mine")]


# ---------------------------------------------------------------- figures
def readings_now(known: Iterable[Known], *, light: bool = False) -> dict[str, Reading]:
    """Return the readings of today by run id, and ask for those that are not there yet; one query.

    With ``light`` only what a list tells of each is read.
    """
    asked = list(known)
    rows = Reading.objects.filter(pk__in={one.run_id for one in asked})
    found = {reading.pk: reading for reading in (rows.only("id", "text") if light else rows)}
    for one in asked:
        if one.run_id not in found:
            ask_reading(one.manifest, one.toml)
    return found


def state_of(run_id: str, found: dict[str, Reading]) -> tuple[str, str, int]:
    """Return "ready", "waiting" or "failed", why it failed, and how many jobs come before."""
    if run_id in found:
        return "ready", "", 0
    trouble = WORK.trouble(run_id)
    return ("failed", trouble, 0) if trouble else ("waiting", "", WORK.ahead(run_id))
