"""Django's entry for the app."""

from __future__ import annotations

from django.apps import AppConfig


class AttainmentConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.attainment"
    label = "attainment"
    default_auto_field = "django.db.models.BigAutoField"
