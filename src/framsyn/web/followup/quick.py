"""The one-minute report: by the link of a letter, or from my work; the same page, the same form, the same actions."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web import saving
from framsyn.web.access import actor_for
from framsyn.web.actions import Actor
from framsyn.web.followup.due import dues, period_end, period_key
from framsyn.web.followup.forms import FigureInAMinute, ReportInAMinute
from framsyn.web.followup.models import Letter, Reminder, Ticket
from framsyn.web.followup.rules import MONTHS, rules_in_force
from framsyn.web.followup.texts import sentence
from framsyn.web.followup.things import facts_of
from framsyn.web.followup.tickets import KINDS, ticket_of, use
from framsyn.web.indicators import actions as indicator_actions
from framsyn.web.indicators.charts import unit_text
from framsyn.web.indicators.models import Indicator, Observation
from framsyn.web.indicators.sentences import decimals_of, quantity_text
from framsyn.web.languages import current_language
from framsyn.web.locking import last_change
from framsyn.web.measures import actions as measure_actions
from framsyn.web.measures import parts
from framsyn.web.measures.models import Measure
from framsyn.web.notes.places import place_of
from framsyn.web.templatetags.texts import date as in_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from framsyn.web.followup.due import Due

__all__ = ["by_link", "from_work", "new_link", "thanks"]

MOST_PERIODS = 8


class Gone(PlanError):
    """The ticket was used while the form was filled in, or its time ran out; nothing is saved."""


@dataclass
class Question:
    """What is asked, about which thing."""

    kind: str
    thing: Any
    form: Any
    title: str
    due: str
    last: str
    save: Callable[[Actor], Any]
    now: Callable[[], dict[str, Any]]


# ---------------------------------------------------------------- the two kinds
def _due_of(kind: str, pk: str, what: str) -> Due | None:
    facts = facts_of(kind, pk)
    found = dues(facts, timezone.localdate(), rules_in_force()) if facts else []
    return next((due for due in found if due.what == what), None)


def _measure(request: HttpRequest, measure: Measure) -> Question:
    today = timezone.localdate()
    last = measure.reports.last()
    benefits = [one for one in measure.benefits.all() if one.year <= today.year]

    def now() -> dict[str, Any]:
        found = measure.reports.order_by("date", "id").last()
        return {
            "status": found.status if found else "",
            "phase": Measure.objects.values_list("phase", flat=True).get(pk=measure.pk),
            "text": found.text if found else "",
            **{f"benefit_{one.pk}": one.realised for one in benefits},
        }

    initial = {**now(), "seen": last_change(measure)}
    form = ReportInAMinute(request.POST or None, initial=initial, measure=measure, benefits=benefits)
    due = _due_of("measure", measure.pk, "report")

    def save(actor: Actor) -> Any:
        said = measure_actions.report(actor, measure, **form.report())
        for one, value in form.realised():
            parts.benefit(
                actor,
                measure,
                benefit=one,
                kind=one.kind,
                year=one.year,
                planned=one.planned,
                realised=value,
                note=one.note,
            )
        return said

    words = (
        _("The answers of the last report, of %(day)s, are filled in. Change what is no longer so.")
        % {"day": in_words(last.date)}
        if last
        else ""
    )
    return Question(
        "measure", measure, form, str(measure.title), sentence(due, today) if due else "", words, save, now
    )


def periods_missing(indicator: Indicator, due: Due | None) -> list[tuple[str, datetime.date, datetime.date]]:
    """Return the periods whose figure is missing, oldest first; the last whole one where none is asked for."""
    length = MONTHS[indicator.frequency]
    today = timezone.localdate()
    rules = rules_in_force()
    ends = []
    for _key, day in due.asked if due else ():
        end = day - datetime.timedelta(days=rules.lag[indicator.frequency])
        if end < today:
            ends.append(end)
    if not ends:
        first = period_end(indicator.frequency, today)
        month = first.month - length
        year, month = (first.year, month) if month > 0 else (first.year - 1, month + 12)
        ends = [period_end(indicator.frequency, datetime.date(year, month, 1))]
    found = []
    for end in ends[-MOST_PERIODS:]:
        first_month = end.month - length + 1
        found.append((period_key(indicator.frequency, end), datetime.date(end.year, first_month, 1), end))
    return found


def _indicator(request: HttpRequest, indicator: Indicator) -> Question:
    today = timezone.localdate()
    due = _due_of("indicator", indicator.pk, "figure")
    last = (
        Observation.objects.filter(indicator=indicator, place=indicator.responsible_id, current=True)
        .exclude(value=None)
        .order_by("period_end")
        .last()
    )
    words = ""
    if last is not None and last.value is not None and not last.hidden:
        decimals = decimals_of([last.value], indicator.unit)
        value = quantity_text(last.value, indicator.unit, current_language(), decimals)
        words = _("Last figure: %(value)s, counted through %(day)s.") % {
            "value": value,
            "day": in_words(last.data_through),
        }
    form = FigureInAMinute(
        request.POST or None,
        initial={"seen": last_change(indicator)},
        indicator=indicator,
        periods=periods_missing(indicator, due),
        unit=unit_text(indicator.unit, current_language()),
        last=words,
    )

    def save(actor: Actor) -> Any:
        return indicator_actions.observe(actor, indicator, form.figure(), seen=form.cleaned_data["seen"])

    return Question(
        "indicator", indicator, form, str(indicator.name), sentence(due, today) if due else "", "", save, dict
    )


def _question(request: HttpRequest, kind: str, pk: str) -> Question | None:
    if kind == "measure":
        measure = (
            Measure.objects.filter(pk=pk)
            .select_related("organisation__parent__parent")
            .prefetch_related("benefits")
            .first()
        )
        return _measure(request, measure) if measure else None
    indicator = Indicator.objects.filter(pk=pk).select_related("responsible__parent__parent").first()
    return _indicator(request, indicator) if indicator else None


def _page(
    request: HttpRequest, question: Question, crumbs: list[tuple[str, str]], **more: Any
) -> HttpResponse:
    context = {
        "crumbs": [*crumbs, (_("One-minute report"), "")],
        "question": question,
        "form": question.form,
        "address": reverse(question.kind, args=[question.thing.pk]),
        **more,
    }
    status = 422 if question.form.is_bound and question.form.errors else 200
    response = render(request, "followup/report.html", context, status=status)
    response["Referrer-Policy"] = "no-referrer"  # the address is the right to report
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "no-store"
    return response


# ---------------------------------------------------------------- from my work
def from_work(request: HttpRequest, kind: str, pk: str) -> HttpResponse:
    """Report on a thing of mine; logged in."""
    if kind not in KINDS:
        raise Http404
    question = _question(request, kind, pk)
    if question is None:
        raise Http404
    place = place_of(question.thing)
    action = "measure.report" if kind == "measure" else "indicator.observe"
    actor = actor_for(request, action, place.organisation, plans=place.plans, thing=question.thing)
    form = question.form
    if request.method == "POST" and form.is_valid():

        def save() -> Any:
            with transaction.atomic():
                return question.save(actor)

        if (
            saving.tried(request, form, save, question.now, {"correction-without-reason": "value"})
            is not None
        ):
            messages.success(request, _("Thank you. It is saved."))
            return redirect("my-work")
    return _page(request, question, [(_("My work"), reverse("my-work"))])


# ---------------------------------------------------------------- by the link of a letter
def _actor_of(request: HttpRequest, ticket: Ticket) -> Actor:
    """Return the person to whom the letter went; the log says that it was by the link."""
    user = ticket.person
    name = _("%(name)s, by link") % {"name": user.get_full_name() or user.get_username()}
    return Actor(user=user, name=name[:150], request_id=getattr(request, "request_id", ""))


def _no_longer(request: HttpRequest, token: str, reason: str = "") -> HttpResponse:
    """Say that a link does not serve, the same for every reason that a stranger might try to find out."""
    context = {"crumbs": [(_("One-minute report"), "")], "token": token, "reason": reason}
    response = render(request, "followup/link_gone.html", context, status=410)
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Report by the link of a letter. Looking never uses it up: scanners of mail follow every link."""
    ticket = ticket_of(token)
    now = timezone.now()
    if (
        ticket is None
        or ticket.used_at is not None
        or ticket.expires_at <= now
        or not ticket.person.is_active
    ):
        return _no_longer(request, token)
    question = _question(request, ticket.kind, ticket.thing)
    if question is None:
        return _no_longer(request, token)
    actor = _actor_of(request, ticket)
    place = place_of(question.thing)
    action = "measure.report" if ticket.kind == "measure" else "indicator.observe"
    if not actor.may(action, place.organisation, plans=place.plans, thing=question.thing):
        return _no_longer(request, token, "not-yours")
    form = question.form
    if request.method == "POST" and form.is_valid():

        def save() -> Any:
            with transaction.atomic():
                if not use(ticket, now):
                    raise Gone("link-used", _("The link was used already. Nothing was saved a second time."))
                return question.save(actor)

        if saving.tried(request, form, save, question.now) is not None:
            return redirect("quick-report-thanks", token=token)
        if Ticket.objects.filter(pk=ticket.pk).exclude(used_at=None).exists():
            return _no_longer(request, token)
    name = ticket.person.get_full_name() or ticket.person.get_username()
    return _page(request, question, [], by=name, token=token)


def thanks(request: HttpRequest, token: str) -> HttpResponse:
    """Say thank you, and what comes next."""
    ticket = ticket_of(token)
    if ticket is None or ticket.used_at is None:
        return _no_longer(request, token)
    today = timezone.localdate()
    model: Any = Measure if ticket.kind == "measure" else Indicator
    found = model.objects.filter(pk=ticket.thing).first()
    if found is None:
        return _no_longer(request, token)
    due = _due_of(ticket.kind, ticket.thing, "report" if ticket.kind == "measure" else "figure")
    context = {
        "crumbs": [(_("One-minute report"), "")],
        "title": found,
        "address": reverse(ticket.kind, args=[ticket.thing]),
        "next": [sentence(due, today)] if due else [],
    }
    response = render(request, "followup/thanks.html", context)
    response["Referrer-Policy"] = "no-referrer"
    return response


def new_link(request: HttpRequest, token: str) -> HttpResponse:
    """Have a new link mailed to whom the old one went; the answer is the same whether there is anybody or not."""
    if request.method != "POST":
        return redirect("quick-report", token=token)
    ticket = ticket_of(token)
    if ticket is not None and ticket.person.is_active and ticket.person.email:
        _write_link(ticket)
    context = {"crumbs": [(_("One-minute report"), "")]}
    return render(request, "followup/link_asked.html", context)


def _write_link(ticket: Ticket) -> None:
    """Write a letter with a new link: one a day for each person at most."""
    now, today = timezone.now(), timezone.localdate()
    letters = Letter.objects.filter(person=ticket.person, kind=Letter.Kind.LINK)
    with transaction.atomic():
        letter = letters.filter(state=Letter.State.WAITING).first()
        if letter is None:
            letter, made = Letter.objects.get_or_create(
                person=ticket.person,
                kind=Letter.Kind.LINK,
                day=today,
                defaults={"next_try_at": now, "created_at": now},
            )
            if not made:
                return
        what = "report" if ticket.kind == "measure" else "figure"
        key = {
            "kind": ticket.kind,
            "thing": ticket.thing,
            "what": what,
            "period": "",
            "step": f"link {today}",
        }
        Reminder.objects.get_or_create(
            person=ticket.person, **key, defaults={"letter": letter, "day": today, "due": today}
        )
