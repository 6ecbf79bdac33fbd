"""People and their roles: the list, a new person, one person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.access import actor_somewhere
from framsyn.web.accounts import actions
from framsyn.web.accounts.forms import FilterForm, NewPasswordForm, PersonForm, ReasonForm, RoleForm
from framsyn.web.accounts.lockout import is_locked
from framsyn.web.accounts.models import Membership, Organisation
from framsyn.web.accounts.places import may_look_after
from framsyn.web.accounts.queries import (
    Held,
    Reach,
    Wanted,
    people_found,
    people_listed,
    reach_of,
    roles_held,
)
from framsyn.web.accounts.second_factor import has_second_factor, reset_second_factor
from framsyn.web.accounts.sign_on.providers import providers
from framsyn.web.accounts.wording import ABILITIES, role_table, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from django import forms
    from django.http import HttpRequest, HttpResponse

    from framsyn.web.actions import Actor

__all__ = ["new_person", "people", "person"]

PAGE = 50
FIELDS = {
    "username-taken": "username",
    "weak-password": "password",
    "two-places": "plan",
    "past-day": "valid_to",
}


def tried(form: forms.Form | None, request: HttpRequest, do: Callable[[], Any]) -> bool:
    """Call an action; its refusal becomes an error of the form, or a message where there is none."""
    try:
        do()
    except PlanError as error:
        if error.code == "not-allowed":
            raise  # answered by the page that says so
        if form is None:
            messages.error(request, said(error))
        else:
            field = FIELDS.get(error.code, "")
            form.add_error(field if field in form.fields else None, error.data.get("reasons") or said(error))
        return False
    return True


def people(request: HttpRequest) -> HttpResponse:
    """Show who has which role where, found by name, role or organisation."""
    actor = actor_somewhere(request, "accounts.set_role")
    reach = reach_of(actor, "accounts.add_user")
    organisations = list(Organisation.objects.all())
    form = FilterForm(request.GET, organisations=organisations)
    form.is_valid()
    given = {name: form.cleaned_data.get(name) or "" for name in ("q", "role", "organisation", "state")}
    wanted = Wanted(given["q"], given["role"], given["organisation"], given["state"])
    pages = Paginator(people_found(wanted), PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "crumbs": [(_("People"), "")],
        "form": form,
        "page": page,
        "people": people_listed(page.object_list),
        "count": pages.count,
        "filtered": any(given.values()),
        "roles": role_table(),
        "abilities": [words for _action, words in ABILITIES],
        "may_add": bool(reach),
    }
    return render(request, "accounts/people.html", context)


def new_person(request: HttpRequest) -> HttpResponse:
    """Add a person with a role."""
    actor = actor_somewhere(request, "accounts.add_user")
    form = PersonForm(request.POST or None, reach=reach_of(actor, "accounts.add_user"))
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["username"]
        if tried(form, request, lambda: actions.add_user(actor, **form.cleaned_data)):
            messages.success(request, _("%(name)s may now log in.") % {"name": name})
            return redirect("people")
    context = {
        "crumbs": [(_("People"), reverse("people")), (_("Add a person"), "")],
        "form": form,
        "roles": role_table(),
        "abilities": [words for _action, words in ABILITIES],
    }
    return render(request, "accounts/new_person.html", context)


def person(request: HttpRequest, number: int) -> HttpResponse:
    """Give one person another role, or end one; look after the login of somebody who is locked out, or has left."""
    actor = actor_somewhere(request, "accounts.set_role")
    user: Any = get_object_or_404(get_user_model(), pk=number)
    name = user.get_full_name() or user.get_username()
    reach = reach_of(actor, "accounts.set_role")
    looks_after = may_look_after(reach, user)
    form = RoleForm(reach=reach)
    password_form = NewPasswordForm()
    if request.method == "POST":
        if "end" in request.POST:
            done = end_role(request, actor, user)
        elif "do" in request.POST:
            password_form, done = look_after(request, actor, user)
        else:
            form = RoleForm(request.POST, reach=reach)
            done = form.is_valid() and tried(form, request, lambda: give_role(actor, user, form.cleaned_data))
            if done:
                messages.success(request, _("%(name)s has the role from today.") % {"name": name})
        if done:
            return redirect("person", number=number)
    context = {
        "crumbs": [(_("People"), reverse("people")), (name, "")],
        "person": user,
        "name": name,
        "held": [(one, may_end(reach, one), provider_label(one.given_by)) for one in roles_held(user)],
        "form": form,
        "password_form": password_form,
        "reason_form": ReasonForm(),
        "looks_after": looks_after,
        "is_oneself": user.pk == request.user.pk,
        "is_locked": looks_after and is_locked(user),
        "has_factor": has_second_factor(user),
        "connected": [provider_label(one.provider) for one in user.external_identities.all()],
        "cool_off": int(settings.AXES_COOLOFF_TIME.total_seconds() // 60),
    }
    return render(request, "accounts/person.html", context)


def give_role(actor: Actor, user: Any, data: dict[str, Any]) -> None:
    """Give the role of a form."""
    actions.set_role(actor, user, data["role"], data["organisation"], data["plan"], valid_to=data["valid_to"])


def end_role(request: HttpRequest, actor: Actor, user: Any) -> bool:
    """End a role: of an organisation by its id, of a plan by ``plan:`` and its id, everywhere by nothing."""
    key = request.POST["end"].replace("\x00", "?")
    organisation = plan = None
    if key.startswith("plan:"):
        plans: Any = Membership._meta.get_field("plan").related_model
        plan = get_object_or_404(plans.objects.select_related("organisation"), pk=key.removeprefix("plan:"))
    elif key:
        organisation = Organisation.objects.filter(pk=key).first()
        if organisation is None:
            raise Http404
    if tried(None, request, lambda: actions.set_role(actor, user, None, organisation, plan)):
        messages.success(request, _("The role has ended."))
    return True


def look_after(request: HttpRequest, actor: Actor, user: Any) -> tuple[NewPasswordForm, bool]:
    """Do what a button of the page asks for, and return the form of the password and whether the page is done."""
    form = NewPasswordForm()
    reason = request.POST.get("reason", "").replace("\x00", "")[:200].strip()
    wish = request.POST["do"]
    if wish == "password":
        form = NewPasswordForm(request.POST)
        done = form.is_valid() and tried(
            form, request, lambda: actions.set_password(actor, user, form.cleaned_data["password"])
        )
        if done:
            messages.success(request, _("The new password holds; all sessions of this person are ended."))
        return form, done
    ways: dict[str, tuple[Callable[[], Any], str]] = {
        "unlock": (lambda: actions.unlock(actor, user), _("This person may try again at once.")),
        "second-factor": (
            lambda: reset_second_factor(actor, user),
            _("The second factor is reset; a password alone opens this login until a new one is set up."),
        ),
        "deactivate": (
            lambda: actions.deactivate(actor, user, reason),
            _("The login is closed and all its sessions are ended."),
        ),
        "reactivate": (lambda: actions.reactivate(actor, user, reason), _("The login is open again.")),
    }
    if wish not in ways:
        raise Http404
    do, words = ways[wish]
    if tried(None, request, do):
        messages.success(request, words)
    return form, True


def may_end(reach: Reach, one: Held) -> bool:
    """Tell whether a role may be ended from here: within reach, and not a provider's to take."""
    if one.given_by:
        return False
    if one.plan is not None:
        return reach.everywhere or one.plan.pk in reach.plans or owns(reach, one.plan)
    return reach.everywhere or (one.organisation is not None and reach.holds(one.organisation))


def owns(reach: Reach, plan: Any) -> bool:
    """Tell whether a plan is of an organisation within reach; no query."""
    return plan.organisation_id in {one.pk for one in reach.organisations}


def provider_label(name: str) -> str:
    """Return what a provider is called, or its id when it is there no more."""
    return next((one.label for one in providers() if one.id == name), name)
