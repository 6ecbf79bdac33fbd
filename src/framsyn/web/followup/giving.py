"""Pages on which somebody is made owner or deputy, or hands a thing over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.web import saving
from framsyn.web.access import actor_for
from framsyn.web.followup import actions
from framsyn.web.followup.forms import GiveForm, HandOverForm
from framsyn.web.followup.responsible import responsible
from framsyn.web.goals.wordings import wording_in_force
from framsyn.web.locking import last_change
from framsyn.web.notes.places import find
from framsyn.web.plan.models import Element

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from framsyn.web.notes.places import Place

__all__ = ["assign", "hand_over"]

PLACES = {"goal": "element", "indicator": "indicator", "measure": "measure"}
LISTS = {"goal": "goals", "indicator": "indicators", "measure": "measures"}


def _place(kind: str, pk: str) -> Place:
    place = find(PLACES.get(kind, ""), pk)
    if kind == "goal" and place.thing.kind != Element.Kind.GOAL:
        raise Http404
    return place


def _title(kind: str, thing: Any) -> str:
    if kind == "goal":
        wording = wording_in_force(thing)
        return str(wording.heading) if wording else thing.pk
    return str(thing.name if kind == "indicator" else thing.title)


def _page(request: HttpRequest, kind: str, place: Place, form: Any, **words: str) -> HttpResponse:
    lists = {"goal": _("Goals"), "indicator": _("Indicators"), "measure": _("Measures")}
    title = _title(kind, place.thing)
    context = {
        "crumbs": [(lists[kind], reverse(LISTS[kind])), (title, place.address), (words["title"], "")],
        "about": title,
        "form": form,
        "cancel": f"{place.address}#people",
        **words,
    }
    return render(request, "followup/give.html", context, status=422 if form.errors else 200)


def assign(request: HttpRequest, kind: str, pk: str) -> HttpResponse:
    """Make somebody owner or deputy of a goal or an indicator."""
    place = _place(kind, pk)
    thing = place.thing
    actor = actor_for(request, "followup.assign", place.organisation, plans=place.plans, thing=thing)
    initial = {
        "role": request.GET.get("role", "owner"),
        "organisation": place.organisation.pk,
        "seen": last_change(thing),
    }
    form = GiveForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        if saving.tried(request, form, lambda: actions.assign(actor, thing, **form.cleaned_data)) is not None:
            messages.success(request, _("Owner and deputy are saved."))
            return redirect(f"{place.address}#people")
    return _page(
        request,
        kind,
        place,
        form,
        title=_("Owner and deputy"),
        lead=_("Whoever has this part today keeps it to the day before."),
        submit=_("Save"),
    )


def hand_over(request: HttpRequest, kind: str, pk: str) -> HttpResponse:
    """Hand a goal, an indicator or a measure to somebody else."""
    place = _place(kind, pk)
    thing = place.thing
    actor = actor_for(request, "followup.hand_over", place.organisation, plans=place.plans, thing=thing)
    now = responsible(kind, thing.pk, timezone.localdate())
    initial = {"seen": last_change(thing), "person": now.deputy_id}
    form = HandOverForm(request.POST or None, initial=initial, without=now.owner_id)
    if request.method == "POST" and form.is_valid():
        if (
            saving.tried(request, form, lambda: actions.hand_over(actor, thing, **form.cleaned_data))
            is not None
        ):
            name = form.cleaned_data["person"].get_full_name() or form.cleaned_data["person"].get_username()
            messages.success(request, _("It is handed over to %(name)s.") % {"name": name})
            return redirect(f"{place.address}#people")
    lead = _("The owner of today keeps it to the day before. Unit and organisation stay as they are.")
    return _page(request, kind, place, form, title=_("Hand over"), lead=lead, submit=_("Hand over"))
