"""The app of the cards of assumptions."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["AssumptionsConfig"]


class AssumptionsConfig(AppConfig):
    """Name of the app."""

    name = "framsyn.web.assumptions"
    label = "assumptions"
