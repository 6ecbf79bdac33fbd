"""Who the claims of a provider are about, and the roles that they give and take."""

from __future__ import annotations

import datetime
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.accounts.models import ExternalIdentity, Membership, Organisation
from framsyn.web.accounts.sign_on.protocol import looks_national
from framsyn.web.actions import Act, Actor, action

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from framsyn.web.accounts.sign_on.providers import Provider

__all__ = ["add_person", "claimed", "connect", "follow", "identify", "wanted_roles"]

log = logging.getLogger("framsyn.web.accounts.sign_on")
FIELDS = ("first_name", "last_name", "email")
TIMES_ALIKE = 50


@dataclass(frozen=True, order=True)
class Given:
    """A role that a provider gives, and where."""

    role: str
    organisation: str | None = None
    plan: str | None = None

    def told(self) -> dict[str, str]:
        """Return it for the log."""
        return {key: value for key, value in vars(self).items() if value}


def claimed(claims: dict[str, Any], name: str) -> Any:
    """Return a claim by its name, or from inside of others by a name with points.

    >>> claimed({"a": {"b": ["x"]}}, "a.b"), claimed({"helseid://claims/x": 1}, "helseid://claims/x"), claimed({}, "a.b")
    (['x'], 1, None)
    """
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        if not isinstance(found, dict) or part not in found:
            return None
        found = found[part]
    return found


def values_of(claims: dict[str, Any], name: str) -> list[str]:
    """Return the values of a claim as texts: of one that is a list, each."""
    found = claimed(claims, name)
    values = found if isinstance(found, list) else [found]
    return [str(value) for value in values if isinstance(value, str | int)]


def wanted_roles(provider: Provider, claims: dict[str, Any]) -> set[Given]:
    """Return the roles that these claims give, in places that exist."""
    plans = Membership._meta.get_field("plan").related_model
    assert plans is not None
    found = {
        Given(rule.role.value, rule.organisation or None, rule.plan or None)
        for rule in provider.role
        if str(rule.value) in values_of(claims, rule.claim)
    }
    places = {
        *(("organisation", pk) for pk in Organisation.objects.values_list("pk", flat=True)),
        *(("plan", pk) for pk in plans._default_manager.values_list("pk", flat=True)),  # type: ignore[union-attr]
    }
    for one in list(found):
        named = ("plan", one.plan) if one.plan else ("organisation", one.organisation)
        if named[1] is not None and named not in places:
            log.error("role without place", extra={"provider": provider.id, "place": named[1]})
            found.discard(one)
    return found


def personal(provider: Provider, claims: dict[str, Any]) -> dict[str, str]:
    """Return name and e-mail from the claims; what looks like a national identity number is left out."""
    found = {}
    for field in FIELDS:
        limit = 254 if field == "email" else 150
        values = values_of(claims, getattr(provider.claims, field))
        value = values[0].strip() if values else ""
        if value and len(value) <= limit and "\x00" not in value and not looks_national(value):
            found[field] = value
    return found


def free_username(provider: Provider, claims: dict[str, Any]) -> str:
    """Return a user name that nobody has: the provider's, with a number when somebody has that."""
    values = values_of(claims, provider.claims.username)
    wish = re.sub(r"[^\w.@+-]", "", values[0])[:140] if values and not looks_national(values[0]) else ""
    if not wish:
        mark = salted_hmac("framsyn.accounts.subject", claims["sub"], algorithm="sha256").hexdigest()
        wish = f"{provider.id}-{mark[:10]}"
    known = get_user_model().objects
    tries = [wish, *(f"{wish}-{number}" for number in range(2, TIMES_ALIKE))]
    for name in tries:
        if not known.filter(username__iexact=name).exists():
            return name
    message = _("The user name %(name)s is taken; nobody was added. Choose another name.") % {"name": wish}
    raise PlanError("username-taken", message, got=wish)


# ---------------------------------------------------------------- actions
@action("accounts.add_from_provider")
def add_person(act: Act, provider: Provider, claims: dict[str, Any]) -> User:
    """Add somebody whom a provider vouches for, without a password."""
    act.require()
    user: Any = get_user_model()(username=free_username(provider, claims), **personal(provider, claims))
    user.set_unusable_password()
    user.save()
    ExternalIdentity.objects.create(
        user=user, provider=provider.id, issuer=provider.issuer, subject=claims["sub"]
    )
    act.record(user, after={"username": user.username, "provider": provider.id}, label=user.username)
    return user


@action("accounts.connect_identity")
def connect(act: Act, provider: Provider, claims: dict[str, Any]) -> None:
    """Connect one's own login here with the one at a provider, from which one logs in as the same person then.

    Raises
    ------
    PlanError
        ``national-number``; ``identity-taken`` when that one is connected already.
    """
    user: Any = act.actor.user
    if user is None:
        raise PlanError("nobody", _("Nobody is logged in. Log in first."))
    act.checked = True  # one's own
    need_pseudonym(provider, claims)
    if ExternalIdentity.objects.filter(issuer=provider.issuer, subject=claims["sub"]).exists():
        raise PlanError(
            "identity-taken", _("That login is connected to a person here already; nothing was changed.")
        )
    ExternalIdentity.objects.create(
        user=user, provider=provider.id, issuer=provider.issuer, subject=claims["sub"]
    )
    act.record(user, after={"provider": provider.id}, label=user.get_username())


@action("accounts.follow_provider")
def follow(act: Act, user: User, provider: Provider, claims: dict[str, Any]) -> None:
    """Bring name, e-mail and the roles that a provider has given in line with its claims; what people gave stays."""
    act.require()
    # Two logins of one person at the same time wait for each other here.
    user = get_user_model().objects.select_for_update().get(pk=user.pk)  # type: ignore[assignment]
    today = timezone.localdate()
    rows = {as_rule(row): row for row in held(user, provider)}
    wanted = wanted_roles(provider, claims)
    for one, row in rows.items():
        if one in wanted:
            continue
        if row.valid_from == today:
            row.delete()
        else:
            row.valid_to = today - datetime.timedelta(days=1)
            row.save(update_fields=["valid_to"])
    for one in sorted(wanted - set(rows), key=str):
        Membership.objects.create(
            user=user, role=one.role, organisation_id=one.organisation, plan_id=one.plan, given_by=provider.id,
            valid_from=today,
        )  # fmt: skip
    for field, value in personal(provider, claims).items():
        setattr(user, field, value)
    user.save(update_fields=[*FIELDS])
    act.record(
        user,
        before={"roles": [one.told() for one in sorted(rows, key=str)]},
        after={"roles": [one.told() for one in sorted(wanted, key=str)], "provider": provider.id},
        label=str(user),
    )


def held(user: User, provider: Provider) -> Any:
    """Return what a provider has given somebody today."""
    return Membership.objects.filter(user=user, given_by=provider.id).valid_on(timezone.localdate())


def as_rule(row: Membership) -> Given:
    """Return a membership in the form of a rule."""
    return Given(row.role, row.organisation_id, row.plan_id)


def need_pseudonym(provider: Provider, claims: dict[str, Any]) -> None:
    """Raise ``national-number`` when a provider names people by what must not be kept."""
    if looks_national(claims["sub"]):
        message = _(
            "%(provider)s names people by their national identity number, which is not kept here, so nobody is logged in. "
            "An administrator must ask the provider for a pseudonym as subject."
        ) % {"provider": provider.label}
        raise PlanError("national-number", message, provider=provider.id)


# ---------------------------------------------------------------- who logs in
def identify(provider: Provider, claims: dict[str, Any], request_id: str = "") -> User:
    """Return the person whom the claims are about, with name and roles brought up to date; added if the provider may.

    Raises
    ------
    PlanError
        ``national-number``; ``person-unknown``; ``person-closed``.
    """
    need_pseudonym(provider, claims)
    actor = Actor(user=None, name=f"system: {provider.id}", request_id=request_id)
    found = (
        ExternalIdentity.objects.filter(issuer=provider.issuer, subject=claims["sub"])
        .select_related("user")
        .first()
    )
    if found is None and provider.unknown == "refuse":
        message = _(
            "%(provider)s knows you, but nobody here has connected that login. Log in with your password and connect it "
            "under your account, or ask an administrator."
        ) % {"provider": provider.label}
        raise PlanError("person-unknown", message, provider=provider.id)
    user: Any = found.user if found else add_person(actor, provider, claims)
    if not user.is_active:
        message = _("Your login here is closed. Ask an administrator to open it again.")
        raise PlanError("person-closed", message, provider=provider.id)
    roles = {as_rule(row) for row in held(user, provider)}
    changed = {
        field: value for field, value in personal(provider, claims).items() if getattr(user, field) != value
    }
    if changed or roles != wanted_roles(provider, claims):
        follow(actor, user, provider, claims)
        user.refresh_from_db()
    return user
