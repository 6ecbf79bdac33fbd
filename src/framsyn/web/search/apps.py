"""Django's entry for the app."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SearchConfig(AppConfig):
    """See the package docstring."""

    name = "framsyn.web.search"
    label = "search"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Follow every action from now on, and find after an upgrade what the version before did not know."""
        from framsyn.web.search import index  # noqa: F401

        post_migrate.connect(complete_index, sender=self)


def complete_index(using: str, **_more: Any) -> None:
    """Add the kinds that a filled index lacks."""
    from django.db import connections

    from framsyn.web.search.index import complete
    from framsyn.web.search.models import Document

    if using == "default" and Document._meta.db_table in connections[using].introspection.table_names():
        complete()
