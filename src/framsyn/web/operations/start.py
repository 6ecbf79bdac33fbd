"""Making Django ready in a process: settings from the chosen folder, the database brought to the newest form."""

from __future__ import annotations

import os
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from framsyn.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.migrations.executor import MigrationExecutor

__all__ = ["FILE", "bring_up_to_date", "has_web", "need_known", "need_web", "read_migrations", "set_up"]

FILE = "plan.sqlite3"
PACKAGES = (
    "django", "csp", "whitenoise", "granian", "dj_database_url", "holidays", "snowballstemmer",
    "axes", "django_otp", "segno", "authlib", "joserfc", "requests", "cryptography", "ninja", "openpyxl",
)  # fmt: skip
LOCK = 0x66726D73  # any number that nobody else takes for a lock of PostgreSQL


def missing_packages() -> list[str]:
    """Return the packages of the site that are not installed."""
    missing = [name for name in PACKAGES if not find_spec(name)]
    if os.environ.get("DATABASE_URL", "").startswith("postgres") and not find_spec("psycopg"):
        missing.append("psycopg")
    return missing


def has_web() -> bool:
    """Tell whether the packages of the site are installed."""
    return not missing_packages()


def need_web() -> None:
    """Raise a :class:`PlanError` when the packages of the site are not installed."""
    missing = missing_packages()
    if missing:
        extra = "web,postgres" if "psycopg" in missing else "web"
        verb = "is" if len(missing) == 1 else "are"
        message = f"the site needs {', '.join(missing)}, which {verb} not installed. Run: pip install 'framsyn[{extra}]'"
        raise PlanError("no-web", message, missing=missing)


def set_up(data: str | Path | None = None, *, demo: bool = False, existing: bool = False) -> Path:
    """Set Django up in this process, and in those that it starts.

    Parameters
    ----------
    data : str or Path, optional
        Folder of the database; FRAMSYN_DATA or ./framsyn-data if left out.
    demo : bool
        Whether the login page shows the demo's logins.
    existing : bool
        Whether the database has to be there already.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    PlanError
        ``no-web`` without the extra's packages; ``not-a-folder``; ``not-writable``; ``no-database``.
    """
    need_web()
    folder = Path(data or os.environ.get("FRAMSYN_DATA", "framsyn-data")).absolute()
    if existing and "DATABASE_URL" not in os.environ and not (folder / FILE).is_file():
        message = (
            f"there is no database in {folder} ({FILE}). Name its folder with --data, or set DATABASE_URL."
        )
        raise PlanError("no-database", message, got=str(folder))
    need_folder(folder)
    os.environ["FRAMSYN_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "framsyn.web.settings"
    if demo:
        os.environ["FRAMSYN_DEMO"] = "1"
    import django

    django.setup()
    from django.utils import translation

    translation.activate("en")  # what this process itself says is for the terminal; pages choose their own
    return folder


def need_folder(folder: Path) -> None:
    """Make the folder, and raise when it cannot be written."""
    if folder.exists() and not folder.is_dir():
        message = f"{folder} is a file; the site keeps its data in a folder. Name another one with --data."
        raise PlanError("not-a-folder", message, got=str(folder))
    reason = "" if os.access(folder, os.W_OK | os.X_OK) else "no permission to write there"
    if not folder.exists():
        try:
            folder.mkdir(parents=True)
            reason = ""
        except OSError as error:
            reason = error.strerror or str(error)
    if reason:
        message = (
            f"the site cannot keep its data in {folder}: {reason}. Name another folder with --data, or give the "
            "account that runs the site the right to write there."
        )
        raise PlanError("not-writable", message, got=str(folder))


def bring_up_to_date() -> list[str]:
    """Apply the migrations that the database lacks, and return their names.

    Of two processes that start together one works and the other waits.

    Raises
    ------
    PlanError
        ``database-newer`` when the database was made by a newer version of Framsyn; ``no-database`` when it cannot be
        reached.
    """
    from django.core.management import call_command

    need_known(read_migrations())
    with alone():
        executor = read_migrations()
        newest = executor.loader.graph.leaf_nodes()
        plan = executor.migration_plan(newest)
        executor.migrate(newest, plan)
        # Finds nothing to apply, but what follows every run does its work: the guards of the database are put in place.
        call_command("migrate", verbosity=0, interactive=False)
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def read_migrations() -> MigrationExecutor:
    """Return what the database has and what this version knows.

    Raises
    ------
    PlanError
        ``no-database`` when it cannot be reached.
    """
    from django.db import DatabaseError, connection

    from framsyn.web.operations.steps import WholeSteps

    try:
        return WholeSteps(connection)
    except DatabaseError as error:
        message = (
            f"the database cannot be used: {str(error).strip()}. Check DATABASE_URL, or the folder's rights."
        )
        raise PlanError("no-database", message) from error


def need_known(executor: MigrationExecutor) -> None:
    """Raise ``database-newer`` when the database has a migration that this version lacks."""
    unknown = unknown_of(executor, executor.loader.applied_migrations)
    if unknown:
        message = (
            f"the database was made by a newer version of Framsyn (it has {unknown[-1]}, which this version lacks). "
            "Nothing was changed. Install the newer version, or restore a backup into another folder."
        )
        raise PlanError("database-newer", message, got=unknown)


def unknown_of(executor: MigrationExecutor, keys: Iterable[tuple[str, str]]) -> list[str]:
    """Return those migrations that this version lacks, as "app.name"."""
    known = executor.loader.disk_migrations
    return sorted(f"{app}.{name}" for app, name in keys if (app, name) not in known)


@contextmanager
def alone() -> Iterator[None]:
    """Hold the right to change the form of the database; wait while another process has it."""
    from django.conf import settings
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        return
    with (settings.DATA / ".migrating").open("w", encoding="utf-8") as file:
        try:
            import fcntl
        except (
            ImportError
        ):  # Windows: nobody waits, and of two that start together one may have to be started again
            yield
            return
        fcntl.flock(file, fcntl.LOCK_EX)  # given back when the file is closed, also by a kill
        yield
