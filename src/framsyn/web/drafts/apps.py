"""The app of form drafts."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["DraftsConfig"]


class DraftsConfig(AppConfig):
    """Name of the app."""

    name = "framsyn.web.drafts"
    label = "drafts"
