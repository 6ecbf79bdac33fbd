"""Who reads the page that is being made, for code that is asked for a scenario by its address alone."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

from framsyn.web.actions import Actor

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

__all__ = ["WhoReads", "reading_actor"]

_REQUEST: ContextVar[HttpRequest | None] = ContextVar("framsyn_request", default=None)


def reading_actor() -> Actor:
    """Return the person behind the request that is answered now; a stranger where there is none.

    >>> reading_actor().user is None
    True
    """
    request = _REQUEST.get()
    return Actor.of(request) if request is not None else Actor(user=None, name="")


class WhoReads:
    """Remembers the request while it is answered; nothing is read from the database for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        token = _REQUEST.set(request)
        try:
            return self.get_response(request)
        finally:
            _REQUEST.reset(token)
