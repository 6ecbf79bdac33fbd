"""Goals: their status in three queries, the pages, decisions that supersede each other, status set by hand, a new goal."""

from __future__ import annotations

import csv
import datetime
import io
import re
from typing import Any

import pytest
from django.utils import timezone, translation

from framsyn.errors import PlanError
from framsyn.web.accounts.models import Organisation
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.audit.models import Entry
from framsyn.web.goals.actions import Terms, check_terms, decide, end_override, override
from framsyn.web.goals.models import GoalDecision, Override
from framsyn.web.goals.queries import Filters, goal_list, goal_statuses, status_counts
from framsyn.web.indicators.models import Indicator, Observation
from framsyn.web.plan.models import Element, Version

pytestmark = pytest.mark.django_db

TODAY = datetime.date(2028, 9, 1)
GOAL = "rup-2027.s8.g1"  # a task of the draft, measured by nothing


@pytest.fixture
def indicator() -> Indicator:
    return Indicator.objects.create(
        pk="full-time-nurses",
        name={"nb": "Heltid", "en": "Full time"},
        definition={"nb": "Andel"},
        unit="share",
        decimals=0,
        frequency="year",
        direction="up",
        source={"nb": "HR"},
        responsible_id="hmn",
    )


def put(indicator: Indicator, year: int, value: float, place: str = "hmn", **more: Any) -> Observation:
    end = datetime.date(year, 12, 31)
    return Observation.objects.create(
        indicator=indicator,
        place=place,
        period_start=datetime.date(year, 1, 1),
        period_end=end,
        value=value,
        data_through=end,
        created_at=timezone.now(),
        **more,
    )


def decided(indicator: Indicator | None, place: str = "hmn", **more: Any) -> GoalDecision:
    facts: dict[str, Any] = {
        "type": "reach_at_least",
        "direction": "up",
        "standing": "decided",
        "baseline": 0.61,
        "baseline_date": datetime.date(2025, 12, 31),
        "target": 0.75,
        "deadline": datetime.date(2030, 12, 31),
    }
    facts |= more
    wording = Element.objects.get(pk=GOAL).wordings.get()
    return GoalDecision.objects.create(
        goal_id=GOAL, place_id=place, indicator=indicator, wording=wording, created_at=timezone.now(), **facts
    )


@pytest.fixture
def bare() -> None:
    GoalDecision.objects.filter(goal=GOAL).delete()


def now(place: str | None = None) -> Any:
    return goal_statuses([GOAL], place, TODAY)[GOAL]


# ---------------------------------------------------------------- status
def test_any_number_of_goals_takes_two_queries(django_assert_num_queries: Any) -> None:
    every = list(Element.objects.filter(kind="goal").values_list("pk", flat=True))
    assert len(every) == 44
    with django_assert_num_queries(2):
        found = goal_statuses(every)
        texts = [status.said_in(lang) for status in found.values() for lang in ("nb", "nn", "en")]
    assert len(found) == 44
    assert all(texts)


def test_a_goal_that_nobody_has_decided_says_so(bare: None) -> None:
    assert (now().code, now().shown) == ("no_data", None)
    assert now().said_in("en") == "Nobody has decided yet what this goal is measured by."


def test_the_status_is_judged_from_the_figures(bare: None, indicator: Indicator) -> None:
    decided(indicator)
    put(indicator, 2026, 0.62)
    put(indicator, 2027, 0.66)
    assert now().code == "at_risk"
    assert now().said_in("en").startswith("Rose from 61 to 66% and must reach 75 by 2030")


def test_long_series_give_the_same_status_as_the_whole_series(bare: None, indicator: Indicator) -> None:
    from framsyn.web.goals.statuses import rule_of
    from framsyn.web.indicators.rules import Reading
    from framsyn.web.indicators.status import judge

    decision = decided(indicator, baseline=None, baseline_date=None)
    rows = [
        put(indicator, 1990 + i, 0.4 + 0.005 * i, quality="faulty" if i in (0, 36) else "official")
        for i in range(38)
    ]
    readings = [Reading(row.period_end, row.value or 0, faulty=row.quality == "faulty") for row in rows]
    part = now().shown
    assert part is not None
    assert part.status == judge(rule_of(decision), readings, TODAY)
    assert len(part.readings) < len(rows)


def test_a_part_that_goes_the_wrong_way_is_flagged_beside_the_regions_status(
    bare: None, indicator: Indicator
) -> None:
    decided(indicator)
    decided(indicator, "sto")
    decided(indicator, "hnt")
    for year, region, trust in ((2026, 0.66, 0.58), (2027, 0.70, 0.55)):
        put(indicator, year, region)
        put(indicator, year, trust, "sto")
        put(indicator, year, 0.7, "hnt")
    status = now()
    assert status.code == "on_the_way"
    assert status.wrong_way
    assert [part.decision.place_id for part in status.wrong_parts] == ["sto"]
    assert status.said_in("en").endswith("Wrong way: St. Olavs hospital.")
    assert now("sto").code == "wrong_way"
    assert next(part.decision.place_id for part in status.parts) == "hmn"


def test_a_decided_demand_comes_before_an_example(bare: None, indicator: Indicator) -> None:
    other = Indicator.objects.create(
        pk="other",
        name={"nb": "Annet"},
        definition={"nb": "x"},
        unit="days",
        frequency="year",
        direction="down",
        source={"nb": "x"},
        responsible_id="hmn",
    )
    decided(indicator)
    decided(other, type="reach_at_most", direction="down", standing="illustration", baseline=10, target=5)
    put(indicator, 2027, 0.74)
    put(other, 2027, 20)
    assert (now().code, now().is_example, now().wrong_way) == ("on_the_way", False, True)
    Observation.objects.filter(indicator=indicator).delete()
    # What is decided and has no data is not covered up by an example; the wrong way is flagged all the same.
    assert (now().code, now().is_example, now().wrong_way) == ("no_data", False, True)


def test_small_numbers_are_not_judged_by(bare: None, indicator: Indicator) -> None:
    indicator.small_number = 5
    indicator.save()
    decided(indicator)
    put(indicator, 2027, 0.5, numerator=2, denominator=4)
    assert now().code == "no_data"
    put(indicator, 2026, 0.7, numerator=70, denominator=100)
    assert now().shown.status.value == pytest.approx(0.7)


def test_a_superseded_decision_is_not_judged(bare: None, indicator: Indicator) -> None:
    old = decided(indicator)
    decided(indicator, target=0.9, supersedes=old)
    put(indicator, 2027, 0.8)
    assert [part.decision.target for part in now().parts] == [0.9]


def test_counts_add_up_to_the_goals() -> None:
    assert sum(count for _code, count in status_counts()) == 44
    assert status_counts("strategi-2030") != status_counts()


# ---------------------------------------------------------------- pages
def test_the_list_shows_every_goal_and_filters(client: Any, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(15):
        page = client.get("/goals/?lang=nb").content.decode()
    assert len(re.findall(r'class="card card--link', page)) == 44
    assert "style=" not in page
    for code, count in status_counts():
        found = goal_list(Filters(status=code))
        assert found.found == count + (found.wrong if code == "wrong_way" else 0)
    assert goal_list(Filters(section="rup-2027.s5")).found == 4
    assert 0 < goal_list(Filters(place="sto")).found < 44
    assert goal_list(Filters(text="zzzz")).found == 0
    assert client.get("/goals/?plan=nowhere&status=nonsense").status_code == 200


def test_the_file_has_a_line_per_goal(client: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/goals/goals.csv").content.decode())))
    assert len(rows) == 44
    assert {row["goal"] for row in rows} >= {"rup-2027.s1.g1"}


@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
def test_every_goal_has_its_page(client: Any, django_assert_max_num_queries: Any, lang: str) -> None:
    for name in ("rup-2027.s1.g1", "rup-2027.s2.g2", "rup-2027.s5.g2", GOAL):
        with django_assert_max_num_queries(15):
            page = client.get(f"/goals/{name}/?lang={lang}").content.decode()
        with translation.override(lang):
            assert goal_statuses([name])[name].sentence.replace("'", "&#x27;") in page
        assert page.count("<h1>") == 1
        assert "style=" not in page
    assert client.get("/goals/nowhere/").status_code == 404


def test_the_page_of_an_editor_stays_within_the_budget(
    editor_client: Any, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(15 + 1):  # and what waits for the person, in the head of the page
        page = editor_client.get("/goals/rup-2027.s5.g2/").content.decode()
    assert "/goals/rup-2027.s5.g2/decide/" in page


def test_readers_see_no_forms(client: Any, reader_client: Any) -> None:
    assert "/decide/" not in client.get("/goals/rup-2027.s5.g2/").content.decode()
    assert client.get("/goals/rup-2027.s5.g2/decide/").status_code == 302
    assert reader_client.get("/goals/rup-2027.s5.g2/decide/").status_code == 403
    assert reader_client.get("/goals/new/").status_code == 403


# ---------------------------------------------------------------- deciding
SYSTEM = Actor.system("tests")


@pytest.mark.parametrize(
    ("terms", "field", "code"),
    [
        (
            {"target": 0.5, "baseline": 0.6, "baseline_date": datetime.date(2025, 1, 1)},
            "target",
            "target-behind-baseline",
        ),
        ({"type": "reach_at_most", "target": 0.5}, "type", "against-direction"),
        ({"indicator": None}, "indicator", "no-indicator"),
        ({"baseline": 0.6}, "baseline_date", "baseline-without-date"),
        ({"type": "range", "target_low": 0.9, "target_high": 0.1}, "target_low", "goal-range"),
        ({"type": "hold", "target": 0.9}, "target", "goal-target"),
        ({"deadline": datetime.date(2020, 1, 1)}, "deadline", "deadline-passed"),
        ({"tolerance": -1.0}, "tolerance", "goal-tolerance"),
        ({"decided_by": {}}, "decided_by", "no-decider"),
        ({"decided_on": datetime.date(2099, 1, 1)}, "decided_on", "future-date"),
    ],
)
def test_terms_that_contradict_themselves_name_the_field(
    indicator: Indicator, terms: dict[str, Any], field: str, code: str
) -> None:
    sound: dict[str, Any] = {"type": "reach_at_least", "indicator": indicator, "decided_by": {"nb": "Styret"}}
    check_terms(Terms(**sound), TODAY)
    with pytest.raises(PlanError) as error:
        check_terms(Terms(**{**sound, **terms}), TODAY)
    assert (error.value.code, error.value.data["field"]) == (code, field)


def test_a_decision_supersedes_and_is_logged(bare: None, indicator: Indicator) -> None:
    goal, place = Element.objects.get(pk=GOAL), Organisation.objects.get(pk="hmn")
    terms = Terms(
        "reach_at_least", indicator=indicator, target=0.7, decided_by={"nb": "Styret"}, case_number="12/27"
    )
    first = decide(SYSTEM, goal, place, terms)
    second = decide(
        SYSTEM, goal, place, Terms("hold", indicator=indicator, standing="proposed", tolerance=0.02)
    )
    assert second.supersedes == first
    first.refresh_from_db()
    assert (first.type, first.case_number) == ("reach_at_least", "12/27")
    entry = Entry.objects.filter(action="goal.decide").latest("id")
    assert (entry.object_id, entry.before["target"], entry.after["type"]) == (GOAL, 0.7, "hold")
    with pytest.raises(PlanError) as error:
        decide(SYSTEM, goal, place, terms, supersedes=first)
    assert error.value.code == "superseded"


def test_only_editors_of_the_place_decide(bare: None, person: Any, acting: Any, indicator: Indicator) -> None:
    trust = Organisation.objects.get(pk="sto")
    actor = acting(person("editor", trust))
    goal = Element.objects.get(pk=GOAL)
    terms = Terms("do", standing="proposed")
    assert decide(actor, goal, trust, terms).place_id == "sto"
    with pytest.raises(NotAllowed):
        decide(actor, goal, Organisation.objects.get(pk="hmr"), terms)


def test_the_form_puts_the_refusal_beside_the_field_and_loses_nothing(
    editor_client: Any, indicator: Indicator
) -> None:
    data = {
        "place": "hmn",
        "indicator": indicator.pk,
        "type": "reach_at_least",
        "target": "50",
        "baseline": "61,5",
        "baseline_date": "2025-12-31",
        "standing": "proposed",
        "case_number": "keep me",
    }
    answer = editor_client.post(f"/goals/{GOAL}/decide/?lang=en", data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The target lies below the baseline" in page
    assert 'value="keep me"' in page
    assert 'value="61,5"' in page
    assert not GoalDecision.objects.filter(indicator=indicator).exists()
    answer = editor_client.post(f"/goals/{GOAL}/decide/", {**data, "target": "70"})
    assert answer.status_code == 302
    made = GoalDecision.objects.get(indicator=indicator)
    assert (made.target, made.baseline) == (pytest.approx(0.7), pytest.approx(0.615))


# ---------------------------------------------------------------- by hand
def test_a_status_by_hand_needs_a_reason_and_an_end(bare: None, indicator: Indicator) -> None:
    decision = decided(indicator)
    today = timezone.localdate()
    soon = today + datetime.timedelta(days=30)
    for status, reason, expires, code in (
        ("on_the_way", " ", soon, "override-without-reason"),
        ("on_the_way", "x", today - datetime.timedelta(days=1), "override-passed"),
        ("on_the_way", "x", today + datetime.timedelta(days=800), "override-too-long"),
        ("no_data", "x", soon, "override-status"),
    ):
        with pytest.raises(PlanError) as error:
            override(SYSTEM, decision, status, reason, expires)
        assert error.value.code == code
    assert not Override.objects.exists()


def test_a_status_by_hand_is_shown_expires_and_ends(bare: None, indicator: Indicator) -> None:
    decision = decided(indicator)
    put(indicator, 2024, 0.6)
    today = timezone.localdate()
    soon = today + datetime.timedelta(days=30)
    made = override(SYSTEM, decision, "at_risk", "New count under way", soon)
    status = goal_statuses([GOAL])[GOAL]
    assert status.code == "at_risk"
    assert "New count under way" in status.said_in("en")
    later = goal_statuses([GOAL], today=soon + datetime.timedelta(days=1))[GOAL]
    assert later.code == later.shown.status.computed != "at_risk"
    assert "has fallen away" in later.said_in("en")
    second = override(SYSTEM, decision, "on_the_way", "Counted", soon)
    made.refresh_from_db()
    assert made.ended_at is not None
    end_override(SYSTEM, second, reason="done")
    assert goal_statuses([GOAL])[GOAL].shown.status.override is None
    assert set(Entry.objects.filter(object_id=GOAL).values_list("action", flat=True)) >= {
        "goal.override",
        "goal.end_override",
    }
    with pytest.raises(PlanError):
        end_override(SYSTEM, second)


def test_the_forms_of_a_status_by_hand(bare: None, indicator: Indicator, editor_client: Any) -> None:
    decision = decided(indicator)
    address = f"/goals/{GOAL}/override/{decision.pk}/"
    assert (
        editor_client.post(address, {"status": "at_risk", "expires": "2099-01-01", "reason": ""}).status_code
        == 422
    )
    soon = (timezone.localdate() + datetime.timedelta(days=9)).isoformat()
    assert (
        editor_client.post(address, {"status": "at_risk", "expires": soon, "reason": "Why"}).status_code
        == 302
    )
    page = editor_client.get(f"/goals/{GOAL}/").content.decode()
    manual = Override.objects.get()
    assert "Why" in page
    assert f"/goals/{GOAL}/end-override/{manual.pk}/" in page
    assert editor_client.get(f"/goals/{GOAL}/end-override/{manual.pk}/").status_code == 200
    assert editor_client.post(f"/goals/{GOAL}/end-override/{manual.pk}/", {"reason": "x"}).status_code == 302
    manual.refresh_from_db()
    assert manual.ended_at is not None


# ---------------------------------------------------------------- a new goal
def test_a_new_goal_with_a_new_indicator_in_one_form(editor_client: Any, client: Any) -> None:
    frozen = {version.pk: version.digest for version in Version.objects.filter(plan="rup-2027")}
    assert editor_client.get("/goals/new/").status_code == 200
    data = {
        "section": "rup-2027.s5",
        "title_nb": "Flere fagarbeidere",
        "place": "hmn",
        "type": "reach_at_least",
        "target": "40",
        "deadline": "2031-12-31",
        "standing": "proposed",
        "new_name_nb": "Andel fagarbeidere",
        "new_definition_nb": "Andel av årsverkene",
        "new_unit": "share",
        "new_direction": "up",
        "new_source_nb": "HR",
    }
    answer = editor_client.post("/goals/new/", data)
    assert answer.status_code == 302, answer.content.decode()
    goal = Element.objects.get(pk=answer["Location"].split("/")[2])
    decision = goal.decisions.get()
    assert decision.target == pytest.approx(0.4)
    assert decision.indicator.pk == "andel-fagarbeidere"
    node = goal.nodes.get()
    assert (node.version.state, node.parent_id) == ("draft", "rup-2027.s5")
    assert {version.pk: version.digest for version in Version.objects.filter(pk__in=frozen)} == frozen
    assert editor_client.get(f"/goals/{goal.pk}/").status_code == 200
    assert "Flere fagarbeidere" in editor_client.get("/goals/").content.decode()
    # Readers meet it when the version is published.
    assert client.get(f"/goals/{goal.pk}/").status_code == 404
    assert "Flere fagarbeidere" not in client.get("/goals/").content.decode()


def test_a_new_goal_is_made_whole_or_not_at_all(editor_client: Any) -> None:
    before = Element.objects.count()
    data = {
        "section": "rup-2027.s5",
        "title_nb": "Mål",
        "place": "hmn",
        "type": "reach_at_least",
        "standing": "proposed",
    }
    answer = editor_client.post("/goals/new/?lang=en", data)
    assert answer.status_code == 422
    assert "Choose the indicator" in answer.content.decode()
    assert Element.objects.count() == before
    assert not Version.objects.filter(plan="rup-2027", state="draft").exists()
