"""The audit log: who did what, when, why, with the state before and after; and the seals that show that it is whole."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from framsyn.web.accounts.models import Organisation
from framsyn.web.audit.stamps import stamp_of

__all__ = ["Entry", "Seal"]


class Entry(models.Model):
    """One change, written in the transaction that made it."""

    at = models.DateTimeField(db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_name = models.CharField(max_length=150)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # whose log it stands in; none for what concerns all
    action = models.CharField(max_length=60, db_index=True)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=120)
    object_label = models.JSONField(default=dict)
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=40, blank=True)
    # Shows that the site wrote it; see framsyn.web.audit.stamps. None in entries older than the seals.
    stamp = models.CharField(max_length=60, null=True, editable=False)

    class Meta:
        """Newest last; the history of one object is found by its index."""

        ordering = ("id",)
        indexes = (models.Index(fields=("object_type", "object_id"), name="audit_object"),)
        # A copy of an entry is not another entry.
        constraints = (models.UniqueConstraint(fields=("stamp",), name="audit_stamp_once"),)

    def __str__(self) -> str:
        return (
            f"{self.at:%Y-%m-%d %H:%M} {self.actor_name}: {self.action} {self.object_type} {self.object_id}"
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Stamp a new entry and write it."""
        if self._state.adding and not self.stamp:
            self.stamp = stamp_of(self)
        super().save(*args, **kwargs)


class Seal(models.Model):
    """The place of one entry in its organisation's chain, given after the entry was committed; see :mod:`.sealing`."""

    entry = models.OneToOneField(Entry, primary_key=True, on_delete=models.PROTECT, related_name="seal")
    chain = models.CharField(max_length=60, blank=True)  # id of the organisation; empty for what concerns all
    place = models.PositiveBigIntegerField()  # 1, 2, 3 … in its chain
    sealed_at = models.DateTimeField()
    late = models.BooleanField(
        default=False
    )  # the entry is older than the seals: it may have been changed before
    form = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=8)
    content = models.CharField(max_length=64)
    fields = models.CharField(max_length=200)  # eight letters for each field: tells which one was changed
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        """In the order of the chains."""

        ordering = ("chain", "place")
        constraints = (models.UniqueConstraint(fields=("chain", "place"), name="audit_place_once"),)

    def __str__(self) -> str:
        return f"{self.chain or '*'} {self.place}"
