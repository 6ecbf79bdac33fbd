"""Sites of their own for tests: a folder or a database, commands against it, a server in front of it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

__all__ = ["Server", "Site", "free_port"]

COMMAND = "import sys; sys.argv[0] = 'framsyn'; from framsyn.cli import main; main()"
START = "import json; from framsyn.web.operations import start; start.set_up(); start.bring_up_to_date()\n"
PATIENCE = 120.0  # the machine may be busy

# Every row of every table that a backup keeps, told without the code that makes backups.
DIGEST = """
LEFT_OUT = {
    "django_content_type", "auth_permission", "django_session", "accounts_session", "accounts_ratewindow",
    "axes_accessattempt", "axes_accessattemptexpiration", "axes_accessfailurelog", "axes_accesslog",
    "followup_lock", "drafts_formdraft", "plan_import_upload",
}
def digest():
    import hashlib
    from django.apps import apps
    found = {}
    for model in apps.get_models(include_auto_created=True):
        name = model._meta.db_table
        if name in LEFT_OUT:
            continue
        columns = [field.attname for field in model._meta.concrete_fields]
        rows = [
            json.dumps(row, sort_keys=True, default=str)
            for row in model._base_manager.order_by("pk").values_list(*columns)
        ]
        found[name] = [len(rows), hashlib.sha256("\\n".join(rows).encode()).hexdigest()]
    return found
"""


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


class Site:
    """A site in a folder, with its database there or at an address."""

    def __init__(self, folder: Path, environment: dict[str, str], url: str = "", **more: str) -> None:
        self.folder = folder
        kept = {
            name: value
            for name, value in environment.items()
            if name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE")
        }
        kept = {name: value for name, value in kept.items() if not name.startswith("FRAMSYN_")}
        self.environment = {
            **kept,
            "FRAMSYN_DATA": str(folder),
            **({"DATABASE_URL": url} if url else {}),
            **more,
        }

    def call(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the program; ``more`` is added to the environment."""
        return subprocess.run(
            [sys.executable, "-c", COMMAND, *map(str, words)],
            env={**self.environment, **more}, cwd=self.folder.parent, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip

    def run(self, code: str, *, prepare: str = START) -> Any:
        """Run code in a process that has set the site up, and return what it gives to ``answer`` by JSON."""
        done = self.process(code, prepare=prepare)
        assert done.returncode == 0, done.stderr
        lines = [line for line in done.stdout.splitlines() if line.startswith("answer: ")]
        return json.loads(lines[-1].removeprefix("answer: ")) if lines else None

    def process(self, code: str, *, prepare: str = START) -> subprocess.CompletedProcess[str]:
        """Run code in a process that has set the site up."""
        answer = "\ndef answer(value):\n    print('answer: ' + json.dumps(value), flush=True)\n"
        return subprocess.run(
            [sys.executable, "-c", prepare + DIGEST + answer + code],
            env=self.environment, cwd=self.folder.parent, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip

    def rows(self) -> int:
        """Return how many rows the database holds that are not the framework's own; asked past the framework."""
        if "DATABASE_URL" in self.environment:
            import psycopg

            database: Any = psycopg.connect(self.environment["DATABASE_URL"])
            listed = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        else:
            database = sqlite3.connect(self.folder / "plan.sqlite3")
            listed = "SELECT name FROM sqlite_master WHERE type = 'table'"
        with contextlib.closing(database):
            names = [name for (name,) in database.execute(listed).fetchall()]
            ours = [
                name
                for name in names
                if not name.startswith(("django_", "sqlite_", "auth_permission", "search_index"))
            ]
            return sum(database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in ours)

    def digest(self) -> dict[str, Any]:
        """Return rows and digest of every table."""
        return self.run("answer(digest())")


class Server:
    """A site that is served by the real web server until the end of the block."""

    def __init__(self, site: Site, *words: str, port: int | None = None) -> None:
        self.site = site
        self.port = port or free_port()
        self.words = words
        self.log = site.folder.parent / f"server-{self.port}.log"

    def __enter__(self) -> Server:
        """Start it and wait until it answers."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", COMMAND, "serve", "--port", str(self.port), *self.words],
                env=self.site.environment, cwd=self.site.folder.parent, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            try:
                self.get("/health/")
            except OSError:
                time.sleep(0.05)
            else:
                return self
        self.__exit__()
        raise AssertionError(self.told())

    def __exit__(self, *_error: object) -> None:
        """Stop it and all that it started."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
        """Return status, headers in lower case, and body of a page."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return (
                    answer.status,
                    {k.lower(): v for k, v in answer.headers.items()},
                    answer.read().decode(),
                )
        except urllib.error.HTTPError as error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read().decode()

    def told(self) -> str:
        """Return what the server has written."""
        return self.log.read_text(encoding="utf-8")

    def lines(self) -> list[dict[str, Any]]:
        """Return the log lines."""
        return [json.loads(line) for line in self.told().splitlines() if line.startswith("{")]
