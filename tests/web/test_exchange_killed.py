"""An import in a process of its own, killed in the middle: all of it is there afterwards, or nothing. On both databases."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sites import Site
from workbooks import Changed

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL"),
]

SOME = 12  # rows of either kind that the workbook changes: enough for a kill among them
SET_UP = "import json; from framsyn.web.operations import start; start.set_up()\n"
LOAD = """
from pathlib import Path
from framsyn.web.actions import Actor
from framsyn.web.operations.demo import content_folder
from framsyn.web.operations.load import load_content
load_content(Actor.system("tests"), content_folder())
"""
STATE = (
    "SELECT count(*) FROM measures_measure WHERE cost = 4321.5",
    "SELECT count(*) FROM measures_task WHERE due = '2033-03-03'",
    "SELECT count(*) FROM measures_measure WHERE id LIKE 'tests-made%'",
    "SELECT count(*) FROM audit_entry WHERE actor_name = 'system: exchange'",
)
KILL = """
import os, signal
from pathlib import Path
from framsyn.web.exchange import applying
from framsyn.cli.exchange import take_in
real, seen = applying._write, []
def write(trial, change):
    real(trial, change)
    seen.append(change)
    if len(seen) == {after}:
        os.kill(os.getpid(), signal.SIGKILL)
applying._write = write
take_in(Path({file!r}))
"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> Iterator[Site]:
    """Give a site with the demo's plan."""
    url, cluster = "", None
    if request.param == "postgresql":
        pytest.importorskip("psycopg", reason="the extra postgres is not installed")
        cluster = request.getfixturevalue("cluster")
        url = cluster.database()
    made = Site(tmp_path_factory.mktemp("exchange") / "data", environment, url)
    made.run(LOAD)
    yield made
    if cluster is not None:
        cluster.drop(url)


@pytest.fixture(scope="module")
def exported(site: Site) -> bytes:
    """Return the workbook of all that the site has."""
    file = site.folder.parent / "exported.xlsx"
    done = site.call("exchange", "export", str(file), "--language", "en")
    assert done.returncode == 0, done.stderr
    return file.read_bytes()


def state(site: Site) -> list[int]:
    """Return how many rows the import has changed or made; asked past the framework."""
    if "DATABASE_URL" in site.environment:
        import psycopg

        database: Any = psycopg.connect(site.environment["DATABASE_URL"])
    else:
        database = sqlite3.connect(site.folder / "plan.sqlite3")
    with contextlib.closing(database):
        return [database.execute(question).fetchone()[0] for question in STATE]


def changed(file: Path) -> tuple[int, int]:
    """Change some measures and some tasks, and add three measures; return how many rows differ."""
    book = Changed(file.read_bytes())
    counts = []
    for kind, column, value in (("measures", "cost", 4321.5), ("tasks", "due", "2033-03-03")):
        sheet, place, ids = book.sheet(kind), book.column(kind, column), book.column(kind, "id")
        rows = [row for row in range(3, sheet.max_row + 1) if sheet.cell(row, ids).value][:SOME]
        for row in rows:
            sheet.cell(row, place).value = value
        counts.append(len(rows))
    for number in range(3):
        book.add(
            "measures",
            id=f"tests-made-{number}",
            title_nb="Nytt",
            organisation="hmn",
            phase="idea",
            standing="decided",
        )
    file.write_bytes(book.bytes)
    return counts[0], counts[1]


# First, because it leaves the shared site as it was.
def test_a_wrong_workbook_changes_nothing_and_says_where(site: Site, exported: bytes, tmp_path: Path) -> None:
    file = tmp_path / "plan.xlsx"
    book = Changed(exported)
    first = book.sheet("measures").cell(3, book.column("measures", "id")).value
    book.put("measures", first, "end", "31.02.2027")
    book.put("measures", first, "cost", 4321.5)
    file.write_bytes(book.bytes)
    done = site.call("exchange", "import", str(file))
    assert done.returncode == 1
    assert (
        f"{book.at('measures', first, 'end')}: expected a date, got “31.02.2027”; write 2027-02-28"
        in done.stdout
    )
    assert state(site) == [0, 0, 0, 0]
    if "DATABASE_URL" not in site.environment:  # what is typed wrong is so before any database is asked
        assert site.call("exchange", "export", str(file), "--plan", "nothing").returncode == 2
        assert site.call("exchange", "check", str(tmp_path / "none.xlsx")).returncode == 2


def test_an_import_that_is_killed_leaves_all_or_nothing(site: Site, exported: bytes, tmp_path: Path) -> None:
    file = tmp_path / "plan.xlsx"
    file.write_bytes(exported)
    measures, tasks = changed(file)
    rows = measures + tasks + 3
    checked = site.call("exchange", "check", str(file), "--json")
    assert checked.returncode == 0, checked.stderr
    told: dict[str, Any] = json.loads(checked.stdout)
    assert (told["done"], told["counts"]) == (False, {"new": 3, "changed": rows - 3})
    # Every row is written three times: tried when it is read, tried again before it is done, and done.
    for after in (2 * rows + rows // 2, 3 * rows):
        dead = site.process(KILL.format(after=after, file=str(file)), prepare=SET_UP)
        assert dead.returncode == -signal.SIGKILL, dead.stderr
        assert state(site) == [0, 0, 0, 0]
    done = site.call("exchange", "import", str(file))
    assert done.returncode == 0, done.stderr
    assert "All of it is done." in done.stdout
    assert state(site) == [measures, tasks, 3, rows]
    again = site.call("exchange", "export", str(tmp_path / "again.xlsx"))
    assert again.returncode == 0
    assert "0 changes" in site.call("exchange", "check", str(tmp_path / "again.xlsx")).stdout
