"""The program is killed while it loads a plan: all of it is there afterwards, or nothing, on either database."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from postgres_cluster import missing, started
from sites import COMMAND, Site

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no kill -9"),
]
PATIENCE = 60
GOALS = 2_000
MADE = """
from framsyn.web.accounts.models import Organisation
Organisation.objects.create(pk="rha", kind="health_authority", name={"nb": "RHF"}, short={"nb": "RHF"})
"""
COUNT = """
from framsyn.web.audit.models import Entry
from framsyn.web.plan.models import Element, Node, Plan, Version, Wording
answer([model.objects.count() for model in (Plan, Version, Element, Wording, Node, Entry)])
"""


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("document") / "plan.txt"
    goals = "\n".join(f"- Gjøre ting nummer {number} ferdig i tide." for number in range(GOALS))
    path.write_text(
        f"Hovedmål 1: Bli ferdig\n\nVi vil det.\n\nMål (4-årsperiode)\n\n{goals}\n", encoding="utf-8"
    )
    return path


@pytest.fixture(params=("sqlite", "postgresql"))
def site(request: pytest.FixtureRequest, tmp_path: Path, environment: dict[str, str]) -> Iterator[Site]:
    with contextlib.ExitStack() as stack:
        url = ""
        if request.param == "postgresql":
            if missing():
                pytest.skip(missing())
            url = stack.enter_context(started()).database()
        (tmp_path / "data").mkdir()
        made = Site(tmp_path / "data", environment, url)
        made.run(MADE)
        (made.folder / "plan.sqlite3").touch()
        yield made
        shutil.rmtree(tmp_path / "data", ignore_errors=True)


def is_writing(site: Site) -> bool:
    """Tell whether somebody is in the middle of a transaction that has written."""
    if "DATABASE_URL" in site.environment:
        import psycopg

        with psycopg.connect(site.environment["DATABASE_URL"]) as database:
            row = database.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
            ).fetchone()
            return bool(row and row[0])
    with contextlib.closing(
        sqlite3.connect(site.folder / "plan.sqlite3", timeout=0, isolation_level=None)
    ) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
            database.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return True
    return False


def loading(site: Site, document: Path) -> subprocess.Popen[Any]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, "plan", "import", str(document), "--plan", "big", "--load"],
        env=site.environment, cwd=site.folder.parent, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_a_plan_is_loaded_as_a_whole_or_not_at_all(site: Site, document: Path) -> None:
    empty = site.run(COUNT)
    running = loading(site, document)
    until = time.monotonic() + PATIENCE
    writing = 0
    # Migrations are looked for first, in a transaction of their own: the import's is the one that lasts.
    while time.monotonic() < until and writing < 4 and running.poll() is None:
        writing = writing + 1 if is_writing(site) else 0
        time.sleep(0.01)
    assert running.poll() is None, running.communicate()[1].decode()
    os.kill(running.pid, signal.SIGKILL)
    running.communicate()
    assert running.returncode == -signal.SIGKILL
    assert site.run(COUNT) == empty
    running = loading(site, document)
    assert running.wait(PATIENCE) == 0, running.communicate()[1].decode()
    plans, versions, elements, wordings, nodes, entries = site.run(COUNT)
    assert (plans, versions) == (1, 1)
    assert elements == wordings == nodes > GOALS
    assert entries == empty[-1] + 2
