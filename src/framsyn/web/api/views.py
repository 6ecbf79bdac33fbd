"""Pages of the interface: its description as a file and as a reference, and one's own tokens."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from framsyn.errors import PlanError
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.api.document import described
from framsyn.web.api.etags import is_known, not_modified
from framsyn.web.api.forms import TokenForm
from framsyn.web.api.models import ApiToken
from framsyn.web.api.problems import KINDS
from framsyn.web.api.reference import groups_of
from framsyn.web.api.tokens import make_token, revoke_token

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["description", "reference", "revoke", "tokens"]


@require_safe
def description(request: HttpRequest) -> HttpResponse:
    """The description as OpenAPI 3.1."""
    body = json.dumps(described(), ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    if is_known(request, tag):
        return not_modified(tag)
    response = HttpResponse(body, content_type="application/json")
    response["ETag"] = tag
    response["Cache-Control"] = "public, no-cache"
    return response


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """The reference of the interface, for people."""
    context = {
        "crumbs": [(_("Data"), reverse("data")), (_("Programming interface"), "")],
        "groups": groups_of(described(), request.build_absolute_uri("/api/v1")),
        "problems": list(KINDS.values()),
        "base": request.build_absolute_uri("/api/v1"),
    }
    return render(request, "api/reference.html", context)


def _person(request: HttpRequest) -> Actor:
    """Return the person who is logged in."""
    actor = Actor.of(request)
    if actor.user is None:
        raise NotAllowed(
            "not-allowed", _("Log in to see your tokens."), action="api.make_token", foreign=False
        )
    return actor


@never_cache
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens; a new one is shown once."""
    actor = _person(request)
    form = TokenForm(request.POST or None)
    secret, made = "", None
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = make_token(actor, **form.cleaned_data)
        except NotAllowed:
            raise
        except PlanError as error:
            field = error.data.get("field")
            form.add_error(field if field in form.fields else None, error.message)
        else:
            form = TokenForm()
    context = {
        "crumbs": [(_("My account"), reverse("account")), (_("Tokens"), "")],
        "form": form,
        "secret": secret,
        "made": made,
        "tokens": ApiToken.objects.filter(user=actor.user).select_related("organisation", "plan"),
        "others": _others(actor),
        "base": request.build_absolute_uri("/api/v1"),
    }
    return render(request, "api/tokens.html", context, status=422 if form.errors else 200)


def _others(actor: Actor) -> Any:
    """Return the tokens of others that hold, for those who may end them."""
    if not actor.may("api.revoke_token"):
        return []
    held = ApiToken.objects.filter(revoked_at=None).exclude(user=actor.user)
    return [token for token in held.select_related("user", "organisation", "plan") if token.holds]


@require_POST
def revoke(request: HttpRequest, number: int) -> HttpResponse:
    """End a token."""
    actor = _person(request)
    token = get_object_or_404(ApiToken.objects.select_related("user"), pk=number)
    if token.user_id != actor.user.pk:  # type: ignore[union-attr]
        actor.require("api.revoke_token")
    try:
        revoke_token(actor, token)
    except NotAllowed:
        raise
    except PlanError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The token is revoked. It holds no more, from now on."))
    return redirect("tokens")
