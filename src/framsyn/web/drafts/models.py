"""What somebody has typed and not saved."""

from __future__ import annotations

from django.conf import settings
from django.db import models

__all__ = ["FormDraft"]


class FormDraft(models.Model):
    """The fields of one form as one person last typed them.

    It is personal and no part of the plan: nobody else reads it, the audit log does not know it, and it is deleted when the
    form is saved, when its owner throws it away, and after thirty days.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="form_drafts")
    form = models.CharField(max_length=300)  # the address of the form
    fields = models.JSONField(default=dict)  # name: list of what stands in it
    seen = models.BigIntegerField(null=True)  # last change of the thing that the form was opened with
    saved_at = models.DateTimeField(db_index=True)

    class Meta:
        """One for each person and form."""

        ordering = ("-saved_at",)
        constraints = (models.UniqueConstraint(fields=("user", "form"), name="draft_once"),)

    def __str__(self) -> str:
        return f"{self.user_id} {self.form}"
