"""The second factor: switched on by a code, asked for at each login, off by password and code; nothing works twice."""

from __future__ import annotations

import re
import time
from base64 import b32decode
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from site_pages import parse

from framsyn.errors import PlanError
from framsyn.web.accounts import second_factor as factor
from framsyn.web.accounts.models import Membership, Organisation
from framsyn.web.actions import NotAllowed
from framsyn.web.audit.models import Entry

pytestmark = pytest.mark.django_db
PASSWORD = "a long password"
PAGE = "/account/second-factor/"
STEP = 30


class Clock:
    """The telephone and the server at the same moment, which only goes on when told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = float(int(time.time()) // STEP * STEP)
        monkeypatch.setattr("django_otp.plugins.otp_totp.models.time.time", lambda: self.now)

    def code(self, key: str, steps: int = 0) -> str:
        app = TOTP(bytes.fromhex(key), STEP)
        app.time = self.now + steps * STEP
        return f"{app.token():06d}"

    def forward(self, seconds: float = STEP) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def switched_on(client: Client, clock: Clock) -> tuple[str, list[str]]:
    """Switch it on as a person does, and return the key and the recovery codes."""
    page = parse(client.get(f"{PAGE}?lang=en").content.decode())
    typed = next(node.text for node in page.all("code")).replace(" ", "")
    key = b32decode(typed).hex()
    answer = client.post(PAGE, {"code": clock.code(key)})
    assert answer["Location"] == "/account/recovery-codes/"
    codes = parse(client.get("/account/recovery-codes/").content.decode())
    clock.forward()
    return key, [node.text for node in codes.all("code")]


def password_given(user: Any, then: str = "/account/") -> Client:
    """Return a browser in which the password was right."""
    client = Client()
    answer = client.post("/login/", {"username": user.username, "password": PASSWORD, "next": then})
    assert answer["Location"] == "/login/"
    return client


# ---------------------------------------------------------------- on
def test_it_is_switched_on_by_the_first_code(editor: Any, editor_client: Client, clock: Clock) -> None:
    page = editor_client.get(f"{PAGE}?lang=en").content.decode()
    tree = parse(page)
    drawing = tree.all("svg", class_="qr")
    assert len(drawing) == 1
    assert all("style" not in node.attributes for node in drawing[0].walk())
    assert not TOTPDevice.objects.filter(user=editor).exists()  # nothing is stored before the code is right
    for wrong in ("000000", "12345", "abcdef", "", "１２３４５６", "\x00"):
        assert 'class="error-summary"' in editor_client.post(PAGE, {"code": wrong}).content.decode()
    assert not factor.has_second_factor(editor)
    same = editor_client.get(f"{PAGE}?lang=en").content.decode()
    assert tree.all("code")[0].text in same  # the key that the telephone has been given stays
    key, codes = switched_on(editor_client, clock)
    assert factor.has_second_factor(editor)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([a-z2-7]{4}-){2}[a-z2-7]{4}", code) for code in codes)
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.actor) == ("accounts.switch_on_second_factor", editor)
    told = str([entry.before, entry.after, entry.object_label])
    assert key not in told
    assert not any(code in told for code in codes)


def test_the_recovery_codes_are_shown_once_and_kept_as_digests(editor_client: Client, clock: Clock) -> None:
    _key, codes = switched_on(editor_client, clock)
    again = editor_client.get("/account/recovery-codes/").content.decode()
    assert not any(code in again for code in codes)
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert len(kept) == 10
    assert not kept & {code.replace("-", "") for code in codes}


def test_the_code_that_switched_it_on_opens_nothing(editor: Any, editor_client: Client, clock: Clock) -> None:
    page = parse(editor_client.get(PAGE).content.decode())
    key = b32decode(page.all("code")[0].text.replace(" ", "")).hex()
    code = clock.code(key)
    editor_client.post(PAGE, {"code": code})
    client = password_given(editor)
    assert client.post("/login/", {"code": code}).status_code == 200
    assert client.get("/account/").status_code == 302


# ---------------------------------------------------------------- logging in
def test_nobody_is_logged_in_before_the_code(editor: Any, editor_client: Client, clock: Clock) -> None:
    key, _codes = switched_on(editor_client, clock)
    client = password_given(editor, then="/measures/new/")
    assert "_auth_user_id" not in client.session
    for page in ("/account/", "/people/", "/measures/new/"):
        assert client.get(page)["Location"] == f"/login/?next={page}"
    before = client.session.session_key
    asked = parse(client.get("/login/?lang=en").content.decode())
    assert asked.all("input", name="code", autocomplete="one-time-code")
    assert not asked.all("input", name="password")
    assert client.post("/login/", {"code": clock.code(key)})["Location"] == "/measures/new/"
    assert client.session["_auth_user_id"] == str(editor.pk)
    assert client.session.session_key != before


def test_a_code_is_good_once_also_in_another_browser(
    editor: Any, editor_client: Client, clock: Clock
) -> None:
    key, _codes = switched_on(editor_client, clock)
    code = clock.code(key)
    one, other = password_given(editor), password_given(editor)
    assert one.post("/login/", {"code": code}).status_code == 302
    refused = other.post("/login/?lang=en", {"code": code})
    assert refused.status_code == 200
    assert 'class="error-summary"' in refused.content.decode()
    assert other.get("/account/").status_code == 302
    # A code of the step before is older than the one that was used.
    clock.forward(0)
    TOTPDevice.objects.update(throttling_failure_count=0)
    assert other.post("/login/", {"code": clock.code(key, -1)}).status_code == 200


def test_a_recovery_code_is_good_once(editor: Any, editor_client: Client, clock: Clock) -> None:
    _key, codes = switched_on(editor_client, clock)
    one = password_given(editor)
    typed = codes[3].upper().replace("-", " ")  # as people type
    answer = one.post("/login/?lang=en", {"code": typed}, follow=True)
    assert answer.request["PATH_INFO"] == "/account/"
    assert "9 are left" in answer.content.decode()
    other = password_given(editor)
    assert other.post("/login/", {"code": typed}).status_code == 200
    assert other.get("/account/").status_code == 302
    assert factor.codes_left(editor) == 9


def test_after_a_wrong_code_no_other_is_looked_at_for_a_while(
    editor: Any, editor_client: Client, clock: Clock
) -> None:
    key, _codes = switched_on(editor_client, clock)
    client = password_given(editor)
    client.post("/login/", {"code": "000000"})
    page = client.post("/login/?lang=en", {"code": clock.code(key)}).content.decode()  # right, but too soon
    assert re.search(r"Try again in \d seconds?", page)
    assert client.get("/account/").status_code == 302
    device = TOTPDevice.objects.get(user=editor)
    assert device.throttling_failure_count == 1
    device.throttling_failure_timestamp = timezone.now() - timezone.timedelta(seconds=2)
    device.save()
    assert client.post("/login/", {"code": clock.code(key)}).status_code == 302


def test_who_takes_too_long_or_changes_the_password_begins_again(
    editor: Any, editor_client: Client, clock: Clock
) -> None:
    key, _codes = switched_on(editor_client, clock)
    slow = password_given(editor)
    session = slow.session
    session["half_logged_in"] = {**session["half_logged_in"], "at": time.time() - 301}
    session.save()
    assert slow.post("/login/", {"code": clock.code(key)})["Location"] == "/login/"
    assert "half_logged_in" not in slow.session
    changed = password_given(editor)
    editor.set_password("another long password")
    editor.save()
    assert changed.post("/login/", {"code": clock.code(key)})["Location"] == "/login/"
    assert "_auth_user_id" not in changed.session
    closed = Client()
    editor.set_password(PASSWORD)
    editor.save()
    closed = password_given(editor)
    get_user_model().objects.filter(pk=editor.pk).update(is_active=False)
    assert closed.post("/login/", {"code": clock.code(key)})["Location"] == "/login/"
    assert "_auth_user_id" not in closed.session


def test_one_may_begin_again_as_somebody_else(
    editor: Any, editor_client: Client, clock: Clock, reader: Any
) -> None:
    switched_on(editor_client, clock)
    client = password_given(editor)
    assert client.post("/login/", {"again": "1"})["Location"] == "/login/"
    assert client.post("/login/", {"username": reader.username, "password": PASSWORD})["Location"] == "/"


# ---------------------------------------------------------------- off and anew
def test_it_is_switched_off_by_password_and_code(editor: Any, editor_client: Client, clock: Clock) -> None:
    key, codes = switched_on(editor_client, clock)
    for password, code in (("wrong", clock.code(key)), (PASSWORD, "000000")):
        page = editor_client.post(PAGE, {"password": password, "code": code})
        assert page.status_code == 200
        assert password not in page.content.decode().split('name="password"')[1].split(">")[0]
        assert factor.has_second_factor(editor)
    TOTPDevice.objects.update(throttling_failure_count=0)
    assert editor_client.post(PAGE, {"password": PASSWORD, "code": codes[0]})["Location"] == "/account/"
    assert not TOTPDevice.objects.exists()
    assert not StaticDevice.objects.exists()
    assert Entry.objects.latest("id").action == "accounts.switch_off_second_factor"


def test_new_recovery_codes_take_the_place_of_the_old(
    editor: Any, editor_client: Client, clock: Clock
) -> None:
    key, old = switched_on(editor_client, clock)
    page = "/account/recovery-codes/"
    assert editor_client.post(page, {"password": "wrong", "code": clock.code(key)}).status_code == 200
    assert editor_client.post(page, {"password": PASSWORD, "code": clock.code(key)})["Location"] == page
    new = [node.text for node in parse(editor_client.get(page).content.decode()).all("code")]
    assert len(new) == 10
    assert not set(new) & set(old)
    assert not factor.check_code(editor, old[0]).right
    StaticDevice.objects.update(throttling_failure_count=0)
    assert factor.check_code(editor, new[0]).right


# ---------------------------------------------------------------- asked for by role
def test_a_role_that_asks_for_it_changes_nothing_without(editor: Any, settings: Any, clock: Clock) -> None:
    settings.REQUIRE_TOTP = frozenset({"editor", "administrator"})
    client = Client()
    login = {"username": editor.username, "password": PASSWORD}
    assert client.post("/login/", login)["Location"] == PAGE
    assert client.get("/plan/rup-2027/").status_code == 200  # reading goes on
    before = Entry.objects.count()
    assert client.post("/measures/home-hospital/edit/", {})["Location"] == PAGE
    assert client.post("/plan/rup-2027/versions/open/")["Location"] == PAGE
    assert Entry.objects.count() == before
    switched_on(client, clock)
    assert client.post("/measures/home-hospital/edit/", {}).status_code == 200  # the form, with its faults


def test_other_roles_are_not_asked(reader: Any, settings: Any) -> None:
    settings.REQUIRE_TOTP = frozenset({"administrator"})
    client = Client()
    login = {"username": reader.username, "password": PASSWORD}
    assert client.post("/login/", login)["Location"] == "/"
    Membership.objects.filter(user=reader).update(role="administrator")
    assert client.post("/people/new/", {})["Location"] == PAGE  # from the moment of the new role
    assert client.post("/logout/")["Location"] == "/"  # the way out is open


# ---------------------------------------------------------------- reset by an administrator
def test_an_administrator_resets_it(
    editor: Any, editor_client: Client, administrator_client: Client, clock: Clock
) -> None:
    switched_on(editor_client, clock)
    here = f"/people/{editor.pk}/"
    assert 'value="second-factor"' in administrator_client.get(here).content.decode()
    assert administrator_client.post(here, {"do": "second-factor"})["Location"] == here
    assert not factor.has_second_factor(editor)
    assert editor_client.get("/account/").status_code == 302  # whoever held the telephone is out
    assert Entry.objects.latest("id").action == "accounts.reset_second_factor"
    client = Client()
    assert client.post("/login/", {"username": editor.username, "password": PASSWORD})["Location"] == "/"


def test_an_administrator_of_one_trust_resets_nobody_of_another(
    person: Any, acting: Any, clock: Clock
) -> None:
    trust = Organisation.objects.get(pk="sto")
    local = acting(person("administrator", trust, name="local"))
    everywhere, elsewhere, mine = (
        person("editor", place, name=name)
        for place, name in ((None, "a"), (Organisation.objects.get(pk="hmr"), "b"), (trust, "c"))
    )
    for user in (everywhere, elsewhere, mine):
        TOTPDevice.objects.create(user=user, name="app", confirmed=True)
    for user in (everywhere, elsewhere):
        with pytest.raises(NotAllowed):
            factor.reset_second_factor(local, user)
        assert factor.has_second_factor(user)
    factor.reset_second_factor(local, mine)
    assert not factor.has_second_factor(mine)
    with pytest.raises(PlanError) as refused:
        factor.reset_second_factor(local, mine)
    assert refused.value.code == "second-factor-is-off"
