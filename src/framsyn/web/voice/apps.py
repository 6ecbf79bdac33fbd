"""Django's entry for the app."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["VoiceConfig"]


class VoiceConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.voice"
    label = "voice"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the actions known."""
        from framsyn.web.voice import actions  # noqa: F401
