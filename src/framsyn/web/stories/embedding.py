"""Pages that other sites may show in a frame: these routes alone, the same for everybody, without cookies.

Everything else of the site stays out of frames (``frame-ancestors 'none'``), so that nobody can be led to press a button of
the site in a page of somebody else's. An embedded page has no button, knows no reader and sets no cookie.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from csp.utils import build_policy
from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    Handler = Callable[[HttpRequest], HttpResponse]

__all__ = ["ANCESTORS", "EMBEDDED", "Embedding"]

EMBEDDED = re.compile(r"/(?:stories/[-a-z0-9]+|outlook)/embed/(?:[-a-z0-9_:]+/)?")
"""Paths of the pages that may be shown in a frame."""
ANCESTORS = "*"
"""Who may frame them: every site, since the figures are open."""


class Embedding:
    """Lets other sites frame the embedded pages, and keeps reader and cookies out of them."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        if EMBEDDED.fullmatch(request.path_info) is None:
            return self.get_response(request)
        language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        request.COOKIES = {settings.LANGUAGE_COOKIE_NAME: language} if language else {}
        response = self.get_response(request)
        response.cookies.clear()
        if response.status_code in (200, 304):
            policy = build_policy(replace={"frame-ancestors": [ANCESTORS]})
            response["Content-Security-Policy"] = policy
            response["Cross-Origin-Resource-Policy"] = "cross-origin"
            del response["X-Frame-Options"]
        return response
