"""The site for real: a server on a port, requests over HTTP, signals that end it, errors that say the way out."""

from __future__ import annotations

import http.cookiejar
import os
import re
import signal
import socket
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from sites import Server, Site, free_port

SECONDS = 15  # a stopped server is given five, and the machine may be busy
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Site:
    return Site(tmp_path_factory.mktemp("site") / "data", environment)


@pytest.fixture(scope="module")
def server(site: Site):
    with Server(site, "--workers", "2") as running:
        yield running


def test_it_answers_and_says_that_it_is_well(server: Server) -> None:
    status, headers, body = server.get("/health/")
    assert (status, body) == (200, '{"status": "ok"}')
    status, _, body = server.get("/health/ready/")
    assert (status, body) == (200, '{"status": "ok", "database": "sqlite"}')
    assert "unsafe" not in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "http://127.0.0.1:" in server.told()


def test_an_empty_site_has_a_home_page_in_each_language(server: Server) -> None:
    for language in ("nb", "nn", "en"):
        status, headers, body = server.get("/", Accept_Language=language)
        assert status == 200
        assert headers["content-language"] == language
        assert f'<html lang="{language}"' in body


def test_static_files_are_served_from_the_package(server: Server) -> None:
    body = server.get("/")[2]
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', body)
    if not files:
        pytest.skip("the look of the site is not built here (tools/build_assets.py)")
    for path in files:
        status, headers, _ = server.get(path)
        assert status == 200
        assert "max-age" in headers["cache-control"]


def test_a_host_that_is_not_named_is_not_answered(server: Server) -> None:
    assert server.get("/health/", Host="elsewhere.example.org")[0] == 400


def test_every_request_is_one_line_with_its_id(server: Server) -> None:
    given = "proxy-0123456789"
    assert server.get("/nowhere/", X_Request_ID=given)[1]["x-request-id"] == given
    made = server.get("/health/", X_Request_ID="<script>")[1]["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{32}", made)
    lines = {line["request_id"]: line for line in server.lines() if line["message"] == "request"}
    assert (lines[given]["method"], lines[given]["path"], lines[given]["status"]) == ("GET", "/nowhere/", 404)
    assert lines[given]["milliseconds"] >= 0
    assert lines[made]["path"] == "/health/"
    ids = [line["request_id"] for line in server.lines() if line["message"] == "request"]
    assert len(ids) == len(set(ids))


def test_an_administrator_is_made_and_logs_in(site: Site, server: Server) -> None:
    made = site.call("createadmin", "first", FRAMSYN_ADMIN_PASSWORD=PASSWORD)
    assert made.returncode == 0, made.stderr
    again = site.call("createadmin", "FIRST", FRAMSYN_ADMIN_PASSWORD=PASSWORD)
    assert again.returncode == 2
    assert "username-taken" in again.stderr
    weak = site.call("createadmin", "second", FRAMSYN_ADMIN_PASSWORD="short")
    assert weak.returncode == 2
    assert "weak-password" in weak.stderr

    cookies = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    address = f"http://127.0.0.1:{server.port}/login/"
    page = browser.open(address).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    form = {"username": "first", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    answer = browser.open(
        urllib.request.Request(address, urllib.parse.urlencode(form).encode(), {"Referer": address})
    )
    assert answer.url == f"http://127.0.0.1:{server.port}/"
    assert "sessionid" in {cookie.name for cookie in cookies}
    assert browser.open(f"http://127.0.0.1:{server.port}/people/").status == 200


def test_a_backup_is_taken_beside_the_server(site: Site, server: Server, tmp_path: Path) -> None:
    done = site.call("backup", str(tmp_path / "kept.zip"))
    assert done.returncode == 0, done.stderr
    assert "tables written" in done.stdout
    assert server.get("/health/ready/")[0] == 200


def test_two_cannot_listen_on_one_port(site: Site, server: Server) -> None:
    done = site.call("serve", "--port", str(server.port))
    assert done.returncode == 2
    assert "port-taken" in done.stderr
    assert f"framsyn serve --port {server.port + 1}" in done.stderr
    assert server.get("/health/")[0] == 200


def children(process: int) -> set[int]:
    """Return the processes that a process has started, and theirs."""
    found: set[int] = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == process:
            child = int(path.parent.name)
            found |= {child} | children(child)
    return found


@pytest.mark.skipif(
    not Path("/proc/self/stat").is_file(), reason="the system does not list processes in /proc"
)
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all_workers_and_frees_the_port(sent: signal.Signals, site: Site) -> None:
    with Server(site, "--workers", "2") as running:
        workers = children(running.process.pid)
        assert len(workers) == 2
        waiting = socket.create_connection(("127.0.0.1", running.port))  # a browser that keeps its connection
        waiting.sendall(b"GET /health/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200" in waiting.recv(100)
        began = time.monotonic()
        running.process.send_signal(sent)
        assert running.process.wait(SECONDS) == 0
        assert time.monotonic() - began < SECONDS
        waiting.close()
        assert not [worker for worker in workers if Path(f"/proc/{worker}").exists()]
        with socket.socket() as again:
            again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            again.bind(("127.0.0.1", running.port))
        assert "Traceback" not in running.told()


def test_a_killed_worker_is_replaced(site: Site) -> None:
    with Server(site, "--workers", "1") as running:
        (worker,) = children(running.process.pid)
        os.kill(worker, signal.SIGKILL)
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and children(running.process.pid) in ({worker}, set()):
            time.sleep(0.05)
        while time.monotonic() < until:
            try:
                assert running.get("/health/")[0] == 200
                break
            except OSError:
                time.sleep(0.05)
        assert children(running.process.pid) - {worker}


def test_two_that_start_together_both_serve(tmp_path: Path, environment: dict[str, str]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    site = Site(tmp_path / "data", environment)

    def start(_number: int) -> tuple[int, str]:
        with Server(site, "--workers", "1") as running:
            return running.get("/health/ready/")[0], running.told()

    with ThreadPoolExecutor(2) as pool:  # on two ports, with one folder that neither has made yet
        answers = list(pool.map(start, range(2)))
    assert [status for status, _ in answers] == [200, 200], answers


CHANGE = """
from django.contrib.auth import get_user_model
from framsyn.web.actions import Actor
from framsyn.web.audit.models import Entry
from framsyn.web.accounts.actions import set_role
from framsyn.web.measures.models import Measure
from framsyn.web.outlooks.models import Run
user = get_user_model().objects.get(username="demo-administrator")
"""


def test_the_demo_keeps_what_people_have_done(tmp_path: Path, environment: dict[str, str]) -> None:
    site = Site(tmp_path / "framsyn-demo", environment)
    with Server(site, "--demo", "--draws", "12", "--workers", "1") as running:
        assert "demo-editor" in running.get("/login/")[2]
        assert running.get("/plan/rup-2027/")[0] == 200
    site.run(
        CHANGE
        + "set_role(Actor(user=user, name='A'), get_user_model().objects.get(username='demo-reader'), 'editor')"
    )
    ask = (
        CHANGE
        + "answer([Entry.objects.last().action, Entry.objects.count(), Run.objects.count(), Measure.objects.count()])"
    )
    before = site.run(ask)
    assert before[0] == "accounts.set_role"
    assert before[2] == 2
    with Server(site, "--demo", "--draws", "12", "--workers", "1") as running:
        assert running.get("/plan/rup-2027/")[0] == 200
    assert site.run(ask) == before


# ---------------------------------------------------------------- what cannot be served
def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path, environment: dict[str, str]) -> None:
    site = Site(tmp_path / "data", environment)
    site.run(
        "from django.db.migrations.recorder import MigrationRecorder\n"
        "from django.db import connection\n"
        "MigrationRecorder(connection).record_applied('plan', '9999_from_the_future')\n"
    )
    before = (site.folder / "plan.sqlite3").read_bytes()
    for words in (
        ("serve", "--port", str(free_port())),
        ("backup", str(tmp_path / "x.zip")),
        ("createadmin", "x"),
    ):
        done = site.call(*words)
        assert done.returncode == 2
        assert "database-newer" in done.stderr
        assert "plan.9999_from_the_future" in done.stderr
    assert (site.folder / "plan.sqlite3").read_bytes() == before
    assert not (tmp_path / "x.zip").exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "file").write_text("keep", encoding="utf-8")
    done = Site(tmp_path / "file", environment).call("serve", "--port", str(free_port()))
    assert done.returncode == 2
    assert "not-a-folder" in done.stderr
    done = Site(tmp_path / "file", environment).call("serve", "--data", str(tmp_path / "file" / "below"))
    assert done.returncode == 2
    assert "not-writable" in done.stderr
    assert "--data" in done.stderr
    assert (tmp_path / "file").read_text(encoding="utf-8") == "keep"


def test_a_database_that_is_none_is_told(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "plan.sqlite3").write_bytes(b"no database, and long enough to be looked into" * 40)
    done = Site(tmp_path / "data", environment).call("serve", "--port", str(free_port()))
    assert done.returncode == 2
    assert "no-database" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_of_postgresql_that_is_not_there_is_told(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    pytest.importorskip("psycopg", reason="the extra postgres is not installed")
    site = Site(tmp_path / "data", environment, url=f"postgres://nobody@127.0.0.1:{free_port()}/nothing")
    done = site.call("serve", "--port", str(free_port()))
    assert done.returncode == 2
    assert "no-database" in done.stderr
    assert "DATABASE_URL" in done.stderr


def test_a_mistyped_folder_is_no_reason_to_make_an_empty_database(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    site = Site(tmp_path / "typo", environment)
    done = site.call("backup", str(tmp_path / "x.zip"))
    assert done.returncode == 2
    assert "no-database" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_ready_says_what_is_missing(tmp_path: Path, environment: dict[str, str]) -> None:
    site = Site(tmp_path / "data", environment)
    prepare = "import json; from framsyn.web.operations import start; start.set_up()\n"
    found = site.run(
        "from django.test import Client\n"
        "answer_of = Client(headers={'host': 'localhost'}).get('/health/ready/')\n"
        "answer([answer_of.status_code, answer_of.json()])",
        prepare=prepare,
    )
    assert found[0] == 503
    assert "plan.0001_initial" in found[1]["migrations"]


@pytest.mark.skipif(sys.platform == "win32", reason="rights of a file are another thing on Windows")
def test_the_secret_key_is_made_once_for_its_owner_alone(site: Site, server: Server) -> None:
    path = site.folder / "secret-key"
    assert path.stat().st_mode & 0o077 == 0
    assert len(path.read_text(encoding="utf-8")) >= 50
