"""Django's entry for the app."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["ScenariosConfig"]


class ScenariosConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.scenarios"
    label = "scenarios"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the actions known."""
        from framsyn.web.scenarios import actions, computing  # noqa: F401
