"""Django's entry for the app."""

from __future__ import annotations

from django.apps import AppConfig


class FollowupConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.followup"
    label = "followup"
    default_auto_field = "django.db.models.BigAutoField"
