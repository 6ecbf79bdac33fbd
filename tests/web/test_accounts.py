"""Logging in and out, one's own account, people and their roles."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from framsyn.errors import PlanError
from framsyn.web.accounts.actions import add_user, set_role
from framsyn.web.accounts.models import Organisation
from framsyn.web.actions import Actor
from framsyn.web.audit.models import Entry

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
PASSWORD = "a long password"
MOST_QUERIES = 15


# ---------------------------------------------------------------- in and out
def test_one_logs_in_and_goes_on_where_one_was(client: Client, editor: Any) -> None:
    page = client.get("/login/?next=/measures/new/").content.decode()
    assert 'name="next" value="/measures/new/"' in page
    data = {"username": editor.username, "password": PASSWORD, "next": "/measures/new/"}
    assert client.post("/login/", data)["Location"] == "/measures/new/"
    assert editor.username in client.get("/").content.decode()
    assert client.get("/login/")["Location"] == "/"


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org/", "/\\example.org", "javascript:1"]
)
def test_no_one_is_sent_elsewhere(client: Client, editor: Any, elsewhere: str) -> None:
    data = {"username": editor.username, "password": PASSWORD, "next": elsewhere}
    assert client.post("/login/", data)["Location"] == "/"


def test_a_wrong_password_is_told_without_saying_which_was_wrong(client: Client, editor: Any) -> None:
    said = []
    for name in (editor.username, "nobody-here"):
        answer = client.post("/login/", {"username": name, "password": "wrong"})
        page = answer.content.decode()
        assert answer.status_code == 200
        assert 'class="error-summary"' in page
        assert f'value="{name}"' in page  # nothing typed is lost
        assert "wrong" not in page.split('type="password"')[1].split(">")[0]  # but the password
        said.append(page.split('class="error-summary"')[1].split("</ul>")[0])
    assert said[0] == said[1]


def test_only_the_demo_tells_its_logins(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DEMO", False)
    assert "demo-editor" not in client.get("/login/").content.decode()
    monkeypatch.setattr(settings, "DEMO", True)
    page = client.get("/login/?lang=en").content.decode()
    assert "<code>demo-editor</code>" in page
    assert page.index("<details") < page.index("demo-editor")  # shown when asked for


def test_logging_out_takes_a_form(editor_client: Client) -> None:
    assert editor_client.get("/logout/").status_code == 405
    assert editor_client.post("/logout/")["Location"] == "/"
    assert editor_client.get("/account/").status_code == 302


# ---------------------------------------------------------------- my account
def test_my_account_says_what_i_may_do(
    reader_client: Client, editor_client: Client, administrator_client: Client
) -> None:
    allowed = [
        page.content.decode().split('id="may"')[1].count(">yes<")
        for page in (
            one.get("/account/?lang=en") for one in (reader_client, editor_client, administrator_client)
        )
    ]
    assert allowed == [0, 5, 8]
    assert 'href="/people/"' in administrator_client.get("/account/").content.decode()
    assert 'href="/people/"' not in editor_client.get("/account/").content.decode()


def test_the_account_needs_a_login(client: Client) -> None:
    for path in (
        "/account/",
        "/account/password/",
        "/account/second-factor/",
        "/account/recovery-codes/",
        "/people/",
        "/people/new/",
        "/people/1/",
    ):
        assert client.get(path)["Location"] == f"/login/?next={path}"


def test_i_change_my_password(editor: Any, editor_client: Client) -> None:
    elsewhere = Client()
    elsewhere.force_login(editor)
    new = "an even longer password"

    def change(old: str, first: str, second: str) -> Any:
        data = {"old_password": old, "new_password1": first, "new_password2": second}
        return editor_client.post("/account/password/", data)

    for given in (
        ("wrong", new, new),
        (PASSWORD, new, "other"),
        (PASSWORD, "short", "short"),
        (PASSWORD, "1" * 14, "1" * 14),
    ):
        answer = change(*given)
        assert answer.status_code == 200
        assert 'class="error-summary"' in answer.content.decode()
    editor.refresh_from_db()
    assert editor.check_password(PASSWORD)
    assert change(PASSWORD, new, new)["Location"] == "/account/"
    editor.refresh_from_db()
    assert editor.check_password(new)
    assert editor_client.get("/account/").status_code == 200  # still logged in here
    assert elsewhere.get("/account/").status_code == 302  # and nowhere else
    assert Entry.objects.latest("id").action == "accounts.change_password"


# ---------------------------------------------------------------- people
NEW = {
    "username": "kari",
    "first_name": "K.",
    "password": "a rather long phrase",
    "role": "editor",
    "organisation": "",
}


def test_people_are_for_administrators(reader_client: Client, editor_client: Client, editor: Any) -> None:
    for one in (reader_client, editor_client):
        for path in ("/people/", "/people/new/", f"/people/{editor.pk}/"):
            assert one.get(path).status_code == 403
            assert one.post(path, NEW).status_code == 403
    assert not get_user_model().objects.filter(username="kari").exists()


def test_an_administrator_adds_somebody(
    administrator_client: Client, django_assert_max_num_queries: Any
) -> None:
    answer = administrator_client.post("/people/new/", NEW, follow=True)
    assert answer.redirect_chain == [("/people/", 302)]
    user = get_user_model().objects.get(username="kari")
    assert user.check_password(NEW["password"])
    assert [one.role for one in user.memberships.all()] == ["editor"]
    assert NEW["password"] not in str(Entry.objects.latest("id").after)
    with django_assert_max_num_queries(MOST_QUERIES):
        assert "kari" in administrator_client.get("/people/").content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "TEST-administrator"}, "id_username"),
        ({"password": "short"}, "id_password"),
        ({"role": "emperor"}, "id_role"),
        ({"email": "no address"}, "id_email"),
    ],
)
def test_what_will_not_do_is_told_at_its_field(
    administrator_client: Client, change: dict[str, str], field: str
) -> None:
    page = administrator_client.post("/people/new/?lang=en", {**NEW, **change}).content.decode()
    assert f'<a href="#{field}">' in page.split("error-summary")[1]
    assert 'value="K."' in page  # nothing typed is lost
    assert not get_user_model().objects.filter(username="kari").exists()


def test_a_role_is_changed_and_ended(administrator_client: Client, editor: Any) -> None:
    here = f"/people/{editor.pk}/"
    administrator_client.post(here, {"role": "reader", "organisation": "sto"})
    roles = {(one.role, one.organisation_id) for one in editor.memberships.all()}
    assert roles == {("editor", None), ("reader", "sto")}
    administrator_client.post(here, {"end": ""})
    assert {(one.role, one.organisation_id) for one in editor.memberships.all()} == {("reader", "sto")}
    administrator_client.post(here, {"role": "editor", "organisation": "sto"})
    assert {(one.role, one.organisation_id) for one in editor.memberships.all()} == {("editor", "sto")}


def test_the_last_administrator_stays(administrator: Any, administrator_client: Client, person: Any) -> None:
    here = f"/people/{administrator.pk}/"
    left = person("administrator", name="left")
    left.is_active = False
    left.save()  # gives no roles any more, so does not count
    for data in ({"end": ""}, {"role": "editor", "organisation": ""}):
        page = administrator_client.post(f"{here}?lang=en", data, follow=True).content.decode()
        assert "last administrator" in page
        assert [one.role for one in administrator.memberships.all()] == ["administrator"]
    with pytest.raises(PlanError) as refused:
        set_role(SYSTEM, administrator, None)
    assert refused.value.code == "last-administrator"
    person("administrator", name="second")
    administrator_client.post(here, {"role": "editor", "organisation": ""})
    assert [one.role for one in administrator.memberships.all()] == ["editor"]
    assert administrator_client.get("/people/").status_code == 403


def test_an_administrator_of_one_trust_gives_roles_only_there(person: Any, editor: Any) -> None:
    client = Client()
    client.force_login(person("administrator", Organisation.objects.get(pk="sto"), name="local"))
    page = client.get("/people/new/").content.decode()
    assert '<option value="sto"' in page
    assert '<option value="hmr"' not in page
    assert client.post("/people/new/", {**NEW, "organisation": ""}).status_code == 200
    assert client.post("/people/new/", {**NEW, "organisation": "hmr"}).status_code == 200
    assert not get_user_model().objects.filter(username="kari").exists()
    assert client.post("/people/new/", {**NEW, "organisation": "sto"}).status_code == 302
    assert (
        client.post(f"/people/{editor.pk}/", {"end": ""}).status_code == 404
    )  # nothing of this person's is there
    assert [one.role for one in editor.memberships.all()] == ["editor"]


def test_a_password_never_comes_back_or_reaches_the_log(administrator_client: Client) -> None:
    page = administrator_client.post("/people/new/", {**NEW, "username": ""}).content.decode()
    assert NEW["password"] not in page
    add_user(SYSTEM, "ola", "a rather long phrase", role="reader")
    assert not Entry.objects.filter(after__icontains="rather long").exists()


def test_a_role_in_no_organisation_is_not_ended(administrator_client: Client, editor: Any) -> None:
    for odd in ("no-such", "\x00"):
        assert administrator_client.post(f"/people/{editor.pk}/", {"end": odd}).status_code == 404
    assert [one.role for one in editor.memberships.all()] == ["editor"]


def test_the_pages_of_an_account_ask_the_database_few_times(
    administrator: Any, administrator_client: Client, editor: Any, django_assert_max_num_queries: Any
) -> None:
    for page in (
        "/account/",
        "/account/password/",
        "/account/second-factor/",
        "/account/recovery-codes/",
        "/people/new/",
        f"/people/{editor.pk}/",
        f"/people/{administrator.pk}/",
    ):
        with django_assert_max_num_queries(MOST_QUERIES):
            assert administrator_client.get(page).status_code == 200
