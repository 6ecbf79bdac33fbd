"""The machinery of actions: every mutation has a policy, a check and an entry; who lacks the role is refused."""

from __future__ import annotations

import datetime
import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest

import framsyn.web
from framsyn.errors import PlanError
from framsyn.web.accounts.actions import add_user, change_password, set_role
from framsyn.web.accounts.models import Organisation, Role
from framsyn.web.actions import ACTIONS, LISTENERS, Act, Actor, NotAllowed, action
from framsyn.web.audit.models import Entry
from framsyn.web.measures import actions as measures
from framsyn.web.measures import parts
from framsyn.web.measures.models import Measure
from framsyn.web.policies import POLICY, may

SYSTEM = Actor.system("tests")


def all_modules_read() -> None:
    """Import every module of the site, so that every action is known."""
    for module in pkgutil.walk_packages(framsyn.web.__path__, "framsyn.web."):
        if ".migrations" not in module.name and not module.name.endswith((".wsgi", ".settings")):
            importlib.import_module(module.name)


def test_every_action_has_a_policy_and_every_policy_an_action() -> None:
    all_modules_read()
    own = {name for name, run in ACTIONS.items() if run.__module__.startswith("framsyn.")}
    assert own == set(POLICY)


def test_an_action_without_policy_cannot_be_written() -> None:
    with pytest.raises(PlanError) as refused:
        action("measure.paint")
    assert refused.value.code == "no-policy"
    assert "framsyn.web.policies" in refused.value.message


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that makes an action out of a body, forgotten after the test."""

    def make(body: Callable[..., Any]) -> Callable[..., Any]:
        monkeypatch.setitem(ACTIONS, "measure.change", ACTIONS["measure.change"])
        return action("measure.change")(body)

    return make


@pytest.mark.django_db
def test_an_action_that_checks_nobody_changes_nothing(trial: Callable[..., Any]) -> None:
    measure = Measure.objects.get(pk="home-hospital")

    def body(act: Act) -> None:
        Measure.objects.filter(pk=measure.pk).update(cost=1.0)
        act.record(measure)

    before = Entry.objects.count()
    with pytest.raises(RuntimeError, match="did not check who may"):
        trial(body)(SYSTEM)
    assert Measure.objects.get(pk=measure.pk).cost == measure.cost
    assert Entry.objects.count() == before


@pytest.mark.django_db
def test_an_action_that_logs_nothing_changes_nothing(trial: Callable[..., Any]) -> None:
    def body(act: Act) -> None:
        act.require()
        Measure.objects.filter(pk="home-hospital").update(cost=1.0)

    with pytest.raises(RuntimeError, match="left no audit entry"):
        trial(body)(SYSTEM)
    assert Measure.objects.get(pk="home-hospital").cost != 1.0


@pytest.mark.django_db
def test_a_listener_that_fails_takes_the_change_back(
    trial: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(act: Act) -> None:
        raise LookupError(act.name)

    monkeypatch.setattr("framsyn.web.actions.LISTENERS", [*LISTENERS, fails])

    def body(act: Act) -> None:
        act.require()
        measure = Measure.objects.get(pk="home-hospital")
        Measure.objects.filter(pk=measure.pk).update(cost=1.0)
        act.record(measure)

    with pytest.raises(LookupError):
        trial(body)(SYSTEM)
    assert Measure.objects.get(pk="home-hospital").cost != 1.0


@pytest.mark.django_db
def test_the_entry_says_who_when_and_on_which_request(editor: Any) -> None:
    actor = Actor(user=editor, name="Test Editor", request_id="abc-123")
    measures.change(actor, Measure.objects.get(pk="home-hospital"), cost=99.0)
    entry = Entry.objects.latest("id")
    assert (entry.actor, entry.actor_name, entry.request_id) == (editor, "Test Editor", "abc-123")
    assert entry.object_label["nb"] == "Hjemmesykehus"
    assert (entry.before, entry.after) == ({"cost": 38.0}, {"cost": 99.0})


# ---------------------------------------------------------------- role × action
def calls(user: Any) -> dict[str, Callable[[Actor], Any]]:
    """Return for each action here a call that is right in all but who makes it."""
    measure = Measure.objects.get(pk="home-hospital")
    trust = Organisation.objects.get(pk="sto")
    text = {"en": "Any"}
    day = datetime.date(2026, 11, 1)
    return {
        "accounts.add_user": lambda actor: add_user(actor, "any", "a long pass-phrase 77", role="reader"),
        "accounts.set_role": lambda actor: set_role(actor, user, "reader"),
        "measure.create": lambda actor: measures.create(actor, text, trust),
        "measure.change": lambda actor: measures.change(actor, measure, cost=1.0),
        "measure.report": lambda actor: measures.report(actor, measure, status="on_plan"),
        "measure.assign": lambda actor: measures.assign(
            actor, measure, role="owner", organisation=trust, unit=text, valid_from=day
        ),
        "measure.task": lambda actor: parts.task(actor, measure, title=text),
        "measure.benefit": lambda actor: parts.benefit(actor, measure, kind="fte", year=2040, planned=1.0),
        "measure.risk": lambda actor: parts.risk(actor, measure, text=text, probability=1, consequence=1),
    }


HERE = (
    "accounts.add_user",
    "accounts.set_role",
    "measure.create",
    "measure.change",
    "measure.report",
    "measure.assign",
    "measure.task",
    "measure.benefit",
    "measure.risk",
)


@pytest.mark.django_db
@pytest.mark.parametrize("name", HERE)
@pytest.mark.parametrize("role", [None, *Role.values])
def test_who_lacks_the_role_is_refused_and_who_has_it_is_not(
    role: str | None, name: str, person: Callable[..., Any], acting: Callable[..., Any]
) -> None:
    other = person("reader", name="somebody-else")
    actor = acting(person(role)) if role else Actor(user=None, name="")
    call = calls(other)[name]
    before = Entry.objects.count()
    if role is not None and may([role], name):
        call(actor)
        assert Entry.objects.count() == before + 1
        assert Entry.objects.latest("id").action == name
    else:
        with pytest.raises(NotAllowed) as refused:
            call(actor)
        assert refused.value.data["action"] == name
        assert Entry.objects.count() == before


@pytest.mark.django_db
def test_a_role_of_yesterday_or_of_somebody_who_left_is_none(
    person: Callable[..., Any], acting: Callable[..., Any]
) -> None:
    measure = Measure.objects.get(pk="home-hospital")
    late = person("editor", name="late")
    late.memberships.update(valid_from=datetime.date(2020, 1, 1), valid_to=datetime.date(2020, 12, 31))
    left = person("editor", name="left")
    left.is_active = False
    left.save()
    for user in (late, left):
        with pytest.raises(NotAllowed):
            measures.change(acting(user), measure, cost=1.0)


@pytest.mark.django_db
@pytest.mark.parametrize(("where", "reaches"), [("sto", True), ("hmn", True), ("hmr", False), (None, True)])
def test_a_role_reaches_what_lies_below(
    where: str | None, reaches: bool, person: Callable[..., Any], acting: Callable[..., Any]
) -> None:
    measure = Measure.objects.get(pk="home-hospital")  # of St. Olavs, below the region
    organisation = Organisation.objects.get(pk=where) if where else None
    actor = acting(person("editor", organisation))
    if reaches:
        measures.change(actor, measure, cost=1.0)
    else:
        with pytest.raises(NotAllowed):
            measures.change(actor, measure, cost=1.0)


@pytest.mark.django_db
def test_everybody_changes_their_own_password_and_the_log_does_not_keep_it(
    person: Callable[..., Any], acting: Callable[..., Any]
) -> None:
    user = person("reader")
    change_password(acting(user), "another long phrase 88")
    user.refresh_from_db()
    assert user.check_password("another long phrase 88")
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.before, entry.after) == ("accounts.change_password", None, None)
    assert "phrase" not in str(entry.object_label)
    with pytest.raises(PlanError):
        change_password(SYSTEM, "another long phrase 99")
