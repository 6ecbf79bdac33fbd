"""Changes of follow-up: who answers for a thing, handing over, reminding now, letters to decide about, own choices."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web import locking
from framsyn.web.actions import Act, action
from framsyn.web.followup.models import Letter, LetterChoice, Reminder
from framsyn.web.followup.recipients import people_on
from framsyn.web.followup.rules import rules_in_force
from framsyn.web.followup.things import things
from framsyn.web.languages import LANGUAGES, Text
from framsyn.web.measures.assigning import field_of, give, of
from framsyn.web.measures.checks import check_dates
from framsyn.web.measures.models import Assignment, Measure
from framsyn.web.notes.places import place_of
from framsyn.web.plan.models import Element

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import AbstractUser

    from framsyn.web.accounts.models import Organisation
    from framsyn.web.indicators.models import Indicator

    Followed = Measure | Indicator | Element

__all__ = ["assign", "choose", "hand_over", "remind", "settle"]

_ONE = datetime.timedelta(days=1)
QUIET_MOST = 4
_WEEK = range(5)


def label_of(thing: Any) -> Any:
    """Return the words by which the log names a thing."""
    if field_of(thing) != "goal":
        return thing.name if field_of(thing) == "indicator" else thing.title
    from framsyn.web.goals.wordings import wording_in_force

    wording = wording_in_force(thing)
    return wording.heading if wording else {"nb": thing.pk}


def _sound(thing: Any) -> None:
    if field_of(thing) == "goal" and thing.kind != Element.Kind.GOAL:
        message = _("%(id)s is no goal; only goals, indicators and measures are given to somebody.")
        raise PlanError("not-a-goal", message % {"id": thing.pk}, got=thing.pk)


@action("followup.assign")
def assign(
    act: Act,
    thing: Followed,
    *,
    role: str,
    organisation: Organisation,
    unit: dict[str, str] | None = None,
    person: AbstractUser | None = None,
    valid_from: datetime.date,
    valid_to: datetime.date | None = None,
    seen: int | None = None,
) -> Assignment:
    """Make somebody owner or deputy of a goal, an indicator or a measure from a day.

    Parameters
    ----------
    thing : Element, Indicator or Measure
    role : {"owner", "deputy"}
    organisation : Organisation
    unit : Text, optional
        The function that answers.
    person : User, optional
        Who holds it now.
    valid_from, valid_to : date
        First and last day; without the last one until somebody else takes over.
    seen : int, optional
        :func:`~framsyn.web.locking.last_change` when the user got the form.

    Raises
    ------
    PlanError
        ``not-a-goal``, ``unknown-role``, ``nobody``, ``end-before-start``, ``has-left``, ``owner-twice``, ``stale``.
    """
    place = place_of(thing)
    act.require(place.organisation, plans=place.plans, thing=thing)
    locking.take(act, thing, seen)
    _sound(thing)
    before, given = give(
        thing,
        role=role,
        organisation=organisation,
        unit=Text(unit or {}),
        person=person,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    act.record(thing, before=[of(one) for one in before] or None, after=of(given), label=label_of(thing))
    return given


@action("followup.hand_over")
def hand_over(
    act: Act,
    thing: Followed,
    person: AbstractUser,
    *,
    valid_from: datetime.date,
    note: str = "",
    seen: int | None = None,
) -> Assignment:
    """Hand a thing to somebody else from a day; unit and organisation stay, the owner before ends the day before.

    A deputy who becomes owner is deputy no longer.

    Parameters
    ----------
    thing : Element, Indicator or Measure
    person : User
        The new owner.
    valid_from : date
        Today or later.
    note : str
        What the new owner should know; kept in the log.
    seen : int, optional
        :func:`~framsyn.web.locking.last_change` when the user got the form.

    Raises
    ------
    PlanError
        ``not-a-goal``, ``has-left``, ``day-past``, ``already-owner``, ``owner-twice``, ``stale``.
    """
    place = place_of(thing)
    act.require(place.organisation, plans=place.plans, thing=thing)
    locking.take(act, thing, seen)
    _sound(thing)
    if valid_from < timezone.localdate():
        message = _("%(day)s has passed. Hand it over from today or later.") % {"day": valid_from}
        raise PlanError("day-past", message, field="valid_from", got=str(valid_from))
    own = {field_of(thing): thing}
    on_the_day = Q(valid_from__lte=valid_from) & (Q(valid_to=None) | Q(valid_to__gte=valid_from))
    holds = Assignment.objects.filter(on_the_day, **own)
    now = holds.filter(role=Assignment.Role.OWNER).select_related("organisation").last()
    if now is not None and now.person_id == person.pk:
        message = _("%(name)s owns it on that day already.") % {"name": person.get_full_name() or person}
        raise PlanError("already-owner", message, field="person")
    before, given = give(
        thing,
        role=Assignment.Role.OWNER,
        organisation=now.organisation if now else place.organisation,
        unit=now.unit if now else Text(getattr(thing, "owner_unit", {})),
        person=person,
        valid_from=valid_from,
        valid_to=None,
    )
    deputy = holds.filter(role=Assignment.Role.DEPUTY, person=person)
    before += list(deputy.select_related("person"))
    deputy.filter(valid_from=valid_from).delete()
    deputy.update(valid_to=valid_from - _ONE)
    act.record(
        thing,
        before=[of(one) for one in before] or None,
        after=of(given),
        reason=note.strip(),
        label=label_of(thing),
    )
    return given


@action("followup.remind")
def remind(act: Act, person: AbstractUser, organisations: Iterable[Organisation] | None = None) -> Letter:
    """Remind somebody now of all that is due or missing; not twice a day. The letter is sent by the caller or the daily run.

    Parameters
    ----------
    person : User
    organisations : iterable of Organisation, optional
        Only things of these; the actor needs a role in each. All things if left out.

    Raises
    ------
    PlanError
        ``reminded-today``, ``nothing-due``, ``no-address``.
    """
    places = None if organisations is None else list(organisations)
    if not places:
        act.require()
    for place in places or ():
        act.require(place)
    name = {"name": person.get_full_name() or person.get_username()}
    today, rules = timezone.localdate(), rules_in_force()
    people = people_on(today)
    if not people.can_have(person.pk):
        message = _("%(name)s has no e-mail address, or has left. Nothing was sent.")
        raise PlanError("no-address", message % name)
    mine = [
        (one, due)
        for one in things(today, organisations=None if places is None else {place.pk for place in places})
        if person.pk in people.of(one)["owner"]
        for due in one.dues(today, rules)
        if due.needs_you
    ]
    if not mine:
        message = _("Nothing of %(name)s is due or missing. Nothing was sent.")
        raise PlanError("nothing-due", message % name)
    letters = Letter.objects.filter(person=person, kind=Letter.Kind.NUDGE)
    if letters.filter(Q(day=today) | Q(state=Letter.State.WAITING)).exists():
        message = _("%(name)s has been reminded today already. Wait until tomorrow.")
        raise PlanError("reminded-today", message % name)
    letter = _letter(person, Letter.Kind.NUDGE, today, act.at)
    _put_in(letter, mine, f"nudge {today}")
    act.record(person, after={"things": sorted({one.id for one, _due in mine})}, label=person.get_username())
    return letter


def _letter(person: AbstractUser, kind: str, today: datetime.date, at: datetime.datetime) -> Letter:
    with transaction.atomic():
        return Letter.objects.create(person=person, kind=kind, day=today, next_try_at=at, created_at=at)


def _put_in(letter: Letter, listed: list[Any], step: str) -> None:
    Reminder.objects.bulk_create(
        [
            Reminder(
                letter=letter,
                person_id=letter.person_id,
                kind=due.kind,
                thing=due.id,
                what=due.what,
                period=due.period,
                step=step,
                day=letter.day,
                due=due.day,
            )
            for _one, due in listed
        ],
        ignore_conflicts=True,
    )


@action("followup.settle")
def settle(act: Act, letter: Letter, *, again: bool) -> Letter:
    """Decide about a letter of which nobody knows if it arrived, or that was refused: leave it, or send it again.

    Parameters
    ----------
    letter : Letter
    again : bool
        Send it anew; its Message-ID stays, so that a mail reader that got it before may know it again.

    Raises
    ------
    PlanError
        ``letter-settled`` when it is neither unsure nor refused any more.
    """
    act.require()
    states = (Letter.State.UNSURE, Letter.State.REFUSED)
    open_ = Letter.objects.filter(pk=letter.pk, state__in=states)
    before = {"state": letter.state}
    if again:
        other = Letter.objects.filter(
            person=letter.person_id, kind=letter.kind, state=Letter.State.WAITING
        ).first()
        if other is not None:  # it goes with the letter that waits anyway
            letter.reminders.update(letter=other)
            done = open_.update(state=Letter.State.DROPPED, claim="")
        else:
            done = open_.update(state=Letter.State.WAITING, claim="", next_try_at=act.at, tries=0, trouble="")
    else:
        done = open_.update(state=Letter.State.DROPPED, claim="", ended_at=act.at)
    if not done:
        message = _("Somebody has decided about this letter already.")
        raise PlanError("letter-settled", message, got=letter.pk)
    letter.refresh_from_db()
    act.record(letter, before=before, after={"state": letter.state, "again": again}, label=str(letter.pk))
    return letter


@action("followup.choose")
def choose(
    act: Act,
    *,
    language: str,
    away_from: datetime.date | None = None,
    away_to: datetime.date | None = None,
    quiet_days: list[int] | None = None,
) -> LetterChoice:
    """Choose the language of one's own letters, days away and weekdays without letters.

    Parameters
    ----------
    language : {"nb", "nn", "en"}
    away_from, away_to : date, optional
        Days in which the deputy gets the letters.
    quiet_days : list of int
        Weekdays without letters, Monday is 0; four at most.

    Raises
    ------
    PlanError
        ``nobody``, ``unknown-language``, ``end-before-start``, ``away-unknown``, ``all-quiet``.
    """
    person = act.actor.user
    if person is None:
        raise PlanError("nobody", _("Nobody is logged in; log in to choose."))
    act.checked = True  # one's own letters take no role
    days = sorted(set(quiet_days or ()))
    if language not in LANGUAGES:
        raise PlanError("unknown-language", _("Choose bokmål, nynorsk or English."), field="language")
    if away_to is not None and away_from is None:
        raise PlanError("away-unknown", _("Say from which day you are away."), field="away_from")
    check_dates(away_from, away_to, "away_to")
    if any(day not in _WEEK for day in days) or len(days) > QUIET_MOST:
        message = _("Leave one working day open, so that letters can reach you at all.")
        raise PlanError("all-quiet", message, field="quiet_days")
    chosen, _made = LetterChoice.objects.update_or_create(
        person=person,
        defaults={"language": language, "away_from": away_from, "away_to": away_to, "quiet_days": days},
    )
    act.record(
        person,
        after={"language": language, "away_from": away_from, "away_to": away_to, "quiet_days": days},
        label=person.get_username(),
    )
    return chosen
