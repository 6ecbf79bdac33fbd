"""Guards: triggers of the database that keep a scenario that a decision has locked: whoever writes, and by whatever way.

A locked scenario is neither changed nor removed. PostgreSQL refuses to empty the table as well while it holds one. On SQLite
a row that takes the address of a locked one (``INSERT OR REPLACE``) would remove that one past the trigger of removal, so it
is refused when it comes. They are put in place after every run of migrations, as those of the plan and of the log are.
"""

from __future__ import annotations

from typing import Any

__all__ = ["create", "create_after_migrations", "drop"]

_TABLE = "scenarios_savedscenario"
_MESSAGE = "a scenario that a decision has locked never changes; make a new one from it"
_LOCKED = "OLD.locked_at IS NOT NULL"
_TAKEN = f"EXISTS (SELECT 1 FROM {_TABLE} WHERE slug = NEW.slug AND locked_at IS NOT NULL)"
_ANY = f"EXISTS (SELECT 1 FROM {_TABLE} WHERE locked_at IS NOT NULL)"
_RULES = {
    "sqlite": {"UPDATE": _LOCKED, "DELETE": _LOCKED, "INSERT": _TAKEN},
    "postgresql": {"UPDATE": _LOCKED, "DELETE": _LOCKED, "TRUNCATE": _ANY},
}
_FUNCTION = "scenario_locked_is_kept"


def create(cursor: Any, vendor: str) -> None:
    """Make the triggers, or make them anew.

    Parameters
    ----------
    cursor : database cursor
    vendor : str
        ``sqlite`` or ``postgresql``.
    """
    drop(cursor, vendor)
    for event, condition in _RULES[vendor].items():
        name = f"{_TABLE}_no_{event.lower()}"
        if vendor == "sqlite":
            cursor.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {_TABLE} FOR EACH ROW WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
            )
            continue
        each, row = (
            ("STATEMENT", "NULL") if event == "TRUNCATE" else ("ROW", "NEW" if event == "UPDATE" else "OLD")
        )
        function = f"{_FUNCTION}_{event.lower()}"
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {condition} THEN RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; "
            f"END IF; RETURN {row}; END $$"
        )
        cursor.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {_TABLE} FOR EACH {each} EXECUTE FUNCTION {function}()"
        )


def drop(cursor: Any, vendor: str) -> None:
    """Take the triggers away: only a migration that rebuilds the table or rewrites it, or a test has a reason to."""
    on = f" ON {_TABLE}" if vendor == "postgresql" else ""
    for event in _RULES[vendor]:
        cursor.execute(f"DROP TRIGGER IF EXISTS {_TABLE}_no_{event.lower()}{on}")


def create_after_migrations(sender: Any, using: str, **_more: Any) -> None:
    """Answer Django's ``post_migrate`` of saved scenarios."""
    from django.db import connections, transaction

    connection = connections[using]
    if _TABLE in connection.introspection.table_names():
        with (
            transaction.atomic(using),
            connection.cursor() as cursor,
        ):  # never without them, not even for a moment
            create(cursor, connection.vendor)
