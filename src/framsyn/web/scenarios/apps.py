"""Django's entry for the app."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate

__all__ = ["ScenariosConfig"]


class ScenariosConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.scenarios"
    label = "scenarios"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the actions known, and keep the database's own guards in place."""
        from framsyn.web.scenarios import actions, computing  # noqa: F401
        from framsyn.web.scenarios.guards import create_after_migrations

        post_migrate.connect(create_after_migrations, sender=self)
