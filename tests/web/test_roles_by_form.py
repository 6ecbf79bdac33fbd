"""Every action of the site, every role, by form and by direct address: refused to all who lack it, and nothing changes.

A row of :data:`site_actions.ROWS` says with which form an action is done. Who may is not said here: that is the table
:data:`framsyn.web.policies.POLICY`, and this test holds the site to it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client
from site_actions import EDIT, OTHER, ROWS, SEEN, TODAY, Row, measure
from site_forms import main_form
from site_pages import make_ready

from framsyn.web.accounts.models import Membership, Role
from framsyn.web.actions import ACTIONS, Actor
from framsyn.web.audit.models import Entry
from framsyn.web.notes.actions import add
from framsyn.web.plan.actions import change_text
from framsyn.web.plan.edits import last_edit
from framsyn.web.plan.models import Version
from framsyn.web.policies import POLICY, may

WATCHED = (
    "accounts",
    "audit",
    "plan",
    "goals",
    "indicators",
    "measures",
    "outlooks",
    "notes",
    "wheel",
    "voice",
    "followup",
)
PASSING = {"Session", "RateWindow"}  # of being logged in, not of the site's content


# Actions that none of these forms does, and where that is held to the table instead.
ELSEWHERE: dict[str, str] = {
    "content.load": "the command line only",
    "outlook.store": "the command line only",
    "attainment.store": "the command line only",
    "decision.record": "the command line only; forms record a decision within plan.publish and choice.decide",
    "accounts.add_from_provider": "the system itself, at a login",
    "accounts.follow_provider": "the system itself, at a login",
    "voice.report": "anybody, without a login",
    "voice.forget": "the command line only",
}
# Pages of people, follow-up, the wheel, voices, imports and the programming interface have their own tables.
OWN_TESTS = (
    "accounts.",
    "assumption.",
    "api.",
    "followup.",
    "plan.import",
    "scenario.",
    "voice.",
    "wheel.",
    "audit.",
    "exchange.",
    "people.",
)


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Callable[..., Client]]:
    """Make the site ready, and give a function that gives a browser of somebody with a role at a place or on a plan."""
    with django_db_blocker.unblock(), rolled_back():
        make_ready()
        add(Actor.system("tests"), measure(), "En intern merknad")
        draft = Version.objects.get(plan="rup-2027", state="draft")
        system = Actor.system("tests")
        for words in ("Utkast.", "Neste utkast."):
            change_text(system, draft, last_edit(draft), "rup-2027.d3", title={}, text={"nb": words})
        made: dict[tuple[str, str, str], Client] = {}

        def browser(role: str, place: str = "", plan: str = "") -> Client:
            if (role, place, plan) not in made:
                client = made[role, place, plan] = Client(raise_request_exception=False)
                if role != "anonymous":
                    name = f"by-form-{role}-{place}-{plan}"
                    user = get_user_model().objects.create_user(name, password="a long password")
                    Membership.objects.create(
                        user=user,
                        role=role,
                        organisation_id=place or None,
                        plan_id=plan or None,
                        valid_from=TODAY,
                    )
                    client.force_login(user)
                client.cookies["language"] = "en"
            return made[role, place, plan]

        yield browser


def state() -> dict[str, int]:
    """Return how many rows each table of the content has, in one query: enough to see that nothing came or went."""
    tables = [
        model._meta.db_table
        for name in WATCHED
        if name in apps.app_configs
        for model in apps.get_app_config(name).get_models()
        if model.__name__ not in PASSING
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}', COUNT(*) FROM {name}" for name in tables))
        return dict(cursor.fetchall())


def filled_in(client: Client, row: Row, address: str) -> dict[str, Any]:
    """Return the form as a browser would send it."""
    typed = {name: value() if callable(value) else value for name, value in row.typed.items()}
    if row.button:
        return typed
    answer = client.get(address)
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    form = main_form(answer.content.decode(), address)
    return {name: value for name, value in form.with_(**typed).items() if value}


def cases() -> list[Any]:
    return [
        pytest.param(action, row, id=f"{action}-{number}")
        for action, rows in ROWS.items()
        for number, row in enumerate(rows)
    ]


def allowed(role: str, action: str, row: Row) -> bool:
    return role in Role.values and all(may({role}, one) for one in (action, *row.also))


@pytest.mark.parametrize(("action", "row"), cases())
def test_an_action_is_refused_to_every_role_that_lacks_it(
    site: Callable[..., Client], action: str, row: Row
) -> None:
    if action == "plan.redo":
        site("administrator").post(f"{EDIT}undo/", {"seen": SEEN["seen"]()})
    address = row.address()
    sent = filled_in(site("administrator"), row, address)
    seats = [(role, row.place, "") for role in Role.values]
    if row.on_plan:
        seats += [(role, "", "rup-2027") for role in (Role.READER, Role.OWNER, Role.EDITOR)]
    for seat in seats:
        role = seat[0]
        client, name = site(*seat), f"{action} by {' '.join(seat)}"
        before, last = state(), Entry.objects.latest("id").pk
        shown = client.get(address).status_code
        with rolled_back():
            status = client.post(address, sent).status_code
            done = set(Entry.objects.filter(pk__gt=last).values_list("action", flat=True))
            if allowed(role, action, row):
                assert action in done, f"{name}: {status}"
                assert shown == (405 if row.button else 200), name
                assert status in (200, 302), name
            else:
                assert done == set(), name
                assert state() == before, name
                assert status == 403, name
                assert shown in ((405, 403) if row.button else (403,)), name


@pytest.mark.parametrize(("action", "row"), cases())
def test_strangers_and_other_organisations_get_no_further(
    site: Callable[..., Client], action: str, row: Row
) -> None:
    if (
        action == "plan.redo"
        and not Version.objects.get(plan="rup-2027", state="draft").edits.filter(undone=True).exists()
    ):
        site("administrator").post(f"{EDIT}undo/", {"seen": SEEN["seen"]()})
    address = row.address()
    sent = filled_in(site("administrator"), row, address)
    foreigners = [("editor", OTHER, ""), ("administrator", OTHER, ""), ("administrator", "", "strategi-2030")]
    clients = {seat: site(*seat) for seat in foreigners}
    before = state()
    posted, shown = site("anonymous").post(address, sent), site("anonymous").get(address)
    assert (posted.status_code, posted["Location"].split("?")[0]) == (302, "/login/")
    assert shown.status_code == (405 if row.button else 302)
    assert row.button or shown["Location"].startswith("/login/?next=")
    for seat, client in clients.items():
        status = client.post(address, sent).status_code
        if row.anywhere:  # the form is theirs, but not the place that was chosen in it
            assert status in (403, 404, 422), f"{action} by {seat}"
        else:
            assert status == 404, f"{action} by {seat}"
            assert client.get(address).status_code in (404, 405)
    assert state() == before


@pytest.mark.django_db  # one test says so, or no database is made for this module alone
def test_no_action_is_forgotten() -> None:
    """Whoever adds an action adds a row, or says why it needs none."""
    for app in apps.get_app_configs():
        if app.name.startswith("framsyn.web."):
            for module in pkgutil.walk_packages([app.path], f"{app.name}."):
                importlib.import_module(module.name)
    assert set(ACTIONS) == set(POLICY)
    told = set(ROWS) | set(ELSEWHERE)
    rest = {name for name in POLICY if name not in told and not name.startswith(OWN_TESTS)}
    assert rest == set(), f"no row in tests/web/test_roles_by_form.py for {', '.join(sorted(rest))}"
    assert told <= set(POLICY)
    assert all(ELSEWHERE.values())


def test_every_role_is_met_by_the_table() -> None:
    """Whoever edits may all that an owner may: pages ask for owners only where that is not so."""
    owner = {name for name in POLICY if may({Role.OWNER}, name)}
    assert owner <= {name for name in POLICY if may({Role.EDITOR}, name)}
