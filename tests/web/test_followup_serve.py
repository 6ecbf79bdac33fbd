"""The daily run beside a site that is served, and the commands, in processes of their own against a real mail server."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from mail_server import serving
from sites import Server, Site

SECONDS = 180  # the machine may be busy
CONTENT = """
import datetime
from django.contrib.auth import get_user_model
from django.utils import timezone
from framsyn.web.accounts.models import Organisation
from framsyn.web.followup.models import Letter, Reminder
from framsyn.web.measures.models import Assignment, Measure
place = Organisation.objects.create(pk="rha", kind="health_authority", name={"nb": "RHF"}, short={"nb": "RHF"})
made = timezone.make_aware(datetime.datetime(2026, 6, 1))
user = get_user_model().objects.create_user("kari", email="kari@example.org")
measure = Measure.objects.create(pk="a", title={"nb": "Tiltak a"}, organisation=place, phase="under_way",
                                 start=made.date(), created_at=made, updated_at=made)
Assignment.objects.create(measure=measure, role="owner", organisation=place, person=user, valid_from=made.date())
now, today = timezone.now(), timezone.localdate()
letter = Letter.objects.create(person=user, kind="link", day=today, next_try_at=now, created_at=now)
Reminder.objects.create(letter=letter, person=user, kind="measure", thing="a", what="report", period="", step="link",
                        day=today, due=today)
"""
# What is under way since today asks for nothing yet, whatever day the tests are run on.
BEGUN_TODAY = """
from django.utils import timezone
from framsyn.web.measures.models import Assignment, Measure
now, today = timezone.now(), timezone.localdate()
Measure.objects.update(start=today, created_at=now, updated_at=now)
Assignment.objects.update(valid_from=today)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Site:
    folder = tmp_path_factory.mktemp("served") / "data"
    made = Site(folder, environment)
    made.run(CONTENT)
    (folder / "follow-up.toml").write_text('send_from = "00:00"\n', encoding="utf-8")
    return made


def beside(server: int) -> list[int]:
    """Return the processes that do the daily work beside a server."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:  # it has just ended
            continue
        if str(server).encode() in words and any(b"followup" in word for word in words):
            found.append(int(path.parent.name))
    return found


def test_a_dry_run_tells_and_changes_nothing(site: Site) -> None:
    done = site.call("followup", "remind", "--today", "2026-12-17", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [(one["person"], one["id"], one["period"], one["step"]) for one in told["reminders"]] == [
        ("kari", "a", "2026-T3", "-14")
    ]
    assert site.call("followup", "remind", "--today", "2026-12-17", "--dry-run").stdout.count("2026-T3") == 1
    free = json.loads(site.call("followup", "remind", "--today", "2026-12-25", "--dry-run", "--json").stdout)
    assert (free["reminders"], free["resting"]) == ([], "not a working day")
    wrong = site.call("followup", "remind", "--today", "tomorrow")
    assert (wrong.returncode, "bad-day" in wrong.stderr) == (2, True)


def test_the_radar_in_the_terminal(site: Site) -> None:
    told = json.loads(site.call("followup", "radar", "--json").stdout)
    assert (told["followed"], told["owners"]) == (1, 1)
    assert [one["id"] for one in told["never_updated"]] == ["a"]
    wrong = site.call("followup", "radar", "--organisation", "nowhere")
    assert wrong.returncode == 2
    assert "rha" in wrong.stderr


def test_a_served_site_sends_by_itself_and_ends_with_the_server(site: Site) -> None:
    site.run(BEGUN_TODAY)
    assert json.loads(site.call("followup", "remind", "--dry-run", "--json").stdout)["reminders"] == []
    with serving() as mail:
        site.environment["FRAMSYN_EMAIL_URL"] = f"smtp://127.0.0.1:{mail.port}?from=plan@example.org"
        with Server(site, "--workers", "1") as running:
            until = time.monotonic() + SECONDS
            while not mail.taken and time.monotonic() < until:
                time.sleep(0.1)
            number = running.process.pid
            started = beside(number)
            assert started or not Path("/proc/self").is_dir()
        del site.environment["FRAMSYN_EMAIL_URL"]
        assert [one["To"] for one in mail.taken] == ["kari@example.org"]
        until = time.monotonic() + SECONDS
        while any(Path(f"/proc/{one}").exists() for one in started) and time.monotonic() < until:
            time.sleep(0.1)
        assert not [one for one in started if Path(f"/proc/{one}").exists()]
        assert "Traceback" not in running.told()
