"""Internal notes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from framsyn.web.accounts.models import Organisation
from framsyn.web.indicators.models import Indicator
from framsyn.web.measures.models import Measure
from framsyn.web.plan.models import Element

__all__ = ["Note"]


class Note(models.Model):
    """What somebody who works on a thing tells the others who do. Nobody without ``see.internal_note`` there reads it."""

    LONGEST = 2000

    element = models.ForeignKey(
        Element, null=True, blank=True, on_delete=models.CASCADE, related_name="notes"
    )
    indicator = models.ForeignKey(
        Indicator, null=True, blank=True, on_delete=models.CASCADE, related_name="notes"
    )
    measure = models.ForeignKey(
        Measure, null=True, blank=True, on_delete=models.CASCADE, related_name="notes"
    )
    text = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        """About exactly one thing, oldest first."""

        ordering = ("at", "id")
        constraints = (
            models.CheckConstraint(
                name="note_about_one",
                condition=Q(element__isnull=False, indicator__isnull=True, measure__isnull=True)
                | Q(element__isnull=True, indicator__isnull=False, measure__isnull=True)
                | Q(element__isnull=True, indicator__isnull=True, measure__isnull=False),
            ),
        )

    def __str__(self) -> str:
        # Never the text: this is what logs and lists print.
        return f"note {self.pk} on {self.about_id}"

    @property
    def about(self) -> Any:
        """The thing that it is about."""
        return self.element or self.indicator or self.measure

    @property
    def about_id(self) -> str:
        """The id of that thing."""
        return str(self.element_id or self.indicator_id or self.measure_id)
