"""Whatever is sent to a form of the site: never a fault of the server, and nothing typed is lost when it is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from site_actions import ROWS, measure
from site_forms import Form, forms_on
from site_pages import make_ready, parse

from framsyn.web.accounts.models import Membership
from framsyn.web.actions import Actor
from framsyn.web.notes.actions import add

NASTY = (
    "", " ", "\x00", "a\x00b", "\x07\x1b[31m", "\r\n\r\n", "\u202e\u200b\ufeff", "𝔘𝔫𝔦", "e\u0301" * 50, "x" * 20_000,
    "<script>alert(1)</script>", "\"><b>", "' OR 1=1 --", "{{ 7*7 }}", "%s%(x)s", "../../etc/passwd", "rup-2027.s1.g1",
    "0", "-1", "1,5", "1.5e3", "NaN", "inf", "-inf", "1e999", "9" * 400, "2147483648", "9223372036854775808", "١٢", "²",
    "0000-99-99", "2027-02-30", "0001-01-01", "9999-12-31", "31.12.9999", "2027-01-01T25:61", "None", "null", "[]", "on",
)  # fmt: skip
WORDS = st.one_of(st.sampled_from(NASTY), st.text(st.characters(exclude_categories=("Cs",)), max_size=40))
CHANGES = st.fixed_dictionaries(
    {
        "values": st.lists(WORDS, min_size=1, max_size=12),
        "first": st.integers(0, 40),
        "missing": st.lists(st.integers(0, 40), max_size=3),
        "doubled": st.lists(st.integers(0, 40), max_size=2),
    }
)
# Forms beside those of site_actions: found by their names, for things that are there.
NAMED: dict[str, list[Any]] = {
    "person": ["own"],
    "wheel-change": ["event"],
    "voice-handle": ["report"],
    "followup-assign": ["measure", "home-hospital"],
    "hand-over": ["measure", "home-hospital"],
    "my-work-report": ["measure", "home-hospital"],
}
LEFT_OUT = {"logout", "drafts"}
FORMS: dict[str, list[Form]] = {}  # as they stand before anything is sent; what is sent is rolled back
REFUSED: set[str] = set()  # forms that said no, and gave back what was typed


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def browser(django_db_setup: None, django_db_blocker: Any) -> Iterator[Client]:
    """Give a browser of somebody who may everything, on a site where every form is there."""
    with django_db_blocker.unblock(), rolled_back():
        make_ready()
        add(Actor.system("tests"), measure(), "En merknad")
        user = get_user_model().objects.create_user(
            "fuzzer", password="a long password", email="f@example.org"
        )
        Membership.objects.create(user=user, role="administrator", valid_from=timezone.localdate())
        client = Client(raise_request_exception=False)
        client.force_login(user)
        client.cookies["language"] = "en"
        yield client


def plain_routes() -> list[str]:
    """Return the names of the routes whose address needs nothing filled in."""

    def walk(patterns: list[Any]) -> Iterator[Any]:
        for pattern in patterns:
            yield from walk(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern]

    found = []
    for pattern in walk(get_resolver().url_patterns):
        try:
            reverse(pattern.name)
        except (NoReverseMatch, TypeError):
            continue
        if pattern.name not in LEFT_OUT:
            found.append(pattern.name)
    return list(dict.fromkeys(found))


def named(route: str) -> Callable[[], str]:
    def address() -> str:
        from framsyn.web.voice.models import Report
        from framsyn.web.wheel.models import Event

        given = {
            "own": lambda: get_user_model().objects.get(username="fuzzer").pk,
            "event": lambda: Event.objects.values_list("pk", flat=True)[0],
            "report": lambda: Report.objects.values_list("pk", flat=True)[0],
        }
        return reverse(route, args=[given.get(one, lambda one=one: one)() for one in NAMED[route]])

    return address


def cases() -> list[Any]:
    found = [
        pytest.param(row.address, id=f"{name}-{n}")
        for name, rows in ROWS.items()
        for n, row in enumerate(rows)
    ]
    found += [pytest.param(lambda name=name: reverse(name), id=name) for name in plain_routes()]
    return found + [pytest.param(named(route), id=route) for route in NAMED]


def forms_at(client: Client, address: str) -> list[Form]:
    """Return the forms of a page; for a button's address one without fields."""
    answer = client.get(address)
    if answer.status_code == 405:
        return [Form(address, {"seen": [""], "source": [""], "text": [""], "kind": [""], "target": [""]})]
    if answer.status_code != 200 or "html" not in answer.headers.get("Content-Type", "") or answer.streaming:
        answer.close()
        return []
    return [
        one for one in forms_on(answer.content.decode(), address) if not one.address.startswith("/logout")
    ]


def sent(form: Form, how: dict[str, Any]) -> dict[str, list[str]]:
    """Return the fields with odd values in a row of them, some left out and some sent twice."""
    names = [name for name in form.fields if name != "csrfmiddlewaretoken"]
    fields = {name: list(values) for name, values in form.fields.items()}
    for step, value in enumerate(how["values"]):
        if names:
            fields[names[(how["first"] + step) % len(names)]] = [value]
    for place in how["doubled"]:
        if names:
            name = names[place % len(names)]
            fields[name] = [*(fields[name] or [""]), how["values"][0]]
    for place in how["missing"]:
        if names:
            fields.pop(names[place % len(names)], None)
    return fields


def plain(words: str) -> str:
    return " ".join(words.replace("\x00", "").split())


def written_back(html: str) -> dict[str, list[str]]:
    """Return what stands in the fields for text of a page."""
    found: dict[str, list[str]] = {}
    for node in parse(html).all("input", "textarea"):
        kind = node.attributes.get("type", "text")
        if node.tag == "textarea":
            found.setdefault(node.attributes.get("name", ""), []).append(
                "".join(one for one in node.children if isinstance(one, str))
            )
        elif kind not in ("checkbox", "radio", "hidden", "submit", "password", "file", "search"):
            found.setdefault(node.attributes.get("name", ""), []).append(node.attributes.get("value", ""))
    return found


@pytest.mark.django_db
def test_there_are_forms_to_try() -> None:
    assert len(cases()) > 60


@pytest.mark.parametrize("where", cases())
@settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(how=CHANGES)
def test_odd_fields_are_refused_or_taken_and_never_lost(
    browser: Client, where: Callable[[], str], how: dict[str, Any]
) -> None:
    cache.clear()
    with rolled_back():
        address = where()
        if address not in FORMS:
            FORMS[address] = forms_at(browser, address)
        for form in FORMS[address]:
            fields = sent(form, how)
            with rolled_back():
                answer = browser.post(form.address, fields)
                assert answer.status_code < 500, f"{form.address}: {fields}"
                if answer.status_code != 422:
                    answer.close()
                    continue
                shown = written_back(answer.content.decode())
                REFUSED.add(form.address)
            for name, values in fields.items():
                if name in shown and values:
                    kept = {plain(value) for value in shown[name]}
                    assert plain(values[-1]) in kept, (
                        f"{form.address}: {name} was {values[-1]!r}, and is {kept}"
                    )


def test_the_forms_did_refuse() -> None:
    """Else the test above has looked at nothing."""
    assert len(REFUSED) > 25, REFUSED
