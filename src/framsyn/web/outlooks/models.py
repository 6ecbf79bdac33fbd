"""Runs of the outlook that the site shows: stored figures, so that a page reads a few rows and computes nothing."""

from __future__ import annotations

from django.db import models

from framsyn.web.languages import TextField

__all__ = ["Explanation", "Run", "Series"]


class Run(models.Model):
    """One run, under the id that its inputs give it."""

    id = models.CharField(primary_key=True, max_length=64)
    region = models.CharField(max_length=60)
    scenario = models.CharField(max_length=80)
    label = TextField()
    description = TextField(blank=True)
    draws = models.PositiveIntegerField()
    manifest = models.JSONField()
    stored_at = models.DateTimeField()
    is_main = models.BooleanField(default=False)  # the run that home, goals and indicators show
    baseline = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        """The main run first."""

        ordering = ("-is_main", "stored_at")

    def __str__(self) -> str:
        return str(self.label) or self.scenario


class Series(models.Model):
    """One quantity for one place and one part over the years, at the stored quantiles."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="series")
    quantity = models.CharField(max_length=60)
    place = models.CharField(max_length=60)  # "region", a trust or a municipality
    part = models.CharField(max_length=80, blank=True)  # a service area, a profession …; empty for the whole
    years = models.JSONField()
    values = models.JSONField()  # {"p10": […], "p25": …, "p50": …, "p75": …, "p90": …, "central": […]}

    class Meta:
        """Found by quantity, place and part."""

        constraints = (
            models.UniqueConstraint(fields=("run", "quantity", "place", "part"), name="series_once"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} {self.place} {self.part}".strip()


class Explanation(models.Model):
    """Why a quantity changes between the base year and a year: effects that add up."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="explanations")
    quantity = models.CharField(max_length=60)
    part = models.CharField(max_length=80, blank=True)
    year = models.PositiveSmallIntegerField()
    before = models.FloatField()
    after = models.FloatField()
    effects = models.JSONField()  # [{"name", "label": text, "effect"}] in the order of the chain

    class Meta:
        """One per quantity, part and year."""

        constraints = (
            models.UniqueConstraint(fields=("run", "quantity", "part", "year"), name="explained_once"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} {self.year}"
