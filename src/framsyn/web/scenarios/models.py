"""Scenarios that people save, and what they gave under one engine and one set of data."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from framsyn.web.accounts.models import Organisation
from framsyn.web.languages import TextField

__all__ = ["KEY", "Comparison", "Reading", "SavedScenario"]

KEY = "s-"  # before the address of a saved scenario wherever a shipped one may be named too


class SavedScenario(models.Model):
    """A scenario that somebody saved: all that it assumes, and under what it was first run.

    What it assumes never changes; whoever moves a lever saves another one. Its name and its texts may change until it is
    locked by a decision; from then on the database itself refuses (:mod:`framsyn.web.scenarios.guards`).
    """

    class Visibility(models.TextChoices):
        """Who may read it."""

        PRIVATE = "private", _("only me")
        ORGANISATION = "organisation", _("my organisation")
        PUBLISHED = "published", _("everybody")

    slug = models.SlugField(primary_key=True, max_length=40)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="saved_scenarios"
    )
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="saved_scenarios"
    )
    name = TextField()
    description = TextField(blank=True)
    reason = TextField(blank=True)
    visibility = models.CharField(
        max_length=14, choices=Visibility.choices, default=Visibility.PRIVATE, db_index=True
    )
    toml = models.TextField()
    origin = models.CharField(max_length=80)  # what it was made from: a shipped name, or "s-" and an address
    query = models.CharField(max_length=2000, blank=True)  # what the explorer showed beside the levers
    manifest = (
        models.JSONField()
    )  # of its first run: engine, region, digests, switches, seed, draws, until, control
    tables = models.JSONField(default=dict)  # SHA-256 of each table of the region then
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    locked_at = models.DateTimeField(null=True, blank=True)
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_by = TextField(blank=True)  # a body
    case_number = models.CharField(max_length=60, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Decided, then published, then the newest."""

        ordering = ("-decided_on", "-published_at", "-created_at", "slug")
        constraints = (
            models.CheckConstraint(
                name="locked_is_published",
                condition=Q(locked_at=None)
                | Q(visibility="published", removed_at=None, decided_on__isnull=False),
            ),
        )

    def __str__(self) -> str:
        # Never the name: this is what logs print.
        return self.key

    @property
    def key(self) -> str:
        """What names it beside shipped scenarios, in addresses of the explorer and of comparisons."""
        return f"{KEY}{self.slug}"

    @property
    def run_id(self) -> str:
        """Id of its first run."""
        return str(self.manifest["id"])

    @property
    def is_locked(self) -> bool:
        """Whether a decision has locked it."""
        return self.locked_at is not None

    @property
    def is_published(self) -> bool:
        """Whether everybody may read it."""
        return self.visibility == self.Visibility.PUBLISHED


class Reading(models.Model):
    """What a scenario gave under one engine and one set of data: written once, under the id of the run, never changed."""

    id = models.CharField(primary_key=True, max_length=64)  # of the run
    manifest = models.JSONField()
    tables = models.JSONField(default=dict)
    lines = models.JSONField()  # [{quantity, place, part, years, values: {p10, …, central}}]
    causes = models.JSONField()  # [{quantity, part, year, before, after, effects: [{name, label, effect}]}]
    areas = models.JSONField()  # municipality → year → need of the central run
    sample = models.JSONField()  # years, names, and every draw of the key figures, packed
    text = TextField()
    computed_at = models.DateTimeField()

    class Meta:
        """The newest first."""

        ordering = ("-computed_at",)

    def __str__(self) -> str:
        return self.id

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write it once."""
        super().save(*args, **{**kwargs, "force_insert": True})


class Comparison(models.Model):
    """Why two runs differ: what each assumption that differs does to the key figures. Written once."""

    first = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="+")
    causes = models.JSONField()
    made_at = models.DateTimeField()

    class Meta:
        """One for each pair, in one direction."""

        constraints = (models.UniqueConstraint(fields=("first", "second"), name="compared_once"),)

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"
