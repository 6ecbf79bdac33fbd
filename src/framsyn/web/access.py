"""Who asks for a page, and whether that person may work on what it is about.

A view that changes something begins with :func:`actor_for`. What it raises is turned into an answer by
:class:`framsyn.web.middleware.Refusals`: the login page for somebody who is not logged in, 403 with the reason for a role
that is not enough, 404 for things of organisations in which the person has no role.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framsyn.web.actions import Actor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

    from framsyn.web.accounts.models import Organisation

__all__ = ["actor_for", "may_see"]


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
