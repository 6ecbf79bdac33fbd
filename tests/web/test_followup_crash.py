"""The program is killed at each state of a letter: none is lost and none is sent twice."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mail_server import MailServer, serving
from sites import Site

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no kill -9")
SECONDS = 180  # the machine may be busy

SET_UP = "import json; from framsyn.web.operations import start; start.set_up()\n"
CONTENT = """
import datetime
from django.contrib.auth import get_user_model
from django.utils import timezone
from framsyn.web.accounts.models import Organisation
from framsyn.web.measures.models import Assignment, Measure
place = Organisation.objects.create(pk="rha", kind="health_authority", name={"nb": "RHF"}, short={"nb": "RHF"})
made = timezone.make_aware(datetime.datetime(2026, 6, 1))
user = get_user_model().objects.create_user("kari", email="kari@example.org")
measure = Measure.objects.create(pk="a", title={"nb": "Tiltak a"}, organisation=place, phase="under_way",
                                 start=made.date(), created_at=made, updated_at=made)
Assignment.objects.create(measure=measure, role="owner", organisation=place, person=user, valid_from=made.date())
"""
RUN = """
import datetime
from django.utils import timezone
from framsyn.web.followup.daily import run_day
from framsyn.web.followup.models import Letter
def run(hour, day=17):
    now = timezone.make_aware(datetime.datetime(2026, 12, day, hour))
    return run_day(now.date(), now)
"""
FIRST = RUN + "run(7)\n"
# Ten minutes later the dead run's lock still holds; an hour later it has lapsed, and three days later all is as it was.
LATER = (
    RUN
    + """
now = timezone.make_aware(datetime.datetime(2026, 12, 17, 7, 5))
busy = run_day(now.date(), now).busy
run(9); run(10); run(7, 18); run(7, 21)
letter = Letter.objects.get()
answer([busy, letter.state, letter.message_id, letter.trouble])
"""
)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    folder = tmp_path_factory.mktemp("letters") / "data"
    Site(folder, environment).run(CONTENT)
    return folder


@pytest.fixture
def site(prepared: Path, tmp_path: Path, environment: dict[str, str]) -> Site:
    shutil.copytree(prepared, tmp_path / "data")
    return Site(tmp_path / "data", environment)


def kill_when(site: Site, server: MailServer, reached: threading.Event, pause: float = 0.0) -> None:
    """Run a day in a process, and kill it where the server says that the point is reached."""
    site.environment["FRAMSYN_EMAIL_URL"] = f"smtp://127.0.0.1:{server.port}?from=plan@example.org"
    running = subprocess.Popen(
        [sys.executable, "-c", SET_UP + FIRST],
        env=site.environment, cwd=site.folder.parent, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    until = time.monotonic() + SECONDS
    while not reached.wait(0.1) and time.monotonic() < until and running.poll() is None:
        pass
    if not reached.is_set():
        running.kill()
        raise AssertionError(running.communicate()[1].decode())
    time.sleep(pause)
    assert running.poll() is None, running.communicate()[1].decode()
    os.kill(running.pid, signal.SIGKILL)
    running.communicate()
    assert running.returncode == -signal.SIGKILL


class Locked:
    """Holds the right to write to the site's database, so that its process stands still at its next commit."""

    def __init__(self, site: Site) -> None:
        self.connection = sqlite3.connect(site.folder / "plan.sqlite3", check_same_thread=False)
        self.connection.isolation_level = None

    def take(self) -> None:
        self.connection.execute("BEGIN IMMEDIATE")

    def give_back(self) -> None:
        self.connection.execute("ROLLBACK")
        self.connection.close()


def state(site: Site) -> str:
    connection = sqlite3.connect(site.folder / "plan.sqlite3")
    try:
        return connection.execute("SELECT state FROM followup_letter").fetchone()[0]
    finally:
        connection.close()


def test_killed_before_the_text(site: Site) -> None:
    reached, killed = threading.Event(), threading.Event()

    def hold(_address: str) -> str | None:
        if not reached.is_set():
            reached.set()
            killed.wait(SECONDS)
        return None

    with serving() as server:
        server.on_recipient = hold
        kill_when(site, server, reached)
        killed.set()
        assert state(site) == "claimed"
        busy, ended, number, _trouble = site.run(LATER, prepare=SET_UP)
        assert (busy, ended) == (True, "sent")
        assert server.ids == [number]


def test_killed_between_the_text_and_its_end(site: Site) -> None:
    reached = threading.Event()
    lock = Locked(site)

    def hold(_address: str) -> str | None:
        if not reached.is_set():
            lock.take()  # the text is sent; that it is handed over cannot be written down
            reached.set()
        return None

    with serving() as server:
        server.on_recipient = hold
        kill_when(site, server, reached, pause=1.5)
        lock.give_back()
        assert state(site) == "claimed"
        assert server.taken == []  # a text without an end is thrown away
        _busy, ended, number, _trouble = site.run(LATER, prepare=SET_UP)
        assert ended == "sent"
        assert server.ids == [number]


@pytest.mark.parametrize("answered", [False, True], ids=["before the answer", "after the answer"])
def test_killed_when_the_server_has_the_letter(site: Site, answered: bool) -> None:
    reached, killed = threading.Event(), threading.Event()
    lock = Locked(site)

    def hold(_mail: Any) -> str | None:
        if answered:
            lock.take()  # the server says 250; that it has said so cannot be written down
            reached.set()
        else:
            reached.set()
            killed.wait(SECONDS)
        return None

    with serving() as server:
        server.on_text = hold
        kill_when(site, server, reached, pause=1.5 if answered else 0.0)
        killed.set()
        if answered:
            lock.give_back()
        assert state(site) == "handing"
        until = time.monotonic() + SECONDS
        while not server.taken and time.monotonic() < until:
            time.sleep(0.02)
        server.on_text = None
        _busy, ended, number, trouble = site.run(LATER, prepare=SET_UP)
        assert ended == "unsure"
        assert "stopped" in trouble
        assert server.ids == [number]  # it had arrived: once, and never again by itself


def test_a_connection_that_breaks_after_the_end_leaves_the_letter_unsure(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    hang_up: Callable[[Any], str | None] = lambda _mail: "421 closing"  # noqa: E731
    with serving() as server:
        server.on_text = hang_up
        site.environment["FRAMSYN_EMAIL_URL"] = f"smtp://127.0.0.1:{server.port}?from=plan@example.org"
        first = site.run(FIRST + "answer(Letter.objects.get().state)", prepare=SET_UP)
        assert first == "waiting"  # the server has said that it did not take it: that is no doubt
        server.on_text = None
        _busy, ended, number, _trouble = site.run(LATER, prepare=SET_UP)
        assert ended == "sent"
        assert server.ids == [number]
