"""Backups: everything the site holds in one file, consistent while people work, for either database.

A backup is a zip file: ``manifest.json`` with the state of the schema and the check sum of each table, and one file of JSON
lines per table. What is read inside one transaction that sees a single state of the database is written as it is, so that a
backup of SQLite can be restored into PostgreSQL and the other way round. Sessions are left out.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.migrations.exceptions import IrreversibleError
from django.utils import timezone

from framsyn.errors import PlanError
from framsyn.outlook.manifest import engine_version
from framsyn.web.operations.start import bring_up_to_date, need_known, read_migrations, unknown_of
from framsyn.web.plan import guards

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.apps.registry import Apps
    from django.db.migrations.executor import MigrationExecutor

    Key = tuple[str, str]

__all__ = ["back_up", "restore"]

FORMAT = 1
CHUNK = 2000
LEFT_OUT = frozenset(
    {
        # Made anew by the framework itself.
        "contenttypes.contenttype", "auth.permission", "sessions.session",
        # Who is logged in, and who has tried what from where just now.
        "accounts.session", "accounts.ratewindow", "axes.accessattempt", "axes.accessattemptexpiration",
        "axes.accessfailurelog", "axes.accesslog",
        # Which process does the daily work just now: it would hold up the restored site.
        "followup.lock",
        # Working papers of one person, which are promised to be gone after some days; a backup is kept for longer.
        "drafts.formdraft", "plan_import.upload",
    }
)  # fmt: skip
LEFT_OUT_TABLES = frozenset({"auth_group_permissions", "auth_user_user_permissions"})
DAMAGE = (zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, NotImplementedError)


# ---------------------------------------------------------------- out
def back_up(path: Path) -> dict[str, Any]:
    """Write a backup; the file appears whole or not at all, and only its owner may read it.

    Parameters
    ----------
    path : Path
        The zip file.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    PlanError
        ``database-newer`` when a newer version made the database; ``nothing-to-back-up`` when it holds no tables.
    """
    manifest: dict[str, Any] = {}
    with (
        written_whole(path) as target,
        snapshot(),
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        executor = read_migrations()
        need_known(executor)
        have = sorted(executor.loader.applied_migrations)
        if not have:
            message = "the database has no tables yet; there is nothing to back up. Start the site once: framsyn serve"
            raise PlanError("nothing-to-back-up", message)
        # The tables as the database has them: a new version can back up what an old one made.
        tables = {
            model._meta.db_table: write_table(archive, model)
            for model in stored_models(apps_at(executor, have))
        }
        manifest.update(
            format=FORMAT,
            made_at=timezone.now().isoformat(),
            version=engine_version(),
            migrations=[list(key) for key in have],
            tables=tables,
        )
        archive.writestr("manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False))
    return manifest


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a file beside the target that nobody else may read, and put it in place when all went well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".partial")
    os.close(handle)
    fresh = Path(name)
    try:
        yield fresh
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


@contextmanager
def snapshot() -> Iterator[None]:
    """See one state of the database, whatever others write meanwhile."""
    if connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    # A plain read transaction: writers go on beside it (WAL), which Django's own IMMEDIATE one would keep waiting.
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def write_table(archive: zipfile.ZipFile, model: type[models.Model]) -> dict[str, Any]:
    """Write one table as JSON lines: the column names, then a list per row."""
    columns = [field.attname for field in model._meta.concrete_fields]
    digest, rows = hashlib.sha256(), 0
    with archive.open(place_of(model._meta.db_table), "w", force_zip64=True) as file:
        for values in rows_of(model, columns):
            line = (json.dumps(values, default=plain, ensure_ascii=False) + "\n").encode()
            digest.update(line)
            file.write(line)
            rows += 1
    return {"columns": columns, "rows": rows, "sha256": digest.hexdigest()}


def plain(value: Any) -> str:
    """Return a date or a time as text, to its last digit.

    >>> plain(datetime.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=datetime.UTC))
    '2026-01-02T03:04:05.000006+00:00'
    """
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    message = f"a {type(value).__name__} has no form in a backup"
    raise TypeError(message)


def rows_of(model: type[models.Model], columns: Sequence[str]) -> Iterator[list[Any]]:
    """Give the rows in the order of their keys, a chunk in memory at a time."""
    last: Any = None
    key = model._meta.pk.attname
    place = list(columns).index(key)
    while True:
        query = model._base_manager.order_by(key).values_list(*columns)
        found = list((query if last is None else query.filter(**{f"{key}__gt": last}))[:CHUNK])
        yield from (list(row) for row in found)
        if len(found) < CHUNK:
            return
        last = found[-1][place]


# ---------------------------------------------------------------- in
def restore(path: Path) -> dict[str, Any]:
    """Fill an empty database from a backup, then bring it to this version's form.

    The whole file is checked before anything is written, and all rows are written in one transaction: whoever stops it has
    an empty database, never half of one.

    Parameters
    ----------
    path : Path
        The zip file that :func:`back_up` wrote, by this version or an earlier one.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    PlanError
        ``not-a-backup``; ``backup-damaged`` when a check sum does not hold; ``backup-newer`` when it was made by a newer
        version; ``database-not-empty``; ``database-newer``.
    """
    with open_backup(path) as (archive, manifest):
        executor = read_migrations()
        need_known(executor)
        given = [(app, name) for app, name in manifest["migrations"]]
        unknown = unknown_of(executor, given)
        if unknown:
            message = (
                f"{path.name} was made by Framsyn {manifest['version']}, newer than this one: it has {unknown[-1]}. "
                "Nothing was changed. Install that version."
            )
            raise PlanError("backup-newer", message, got=manifest["version"])
        check_tables(path, archive, manifest)
        need_empty_database(executor)
        ends = last_of_each_app(executor, given)
        try:
            executor.migrate(ends)
        except IrreversibleError as error:
            message = (
                f"the empty database is too new for {path.name} ({error}). Name a folder without a database."
            )
            raise PlanError("database-not-empty", message) from error
        found = stored_models(apps_at(read_migrations(), given))
        unheard = set(manifest["tables"]) - {model._meta.db_table for model in found}
        if unheard:
            raise damaged(path, f"it has a table {min(unheard)}, which its version did not have")
        with transaction.atomic(), guards_off():
            for model in found:
                read_table(archive, model, manifest["tables"])
    bring_up_to_date()
    return manifest


@contextmanager
def open_backup(path: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, Any]]]:
    """Open a backup and read its manifest."""
    archive, problem = None, ""
    manifest: dict[str, Any] = {}
    try:
        archive = zipfile.ZipFile(path)
        manifest = json.loads(archive.read("manifest.json"))
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            problem = "its manifest is of another format"
    except FileNotFoundError:
        problem = "there is no such file"
    except IsADirectoryError:
        problem = "it is a folder"
    except DAMAGE as error:
        problem = str(error).strip("'\"")
    try:
        if problem or archive is None:
            message = f"{path} is no backup of Framsyn: {problem}. Name a file that framsyn backup wrote."
            raise PlanError("not-a-backup", message, got=str(path))
        yield archive, manifest
    finally:
        if archive is not None:
            archive.close()


def damaged(path: Path, what: str) -> PlanError:
    """Return the error of a file that does not hold what was written."""
    message = f"{path.name} is damaged: {what}. Nothing was restored. Use another copy of the file."
    return PlanError("backup-damaged", message, got=str(path))


def check_tables(path: Path, archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    """Raise unless every table is what was written, to the last byte."""
    for table, about in manifest["tables"].items():
        digest, rows = hashlib.sha256(), 0
        try:
            with archive.open(place_of(table)) as file:
                for line in file:
                    digest.update(line)
                    rows += 1
        except DAMAGE as error:
            raise damaged(path, f"table {table} cannot be read ({error})") from error
        if (rows, digest.hexdigest()) != (about["rows"], about["sha256"]):
            raise damaged(path, f"the check sum of table {table} does not hold")


def need_empty_database(executor: MigrationExecutor) -> None:
    """Raise when the database already holds something of ours."""
    have = executor.loader.applied_migrations
    tables = set(connection.introspection.table_names())
    for model in stored_models(apps_at(executor, sorted(have))) if have else ():
        if model._meta.db_table in tables and model._base_manager.exists():
            message = (
                f"the database already holds rows ({model._meta.db_table}); a backup is restored into an empty one only, "
                "so that nothing is overwritten. Name a new folder with --data, or a new database in DATABASE_URL."
            )
            raise PlanError("database-not-empty", message, got=model._meta.db_table)


def read_table(archive: zipfile.ZipFile, model: type[models.Model], tables: dict[str, Any]) -> None:
    """Fill one table."""
    table = model._meta.db_table
    if table not in tables:
        return
    fields = [
        next(field for field in model._meta.concrete_fields if field.attname == name)
        for name in tables[table]["columns"]
    ]
    for field in fields:
        if isinstance(
            field, models.DateField
        ):  # and moments: each keeps what it says instead of becoming today
            field.auto_now = field.auto_now_add = False
    batch = []
    with archive.open(place_of(table)) as file:
        for line in file:
            values = zip(fields, json.loads(line), strict=True)
            batch.append(
                model(
                    **{
                        field.attname: value
                        if isinstance(field, models.JSONField)
                        else field.to_python(value)
                        for field, value in values
                    }
                )
            )
            if len(batch) == CHUNK:
                model._base_manager.bulk_create(batch)
                batch = []
    model._base_manager.bulk_create(batch)
    for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
        with connection.cursor() as cursor:
            cursor.execute(statement)


@contextmanager
def guards_off() -> Iterator[None]:
    """Take the triggers away that keep frozen versions as they are, and put them back."""
    with connection.cursor() as cursor:
        guards.drop(cursor, connection.vendor)
        yield
        connection.check_constraints()  # every row that is pointed to is there
        guards.create(cursor, connection.vendor)


# ---------------------------------------------------------------- the schema, now and then
def place_of(table: str) -> str:
    """Return the name of a table's file in the archive."""
    return f"tables/{table}.jsonl"


def apps_at(executor: MigrationExecutor, keys: Sequence[Key]) -> Apps:
    """Return the models as they were after some migrations."""
    return executor.loader.project_state(last_of_each_app(executor, keys)).apps


def last_of_each_app(executor: MigrationExecutor, keys: Sequence[Key]) -> list[Key]:
    """Return those of the given migrations that no other of them in the same app builds on."""
    graph, given = executor.loader.graph, set(keys)
    return [
        key
        for key in keys
        if not any(child.key[0] == key[0] and child.key in given for child in graph.node_map[key].children)
    ]


def stored_models(apps: Apps) -> list[type[models.Model]]:
    """Return the models whose rows are kept, many-to-many tables among them, in a fixed order."""
    found = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.label_lower not in LEFT_OUT
        and model._meta.db_table not in LEFT_OUT_TABLES
        and model._meta.managed
        and not model._meta.proxy
    ]
    return sorted(found, key=lambda model: model._meta.db_table)
