"""What happens around every page: its log line, its language, and the cache of pages that anonymous readers see."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections import OrderedDict
from threading import Event, Lock
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpResponse
from django.utils import translation

from framsyn.web.actions import NotAllowed
from framsyn.web.audit.queries import site_version
from framsyn.web.languages import LANGUAGES
from framsyn.web.pages.errors import not_allowed, not_found

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    Handler = Callable[[HttpRequest], HttpResponse]

__all__ = ["ChosenLanguage", "PageCache", "Refusals", "RequestLog"]

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


class Refusals:
    """Turns an action that the actor may not do, wherever it was called, into the page that says so.

    Somebody who is not logged in is asked to log in; somebody without any role at the place learns nothing of it.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer with the login page, 404 or 403 where an action was refused."""
        if not isinstance(exception, NotAllowed):
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
        if exception.data.get("foreign"):
            return not_found(request, exception)
        return not_allowed(request, exception)


class PageCache:
    """Whole pages for readers who are not logged in, as long as nothing has changed.

    Every change is an action and every action writes an audit entry, so the entries that are there are the version of all
    that the site shows (:func:`framsyn.web.audit.queries.site_version`). A page made at that version is right until the next
    entry; nothing has to be cleared. Pages that also depend on the day are made anew after midnight. The pages that were
    asked for last are kept, and a page that many ask for at once, as after a change, is made once.
    """

    SIZE = 96 * 2**20  # bytes in one process
    PATIENCE = 5.0  # seconds to wait for another who makes the page

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.pages: OrderedDict[tuple[str, ...], HttpResponse] = OrderedDict()
        self.making: dict[tuple[str, ...], Event] = {}
        self.held = 0
        self.lock = Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer from memory when the page is there."""
        if not self.may_ask(request):
            return self.get_response(request)
        version = site_version()
        key = (
            request.get_host(),
            request.get_full_path(),
            request.LANGUAGE_CODE,
            time.strftime("%Y-%m-%d"),
            version,
        )
        kept, made = self.find(key)
        if made is not None and made.wait(self.PATIENCE):
            kept, _ = self.find(key)
        if kept is not None:
            return self.copy(kept)
        try:
            response = self.get_response(request)
            if self.may_keep(request, response):
                self.keep(key, self.copy(response))
        finally:
            with self.lock:
                ours = self.making.pop(key, None)
            if ours is not None:
                ours.set()
        return response

    def find(self, key: tuple[str, ...]) -> tuple[HttpResponse | None, Event | None]:
        """Return the page, or what tells when another has made it; neither when the caller is the one to make it."""
        with self.lock:
            kept = self.pages.get(key)
            if kept is not None:
                self.pages.move_to_end(key)
                return kept, None
            made = self.making.get(key)
            if made is None:
                self.making[key] = Event()
            return None, made

    def keep(self, key: tuple[str, ...], page: HttpResponse) -> None:
        """Hold a page, and let go of those that nobody has asked for longest."""
        with self.lock:
            before = self.pages.pop(key, None)
            self.pages[key] = page
            self.held += len(page.content) - (len(before.content) if before is not None else 0)
            while self.held > self.SIZE:
                _, oldest = self.pages.popitem(last=False)
                self.held -= len(oldest.content)

    @staticmethod
    def may_ask(request: HttpRequest) -> bool:
        """Tell whether everybody who asks for this page sees the same."""
        return (
            settings.PAGE_CACHE
            and request.method == "GET"
            and settings.SESSION_COOKIE_NAME not in request.COOKIES
            and CookieStorage.cookie_name not in request.COOKIES
            and "Authorization" not in request.headers
            and "If-None-Match"
            not in request.headers  # whoever may have the page already asks the view itself
            and not request.path.startswith(("/static/", "/health/", "/login/", "/api/v1/"))
        )

    @staticmethod
    def may_keep(request: HttpRequest, response: HttpResponse) -> bool:
        """Tell whether the page holds nothing of this reader alone: no cookie, no session, no token of a form."""
        return (
            response.status_code == 200
            and not response.streaming
            and not response.cookies
            and "no-store" not in response.get("Cache-Control", "")  # it shows something that is under way
            and not request.session.modified
            and not request.META.get("CSRF_COOKIE_NEEDS_UPDATE")
        )

    @staticmethod
    def copy(response: HttpResponse) -> HttpResponse:
        """Return the page without what the outer middleware adds to each answer."""
        # Headers are told anew: the copy() of Django's mapping is the mapping itself.
        return HttpResponse(response.content, status=response.status_code, headers=dict(response.items()))
