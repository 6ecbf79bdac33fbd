"""Reading people: who has which role where, and where somebody may do something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, F, OuterRef, Prefetch, Q, Value, prefetch_related_objects
from django.db.models.functions import Concat, Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.web.accounts.models import Membership, Organisation, Role
from framsyn.web.policies import POLICY, may

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from django.contrib.auth.models import AbstractUser
    from django.db.models import QuerySet

    from framsyn.web.accounts.models import MembershipQuerySet
    from framsyn.web.actions import Actor

__all__ = [
    "Held",
    "Person",
    "Reach",
    "Wanted",
    "may_somewhere",
    "people_found",
    "people_listed",
    "reach_of",
    "roles_held",
    "things_allowed",
]


@dataclass(frozen=True)
class Reach:
    """Where somebody may do something: everywhere, in some organisations, or on some plans."""

    everywhere: bool
    organisations: list[Organisation]
    plans: frozenset[str] = frozenset()

    def holds(self, organisation: Organisation) -> bool:
        """Whether it holds in an organisation."""
        return self.everywhere or organisation in self.organisations

    def __bool__(self) -> bool:
        """Whether there is any place at all."""
        return self.everywhere or bool(self.organisations) or bool(self.plans)


def reach_of(actor: Actor, action: str) -> Reach:
    """Return where an actor may do an action; at most two queries."""
    if actor.user is None and not actor.is_system:
        return Reach(everywhere=False, organisations=[])
    organisations = list(Organisation.objects.all())
    if actor.is_system:
        return Reach(everywhere=True, organisations=organisations)
    user = actor.user
    held: dict[str | None, set[str]] = {}
    plans: dict[str, set[str]] = {}  # a role on a plan says nothing about organisations
    if user is not None and user.is_active:
        for one in user.memberships.valid_on(timezone.localdate()):  # type: ignore[attr-defined]
            where = (
                plans.setdefault(one.plan_id, set())
                if one.plan_id
                else held.setdefault(one.organisation_id, set())
            )
            where.add(one.role)
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
    on_plans = frozenset(plan for plan, roles in plans.items() if may(roles, action))
    return Reach(everywhere=False, organisations=found, plans=on_plans)


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
    plan: Any = None
    valid_to: datetime.date | None = None
    given_by: str = ""

    @property
    def where(self) -> str:
        """Where it holds, in words."""
        if self.plan is not None:
            return str(self.plan.title)
        return str(self.organisation) if self.organisation else _("all organisations")

    @property
    def key(self) -> str:
        """What a form says to end it: the plan or the organisation, nothing for everywhere."""
        if self.plan is not None:
            return f"plan:{self.plan.pk}"
        return self.organisation.pk if self.organisation else ""


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


@dataclass(frozen=True)
class Wanted:
    """Which people a list shall hold."""

    words: str = ""
    role: str = ""
    organisation: str = ""
    state: str = ""  # "left", "none" (no role today); everybody who may log in otherwise


def held(membership: Membership) -> Held:
    """Return a membership as it is told."""
    return Held(
        membership.role,
        str(Role(membership.role).label),
        membership.organisation,
        membership.plan,
        membership.valid_to,
        membership.given_by,
    )


def in_force() -> MembershipQuerySet:
    """Return the memberships of today with what they name, everywhere first."""
    rows = Membership.objects.valid_on(timezone.localdate()).select_related("organisation", "plan")
    return rows.order_by(F("organisation__position").asc(nulls_first=True), "plan_id", "id")


def roles_held(user: AbstractUser) -> list[Held]:
    """Return the roles that somebody has today; one query."""
    return [held(membership) for membership in in_force().filter(user=user)]


def people_found(wanted: Wanted) -> QuerySet[Any]:
    """Return the people of a list, by name, without asking yet."""
    people = get_user_model().objects.annotate(
        sorting=Lower(Concat("last_name", Value(" "), "first_name", Value(" "), "username"))
    )
    for word in wanted.words.replace("\x00", "").split():
        people = people.filter(
            Q(username__icontains=word)
            | Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(email__icontains=word)
        )
    today = Membership.objects.valid_on(timezone.localdate()).filter(user=OuterRef("pk"))
    if wanted.role:
        today = today.filter(role=wanted.role)
    if wanted.organisation:
        today = today.filter(Q(organisation=wanted.organisation) | Q(plan__organisation=wanted.organisation))
    if wanted.state == "left":
        people = people.filter(is_active=False)
    elif wanted.state == "none":
        return people.filter(~Exists(today), is_active=True).order_by("sorting", "pk")
    if wanted.role or wanted.organisation:
        people = people.filter(Exists(today))
    return (
        people.order_by("is_active", "sorting", "pk")
        if wanted.state == "left"
        else people.order_by("sorting", "pk")
    )


def people_listed(users: Iterable[Any]) -> list[Person]:
    """Return people as they are told; two queries."""
    users = list(users)
    prefetch_related_objects(users, Prefetch("memberships", in_force(), to_attr="held_today"))
    administrators = set(
        Membership.objects.valid_on(timezone.localdate())
        .filter(role=Role.ADMINISTRATOR, organisation=None, plan=None, user__is_active=True)
        .values_list("user_id", flat=True)
    )
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
