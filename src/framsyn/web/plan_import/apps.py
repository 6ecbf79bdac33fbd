"""Django's entry for the app."""

from __future__ import annotations

from django.apps import AppConfig


class PlanImportConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.plan_import"
    label = "plan_import"
    default_auto_field = "django.db.models.BigAutoField"
