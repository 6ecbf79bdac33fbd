"""Django's entry for the app."""

from __future__ import annotations

from django.apps import AppConfig


class GoalsConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.goals"
    label = "goals"
    default_auto_field = "django.db.models.BigAutoField"
