"""A PostgreSQL of one's own, in a temporary folder, as long as it is needed: for tests, benchmarks and ``.ci/run``.

    python tests/support/postgres_cluster.py COMMAND…     runs a command with DATABASE_URL on a new, empty database

The server listens on no port: only on a socket in its folder, which nobody else may open. Where PostgreSQL is not installed,
:func:`missing` says so.
"""

from __future__ import annotations

import glob
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

__all__ = ["Cluster", "missing", "started"]

SERVER = "postgres"  # the account that Debian's package makes; PostgreSQL refuses to run as root
PATIENCE = 60.0


def programs() -> Path | None:
    """Return the folder of the newest installed server, if there is one."""
    found = [Path(path) for path in glob.glob("/usr/lib/postgresql/*/bin/initdb")]  # noqa: PTH207
    beside = shutil.which("initdb")
    found += [Path(beside)] if beside else []
    return (
        max(found, key=lambda path: [int(part) for part in path.parts if part.isdigit()]).parent
        if found
        else None
    )


def missing() -> str:
    """Say why no cluster can be started here; empty if one can."""
    if os.name == "nt":
        return "an own PostgreSQL is started on Linux and macOS only"
    if programs() is None:
        return "PostgreSQL is not installed (Debian: apt-get install postgresql)"
    if os.geteuid() == 0:
        import pwd

        try:
            pwd.getpwnam(SERVER)
        except KeyError:
            return f"PostgreSQL does not run as root, and there is no account {SERVER}"
    return ""


class Cluster:
    """A running server; :meth:`database` makes an empty database and returns its address."""

    def __init__(self, folder: Path, programs: Path, account: dict[str, Any]) -> None:
        self.folder = folder
        self.programs = programs
        self.account = account
        self.count = itertools.count(1)

    def database(self) -> str:
        """Make an empty database and return its DATABASE_URL."""
        name = f"test{next(self.count)}"
        self.call("createdb", name)
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected."""
        self.call("dropdb", "--force", url.rpartition("/")[2])

    def url(self, name: str) -> str:
        """Return the address of a database."""
        return f"postgres://{SERVER}@{quote(str(self.folder), safe='')}/{name}"

    def call(self, program: str, *words: str) -> None:
        """Run one of PostgreSQL's own programs against the server."""
        subprocess.run(
            [str(self.programs / program), "-h", str(self.folder), "-U", SERVER, *words],
            check=True, capture_output=True, encoding="utf-8", cwd=self.folder, **self.account,
        )  # fmt: skip


@contextmanager
def started(*settings: str) -> Iterator[Cluster]:
    """Start a server and stop it again; ``settings`` such as ``"shared_buffers=256MB"``."""
    where = programs()
    if where is None or missing():
        raise RuntimeError(missing())
    account: dict[str, Any] = {}
    folder = Path(tempfile.mkdtemp(prefix="framsyn-pg-"))
    if os.geteuid() == 0:
        account = {"user": SERVER, "group": SERVER, "extra_groups": []}
        shutil.chown(folder, SERVER, SERVER)
    data = folder / "data"
    options = [f"unix_socket_directories={folder}", "listen_addresses=", "fsync=off", *settings]
    server = None
    try:
        subprocess.run(
            [str(where / "initdb"), "-D", str(data), "-U", SERVER, "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            check=True, capture_output=True, encoding="utf-8", cwd=folder, **account,
        )  # fmt: skip
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [str(where / "postgres"), "-D", str(data), *(word for option in options for word in ("-c", option))],
                stdout=log, stderr=log, cwd=folder, start_new_session=True, **account,
            )  # fmt: skip
        cluster = Cluster(folder, where, account)
        await_server(cluster, server)
        yield cluster
    except subprocess.CalledProcessError as error:
        message = f"{' '.join(map(str, error.cmd))}: {str(error.stderr).strip()}"
        raise RuntimeError(message) from error
    finally:
        if server is not None:
            server.send_signal(signal.SIGQUIT)  # nothing in it is kept: no need for an orderly end
            server.wait(PATIENCE)
        shutil.rmtree(folder, ignore_errors=True)


def await_server(cluster: Cluster, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            cluster.call("pg_isready")
        except subprocess.CalledProcessError:
            time.sleep(0.1)
        else:
            return
    message = f"PostgreSQL did not start:\n{(cluster.folder / 'log').read_text(encoding='utf-8')}"
    raise RuntimeError(message)


def main(words: list[str]) -> int:
    """Run a command with DATABASE_URL on a new, empty database and return its exit code; 77 where there is no server."""
    if missing():
        print(missing(), file=sys.stderr)
        return 77
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM)
    )  # stopped by a time limit: clean up first
    with started() as cluster:
        return subprocess.call(words, env={**os.environ, "DATABASE_URL": cluster.database()})


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
