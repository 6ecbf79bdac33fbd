"""Every action of follow-up, every role, by form and by direct address: done by those who may, refused to all others."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from framsyn.web.accounts.models import Membership, Organisation, Role
from framsyn.web.audit.models import Entry
from framsyn.web.followup.models import Letter
from framsyn.web.measures.models import Assignment, Measure
from framsyn.web.policies import POLICY, SEEING, may

pytestmark = pytest.mark.django_db
MEASURE = "home-hospital"  # of the trust sto
GOAL = "rup-2027.s1.g1"  # of the authority hmn


@pytest.fixture
def owner() -> Any:
    """Whoever owns the measure and has something overdue."""
    user = get_user_model().objects.create_user("kari", email="kari@example.org")
    today = timezone.localdate()
    Assignment.objects.filter(measure=MEASURE, role="owner").update(
        person=user, valid_from=today - datetime.timedelta(days=9)
    )
    Measure.objects.filter(pk=MEASURE).update(created_at=timezone.now() - datetime.timedelta(days=400))
    return user


@pytest.fixture
def letter(owner: Any) -> Letter:
    now = timezone.now()
    return Letter.objects.create(
        person=owner, day=timezone.localdate(), state="refused", next_try_at=now, created_at=now
    )


def client_of(role: str, organisation: str | None, name: str) -> Client:
    user = get_user_model().objects.create_user(name)
    Membership.objects.create(
        user=user, role=role, organisation_id=organisation, valid_from=timezone.localdate()
    )
    client = Client()
    client.force_login(user)
    return client


def forms(owner: Any, letter: Letter) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the address and what is sent, for each action."""
    today = timezone.localdate().isoformat()
    heir = get_user_model().objects.get_or_create(username="heir")[0]
    return {
        "followup.assign": (
            f"/follow-up/goal/{GOAL}/people/",
            {"role": "owner", "organisation": "hmn", "unit_nb": "Fag", "person": "", "valid_from": today},
        ),
        "followup.remind": (f"/follow-up/owners/{owner.pk}/remind/", {}),
        "followup.hand_over": (
            f"/follow-up/measure/{MEASURE}/hand-over/",
            {"person": heir.pk, "valid_from": today},
        ),
        "followup.settle": (f"/follow-up/letters/{letter.pk}/settle/", {"again": "0"}),
        "followup.choose": ("/account/letters/", {"language": "nn"}),
    }


def count(action: str) -> int:
    return Entry.objects.filter(action=action).count()


def test_the_table_names_every_action_of_follow_up(owner: Any, letter: Letter) -> None:
    assert set(forms(owner, letter)) == {name for name in POLICY if name.startswith("followup.")}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_does_what_the_table_says(role: Role, owner: Any, letter: Letter) -> None:
    client = client_of(role, None, "somebody")
    for action, (address, data) in forms(owner, letter).items():
        before = count(action)
        answer = client.post(address, data)
        if may({role}, action):
            assert (answer.status_code, count(action)) == (302, before + 1), (action, answer.status_code)
        else:
            assert (answer.status_code, count(action)) == (403, before), (action, answer.status_code)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_elsewhere_is_no_role_here(role: Role, owner: Any, letter: Letter) -> None:
    """Somebody of another trust: 404 for a thing, and nothing changes."""
    client = client_of(role, "hnt", "stranger")
    for action in ("followup.assign", "followup.hand_over", "followup.settle"):
        address, data = forms(owner, letter)[action]
        before = count(action)
        assert client.get(address).status_code in (403, 404), action
        assert client.post(address, data).status_code in (403, 404), action
        assert count(action) == before
    before = count("followup.remind")
    client.post(forms(owner, letter)["followup.remind"][0])
    assert count("followup.remind") == before  # nothing of hers lies in that trust


def test_nobody_without_a_login_does_anything(owner: Any, letter: Letter) -> None:
    client = Client()
    for action, (address, data) in forms(owner, letter).items():
        before = count(action)
        for answer in (client.get(address), client.post(address, data)):
            assert answer.status_code == 302, action
            assert answer["Location"].startswith("/login/")
        assert count(action) == before


def test_whoever_owns_the_thing_hands_it_over_without_a_role(owner: Any, letter: Letter) -> None:
    client = Client()
    client.force_login(owner)
    address, data = forms(owner, letter)["followup.hand_over"]
    assert client.post(address, data).status_code == 302
    assert count("followup.hand_over") == 1
    assert client.post(address, data).status_code == 404  # it is somebody else's now


@pytest.mark.parametrize("role", list(Role))
def test_names_and_letters_are_seen_by_those_who_may(role: Role, owner: Any, letter: Letter) -> None:
    get_user_model().objects.filter(pk=owner.pk).update(first_name="Kari", last_name="Testesen")
    client = client_of(role, None, "looker")
    page = client.get("/follow-up/owners/").content.decode()
    assert ("Testesen" in page) is (role in SEEING["see.owners"])
    assert client.get("/follow-up/letters/").status_code == (200 if role in SEEING["see.letters"] else 403)
    assert "Testesen" not in Client().get("/follow-up/owners/").content.decode()


def test_organisations_are_those_of_the_test() -> None:
    assert Organisation.objects.filter(pk__in=("hmn", "sto", "hnt")).count() == 3
    assert Measure.objects.get(pk=MEASURE).organisation_id == "sto"
