"""Around every answer below /api/: whom it is open to, its error shape, HEAD, and no cookie of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse

from framsyn.web.api.problems import MEDIA, problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    Handler = Callable[[HttpRequest], HttpResponse]

__all__ = ["ApiAnswers", "is_api"]

_OPEN = "GET, HEAD, OPTIONS"
_TOLD = "ETag, Link, Content-Language, Retry-After, X-Request-ID"
_ASKED = "Accept-Language, If-None-Match"


def is_api(path: str) -> bool:
    """Tell whether an address belongs to the interface itself, not to the page about it.

    >>> is_api("/api/v1/goals"), is_api("/api/docs/"), is_api("/goals/")
    (True, False, False)
    """
    return path.startswith("/api/") and path != "/api/docs/"


def is_feed(path: str) -> bool:
    """Tell whether an address is a feed.

    >>> is_feed("/feeds/changes.atom"), is_feed("/changes/")
    (True, False)
    """
    return path.endswith(("/changes.atom", "/changes.rss"))


class ApiAnswers:
    """Makes the answers of the interface alike, whoever gives them: the interface, a middleware, or Django itself.

    Any other site may read (open data), without cookies and without tokens; no other site may write.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        if not is_api(request.path_info):
            response = self.get_response(request)
            if is_feed(request.path_info):
                self.open(response)
            return response
        if request.method == "OPTIONS":
            response = HttpResponse(status=204)
            response["Allow"] = _OPEN
            if request.headers.get("Access-Control-Request-Method", "GET") in ("GET", "HEAD"):
                self.open(response)
                response["Access-Control-Allow-Methods"] = _OPEN
                response["Access-Control-Allow-Headers"] = _ASKED
                response["Access-Control-Max-Age"] = "86400"
            return response
        reads = request.method in ("GET", "HEAD")
        head = request.method == "HEAD"
        if head:
            request.method = "GET"
        response = self.get_response(request)
        if response.status_code >= 400 and not response.get("Content-Type", "").startswith(MEDIA):
            kept = {name: response[name] for name in ("Allow", "Retry-After") if name in response}
            response = problem(request, response.status_code, headers=kept)
        response.cookies.pop(settings.LANGUAGE_COOKIE_NAME, None)  # ?lang= is about this answer alone
        if "Content-Languages" in response:  # several, which the outer middleware cannot know
            response["Content-Language"] = response["Content-Languages"]
            del response["Content-Languages"]
        if reads:
            self.open(response)
        if head:
            response.content = b""
        return response

    @staticmethod
    def open(response: HttpResponse) -> None:
        """Let any site read this."""
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = _TOLD
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
