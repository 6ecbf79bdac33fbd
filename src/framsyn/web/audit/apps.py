"""Django's entry for the app."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keep the database's own guards in place."""
        from framsyn.web.audit.guards import create_after_migrations

        post_migrate.connect(create_after_migrations, sender=self)
