"""Pages of indicators: the list, one indicator with its charts, its files, and the forms of editors."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.web.access import actor_for, actor_somewhere, plans_where, roles_here
from framsyn.web.accounts.models import Organisation
from framsyn.web.accounts.queries import may_somewhere, reach_of
from framsyn.web.actions import Actor
from framsyn.web.drafts.queries import offer
from framsyn.web.exchange.tables import answer
from framsyn.web.followup.responsible import responsible
from framsyn.web.indicators import actions
from framsyn.web.indicators.charts import unit_text
from framsyn.web.indicators.exports import metadata
from framsyn.web.indicators.forms import BreakForm, DefinitionForm, FigureForm
from framsyn.web.indicators.models import Indicator
from framsyn.web.indicators.names import free_id
from framsyn.web.indicators.pages import drawn_page
from framsyn.web.indicators.queries import STATES, Filters, indicator_list, titles_of
from framsyn.web.indicators.tables import figures_table, indicators_table
from framsyn.web.languages import current_language
from framsyn.web.locking import last_change
from framsyn.web.notes.queries import notes_of
from framsyn.web.plan.models import Element
from framsyn.web.policies import may
from framsyn.web.saving import tried

if TYPE_CHECKING:
    from django import forms
    from django.db.models import QuerySet
    from django.http import HttpRequest

__all__ = [
    "change",
    "indicator",
    "indicator_file",
    "indicator_json",
    "indicators",
    "indicators_file",
    "mark_break",
    "new",
    "observe",
]


def _filters(request: HttpRequest) -> Filters:
    state = request.GET.get("state", "")
    return Filters(
        section=request.GET.get("section", "").strip(),
        state=state if state in STATES else "",
        text=request.GET.get("q", "").strip()[:100],
    )


def indicators(request: HttpRequest) -> HttpResponse:
    """All indicators with the region's newest figures; those without any apart."""
    filters = _filters(request)
    context = {
        "crumbs": [(_("Indicators"), "")],
        "list": indicator_list(filters),
        "filters": filters,
        "states": [
            ("with_data", _("with figures")),
            ("no_data", _("no figures yet")),
            ("provisional", _("provisional")),
            ("better", _("better than before")),
            ("worse", _("worse than before")),
        ],
        "may_define": may_somewhere(Actor.of(request), "indicator.define"),
    }
    return render(request, "indicators/indicators.html", context)


def indicators_file(request: HttpRequest, form: str) -> Any:
    """The list as a file, as it is filtered."""
    return answer(request, indicators_table(indicator_list(_filters(request))), form)


def _known(indicator_id: str) -> Indicator:
    return get_object_or_404(Indicator.objects.select_related("responsible__parent"), pk=indicator_id)


def indicator(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """One indicator."""
    one = _known(indicator_id)
    roles = roles_here(request, one.responsible, thing=one)
    drafts = plans_where(request, "see.draft")
    context = {
        "crumbs": [(_("Indicators"), reverse("indicators")), (str(one.name), "")],
        "page": drawn_page(one, drafts=drafts),
        "may": {name: may(roles, f"indicator.{name}") for name in ("observe", "change", "mark_break")},
        "may_audit": may(roles, "see.audit"),
        "notes": notes_of(one, roles),
        "responsible": responsible("indicator", one.pk, timezone.localdate(), roles),
    }
    return render(request, "indicators/indicator.html", context)


def indicator_file(request: HttpRequest, indicator_id: str, form: str) -> Any:
    """Every figure that may be shown, of all places."""
    return answer(request, figures_table(_known(indicator_id)), form)


def indicator_json(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """What the figures are: the definition and the columns of the csv."""
    one = _known(indicator_id)
    address = request.build_absolute_uri(reverse("indicator_csv", args=[indicator_id]))
    return JsonResponse(metadata(one, address), json_dumps_params={"ensure_ascii": False, "indent": 2})


# ---------------------------------------------------------------- forms
def _places(actor: Actor, action: str) -> list[str]:
    """Return the organisations for which the actor may do this."""
    return [place.pk for place in reach_of(actor, action).organisations]


def _sections(drafts: QuerySet[Any]) -> list[tuple[str, str]]:
    names = list(
        Element.objects.filter(kind=Element.Kind.SECTION)
        .order_by("origin__position", "pk")
        .values_list("pk", flat=True)
    )
    titles = titles_of(names, drafts=drafts)
    return [
        (name, " ".join(filter(None, (titles[name][0], str(titles[name][1])))))
        for name in names
        if name in titles
    ]


def _page(
    request: HttpRequest, form: forms.Form, title: str, submit: str, one: Indicator | None, lead: str = ""
) -> HttpResponse:
    crumbs = [(_("Indicators"), reverse("indicators"))]
    if one is not None:
        crumbs.append((str(one.name), reverse("indicator", args=[one.pk])))
    context = {
        "crumbs": [*crumbs, (title, "")],
        "form": form,
        "title": title,
        "lead": lead,
        "submit": submit,
        "indicator": one,
        "kept": offer(request, form),
        "cancel": crumbs[-1][1],
    }
    return render(request, "indicators/form.html", context, status=422 if form.errors else 200)


def new(request: HttpRequest) -> HttpResponse:
    """Define an indicator."""
    actor = actor_somewhere(request, "indicator.define")
    places = _places(actor, "indicator.define")
    form = DefinitionForm(
        request.POST or None, places=places, sections=_sections(plans_where(request, "see.draft"))
    )
    if request.method == "POST" and form.is_valid():
        made = tried(
            request,
            form,
            lambda: actions.define(
                actor, free_id(form.cleaned_data["name"]), form.value(), elements=form.chosen()
            ),
        )
        if made is not None:
            messages.success(request, _("The indicator is defined. Put its first figure in here."))
            return redirect("indicator_observe", made.pk)
    return _page(request, form, _("New indicator"), _("Define the indicator"), None)


def _allowed(request: HttpRequest, action: str, one: Indicator) -> Actor:
    return actor_for(request, action, one.responsible, thing=one)


def _stands(one: Indicator) -> dict[str, Any]:
    """Return the definition in force, as its form begins."""
    facts = actions.Definition.of(one).facts()
    return {**facts, "elements": list(one.elements.values_list("pk", flat=True))}


def change(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """Change a definition."""
    one = _known(indicator_id)
    actor = _allowed(request, "indicator.change", one)
    form = DefinitionForm(
        request.POST or None,
        initial={**_stands(one), "seen": last_change(one)},
        places={*_places(actor, "indicator.change"), one.responsible_id},
        sections=_sections(plans_where(request, "see.draft")),
    )
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen"]
        done = tried(
            request,
            form,
            lambda: actions.change(actor, one, form.value(), elements=form.chosen(), seen=seen),
            now=lambda: _stands(one),
        )
        if done is not None:
            messages.success(request, _("The definition is changed."))
            return redirect("indicator", one.pk)
    return _page(request, form, _("Change the definition"), _("Save the definition"), one)


def _figure(one: Indicator, form: FigureForm) -> dict[str, Any]:
    """Return the figure that stands where a form puts one in, as that form shows it."""
    data = form.cleaned_data
    same = {name: data[name] for name in ("place", "period_start", "period_end")}
    found = one.observations.filter(current=True, **same).first()  # type: ignore[attr-defined]
    return form.shown(found) if found is not None else {}


def observe(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """Put a figure in, or correct one."""
    one = _known(indicator_id)
    actor = _allowed(request, "indicator.observe", one)
    initial = {"place": one.responsible_id, **_last_year(one), "seen": last_change(one)}
    form = FigureForm(request.POST or None, initial=initial, indicator=one, places=_places_of_figures())
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = tried(
            request,
            form,
            lambda: actions.observe(actor, one, form.figure(), reason=data["reason"], seen=data["seen"]),
            now=lambda: _figure(one, form),
            places={"correction-without-reason": "reason"},
        )
        if made is not None:
            text = (
                _("The figure is kept, and hidden by the small-number rule.")
                if made.hidden
                else _("The figure is in.")
                if made.revision == 1
                else _("The figure is corrected; the old one is kept.")
            )
            messages.success(request, text)
            return redirect("indicator", one.pk)
    lead = _("%(name)s, in %(unit)s.") % {
        "name": one.name,
        "unit": unit_text(one.unit, current_language()) or _("plain numbers"),
    }
    return _page(request, form, _("Put a figure in"), _("Save the figure"), one, lead)


def _places_of_figures() -> list[tuple[str, str]]:
    """Return the places that figures are of."""
    kinds = (
        Organisation.Kind.HEALTH_AUTHORITY,
        Organisation.Kind.TRUST,
        Organisation.Kind.ENTERPRISE,
        Organisation.Kind.COUNTRY,
    )
    return [(place.pk, str(place)) for place in Organisation.objects.filter(kind__in=kinds)]


def _last_year(one: Indicator) -> dict[str, Any]:
    """Return the last whole year as the period of a yearly indicator."""
    if one.frequency != Indicator.Frequency.YEAR:
        return {}
    year = timezone.localdate().year - 1
    return {"period_start": datetime.date(year, 1, 1), "period_end": datetime.date(year, 12, 31)}


def mark_break(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """Mark a break in the series."""
    one = _known(indicator_id)
    actor = _allowed(request, "indicator.mark_break", one)
    form = BreakForm(request.POST or None, initial={"seen": last_change(one)}, places=_places_of_figures())
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        told = {name: data[name] for name in ("kind", "until", "place", "seen")}
        made = tried(
            request,
            form,
            lambda: actions.mark_break(actor, one, data["date"], data["text"], **told),
            now=dict,
        )
        if made is not None:
            messages.success(request, _("The break is marked: trends are fitted around it."))
            return redirect("indicator", one.pk)
    return _page(request, form, _("Mark a break in the series"), _("Mark the break"), one)
