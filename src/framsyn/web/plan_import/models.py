"""Documents that were read and wait for their review."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models

from framsyn.sources.plan_document import PlanDraft
from framsyn.web.accounts.models import Organisation
from framsyn.web.plan.models import Plan

__all__ = ["KEPT", "Upload"]

KEPT = timedelta(days=7)


class Upload(models.Model):
    """What was found in a document, and what somebody decided about it.

    It is a working paper: nobody but those who may import for its organisation sees it, and it is gone when it was taken in,
    or after seven days.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=30, choices=Plan.Kind.choices, default=Plan.Kind.REGIONAL_PLAN)
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    found = models.JSONField()  # a PlanDraft
    kinds = models.JSONField(default=dict)  # id in the draft → kind chosen in the review
    left_out = models.JSONField(default=list)  # ids in the draft

    class Meta:
        """Newest first."""

        ordering = ("-created_at",)

    def __str__(self) -> str:
        # Never what the document says: this is what logs print.
        return f"import {self.pk}"

    @property
    def draft(self) -> PlanDraft:
        """What was found."""
        return PlanDraft.model_validate(self.found)

    def kind_of(self, element: Any) -> str:
        """Return what an element is to become."""
        return str(self.kinds.get(element.id, element.kind))
