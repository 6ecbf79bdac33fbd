"""What a measure gives of an assumption, where the outlook has an indicator, and the kept answers about goals."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from framsyn.web.goals.models import GoalDecision
from framsyn.web.indicators.models import Indicator
from framsyn.web.languages import TextField
from framsyn.web.measures.models import Measure

__all__ = ["AttainmentResult", "IndicatorReading", "MeasureEffect"]

_SHARE = (MinValueValidator(0), MaxValueValidator(1))


class MeasureEffect(models.Model):
    """The share of an assumption's full effect that a measure gives, from when, and how surely."""

    id = models.CharField(primary_key=True, max_length=170)  # "measure.assumption": one effect on each
    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="effects")
    assumption = models.SlugField(max_length=80)
    low = models.FloatField(validators=_SHARE)
    mode = models.FloatField(validators=_SHARE)
    high = models.FloatField(validators=_SHARE)
    start = models.PositiveSmallIntegerField()  # last year without effect
    end = models.PositiveSmallIntegerField()  # first year with all of it
    standing = models.CharField(
        max_length=20, choices=Measure.Standing.choices, default=Measure.Standing.DECIDED
    )
    reason = TextField()
    source = TextField()
    position = models.PositiveIntegerField(default=0)

    class Meta:
        """Shares in their order, years in theirs."""

        ordering = ("position", "id")
        constraints = (
            models.CheckConstraint(
                name="effect_in_order",
                condition=Q(low__gte=0, low__lte=F("mode"), mode__lte=F("high"), high__gt=0, high__lte=1),
            ),
            models.CheckConstraint(name="effect_takes_time", condition=Q(start__lt=F("end"))),
            models.UniqueConstraint(fields=("measure", "assumption"), name="effect_once"),
        )

    def __str__(self) -> str:
        return self.id


class IndicatorReading(models.Model):
    """The figure of the outlook that an indicator is read from, or what is needed before there is one."""

    indicator = models.OneToOneField(
        Indicator, primary_key=True, on_delete=models.CASCADE, related_name="reading"
    )
    quantity = models.CharField(max_length=60, blank=True)
    parameter = models.CharField(max_length=60, blank=True)  # an input, which is assumed and not projected
    where = models.JSONField(default=dict)
    per = models.CharField(max_length=60, blank=True)
    per_where = models.JSONField(default=dict)
    factor = models.FloatField(default=1)
    needs = TextField(blank=True)

    def __str__(self) -> str:
        return self.indicator_id


class AttainmentResult(models.Model):
    """Whether a goal's decision is reached under a scenario: computed once, kept with what it rests on."""

    decision = models.ForeignKey(GoalDecision, on_delete=models.CASCADE, related_name="attainments")
    scenario = models.CharField(max_length=80)
    label = TextField()
    run = models.CharField(max_length=64)  # id of the outlook whose draws were counted
    digest = models.CharField(max_length=64)  # of the measures' effects, costs and the target
    draws = models.PositiveIntegerField()
    seed = models.BigIntegerField(default=1)
    probability = models.FloatField()  # under the scenario as it stands; in ``found`` too
    found = models.JSONField()  # framsyn.analyses.attainment.Attainment
    shares = models.JSONField(default=list)  # what the scenario counts on, beside what the measures give
    backtest = models.JSONField(null=True, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        """The newest first."""

        ordering = ("-made_at", "-id")
        constraints = (models.UniqueConstraint(fields=("decision", "run", "digest"), name="attainment_once"),)

    def __str__(self) -> str:
        return f"{self.decision_id} {self.scenario}"
