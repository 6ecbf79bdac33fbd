"""Writing by token: every operation calls its action; every caller who may not is refused, and nothing is changed."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.utils import timezone

from framsyn.web.accounts.models import Membership, Organisation, Role
from framsyn.web.actions import Actor
from framsyn.web.api.auth import BUCKETS
from framsyn.web.api.document import WITHOUT_OPERATION, described, examples, operations
from framsyn.web.api.models import ApiToken
from framsyn.web.api.tokens import make_token, revoke_token
from framsyn.web.audit.models import Entry
from framsyn.web.goals.actions import override
from framsyn.web.goals.models import GoalDecision
from framsyn.web.languages import Text
from framsyn.web.measures.models import Measure
from framsyn.web.plan import actions as editing
from framsyn.web.plan.edits import last_edit
from framsyn.web.plan.models import Link, Plan, Version
from framsyn.web.plan.versions import open_version
from framsyn.web.policies import POLICY, may
from framsyn.web.scenarios.actions import publish, save
from framsyn.web.scenarios.queries import shipped_scenario

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
WRITING = {
    operation["operationId"]: (method, path, operation["x-action"])
    for method, path, operation in operations(described())
    if method != "get"
}
REMOVED = "rup-2027.s1.g2"
WORDS = {"en": "Other words"}


@pytest.fixture(autouse=True)
def nobody_has_called_yet() -> None:
    BUCKETS.forget()


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Give all tests of this module one state to begin from; all of it is rolled back after the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world(site: None) -> dict[str, Any]:
    """Return the path of every operation that writes: a draft with edits, one of them undone; a status set by hand."""
    draft = open_version(SYSTEM, Plan.objects.get(pk="rup-2027"))
    editing.change_text(SYSTEM, draft, 0, "rup-2027.d1", title={"en": "A driver"}, text={})
    editing.remove(SYSTEM, draft, last_edit(draft), REMOVED)
    editing.add_element(SYSTEM, draft, last_edit(draft), kind="paragraph", text=WORDS, parent="rup-2027.s1")
    editing.undo(SYSTEM, draft, last_edit(draft))
    decision = GoalDecision.objects.filter(goal="rup-2027.s1.g1", superseded_by=None).first()
    assert decision is not None
    until = timezone.localdate() + datetime.timedelta(days=30)
    manual = override(SYSTEM, decision, "at_risk", "A count is missing.", until)
    measure = Measure.objects.get(pk="home-hospital")
    link = Link.objects.filter(source__origin="rup-2027").first()
    assert link is not None
    part = {"measure_id": measure.pk}
    owner = get_user_model().objects.create_user("owner-of-a-scenario")
    Membership.objects.create(user=owner, role="reader", valid_from=timezone.localdate())
    own = Actor(owner, "Owner")
    place = Organisation.objects.get(pk="hmn")
    plan = shipped_scenario("plan")
    scenario = publish(SYSTEM, save(own, plan, name=Text(en="Theirs"), organisation=place))
    return {
        "plan_id": "rup-2027",
        "number": draft.number,
        "element_id": "rup-2027.d1",
        "goal_id": "rup-2027.s1.g1",
        "decision_id": decision.pk,
        "override_id": manual.pk,
        "indicator_id": "bed-days-somatic-per-1000",
        "measure_id": measure.pk,
        "scenario_id": scenario.pk,
        "link": {"element_id": link.source_id, "link_id": link.pk},
        "choice": {"element_id": "notat-beredskap.k1"},
        "task": {**part, "number": measure.tasks.first().pk},  # type: ignore[union-attr]
        "benefit": {**part, "number": measure.benefits.first().pk},  # type: ignore[union-attr]
        "risk": {**part, "number": measure.risks.first().pk},  # type: ignore[union-attr]
    }


def call_of(name: str, world: dict[str, Any]) -> tuple[str, str, Any]:
    """Return method, address and body of a call that is right in all but who makes it."""
    method, path, _action = WRITING[name]
    own = {
        "remove_link": "link",
        "decide_path": "choice",
        **{f"{verb}_{part}": part for verb in ("change", "remove") for part in ("task", "benefit", "risk")},
    }
    values = {**world, **world.get(own.get(name, ""), {})}
    if name == "open_draft":
        values["plan_id"] = "notat-beredskap"  # the other has a draft
    if name == "merge":
        values["element_id"] = "rup-2027.d2"
    if name == "remove":
        values["element_id"] = "rup-2027.s1.g3"
    for key in [part for part in values if f"{{{part}}}" in path]:
        path = path.replace(f"{{{key}}}", str(values[key]))
    body = json.loads(json.dumps(examples()[name].get("body")))
    if name == "restore":
        body = {"element": REMOVED}
    if name == "add_element":
        body["parent"] = "rup-2027.s1"
    if name == "move":
        body = {"parent": None}
    if name in ("mark", "put_in"):
        body = {"date": "1990-01-01", "text": WORDS} if name == "mark" else body
    if name in ("add_benefit", "change_benefit"):
        body["year"] = 2039
    return method, f"/api/v1{path}", body


def send(name: str, world: dict[str, Any], token: str = "", match: str | None = "*") -> Any:
    """Call an operation."""
    method, address, body = call_of(name, world)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if match is not None:
        headers["If-Match"] = match
    data = "" if body is None else json.dumps(body)
    return getattr(Client(), method)(address, data, content_type="application/json", headers=headers)


def token_of(user: Any, **limits: Any) -> str:
    return make_token(Actor(user, user.get_full_name()), "test", **{"scope": "write", **limits})[1]


def person_of(role: str, organisation: Any = None, name: str = "") -> Any:
    user = get_user_model().objects.create_user(name, first_name="Test", last_name=role)
    Membership.objects.create(
        user=user, organisation=organisation, role=role, valid_from=timezone.localdate()
    )
    return user


@pytest.fixture(scope="module")
def callers(world: dict[str, Any]) -> dict[str, tuple[str, int | None]]:
    """Return a token of every sort of caller, and the status that each must get; None: it depends on the role."""
    person = person_of
    region, trust = Organisation.objects.get(pk="hmn"), Organisation.objects.get(pk="hmr")
    found: dict[str, tuple[str, int | None]] = {"nobody": ("", 401), "nonsense": ("framsyn_abc_def", 401)}
    for role in Role.values:
        found[role] = (token_of(person(role, region, name=f"api-{role}")), None)
    administrator = person("administrator", name="api-everywhere")
    found["read only"] = (token_of(administrator, scope="read"), 403)
    found["elsewhere"] = (token_of(person("administrator", trust, name="api-elsewhere")), 404)
    found["limited to another organisation"] = (token_of(administrator, organisation=trust), 404)
    found["limited to another plan"] = (
        token_of(administrator, plan=Plan.objects.get(pk="strategi-2030")),
        404,
    )
    for state in ("revoked", "expired"):
        found[state] = (token_of(administrator), 401)
    revoked, expired = ApiToken.objects.filter(user=administrator, scope="write").order_by("pk")[2:]
    revoke_token(Actor(administrator, ""), revoked)
    ApiToken.objects.filter(pk=expired.pk).update(expires=timezone.localdate() - datetime.timedelta(days=1))
    left = person("administrator", name="api-left")
    found["deactivated"] = (token_of(left), 401)
    left.is_active = False
    left.save()
    stranger = person("reader", name="api-roleless")
    found["without any role"] = (token_of(stranger), 404)
    stranger.memberships.all().delete()
    return found


@pytest.mark.parametrize("name", sorted(WRITING))
def test_every_caller_is_answered_as_the_policy_says(
    name: str, world: dict[str, Any], callers: dict[str, tuple[str, int | None]]
) -> None:
    action = WRITING[name][2]
    for caller, (token, expected) in callers.items():
        before = Entry.objects.count()
        with transaction.atomic():
            answer = send(name, world, token)
            entries = list(Entry.objects.order_by("id")[before:])
            transaction.set_rollback(True)
        told = f"{name} by {caller}: {answer.status_code} {answer.content.decode()[:400]}"
        if expected is None and may([caller], action):
            assert answer.status_code in (200, 201, 204), told
            assert {entry.action for entry in entries} == {action}, told
            assert entries[0].request_id == answer.headers["X-Request-ID"]
            continue
        assert answer.status_code == (expected or 403), told
        assert entries == [], told
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
        assert ("WWW-Authenticate" in answer.headers) == (answer.status_code == 401)


def test_every_action_has_an_operation_or_a_reason() -> None:
    called = {action for _method, _path, action in WRITING.values()}
    assert called <= set(POLICY)
    excused = {name for name in POLICY if name.startswith(tuple(WITHOUT_OPERATION))}
    assert called.isdisjoint(excused)
    missing = set(POLICY) - called - excused
    assert not missing, f"give them an operation, or a reason in WITHOUT_OPERATION: {sorted(missing)}"
    unused = [name for name in WITHOUT_OPERATION if not any(one.startswith(name) for one in POLICY)]
    waiting = {"audit.", "drafts.", "exchange."}  # apps whose actions may still come
    assert set(unused) <= waiting


@pytest.mark.parametrize("name", sorted(WRITING))
def test_who_does_not_say_which_state_is_changed_changes_nothing(
    name: str, world: dict[str, Any], administrator: Any
) -> None:
    _method, path, _action = WRITING[name]
    operation = described()["paths"][path][WRITING[name][0]]
    header = next((one for one in operation["parameters"] if one["name"] == "If-Match"), None)
    token = token_of(administrator)
    before = Entry.objects.count()
    with transaction.atomic():
        answer = send(name, world, token, match=None)
        transaction.set_rollback(True)
    if header is not None and header["required"]:
        assert answer.status_code == 428, answer.content
        assert Entry.objects.count() == before
        bad = send(name, world, token, match="yesterday")
        assert (bad.status_code, bad.json()["code"]) == (400, "bad-etag")
    else:
        assert answer.status_code in (200, 201, 204), answer.content


THINGS = {
    "change_measure": "/api/v1/measures/home-hospital",
    "add_task": "/api/v1/measures/home-hospital",
    "change_indicator": "/api/v1/indicators/bed-days-somatic-per-1000",
    "put_in": "/api/v1/indicators/bed-days-somatic-per-1000",
    "decide_goal": "/api/v1/goals/rup-2027.s1.g1",
    "override_status": "/api/v1/goals/rup-2027.s1.g1",
    "decide_path": "/api/v1/choices/notat-beredskap.k1",
}


@pytest.mark.parametrize("name", sorted(THINGS))
def test_a_stale_write_is_told_what_stands_there_and_may_be_sent_again(
    name: str, world: dict[str, Any], administrator: Any
) -> None:
    token = token_of(administrator)
    mine = {"Authorization": f"Bearer {token}"}
    first = Client().get(THINGS[name], headers=mine).headers["ETag"]
    done = send(name, world, token, match=first)
    assert done.status_code in (200, 201), done.content
    fresh = done.headers["ETag"]
    assert fresh.split(".")[0] != first.split(".")[0]
    before = Entry.objects.count()
    late = send(name, world, token, match=f"W/{first}")
    told = late.json()
    assert (late.status_code, told["code"]) == (412, "stale")
    assert told["theirs"]
    assert Entry.objects.count() == before
    assert late.headers["ETag"].strip('"') == fresh.strip('"').split(".")[0]
    if name == "change_measure":  # what is sent again with the new ETag must say something new
        address, body = THINGS[name], {"cost": 77}
        again = Client().patch(
            address, body, content_type="application/json", headers={**mine, "If-Match": late.headers["ETag"]}
        )
        assert again.status_code == 200
        assert again.json()["cost"]["value"] == 77


def test_two_who_edit_one_draft(world: dict[str, Any], administrator: Any) -> None:
    token = token_of(administrator)
    mine = {"Authorization": f"Bearer {token}"}
    draft = f"/api/v1/plans/rup-2027/versions/{world['number']}"
    seen = Client().get(draft, headers=mine).headers["ETag"]
    words = {"title": {"en": "Mine"}, "text": {}}

    def put(element: str, match: str) -> Any:
        return Client().put(
            f"{draft}/elements/{element}",
            words,
            content_type="application/json",
            headers={**mine, "If-Match": match},
        )

    assert put("rup-2027.d1", seen).status_code == 200
    assert put("rup-2027.d3", seen).status_code == 200  # another element: no obstacle
    late = put("rup-2027.d1", seen)
    assert late.status_code == 412
    assert late.json()["theirs"]["title"] == {"en": "Mine"}
    frozen = Client().put(
        "/api/v1/plans/rup-2027/versions/1/elements/rup-2027.d1",
        words,
        content_type="application/json",
        headers={**mine, "If-Match": "*"},
    )
    assert (frozen.status_code, frozen.json()["code"]) == (409, "frozen")
    assert Version.objects.get(plan="rup-2027", number=1).is_frozen


def test_many_figures_are_put_in_together_or_not_at_all(administrator: Any) -> None:
    headers = {"Authorization": f"Bearer {token_of(administrator)}"}
    address = "/api/v1/indicators/bed-days-somatic-per-1000/observations"

    def figure(year: int, **more: Any) -> dict[str, Any]:
        days = {"period_start": f"{year}-01-01", "period_end": f"{year}-12-31"}
        return {"place": "hmn", "value": 700.5, **days, **more}

    def put_in(*figures: Any) -> Any:
        return Client().post(
            address,
            {"observations": figures},
            content_type="application/json",
            headers={**headers, "Accept-Language": "en"},
        )

    before = Entry.objects.count()
    wrong = put_in(figure(1990), figure(1991), figure(1992, period_end="1991-12-31"))
    told = wrong.json()
    assert (wrong.status_code, told["code"], told["where"]) == (422, "wrong-order", "/observations/2")
    assert "None of them was put in" in told["detail"]
    assert Entry.objects.count() == before
    right = put_in(figure(1990), figure(1991))
    assert right.status_code == 201
    assert [one["value"] for one in right.json()["observations"]] == [700.5, 700.5]
    assert Entry.objects.count() == before + 2
    again = put_in(figure(1990))
    assert (again.status_code, again.json()["code"]) == (422, "correction-without-reason")
    corrected = put_in(figure(1990, value=701, reason="Counted again."))
    assert corrected.json()["observations"][0]["revision"] == 2


def test_a_cookie_writes_only_with_the_token_of_a_form(administrator: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(administrator)
    body = {"title": {"en": "By a cookie"}, "organisation": "sto"}
    refused = client.post("/api/v1/measures", body, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "no-csrf-token")
    assert not Measure.objects.filter(title__en="By a cookie").exists()
    client.get("/account/tokens/")
    secret = client.cookies["csrftoken"].value
    made = client.post(
        "/api/v1/measures", body, content_type="application/json", headers={"X-CSRFToken": secret}
    )
    assert made.status_code == 201
    assert made.headers["Location"].endswith(f"/api/v1/measures/{made.json()['id']}")


@pytest.mark.parametrize(
    ("body", "kind", "status", "where"),
    [
        (b"{", "application/json", 400, None),
        (b"[" * 100_000, "application/json", 400, None),
        (b'{"title": {"en": "x"}, "organisation": "sto"}', "text/plain", 415, "Content-Type"),
        (b'{"title": {"en": "x"}, "organisation": "nowhere"}', "application/json", 422, "organisation"),
        (b'{"title": {"en": "x"}, "organisation": "sto", "colour": 1}', "application/json", 422, "/colour"),
        (b'{"title": {"xx": "x"}, "organisation": "sto"}', "application/json", 422, "/title/xx/[key]"),
        (b'{"title": {"en": "a\\u0000b"}, "organisation": "sto"}', "application/json", 422, "/"),
        (b'{"title": {"en": "a\\ud800b"}, "organisation": "sto"}', "application/json", 422, "/"),
        (b'{"title": {"en": "x"}, "organisation": "sto", "cost": NaN}', "application/json", 422, "/cost"),
        (
            b'{"title": {"en": "x"}, "organisation": "sto", "end": "9999-12-31"}',
            "application/json",
            422,
            "/end",
        ),
        (
            b'{"title": {"en": "x"}, "organisation": "sto", "goals": ["no-such"]}',
            "application/json",
            422,
            "goals",
        ),
        (b'{"title": {"en": "' + b"x" * 3_000_000 + b'"}}', "application/json", 413, None),
    ],
    ids=range(12),
)
def test_what_cannot_be_is_refused_with_its_place(
    administrator: Any, body: bytes, kind: str, status: int, where: str | None
) -> None:
    headers = {"Authorization": f"Bearer {token_of(administrator)}"}
    before = Entry.objects.count()
    answer = Client().post("/api/v1/measures", body, content_type=kind, headers=headers)
    told = answer.json()
    assert (answer.status_code, told["status"], told["where"]) == (status, status, where), told
    assert Entry.objects.count() == before
