"""What readers report, and what they are answered."""

from __future__ import annotations

import datetime
import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from framsyn.web.accounts.models import Organisation
from framsyn.web.languages import TextField

__all__ = ["DAYS", "KEEP_ADDRESS_DAYS", "Report", "new_code"]

DAYS = {"figure": 14, "accessibility": 28, "other": 28}
"""Days from a report until it is answered, by what it is about: what the site promises its readers."""

KEEP_ADDRESS_DAYS = 183
"""Days from the answer until the sender's e-mail address is deleted: six months."""


def new_code() -> str:
    """Return a code that nobody can guess (128 bits): whoever has it may read the report and its answer."""
    return secrets.token_urlsafe(16)


class Report(models.Model):
    """One report of a reader, who need not say who they are."""

    class Subject(models.TextChoices):
        """What it is about."""

        FIGURE = "figure", _("An error in a figure or a table")
        ACCESSIBILITY = "accessibility", _("Something that cannot be used or read by everybody")
        OTHER = "other", _("Something else that is wrong")

    class Status(models.TextChoices):
        """How far it has come."""

        RECEIVED = "received", _("received")
        IN_WORK = "in_work", _("in work")
        CORRECTED = "corrected", _("corrected")
        NO_FAULT = "no_fault", _("no fault found")

    ANSWERED = ("corrected", "no_fault")

    code = models.CharField(max_length=40, unique=True, default=new_code)
    subject = models.CharField(max_length=14, choices=Subject.choices)
    figure = models.CharField(max_length=120, blank=True)
    page = models.CharField(max_length=300, blank=True)  # address on this site
    wrong = models.TextField()
    better = models.TextField(blank=True)  # what it should be
    source = models.TextField(blank=True)
    email = models.EmailField(blank=True)  # for handlers alone; deleted KEEP_ADDRESS_DAYS after the answer
    language = models.CharField(max_length=2)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RECEIVED)
    received_at = models.DateTimeField()
    due = models.DateField()
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    correction = TextField(blank=True)  # told to everybody, where something was corrected
    address_deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Newest first; an answer has words."""

        ordering = ("-received_at", "-id")
        constraints = (
            models.CheckConstraint(
                name="answer_has_words",
                condition=~Q(status__in=("corrected", "no_fault")) | ~Q(answer=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.subject} {self.figure or self.page} {self.received_at:%Y-%m-%d}"

    @property
    def is_answered(self) -> bool:
        """Whether the reader has an answer."""
        return self.status in self.ANSWERED

    def is_late(self, today: datetime.date) -> bool:
        """Whether the promised day has passed without an answer."""
        return not self.is_answered and self.due < today
