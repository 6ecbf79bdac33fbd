"""Two hundred edits of one goal at the same time: none is lost, none is doubled, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PEOPLE, EDITS = 10, 200
SCRIPT = Path(__file__).parents[1] / "support" / "concurrent_edits.py"


def edited(environment: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Let ten people make two hundred edits in each way, and return what stands there."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(PEOPLE), str(EDITS)],
        env={**os.environ, "PYTHONPATH": str(SCRIPT.parents[2] / "src"), **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Return the environment of a new, empty database of each kind."""
    own = {"FRAMSYN_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "framsyn.web.settings"}
    if request.param == "sqlite":
        return own | {"DATABASE_URL": f"sqlite:///{(tmp_path / 'plan.sqlite3').as_posix()}"}
    return own | {"DATABASE_URL": request.getfixturevalue("cluster").database()}


@pytest.mark.slow
def test_two_hundred_edits_of_one_goal_all_land_once(database: dict[str, str]) -> None:
    every = [f"edit-{number}" for number in range(EDITS)]
    for way, found in edited(database).items():
        assert sorted(found["logged"]) == sorted(every), way  # each once in the log, no more and no less
        assert found["decisions"] == EDITS
        assert found["chain"] == found["logged"]  # one unbroken line of decisions, in the order of the log
        assert found["before"] == [None, *found["logged"][:-1]]  # each saw the one before it
        # With a number, whoever was late is told so and tries again; without one nobody is.
        assert (found["stale"] > 0) == (way == "seen")
