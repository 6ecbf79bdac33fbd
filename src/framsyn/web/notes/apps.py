"""The app of internal notes."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["NotesConfig"]


class NotesConfig(AppConfig):
    """Name of the app."""

    name = "framsyn.web.notes"
    label = "notes"
