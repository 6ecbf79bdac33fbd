"""Adding and resolving internal notes: buttons post here from the page of the thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from framsyn.web.access import actor_for
from framsyn.web.notes import actions
from framsyn.web.notes.forms import NoteForm
from framsyn.web.notes.models import Note
from framsyn.web.notes.places import find, place_of
from framsyn.web.saving import stepped, tried

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["add", "resolve"]


@require_POST
def add(request: HttpRequest, kind: str, thing_id: str) -> HttpResponse:
    """Leave a note; what is refused comes back in a form with all that was typed."""
    place = find(kind, thing_id)
    actor = actor_for(request, "notes.add", place.organisation, plans=place.plans, thing=place.thing)
    form = NoteForm(request.POST)
    if form.is_valid():
        made = tried(request, form, lambda: actions.add(actor, place.thing, form.cleaned_data["text"]))
        if made is not None:
            messages.success(request, _("The note is saved. Only those who work here see it."))
            return redirect(f"{place.address}#notes")
    context = {
        "crumbs": [(place.thing, place.address), (_("New note"), "")],
        "form": form,
        "address": place.address,
        "title": _("New note"),
    }
    return render(request, "notes/form.html", context, status=422)


@require_POST
def resolve(request: HttpRequest, number: int) -> HttpResponse:
    """Mark a note as done with."""
    note = get_object_or_404(
        Note.objects.select_related("element__origin", "indicator", "measure"), pk=number
    )
    place = place_of(note.about)
    actor = actor_for(request, "notes.resolve", place.organisation, plans=place.plans, thing=note.about)
    stepped(request, lambda: actions.resolve(actor, note), _("The note is marked as done."))
    return redirect(f"{place.address}#notes")
