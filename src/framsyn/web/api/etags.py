"""Which state a caller knows: ETag, If-None-Match, If-Match.

The ETag of one thing is ``"V.H"``: V is the thing's version (:func:`framsyn.web.locking.last_change`, of a draft its last
edit), which If-Match is held against; H tells this representation of it from others. A list has a weak one, made of the
version of the whole site, so that an unchanged list is answered without being made.
"""

from __future__ import annotations

import functools
import hashlib
import re
from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.audit.models import Entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from framsyn.web.actions import Actor

__all__ = [
    "NotModified",
    "finished",
    "is_known",
    "not_modified",
    "refuse_known",
    "refuse_other_media",
    "seen_by",
    "site_version",
    "unwritable",
    "versioned",
]

_TAG = re.compile(r'\s*(?:W/)?"(\d{1,18})(?:\.[0-9a-f]+)?"\s*')
_VERSION = "V-of-thing"  # header by which an operation tells the version of what it answers; never sent
_JSON = re.compile(r"application/([a-z.-]+\+)?json(\s*;.*)?", re.IGNORECASE)


class NotModified(Exception):
    """The caller has it already."""

    def __init__(self, tag: str) -> None:
        super().__init__(tag)
        self.tag = tag


def site_version() -> int:
    """Return the number of the last change of anything; one query by primary key."""
    return Entry.objects.aggregate(last=Max("id"))["last"] or 0


def list_tag(request: HttpRequest, actor: Actor) -> str:
    """Return the weak ETag of a list: site, day (statuses depend on it), reader and language."""
    who = getattr(getattr(actor, "token", None), "key", None) or (actor.user.pk if actor.user else "all")
    language = getattr(request, "LANGUAGE_CODE", "")
    parts = f"{request.get_full_path()} {request.get_host()} {language} {who} {timezone.localdate()}"
    return f'W/"{site_version()}.{hashlib.sha256(parts.encode()).hexdigest()[:12]}"'


def is_known(request: HttpRequest, tag: str) -> bool:
    """Tell whether the caller has a state already, by the weak comparison of If-None-Match."""
    given = request.headers.get("If-None-Match", "")
    plain = tag.removeprefix("W/")
    return given.strip() == "*" or plain in (one.strip().removeprefix("W/") for one in given.split(","))


def refuse_known(request: HttpRequest, response: HttpResponse, actor: Actor) -> None:
    """Put the weak ETag of a list on its answer.

    Raises
    ------
    NotModified
        When the caller has it; nothing more is read then.
    """
    tag = list_tag(request, actor)
    response["ETag"] = tag
    if is_known(request, tag):
        raise NotModified(tag)


def seen_by(request: HttpRequest, *, needed: bool = True) -> int | None:
    """Return the version that the caller saw, by If-Match; None for ``*``, or where none is needed and none is given.

    Raises
    ------
    PlanError
        ``if-match-missing``, ``bad-etag``.
    """
    given = request.headers.get("If-Match")
    if given is None:
        if not needed:
            return None
        message = _(
            "Read the thing first and send its ETag as If-Match, so that nobody's work is overwritten. Nothing was changed."
        )
        raise PlanError("if-match-missing", message, where="If-Match")
    if given.strip() == "*":
        return None
    found = _TAG.fullmatch(given)
    if found is None:
        message = _("If-Match is %(got)s; expected one ETag as this site gave it, or *. Nothing was changed.")
        raise PlanError("bad-etag", message % {"got": given[:60]}, got=given[:60], where="If-Match")
    return int(found[1])


def versioned(response: HttpResponse, version: int) -> None:
    """Note the version of the thing that is answered."""
    response[_VERSION] = str(version)


def finished(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wrap an operation: look at its address before, put the ETag on its answer after."""

    @functools.wraps(run)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        from framsyn.web.api.problems import problem

        if unwritable(request.get_full_path() + str(kwargs)):
            return problem(request, 422, "bad-character", where="?")
        response = run(request, *args, **kwargs)
        version = response.get(_VERSION)
        del response[_VERSION]
        if version is not None and response.status_code < 300:
            body = hashlib.sha256(response.content).hexdigest()[:12]
            response["ETag"] = tag = f'"{version}.{body}"'
            if request.method == "GET" and is_known(request, tag):
                response = not_modified(tag)
        if request.method == "GET" and response.status_code in (200, 304):
            # Everybody asks again before using a kept answer; what a token was shown stays with its owner.
            known = (
                "private" if "Authorization" in request.headers or request.user.is_authenticated else "public"
            )
            response["Cache-Control"] = f"{known}, no-cache"
            response["Vary"] = "Authorization, Accept-Language, Cookie"
        return response

    return answer


def refuse_other_media(request: HttpRequest) -> None:
    """Refuse a body that is not JSON.

    Raises
    ------
    PlanError
        ``media-type``.
    """
    kind = request.META.get("CONTENT_TYPE", "")
    if request.META.get("CONTENT_LENGTH") not in (None, "", "0") and not _JSON.fullmatch(kind):
        message = _("The body is %(got)s; expected application/json. Nothing was changed.")
        raise PlanError(
            "media-type", message % {"got": kind[:80] or "–"}, got=kind[:80], where="Content-Type"
        )


def not_modified(tag: str) -> HttpResponse:
    """Return the answer that the caller has it already."""
    response = HttpResponse(status=304)
    response["ETag"] = tag
    del response["Content-Type"]
    return response


def unwritable(words: str) -> bool:
    r"""Tell whether a text holds what no database keeps: a null character, percent-encoded too, or half a character.

    >>> unwritable("ord"), unwritable("a\x00b"), unwritable("a%00b"), unwritable("\ud800")
    (False, True, True, True)
    """
    if "\x00" in words or "%00" in words:
        return True
    try:
        words.encode()
    except UnicodeEncodeError:
        return True
    return False
