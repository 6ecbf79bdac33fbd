"""The explorer's page, its answers and the room where they are made."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Iterator
from threading import Barrier, Thread
from typing import Any

import pytest
from django.http import QueryDict

from framsyn.outlook.run import run
from framsyn.report.numbers import interval
from framsyn.scenario import Scenario
from framsyn.web.actions import Actor
from framsyn.web.explorer import replies, room
from framsyn.web.explorer.keeping import Keeper
from framsyn.web.explorer.known import known_levers, known_places
from framsyn.web.explorer.state import State
from framsyn.web.outlooks.models import Run
from framsyn.web.outlooks.store import store_run

MOVED = "work_processes=-10"


@pytest.fixture(scope="module")
def once(django_db_setup: None, django_db_blocker: Any, plan_run: Any) -> Iterator[str]:
    """Keep the plan as the main run for all tests of this file, and let the desk of its people be open."""
    with django_db_blocker.unblock():
        kept = store_run(Actor.system("tests"), plan_run, main=True)
        room.forget()
        await_desk(State())
    yield kept.id
    with django_db_blocker.unblock():
        Run.objects.all().delete()
    room.forget()
    replies.forget()


@pytest.fixture
def kept(once: str, db: None) -> Run:
    """Return the main run."""
    return Run.objects.get(pk=once)


def await_desk(state: State) -> None:
    """Wait until the desk of a state is open."""
    until = time.monotonic() + 60
    while isinstance(found := room.desk(room.moved(state)), room.Opening):
        assert found.error is None and time.monotonic() < until
        time.sleep(0.05)


def read(query: str) -> tuple[State, list[str]]:
    """Read an address; the state and the codes of what is wrong."""
    state, faults = State.read(QueryDict(query))
    return state, [fault.code for fault in faults]


# ---------------------------------------------------------------- the address
@pytest.mark.parametrize(
    "state",
    [
        State(),
        State(place="hospital-alesund", service="SOM", year=2035, levers=(("work_processes", -10.0),)),
        State(scenario="trend", compare="none", place="1508", month=2),
        State(levers=(("healthier_ageing", 0.0), ("home_hospital", -7.5))),
    ],
)
def test_a_state_says_itself_in_its_address(db: None, state: State) -> None:
    assert read(state.query()) == (state, [])


def test_an_address_says_what_is_special_in_one_order(db: None) -> None:
    one, _ = read("home_hospital=-5&year=2030&work_processes=-10,0&place=region")
    other, _ = read("work_processes=%E2%88%9210&scenario=plan&home_hospital=-5.00&year=2030")
    assert one == other
    assert one.query() == "year=2030&home_hospital=-5&work_processes=-10"


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("work_processes=nan", ["not-a-number"]),
        ("work_processes=inf", ["not-a-number"]),
        ("work_processes=-1e400", ["not-a-number"]),
        ("work_processes=" + "9" * 400, ["not-a-number"]),
        ("work_processes=-99999999", ["out-of-range"]),
        ("work_processes=%00", ["not-a-number"]),
        ("work_processes=-5&work_processes=-6", ["repeated"]),
        ("scenario=%3Cscript%3Ealert(1)%3C/script%3E", ["unknown-scenario"]),
        ("scenario=s-somebody-elses", ["unknown-scenario"]),
        ("scenario=../../../etc/passwd", ["unknown-scenario"]),
        ("compare=/etc/passwd.toml", ["unknown-scenario"]),
        ("place=nowhere", ["unknown-place"]),
        ("place=%3Cb%3E", ["unknown-place"]),
        ("service=XYZ", ["unknown-service"]),
        ("year=2024", ["bad-year"]),
        ("year=%D9%A2%D9%A0%D9%A3%D9%A0", ["bad-year"]),
        ("month=13", ["bad-month"]),
        ("month=1.5", ["bad-month"]),
        ("constructor=1", ["unknown-lever"]),
        ("&".join(f"x{n}={n}" for n in range(900)), ["unknown-lever"] * 5),
    ],
)
def test_hostile_addresses_are_told_and_never_answered(
    client: Any, kept: Run, query: str, codes: list[str]
) -> None:
    state, found = read(query)
    assert found == codes
    assert read(state.query())[1] == []
    page = client.get(f"/outlook/?{query}&lang=en")
    assert page.status_code == 200
    text = page.content.decode()
    assert "Not all of this address could be used" in text
    assert "<script>alert" not in text
    refused = client.get(f"/outlook/answer/?{query}")
    assert refused.status_code == 400
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == codes[0]
    assert len(refused.content) < 4000
    assert client.get(f"/outlook/opening/?{query}").status_code == 400


def test_ten_kilobytes_of_anything(client: Any, kept: Run) -> None:
    query = "work_processes=" + "%3C" * 3300
    assert client.get(f"/outlook/?{query}").status_code == 200
    answer = client.get(f"/outlook/answer/?{query}")
    assert answer.status_code == 400
    assert len(answer.content) < 2000


def test_a_lever_beyond_its_end_stands_at_the_end_and_says_so(client: Any, kept: Run) -> None:
    state, _ = read("work_processes=-90")
    assert state.moves == {"work_processes": -25.0}
    text = client.get("/outlook/?work_processes=-90&lang=en").content.decode()
    assert "can be moved from −25.0 to 10.0; −25.0 is shown in place of -90" in text


# ---------------------------------------------------------------- the page
@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
@pytest.mark.parametrize(
    "query", ["", MOVED, "place=hmr&service=PHV", "place=hospital-alesund&year=2035", "place=1508"]
)
def test_the_page(client: Any, kept: Run, lang: str, query: str, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(15):
        page = client.get(f"/outlook/?{query}&lang={lang}")
    text = page.content.decode()
    assert page.status_code == 200
    assert text.count("<h1") == 1
    assert text.count('data-lever="') == len(known_levers())
    assert text.count("<svg") > 100
    assert 'style="' not in re.sub(r"<svg.*?</svg>", "", text, flags=re.S)
    assert "no-store" not in page.get("Cache-Control", "")


def test_a_form_that_is_sent_becomes_a_short_address(client: Any, kept: Run) -> None:
    """Every number field is sent; only what differs from the scenario that the form was drawn for was moved."""
    fields = "&".join(f"{name}={value}" for name, value in room.own_values(room.scenario_of("plan")).items())
    sent = f"of=plan&scenario=trend&compare=demography&place=hmr&service=&year=2040&month=0&{fields}"
    answer = client.get(f"/outlook/?{sent}")
    assert (answer.status_code, answer["Location"]) == (302, "/outlook/?scenario=trend&place=hmr")
    moved = re.sub(r"home_hospital=[^&]*", "home_hospital=-6", sent)
    assert (
        client.get(f"/outlook/?{moved}")["Location"] == "/outlook/?scenario=trend&place=hmr&home_hospital=-6"
    )


def test_the_whole_page_comes_without_a_script(client: Any, kept: Run) -> None:
    replies.forget()
    first = client.get(f"/outlook/?{MOVED}&lang=en").content.decode()
    assert 'id="result-why"' not in first
    link = re.search(r'<noscript><p><a class="ds-button"[^>]* href="([^"]+)"', first)
    assert link is not None
    text = client.get(link[1].replace("&amp;", "&").partition("#")[0]).content.decode()
    assert 'id="result-why"' in text and 'id="result-table"' in text


def test_a_lever_that_cannot_matter_says_why(client: Any, kept: Run) -> None:
    def idle(query: str, lever: str) -> str:
        text = client.get(f"/outlook/?{query}&lang=en").content.decode()
        row = text[text.index(f'data-lever="{lever}"') :]
        found = re.search(r'<p class="lever__idle" data-idle( hidden)?>(.*?)</p>', row)
        assert found is not None
        return "" if found[1] else found[2]

    assert "mental health" in idle("service=SOM", "outreach")
    assert (
        idle("service=PHV", "outreach") == idle("", "income_growth") == idle("place=hmr", "sick_leave") == ""
    )
    assert "whole region" in idle("place=hmr", "income_growth")
    assert "smaller than a trust" in idle("place=1508", "sick_leave")
    assert idle("place=1508", "work_processes") == ""
    assert idle("", "levelling")  # the data says so itself


# ---------------------------------------------------------------- answers
@pytest.mark.parametrize(
    ("state", "area"),
    [
        (State(levers=(("work_processes", -10.0), ("sick_leave", -20.0))), None),
        (State(service="SOM", place="hmr", levers=(("healthier_ageing", 1.0),)), "hmr"),
        (State(scenario="trend", service="PHV"), None),
    ],
)
def test_the_page_says_what_the_command_line_says(
    client: Any, kept: Run, state: State, area: str | None
) -> None:
    """To the last digit shown, from the scenario as a file."""
    said = client.get(f"/outlook/answer/?{state.query()}", HTTP_ACCEPT_LANGUAGE="en").json()
    exported = Scenario.from_toml(room.moved(state).to_toml())
    outlook = run("midt-norge", exported, draws=kept.draws)
    assert said["run"] == outlook.id
    where: dict[str, Any] = {"service_area": state.service} if state.service else {}
    if area:
        where["trust"] = area
    low, median, high = outlook.quantiles("beds", by=("year",), where=where).sel(year=2040).values
    shown = interval(median, low, high, "en")
    figures = said["blocks"]["result-key"]
    assert shown.median in figures
    for number in (shown.median, shown.low, shown.high):
        assert number in said["sentence"]


def test_an_unmoved_view_is_the_kept_run(client: Any, kept: Run) -> None:
    assert client.get("/outlook/answer/").json()["run"] == kept.id
    own = room.own_values(room.scenario_of("plan"))["work_processes"]
    assert client.get(f"/outlook/answer/?work_processes={own}").json()["address"] == "/outlook/"


def test_every_kind_of_place_and_every_service_area_is_answered(client: Any, kept: Run) -> None:
    kinds = {place.kind: code for code, place in known_places().items()}
    for code in kinds.values():
        for service in ("", "SOM", "TSB"):
            for part in replies.PARTS:
                answer = client.get(f"/outlook/answer/?place={code}&service={service}&part={part}&month=2")
                assert answer.status_code == 200, (code, service, part, answer.content[:300])


def test_an_answer_that_is_known_is_not_sent_again(client: Any, kept: Run) -> None:
    first = client.get(f"/outlook/answer/?{MOVED}")
    tag = first["ETag"]
    assert client.get(f"/outlook/answer/?{MOVED}", HTTP_IF_NONE_MATCH=tag).status_code == 304
    for other in (
        "work_processes=-9",
        f"{MOVED}&year=2030",
        f"{MOVED}&part=later",
        f"{MOVED}&width=narrow",
        f"{MOVED}&lang=nn",
    ):
        assert client.get(f"/outlook/answer/?{other}", HTTP_IF_NONE_MATCH=tag).status_code == 200, other


def test_a_move_is_small_on_the_line(client: Any, kept: Run) -> None:
    packed = client.get(f"/outlook/answer/?{MOVED}", HTTP_ACCEPT_ENCODING="gzip")
    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < 60_000
    assert json.loads(gzip.decompress(packed.content)) == client.get(f"/outlook/answer/?{MOVED}").json()


def test_another_scenario_moves_the_marks_of_the_levers(client: Any, kept: Run) -> None:
    levers = client.get("/outlook/answer/?scenario=trend&panel=1").json()["levers"]
    assert set(levers) == set(known_levers())
    assert (
        float(levers["home_hospital"]["own"]) == room.own_values(room.scenario_of("trend"))["home_hospital"]
    )


def test_nobody_learns_of_a_scenario_that_is_not_theirs(
    client: Any, kept: Run, editor: Any, editor_client: Any
) -> None:
    from django.utils import timezone

    from framsyn.web.scenarios.models import SavedScenario

    now = timezone.now()
    plan = room.scenario_of("plan")
    SavedScenario.objects.create(
        slug="secret-trial", owner=editor, name={"en": "A secret trial"}, origin="plan", manifest={},
        toml=plan.replace("prevention", effect=-0.01).to_toml(), created_at=now, updated_at=now,
    )  # fmt: skip
    ours = editor_client.get("/outlook/answer/?scenario=s-secret-trial")
    assert ours.status_code == 200
    assert "private" in ours["Cache-Control"]
    for address in ("/outlook/answer/?scenario=s-secret-trial", "/outlook/answer/?compare=s-secret-trial"):
        assert client.get(address).status_code == 400
        assert client.get(address, HTTP_IF_NONE_MATCH=ours["ETag"]).status_code == 400
    assert "A secret trial" in editor_client.get("/outlook/?lang=en").content.decode()
    assert "A secret trial" not in client.get("/outlook/?lang=en").content.decode()


def test_whoever_asks_too_fast_waits(client: Any, kept: Run, settings: Any) -> None:
    from framsyn.web.explorer import views

    settings.EXPLORER_RATE = (3, 60)
    views._buckets.forget()
    answers = [client.get("/outlook/answer/") for _ in range(4)]
    views._buckets.forget()
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[3]["Retry-After"]) <= 20


def test_what_is_not_hurried_lets_others_go_first(client: Any, kept: Run) -> None:
    query = "work_processes=-11.5&part=later"
    with replies._later:  # somebody else's is being made
        waiting = client.get(f"/outlook/answer/?{query}")
        assert waiting.status_code == 202
        assert waiting.json()["wait"] > 0
        assert client.get("/outlook/answer/?work_processes=-11.5").status_code == 200
    assert client.get(f"/outlook/answer/?{query}").status_code == 200


# ---------------------------------------------------------------- the room
def test_a_desk_is_opened_beside_the_page_which_shows_what_is_kept(client: Any, kept: Run) -> None:
    """Other people than those of the open desk: births are moved, so a desk is opened for them."""
    replies.forget()
    state = State(levers=(("births", 10.0),))
    page = client.get(f"/outlook/?{state.query()}&lang=en")
    assert page["Cache-Control"] == "no-store"
    text = page.content.decode()
    assert "<progress" in text and 'http-equiv="refresh"' in text
    waiting = client.get(f"/outlook/answer/?{state.query()}")
    assert waiting.status_code in (202, 200)
    assert client.get(f"/outlook/opening/?{state.query()}").status_code == 202
    await_desk(state)
    assert client.get(f"/outlook/opening/?{state.query()}").json() == {"open": True, "share": 1.0}
    assert client.get(f"/outlook/answer/?{state.query()}").status_code == 200
    assert not isinstance(room.desk(room.scenario_of("plan")), room.Opening)  # the usual one stays open


def test_stored_figures_are_shown_at_once(client: Any, kept: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_yet(*_: Any) -> Any:
        raise room.NotOpen(room.Opening(("", room.Terms()), 1, 4))

    monkeypatch.setattr(replies, "reply", not_yet)
    for query in ("", "place=hmr&service=SOM", "place=1508"):
        text = client.get(f"/outlook/?lang=en&{query}").content.decode()
        assert "These are the stored figures" in text
        assert 'id="outlook-need"' in text and 'value="0.250"' in text
    moved = client.get(f"/outlook/?lang=en&{MOVED}").content.decode()
    assert "These are the stored figures" not in moved and "skeleton" in moved


def test_a_desk_that_cannot_be_opened_says_so(
    client: Any, kept: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(room.Desk, "open", broken)
    state = State(levers=(("births", -10.0),))
    found = room.desk(room.moved(state))
    until = time.monotonic() + 20
    while isinstance(found, room.Opening) and found.error is None and time.monotonic() < until:
        time.sleep(0.02)
    assert "log of the site" in client.get(f"/outlook/opening/?{state.query()}&lang=en").json()["trouble"]
    assert client.get(f"/outlook/?{state.query()}").status_code == 200
    assert client.get(f"/outlook/answer/?{state.query()}").status_code == 202


def test_who_asks_at_the_same_time_shares_the_work() -> None:
    keeper: Keeper[str] = Keeper(10)
    begun, found = Barrier(9), []

    def make() -> str:
        time.sleep(0.1)
        return "made"

    def ask() -> None:
        begun.wait()
        found.append(keeper.get("key", make))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    begun.wait()
    for thread in threads:
        thread.join()
    assert found == ["made"] * 8
    assert keeper.made == 1


def test_a_fault_is_told_to_all_and_not_kept() -> None:
    keeper: Keeper[str] = Keeper(10)
    with pytest.raises(ZeroDivisionError):
        keeper.get("key", lambda: str(1 / 0))
    assert keeper.get("key", lambda: "well") == "well"


def test_what_is_kept_is_bounded() -> None:
    keeper: Keeper[bytes] = Keeper(1000, len)
    for number in range(50):
        keeper.get(number, lambda: b"x" * 300)
    assert keeper.held == 900
    assert list(keeper.kept) == [47, 48, 49]
