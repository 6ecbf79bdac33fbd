"""The annual wheel: when events fall, how they are drawn, the calendar file, and who may change them."""

from __future__ import annotations

import datetime
import re
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from site_pages import parse

from framsyn.errors import PlanError
from framsyn.web.accounts.models import Organisation
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.audit.models import Entry
from framsyn.web.languages import Text
from framsyn.web.locking import last_change
from framsyn.web.wheel import actions
from framsyn.web.wheel.calendar_file import calendar_text, folded, uid_of
from framsyn.web.wheel.dates import check_when, days_in, next_occurrences, occurrences
from framsyn.web.wheel.drawing import drawn, marks_of, spread
from framsyn.web.wheel.models import Event
from framsyn.web.wheel.queries import events, last_board_meeting

SYSTEM = Actor.system("tests")
DAY = datetime.date


def event(month: int, day: int | None = None, **more: Any) -> Any:
    """Return the time of an event."""
    whole = {"end_month": None, "end_day": None, "every": 1, "year": None, "pk": "x", "kind": "board"}
    return SimpleNamespace(month=month, day=day, **{**whole, **more})


@pytest.mark.parametrize(
    ("when", "year", "first", "last"),
    [
        (event(2), 2028, DAY(2028, 2, 1), DAY(2028, 2, 29)),
        (event(2, 29), 2027, DAY(2027, 2, 28), DAY(2027, 2, 28)),
        (event(9, end_month=12), 2026, DAY(2026, 9, 1), DAY(2026, 12, 31)),
        (event(11, 15, end_month=1, end_day=10), 2026, DAY(2026, 11, 15), DAY(2027, 1, 10)),
        (event(3, every=4, year=2026), 2030, DAY(2030, 3, 1), DAY(2030, 3, 31)),
        (event(3, 4, every=0, year=2026), 2026, DAY(2026, 3, 4), DAY(2026, 3, 4)),
    ],
)
def test_an_event_falls_on_its_days(when: Any, year: int, first: datetime.date, last: datetime.date) -> None:
    found = days_in(when, year)
    assert found is not None
    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize(("every", "year"), [(4, 2027), (4, 2022), (0, 2027), (2, 2025)])
def test_an_event_is_not_in_years_without_it(every: int, year: int) -> None:
    assert days_in(event(3, every=every, year=2026), year) is None


def test_the_next_events_are_those_that_are_not_over() -> None:
    known = [event(1, 5, pk="a"), event(11, 15, end_month=1, end_day=10, pk="b"), event(6, 1, pk="c")]
    found = next_occurrences(known, DAY(2027, 1, 6), 2)
    assert [(one.event.pk, one.first.year) for one in found] == [("b", 2026), ("c", 2027)]
    assert next_occurrences([event(3, every=0, year=2020)], DAY(2027, 1, 6), 5) == []


@pytest.mark.parametrize(
    ("when", "field"),
    [
        ((2, 30, None, None, 1, None), "day"),
        ((1, 1, 4, 31, 1, None), "end_day"),
        ((1, 1, None, 5, 1, None), "end_month"),
        ((1, 1, None, None, 4, None), "year"),
        ((1, 1, None, None, 0, 1850), "year"),
    ],
)
def test_a_time_that_no_year_has_is_refused_beside_its_field(when: Any, field: str) -> None:
    with pytest.raises(PlanError) as refused:
        check_when(*when)
    assert refused.value.data["field"] == field


@given(
    st.lists(st.tuples(st.floats(0, 600), st.floats(10, 50)), max_size=14),
)
def test_labels_never_overlap_and_stay_inside_where_there_is_room(
    given_labels: list[tuple[float, float]],
) -> None:
    labels = sorted(given_labels)
    heights = [height for _middle, height in labels]
    edges = spread([middle for middle, _height in labels], heights, 0, 800)
    for one, (edge, height) in enumerate(zip(edges, heights, strict=True)):
        assert edge >= -1e-9
        assert edge + height <= 800 + 1e-6
        if one:
            assert edge >= edges[one - 1] + heights[one - 1] - 1e-6


# ---------------------------------------------------------------- drawing and calendar
@pytest.mark.django_db
def test_the_demo_fills_the_wheel_and_says_what_is_an_example() -> None:
    known = events()
    assert len(known) >= 15
    assert {one.kind for one in known} == set(Event.Kind.values)
    assert all(one.source for one in known if one.standing == "known")
    assert all(set(one.title) == {"nb", "nn", "en"} for one in known)
    meeting = last_board_meeting(known, DAY(2026, 11, 22))
    assert meeting is not None
    assert meeting.last == DAY(2026, 10, 20)


@pytest.mark.django_db
@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_the_wheel_is_sound_and_every_event_is_a_link_to_its_line(wide: bool, year: int) -> None:
    marks = marks_of(occurrences(events(), year))
    tree = ElementTree.fromstring(drawn(marks, year, DAY(2026, 11, 22), wide=wide))
    links = [node.attrib["href"] for node in tree.iter("a")]
    assert links == [f"#event-{mark.occurrence.event.pk}" for mark in marks]
    across, high = map(float, tree.attrib["viewBox"].split()[2:])
    for node in tree.iter("text"):
        assert -1 <= float(node.attrib["x"]) <= across + 1
        assert 0 <= float(node.attrib["y"]) <= high + 6
    page = parse(Client().get(f"/follow-up/wheel/?year={year}").content.decode())
    for mark in marks:
        assert page.all("tr", id=f"event-{mark.occurrence.event.pk}")


@pytest.mark.django_db
def test_the_calendar_is_as_the_standard_says() -> None:
    answer = Client().get("/follow-up/wheel/annual-wheel.ics", headers={"accept-language": "nb"})
    assert answer.headers["Content-Type"].startswith("text/calendar")
    text = answer.content.decode()
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    whole = text.replace("\r\n ", "").split("\r\n")
    begun = [line for line in whole if line == "BEGIN:VEVENT"]
    names = [line for line in whole if line.startswith("UID:")]
    assert len(begun) == len(names) == len(set(names)) == Event.objects.count()
    block = text.replace("\r\n ", "").split(f"UID:{uid_of('roll-the-plan')}")[1].split("END:VEVENT")[0]
    assert "DTSTART;VALUE=DATE:20260301" in block
    assert "DTEND;VALUE=DATE:20261201" in block  # the day after the last
    assert "RRULE:FREQ=YEARLY;INTERVAL=4" in block
    assert "SUMMARY;LANGUAGE=nb:Utviklingsplanen rulleres" in block


def test_a_long_line_is_folded_between_letters() -> None:
    line = "SUMMARY:" + "blåbærsyltetøy " * 20
    parts = folded(line).split("\r\n")
    assert all(len(part.encode()) <= 75 for part in parts)
    assert "".join(part.removeprefix(" ") if one else part for one, part in enumerate(parts)) == line


def test_what_has_been_is_not_told_to_calendars() -> None:
    once = Event(pk="once", month=1, every=0, year=2020, title=Text(en="Once"), updated_at=timezone.now())
    assert "VEVENT" not in calendar_text([once], "en", "n", "http://x/", 2026)


# ---------------------------------------------------------------- changing it
@pytest.fixture
def authority(db: None) -> Organisation:
    """Return the health authority."""
    return Organisation.objects.get(pk="hmn")


def test_an_event_is_added_changed_and_taken_out_with_its_log(authority: Organisation, editor: Any) -> None:
    actor = Actor(editor, "Test Editor")
    title = Text(nb="Årlig møte", en="Yearly meeting")
    made = actions.add(actor, authority, title=title, kind="board", month=5, day=17)
    assert made.pk == "arlig-mote"
    again = actions.add(actor, authority, title=title, kind="board", month=5)
    assert again.pk == "arlig-mote-2"
    actions.change(actor, made, day=18, seen=last_change(made))
    entry = Entry.objects.latest("id")
    assert (entry.before, entry.after) == ({"day": 17}, {"day": 18})
    actions.remove(actor, made, reason="Not held any more")
    assert not Event.objects.filter(pk="arlig-mote").exists()
    assert Entry.objects.latest("id").before["day"] == 18


def test_a_stale_change_is_refused_with_what_stands_there(authority: Organisation) -> None:
    made = Event.objects.get(pk="board-june")
    actions.change(SYSTEM, made, day=16)
    seen = last_change(made)
    actions.change(SYSTEM, Event.objects.get(pk=made.pk), day=17)
    with pytest.raises(PlanError) as refused:
        actions.change(SYSTEM, made, day=20, seen=seen)
    assert refused.value.code == "stale"
    assert refused.value.data["theirs"]["day"] == 17
    assert Event.objects.get(pk=made.pk).day == 17


@pytest.mark.parametrize("role", ["reader", "contributor", "owner", "approver", "preparedness", ""])
def test_whoever_is_no_editor_changes_nothing(role: str, person: Any, authority: Organisation) -> None:
    actor = Actor(person(role), role) if role else Actor(None, "")
    made = Event.objects.get(pk="board-june")
    for call in (
        lambda: actions.add(actor, authority, title=Text(en="X"), kind="board", month=1),
        lambda: actions.change(actor, made, day=2),
        lambda: actions.remove(actor, made),
    ):
        with pytest.raises(NotAllowed):
            call()
    client = Client()
    if role:
        client.force_login(actor.user)
    for address in ("new/", "event/board-june/", "event/board-june/remove/"):
        for answer in (
            client.get(f"/follow-up/wheel/{address}"),
            client.post(f"/follow-up/wheel/{address}", {}),
        ):
            assert answer.status_code == (403 if role else 302)
    assert Event.objects.get(pk="board-june").day == made.day


def test_a_person_of_another_organisation_finds_no_such_event(person: Any) -> None:
    client = Client()
    client.force_login(person("editor", Organisation.objects.get(pk="hnt")))
    assert client.get("/follow-up/wheel/event/board-june/").status_code == 404


def filled(**changes: Any) -> dict[str, Any]:
    """Return a form that is filled in."""
    whole = {
        "title_nb": "Møte", "kind": "board", "organisation": "hmn", "month": "3", "day": "4", "every": "1",
        "standing": "decided",
    }  # fmt: skip
    return {**whole, **changes}


def test_the_forms_add_change_and_remove(editor: Any) -> None:
    client = Client()
    client.force_login(editor)
    made = client.post("/follow-up/wheel/new/", filled(element="rup-2027.s1.g1", plan="rup-2027"))
    assert made.status_code == 302, made.content.decode()
    event = Event.objects.get(pk="mote")
    assert (event.element_id, event.plan_id, event.month, event.day) == ("rup-2027.s1.g1", "rup-2027", 3, 4)
    page = parse(client.get("/follow-up/wheel/event/mote/").content.decode())
    seen = page.all("input", name="seen")[0].attributes["value"]
    actions.change(SYSTEM, event, day=9)
    late = client.post("/follow-up/wheel/event/mote/", filled(day="11", seen=seen))
    assert late.status_code == 200
    text = late.content.decode()
    newest = parse(text).all("input", name="seen")[0].attributes["value"]
    assert newest != seen
    assert 'value="11"' in text
    assert client.post("/follow-up/wheel/event/mote/", filled(day="11", seen=newest)).status_code == 302
    assert Event.objects.get(pk="mote").day == 11
    assert client.post("/follow-up/wheel/event/mote/remove/", {"reason": "x"}).status_code == 302
    assert not Event.objects.filter(pk="mote").exists()


@pytest.mark.parametrize(
    "wrong",
    [{"day": "40"}, {"month": "2", "day": "30"}, {"every": "4"}, {"element": "nothing"}, {"title_nb": ""}],
)
def test_a_form_that_cannot_be_true_keeps_what_was_typed(wrong: dict[str, str], editor: Any) -> None:
    client = Client()
    client.force_login(editor)
    answer = client.post("/follow-up/wheel/new/", filled(responsible_nb="Plansjef", **wrong))
    assert answer.status_code == 200
    assert "Plansjef" in answer.content.decode()
    assert re.search('aria-invalid="true"', answer.content.decode())


@pytest.mark.django_db
@pytest.mark.parametrize("year", ["abc", "1999", "2101", "²", "9" * 40])
def test_a_year_without_a_wheel_is_not_found(year: str) -> None:
    assert Client().get(f"/follow-up/wheel/?year={year}").status_code == 404


# ---------------------------------------------------------------- the content file
@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('organisation = "hmn"', 'organisation = "hmm"', "unknown-organisation"),
        ("month = 1\n", "month = 13\n", "less_than_equal"),
        ('kind = "owner"', 'kind = "party"', "unknown-kind"),
        (
            'source = "Regnskapsloven § 3-1: senest seks måneder etter regnskapsårets slutt"\n',
            "",
            "key-missing",
        ),
        ("every = 4\nyear = 2026\n", "every = 4\n", "key-missing"),
        ('id = "board-june"', 'id = "board-april"', "duplicate-id"),
        ("month = 5\nday = 15\n", "month = 4\nday = 31\n", "wrong-order"),
        ('title.nn = "Årleg oppdragsdokument"\n', "", "language-missing"),
    ],
)
def test_a_fault_in_the_wheel_file_is_told_with_its_place(
    tmp_path: Any, root: Any, old: str, new: str, code: str
) -> None:
    from framsyn.web.plan.content import read_content

    source = root / "src/framsyn/regions/midt-norge/plan"
    (tmp_path / "organisations.toml").write_bytes((source / "organisations.toml").read_bytes())
    text = (source / "wheel.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "wheel.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PlanError) as refused:
        read_content(tmp_path)
    assert refused.value.code == code
    assert refused.value.data["file"] == "wheel.toml"
    assert "wheel.toml" in refused.value.message
