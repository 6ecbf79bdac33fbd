"""Migrations that are there whole or not at all, whenever the process is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.migrations.executor import MigrationExecutor

if TYPE_CHECKING:
    from django.db.migrations import Migration
    from django.db.migrations.state import ProjectState

__all__ = ["WholeSteps"]


class WholeSteps(MigrationExecutor):
    """The framework's executor, which makes a migration and the note that it is made one transaction.

    The framework writes the note of most migrations after their transaction. Whoever was killed between the two had tables
    that the next start tried to make again, in vain.
    """

    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        """Apply one migration and note it."""
        if not migration.atomic:
            return super().apply_migration(state, migration, fake, fake_initial)
        # SQLite turns its checks off only outside a transaction; the migration itself checks every row before its end.
        with self.connection.constraint_checks_disabled(), transaction.atomic(self.connection.alias):
            return super().apply_migration(state, migration, fake, fake_initial)
