"""Sending letters so that none is lost and none is sent twice, also when the process is killed in the middle.

A letter goes from waiting to claimed (one run has it), to handing (all of its text is with the server, its end is not) and
to sent. Each step is committed before the next begins. Whoever finds a letter that was claimed by a run that is gone sends
it again: the server throws away a text without an end. Whoever finds one that was being handed over cannot know whether
the server took it, so it is never sent again by itself: an administrator sees it and decides. See decision 0014.
"""

from __future__ import annotations

import datetime
import logging
import smtplib
import uuid
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from framsyn.errors import PlanError
from framsyn.web.followup.compose import compose, message_id
from framsyn.web.followup.mailbox import Answered, Mailbox, Unreachable, is_configured
from framsyn.web.followup.models import Letter, Lock
from framsyn.web.followup.recipients import people_on
from framsyn.web.followup.rules import rules_in_force
from framsyn.web.followup.things import Thing, things

if TYPE_CHECKING:
    from framsyn.web.followup.recipients import People
    from framsyn.web.followup.rules import Rules

__all__ = ["LEASE", "Outcome", "hold_lock", "release_lock", "release_stale", "send_waiting"]

log = logging.getLogger("framsyn.web.followup")
LEASE = datetime.timedelta(minutes=10)  # a run that has said nothing for so long is gone
FIRST_WAIT = datetime.timedelta(minutes=15)
LONGEST_WAIT = datetime.timedelta(hours=12)
GIVE_UP = datetime.timedelta(days=5)
State = Letter.State


class Lost(PlanError):
    """Another run has taken the letter over; this one must not end it."""


@dataclass
class Outcome:
    """What a run has done, by the state in which letters ended."""

    counts: Counter[str] = field(default_factory=Counter)
    trouble: str = ""
    sent: list[int] = field(default_factory=list)


def hold_lock(name: str, holder: str, now: datetime.datetime, lease: datetime.timedelta = LEASE) -> bool:
    """Take or keep the right to do a piece of daily work; False while another process has it."""
    Lock.objects.get_or_create(name=name, defaults={"until": now})
    free = models.Q(until__lte=now) | models.Q(holder=holder)
    return Lock.objects.filter(free, name=name).update(holder=holder, until=now + lease) == 1


def release_lock(name: str, holder: str, now: datetime.datetime) -> None:
    """Give the right back."""
    Lock.objects.filter(name=name, holder=holder).update(holder="", until=now)


def release_stale(now: datetime.datetime, lease: datetime.timedelta = LEASE) -> Counter[str]:
    """Take up what a run that is gone left behind: claimed letters wait again, those being handed over are unsure."""
    counts: Counter[str] = Counter()
    gone = Letter.objects.filter(claimed_at__lte=now - lease)
    counts["unsure"] = gone.filter(state=State.HANDING).update(
        state=State.UNSURE,
        ended_at=now,
        trouble="the program stopped after handing the letter over and before the answer was written down",
    )
    for letter in gone.filter(state=State.CLAIMED):
        with transaction.atomic():
            other = Letter.objects.filter(
                person=letter.person_id, kind=letter.kind, state=State.WAITING
            ).first()
            if other is not None:  # the next day's letter takes this one's reminders along
                letter.reminders.update(letter=other)
            state = State.DROPPED if other is not None else State.WAITING
            mine = Letter.objects.filter(pk=letter.pk, state=State.CLAIMED, claim=letter.claim)
            if mine.update(state=state, claim=""):
                counts["released"] += 1
    return counts


def send_waiting(
    now: datetime.datetime | None = None,
    today: datetime.date | None = None,
    rules: Rules | None = None,
    only: int | None = None,
    *,
    resting: bool = False,
) -> Outcome:
    """Send what waits and may be tried now.

    Parameters
    ----------
    now : datetime, optional
    today : date, optional
    rules : Rules, optional
        The present ones if left out, all three.
    only : int, optional
        One letter alone.
    resting : bool
        Whether today is no day for reminders: only what somebody has asked for goes out.
    """
    now = now or timezone.now()
    today = today or timezone.localdate()
    outcome = Outcome()
    waiting = Letter.objects.filter(state=State.WAITING, next_try_at__lte=now).order_by("id")
    if only:
        waiting = waiting.filter(pk=only)
    if resting:
        waiting = waiting.exclude(kind=Letter.Kind.DIGEST)
    numbers = list(waiting.values_list("pk", flat=True))
    if not numbers:
        return outcome
    if not is_configured():
        outcome.trouble = "no mail server is set; letters wait. Set FRAMSYN_EMAIL_URL."
        return outcome
    rules = rules or rules_in_force()
    world = {(one.kind, one.id): one for one in things(today)}
    people = people_on(today)
    run = _Run(now, today, rules, world, people, outcome)
    with ExitStack() as stack:
        for number in numbers:
            try:
                run.send(number, stack)
            except Unreachable as error:
                outcome.trouble = error.message
                log.warning("mail server", extra={"trouble": error.message})
                break
    return outcome


@dataclass
class _Run:
    now: datetime.datetime
    today: datetime.date
    rules: Rules
    world: dict[tuple[str, str], Thing]
    people: People
    outcome: Outcome
    claim: str = field(default_factory=lambda: uuid.uuid4().hex)
    mailbox: Mailbox | None = None

    def send(self, number: int, stack: ExitStack) -> None:
        """Send one letter, unless another run was faster."""
        letter = self._claimed(number)
        if letter is None:
            return
        try:
            mail = compose(letter, self.world, self.people, self.rules, self.now, self.today)
        except ValueError as error:
            self._end(letter, State.REFUSED, f"the address cannot be used: {error}")
            return
        if mail is None:
            self._end(letter, State.DROPPED)
            return
        letter.address, letter.subject = mail.address, mail.subject[:200]
        letter.message_id = message_id(letter)
        letter.save(update_fields=["address", "subject", "message_id"])
        try:
            if self.mailbox is None:
                self.mailbox = stack.enter_context(Mailbox())
            answer = self.mailbox.hand_over(mail.message, mail.address, lambda: self._handing(letter))
        except Lost:
            self.mailbox = None
        except Answered as error:
            self._answered(letter, error)
        except Unreachable as error:
            Letter.objects.filter(pk=letter.pk, claim=self.claim).update(
                state=State.WAITING, claim="", trouble=error.message
            )
            raise
        except UnicodeEncodeError:
            self._end(letter, State.REFUSED, "the address has letters that the mail server does not take")
            self.mailbox = None
        except (OSError, smtplib.SMTPException) as error:
            self._end(letter, State.UNSURE, f"{' '.join(str(error).split()) or type(error).__name__}")
            self.mailbox = None
        else:
            self._end(letter, State.SENT, answer)
            self.outcome.sent.append(letter.pk)

    def _claimed(self, number: int) -> Letter | None:
        mine = Letter.objects.filter(pk=number, state=State.WAITING)
        if not mine.update(state=State.CLAIMED, claim=self.claim, claimed_at=self.now):
            return None
        return Letter.objects.prefetch_related("reminders").get(pk=number)

    def _handing(self, letter: Letter) -> None:
        """Write down, just before the end of the text, that the letter is about to be with the server."""
        held = Letter.objects.filter(pk=letter.pk, state=State.CLAIMED, claim=self.claim)
        if not held.update(state=State.HANDING):
            raise Lost("letter-lost", "another run has taken the letter over", letter=letter.pk)

    def _end(self, letter: Letter, state: str, trouble: str = "") -> None:
        """Write down how it ended."""
        held = Letter.objects.filter(pk=letter.pk, claim=self.claim)
        held.update(state=state, trouble=trouble[:500], ended_at=self.now, tries=letter.tries + 1)
        self.outcome.counts[state] += 1
        level = logging.INFO if state in (State.SENT, State.DROPPED) else logging.WARNING
        log.log(level, "letter", extra={"letter": letter.pk, "state": str(state), "trouble": trouble[:200]})

    def _answered(self, letter: Letter, error: Answered) -> None:
        """Try again later when the server says so, for five days at most."""
        if not error.data["temporary"] or self.now - letter.created_at > GIVE_UP:
            self._end(letter, State.REFUSED, error.message)
            return
        wait = min(FIRST_WAIT * 2**letter.tries, LONGEST_WAIT)
        changed = {"tries": letter.tries + 1, "next_try_at": self.now + wait, "trouble": error.message[:500]}
        try:
            with transaction.atomic():
                Letter.objects.filter(pk=letter.pk, claim=self.claim).update(
                    state=State.WAITING, claim="", **changed
                )
        except IntegrityError:  # another letter of this person began to wait meanwhile: it goes first
            self._end(letter, State.REFUSED, error.message)
            return
        self.outcome.counts["later"] += 1
