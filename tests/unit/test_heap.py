"""One heap for all threads, where the system has one to share, and for the command line and the server alone."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest

GNU = sys.platform == "linux" and hasattr(ctypes.CDLL(None), "mallopt")
SETTING = ("MALLOC_", "GLIBC_TUNABLES", "DJANGO_SETTINGS_MODULE")
ASK = "from framsyn.heap import share_one_heap; print(share_one_heap())"
# Each thread that had a heap of its own would begin it at a multiple of 64 MiB.
HEAPS = """
import sys, threading
from framsyn.heap import share_one_heap
if sys.argv[1] == "shared":
    share_one_heap()
held, ready, leave = [], threading.Barrier(5), threading.Event()
def work():
    held.append([bytearray(5000) for _ in range(400)])
    ready.wait()
    leave.wait()
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
ready.wait()
begins = [int(line.split("-")[0], 16) for line in open("/proc/self/maps")]
print(sum(start % (64 * 2**20) == 0 for start in begins))
leave.set()
"""
COMMAND = """
import sys
from framsyn.cli import main
sys.argv = ["framsyn", "schema", "--help"]
try:
    main()
except SystemExit as end:
    assert end.code == 0
"""


def ask(program: str, *words: str, **settings: str) -> str:
    plain = {key: value for key, value in os.environ.items() if not key.startswith(SETTING)}
    command = [sys.executable, "-c", program, *words]
    done = subprocess.run(command, env={**plain, **settings}, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(not GNU, reason="no GNU allocator")
def test_threads_share_a_heap_where_they_had_one_each():
    assert ask(ASK) == "True"
    assert int(ask(HEAPS, "shared")) < int(ask(HEAPS, "own"))


@pytest.mark.parametrize(
    "settings", [{"MALLOC_ARENA_MAX": "2"}, {"GLIBC_TUNABLES": "glibc.malloc.arena_max=2"}]
)
def test_who_sets_the_allocator_in_the_environment_is_left_alone(settings):
    assert ask(ASK, **settings) == "False"


def test_importing_framsyn_changes_nothing_of_the_process():
    said = ask(
        "import framsyn, framsyn.outlook.run; from framsyn.heap import share_one_heap as s; print(s.cache_info().currsize)"
    )
    assert said == "0"


@pytest.mark.skipif(not GNU, reason="no GNU allocator")
@pytest.mark.parametrize("begin", [COMMAND, "import framsyn.web.wsgi"], ids=["command line", "server"])
def test_the_command_line_and_the_server_share_one_heap(begin, tmp_path):
    program = f"{begin}\nfrom framsyn.heap import share_one_heap as s; print(s.cache_info().currsize)"
    assert ask(program, FRAMSYN_DATA=str(tmp_path), FRAMSYN_DEBUG="1").endswith("1")
