"""Django's entry for the app."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["WheelConfig"]


class WheelConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.wheel"
    label = "wheel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the actions known."""
        from framsyn.web.wheel import actions  # noqa: F401
