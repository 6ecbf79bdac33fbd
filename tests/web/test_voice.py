"""The voice of the reader: a report without login, its queue, its answer, and what is kept of the one who wrote."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from site_pages import parse

from framsyn.errors import PlanError
from framsyn.web.accounts.models import Organisation
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.audit.models import Entry
from framsyn.web.languages import Text
from framsyn.web.locking import last_change
from framsyn.web.voice import actions
from framsyn.web.voice.forms import page_of
from framsyn.web.voice.models import DAYS, KEEP_ADDRESS_DAYS, Report
from framsyn.web.voice.queries import accessibility_record

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
STRANGER = Actor(None, "")
ADDRESS = "reader@example.org"
WRITTEN = {"subject": "figure", "wrong": "It says 61; it is 66.", "figure": "home-need", "page": "/goals/"}


@pytest.fixture
def said() -> Report:
    """Return a report that somebody has made."""
    home = Organisation.objects.get(pk="hmn")
    return actions.report(STRANGER, "figure", "It is 66.", organisation=home, email=ADDRESS, page="/goals/")


def logged_in(person: Any, role: str, organisation: Any = None) -> Client:
    """Return a browser of somebody with a role."""
    client = Client()
    client.force_login(person(role, organisation))
    return client


# ---------------------------------------------------------------- to report
def test_every_figure_leads_to_the_form_with_its_name_and_its_page() -> None:
    page = parse(Client().get("/goals/rup-2027.s1.g1/").content.decode())
    figures = page.all("figure")
    assert figures
    for figure in figures:
        link = figure.all("a", class_="figure__end")[0].attributes["href"]
        assert link.startswith(
            f"/report-error/?figure={figure.attributes['id']}&page=%2Fgoals%2Frup-2027.s1.g1%2F"
        )
    form = parse(Client().get(link).content.decode())
    assert form.all("input", name="figure")[0].attributes["value"] == figure.attributes["id"]
    assert form.all("input", name="page")[0].attributes["value"] == "/goals/rup-2027.s1.g1/"


def test_a_stranger_reports_and_sees_the_answer_under_an_address_of_its_own() -> None:
    client = Client()
    sent = client.post("/report-error/", {**WRITTEN, "email": ADDRESS})
    made = Report.objects.get()
    assert sent.headers["Location"] == f"/voice/{made.code}/"
    assert len(made.code) >= 22
    assert made.due == timezone.localdate() + datetime.timedelta(days=DAYS["figure"])
    assert made.organisation_id == "hmn"
    page = client.get(sent.headers["Location"])
    text = page.content.decode()
    assert "It says 61" in text
    assert ADDRESS not in text
    assert page.headers["X-Robots-Tag"] == "noindex"
    actions.answer(SYSTEM, made, "corrected", "You were right.", correction=Text(en="61 became 66."))
    assert "You were right." in client.get(f"/voice/{made.code}/?lang=en").content.decode()
    assert client.get("/voice/not-a-code-of-anybody/").status_code == 404
    listed = client.get("/corrections/?lang=en").content.decode()
    assert "61 became 66." in listed
    assert "It says 61" not in listed
    assert made.code not in listed


@pytest.mark.parametrize(
    "wrong", [{"wrong": ""}, {"wrong": "   "}, {"email": "nobody"}, {"subject": "me"}, {"wrong": "x" * 4001}]
)
def test_a_form_that_is_not_sound_keeps_what_was_typed(wrong: dict[str, str]) -> None:
    answer = Client().post("/report-error/", {**WRITTEN, "better": "Sixty-six", **wrong})
    assert answer.status_code == 200
    assert "Sixty-six" in answer.content.decode()
    assert not Report.objects.exists()


def test_a_robot_that_fills_in_everything_reports_nothing() -> None:
    answer = Client().post("/report-error/", {**WRITTEN, "web_address": "http://buy.example/"})
    assert answer.status_code == 302
    assert not Report.objects.exists()


def test_a_flood_of_reports_is_stopped(settings: Any) -> None:
    settings.RATE_LIMITS = True
    client = Client()
    answers = [client.post("/report-error/", WRITTEN).status_code for _ in range(32)]
    assert answers[:30] == [302] * 30
    assert answers[-1] == 429
    assert Report.objects.count() == 30


@pytest.mark.parametrize(
    "page",
    ["//elsewhere.example/", "https://elsewhere.example/", "javascript:alert(1)", "\\\\elsewhere", "goals/"],
)
def test_only_pages_of_this_site_are_linked(page: str) -> None:
    assert page_of(page) == ""
    Client().post("/report-error/", {**WRITTEN, "page": page})
    assert Report.objects.get().page == ""


# ---------------------------------------------------------------- to handle
def test_the_queue_is_for_editors_of_the_place(person: Any, said: Report) -> None:
    address = f"/voice/report/{said.pk}/"
    assert Client().get("/voice/").status_code == 302
    assert Client().get(address).status_code == 302
    for role in ("reader", "contributor", "owner", "approver", "preparedness"):
        client = logged_in(person, role)
        assert client.get("/voice/").status_code == 403, role
        assert client.get(address).status_code == 403, role
        for step in ("take/", "answer/"):
            assert client.post(f"{address}{step}", {}).status_code == 403, role
    elsewhere = Client()
    elsewhere.force_login(person("editor", Organisation.objects.get(pk="hnt"), "of-a-trust"))
    assert elsewhere.get(address).status_code == 404
    assert "It is 66." not in elsewhere.get("/voice/").content.decode()
    editor = logged_in(person, "editor")
    assert "It is 66." in editor.get("/voice/").content.decode()
    assert ADDRESS in editor.get(address).content.decode()
    for actor in (STRANGER, Actor(person("reader", None, "another"), "x")):
        with pytest.raises(NotAllowed):
            actions.take(actor, said)
        with pytest.raises(NotAllowed):
            actions.answer(actor, said, "no_fault", "No.")
        with pytest.raises(NotAllowed):
            actions.forget(actor, timezone.localdate()) or actions._forget(actor, [said])


def test_an_editor_takes_and_answers_and_the_reader_gets_the_letter(person: Any, said: Report) -> None:
    client = logged_in(person, "editor")
    address = f"/voice/report/{said.pk}/"
    client.post(f"{address}take/")
    said.refresh_from_db()
    assert (said.status, said.handler.username) == ("in_work", "test-editor")
    page = parse(client.get(address).content.decode())
    seen = page.all("input", name="seen")[0].attributes["value"]
    given = {
        "seen": seen,
        "status": "corrected",
        "words": "Thank you, it was wrong.",
        "correction_nb": "61 ble 66.",
    }
    without = client.post(f"{address}answer/", {**given, "correction_nb": ""})
    assert without.status_code == 200
    assert "Thank you, it was wrong." in without.content.decode()
    assert client.post(f"{address}answer/", given).status_code == 302
    said.refresh_from_db()
    assert (said.status, said.answer) == ("corrected", "Thank you, it was wrong.")
    assert len(mail.outbox) == 1
    letter = mail.outbox[0]
    assert letter.to == [ADDRESS]
    assert f"/voice/{said.code}/" in letter.body


def test_a_letter_that_cannot_be_sent_takes_no_answer_back(
    person: Any, said: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any, **_more: Any) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    given = {"seen": last_change(said), "status": "no_fault", "words": "It is as it should be."}
    answer = logged_in(person, "editor").post(f"/voice/report/{said.pk}/answer/", given, follow=True)
    assert answer.status_code == 200
    said.refresh_from_db()
    assert said.status == "no_fault"


def test_two_who_answer_at_once_lose_nothing(person: Any, said: Report) -> None:
    seen = last_change(said)
    actions.take(SYSTEM, said)
    given = {"seen": seen, "status": "no_fault", "words": "My own long answer."}
    client = logged_in(person, "editor")
    late = client.post(f"/voice/report/{said.pk}/answer/", given)
    assert late.status_code == 200
    text = late.content.decode()
    assert "My own long answer." in text
    said.refresh_from_db()
    assert said.status == "in_work"
    given["seen"] = parse(text).all("input", name="seen")[0].attributes["value"]
    assert client.post(f"/voice/report/{said.pk}/answer/", given).status_code == 302


@pytest.mark.parametrize(
    ("status", "words", "code"),
    [("received", "x", "no-answer"), ("no_fault", " ", "text-missing"), ("corrected", "x", "text-missing")],
)
def test_an_answer_that_answers_nothing_is_refused(said: Report, status: str, words: str, code: str) -> None:
    with pytest.raises(PlanError) as refused:
        actions.answer(SYSTEM, said, status, words)
    assert refused.value.code == code


# ---------------------------------------------------------------- what is kept of the reader
def test_the_log_holds_neither_the_address_nor_the_words_of_the_reader(said: Report) -> None:
    actions.take(SYSTEM, said)
    actions.answer(SYSTEM, said, "no_fault", "It is right.")
    kept = json.dumps(list(Entry.objects.values("before", "after", "object_label", "reason")), default=str)
    assert ADDRESS not in kept
    assert "It is 66." not in kept


def test_the_address_is_deleted_six_months_after_the_answer(said: Report) -> None:
    today = timezone.localdate()
    after = today + datetime.timedelta(days=KEEP_ADDRESS_DAYS)
    assert actions.forget(SYSTEM, after) == 0  # not answered yet
    actions.answer(SYSTEM, said, "no_fault", "It is right.")
    assert actions.forget(SYSTEM, after - datetime.timedelta(days=1)) == 0
    assert actions.forget(SYSTEM, after) == 1
    said.refresh_from_db()
    assert said.email == ""
    assert said.address_deleted_at is not None
    assert actions.forget(SYSTEM, after) == 0


def test_the_accessibility_page_tells_how_the_promise_is_kept() -> None:
    today = timezone.localdate()
    made = actions.report(STRANGER, "accessibility", "No focus.", language="en")
    assert made.due == today + datetime.timedelta(days=28)
    late = made.due + datetime.timedelta(days=1)
    assert accessibility_record(late) == {"all": 1, "in_time": 0, "waiting": 1, "late": 1}
    actions.answer(SYSTEM, made, "corrected", "Mended.", correction=Text(en="Focus is seen."))
    assert accessibility_record(late) == {"all": 1, "in_time": 1, "waiting": 0, "late": 0}
    for page in ("accessibility", "privacy", "licence"):
        assert Client().get(f"/{page}/").status_code == 200
