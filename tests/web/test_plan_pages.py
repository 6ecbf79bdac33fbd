"""The pages of the plan: they answer, in few queries, and the forms do what they say without a script."""

from __future__ import annotations

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from framsyn.web.actions import Actor
from framsyn.web.goals.models import Choice
from framsyn.web.plan import versions
from framsyn.web.plan.canonical import tree_of
from framsyn.web.plan.edits import last_edit
from framsyn.web.plan.models import Plan, Version

pytestmark = pytest.mark.django_db
PARAGRAPH = "rup-2027.intro.p1"
EDIT = "/plan/rup-2027/edit/"
PAGES = [
    "/plan/",
    "/plan/rup-2027/",
    "/plan/rup-2027/v1/",
    "/plan/rup-2027/v1/print/",
    "/plan/rup-2027/versions/",
    "/plan/element/rup-2027.s1.g1/",
    "/plan/element/rup-2027.d1/",
    "/themes/",
    "/themes/samhandling/",
]


@pytest.fixture
def draft():
    return versions.open_version(Actor.system("tests"), Plan.objects.get(pk="rup-2027"))


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.mark.parametrize("who", ["client", "administrator_client"])
@pytest.mark.parametrize("address", PAGES)
def test_a_page_answers_in_at_most_15_queries(request, who, address):
    browser = request.getfixturevalue(who)
    browser.get(address)
    with CaptureQueriesContext(connection) as queries:
        response = browser.get(address)
    body = response.content.decode()
    assert response.status_code == 200
    assert len(queries) <= 15
    assert body.count("<h1") == 1
    assert not re.search(r"\sstyle=|\son\w+=|<style", body)


def test_every_element_of_a_version_is_on_its_page_under_its_id(client, content):
    body = client.get("/plan/rup-2027/").content.decode()
    ids = re.findall(r' id="(rup-2027\.[^"]+)"', body)
    assert sorted(ids) == sorted(element.id for element in content.plan("rup-2027").elements)


def test_an_empty_site_says_how_to_begin(empty, client):
    assert client.get("/plan/").status_code == client.get("/themes/").status_code == 200
    assert 'class="empty"' in client.get("/plan/").content.decode()


def test_a_draft_is_read_by_those_with_a_role_and_changed_by_editors(
    draft, client, reader_client, editor_client
):
    for address in ("/plan/rup-2027/v2/", "/plan/rup-2027/v2/print/", "/plan/rup-2027/v1/compare/2/"):
        assert client.get(address).status_code == 404
        assert editor_client.get(address).status_code == 200
        read = reader_client.get(address)
        assert read.status_code == 200
        assert "/edit/" not in read.content.decode()
    assert client.get(EDIT).status_code == 302
    assert reader_client.get(EDIT).status_code == 403
    assert editor_client.get(EDIT).status_code == 200


def test_a_text_is_changed_undone_and_redone_by_forms(draft, editor_client):
    before = tree_of(draft)
    given = {"seen": 0, "title_nb": "Ny tittel", "text_nb": "Første.\r\n\r\nAndre.", "number": ""}
    response = editor_client.post(f"{EDIT}{PARAGRAPH}/text/", given)
    assert response["Location"].endswith(f"#{PARAGRAPH}")
    after = tree_of(draft)
    assert after[PARAGRAPH].wording != before[PARAGRAPH].wording
    editor_client.post(f"{EDIT}undo/", {"seen": last_edit(draft)})
    assert tree_of(draft) == before
    editor_client.post(f"{EDIT}redo/", {"seen": last_edit(draft)})
    assert tree_of(draft) == after


def test_a_stale_form_comes_back_with_both_texts_and_can_be_saved(draft, editor_client):
    editor_client.post(f"{EDIT}{PARAGRAPH}/text/", {"seen": 0, "title_nb": "Deres", "text_nb": "Deres tekst"})
    mine = {"seen": 0, "title_nb": "Min", "text_nb": "Min tekst"}
    response = editor_client.post(f"{EDIT}{PARAGRAPH}/text/", mine)
    assert response.status_code == 422
    said = text_of(response)
    assert "Deres tekst" in said
    assert "Min tekst" in said
    assert 'name="seen" value="1"' in response.content.decode()
    assert editor_client.post(f"{EDIT}{PARAGRAPH}/text/", {**mine, "seen": 1}).status_code == 302


def test_split_merge_move_remove_and_restore_by_forms(draft, editor_client):
    def post(where, **given):
        response = editor_client.post(f"{EDIT}{where}/", {"seen": last_edit(draft), **given})
        assert response.status_code == 302
        return tree_of(draft)

    tree = post(f"{PARAGRAPH}/split", first_text_nb="En", second_text_nb="To")
    assert tree[f"{PARAGRAPH}-2"].split_from == PARAGRAPH
    tree = post(f"{PARAGRAPH}-2/merge", target=PARAGRAPH, text_nb="En og to")
    assert tree.leads_to(f"{PARAGRAPH}-2") == PARAGRAPH
    place = tree["rup-2027.s1.g1"].position
    tree = post("rup-2027.s1.g1/move", step="down")
    assert tree["rup-2027.s1.g1"].position == place + 1
    tree = post("rup-2027.s1.g1/move", parent="rup-2027.s2", position="1")
    assert tree["rup-2027.s1.g1"].parent == "rup-2027.s2"
    tree = post("rup-2027.d7/remove")
    assert tree["rup-2027.d7"].state == "removed"
    tree = post("restore", element="rup-2027.d7")
    assert tree["rup-2027.d7"].state == "shown"
    tree = post("add", kind="goal", parent="rup-2027.s1", title_nb="Nytt mål")
    assert tree["rup-2027.s1.g5"].parent == "rup-2027.s1"
    tree = post("restore", source=draft.based_on_id)
    shown = {name for name, _depth in tree.walk()}
    assert shown == {name for name, _depth in tree_of(draft.based_on).walk()}


def test_publishing_by_the_form(draft, administrator_client, editor_client, client):
    assert editor_client.get(f"{EDIT}publish/").status_code == 403
    given = {"seen": 0, "state": "published", "date": "2026-01-02"}
    response = administrator_client.post(f"{EDIT}publish/", given)
    assert response.status_code == 422
    given |= {"decision_title_nb": "Vedtatt", "decided_on": "2026-01-02", "case_number": "12/26"}
    assert administrator_client.post(f"{EDIT}publish/", given).status_code == 302
    version = Version.objects.get(plan="rup-2027", number=2)
    assert (version.state, version.date) == ("published", datetime.date(2026, 1, 2))
    assert "12/26" in text_of(client.get("/plan/rup-2027/"))


def test_a_choice_of_path_is_decided_by_the_form(editor_client, client):
    address = "/themes/choice/notat-samhandling.k1/"
    given = {"option_0_nb": "Sammen", "option_2_nb": "Hver for seg", "chosen": "2"}
    response = editor_client.post(address, given)
    assert response.status_code == 422
    given |= {
        "reasons_nb": "Fordi",
        "decision_title_nb": "Vedtak",
        "decided_on": "2026-01-02",
        "case_number": "3/26",
    }
    assert editor_client.post(address, given).status_code == 302
    choice = Choice.objects.get(pk="notat-samhandling.k1")
    assert choice.options[choice.chosen] == {"nb": "Hver for seg"}
    assert "3/26" in text_of(client.get("/themes/samhandling/"))


def test_a_theme_and_a_plan_are_made_by_forms(administrator_client, editor_client):
    given = {"title_nb": "Klima", "theme": "klima", "organisation": "hmn"}
    assert editor_client.post("/themes/new/", given).status_code == 403
    assert administrator_client.post("/themes/new/", given).status_code == 302
    assert administrator_client.get("/themes/klima/").status_code == 200
    plan = {"title_nb": "Delplan", "plan_id": "element", "kind": "sub_strategy", "organisation": "hmn"}
    assert administrator_client.post("/plan/new/", plan).status_code == 422
    assert administrator_client.post("/plan/new/", {**plan, "plan_id": "delplan"}).status_code == 302
    assert administrator_client.get("/plan/delplan/edit/").status_code == 200
