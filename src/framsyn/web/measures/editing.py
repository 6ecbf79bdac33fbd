"""Forms of measures: read what was filled in, call the action, go back with a message; nothing typed is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.accounts.queries import reach_of
from framsyn.web.actions import Actor, NotAllowed
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
from framsyn.web.plan.models import Element

if TYPE_CHECKING:
    from collections.abc import Callable

    from django import forms
    from django.http import HttpRequest, HttpResponse

__all__ = ["assign", "benefit", "edit", "new", "report", "risk", "task"]


def tried(form: forms.Form, do: Callable[[], Any]) -> Any:
    """Call an action with what a sound form holds; its refusal becomes the form's error and None is returned."""
    try:
        return do()
    except NotAllowed as error:
        raise PermissionDenied(error.message) from error
    except PlanError as error:
        field = error.data.get("field")
        form.add_error(field if field in form.fields else None, error.message)
        return None


def taken(request: HttpRequest, measure_id: str, action: str) -> tuple[Measure | None, Actor]:
    """Return a measure and the actor; no measure for a reader who must log in first.

    Raises
    ------
    PermissionDenied
        Somebody who is logged in lacks the role.
    """
    measure = get_object_or_404(
        Measure.objects.select_related("organisation__parent__parent__parent"), pk=measure_id
    )
    actor = Actor.of(request)
    if not request.user.is_authenticated:
        return None, actor
    if not actor.may(action, measure.organisation):
        raise PermissionDenied
    return measure, actor


def to_login(request: HttpRequest) -> HttpResponse:
    """Send a reader to the login page and back."""
    return redirect_to_login(request.get_full_path())


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
        **more,
    }
    return render(request, template, context)


def back_to(request: HttpRequest, measure: Measure, message: str, anchor: str = "") -> HttpResponse:
    """Go back to the measure and say what was done."""
    messages.success(request, message)
    return redirect(f"{reverse('measure', args=[measure.pk])}{anchor}")


def new(request: HttpRequest) -> HttpResponse:
    """Make a measure, for ``?goal=`` perhaps."""
    actor = Actor.of(request)
    if not request.user.is_authenticated:
        return to_login(request)
    reach = reach_of(actor, "measure.create")
    if not reach:
        raise PermissionDenied
    goal = Element.objects.filter(pk=request.GET.get("goal", "").replace("\x00", "")).first()
    initial = {
        "goals": [goal.pk] if goal else [],
        "plans": [goal.origin_id] if goal else [],
        "phase": Measure.Phase.IDEA,
        "standing": Measure.Standing.DECIDED,
    }
    if len(reach.organisations) == 1:
        initial["organisation"] = reach.organisations[0].pk
    form = MeasureForm(request.POST or None, initial=initial, organisations=reach.organisations)
    if request.method == "POST" and form.is_valid():
        made = tried(form, lambda: actions.create(actor, **form.given()))
        if made is not None:
            return back_to(request, made, _("The measure is made. Add tasks, benefits and risks here."))
    title = _("New measure")
    context = {
        "crumbs": [(_("Measures"), reverse("measures")), (title, "")],
        "form": form,
        "title": title,
        "cancel": reverse("measures"),
        "submit": _("Make the measure"),
    }
    return render(request, "measures/measure_form.html", context)


def edit(request: HttpRequest, measure_id: str) -> HttpResponse:
    """Change what a measure says of itself."""
    measure = get_object_or_404(Measure.objects.select_related("organisation"), pk=measure_id)
    actor = Actor.of(request)
    if not request.user.is_authenticated:
        return to_login(request)
    reach = reach_of(actor, "measure.change")
    if not reach.holds(measure.organisation):
        raise PermissionDenied
    initial = initial_of(measure)
    form = MeasureForm(
        request.POST or None,
        initial=initial,
        organisations=reach.organisations,
        measure=measure,
        needed=initial["depends_on"],
    )
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen"]
        made = tried(form, lambda: actions.change(actor, measure, seen=seen, **form.given()))
        if made is not None:
            return back_to(request, made, _("The changes are saved."))
    return page(request, measure, form, _("Change"), template="measures/measure_form.html", submit=_("Save"))


def report(request: HttpRequest, measure_id: str) -> HttpResponse:
    """Say in a minute how it goes."""
    measure, actor = taken(request, measure_id, "measure.report")
    if measure is None:
        return to_login(request)
    last = measure.reports.last()
    initial = {
        "status": last.status if last else None,
        "phase": measure.phase,
        "text": last.text if last else "",
    }
    form = ReportForm(request.POST or None, initial=initial, measure=measure)
    if request.method == "POST" and form.is_valid():
        if tried(form, lambda: actions.report(actor, measure, **form.cleaned_data)) is not None:
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


def assign(request: HttpRequest, measure_id: str) -> HttpResponse:
    """Make somebody owner or deputy."""
    measure, actor = taken(request, measure_id, "measure.assign")
    if measure is None:
        return to_login(request)
    initial = {"role": request.GET.get("role", "owner"), "organisation": measure.organisation_id}
    form = AssignForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        if tried(form, lambda: actions.assign(actor, measure, **form.cleaned_data)) is not None:
            return back_to(request, measure, _("Owner and deputy are saved."), "#people")
    lead = _("Whoever has this part today keeps it to the day before.")
    return page(request, measure, form, _("Owner and deputy"), anchor="#people", lead=lead)


def task(request: HttpRequest, measure_id: str, number: int | None = None) -> HttpResponse:
    """Add, change or take away a task."""
    measure, actor = taken(request, measure_id, "measure.task")
    if measure is None:
        return to_login(request)
    found = get_object_or_404(Task, pk=number, measure=measure) if number else None
    names = ("title", "due", "done_on")
    form = TaskForm(
        request.POST or None, initial={name: getattr(found, name) for name in names} if found else {}
    )
    if request.method == "POST" and found and "remove" in request.POST:
        parts.task(actor, measure, task=found, removed=True)
        return back_to(request, measure, _("The task is taken away. The log keeps what it said."), "#tasks")
    if request.method == "POST" and form.is_valid():
        if tried(form, lambda: parts.task(actor, measure, task=found, **form.cleaned_data)) is not None:
            return back_to(request, measure, _("The task is saved."), "#tasks")
    title = _("Change task") if found else _("New task")
    removal = _("Take the task away") if found else ""
    return page(request, measure, form, title, anchor="#tasks", removal=removal)


def benefit(request: HttpRequest, measure_id: str, number: int | None = None) -> HttpResponse:
    """Add, change or take away what a year frees."""
    measure, actor = taken(request, measure_id, "measure.benefit")
    if measure is None:
        return to_login(request)
    found = get_object_or_404(Benefit, pk=number, measure=measure) if number else None
    names = ("kind", "year", "planned", "realised", "note")
    form = BenefitForm(
        request.POST or None, initial={name: getattr(found, name) for name in names} if found else {}
    )
    if request.method == "POST" and found and "remove" in request.POST:
        parts.benefit(actor, measure, benefit=found, removed=True)
        return back_to(
            request, measure, _("The benefit is taken away. The log keeps what it said."), "#benefits"
        )
    if request.method == "POST" and form.is_valid():
        if tried(form, lambda: parts.benefit(actor, measure, benefit=found, **form.cleaned_data)) is not None:
            return back_to(request, measure, _("The benefit is saved."), "#benefits")
    title = _("Change benefit") if found else _("New benefit")
    removal = _("Take the benefit away") if found else ""
    return page(request, measure, form, title, anchor="#benefits", removal=removal)


def risk(request: HttpRequest, measure_id: str, number: int | None = None) -> HttpResponse:
    """Add a risk, assess it anew, or close it."""
    measure, actor = taken(request, measure_id, "measure.risk")
    if measure is None:
        return to_login(request)
    found = get_object_or_404(Risk, pk=number, measure=measure) if number else None
    initial: dict[str, Any] = {"probability": 3, "consequence": 3}
    if found:
        initial = {
            name: getattr(found, name) for name in ("text", "probability", "consequence", "mitigation")
        }
        initial["closed"] = found.closed_on is not None
    form = RiskForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        if tried(form, lambda: parts.risk(actor, measure, risk=found, **form.cleaned_data)) is not None:
            return back_to(request, measure, _("The risk is saved."), "#risks")
    return page(request, measure, form, _("Change risk") if found else _("New risk"), anchor="#risks")
