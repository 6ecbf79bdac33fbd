"""Who goes first among those who ask for answers: in one process, and between processes."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from framsyn.web.explorer.turns import Turns

HURRY = """
import sys, time
from pathlib import Path
from framsyn.web.explorer.turns import Turns
with Turns(Path(sys.argv[1])).hurry():
    print("in", flush=True)
    sys.stdin.readline()
"""


def test_work_stops_while_somebody_is_in_a_hurry_and_goes_on_after() -> None:
    turns = Turns()
    courtesy = turns.courtesy(30.0)
    courtesy()  # nobody is
    went_on = threading.Event()
    with turns.hurry():
        with turns.hurry():
            work = threading.Thread(target=lambda: (courtesy(), went_on.set()))
            work.start()
        assert not went_on.wait(0.1)
    assert went_on.wait(20)
    work.join()


def test_patience_ends() -> None:
    turns = Turns()
    courtesy = turns.courtesy(0.05)
    with turns.hurry():
        courtesy()
        began = time.monotonic()
        for _ in range(100):
            courtesy()  # nothing is left
    assert courtesy.left <= 0
    assert time.monotonic() - began < 5


@pytest.mark.skipif(sys.platform == "win32", reason="locks on files are of POSIX")
def test_workers_tell_each_other_and_one_that_is_killed_is_in_no_hurry(tmp_path: Path) -> None:
    path = tmp_path / "turns"
    mine = Turns(path)
    with mine.hurry():
        assert mine.is_anybody()
    assert not mine.is_anybody()
    with subprocess.Popen(
        [sys.executable, "-c", HURRY, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "in"
        assert mine.is_anybody()
        with mine.hurry():  # two may be in a hurry at once
            assert mine.hurried == 1
        assert mine.is_anybody()
        other.kill()
    assert not mine.is_anybody()


@pytest.mark.skipif(sys.platform == "win32", reason="locks on files are of POSIX")
def test_a_file_that_cannot_be_locked_leaves_each_worker_to_itself(tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    beside.write_text("")
    (tmp_path / "link").symlink_to(beside)
    for path in (tmp_path / "no-such-folder" / "turns", tmp_path / "link"):
        turns = Turns(path)
        assert not turns.is_anybody()
        with turns.hurry():
            assert turns.is_anybody()
