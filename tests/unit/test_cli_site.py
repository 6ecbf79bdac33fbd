"""Commands of the site, as far as no server is needed: what they understand, refuse and say (the rest: tests/web)."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("django", reason="the extra web is not installed")

from framsyn.cli import EXAMPLES, app, invoke, site
from framsyn.errors import PlanError
from framsyn.web.operations import serve as server
from framsyn.web.operations import start
from framsyn.web.operations.logs import JsonFormatter, TextFormatter

COMMANDS = ("serve", "createadmin", "backup", "restore", "audit seal", "audit head", "audit verify")
START = "import sys; sys.argv[0] = 'framsyn'; from framsyn.cli import main; main()"


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture
def taken() -> Iterator[int]:
    """Give a port that somebody listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        yield other.getsockname()[1]


@pytest.mark.parametrize("line", [line for name in COMMANDS for line in EXAMPLES[name]])
def test_every_example_is_understood(line: str) -> None:
    words = shlex.split(line)
    command, bound, _ = app.parse_args(words[1:], print_error=False, exit_on_error=False)
    path = words[1:3] if words[1] == "audit" else words[1:2]
    assert command.__name__ == path[-1]
    assert bound.arguments or len(words) == 1 + len(path)


@pytest.mark.parametrize(
    ("package", "extra"),
    [("granian", "web"), ("csp", "web"), ("snowballstemmer", "web"), ("psycopg", "web,postgres")],
)
@pytest.mark.parametrize(
    "words", [("serve",), ("createadmin", "x"), ("backup", "x.zip"), ("restore", "x.zip")]
)
def test_a_missing_package_gives_the_command_that_installs_it(
    package: str,
    extra: str,
    words: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    real = start.find_spec
    monkeypatch.setattr(start, "find_spec", lambda name: None if name == package else real(name))
    monkeypatch.setenv("DATABASE_URL", "postgres://nobody@localhost/nothing")
    assert invoke(list(words)) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "no-web" in told
    assert f"pip install 'framsyn[{extra}]'" in told
    assert list(Path().iterdir()) == []


def test_an_address_that_cannot_be_listened_on_is_told(
    taken: int, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, code, way_out in (
        (("--port", str(taken)), "port-taken", f"--port {taken + 1}"),
        (("--port", "70000"), "bad-port", "1–65535"),
        (("--port", "0"), "bad-port", "1–65535"),
        (("--host", "203.0.113.7"), "bad-host", "--host 127.0.0.1"),
        (("--host", "no such host"), "bad-host", "--host 127.0.0.1"),
    ):
        assert invoke(["serve", *words]) == 2
        told = " ".join(capsys.readouterr().err.split())
        assert code in told
        assert way_out in told
    assert list(Path().iterdir()) == []


def test_the_demo_takes_the_next_free_port(taken: int, capsys: pytest.CaptureFixture[str]) -> None:
    port = site.free_port(taken)
    assert taken < port < taken + site.PORTS
    assert "port-taken" not in capsys.readouterr().out
    server.check_address("127.0.0.1", port)


def test_when_no_port_is_free_the_demo_says_so(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "PORTS", 1)
    with pytest.raises(PlanError, match="already running"):
        site.free_port(taken)


def test_the_demo_serves_unless_it_is_told_not_to_or_cannot(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FRAMSYN_NO_SERVE", "1")
    assert not site.may_serve()
    monkeypatch.delenv("FRAMSYN_NO_SERVE")
    assert site.may_serve()
    monkeypatch.setattr(start, "find_spec", lambda _name: None)
    assert not site.may_serve()
    assert "pip install 'framsyn[web]'" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("words", "opened"),
    [((), True), (("--json",), False), (("--no-report",), False)],
    ids=["plain", "json", "no report"],
)
def test_the_demo_ends_by_opening_the_site(
    words: tuple[str, ...], opened: bool, monkeypatch: pytest.MonkeyPatch, shipped_once: None,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    given: list[Any] = []
    monkeypatch.delenv("FRAMSYN_NO_SERVE", raising=False)
    monkeypatch.setattr("framsyn.analyses.drivers.ENSEMBLE", 16)
    monkeypatch.setattr(
        site, "open_demo", lambda outlooks: given.append([one.scenario.name for one in outlooks]) or 0
    )
    assert invoke(["demo", "--draws", "12", *words]) == 0
    assert given == ([["plan", "demography"]] if opened else [])
    capsys.readouterr()


def test_help_of_the_site_leaves_django_alone(environment: dict[str, str]) -> None:
    code = (
        "import sys; sys.argv = ['framsyn', 'serve', '--help']\n"
        "from framsyn.cli import invoke; code = invoke()\n"
        "print(code, sorted({'django', 'numpy', 'granian'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, encoding="utf-8", check=True
    )
    assert done.stderr.strip() == "0 []"
    assert "--workers" in done.stdout


def test_passwords_that_differ_add_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["one long password", "another long password"])
    monkeypatch.setattr(site, "getpass", lambda _prompt: next(answers))
    with pytest.raises(PlanError, match="differ"):
        site.ask_password()


def test_log_lines_are_for_people_on_a_terminal_and_json_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FRAMSYN_LOG", raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    site.choose_log()
    assert "FRAMSYN_LOG" not in os.environ
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("FRAMSYN_LOG", "json")
    site.choose_log()
    assert os.environ["FRAMSYN_LOG"] == "json"


def test_a_log_line_holds_what_happened_and_the_request_id_alone() -> None:
    import json
    import logging

    class Request:
        request_id = "abc"

    try:
        raise ValueError("a cause")
    except ValueError:
        record = logging.getLogger("test").makeRecord(
            "test",
            logging.ERROR,
            "f",
            1,
            "it %s",
            ("failed",),
            sys.exc_info(),
            extra={"request": Request(), "status_code": 500},
        )
    line = json.loads(JsonFormatter().format(record))
    assert line["message"] == "it failed"
    assert line["request_id"] == "abc"
    assert line["status_code"] == 500
    assert "a cause" in line["error"]
    assert "request" not in line
    told = TextFormatter().format(record)
    assert "ERROR it failed" in told.splitlines()[0]
    assert "request_id=abc" in told
    assert "a cause" in told
