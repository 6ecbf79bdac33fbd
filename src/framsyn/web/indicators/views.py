"""Pages of indicators: the list, one indicator with its charts, its files, and the forms of editors."""

from __future__ import annotations

import csv
import datetime
import io
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.accounts.models import Organisation
from framsyn.web.actions import Actor
from framsyn.web.indicators import actions
from framsyn.web.indicators.charts import unit_text
from framsyn.web.indicators.exports import csv_lines, metadata
from framsyn.web.indicators.forms import BreakForm, DefinitionForm, FigureForm
from framsyn.web.indicators.models import Indicator
from framsyn.web.indicators.names import free_id
from framsyn.web.indicators.pages import drawn_page
from framsyn.web.indicators.queries import STATES, Filters, indicator_list, titles_of
from framsyn.web.languages import current_language
from framsyn.web.plan.models import Element

if TYPE_CHECKING:
    from collections.abc import Callable

    from django import forms
    from django.http import HttpRequest

__all__ = [
    "change",
    "indicator",
    "indicator_csv",
    "indicator_json",
    "indicators",
    "indicators_csv",
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
        "may_edit": request.user.is_authenticated and Actor.of(request).may("indicator.define"),
    }
    return render(request, "indicators/indicators.html", context)


def indicators_csv(request: HttpRequest) -> HttpResponse:
    """The list as a file, as it is filtered."""
    found = indicator_list(_filters(request))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        "indicator name unit direction frequency place value period_end state movement source licence needs".split()
    )
    for row in found.rows:
        one, newest = row.indicator, row.newest
        writer.writerow(
            [
                one.pk,
                str(one.name),
                one.unit,
                one.direction,
                one.frequency,
                row.place.pk if row.place and newest else "",
                newest.value if newest else "",
                newest.date if newest else "",
                ("provisional" if newest.provisional else "final") if newest else "",
                row.movement,
                str(one.source),
                one.licence,
                str(one.needs),
            ]
        )
    return _file(text.getvalue(), "indicators.csv")


def _file(content: Any, name: str) -> HttpResponse:
    kind = HttpResponse if isinstance(content, str) else StreamingHttpResponse
    response = kind(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _known(indicator_id: str) -> Indicator:
    return get_object_or_404(Indicator.objects.select_related("responsible__parent"), pk=indicator_id)


def indicator(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """One indicator."""
    one = _known(indicator_id)
    actor = Actor.of(request)
    context = {
        "crumbs": [(_("Indicators"), reverse("indicators")), (str(one.name), "")],
        "page": drawn_page(one, drafts=actor.may("plan.change_text")),
        "may_edit": request.user.is_authenticated and actor.may("indicator.observe", one.responsible),
    }
    return render(request, "indicators/indicator.html", context)


def indicator_csv(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """Every figure that may be shown, of all places."""
    return _file(csv_lines(_known(indicator_id)), f"{indicator_id}.csv")


def indicator_json(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """What the figures are: the definition and the columns of the csv."""
    one = _known(indicator_id)
    address = request.build_absolute_uri(reverse("indicator_csv", args=[indicator_id]))
    return JsonResponse(metadata(one, address), json_dumps_params={"ensure_ascii": False, "indent": 2})


# ---------------------------------------------------------------- forms
def _places(actor: Actor, action: str) -> list[str]:
    """Return the organisations for which the actor may do this."""
    every = list(Organisation.objects.select_related("parent__parent"))
    everywhere = actor.may(action)
    return [place.pk for place in every if everywhere or actor.may(action, place)]


def _sections() -> list[tuple[str, str]]:
    names = list(
        Element.objects.filter(kind=Element.Kind.SECTION)
        .order_by("origin__position", "pk")
        .values_list("pk", flat=True)
    )
    titles = titles_of(names, drafts=True)
    return [
        (name, " ".join(filter(None, (titles[name][0], str(titles[name][1])))))
        for name in names
        if name in titles
    ]


def _try(form: forms.Form, run: Callable[[], Any]) -> Any:
    try:
        return run()
    except PlanError as error:
        if error.code == "not-allowed":
            raise PermissionDenied from error
        form.add_error("reason" if error.code == "correction-without-reason" else None, error.message)
        return None


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
        "cancel": crumbs[-1][1],
    }
    return render(request, "indicators/form.html", context, status=422 if form.errors else 200)


def new(request: HttpRequest) -> HttpResponse:
    """Define an indicator."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    actor = Actor.of(request)
    places = _places(actor, "indicator.define")
    if not places:
        raise PermissionDenied
    form = DefinitionForm(request.POST or None, places=places, sections=_sections())
    if request.method == "POST" and form.is_valid():
        made = _try(
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
    actor = Actor.of(request)
    if not actor.may(action, one.responsible):
        raise PermissionDenied
    return actor


def change(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """Change a definition."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    one = _known(indicator_id)
    actor = _allowed(request, "indicator.change", one)
    facts = actions.Definition.of(one)
    initial = {**facts.facts(), "elements": list(one.elements.values_list("pk", flat=True))}
    form = DefinitionForm(
        request.POST or None,
        initial=initial,
        places={*_places(actor, "indicator.change"), one.responsible_id},
        sections=_sections(),
    )
    if request.method == "POST" and form.is_valid():
        done = _try(form, lambda: actions.change(actor, one, form.value(), elements=form.chosen()))
        if done is not None:
            messages.success(request, _("The definition is changed."))
            return redirect("indicator", one.pk)
    return _page(request, form, _("Change the definition"), _("Save the definition"), one)


def observe(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """Put a figure in, or correct one."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    one = _known(indicator_id)
    actor = _allowed(request, "indicator.observe", one)
    kinds = (
        Organisation.Kind.HEALTH_AUTHORITY,
        Organisation.Kind.TRUST,
        Organisation.Kind.ENTERPRISE,
        Organisation.Kind.COUNTRY,
    )
    places = [(place.pk, str(place)) for place in Organisation.objects.filter(kind__in=kinds)]
    initial = {"place": one.responsible_id, **_last_year(one)}
    form = FigureForm(request.POST or None, initial=initial, indicator=one, places=places)
    if request.method == "POST" and form.is_valid():
        made = _try(
            form, lambda: actions.observe(actor, one, form.figure(), reason=form.cleaned_data["reason"])
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


def _last_year(one: Indicator) -> dict[str, Any]:
    """Return the last whole year as the period of a yearly indicator."""
    if one.frequency != Indicator.Frequency.YEAR:
        return {}
    year = timezone.localdate().year - 1
    return {"period_start": datetime.date(year, 1, 1), "period_end": datetime.date(year, 12, 31)}


def mark_break(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """Mark a break in the series."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    one = _known(indicator_id)
    actor = _allowed(request, "indicator.mark_break", one)
    form = BreakForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = _try(
            form, lambda: actions.mark_break(actor, one, form.cleaned_data["date"], form.cleaned_data["text"])
        )
        if made is not None:
            messages.success(request, _("The break is marked: no line is drawn across it."))
            return redirect("indicator", one.pk)
    return _page(request, form, _("Mark a break in the series"), _("Mark the break"), one)
