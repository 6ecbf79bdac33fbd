"""kill -9 in the middle of saving, at nine moments: each change is there whole or not at all, and the log is whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sites import Site

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork and no SIGKILL"),
]
KILLS = 9
# Each change moves two measures to the same new name, and records both: four rows in one transaction.
WRITE = """
import logging, os, random, signal, time
from django.conf import settings
from django.db import connections
from framsyn.web.actions import Actor, action
from framsyn.web.measures.models import Measure
logging.disable(logging.WARNING)

@action("measure.change")
def both(act, number):
    one, other = Measure.objects.select_for_update().filter(pk__in=["one", "other"]).order_by("pk")
    act.require(one.organisation)
    for measure in (one, other):
        before = {"title": dict(measure.title)}
        measure.title = {"nb": f"Navn {number}"}
        measure.save()
        act.record(measure, before=before, after={"title": measure.title})

dice, told = random.Random(4), 1
settings.AUDIT_SEALING = False  # no thread is there when the process forks
both(Actor.system("test"), told)  # what is read once is read
settings.AUDIT_SEALING = True
connections.close_all()
for turn in range(KILLS):
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        number = told
        try:
            while True:
                number += 1
                both(Actor.system("test"), number)
                os.write(theirs, f"{number}\\n".encode())
        finally:
            os._exit(1)
    os.close(theirs)
    # Most die in the midst of saving, some while their sealer is at work.
    time.sleep(dice.uniform(0.02, 0.3) if turn % 3 else dice.uniform(0.5, 0.7))
    os.kill(child, signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    with os.fdopen(ours) as said:
        # What it was told to be saved is; one more may have been committed and not told.
        saved = [int(line) for line in said if line.endswith("\\n")]
    told = max([told, *saved]) + 1
answer(told)
"""
FILL = """
from framsyn.web.accounts.models import Organisation
from framsyn.web.measures.models import Measure
unit = Organisation.objects.create(id="unit", kind="unit", name={"nb": "Enhet"}, short={})
from django.utils import timezone
now = timezone.now()
for name in ("one", "other"):
    Measure.objects.create(id=name, title={"nb": "Navn 0"}, organisation=unit, created_at=now, updated_at=now)
"""
LOOK = """
from framsyn.web.audit.models import Entry
from framsyn.web.measures.models import Measure
names = [Measure.objects.get(pk=name).title["nb"] for name in ("one", "other")]
logged = {
    name: [entry.after["title"]["nb"] for entry in Entry.objects.filter(object_id=name).order_by("id")]
    for name in ("one", "other")
}
answer([names, logged])
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_kill_leaves_all_of_a_change_or_nothing(
    kind: str, tmp_path: Path, environment: dict[str, str], request: pytest.FixtureRequest
) -> None:
    url = ""
    if kind == "postgresql":
        pytest.importorskip("psycopg", reason="the extra postgres is not installed")
        url = request.getfixturevalue("cluster").database()
    site = Site(tmp_path / "data", environment, url=url)
    site.run(FILL)
    told = site.run(WRITE.replace("KILLS", str(KILLS)))
    names, logged = site.run(LOOK)
    assert names[0] == names[1] == logged["one"][-1]
    assert logged["one"] == logged["other"]
    numbers = [int(name.removeprefix("Navn ")) for name in logged["one"]]
    assert len(numbers) == len(set(numbers))
    assert numbers == sorted(numbers)
    assert told - 2 * KILLS <= len(numbers) <= told
    assert len(numbers) > KILLS
    checked = site.call("audit", "verify", "--json")
    assert checked.returncode == 0, checked.stdout
    assert site.call("audit", "seal").returncode == 0
    whole_log = site.call("audit", "verify")
    assert whole_log.returncode == 0, whole_log.stdout
    assert f"{2 * len(numbers)} entries in 1 chains are sealed" in whole_log.stdout


SEVERAL = """
import datetime, os
from django.db import connections
from framsyn.web.audit import sealing
from framsyn.web.audit.models import Entry, Seal
connections.close_all()
children = []
for child in range(3):
    process = os.fork()
    if process == 0:
        try:
            for number in range(30):
                Entry.objects.create(
                    at=datetime.datetime.now(datetime.UTC), actor_name="x", action="x", object_type="x",
                    object_id=str(number),
                )
                sealing.seal()
            os._exit(0)
        finally:
            os._exit(1)
    children.append(process)
codes = [os.waitpid(process, 0)[1] for process in children]
sealing.seal()
answer([codes, Entry.objects.count(), Seal.objects.count()])
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_several_sealers_at_once_seal_everything_once(
    kind: str, tmp_path: Path, environment: dict[str, str], request: pytest.FixtureRequest
) -> None:
    url = ""
    if kind == "postgresql":
        pytest.importorskip("psycopg", reason="the extra postgres is not installed")
        url = request.getfixturevalue("cluster").database()
    site = Site(tmp_path / "data", environment, url=url, FRAMSYN_AUDIT_SEALING="0")
    assert site.run(SEVERAL) == [[0, 0, 0], 90, 90]
    checked = site.call("audit", "verify")
    assert checked.returncode == 0, checked.stdout
    assert "90 entries in 1 chains are sealed" in checked.stdout
