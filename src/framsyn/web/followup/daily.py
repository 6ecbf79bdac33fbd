"""The work of a day: take up what was left behind, write the letters, send them. Safe to run at any time and by anybody."""

from __future__ import annotations

import datetime
import logging
import os
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import DatabaseError, connection
from django.utils import timezone

from framsyn.web.actions import Actor
from framsyn.web.drafts.queries import forget_old
from framsyn.web.followup.models import Letter, Ticket
from framsyn.web.followup.post_room import (
    LEASE,
    Outcome,
    hold_lock,
    release_lock,
    release_stale,
    send_waiting,
)
from framsyn.web.followup.reminders import DayPlan, plan_day, write_letters
from framsyn.web.followup.rules import rules_in_force
from framsyn.web.voice.actions import forget as forget_addresses

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Day", "keep_watch", "run_day"]

log = logging.getLogger("framsyn.web.followup")
LOCK = "reminders"
PAUSE = 300  # seconds between two looks at the clock and at letters that wait
OLD = datetime.timedelta(days=90)


@dataclass
class Day:
    """What one run has done.

    Parameters
    ----------
    busy : bool
        Whether another process was at it, so that nothing was done.
    """

    plan: DayPlan
    written: list[Letter] = field(default_factory=list)
    outcome: Outcome = field(default_factory=Outcome)
    busy: bool = False


def run_day(
    today: datetime.date | None = None,
    now: datetime.datetime | None = None,
    *,
    dry_run: bool = False,
    lease: datetime.timedelta = LEASE,
) -> Day:
    """Do what a day asks for; a second time the same day there is nothing left to do.

    Parameters
    ----------
    today : date, optional
    now : datetime, optional
        The present ones if left out.
    dry_run : bool
        Only tell what would be written; nothing changes.
    lease : timedelta
        After how long a silent run counts as gone.
    """
    now = now or timezone.now()
    today = today or timezone.localdate(now)
    rules = rules_in_force()
    if dry_run:
        return Day(plan_day(today, rules))
    holder = uuid.uuid4().hex
    if not hold_lock(LOCK, holder, now, lease):
        return Day(DayPlan(today), busy=True)
    try:
        release_stale(now, lease)
        plan = plan_day(today, rules)
        done = Day(plan, write_letters(plan, now))
        done.outcome = send_waiting(now, today, rules, resting=bool(plan.resting))
        Ticket.objects.filter(expires_at__lt=now - OLD).delete()
        forget_addresses(Actor.system("followup"), today)
        forget_old()
    finally:
        release_lock(LOCK, holder, now)
    return done


def keep_watch(
    *, parent: int | None = None, pause: float = PAUSE, asleep: Callable[[float], None] = time.sleep
) -> None:
    """Do the work of each day from its hour on, and send again what waits, until the parent process is gone.

    Parameters
    ----------
    parent : int, optional
        Process that must be alive; this one's parent if left out.
    pause : float [s]
        Between two looks.
    asleep : callable
        Waits that many seconds.
    """
    parent = parent or os.getppid()
    while os.getppid() == parent:
        try:
            if timezone.localtime().time() >= rules_in_force().send_from:
                run_day()
        except DatabaseError as error:
            log.warning("reminders wait for the database", extra={"trouble": str(error).strip()})
            connection.close()
        except Exception:  # one bad day must not end the reminders of all later ones
            log.exception("reminders failed")
        left = pause
        while left > 0 and os.getppid() == parent:
            asleep(min(1.0, left))
            left -= 1.0
