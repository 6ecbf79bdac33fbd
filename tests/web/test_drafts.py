"""Text that is not saved yet: kept for its writer, offered again, and thrown away; and nothing else is ever kept."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from site_forms import forms_on, main_form

from framsyn.web.actions import Actor
from framsyn.web.audit.models import Entry
from framsyn.web.drafts import queries
from framsyn.web.drafts.models import FormDraft
from framsyn.web.languages import Text
from framsyn.web.measures import actions as measures
from framsyn.web.measures.models import Measure

pytestmark = pytest.mark.django_db
FORM = "/measures/home-hospital/edit/"


@pytest.fixture(autouse=True)
def unlimited() -> None:
    """Begin with nothing counted."""
    cache.clear()


@pytest.fixture
def browser(editor_client: Client) -> Client:
    editor_client.cookies["language"] = "en"
    return editor_client


def typed(browser: Client, **fields: str) -> dict[str, list[str]]:
    return main_form(browser.get(FORM).content.decode(), FORM).with_(**fields)


def kept(browser: Client, fields: dict[str, Any], form: str = FORM) -> Any:
    return browser.post("/drafts/", {**fields, "draft-form": form})


def test_what_was_typed_is_offered_and_taken_up(browser: Client) -> None:
    answer = kept(browser, typed(browser, text_nb="Halvferdig", cost="12,3,4"))
    assert answer.status_code == 200
    assert answer.json()["saved"] == timezone.localtime().strftime("%H:%M")
    assert Entry.objects.filter(object_type="drafts.formdraft").count() == 0
    page = browser.get(FORM).content.decode()
    assert "You have text that is not saved" in page
    assert "Halvferdig" not in page  # until it is asked for
    taken = browser.get(f"{FORM}?draft=take").content.decode()
    form = main_form(taken, f"{FORM}?draft=take")
    assert form.fields["text_nb"] == ["Halvferdig"]
    assert form.fields["cost"] == ["12,3,4"]  # also what is not sound yet
    assert "aria-invalid" not in taken  # and nobody is told off for it
    assert "Your text is in the form" in taken


def test_a_saved_form_has_no_draft_left(browser: Client) -> None:
    fields = typed(browser, text_nb="Ferdig")
    kept(browser, fields)
    kept(browser, fields, "/measures/home-hospital/report/")
    assert browser.post(FORM, {**fields, "cost": "x"}).status_code == 422  # not saved: the draft stays
    assert FormDraft.objects.count() == 2
    assert browser.post(FORM, fields).status_code == 302
    assert [one.form for one in FormDraft.objects.all()] == ["/measures/home-hospital/report/"]


def test_it_is_thrown_away_by_a_button_without_a_script(browser: Client) -> None:
    kept(browser, typed(browser, text_nb="Bort"))
    page = browser.get(FORM).content.decode()
    button = next(one for one in forms_on(page, FORM) if one.address == "/drafts/")
    answer = browser.post("/drafts/", {**button.fields, "draft-forget": "1"})
    assert answer["Location"] == FORM
    assert not FormDraft.objects.exists()
    elsewhere = browser.post("/drafts/", {"draft-form": "https://example.org/", "draft-forget": "1"})
    assert elsewhere["Location"] == "/"


def test_nobody_else_sees_it(browser: Client, administrator_client: Client, client: Client) -> None:
    kept(browser, typed(browser, text_nb="Bare mitt"))
    other = administrator_client.get(f"{FORM}?draft=take&lang=en").content.decode()
    assert "Bare mitt" not in other
    assert "not saved" not in other
    assert client.post("/drafts/", {"draft-form": FORM, "text_nb": "x"}).status_code == 403
    assert client.post("/drafts/", {"draft-form": FORM, "draft-forget": "1"}).status_code == 302
    assert FormDraft.objects.count() == 1


def test_a_draft_upon_an_older_text_says_so_and_overwrites_nobody(browser: Client) -> None:
    kept(browser, typed(browser, text_nb="Mitt utkast"))
    measures.change(Actor.system("x"), Measure.objects.get(pk="home-hospital"), text=Text(nb="Deres tekst"))
    page = browser.get(FORM).content.decode()
    assert "This was changed after you began" in page
    form = main_form(browser.get(f"{FORM}?draft=take").content.decode(), f"{FORM}?draft=take")
    answer = browser.post(FORM, form.fields)
    assert answer.status_code == 422
    assert "Deres tekst" in answer.content.decode()
    assert "Mitt utkast" in answer.content.decode()


@pytest.mark.parametrize(
    "form", ["/login/", "/account/password/", "/people/", "/", "nowhere", "/drafts/", f"{FORM}\x00"]
)
def test_other_forms_are_never_kept(browser: Client, form: str) -> None:
    assert kept(browser, {"password": "secret words"}, form).status_code == 404
    assert not FormDraft.objects.exists()


def test_passwords_and_tokens_are_left_out(browser: Client) -> None:
    secrets = {"new_password1": "a", "csrfmiddlewaretoken": "b", "otp_code": "c", "api-token": "d"}
    kept(browser, {**secrets, "text_nb": "e"})
    assert FormDraft.objects.get().fields == {"text_nb": ["e"]}


def test_it_is_limited_in_size_number_and_pace(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept(browser, {"text_nb": "x" * 300_000}).status_code == 413
    monkeypatch.setattr(queries, "MOST_DRAFTS", 2)
    for name in ("task", "benefit", "risk"):
        assert kept(browser, {"text_nb": name}, f"/measures/home-hospital/{name}/").status_code == 200
    assert {one.form for one in FormDraft.objects.all()} == {
        "/measures/home-hospital/benefit/",
        "/measures/home-hospital/risk/",
    }
    monkeypatch.setattr(queries, "MOST_A_MINUTE", 2)
    answers = {kept(browser, {"text_nb": str(n)}).status_code for n in range(3)}
    assert answers == {429}


def test_it_is_deleted_after_thirty_days(browser: Client) -> None:
    kept(browser, {"text_nb": "gammelt"})
    FormDraft.objects.update(saved_at=timezone.now() - queries.KEPT - datetime.timedelta(minutes=1))
    assert "not saved" not in browser.get(FORM).content.decode()
    kept(browser, {"text_nb": "nytt"}, "/measures/home-hospital/report/")
    assert [one.form for one in FormDraft.objects.all()] == ["/measures/home-hospital/report/"]


def test_forms_about_different_things_have_different_drafts() -> None:
    assert queries.key_of("/goals/g/decide/?decision=1") != queries.key_of("/goals/g/decide/?decision=2")
    assert queries.key_of("/goals/g/decide/?lang=en&draft=take") == "/goals/g/decide/"


def test_every_kept_form_says_how_to_keep_it(browser: Client) -> None:
    page = browser.get(FORM).content.decode()
    assert f'data-draft="{FORM}"' in page
    assert 'role="status" data-draft-says' in page
