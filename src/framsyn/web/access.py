"""Who asks for a page, and whether that person may work on what it is about.

A view that changes something begins with :func:`actor_for`. What it raises is turned into an answer by
:class:`framsyn.web.middleware.Refusals`: the login page for somebody who is not logged in, 403 with the reason for a role
that is not enough, 404 for things of organisations in which the person has no role.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.web.accounts.models import Membership, Role
from framsyn.web.accounts.queries import may_somewhere
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.plan.models import Plan
from framsyn.web.policies import may

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from framsyn.web.accounts.models import Organisation

_DEEPEST = 5  # organisations above one another that a role is looked for in

__all__ = ["actor_for", "actor_somewhere", "may_see", "plans_where", "plans_with", "roles_here"]


def actor_for(
    request: HttpRequest,
    action: str,
    organisation: Organisation | None = None,
    *,
    plans: Iterable[str] = (),
    thing: Any = None,
) -> Actor:
    """Return the one who asks, when an action is allowed there.

    Parameters
    ----------
    request : HttpRequest
    action : str
        A row of :data:`framsyn.web.policies.POLICY` or :data:`~framsyn.web.policies.SEEING`.
    organisation, plans, thing
        As in :meth:`framsyn.web.actions.Actor.roles_in`.

    Raises
    ------
    NotAllowed
    """
    actor = Actor.of(request)
    # Most who come have the role anyway: the owners of the thing itself are asked for only where that is not enough.
    if thing is None or not actor.may(action, organisation, plans=plans):
        actor.require(action, organisation, plans=plans, thing=thing)
    return actor


def may_see(
    request: HttpRequest,
    what: str,
    organisation: Organisation | None = None,
    *,
    plans: Iterable[str] = (),
    thing: Any = None,
) -> bool:
    """Tell whether the one who asks may see or do something; a stranger never may, without asking the database."""
    if not request.user.is_authenticated:
        return False
    return Actor.of(request).may(what, organisation, plans=plans, thing=thing)


def actor_somewhere(request: HttpRequest, action: str) -> Actor:
    """Return the one who asks, when an action is allowed in some organisation or on some plan: before a place is chosen.

    Raises
    ------
    NotAllowed
    """
    actor = Actor.of(request)
    if may_somewhere(actor, action):
        return actor
    held = actor.user is not None and bool(_memberships(actor))
    message = _("This needs a role that you do not have. Ask an administrator for it.")
    raise NotAllowed("not-allowed", message, action=action, foreign=actor.user is not None and not held)


def _memberships(actor: Actor) -> list[Any]:
    if actor.user is None or not actor.user.is_active:
        return []
    return list(actor.user.memberships.valid_on(timezone.localdate()))  # type: ignore[attr-defined]


def plans_where(request: HttpRequest, what: str) -> QuerySet[Plan]:
    """Return the plans of which the one who asks may see or do something, to ask others by; none for a stranger."""
    if not request.user.is_authenticated or not request.user.is_active:
        return Plan.objects.none()
    return Plan.objects.order_by().filter(_allowed(request, what))


def plans_with(request: HttpRequest, *whats: str) -> dict[str, frozenset[str]]:
    """Return the ids of the plans of which the one who asks may see or do something; one query, none for a stranger.

    >>> from django.contrib.auth.models import AnonymousUser
    >>> from django.http import HttpRequest
    >>> request = HttpRequest()
    >>> request.user = AnonymousUser()
    >>> plans_with(request, "see.draft")
    {'see.draft': frozenset()}
    """
    if not request.user.is_authenticated or not request.user.is_active:
        return dict.fromkeys(whats, frozenset())
    asked = {f"may_{number}": _allowed(request, what) for number, what in enumerate(whats)}
    rows = list(Plan.objects.order_by().annotate(**asked).values_list("pk", *asked))
    return {what: frozenset(row[0] for row in rows if row[n]) for n, what in enumerate(whats, start=1)}


def _allowed(request: HttpRequest, what: str) -> Exists:
    """Return the condition that somebody may see or do something with a plan: a role on it, or at or above its owner."""
    here = Q(plan=OuterRef("pk")) | Q(plan=None, organisation=None)
    for depth in range(_DEEPEST):
        here |= Q(plan=None, organisation=OuterRef("__".join(("organisation", *["parent"] * depth))))
    roles = [role for role in Role if may({role}, what)]
    held = Membership.objects.filter(here, user=request.user, role__in=roles)
    return Exists(held.valid_on(timezone.localdate()))


def roles_here(
    request: HttpRequest,
    organisation: Organisation | None = None,
    *,
    plans: Iterable[str] = (),
    thing: Any = None,
) -> frozenset[str]:
    """Return the roles that the one who asks holds there, to tell which buttons a page shows; none for a stranger."""
    if not request.user.is_authenticated:
        return frozenset()
    actor = Actor.of(request)
    roles = actor.roles_in(organisation, plans=plans)
    # Whoever edits may all that an owner may; only the others are looked for among the owners of the thing itself.
    if thing is None or not roles.isdisjoint({Role.EDITOR, Role.ADMINISTRATOR, Role.OWNER}):
        return roles
    return actor.roles_in(organisation, plans=plans, thing=thing)
