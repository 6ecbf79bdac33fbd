"""Django's entry for the app."""

from __future__ import annotations

from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.measures"
    label = "measures"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the actions known."""
        from framsyn.web.measures import actions, parts  # noqa: F401
