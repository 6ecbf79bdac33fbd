"""Pages of the annual wheel: the wheel itself, its files, its forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.web.access import actor_for, actor_somewhere
from framsyn.web.accounts.queries import reach_of
from framsyn.web.exchange.tables import answer
from framsyn.web.languages import current_language
from framsyn.web.locking import last_change
from framsyn.web.saving import tried
from framsyn.web.thread.rights import rights_of
from framsyn.web.wheel import actions
from framsyn.web.wheel.calendar_file import calendar_text
from framsyn.web.wheel.dates import (
    FIRST_YEAR,
    LAST_YEAR,
    next_occurrences,
    occurrences,
    rhythm,
)
from framsyn.web.wheel.drawing import drawn, marks_of, rings
from framsyn.web.wheel.files import wheel_table
from framsyn.web.wheel.forms import EventForm, RemoveForm, initial_of
from framsyn.web.wheel.models import Event
from framsyn.web.wheel.queries import events

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["add", "change", "remove", "wheel", "wheel_calendar", "wheel_file"]


def asked_year(request: HttpRequest) -> int:
    """Return the year of an address; this year without one."""
    given = request.GET.get("year", "")
    if not given:
        return timezone.localdate().year
    if not (given.isascii() and given.isdigit()) or not FIRST_YEAR <= int(given[:6]) <= LAST_YEAR:
        raise Http404
    return int(given)


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the way here."""
    here = [(_("Annual wheel"), reverse("wheel") if more else "")]
    return [(_("Follow-up"), reverse("follow-up")), *here, *more]


def wheel(request: HttpRequest) -> HttpResponse:
    """The wheel of this year, or of ``?year=``."""
    year, today = asked_year(request), timezone.localdate()
    known = events()
    marks = marks_of(occurrences(known, year))
    allowed = rights_of(request)
    nearest = next_occurrences(known, today, 1)
    context = {
        "crumbs": crumbs(),
        "year": year,
        "files_query": f"year={year}",
        "before": year - 1 if year > FIRST_YEAR else None,
        "after": year + 1 if year < LAST_YEAR else None,
        "today": today,
        "rows": [
            {
                "mark": mark,
                "one": mark.occurrence,
                "event": mark.occurrence.event,
                "rhythm": rhythm(mark.occurrence.event),
                "is_over": mark.occurrence.is_over(today),
                "is_on": mark.occurrence.is_on(today),
                "may": allowed("wheel.change", mark.occurrence.event.organisation_id),
            }
            for mark in marks
        ],
        "rings": [(kind, Event.Kind(kind).label) for kind in rings(marks)],
        "wide": drawn(marks, year, today, wide=True),
        "narrow": drawn(marks, year, today, wide=False),
        "nearest": nearest[0] if nearest else None,
        "may_add": any(allowed("wheel.add", name) for name in {one.organisation_id for one in known} or {""}),
    }
    return render(request, "wheel/wheel.html", context)


def wheel_file(request: HttpRequest, form: str) -> Any:
    """The wheel of a year as a file."""
    return answer(request, wheel_table(occurrences(events(), asked_year(request))), form)


def wheel_calendar(request: HttpRequest) -> HttpResponse:
    """The wheel for calendars that subscribe to it."""
    year = timezone.localdate().year
    address = request.build_absolute_uri(reverse("wheel"))
    text = calendar_text(events(), current_language(), _("Annual wheel"), address, year)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="annual-wheel.ics"'
    return response


def add(request: HttpRequest) -> HttpResponse:
    """Add an event."""
    actor = actor_somewhere(request, "wheel.add")
    places = reach_of(actor, "wheel.add").organisations
    initial = {"organisation": places[0].pk if places else None, "standing": Event.Standing.DECIDED}
    form = EventForm(request.POST or None, initial=initial, organisations=places)
    if request.method == "POST" and form.is_valid():
        organisation = form.cleaned_data["organisation"]
        made = tried(request, form, lambda: actions.add(actor, organisation, **form.given()))
        if made is not None:
            messages.success(request, _("The event stands in the wheel."))
            return redirect(f"{reverse('wheel')}#event-{made.pk}")
    title = _("New event")
    context = {"crumbs": crumbs((title, "")), "title": title, "form": form, "cancel": reverse("wheel")}
    return render(request, "wheel/form.html", context)


def event_or_404(event_id: str) -> Event:
    """Return an event with its organisation."""
    return get_object_or_404(Event.objects.select_related("organisation__parent__parent"), pk=event_id)


def change(request: HttpRequest, event_id: str) -> HttpResponse:
    """Change an event; somebody else's change meanwhile is shown beside what was typed."""
    event = event_or_404(event_id)
    actor = actor_for(request, "wheel.change", event.organisation, plans=actions.plans_of(event))
    form = EventForm(
        request.POST or None,
        initial={**initial_of(event), "seen": last_change(event)},
        organisations=[event.organisation],
    )
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen"]
        done = tried(
            request,
            form,
            lambda: actions.change(actor, event, seen=seen, **form.given()),
            lambda: initial_of(event_or_404(event_id)),
        )
        if done is not None:
            messages.success(request, _("The event is changed."))
            return redirect(f"{reverse('wheel')}#event-{event.pk}")
    title = _("Change the event")
    context = {
        "crumbs": crumbs((title, "")),
        "title": title,
        "event": event,
        "form": form,
        "cancel": f"{reverse('wheel')}#event-{event.pk}",
    }
    return render(request, "wheel/form.html", context)


def remove(request: HttpRequest, event_id: str) -> HttpResponse:
    """Take an event out of the wheel, asked once."""
    event = event_or_404(event_id)
    actor = actor_for(request, "wheel.remove", event.organisation, plans=actions.plans_of(event))
    form = RemoveForm(request.POST or None, initial={"seen": last_change(event)})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done = tried(
            request, form, lambda: actions.remove(actor, event, seen=given["seen"], reason=given["reason"])
        )
        if done is not None:
            messages.success(request, _("The event is taken out of the wheel. The log keeps what it said."))
            return redirect("wheel")
    title = _("Take the event out")
    context = {
        "crumbs": crumbs((title, "")),
        "title": title,
        "event": event,
        "form": form,
        "cancel": f"{reverse('wheel')}#event-{event.pk}",
    }
    return render(request, "wheel/remove.html", context)
