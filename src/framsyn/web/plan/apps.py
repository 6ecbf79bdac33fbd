"""Django's entry for the app."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PlanConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.plan"
    label = "plan"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keep the database's own guards in place."""
        from framsyn.web.plan.guards import create_after_migrations

        post_migrate.connect(create_after_migrations, sender=self)
