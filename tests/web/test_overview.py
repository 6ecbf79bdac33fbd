"""The overview of the follow-up: one sentence, counts that are kept apart, what changed, what comes."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from site_pages import parse

from framsyn.web.actions import Actor
from framsyn.web.goals.queries import status_counts
from framsyn.web.measures import actions as measures
from framsyn.web.measures.models import Measure
from framsyn.web.overview.queries import kept_overview, overview, sentence
from framsyn.web.thread.dead_ends import dead_ends

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({}, "No plan with goals is in force yet."),
        ({"reached": 1}, "Of 1 goal, 1 is reached or on the way."),
        (
            {"at_risk": 2, "outside": 1, "missed": 1},
            "Of 4 goals, 3 are at risk and 1 was not reached in time.",
        ),
    ],
)
def test_the_sentence_says_what_is_counted(counts: dict[str, int], said: str) -> None:
    assert sentence(counts, sum(counts.values())) == said


def test_the_numbers_are_those_of_the_pages_that_they_lead_to() -> None:
    page = overview()
    assert [(one.code, one.number) for one in page.goals] == status_counts()
    assert page.total == sum(one.number for one in page.goals)
    for _name, _title, counts in page.measures:
        assert sum(one.number for one in counts) == page.measures_total == Measure.objects.count()
        for one in counts:
            listed = parse(Client().get(f"{one.address}&lang=en").content.decode())
            assert listed.all("p", class_="found")[0].text.startswith(f"{one.number} measure"), one.address
    assert page.dead_ends_total == len(dead_ends())


def test_what_changed_is_counted_from_a_chosen_day(editor: Any) -> None:
    today = timezone.localdate()
    before = overview(since=today).changes.total
    measures.report(SYSTEM, Measure.objects.get(pk="home-hospital"), status="on_plan", text="", date=today)
    after = overview(since=today).changes
    assert after.total == before + 1
    assert after.newest[0].object_id == "home-hospital"
    assert overview(since=today + datetime.timedelta(days=1)).changes.total == 0
    answer = Client().get("/follow-up/?since=2026-01-01&lang=en").content.decode()
    assert 'value="2026-01-01"' in answer
    for wrong in ("?since=tomorrow", "?since=2026-13-01", "?plan=nothing"):
        assert Client().get(f"/follow-up/{wrong}").status_code == 404


def test_it_is_made_once_for_each_change() -> None:
    kept_overview()
    with CaptureQueriesContext(connection) as asked:
        before = kept_overview()
    assert len(asked) == 2
    measures.change(SYSTEM, Measure.objects.get(pk="home-hospital"), phase="stopped")
    after = kept_overview()
    assert after is not before
    assert dict((one.code, one.number) for one in after.measures[0][2])["stopped"] >= 1


def test_the_first_screen_is_one_sentence_and_one_picture() -> None:
    page = parse(Client().get("/follow-up/?lang=en").content.decode())
    assert page.all("h1")[0].text.startswith("Of 4")
    marks = page.all("span", class_="tally__marks")
    assert sum(len(one.all("svg")) for one in marks) == overview().total
    rows = Client().get("/follow-up/follow-up.csv").content.decode().splitlines()
    assert rows[0] == "what,by,code,number"
    assert len(rows) > 8


def test_home_tells_those_who_are_logged_in_what_comes_next(reader: Any) -> None:
    assert "next-events" not in Client().get("/").content.decode()
    client = Client()
    client.force_login(reader)
    assert parse(client.get("/").content.decode()).all("h2", id="next-events")
