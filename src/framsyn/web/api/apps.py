"""Django's entry for the app."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the actions known."""
        from framsyn.web.api import tokens  # noqa: F401
