"""Which lever does most: the ranking is what the desk says when each lever is moved alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from site_pages import parse

from framsyn.analyses.strongest import strongest_levers
from framsyn.outlook.desk import Desk
from framsyn.scenario import Scenario
from framsyn.scenario.levers import move_levers, read_levers
from framsyn.web.explorer import room, strongest
from framsyn.web.explorer.known import known_places
from framsyn.web.explorer.results.view import View
from framsyn.web.explorer.state import State


def beds(outlook: Any) -> float:
    return float(outlook.central_value("beds", ("year",)).sel(year=2040))


@pytest.fixture(scope="module")
def plan() -> Scenario:
    return Scenario.load("plan")


@pytest.fixture(scope="module")
def desk(midt: Any, plan: Scenario) -> Desk:
    """Return a desk of few draws: the ranking is of the central run."""
    return Desk.open(midt, plan, draws=4)


@pytest.fixture(scope="module")
def ranking(desk: Desk, plan: Scenario) -> Any:
    return strongest_levers(desk, plan, beds)


def test_every_lever_is_ranked_or_said_to_be_left_out(midt: Any, ranking: Any) -> None:
    pulls, left_out = ranking
    names = [pull.lever.name for pull in pulls] + [lever.name for lever in left_out]
    assert sorted(names) == sorted(lever.name for lever in read_levers(midt))
    assert {"births", "net_migration"} <= {lever.name for lever in left_out}


@pytest.mark.parametrize("name", ["work_processes", "home_hospital", "bed_occupancy"])
def test_an_effect_is_the_difference_of_two_answers(
    midt: Any, desk: Desk, plan: Scenario, ranking: Any, name: str
) -> None:
    pull = next(one for one in ranking[0] if one.lever.name == name)
    for end, effect in zip(pull.ends, pull.effects, strict=True):
        assert pull.lever.low <= end <= pull.lever.high
        moved = move_levers(plan, midt, {name: end})
        assert effect == pytest.approx(beds(desk.answer(moved)) - beds(desk.answer(plan)), rel=1e-9, abs=1e-9)
    end, change = pull.least
    assert change == min(pull.effects) < 0
    assert end in pull.ends


@pytest.fixture
def at_the_desk(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> Iterator[None]:
    """Let the page find the desk open."""
    monkeypatch.setattr(room, "desk", lambda _scenario, _by=None: desk)
    yield
    strongest._found.forget()


@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
@pytest.mark.parametrize("target", list(strongest.TARGETS))
def test_the_page_ranks_for_each_target(
    client: Any, db: None, at_the_desk: None, target: str, lang: str
) -> None:
    response = client.get(reverse("strongest"), {"target": target, "lang": lang})
    assert response.status_code == 200
    lines = response.context["lines"]
    assert [line.gain for line in lines] == sorted((line.gain for line in lines), reverse=True)
    assert all(line.gain >= strongest.LEAST for line in lines)
    table = parse(response.content.decode()).all("table", class_="table")
    assert len(table[0].all("tr")) == len(lines) + 1


@pytest.mark.parametrize(("target", "service"), [("beds", ""), ("need", "SOM"), ("nurses", "")])
def test_the_trusts_make_up_the_region(
    midt: Any, desk: Desk, plan: Scenario, target: str, service: str
) -> None:
    every = known_places()
    trusts = [place for place in every.values() if place.kind == "trust"]
    moved = desk.answer(move_levers(plan, midt, {"prevention": -10.0}))

    def value(place: Any, answer: Any = moved) -> float:
        return strongest.result_of(target, place, service, 2035)(answer)

    assert len(trusts) == 3
    assert sum(map(value, trusts)) == pytest.approx(value(every["region"]), rel=1e-9)
    assert value(every["region"]) < value(every["region"], desk.answer(plan))


@pytest.mark.parametrize("service", ["", "SOM"])
def test_a_municipality_and_its_hospital_area_are_told_as_the_explorer_tells_them(
    desk: Desk, plan: Scenario, service: str
) -> None:
    answer = desk.answer(plan)
    every = known_places()
    area = next(place for place in every.values() if place.kind == "hospital_area")
    for target in strongest.OF_RESIDENTS:
        whole = strongest.result_of(target, area, service, 2040)(answer)
        parts = [strongest.result_of(target, every[code], service, 2040)(answer) for code in area.areas]
        # Beds for a bed day are weighed by where the days are, which differs between municipalities a little.
        assert sum(parts) == pytest.approx(whole, rel=1e-9 if target == "need" or service else 0.02)
        view = View(answer, None, State(place=area.code, service=service), "nb", narrow=False)
        low, high = view.bands(target)[[0, -1], view.at]
        assert low * 0.9 < whole < high * 1.1


@pytest.mark.parametrize(
    ("place", "target", "known"),
    [
        ("trust-hnt", "nurses", True),
        ("trust-hnt", "result", False),
        ("1508", "beds", True),
        ("1508", "nurses", False),
    ],
)
def test_the_page_ranks_for_a_place_and_says_what_is_not_known_there(
    client: Any, db: None, at_the_desk: None, place: str, target: str, known: bool
) -> None:
    code = next(code for code in known_places() if code in (place, place.removeprefix("trust-")))
    response = client.get(reverse("strongest"), {"target": target, "place": code, "lang": "en"})
    page = response.content.decode()
    assert response.context["lines"], "nothing helps"
    assert ("not known for" in page) is not known
    assert f'<option value="{code}" selected>' in page
    region = client.get(reverse("strongest"), {"target": response.context["target"], "lang": "en"})
    assert response.context["lines"][0].gain < region.context["lines"][0].gain
    assert f"place={code}" in response.context["lines"][0].address


def test_a_line_leads_to_the_explorer_with_that_lever_moved(client: Any, db: None, at_the_desk: None) -> None:
    from django.http import QueryDict

    response = client.get(reverse("strongest"), {"target": "beds", "year": "2035", "lang": "en"})
    address = response.context["lines"][0].address
    state, faults = State.read(QueryDict(address.partition("?")[2]))
    assert faults == ()
    assert state.year == 2035
    assert len(state.levers) == 1


@pytest.mark.parametrize(
    "query", [{"target": "<script>"}, {"year": "NaN"}, {"work_processes": "1e999"}, {"scenario": "s-nobody"}]
)
def test_strange_addresses_are_answered_with_words(
    client: Any, db: None, at_the_desk: None, query: dict[str, str]
) -> None:
    response = client.get(reverse("strongest"), {**query, "lang": "en"})
    assert response.status_code == 200
    assert "<script>" not in response.content.decode().split("<main", 1)[1]


def test_while_the_desk_opens_the_page_says_so(
    client: Any, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "desk", lambda _scenario, by=None: room.Opening(("", by)))
    response = client.get(reverse("strongest"), {"lang": "en"})
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert "The levers answer in a moment" in response.content.decode()
