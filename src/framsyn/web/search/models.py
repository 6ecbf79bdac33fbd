"""What can be found: one row per thing and language form, with its stemmed words."""

from __future__ import annotations

from django.db import models

__all__ = ["Document"]


class Document(models.Model):
    """A thing that can be found, in one language form."""

    kind = models.CharField(max_length=20)  # plan, element, goal, indicator, measure, data, place, scenario
    object_id = models.CharField(max_length=120)
    language = models.CharField(max_length=2)
    title = models.TextField()
    text = models.TextField(blank=True)
    address = models.CharField(max_length=300)
    stems = models.TextField()  # what the full-text index of the database is built on

    class Meta:
        """One per thing and language."""

        constraints = (
            models.UniqueConstraint(fields=("kind", "object_id", "language"), name="document_once"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id} ({self.language})"
