"""Where the one who asks may do what, for a page with many links to forms: two queries for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from framsyn.web.accounts.models import Organisation
from framsyn.web.policies import may

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

__all__ = ["rights_of"]


def rights_of(request: HttpRequest, plan_id: str = "") -> Callable[[str, str], bool]:
    """Return a function that tells whether an action is allowed at an organisation; never to a stranger.

    Parameters
    ----------
    request : HttpRequest
    plan_id : str
        A role on this plan counts everywhere on the page.
    """
    user = request.user
    if not user.is_authenticated or not user.is_active:
        return lambda _action, _organisation: False
    held: dict[str | None, set[str]] = {}
    on_plan: set[str] = set()
    for one in user.memberships.valid_on(timezone.localdate()):  # type: ignore[attr-defined]
        if one.plan_id is None:
            held.setdefault(one.organisation_id, set()).add(one.role)
        elif one.plan_id == plan_id:
            on_plan.add(one.role)
    parents = dict(Organisation.objects.values_list("pk", "parent_id")) if held else {}

    def allowed(action: str, organisation: str) -> bool:
        roles = on_plan | held.get(None, set())
        here: str | None = organisation
        while here is not None:
            roles |= held.get(here, set())
            here = parents.get(here)
        return may(roles, action)

    return allowed
