"""Themes: what is known, which path is chosen, and what it leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from framsyn.web.access import actor_for, actor_somewhere, plans_with
from framsyn.web.accounts.queries import may_somewhere
from framsyn.web.actions import Actor
from framsyn.web.drafts.queries import offer
from framsyn.web.goals.models import Choice
from framsyn.web.locking import last_change
from framsyn.web.plan.choices import decide_choice
from framsyn.web.plan.forms import ChoiceForm, ThemeForm
from framsyn.web.plan.models import Element, Plan
from framsyn.web.plan.queries import newest_wordings
from framsyn.web.plan.theme_queries import theme_page
from framsyn.web.plan.theme_queries import themes as read_themes
from framsyn.web.plan.themes import open_future_note, open_theme
from framsyn.web.saving import stepped, tried

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
            "rows": read_themes(drafts=plans_with(request, "see.draft")["see.draft"]),
            "may_create": may_somewhere(Actor.of(request), "plan.create"),
        },
    )


@require_safe
def theme(request: HttpRequest, theme: str) -> HttpResponse:
    """The thread of one theme, from status to decision."""
    mine = plans_with(request, "see.draft", "choice.decide", "plan.create")
    page = theme_page(theme, drafts=mine["see.draft"])
    if page is None:
        raise Http404
    plan = page.note or page.future
    here = plan.pk if plan else ""
    title = page.note.title if page.note else page.future.title if page.future else theme
    return render(
        request,
        "plan/theme.html",
        {
            "crumbs": [(_("Themes"), reverse("themes")), (title, "")],
            "page": page,
            "title": title,
            "may_decide": here in mine["choice.decide"],
            "may_create": here in mine["plan.create"],
        },
    )


def new_theme(request: HttpRequest) -> HttpResponse:
    """Open a theme with a status note on the pattern of the others."""
    actor = actor_somewhere(request, "plan.create")
    form = ThemeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        draft = tried(
            request,
            form,
            lambda: open_theme(actor, given["theme"], given["title"], given["organisation"]),
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


@require_POST
def new_future_note(request: HttpRequest, theme: str) -> HttpResponse:
    """Open the future note of a theme."""
    note = get_object_or_404(
        Plan.objects.select_related("organisation__parent"), theme=theme, kind=Plan.Kind.STATUS_NOTE
    )
    actor = actor_for(request, "plan.create", note.organisation, plans=(note.pk,))
    done = _("The future note is open. Fill in its headings.")
    draft = stepped(request, lambda: open_future_note(actor, note), done)
    return redirect("plan-edit", draft.plan_id) if draft else redirect("theme", theme)


def _stands(element: Element) -> dict[str, Any]:
    """Return what stands of a choice of path, as its form begins."""
    stored = Choice.objects.filter(element=element).select_related("decision").first()
    if stored is None:
        return {}
    found: dict[str, Any] = {f"option_{index}": option for index, option in enumerate(stored.options)}
    found |= {"chosen": stored.chosen, "reasons": stored.reasons}
    if stored.decision:
        found |= {
            "decision_title": stored.decision.title,
            "body": stored.decision.body,
            "case_number": stored.decision.case_number,
            "decided_on": stored.decision.date,
        }
    return found


def decide(request: HttpRequest, element_id: str) -> HttpResponse:
    """Write the options of a choice of path, and which one is taken."""
    element = get_object_or_404(
        Element.objects.select_related("origin__organisation__parent"),
        pk=element_id,
        kind=Element.Kind.CHOICE,
    )
    origin = element.origin
    actor = actor_for(request, "choice.decide", origin.organisation, plans=(origin.pk,), thing=element)
    said = newest_wordings([element_id], drafts=(origin.pk,)).get(element_id)
    form = ChoiceForm(request.POST or None, initial={**_stands(element), "seen": last_change(element)})
    back = reverse("theme", args=[origin.theme]) if origin.theme else reverse("element", args=[element_id])
    if request.method == "POST" and form.is_valid():
        options, chosen = form.options()
        done = tried(
            request,
            form,
            lambda: decide_choice(
                actor,
                element,
                options=options,
                chosen=chosen,
                reasons=form.cleaned_data["reasons"],
                decision=form.decision(),
                seen=form.cleaned_data["seen"],
            ),
            now=lambda: _stands(element),
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
                (origin.title, back),
                (_("Choice of path"), ""),
            ],
            "element": element,
            "said_of_it": said,
            "form": form,
            "kept": offer(request, form),
            "cancel": back,
        },
        status=422 if form.errors else 200,
    )
