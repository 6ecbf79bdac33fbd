"""Many at the same moment, on SQLite and PostgreSQL: each try counts once, each code opens once, one administrator stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sites import Site

pytestmark = pytest.mark.slow
SET_UP = """
import json
from concurrent.futures import ThreadPoolExecutor
from framsyn.web.operations import start
start.set_up()
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import RequestFactory
from framsyn.errors import PlanError
from framsyn.web.accounts import actions, second_factor
from framsyn.web.accounts.limits import take
from framsyn.web.actions import Actor
SYSTEM = Actor.system("tests")
def at_once(do, what):
    def run(one):
        try:
            return do(one)
        finally:
            connection.close()
    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(run, what))
"""
COUNT = """
def ask(_):
    return take(RequestFactory().post("/", REMOTE_ADDR="192.0.2.1"), "trial", "50/d") is None
answer(sum(at_once(ask, range(80))))
"""
CODES = """
from django_otp.oath import TOTP
import time
user = actions.add_user(SYSTEM, "somebody", "a rather long phrase", role="editor")
key = second_factor.new_key()
app = TOTP(bytes.fromhex(key))
app.time = time.time() - 30
codes = second_factor.switch_on(Actor(user=user, name="somebody"), key, f"{app.token():06d}")
app.time = time.time()
newest = f"{app.token():06d}"
by_app = at_once(lambda _: second_factor.check_code(user, newest).right, range(16))
by_recovery = at_once(lambda _: second_factor.check_code(user, codes[0]).right, range(16))
answer([sum(by_app), sum(by_recovery)])
"""
LAST = """
users = [actions.add_user(SYSTEM, f"admin-{n}", "a rather long phrase", role="administrator") for n in range(4)]
def leave(user):
    try:
        actions.deactivate(SYSTEM, user)
    except PlanError as error:
        return error.code
    return "left"
told = at_once(leave, users)
answer([sorted(told), get_user_model().objects.filter(username__startswith="admin-", is_active=True).count()])
"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> Site:
    url = request.getfixturevalue("cluster").database() if request.param == "postgresql" else ""
    folder: Path = tmp_path_factory.mktemp(request.param) / "data"
    made = Site(folder, environment, url)
    made.run("answer(True)")
    return made


def run(site: Site, code: str) -> Any:
    return site.run(code, prepare=SET_UP)


def test_tries_of_two_processes_are_counted_together(site: Site) -> None:
    with ThreadPoolExecutor(2) as both:
        passed = list(both.map(lambda _: run(site, COUNT), range(2)))
    assert sum(passed) == 50  # of 160


def test_of_many_who_send_the_same_code_one_is_let_in(site: Site) -> None:
    assert run(site, CODES) == [1, 1]


def test_of_administrators_who_leave_together_one_stays(site: Site) -> None:
    assert run(site, LAST) == [["last-administrator", "left", "left", "left"], 1]
