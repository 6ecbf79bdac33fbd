"""The explorer's page, the answers that its script asks for, and how far a desk is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from framsyn.errors import PlanError
from framsyn.web.accounts.limits import address_of as machine_of
from framsyn.web.api.auth import Buckets
from framsyn.web.api.problems import problem
from framsyn.web.explorer import replies, room
from framsyn.web.explorer.form import address_of, explorer_form
from framsyn.web.explorer.known import known_places
from framsyn.web.explorer.panel import lever_facts
from framsyn.web.explorer.room import NotOpen, Opening
from framsyn.web.explorer.state import State
from framsyn.web.explorer.stored import stored_figures
from framsyn.web.languages import current_language
from framsyn.web.outlooks.queries import main_run

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["answer", "explorer", "opening"]

WIDTHS = {"wide": False, "narrow": True}
TURN = 0.3  # seconds until one may ask again for what is not hurried
_buckets = Buckets()


@require_safe
def explorer(request: HttpRequest) -> HttpResponse:
    """Show what an address says: the levers, and what follows from where they stand."""
    read, faults = State.read(request.GET)
    state = room.unmoved(read, request.GET.get("of", ""))
    if "of" in request.GET and not faults:  # a form was sent; its address says each thing once
        address = address_of(state)
        if request.GET.get("whole"):
            address += f"{'&' if '?' in address else '?'}whole=1"
        return HttpResponseRedirect(address)
    lang, by = current_language(), room.terms()
    narrow = WIDTHS.get(request.GET.get("width", ""), False)
    context: dict[str, Any] = {
        "crumbs": [(_("Outlook"), "")],
        "state": state,
        "faults": faults,
        "form": explorer_form(state, lang),
        "place": known_places()[state.place].label[lang],
        "by": by,
        "run": main_run(),
        "scenario": room.scenario_of(state.scenario),
        "label": room.scenario_of(state.scenario).label[lang],
        "described": room.scenario_of(state.scenario).description[lang],
        "width": "narrow" if narrow else "wide",
    }
    transient = False
    try:
        context["reply"] = replies.reply(state, lang, "now", narrow, by)
        # What follows is asked for by the script; without one it is a link, or comes with a form that was sent.
        if request.GET.get("whole"):
            context["later"] = replies.reply(state, lang, "later", narrow, by)
        else:
            context["later"] = replies.kept(state, lang, "later", narrow, by)
            context["whole"] = f"{address_of(state)}{'&' if state.query() else '?'}whole=1#results-later"
    except NotOpen as error:
        transient = True
        context["opening"] = error.opening
        context["stored"] = stored_figures(state, lang)
    except PlanError as error:
        context["trouble"] = error.message
    response = render(request, "explorer/explorer.html", context)
    if transient:  # what stands here is of this moment
        response["Cache-Control"] = "no-store"
    return response


@require_safe
def answer(request: HttpRequest) -> HttpResponse:
    """Answer a state as JSON: ``part`` is now or later, ``width`` is wide or narrow, ``panel=1`` tells the levers too."""
    wait = _too_fast(request)
    if wait:
        message = _("That was more than anybody moves by hand. Wait a moment; nothing is lost.")
        return problem(request, 429, "too-fast", message, {"Retry-After": str(wait)})
    state, faults = State.read(request.GET)
    part, width = request.GET.get("part", "now"), request.GET.get("width", "wide")
    if faults:
        told = [{"name": fault.name, "code": fault.code, "message": fault.message} for fault in faults]
        return problem(request, 400, faults[0].code, faults[0].message, errors=told)
    if part not in replies.PARTS or width not in WIDTHS:
        message = _("part is now or later, and width is wide or narrow.")
        return problem(request, 400, "bad-part", message, got=[part[:20], width[:20]])
    state = room.unmoved(state)
    lang, by = current_language(), room.terms()
    panel = request.GET.get("panel") == "1"
    try:
        mark = f'"{replies.tag(state, lang, part, WIDTHS[width], by)}{"p" if panel else ""}"'
        if mark in request.headers.get("If-None-Match", ""):
            return _marked(HttpResponse(status=304), mark)
        if part == "later":
            made = replies.unhurried(state, lang, WIDTHS[width], by)
        else:
            made = replies.reply(state, lang, part, WIDTHS[width], by)
    except NotOpen as error:
        return _still_opening(error.opening)
    except PlanError as error:
        return problem(request, 400, error.code, error.message)
    if made is None:  # others are served first
        return _under_way({"open": True, "share": 1.0, "wait": TURN})
    response = HttpResponse(made.text, content_type="application/json")
    if panel:
        response.content = made.text[:-1] + b',"levers":' + lever_facts(state, lang) + b"}"
    elif "gzip" in request.headers.get("Accept-Encoding", ""):
        response.content = made.packed  # packed once for all who ask; it holds no secret
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ("Accept-Encoding",))
    return _marked(response, mark)


@require_safe
def opening(request: HttpRequest) -> HttpResponse:
    """Say how far the desk of a state is. Nothing but 202, so that no cache takes it for an answer."""
    state, faults = State.read(request.GET)
    if faults:
        return problem(request, 400, faults[0].code, faults[0].message)
    try:
        found = room.desk(room.moved(state), room.terms())
    except PlanError as error:
        return problem(request, 400, error.code, error.message)
    return _still_opening(found)


def _still_opening(found: Any) -> HttpResponse:
    told: dict[str, Any] = {"open": True, "share": 1.0}
    if isinstance(found, Opening):
        told = {"open": False, "share": round(found.share, 3)}
        if found.error is not None:
            told["trouble"] = _("The figures could not be made. The log of the site says why.")
    return _under_way(told)


def _under_way(told: dict[str, Any]) -> HttpResponse:
    response = JsonResponse(told, status=202)
    response["Cache-Control"] = "no-store"
    return response


def _marked(response: HttpResponse, mark: str) -> HttpResponse:
    response["ETag"] = mark
    # A saved scenario is not for everybody, so nothing between here and the reader keeps an answer.
    response["Cache-Control"] = "private, no-cache"
    return response


def _too_fast(request: HttpRequest) -> int:
    """Return the seconds to wait for whoever asks more often than a hand can move; 0 for all others."""
    if not settings.RATE_LIMITS:
        return 0
    moves, seconds = settings.EXPLORER_RATE
    user = getattr(request, "user", None)
    who = f"user {user.pk}" if user is not None and user.is_authenticated else machine_of(request)
    return math.ceil(_buckets.wait(who, moves, seconds))
