"""Measures: phase, status and timeliness are three things and kept apart."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from framsyn.web.accounts.models import Organisation
from framsyn.web.indicators.models import Indicator
from framsyn.web.languages import TextField
from framsyn.web.plan.models import Element, Plan

__all__ = ["Assignment", "Benefit", "Measure", "Risk", "StatusReport", "Task"]

_ONE_TO_FIVE = (MinValueValidator(1), MaxValueValidator(5))


class Measure(models.Model):
    """Something that will be done so that a goal is reached."""

    class Phase(models.TextChoices):
        """How far it has come."""

        IDEA = "idea", _("idea")
        PLANNED = "planned", _("planned")
        UNDER_WAY = "under_way", _("under way")
        COMPLETED = "completed", _("completed")
        STOPPED = "stopped", _("stopped")

    class Standing(models.TextChoices):
        """Whether somebody has decided it."""

        DECIDED = "decided", _("decided")
        ILLUSTRATION = "illustration", _("example, not decided")

    id = models.SlugField(primary_key=True, max_length=80)
    title = TextField()
    text = TextField(blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="measures")
    owner_unit = TextField(blank=True)  # the function that owns it
    phase = models.CharField(max_length=12, choices=Phase.choices, default=Phase.IDEA)
    standing = models.CharField(max_length=20, choices=Standing.choices, default=Standing.DECIDED)
    start = models.DateField(null=True, blank=True)
    end = models.DateField(null=True, blank=True)
    cost = models.FloatField(null=True, blank=True)  # MNOK, 2025 prices, in all
    fte = models.FloatField(null=True, blank=True)  # full-time equivalents that the measure itself takes
    assumption = models.SlugField(max_length=80, blank=True)  # of the outlook's scenario, which it moves
    goals = models.ManyToManyField(Element, blank=True, related_name="measures")
    origins = models.ManyToManyField(
        Element, blank=True, related_name="resulting_measures"
    )  # choices of path
    plans = models.ManyToManyField(Plan, blank=True, related_name="measures")
    depends_on = models.ManyToManyField("self", blank=True, symmetrical=False, related_name="needed_by")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    position = models.PositiveIntegerField(default=0)

    class Meta:
        """In the order in which they were made."""

        ordering = ("position", "id")

    def __str__(self) -> str:
        return str(self.title)


class Assignment(models.Model):
    """Who answers for a measure, a goal or an indicator, and from when to when."""

    class Role(models.TextChoices):
        """The owner answers; the deputy steps in."""

        OWNER = "owner", _("owner")
        DEPUTY = "deputy", _("deputy")

    measure = models.ForeignKey(
        Measure, null=True, blank=True, on_delete=models.CASCADE, related_name="assignments"
    )
    goal = models.ForeignKey(
        Element, null=True, blank=True, on_delete=models.CASCADE, related_name="assignments"
    )
    indicator = models.ForeignKey(
        Indicator, null=True, blank=True, on_delete=models.CASCADE, related_name="assignments"
    )
    role = models.CharField(max_length=10, choices=Role.choices)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    unit = TextField(blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments"
    )
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        """For exactly one thing."""

        ordering = ("-role", "valid_from")
        constraints = (
            models.CheckConstraint(
                name="assigned_to_one",
                condition=Q(measure__isnull=False, goal__isnull=True, indicator__isnull=True)
                | Q(measure__isnull=True, goal__isnull=False, indicator__isnull=True)
                | Q(measure__isnull=True, goal__isnull=True, indicator__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.role}: {self.person or self.organisation_id}"


class Task(models.Model):
    """A step of a measure."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="tasks")
    title = TextField()
    due = models.DateField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        """In their order."""

        ordering = ("position", "id")

    def __str__(self) -> str:
        return str(self.title)


class Benefit(models.Model):
    """What a measure frees in one year, planned against realised."""

    class Kind(models.TextChoices):
        """What is freed."""

        HOURS = "hours", _("hours")
        FTE = "fte", _("full-time equivalents")
        MNOK = "mnok", _("million kroner")

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="benefits")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    year = models.PositiveSmallIntegerField()
    planned = models.FloatField()
    realised = models.FloatField(null=True, blank=True)
    note = TextField(blank=True)

    class Meta:
        """One row per kind and year."""

        ordering = ("kind", "year")
        constraints = (models.UniqueConstraint(fields=("measure", "kind", "year"), name="benefit_once"),)

    def __str__(self) -> str:
        return f"{self.measure_id} {self.kind} {self.year}"


class Risk(models.Model):
    """What may go wrong, on a scale of five by five; of a measure or of a goal."""

    measure = models.ForeignKey(
        Measure, null=True, blank=True, on_delete=models.CASCADE, related_name="risks"
    )
    element = models.ForeignKey(
        Element, null=True, blank=True, on_delete=models.CASCADE, related_name="risks"
    )
    text = TextField()
    probability = models.PositiveSmallIntegerField(validators=_ONE_TO_FIVE)
    consequence = models.PositiveSmallIntegerField(validators=_ONE_TO_FIVE)
    mitigation = TextField(blank=True)
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        """Of one thing, on the scale."""

        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                name="risk_scale",
                condition=Q(probability__gte=1, probability__lte=5, consequence__gte=1, consequence__lte=5),
            ),
            models.CheckConstraint(
                name="risk_of_one",
                condition=Q(measure__isnull=False, element__isnull=True)
                | Q(measure__isnull=True, element__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.probability}×{self.consequence} {self.text}"

    @property
    def score(self) -> int:
        """Probability times consequence, 1–25."""
        return self.probability * self.consequence


class StatusReport(models.Model):
    """What the owner says about a measure on a day."""

    class Status(models.TextChoices):
        """How it goes, apart from how far it has come."""

        ON_PLAN = "on_plan", _("on plan")
        NEEDS_ATTENTION = "needs_attention", _("needs attention")
        STUCK = "stuck", _("stuck")

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="reports")
    date = models.DateField()
    status = models.CharField(max_length=20, choices=Status.choices)
    text = models.TextField(blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        """Oldest first."""

        ordering = ("date", "id")

    def __str__(self) -> str:
        return f"{self.measure_id} {self.date}: {self.status}"
