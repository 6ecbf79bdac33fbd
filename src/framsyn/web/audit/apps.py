"""Django's entry for the app."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
