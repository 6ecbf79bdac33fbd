"""Keeping a form's text while it is written, and throwing it away: for the one who writes, and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from framsyn.errors import PlanError
from framsyn.web.actions import NotAllowed
from framsyn.web.drafts.queries import forget, keep

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["drafts"]

_OWN = ("draft-form", "draft-forget")
_STATUS = {"no-such-form": 404, "too-often": 429, "too-large": 413}


@never_cache
@require_POST
def drafts(request: HttpRequest) -> HttpResponse:
    """Keep what stands in a form (``draft-form`` names it), or throw it away (``draft-forget``)."""
    address = request.POST.get("draft-form", "")
    if "draft-forget" in request.POST:
        if not request.user.is_authenticated:
            raise NotAllowed("not-allowed", _("Log in to see the text that you have not saved."))
        forget(request, address)
        messages.success(request, _("The text that was not saved is thrown away."))
        safe = address.startswith("/") and url_has_allowed_host_and_scheme(address, {request.get_host()})
        return redirect(address if safe else "/")
    if not request.user.is_authenticated:
        return JsonResponse(
            {"code": "not-allowed", "message": _("Log in again to keep the text.")}, status=403
        )
    given = ((name, values) for name, values in request.POST.lists() if name not in _OWN)
    try:
        kept = keep(request.user, address, given, request.POST.get("seen", ""))
    except PlanError as error:
        answer = JsonResponse(
            {"code": error.code, "message": error.message}, status=_STATUS.get(error.code, 400)
        )
        if error.code == "too-often":
            answer["Retry-After"] = "60"
        return answer
    return JsonResponse({"saved": timezone.localtime(kept.saved_at).strftime("%H:%M")})
