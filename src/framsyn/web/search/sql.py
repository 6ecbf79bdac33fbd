"""The full-text index of each database, built on the same stems so that both find the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.state import StateApps

__all__ = ["create_index", "drop_index"]

SQLITE = (
    "CREATE VIRTUAL TABLE search_index USING fts5(stems, content='search_document', content_rowid='id')",
    "INSERT INTO search_index(search_index) VALUES ('rebuild')",
    """CREATE TRIGGER search_insert AFTER INSERT ON search_document BEGIN
         INSERT INTO search_index(rowid, stems) VALUES (new.id, new.stems); END""",
    """CREATE TRIGGER search_delete AFTER DELETE ON search_document BEGIN
         INSERT INTO search_index(search_index, rowid, stems) VALUES ('delete', old.id, old.stems); END""",
    """CREATE TRIGGER search_update AFTER UPDATE ON search_document BEGIN
         INSERT INTO search_index(search_index, rowid, stems) VALUES ('delete', old.id, old.stems);
         INSERT INTO search_index(rowid, stems) VALUES (new.id, new.stems); END""",
)
SQLITE_BACK = (
    "DROP TRIGGER search_insert",
    "DROP TRIGGER search_delete",
    "DROP TRIGGER search_update",
    "DROP TABLE search_index",
)
POSTGRESQL = ("CREATE INDEX search_stems ON search_document USING gin (to_tsvector('simple', stems))",)
POSTGRESQL_BACK = ("DROP INDEX search_stems",)


def create_index(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Make the index."""
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def drop_index(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Take the index away again."""
    for statement in POSTGRESQL_BACK if editor.connection.vendor == "postgresql" else SQLITE_BACK:
        editor.execute(statement)
