"""Pages of the assumptions: the list, a card, an objection and its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.access import actor_for, actor_somewhere
from framsyn.web.actions import Actor
from framsyn.web.assumptions import actions
from framsyn.web.assumptions.charts import course_of, spread_of
from framsyn.web.assumptions.forms import AnswerForm, ObjectionForm
from framsyn.web.assumptions.models import Objection
from framsyn.web.assumptions.queries import card_of, grouped, objections_to, rows_of
from framsyn.web.assumptions.subjects import anywhere, known_names, subject_of
from framsyn.web.assumptions.wording import group_name, told_of
from framsyn.web.explorer.known import scenario_choices, scenario_of
from framsyn.web.languages import current_language
from framsyn.web.locking import last_change
from framsyn.web.saving import tried

if TYPE_CHECKING:
    from django.http import HttpRequest

    from framsyn.scenario import Scenario
    from framsyn.web.assumptions.subjects import Subject

__all__ = ["answer", "assumption", "assumptions", "object_to"]

PLAN = "plan"
SORTS = ("", "effect", "name")


def asked_scenario(request: HttpRequest) -> tuple[str, Scenario]:
    """Return the scenario of the address, ``?scenario=``; the plan without one."""
    key = request.GET.get("scenario") or PLAN
    try:
        return key, scenario_of(key)
    except PlanError as error:
        raise Http404 from error


def found_or_404(name: str, scenario: Scenario) -> Subject:
    """Return an assumption of the scenario, or that of another one where this one has none of that name."""
    try:
        return subject_of(name, scenario)
    except PlanError as error:
        if name in known_names():
            return anywhere(name)
        raise Http404 from error


def crumbs(key: str, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the way here."""
    here = list_address(key) if more else ""
    return [(_("Outlook"), reverse("outlook")), (_("Assumptions"), here), *more]


def list_address(key: str) -> str:
    """Return the address of the list of a scenario."""
    return reverse("assumptions") + ("" if key == PLAN else f"?{urlencode({'scenario': key})}")


def card_address(name: str, key: str) -> str:
    """Return the address of a card."""
    return reverse("assumption", args=[name]) + ("" if key == PLAN else f"?{urlencode({'scenario': key})}")


def assumptions(request: HttpRequest) -> HttpResponse:
    """All assumptions of a scenario, in groups or sorted; ``?source=without`` keeps those without a source."""
    key, scenario = asked_scenario(request)
    source, sort = request.GET.get("source", ""), request.GET.get("sort", "")
    if source not in ("", "without") or sort not in SORTS:
        raise Http404
    rows = rows_of(scenario, current_language(), source=source, sort=sort)
    context = {
        "crumbs": crumbs(key),
        "key": key,
        "scenario": scenario.label[current_language()],
        "choices": scenario_choices(),
        "source": source,
        "sort": sort,
        "groups": [("", "", rows)]
        if sort
        else [(code, group_name(code), inside) for code, inside in grouped(rows)],
        "rows": rows,
        "held": [row for row in rows if row.subject.held],
        "unsourced": [row for row in rows if row.subject.held and not row.subject.sourced],
        "ranked": next((row.effects for row in rows if row.effects.run), None),
    }
    return render(request, "assumptions/list.html", context)


def assumption(request: HttpRequest, name: str) -> HttpResponse:
    """The card of an assumption in a scenario."""
    key, scenario = asked_scenario(request)
    lang, actor = current_language(), Actor.of(request)
    one = found_or_404(name, scenario)
    card = card_of(one, scenario, key, actor, lang)
    objections, may_answer = objections_to(name, actor)
    context = {
        "crumbs": crumbs(key, (card.row.label, "")),
        "key": key,
        "scenario": scenario.label[lang],
        "choices": scenario_choices(),
        "card": card,
        "group": group_name(one.group),
        **told_of(card, scenario, lang),
        "list_address": list_address(key),
        "spread": spread_of(one, scenario, lang),
        "course": course_of(one, scenario, lang),
        "objections": objections,
        "may_answer": may_answer,
    }
    return render(request, "assumptions/card.html", context)


def object_to(request: HttpRequest, name: str) -> HttpResponse:
    """Object to an assumption."""
    actor = actor_somewhere(request, "assumption.object")
    key, scenario = asked_scenario(request)
    one = found_or_404(name, scenario)
    form = ObjectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        made = tried(
            request,
            form,
            lambda: actions.object_to(
                actor, name, key, typed["kind"], typed["text"], may_publish=typed["may_publish"]
            ),
        )
        if made is not None:
            messages.success(request, _("Your objection is kept. The answer will stand on this page."))
            return redirect(f"{card_address(name, key)}#objections")
    label = one.label(current_language())
    context = {
        "crumbs": crumbs(key, (label, card_address(name, key)), (_("Object"), "")),
        "form": form,
        "label": label,
        "scenario": scenario.label[current_language()],
        "back": card_address(name, key),
    }
    return render(request, "assumptions/object.html", context)


def answer(request: HttpRequest, number: int) -> HttpResponse:
    """Answer an objection, or change the answer."""
    objection = get_object_or_404(
        Objection.objects.select_related("organisation__parent__parent", "author"), pk=number
    )
    actor = actor_for(request, "assumption.answer", objection.organisation)
    initial = {
        "answer": objection.answer,
        "publish": objection.is_published,
        "seen": last_change(objection),
    }
    form = AnswerForm(request.POST or None, initial=initial)
    if not objection.may_publish:
        form.fields["publish"].disabled = True
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        done = tried(
            request,
            form,
            lambda: actions.answer(
                actor, objection, typed["answer"], publish=typed["publish"], seen=typed["seen"]
            ),
            now=lambda: {"answer": objection.answer, "publish": objection.is_published},
        )
        if done is not None:
            messages.success(request, _("The answer is kept. Everybody reads it."))
            return redirect(f"{card_address(objection.assumption, objection.scenario)}#objections")
    try:
        label = anywhere_label(objection.assumption)
    except PlanError:
        label = objection.assumption
    back = card_address(objection.assumption, objection.scenario)
    context = {
        "crumbs": crumbs(PLAN, (label, back), (_("Answer"), "")),
        "form": form,
        "objection": objection,
        "label": label,
        "back": back,
    }
    return render(request, "assumptions/answer.html", context)


def anywhere_label(name: str) -> str:
    """Return the name of an assumption in everyday words, whichever scenario has it."""
    return subject_of(name, scenario_of(PLAN)).label(current_language()) if name in known_names() else name
