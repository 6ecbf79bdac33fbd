"""Tokens: made on a page, shown once, kept as a digest, narrower than their owner, and ended."""

from __future__ import annotations

import datetime
import hashlib
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from framsyn.errors import PlanError
from framsyn.web.accounts.models import Organisation
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.api.auth import BUCKETS
from framsyn.web.api.models import ApiToken
from framsyn.web.api.tokens import MOST, actor_of, make_token, recognised, revoke_token
from framsyn.web.audit.models import Entry
from framsyn.web.measures.actions import change
from framsyn.web.measures.models import Measure

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def nobody_has_called_yet() -> None:
    BUCKETS.forget()


def form(**more: str) -> dict[str, str]:
    last = timezone.localdate() + 30 * DAY
    return {"name": "Monthly figures", "scope": "write", "expires": last.isoformat(), **more}


def test_a_token_is_made_on_the_page_shown_once_and_works(editor: Any, editor_client: Any) -> None:
    page = editor_client.post("/account/tokens/", form())
    assert page.status_code == 200
    words = re.findall(r"framsyn_[0-9a-f]{12}_[\w-]{43}", page.content.decode())[0]
    assert words not in editor_client.get("/account/tokens/").content.decode()
    token = ApiToken.objects.get(user=editor)
    secret = words.rpartition(f"{token.key}_")[2]
    assert token.digest == hashlib.sha256(secret.encode()).hexdigest()
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.after["scope"]) == ("api.make_token", "write")
    assert secret not in str(entry.__dict__)
    assert token.digest not in str(entry.__dict__)
    answer = Client().get("/api/v1/plans", headers={"Authorization": f"Bearer {words}"})
    assert answer.status_code == 200
    token.refresh_from_db()
    assert token.last_used == timezone.localdate()
    assert str(token.last_used.year) in editor_client.get("/account/tokens/").content.decode()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"name": ""}, "name"),
        ({"expires": "2020-01-01"}, "expires"),
        ({"expires": "2099-01-01"}, "expires"),
        ({"scope": "everything"}, "scope"),
        ({"organisation": "nowhere"}, "organisation"),
    ],
)
def test_a_form_that_will_not_do_makes_no_token(editor_client: Any, more: dict[str, str], said: str) -> None:
    page = editor_client.post("/account/tokens/", form(**more))
    assert page.status_code == 422
    assert f'id="id_{said}_error"' in page.content.decode()
    assert ApiToken.objects.count() == 0


def test_a_token_is_revoked_by_its_owner_or_an_administrator_and_by_nobody_else(
    editor: Any, editor_client: Any, reader_client: Any, administrator_client: Any
) -> None:
    actor = Actor(editor, "Test")
    first, words = make_token(actor, "first")
    second, _words = make_token(actor, "second")
    assert recognised(words) == first
    assert reader_client.post(f"/account/tokens/{first.pk}/revoke/").status_code in (403, 404)
    assert Client().post(f"/account/tokens/{first.pk}/revoke/").status_code == 302
    assert recognised(words) == first
    editor_client.post(f"/account/tokens/{first.pk}/revoke/")
    assert recognised(words) is None
    assert "second" in administrator_client.get("/account/tokens/").content.decode()
    administrator_client.post(f"/account/tokens/{second.pk}/revoke/")
    second.refresh_from_db()
    assert second.revoked_at is not None
    with pytest.raises(PlanError, match="revoked already"):
        revoke_token(actor, second)
    assert editor_client.get(f"/account/tokens/{first.pk}/revoke/").status_code == 405


def test_who_is_not_logged_in_has_no_tokens() -> None:
    answer = Client().get("/account/tokens/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login/?next=/account/tokens/")


def test_a_token_ends_with_its_last_day_and_with_its_owner(editor: Any) -> None:
    token, words = make_token(Actor(editor, "Test"), "test")
    assert token.expires == timezone.localdate() + 365 * DAY
    assert recognised(words) == token
    for wrong in (
        words[:-1] + ("a" if words[-1] != "a" else "b"),
        words.upper(),
        words + "å",
        "",
        "framsyn__",
    ):
        assert recognised(wrong) is None
    ApiToken.objects.update(expires=timezone.localdate())
    assert recognised(words) == token
    ApiToken.objects.update(expires=timezone.localdate() - DAY)
    assert recognised(words) is None
    ApiToken.objects.update(expires=timezone.localdate())
    editor.is_active = False
    editor.save()
    assert recognised(words) is None


def test_a_token_never_makes_another_and_there_are_not_endlessly_many(editor: Any) -> None:
    actor = Actor(editor, "Test")
    token, _words = make_token(actor, "test", scope="write")
    with pytest.raises(PlanError, match="cannot make another"):
        make_token(actor_of(token, ""), "another")
    with pytest.raises(PlanError):
        make_token(Actor.system("tests"), "nobody's")
    for number in range(MOST - 1):
        make_token(actor, f"test {number}")
    with pytest.raises(PlanError, match="tokens already"):
        make_token(actor, "one too many")


@pytest.mark.parametrize(
    ("limits", "may"),
    [
        ({"scope": "write"}, True),
        ({"scope": "read"}, False),
        ({"scope": "write", "organisation": "sto"}, True),
        ({"scope": "write", "organisation": "hmn"}, True),
        ({"scope": "write", "organisation": "hmr"}, False),
    ],
)
def test_a_token_is_narrower_than_its_owner_and_never_wider(editor: Any, limits: Any, may: bool) -> None:
    if "organisation" in limits:
        limits = {**limits, "organisation": Organisation.objects.get(pk=limits["organisation"])}
    token, _words = make_token(Actor(editor, "Test"), "test", **limits)
    actor = actor_of(token, "")
    measure = Measure.objects.select_related("organisation__parent").get(pk="home-hospital")  # of St. Olavs
    assert actor.may("measure.change", measure.organisation) is may
    if may:
        change(actor, measure, cost=1.0)
    else:
        with pytest.raises(NotAllowed):
            change(actor, measure, cost=1.0)
    assert not actor.may("accounts.set_role")  # which an editor may not
    editor.memberships.all().delete()
    assert not actor_of(ApiToken.objects.get(pk=token.pk), "").may("measure.change", measure.organisation)
