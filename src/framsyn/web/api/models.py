"""Tokens by which a program acts for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from framsyn.web.accounts.models import Organisation
from framsyn.web.plan.models import Plan

if TYPE_CHECKING:
    import datetime

__all__ = ["ApiToken"]


class ApiToken(models.Model):
    """What a program may do in a person's name: at most what the person may, often less, and never for ever."""

    class Scope(models.TextChoices):
        """How far it reaches."""

        READ = "read", _("read only")
        WRITE = "write", _("read and write")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    key = models.CharField(max_length=12, unique=True)  # the part of the token that is no secret
    digest = models.CharField(max_length=64)  # SHA-256 of the secret part, which itself is kept nowhere
    scope = models.CharField(max_length=10, choices=Scope.choices, default=Scope.READ)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    expires = models.DateField()  # last day on which it holds
    last_used = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Newest first."""

        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.name} ({self.key})"

    def holds_on(self, day: datetime.date) -> bool:
        """Tell whether it is neither revoked nor past its last day."""
        return self.revoked_at is None and self.expires >= day

    @property
    def holds(self) -> bool:
        """Whether it holds today."""
        return self.holds_on(timezone.localdate())
