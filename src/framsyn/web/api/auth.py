"""Who calls: a token, a person who is logged in, or anybody; and how often somebody may call."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _
from ninja.errors import Throttled
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from framsyn.errors import PlanError
from framsyn.web.accounts.limits import address_of
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.api.etags import refuse_other_media
from framsyn.web.api.models import ApiToken
from framsyn.web.api.tokens import TokenActor, actor_of, read_only, recognised

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["READING", "Buckets", "Caller", "slow_down"]

READING = ("GET", "HEAD", "OPTIONS")
_CLIENTS = 20_000  # clients remembered in one process; those not seen longest are forgotten


class Buckets:
    """How often each client may call: a bucket of calls that fills again steadily.

    Kept in the memory of a process: with several workers a client gets as many buckets. That is enough to keep one client
    from taking the time of all others, which is what it is for.

    Examples
    --------
    >>> clock = iter([0.0, 0.0, 0.0, 30.0])
    >>> buckets = Buckets(lambda: next(clock))
    >>> [buckets.wait("a", 2, 60) for _call in range(4)]
    [0.0, 0.0, 30.0, 0.0]
    """

    def __init__(self, clock: Any = time.monotonic) -> None:
        self.clock = clock
        self.lock = Lock()
        self.left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str, calls: int, seconds: float) -> float:
        """Take one call out of a client's bucket; return 0, or the seconds until there is one."""
        now = self.clock()
        with self.lock:
            left, then = self.left.pop(client, (float(calls), now))
            left = min(float(calls), left + (now - then) * calls / seconds)
            granted = left >= 1
            self.left[client] = (left - 1 if granted else left, now)
            while len(self.left) > _CLIENTS:
                self.left.popitem(last=False)
        return 0.0 if granted else (1 - left) * seconds / calls

    def forget(self) -> None:
        """Give everybody full buckets."""
        with self.lock:
            self.left.clear()


BUCKETS = Buckets()


def slow_down(client: str, kind: str) -> None:
    """Count a call.

    Raises
    ------
    Throttled
        When the client has called more often than ``settings.API_RATES`` allows for this kind.
    """
    calls, seconds = settings.API_RATES[kind]
    wait = BUCKETS.wait(f"{kind} {client}", calls, seconds)
    if wait:
        raise Throttled(wait=math.ceil(wait))


class Caller(AuthBase):
    """Gives the actor of a call: by ``Authorization: Bearer``, by the cookie of the site, else nobody.

    A cookie writes only together with the token of a form, as everywhere on the site: another site cannot write in the
    name of somebody who is logged in here.
    """

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = "A token from the page My account → Tokens. What is published is read without."

    def __call__(self, request: HttpRequest) -> Actor:
        """Return who calls; never nobody, so that reading needs no token."""
        address = address_of(request)
        header = request.headers.get("Authorization", "")
        writes = request.method not in READING
        if header:
            actor = self.of_token(request, header, address)
            client = f"token {actor.token.key}" if actor.token else address
        elif request.user.is_authenticated:
            actor = Actor.of(request)  # type: ignore[assignment]
            client = f"user {request.user.pk}"
        else:
            actor = Actor.of(request)  # type: ignore[assignment]
            client = address
        slow_down(client, "write" if writes else "read")
        if not writes:
            return actor
        if actor.user is None:
            raise NotAllowed(
                "no-token",
                _("Writing needs a token. Nothing was changed. Make one on the page of your tokens."),
            )
        if isinstance(actor, TokenActor):
            if actor.token is not None and actor.token.scope != ApiToken.Scope.WRITE:
                raise read_only()
        elif check_csrf(request) is not None:
            message = _("The cookie of a login writes only with the header X-CSRFToken. Use a token instead.")
            raise PlanError("no-csrf-token", message)
        refuse_other_media(request)
        return actor

    @staticmethod
    def of_token(request: HttpRequest, header: str, address: str) -> TokenActor:
        """Return the actor of a token, or refuse; who guesses is slowed down."""
        scheme, _space, words = header.partition(" ")
        token = recognised(words.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            slow_down(address, "wrong token")
            message = _(
                "This token is not known here, is revoked, or has expired. Make a new one on the page of your tokens."
            )
            raise NotAllowed("bad-token", message)
        return actor_of(token, getattr(request, "request_id", ""))
