"""Logging in, one's own account, people and their roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import LoginView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from framsyn.errors import PlanError
from framsyn.web.accounts.actions import add_user, change_password, set_role
from framsyn.web.accounts.forms import PersonForm, RoleForm
from framsyn.web.accounts.models import Organisation, Role
from framsyn.web.accounts.queries import people_listed, reach_of, roles_held, things_allowed
from framsyn.web.actions import Actor, NotAllowed

if TYPE_CHECKING:
    from collections.abc import Callable

    from django import forms
    from django.http import HttpRequest, HttpResponse

__all__ = ["Login", "account", "password", "people", "person"]

# What a role means, in a sentence.
MEANING = {
    Role.READER: gettext_lazy(
        "Reads what is published, which needs no login, and drafts that are not published yet."
    ),
    Role.CONTRIBUTOR: gettext_lazy("Writes texts in drafts of plans, and internal notes."),
    Role.OWNER: gettext_lazy("Reports on measures and indicators, changes them, hands over to a deputy."),
    Role.EDITOR: gettext_lazy(
        "Writes on drafts of plans, decides goals, reports on measures and indicators."
    ),
    Role.APPROVER: gettext_lazy("Publishes plans, records what is decided, sets a status by hand."),
    Role.PREPAREDNESS: gettext_lazy("Sees drafts and internal notes; leads the preparedness work."),
    Role.ADMINISTRATOR: gettext_lazy("All that others may; loads content, gives people roles."),
}
# What somebody may do, in words: an action of each group stands for the group.
ABILITIES = (
    ("plan.change_text", gettext_lazy("Open a draft of a plan and write in it")),
    ("plan.publish", gettext_lazy("Publish a plan, or make a new one")),
    ("goal.decide", gettext_lazy("Record what a goal demands, and set its status by hand")),
    ("choice.decide", gettext_lazy("Record decisions and choices of path")),
    ("indicator.observe", gettext_lazy("Define indicators and enter figures")),
    ("measure.report", gettext_lazy("Make measures, change them and report on them")),
    ("outlook.store", gettext_lazy("Store outlooks and load content")),
    ("accounts.set_role", gettext_lazy("Give people logins and roles")),
)


def said(error: PlanError) -> str:
    """Return a refusal in the reader's language."""
    words = {
        "username-taken": _("The user name is taken. Choose another; nobody was added."),
        "last-administrator": _("This is the last administrator. Make somebody else administrator first."),
        "unknown-role": _("There is no such role."),
    }
    return words.get(error.code, error.message)


def tried(form: forms.Form | None, request: HttpRequest, do: Callable[[], Any]) -> bool:
    """Call an action; its refusal becomes an error of the form, or a message where there is none."""
    try:
        do()
    except NotAllowed as error:
        raise PermissionDenied(error.message) from error
    except PlanError as error:
        if form is None:
            messages.error(request, said(error))
        else:
            fields = {"username-taken": "username", "weak-password": "password"}
            form.add_error(fields.get(error.code), error.data.get("reasons") or said(error))
        return False
    return True


class Login(LoginView):
    """The login page; the demo tells its logins there."""

    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the demo's logins, in the demo only."""
        logins = []
        if settings.DEMO:
            from framsyn.web.operations.demo import LOGINS

            logins = [
                {"login": login, "role": Role(login.role).label, "meaning": MEANING[Role(login.role)]}
                for login in LOGINS
            ]
        return super().get_context_data(**kwargs, logins=logins, crumbs=[(_("Log in"), "")])


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Show who I am, which roles I have and what I may do."""
    held = roles_held(request.user)  # type: ignore[arg-type]
    allowed = things_allowed({one.role for one in held})
    context = {
        "crumbs": [(_("My account"), "")],
        "held": held,
        "meaning": [(Role(one.role), MEANING[Role(one.role)]) for one in held],
        "abilities": [(words, action in allowed) for action, words in ABILITIES],
        "may_people": bool(reach_of(Actor.of(request), "accounts.set_role")),
    }
    return render(request, "accounts/account.html", context)


@login_required
def password(request: HttpRequest) -> HttpResponse:
    """Change my password."""
    user: Any = request.user
    form = PasswordChangeForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        change_password(Actor.of(request), form.cleaned_data["new_password1"])
        update_session_auth_hash(request, user)  # this login goes on, all others end
        messages.success(request, _("The password is changed. You are logged out everywhere else."))
        return redirect("account")
    context = {
        "crumbs": [(_("My account"), reverse("account")), (_("Change password"), "")],
        "form": form,
    }
    return render(request, "accounts/password.html", context)


def people(request: HttpRequest) -> HttpResponse:
    """Show who has which role, and add a person."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    actor = Actor.of(request)
    reach = reach_of(actor, "accounts.add_user")
    if not reach:
        raise PermissionDenied
    form = PersonForm(request.POST or None, reach=reach)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["username"]
        if tried(form, request, lambda: add_user(actor, **form.cleaned_data)):
            messages.success(request, _("%(name)s may now log in.") % {"name": name})
            return redirect("people")
    context = {
        "crumbs": [(_("People"), "")],
        "form": form,
        "people": people_listed(),
        "meaning": [(Role(role).label, words) for role, words in MEANING.items()],
    }
    return render(request, "accounts/people.html", context)


def person(request: HttpRequest, number: int) -> HttpResponse:
    """Give one person another role, or end one."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    actor = Actor.of(request)
    reach = reach_of(actor, "accounts.set_role")
    if not reach:
        raise PermissionDenied
    user = get_object_or_404(get_user_model(), pk=number)
    name = user.get_full_name() or user.get_username()
    here = redirect("person", number=number)
    if request.method == "POST" and "end" in request.POST:
        known: dict[str, Organisation | None] = {one.pk: one for one in Organisation.objects.all()}
        known[""] = None  # a role everywhere
        if request.POST["end"] not in known:
            raise Http404
        where = known[request.POST["end"]]
        if tried(None, request, lambda: set_role(actor, user, None, where)):
            messages.success(request, _("The role has ended."))
        return here
    form = RoleForm(request.POST or None, reach=reach)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if tried(form, request, lambda: set_role(actor, user, data["role"], data["organisation"])):
            messages.success(request, _("%(name)s has the role from today.") % {"name": name})
            return here
    mine = {one.pk for one in reach.organisations}
    context = {
        "crumbs": [(_("People"), reverse("people")), (name, "")],
        "person": user,
        "name": name,
        "held": [
            (one, reach.everywhere or (one.organisation is not None and one.organisation.pk in mine))
            for one in roles_held(user)
        ],
        "form": form,
    }
    return render(request, "accounts/person.html", context)
