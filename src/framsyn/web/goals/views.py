"""Pages of goals: the list, one goal, and the forms by which editors decide."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.accounts.models import Organisation
from framsyn.web.accounts.queries import reach_of
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.goals.actions import decide, end_override, override
from framsyn.web.goals.forms import DecideForm, EndForm, GoalForm, OverrideForm, put_errors
from framsyn.web.goals.models import GoalDecision, Override
from framsyn.web.goals.new import draft_of, headings_for, make_goal
from framsyn.web.goals.pages import goal_page
from framsyn.web.goals.queries import Filters, goal_list, in_force
from framsyn.web.goals.statuses import ORDER
from framsyn.web.goals.wordings import node_in_force
from framsyn.web.indicators.actions import Definition
from framsyn.web.indicators.sentences import status_name
from framsyn.web.languages import current_language
from framsyn.web.plan.models import Version

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from framsyn.web.plan.models import Element, Node

__all__ = ["decide_goal", "end", "goal", "goals", "goals_csv", "new", "set_status"]


def _filters(request: HttpRequest) -> Filters:
    get = request.GET.get
    status = get("status", "")
    standing = get("standing", "")
    return Filters(
        plan=get("plan", "").strip(),
        status=status if status in ORDER else "",
        section=get("section", "").strip(),
        place=get("place", "").strip(),
        standing=standing if standing in GoalDecision.Standing.values else "",
        text=get("q", "").strip()[:100],
    )


def _may_draft(request: HttpRequest, organisation: Organisation | None = None) -> bool:
    return request.user.is_authenticated and Actor.of(request).may("plan.change_text", organisation)


def goals(request: HttpRequest) -> HttpResponse:
    """All goals of the plan in force, or of another one."""
    filters = _filters(request)
    may_edit = _may_draft(request)
    found = goal_list(filters, drafts=may_edit)
    context = {
        "crumbs": [(_("Goals"), "")],
        "list": found,
        "filters": filters,
        "statuses": [(code, status_name(code, current_language())) for code in ORDER],
        "standings": GoalDecision.Standing.choices,
        "may_edit": may_edit,
    }
    return render(request, "goals/goals.html", context)


def goals_csv(request: HttpRequest) -> HttpResponse:
    """The list as a file, as it is filtered."""
    found = goal_list(_filters(request))
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="goals.csv"'
    writer = csv.writer(response)
    writer.writerow(
        "goal number wording section status wrong_way standing place indicator type baseline baseline_date target "
        "target_low target_high tolerance deadline value value_date sentence".split()
    )
    for row in found.rows:
        part = row.status.shown
        decision = part.decision if part else None
        writer.writerow(
            [
                row.element,
                row.number,
                str(row.wording),
                row.section or row.main_goal,
                row.status.code,
                int(row.status.wrong_way),
                row.status.standing,
                *(
                    [
                        decision.place_id,
                        decision.indicator_id,
                        decision.type,
                        decision.baseline,
                        decision.baseline_date,
                        decision.target,
                        decision.target_low,
                        decision.target_high,
                        decision.tolerance,
                        decision.deadline,
                        part.status.value,
                        part.status.date,
                    ]
                    if decision and part
                    else [""] * 12
                ),
                row.status.sentence,
            ]
        )
    return response


def _node(request: HttpRequest, element_id: str) -> Node:
    """Return the place of a goal in force; a goal that stands in a draft alone is for those who work on it."""
    node = node_in_force(element_id)
    if node is None:
        raise Http404
    if node.version.state == Version.State.DRAFT and not _may_draft(
        request, node.element.origin.organisation
    ):
        raise Http404
    return node


def goal(request: HttpRequest, element_id: str) -> HttpResponse:
    """One goal."""
    node = _node(request, element_id)
    page = goal_page(node)
    may_edit = request.user.is_authenticated and Actor.of(request).may(
        "goal.decide", node.element.origin.organisation
    )
    context = {
        "crumbs": [
            (_("Goals"), f"{reverse('goals')}?plan={node.version.plan_id}"),
            (_("Goal %(number)s") % {"number": node.number} if node.number else element_id, ""),
        ],
        "page": page,
        "may_edit": may_edit,
    }
    return render(request, "goals/goal.html", context)


def _editor(request: HttpRequest, action: str, organisation: Organisation) -> Actor:
    actor = Actor.of(request)
    if not actor.may(action, organisation):
        raise PermissionDenied
    return actor


def _places(actor: Actor, action: str, organisation: Organisation) -> list[str]:
    """Return the organisations at which the actor may do this: the plan's own and those below it."""
    reach = reach_of(actor, action)
    return [
        place.pk
        for place in reach.organisations
        if place.pk == organisation.pk or place.parent_id == organisation.pk
    ]


def _try(form: Any, run: Callable[[], Any]) -> Any:
    """Run an action; put a refusal beside the field that it is about."""
    try:
        return run()
    except NotAllowed as error:
        raise PermissionDenied from error
    except PlanError as error:
        put_errors(form, error)
        return None


def decide_goal(request: HttpRequest, element_id: str) -> HttpResponse:
    """Decide what a goal demands; with ``?decision=`` that one is superseded."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    node = _node(request, element_id)
    actor = _editor(request, "goal.decide", node.element.origin.organisation)
    number = request.GET.get("decision", "")
    old = None
    if number:
        known = GoalDecision.objects.select_related("indicator", "place")
        old = get_object_or_404(known, goal=element_id, pk=number if number.isdigit() else 0)
    initial = (
        DecideForm.initial_of(old)
        if old
        else {"place": node.element.origin.organisation_id, "indicator": request.GET.get("indicator")}
    )
    places = _places(actor, "goal.decide", node.element.origin.organisation)
    form = DecideForm(
        request.POST or None, initial=initial, places={*places, *([old.place_id] if old else [])}
    )
    if request.method == "POST" and form.is_valid():
        made = _try(
            form,
            lambda: decide(actor, node.element, form.cleaned_data["place"], form.terms(), supersedes=old),
        )
        if made is not None:
            messages.success(request, _("The decision is recorded. The one before it stands in the history."))
            return redirect("goal", element_id)
    context = {
        "node": node,
        "form": form,
        "old": old,
        "title": _("Decide anew") if old else _("Decide what the goal demands"),
        "submit": _("Record the decision"),
        "cancel": reverse("goal", args=[element_id]),
    }
    return _form(request, "goals/decide.html", node, context)


def set_status(request: HttpRequest, element_id: str, decision_id: int) -> HttpResponse:
    """Set the status of a decision by hand."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    node = _node(request, element_id)
    known = GoalDecision.objects.select_related("place__parent", "goal", "wording", "indicator")
    decision = get_object_or_404(known, pk=decision_id, goal=element_id)
    actor = _editor(request, "goal.override", decision.place)
    form = OverrideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = _try(form, lambda: override(actor, decision, data["status"], data["reason"], data["expires"]))
        if made is not None:
            messages.success(request, _("The status is set by hand, and the page says so with your reason."))
            return redirect("goal", element_id)
    context = {
        "node": node,
        "form": form,
        "decision": decision,
        "title": _("Set the status by hand"),
        "submit": _("Set the status"),
        "cancel": reverse("goal", args=[element_id]),
    }
    return _form(request, "goals/override.html", node, context)


def end(request: HttpRequest, element_id: str, override_id: int) -> HttpResponse:
    """End a status that was set by hand."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    node = _node(request, element_id)
    known = Override.objects.select_related("decision__place__parent", "decision__goal", "decision__wording")
    manual = get_object_or_404(known, pk=override_id, decision__goal=element_id)
    actor = _editor(request, "goal.end_override", manual.decision.place)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = _try(form, lambda: end_override(actor, manual, reason=form.cleaned_data["reason"]))
        if done is not None:
            messages.success(request, _("The rule speaks again."))
            return redirect("goal", element_id)
    context = {
        "node": node,
        "form": form,
        "manual": manual,
        "title": _("End the status set by hand"),
        "submit": _("End it"),
        "cancel": reverse("goal", args=[element_id]),
    }
    return _form(request, "goals/end_override.html", node, context)


def _form(request: HttpRequest, template: str, node: Node, context: dict[str, Any]) -> HttpResponse:
    label = _("Goal %(number)s") % {"number": node.number} if node.number else node.element_id
    crumbs = [
        (_("Goals"), f"{reverse('goals')}?plan={node.version.plan_id}"),
        (label, reverse("goal", args=[node.element_id])),
        (context["title"], ""),
    ]
    status = 422 if context["form"].errors else 200
    return render(request, template, {"crumbs": crumbs, **context}, status=status)


def new(request: HttpRequest) -> HttpResponse:
    """Write a new goal with its indicator and its first decision."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    version = in_force(request.GET.get("plan", ""))
    if version is None:
        raise Http404
    plan = version.plan
    actor = _editor(request, "plan.add_element", plan.organisation)
    draft = draft_of(plan)
    initial = {
        "section": request.GET.get("section"),
        "place": plan.organisation_id,
        "type": GoalDecision.Type.REACH_AT_LEAST,
        "standing": GoalDecision.Standing.PROPOSED,
    }
    form = GoalForm(
        request.POST or None,
        initial=initial,
        places=_places(actor, "goal.decide", plan.organisation),
        sections=headings_for(draft or version),
    )
    if request.method == "POST" and form.is_valid():
        made = _try(form, lambda: _make(actor, form, version))
        if made is not None:
            messages.success(
                request,
                _("The goal stands in the draft. Give it a measure next, and put in its first figure."),
            )
            return redirect("goal", made.pk)
    context = {
        "crumbs": [(_("Goals"), reverse("goals")), (_("New goal"), "")],
        "form": form,
        "plan": plan,
        "draft": draft,
        "cancel": reverse("goals"),
    }
    return render(request, "goals/new.html", context, status=422 if form.errors else 200)


def _make(actor: Actor, form: GoalForm, version: Version) -> Element:
    data = form.cleaned_data
    definition = None
    if data["new_name"]:
        definition = Definition(
            data["new_name"],
            data["new_definition"],
            data["new_unit"],
            "year",
            data["new_direction"],
            data["new_source"],
            data["place"],
        )
    return make_goal(
        actor,
        version.plan,
        data["section"],
        title=data["title"],
        text=data["text"],
        place=data["place"],
        terms=form.terms(),
        new=definition,
    )
