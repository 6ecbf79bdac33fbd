"""Django's entry for the app."""

from __future__ import annotations

from django.apps import AppConfig


class PlanConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.plan"
    label = "plan"
    default_auto_field = "django.db.models.BigAutoField"
