"""One's own account: login, second factor, sessions, roles, password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from framsyn.errors import PlanError
from framsyn.web.accounts import second_factor as factor
from framsyn.web.accounts.actions import change_password, end_sessions
from framsyn.web.accounts.forms import ConfirmForm, ProofForm
from framsyn.web.accounts.limits import limited
from framsyn.web.accounts.queries import reach_of, roles_held, things_allowed
from framsyn.web.accounts.sessions import mark_of, sessions_of
from framsyn.web.accounts.sign_on.providers import providers
from framsyn.web.accounts.views.login import wrong
from framsyn.web.accounts.wording import ABILITIES, said
from framsyn.web.actions import Actor, NotAllowed

if TYPE_CHECKING:
    from django import forms
    from django.http import HttpRequest, HttpResponse

__all__ = ["account", "end_mine", "password", "recovery_codes", "second_factor"]

NEW_KEY, NEW_CODES = "second_factor_key", "recovery_codes"  # in the session, until they are used or shown
TRIES = "30/10m"


def oneself(request: HttpRequest) -> Actor:
    """Return the one who asks; one's own account takes a login and no role."""
    if not request.user.is_authenticated:
        raise NotAllowed("not-allowed", _("Log in to see your account."))
    return Actor.of(request)


def account(request: HttpRequest) -> HttpResponse:
    """Show who I am, how I log in, where I am logged in, which roles I have and what I may do."""
    actor = oneself(request)
    user: Any = request.user
    held = roles_held(user)
    allowed = things_allowed({one.role for one in held})
    has_factor = factor.has_second_factor(user)
    connected = {one.provider: one for one in user.external_identities.all()}
    key = request.session.session_key or ""
    context = {
        "crumbs": [(_("My account"), "")],
        "held": held,
        "abilities": [(words, action in allowed) for action, words in ABILITIES],
        "may_people": bool(reach_of(actor, "accounts.set_role")),
        "has_factor": has_factor,
        "codes_left": factor.codes_left(user) if has_factor else 0,
        "needs_factor": factor.lacks_second_factor(request),
        "has_password": user.has_usable_password(),
        "sessions": sessions_of(user, key),
        "providers": [
            {
                "id": one.id,
                "label": one.label,
                "since": connected[one.id].since if one.id in connected else None,
            }
            for one in providers()
        ],
        "connect_mark": mark_of(key, "connect"),
    }
    return render(request, "accounts/account.html", context)


@sensitive_post_parameters()
@limited("password", TRIES)
def password(request: HttpRequest) -> HttpResponse:
    """Change my password. Who has none came from a provider, whose word on who may log in a password would get around."""
    actor = oneself(request)
    user: Any = request.user
    if not user.has_usable_password():
        messages.info(
            request,
            _("You log in by single sign-on, so you have no password. An administrator can give you one."),
        )
        return redirect("account")
    form = PasswordChangeForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        change_password(actor, form.cleaned_data["new_password1"])
        update_session_auth_hash(request, user)  # this login goes on, all others end
        user.sessions.exclude(session_key=request.session.session_key).delete()
        messages.success(request, _("The password is changed. You are logged out everywhere else."))
        return redirect("account")
    context = {
        "crumbs": [(_("My account"), reverse("account")), (_("Change password"), "")],
        "form": form,
    }
    return render(request, "accounts/password.html", context)


@require_POST
def end_mine(request: HttpRequest) -> HttpResponse:
    """End one of my sessions, or all; that of this browser too when it is among them."""
    actor = oneself(request)
    user: Any = request.user
    mine = sessions_of(user, request.session.session_key)
    wanted = request.POST.get("session", "")
    chosen = [one for one in mine if wanted in ("all", one["mark"])]
    if not chosen:
        messages.info(request, _("That session had ended already."))
        return redirect("account")
    count = end_sessions(actor, [one["key"] for one in chosen])
    words = ngettext("%(count)s session is ended.", "%(count)s sessions are ended.", count) % {"count": count}
    messages.success(request, words)
    if any(one["current"] for one in chosen):
        request.session.flush()
        return redirect("login")
    return redirect("account")


# ---------------------------------------------------------------- second factor
@sensitive_post_parameters()
@limited("second-factor", TRIES)
def second_factor(request: HttpRequest) -> HttpResponse:
    """Switch the second factor on by a first code, or off by password and code."""
    actor = oneself(request)
    user: Any = request.user
    crumbs = [(_("My account"), reverse("account")), (_("Second factor"), "")]
    if factor.has_second_factor(user):
        form: Any = ProofForm(request.POST or None, with_password=user.has_usable_password())
        if request.method == "POST" and form.is_valid() and shown(form, user):
            factor.switch_off(actor)
            request.session.pop(factor.PROVEN, None)
            messages.success(request, _("The second factor is off. A password alone opens your login now."))
            return redirect("account")
        context = {"crumbs": crumbs, "form": form, "left": factor.codes_left(user)}
        return render(request, "accounts/second_factor_on.html", context)
    if NEW_KEY not in request.session:
        request.session[NEW_KEY] = factor.new_key()
    key = request.session[NEW_KEY]
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = factor.switch_on(actor, key, form.cleaned_data["code"])
        except PlanError as error:
            form.add_error("code", error.message)
        else:
            del request.session[NEW_KEY]
            request.session[factor.PROVEN] = True
            request.session[NEW_CODES] = codes
            messages.success(request, _("The second factor is on."))
            return redirect("recovery-codes")
    context = {
        "crumbs": crumbs,
        "form": form,
        "picture": factor.picture_of(user, key),
        "key": factor.key_as_text(key),
        "needed": factor.lacks_second_factor(request),
    }
    return render(request, "accounts/second_factor_off.html", context)


@sensitive_post_parameters()
@limited("second-factor", TRIES)
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Show new recovery codes, once; make new ones by password and code."""
    actor = oneself(request)
    user: Any = request.user
    form = ProofForm(request.POST or None, with_password=user.has_usable_password())
    if request.method == "POST" and form.is_valid() and shown(form, user):
        try:
            request.session[NEW_CODES] = factor.new_codes(actor)
        except PlanError as error:
            form.add_error(None, said(error))
        else:
            return redirect("recovery-codes")
    context = {
        "crumbs": [
            (_("My account"), reverse("account")),
            (_("Second factor"), reverse("second-factor")),
            (_("Recovery codes"), ""),
        ],
        "codes": request.session.pop(NEW_CODES, None) if request.method == "GET" else None,
        "left": factor.codes_left(user),
        "has_factor": factor.has_second_factor(user),
        "form": form,
    }
    return render(request, "accounts/recovery_codes.html", context)


def shown(form: forms.Form, user: Any) -> bool:
    """Tell whether password and code are right; what is not becomes an error of the form."""
    data = form.cleaned_data
    if "password" in form.fields and not user.check_password(data["password"]):
        form.add_error("password", _("This is not your password."))
        return False
    check = factor.check_code(user, data["code"])
    if not check.right:
        form.add_error("code", wrong(check.until))
    return check.right
