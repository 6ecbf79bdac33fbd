"""What happens around every page: its log line, its language, and the cache of pages that anonymous readers see."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections import OrderedDict
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Max
from django.http import HttpResponse
from django.utils import translation

from framsyn.web.audit.models import Entry
from framsyn.web.languages import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    Handler = Callable[[HttpRequest], HttpResponse]

__all__ = ["ChosenLanguage", "PageCache", "RequestLog"]

log = logging.getLogger("framsyn.web.requests")
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,40}")
_YEAR = 365 * 24 * 3600


class RequestLog:
    """Gives every request an id, and writes one log line with status and time."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and log the answer."""
        given = request.headers.get("X-Request-ID", "")
        request.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex  # type: ignore[attr-defined]
        begin = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        if not request.path.startswith("/static/"):
            log.info(
                "request",
                extra={
                    "method": request.method,
                    "path": request.path,
                    "status": response.status_code,
                    "milliseconds": round(1000 * (time.perf_counter() - begin), 1),
                    "request_id": request.request_id,  # type: ignore[attr-defined]
                },
            )
        return response


class ChosenLanguage:
    """The language of a page: ``?lang=``, which is remembered, else the cookie, else what the browser asks for."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the chosen language."""
        chosen = request.GET.get("lang", "")
        language = self.language(request, chosen)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response["Content-Language"] = language
        response["Vary"] = ", ".join(filter(None, [response.get("Vary"), "Accept-Language, Cookie"]))
        if chosen == language:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                language,
                max_age=_YEAR,
                samesite=settings.LANGUAGE_COOKIE_SAMESITE,
                secure=settings.LANGUAGE_COOKIE_SECURE,
            )
        return response

    @staticmethod
    def language(request: HttpRequest, chosen: str) -> str:
        """Return nb, nn or en."""
        if chosen in LANGUAGES:
            return chosen
        kept = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if kept in LANGUAGES:
            return kept
        for wanted in request.headers.get("Accept-Language", "").split(","):
            code = wanted.split(";")[0].strip().lower()[:2]
            if code in LANGUAGES:
                return code
            if code in ("no", "da", "sv"):
                return "nb"
        return settings.LANGUAGE_CODE


class PageCache:
    """Whole pages for readers who are not logged in, as long as nothing has changed.

    Every change is an action and every action writes an audit entry, so the number of the last entry is the version of all
    that the site shows. A page made at that version is right until the next entry; nothing has to be cleared. Pages that
    also depend on the day are made anew after midnight.
    """

    SIZE = 2000

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.pages: OrderedDict[tuple[str, ...], HttpResponse] = OrderedDict()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer from memory when the page is there."""
        if not self.may_keep(request):
            return self.get_response(request)
        version = Entry.objects.aggregate(last=Max("id"))["last"] or 0
        key = (
            request.get_host(),
            request.get_full_path(),
            request.LANGUAGE_CODE,
            time.strftime("%Y-%m-%d"),
            str(version),
        )
        kept = self.pages.get(key)
        if kept is not None:
            return self.copy(kept)
        response = self.get_response(request)
        if response.status_code == 200 and not response.streaming and not response.cookies:  # noqa: PLR2004
            self.pages[key] = self.copy(response)
            while len(self.pages) > self.SIZE:
                self.pages.popitem(last=False)
        return response

    @staticmethod
    def may_keep(request: HttpRequest) -> bool:
        """Tell whether everybody who asks for this page sees the same."""
        return (
            settings.PAGE_CACHE
            and request.method == "GET"
            and settings.SESSION_COOKIE_NAME not in request.COOKIES
            and not request.path.startswith(("/static/", "/health/", "/login/"))
        )

    @staticmethod
    def copy(response: HttpResponse) -> HttpResponse:
        """Return the page without what the outer middleware adds to each answer."""
        twin = HttpResponse(response.content, status=response.status_code)
        twin.headers = response.headers.copy()
        return twin
