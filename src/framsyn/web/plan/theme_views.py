"""Themes: what is known, which path is chosen, and what it leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from framsyn.errors import PlanError
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.goals.models import Choice
from framsyn.web.plan.choices import decide_choice
from framsyn.web.plan.edit_views import try_action
from framsyn.web.plan.forms import ChoiceForm, ThemeForm
from framsyn.web.plan.models import Element, Plan
from framsyn.web.plan.queries import newest_wordings
from framsyn.web.plan.theme_queries import theme_page
from framsyn.web.plan.theme_queries import themes as read_themes
from framsyn.web.plan.themes import open_future_note, open_theme
from framsyn.web.plan.views import may_edit

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["decide", "new_future_note", "new_theme", "theme", "themes"]


@require_safe
def themes(request: HttpRequest) -> HttpResponse:
    """Every theme with its status note."""
    return render(
        request,
        "plan/themes.html",
        {
            "crumbs": [(_("Themes"), "")],
            "rows": read_themes(drafts=may_edit(request)),
            "may_create": request.user.is_authenticated and Actor.of(request).may("plan.create"),
        },
    )


@require_safe
def theme(request: HttpRequest, theme: str) -> HttpResponse:
    """The thread of one theme, from status to decision."""
    editor = may_edit(request)
    page = theme_page(theme, drafts=editor)
    if page is None:
        raise Http404
    title = page.note.title if page.note else page.future.title if page.future else theme
    return render(
        request,
        "plan/theme.html",
        {
            "crumbs": [(_("Themes"), reverse("themes")), (title, "")],
            "page": page,
            "title": title,
            "may_edit": editor,
            "may_create": request.user.is_authenticated and Actor.of(request).may("plan.create"),
        },
    )


@login_required
def new_theme(request: HttpRequest) -> HttpResponse:
    """Open a theme with a status note on the pattern of the others."""
    if not Actor.of(request).may("plan.create"):
        raise PermissionDenied(_("Opening a theme needs the role of administrator. Ask one to do it."))
    form = ThemeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        draft = try_action(
            form, lambda: open_theme(Actor.of(request), given["theme"], given["title"], given["organisation"])
        )
        if draft:
            messages.success(request, _("The status note is open. Fill in its headings."))
            return redirect("plan-edit", draft.plan_id)
    return render(
        request,
        "plan/plan_form.html",
        {
            "crumbs": [(_("Themes"), reverse("themes")), (_("New theme"), "")],
            "form": form,
            "page_title": _("New theme"),
            "lead": _("A draft of a status note is made with the headings that all of them have."),
            "submit": _("Open the theme"),
            "cancel": reverse("themes"),
        },
        status=422 if form.errors else 200,
    )


@login_required
@require_POST
def new_future_note(request: HttpRequest, theme: str) -> HttpResponse:
    """Open the future note of a theme."""
    note = get_object_or_404(
        Plan.objects.select_related("organisation__parent"), theme=theme, kind=Plan.Kind.STATUS_NOTE
    )
    try:
        draft = open_future_note(Actor.of(request), note)
    except NotAllowed as error:
        raise PermissionDenied(error.message) from error
    except PlanError as error:
        messages.error(request, error.message)
        return redirect("theme", theme)
    messages.success(request, _("The future note is open. Fill in its headings."))
    return redirect("plan-edit", draft.plan_id)


@login_required
def decide(request: HttpRequest, element_id: str) -> HttpResponse:
    """Write the options of a choice of path, and which one is taken."""
    element = get_object_or_404(
        Element.objects.select_related("origin__organisation__parent"),
        pk=element_id,
        kind=Element.Kind.CHOICE,
    )
    if not Actor.of(request).may("choice.decide", element.origin.organisation):
        raise PermissionDenied(_("Deciding a choice of path needs the role of editor."))
    said = newest_wordings([element_id]).get(element_id)
    stored = Choice.objects.filter(element=element).select_related("decision").first()
    first = {}
    if stored:
        first = {f"option_{index}": option for index, option in enumerate(stored.options)}
        first |= {"chosen": stored.chosen, "reasons": stored.reasons}
        if stored.decision:
            first |= {
                "decision_title": stored.decision.title,
                "body": stored.decision.body,
                "case_number": stored.decision.case_number,
                "decided_on": stored.decision.date,
            }
    form = ChoiceForm(request.POST or None, initial=first)
    back = (
        reverse("theme", args=[element.origin.theme])
        if element.origin.theme
        else reverse("element", args=[element_id])
    )
    if request.method == "POST" and form.is_valid():
        options, chosen = form.options()
        with transaction.atomic():
            done = try_action(
                form,
                lambda: decide_choice(
                    Actor.of(request),
                    element,
                    options=options,
                    chosen=chosen,
                    reasons=form.cleaned_data["reasons"],
                    decision=form.decision(),
                ),
            )
        if done:
            messages.success(request, _("The choice of path is saved."))
            return redirect(f"{back}#{element_id}")
    return render(
        request,
        "plan/decide.html",
        {
            "crumbs": [
                (_("Themes"), reverse("themes")),
                (element.origin.title, back),
                (_("Choice of path"), ""),
            ],
            "element": element,
            "said_of_it": said,
            "form": form,
            "cancel": back,
        },
        status=422 if form.errors else 200,
    )
