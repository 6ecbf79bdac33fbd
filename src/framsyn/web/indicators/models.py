"""Indicators: what is measured, how, by whom; and the observations."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from framsyn.web.accounts.models import Organisation
from framsyn.web.languages import TextField
from framsyn.web.plan.models import Element

__all__ = ["Break", "Indicator", "Observation"]


class Indicator(models.Model):
    """One thing that is measured over time, with its definition."""

    class Frequency(models.TextChoices):
        """How often a figure comes."""

        YEAR = "year", _("yearly")
        TERTIAL = "tertial", _("every four months")
        QUARTER = "quarter", _("quarterly")
        MONTH = "month", _("monthly")

    class Direction(models.TextChoices):
        """Which way is better."""

        UP = "up", _("higher is better")
        DOWN = "down", _("lower is better")
        HOLD = "hold", _("should hold its level")
        RANGE = "range", _("should stay within a range")
        NONE = "none", _("neither way is better")

    id = models.SlugField(primary_key=True, max_length=80)
    name = TextField()
    definition = TextField()
    numerator = TextField(blank=True)
    denominator = TextField(blank=True)
    unit = models.CharField(max_length=30)
    decimals = models.PositiveSmallIntegerField(default=0)
    frequency = models.CharField(max_length=10, choices=Frequency.choices)
    direction = models.CharField(max_length=10, choices=Direction.choices)
    source = TextField()
    licence = models.CharField(max_length=100, blank=True)
    small_number = models.PositiveSmallIntegerField(null=True, blank=True)  # counts below it are not shown
    responsible = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="indicators")
    needs = TextField(blank=True)  # what it would take to fill it, when there is no open figure
    comparison = models.JSONField(default=list)
    outlook = models.JSONField(
        null=True, blank=True
    )  # {"quantity", "where", "factor"}: the projection that continues it
    recipe = models.JSONField(null=True, blank=True)  # how the region package fills it
    elements = models.ManyToManyField(Element, blank=True, related_name="indicators")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        """In the order of the content file."""

        ordering = ("position", "id")

    def __str__(self) -> str:
        return str(self.name)


class Break(models.Model):
    """A day from which a series is counted in another way, or a time that a trend leaves out; no line crosses it unsaid."""

    class Kind(models.TextChoices):
        """What happened to the series."""

        LEVEL = "level", _("counted in another way from then on")
        FAULTY = "faulty", _("the source warns of the figures")
        ONE_OFF = "one_off", _("an event that passes")

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="breaks")
    date = models.DateField()
    until = models.DateField(null=True, blank=True)  # last day of a time; a new way of counting has none
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.LEVEL)
    place = models.CharField(
        max_length=60, blank=True
    )  # organisation that it is limited to; empty is every place
    text = TextField()

    class Meta:
        """Oldest first."""

        ordering = ("date",)

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.date}"


class Observation(models.Model):
    """One figure for one place and period. A correction is a new revision; the old one is kept and no longer current."""

    class State(models.TextChoices):
        """Whether the figure may still change."""

        PROVISIONAL = "provisional", _("provisional")
        FINAL = "final", _("final")

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="observations")
    place = models.CharField(max_length=60)  # an organisation's id, a municipality's code, or "norway"
    period_start = models.DateField()
    period_end = models.DateField()
    value = models.FloatField(null=True, blank=True)  # empty: hidden or not given, see note
    numerator = models.FloatField(null=True, blank=True)
    denominator = models.FloatField(null=True, blank=True)
    data_through = models.DateField()
    coverage = models.FloatField(null=True, blank=True)  # share of what should have been counted
    state = models.CharField(max_length=12, choices=State.choices, default=State.FINAL)
    quality = models.CharField(max_length=12, default="official")
    source = models.CharField(max_length=200, blank=True)
    licence = models.CharField(max_length=100, blank=True)
    note = TextField(blank=True)
    hidden = models.BooleanField(default=False)
    revision = models.PositiveSmallIntegerField(default=1)
    current = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        """One current figure per place and period."""

        ordering = ("indicator", "place", "period_end", "revision")
        constraints = (
            models.UniqueConstraint(
                fields=("indicator", "place", "period_start", "period_end"),
                condition=Q(current=True),
                name="one_current_figure",
            ),
            models.UniqueConstraint(
                fields=("indicator", "place", "period_start", "period_end", "revision"), name="revision_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.place} {self.period_end}: {self.value}"
