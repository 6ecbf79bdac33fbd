"""One shape for everything that goes wrong below /api/: problem details (RFC 9457), worded as PlanError words them."""

from __future__ import annotations

import json
import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import RequestDataTooBig
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from ninja.errors import HttpError, Throttled, ValidationError

from framsyn.errors import PlanError
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.api.etags import NotModified, not_modified

if TYPE_CHECKING:
    from django.http import HttpRequest
    from ninja import NinjaAPI

__all__ = ["KINDS", "MEDIA", "Kind", "add_handlers", "problem", "status_of"]

MEDIA = "application/problem+json"
log = logging.getLogger("framsyn.web.api")


@dataclass(frozen=True)
class Kind:
    """One sort of problem, as the reference page explains it."""

    status: int
    name: str
    title: str
    way_out: str


KINDS = {
    kind.status: kind
    for kind in (
        Kind(400, "not-readable", "The request cannot be read", "Send JSON in UTF-8, and an ETag as this site gave it."),
        Kind(401, "no-token", "A token is needed", "Send Authorization: Bearer with a token that holds."),
        Kind(403, "not-allowed", "The role or the token does not allow this", "detail names the roles that do."),
        Kind(404, "not-found", "Nothing is there", "It is not published, belongs to others, or never was."),
        Kind(405, "method", "This address does not answer this method", "The header Allow names those that it does."),
        Kind(409, "conflict", "It contradicts what stands there", "Read the thing again; detail says what is in the way."),
        Kind(412, "stale", "Somebody changed it meanwhile", "theirs stands there now; send again with the new ETag."),
        Kind(413, "too-large", "The request is too large", "Send fewer things at a time."),
        Kind(415, "media-type", "The body is not JSON", "Send Content-Type: application/json."),
        Kind(422, "not-valid", "Something in the request cannot be", "errors names each field and what it expected."),
        Kind(428, "if-match", "Say which state you change", "Read it and send its ETag as If-Match, or *."),
        Kind(429, "too-many", "Too many requests", "Wait as many seconds as the header Retry-After says."),
        Kind(500, "server", "Something failed here", "Nothing was changed. Report it with request_id."),
        Kind(503, "not-ready", "The site is not ready", "Try again in a minute."),
    )
}  # fmt: skip
_UNAUTHENTICATED = {"no-token", "bad-token"}
_STALE = {"stale", "changed-meanwhile"}
_CONFLICTS = {
    "already-here",
    "benefit-twice",
    "draft-exists",
    "duplicate-break",
    "duplicate-id",
    "duplicate-link",
    "ended",
    "frozen",
    "id-taken",
    "no-change",
    "nothing-changed",
    "nothing-to-redo",
    "nothing-to-undo",
    "owner-twice",
    "revoked",
    "superseded",
}
_STATUS = {
    "if-match-missing": 428,
    "bad-etag": 400,
    "media-type": 415,
    "no-csrf-token": 403,
    "read-only-token": 403,
}
_TOLD = ("got", "expected")  # of the facts of an error; the others may be about people
_LONGEST = 400


def status_of(error: PlanError, actor: Any = None) -> int:
    """Return the status of a refusal."""
    if error.code in _STATUS:
        return _STATUS[error.code]
    if isinstance(error, NotAllowed):
        if error.code in _UNAUTHENTICATED or getattr(actor, "user", None) is None:
            return 401
        return 404 if error.data.get("foreign") else 403
    if error.code in _STALE:
        return 412
    if error.code in _CONFLICTS:
        return 409
    return 422


def shortened(value: Any) -> Any:
    """Return what was got, or how it begins when it is long."""
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"{value[:_LONGEST]}…"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def problem(
    request: HttpRequest,
    status: int,
    code: str = "",
    detail: str = "",
    headers: dict[str, str] | None = None,
    **facts: Any,
) -> HttpResponse:
    """Return a problem.

    Parameters
    ----------
    request : HttpRequest
    status : int
    code : str
        Of the PlanError; the name of the kind if left out.
    detail : str
        What, where, got, expected and the way out, in the reader's language.
    headers : dict, optional
    **facts
        ``got``, ``expected``, ``where``, ``errors``, ``theirs``.
    """
    kind = KINDS.get(status) or Kind(status, "other", "The request was refused", "")
    address = request.build_absolute_uri(f"{reverse('api-docs')}#error-{kind.name}")
    body = {
        "type": address,
        "title": kind.title,
        "status": status,
        "detail": detail or f"{kind.title}. {kind.way_out}".strip(),
        "code": code or kind.name,
        "got": shortened(facts.pop("got", None)),
        "expected": facts.pop("expected", None),
        "where": facts.pop("where", None),
        "request_id": getattr(request, "request_id", ""),
        **facts,
    }
    response = HttpResponse(encoded(body), status=status, content_type=MEDIA)
    response["Cache-Control"] = "no-store"
    for name, value in (headers or {}).items():
        response[name] = value
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="Framsyn"'
    return response


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        """Return anything else as its words: a fact of an error must not become another error."""
        try:
            return super().default(o)
        except TypeError:
            return sorted(map(str, o)) if isinstance(o, set | frozenset) else str(o)


def encoded(body: dict[str, Any]) -> bytes:
    """Return JSON; what no text can hold is marked."""
    return json.dumps(body, cls=_Encoder, ensure_ascii=False).encode("utf-8", "replace")


def _refused(request: HttpRequest, error: PlanError) -> HttpResponse:
    actor = getattr(request, "auth", None) or Actor.of(request)
    status = status_of(error, actor)
    if status == 404:
        return problem(request, 404)
    facts: dict[str, Any] = {name: error.data.get(name) for name in _TOLD}
    where = error.data.get("field") or error.data.get("where")
    headers = {}
    if status == 412:
        facts["theirs"] = error.data.get("theirs")
        if error.data.get("last") is not None:
            headers["ETag"] = f'"{error.data["last"]}"'
            facts["expected"] = headers["ETag"]
            facts["got"] = f'"{error.data.get("seen", "")}"'
    if error.data.get("errors"):
        facts["errors"] = error.data["errors"]
    return problem(request, status, error.code, error.message, headers, where=where, **facts)


_SOURCES = {"query": "?", "path": "/", "body": ""}


def _where(place: tuple[Any, ...]) -> str:
    source, *rest = place
    if source == "body":
        rest = rest[1:]  # the name that the function gives the whole body
        return "/" + "/".join(map(str, rest)) if rest else "/"
    return f"{_SOURCES.get(str(source), '')}{'.'.join(map(str, rest))}"


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = []
    for fault in error.errors:
        context = {name: value for name, value in (fault.get("ctx") or {}).items() if name != "error"}
        errors.append(
            {
                "where": _where(tuple(fault["loc"])),
                "code": fault["type"],
                "detail": fault["msg"],
                "expected": context or None,
            }
        )
    first = errors[0]
    detail = _("%(where)s: %(fault)s. Nothing was changed.") % {
        "where": first["where"],
        "fault": first["detail"],
    }
    return problem(
        request, 422, "not-valid", detail, where=first["where"], expected=first["expected"], errors=errors
    )


def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    if error.status_code == 400 and isinstance(error.__cause__, RequestDataTooBig):
        return problem(request, 413)
    return problem(request, error.status_code)


def _throttled(request: HttpRequest, error: Throttled) -> HttpResponse:
    seconds = str(error.wait or 1)
    detail = _("Too many requests. Wait %(seconds)s seconds.") % {"seconds": seconds}
    return problem(request, 429, "too-many", detail, {"Retry-After": seconds}, got=None, expected=None)


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error(
        "failed",
        exc_info=error,
        extra={"path": request.path, "request_id": getattr(request, "request_id", "")},
    )
    return problem(request, 500)


def add_handlers(api: NinjaAPI) -> None:
    """Make every error of the interface a problem."""
    handlers: dict[type[Exception], Any] = {
        Exception: _failed,
        NotModified: lambda _request, known: not_modified(known.tag),
        Http404: lambda request, _error: problem(request, 404),
        HttpError: _http,
        Throttled: _throttled,
        ValidationError: _invalid,
        PlanError: _refused,
        RequestDataTooBig: lambda request, _error: problem(request, 413),
        IntegrityError: lambda request, _error: problem(
            request,
            409,
            "conflict",
            _("Somebody stored the same at this moment. Read it again and send once more."),
        ),
    }
    for kind, answer in handlers.items():
        api.add_exception_handler(kind, answer)
