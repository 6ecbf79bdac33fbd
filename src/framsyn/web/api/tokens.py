"""Tokens: made, revoked, recognised; and the actor that a token makes of its owner."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.actions import Act, Actor, NotAllowed, action
from framsyn.web.api.models import ApiToken
from framsyn.web.policies import POLICY, may

if TYPE_CHECKING:
    from collections.abc import Iterable

    from framsyn.web.accounts.models import Organisation
    from framsyn.web.plan.models import Plan

__all__ = ["LONGEST", "MOST", "TokenActor", "actor_of", "make_token", "recognised", "revoke_token"]

PREFIX = "framsyn"  # so that scanners of source code find a token that somebody left there
LONGEST = datetime.timedelta(days=366)
MOST = 20  # tokens of one person that hold at the same time
_NOBODY = hashlib.sha256(b"nobody").hexdigest()


@dataclass(frozen=True)
class TokenActor(Actor):
    """A person by way of a token: the person's roles of today, within what the token is limited to."""

    token: ApiToken | None = None

    def roles_in(
        self, organisation: Organisation | None = None, *, plans: Iterable[str] = (), thing: Any = None
    ) -> frozenset[str]:
        """Return the roles that count: none outside the organisation or the plan of the token."""
        token = self.token
        concerned = tuple(plans)
        if token is not None and token.plan_id and token.plan_id not in concerned:
            return frozenset()
        if token is not None and token.organisation_id:
            above = organisation
            while above is not None and above.pk != token.organisation_id:
                above = above.parent
            if above is None:
                return frozenset()
        return super().roles_in(organisation, plans=concerned, thing=thing)

    def may(
        self,
        name: str,
        organisation: Organisation | None = None,
        *,
        plans: Iterable[str] = (),
        thing: Any = None,
    ) -> bool:
        """Tell whether this token may do an action, or see something."""
        if self._reads_only(name):
            return False
        return may(self.roles_in(organisation, plans=plans, thing=thing), name)

    def require(
        self,
        name: str,
        organisation: Organisation | None = None,
        *,
        plans: Iterable[str] = (),
        thing: Any = None,
    ) -> None:
        """Raise :class:`NotAllowed` when this token may not."""
        if self._reads_only(name):
            raise read_only(name)
        super().require(name, organisation, plans=plans, thing=thing)

    def _reads_only(self, name: str) -> bool:
        return name in POLICY and self.token is not None and self.token.scope != ApiToken.Scope.WRITE


def read_only(name: str = "") -> NotAllowed:
    """Return the refusal of a token that may only read."""
    message = _(
        "This token may only read. Nothing was changed. Make one that may write on the page of your tokens."
    )
    return NotAllowed("read-only-token", message, action=name)


def digest_of(secret: str) -> str:
    """Return what is kept of a secret. It is random and long, so that no slow hash is needed to protect it."""
    return hashlib.sha256(secret.encode()).hexdigest()


@action("api.make_token")
def make_token(
    act: Act,
    name: str,
    *,
    scope: str = "read",
    organisation: Organisation | None = None,
    plan: Plan | None = None,
    expires: datetime.date | None = None,
) -> tuple[ApiToken, str]:
    """Make a token of one's own; return it, and the words that a program sends, which nobody can read again.

    Parameters
    ----------
    name : str
        What it is for.
    scope : {"read", "write"}
    organisation, plan : optional
        Where alone it holds.
    expires : date, optional
        Last day, at most a year ahead; a year if left out.

    Raises
    ------
    PlanError
        ``nobody``, ``name-missing``, ``unknown-scope``, ``bad-day``, ``too-many-tokens``.
    """
    user = act.actor.user
    if user is None or not user.is_active or isinstance(act.actor, TokenActor):
        # A token that could make tokens would outlive its own last day.
        raise PlanError("nobody", _("Log in to make a token: a token cannot make another."))
    act.checked = True  # a token of one's own takes no role: it may no more than its owner
    today = timezone.localdate()
    last = expires or today + datetime.timedelta(days=365)
    if not name.strip():
        raise PlanError(
            "name-missing", _("Say what the token is for, such as “monthly figures”."), field="name"
        )
    if scope not in ApiToken.Scope.values:
        raise PlanError("unknown-scope", _("Choose read only, or read and write."), field="scope", got=scope)
    if not today <= last <= today + LONGEST:
        message = _("A token holds for a year at most. Choose a day from today to %(last)s.")
        raise PlanError("bad-day", message % {"last": today + LONGEST}, field="expires", got=last.isoformat())
    holding = ApiToken.objects.filter(user=user, revoked_at=None, expires__gte=today).count()
    if holding >= MOST:
        message = _("You have %(count)s tokens already. Revoke one that is not used any more.")
        raise PlanError("too-many-tokens", message % {"count": holding}, got=holding, expected=MOST)
    secret = secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name.strip(),
        key=secrets.token_hex(6),
        digest=digest_of(secret),
        scope=scope,
        organisation=organisation,
        plan=plan,
        created_at=act.at,
        expires=last,
    )
    act.record(token, after={**facts(token), "expires": last}, label=token.name)
    return token, f"{PREFIX}_{token.key}_{secret}"


@action("api.revoke_token")
def revoke_token(act: Act, token: ApiToken) -> ApiToken:
    """End a token: one's own, or as an administrator anybody's. It never holds again."""
    if act.actor.user is not None and act.actor.user.pk == token.user_id:
        act.checked = True  # one's own
    else:
        act.require()
    token = ApiToken.objects.select_for_update(of=("self",)).get(pk=token.pk)
    if token.revoked_at is not None:
        raise PlanError("revoked", _("That token is revoked already."))
    token.revoked_at = act.at
    token.save(update_fields=("revoked_at",))
    act.record(token, before=facts(token), after={"revoked": True}, label=token.name)
    return token


def facts(token: ApiToken) -> dict[str, Any]:
    """Return what the log keeps: everything but the secret and its digest."""
    return {
        "key": token.key,
        "scope": token.scope,
        "organisation": token.organisation_id,
        "plan": token.plan_id,
        "expires": token.expires,
    }


def recognised(words: str) -> ApiToken | None:
    """Return the token with these words, when it holds today and its owner may still log in; one query."""
    prefix, _one, rest = words.partition("_")
    key, _two, secret = rest.partition("_")
    known = prefix == PREFIX and key.isalnum() and key.isascii()
    query = ApiToken.objects.select_related("user", "organisation", "plan")
    token = query.filter(key=key).first() if known else None
    # The same work for a key that nobody has, so that the time tells nothing.
    right = hmac.compare_digest(
        digest_of(secret) if secret.isascii() else "", token.digest if token else _NOBODY
    )
    today = timezone.localdate()
    if token is None or not right or not token.holds_on(today) or not token.user.is_active:
        return None
    if token.last_used != today:
        # Bookkeeping, once a day, like the time of the last login: nothing that the site shows of the plan changes by it.
        ApiToken.objects.filter(pk=token.pk).update(last_used=today)
    return token


def actor_of(token: ApiToken, request_id: str) -> TokenActor:
    """Return the person behind a token."""
    user = token.user
    return TokenActor(user, user.get_full_name() or user.get_username(), request_id, token)
