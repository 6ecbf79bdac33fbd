"""Every page of the site, found by following its links: one or more addresses for each route that the site has.

A route that no page links to, or that nobody may see, is a fault: the tests that use this say so by its name.
"""

from __future__ import annotations

import functools
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

# Machines ask for these; no page links to them.
NOT_LINKED = frozenset(
    {
        "live",
        "ready",
        "sign-on",
        "sign-on-back",
        "explorer_answer",
        "explorer_opening",
        "indicator_fhir_report_of",
    }
)
# Whoever brought or saved it alone sees it: for everybody else it is not there.
OWN = frozenset({"exchange_review"})
OWN_ADDRESS = "/scenarios/theeditors23/"  # and all below it: the editor's
# Where the walk begins, and what every route should be seen with: pages that show most of what they can show.
BEGIN = (
    "/",
    "/plan/rup-2027/",
    "/goals/rup-2027.s1.g1/",
    "/measures/home-hospital/",  # with tasks, benefits and risks
    "/plan/element/rup-2027.d1/",
    "/themes/beredskap/",
    "/themes/choice/notat-beredskap.k1/",
    "/search/?q=beredskap",
    "/voice/?status=all",
    "/assumptions/home_hospital/",  # with measures, and an objection that is answered and one that waits
    "/report/a-link-of-a-letter/",  # letters lead there
    "/report/a-link-that-was-used/thanks/",
    "/scenarios/",
    "/scenarios/new/?place=hmr",
    "/scenarios/published234/",  # somebody's, for everybody
    OWN_ADDRESS,
    "/scenarios/compare/?a=plan&b=demography",
)
# A form with text that is not saved yet.
UNSAVED = "/measures/home-hospital/edit/"
# The same route in other states: nothing found, a list that is filtered, another kind of plan.
VARIANTS = (
    "/search/",
    "/search/?q=zzzzzz",
    "/goals/?status=no_data",
    "/measures/?phase=idea",
    "/plan/strategi-2030/",
    "/plan/notat-beredskap/",
    "/follow-up/?since=2026-01-01",
    "/follow-up/thread/?open=rup-2027.s1",
    "/follow-up/wheel/?year=2030",
    "/follow-up/dead-ends/?kind=unused_indicator",
    "/report-error/?subject=accessibility",
    UNSAVED,
    "/report/a-link-that-was-used/",
    "/there-is-no-such-page/",
)
# What a page answers that says that something is not there, or not any more.
GONE = (404, 410)
# What make_ready writes, in no language of the site's own.
REASON = "The count of one trust is missing this month."
PEOPLE = {"editor": "words-editor", "administrator": "words-administrator"}
REPORTER = "words-owner"
READERS = ("anonymous", "editor", "administrator")
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    kind: str
    text: str
    location: str = ""


Fetch = Callable[[str, str], Answer]  # (reader, address) → answer


@dataclass(frozen=True)
class Page:
    """One page, and the least reader who may see it."""

    route: str
    address: str
    reader: str
    status: int = 200

    def __str__(self) -> str:
        return f"{self.route}-{self.reader}-{self.address}"


@dataclass
class Node:
    """An element of a page."""

    tag: str
    attributes: dict[str, str]
    parent: Node | None = None
    children: list[Node | str] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """Give this element and all inside it, in reading order."""
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()

    def all(self, *tags: str, **having: str) -> list[Node]:
        """Return the elements with one of these tags, and these attributes ("" for any value)."""
        return [
            node
            for node in self.walk()
            if (not tags or node.tag in tags)
            and all(
                name in node.attributes
                and value in ("", *node.attributes[name].split(), node.attributes[name])
                for name, value in ((key.strip("_"), value) for key, value in having.items())
            )
        ]

    @property
    def text(self) -> str:
        """All words inside."""
        words = (child if isinstance(child, str) else child.text for child in self.children)
        return " ".join(" ".join(words).split())

    def inside(self, *tags: str) -> bool:
        """Tell whether this is one of these elements or lies within one."""
        node: Node | None = self
        while node is not None:
            if node.tag in tags:
                return True
            node = node.parent
        return False


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.at = Node("#page", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.at.children.append(Node(tag, {name: value or "" for name, value in attrs}, self.at))

    def handle_endtag(self, tag: str) -> None:
        node = self.at
        while node.parent is not None and node.tag != tag:
            node = node.parent
        if node.parent is not None:
            self.at = node.parent

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.at.children.append(data)


def parse(html: str) -> Node:
    """Return the elements of a page."""
    tree = _Tree()
    tree.feed(html)
    tree.close()
    return tree.root


def links(page: Node, address: str) -> list[str]:
    """Return where a page links to, or sends a form by GET, on this site: without anchors and without other languages."""
    found = [node.attributes["href"] for node in page.all("a", href="") if "hreflang" not in node.attributes]
    found += [
        node.attributes.get("action", "")
        for node in page.all("form")
        if node.attributes.get("method", "get").lower() == "get"
    ]
    whole = (urlsplit(urljoin(address, link)) for link in found)
    kept = [
        f"{part.path}?{part.query}" if part.query else part.path
        for part in whole
        if not part.scheme and not part.netloc
    ]
    return list(dict.fromkeys(kept))


def posts(page: Node, address: str) -> list[str]:
    """Return the addresses that the forms of a page are posted to."""
    return [
        urlsplit(urljoin(address, node.attributes.get("action", "") or address)).path
        for node in page.all("form")
        if node.attributes.get("method", "get").lower() == "post"
    ]


def routes() -> list[str]:
    """Return the names of all routes of the site."""
    from django.urls import get_resolver

    def names(patterns: list[Any]) -> Iterator[str]:
        for pattern in patterns:
            if getattr(pattern, "namespace", None) == "api-v1":  # no pages; held by tests of its own
                continue
            if hasattr(pattern, "url_patterns"):
                yield from names(pattern.url_patterns)
            else:
                yield pattern.name

    return list(dict.fromkeys(names(get_resolver().url_patterns)))


def route_of(address: str) -> str:
    """Return the route of an address; empty where there is none."""
    return route_of_path(urlsplit(address).path)


@functools.cache
def route_of_path(path: str) -> str:
    """Return the route of a path, looked for once: a walk asks for the same thousands of times."""
    from django.urls import Resolver404, resolve

    try:
        return resolve(path).url_name or ""
    except Resolver404:
        return ""


@dataclass
class Site:
    """What a walk through the site has found."""

    pages: list[Page] = field(default_factory=list)
    files: list[Page] = field(default_factory=list)
    posted: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def unseen(self) -> set[str]:
        """Routes that no page leads to."""
        seen = {page.route for page in (*self.pages, *self.files)} | self.posted
        return set(routes()) - seen - NOT_LINKED


def make_ready() -> None:
    """Open a draft of the plan, link an element and set a status by hand, so that every page and every form is there."""
    import datetime

    from django.utils import timezone

    from framsyn.sources.plan_document import read_draft
    from framsyn.web.actions import Actor
    from framsyn.web.goals.actions import override
    from framsyn.web.goals.models import GoalDecision
    from framsyn.web.notes.actions import add as leave_note
    from framsyn.web.plan.models import Element, Link, Plan
    from framsyn.web.plan.versions import link, open_version
    from framsyn.web.plan_import.actions import keep_upload
    from framsyn.web.voice.actions import answer, report, take

    actor = Actor.system("tests")
    open_version(actor, Plan.objects.get(pk="rup-2027"))
    read = read_draft(Path(__file__).parents[1] / "data/plan_small.txt")
    keep_upload(
        actor, read, organisation=Plan.objects.get(pk="rup-2027").organisation, kind="trust_plan", size=1
    )
    ends = [Element.objects.get(pk=f"rup-2027.{name}") for name in ("d1", "s1.g1")]
    if not Link.objects.filter(source=ends[0]).exists():
        link(actor, *ends, Link.Kind.LEADS_TO)
    decision = GoalDecision.objects.filter(goal="rup-2027.s1.g1").order_by("id").last()
    assert decision is not None
    until = timezone.localdate() + datetime.timedelta(days=30)
    override(actor, decision, "at_risk", REASON, until)
    leave_note(actor, ends[1], REASON)
    place = decision.place
    for subject, status in (("other", ""), ("figure", "no_fault"), ("figure", "corrected")):
        said = report(actor, subject, REASON, organisation=place, figure="home-need", page="/", language="nb")
        take(actor, said)
        if status:
            answer(actor, said, status, REASON, correction={"nb": REASON, "nn": REASON, "en": REASON})
    write_letters()
    make_scenarios()
    make_objections()


def make_objections() -> None:
    """Object twice to an assumption; one is answered and shown."""
    from framsyn.web.actions import Actor
    from framsyn.web.assumptions.actions import answer, object_to
    from framsyn.web.languages import Text

    actor = Actor.system("tests")
    shown = object_to(actor, "home_hospital", "plan", "fact", REASON, may_publish=True)
    answer(actor, shown, Text(nb=REASON, nn=REASON, en=REASON), publish=True)
    object_to(actor, "home_hospital", "plan", "interest", REASON)


@functools.cache
def scenario_facts() -> dict[str, dict[str, Any]]:
    """Run two shipped scenarios with few draws; once per process."""
    from framsyn import run
    from framsyn.web.outlooks.queries import region_of
    from framsyn.web.scenarios.figures import facts_of
    from framsyn.web.scenarios.queries import REGION_NAME, shipped_scenario

    region = region_of(REGION_NAME)
    return {name: facts_of(run(region, shipped_scenario(name), draws=16)) for name in ("plan", "demography")}


def save_scenario(user: Any, slug: str, name: str = "demography") -> Any:
    """Save a shipped scenario for somebody, under an address that tests know."""
    from framsyn.web.accounts.models import Organisation
    from framsyn.web.actions import Actor
    from framsyn.web.languages import Text
    from framsyn.web.scenarios.actions import save
    from framsyn.web.scenarios.models import SavedScenario
    from framsyn.web.scenarios.queries import shipped_scenario

    place = Organisation.objects.get(pk="hmn")
    actor = Actor(user, user.get_username())
    made = save(actor, shipped_scenario(name), name=Text(en=REASON), organisation=place)
    SavedScenario.objects.filter(pk=made.pk).update(slug=slug)
    return SavedScenario.objects.get(pk=slug)


def make_scenarios() -> None:
    """Publish a scenario, and let the figures of two shipped ones be there."""
    from django.contrib.auth import get_user_model

    from framsyn.web.actions import Actor
    from framsyn.web.scenarios.actions import publish

    publish(
        Actor.system("tests"),
        save_scenario(get_user_model().objects.get(username=REPORTER), "published234"),
    )
    make_readings()


def make_readings() -> None:
    """Keep the figures of two shipped scenarios under the ids that their pages ask for as the site stands now."""
    from django.utils import timezone

    from framsyn.web.explorer.room import terms
    from framsyn.web.scenarios.models import Reading
    from framsyn.web.scenarios.queries import shipped_known

    for name, facts in scenario_facts().items():
        known = shipped_known(name, terms())
        under = {"id": known.run_id, "manifest": known.manifest}
        Reading(**{**facts, **under}, computed_at=timezone.now()).save()


def write_letters() -> None:
    """Make two links as letters carry them, one used, for somebody who may report everywhere; and a letter in doubt."""
    import datetime

    from django.contrib.auth import get_user_model
    from django.utils import timezone

    from framsyn.web.accounts.models import Membership
    from framsyn.web.followup.models import Letter, Ticket
    from framsyn.web.followup.tickets import digest_of

    now = timezone.now()
    user = get_user_model().objects.create_user(REPORTER, password="a long password")
    Membership.objects.create(user=user, role="owner", valid_from=timezone.localdate())
    until = now + datetime.timedelta(days=14)
    for token, used in (("a-link-of-a-letter", None), ("a-link-that-was-used", now)):
        Ticket.objects.create(
            digest=digest_of(token),
            person=user,
            kind="measure",
            thing="event-learning",
            created_at=now,
            expires_at=until,
            used_at=used,
        )
    Letter.objects.create(
        person=user, day=now.date(), state="unsure", trouble=REASON, next_try_at=now, created_at=now
    )


def give_work(user: Any) -> None:
    """Let somebody answer for a measure, an indicator and a goal, some of it overdue."""
    from django.utils import timezone

    from framsyn.web.measures.models import Assignment

    things: tuple[dict[str, Any], ...] = (
        {"measure_id": "event-learning"},
        {"indicator_id": "waiting-time-somatic"},
        {"goal_id": "rup-2027.s1.g1"},
    )
    for thing in things:
        Assignment.objects.create(
            role="owner", organisation_id="hmn", person=user, valid_from=timezone.localdate(), **thing
        )


def bring_workbook(user: Any) -> None:
    """Bring a workbook back in somebody's name, with a row that changed and a cell that is wrong."""
    import io

    import openpyxl

    from framsyn.web.exchange import store
    from framsyn.web.exchange.book import write_workbook

    book = openpyxl.load_workbook(io.BytesIO(write_workbook("nb")))
    sheet = next(one for one in book if one["A1"].value == "measures:id")
    columns = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(3, columns["measures:cost"]).value = 1234.5
    sheet.cell(4, columns["measures:end"]).value = "31.02.2027"
    target = io.BytesIO()
    book.save(target)
    store.keep(user, target.getvalue(), "tiltak.xlsx")


def make_own(user: Any, role: str) -> None:
    """Give a reader who is logged in what only that person sees: work and news of it, a workbook, a token, unsaved text."""
    from framsyn.web.actions import Actor
    from framsyn.web.api.tokens import make_token
    from framsyn.web.drafts.queries import keep as keep_draft
    from framsyn.web.notes.actions import add as leave_note
    from framsyn.web.plan.models import Element

    actor = Actor(user, user.get_username())
    bring_workbook(user)
    keep_draft(user, UNSAVED, [("text_nb", [REASON])])
    make_token(actor, REASON)
    if role == "editor" and not user.assignments.exists():
        give_work(user)
    if role == "editor":
        save_scenario(user, "theeditors23", "plan")
    if role == "administrator":  # news for the editor, and something to bring back
        from framsyn.web.scenarios.actions import remove

        remove(actor, save_scenario(user, "removed23456"))
        leave_note(actor, Element.objects.get(pk="rup-2027.s1.g1"), REASON)


def make_own_of_demo() -> None:
    """Do so for the people of the demo as whom a browser logs in."""
    from django.contrib.auth import get_user_model

    from framsyn.web.operations.demo import LOGINS

    for login in LOGINS:
        if login.role in READERS:
            make_own(get_user_model().objects.get(username=login.username), login.role)


@contextmanager
def every_reader(blocker: Any) -> Iterator[dict[str, Any]]:
    """Give a browser of Django's for each reader of a site that is ready for a walk; all is rolled back afterwards."""
    from django.contrib.auth import get_user_model
    from django.db import transaction
    from django.test import Client
    from django.utils import timezone
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from framsyn.web.accounts.models import Membership

    with blocker.unblock(), transaction.atomic():
        make_ready()
        found = {"anonymous": Client(raise_request_exception=False)}
        for role, name in PEOPLE.items():
            user = get_user_model().objects.create_user(name, password="a long password")
            Membership.objects.create(user=user, role=role, valid_from=timezone.localdate())
            if role == "administrator":  # sees a second factor that is on, the editor one that is off
                TOTPDevice.objects.create(user=user, name="app", confirmed=True)
            found[role] = Client(raise_request_exception=False)
            found[role].force_login(user)
            make_own(user, role)
        yield found
        transaction.set_rollback(True)


def ask(client: Any, address: str, language: str = "nb") -> Any:
    """Return what the site answers a browser of Django's that has chosen a language."""
    client.cookies["language"] = language
    return client.get(address)


def fetch_by(clients: dict[str, Any], language: str = "nb") -> Fetch:
    """Return a way to ask for pages in this process."""

    def fetch(reader: str, address: str) -> Answer:
        response = ask(clients[reader], address, language)
        kind = response.headers.get("Content-Type", "")
        text = response.content.decode() if "html" in kind else ""
        response.close()
        return Answer(response.status_code, kind, text, response.headers.get("Location", ""))

    return fetch


def explore(fetch: Fetch, per_route: int = 1) -> Site:
    """Walk the site from its first pages, and return the pages of every route with the least reader who may see each.

    Parameters
    ----------
    fetch : callable
    per_route : int
        How many addresses of a route are visited, besides those of BEGIN and VARIANTS.
    """
    site = Site()
    waiting = deque([*BEGIN, *VARIANTS])
    known = set(waiting)
    count: Counter[str] = Counter()  # by route: seen
    queued = Counter(map(route_of, waiting))
    while waiting:
        address = waiting.popleft()
        queued[route_of(address)] -= 1
        page, answers = _least(fetch, address)
        if page is None:
            site.refused[address] = " ".join(str(answer.status) for answer in answers.values())
            continue
        count[page.route] += 1
        if "html" not in answers[page.reader].kind:
            site.files.append(page)
            continue
        site.pages.append(page)
        for reader in {page.reader, READERS[-1]}:  # who sees most sees every link
            answer = answers.get(reader) or fetch(reader, address)
            tree = parse(answer.text)
            site.posted |= {route_of(target) for target in posts(tree, address)}
            for target in links(tree, address):
                route = route_of(target)
                if target not in known and route and count[route] + queued[route] < per_route:
                    known.add(target)
                    waiting.append(target)
                    queued[route] += 1
    return site


def _least(fetch: Fetch, address: str) -> tuple[Page | None, dict[str, Answer]]:
    """Return the page as the least reader who is answered sees it, and what each was answered."""
    answers: dict[str, Answer] = {}
    for reader in READERS:
        answers[reader] = answer = fetch(reader, address)
        if answer.status == 200 or (address in VARIANTS and answer.status in GONE):
            return Page(route_of(address) or "not-found", address, reader, answer.status), answers
        if answer.status in (405, 500):
            break
    return None, answers
