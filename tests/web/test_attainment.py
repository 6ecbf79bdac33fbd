"""Can we reach it: kept answers, the pages that read them, and what is loaded from the content files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from site_pages import parse

from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.attainment.asking import digest_of, effects_in_use, options_of, questions_of_site
from framsyn.web.attainment.models import AttainmentResult, IndicatorReading, MeasureEffect
from framsyn.web.attainment.page import level_of
from framsyn.web.attainment.questions import Answers, answer_all, questions_of_files
from framsyn.web.attainment.store import keep
from framsyn.web.attainment.wording import answer_of, chance_text, moved_text, points_text
from framsyn.web.audit.models import Entry
from framsyn.web.goals.models import GoalDecision
from framsyn.web.indicators.models import Indicator
from framsyn.web.measures.models import Measure

SYSTEM = Actor.system("tests")
MOST_QUERIES = 15
GOALS = 44


@pytest.fixture(scope="session")
def computed(midt: Any) -> Answers:
    """Return the answers of the shipped plan, with few draws and few sets; computed once."""
    from framsyn.scenario import Scenario

    questions, measures = questions_of_files(midt.folder / "plan", midt.trusts)
    return answer_all(midt, Scenario.load("plan", region=midt), questions, measures, draws=12, budget=16)


@pytest.fixture
def kept(db: None, computed: Answers, midt: Any) -> Answers:
    """Keep the answers in the site."""
    keys = {(one.goal, one.place, one.indicator): one.key for one in questions_of_site(midt.trusts)}
    found = [(replace(question, key=keys[question.key]), one) for question, one in computed.found]
    answers = replace(computed, found=found)
    keep(SYSTEM, answers)
    return answers


def text_of(answer: Any) -> str:
    """Return a page as text."""
    return answer.content.decode()


# ---------------------------------------------------------------- content and questions
def test_the_files_and_the_site_ask_the_same(db: None, midt: Any) -> None:
    questions, measures = questions_of_files(midt.folder / "plan", midt.trusts)
    site = questions_of_site(midt.trusts)
    by_key = {(one.goal, one.place, one.indicator): one.target for one in questions}
    assert {(one.goal, one.place, one.indicator): one.target for one in site} == by_key
    assert options_of(effects_in_use()) == measures


def test_every_effect_is_of_an_assumption_of_the_plan(db: None) -> None:
    from framsyn.scenario import Scenario

    plan = Scenario.load("plan")
    for effect in MeasureEffect.objects.select_related("measure"):
        assert plan.assumption(effect.assumption).name == effect.assumption
        assert not effect.reason.missing
        assert effect.standing == "illustration"
        assert effect.measure.start is not None
        assert effect.end >= effect.measure.start.year
    # what a measure says it moves is among what it is taken to move
    for measure in Measure.objects.exclude(assumption=""):
        assert measure.assumption in {one.assumption for one in measure.effects.all()}


def test_a_second_load_changes_nothing_and_a_change_in_the_files_comes_in(
    db: None, root: Any, tmp_path: Any
) -> None:
    import shutil

    from framsyn.web.operations.load import load_content

    source = root / "src/framsyn/regions/midt-norge"
    assert load_content(SYSTEM, source / "plan").loaded == []
    folder = tmp_path / "midt-norge"
    shutil.copytree(source, folder)
    file = folder / "plan/effects.toml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("mode = 0.12", "mode = 0.13", 1), encoding="utf-8"
    )
    assert load_content(SYSTEM, folder / "plan").loaded == ["effect home-hospital.home_hospital"]
    assert MeasureEffect.objects.get(pk="home-hospital.home_hospital").mode == 0.13


def test_an_effect_that_somebody_changed_here_stays(db: None, root: Any, tmp_path: Any, editor: Any) -> None:
    import shutil

    from framsyn.web.operations.load import load_content

    effect = MeasureEffect.objects.get(pk="home-hospital.home_hospital")
    Entry.objects.create(
        action="measure.change", actor=editor, actor_name="x", object_type="attainment.measureeffect",
        object_id=effect.pk, at=AttainmentResult._meta.get_field("made_at").to_python("2026-01-01T00:00:00Z"),
    )  # fmt: skip
    folder = tmp_path / "midt-norge"
    shutil.copytree(root / "src/framsyn/regions/midt-norge", folder)
    file = folder / "plan/effects.toml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("mode = 0.12", "mode = 0.13", 1), encoding="utf-8"
    )
    assert load_content(SYSTEM, folder / "plan").kept == ["effect home-hospital.home_hospital"]
    assert MeasureEffect.objects.get(pk=effect.pk).mode == 0.12


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ('[[effect]]\nmeasure = "nothing"\n', "unknown-measure"),
        ("[[effect]]\nlow = 0.5\n", "wrong-order"),
        ("[[effect]]\nhigh = 2.0\n", ""),
        ("[[effect]]\nstart = 2031\n", "wrong-order"),
        ('[[reading]]\nquantity = "bedz"\n', "unknown-quantity"),
        ('[[reading]]\nparameter = "sick_leave"\nquantity = "beds"\n', "key-unfit"),
    ],
)
def test_a_wrong_entry_is_told_with_its_file(tmp_path: Any, root: Any, block: str, code: str) -> None:
    import shutil

    from framsyn.errors import PlanError
    from framsyn.web.plan.content import read_content

    folder = tmp_path / "plan"
    shutil.copytree(root / "src/framsyn/regions/midt-norge/plan", folder)
    three = '{ nb = "a", nn = "a", en = "a" }'
    words = f'reason = {three}\nsource = {three}\nstanding = "illustration"\n'
    whole = {
        "effect": {"measure": '"home-hospital"', "assumption": '"x"', "low": "0.1", "mode": "0.2", "high": "0.3",
                   "start": "2026", "end": "2030"},
        "reading": {"indicator": '"population"'},
    }  # fmt: skip
    kind, *lines = block.strip().split("\n")
    name = kind.strip("[]")
    fields = whole[name] | dict(line.split(" = ", 1) for line in lines)
    text = f"{kind}\n" + "".join(f"{key} = {value}\n" for key, value in fields.items())
    file = folder / f"{name}s.toml"
    file.write_text(text + (words if name == "effect" else ""), encoding="utf-8")
    with pytest.raises(PlanError) as error:
        read_content(folder)
    assert f"{name}s.toml" in error.value.message
    assert not code or error.value.code == code


def test_an_effect_out_of_order_cannot_be_stored(db: None) -> None:
    effect = MeasureEffect.objects.first()
    assert effect is not None
    for field, value in (("low", 0.9), ("high", 1.5), ("start", effect.end)):
        with pytest.raises(IntegrityError), transaction.atomic():
            MeasureEffect.objects.filter(pk=effect.pk).update(**{field: value})


# ---------------------------------------------------------------- keeping
def test_answers_are_kept_once_and_recorded(kept: Answers) -> None:
    assert AttainmentResult.objects.count() == len(kept.found)
    assert keep(SYSTEM, kept) == 0
    entry = Entry.objects.filter(action="attainment.store").latest("id")
    assert entry.after["answers"] == len(kept.found)
    assert entry.after["run"] == kept.run


@pytest.mark.parametrize("role", ["reader", "contributor", "owner", "editor", "approver", "preparedness"])
def test_only_administrators_keep_answers(
    computed: Answers, person: Callable[..., Any], acting: Callable[[Any], Any], role: str, db: None
) -> None:
    with pytest.raises(NotAllowed):
        keep(acting(person(role)), replace(computed, found=[], past=[]))
    assert not AttainmentResult.objects.exists()


def test_an_administrator_keeps_answers(
    computed: Answers, administrator: Any, acting: Callable[[Any], Any]
) -> None:
    assert keep(acting(administrator), replace(computed, found=[], past=[])) == 0


# ---------------------------------------------------------------- pages
def test_the_list_holds_all_goals_once_by_answer(kept: Answers) -> None:
    answer = Client(headers={"accept-language": "en"}).get("/reach/")
    page = parse(text_of(answer))
    assert answer.status_code == 200
    counts = answer.context["list"].counts
    assert sum(counts.values()) == GOALS
    assert counts["no_model"] > 0
    assert counts["no_target"] > 0
    assert counts["not_asked"] == 0
    links = [one for one in page.links if "/reach/rup-2027" in one] if hasattr(page, "links") else None
    assert links is None or len(set(links)) == GOALS


def test_the_list_says_what_is_lacking_without_any_answer(db: None) -> None:
    text = text_of(Client(headers={"accept-language": "en"}).get("/reach/"))
    assert "Not computed yet" in text
    assert "Needs a model of the waiting list" in text
    assert "Example, not decided" in text


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_a_goal_shows_chance_measures_smallest_set_and_past(kept: Answers, language: str) -> None:
    client = Client(headers={"accept-language": language})
    answer = client.get("/reach/rup-2027.s10.g2/?over=0.7")
    text = text_of(answer)
    block = answer.context["page"].blocks[0]
    assert answer.status_code == 200
    assert {row.name for row in block.rows} == {
        "home-hospital", "same-day-chest-pain", "discharge-teams", "low-value-care",
    }  # fmt: skip
    assert block.chance in text
    assert "2015" in block.past
    assert "2025" in block.past
    assert block.way is not None
    assert block.fan.title in text
    assert block.dots.description in text
    assert len(block.dots.table) == 20
    assert not [name for name in ("None", "{{", "%(") if name in block.past]


def test_the_page_of_a_goal_shows_the_chance_and_keeps_its_budget(kept: Answers) -> None:
    client = Client(headers={"accept-language": "en"})
    for address in (
        "/reach/",
        "/reach/rup-2027.s10.g1/",
        "/reach/rup-2027.s5.g2/",
        "/reach/rup-2027.s2.g2/",
        "/goals/rup-2027.s10.g1/",
        "/goals/rup-2027.s5.g2/",
    ):
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            text = text_of(client.get(address))
        assert len(queries) <= MOST_QUERIES, address
        assert "Can we reach it?" in text or "/reach/" in text, address
    assert "/reach/rup-2027.s10.g1/" in text_of(client.get("/goals/rup-2027.s10.g1/"))


def test_a_goal_without_a_model_or_a_number_says_so(kept: Answers) -> None:
    client = Client(headers={"accept-language": "en"})
    assert "What would be needed:" in text_of(client.get("/reach/rup-2027.s2.g2/"))
    assert "Nobody has decided a number to reach" in text_of(client.get("/reach/rup-2027.s8.g1/"))
    assert "No measure of the plan moves this indicator" in text_of(client.get("/reach/rup-2027.s5.g2/"))
    assert "All draws agree" in text_of(client.get("/reach/rup-2027.s5.g2/"))
    assert "an input of the model" in text_of(client.get("/reach/rup-2027.s6.g1/"))


def test_an_answer_that_rests_on_other_measures_is_out_of_date(kept: Answers) -> None:
    client = Client(headers={"accept-language": "en"})
    assert "The plan has changed since" not in text_of(client.get("/reach/rup-2027.s10.g2/"))
    MeasureEffect.objects.filter(pk="home-hospital.home_hospital").update(mode=0.15)
    assert "The plan has changed since" in text_of(client.get("/reach/rup-2027.s10.g2/"))


def test_a_stopped_measure_is_not_weighed(db: None) -> None:
    Measure.objects.filter(pk="home-hospital").update(phase=Measure.Phase.STOPPED)
    assert "home-hospital" not in {one.name for one in options_of(effects_in_use())}


def test_a_new_decision_makes_a_new_question(kept: Answers, midt: Any) -> None:
    old = GoalDecision.objects.get(goal="rup-2027.s10.g2", indicator="length-of-stay-somatic")
    old.pk, old.supersedes_id, old.target = None, old.pk, 4.1
    old.save()
    answer = Client(headers={"accept-language": "en"}).get("/reach/rup-2027.s10.g2/")
    assert "has not been put to it" in text_of(answer)
    questions = {one.key: one.target for one in questions_of_site(midt.trusts)}
    assert questions[old.pk].value == 4.1


@pytest.mark.parametrize(
    "query",
    [
        "?over=nan", "?over=-1", "?over=1e9", "?over=abc", "?over=", "?scenario=", "?scenario=" + "x" * 500,
        "?scenario=<script>alert(1)</script>", "?scenario=s-of-somebody-else", "?over=0.71", "?plan=nothing",
    ],
)  # fmt: skip
def test_hostile_questions_get_a_page(kept: Answers, query: str) -> None:
    client = Client(headers={"accept-language": "en"})
    for address in ("/reach/", "/reach/rup-2027.s10.g2/", "/reach/all.csv"):
        answer = client.get(address + query)
        assert answer.status_code == 200
        said = b"".join(answer) if answer.streaming else answer.content
        assert b"<script>alert" not in said


def test_a_chance_that_cannot_be_asked_for_is_told(kept: Answers) -> None:
    client = Client(headers={"accept-language": "en"})
    assert "This chance cannot be asked for" in text_of(client.get("/reach/rup-2027.s10.g2/?over=2"))
    assert level_of("0.75") == (0.8, True)
    assert level_of("inf") == (0.8, False)


def test_what_is_not_a_goal_is_not_found(kept: Answers) -> None:
    for name in ("rup-2027.s1.p1", "nothing", "rup-2027", "'"):
        assert Client().get(f"/reach/{name}/").status_code == 404


def test_the_file_holds_a_row_per_decision(kept: Answers) -> None:
    answer = Client(headers={"accept-language": "en"}).get("/reach/all.csv")
    rows = list(
        csv.DictReader(
            io.StringIO(b"".join(answer).decode() if answer.streaming else answer.content.decode())
        )
    )
    assert {row["goal"] for row in rows} == set(
        GoalDecision.objects.filter(goal__origin="rup-2027").values_list("goal", flat=True)
    )
    known = [row for row in rows if row["probability"]]
    assert len(known) == len(kept.found)
    assert all(0 <= float(row["probability"]) <= 1 for row in known)


# ---------------------------------------------------------------- words
@pytest.mark.parametrize(
    ("probability", "said", "code"),
    [
        (0.0, "in none of 400 draws", "unlikely"),
        (0.02, "less than 1 of 20", "unlikely"),
        (0.07, "1 of 10", "unlikely"),
        (0.5, "5 of 10", "even"),
        (0.7, "7 of 10", "likely"),
        (0.94, "9 of 10", "likely"),
        (0.97, "more than 19 of 20", "likely"),
        (1.0, "in all 400 draws", "likely"),
    ],
)
def test_a_chance_is_said_in_words(probability: float, said: str, code: str) -> None:
    assert chance_text(probability, 400) == said
    assert answer_of(probability) == code


def test_changes_have_signs_and_no_more_digits_than_they_bear(db: None) -> None:
    assert points_text(0.0512) == "+5"
    assert points_text(-0.001) == "0"
    stay = Indicator.objects.get(pk="length-of-stay-somatic")
    assert moved_text(stay, -0.0264) == "\u22120.026"
    assert moved_text(Indicator.objects.get(pk="result"), 68.4) == "+68"
    assert moved_text(Indicator.objects.get(pk="sick-leave"), -0.0017) == "\u22120.17"
    assert IndicatorReading.objects.get(indicator="sick-leave").parameter == "sick_leave"


def test_the_charts_are_drawn_without_a_spread_and_at_the_edge(kept: Answers) -> None:
    from framsyn.web.attainment import charts

    for result in AttainmentResult.objects.select_related("decision__indicator", "decision__place"):
        from framsyn.analyses.attainment import Attainment

        found = Attainment.from_json(result.found)
        drawn = charts.dots(result, found, "en")
        for width in (360, 560):
            svg = drawn.svg(width)
            assert svg.count('r="9"') == 20
            assert "nan" not in svg.lower()
        assert digest_of(found.target, kept.measures) == result.digest


@pytest.mark.parametrize(
    "address", ["/reach/?scenario=%00", "/reach/?plan=rup-2027%00", "/reach/all.csv?scenario=a%00"]
)
def test_a_null_in_an_address_is_no_fault_of_the_server(db: None, client: Any, address: str) -> None:
    assert client.get(address).status_code < 500  # PostgreSQL refuses it in a text
