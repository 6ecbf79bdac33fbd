"""Feeds and the page of changes: stable ids, only what everybody may know, told again only when there is more."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from framsyn.web.accounts.models import Organisation
from framsyn.web.actions import Actor
from framsyn.web.goals.actions import Terms
from framsyn.web.goals.new import make_goal
from framsyn.web.measures.actions import change, report
from framsyn.web.measures.models import Measure
from framsyn.web.plan.models import Plan
from framsyn.web.plan.versions import create_plan

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
ATOM = {"a": "http://www.w3.org/2005/Atom"}
FEEDS = (
    "/feeds/changes",
    "/plan/rup-2027/changes",
    "/goals/rup-2027.s1.g1/changes",
    "/indicators/population/changes",
    "/measures/home-hospital/changes",
)


@pytest.fixture
def measure(editor: Any) -> Measure:
    found = Measure.objects.get(pk="home-hospital")
    report(Actor(editor, "Ragnhild Hemmelig"), found, status="on_plan", text="All well.")
    change(Actor(editor, "Ragnhild Hemmelig"), found, cost=40.0)
    return found


@pytest.mark.parametrize("path", FEEDS)
@pytest.mark.parametrize("form", ["atom", "rss"])
def test_a_feed_is_well_formed_and_open_to_all(measure: Measure, path: str, form: str) -> None:
    answer = Client().get(f"{path}.{form}?lang=nn")
    assert answer.headers["Content-Type"].startswith(f"application/{form}+xml")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    root = ElementTree.fromstring(answer.content)
    if form == "atom":
        assert root.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "nn"
        assert root.findtext("a:updated", namespaces=ATOM)
        links = {link.attrib.get("rel"): link.attrib["href"] for link in root.findall("a:link", ATOM)}
        assert links["self"].endswith(f"{path}.atom?lang=nn")
    else:
        assert root.findtext("channel/language") == "nn"
    assert b"Hemmelig" not in answer.content


def test_an_entry_keeps_its_id_in_every_language_and_format(measure: Measure) -> None:
    def atom(language: str) -> list[Any]:
        answer = Client().get(f"/measures/home-hospital/changes.atom?lang={language}")
        return ElementTree.fromstring(answer.content).findall("a:entry", ATOM)

    ids = [[entry.findtext("a:id", namespaces=ATOM) for entry in atom(code)] for code in ("nb", "en")]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == len(ids[0]) == 2
    titles = [entry.findtext("a:title", namespaces=ATOM) for entry in atom("en")]
    assert titles == ["Measure changed: Home hospital", "Status reported: Home hospital"]
    rss = ElementTree.fromstring(Client().get("/measures/home-hospital/changes.rss").content)
    guids = [item.find("guid") for item in rss.findall("channel/item")]
    assert [guid.text for guid in guids] == ids[0]
    assert {guid.attrib["isPermaLink"] for guid in guids} == {"false"}
    change(SYSTEM, measure, cost=41.0)
    assert [entry.findtext("a:id", namespaces=ATOM) for entry in atom("nb")][1:] == ids[0]


@pytest.mark.parametrize("cached", [True, False])
def test_a_feed_is_sent_again_only_when_there_is_more(settings: Any, measure: Measure, cached: bool) -> None:
    settings.PAGE_CACHE = cached
    path = "/measures/home-hospital/changes.atom"
    first = Client().get(path)
    tag = first.headers["ETag"]
    for _again in range(2):
        known = Client().get(path, headers={"If-None-Match": tag})
        assert (known.status_code, known.content) == (304, b"")
    assert first.headers["Last-Modified"].endswith("GMT")
    change(SYSTEM, Measure.objects.exclude(pk=measure.pk)[0], cost=3.0)
    assert Client().get(path, headers={"If-None-Match": tag}).status_code == 304
    change(SYSTEM, measure, cost=42.0)
    assert Client().get(path, headers={"If-None-Match": tag}).status_code == 200


def test_work_on_drafts_is_told_to_nobody(measure: Measure) -> None:
    place = Organisation.objects.get(pk="hmn")
    terms = Terms("do", "proposed")
    words = {"en": "Zyxw"}
    goal = make_goal(
        SYSTEM, Plan.objects.get(pk="rup-2027"), "rup-2027.s1", title=words, text={}, place=place, terms=terms
    )
    create_plan(SYSTEM, "draft-plan", kind="folder", organisation=place, title=words)
    for path in ("/changes/", "/feeds/changes.atom", "/plan/rup-2027/changes.rss", "/api/v1/changes"):
        answer = Client().get(path)
        assert answer.status_code == 200
        assert b"Zyxw" not in answer.content
    for path in (
        f"/goals/{goal.pk}/changes.atom",
        "/plan/draft-plan/changes.atom",
        "/measures/no/changes.rss",
    ):
        assert Client().get(path).status_code == 404


def test_pages_name_their_feeds(measure: Measure) -> None:
    page = Client().get("/measures/home-hospital/").content.decode()
    assert 'type="application/atom+xml" href="/measures/home-hospital/changes.atom"' in page
    assert 'type="application/rss+xml" href="/feeds/changes.rss"' in page
    home = Client().get("/").content.decode()
    assert 'href="/feeds/changes.atom"' in home
    assert "/measures/home-hospital/changes.atom" not in home


def test_the_page_of_changes_is_narrowed_and_few_queries_long(measure: Measure) -> None:
    for number in range(60):
        change(SYSTEM, measure, cost=100.0 + number)
    with CaptureQueriesContext(connection) as asked:
        page = Client().get("/changes/?lang=en").content.decode()
    assert len(asked) <= 6
    assert "Measure changed" in page
    assert "Content loaded" not in page  # on the second part
    second = Client().get("/changes/?lang=en&page=2").content.decode()
    assert "Content loaded" in second
    assert "Measure changed" not in Client().get("/changes/?lang=en&kind=goal").content.decode()
    assert Client().get("/changes/?kind=nonsense&page=x").status_code == 200
