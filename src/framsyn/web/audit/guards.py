"""Guards: triggers of the database that let the log grow and do nothing else to it.

Entries and seals are neither changed nor removed; PostgreSQL refuses to empty their tables as well. On SQLite a row that
takes the number or the place of another one (``INSERT OR REPLACE``) would remove that one past the trigger of removal, so
it is refused when it comes. They are put in place after every run of migrations, as those of the plan are.
"""

from __future__ import annotations

from typing import Any

__all__ = ["create", "create_after_migrations", "drop"]

_MESSAGE = "the audit log only grows: nothing in it is changed or removed"
_TABLES = {
    "audit_entry": "id = NEW.id OR stamp = NEW.stamp",
    "audit_seal": "entry_id = NEW.entry_id OR (chain = NEW.chain AND place = NEW.place)",
}
_FUNCTION = "audit_only_grows"


def _names(vendor: str) -> list[tuple[str, str, str]]:
    events = ("UPDATE", "DELETE", "TRUNCATE" if vendor == "postgresql" else "INSERT")
    return [(f"{table}_no_{event.lower()}", table, event) for table in _TABLES for event in events]


def create(cursor: Any, vendor: str) -> None:
    """Make the triggers, or make them anew.

    Parameters
    ----------
    cursor : database cursor
    vendor : str
        ``sqlite`` or ``postgresql``.
    """
    drop(cursor, vendor)
    if vendor == "postgresql":
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
    for name, table, event in _names(vendor):
        if vendor == "postgresql":
            each = "STATEMENT" if event == "TRUNCATE" else "ROW"
            cursor.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH {each} EXECUTE FUNCTION {_FUNCTION}()"
            )
        else:
            when = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {_TABLES[table]}) " if event == "INSERT" else ""
            cursor.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when}"
                f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
            )


def drop(cursor: Any, vendor: str) -> None:
    """Take the triggers away: only a migration that rebuilds these tables, or a test has a reason to."""
    for name, table, _event in _names(vendor):
        on = f" ON {table}" if vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def create_after_migrations(sender: Any, using: str, **_more: Any) -> None:
    """Answer Django's ``post_migrate`` of the log."""
    from django.db import connections, transaction

    connection = connections[using]
    if set(_TABLES) <= set(connection.introspection.table_names()):
        with (
            transaction.atomic(using),
            connection.cursor() as cursor,
        ):  # never without them, not even for a moment
            create(cursor, connection.vendor)
