"""Every page: few queries, one title, one heading, a way back, figures with table and source, links that lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from site_pages import (
    GONE,
    NOT_LINKED,
    OWN,
    OWN_ADDRESS,
    Page,
    Site,
    ask,
    every_reader,
    explore,
    fetch_by,
    links,
    make_readings,
    parse,
    route_of,
    routes,
)

pytestmark = pytest.mark.django_db

MOST_QUERIES = 15
HEAD = 1  # "My work 3" in the head of every page, for those who are logged in
# Routes that answer no GET: buttons post to them.
POSTED_ONLY = {
    "logout",
    "token-revoke",
    "end-sessions",
    "plan-import-discard",
    "plan-import-make",
    "plan-open",
    "plan-undo",
    "plan-redo",
    "plan-restore",
    "plan-discard",
    "plan-remove",
    "element-link",
    "element-unlink",
    "theme-future",
    "voice-take",
    "voice-answer",
    "my-work-read",
    "owner-remind",
    "letter-settle",
    "quick-report-new",
    "note-resolve",
    "note-add",
    "drafts",
    "scenario_share",
    "scenario_publish",
    "scenario_withdraw",
    "scenario_remove",
    "scenario_restore",
}
FILES = {
    "catalogue_file",
    "indicator_fhir_bundle",
    "indicator_fhir_measure",
    "indicator_fhir_report",
    "scenario_figures",
    "scenario_compare_file",
    "scenario_toml",
    "follow-up-file",
    "thread-file",
    "thread-goal-file",
    "dead-ends-file",
    "wheel-file",
    "wheel-calendar",
    "audit-file",
    "api-description",
    "data_file",
    "feed",
    "feed-goal",
    "feed-indicator",
    "feed-measure",
    "feed-plan",
    "exchange_annotated",
    "exchange_workbook",
    "goals_csv",
    "place_file",
    "places_file",
    "reach_file",
    "goals_file",
    "indicator_csv",
    "indicator_file",
    "indicator_json",
    "indicators_csv",
    "indicators_file",
    "measures-file",
    "measures-form",
    "series_file",
    "series_form",
    "take_chart",
    "take_citation",
    "take_report",
    "take_snippet",
    "take_view",
    *NOT_LINKED,
}
SEEN = sorted(set(routes()) - POSTED_ONLY - FILES)


@pytest.fixture(scope="module")
def plan_runs(request: pytest.FixtureRequest) -> list[Any]:
    """Return two outlooks of few draws."""
    return [request.getfixturevalue(name) for name in ("plan_run", "people_run")]


@pytest.fixture(scope="module")
def clients(
    django_db_setup: None, django_db_blocker: Any, plan_runs: list[Any]
) -> Iterator[dict[str, Client]]:
    """Give a browser for each reader of a site with an outlook; all of it is rolled back after the module."""
    from framsyn.web.actions import Actor
    from framsyn.web.operations.demo import store

    with every_reader(django_db_blocker) as found:
        store(Actor.system("tests"), plan_runs)
        make_readings()  # under the terms that the outlook on view now sets
        yield found


@pytest.fixture(scope="module")
def walked(clients: dict[str, Client]) -> Site:
    """Return every page of the site, some routes with more than one address."""
    return explore(fetch_by(clients), per_route=2)


def pages_of(walked: Site, route: str) -> list[Page]:
    """Return the pages of a route, each as the least reader and as an administrator sees it."""
    found = [page for page in walked.pages if page.route == route]
    if route == "login" or route in OWN:  # whoever is logged in is sent on; the page is of one person alone
        return found
    shared = [page for page in found if not page.address.startswith(OWN_ADDRESS)]
    return [*found, *(Page(page.route, page.address, "administrator", page.status) for page in shared)]


def test_every_route_is_reached_by_links_and_forms(walked: Site) -> None:
    assert walked.refused == {}
    assert walked.unseen == set()
    assert {page.route for page in walked.files} >= FILES - NOT_LINKED


@pytest.mark.parametrize("route", SEEN)
def test_a_page_asks_the_database_few_times(clients: dict[str, Client], walked: Site, route: str) -> None:
    pages = pages_of(walked, route)
    assert pages
    for page in pages:
        with CaptureQueriesContext(connection) as asked:
            ask(clients[page.reader], page.address, "nb")
        # Who is logged in is asked first (session, person); SAVEPOINT is the test's own.
        queries = [query["sql"] for query in asked if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        most = MOST_QUERIES + (HEAD if page.reader != "anonymous" else 0)
        assert len(queries) <= most, f"{page}: {len(queries)}\n" + "\n".join(sql[:160] for sql in queries)


@pytest.mark.parametrize("route", [*SEEN, "not-found"])
def test_a_page_is_put_together_as_all_are(clients: dict[str, Client], walked: Site, route: str) -> None:
    pages = pages_of(walked, route)
    assert pages
    for page in pages:
        response = ask(clients[page.reader], page.address, "nn")
        assert response.status_code == page.status
        policy = response.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        tree = parse(response.content.decode())
        said = parse_qs(urlsplit(page.address).query).get("lang", ["nn"])  # in the address, before the cookie
        assert tree.all("html")[0].attributes["lang"] == said[-1], page
        title = tree.all("title")[0].text
        assert re.fullmatch(r"\S.* · Framsyn", title), page
        assert len([node for node in tree.all("h1") if node.text]) == len(tree.all("h1")) == 1, page
        assert len(tree.all("main", id="main")) == 1
        if page.route not in ("home", "not-found"):
            way = tree.all("nav", class_="breadcrumb")
            assert len(way) == 1, page
            assert way[0].all("a")[0].attributes["href"] == "/"
            assert len(way[0].all(aria_current_="page")) == 1 or way[0].all("li")[-1].text
        # A heading never skips a level downwards.
        levels = [int(node.tag[1]) for node in tree.walk() if re.fullmatch("h[1-6]", node.tag)]
        jumps = [(one, two) for one, two in pairwise(levels) if two > one + 1]
        assert not jumps, f"{page}: {levels}"
        names = [node.attributes["id"] for node in tree.walk() if node.attributes.get("id")]
        twice = {name for name in names if names.count(name) > 1}
        assert not twice, f"{page}: {sorted(twice)[:5]}"


@pytest.mark.parametrize("route", SEEN)
def test_a_page_carries_no_style_and_no_script_of_its_own(
    clients: dict[str, Client], walked: Site, route: str
) -> None:
    for page in pages_of(walked, route):
        tree = parse(clients[page.reader].get(page.address).content.decode())
        assert tree.all("style") == []
        assert [node for node in tree.all("script") if "src" not in node.attributes] == []
        own = [
            (node.tag, name)
            for node in tree.walk()
            for name, value in node.attributes.items()
            if name == "style" or name.startswith("on") or value.startswith("javascript:")
        ]
        assert own == [], page
        outside = [
            node.attributes[name]
            for node in tree.all("script", "link", "img", "iframe")
            for name in ("src", "href")
            if "//" in node.attributes.get(name, "")
        ]
        assert outside == [], page


def test_every_figure_has_words_a_table_and_a_source(clients: dict[str, Client], walked: Site) -> None:
    seen = 0
    for page in walked.pages:
        tree = parse(ask(clients[page.reader], page.address, "nb").content.decode())
        for figure in tree.all("figure"):
            seen += 1
            where = f"{page.address} {figure.attributes.get('id')}"
            drawings = figure.all("svg", class_="framsyn-chart") or figure.all("svg", role="img")
            for drawing in drawings:
                told = drawing.attributes.get("aria-labelledby", "").split()
                inside = {node.attributes.get("id"): node.text for node in drawing.walk()}
                assert drawing.attributes.get("aria-label") or (
                    told and all(inside.get(name) for name in told)
                ), where
            assert drawings, where
            table = figure.all("table")
            assert table, where
            assert len(table[0].all("tr")) > 1, where
            assert re.search(r"\bKilde(r)?:", figure.text), where
        for drawing in tree.all("svg", role="img"):
            wide = float((drawing.attributes.get("viewbox", "").split() or ["0"] * 3)[2])
            assert wide < 100 or drawing.inside("figure"), f"{page}: a drawing outside a figure"
    assert seen > 20


@pytest.mark.slow
def test_every_link_of_every_page_leads_somewhere(clients: dict[str, Client], walked: Site) -> None:
    wanted: dict[tuple[str, str], str] = {}
    for page in walked.pages:
        tree = parse(ask(clients[page.reader], page.address, "nb").content.decode())
        for target in links(tree, page.address):
            wanted.setdefault((page.reader, target), page.address)
        names = {node.attributes.get("id") for node in tree.walk()}
        anchors = [
            node.attributes["href"][1:]
            for node in tree.all("a")
            if node.attributes.get("href", "").startswith("#")
        ]
        assert [name for name in anchors if name and name not in names] == [], page
    assert len(wanted) > 300
    walked_off = {page.address for page in walked.pages if page.status in GONE}
    broken = {}
    for (reader, target), seen_on in wanted.items():
        response = ask(clients[reader], target, "nb")
        if response.status_code >= 400 and target not in walked_off:
            broken[target] = f"{response.status_code}, linked from {seen_on} as {reader}"
        response.close()
    assert broken == {}


@pytest.mark.parametrize("address", ["/", "/plan/rup-2027/", "/goals/", "/there-is-no-such-page/"])
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_a_page_says_its_language_and_offers_the_others(
    clients: dict[str, Client], address: str, language: str
) -> None:
    response = clients["anonymous"].get(f"{address}?lang={language}")
    tree = parse(response.content.decode())
    assert tree.all("html")[0].attributes["lang"] == language
    assert response.headers["Content-Language"] == language
    others = tree.all("nav", class_="languages")[0].all("a")
    assert [link.attributes["hreflang"] for link in others] == ["nb", "nn", "en"]
    assert [link.attributes["hreflang"] for link in others if link.attributes.get("aria-current")] == [
        language
    ]
    assert all(route_of(link.attributes["href"]) == route_of(address) for link in others)


# ---------------------------------------------------------------- pages of errors
def test_a_page_that_is_not_there_shows_the_way_on(clients: dict[str, Client]) -> None:
    response = ask(clients["anonymous"], "/goals/nothing.like-this/", "nn")
    assert response.status_code == 404
    tree = parse(response.content.decode())
    assert tree.all("h1")[0].text
    assert tree.all("main")[0].all("a", href="/")


def test_a_page_that_is_not_allowed_says_so(clients: dict[str, Client], person: Any) -> None:
    reader = Client()
    reader.force_login(person("reader"))
    for address in ("/people/", "/plan/rup-2027/edit/", "/goals/rup-2027.s1.g1/decide/"):
        response = ask(reader, address, "nb")
        assert response.status_code == 403, address
        assert parse(response.content.decode()).all("h1")[0].text
    anonymous = clients["anonymous"].get("/plan/rup-2027/edit/")
    assert anonymous.status_code == 302
    assert anonymous.headers["Location"] == "/login/?next=/plan/rup-2027/edit/"


def test_a_form_without_its_token_is_refused_in_words(person: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("editor"))
    response = client.post("/plan/rup-2027/versions/open/", headers={"accept-language": "nb"})
    assert response.status_code == 403
    tree = parse(response.content.decode())
    assert tree.all("html")[0].attributes["lang"] == "nb"
    assert len(tree.all("h1")) == 1
    assert tree.all("nav", class_="site-nav") or tree.all("header")


def test_a_fault_of_ours_is_told_without_its_inside(
    clients: dict[str, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any, **_more: Any) -> None:
        message = "the secret inside"
        raise RuntimeError(message)

    monkeypatch.setattr("framsyn.web.pages.views.status_counts", fail)
    response = ask(clients["anonymous"], "/", "nn")
    assert response.status_code == 500
    text = response.content.decode()
    assert "secret inside" not in text
    tree = parse(text)
    assert tree.all("html")[0].attributes["lang"] == "nn"
    assert tree.all("h1")[0].text
    assert tree.all("main")[0].all("a", href="/")
