"""Pages and forms of measures: what they show, whom they let in, and that nothing typed is lost."""

from __future__ import annotations

import csv
import datetime
import io
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from framsyn.web.accounts.models import Organisation
from framsyn.web.actions import Actor
from framsyn.web.audit.models import Entry
from framsyn.web.locking import last_change
from framsyn.web.measures import actions
from framsyn.web.measures.choices import goal_groups
from framsyn.web.measures.models import Measure, StatusReport, Task
from framsyn.web.measures.queries import Filters, listing
from framsyn.web.plan.models import Element

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
MOST_QUERIES = 15
TODAY = datetime.date(2026, 11, 22)


@pytest.fixture
def trust() -> Organisation:
    return Organisation.objects.get(pk="sto")


@pytest.fixture
def measure(trust: Organisation) -> Measure:
    return actions.create(SYSTEM, {"nb": "Prøvetiltak", "en": "Trial measure"}, trust)


def last_entry() -> Entry:
    return Entry.objects.latest("id")


# ---------------------------------------------------------------- the list
def test_the_list_tells_phase_status_and_timeliness_apart(client: Any, content: Any) -> None:
    page = client.get("/measures/?lang=en").content.decode()
    assert page.count("<tr>") == 1 + len(content.measures)
    for head in ("Phase", "Status", "Timeliness"):
        assert f'<a href="?sort={head.lower()}">{head}</a>' in page
    assert "Example, not decided" in page
    assert "style=" not in page


@pytest.mark.parametrize(
    ("query", "inside", "outside"),
    [
        ("phase=completed", "waiting-list-cleaning", "home-hospital"),
        ("organisation=sto", "home-hospital", "digital-follow-up"),
        ("goal=rup-2027.s1.g2", "home-hospital", "full-time-posts"),
        ("goal=rup-2027.s1", "home-hospital", "full-time-posts"),
        ("goal=rup-2027.h1", "home-hospital", "exercise-programme"),
        ("text=hjemmesykehuset", "home-hospital", "full-time-posts"),
        ("status=stuck", "full-time-posts", "home-hospital"),
        ("status=none", "home-hospital", "full-time-posts"),
        ("timeliness=ended", "waiting-list-cleaning", "home-hospital"),
    ],
)
def test_the_list_is_narrowed(client: Any, content: Any, query: str, inside: str, outside: str) -> None:
    known = {entry.id for entry in content.measures}
    actions.report(SYSTEM, Measure.objects.get(pk="full-time-posts"), status="stuck", text="No applicants.")
    page = client.get(f"/measures/?lang=nb&{query}").content.decode()
    shown = {name for name in known if f'href="{reverse("measure", args=[name])}"' in page}
    assert {inside, outside} <= known
    assert inside in shown
    assert outside not in shown


def test_the_filters_refuse_nothing_that_somebody_may_type(client: Any) -> None:
    for query in (
        "phase=x&status=y&sort=--z&page=-1",
        "page=9999",
        "goal=%00x",
        "text=%22*%28",
        "text=" + "a" * 999,
    ):
        assert client.get(f"/measures/?{query}").status_code == 200
    assert "No measure fits" in client.get("/measures/?lang=en&text=qqqq").content.decode()


def test_the_file_holds_the_same_measures(client: Any, measure: Measure) -> None:
    actions.change(SYSTEM, measure, title={"nb": "=HYPERLINK(1)"})
    rows = list(csv.DictReader(io.StringIO(client.get("/measures/measures.csv?lang=nb").content.decode())))
    assert len(rows) == Measure.objects.count()
    by_id = {row["id"]: row for row in rows}
    assert by_id[measure.pk]["title"] == "'=HYPERLINK(1)"
    assert by_id["home-hospital"]["fte_planned"] == "10.0"
    assert by_id["home-hospital"]["fte_realised"] == ""
    narrowed = client.get("/measures/measures.csv?organisation=sto").content.decode()
    assert 1 < len(narrowed.splitlines()) < len(rows) + 1


def test_two_thousand_measures_take_no_more_queries(
    editor_client: Any, trust: Organisation, django_assert_max_num_queries: Any
) -> None:
    now = timezone.now()
    made = Measure.objects.bulk_create(
        Measure(
            pk=f"many-{number}",
            title={"nb": f"Tiltak {number}"},
            organisation=trust,
            phase=Measure.Phase.values[number % 5],
            end=TODAY + datetime.timedelta(number % 90 - 30),
            created_at=now,
            updated_at=now,
            position=1000 + number,
        )
        for number in range(2000)
    )
    Task.objects.bulk_create(Task(measure=one, title={"nb": "Steg"}, due=TODAY) for one in made)
    StatusReport.objects.bulk_create(
        StatusReport(measure=one, date=TODAY, status="on_plan", created_at=now) for one in made[::2]
    )
    with django_assert_max_num_queries(MOST_QUERIES):
        page = editor_client.get("/measures/?lang=en&sort=timeliness&page=3&goal=&text=").content.decode()
    assert page.count("<tr>") == 51
    with django_assert_max_num_queries(MOST_QUERIES):
        editor_client.get("/measures/?phase=planned&goal=rup-2027.s1&text=tiltak&sort=-progress")


def test_the_numbers_are_those_of_the_list(content: Any) -> None:
    actions.report(SYSTEM, Measure.objects.get(pk="full-time-posts"), status="stuck", text="No applicants.")
    found = listing(Filters(), 1, TODAY)
    assert found.count == len(found.rows) == len(content.measures)
    assert found.unreported == found.count - 1
    assert found.cost == pytest.approx(sum(entry.cost_mnok or 0 for entry in content.measures))
    for name, code, _badge, number in found.counts:
        of_row = {"phase": "phase", "status": "status"}.get(name)
        codes = [getattr(row, of_row) if of_row else row.timeliness.code for row in found.rows]
        assert codes.count(code) == number
    planned = {one.kind: one.planned for one in found.benefits}
    assert planned["fte"] == sum(
        b.planned for entry in content.measures for b in entry.benefits if b.kind == "fte"
    )


def test_an_empty_site_says_how_to_begin(empty: None, client: Any) -> None:
    assert "There are no measures yet" in client.get("/measures/?lang=en").content.decode()


# ---------------------------------------------------------------- one measure
def test_the_page_of_a_measure_shows_all_that_belongs_to_it(
    client: Any, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(MOST_QUERIES):
        page = client.get("/measures/home-hospital/?lang=en").content.decode()
    for words in (
        "Home hospital",
        "Example, not decided",
        "Head of the medical clinic",
        "Open 12 places at home",
        "1 of 3 tasks are done",
        "Technology and home hospital",  # the assumption that it moves
        "Days in hospital become days at home",
        "/goals/rup-2027.s1.g2/",
        "/measures/digital-follow-up/",
        'class="risk-matrix"',
        "/plan/rup-2027/",
        "Nothing has changed since it was loaded",
    ):
        assert words in page, words
    assert "Report in a minute" not in page
    assert client.get("/measures/no-such/").status_code == 404


def test_those_who_left_are_shown_as_such(
    reader_client: Any, measure: Measure, trust: Organisation, editor: Any
) -> None:
    day = datetime.date(2026, 1, 1)
    actions.assign(SYSTEM, measure, role="owner", organisation=trust, person=editor, valid_from=day)
    editor.is_active = False
    editor.save()
    page = reader_client.get(f"/measures/{measure.pk}/?lang=en").content.decode()
    assert "Test Editor" in page
    assert "has left" in page


def test_an_editors_page_and_forms_stay_within_the_queries(
    editor_client: Any, django_assert_max_num_queries: Any
) -> None:
    task = Task.objects.filter(measure="home-hospital").first()
    for path in ("", "edit/", "report/", "people/", "task/", f"task/{task.pk}/", "benefit/", "risk/"):
        with django_assert_max_num_queries(MOST_QUERIES):
            answer = editor_client.get(f"/measures/home-hospital/{path}")
        assert answer.status_code == 200
        assert b"style=" not in answer.content
    assert editor_client.get(f"/measures/digital-follow-up/task/{task.pk}/").status_code == 404


# ---------------------------------------------------------------- forms
FORMS = (
    "new/",
    *(f"home-hospital/{name}/" for name in ("edit", "report", "people", "task", "benefit", "risk")),
)


@pytest.mark.parametrize("path", FORMS)
def test_forms_are_for_those_who_may(client: Any, reader_client: Any, editor_client: Any, path: str) -> None:
    anonymous = client.get(f"/measures/{path}")
    assert anonymous.status_code == 302
    assert anonymous["Location"] == f"/login/?next=/measures/{path}"
    before = Entry.objects.count()
    for method in ("get", "post"):
        assert getattr(reader_client, method)(f"/measures/{path}").status_code == 403
    assert client.post(f"/measures/{path}", {}).status_code == 302
    assert Entry.objects.count() == before
    assert editor_client.get(f"/measures/{path}").status_code == 200


def test_a_measure_is_made_for_a_goal(editor_client: Any) -> None:
    assert editor_client.get("/measures/new/?goal=%00no").status_code == 200
    page = editor_client.get("/measures/new/?goal=rup-2027.s1.g2").content.decode()
    assert 'value="rup-2027.s1.g2" id="goal-rup-2027.s1.g2" checked' in page
    data = {
        "title_nb": "Nytt tiltak",
        "organisation": "sto",
        "phase": "planned",
        "standing": "decided",
        "start": "2027-01-01",
        "end": "2028-12-31",
        "cost": "1,5",
        "goals": ["rup-2027.s1.g2"],
        "also": "Hjemmesykehus",
    }
    answer = editor_client.post("/measures/new/?lang=nb", data, follow=True)
    made = Measure.objects.get(pk="nytt-tiltak")
    assert made.cost == 1.5
    assert [goal.pk for goal in made.goals.all()] == ["rup-2027.s1.g2"]
    assert [one.pk for one in made.depends_on.all()] == ["home-hospital"]
    assert answer.redirect_chain[0][0] == "/measures/nytt-tiltak/"
    assert 'role="status"' in answer.content.decode()


def test_nothing_typed_is_lost(editor_client: Any, django_assert_max_num_queries: Any) -> None:
    data = {
        "title_nb": "Et helt nytt navn",
        "organisation": "sto",
        "phase": "planned",
        "standing": "illustration",
        "start": "2028-01-01",
        "end": "2027-01-01",
        "cost": "77",
        "goals": ["rup-2027.s10.g2"],
        "depends_on": ["digital-follow-up"],
        "seen": last_change(Measure.objects.get(pk="home-hospital")),
    }
    with django_assert_max_num_queries(
        34
    ):  # the form's own, the lock, and those of the action that was tried
        page = editor_client.post("/measures/home-hospital/edit/?lang=en", data).content.decode()
    assert "lies before the start" in page
    assert 'aria-invalid="true"' in page
    for kept in (
        "Et helt nytt navn",
        'value="77"',
        'id="goal-rup-2027.s10.g2" checked',
        'value="2027-01-01"',
    ):
        assert kept in page
    assert Measure.objects.get(pk="home-hospital").cost == 38.0


def test_the_report_begins_with_the_last_answers(editor_client: Any) -> None:
    measure = Measure.objects.get(pk="home-hospital")
    actions.report(SYSTEM, measure, status="needs_attention", text="Slow hiring.", phase="under_way")
    page = editor_client.get("/measures/home-hospital/report/").content.decode()
    assert "Slow hiring." in page
    chosen = page[page.index('value="needs_attention"') :].split(">")[0]
    assert " checked" in chosen
    task = measure.tasks.filter(done_on=None).first()
    answer = editor_client.post(
        "/measures/home-hospital/report/",
        {"status": "on_plan", "phase": "under_way", "text": "Better.", "done": [task.pk]},
    )
    assert answer["Location"] == "/measures/home-hospital/#status"
    task.refresh_from_db()
    assert task.done_on == timezone.localdate()
    assert last_entry().actor_name == "Test Editor"


def test_parts_are_edited_by_forms(editor_client: Any) -> None:
    measure = Measure.objects.get(pk="home-hospital")
    benefit = measure.benefits.get(kind="fte")
    taken = {"kind": "mnok", "year": "2028", "planned": "3,5"}
    page = editor_client.post("/measures/home-hospital/benefit/?lang=nb", taken).content.decode()
    assert 'value="3,5"' in page
    assert measure.benefits.count() == 3
    assert (
        editor_client.post(f"/measures/home-hospital/benefit/{benefit.pk}/", {"remove": "1"}).status_code
        == 302
    )
    assert not measure.benefits.filter(kind="fte").exists()
    answer = editor_client.post(
        "/measures/home-hospital/people/",
        {"role": "deputy", "organisation": "sto", "unit_nb": "Avdeling", "valid_from": "2026-11-01"},
    )
    assert answer.status_code == 302
    assert measure.assignments.get(role="deputy").valid_from == datetime.date(2026, 11, 1)


def test_the_goals_to_choose_from_stand_in_reading_order() -> None:
    groups = goal_groups()
    sections = [group.section for group in groups]
    assert sections == [f"rup-2027.s{number}" for number in range(1, 11)]
    named = [goal for group in groups for goal, _words in group.goals]
    assert len(named) == Element.objects.filter(kind=Element.Kind.GOAL).count()
    first = [goal for goal, _words in groups[0].goals]
    assert first == [f"rup-2027.s1.g{number}" for number in range(1, len(first) + 1)]
    assert all(words for group in groups for _goal, words in group.goals)
    only = goal_groups({"rup-2027.s1.g2"})
    assert [(group.section, [goal for goal, _words in group.goals]) for group in only] == [
        ("rup-2027.s1", ["rup-2027.s1.g2"])
    ]
