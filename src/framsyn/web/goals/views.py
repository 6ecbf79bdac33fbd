"""Pages of goals: the list, one goal, and the forms by which editors decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.web.access import actor_for, may_see, plans_with, roles_here
from framsyn.web.accounts.models import Organisation
from framsyn.web.accounts.queries import reach_of
from framsyn.web.attainment.beside import reach_lines
from framsyn.web.drafts.queries import offer
from framsyn.web.exchange.tables import answer
from framsyn.web.followup.responsible import responsible
from framsyn.web.goals.actions import decide, end_override, override
from framsyn.web.goals.forms import DecideForm, EndForm, GoalForm, OverrideForm
from framsyn.web.goals.models import GoalDecision, Override
from framsyn.web.goals.new import draft_of, headings_for, make_goal
from framsyn.web.goals.pages import goal_page
from framsyn.web.goals.queries import Filters, goal_list, in_force
from framsyn.web.goals.statuses import ORDER
from framsyn.web.goals.tables import goals_table
from framsyn.web.goals.wordings import node_in_force
from framsyn.web.indicators.actions import Definition
from framsyn.web.indicators.sentences import status_name
from framsyn.web.languages import current_language
from framsyn.web.locking import last_change
from framsyn.web.notes.queries import notes_of
from framsyn.web.plan.models import Version
from framsyn.web.policies import may
from framsyn.web.saving import is_number, tried
from framsyn.web.thread.pages import thread_of_page

if TYPE_CHECKING:
    from django.http import HttpRequest

    from framsyn.web.actions import Actor
    from framsyn.web.plan.models import Element, Node, Plan

__all__ = ["decide_goal", "end", "goal", "goals", "goals_file", "new", "set_status"]


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


def goals(request: HttpRequest) -> HttpResponse:
    """All goals of the plan in force, or of another one."""
    filters = _filters(request)
    mine = plans_with(request, "see.draft", "plan.open_version")
    found = goal_list(filters, drafts=mine["see.draft"])
    shown = found.version.plan_id if found.version else ""
    context = {
        "crumbs": [(_("Goals"), "")],
        "list": found,
        "filters": filters,
        "statuses": [(code, status_name(code, current_language())) for code in ORDER],
        "standings": GoalDecision.Standing.choices,
        "may_edit": shown in mine["plan.open_version"],
    }
    return render(request, "goals/goals.html", context)


def goals_file(request: HttpRequest, form: str) -> Any:
    """The list as a file, as it is filtered."""
    return answer(request, goals_table(goal_list(_filters(request))), form)


def _node(request: HttpRequest, element_id: str) -> Node:
    """Return the place of a goal in force; a goal that stands in a draft alone is for those who work on it."""
    node = node_in_force(element_id)
    if node is None:
        raise Http404
    plan = node.version.plan
    if node.version.state == Version.State.DRAFT and not may_see(
        request, "see.draft", plan.organisation, plans=(plan.pk,)
    ):
        raise Http404
    return node


def goal(request: HttpRequest, element_id: str) -> HttpResponse:
    """One goal."""
    node = _node(request, element_id)
    page = goal_page(node)
    origin = node.element.origin
    roles = roles_here(request, origin.organisation, plans=(origin.pk,), thing=node.element)
    names = ("goal.decide", "goal.override", "goal.end_override", "measure.create", "indicator.observe")
    context = {
        "crumbs": [
            (_("Goals"), f"{reverse('goals')}?plan={node.version.plan_id}"),
            (_("Goal %(number)s") % {"number": node.number} if node.number else element_id, ""),
        ],
        "page": page,
        "red_thread": thread_of_page(page),
        "reach_lines": reach_lines(line.decision for line in page.lines),
        "may": {name.replace(".", "_"): may(roles, name) for name in names},
        "may_audit": may(roles, "see.audit"),
        "notes": notes_of(node.element, roles),
        "responsible": responsible("goal", node.element_id, timezone.localdate(), roles),
    }
    return render(request, "goals/goal.html", context)


def _actor(request: HttpRequest, action: str, place: Organisation, goal: Element) -> Actor:
    return actor_for(request, action, place, plans=(goal.origin_id,), thing=goal)


def _places(actor: Actor, action: str, plan: Plan) -> list[str]:
    """Return the organisations at which the actor may do this: the plan's own and those below it."""
    reach = reach_of(actor, action)
    places = Organisation.objects.all() if plan.pk in reach.plans else reach.organisations
    return [place.pk for place in places if plan.organisation_id in (place.pk, place.parent_id)]


def _newest(decision: GoalDecision | None) -> GoalDecision | None:
    """Return the decision that took the place of one, through others perhaps: that is the one to supersede."""
    while decision is not None:
        later = GoalDecision.objects.select_related("indicator", "place").filter(supersedes=decision).first()
        if later is None:
            break
        decision = later
    return decision


def _stands(goal: Element, form: DecideForm) -> dict[str, Any]:
    """Return what is decided now where a form decides, as that form begins."""
    data = form.cleaned_data
    found = (
        GoalDecision.objects.select_related("indicator", "place")
        .filter(goal=goal, place=data["place"], indicator=data.get("indicator"), superseded_by__isnull=True)
        .last()
    )
    return DecideForm.initial_of(found) if found else {}


def decide_goal(request: HttpRequest, element_id: str) -> HttpResponse:
    """Decide what a goal demands; with ``?decision=`` that one is superseded."""
    node = _node(request, element_id)
    origin = node.element.origin
    actor = _actor(request, "goal.decide", origin.organisation, node.element)
    number = request.GET.get("decision", "")
    old = None
    if number:
        known = GoalDecision.objects.select_related("indicator", "place")
        old = get_object_or_404(known, goal=element_id, pk=int(number) if is_number(number) else 0)
    old = _newest(old)
    initial = (
        DecideForm.initial_of(old)
        if old
        else {"place": origin.organisation_id, "indicator": request.GET.get("indicator")}
    )
    initial["seen"] = last_change(node.element)
    places = _places(actor, "goal.decide", origin)
    form = DecideForm(
        request.POST or None, initial=initial, places={*places, *([old.place_id] if old else [])}
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = tried(
            request,
            form,
            lambda: decide(
                actor, node.element, data["place"], form.terms(), supersedes=old, seen=data["seen"]
            ),
            now=lambda: _stands(node.element, form),
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


def _by_hand(decision: GoalDecision) -> dict[str, Any]:
    """Return the status by hand that holds for a decision now, as its form begins."""
    held = decision.overrides.filter(ended_at=None).last()  # type: ignore[attr-defined]
    return {name: getattr(held, name) for name in ("status", "reason", "expires")} if held else {}


def set_status(request: HttpRequest, element_id: str, decision_id: int) -> HttpResponse:
    """Set the status of a decision by hand."""
    node = _node(request, element_id)
    known = GoalDecision.objects.select_related("place__parent", "goal", "wording", "indicator")
    decision = get_object_or_404(known, pk=decision_id, goal=element_id)
    actor = _actor(request, "goal.override", decision.place, decision.goal)
    form = OverrideForm(request.POST or None, initial={"seen": last_change(decision.goal)})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = tried(
            request,
            form,
            lambda: override(
                actor, decision, data["status"], data["reason"], data["expires"], seen=data["seen"]
            ),
            now=lambda: _by_hand(decision),
        )
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
    node = _node(request, element_id)
    known = Override.objects.select_related("decision__place__parent", "decision__goal", "decision__wording")
    manual = get_object_or_404(known, pk=override_id, decision__goal=element_id)
    actor = _actor(request, "goal.end_override", manual.decision.place, manual.decision.goal)
    form = EndForm(request.POST or None, initial={"seen": last_change(manual.decision.goal)})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        done = tried(
            request, form, lambda: end_override(actor, manual, reason=data["reason"], seen=data["seen"])
        )
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
    kept = offer(request, context["form"])
    return render(request, template, {"crumbs": crumbs, "kept": kept, **context}, status=status)


def new(request: HttpRequest) -> HttpResponse:
    """Write a new goal with its indicator and its first decision."""
    version = in_force(request.GET.get("plan", ""))
    if version is None:
        raise Http404
    plan = version.plan
    draft = draft_of(plan)
    for action in ("plan.add_element", "goal.decide", *(() if draft else ("plan.open_version",))):
        actor = actor_for(request, action, plan.organisation, plans=(plan.pk,))
    initial = {
        "section": request.GET.get("section"),
        "place": plan.organisation_id,
        "type": GoalDecision.Type.REACH_AT_LEAST,
        "standing": GoalDecision.Standing.PROPOSED,
    }
    form = GoalForm(
        request.POST or None,
        initial=initial,
        places=_places(actor, "goal.decide", plan),
        sections=headings_for(draft or version),
    )
    if request.method == "POST" and form.is_valid():
        made = tried(request, form, lambda: _make(actor, form, version))
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
        "kept": offer(request, form),
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
