"""Django's entry for the app."""

from __future__ import annotations

from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.indicators"
    label = "indicators"
    default_auto_field = "django.db.models.BigAutoField"
