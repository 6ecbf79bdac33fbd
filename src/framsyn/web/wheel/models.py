"""Events of the annual wheel."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from framsyn.web.accounts.models import Organisation
from framsyn.web.languages import TextField
from framsyn.web.plan.models import Element, Plan

__all__ = ["Event"]

_MONTH = (MinValueValidator(1), MaxValueValidator(12))
_DAY = (MinValueValidator(1), MaxValueValidator(31))


class Event(models.Model):
    """Something that happens in the same part of every year, every fourth year, or once.

    ``month`` alone is a whole month; with ``day`` a day; with ``end_month`` and ``end_day`` a span of days, or of whole
    months. A span whose end lies before its start runs into the next year.
    """

    class Kind(models.TextChoices):
        """The ring that it stands in, from the rim inwards."""

        OWNER = "owner", _("Owner: commissioning and meetings")
        BOARD = "board", _("Board")
        REPORT = "report", _("Reports")
        ECONOMY = "economy", _("Economy")
        PLAN = "plan", _("Plan and consultation")
        OTHER = "other", _("Other")

    class Standing(models.TextChoices):
        """Where the time comes from."""

        DECIDED = "decided", _("decided")
        KNOWN = "known", _("known from a public source")
        ILLUSTRATION = "illustration", _("example, not decided")

    id = models.SlugField(primary_key=True, max_length=80)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="events")
    title = TextField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    standing = models.CharField(max_length=14, choices=Standing.choices, default=Standing.DECIDED)
    month = models.PositiveSmallIntegerField(validators=_MONTH)
    day = models.PositiveSmallIntegerField(null=True, blank=True, validators=_DAY)
    end_month = models.PositiveSmallIntegerField(null=True, blank=True, validators=_MONTH)
    end_day = models.PositiveSmallIntegerField(null=True, blank=True, validators=_DAY)
    every = models.PositiveSmallIntegerField(default=1)  # years between two; 0: once
    year = models.PositiveSmallIntegerField(null=True, blank=True)  # the first, or the only one
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.SET_NULL, related_name="events")
    element = models.ForeignKey(
        Element, null=True, blank=True, on_delete=models.SET_NULL, related_name="events"
    )
    responsible = TextField(blank=True)  # a function, never a person
    note = TextField(blank=True)
    source = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        """Through the year."""

        ordering = ("month", F("day").asc(nulls_first=True), "id")
        constraints = (
            models.CheckConstraint(
                name="event_of_the_year",
                condition=Q(month__gte=1, month__lte=12) & (Q(every=1) | Q(year__isnull=False)),
            ),
        )

    def __str__(self) -> str:
        return str(self.title)
