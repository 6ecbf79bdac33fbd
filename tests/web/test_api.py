"""Reading by the interface: what is published and nothing else, with flags, states and ways on."""

from __future__ import annotations

import datetime
import io
import json
import re
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPHandler, Request, build_opener
from urllib.response import addinfourl

import jsonschema
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from framsyn.web.accounts.models import Organisation
from framsyn.web.actions import Actor
from framsyn.web.api.auth import BUCKETS
from framsyn.web.api.document import described, examples, operations
from framsyn.web.api.tokens import make_token
from framsyn.web.goals.actions import Terms, override
from framsyn.web.goals.models import GoalDecision
from framsyn.web.goals.new import make_goal
from framsyn.web.goals.statuses import ORDER
from framsyn.web.indicators.actions import Figure, observe
from framsyn.web.indicators.models import Indicator, Observation
from framsyn.web.measures.actions import assign, create, report
from framsyn.web.measures.models import Measure
from framsyn.web.plan.models import Plan
from framsyn.web.plan.versions import create_plan

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
READING = {o["operationId"]: path for method, path, o in operations(described()) if method == "get"}
SECRET = "Ragnhild Hemmelig"


@pytest.fixture(autouse=True)
def nobody_has_called_yet() -> None:
    BUCKETS.forget()


def get(path: str, **headers: str) -> Any:
    return Client().get(f"/api/v1{path}", headers=headers)


def bearer(user: Any, **limits: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {make_token(Actor(user, 'Test'), 'test', **limits)[1]}"}


# ---------------------------------------------------------------- what may be read
@pytest.fixture
def hidden_things(editor: Any, person: Any) -> dict[str, str]:
    """Put in what strangers must not read: a draft goal, a draft plan, a small number, names of people."""
    plan = Plan.objects.get(pk="rup-2027")
    place = Organisation.objects.get(pk="hmn")
    owner = person("owner", place, name="ragnhild")
    owner.first_name, owner.last_name, owner.email = "Ragnhild", "Hemmelig", "ragnhild@example.org"
    owner.save()
    actor = Actor(owner, SECRET)
    goal = make_goal(
        SYSTEM,
        plan,
        "rup-2027.s1",
        title={"en": "Draft goal of zyxw"},
        text={},
        place=place,
        terms=Terms("do", "proposed"),
    )
    create_plan(
        SYSTEM, "draft-plan", kind="folder", organisation=place, title={"en": "Plan of zyxw"}, parent=plan
    )
    measure = create(
        SYSTEM,
        {"en": "Seen by all"},
        place,
        goals=[goal],
        plans=[Plan.objects.get(pk="draft-plan")],
        owner_unit={"en": "Unit"},
    )
    today = timezone.localdate()
    assign(
        SYSTEM, measure, role="owner", organisation=place, unit={"en": "Unit"}, person=owner, valid_from=today
    )
    report(actor, measure, status="on_plan", text="All well.")
    decision = GoalDecision.objects.filter(goal="rup-2027.s1.g1", superseded_by=None).first()
    assert decision is not None
    administrator = person("administrator", name="sets-status")
    administrator.first_name, administrator.last_name = "Ragnhild", "Hemmelig"
    administrator.save()
    override(
        Actor(administrator, SECRET),
        decision,
        "at_risk",
        "A count is missing.",
        today + datetime.timedelta(9),
    )
    indicator = Indicator.objects.get(pk="bed-days-somatic-per-1000")
    indicator.small_number = 5
    indicator.save()
    period = {"period_start": datetime.date(1991, 1, 1), "period_end": datetime.date(1991, 12, 31)}
    observe(SYSTEM, indicator, Figure("hmn", **period, numerator=3, denominator=8765))
    return {"goal": goal.pk, "measure": measure.pk, "indicator": indicator.pk}


def every_address(hidden: dict[str, str]) -> list[str]:
    """Return an address of every operation that reads, and of the things that hold something secret."""
    known = examples()
    found = []
    for name, path in READING.items():
        for key, value in known[name].get("path", {}).items():
            path = path.replace(f"{{{key}}}", str(value))
        query = (
            {"limit": 200} if "limit" in str(described()["paths"][READING[name]]["get"]["parameters"]) else {}
        )
        if name == "observations":
            query["limit"] = 1000
        if name == "search":
            query = {"q": "zyxw"}
        found.append(path + "?" + "&".join(f"{k}={v}" for k, v in query.items()))
    measure, indicator = hidden["measure"], hidden["indicator"]
    return [
        *found,
        f"/measures/{measure}",
        f"/measures/{measure}/reports",
        f"/indicators/{indicator}/observations",
    ]


def test_a_stranger_reads_nothing_of_drafts_people_and_small_numbers(hidden_things: dict[str, str]) -> None:
    words = ("zyxw", "Hemmelig", "Ragnhild", "ragnhild", "8765", "draft-plan", hidden_things["goal"])
    told = 0
    for address in every_address(hidden_things):
        answer = get(address)
        if answer.status_code == 404:
            continue  # no outlook is kept here
        told += 1
        body = answer.content.decode().replace('"q": "zyxw"', "").replace("q=zyxw", "")
        assert answer.status_code == 200, f"{address}: {body}"
        assert [word for word in words if word in body] == [], address
    assert told > 15
    for address in (
        f"/goals/{hidden_things['goal']}",
        f"/elements/{hidden_things['goal']}",
        "/plans/draft-plan",
        "/plans/draft-plan/versions",
        "/plans/rup-2027/versions/2",
        "/plans/rup-2027/versions/2/elements",
    ):
        answer = get(address)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), address


def test_who_has_a_role_there_reads_drafts_and_names(hidden_things: dict[str, str], person: Any) -> None:
    here = bearer(person("reader", Organisation.objects.get(pk="hmn"), name="here"))
    elsewhere = bearer(person("administrator", Organisation.objects.get(pk="hmr"), name="elsewhere"))
    goal = f"/goals/{hidden_things['goal']}"
    assert get(goal, **here).json()["draft"] is True
    assert get(goal, **elsewhere).status_code == 404
    assert get("/plans/draft-plan", **here).json()["state"] == "draft"
    assert get("/plans/draft-plan", **elsewhere).status_code == 404
    measure = f"/measures/{hidden_things['measure']}"
    assert get(measure, **here).json()["owner"]["person"] == SECRET
    assert get(measure, **here).json()["report"]["by"] == SECRET
    assert [one["id"] for one in get(measure, **here).json()["goals"]] == [hidden_things["goal"]]
    assert get(measure, **elsewhere).json()["owner"]["person"] is None
    judged = get("/goals/rup-2027.s1.g1", **here).json()
    assert judged["decisions"][0]["override"]["by"] == SECRET
    assert SECRET in judged["status"]["sentence"]["en"]
    rows = get("/goals?limit=200", **here).json()
    assert hidden_things["goal"] in {one["id"] for one in rows["items"]}
    # A token that is limited to another organisation sees no more than a stranger.
    limited = bearer(person("reader", name="limited"), organisation=Organisation.objects.get(pk="hmr"))
    assert get(goal, **limited).status_code == 404


def test_a_small_number_is_hidden_and_says_so(hidden_things: dict[str, str]) -> None:
    address = f"/indicators/{hidden_things['indicator']}/observations?to=1991-12-31&from=1991-12-31"
    row = get(address).json()["items"][0]
    assert (row["hidden"], row["value"], row["numerator"], row["denominator"]) == (True, None, None, None)
    assert Observation.objects.get(pk=row["id"]).numerator == 3
    others = get(f"/indicators/{hidden_things['indicator']}/observations").json()["items"]
    shown = [one for one in others if not one["hidden"]]
    assert shown
    assert all(one["value"] is not None for one in shown)


def test_every_number_carries_its_flags() -> None:
    flags = {"unit", "source", "licence", "quality", "data_through", "hidden"}
    figures = [
        get("/indicators/population").json()["newest"],
        get("/goals/rup-2027.s1.g1").json()["decisions"][0]["value"],
        get("/goals/rup-2027.s1.g1").json()["decisions"][0]["target"],
        get("/measures/home-hospital").json()["cost"],
        get("/measures/home-hospital").json()["benefits"][0]["planned"],
    ]
    for figure in figures:
        assert flags <= set(figure)
        assert figure["unit"]
        assert figure["source"]
        assert figure["licence"]
        assert figure["quality"] in ("official", "derived", "estimate", "assumption", "synthetic")
        assert figure["data_through"]


# ---------------------------------------------------------------- the description
def test_every_example_is_as_described() -> None:
    document = described()
    known = examples()
    assert set(known) == {operation["operationId"] for _m, _p, operation in operations(document)}
    for _method, path, operation in operations(document):
        example = known[operation["operationId"]]
        for status, answer in operation["responses"].items():
            if status.startswith("2") and "content" in answer:
                schema = answer["content"]["application/json"]["schema"]
                held = {**schema, "components": document["components"]}
                jsonschema.Draft202012Validator(held).validate(example["answer"])
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            held = {**schema, "components": document["components"]}
            jsonschema.Draft202012Validator(held).validate(example["body"])
        assert set(example.get("path", {})) == {
            part[1:-1] for part in path.split("/") if part.startswith("{")
        }


def test_the_description_says_all_that_may_come_back() -> None:
    document = get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["description"], where
        assert operation["security"] == ([{}, {"token": []}] if method == "get" else [{"token": []}]), where
        assert {"400", "401", "422", "429", "500"} <= set(operation["responses"]), where
        if method != "get":
            assert operation["x-action"], where
            assert {"403", "404", "409", "412", "413", "415"} <= set(operation["responses"]), where
    schemas = document["components"]["schemas"]
    referred = json.dumps(document).split('"#/components/schemas/')[1:]
    assert {part.partition('"')[0] for part in referred} <= set(schemas)


def test_no_two_things_are_described_under_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from ninja.openapi.schema import OpenAPISchema

    from framsyn.web.api.v1 import api

    def add(self: Any, definitions: dict[str, Any]) -> None:
        for name, schema in definitions.items():
            assert self.schemas.setdefault(name, schema) == schema, name

    monkeypatch.setattr(OpenAPISchema, "add_schema_definitions", add)
    api.get_openapi_schema(path_prefix="/")


# ---------------------------------------------------------------- lists, states, languages
LISTS = ("/plans", "/goals", "/indicators", "/measures", "/organisations", "/changes")


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_read_part_by_part(path: str) -> None:
    whole = get(f"{path}?limit=200").json()
    assert whole["total"] == len(whole["items"])
    seen, address = [], f"{path}?limit=7"
    while address:
        answer = get(address)
        part = answer.json()
        seen += part["items"]
        following = part["links"]["next"]
        assert (f'<{following}>; rel="next"' in answer.headers.get("Link", "")) == bool(following)
        address = following and following.split("/api/v1")[1]
    assert seen == whole["items"]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_takes_as_few_queries_for_many_as_for_few(path: str, administrator: Any) -> None:
    organisation = Organisation.objects.get(pk="sto")
    for number in range(200 if path == "/measures" else 0):
        create(SYSTEM, {"en": f"Measure {number}"}, organisation, goals=[], owner_unit={"en": "Unit"})
    headers = bearer(administrator)
    for caller in ({}, headers):
        numbers = []
        for limit in (1, 200):
            with CaptureQueriesContext(connection) as asked:
                answer = get(f"{path}?limit={limit}", **caller)
            assert answer.status_code == 200
            numbers.append(len(asked))
        most = 15 if not caller else 15 + Organisation.objects.count()
        assert numbers[1] <= most, f"{path}: {numbers}"
        assert numbers[1] - numbers[0] <= Organisation.objects.count()


@pytest.mark.parametrize(
    "path", [*LISTS, "/goals/rup-2027.s1.g1", "/measures/home-hospital", "/openapi.json"]
)
def test_what_a_caller_has_is_not_sent_again_until_it_changes(path: str) -> None:
    first = get(path)
    tag = first.headers["ETag"]
    assert tag.startswith("W/") == (path in LISTS)
    again = get(path, **{"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    report(SYSTEM, Measure.objects.get(pk="home-hospital"), status="on_plan")
    later = get(path, **{"If-None-Match": tag})
    assert later.status_code == (200 if path in (*LISTS, "/measures/home-hospital") else 304)


def test_a_list_that_is_known_takes_one_query() -> None:
    tag = get("/goals").headers["ETag"]
    with CaptureQueriesContext(connection) as asked:
        assert get("/goals", **{"If-None-Match": tag}).status_code == 304
    assert len(asked) == 1


def test_texts_are_in_three_languages_or_in_the_one_that_is_asked_for() -> None:
    three = get("/measures/home-hospital")
    assert set(three.json()["title"]) == {"nb", "nn", "en"}
    assert three.headers["Content-Language"] == "nb, nn, en"
    one = get("/measures/home-hospital?lang=nn")
    assert one.json()["title"] == {"nn": "Heimesjukehus"}
    assert one.headers["Content-Language"] == "nn"
    assert one.cookies == {}
    measure = create(SYSTEM, {"en": "Only in English"}, Organisation.objects.get(pk="sto"))
    assert get(f"/measures/{measure.pk}?lang=nn").json()["title"] == {"en": "Only in English"}
    refused = get("/measures/nothing?lang=nn", **{"Accept-Language": "nn"})
    assert refused.status_code == 404


@pytest.mark.parametrize("path", ["/plans", "/goals", "/indicators", "/measures", "/organisations"])
def test_the_addresses_of_a_thing_lead_to_it(path: str) -> None:
    for thing in get(f"{path}?limit=3").json()["items"]:
        links = thing["links"]
        own = Client().get(urlsplit(links["self"]).path)
        assert own.status_code == 200
        assert own.json()["id"] == thing["id"]
        for address in (links["page"], *links["files"].values(), *links["more"].values()):
            if address:
                parts = urlsplit(address)
                assert Client().get(f"{parts.path}?{parts.query}").status_code == 200, address


def test_goals_are_narrowed_and_sorted() -> None:
    every = get("/goals?limit=200").json()["items"]
    status = every[0]["status"]["code"]
    some = get(f"/goals?limit=200&status={status}").json()["items"]
    assert [one["id"] for one in some] == [one["id"] for one in every if one["status"]["code"] == status]
    dated = get("/goals?limit=200&sort=deadline").json()["items"]
    days = [one["deadline"] for one in dated if one["deadline"]]
    assert days == sorted(days)
    assert get("/goals?plan=no-such-plan").json()["total"] == 0
    under = get("/plans/rup-2027/versions/1/elements?limit=200&under=rup-2027.s1&kind=goal").json()
    assert {one["parent"] for one in under["items"]} == {"rup-2027.s1"}


# ---------------------------------------------------------------- around it
def test_another_site_may_read_and_nothing_else() -> None:
    answer = get("/goals", Origin="https://elsewhere.example")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    asked = {"Origin": "https://elsewhere.example"}
    may = Client().options("/api/v1/goals", headers={**asked, "Access-Control-Request-Method": "GET"})
    assert (may.status_code, may.headers["Access-Control-Allow-Methods"]) == (204, "GET, HEAD, OPTIONS")
    assert "authorization" not in may.headers["Access-Control-Allow-Headers"].lower()
    not_so = Client().options("/api/v1/measures", headers={**asked, "Access-Control-Request-Method": "POST"})
    assert "Access-Control-Allow-Origin" not in not_so.headers
    written = Client().post("/api/v1/measures", {}, content_type="application/json", headers=asked)
    assert "Access-Control-Allow-Origin" not in written.headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/nothing-here", 404),
        ("get", "/goals/nothing", 404),
        ("get", "/goals/a%00b", 422),
        ("get", "/search?q=a%00b", 422),
        ("get", "/goals?limit=1000", 422),
        ("get", "/goals?offset=99999999999999999999", 422),
        ("get", "/plans/rup-2027/versions/99999999999999999999", 404),
        ("get", "/decisions/99999999999999999999", 404),
        ("get", "/plans/rup-2027/versions/one", 422),
        ("get", "/search", 422),
        ("put", "/goals", 405),
        ("delete", "/search", 405),
        ("post", "/measures", 401),
    ],
)
def test_every_error_has_one_shape(method: str, path: str, status: int) -> None:
    answer = getattr(Client(), method)(f"/api/v1{path}", headers={"Accept-Language": "nn"})
    told = answer.json()
    assert (answer.status_code, told["status"]) == (status, status)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "code", "got", "expected", "where", "request_id"} <= set(
        told
    )
    assert told["request_id"] == answer.headers["X-Request-ID"]
    page, _hash, anchor = told["type"].removeprefix("http://testserver").partition("#")
    assert f'id="{anchor}"' in Client().get(page).content.decode()
    if status == 405:
        assert "GET" in answer.headers["Allow"]


def test_a_failure_is_told_without_its_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: Any, **_more: Any) -> None:
        raise ZeroDivisionError("the cause is for the log")

    monkeypatch.setattr("framsyn.web.api.read.goals.goal_list", fails)
    answer = get("/goals")
    assert (answer.status_code, answer.json()["code"]) == (500, "server")
    assert "cause" not in answer.content.decode()


def test_head_is_answered_as_get_without_a_body() -> None:
    head = Client().head("/api/v1/goals")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == get("/goals").headers["ETag"]


def test_an_answer_is_packed_and_not_kept_for_somebody_else(settings: Any, administrator: Any) -> None:
    settings.PAGE_CACHE = True
    packed = get("/plans/rup-2027/versions/1/elements", **{"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    create_plan(
        SYSTEM,
        "draft-plan",
        kind="folder",
        organisation=Organisation.objects.get(pk="hmn"),
        title={"en": "Draft"},
    )
    mine = get("/plans?limit=200", **bearer(administrator))
    assert "draft-plan" in mine.content.decode()
    assert mine.headers["Cache-Control"] == "private, no-cache"
    assert "draft-plan" not in get("/plans?limit=200").content.decode()


def test_who_calls_too_often_waits(settings: Any, administrator: Any) -> None:
    settings.API_RATES = {"read": (3, 60), "write": (1, 60), "wrong token": (2, 60)}
    assert [get("/plans").status_code for _call in range(4)] == [200, 200, 200, 429]
    late = get("/plans")
    assert (late.json()["code"], int(late.headers["Retry-After"])) == ("too-many", 20)
    mine = bearer(administrator)
    assert get("/plans", **mine).status_code == 200  # counted apart
    guesses = [get("/plans", Authorization=f"Bearer framsyn_{n}_x").status_code for n in range(3)]
    assert guesses == [401, 401, 429]


def test_the_reference_shows_every_operation_and_the_examples() -> None:
    with CaptureQueriesContext(connection) as asked:
        page = Client().get("/api/docs/?lang=nn").content.decode()
    assert len(asked) <= 3
    for _method, _path, operation in operations(described()):
        assert f'id="{operation["operationId"]}"' in page
    assert "<style" not in page
    assert "Prøv" not in page  # the reference itself is in English, and says so
    assert 'lang="en"' in page


# ---------------------------------------------------------------- the how-to page
class InProcess(HTTPHandler):
    """Answers what a script asks of a site, in this process and in the transaction of this test."""

    def http_open(self, request: Request) -> Any:  # type: ignore[override]
        """Hand a request of urllib to the site."""
        headers = {name: value for name, value in request.header_items() if name != "Content-type"}
        answer = Client().generic(
            request.get_method(),
            request.selector,
            request.data or b"",
            content_type=request.get_header("Content-type", ""),
            headers=headers,
        )
        told = Message()
        for name, value in answer.items():
            told[name] = value
        made = addinfourl(io.BytesIO(answer.content), told, request.full_url, answer.status_code)
        made.msg = answer.reason_phrase  # type: ignore[attr-defined]
        return made


def test_the_scripts_of_the_how_to_page_do_what_it_says(
    root: Path, administrator: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (root / "docs/how-to/use-the-api.md").read_text(encoding="utf-8")
    monkeypatch.setenv("FRAMSYN_SITE", "http://testserver")
    monkeypatch.setenv("FRAMSYN_TOKEN", bearer(administrator, scope="write")["Authorization"].split()[1])
    monkeypatch.setattr("urllib.request._opener", build_opener(InProcess))
    names: dict[str, Any] = {"__name__": "page"}
    capsys.readouterr()
    for script in re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL):
        exec(compile(script, "use-the-api.md", "exec"), names)
    lines = capsys.readouterr().out.splitlines()
    assert len([line for line in lines if line.split(" ")[0] in ORDER]) == get("/goals").json()["total"]
    assert any(line.endswith("CC-BY-4.0 False") for line in lines)
    assert "304" in lines
    assert lines[-2:] == ["38.0 -> 41.5", "1"]
    assert Measure.objects.get(pk="home-hospital").cost == 41.5
