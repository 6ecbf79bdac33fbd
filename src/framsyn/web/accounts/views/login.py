"""Logging in: password, then a code where the person has a second factor; and out, at the provider as well."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model, login
from django.contrib.auth.views import LoginView, LogoutView
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from framsyn.web.accounts.forms import CodeForm, LoginForm
from framsyn.web.accounts.limits import limited
from framsyn.web.accounts.lockout import locked_until
from framsyn.web.accounts.models import Role
from framsyn.web.accounts.second_factor import (
    PROVEN,
    check_code,
    codes_left,
    has_second_factor,
    lacks_second_factor,
)
from framsyn.web.accounts.sign_on.protocol import way_out
from framsyn.web.accounts.sign_on.providers import provider_named, providers
from framsyn.web.accounts.wording import MEANING, clock

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser
    from django.http import HttpRequest, HttpResponse

__all__ = ["BACKEND", "Login", "Logout", "finish", "safe_next"]

BACKEND = "django.contrib.auth.backends.ModelBackend"
PENDING = "half_logged_in"  # in the session: who has shown a password, and still owes a code
PATIENCE = 300  # seconds that the code may be owed
PROVIDER, TOKEN = "provider", "id_token"  # in the session: where one came from, for the way out
FEW_CODES = 3


def safe_next(request: HttpRequest, wish: str) -> str:
    """Return where to go on, if it lies on this site; the home page otherwise."""
    if url_has_allowed_host_and_scheme(wish, {request.get_host()}, require_https=request.is_secure()):
        return wish
    return settings.LOGIN_REDIRECT_URL


def finish(
    request: HttpRequest, user: AbstractUser, target: str, *, proven: bool = False, **notes: str
) -> HttpResponse:
    """Log somebody in, or ask for the code first where the person has a second factor.

    Parameters
    ----------
    request : HttpRequest
    user : User
    target : str
        Where to go on; safe.
    proven : bool
        Whether a second factor has been shown: here, or to a provider that asks for one.
    **notes
        What the session keeps.
    """
    if not proven and has_second_factor(user):
        request.session.cycle_key()
        request.session[PENDING] = {
            "user": user.pk,
            "at": time.time(),
            "next": target,
            "hash": user.get_session_auth_hash(),
            "notes": notes,
        }
        return redirect("login")
    login(request, user, backend=BACKEND)
    request.session.pop(PENDING, None)
    request.session.update({**notes, **({PROVEN: True} if proven else {})})
    if lacks_second_factor(request):
        messages.warning(
            request, _("Your role asks for a second factor. Set it up here before you change anything.")
        )
        return redirect("second-factor")
    return redirect(target)


def half_logged_in(request: HttpRequest) -> tuple[AbstractUser, dict[str, Any]] | None:
    """Return who owes a code, if it was begun a moment ago and the password is still the same."""
    kept = request.session.get(PENDING)
    if not kept or not 0 <= time.time() - kept["at"] <= PATIENCE:
        return None
    user = get_user_model().objects.filter(pk=kept["user"], is_active=True).first()
    if user is None or not constant_time_compare(user.get_session_auth_hash(), kept["hash"]):
        return None
    return user, kept


# A whole hospital may come from one address.
@method_decorator(limited("login", "300/10m"), name="dispatch")
class Login(LoginView):
    """The login page; the demo tells its logins there."""

    template_name = "accounts/login.html"
    form_class = LoginForm
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        """Ask for the code where it is owed."""
        if PENDING in request.session and not request.user.is_authenticated:
            owed = half_logged_in(request)
            if owed and "again" not in request.POST:
                return ask_for_code(request, *owed)
            del request.session[PENDING]
            if owed is None:
                messages.info(request, _("That took too long. Begin again with your password."))
            return redirect("login")
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]

    def form_valid(self, form: LoginForm) -> HttpResponse:  # type: ignore[override]
        """Go on to the code, or in."""
        return finish(self.request, form.get_user(), self.get_success_url())

    def form_invalid(self, form: LoginForm) -> HttpResponse:  # type: ignore[override]
        """Say what is wrong; to whoever is locked out, when to try again, whether such a person exists or not."""
        locked = getattr(self.request, "axes_locked_out", False)
        if locked:
            until = locked_until(self.request, form.data.get("username", ""))
            form.errors.clear()
            form.add_error(
                None,
                _(
                    "Too many wrong passwords for this name from here. Try again %(when)s, or ask an administrator."
                )
                % {"when": clock(until)},
            )
        return self.render_to_response(self.get_context_data(form=form), status=429 if locked else 200)  # type: ignore[return-value]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the providers, and in the demo its logins."""
        logins = []
        if settings.DEMO:
            from framsyn.web.operations.demo import LOGINS

            logins = [
                {"login": login, "role": Role(login.role).label, "meaning": MEANING[Role(login.role)]}
                for login in LOGINS
            ]
        return super().get_context_data(
            **kwargs,
            logins=logins,
            providers=providers(),
            folded=settings.PASSWORD_LOGIN == "administrators" and self.request.method == "GET",
            crumbs=[(_("Log in"), "")],
        )


def ask_for_code(request: HttpRequest, user: AbstractUser, kept: dict[str, Any]) -> HttpResponse:
    """Take the second step: the session is logged in when the code is right, and not before."""
    form = CodeForm(request.POST if "code" in request.POST else None)
    if form.is_valid():
        check = check_code(user, form.cleaned_data["code"])
        if check.right:
            answer = finish(request, user, kept["next"], proven=True, **kept["notes"])
            if check.recovery:
                left = codes_left(user)
                words = ngettext(
                    "That recovery code is used up; %(left)s is left.",
                    "That recovery code is used up; %(left)s are left.",
                    left,
                ) % {"left": left}
                more = " " + _("Make new ones under your account.") if left <= FEW_CODES else ""
                messages.warning(request, words + more)
            return answer
        form.add_error("code", wrong(check.until))
    context = {"form": form, "crumbs": [(_("Log in"), reverse("login")), (_("Code"), "")]}
    return render(request, "accounts/login_code.html", context)


def wrong(until: Any) -> str:
    """Return what is said of a code that is not right."""
    words = _("The code is not right, or has been used. Take the next one that the app shows.")
    return words if until is None else f"{words} {_('Try again %(when)s.') % {'when': clock(until)}}"


class Logout(LogoutView):
    """Logging out here; who came from a provider is led out there as well."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        """End the session, and show the way out of the provider, if there is one."""
        provider = provider_named(request.session.get(PROVIDER, ""))
        token = request.session.get(TOKEN, "")
        answer = super().post(request, *args, **kwargs)
        if provider is None:
            return answer  # type: ignore[return-value]
        address = way_out(provider, token, request.build_absolute_uri("/"))
        if not address:
            return answer  # type: ignore[return-value]
        context = {"provider": provider.label, "address": address, "crumbs": [(_("Log out"), "")]}
        # A redirect after a form would have to be allowed by form-action; a page that leads on needs no hole in the policy.
        response = render(request, "accounts/logged_out.html", context)
        response["Cache-Control"] = "no-store, private"
        return response
