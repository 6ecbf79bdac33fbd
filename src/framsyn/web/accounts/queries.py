"""Reading people: who has which role where, and where somebody may do something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db.models import Prefetch
from django.utils import timezone

from framsyn.web.accounts.models import Membership, Organisation, Role
from framsyn.web.policies import POLICY, may

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser

    from framsyn.web.actions import Actor

__all__ = [
    "Held",
    "Person",
    "Reach",
    "may_somewhere",
    "people_listed",
    "reach_of",
    "roles_held",
    "things_allowed",
]


@dataclass(frozen=True)
class Reach:
    """Where somebody may do something: everywhere, or in some organisations."""

    everywhere: bool
    organisations: list[Organisation]

    def holds(self, organisation: Organisation) -> bool:
        """Whether it holds in an organisation."""
        return self.everywhere or organisation in self.organisations

    def __bool__(self) -> bool:
        """Whether there is any place at all."""
        return self.everywhere or bool(self.organisations)


def reach_of(actor: Actor, action: str) -> Reach:
    """Return where an actor may do an action; at most two queries."""
    if actor.user is None and not actor.is_system:
        return Reach(everywhere=False, organisations=[])
    organisations = list(Organisation.objects.all())
    if actor.is_system:
        return Reach(everywhere=True, organisations=organisations)
    user = actor.user
    held: dict[str | None, set[str]] = {}
    if user is not None and user.is_active:
        for one in user.memberships.valid_on(timezone.localdate()):  # type: ignore[attr-defined]
            held.setdefault(one.organisation_id, set()).add(one.role)
    if may(held.get(None, ()), action):
        return Reach(everywhere=True, organisations=organisations)
    parents = {one.pk: one.parent_id for one in organisations}
    found = []
    for organisation in organisations:
        above: str | None = organisation.pk
        while above is not None:
            if may(held.get(above, ()), action):
                found.append(organisation)
                break
            above = parents[above]
    return Reach(everywhere=False, organisations=found)


def may_somewhere(actor: Actor, action: str) -> bool:
    """Tell whether an actor may do an action in any organisation at all; one query."""
    user = actor.user
    if user is None or not user.is_active:
        return actor.is_system
    held = user.memberships.valid_on(timezone.localdate())  # type: ignore[attr-defined]
    return may({one.role for one in held}, action)


@dataclass(frozen=True)
class Held:
    """One role of one person, today."""

    role: str
    role_name: str
    organisation: Organisation | None


@dataclass(frozen=True)
class Person:
    """Somebody with a login."""

    id: int
    username: str
    name: str
    email: str
    is_active: bool
    roles: list[Held]
    is_last: bool  # the last who may give roles everywhere


def held(membership: Membership) -> Held:
    """Return a membership as it is told."""
    return Held(membership.role, str(Role(membership.role).label), membership.organisation)


def roles_held(user: AbstractUser) -> list[Held]:
    """Return the roles that somebody has today; one query."""
    rows = Membership.objects.filter(user=user).valid_on(timezone.localdate()).select_related("organisation")
    return [held(membership) for membership in rows]


def people_listed() -> list[Person]:
    """Return everybody with a login; two queries."""
    today = timezone.localdate()
    memberships = (
        Membership.objects.valid_on(today).select_related("organisation").order_by("organisation__position")
    )
    users = list(
        get_user_model()
        .objects.order_by("username")
        .prefetch_related(Prefetch("memberships", memberships, to_attr="held_today"))
    )
    administrators = {
        user.pk
        for user in users
        if user.is_active
        for one in user.held_today
        if one.role == Role.ADMINISTRATOR and one.organisation_id is None
    }
    return [
        Person(
            user.pk,
            user.get_username(),
            user.get_full_name(),
            user.email,
            user.is_active,
            [held(membership) for membership in user.held_today],
            is_last=administrators == {user.pk},
        )
        for user in users
    ]


def things_allowed(roles: set[str]) -> set[str]:
    """Return the actions that somebody with these roles may do.

    >>> sorted(things_allowed({"reader"}) & {"plan.move", "measure.report"})
    []
    """
    return {action for action in POLICY if may(roles, action)}
