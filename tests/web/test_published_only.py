"""Strangers see what is published and nothing else: words planted elsewhere are looked for on every page and file."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ViewDoesNotExist
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone
from site_pages import links, make_ready, parse, route_of

from framsyn.web.accounts.models import Membership, Organisation
from framsyn.web.actions import Actor
from framsyn.web.assumptions.actions import object_to
from framsyn.web.drafts.queries import keep
from framsyn.web.goals.actions import Terms, decide
from framsyn.web.indicators.models import Indicator
from framsyn.web.measures import actions as measures
from framsyn.web.measures.models import Measure
from framsyn.web.notes.actions import add
from framsyn.web.plan.actions import add_element, change_text
from framsyn.web.plan.choices import decide_choice
from framsyn.web.plan.edits import last_edit
from framsyn.web.plan.models import Element, Link, Plan, Version
from framsyn.web.plan.versions import create_plan, link
from framsyn.web.scenarios.actions import save
from framsyn.web.scenarios.queries import shipped_scenario

# One word for each way in which something unpublished could get out; no page has these by itself.
PLANTED = {
    "the words of a goal in a draft": "Zyxhemmelig1",
    "a published paragraph as a draft has it": "Zyxhemmelig2",
    "a plan that is only a draft": "Zyxhemmelig3",
    "a link to an element in a draft": "Zyxhemmelig4",
    "a decision about a goal in a draft": "Zyxhemmelig5",
    "an internal note": "Zyxhemmelig6",
    "a form draft": "Zyxhemmelig7",
    "a person's name": "Zyxhemmelig8",
    "why a draft was changed": "Zyxhemmelig9",
    "a theme that is only a draft": "Zyxhemmelig0",
    "a choice of path in a draft": "Zyxhemmeligx",
    "a scenario of one's own": "Zyxhemmeligs",
    "an objection to an assumption": "Zyxhemmeligo",
}
PER_ROUTE = 4
# What a reader may ask for by address although no page links to it.
ASKED = (
    "/goals/rup-2027.s1.g1/",
    "/plan/element/rup-2027.d1/",
    "/measures/home-hospital/",
    "/indicators/home-treatment/",
    "/themes/samhandling/",
    "/goals/?plan=hemmelig-plan",
    "/goals/?plan=rup-2027",
    "/plan/rup-2027/v2/",
    "/plan/rup-2027/v2/print/",
    "/plan/rup-2027/v1/compare/2/",
    "/plan/hemmelig-plan/",
    "/plan/hemmelig-plan/versions/",
    "/themes/hemmelig/",
    "/api/",
    "/api/docs",
    "/api/docs/",
    "/api/openapi.json",
    "/api/v1/openapi.json",
    "/people/",
    "/audit/",
    *(f"/search/?q={word}" for word in ("Zyxhemmelig*", "hemmelig", "Zyxh")),
)


def plant() -> list[str]:
    """Write all of it, and return the addresses of the things themselves."""
    make_ready()
    user = get_user_model().objects.create_user(
        "planter", first_name="Plante", last_name=PLANTED["a person's name"], email="zyxhemmelig8@example.org"
    )
    region = Organisation.objects.get(pk="hmn")
    Membership.objects.create(user=user, role="administrator", valid_from=timezone.localdate())
    actor = Actor(user, user.get_full_name())
    draft = Version.objects.get(plan="rup-2027", state="draft")

    def write(element: str, word: str) -> None:
        reason = PLANTED["why a draft was changed"]
        change_text(
            actor, draft, last_edit(draft), element, title={}, text={"nb": word, "en": word}, reason=reason
        )

    write("rup-2027.d1", PLANTED["a published paragraph as a draft has it"])
    secret = {
        "nb": PLANTED["the words of a goal in a draft"],
        "en": PLANTED["the words of a goal in a draft"],
    }
    made = add_element(
        actor, draft, last_edit(draft), kind="goal", title=secret, text=secret, parent="rup-2027.s1"
    )
    goal = Element.objects.get(pk=made.element_id)
    note = {"nb": PLANTED["a decision about a goal in a draft"]}
    indicator = Indicator.objects.get(pk="home-treatment")
    decide(actor, goal, region, Terms("hold", standing="proposed", indicator=indicator, note=note))
    measures.change(actor, Measure.objects.get(pk="home-hospital"), goals=[goal])
    measures.report(actor, Measure.objects.get(pk="home-hospital"), status="on_plan")
    measures.assign(
        actor,
        Measure.objects.get(pk="home-hospital"),
        role="owner",
        organisation=Organisation.objects.get(pk="sto"),
        person=user,
        valid_from=timezone.localdate() - datetime.timedelta(days=1),
    )
    secret = {"nb": PLANTED["a link to an element in a draft"]}
    link(actor, Element.objects.get(pk="rup-2027.d1"), goal, Link.Kind.LEADS_TO, note=secret)
    title = {"nb": PLANTED["a plan that is only a draft"]}
    create_plan(actor, "hemmelig-plan", kind="sub_strategy", organisation=region, title=title, summary=title)
    measures.change(actor, Measure.objects.get(pk="home-hospital"), plans=Plan.objects.all())
    title = {"nb": PLANTED["a theme that is only a draft"]}
    note_draft = create_plan(
        actor, "notat-hemmelig", kind="status_note", organisation=region, title=title, theme="hemmelig"
    )
    add_element(actor, note_draft, last_edit(note_draft), kind="choice", title=title)
    choice = Element.objects.get(origin="notat-hemmelig")
    options = [{"nb": PLANTED["a choice of path in a draft"]}, {"nb": "Som i dag"}]
    decide_choice(actor, choice, options=options, chosen=None, reasons={})
    for thing in (
        goal,
        indicator,
        Measure.objects.get(pk="home-hospital"),
        Element.objects.get(pk="rup-2027.s1.g1"),
    ):
        add(actor, thing, PLANTED["an internal note"])
    word = {"nb": PLANTED["a scenario of one's own"]}
    own = save(actor, shipped_scenario("plan"), name=word, description=word, reason=word, organisation=region)
    object_to(
        actor, "home_hospital", "plan", "fact", PLANTED["an objection to an assumption"], may_publish=True
    )
    keep(user, "/measures/home-hospital/edit/", [("text_nb", [PLANTED["a form draft"]])])
    return [
        *(reverse(route, args=[goal.pk]) for route in ("goal", "element", "goal_decide")),
        reverse("element", args=[choice.pk]),
        reverse("choice-decide", args=[choice.pk]),
        reverse("scenario", args=[own.slug]),
        f"{reverse('scenario_compare')}?a=plan&b={own.key}",
        f"{reverse('outlook')}?scenario={own.key}",
        f"{reverse('explorer_answer')}?scenario={own.key}",
        f"{reverse('assumption', args=['home_hospital'])}?scenario={own.key}",
    ]


def plain_addresses() -> Iterator[str]:
    """Give every address of the site that needs nothing filled in."""

    def walk(patterns: list[Any]) -> Iterator[Any]:
        for pattern in patterns:
            yield from walk(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern]

    for pattern in walk(get_resolver().url_patterns):
        try:
            yield reverse(pattern.name)
        except (NoReverseMatch, ViewDoesNotExist):
            continue


def words_of(response: Any) -> str:
    """Return all that an answer says, also inside a packed file."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    if content[:2] != b"PK":
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return "\n".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())


@contextmanager
def planted_site(blocker: Any) -> Iterator[list[str]]:
    with blocker.unblock(), transaction.atomic():
        yield plant()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def said(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, str]]:
    """Return what every page and file says to somebody who is not logged in."""
    with planted_site(django_db_blocker) as things:
        client = Client(raise_request_exception=False)
        client.cookies["language"] = "nb"
        waiting = deque(dict.fromkeys(["/", *things, *ASKED, *plain_addresses()]))
        known, count, found = set(waiting), dict[str, int](), dict[str, str]()
        while waiting:
            address = waiting.popleft()
            response = client.get(address)
            assert response.status_code < 500, address
            html = "html" in response.headers.get("Content-Type", "")
            found[address] = words_of(response) + str(dict(response.headers))
            for target in links(parse(found[address]), address) if html else ():
                route = route_of(target)
                if target not in known and route and count.get(route, 0) < PER_ROUTE:
                    count[route] = count.get(route, 0) + 1
                    known.add(target)
                    waiting.append(target)
        yield found


@pytest.mark.django_db
@pytest.mark.parametrize("what", PLANTED)
def test_nothing_unpublished_is_told_to_a_stranger(said: dict[str, str], what: str) -> None:
    word = PLANTED[what].lower()
    told = [
        address for address, words in said.items() if word in words.lower() and word not in address.lower()
    ]
    assert told == [], f"{what} stands on {told[:10]}"


def test_the_walk_saw_pages_files_feeds_and_data(said: dict[str, str]) -> None:
    assert len(said) > 60
    for wanted in (".csv", ".json", "/search/", "/plan/rup-2027/", "/goals/", "/measures/", "/indicators/"):
        assert any(wanted in address for address in said), wanted
