"""Changes to people and roles."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.accounts.lockout import unlock_name
from framsyn.web.accounts.models import Membership, Role
from framsyn.web.accounts.places import need_another_administrator, require_over
from framsyn.web.actions import Act, action

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.contrib.auth.models import User

    from framsyn.web.accounts.models import Organisation
    from framsyn.web.plan.models import Plan

__all__ = [
    "add_user",
    "change_password",
    "deactivate",
    "end_sessions",
    "reactivate",
    "set_password",
    "set_role",
    "unlock",
]


@action("accounts.add_user")
def add_user(
    act: Act,
    username: str,
    password: str,
    *,
    role: str,
    organisation: Organisation | None = None,
    plan: Plan | None = None,
    valid_to: datetime.date | None = None,
    email: str = "",
    first_name: str = "",
    last_name: str = "",
) -> User:
    """Add a person with a role.

    Parameters
    ----------
    username, password, email, first_name, last_name : str
    role : str
        One of :class:`~framsyn.web.accounts.models.Role`.
    organisation : Organisation, optional
        Where the role holds; everywhere if left out.
    plan : Plan, optional
        The one plan that the role holds for, instead of an organisation.
    valid_to : date, optional
        The last day of the role.

    Raises
    ------
    PlanError
        ``username-taken``, ``weak-password``, ``unknown-role``, ``two-places``, ``past-day``.
    """
    require_place(act, organisation, plan)
    known_role(role)
    today = timezone.localdate()
    need_day_to_come(valid_to, today)
    users = get_user_model()
    if users.objects.filter(username__iexact=username).exists():
        message = _("The user name %(name)s is taken; nobody was added. Choose another name.") % {
            "name": username
        }
        raise PlanError("username-taken", message, got=username)
    user = users(username=username, email=email, first_name=first_name, last_name=last_name)
    need_strong(password, user, _("The password will not do: %(reasons)s Choose another; nobody was added."))
    user.set_password(password)
    user.save()
    Membership.objects.create(
        user=user, organisation=organisation, plan=plan, role=role, valid_from=today, valid_to=valid_to
    )
    after = {"username": username, "role": role, **place(organisation, plan, valid_to)}
    act.record(user, after=after, label=username)
    return user


@action("accounts.change_password")
def change_password(act: Act, password: str) -> None:
    """Change one's own password; the log keeps that it was changed, not what it is.

    Raises
    ------
    PlanError
        ``nobody`` when nobody is logged in, ``weak-password``.
    """
    user = act.actor.user
    if user is None:
        raise PlanError("nobody", _("Nobody is logged in; log in to change your password."))
    act.checked = True  # one's own password takes no role
    need_strong(
        password, user, _("The password will not do: %(reasons)s Choose another; the old one still holds.")
    )
    user.set_password(password)
    user.save(update_fields=["password"])
    act.record(user, label=user.get_username())


@action("accounts.set_password")
def set_password(act: Act, user: User, password: str) -> None:
    """Give somebody who has forgotten it a new password; the person's sessions end.

    Raises
    ------
    PlanError
        ``weak-password``.
    """
    require_over(act, user)
    need_strong(
        password, user, _("The password will not do: %(reasons)s Choose another; the old one still holds.")
    )
    user.set_password(password)
    user.save(update_fields=["password"])
    sessions(user).delete()
    act.record(user, label=str(user))


@action("accounts.set_role")
def set_role(
    act: Act,
    user: User,
    role: str | None,
    organisation: Organisation | None = None,
    plan: Plan | None = None,
    *,
    valid_to: datetime.date | None = None,
) -> None:
    """Give a person another role in an organisation, or on one plan, from today; none ends the present one.

    What a provider of logins has given stays: it is the provider's to take.

    Parameters
    ----------
    role : str or None
    organisation : Organisation, optional
        Where it holds; everywhere if left out.
    plan : Plan, optional
        The one plan that it holds for, instead of an organisation.
    valid_to : date, optional
        Its last day.

    Raises
    ------
    PlanError
        ``unknown-role``; ``two-places``; ``past-day``; ``last-administrator`` when nobody would be left who can give roles.
    """
    require_place(act, organisation, plan)
    if role is not None:
        known_role(role)
    today = timezone.localdate()
    need_day_to_come(valid_to, today)
    held = Membership.objects.filter(user=user, organisation=organisation, plan=plan, given_by="").valid_on(
        today
    )
    before = sorted(membership.role for membership in held)
    leaves = role != "administrator" or valid_to is not None
    if Role.ADMINISTRATOR in before and leaves and organisation is None and plan is None:
        need_another_administrator(user)
    held.filter(valid_from=today).delete()
    held.update(valid_to=today - datetime.timedelta(days=1))
    if role is not None:
        Membership.objects.create(
            user=user, organisation=organisation, plan=plan, role=role, valid_from=today, valid_to=valid_to
        )
    act.record(
        user,
        before={"roles": before},
        after={"role": role, **place(organisation, plan, valid_to)},
        label=str(user),
    )


@action("accounts.deactivate")
def deactivate(act: Act, user: User, reason: str = "") -> None:
    """Let somebody who has left log in no more; roles stay for the day they come back, sessions end now.

    Raises
    ------
    PlanError
        ``not-active``; ``oneself``; ``last-administrator``.
    """
    require_over(act, user)
    if not user.is_active:
        raise PlanError("not-active", _("This person's login is closed already."))
    if act.actor.user is not None and act.actor.user.pk == user.pk:
        raise PlanError("oneself", _("You cannot close your own login; ask another administrator."))
    need_another_administrator(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    sessions(user).delete()
    act.record(user, before={"is_active": True}, after={"is_active": False}, reason=reason, label=str(user))


@action("accounts.reactivate")
def reactivate(act: Act, user: User, reason: str = "") -> None:
    """Let somebody log in again.

    Raises
    ------
    PlanError
        ``is-active``.
    """
    require_over(act, user)
    if user.is_active:
        raise PlanError("is-active", _("This person may log in already."))
    user.is_active = True
    user.save(update_fields=["is_active"])
    act.record(user, before={"is_active": False}, after={"is_active": True}, reason=reason, label=str(user))


@action("accounts.unlock")
def unlock(act: Act, user: User) -> None:
    """Let somebody who was locked out after wrong passwords try again at once."""
    require_over(act, user)
    act.record(user, after={"places": unlock_name(user)}, label=str(user))


@action("accounts.end_sessions")
def end_sessions(act: Act, keys: Collection[str]) -> int:
    """End some of one's own sessions, and return how many.

    Parameters
    ----------
    keys : collection of str
        Keys of sessions; those of other people are passed over.
    """
    user = act.actor.user
    if user is None:
        raise PlanError("nobody", _("Nobody is logged in. Log in first."))
    act.checked = True  # one's own
    count, _of = sessions(user).filter(session_key__in=keys).delete()
    act.record(user, after={"sessions_ended": count}, label=user.get_username())
    return count


# ---------------------------------------------------------------- checks
def require_place(act: Act, organisation: Organisation | None, plan: Plan | None) -> None:
    """Raise when the actor may not give roles there, or when two places are named."""
    if organisation is not None and plan is not None:
        message = _("A role holds in an organisation or for one plan; choose one of the two.")
        raise PlanError("two-places", message, got=[organisation.pk, plan.pk])
    if plan is None:
        act.require(organisation)
    else:
        act.require(plan.organisation, plans=[plan.pk])


def known_role(role: str) -> None:
    """Raise when there is no such role."""
    if role not in Role.values:
        message = f'there is no role "{role}"; expected one of {", ".join(Role.values)}.'
        raise PlanError("unknown-role", message, got=role, expected=Role.values)


def need_day_to_come(day: datetime.date | None, today: datetime.date) -> None:
    """Raise when the last day of a role lies in the past."""
    if day is not None and day < today:
        message = _(
            "The last day of a role lies in the past. Nothing was changed; give today or a later day."
        )
        raise PlanError("past-day", message, got=day.isoformat())


def need_strong(password: str, user: Any, refusal: str) -> None:
    """Raise ``weak-password`` with the reasons."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        message = refusal % {"reasons": " ".join(error.messages)}
        raise PlanError("weak-password", message, reasons=error.messages) from error


def place(
    organisation: Organisation | None, plan: Plan | None, valid_to: datetime.date | None
) -> dict[str, Any]:
    """Return where and how long a role holds, for the log."""
    return {
        "organisation": organisation.pk if organisation else None,
        **({"plan": plan.pk} if plan else {}),
        **({"valid_to": valid_to.isoformat()} if valid_to else {}),
    }


def sessions(user: Any) -> Any:
    """Return the sessions of a person."""
    return user.sessions.all()
