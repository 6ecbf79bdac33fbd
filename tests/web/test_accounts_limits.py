"""Lockout after wrong passwords, and rates: counted exactly by many at once, told with the time, never by who exists."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from framsyn.errors import PlanError
from framsyn.web.accounts.actions import unlock
from framsyn.web.accounts.limits import address_of, limited, mark_of_address, take
from framsyn.web.accounts.lockout import is_locked
from framsyn.web.accounts.models import Organisation, RateWindow
from framsyn.web.actions import NotAllowed
from framsyn.web.audit.models import Entry

PASSWORD = "a long password"
ASK = RequestFactory()


def tries(client: Client, name: str, password: str, count: int = 1, **headers: str) -> list[Any]:
    data = {"username": name, "password": password}
    return [client.post("/login/?lang=en", data, **headers) for _ in range(count)]


def summary(answer: Any) -> str:
    return answer.content.decode().split('class="error-summary"')[1].split("</ul>")[0]


# ---------------------------------------------------------------- lockout
@pytest.mark.django_db
def test_five_wrong_passwords_lock_the_name_for_that_address(editor: Any) -> None:
    client = Client()
    answers = tries(client, editor.username, "wrong", 5)
    assert [one.status_code for one in answers] == [200, 200, 200, 200, 429]
    assert re.search(r"Try again after \d\d\.\d\d", summary(answers[-1]))
    right = tries(client, editor.username, PASSWORD)[0]
    assert right.status_code == 429
    assert "_auth_user_id" not in client.session
    for spelling in (editor.username.upper(), f" {editor.username} "):
        assert tries(client, spelling, PASSWORD)[0].status_code == 429
    # Another address, and another name from this one, are not touched.
    other = Client(REMOTE_ADDR="192.0.2.7")
    assert tries(other, editor.username, PASSWORD)[0].status_code == 302
    assert tries(client, "somebody-else", "wrong")[0].status_code == 200


@pytest.mark.django_db
def test_a_name_that_nobody_has_is_answered_as_one_that_somebody_has(editor: Any) -> None:
    said = {}
    for name in (editor.username, "nobody-has-this"):
        client = Client()
        answers = tries(client, name, "wrong", 6)
        said[name] = [(one.status_code, re.sub(r"\d\d\.\d\d", "TIME", summary(one))) for one in answers]
    one, two = said.values()
    assert one == two


@pytest.mark.django_db
def test_trying_on_does_not_make_the_pause_longer_and_it_ends(editor: Any) -> None:
    client = Client()
    tries(client, editor.username, "wrong", 5)
    kept = AccessAttempt.objects.get()
    tries(client, editor.username, "wrong", 3)
    again = AccessAttempt.objects.get()
    assert (again.attempt_time, again.failures_since_start) == (kept.attempt_time, 5)
    AccessAttempt.objects.update(attempt_time=timezone.now() - datetime.timedelta(minutes=15, seconds=1))
    assert tries(client, editor.username, PASSWORD)[0].status_code == 302
    assert not AccessAttempt.objects.exists()


@pytest.mark.django_db
def test_what_is_kept_of_a_try_holds_no_address_and_no_password(editor: Any) -> None:
    tries(Client(REMOTE_ADDR="192.0.2.7"), editor.username, "a secret word")
    kept = AccessAttempt.objects.get()
    assert kept.ip_address.startswith("fd")
    told = " ".join(str(value) for value in vars(kept).values())
    assert "192.0.2.7" not in told
    assert "a secret word" not in told


@pytest.mark.django_db
def test_an_administrator_unlocks(
    editor: Any, administrator_client: Client, person: Any, acting: Any
) -> None:
    client = Client()
    tries(client, editor.username, "wrong", 5)
    assert is_locked(editor)
    here = f"/people/{editor.pk}/"
    assert 'value="unlock"' in administrator_client.get(here).content.decode()
    local = acting(person("administrator", Organisation.objects.get(pk="sto"), name="local"))
    with pytest.raises(NotAllowed):  # the editor has a role everywhere
        unlock(local, editor)
    assert administrator_client.post(here, {"do": "unlock"})["Location"] == here
    assert Entry.objects.latest("id").action == "accounts.unlock"
    assert not is_locked(editor)
    assert 'value="unlock"' not in administrator_client.get(here).content.decode()
    assert tries(client, editor.username, PASSWORD)[0].status_code == 302


# ---------------------------------------------------------------- rates
@limited("trial", "3/10m")
def trial(request: Any) -> HttpResponse:
    return HttpResponse("done")


@pytest.mark.django_db
def test_posts_beyond_a_rate_are_refused_with_the_time_to_come_back() -> None:
    def ask(method: str = "post", address: str = "192.0.2.1") -> Any:
        return trial(getattr(ASK, method)("/", REMOTE_ADDR=address))

    assert [ask().status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    refused = ask()
    assert 1 <= int(refused["Retry-After"]) <= 600
    assert ask("get").status_code == 200
    assert ask(address="192.0.2.2").status_code == 200
    # An address of IPv6 is its network: whoever has one has billions.
    assert [ask(address=f"2001:db8::{one}").status_code for one in range(4)] == [200, 200, 200, 429]
    assert ask(address="2001:db8:0:1::1").status_code == 200
    RateWindow.objects.update(until=timezone.now() - datetime.timedelta(seconds=1))
    ask(address="192.0.2.3")
    assert RateWindow.objects.count() == 1  # those that are over are forgotten


@pytest.mark.django_db
def test_who_is_logged_in_is_counted_as_that_person(editor: Any, reader: Any) -> None:
    def ask(user: Any, address: str) -> int:
        request = ASK.post("/", REMOTE_ADDR=address)
        request.user = user
        return trial(request).status_code

    assert [ask(editor, f"192.0.2.{one}") for one in range(4)] == [200, 200, 200, 429]
    assert ask(reader, "192.0.2.1") == 200


@pytest.mark.django_db
def test_the_login_page_has_a_rate(settings: Any) -> None:
    request = ASK.post("/")
    for _ in range(300):
        assert take(request, "login", "300/10m") is None
    client = Client()
    answer = tries(client, "anybody", "wrong")[0]
    assert answer.status_code == 429
    assert "Too many tries from here" in answer.content.decode()
    assert int(answer["Retry-After"]) > 0
    assert client.get("/login/").status_code == 200
    settings.RATE_LIMITS = False
    assert tries(client, "anybody", "wrong")[0].status_code == 200


def test_a_rate_that_is_none_is_told_where_it_is_written() -> None:
    for rate in ("ten", "0/m", "5", "5/w", "-1/m", "5/0x"):
        with pytest.raises(PlanError, match="is no rate"):
            limited("trial", rate)


@pytest.mark.parametrize("https", [False, True])
def test_the_forwarded_address_is_believed_behind_the_proxy_alone(settings: Any, https: bool) -> None:
    settings.HTTPS = https

    def of(forwarded: str | None, real: str = "10.0.0.1") -> str:
        more = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
        return address_of(ASK.get("/", REMOTE_ADDR=real, **more))

    assert of(None) == "10.0.0.1"
    assert of("198.51.100.9") == ("198.51.100.9" if https else "10.0.0.1")
    # What a stranger puts before it does not count: the last one is what the proxy saw.
    assert of("1.1.1.1, 198.51.100.9") == ("198.51.100.9" if https else "10.0.0.1")
    assert of("nonsense") == ("0.0.0.0" if https else "10.0.0.1")
    assert of("1.1.1.1, ") == "10.0.0.1"
    assert of(None, "[2001:db8::1]") == "2001:db8::1"


def test_the_mark_of_an_address_depends_on_the_key(settings: Any) -> None:
    request = ASK.get("/", REMOTE_ADDR="192.0.2.1")
    one = mark_of_address(request)
    settings.SECRET_KEY = "another key"
    assert mark_of_address(request) != one


# ---------------------------------------------------------------- by answer or by time
@pytest.mark.django_db
def test_a_password_is_worked_out_for_names_that_nobody_has_too(
    editor: Any, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.contrib.auth.hashers import MD5PasswordHasher

    reader.is_active = False
    reader.save()
    worked_out = []
    real = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher,
        "encode",
        lambda self, *given: worked_out.append(1) or real(self, *given),  # type: ignore[func-returns-value]
    )
    for name in (editor.username, reader.username, "nobody-has-this"):
        worked_out.clear()
        tries(Client(REMOTE_ADDR="192.0.2.50"), name, "wrong")
        assert len(worked_out) == 1, name
