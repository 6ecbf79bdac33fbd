"""Letters, the reminders in them, the links they carry, and what a person wants of letters.

These rows are the post room's own books, not the plan: the job writes them, and they have no audit entries. What a person
changes through a letter, and what a person chooses about letters, are actions like all others.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

__all__ = ["Letter", "LetterChoice", "Lock", "Read", "Reminder", "Ticket"]


class Letter(models.Model):
    """One e-mail to one person; its text is made when it is sent, so that nothing in it is out of date."""

    class Kind(models.TextChoices):
        """Why it is sent."""

        DIGEST = "digest", _("reminders of the day")
        NUDGE = "nudge", _("reminder sent by an editor")
        LINK = "link", _("new link that somebody asked for")

    class State(models.TextChoices):
        """How far it has come; decision 0014 says why there are so many."""

        WAITING = "waiting", _("waiting")
        CLAIMED = "claimed", _("being sent")
        HANDING = "handing", _("being handed over")
        SENT = "sent", _("sent")
        DROPPED = "dropped", _("not needed any more")
        REFUSED = "refused", _("refused")
        UNSURE = "unsure", _("not known if it arrived")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.DIGEST)
    day = models.DateField()  # the day whose reminders it carries; it moves while the letter waits
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    address = models.EmailField(blank=True)  # where it was sent
    subject = models.CharField(max_length=200, blank=True)
    message_id = models.CharField(max_length=200, blank=True)
    claim = models.CharField(max_length=40, blank=True)  # of the run that is sending it
    claimed_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    trouble = models.TextField(blank=True)  # what the mail server answered
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One per person, kind and day; one that waits takes in the next day's reminders."""

        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("person", "kind", "day"), name="one_letter_a_day"),
            models.UniqueConstraint(
                fields=("person", "kind"), condition=Q(state="waiting"), name="one_letter_waits"
            ),
        )
        indexes = (models.Index(fields=("state", "next_try_at"), name="letters_to_send"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.day} {self.state}"


class Reminder(models.Model):
    """One thing that one person is reminded of, once for each step; the constraint is what forbids a second time."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="reminders")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)  # of the thing: measure, indicator, goal
    thing = models.CharField(max_length=120)
    what = models.CharField(max_length=20)  # report, figure, task, override, deadline
    period = models.CharField(max_length=40)  # of what is due: 2026-T3, 2025, task 17
    step = models.CharField(max_length=20)  # of the ladder, or the day of a nudge
    day = models.DateField()
    due = models.DateField()

    class Meta:
        """Never twice."""

        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("person", "kind", "thing", "what", "period", "step"), name="reminded_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.thing} {self.what} {self.period} {self.step}"


class Ticket(models.Model):
    """The right of one person to report on one thing once without logging in; only the digest of its token is kept."""

    digest = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    letter = models.ForeignKey(
        Letter, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets"
    )
    kind = models.CharField(max_length=20)
    thing = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Oldest first."""

        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.kind} {self.thing}"


class LetterChoice(models.Model):
    """What one person has chosen about letters."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="letter_choice"
    )
    language = models.CharField(max_length=2, default="nb")
    away_from = models.DateField(null=True, blank=True)
    away_to = models.DateField(null=True, blank=True)
    quiet_days = models.JSONField(default=list)  # weekdays without letters, Monday is 0

    def __str__(self) -> str:
        return f"{self.language} {self.away_from}–{self.away_to} {self.quiet_days}"


class Read(models.Model):
    """How far somebody has read what others changed: the number of the last audit entry seen."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    entry = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.entry)


class Lock(models.Model):
    """Who does the daily work just now; it lapses by itself, so that a process that died holds nobody up."""

    name = models.CharField(max_length=20, primary_key=True)
    holder = models.CharField(max_length=40, blank=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.holder}"
