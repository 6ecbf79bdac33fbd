"""Cards of assumptions: what they show, objections and their answers, who may what, and the shares that are computed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from site_pages import parse

from framsyn.errors import PlanError
from framsyn.scenario import Scenario
from framsyn.web.accounts.models import Organisation, Role
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.assumptions import actions
from framsyn.web.assumptions.models import Objection, Share
from framsyn.web.assumptions.queries import LARGE, effects_of, rows_of
from framsyn.web.assumptions.shares import RANKED, store_shares
from framsyn.web.assumptions.subjects import known_names, said, said_range, subject_of, subjects
from framsyn.web.audit.models import Entry
from framsyn.web.explorer.known import known_levers
from framsyn.web.languages import Text
from framsyn.web.locking import last_change
from framsyn.web.policies import may

SYSTEM = Actor.system("tests")
PLAN, DEMOGRAPHY, TREND = (Scenario.load(name) for name in ("plan", "demography", "trend"))
WORDS = "The mean stay cannot fall by that much in a small hospital."
ANSWER = Text(nb="Vi ser på det.", nn="Vi ser på det.", en="We shall look at it.")


def page(address: str, client: Client | None = None, lang: str = "en") -> Any:
    answer = (client or Client()).get(address, headers={"accept-language": lang})
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    return parse(answer.content.decode())


def objection(**changes: Any) -> Objection:
    given = {"kind": "fact", "text": WORDS, "may_publish": False, **changes}
    return actions.object_to(SYSTEM, "work_processes", "plan", given.pop("kind"), given.pop("text"), **given)


# ---------------------------------------------------------------- what a card says
def test_the_list_names_every_lever_and_every_assumption_once() -> None:
    for scenario in (PLAN, DEMOGRAPHY, TREND):
        names = [one.name for one in subjects(scenario)]
        assert len(names) == len(set(names))
        assert set(names) == set(known_levers()) | {a.name for a in scenario.assumptions}


def test_a_size_is_written_with_its_unit() -> None:
    one = subject_of("work_processes", PLAN)
    assert said(one, one.value, "en") == "−3.7%"
    assert said_range(one, "en") == "−5.7 to −1.9%"
    assert said_range(one, "nb").startswith("−5,7 til −1,9")
    assert said(subject_of("productivity_growth", PLAN), 0.2, "en") == "+0.20 percentage points a year"
    assert said(subject_of("healthier_ageing", PLAN), 3.19, "nb") == "+3,2 år"


@pytest.mark.django_db
def test_an_assumption_without_a_source_is_marked_in_list_and_card() -> None:
    marked = {row.label for row in rows_of(PLAN, "en", source="without")}
    rows = rows_of(PLAN, "en")
    assert {row.label for row in rows if not row.subject.sourced} == marked
    assert "Illness that is prevented" in marked
    assert "Healthier old age" not in marked
    listed = page("/assumptions/")
    for line in listed.all("tr"):
        head = line.all("th", scope="row")
        if head:
            assert ("Size without source" in line.text) == (head[0].text in marked), head[0].text
    assert "No source gives this size" in page("/assumptions/prevention/").text
    assert "No source gives this size" not in page("/assumptions/healthier_ageing/").text


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(known_names()))
def test_every_assumption_has_a_card(name: str) -> None:
    found = page(f"/assumptions/{name}/")
    assert len(found.all("h1")) == 1
    for part in ("Value now", "What it rests on", "What it moves", "Objections", "Answers for it"):
        assert part in found.text, part


@pytest.mark.django_db
def test_a_card_draws_the_size_and_its_course_with_their_tables() -> None:
    found = page("/assumptions/work_processes/", lang="nb")
    figures = {node.attributes["id"]: node for node in found.all("figure")}
    assert set(figures) == {"size-work-processes", "course-work-processes"}
    size = figures["size-work-processes"]
    assert "åtte av ti ganger −5,7 til −1,9" in size.text
    assert "sentralt −3,7" in size.text
    assert len(size.all("table")[0].all("tr")) == 8
    course = figures["course-work-processes"]
    assert "jevnt 2025–2040" in course.text
    assert len(course.all("table")[0].all("tr")) == 17


@pytest.mark.django_db
def test_a_card_tells_what_others_have_or_that_it_is_not_known() -> None:
    assert "Helse Sør-Øst: 8.1 % early in 2025" in page("/assumptions/sick_leave/").text
    assert "Not known: no open source" in page("/assumptions/prevention/").text
    assert "Today 8.5%" in page("/assumptions/sick_leave/").text


@pytest.mark.django_db
def test_a_card_tells_how_the_scenarios_differ() -> None:
    rows = [row.text for row in page("/assumptions/work_processes/?scenario=ambitious").all("tr")]
    assert "Central plan −3.7% −5.7 to −1.9%" in rows
    assert "Demography alone not assumed –" in rows
    assert any(row.startswith("Ambitious this one −8%") for row in rows)


@pytest.mark.django_db
def test_a_card_of_what_the_scenario_lacks_says_so() -> None:
    found = page("/assumptions/births/")
    assert "Not assumed in “Central plan”" in found.text
    assert [node.attributes["id"] for node in found.all("figure")] == ["size-births"]
    assert "Not assumed in" in page("/assumptions/trend_stays/").text
    assert "no differences to level" in page("/assumptions/levelling/").text


@pytest.mark.django_db
def test_measures_that_move_it_are_named() -> None:
    links = {node.attributes["href"] for node in page("/assumptions/home_hospital/").all("a", href="")}
    assert "/measures/home-hospital/" in links
    assert "No measure of the plan" in page("/assumptions/prevention/").text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/assumptions/nothing/", "/assumptions/?scenario=nothing", "/assumptions/?sort=1", "/assumptions/?source=x",
        "/assumptions/work_processes/?scenario=<script>", "/assumptions/work_processes/?scenario=s-nobody",
        "/assumptions/objections/999/", "/assumptions/objections/99999999999999999999/",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(address: str) -> None:
    assert Client().get(address).status_code in (404, 302)


@pytest.mark.django_db
@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
@pytest.mark.parametrize(
    "address", ["/assumptions/", "/assumptions/?sort=effect", "/assumptions/home_hospital/"]
)
def test_pages_stay_within_their_queries(address: str, lang: str) -> None:
    for _ in range(3):
        objection()
    client = Client()
    client.get(address, headers={"accept-language": lang})
    with CaptureQueriesContext(
        connection,
    ) as caught:
        client.get(address, headers={"accept-language": lang})
    assert len(caught) <= 15


# ---------------------------------------------------------------- shares
@pytest.mark.django_db
def test_shares_are_computed_once_and_shown_with_their_run(plan_run: Any) -> None:
    assert effects_of(plan_run.scenario) == {}
    assert "has not been computed" in page("/assumptions/work_processes/").text
    kept = store_shares(SYSTEM, plan_run, size=4)
    assert kept == Share.objects.count()
    assert set(Share.objects.values_list("quantity", flat=True)) == set(RANKED)
    assert all(0 <= low <= high <= 1 for low, high in Share.objects.values_list("low", "high"))
    assert Entry.objects.filter(action="assumption.rank").count() == 1
    again = store_shares(SYSTEM, plan_run, size=4)
    assert (again, Share.objects.count()) == (kept, kept)
    effects = effects_of(plan_run.scenario)
    assert effects["work_processes"].run == plan_run.id
    # What cannot reach need or bed days has no share, and that too is known.
    assert effects["energy_use"].largest == 0
    found = page("/assumptions/work_processes/")
    assert plan_run.id in found.text
    assert "has not been computed" not in found.text
    assert "has not been computed" in page("/assumptions/work_processes/?scenario=ambitious").text


@pytest.mark.django_db
def test_where_work_would_pay_is_said() -> None:
    digest = PLAN.digest()
    for name, total in (("work_processes", 0.2), ("prevention", LARGE / 2), ("people", 0.9)):
        Share.objects.create(
            run="r", scenario_digest=digest, quantity="bed_days", year=2040, assumption=name, total=total, low=0.0,
            high=1.0, size=4, computed_at="2027-01-01T00:00:00Z",
        )  # fmt: skip
    first = [row.subject.name for row in rows_of(PLAN, "en") if row.look_first]
    assert first == ["work_processes"]
    assert "Look here first" in page("/assumptions/work_processes/").text
    assert "Weak ground, little weight" in page("/assumptions/prevention/").text
    assert [row.subject.name for row in rows_of(PLAN, "en", sort="effect")][:2] == [
        "work_processes",
        "prevention",
    ]


# ---------------------------------------------------------------- objections
@pytest.mark.django_db
def test_the_words_are_public_only_with_leave_and_once_published() -> None:
    quiet, open_ = (
        objection(),
        objection(kind="value", may_publish=True, text="Care near home is worth the cost."),
    )
    text = page("/assumptions/work_processes/").text
    assert WORDS not in text
    assert "worth the cost" not in text
    assert text.count("The words are not shown to everybody.") == 2
    actions.answer(SYSTEM, open_, ANSWER, publish=True)
    with pytest.raises(PlanError) as refused:
        actions.answer(SYSTEM, quiet, ANSWER, publish=True)
    assert refused.value.code == "no-leave"
    text = page("/assumptions/work_processes/").text
    assert "worth the cost" in text
    assert text.count("We shall look at it.") == 1
    with transaction.atomic(), pytest.raises(IntegrityError), transaction.atomic():
        Objection.objects.filter(pk=quiet.pk).update(is_published=True)


@pytest.mark.django_db
def test_the_log_proves_what_was_said_and_holds_none_of_it() -> None:
    made = objection()
    entry = Entry.objects.get(action="assumption.object", object_id=str(made.pk))
    assert WORDS not in str((entry.before, entry.after, entry.object_label))
    assert re.fullmatch(r"[0-9a-f]{64}", entry.after["sha256"])
    assert entry.organisation_id == "hmn"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"text": " \x00 "}, "text-missing"),
        ({"text": "x" * (Objection.LONGEST + 1)}, "too-long"),
        ({"kind": "opinion"}, "unknown-kind"),
    ],
)
def test_an_objection_that_says_nothing_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(PlanError) as refused:
        objection(**changes)
    assert refused.value.code == code
    assert Objection.objects.count() == 0


@pytest.mark.django_db
def test_script_in_an_objection_stays_text(editor: Any) -> None:
    made = objection(text="<script>alert(1)</script>", may_publish=True)
    actions.answer(SYSTEM, made, Text(en="<img src=x onerror=alert(1)>"), publish=True)
    body = Client().get("/assumptions/work_processes/", headers={"accept-language": "en"}).content.decode()
    assert "<script>alert" not in body
    assert "<img src=x" not in body
    assert "&lt;script&gt;alert(1)" in body


# ---------------------------------------------------------------- who may what
SEATS = [(role, place) for role in Role.values for place in ("", "hmn", "hnt")]


def seat(person: Callable[..., Any], role: str, place: str) -> Any:
    organisation = Organisation.objects.get(pk=place) if place else None
    return person(role, organisation, name=f"seat-{role}-{place or 'all'}")


@pytest.mark.parametrize(("role", "place"), SEATS)
def test_everybody_with_a_role_may_object(
    role: str, place: str, person: Callable[..., Any], acting: Callable[[Any], Any]
) -> None:
    user = seat(person, role, place)
    assert may({role}, "assumption.object")
    assert actions.object_to(acting(user), "prevention", "plan", "value", WORDS).author == user
    client = Client()
    client.force_login(user)
    address = "/assumptions/prevention/object/"
    assert client.get(address).status_code == 200
    sent = client.post(address, {"kind": "interest", "text": WORDS})
    assert (sent.status_code, sent["Location"]) == (302, "/assumptions/prevention/#objections")
    assert Objection.objects.filter(author=user, kind="interest", may_publish=False).count() == 1
    assert WORDS in page("/assumptions/prevention/", client).text  # one's own words
    assert WORDS not in page("/assumptions/prevention/").text


@pytest.mark.parametrize(("role", "place"), SEATS)
def test_only_those_responsible_answer(
    role: str, place: str, person: Callable[..., Any], acting: Callable[[Any], Any]
) -> None:
    made, user = objection(may_publish=True), seat(person, role, place)
    client = Client()
    client.force_login(user)
    address = f"/assumptions/objections/{made.pk}/"
    allowed = may({role}, "assumption.answer") and place in ("", "hmn")
    shown = page("/assumptions/work_processes/", client).text
    assert (WORDS in shown) == allowed
    answers = [client.get(address).status_code, client.post(address, {"answer_en": "No."}).status_code]
    made.refresh_from_db()
    if allowed:
        assert answers == [200, 302]
        assert (made.status, dict(made.answer)["en"], made.answered_by) == ("answered", "No.", user)
    else:
        missing = 404 if place == "hnt" else 403
        assert answers == [missing, missing]
        assert made.status == "open"
        with pytest.raises(NotAllowed):
            actions.answer(acting(user), made, ANSWER)


@pytest.mark.django_db
def test_strangers_are_asked_to_log_in_and_change_nothing() -> None:
    made = objection()
    for address in ("/assumptions/prevention/object/", f"/assumptions/objections/{made.pk}/"):
        for answer in (Client().get(address), Client().post(address, {"kind": "fact", "text": WORDS})):
            assert answer.status_code == 302
            assert answer["Location"].startswith("/login/")
    with pytest.raises(NotAllowed):
        actions.object_to(Actor(user=None, name=""), "prevention", "plan", "fact", WORDS)
    assert Objection.objects.count() == 1


def test_somebody_without_any_role_may_not_object(
    person: Callable[..., Any], acting: Callable[[Any], Any]
) -> None:
    user = person("reader")
    user.memberships.all().delete()
    with pytest.raises(NotAllowed):
        actions.object_to(acting(user), "prevention", "plan", "fact", WORDS)


def test_a_late_answer_overwrites_nobody(
    editor: Any, administrator: Any, acting: Callable[[Any], Any]
) -> None:
    made = objection()
    seen = last_change(made)
    actions.answer(acting(editor), made, ANSWER, seen=seen)
    with pytest.raises(PlanError) as refused:
        actions.answer(acting(administrator), made, Text(en="Other."), seen=seen)
    assert refused.value.code == "stale"
    client = Client()
    client.force_login(administrator)
    late = client.post(f"/assumptions/objections/{made.pk}/", {"answer_en": "Other.", "seen": seen})
    assert late.status_code == 200
    assert "Other." in late.content.decode()
    made.refresh_from_db()
    assert dict(made.answer) == dict(ANSWER)
    newest = {"answer_en": "Other.", "seen": last_change(made)}
    assert client.post(f"/assumptions/objections/{made.pk}/", newest).status_code == 302


def test_only_the_system_and_administrators_keep_shares(editor: Any, acting: Callable[[Any], Any]) -> None:
    with pytest.raises(NotAllowed):
        actions.keep_shares(acting(editor), "r", [])
    assert actions.keep_shares(SYSTEM, "r", []) == 0
