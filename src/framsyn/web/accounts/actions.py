"""Changes to people and roles."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.accounts.models import Membership, Role
from framsyn.web.actions import Act, action

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from framsyn.web.accounts.models import Organisation

__all__ = ["add_user", "change_password", "set_role"]


@action("accounts.add_user")
def add_user(
    act: Act,
    username: str,
    password: str,
    *,
    role: str,
    organisation: Organisation | None = None,
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

    Raises
    ------
    PlanError
        ``username-taken``, ``weak-password``, ``unknown-role``.
    """
    act.require(organisation)
    known_role(role)
    users = get_user_model()
    if users.objects.filter(username__iexact=username).exists():
        message = _("The user name %(name)s is taken; nobody was added. Choose another name.") % {
            "name": username
        }
        raise PlanError("username-taken", message, got=username)
    user = users(username=username, email=email, first_name=first_name, last_name=last_name)
    try:
        validate_password(password, user)
    except ValidationError as error:
        message = _("The password will not do: %(reasons)s Choose another; nobody was added.") % {
            "reasons": " ".join(error.messages)
        }
        raise PlanError("weak-password", message, reasons=error.messages) from error
    user.set_password(password)
    user.save()
    Membership.objects.create(
        user=user, organisation=organisation, role=role, valid_from=timezone.localdate()
    )
    act.record(
        user, after={"username": username, "role": role, "organisation": pk(organisation)}, label=username
    )
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
    try:
        validate_password(password, user)
    except ValidationError as error:
        message = _("The password will not do: %(reasons)s Choose another; the old one still holds.") % {
            "reasons": " ".join(error.messages)
        }
        raise PlanError("weak-password", message, reasons=error.messages) from error
    user.set_password(password)
    user.save(update_fields=["password"])
    act.record(user, label=user.get_username())


@action("accounts.set_role")
def set_role(act: Act, user: User, role: str | None, organisation: Organisation | None = None) -> None:
    """Give a person another role in an organisation, from today; none ends the present one.

    Raises
    ------
    PlanError
        ``unknown-role``; ``last-administrator`` when nobody would be left who can give roles.
    """
    act.require(organisation)
    if role is not None:
        known_role(role)
    today = timezone.localdate()
    held = Membership.objects.filter(user=user, organisation=organisation).valid_on(today)
    before = sorted(membership.role for membership in held)
    if Role.ADMINISTRATOR in before and role != "administrator" and organisation is None:
        others = Membership.objects.filter(
            role=Role.ADMINISTRATOR, organisation=None, user__is_active=True
        ).exclude(user=user)
        if not others.valid_on(today).exists():
            message = _("%(name)s is the last administrator; make somebody else administrator first.") % {
                "name": user.get_username()
            }
            raise PlanError("last-administrator", message, got=user.get_username())
    held.filter(valid_from=today).delete()
    held.update(valid_to=today - datetime.timedelta(days=1))
    if role is not None:
        Membership.objects.create(user=user, organisation=organisation, role=role, valid_from=today)
    act.record(
        user,
        before={"roles": before},
        after={"role": role, "organisation": pk(organisation)},
        label=str(user),
    )


def known_role(role: str) -> None:
    """Raise when there is no such role."""
    if role not in Role.values:
        message = f'there is no role "{role}"; expected one of {", ".join(Role.values)}.'
        raise PlanError("unknown-role", message, got=role, expected=Role.values)


def pk(organisation: Organisation | None) -> str | None:
    """Return the id of an organisation, if there is one."""
    return organisation.pk if organisation else None
