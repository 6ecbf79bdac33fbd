"""Backups: one state while people write, whole or not at all, the same in either database, readable by later versions."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sites import COMMAND, Site

DATA = Path(__file__).parent / "data"
BARE = "import json; from framsyn.web.operations import start; start.set_up()\n"

# The demo's content and, in tables that it leaves empty, rows with all that is awkward to carry.
FILL = """
import datetime, pathlib
from django.contrib.auth import get_user_model
from django.utils import timezone
from framsyn.web.actions import Actor
from framsyn.web.accounts.models import Organisation
from framsyn.web.operations import demo
from framsyn.web.goals.models import Choice, GoalDecision, Override
from framsyn.web.indicators.models import Break, Indicator, Observation
from framsyn.web.measures.models import Assignment, Measure, StatusReport
from framsyn.web.outlooks.models import Explanation, Run, Series
from framsyn.web.plan.models import Decision, Edit, Element, Plan, Version

demo.load(Actor.system("test"))
now = datetime.datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=datetime.UTC)  # the hour that is skipped in Oslo
day = datetime.date(2026, 2, 28)
user = get_user_model().objects.get(username="demo-editor")
hmn, indicator = Organisation.objects.get(pk="hmn"), Indicator.objects.first()
element, measure = Element.objects.first(), Measure.objects.first()
awkward = "Sør-Trøndelag \\u2212 «90\\u00a0%»\\n\\ttab \\U0001f9ed \\\\ ' \\" </script>"
decision = Decision.objects.create(title={"nb": awkward}, organisation=hmn, date=day, text={})
Break.objects.create(indicator=indicator, date=day, text={"nn": awkward})
for number, value in enumerate((0.1 + 0.2, 1e-300, -0.0, 123456789012345.678, None)):
    Observation.objects.create(
        indicator=indicator, place="1", period_start=day, period_end=day + datetime.timedelta(days=number),
        value=value, data_through=day, created_at=now, created_by=user, hidden=value is None, note={"nb": awkward},
    )
goal = GoalDecision.objects.first()
Override.objects.create(decision=goal, status="at_risk", reason=awkward, expires=day, created_at=now, created_by=user)
Choice.objects.update_or_create(
    element=Element.objects.filter(kind="choice").first() or element,
    defaults={"options": [{"nb": "A"}, {"nb": "B", "en": awkward}], "chosen": 1, "decision": decision},
)
Assignment.objects.create(measure=measure, role="owner", organisation=hmn, person=user, valid_from=day)
StatusReport.objects.create(measure=measure, date=day, status="stuck", text=awkward, created_at=now, created_by=user)
old = Run.objects.create(
    id="b" * 64, region="midt-norge", scenario="x", label={}, draws=1, manifest={"a": None}, stored_at=now
)
run = Run.objects.create(
    id="a" * 64, region="midt-norge", scenario="plan", label={"nb": "å"}, draws=20,
    manifest={"seed": 1, "parts": [1.5, True]}, stored_at=now, is_main=True, baseline=old,
)
Series.objects.create(run=run, quantity="beds", place="region", years=[2025, 2040], values={"p50": [1.0, 0.1 + 0.2]})
Explanation.objects.create(
    run=run, quantity="beds", year=2040, before=1.0, after=2.0, effects=[{"name": "x", "effect": 1e-9}]
)
version = Version.objects.filter(state="draft").first() or Version.objects.create(
    plan=Plan.objects.first(), number=99, label={}, created_at=now
)
Edit.objects.create(
    version=version, sequence=1, kind="change_text", element=element, at=now, by=user, before={}, after={"x": None}
)
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from framsyn.web.accounts.models import ExternalIdentity, RateWindow
from framsyn.web.api.models import ApiToken
from framsyn.web.assumptions.models import Objection, Share
from framsyn.web.attainment.models import AttainmentResult
from framsyn.web.drafts.models import FormDraft
from framsyn.web.followup.models import Letter, LetterChoice, Lock, Read, Reminder, Ticket
from framsyn.web.notes.models import Note
from framsyn.web.plan_import.models import Upload
from framsyn.web.scenarios.models import Comparison, Reading, SavedScenario
from framsyn.web.voice.models import Report
from framsyn.web.wheel.models import Event

ExternalIdentity.objects.create(user=user, provider="own", issuer="https://login.example.org", subject=awkward)
StaticDevice.objects.create(user=user, name="å", last_used_at=now).token_set.create(token="abcd2345")
TOTPDevice.objects.create(user=user, name="å", key="0f" * 20, last_t=2**40, drift=-1)
ApiToken.objects.create(
    user=user, name="å", key="k" * 12, digest="d" * 64, organisation=hmn, created_at=now, expires=day, last_used=day
)
letter = Letter.objects.create(
    person=user, day=day, state="unsure", tries=2, next_try_at=now, created_at=now, claimed_at=now, trouble=awkward
)
Reminder.objects.create(
    letter=letter, person=user, kind="measure", thing=measure.pk, what="report", period="2026-T1", step="first",
    day=day, due=day,
)
Ticket.objects.create(
    digest="e" * 64, person=user, letter=letter, kind="measure", thing=measure.pk, created_at=now, expires_at=now
)
LetterChoice.objects.create(person=user, language="nn", away_from=day, quiet_days=[0, 6])
Read.objects.create(person=user, entry=2**40)
Note.objects.create(measure=measure, text=awkward, author=user, at=now, organisation=hmn, resolved_at=now)
Report.objects.create(
    subject="figure", figure="beds", wrong=awkward, language="nn", organisation=hmn, status="corrected", answer=awkward,
    received_at=now, due=day, handler=user, answered_at=now, correction={"nb": awkward},
)
Event.objects.update_or_create(
    id="trial", defaults={
        "organisation": hmn, "title": {"nb": awkward}, "kind": "board", "month": 12, "day": 31, "end_month": 1,
        "end_day": 2, "every": 0, "year": 2027, "element": element, "created_at": now, "updated_at": now,
    },
)
own = SavedScenario.objects.create(
    slug="trial-1", owner=user, organisation=hmn, name={"nb": awkward}, toml=awkward, origin="plan", created_at=now,
    updated_at=now, tables={"beds": "f" * 64}, manifest={"id": "a" * 64, "seed": 1}, visibility="published",
    published_at=now, locked_at=now, locked_by=user, decided_by={"nb": awkward}, case_number="1/2026", decided_on=day,
)
readings = [
    Reading.objects.create(
        id=mark * 64, manifest={"seed": 1}, lines=[{"p50": [0.1 + 0.2, None]}], causes=[], areas={"1508": {"2040": 1e-9}},
        sample={"years": [2040]}, text={"nn": awkward}, computed_at=now,
    )
    for mark in "cd"
]
Comparison.objects.create(first=readings[0], second=readings[1], causes=[{"effect": -0.1 - 0.2, "of": 1e-300}], made_at=now)
Objection.objects.create(
    assumption="home_hospital", scenario="plan", kind="fact", text=awkward, author=user, at=now, organisation=hmn
)
Share.objects.create(
    run="a" * 64, scenario_digest="b" * 64, quantity="need", year=2040, assumption="home_hospital", total=0.1 + 0.2,
    low=0.1, high=0.4, size=32, computed_at=now,
)
AttainmentResult.objects.create(
    decision=goal, scenario="plan", label={"nb": awkward}, run="a" * 64, digest="b" * 64, draws=20, probability=1 / 3,
    found={"all": 0.1 + 0.2}, made_at=now,
)
# What stays behind.
RateWindow.objects.create(id="x", until=now)
Lock.objects.create(name="daily", holder="x", until=now)
FormDraft.objects.create(user=user, form="/x/", fields={"a": [awkward]}, saved_at=now)
Upload.objects.create(organisation=hmn, name="å.pdf", size=1, created_at=now, found={})
from framsyn.web.audit import sealing
while sealing.seal(everything=True).busy:
    pass
"""
COUNTS = "from framsyn.web.operations.backup import back_up, restore; import pathlib\n"


@pytest.fixture(scope="module")
def full(
    tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> tuple[Site, dict[str, Any], Path]:
    """Return a site with something in every table, what its tables hold, and its backup."""
    site = Site(tmp_path_factory.mktemp("full") / "data", environment)
    file = site.folder.parent / "full.zip"
    held = site.run(FILL + "answer(digest())")
    done = site.call("backup", str(file))
    assert done.returncode == 0, done.stderr
    return site, held, file


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(
    request: pytest.FixtureRequest, tmp_path: Path, environment: dict[str, str]
) -> Callable[[str], Site]:
    """Return a function that gives a new, empty site of either database."""
    urls = []

    def make(name: str = "data", kind: str = request.param) -> Site:
        url = ""
        if kind == "postgresql":
            pytest.importorskip("psycopg", reason="the extra postgres is not installed")
            cluster = request.getfixturevalue("cluster")
            url = cluster.database()
            urls.append((cluster, url))
        return Site(tmp_path / name, environment, url=url)

    yield make
    for cluster, url in urls:
        cluster.drop(url)


def test_every_table_is_in_the_trial(full: tuple[Site, dict[str, Any], Path]) -> None:
    _, held, file = full
    empty = {name for name, (rows, _) in held.items() if not rows}
    assert empty <= {"auth_group", "auth_group_permissions", "auth_user_groups", "auth_user_user_permissions",
                     "measures_measure_origins"}  # fmt: skip
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert archive.testzip() is None
    assert {name: about["rows"] for name, about in manifest["tables"].items()} == {
        name: rows for name, (rows, _) in held.items() if name in manifest["tables"]
    }
    assert set(held) - set(manifest["tables"]) == {"auth_group_permissions", "auth_user_user_permissions"}
    assert file.stat().st_mode & 0o077 == 0 or sys.platform == "win32"


def test_nothing_is_lost_on_the_way_there_and_back(
    fresh: Callable[..., Site], full: tuple[Site, dict[str, Any], Path], tmp_path: Path
) -> None:
    _, held, file = full
    there, again = fresh("there"), tmp_path / "again.zip"
    done = there.call("restore", str(file))
    assert done.returncode == 0, done.stderr
    assert "tables restored" in done.stdout
    assert there.digest() == held
    assert there.call("backup", str(again)).returncode == 0
    back = fresh("back", "sqlite")
    assert back.call("restore", str(again)).returncode == 0
    assert back.digest() == held
    # New rows get new numbers, people log in, and what was frozen still is.
    after = there.run(
        """
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction
from framsyn.web.plan.models import Node, Version
from framsyn.web.search.queries import find
from framsyn.web.actions import Actor
from framsyn.web.accounts.actions import add_user
from framsyn.web.audit.models import Entry
last = Entry.objects.last().pk
add_user(Actor.system("test"), "new", "correct horse battery", role="reader")
frozen = False
try:
    with transaction.atomic():
        Node.objects.filter(version__state="published").first().delete()
except Exception as error:
    frozen = "frozen" in str(error)
from framsyn.web.scenarios.models import SavedScenario
locked = False
try:
    with transaction.atomic():
        SavedScenario.objects.filter(slug="trial-1").update(toml="")
except Exception as error:
    locked = "locked" in str(error)
answer({
    "next": Entry.objects.last().pk - last,
    "locked": locked,
    "known": authenticate(username="demo-editor", password="write-the-plan-2040") is not None,
    "frozen": frozen,
    "found": len(find("ventetid", "nb").groups) > 0,
    "permissions": __import__("django.contrib.auth.models", fromlist=["x"]).Permission.objects.count() > 10,
})
"""
    )
    assert after == {
        "next": 1, "known": True, "frozen": True, "locked": True, "found": True, "permissions": True
    }  # fmt: skip


# ---------------------------------------------------------------- while people write
WRITE = """
import pathlib, sys
from django.db import transaction
from framsyn.web.accounts.models import Organisation
from framsyn.web.plan.models import Plan
stop, count = pathlib.Path(sys.argv[1]), 0
while not stop.exists():
    with transaction.atomic():
        number = Organisation.objects.select_for_update().get(pk="pair").position + 1
        Organisation.objects.filter(pk="pair").update(position=number)
        Plan.objects.filter(pk="pair").update(position=number)
    count += 1
print("wrote", count, flush=True)
"""
PAIR = """
from framsyn.web.accounts.models import Organisation
from framsyn.web.audit.models import Entry
from framsyn.web.plan.models import Plan
from django.utils import timezone
owner = Organisation.objects.create(id="pair", kind="unit", name={}, short={})
Plan.objects.create(id="pair", kind="folder", organisation=owner, title={})
# Many rows between the two tables, so that people write while they are read.
Entry.objects.bulk_create(
    [Entry(at=timezone.now(), actor_name="x", action="x", object_type="x", object_id=str(n)) for n in range(12_000)]
)
"""
SEVERAL = """
import time, zipfile
from framsyn.web.accounts.models import Organisation
def position():
    return Organisation.objects.get(pk="pair").position
found, during, last = [], 0, 0
for number in range(4):
    while position() <= last:  # somebody has written since the last backup
        time.sleep(0.01)
    before = position()
    file = pathlib.Path(f"pair-{number}.zip")
    manifest = back_up(file)
    during += position() - before
    with zipfile.ZipFile(file) as archive:
        pair = []
        for table in ("accounts_organisation", "plan_plan"):
            place = manifest["tables"][table]["columns"].index("position")
            pair.append(json.loads(archive.read(f"tables/{table}.jsonl"))[place])
    found.append([before, *pair, position()])
    last = pair[0]
answer([found, during])
"""


def test_a_backup_never_shows_half_of_a_change(fresh: Callable[..., Site]) -> None:
    site = fresh()
    site.run(PAIR)
    stop = site.folder.parent / "stop"
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", BARE + WRITE, str(stop)],
            env=site.environment, cwd=site.folder.parent, stdout=subprocess.PIPE, encoding="utf-8",
        )
        for _ in range(2)
    ]  # fmt: skip
    try:
        taken, during = site.run(COUNTS + SEVERAL, prepare=BARE)
    finally:
        stop.touch()
        wrote = sum(int(writer.communicate()[0].split()[1]) for writer in writers)
    assert [writer.returncode for writer in writers] == [0, 0]
    assert [one for _, one, _, _ in taken] == [other for _, _, other, _ in taken]
    assert all(before <= one <= after for before, one, _, after in taken)
    assert during > 0, "nobody could write while a backup was taken"
    assert (
        site.run("from framsyn.web.plan.models import Plan; answer(Plan.objects.get(pk='pair').position)")
        == wrote
    )


ACT = """
import logging, pathlib, sys
from framsyn.web.accounts.models import Organisation
from framsyn.web.actions import Actor, action
logging.disable(logging.WARNING)

@action("measure.change")
def change(act, number):
    unit = Organisation.objects.get(pk="unit")
    act.require(unit if number % 3 else None)
    act.record(unit, before={"number": number - 1}, after={"number": number, "share": number / 7})

stop, number = pathlib.Path(sys.argv[1]), 0
while not stop.exists():
    number += 1
    change(Actor.system("test"), number)
"""


def test_a_backup_under_load_restores_to_a_log_that_is_whole(fresh: Callable[..., Site]) -> None:
    site = fresh()
    site.run("from framsyn.web.accounts.models import Organisation\n"
             "Organisation.objects.create(id='unit', kind='unit', name={'nb': 'Enhet'}, short={})")  # fmt: skip
    stop, files = site.folder.parent / "stop", []
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", BARE + ACT, str(stop)],
            env=site.environment, cwd=site.folder.parent, stderr=subprocess.PIPE, encoding="utf-8",
        )
        for _ in range(3)
    ]  # fmt: skip
    try:
        time.sleep(2.0)
        for number in range(2):
            files.append(site.folder.parent / f"load-{number}.zip")
            assert site.call("backup", str(files[-1])).returncode == 0
    finally:
        stop.touch()
        said = [writer.communicate()[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0], said
    counts = []
    for file in files:
        with zipfile.ZipFile(file) as archive:
            tables = json.loads(archive.read("manifest.json"))["tables"]
        counts.append((tables["audit_entry"]["rows"], tables["audit_seal"]["rows"]))
    assert counts[1][0] > counts[0][0], "nobody wrote between the two backups"
    assert counts[1][1] > 0
    other = fresh("other", "sqlite" if "DATABASE_URL" in site.environment else "postgresql")
    assert other.call("restore", str(files[1])).returncode == 0
    # The key is no part of a backup: it goes its own way, as the how-to says.
    (other.folder / "secret-key").write_text(
        (site.folder / "secret-key").read_text(encoding="utf-8"), encoding="utf-8"
    )
    checked = other.call("audit", "verify", "--json")
    assert checked.returncode == 0, checked.stdout
    found = json.loads(checked.stdout)
    assert (found["entries"] + found["waiting"], found["entries"]) == counts[1]
    assert other.call("audit", "seal").returncode == 0
    again = other.call("audit", "verify", "--json")
    assert again.returncode == 0, again.stdout
    assert json.loads(again.stdout)["entries"] == counts[1][0]
    refused = other.run(
        """
from django.db import IntegrityError
from framsyn.web.audit.models import Entry, Seal
found = []
for change in (lambda: Entry.objects.update(reason="x"), lambda: Seal.objects.all().delete()):
    try:
        change()
    except IntegrityError as error:
        found.append("only grows" in str(error))
answer(found)
"""
    )
    assert refused == [True, True]


# ---------------------------------------------------------------- stopped, damaged, newer, not empty
KILL = """
import os, signal
from framsyn.web.operations import backup
real, seen = backup.read_table, []
def read_table(archive, model, tables):
    real(archive, model, tables)
    seen.append(model)
    if len(seen) == {after}:
        os.kill(os.getpid(), signal.SIGKILL)
if {after}:
    backup.read_table = read_table
else:
    backup.apps_at = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
backup.restore(__import__("pathlib").Path({file!r}))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
def test_a_restore_that_is_killed_leaves_an_empty_database(
    fresh: Callable[..., Site], full: tuple[Site, dict[str, Any], Path]
) -> None:
    _, held, file = full
    site = fresh()
    with zipfile.ZipFile(file) as archive:
        tables = len(json.loads(archive.read("manifest.json"))["tables"])
    for after in (0, 1, tables):
        done = site.process(KILL.format(after=after, file=str(file)), prepare=BARE)
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert site.rows() == 0
    done = site.call("restore", str(file))
    assert done.returncode == 0, done.stderr
    assert site.digest() == held


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
def test_a_restore_killed_at_any_moment_leaves_all_or_nothing(
    fresh: Callable[..., Site], full: tuple[Site, dict[str, Any], Path]
) -> None:
    _, held, file = full
    site = fresh()
    running = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "restore", str(file)],
        env=site.environment, cwd=site.folder.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    time.sleep(2.5)
    running.kill()
    running.communicate()
    if site.rows():
        assert site.digest() == held
    else:
        assert site.call("restore", str(file)).returncode == 0


# Between a migration and the note that it was made, where a kill once left tables that no later start could make.
KILL_AT_NOTE = """
import os, signal
from django.db.migrations.recorder import MigrationRecorder
real = MigrationRecorder.record_applied
def record_applied(self, app, name):
    if app == "measures":
        os.kill(os.getpid(), signal.SIGKILL)
    real(self, app, name)
MigrationRecorder.record_applied = record_applied
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
@pytest.mark.parametrize("by", ["restore", "start"])
def test_a_kill_while_the_tables_are_made_leaves_no_half_step(
    fresh: Callable[..., Site], full: tuple[Site, dict[str, Any], Path], by: str
) -> None:
    _, held, file = full
    site = fresh()
    work = {
        "restore": f"from framsyn.web.operations import backup\nbackup.restore(__import__('pathlib').Path({str(file)!r}))",
        "start": "start.bring_up_to_date()",
    }
    done = site.process(KILL_AT_NOTE + work[by], prepare=BARE)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert site.rows() == 0
    done = site.call("restore", str(file))
    assert done.returncode == 0, done.stderr
    assert site.digest() == held


def rewritten(file: Path, target: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> Path:
    """Write a backup anew with its manifest or its tables changed."""
    with zipfile.ZipFile(file) as archive:
        tables = {name: archive.read(name) for name in archive.namelist() if name != "manifest.json"}
        manifest = json.loads(archive.read("manifest.json"))
    change(manifest, tables)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in tables.items():
            archive.writestr(name, content)
        archive.writestr("manifest.json", json.dumps(manifest))
    return target


def lose_a_row(_manifest: dict[str, Any], tables: dict[str, bytes]) -> None:
    tables["tables/plan_wording.jsonl"] = tables["tables/plan_wording.jsonl"].split(b"\n", 1)[1]


def change_a_letter(_manifest: dict[str, Any], tables: dict[str, bytes]) -> None:
    tables["tables/plan_wording.jsonl"] = tables["tables/plan_wording.jsonl"].replace(b"e", b"a", 1)


def lose_a_table(_manifest: dict[str, Any], tables: dict[str, bytes]) -> None:
    del tables["tables/audit_entry.jsonl"]


def come_from_the_future(manifest: dict[str, Any], _tables: dict[str, bytes]) -> None:
    manifest["migrations"].append(["plan", "9999_from_the_future"])
    manifest["version"] = "99.0"


def be_of_another_format(manifest: dict[str, Any], _tables: dict[str, bytes]) -> None:
    manifest["format"] = 2


@pytest.mark.parametrize(
    ("change", "code", "word"),
    [
        (lose_a_row, "backup-damaged", "plan_wording"),
        (change_a_letter, "backup-damaged", "plan_wording"),
        (lose_a_table, "backup-damaged", "audit_entry"),
        (come_from_the_future, "backup-newer", "99.0"),
        (be_of_another_format, "not-a-backup", "format"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_is_not_whole_or_too_new_is_refused(
    change: Any,
    code: str,
    word: str,
    full: tuple[Site, dict[str, Any], Path],
    tmp_path: Path,
    environment: dict[str, str],
) -> None:
    site = Site(tmp_path / "data", environment)
    done = site.call("restore", str(rewritten(full[2], tmp_path / "changed.zip", change)))
    assert done.returncode == 2
    assert code in done.stderr
    assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert site.rows() == 0


@pytest.mark.parametrize("harm", ["bits", "end", "nothing", "text", "folder"])
def test_a_file_that_is_no_backup_is_refused(
    harm: str, full: tuple[Site, dict[str, Any], Path], tmp_path: Path, environment: dict[str, str]
) -> None:
    content = full[2].read_bytes()
    file = tmp_path / "harmed.zip"
    if harm == "bits":  # in the middle of a packed table
        middle = len(content) // 2
        turned = bytes(byte ^ 0xFF for byte in content[middle : middle + 64])
        file.write_bytes(content[:middle] + turned + content[middle + 64 :])
    elif harm == "end":
        file.write_bytes(content[: len(content) // 2])
    elif harm == "text":
        file.write_text("a letter", encoding="utf-8")
    elif harm == "folder":
        file.mkdir()
    site = Site(tmp_path / "data", environment)
    done = site.call("restore", str(file))
    assert done.returncode == 2
    assert ("backup-damaged" if harm == "bits" else "not-a-backup") in done.stderr
    assert "Traceback" not in done.stderr
    assert site.rows() == 0


def test_nothing_is_restored_over_something(
    fresh: Callable[..., Site], full: tuple[Site, dict[str, Any], Path]
) -> None:
    site = fresh()
    site.run(PAIR)
    before = site.digest()
    done = site.call("restore", str(full[2]))
    assert done.returncode == 2
    assert "database-not-empty" in done.stderr
    assert "--data" in done.stderr
    assert site.digest() == before


def test_an_existing_backup_stays_when_the_new_one_fails(
    full: tuple[Site, dict[str, Any], Path], tmp_path: Path
) -> None:
    site, _, _ = full
    file = tmp_path / "kept.zip"
    file.write_text("the last good one", encoding="utf-8")
    done = site.process(
        COUNTS + "from framsyn.web.operations import backup\n"
        "def fail(*_): raise OSError(28, 'No space left on device')\n"
        f"backup.write_table = fail\nback_up(pathlib.Path({str(file)!r}))",
        prepare=BARE,
    )
    assert "No space left" in done.stderr
    assert file.read_text(encoding="utf-8") == "the last good one"
    assert list(tmp_path.iterdir()) == [file]


# ---------------------------------------------------------------- from the first release on
def first_backup(target: Path) -> tuple[Path, dict[str, list[list[Any]]]]:
    """Build the backup of the first schema from its text: a manifest, then one row a line."""
    lines = (DATA / "first-schema.jsonl").read_text(encoding="utf-8").splitlines()
    manifest, *rows = [json.loads(line) for line in lines]
    found: dict[str, list[list[Any]]] = {name: [] for name in manifest["tables"]}
    for row in rows:
        found[row["table"]].append(row["row"])
    with zipfile.ZipFile(target, "w") as archive:
        for name, about in manifest["tables"].items():
            content = "".join(json.dumps(row) + "\n" for row in found[name]).encode()
            about |= {"rows": len(found[name]), "sha256": hashlib.sha256(content).hexdigest()}
            archive.writestr(f"tables/{name}.jsonl", content)
        archive.writestr("manifest.json", json.dumps(manifest))
    return target, found


def test_a_backup_of_the_first_schema_comes_up_to_date(fresh: Callable[..., Site], tmp_path: Path) -> None:
    file, rows = first_backup(tmp_path / "first.zip")
    site = fresh()
    done = site.call("restore", str(file))
    assert done.returncode == 0, done.stderr
    found = site.run(
        """
from django.apps import apps
from framsyn.web.operations.start import read_migrations
from framsyn.web.plan.models import Node
executor = read_migrations()
refused = ""
try:
    Node.objects.filter(version__state="published").update(position=7)
except Exception as error:
    refused = str(error)
answer({
    "waiting": len(executor.migration_plan(executor.loader.graph.leaf_nodes())),
    "rows": {model._meta.db_table: model._base_manager.count() for model in apps.get_models(include_auto_created=True)},
    "titles": sorted(str(node.wording.title) for node in Node.objects.select_related("wording")),
    "refused": refused,
})
"""
    )
    assert found["waiting"] == 0
    assert {name: found["rows"][name] for name in rows} == {name: len(table) for name, table in rows.items()}
    assert found["titles"] == ["Et mål", "Hovedmål", "Utkast"]
    assert "frozen version" in found["refused"]
