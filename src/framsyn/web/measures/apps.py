"""Django's entry for the app."""

from __future__ import annotations

from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.measures"
    label = "measures"
    default_auto_field = "django.db.models.BigAutoField"
