"""Django's entry for the app."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
