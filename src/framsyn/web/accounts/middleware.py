"""Around every page: headers that keep browsers strict, sessions that end, a second factor before anything changes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user, logout
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from framsyn.web.accounts import sessions
from framsyn.web.accounts.second_factor import lacks_second_factor

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import AbstractUser, AnonymousUser
    from django.http import HttpRequest, HttpResponse

    Handler = Callable[[HttpRequest], HttpResponse]

__all__ = ["SecondFactorFirst", "SecureHeaders", "SessionLife", "WhoAsks"]

# What a planning site never needs of a browser.
PERMISSIONS = ", ".join(
    f"{name}=()"
    for name in (
        "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media",
        "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi",
        "payment", "picture-in-picture", "publickey-credentials-get", "screen-wake-lock", "serial", "usb",
        "xr-spatial-tracking",
    )
)  # fmt: skip
SAFE = ("GET", "HEAD", "OPTIONS")
# What somebody without the wanted second factor may still post: the way to it, and the way out.
OPEN_ROUTES = {"login", "logout", "second-factor", "recovery-codes", "password", "end-sessions"}


class WhoAsks(AuthenticationMiddleware):
    """Tells who is logged in, as Django does, from the person that was read with the session where there is one."""

    def process_request(self, request: HttpRequest) -> None:
        """Put the person at the request; asked for only when a page wants to know."""
        super().process_request(request)
        request.user = SimpleLazyObject(partial(who_asks, request))


def who_asks(request: HttpRequest) -> AbstractUser | AnonymousUser:
    """Return the owner of the session when all that Django checks holds; else what Django says."""
    who = request.session.get(SESSION_KEY)
    owner = getattr(request.session, "owner", None)
    if (
        owner is not None
        and str(owner.pk) == who
        and owner.is_active
        and request.session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(request.session.get(HASH_SESSION_KEY, ""), owner.get_session_auth_hash())
    ):
        return owner
    return get_user(request)


class SecureHeaders:
    """Says to browsers what no page needs, and who may embed our answers."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the headers."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class SessionLife:
    """Ends sessions that are too old or have rested too long; pages of people who are logged in are kept nowhere."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        begun_logged_in = SESSION_KEY in request.session
        if begun_logged_in:
            now = timezone.now()
            if sessions.is_over(request.session, now):
                logout(request)
                messages.info(
                    request, _("Your session had ended, so you are logged out. Log in again to go on.")
                )
            else:
                sessions.touch(request.session, now)
        response = self.get_response(request)
        if begun_logged_in or SESSION_KEY in request.session:
            response["Cache-Control"] = "no-store, private"
        return response


class SecondFactorFirst:
    """Leads who has a role of FRAMSYN_REQUIRE_TOTP and no second factor to the page that sets it up, before a change."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or lead to the page."""
        if (
            settings.REQUIRE_TOTP
            and request.method not in SAFE
            and SESSION_KEY in request.session
            and not self.is_open(request.path_info)
            and lacks_second_factor(request)
        ):
            messages.warning(
                request,
                _(
                    "Your role asks for a second factor. Nothing was changed. Set it up here, then do it again."
                ),
            )
            return redirect("second-factor")
        return self.get_response(request)

    @staticmethod
    def is_open(path: str) -> bool:
        """Tell whether a post to this address is the way to a second factor, or out."""
        try:
            return resolve(path).url_name in OPEN_ROUTES
        except Resolver404:
            return True
