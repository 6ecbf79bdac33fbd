"""Django's entry for the app."""

from __future__ import annotations

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.search"
    label = "search"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Follow every action from now on."""
        from framsyn.web.search import index  # noqa: F401
