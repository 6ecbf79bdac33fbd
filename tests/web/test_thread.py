"""The red thread: what hangs on a goal, how it is drawn, and every kind of dead end with the way on."""

from __future__ import annotations

import datetime
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from site_pages import parse

from framsyn.web.actions import Actor
from framsyn.web.goals.actions import override
from framsyn.web.goals.models import GoalDecision, Override
from framsyn.web.goals.queries import in_force
from framsyn.web.measures.models import Assignment, Measure, Risk
from framsyn.web.thread.beads import read_threads
from framsyn.web.thread.dead_ends import KINDS, counted, dead_ends
from framsyn.web.thread.drawing import drawn_narrow, drawn_wide
from framsyn.web.thread.groups import outline
from framsyn.web.thread.letters import width, wrap
from framsyn.web.thread.pages import Drawing, plan_thread

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
GOAL = "rup-2027.s1.g2"


def kinds_of(object_id: str) -> set[str]:
    """Return the dead ends of one thing."""
    return {one.kind for one in dead_ends("rup-2027") if one.object_id == object_id}


def test_a_thread_holds_what_hangs_on_the_goal() -> None:
    goals = outline(in_force("rup-2027")).goals
    assert len(goals) >= 44
    thread = read_threads(goals, GOAL)[0]
    measures = Measure.objects.filter(goals=GOAL)
    assert {bead.id for bead in thread.measures} == set(measures.values_list("pk", flat=True))
    open_risks = Risk.objects.filter(measure__in=measures, closed_on=None)
    assert {bead.id for bead in thread.risks} == {str(pk) for pk in open_risks.values_list("pk", flat=True)}
    assert all(bead.of in {one.id for one in thread.measures} for bead in thread.risks)
    in_force_now = GoalDecision.objects.filter(goal=GOAL, superseded_by=None)
    wanted = set(in_force_now.exclude(indicator=None).values_list("indicator_id", flat=True))
    assert {bead.id for bead in thread.indicators} == wanted
    assert len(thread.decisions) >= 1


def test_the_threads_of_all_goals_take_as_few_queries_as_one(django_assert_max_num_queries: Any) -> None:
    goals = outline(in_force("rup-2027")).goals
    with django_assert_max_num_queries(7):
        threads = read_threads(goals)
    assert [one.goal.id for one in threads] == list(goals)


def test_a_drawing_is_sound_and_every_box_lies_within_it() -> None:
    version = in_force("rup-2027")
    page = plan_thread(version, "rup-2027.s1")
    assert page.drawing is not None
    assert page.unfolded is not None
    for drawing in (page.drawing, page.unfolded.drawing):
        for svg in (drawing.wide, drawing.narrow):
            tree = ElementTree.fromstring(str(svg))
            wide, high = map(float, tree.attrib["viewBox"].split()[2:])
            boxes = [
                tuple(float(node.attrib[name]) for name in ("x", "y", "width", "height"))
                for node in tree.iter("rect")
            ]
            assert len(boxes) >= 5 * len(drawing.threads) or svg is drawing.narrow
            for x, y, box_wide, box_high in boxes:
                assert x >= 0
                assert y >= 0
                assert x + box_wide <= wide + 0.1
                assert y + box_high <= high + 0.1
            for one, (x, y, box_wide, box_high) in enumerate(boxes):
                for left, top, other_wide, other_high in boxes[one + 1 :]:
                    apart = (
                        x + box_wide <= left
                        or left + other_wide <= x
                        or y + box_high <= top + 0.1
                        or top + other_high <= y + 0.1
                    )
                    assert apart, "two boxes overlap"
            assert all(node.attrib.get("aria-label") for node in tree.iter("a"))
            assert tree.find("title") is not None
            assert "style" not in str(svg)


def test_words_of_people_cannot_become_markup() -> None:
    measure = Measure.objects.get(pk="home-hospital")
    measure.title = dict.fromkeys(("nb", "nn", "en"), '<script>"&</script>')
    measure.save()
    goals = outline(in_force("rup-2027")).goals
    drawing = Drawing.of(read_threads(goals, GOAL), "t", "T")
    assert "<script>" not in drawing.wide + drawing.narrow
    ElementTree.fromstring(drawn_wide(drawing.threads, "a", "b", "c"))
    ElementTree.fromstring(drawn_narrow(drawing.threads, "a", "b", "c"))


def test_lines_fit_the_room_that_they_are_given() -> None:
    words = "Kompetanseutvikling, kontinuitetsplanlegging og pasient- og brukerinvolvering i hele regionen"
    for room in (80, 120, 200):
        lines = wrap(words, room, 13, 20)
        assert all(width(line, 13) <= room for line in lines)
        assert "".join(lines).replace("-", "").replace(" ", "") == words.replace("-", "").replace(" ", "")


# ---------------------------------------------------------------- dead ends
def test_every_kind_has_a_sentence_and_a_way_on() -> None:
    found = dead_ends("rup-2027")
    assert found
    assert sum(number for _kind, _name, number in counted(found)) == len(found)
    for one in found:
        assert one.kind in KINDS
        assert one.sentence.endswith(".")
        assert one.mend.startswith("/")
        assert one.mend_words
        assert one.organisation
    assert dead_ends("no-such-plan") == []


def test_a_goal_without_measure_and_indicator_is_found_and_mended() -> None:
    Measure.goals.through.objects.filter(element=GOAL).delete()
    assert "goal_without_measure" in kinds_of(GOAL)
    Measure.objects.get(pk="home-hospital").goals.add(GOAL)
    assert "goal_without_measure" not in kinds_of(GOAL)
    Measure.objects.filter(pk="home-hospital").update(phase="stopped")
    assert "goal_without_measure" in kinds_of(GOAL)
    GoalDecision.objects.filter(goal=GOAL).update(indicator=None)
    assert "goal_without_indicator" in kinds_of(GOAL)


def test_a_target_without_figures_is_found() -> None:
    from framsyn.web.indicators.models import Observation

    decision = next(
        one
        for one in GoalDecision.objects.filter(
            goal__origin="rup-2027", superseded_by=None, target__isnull=False
        )
        if Observation.objects.filter(
            indicator=one.indicator, place=one.place_id, value__isnull=False
        ).exists()
    )
    assert "target_without_data" not in {
        one.kind for one in dead_ends("rup-2027") if f"{decision.indicator}" in one.sentence
    }
    Observation.objects.filter(indicator=decision.indicator).delete()
    ends = [one for one in dead_ends("rup-2027") if one.kind == "target_without_data"]
    assert any(one.object_id == decision.goal_id and one.mend.endswith("/observe/") for one in ends)


def test_measures_without_owner_or_goal_or_with_a_stopped_one_before_them_are_found(person: Any) -> None:
    measure = Measure.objects.get(pk="home-hospital")
    before = measure.depends_on.first()
    assert before is not None
    Assignment.objects.filter(measure=measure).delete()
    assert "measure_without_owner" in kinds_of(measure.pk)
    gone = person("owner")
    made = Assignment.objects.create(
        measure=measure,
        role="owner",
        organisation=measure.organisation,
        person=gone,
        valid_from=timezone.localdate(),
    )
    assert "measure_without_owner" not in kinds_of(measure.pk)
    gone.is_active = False
    gone.save()
    assert "measure_without_owner" in kinds_of(measure.pk)
    made.person = None
    made.save()
    assert "measure_without_owner" not in kinds_of(measure.pk)
    assert "stopped_dependency" not in kinds_of(measure.pk)
    Measure.objects.filter(pk=before.pk).update(phase="stopped")
    assert "stopped_dependency" in kinds_of(measure.pk)
    measure.goals.clear()
    assert "measure_without_goal" in kinds_of(measure.pk)
    Measure.objects.filter(pk=measure.pk).update(phase="completed")
    assert kinds_of(measure.pk) == set()


def test_a_high_risk_without_mitigation_is_found_and_a_lower_one_is_not() -> None:
    risk = Risk.objects.create(
        measure_id="home-hospital", text={"en": "It burns"}, probability=5, consequence=3, mitigation={}
    )
    assert "unhandled_risk" in kinds_of("home-hospital")
    Risk.objects.filter(pk=risk.pk).update(probability=4, consequence=3)
    assert "unhandled_risk" not in kinds_of("home-hospital")
    Risk.objects.filter(pk=risk.pk).update(probability=5, consequence=5, closed_on=timezone.localdate())
    assert "unhandled_risk" not in kinds_of("home-hospital")
    Risk.objects.filter(pk=risk.pk).update(measure=None, element=GOAL, closed_on=None)
    assert "unhandled_risk" in kinds_of(GOAL)


def test_decisions_without_a_case_and_expired_statuses_are_found() -> None:
    decision = GoalDecision.objects.filter(goal=GOAL, superseded_by=None, indicator__isnull=False).first()
    assert decision is not None
    GoalDecision.objects.filter(pk=decision.pk).update(
        standing="decided", decided_by={}, case_number="", decision=None
    )
    assert "decided_without_case" in kinds_of(GOAL)
    GoalDecision.objects.filter(pk=decision.pk).update(case_number="12/2027")
    assert "decided_without_case" not in kinds_of(GOAL)
    until = timezone.localdate() + datetime.timedelta(days=3)
    override(SYSTEM, GoalDecision.objects.get(pk=decision.pk), "at_risk", "A reason.", until)
    assert "expired_override" not in kinds_of(GOAL)
    Override.objects.update(expires=timezone.localdate() - datetime.timedelta(days=1))
    assert "expired_override" in kinds_of(GOAL)


def test_an_indicator_is_unused_until_a_goal_is_measured_by_it() -> None:
    decision = GoalDecision.objects.filter(superseded_by=None, indicator__isnull=False).first()
    assert decision is not None
    name = decision.indicator_id
    assert "unused_indicator" not in kinds_of(name)
    GoalDecision.objects.filter(indicator=name).update(indicator=None)
    assert "unused_indicator" in kinds_of(name)


def test_the_form_that_mends_is_offered_to_those_who_may(person: Any) -> None:
    Measure.goals.through.objects.filter(element=GOAL).delete()
    mend = f'href="/measures/new/?goal={GOAL}"'
    address = "/follow-up/dead-ends/?kind=goal_without_measure"
    assert mend not in Client().get(address).content.decode()
    for role, offered in (("reader", False), ("editor", True)):
        client = Client()
        client.force_login(person(role))
        assert (mend in client.get(address).content.decode()) is offered


# ---------------------------------------------------------------- pages
@pytest.mark.parametrize(
    "address",
    [
        "/follow-up/thread/",
        "/follow-up/thread/?open=rup-2027.s1",
        f"/follow-up/thread/{GOAL}/",
        f"/goals/{GOAL}/",
    ],
)
def test_a_page_with_a_thread_has_its_table_and_links(address: str) -> None:
    client = Client()
    with CaptureQueriesContext(connection) as asked:
        response = client.get(address)
    assert len(asked) <= 15
    tree = parse(response.content.decode())
    drawings = tree.all("svg", class_="thread-drawing")
    assert len(drawings) in (2, 4)
    assert all(drawing.all("a", href="") for drawing in drawings)
    for block in tree.all("div", class_="thread"):
        assert block.all("table")
        assert block.all("a", href="")


@pytest.mark.parametrize(
    "address", ["?plan=nothing", "?open=nothing", "?plan=%00", "nothing/", "nothing.csv"]
)
def test_what_is_not_there_is_not_found(address: str) -> None:
    assert Client().get(f"/follow-up/thread/{address}").status_code == 404 or address == "?plan=%00"


def test_the_files_hold_what_the_pages_show() -> None:
    client = Client()
    rows = client.get("/follow-up/dead-ends/dead-ends.csv").content.decode().splitlines()
    assert len(rows) - 1 == len(dead_ends("rup-2027"))
    lines = client.get(f"/follow-up/thread/{GOAL}.csv").content.decode().splitlines()
    assert all(line.startswith(f"{GOAL},") for line in lines[1:])
    assert re.match(r"goal,number,wording,stage,id,title", lines[0])
    whole = client.get("/follow-up/thread/red-thread.csv").content.decode()
    assert set(lines) <= {line.replace("  ", " ") for line in whole.splitlines()}


def test_an_empty_site_says_what_is_missing(empty: None) -> None:
    for address in ("/follow-up/thread/", "/follow-up/dead-ends/", "/follow-up/"):
        assert Client().get(address).status_code == 200
