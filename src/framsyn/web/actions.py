"""The way through which everything changes: check, change, audit, notify, in one transaction.

A mutation is a function marked with :func:`action`. Forms, the command line and later the API call the same function, so
that none of them can forget the check or the log. Its first parameter is the :class:`Act`, which the mark makes from the
:class:`Actor` that the caller hands over::

    @action("plan.move")
    def move(act, node, parent, position):
        act.require(node.version.plan.organisation)          # check
        ...                                                  # change
        act.record(node.element, before=..., after=...)      # audit
"""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.accounts.models import Role
from framsyn.web.audit.models import Entry
from framsyn.web.audit.sealer import wake
from framsyn.web.policies import POLICY, SEEING, may

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.contrib.auth.models import AbstractUser
    from django.http import HttpRequest

    from framsyn.web.accounts.models import Organisation

__all__ = ["ACTIONS", "Act", "Actor", "NotAllowed", "action"]

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger("framsyn.web.actions")
ACTIONS: dict[str, Callable[..., Any]] = {}


class NotAllowed(PlanError):
    """The actor lacks the role that the action needs.

    ``data["foreign"]`` tells that somebody who is logged in holds no role there at all: to that person the thing does not
    exist as something to work on, and the answer is 404.
    """


@dataclass(frozen=True)
class Actor:
    """Who acts: a person who is logged in, or the system itself (loading content, the command line).

    Parameters
    ----------
    user : User or None
        None for the system.
    name : str
        Shown in the log.
    request_id : str
        Joins the log line of the web server with the audit entry.
    """

    user: AbstractUser | None
    name: str
    request_id: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> Actor:
        """Return the person behind a request."""
        user = request.user if request.user.is_authenticated else None
        name = (user.get_full_name() or user.get_username()) if user else ""
        return cls(user=user, name=name, request_id=getattr(request, "request_id", ""))  # type: ignore[arg-type]

    @classmethod
    def system(cls, name: str = "framsyn") -> Actor:
        """Return the system, which may everything and says so in the log."""
        return cls(user=None, name=f"system: {name}")

    @property
    def is_system(self) -> bool:
        """Whether this is the system itself."""
        return self.user is None and self.name.startswith("system:")

    def roles_in(
        self, organisation: Organisation | None = None, *, plans: Iterable[str] = (), thing: Any = None
    ) -> frozenset[str]:
        """Return the roles held today.

        Parameters
        ----------
        organisation : Organisation, optional
            A role in it or in one above it counts.
        plans : iterable of str
            Ids of plans; a role on one of them counts.
        thing : Measure, Indicator or Element, optional
            Whoever it is assigned to today is its owner.
        """
        if self.user is None or not self.user.is_active:
            return frozenset()
        above: set[str | None] = {None}
        while organisation is not None:
            above.add(organisation.pk)
            organisation = organisation.parent
        today = timezone.localdate()
        concerned = set(plans)
        roles = {
            membership.role
            for membership in self.user.memberships.valid_on(today)  # type: ignore[attr-defined]
            if (
                membership.plan_id in concerned if membership.plan_id else membership.organisation_id in above
            )
        }
        if thing is not None and Role.OWNER not in roles:
            assigned = thing.assignments.filter(person=self.user, valid_from__lte=today)
            if assigned.filter(models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=today)).exists():
                roles.add(Role.OWNER)
        return frozenset(roles)

    def may(
        self,
        name: str,
        organisation: Organisation | None = None,
        *,
        plans: Iterable[str] = (),
        thing: Any = None,
    ) -> bool:
        """Tell whether this actor may do an action, or see something; see :meth:`roles_in`."""
        return self.is_system or may(self.roles_in(organisation, plans=plans, thing=thing), name)

    def require(
        self,
        name: str,
        organisation: Organisation | None = None,
        *,
        plans: Iterable[str] = (),
        thing: Any = None,
    ) -> None:
        """Raise :class:`NotAllowed` when this actor may not."""
        if self.is_system:
            return
        held = self.roles_in(organisation, plans=plans, thing=thing)
        if may(held, name):
            return
        wanted = POLICY.get(name) or SEEING[name]
        roles = ", ".join(str(role.label) for role in Role if role in wanted)
        place = _(" in %(organisation)s") % {"organisation": organisation} if organisation else ""
        message = _(
            "This needs one of these roles%(place)s: %(roles)s. Nothing was changed. Log in as somebody who has it, or "
            "ask an administrator."
        ) % {"place": place, "roles": roles}
        raise NotAllowed("not-allowed", message, action=name, foreign=self.user is not None and not held)


@dataclass
class Act:
    """One run of one action."""

    name: str
    actor: Actor
    at: Any = field(default_factory=timezone.now)
    entries: list[Entry] = field(default_factory=list)
    checked: bool = False
    organisation: Organisation | None = None

    def require(
        self, organisation: Organisation | None = None, *, plans: Iterable[str] = (), thing: Any = None
    ) -> None:
        """Raise :class:`NotAllowed` when the actor may not; the log of this organisation will hold what is recorded."""
        self.checked = True
        self.organisation = organisation
        self.actor.require(self.name, organisation, plans=plans, thing=thing)

    def record(
        self,
        obj: models.Model,
        *,
        before: Any = None,
        after: Any = None,
        reason: str = "",
        label: Any = None,
    ) -> Entry:
        """Write the audit entry of a change."""
        if label is None:
            label = getattr(obj, "title", None) or getattr(obj, "name", None) or str(obj)
        entry = Entry.objects.create(
            at=self.at,
            actor=self.actor.user,
            actor_name=self.actor.name,
            organisation=self.organisation,
            action=self.name,
            object_type=obj._meta.label_lower,
            object_id=str(obj.pk),
            object_label=label,
            before=before,
            after=after,
            reason=reason,
            request_id=self.actor.request_id,
        )
        self.entries.append(entry)
        return entry


# Called after the transaction with the finished act: the search index, later reminders and feeds.
LISTENERS: list[Callable[[Act], None]] = []


def action(
    name: str,
) -> Callable[[Callable[Concatenate[Act, P], R]], Callable[Concatenate[Actor, P], R]]:
    """Mark a function as a mutation: one transaction, checked against the policy, with an audit entry.

    Parameters
    ----------
    name : str
        A row of :data:`framsyn.web.policies.POLICY`.

    Raises
    ------
    RuntimeError
        When the function ends without having checked who may or written an audit entry; nothing is changed then.
    """
    if name not in POLICY:
        message = f'action "{name}" has no row in framsyn.web.policies.POLICY; say there who may do it.'
        raise PlanError("no-policy", message, got=name)

    def mark(function: Callable[Concatenate[Act, P], R]) -> Callable[Concatenate[Actor, P], R]:
        @functools.wraps(function)
        def run(actor: Actor, *args: P.args, **kwargs: P.kwargs) -> R:
            act = Act(name, actor)
            with transaction.atomic():
                result = function(act, *args, **kwargs)
                if not (act.checked and act.entries):
                    message = (
                        f"action {name} {'left no audit entry' if act.checked else 'did not check who may'}"
                    )
                    raise RuntimeError(message)
                for listener in LISTENERS:
                    listener(act)
                transaction.on_commit(wake, robust=True)  # sealed afterwards: nobody waits for the log
            log.info("action", extra={"action": name, "actor": actor.name, "request_id": actor.request_id})
            return result

        ACTIONS[name] = run
        return run  # type: ignore[return-value]

    return mark
