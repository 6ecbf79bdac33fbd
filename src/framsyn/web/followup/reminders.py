"""Writing the letters of a day: who is reminded of what, each thing once for each step."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from framsyn.web.followup.ladder import Call, calls
from framsyn.web.followup.models import Letter, Reminder
from framsyn.web.followup.recipients import People, people_on
from framsyn.web.followup.rules import Rules, rules_in_force
from framsyn.web.followup.things import Thing, things
from framsyn.web.followup.workdays import is_working_day

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

__all__ = ["DayPlan", "plan_day", "write_letters"]


@dataclass
class DayPlan:
    """What a day asks to be sent.

    Parameters
    ----------
    calls : dict of person to list of (Thing, Call)
        Not yet written down.
    unreachable : dict of person to int
        People without an address, with the number of things that they would be reminded of.
    resting : str
        Why nothing is sent today; empty where it is a working day.
    """

    day: datetime.date
    calls: dict[int, list[tuple[Thing, Call]]] = field(default_factory=dict)
    unreachable: dict[int, int] = field(default_factory=dict)
    resting: str = ""
    people: People | None = None


def plan_day(
    today: datetime.date, rules: Rules | None = None, found: Sequence[Thing] | None = None
) -> DayPlan:
    """Return who should be reminded of what today; changes nothing.

    Parameters
    ----------
    today : date
    rules : Rules, optional
        Those of the site if left out.
    found : sequence of Thing, optional
        Read if left out.
    """
    rules = rules or rules_in_force()
    plan = DayPlan(today)
    if not is_working_day(today, july_off=rules.july_off):
        plan.resting = "not a working day"
        return plan
    people = plan.people = people_on(today)
    wanted: dict[int, list[tuple[Thing, Call]]] = defaultdict(list)
    for thing in things(today) if found is None else found:
        for call in calls(thing.dues(today, rules), people.of(thing), today, rules):
            wanted[call.person].append((thing, call))
    done = _written(wanted)
    for person, listed in wanted.items():
        fresh = [(thing, call) for thing, call in listed if call.key not in done]
        if not fresh or people.wants_quiet(person):
            continue
        if people.can_have(person):
            plan.calls[person] = fresh
        else:
            plan.unreachable[person] = len(fresh)
    return plan


def _written(wanted: dict[int, list[tuple[Thing, Call]]]) -> set[tuple[int, str, str, str, str, str]]:
    """Return the keys that are in the books already."""
    oldest = min((call.day for listed in wanted.values() for _thing, call in listed), default=None)
    if oldest is None:
        return set()
    kept = Reminder.objects.filter(person__in=list(wanted), due__gte=oldest)
    return set(kept.values_list("person_id", "kind", "thing", "what", "period", "step"))


def write_letters(plan: DayPlan, now: datetime.datetime | None = None) -> list[Letter]:
    """Write one letter for each person of a day's plan, and what is in it; all of one person's or nothing.

    Whoever has had a letter today gets the rest tomorrow; a letter that still waits, because the mail server was down, takes
    the new reminders in.
    """
    now = now or timezone.now()
    written = []
    for person, listed in plan.calls.items():
        with transaction.atomic():
            digests = Letter.objects.filter(person_id=person, kind=Letter.Kind.DIGEST)
            letter = digests.select_for_update().filter(state=Letter.State.WAITING).first()
            if letter is None:
                if digests.filter(day=plan.day).exists():
                    continue
                letter = Letter.objects.create(
                    person_id=person, kind=Letter.Kind.DIGEST, day=plan.day, next_try_at=now, created_at=now
                )
            elif letter.day != plan.day and not digests.filter(day=plan.day).exists():
                letter.day = plan.day
                letter.save(update_fields=["day"])
            rows = [
                Reminder(
                    letter=letter,
                    person_id=person,
                    kind=call.due.kind,
                    thing=call.due.id,
                    what=call.due.what,
                    period=call.period,
                    step=call.step,
                    day=plan.day,
                    due=call.day,
                )
                for _thing, call in listed
            ]
            Reminder.objects.bulk_create(rows, ignore_conflicts=True)
        written.append(letter)
    return written
