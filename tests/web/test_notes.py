"""Internal notes: left and resolved by those who work on a thing, and read by nobody else, wherever they look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from framsyn.errors import PlanError
from framsyn.web.accounts.models import Membership, Organisation, Role
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.audit.models import Entry
from framsyn.web.indicators.models import Indicator
from framsyn.web.locking import last_change
from framsyn.web.measures.models import Assignment, Measure
from framsyn.web.notes import actions
from framsyn.web.notes.models import Note
from framsyn.web.plan.models import Element

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
WORDS = "Kvikksølvmerknad 4711"
PAGES = {
    "element": "/goals/rup-2027.s1.g1/",
    "indicator": "/indicators/home-treatment/",
    "measure": "/measures/home-hospital/",
}


def things() -> dict[str, Any]:
    return {
        "element": Element.objects.get(pk="rup-2027.s1.g1"),
        "indicator": Indicator.objects.get(pk="home-treatment"),
        "measure": Measure.objects.get(pk="home-hospital"),
    }


def browser_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["language"] = "en"
    return client


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("role", Role.values)
def test_it_is_seen_on_the_page_by_those_who_work_there(
    kind: str, role: str, person: Callable[..., Any], client: Client
) -> None:
    actions.add(SYSTEM, things()[kind], WORDS)
    page = browser_of(person(role)).get(PAGES[kind]).content.decode()
    assert (WORDS in page) == (role != Role.READER)
    assert ("Leave the note" in page) == (role != Role.READER)
    assert WORDS not in client.get(PAGES[kind]).content.decode()


@pytest.mark.parametrize("kind", PAGES)
def test_a_note_is_left_and_resolved_by_forms(kind: str, person: Callable[..., Any]) -> None:
    writer = person("contributor")
    browser = browser_of(writer)
    thing = things()[kind]
    version = last_change(thing)
    answer = browser.post(f"/notes/{kind}/{thing.pk}/", {"text": f"  {WORDS} <b>\n"})
    assert answer["Location"] == f"{PAGES[kind]}#notes"
    note = Note.objects.get()
    assert (note.text, note.author, note.resolved_at) == (f"{WORDS} <b>", writer, None)
    assert f"{WORDS} &lt;b&gt;" in browser.get(PAGES[kind]).content.decode()
    assert browser.post(f"/notes/{note.pk}/resolve/")["Location"] == f"{PAGES[kind]}#notes"
    note.refresh_from_db()
    assert note.resolved_by == writer
    assert "1 note that is done" in browser.get(PAGES[kind]).content.decode()
    browser.post(f"/notes/{note.pk}/resolve/")  # twice is said, and changes nothing
    assert Entry.objects.filter(action="notes.resolve").count() == 1
    assert last_change(thing) == version  # a note makes nobody's form stale


def test_the_log_proves_the_words_without_holding_them() -> None:
    actions.add(SYSTEM, things()["measure"], WORDS)
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.object_type, entry.after["id"]) == (
        "notes.add",
        "notes.note",
        "home-hospital",
    )
    assert len(entry.after["sha256"]) == 64
    assert WORDS not in str([entry.before, entry.after, entry.object_label, entry.reason])


@pytest.mark.parametrize("words", ["", "  \n", "x" * (Note.LONGEST + 1)])
def test_what_cannot_be_a_note_is_refused_and_kept_in_the_form(words: str, editor_client: Client) -> None:
    with pytest.raises(PlanError):
        actions.add(SYSTEM, things()["measure"], words)
    answer = editor_client.post("/notes/measure/home-hospital/", {"text": words})
    assert answer.status_code == 422
    assert words.strip() in answer.content.decode()
    assert not Note.objects.exists()


def test_a_reader_a_stranger_and_another_organisation_are_refused(
    person: Callable[..., Any], client: Client
) -> None:
    note = actions.add(SYSTEM, things()["measure"], WORDS)
    reader, foreigner = person("reader"), person("editor", Organisation.objects.get(pk="hmr"), "foreigner")
    assert Measure.objects.get(pk="home-hospital").organisation_id == "sto"
    for user, status in ((reader, 403), (foreigner, 404)):
        for address in ("/notes/measure/home-hospital/", f"/notes/{note.pk}/resolve/"):
            assert browser_of(user).post(address, {"text": "x"}).status_code == status
        with pytest.raises(NotAllowed):
            actions.add(Actor(user, "x"), things()["measure"], "x")
        assert WORDS not in browser_of(user).get(PAGES["measure"]).content.decode()
    assert client.post("/notes/measure/home-hospital/", {"text": "x"})["Location"].startswith("/login/")
    assert client.get("/notes/measure/home-hospital/").status_code == 405
    assert Note.objects.count() == 1
    assert Note.objects.get().resolved_at is None


def test_whoever_it_is_assigned_to_and_whoever_has_a_role_on_its_plan_takes_part(
    person: Callable[..., Any],
) -> None:
    measure = things()["measure"]
    owner, planner = (
        person("reader", Organisation.objects.get(pk="hmr"), "owner"),
        person("reader", None, "planner"),
    )
    day = timezone.localdate()
    Assignment.objects.create(
        measure=measure, role="owner", organisation_id="sto", person=owner, valid_from=day
    )
    planner.memberships.all().delete()
    Membership.objects.create(user=planner, plan=measure.plans.first(), role="contributor", valid_from=day)
    for user in (owner, planner):
        assert (
            browser_of(user).post("/notes/measure/home-hospital/", {"text": user.username}).status_code == 302
        )
        assert user.username in browser_of(user).get(PAGES["measure"]).content.decode()


@pytest.mark.parametrize(
    "address", ["/notes/nothing/x/", "/notes/measure/nothing/", "/notes/999/resolve/", "/notes/measure/%00/"]
)
def test_there_is_nothing_where_there_is_nothing(address: str, editor_client: Client) -> None:
    assert editor_client.post(address, {"text": "x"}).status_code == 404
