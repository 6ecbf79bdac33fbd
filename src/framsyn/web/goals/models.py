"""A goal is a decision: type, target, deadline, who decided it; and the choices of path that lead to goals."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from framsyn.web.accounts.models import Organisation
from framsyn.web.indicators.models import Indicator
from framsyn.web.languages import TextField
from framsyn.web.plan.models import Decision, Element, Wording

__all__ = ["Choice", "GoalDecision", "Override"]


class GoalDecision(models.Model):
    """What is to be reached, where and when. It is never changed: a new decision supersedes it."""

    class Type(models.TextChoices):
        """The form of a goal."""

        REACH_AT_LEAST = "reach_at_least", _("reach at least")
        REACH_AT_MOST = "reach_at_most", _("reach at most")
        HOLD = "hold", _("hold")
        RANGE = "range", _("stay within a range")
        DO = "do", _("do")

    class Direction(models.TextChoices):
        """Which way is better, as it was decided."""

        UP = "up", _("up")
        DOWN = "down", _("down")
        HOLD = "hold", _("hold")
        RANGE = "range", _("within a range")
        NONE = "none", _("none")

    class Standing(models.TextChoices):
        """Whether somebody has decided the number."""

        DECIDED = "decided", _("decided")
        PROPOSED = "proposed", _("proposed")
        ILLUSTRATION = "illustration", _("example, not decided")

    goal = models.ForeignKey(Element, on_delete=models.PROTECT, related_name="decisions")
    place = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    indicator = models.ForeignKey(
        Indicator, null=True, blank=True, on_delete=models.PROTECT, related_name="goal_decisions"
    )
    wording = models.ForeignKey(Wording, on_delete=models.PROTECT, related_name="+")
    type = models.CharField(max_length=20, choices=Type.choices)
    direction = models.CharField(max_length=10, choices=Direction.choices)
    standing = models.CharField(max_length=20, choices=Standing.choices)
    baseline = models.FloatField(null=True, blank=True)
    baseline_date = models.DateField(null=True, blank=True)
    target = models.FloatField(null=True, blank=True)
    target_low = models.FloatField(null=True, blank=True)
    target_high = models.FloatField(null=True, blank=True)
    tolerance = models.FloatField(default=0)
    deadline = models.DateField(null=True, blank=True)
    decision = models.ForeignKey(
        Decision, null=True, blank=True, on_delete=models.PROTECT, related_name="goals"
    )
    decided_by = TextField(blank=True)
    case_number = models.CharField(max_length=60, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    source = TextField(blank=True)
    note = TextField(blank=True)
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        """Oldest first: the history of a goal reads downwards."""

        ordering = ("goal", "id")

    def __str__(self) -> str:
        return f"{self.goal_id} · {self.place_id}"


class Override(models.Model):
    """A status set by hand: with its reason, and until when it holds."""

    decision = models.ForeignKey(GoalDecision, on_delete=models.PROTECT, related_name="overrides")
    status = models.CharField(max_length=20)
    reason = models.TextField()
    expires = models.DateField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """An override without a reason cannot be stored."""

        ordering = ("id",)
        constraints = (models.CheckConstraint(condition=~Q(reason=""), name="override_has_reason"),)

    def __str__(self) -> str:
        return f"{self.decision_id}: {self.status} until {self.expires}"


class Choice(models.Model):
    """A choice of path: the options that were weighed, and which one was taken."""

    element = models.OneToOneField(Element, primary_key=True, on_delete=models.PROTECT, related_name="choice")
    options = models.JSONField(default=list)  # texts in three language forms
    chosen = models.PositiveSmallIntegerField(null=True, blank=True)
    reasons = TextField(blank=True)
    decision = models.ForeignKey(
        Decision, null=True, blank=True, on_delete=models.PROTECT, related_name="choices"
    )

    def __str__(self) -> str:
        return self.element_id
