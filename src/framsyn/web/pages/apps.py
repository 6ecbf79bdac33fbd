"""Django's entry for the app."""

from __future__ import annotations

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.pages"
    label = "pages"
    default_auto_field = "django.db.models.BigAutoField"
