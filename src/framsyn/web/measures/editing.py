"""Forms of measures: read what was filled in, call the action, go back with a message; nothing typed is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from framsyn.web.access import actor_for, actor_somewhere, plans_where
from framsyn.web.accounts.models import Organisation
from framsyn.web.accounts.queries import reach_of
from framsyn.web.drafts.queries import offer
from framsyn.web.locking import last_change
from framsyn.web.measures import actions, parts
from framsyn.web.measures.forms import (
    AssignForm,
    BenefitForm,
    MeasureForm,
    ReportForm,
    RiskForm,
    TaskForm,
    initial_of,
)
from framsyn.web.measures.models import Benefit, Measure, Risk, Task
from framsyn.web.plan.models import Element, Plan
from framsyn.web.saving import tried

if TYPE_CHECKING:
    from django import forms
    from django.db.models import Model
    from django.http import HttpRequest, HttpResponse

    from framsyn.web.actions import Actor

__all__ = ["assign", "benefit", "edit", "new", "report", "risk", "task"]


def taken(request: HttpRequest, measure_id: str, action: str) -> tuple[Measure, Actor]:
    """Return a measure, and the one who may do an action on it.

    Raises
    ------
    NotAllowed
    """
    measure = get_object_or_404(
        Measure.objects.select_related("organisation__parent__parent__parent"), pk=measure_id
    )
    plans = actions.plans_of(measure)
    return measure, actor_for(request, action, measure.organisation, plans=plans, thing=measure)


def stands(part: Model | None, *names: str) -> dict[str, Any]:
    """Return what a part of a measure says now, as its form begins."""
    if part is None:
        return {}
    part.refresh_from_db()
    return {name: getattr(part, name) for name in names}


def owners(actor: Actor, action: str, mine: Organisation | None = None) -> list[Organisation]:
    """Return who may own a measure, when this actor says so; those of a plan where the role is one on that plan."""
    reach = reach_of(actor, action)
    found = {one.pk: one for one in reach.organisations}
    for plan in Plan.objects.filter(pk__in=reach.plans).select_related("organisation"):
        found[plan.organisation_id] = plan.organisation
        found |= {one.pk: one for one in plan.organisation.children.all()}
    if mine is not None:
        found.setdefault(mine.pk, mine)
    return sorted(found.values(), key=lambda one: (one.position, one.pk))


def page(
    request: HttpRequest,
    measure: Measure,
    form: forms.Form,
    title: str,
    *,
    template: str = "measures/form.html",
    anchor: str = "",
    **more: Any,
) -> HttpResponse:
    """Show a form of a measure."""
    back = reverse("measure", args=[measure.pk])
    context = {
        "crumbs": [(_("Measures"), reverse("measures")), (str(measure.title), back), (title, "")],
        "measure": measure,
        "form": form,
        "title": title,
        "cancel": f"{back}{anchor}",
        "kept": offer(request, form),
        **more,
    }
    return render(request, template, context, status=422 if form.errors else 200)


def back_to(request: HttpRequest, measure: Measure, message: str, anchor: str = "") -> HttpResponse:
    """Go back to the measure and say what was done."""
    messages.success(request, message)
    return redirect(f"{reverse('measure', args=[measure.pk])}{anchor}")


def new(request: HttpRequest) -> HttpResponse:
    """Make a measure, for ``?goal=`` perhaps."""
    actor = actor_somewhere(request, "measure.create")
    organisations = owners(actor, "measure.create")
    goal = Element.objects.filter(pk=request.GET.get("goal", "").replace("\x00", "")).first()
    initial = {
        "goals": [goal.pk] if goal else [],
        "plans": [goal.origin_id] if goal else [],
        "phase": Measure.Phase.IDEA,
        "standing": Measure.Standing.DECIDED,
    }
    if len(organisations) == 1:
        initial["organisation"] = organisations[0].pk
    form = MeasureForm(
        request.POST or None,
        initial=initial,
        organisations=organisations,
        drafts=plans_where(request, "see.draft"),
    )
    if request.method == "POST" and form.is_valid():
        made = tried(request, form, lambda: actions.create(actor, **form.given()))
        if made is not None:
            return back_to(request, made, _("The measure is made. Add tasks, benefits and risks here."))
    title = _("New measure")
    context = {
        "crumbs": [(_("Measures"), reverse("measures")), (title, "")],
        "form": form,
        "title": title,
        "cancel": reverse("measures"),
        "kept": offer(request, form),
        "submit": _("Make the measure"),
    }
    return render(request, "measures/measure_form.html", context, status=422 if form.errors else 200)


def edit(request: HttpRequest, measure_id: str) -> HttpResponse:
    """Change what a measure says of itself."""
    measure, actor = taken(request, measure_id, "measure.change")
    initial = initial_of(measure)
    form = MeasureForm(
        request.POST or None,
        initial=initial,
        organisations=owners(actor, "measure.change", measure.organisation),
        measure=measure,
        needed=initial["depends_on"],
        drafts=plans_where(request, "see.draft"),
    )
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen"]
        made = tried(
            request,
            form,
            lambda: actions.change(actor, measure, seen=seen, **form.given()),
            now=lambda: initial_of(measure),
        )
        if made is not None:
            return back_to(request, made, _("The changes are saved."))
    return page(request, measure, form, _("Change"), template="measures/measure_form.html", submit=_("Save"))


def reported(measure: Measure) -> dict[str, Any]:
    """Return what was reported last, as the form begins."""
    last = measure.reports.last()
    return {
        "status": last.status if last else None,
        "phase": measure.phase,
        "text": last.text if last else "",
    }


def report(request: HttpRequest, measure_id: str) -> HttpResponse:
    """Say in a minute how it goes."""
    measure, actor = taken(request, measure_id, "measure.report")
    last = measure.reports.last()
    form = ReportForm(
        request.POST or None, initial={**reported(measure), "seen": last_change(measure)}, measure=measure
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        said = tried(
            request,
            form,
            lambda: actions.report(actor, measure, **data),
            now=lambda: reported(Measure.objects.get(pk=measure.pk)),
        )
        if said is not None:
            return back_to(request, measure, _("Thank you. Your report is saved."), "#status")
    return page(
        request,
        measure,
        form,
        _("Report"),
        anchor="#status",
        last=last,
        submit=_("Send the report"),
        kicker=_("One minute"),
    )


def held(measure: Measure, data: dict[str, Any]) -> dict[str, Any]:
    """Return who has a part of a measure now, as the form begins."""
    one = measure.assignments.filter(role=data["role"]).last()
    names = ("organisation", "unit", "person", "valid_from", "valid_to")
    return {name: getattr(one, name) for name in names} if one else {}


def assign(request: HttpRequest, measure_id: str) -> HttpResponse:
    """Make somebody owner or deputy."""
    measure, actor = taken(request, measure_id, "measure.assign")
    initial = {
        "role": request.GET.get("role", "owner"),
        "organisation": measure.organisation_id,
        "seen": last_change(measure),
    }
    form = AssignForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        given = tried(
            request, form, lambda: actions.assign(actor, measure, **data), now=lambda: held(measure, data)
        )
        if given is not None:
            return back_to(request, measure, _("Owner and deputy are saved."), "#people")
    lead = _("Whoever has this part today keeps it to the day before.")
    return page(request, measure, form, _("Owner and deputy"), anchor="#people", lead=lead)


def task(request: HttpRequest, measure_id: str, number: int | None = None) -> HttpResponse:
    """Add, change or take away a task."""
    measure, actor = taken(request, measure_id, "measure.task")
    found = get_object_or_404(Task, pk=number, measure=measure) if number else None
    names = ("title", "due", "done_on")
    # Nobody else's work stands where a new one comes.
    initial = {**stands(found, *names), "seen": last_change(measure)} if found else {}
    form = TaskForm(request.POST or None, initial=initial)
    if request.method == "POST" and found and "remove" in request.POST:
        parts.task(actor, measure, task=found, removed=True)
        return back_to(request, measure, _("The task is taken away. The log keeps what it said."), "#tasks")
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        done = tried(
            request,
            form,
            lambda: parts.task(actor, measure, task=found, **data),
            now=lambda: stands(found, *names),
        )
        if done is not None:
            return back_to(request, measure, _("The task is saved."), "#tasks")
    title = _("Change task") if found else _("New task")
    removal = _("Take the task away") if found else ""
    return page(request, measure, form, title, anchor="#tasks", removal=removal)


def benefit(request: HttpRequest, measure_id: str, number: int | None = None) -> HttpResponse:
    """Add, change or take away what a year frees."""
    measure, actor = taken(request, measure_id, "measure.benefit")
    found = get_object_or_404(Benefit, pk=number, measure=measure) if number else None
    names = ("kind", "year", "planned", "realised", "note")
    # Nobody else's work stands where a new one comes.
    initial = {**stands(found, *names), "seen": last_change(measure)} if found else {}
    form = BenefitForm(request.POST or None, initial=initial)
    if request.method == "POST" and found and "remove" in request.POST:
        parts.benefit(actor, measure, benefit=found, removed=True)
        return back_to(
            request, measure, _("The benefit is taken away. The log keeps what it said."), "#benefits"
        )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        done = tried(
            request,
            form,
            lambda: parts.benefit(actor, measure, benefit=found, **data),
            now=lambda: stands(found, *names),
        )
        if done is not None:
            return back_to(request, measure, _("The benefit is saved."), "#benefits")
    title = _("Change benefit") if found else _("New benefit")
    removal = _("Take the benefit away") if found else ""
    return page(request, measure, form, title, anchor="#benefits", removal=removal)


def assessed(risk: Risk | None) -> dict[str, Any]:
    """Return how a risk is assessed now, as its form begins."""
    found = stands(risk, "text", "probability", "consequence", "mitigation", "closed_on")
    return {**found, "closed": found.pop("closed_on") is not None} if found else {}


def risk(request: HttpRequest, measure_id: str, number: int | None = None) -> HttpResponse:
    """Add a risk, assess it anew, or close it."""
    measure, actor = taken(request, measure_id, "measure.risk")
    found = get_object_or_404(Risk, pk=number, measure=measure) if number else None
    initial: dict[str, Any] = {"probability": 3, "consequence": 3}
    if found:
        initial = {**assessed(found), "seen": last_change(measure)}
    form = RiskForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        done = tried(
            request,
            form,
            lambda: parts.risk(actor, measure, risk=found, **data),
            now=lambda: assessed(found),
        )
        if done is not None:
            return back_to(request, measure, _("The risk is saved."), "#risks")
    return page(request, measure, form, _("Change risk") if found else _("New risk"), anchor="#risks")
