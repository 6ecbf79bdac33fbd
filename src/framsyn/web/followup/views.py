"""Pages of follow-up: my work, what I want of letters, the owner radar, and letters that need a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.web import saving
from framsyn.web.access import actor_for, actor_somewhere
from framsyn.web.accounts.models import Membership, Organisation
from framsyn.web.accounts.queries import reach_of
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.followup import actions
from framsyn.web.followup.forms import ChoiceForm
from framsyn.web.followup.mailbox import is_configured
from framsyn.web.followup.models import Letter, LetterChoice, Read
from framsyn.web.followup.post_room import send_waiting
from framsyn.web.followup.queries import my_work as work_of
from framsyn.web.followup.queries import newest_entry
from framsyn.web.followup.radar import radar
from framsyn.web.followup.rules import report_rule, rules_in_force
from framsyn.web.policies import may

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["letter_choice", "letters_out", "my_work", "owners", "read_news", "remind", "settle"]

MOST_LETTERS = 100
MOST_GONE = 20


def signed_in(request: HttpRequest) -> Actor:
    """Return the one who asks, whatever roles that person has.

    Raises
    ------
    NotAllowed
        Nobody is logged in.
    """
    actor = Actor.of(request)
    if actor.user is None:
        raise NotAllowed("not-allowed", _("Log in to see your own work."), foreign=False)
    return actor


def my_work(request: HttpRequest) -> HttpResponse:
    """Show what I answer for and what needs me now."""
    actor = signed_in(request)
    today, rules = timezone.localdate(), rules_in_force()
    work = work_of(actor.user, today, rules)  # type: ignore[arg-type]
    context = {
        "crumbs": [(_("My work"), "")],
        "work": work,
        "my_work_count": work.count,
        "rule": report_rule(rules),
    }
    return render(request, "followup/my_work.html", context)


def read_news(request: HttpRequest) -> HttpResponse:
    """Remember how far I have read what others changed."""
    actor = signed_in(request)
    if request.method == "POST":
        given = request.POST.get("entry", "")
        entry = min(int(given), newest_entry()) if saving.is_number(given) else 0
        Read.objects.update_or_create(person=actor.user, defaults={"entry": entry})
    return redirect("my-work")


def letter_choice(request: HttpRequest) -> HttpResponse:
    """Choose language, days away and quiet days of my letters."""
    actor = signed_in(request)
    held = LetterChoice.objects.filter(person=actor.user).first() or LetterChoice()
    names = ("language", "away_from", "away_to", "quiet_days")
    form = ChoiceForm(request.POST or None, initial={name: getattr(held, name) for name in names})
    if request.method == "POST" and form.is_valid():
        if saving.tried(request, form, lambda: actions.choose(actor, **form.cleaned_data)) is not None:
            messages.success(request, _("Your choice is saved."))
            return redirect("letters")
    context = {
        "crumbs": [(_("My account"), reverse("account")), (_("Letters"), "")],
        "form": form,
        "address": actor.user.email if actor.user else "",
        "mail": is_configured(),
    }
    return render(request, "followup/letters.html", context)


def owners(request: HttpRequest) -> HttpResponse:
    """Show the owner radar: counts to everybody, names to those who work here."""
    chosen = request.GET.get("organisation", "").replace("\x00", "")
    places = list(Organisation.objects.all())
    place = next((one for one in places if one.pk == chosen), None)
    if chosen and place is None:
        raise Http404
    seen = radar(place.pk if place else None, parents={one.pk: one.parent_id for one in places})
    held = _held(request)
    roles = {one.role for one in held}
    names = may(roles, "see.owners")
    reach = reach_of(Actor.of(request), "followup.remind") if may(roles, "followup.remind") else None
    within = {one.pk for one in reach.organisations} if reach else set()
    everywhere = {one.role for one in held if one.organisation_id is None and one.plan_id is None}
    context = {
        "crumbs": [(_("Follow-up"), reverse("follow-up")), (_("Owners"), "")],
        "radar": seen,
        "place": place,
        "places": [one for one in places if one.kind != Organisation.Kind.COUNTRY],
        "short": {one.pk: str(one) for one in places},
        "names": names,
        "owners": [
            (one, one.can_be_reminded and any(pk in within for pk in one.organisations))
            for one in seen.owners
        ],
        "lists": _lists(seen, {one.pk: str(one) for one in places}),
        "rule": report_rule(rules_in_force()),
        "may_letters": may(everywhere, "see.letters"),
    }
    return render(request, "followup/owners.html", context)


def _held(request: HttpRequest) -> list[Membership]:
    """Return the roles of the one who asks, wherever they hold; one query, none for a stranger."""
    if not request.user.is_authenticated:
        return []
    return list(Membership.objects.filter(user=request.user).valid_on(timezone.localdate()))


def _lists(seen: Any, short: dict[str, str]) -> list[dict[str, Any]]:
    """Return the lists of the radar with their words, each row with its organisation's name."""
    told = (
        ("overdue", seen.overdue, _("Overdue"), _("Something was due and has not come.")),
        ("never", seen.never_updated, _("Never updated"), _("Nobody has reported or put in a figure yet.")),
        ("departed", seen.departed, _("The owner has left"), _("The person is gone, and nobody came after.")),
        (
            "without",
            seen.without_owner,
            _("Without an owner"),
            _("Nobody answers for it, neither person nor unit."),
        ),
        (
            "person",
            seen.without_person,
            _("A unit, but no person"),
            _("A unit answers for it; nobody can be reminded until a person is named."),
        ),
    )
    return [
        {
            "id": name,
            "rows": [(row, short.get(row.organisation, row.organisation)) for row in rows],
            "title": title,
            "lead": lead,
        }
        for name, rows, title, lead in told
    ]


def remind(request: HttpRequest, number: int) -> HttpResponse:
    """Remind one owner now."""
    actor = actor_somewhere(request, "followup.remind")
    person = get_object_or_404(get_user_model(), pk=number)
    if request.method == "POST":
        reach = reach_of(actor, "followup.remind")
        places = None if reach.everywhere else reach.organisations
        letter = saving.stepped(request, lambda: actions.remind(actor, person, places))
        if letter is not None:
            send_waiting(only=letter.pk)
            letter.refresh_from_db()
            name = {"name": person.get_full_name() or person.get_username()}
            told = (
                _("%(name)s has been reminded.")
                if letter.state == Letter.State.SENT
                else _("The reminder to %(name)s is written and goes out when the mail server takes it.")
            )
            messages.success(request, told % name)
    return redirect("owners")


def letters_out(request: HttpRequest) -> HttpResponse:
    """Show letters that did not go out as they should, to an administrator."""
    actor_for(request, "see.letters")
    rows = Letter.objects.select_related("person").order_by("-id")
    state = Letter.State
    troubled = rows.filter(state__in=(state.UNSURE, state.REFUSED))[:MOST_LETTERS]
    waiting = rows.filter(state__in=(state.WAITING, state.CLAIMED, state.HANDING))[:MOST_LETTERS]
    context = {
        "crumbs": [
            (_("Follow-up"), reverse("follow-up")),
            (_("Owners"), reverse("owners")),
            (_("Letters"), ""),
        ],
        "troubled": list(troubled),
        "listed": [
            (_("Waiting"), list(waiting)),
            (_("Gone out lately"), list(rows.filter(state__in=(state.SENT, state.DROPPED))[:MOST_GONE])),
        ],
        "mail": is_configured(),
    }
    return render(request, "followup/letters_out.html", context)


def settle(request: HttpRequest, number: int) -> HttpResponse:
    """Leave a letter that is unsure or refused, or send it again."""
    actor = actor_for(request, "followup.settle")
    letter = get_object_or_404(Letter, pk=number)
    if request.method == "POST":
        again = request.POST.get("again") == "1"
        done = _("The letter waits and is sent again.") if again else _("The letter is left as it is.")
        saving.stepped(request, lambda: actions.settle(actor, letter, again=again), done)
    return redirect("letters-out")
