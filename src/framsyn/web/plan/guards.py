"""Guards: triggers of the database that keep what is published: whoever writes, and by whatever way.

* nodes of a frozen version are neither added, changed nor removed;
* a frozen version is neither changed nor removed;
* a wording is neither changed nor removed, in any version;
* an element keeps its id, kind and origin for ever.

SQLite builds a table anew when a migration alters it, and forgets the triggers; they are therefore installed after every
run of migrations as well.
"""

from __future__ import annotations

from typing import Any

__all__ = ["create", "create_after_migrations", "drop"]

_FROZEN = "EXISTS (SELECT 1 FROM plan_version WHERE id = {row}.version_id AND state <> 'draft')"
_NODE = "a node of a frozen version cannot change; open a new version"
_VERSION = "a frozen version cannot change; open a new version"
_WORDING = "a wording is written once; write a new one"
_ELEMENT = "an element keeps its id, kind and origin for ever"
_IDENTITY = "OLD.id <> NEW.id OR OLD.kind <> NEW.kind OR OLD.origin_id <> NEW.origin_id"

# name, table, event, condition, message
_RULES = (
    ("plan_node_no_insert", "plan_node", "INSERT", _FROZEN.format(row="NEW"), _NODE),
    (
        "plan_node_no_update",
        "plan_node",
        "UPDATE",
        f"{_FROZEN.format(row='OLD')} OR {_FROZEN.format(row='NEW')}",
        _NODE,
    ),
    ("plan_node_no_delete", "plan_node", "DELETE", _FROZEN.format(row="OLD"), _NODE),
    ("plan_version_no_update", "plan_version", "UPDATE", "OLD.state <> 'draft'", _VERSION),
    ("plan_version_no_delete", "plan_version", "DELETE", "OLD.state <> 'draft'", _VERSION),
    ("plan_wording_no_update", "plan_wording", "UPDATE", "TRUE", _WORDING),
    ("plan_wording_no_delete", "plan_wording", "DELETE", "TRUE", _WORDING),
    ("plan_element_no_update", "plan_element", "UPDATE", _IDENTITY, _ELEMENT),
    ("plan_element_no_delete", "plan_element", "DELETE", "TRUE", _ELEMENT),
)


def _statements(vendor: str) -> list[str]:
    found = []
    for name, table, event, condition, message in _RULES:
        if vendor == "postgresql":
            row = "OLD" if event == "DELETE" else "NEW"
            found.append(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF {condition} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; "
                f"END IF; RETURN {row}; END $$"
            )
            found.append(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
            )
        else:
            found.append(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
    return found


def create(cursor: Any, vendor: str) -> None:
    """Make the triggers, or make them anew.

    Parameters
    ----------
    cursor : database cursor
    vendor : str
        ``sqlite`` or ``postgresql``.
    """
    drop(cursor, vendor)
    for statement in _statements(vendor):
        cursor.execute(statement)


def drop(cursor: Any, vendor: str) -> None:
    """Take the triggers away: only restoring a backup, a migration that rebuilds these tables, or a test has a reason to."""
    for name, table, *_rest in _RULES:
        on = f" ON {table}" if vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def create_after_migrations(sender: Any, using: str, **_more: Any) -> None:
    """Answer Django's ``post_migrate`` of the plan."""
    from django.db import connections, transaction

    connection = connections[using]
    if {table for _name, table, *_rest in _RULES} <= set(connection.introspection.table_names()):
        with (
            transaction.atomic(using),
            connection.cursor() as cursor,
        ):  # never without them, not even for a moment
            create(cursor, connection.vendor)
