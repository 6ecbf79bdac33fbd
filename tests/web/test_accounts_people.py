"""People by the hundred, and roles in organisations and on plans, with their last day."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from site_pages import parse

from framsyn.errors import PlanError
from framsyn.web.accounts.actions import add_user, set_role
from framsyn.web.accounts.models import Membership, Organisation, Role
from framsyn.web.accounts.queries import may_somewhere, reach_of, roles_held
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.audit.models import Entry
from framsyn.web.plan.models import Plan

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
MOST_QUERIES = 15


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def plan() -> Plan:
    return Plan.objects.select_related("organisation").get(pk="rup-2027")


def roles_of(user: Any) -> set[tuple[str, str | None, str | None]]:
    rows = user.memberships.valid_on(timezone.localdate())
    return {(one.role, one.organisation_id, one.plan_id) for one in rows}


# ---------------------------------------------------------------- roles on a plan
def test_a_role_on_a_plan_is_no_role_in_its_organisation(person: Any, acting: Any, plan: Plan) -> None:
    user = person("reader", Organisation.objects.get(pk="sto"))
    set_role(SYSTEM, user, "editor", plan=plan)
    actor = acting(user)
    assert actor.may("plan.change_text", plan.organisation, plans=[plan.pk])
    assert not actor.may("plan.change_text", plan.organisation)
    assert not actor.may("plan.change_text", plan.organisation, plans=["strategi-2030"])
    reach = reach_of(actor, "plan.change_text")
    assert (reach.everywhere, reach.organisations, reach.plans) == (False, [], {"rup-2027"})
    assert may_somewhere(actor, "plan.change_text")
    assert {(one.role, one.where) for one in roles_held(user)} == {
        ("reader", str(Organisation.objects.get(pk="sto"))),
        ("editor", str(plan.title)),
    }


def test_roles_in_an_organisation_and_on_a_plan_stand_side_by_side(editor: Any, plan: Plan) -> None:
    trust = Organisation.objects.get(pk="sto")
    set_role(SYSTEM, editor, "owner", trust)
    set_role(SYSTEM, editor, "approver", plan=plan)
    assert roles_of(editor) == {
        ("editor", None, None),
        ("owner", "sto", None),
        ("approver", None, "rup-2027"),
    }
    set_role(SYSTEM, editor, "contributor", plan=plan)  # takes the place of that one alone
    assert roles_of(editor) == {
        ("editor", None, None),
        ("owner", "sto", None),
        ("contributor", None, "rup-2027"),
    }
    entry = Entry.objects.latest("id")
    assert (entry.before, entry.after) == (
        {"roles": ["approver"]},
        {"role": "contributor", "organisation": None, "plan": "rup-2027"},
    )
    set_role(SYSTEM, editor, None, plan=plan)
    assert roles_of(editor) == {("editor", None, None), ("owner", "sto", None)}
    with pytest.raises(PlanError) as refused:
        set_role(SYSTEM, editor, "owner", trust, plan)
    assert refused.value.code == "two-places"


def test_who_may_give_a_role_on_a_plan(person: Any, acting: Any, plan: Plan, reader: Any) -> None:
    owner = plan.organisation
    elsewhere = Organisation.objects.exclude(pk=owner.pk).filter(parent=owner).first()
    assert elsewhere is not None
    with pytest.raises(NotAllowed):
        set_role(acting(person("administrator", elsewhere, name="below")), reader, "editor", plan=plan)
    set_role(acting(person("administrator", owner, name="of-it")), reader, "editor", plan=plan)
    on_plan = person("reader", elsewhere, name="on-plan")
    set_role(SYSTEM, on_plan, "administrator", plan=plan)
    set_role(acting(on_plan), reader, "contributor", plan=plan)
    for place in ({}, {"organisation": owner}, {"plan": Plan.objects.exclude(pk=plan.pk).first()}):
        with pytest.raises(NotAllowed):
            set_role(acting(on_plan), reader, "administrator", **place)
    assert ("contributor", None, "rup-2027") in roles_of(reader)


def test_a_role_on_a_plan_is_given_and_ended_by_the_page(
    administrator_client: Client, editor: Any, plan: Plan
) -> None:
    here = f"/people/{editor.pk}/"
    both = {"role": "owner", "organisation": "sto", "plan": plan.pk}
    page = administrator_client.post(f"{here}?lang=en", both).content.decode()
    assert '<a href="#id_plan">' in page
    administrator_client.post(here, {"role": "owner", "organisation": "", "plan": plan.pk})
    assert ("owner", None, "rup-2027") in roles_of(editor)
    page = administrator_client.get(here).content.decode()
    assert 'value="plan:rup-2027"' in page
    administrator_client.post(here, {"end": "plan:rup-2027"})
    assert roles_of(editor) == {("editor", None, None)}
    assert administrator_client.post(here, {"end": "plan:none"}).status_code == 404


def test_an_administrator_of_one_trust_chooses_among_its_own(person: Any, plan: Plan, reader: Any) -> None:
    client = client_of(person("administrator", Organisation.objects.get(pk="sto"), name="local"))
    page = parse(client.get(f"/people/{reader.pk}/").content.decode())
    offered = {node.attributes["value"] for node in page.all("select", name="plan")[0].all("option")}
    assert plan.pk not in offered
    answer = client.post(f"/people/{reader.pk}/?lang=en", {"role": "owner", "organisation": "", "plan": ""})
    assert '<a href="#id_organisation">' in answer.content.decode()
    assert client.post(f"/people/{reader.pk}/", {"role": "owner", "plan": plan.pk}).status_code == 200
    assert roles_of(reader) == {("reader", None, None)}
    assert client.post(f"/people/{reader.pk}/", {"do": "deactivate"}).status_code == 404
    assert client.post(f"/people/{reader.pk}/", {"do": "something"}).status_code == 404


def test_an_administrator_on_a_plan_reaches_people_for_that_plan(
    person: Any, plan: Plan, reader: Any
) -> None:
    user = person("reader", Organisation.objects.get(pk="sto"), name="on-plan")
    set_role(SYSTEM, user, "administrator", plan=plan)
    client = client_of(user)
    assert client.get("/people/").status_code == 200
    answer = client.post(f"/people/{reader.pk}/", {"role": "editor", "plan": plan.pk})
    assert answer.status_code == 302
    assert ("editor", None, "rup-2027") in roles_of(reader)
    assert (
        client.post(
            "/people/new/", {"username": "x", "password": "a rather long phrase", "role": "reader"}
        ).status_code
        == 200
    )
    assert not get_user_model().objects.filter(username="x").exists()


# ---------------------------------------------------------------- the last day
def test_a_role_ends_by_itself(person: Any, acting: Any, administrator_client: Client) -> None:
    user = person("reader", Organisation.objects.get(pk="sto"))
    today = timezone.localdate()
    for day, good in (
        (today - datetime.timedelta(days=1), False),
        (today, True),
        (today + datetime.timedelta(9), True),
    ):
        answer = administrator_client.post(
            f"/people/{user.pk}/", {"role": "editor", "organisation": "", "valid_to": day.isoformat()}
        )
        assert (answer.status_code == 302) is good
    assert acting(user).may("plan.move")
    page = administrator_client.get(f"/people/{user.pk}/?lang=en").content.decode()
    assert "until " in page
    Membership.objects.filter(user=user, organisation=None).update(
        valid_from=today - datetime.timedelta(9), valid_to=today - datetime.timedelta(1)
    )
    assert not acting(user).may("plan.move")
    with pytest.raises(PlanError) as refused:
        set_role(SYSTEM, user, "editor", valid_to=today - datetime.timedelta(days=1))
    assert refused.value.code == "past-day"


def test_the_last_administrator_gets_no_last_day(administrator: Any) -> None:
    with pytest.raises(PlanError) as refused:
        set_role(SYSTEM, administrator, "administrator", valid_to=timezone.localdate())
    assert refused.value.code == "last-administrator"


# ---------------------------------------------------------------- the list
@pytest.fixture
def hundreds(plan: Plan) -> list[Any]:
    """Give 240 people, each third with a role in another place."""
    users = get_user_model()
    made = users.objects.bulk_create(
        users(
            username=f"p{number:03}",
            first_name="Test",
            last_name=f"Number{number:03}",
            email=f"p{number}@example.org",
        )
        for number in range(240)
    )
    trust = Organisation.objects.get(pk="sto")
    today = timezone.localdate()
    places = (("editor", {"organisation": trust}), ("owner", {"plan": plan}))
    Membership.objects.bulk_create(
        Membership(user=user, role=places[number % 3][0], valid_from=today, **places[number % 3][1])
        for number, user in enumerate(made)
        if number % 3 < 2
    )
    return made


def found(client: Client, query: str) -> tuple[int, list[str]]:
    page = parse(client.get(f"/people/{query}{'&' if query else '?'}lang=en").content.decode())
    count = int(page.all("p", class_="found")[0].text.split()[0])
    tables = [table for table in page.all("table") if "People" in table.all("caption")[0].text]
    names = [row.all("th")[0].text for row in tables[0].all("tr")[1:]] if tables else []
    return count, names


def test_hundreds_of_people_are_searched_filtered_and_leafed_through(
    hundreds: list[Any], administrator_client: Client, django_assert_max_num_queries: Any
) -> None:
    total = get_user_model().objects.count()
    with django_assert_max_num_queries(MOST_QUERIES):
        count, names = found(administrator_client, "")
    assert (count, len(names)) == (total, 50)
    assert len(found(administrator_client, "?page=2")[1]) == 50
    assert len(found(administrator_client, "?page=999")[1]) == total % 50 or 50
    assert found(administrator_client, "?q=number017")[0] == 1
    assert found(administrator_client, "?q=test+number01")[0] == 10  # each word, wherever it stands
    assert found(administrator_client, "?q=p17@")[0] == 1
    assert found(administrator_client, "?q=%25")[0] == 0  # a sign is a sign
    assert found(administrator_client, "?role=editor&organisation=sto")[0] == 80
    plan = Plan.objects.get(pk="rup-2027")
    assert found(administrator_client, f"?role=owner&organisation={plan.organisation_id}")[0] == 80
    assert found(administrator_client, "?role=owner&q=number001")[0] == 1
    assert found(administrator_client, "?state=none&q=number")[0] == 80
    get_user_model().objects.filter(username="p005").update(is_active=False)
    assert found(administrator_client, "?state=left")[0] == 1
    assert "login closed" in found(administrator_client, "?state=left")[1][0]


@pytest.mark.parametrize(
    "query",
    [
        "?q=zzzzzz",
        "?role=emperor",
        "?organisation=none",
        "?state=odd",
        "?page=x",
        "?page=-1",
        "?q=%00",
        "?q=" + "x" * 500,
    ],
)
def test_odd_wishes_break_nothing(administrator_client: Client, query: str) -> None:
    assert administrator_client.get(f"/people/{query}").status_code == 200


def test_nobody_found_shows_the_way_back(administrator_client: Client) -> None:
    page = administrator_client.get("/people/?q=zzzzzz&lang=en").content.decode()
    assert "Nobody found" in page
    assert 'href="/people/"' in page


def test_the_table_of_roles_says_what_the_policies_say(administrator_client: Client) -> None:
    page = parse(administrator_client.get("/people/?lang=en").content.decode())
    table = next(one for one in page.all("table") if "Roles and abilities" in one.all("caption")[0].text)
    heads = [cell.text for cell in table.all("tr")[0].all("th")][1:]
    assert heads == [str(role.label).capitalize() for role in Role]
    rows = {row.all("th")[0].text: [cell.text for cell in row.all("td")] for row in table.all("tr")[1:]}
    assert rows["Give people logins and roles"] == ["no"] * 6 + ["yes"]
    assert rows["Open a draft of a plan and write in it"] == ["no", "yes", "no", "yes", "no", "no", "yes"]


@pytest.mark.usefixtures("db")
def test_passwords_are_strong() -> None:
    for weak in ("short", "123456789012", "1qaz2wsx3edc", "kari-nordmann"):
        with pytest.raises(PlanError) as refused:
            add_user(SYSTEM, "kari-nordmann", weak, role="reader")
        assert refused.value.code == "weak-password"
        assert refused.value.data["reasons"]
    assert not get_user_model().objects.filter(username="kari-nordmann").exists()


# ---------------------------------------------------------------- who may, by role
OTHERS = [None, *(role for role in Role.values if role != "administrator")]


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("name", ["add_from_provider", "follow_provider"])
def test_what_a_login_does_by_itself_is_done_by_nobody_else(
    role: str | None, name: str, person: Any, acting: Any
) -> None:
    from framsyn.web.accounts.sign_on.people import add_person, follow
    from framsyn.web.accounts.sign_on.providers import Provider

    provider = Provider(
        id="x", name="X", issuer="https://login.example.org", client_id="c", client_secret_env="HOME"
    )
    actor = acting(person(role)) if role else Actor(user=None, name="")
    user = person("reader", name="somebody")
    before = Entry.objects.count()
    with pytest.raises(NotAllowed):
        if name == "add_from_provider":
            add_person(actor, provider, {"sub": "s"})
        else:
            follow(actor, user, provider, {"sub": "s", "given_name": "Other"})
    assert Entry.objects.count() == before
    user.refresh_from_db()
    assert user.first_name == "Test"


def test_what_is_ones_own_takes_a_login() -> None:
    from framsyn.web.accounts import actions, second_factor

    nobody = Actor(user=None, name="")
    for do in (
        lambda: actions.change_password(nobody, "a rather long phrase"),
        lambda: actions.end_sessions(nobody, []),
        lambda: second_factor.switch_on(nobody, second_factor.new_key(), "000000"),
        lambda: second_factor.switch_off(nobody),
        lambda: second_factor.new_codes(nobody),
    ):
        with pytest.raises(PlanError) as refused:
            do()
        assert refused.value.code == "nobody"


def test_somebody_without_any_role_has_an_account(person: Any) -> None:
    user = person("reader")
    user.memberships.all().delete()
    client = client_of(user)
    for page in ("/account/", "/account/password/", "/account/second-factor/", "/account/recovery-codes/"):
        assert client.get(page).status_code == 200
    assert client.get("/people/").status_code == 404
