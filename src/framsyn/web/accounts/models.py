"""Organisations, and who has which role in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from framsyn.web.languages import TextField

if TYPE_CHECKING:
    import datetime

    from framsyn.web.accounts.sessions import SessionStore

__all__ = ["ExternalIdentity", "Membership", "Organisation", "RateWindow", "Role", "Session"]


class Organisation(models.Model):
    """A body that owns plans, goals, indicators or measures: a health authority, a trust, an enterprise, a unit."""

    class Kind(models.TextChoices):
        """What sort of body it is."""

        MINISTRY = "ministry", _("ministry")
        DIRECTORATE = "directorate", _("directorate")
        HEALTH_AUTHORITY = "health_authority", _("regional health authority")
        TRUST = "trust", _("health trust")
        ENTERPRISE = "enterprise", _("jointly owned enterprise")
        MUNICIPALITY_GROUP = "municipality_group", _("group of municipalities")
        COUNTRY = "country", _("country")
        UNIT = "unit", _("unit")

    id = models.SlugField(primary_key=True, max_length=60)
    kind = models.CharField(max_length=30, choices=Kind.choices)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    org_number = models.CharField(max_length=9, blank=True)
    name = TextField()
    short = TextField()
    note = TextField(blank=True)
    source = models.CharField(max_length=300, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        """In the order of the content file."""

        ordering = ("position", "id")

    def __str__(self) -> str:
        return str(self.short) or str(self.name) or self.id


class Role(models.TextChoices):
    """What a person may do in an organisation or on a plan; :mod:`framsyn.web.policies` says what each role allows."""

    READER = "reader", _("reader")
    CONTRIBUTOR = "contributor", _("contributor")
    OWNER = "owner", pgettext_lazy("role", "owner")
    EDITOR = "editor", _("editor")
    APPROVER = "approver", _("approver")
    PREPAREDNESS = "preparedness", _("preparedness lead")
    ADMINISTRATOR = "administrator", _("administrator")


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships in force."""

    def valid_on(self, day: datetime.date) -> MembershipQuerySet:
        """Return the memberships that hold on a day."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)


class Membership(models.Model):
    """One person's role in one organisation, or in all of them when it names none; on one plan alone when it names that."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="memberships"
    )
    # By name: plans stand above people in the house, and know them.
    plan = models.ForeignKey(
        "plan.Plan", null=True, blank=True, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=20, choices=Role.choices)
    # The provider of logins that gives and takes it; empty for what people give by hand.
    given_by = models.SlugField(max_length=60, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.user} · {self.role} · {self.plan_id or self.organisation or '*'}"


class ExternalIdentity(models.Model):
    """The name by which a provider of logins knows a person: its own address and a subject that means nothing elsewhere."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="external_identities"
    )
    provider = models.SlugField(max_length=60)
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One person for each subject of an issuer."""

        constraints = (models.UniqueConstraint(fields=("issuer", "subject"), name="one_person_per_subject"),)

    def __str__(self) -> str:
        return f"{self.user} · {self.provider}"


class Session(AbstractBaseSession):
    """A session, with what its owner needs to know it by: the browser, since when, and the hour it was last used in."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="sessions"
    )
    device = models.CharField(max_length=60, blank=True)
    began = models.DateTimeField(null=True)
    used = models.DateTimeField(null=True)

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        """Return the store that writes these rows."""
        from framsyn.web.accounts.sessions import SessionStore

        return SessionStore


class RateWindow(models.Model):
    """How often something was tried from one place since a window of time began; see :mod:`~framsyn.web.accounts.limits`."""

    id = models.CharField(primary_key=True, max_length=64)
    count = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} until {self.until:%H:%M}"
