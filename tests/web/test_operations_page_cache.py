"""The cache of pages: never an old page, never somebody else's, never more than it may hold."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from framsyn.web.middleware import PageCache


@pytest.fixture
def asked(settings: Any, db: None):
    """Return the cache in front of a page that counts how often it is made, and a function that asks for it."""
    settings.PAGE_CACHE = True
    made: list[str] = []

    def page(request: Any) -> HttpResponse:
        made.append(request.get_full_path())
        response = HttpResponse(f"{request.get_full_path()} {len(made)}")
        if "token" in request.GET:
            response.content += get_token(request).encode()
        if "session" in request.GET:
            request.session["a"] = 1
        if "cookie" in request.GET:
            response.set_cookie("a", "b")
        if "fails" in request.GET:
            response.status_code = 404
        return response

    cache = PageCache(page)

    def ask(path: str = "/plan/", language: str = "nb", method: str = "get", **cookies: str) -> str:
        request = getattr(RequestFactory(headers={"host": "localhost"}), method)(path)
        request.LANGUAGE_CODE = language
        request.COOKIES.update(cookies)
        from django.contrib.sessions.backends.db import SessionStore

        request.session = SessionStore()
        return cache(request).content.decode()

    return cache, ask, made


def test_a_page_is_made_once(asked: Any, django_assert_num_queries: Any) -> None:
    _, ask, made = asked
    first = ask()
    with django_assert_num_queries(1):  # the number of the last audit entry
        assert ask() == first
    assert len(made) == 1


def test_each_language_and_question_has_its_own(asked: Any) -> None:
    _, ask, _ = asked
    pages = {ask(), ask(language="nn"), ask("/plan/?page=2"), ask("/goals/")}
    assert len(pages) == 4


def test_the_next_reader_sees_a_change(asked: Any) -> None:
    from framsyn.web.accounts.actions import add_user
    from framsyn.web.actions import Actor

    _, ask, _ = asked
    before = ask()
    add_user(Actor.system("test"), "somebody-new", "correct horse battery", role="reader")
    assert ask() != before


@pytest.mark.parametrize("what", ["token", "session", "cookie", "fails"])
def test_what_belongs_to_one_reader_is_not_kept(asked: Any, what: str) -> None:
    cache, ask, made = asked
    ask(f"/plan/?{what}=1")
    ask(f"/plan/?{what}=1")
    assert len(made) == 2
    assert not cache.pages


def test_who_is_logged_in_or_was_told_something_asks_past_it(asked: Any, settings: Any) -> None:
    cache, ask, made = asked
    ask(**{settings.SESSION_COOKIE_NAME: "x"})
    ask(messages="x")
    ask(method="post")
    ask("/login/")
    assert len(made) == 4
    assert not cache.pages


def test_it_holds_no_more_than_it_may(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cache, ask, made = asked
    monkeypatch.setattr(PageCache, "SIZE", 100)
    ask("/first/")
    for number in range(50):
        ask(f"/{number}/")
        ask("/first/")  # asked for all the time
    assert cache.held == sum(len(page.content) for page in cache.pages.values()) <= 100
    assert made.count("/first/") == 1


@pytest.mark.parametrize(("path", "times"), [("/plan/", 1), ("/plan/?fails=1", 4)])
def test_what_many_ask_for_at_once_is_made_once(
    path: str, times: int, asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time
    from concurrent.futures import ThreadPoolExecutor

    cache, ask, made = asked
    # Threads of a test do not see its database.
    monkeypatch.setattr("framsyn.web.middleware.site_version", lambda: "1")
    real = cache.get_response

    def slow(request: Any) -> HttpResponse:
        time.sleep(0.3)
        return real(request)

    cache.get_response = slow
    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(ask, [path] * 4))
    assert len(made) == times
    assert len(set(pages)) == times
    assert not cache.making


def test_a_page_that_fails_holds_nobody_up(asked: Any) -> None:
    cache, ask, _ = asked

    def broken(_request: Any) -> HttpResponse:
        raise RuntimeError("a fault")

    real, cache.get_response = cache.get_response, broken
    with pytest.raises(RuntimeError, match="a fault"):
        ask()
    assert not cache.making
    cache.get_response = real
    assert ask().startswith("/plan/")


def test_an_answer_from_memory_has_the_headers_of_a_fresh_one(settings: Any, db: None) -> None:
    settings.PAGE_CACHE = True
    client = Client(headers={"host": "localhost"})
    fresh = client.get("/glossary/")
    from django.db import connection

    with CaptureQueriesContext(connection) as queries:
        kept = client.get("/glossary/")
    assert len(queries) == 1
    assert kept.content == fresh.content
    told, told_before = (
        {k: v for k, v in page.headers.items() if k != "X-Request-ID"} for page in (kept, fresh)
    )
    assert told == told_before
    assert kept["X-Request-ID"] != fresh["X-Request-ID"]


def test_an_entry_that_is_committed_after_a_later_one_is_seen(
    cluster: Any, tmp_path: Any, environment: Any
) -> None:
    from sites import Site

    site = Site(tmp_path / "data", environment, url=cluster.database(), FRAMSYN_AUDIT_SEALING="0")
    seen = site.run(
        """
import psycopg, os
from framsyn.web.audit.queries import site_version
insert = (
    "INSERT INTO audit_entry (at, actor_name, action, object_type, object_id, object_label, reason, request_id) "
    "VALUES (now(), 'x', 'x', 'x', 'x', '{}', '', '') RETURNING id"
)
slow, quick = (psycopg.connect(os.environ["DATABASE_URL"]) for _ in range(2))
seen, numbers = [site_version()], []
numbers.append(slow.execute(insert).fetchone()[0])
numbers.append(quick.execute(insert).fetchone()[0])
seen.append(site_version())
quick.commit()
seen.append(site_version())
slow.commit()
seen.append(site_version())
seen.append(site_version())
slow.execute(insert)
slow.rollback()
seen.append(site_version())
answer([numbers, seen])
"""
    )
    (low, high), (none, begun, later, both, again, taken_back) = seen
    assert low < high
    assert none == begun
    assert len({none, later, both}) == 3, "the page of the reader in between would stay"
    assert both == again == taken_back
