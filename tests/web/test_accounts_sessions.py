"""Sessions: seen and ended by their owner, over after some hours, gone with the login; headers of pages."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from site_pages import parse

from framsyn.errors import PlanError
from framsyn.web.accounts import actions
from framsyn.web.accounts.models import Organisation, Session
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.audit.models import Entry

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
PASSWORD = "a long password"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
)


def logged_in(user: Any, agent: str = FIREFOX, address: str = "192.0.2.77") -> Client:
    client = Client(headers={"user-agent": agent, "Accept-Language": "en"}, REMOTE_ADDR=address)
    client.post("/login/", {"username": user.username, "password": PASSWORD})
    assert client.get("/account/").status_code == 200
    return client


def marks(client: Client) -> list[str]:
    page = parse(client.get("/account/").content.decode())
    return [node.attributes["value"] for node in page.all("button", name="session")]


# ---------------------------------------------------------------- mine
def test_i_see_where_i_am_logged_in(editor: Any) -> None:
    one = logged_in(editor)
    logged_in(editor, SAFARI)
    page = one.get("/account/?lang=en").content.decode()
    rows = parse(page).all("table")[0].all("tr")[1:]
    assert [row.all("th")[0].text for row in rows] == ["Firefox, Windows this one", "Safari, iPhone"]
    assert re.search(r"in the hour from \d\d", rows[0].text)
    for session in Session.objects.filter(user=editor):
        assert session.session_key not in page
        assert "192.0.2.77" not in str(session.get_decoded())
        assert session.used.minute == session.used.second == 0


def test_i_end_one_and_then_all(editor: Any, reader: Any) -> None:
    one, two, stranger = logged_in(editor), logged_in(editor, SAFARI), logged_in(reader)
    assert one.get("/account/sessions/end/").status_code == 405
    assert one.post("/account/sessions/end/", {"session": "made-up"})["Location"] == "/account/"
    # Those of another are not there to be ended.
    theirs = marks(stranger)
    (mine,) = [mark for mark in marks(one) if mark != "all"]
    assert mine not in theirs
    assert stranger.post("/account/sessions/end/", {"session": mine}).status_code == 302
    assert two.get("/account/").status_code == 200
    assert one.post("/account/sessions/end/", {"session": mine})["Location"] == "/account/"
    assert two.get("/account/").status_code == 302
    assert one.get("/account/").status_code == 200
    assert Entry.objects.latest("id").action == "accounts.end_sessions"
    three = logged_in(editor)
    assert one.post("/account/sessions/end/", {"session": "all"})["Location"] == "/login/"
    assert {client.get("/account/").status_code for client in (one, three)} == {302}
    assert stranger.get("/account/").status_code == 200


def test_a_stolen_key_of_before_the_login_opens_nothing(editor: Any) -> None:
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = planted = session.session_key
    client.post("/login/", {"username": editor.username, "password": PASSWORD})
    assert client.cookies["sessionid"].value != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert thief.get("/account/").status_code == 302


@pytest.mark.parametrize(
    ("hours_old", "hours_idle", "good"), [(11.9, 0, True), (12.1, 0, False), (5, 1.9, True), (5, 2.1, False)]
)
def test_a_session_ends_after_twelve_hours_or_two_without_use(
    editor: Any, hours_old: float, hours_idle: float, good: bool
) -> None:
    client = logged_in(editor)
    now = timezone.now().timestamp()
    session = client.session
    session["began"], session["used"] = now - 3600 * hours_old, now - 3600 * hours_idle
    session.save()
    answer = client.get("/account/")
    assert answer.status_code == (200 if good else 302)
    if not good:
        assert "Your session had ended" in client.get("/login/?lang=en").content.decode()
        assert not Session.objects.filter(user=editor).exists()


def test_the_last_use_is_written_at_most_every_five_minutes(editor: Any) -> None:
    client = logged_in(editor)
    stamp = client.session["used"]
    client.get("/")
    assert client.session["used"] == stamp
    session = client.session
    session["used"] = stamp - 301
    session.save()
    client.get("/")
    assert client.session["used"] >= stamp


def test_a_new_password_ends_all_other_sessions(editor: Any) -> None:
    one, two = logged_in(editor), logged_in(editor, SAFARI)
    new = "an even longer password"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert one.post("/account/password/", data)["Location"] == "/account/"
    assert one.get("/account/").status_code == 200
    assert two.get("/account/").status_code == 302
    assert Session.objects.filter(user=editor).count() == 1


# ---------------------------------------------------------------- a login that is closed
def test_closing_a_login_ends_its_sessions(editor: Any, administrator_client: Client) -> None:
    client = logged_in(editor)
    here = f"/people/{editor.pk}/"
    assert administrator_client.post(here, {"do": "deactivate", "reason": "Moved on"})["Location"] == here
    assert client.get("/account/").status_code == 302
    assert not Session.objects.filter(user=editor).exists()
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.reason) == ("accounts.deactivate", "Moved on")
    said = Client().post("/login/?lang=en", {"username": editor.username, "password": PASSWORD})
    wrong = Client().post("/login/?lang=en", {"username": "nobody", "password": PASSWORD})
    cut = [one.content.decode().split('class="error-summary"')[1].split("</ul>")[0] for one in (said, wrong)]
    assert cut[0] == cut[1]  # a stranger does not learn that there is such a person
    assert "login closed" in administrator_client.get("/people/?state=left&lang=en").content.decode()
    administrator_client.post(here, {"do": "reactivate"})
    logged_in(editor)


def test_the_last_administrator_stays_and_nobody_closes_their_own(
    administrator: Any, person: Any, acting: Any
) -> None:
    with pytest.raises(PlanError) as refused:
        actions.deactivate(SYSTEM, administrator)
    assert refused.value.code == "last-administrator"
    person("administrator", name="second")
    with pytest.raises(PlanError) as refused:
        actions.deactivate(acting(administrator), administrator)
    assert refused.value.code == "oneself"
    actions.deactivate(SYSTEM, administrator)
    for do, code in (
        (actions.deactivate, "not-active"),
        (actions.reactivate, None),
        (actions.reactivate, "is-active"),
    ):
        if code is None:
            do(SYSTEM, administrator)
            continue
        with pytest.raises(PlanError) as refused:
            do(SYSTEM, administrator)
        assert refused.value.code == code


@pytest.mark.parametrize("name", ["deactivate", "reactivate", "unlock", "set_password"])
@pytest.mark.parametrize(
    "role", [None, "reader", "editor", "approver", "local administrator", "administrator"]
)
def test_only_an_administrator_of_all_places_looks_after_a_login(
    role: str | None, name: str, person: Any, acting: Any
) -> None:
    user = person("editor", name="somebody")
    if name == "reactivate":
        get_user_model().objects.filter(pk=user.pk).update(is_active=False)
        user.refresh_from_db()
    local = role is not None and role.startswith("local")
    trust = Organisation.objects.get(pk="sto") if local else None
    actor = acting(person(role.removeprefix("local "), trust)) if role else Actor(user=None, name="")
    more = ["a rather long phrase 9"] if name == "set_password" else []
    before = Entry.objects.count()
    do = getattr(actions, name)
    if role == "administrator":
        do(actor, user, *more)
        assert Entry.objects.latest("id").action == f"accounts.{name}"
        return
    with pytest.raises(NotAllowed):
        do(actor, user, *more)
    assert Entry.objects.count() == before


def test_a_forgotten_password_is_given_anew(editor: Any, administrator_client: Client) -> None:
    client = logged_in(editor)
    here = f"/people/{editor.pk}/"
    page = administrator_client.post(
        f"{here}?lang=en", {"do": "password", "password": "short"}
    ).content.decode()
    assert '<a href="#id_password">' in page
    assert "short" not in re.findall(r'<input[^>]*type="password"[^>]*>', page)[0]
    new = "a rather long phrase 9"
    assert administrator_client.post(here, {"do": "password", "password": new})["Location"] == here
    editor.refresh_from_db()
    assert editor.check_password(new)
    assert client.get("/account/").status_code == 302
    assert new not in str(vars(Entry.objects.latest("id")))


# ---------------------------------------------------------------- headers
def test_pages_of_people_who_are_logged_in_are_kept_nowhere(client: Client, editor_client: Client) -> None:
    for page in ("/", "/plan/rup-2027/", "/account/", "/there-is-no-such-page/"):
        assert editor_client.get(page)["Cache-Control"] == "no-store, private"
        assert "no-store" not in client.get(page).headers.get("Cache-Control", "")
    assert "no-store" in editor_client.post("/logout/")["Cache-Control"]
    assert "no-store" in client.get("/login/")["Cache-Control"]


def test_browsers_are_told_what_no_page_needs(client: Client) -> None:
    for page in ("/", "/login/", "/there-is-no-such-page/", "/health/"):
        answer = client.get(page)
        policy = answer["Permissions-Policy"].split(", ")
        assert {"camera=()", "geolocation=()", "microphone=()"} <= set(policy)
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


def test_sessions_that_are_over_are_not_told(editor: Any) -> None:
    client = logged_in(editor)
    logged_in(editor, SAFARI)
    old = timezone.now() - datetime.timedelta(hours=4)
    Session.objects.filter(user=editor, device__startswith="Safari").update(used=old)
    page = parse(client.get("/account/?lang=en").content.decode())
    assert [row.all("th")[0].text for row in page.all("table")[0].all("tr")[1:]] == [
        "Firefox, Windows this one"
    ]
