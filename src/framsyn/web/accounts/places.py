"""Where a role holds, and who may look after a person's login."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.accounts.models import Membership, Organisation, Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser

    from framsyn.web.accounts.queries import Reach
    from framsyn.web.actions import Act

__all__ = ["may_look_after", "need_another_administrator", "organisations_of", "require_over"]


def organisations_of(user: AbstractUser) -> list[Organisation | None]:
    """Return the organisations in which somebody has a role today, None for everywhere; one query.

    A role on a plan counts at the plan's organisation.
    """
    held = Membership.objects.filter(user=user).valid_on(timezone.localdate())
    rows = held.select_related("organisation", "plan__organisation")
    found: dict[Any, Organisation | None] = {}
    for one in rows:
        place = one.plan.organisation if one.plan_id else one.organisation
        found[place.pk if place else None] = place
    return list(found.values())


def require_over(act: Act, user: AbstractUser) -> None:
    """Raise when the actor may not look after this person's login.

    It takes an administrator of every place where the person has a role, and one of all organisations for whoever has a
    role everywhere, or none at all.
    """
    places = organisations_of(user) or [None]
    for place in places:
        act.require(place)
    if len(places) > 1:
        act.organisation = None  # the log of no single one


def may_look_after(reach: Reach, user: AbstractUser) -> bool:
    """Tell the same for a page, from where the actor may do it; one query at most."""
    if reach.everywhere:
        return True
    places = organisations_of(user)
    return bool(places) and all(place is not None and reach.holds(place) for place in places)


def need_another_administrator(user: AbstractUser) -> None:
    """Raise ``last-administrator`` when nobody else is administrator of everything."""
    everywhere = Membership.objects.filter(
        role=Role.ADMINISTRATOR, organisation=None, plan=None, user__is_active=True
    )
    today = everywhere.valid_on(timezone.localdate())
    list(today.select_for_update(of=("self",)))  # two who leave at the same time must not both see the other
    if today.filter(user=user).exists() and not today.exclude(user=user).exists():
        message = _("%(name)s is the last administrator; make somebody else administrator first.") % {
            "name": user.get_username()
        }
        raise PlanError("last-administrator", message, got=user.get_username())
