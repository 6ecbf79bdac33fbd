"""Django's entry for the app."""

from __future__ import annotations

from django.apps import AppConfig


class OutlooksConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.outlooks"
    label = "outlooks"
    default_auto_field = "django.db.models.BigAutoField"
