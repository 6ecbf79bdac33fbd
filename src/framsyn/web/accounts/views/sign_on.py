"""The way to a provider of logins, and back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from framsyn.errors import PlanError
from framsyn.web.accounts.limits import take
from framsyn.web.accounts.sessions import mark_of
from framsyn.web.accounts.sign_on.people import connect, identify
from framsyn.web.accounts.sign_on.protocol import begin, fetch_claims, looks_national
from framsyn.web.accounts.sign_on.providers import Provider, provider_named
from framsyn.web.accounts.views.login import PROVIDER, TOKEN, finish, safe_next
from framsyn.web.actions import Actor

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["back", "there"]

BEGUN = "sign_on"  # in the session: what was sent to providers and waits for an answer
PATIENCE = 600  # seconds that an answer is waited for
MOST_BEGUN = 5
RATE = "300/10m"


def need(name: str) -> Provider:
    """Return a provider, or answer 404."""
    provider = provider_named(name)
    if provider is None:
        raise Http404
    return provider


def address_of(request: HttpRequest, provider: Provider) -> str:
    """Return where a provider sends the browser back to."""
    return request.build_absolute_uri(reverse("sign-on-back", args=[provider.id]))


def refused(request: HttpRequest, message: str) -> HttpResponse:
    """Say why nobody is logged in, where one may try again."""
    messages.error(request, message)
    return redirect("account" if request.user.is_authenticated else "login")


@require_GET
@never_cache
def there(request: HttpRequest, name: str) -> HttpResponse:
    """Send the browser to a provider; who is logged in already connects that login with the one here."""
    provider = need(name)
    if request.user.is_authenticated:
        # Only from one's own account page: a link on another site must not connect anybody with anything.
        asked = mark_of(request.session.session_key or "", "connect")
        if not constant_time_compare(request.GET.get("connect", ""), asked):
            return redirect("account")
    if take(request, "sign-on", RATE) is not None:
        return refused(request, _("Too many tries from here. Wait some minutes."))
    try:
        address, state, kept = begin(provider, address_of(request, provider))
    except PlanError as error:
        return refused(request, error.message)
    waiting: dict[str, Any] = request.session.get(BEGUN, {})
    newest = sorted(waiting, key=lambda one: waiting[one]["at"])[-(MOST_BEGUN - 1) :]
    request.session[BEGUN] = {
        **{one: waiting[one] for one in newest},
        state: {
            **kept,
            "provider": provider.id,
            "at": time.time(),
            "next": safe_next(request, request.GET.get("next", "")),
            "connects": request.user.pk if request.user.is_authenticated else None,
        },
    }
    return redirect(address)


@require_GET
@never_cache
def back(request: HttpRequest, name: str) -> HttpResponse:
    """Take the answer of a provider: each state is good once, in the browser that began it."""
    provider = need(name)
    waiting: dict[str, Any] = request.session.get(BEGUN, {})
    kept = waiting.pop(request.GET.get("state", ""), None)
    if kept is not None:
        request.session[BEGUN] = waiting  # used up, whatever comes of it
    if (
        kept is None
        or kept["provider"] != provider.id
        or not 0 <= time.time() - kept["at"] <= PATIENCE
        or request.GET.get("iss", provider.issuer) != provider.issuer
    ):
        return refused(request, _("This answer was not asked for from here, or it is too old. Begin again."))
    if "error" in request.GET or "code" not in request.GET:
        message = _("%(provider)s did not log you in. Nothing was changed; begin again from here.")
        return refused(request, message % {"provider": provider.label})
    try:
        claims, token = fetch_claims(provider, request.GET["code"], kept, address_of(request, provider))
        if kept["connects"] is not None:
            return connected(request, provider, claims, kept)
        user = identify(provider, claims, getattr(request, "request_id", ""))
    except PlanError as error:
        return refused(request, error.message)
    notes = {PROVIDER: provider.id}
    if not looks_national(claims):
        notes[TOKEN] = token  # the way out asks for it
    return finish(request, user, kept["next"], proven=provider.second_factor, **notes)


def connected(
    request: HttpRequest, provider: Provider, claims: dict[str, Any], kept: dict[str, Any]
) -> HttpResponse:
    """Connect a provider's login with the person who asked for it and is still logged in."""
    if not request.user.is_authenticated or request.user.pk != kept["connects"]:
        return refused(request, _("This answer was not asked for from here, or it is too old. Begin again."))
    connect(Actor.of(request), provider, claims)
    messages.success(
        request, _("You may log in with %(provider)s from now on.") % {"provider": provider.label}
    )
    return redirect("account")
