"""Saved scenarios: who may do what, who sees which, files that the engine runs to the same id, then and now."""

from __future__ import annotations

import datetime
import json
import shutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from site_pages import parse

from framsyn import Region, Scenario, run
from framsyn.errors import PlanError
from framsyn.web.accounts.models import Membership, Organisation, Role
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.audit.models import Entry
from framsyn.web.explorer import room
from framsyn.web.languages import Text
from framsyn.web.locking import last_change
from framsyn.web.policies import POLICY, may
from framsyn.web.scenarios import actions, assumed, comparing, computing, making, queries, upgrades
from framsyn.web.scenarios.computing import WORK
from framsyn.web.scenarios.models import Comparison, Reading, SavedScenario
from framsyn.web.search.queries import find

pytestmark = pytest.mark.django_db
DRAWS = 16
SYSTEM = Actor.system("tests")
SECRET = "Zyxhemmelig scenario"
_FACTS: dict[str, dict[str, Any]] = {}


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run scenarios with few draws, and each of them once for all tests: the id says that nothing else would come out."""
    few = room.Terms(DRAWS, 1, 2040, "none")
    monkeypatch.setattr(room, "Terms", lambda *given: room.Terms(*given) if given else few)
    monkeypatch.setattr(room, "terms", lambda: few)
    for module in (queries, making):
        monkeypatch.setattr(module, "terms", lambda: few)
    monkeypatch.setattr("framsyn.web.scenarios.pages.terms", lambda: few)
    real = computing.facts_of

    def once(outlook: Any) -> dict[str, Any]:
        if outlook.id not in _FACTS:
            _FACTS[outlook.id] = real(outlook)
        return _FACTS[outlook.id]

    monkeypatch.setattr(computing, "facts_of", once)
    WORK.forget()


def compute() -> None:
    """Do what waits."""
    while WORK.once():
        pass
    assert not WORK.failed, WORK.failed


@pytest.fixture
def plan() -> Scenario:
    return queries.shipped_scenario("plan")


@pytest.fixture
def authority() -> Organisation:
    return Organisation.objects.get(pk="hmn")


@pytest.fixture
def trust() -> Organisation:
    return Organisation.objects.get(pk="hmr")


@pytest.fixture
def maker(person: Callable[..., Any], trust: Organisation) -> Any:
    """Return somebody who works at a trust and saves scenarios there."""
    return person("contributor", trust, "maker")


def browser(user: Any = None, language: str = "en") -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    client.cookies["language"] = language
    return client


def saved_by(
    user: Any, organisation: Any = None, scenario: Scenario | None = None, **more: Any
) -> SavedScenario:
    """Save a scenario in which fewer are moved home."""
    made = scenario or queries.shipped_scenario("plan").replace("home_hospital", effect=-0.02)
    given = {"name": Text(en=SECRET), "description": Text(en=f"{SECRET} described"), **more}
    return actions.save(Actor(user, "Maker"), made, organisation=organisation, **given)


def published(user: Any, organisation: Any = None, **more: Any) -> SavedScenario:
    saved = saved_by(user, organisation, **more)
    return actions.publish(SYSTEM, saved)


# ---------------------------------------------------------------- the file and the id
def test_what_is_saved_runs_to_the_same_id_from_its_file(maker: Any, trust: Any, tmp_path: Any) -> None:
    saved = saved_by(maker, trust)
    answer = browser(maker).get(f"/scenarios/{saved.slug}/scenario.toml")
    name = answer["Content-Disposition"].split('"')[1]
    path = tmp_path / name
    path.write_bytes(answer.content)
    region = Region.load("midt-norge")
    outlook = run(region, Scenario.load(path, region=region), DRAWS, 1, 2040, "none")
    assert outlook.id == saved.run_id
    assert name == f"s-{saved.slug}.toml"
    queries.readings_now([queries.saved_known(saved)])
    compute()
    reading = Reading.objects.get(pk=saved.run_id)
    lines = {(row["quantity"], row["part"]): row for row in reading.lines}
    beds = outlook.quantiles("beds", (0.1, 0.5, 0.9), ("year",)).values
    for place, band in enumerate(("p10", "p50", "p90")):
        assert lines["beds", ""]["values"][band] == pytest.approx(beds[place], rel=1e-6)


def test_a_shipped_scenario_that_is_saved_as_it_is_keeps_its_run(maker: Any, plan: Scenario) -> None:
    saved = saved_by(maker, Organisation.objects.get(pk="hmr"), plan)
    assert saved.run_id == queries.shipped_known("plan", room.terms()).run_id
    assert Scenario.from_toml(saved.toml) == plan


def test_a_file_that_is_brought_is_kept_as_it_is(maker: Any, plan: Scenario) -> None:
    ours = (
        plan.replace("home_hospital", realisation=0.1).to_toml().replace('name = "plan"', 'name = "ours"', 1)
    )
    answer = browser(maker).post(
        "/scenarios/import/", {"file": SimpleUploadedFile("ours.toml", ours.encode())}
    )
    assert answer.status_code == 302, answer.content.decode()
    saved = SavedScenario.objects.get(owner=maker)
    assert Scenario.from_toml(saved.toml) == Scenario.from_toml(ours)
    assert saved.visibility == "private"
    assert str(saved.name) == plan.label["en"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"name = \nx", "line 1"),
        (b'format = 1\nname = "x"\n', "owner"),
        (b"x" * 400_000, "larger"),
        (b'name = "\x00"', "line"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_and_nothing_is_kept(
    maker: Any, content: bytes, said: str
) -> None:
    answer = browser(maker).post("/scenarios/import/", {"file": SimpleUploadedFile("x.toml", content)})
    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'aria-invalid="true"' in text
    assert said in text
    assert not SavedScenario.objects.exists()


def test_a_target_that_meets_nothing_is_told_with_its_line(maker: Any, plan: Scenario) -> None:
    text = plan.to_toml().replace('service = "som_02"', 'service = "som_99"', 1)
    text = text if "som_99" in text else plan.to_toml().replace('"som_02"', '"som_99"', 1)
    answer = browser(maker).post("/scenarios/import/", {"text": text})
    assert answer.status_code == 200
    assert "som_99" in answer.content.decode()
    assert not SavedScenario.objects.exists()


def test_a_file_and_a_text_are_not_both_brought(maker: Any, plan: Scenario) -> None:
    both = {"text": plan.to_toml(), "file": SimpleUploadedFile("x.toml", plan.to_toml().encode())}
    for given in ({}, both):
        assert browser(maker).post("/scenarios/import/", given).status_code == 200
    assert not SavedScenario.objects.exists()


# ---------------------------------------------------------------- saving from the explorer
def test_the_button_of_the_explorer_leads_to_a_form_that_saves_its_state(maker: Any) -> None:
    address = "/scenarios/new/?place=hmr&year=2035&home_hospital=-2"
    client = browser(maker)
    assert client.post(address, {}).status_code == 200  # the button: the form comes, nothing is saved
    assert not SavedScenario.objects.exists()
    page = parse(client.get(address).content.decode())
    assert len(page.all("h1")) == 1
    made = client.post(
        address, {"name_en": "Less at home", "description_en": "", "reason_en": "", "seen": "0"}
    )
    assert made.status_code == 302, made.content.decode()
    saved = SavedScenario.objects.get()
    assert made["Location"] == f"/scenarios/{saved.slug}/"
    assert saved.query == "place=hmr&year=2035"
    assert saved.organisation_id == "hmr"
    state, faults = room.State.read({"place": "hmr", "year": "2035", "home_hospital": "-2"})
    assert not faults
    expected = room.moved(state)
    assert Scenario.from_toml(saved.toml).assumptions == expected.assumptions
    page = client.get(f"/scenarios/{saved.slug}/").content.decode()
    assert f"?scenario=s-{saved.slug}&amp;place=hmr&amp;year=2035" in page


def test_without_a_name_nothing_is_saved_and_nothing_typed_is_lost(maker: Any) -> None:
    answer = browser(maker).post(
        "/scenarios/new/", {"name_en": "", "reason_en": "For the board", "seen": "0"}
    )
    assert answer.status_code == 200
    assert "For the board" in answer.content.decode()
    assert not SavedScenario.objects.exists()


def test_who_is_not_logged_in_learns_that_the_address_is_enough() -> None:
    for answer in (
        browser().get("/scenarios/new/?place=hmr&home_hospital=-2"),
        browser().post("/scenarios/new/?place=hmr&home_hospital=-2", {"name_en": "X", "seen": "0"}),
    ):
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "The address is enough" in text
        assert "http://testserver/outlook/?place=hmr&amp;home_hospital=-2" in text
    assert not SavedScenario.objects.exists()


def test_an_address_that_is_nonsense_is_told_and_saves_what_remains(maker: Any) -> None:
    answer = browser(maker).get("/scenarios/new/?home_hospital=NaN&scenario=s-nothing&place=%00x")
    assert answer.status_code == 200
    assert answer.content.decode().count("notice--warning") >= 2


# ---------------------------------------------------------------- who sees which
def everywhere(slug: str) -> list[str]:
    """Return the addresses under which a scenario could be read."""
    key = f"s-{slug}"
    return [
        f"/scenarios/{slug}/",
        f"/scenarios/{slug}/scenario.toml",
        f"/scenarios/{slug}/figures.csv",
        f"/scenarios/{slug}/figures.xlsx",
        f"/scenarios/compare/differences.csv?a=plan&b={key}",
        f"/api/v1/scenarios/{slug}",
    ]


def others(slug: str) -> list[str]:
    """Return pages that exist for everybody and must not speak of it."""
    key = f"s-{slug}"
    return [
        "/scenarios/",
        f"/scenarios/compare/?a=plan&b={key}",
        f"/scenarios/new/?scenario={key}",
        "/",
        "/api/v1/scenarios",
        "/feeds/",
        "/search/?q=Zyxhemmelig",
    ]


def test_a_private_scenario_is_there_for_its_owner_alone(
    maker: Any, trust: Any, person: Callable[..., Any], administrator: Any
) -> None:
    saved = saved_by(maker, trust)
    queries.readings_now([queries.saved_known(saved), queries.shipped_known("plan", room.terms())])
    compute()
    for address in everywhere(saved.slug):
        assert browser(maker).get(address).status_code == 200, address
    strangers = [None, administrator, person("editor", trust, "same-trust"), person("reader", None, "reads")]
    for user in strangers:
        client = browser(user)
        for address in everywhere(saved.slug):
            assert client.get(address).status_code == 404, (user, address)
        for address in others(saved.slug):
            answer = client.get(address)
            body = b"".join(answer) if answer.streaming else answer.content
            assert SECRET.encode() not in body, (user, address)
        with pytest.raises(PlanError) as refused:
            queries.saved_scenario(saved.slug, Actor(user, "x") if user else Actor(None, ""))
        assert refused.value.code == "unknown-scenario"
        told = json.dumps(queries.choices(Actor(user, "x") if user else Actor(None, "")), default=str)
        assert SECRET not in told


def test_a_shared_one_is_read_in_its_organisation_and_above(
    maker: Any, trust: Any, person: Callable[..., Any]
) -> None:
    saved = saved_by(maker, trust)
    actions.share(Actor(maker, "Maker"), saved, shared=True)
    other = Organisation.objects.get(pk="hnt")
    assert browser(person("reader", trust, "near")).get(f"/scenarios/{saved.slug}/").status_code == 200
    assert (
        browser(person("reader", trust.parent, "above")).get(f"/scenarios/{saved.slug}/").status_code == 200
    )
    for user in (None, person("administrator", other, "far")):
        for address in everywhere(saved.slug):
            assert browser(user).get(address).status_code == 404, address
    actions.share(Actor(maker, "Maker"), saved, shared=False)
    near = get_user_model().objects.get(username="near")
    assert browser(near).get(f"/scenarios/{saved.slug}/").status_code == 404


def test_a_published_one_is_read_by_everybody_without_who_made_it(maker: Any, trust: Any) -> None:
    saved = published(maker, trust)
    page = browser().get(f"/scenarios/{saved.slug}/").content.decode()
    assert SECRET in page
    assert maker.get_full_name() not in page
    assert "maker" not in page
    assert SECRET in browser().get("/scenarios/").content.decode()
    groups = dict(queries.choices(Actor(None, "")))
    assert (saved.key, SECRET) in groups["Published"]
    assert queries.saved_scenario(saved.key).name == f"s-{saved.slug}"  # outside of any request: a stranger


def test_a_limited_token_reads_no_further_than_its_limit(maker: Any, trust: Any) -> None:
    from framsyn.web.api.tokens import make_token

    saved = saved_by(maker, trust)
    whole = make_token(Actor(maker, "Maker"), "whole", scope="read")[1]
    client = Client()
    found = client.get(f"/api/v1/scenarios/{saved.slug}", headers={"authorization": f"Bearer {whole}"})
    assert found.status_code == 200
    far = Membership.objects.create(
        user=maker, role="reader", organisation_id="hnt", valid_from=timezone.localdate()
    )
    limited = make_token(Actor(maker, "Maker"), "limited", scope="read", organisation=far.organisation)[1]
    gone = client.get(f"/api/v1/scenarios/{saved.slug}", headers={"authorization": f"Bearer {limited}"})
    assert gone.status_code == 404


def test_the_log_does_not_keep_the_words_of_what_is_private(maker: Any, trust: Any) -> None:
    saved = saved_by(maker, trust)
    actions.rename(Actor(maker, "Maker"), saved, name=Text(en=f"{SECRET} again"))
    actions.share(Actor(maker, "Maker"), saved, shared=True)
    actions.remove(Actor(maker, "Maker"), saved)
    kept = json.dumps(list(Entry.objects.values("before", "after", "object_label")), default=str)
    assert SECRET not in kept


# ---------------------------------------------------------------- found by the search
def hits_for(user: Any, text: str = "Zyxhemmelig", kind: str = "", language: str = "en") -> list[str]:
    """Return the addresses of the scenarios that somebody finds."""
    found = find(text, language, kind, actor=Actor(user, "x") if user else Actor(None, ""))
    return [hit.address for group in found.groups if group.kind == "scenario" for hit in group.hits]


def test_a_private_scenario_is_found_by_its_owner_alone(
    maker: Any, trust: Any, person: Callable[..., Any], administrator: Any
) -> None:
    saved = saved_by(maker, trust)
    # All words, the beginning of one, some of the words, and a misspelt one.
    ways = ("Zyxhemmelig described", "zyxhem", "Zyxhemmelig qqqqq", "Zyxhemxxxxx")
    for text in ways:
        for language in ("en", "nb", "nn"):
            assert hits_for(maker, text, language=language) == [f"/scenarios/{saved.slug}/"], (text, language)
    strangers = [None, administrator, person("editor", trust, "same-trust"), person("reader", None, "reads")]
    for user in strangers:
        for text in ways:
            for language in ("en", "nb", "nn"):
                assert hits_for(user, text, "", language) == [], (user, text, language)
                assert hits_for(user, text, "scenario", language) == [], (user, text, language)
        client = browser(user)
        page = client.get("/search/?q=Zyxhemmelig&kind=scenario").content.decode()
        told = client.get("/api/v1/search?q=Zyxhemmelig&kind=scenario").json()
        assert saved.slug not in page
        assert SECRET not in page
        assert (told["total"], told["groups"]) == (0, [])
    assert saved.slug in browser(maker).get("/search/?q=zyxhemmelig").content.decode()


def test_who_may_read_a_scenario_finds_it_and_nobody_a_moment_longer(
    maker: Any, trust: Any, person: Callable[..., Any]
) -> None:
    saved, owner = saved_by(maker, trust), Actor(maker, "Maker")
    address, near = f"/scenarios/{saved.slug}/", person("reader", trust, "near")
    far = person("administrator", Organisation.objects.get(pk="hnt"), "far")
    actions.share(owner, saved, shared=True)
    assert [hits_for(near), hits_for(far), hits_for(None)] == [[address], [], []]
    Membership.objects.filter(user=near).delete()  # without any action that the index follows
    assert hits_for(near) == []
    actions.publish(SYSTEM, saved)
    assert hits_for(near) == hits_for(far) == hits_for(None) == [address]
    assert f'href="{address}"' in browser().get("/search/?q=zyxhemmelig").content.decode()
    actions.rename(owner, saved, name=Text(en="Pangolins"), description=Text(en="Armoured"))
    assert [hits_for(None), hits_for(None, "pangolin")] == [[], [address]]
    day = datetime.date(2026, 11, 20)
    actions.lock(SYSTEM, saved, decided_by=Text(en="The board"), case_number="99/2026", decided_on=day)
    assert hits_for(None, "board 99") == [address]
    other = saved_by(maker, trust)
    actions.remove(owner, other)
    assert hits_for(maker) == []
    actions.restore(owner, other)
    assert hits_for(maker) == [f"/scenarios/{other.slug}/"]


def test_what_the_region_ships_is_found_by_everybody() -> None:
    name = str(queries.shipped_scenario("demography").label.en)
    assert "/scenarios/demography/" in hits_for(None, name, "scenario")


# ---------------------------------------------------------------- who may do what
def test_every_role_may_do_what_the_table_says_and_nothing_else(
    maker: Any, authority: Any, person: Callable[..., Any]
) -> None:
    """By form and by address: for each role at the authority, on a scenario that somebody else published."""
    day = timezone.localdate().isoformat()
    lock = {"decided_by_en": "The board", "case_number": "1/2026", "decided_on": day}
    Membership.objects.create(
        user=maker, role="reader", organisation=authority, valid_from=timezone.localdate()
    )
    for role in (*Role.values, "anonymous"):
        user = person(role, authority, f"by-{role}") if role != "anonymous" else None
        client = browser(user)
        steps = (
            ("scenario.withdraw", "withdraw/", {}, lambda: published(maker, authority)),
            ("scenario.lock", "lock/", lock, lambda: published(maker, authority)),
            (
                "scenario.publish",
                "publish/",
                {},
                lambda: actions.share(Actor(maker, "M"), saved_by(maker, authority), shared=True),
            ),
        )
        for action, address, typed, make in steps:
            saved = make()
            before = (saved.visibility, saved.locked_at)
            answer = client.post(f"/scenarios/{saved.slug}/{address}", typed)
            saved.refresh_from_db()
            changed = (saved.visibility, saved.locked_at) != before
            allowed = role in Role.values and may({role}, action)
            assert changed == allowed, (role, action)
            if role == "anonymous":
                assert answer.status_code == 302
                assert "/login/" in answer["Location"]
            elif not allowed:
                assert answer.status_code == 403, (role, action)
        # What is one's own alone: nobody else changes it, whatever the role.
        saved = actions.share(Actor(maker, "M"), saved_by(maker, authority), shared=True)
        for address, typed in (("share/", {"with": "me"}), ("remove/", {}), ("edit/", {"name_en": "Taken"})):
            client.post(f"/scenarios/{saved.slug}/{address}", typed)
            saved.refresh_from_db()
            assert (saved.visibility, saved.removed_at, str(saved.name)) == ("organisation", None, SECRET), (
                role,
                address,
            )


def test_by_direct_call_the_actions_refuse_too(maker: Any, trust: Any, person: Callable[..., Any]) -> None:
    saved = saved_by(maker, trust)
    stranger, far = Actor(None, ""), Actor(person("administrator", Organisation.objects.get(pk="hnt")), "Far")
    given = {"decided_by": Text(en="X"), "case_number": "1", "decided_on": timezone.localdate()}
    for actor in (stranger, far):
        for call in (
            lambda who=actor: actions.rename(who, saved, name=Text(en="X")),
            lambda who=actor: actions.share(who, saved, shared=True),
            lambda who=actor: actions.publish(who, saved),
            lambda who=actor: actions.withdraw(who, saved),
            lambda who=actor: actions.lock(who, saved, **given),
            lambda who=actor: actions.remove(who, saved),
            lambda who=actor: actions.restore(who, saved),
            lambda who=actor: (
                saved_by(who.user, trust)
                if who.user
                else actions.save(who, queries.shipped_scenario("plan"), name=Text(en="X"))
            ),
        ):
            with pytest.raises(NotAllowed):
                call()
    near = Actor(person("administrator", trust, "near-admin"), "Near")
    with pytest.raises(NotAllowed):  # one does not publish what one may not read
        actions.publish(near, saved)
    assert set(POLICY) >= {
        f"scenario.{name}" for name in ("save", "rename", "fork", "publish", "lock", "remove")
    }


def test_who_works_on_a_plan_alone_saves_for_oneself(person: Callable[..., Any]) -> None:
    user = get_user_model().objects.create_user("plan-only", password="a long password")
    Membership.objects.create(
        user=user, role="contributor", plan_id="rup-2027", valid_from=timezone.localdate()
    )
    saved = saved_by(user)
    assert saved.organisation is None
    with pytest.raises(PlanError, match="no organisation"):
        actions.share(Actor(user, "Plan"), saved, shared=True)
    client = browser(user)
    made = client.post("/scenarios/plan/fork/", {"name_en": "Mine", "seen": "0"})
    assert made.status_code == 302, made.content.decode()


def test_a_fork_is_a_new_one_with_the_same_assumptions(
    maker: Any, trust: Any, person: Callable[..., Any]
) -> None:
    saved = published(maker, trust)
    reader = person("reader", None, "forks")
    client = browser(reader)
    made = client.post(f"/scenarios/{saved.slug}/fork/", {"name_en": "Theirs", "organisation": "hmn"})
    assert made.status_code == 302, made.content.decode()
    fork = SavedScenario.objects.get(owner=reader)
    assert (fork.origin, fork.run_id, fork.visibility) == (saved.key, saved.run_id, "private")
    page = client.get(f"/scenarios/{fork.slug}/").content.decode()
    assert f"It assumes the same as “{SECRET}”" in page
    actions.withdraw(SYSTEM, saved)  # what it came from is not named to whom it is not shown any more
    Membership.objects.filter(user=reader).update(organisation="hnt")
    assert SECRET not in browser(reader).get(f"/scenarios/{fork.slug}/").content.decode()


# ---------------------------------------------------------------- locked, stale, removed
def test_a_locked_one_never_changes(maker: Any, trust: Any) -> None:
    saved = published(maker, trust)
    day = datetime.date(2026, 11, 20)
    actions.lock(
        SYSTEM, saved, decided_by=Text(nb="Styret", en="The board"), case_number="99/2026", decided_on=day
    )
    actor = Actor(maker, "Maker")
    for call in (
        lambda: actions.rename(actor, saved, name=Text(en="Other")),
        lambda: actions.rename(SYSTEM, saved, name=Text(en="Other")),
        lambda: actions.withdraw(SYSTEM, saved),
        lambda: actions.remove(actor, saved),
        lambda: actions.share(actor, saved, shared=False),
        lambda: actions.lock(SYSTEM, saved, decided_by=Text(en="X"), case_number="1", decided_on=day),
    ):
        with pytest.raises(PlanError) as refused:
            call()
        assert refused.value.code in ("scenario-locked", "scenario-published")
    page = browser().get(f"/scenarios/{saved.slug}/").content.decode()
    assert "Decided by The board, case 99/2026, 20 November 2026" in page
    assert "Decided" in dict(queries.choices(Actor(None, "")))


def test_the_database_itself_keeps_a_locked_one(maker: Any, trust: Any) -> None:
    saved, free = published(maker, trust), published(maker, trust)
    actions.lock(
        SYSTEM,
        saved,
        decided_by=Text(en="The board"),
        case_number="99/2026",
        decided_on=datetime.date(2026, 11, 20),
    )
    table = SavedScenario._meta.db_table
    for one in (saved, free):
        every = [field.column for field in SavedScenario._meta.concrete_fields if field.column != "slug"]
        tries = [(f"UPDATE {table} SET {column} = {column} WHERE slug = %s", one.slug) for column in every]
        tries += [(f"DELETE FROM {table} WHERE slug = %s", one.slug)]
        if connection.vendor == "sqlite":
            names = ", ".join(["slug", *every])
            same = f"INSERT OR REPLACE INTO {table} ({names}) SELECT {names} FROM {table} WHERE slug = %s"
            tries.append((same, one.slug))
        for statement, slug in tries:
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement, [slug])
                    assert cursor.rowcount == 1
                    assert one is free, statement
                    raise ZeroDivisionError  # what was allowed is taken back
            except IntegrityError as refused:
                assert one is saved, statement
                assert "a decision has locked" in str(refused)
            except ZeroDivisionError:
                pass
    before = SavedScenario.objects.filter(pk=saved.pk).values().get()
    if connection.vendor == "postgresql":
        connection.check_constraints()  # nothing is left to be done later, which would be refused already
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {table}")
    assert SavedScenario.objects.filter(pk=saved.pk).values().get() == before


def test_only_what_is_published_is_locked_and_by_a_decision_that_was_made(maker: Any, trust: Any) -> None:
    saved = saved_by(maker, trust)
    today = timezone.localdate()
    good = {"decided_by": Text(en="The board"), "case_number": "1/2026", "decided_on": today}
    with pytest.raises(PlanError) as refused:
        actions.lock(SYSTEM, saved, **good)
    assert refused.value.code == "scenario-not-published"
    actions.publish(SYSTEM, saved)
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"decided_by": Text()}, "decided_by"),
        ({"case_number": " "}, "case_number"),
        ({"decided_on": today + datetime.timedelta(days=1)}, "decided_on"),
    )
    for change, field in wrong:
        with pytest.raises(PlanError) as refused:
            actions.lock(SYSTEM, saved, **{**good, **change})
        assert refused.value.data["field"] == field


def test_two_who_change_the_texts_see_both(maker: Any, trust: Any) -> None:
    saved = saved_by(maker, trust)
    client = browser(maker)
    page = parse(client.get(f"/scenarios/{saved.slug}/edit/").content.decode())
    seen = page.all("input", name="seen")[0].attributes["value"]
    assert int(seen) == last_change(saved)
    actions.rename(Actor(maker, "Maker"), saved, name=Text(en="Faster"))
    late = client.post(f"/scenarios/{saved.slug}/edit/", {"name_en": "Slower", "seen": seen})
    text = late.content.decode()
    assert late.status_code == 200
    assert "Faster" in text
    assert "Slower" in text
    assert str(SavedScenario.objects.get(pk=saved.pk).name) == "Faster"
    newest = parse(text).all("input", name="seen")[0].attributes["value"]
    assert (
        client.post(f"/scenarios/{saved.slug}/edit/", {"name_en": "Slower", "seen": newest}).status_code
        == 302
    )
    assert SavedScenario.objects.get(pk=saved.pk).run_id == saved.run_id


def test_a_removed_one_comes_back_for_a_month_and_is_deleted_then(maker: Any, trust: Any) -> None:
    saved = saved_by(maker, trust)
    client = browser(maker)
    client.post(f"/scenarios/{saved.slug}/remove/")
    for address in everywhere(saved.slug):
        assert client.get(address).status_code == 404, address
    assert "Bring back" in client.get("/scenarios/").content.decode()
    other = get_user_model().objects.create_user("other", password="a long password")
    assert browser(other).post(f"/scenarios/{saved.slug}/restore/").status_code == 404
    client.post(f"/scenarios/{saved.slug}/restore/")
    assert client.get(f"/scenarios/{saved.slug}/").status_code == 200
    client.post(f"/scenarios/{saved.slug}/remove/")
    long_ago = timezone.now() - datetime.timedelta(days=31)
    SavedScenario.objects.filter(pk=saved.pk).update(removed_at=long_ago)
    assert actions.forget_removed() == 1
    assert not SavedScenario.objects.filter(pk=saved.pk).exists()
    assert Entry.objects.latest("id").action == "scenario.forget"
    assert actions.forget_removed() == 0


# ---------------------------------------------------------------- computing beside the pages
def test_a_page_says_that_figures_come_and_looks_again_by_itself(maker: Any, trust: Any) -> None:
    saved = saved_by(maker, trust)
    client = browser(maker)
    first = client.get(f"/scenarios/{saved.slug}/")
    assert "being computed" in first.content.decode()
    assert first["Refresh"] == "4"
    compute()
    second = client.get(f"/scenarios/{saved.slug}/")
    assert "being computed" not in second.content.decode()
    assert "Refresh" not in second
    for language in ("nb", "nn", "en"):  # its name is written in English alone
        tree = parse(browser(maker, language).get(f"/scenarios/{saved.slug}/").content.decode())
        assert len(tree.all("figure")) == 4
    assert Entry.objects.filter(action="scenario.compute").count() == 1


def test_what_cannot_be_computed_is_told_and_not_tried_for_ever(
    maker: Any, trust: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = saved_by(maker, trust)
    calls = []

    def broken(*_given: Any) -> Any:
        calls.append(1)
        raise PlanError("no-memory", "There is no memory left.")

    monkeypatch.setattr(computing, "run", broken)
    client = browser(maker)
    for _time in range(3):
        answer = client.get(f"/scenarios/{saved.slug}/")
        while WORK.once():
            pass
    assert "There is no memory left." in answer.content.decode()
    assert "Refresh" not in answer
    assert len(calls) == 1


def test_the_queue_takes_each_job_once_and_no_more_than_it_says() -> None:
    work = computing.Work()
    done: list[int] = []
    for number in range(computing.MOST + 5):
        work.ask(str(number), lambda n=number: done.append(n))  # type: ignore[misc]
        work.ask(str(number), lambda: done.append(-1))
    assert work.ahead("3") == 3
    while work.once():
        pass
    assert done == list(range(computing.MOST))


def test_a_reading_is_written_once(maker: Any, trust: Any) -> None:
    saved = saved_by(maker, trust)
    queries.readings_now([queries.saved_known(saved)])
    compute()
    reading = Reading.objects.get(pk=saved.run_id)
    reading.text = {"en": "Other"}
    with pytest.raises(Exception, match="(?i)unique"):
        reading.save()


# ---------------------------------------------------------------- then and now
@pytest.fixture
def changed_region(tmp_path: Any, root: Any) -> Callable[[], Region]:
    """Return a function that gives the region with a lower occupancy: one table is not what it was."""

    def make() -> Region:
        folder = tmp_path / "midt-norge"
        shutil.copytree(root / "src/framsyn/regions/midt-norge", folder)
        path = folder / "tables" / "parameters.csv"
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        row = table["parameter"] == "occupancy"
        assert row.any()
        table.loc[row, "value"] = table.loc[row, "low"]
        table.to_csv(path, index=False, lineterminator="\n")
        return Region.load(folder)

    return make


def patch_region(monkeypatch: pytest.MonkeyPatch, region: Region) -> None:
    for module in (
        "framsyn.web.outlooks.queries",
        "framsyn.web.outlooks.charts",
        "framsyn.web.scenarios.queries",
        "framsyn.web.scenarios.computing",
        "framsyn.web.scenarios.upgrades",
        "framsyn.web.scenarios.drawings",
        "framsyn.web.scenarios.pages",
        "framsyn.web.scenarios.comparing",
    ):
        monkeypatch.setattr(f"{module}.region_of", lambda _name: region)


def test_after_an_upgrade_of_data_and_engine_both_figures_stand_with_the_reasons(
    maker: Any, trust: Any, monkeypatch: pytest.MonkeyPatch, changed_region: Callable[[], Region]
) -> None:
    saved = published(maker, trust)
    client = browser()
    client.get(f"/scenarios/{saved.slug}/")
    compute()
    then = Reading.objects.get(pk=saved.run_id)
    kept = (then.lines, then.sample, then.text, then.computed_at)

    patch_region(monkeypatch, changed_region())
    monkeypatch.setattr("framsyn.outlook.manifest.engine_version", lambda: "9.9.9")
    waiting = client.get(f"/scenarios/{saved.slug}/").content.decode()
    assert "being computed" in waiting
    assert str(then.text["en"]) in waiting  # what was is there from the first moment
    compute()
    page = client.get(f"/scenarios/{saved.slug}/").content.decode()
    assert f"The engine is another version: {then.manifest['engine']} then, 9.9.9 now." in page
    assert "(parameters)" in page
    assert "Then and now" in page
    now = Reading.objects.exclude(pk=then.pk).get()
    assert now.manifest["engine"] == "9.9.9"
    rows = {row.label: row for row in upgrades.beside(then, now, 2040, "en")}
    assert rows["Beds (occupancy)"].then[0] != rows["Beds (occupancy)"].now[0]
    assert rows["Beds (occupancy)"].then[0] in page
    assert rows["Beds (occupancy)"].now[0] in page
    assert rows["Population"].change == "as it was"
    assert "What moved" in page
    assert saved.run_id in page
    assert now.pk in page
    again = Reading.objects.get(pk=saved.run_id)
    assert (again.lines, again.sample, again.text, again.computed_at) == kept
    assert SavedScenario.objects.get(pk=saved.pk).run_id == then.pk
    files = browser().get(f"/scenarios/{saved.slug}/figures.csv")
    body = b"".join(files).decode() if files.streaming else files.content.decode()
    assert then.pk in body
    assert now.pk in body


def test_the_bars_of_what_moved_add_up(maker: Any, trust: Any) -> None:
    """Between two readings that differ in everything: the plan and the demography."""
    known = [queries.shipped_known(name, room.terms()) for name in ("plan", "demography")]
    queries.readings_now(known)
    compute()
    then, now = (Reading.objects.get(pk=one.run_id) for one in known)
    drawings = upgrades.what_moved(then, now, {"nb": "x", "nn": "x", "en": "x"}, "en")
    assert len(drawings) == 2  # a waterfall that did not add up would have been refused


def test_reasons_are_told_as_far_as_they_are_known() -> None:
    then = {"engine": "1", "region_digest": "a" * 64, "region": "midt-norge", "switches": {"bindal": True}}
    assert upgrades.reasons(then, then, {}, {}, "en") == []
    other = {**then, "region_digest": "b" * 64}
    assert "Which tables changed was not kept" in upgrades.reasons(then, other, {}, {"areas": "1"}, "en")[0]
    told = upgrades.reasons(then, other, {"areas": "1", "old": "2"}, {"areas": "3", "use": "4"}, "en")[0]
    assert "have changed in" in told
    assert "New tables" in told
    assert "gone: old" in told


def test_a_scenario_that_the_engine_does_not_read_any_more_still_shows_what_it_gave(
    maker: Any, trust: Any
) -> None:
    saved = published(maker, trust)
    browser().get(f"/scenarios/{saved.slug}/")
    compute()
    old = {**saved.manifest, "engine": "0.0.1", "id": "0" * 16}
    facts = {**_FACTS[saved.run_id], "id": old["id"], "manifest": old}
    Reading(**facts, computed_at=timezone.now()).save()
    broken = (
        saved.toml.replace("format = 1", "format = 99") if "format = 1" in saved.toml else "format = 99\n"
    )
    SavedScenario.objects.filter(pk=saved.pk).update(
        toml=broken, manifest={**old, "scenario_digest": "c" * 64, "scenario": "other"}
    )
    browser().get(f"/scenarios/{saved.slug}/")
    while WORK.once():
        pass
    page = browser().get(f"/scenarios/{saved.slug}/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "This engine cannot read the scenario any more" in text
    assert "0.0.1" in text
    assert facts["text"]["en"] in text


# ---------------------------------------------------------------- beside each other
def test_differences_are_taken_within_the_draws(plan: Scenario) -> None:
    known = [queries.shipped_known(name, room.terms()) for name in ("plan", "demography")]
    readings = list(queries.readings_now(known).values())
    compute()
    readings = [queries.readings_now(known)[one.run_id] for one in known]
    region = Region.load("midt-norge")
    runs = [run(region, queries.shipped_scenario(one.key), DRAWS, 1, 2040, "none") for one in known]
    draws = [one.draws("beds", ("year",)).sel(year=2040).values for one in runs]
    expected = np.quantile(draws[1] - draws[0], (0.1, 0.5, 0.9))
    kept = [comparing.drawn(one)["beds", "", 2040] for one in readings]
    assert comparing.difference(*kept) == pytest.approx(tuple(expected), rel=1e-3)
    assert comparing.difference(kept[0], kept[0]) == (0, 0, 0)


def test_three_stand_side_by_side_with_why_and_where(maker: Any, trust: Any) -> None:
    saved = published(maker, trust)
    address = f"/scenarios/compare/?a=plan&b=demography&c={saved.key}"
    client = browser()
    assert "Refresh" in client.get(address)
    compute()
    assert "Why they differ is being computed" in client.get(address).content.decode()
    compute()
    answer = client.get(address)
    assert "Refresh" not in answer
    page = parse(answer.content.decode())
    assert len(page.all("table")[0].all("tr")) == 15
    names = {node.attributes["id"] for node in page.all("figure")}
    assert {"why-1-need", "why-1-beds", "why-1-result", "where-1", "why-2-beds"} <= names
    # What is moved home is practice: need is the same, and the page says so instead of drawing a map of nothing.
    assert "where-2" not in names
    assert "Need is the same in every municipality." in answer.content.decode()
    comparison = Comparison.objects.get(second=saved.run_id)
    for one in comparison.causes:
        whole = sum(effect["effect"] for effect in one["effects"])
        assert one["before"] + whole == pytest.approx(one["after"], rel=1e-9)
    table = client.get(f"/scenarios/compare/differences.csv?a=plan&b=demography&c={saved.key}")
    body = b"".join(table).decode() if table.streaming else table.content.decode()
    assert saved.key in body
    with_chosen_year = client.get(f"{address}&year=2030").content.decode()
    assert "What follows in 2030" in with_chosen_year


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?a=plan",
        "?a=plan&b=plan",
        "?a=../../etc&b=<script>",
        "?a=s-&b=s-x",
        "?a=%00&b=plan&c=s-%00",
        "?year=x&a=plan&b=trend",
    ],
)
def test_nonsense_beside_each_other_is_told(query: str) -> None:
    answer = browser().get(f"/scenarios/compare/{query}")
    assert answer.status_code == 200
    assert "<script>x" not in answer.content.decode()


@pytest.mark.parametrize("slug", ["nothing", "s-nothing", "x" * 300, "new-", "PLAN"])
def test_what_is_not_there_is_not_found(slug: str) -> None:
    for address in (
        f"/scenarios/{slug}/",
        f"/scenarios/{slug}/scenario.toml",
        f"/scenarios/{slug}/figures.csv",
    ):
        assert browser().get(address).status_code == 404


@pytest.mark.parametrize("name", ["plan", "demography", "trend", "ambitious"])
def test_a_shipped_one_has_a_page_and_a_file(name: str) -> None:
    answer = browser(language="nn").get(f"/scenarios/{name}/")
    assert answer.status_code == 200
    file = browser().get(f"/scenarios/{name}/scenario.toml")
    assert Scenario.from_toml(file.content.decode()) == queries.shipped_scenario(name)


def test_what_is_assumed_is_said_against_the_base(plan: Scenario) -> None:
    moved = plan.replace("home_hospital", effect=-0.5).without("prevention")
    lines = {one.name: one for one in assumed.assumed(moved, plan, 2040, "en")}
    assert set(lines) == {"home_hospital", "prevention"}
    assert lines["prevention"].here == "not assumed"
    assert lines["home_hospital"].what == "more"
    assert lines["home_hospital"].here.startswith("−")


def test_script_in_a_name_is_text(maker: Any, trust: Any) -> None:
    saved = published(maker, trust, name=Text(en="<script>alert(1)</script>"))
    for address in (f"/scenarios/{saved.slug}/", "/scenarios/", f"/scenarios/compare/?a=plan&b={saved.key}"):
        assert "<script>alert" not in browser().get(address).content.decode()


def test_pages_take_few_queries(maker: Any, trust: Any, django_assert_max_num_queries: Any) -> None:
    made = [published(maker, trust) for _time in range(6)]
    queries.readings_now([queries.saved_known(made[0]), queries.shipped_known("plan", room.terms())])
    compute()
    client = browser(maker)
    address = f"/scenarios/compare/?a=plan&b={made[0].key}"
    client.get(address)
    compute()
    for page in (
        "/scenarios/",
        f"/scenarios/{made[0].slug}/",
        "/scenarios/plan/",
        address,
        "/scenarios/new/",
        f"/scenarios/{made[0].slug}/edit/",
    ):
        with django_assert_max_num_queries(16):  # one of them is the head's, for those who are logged in
            assert client.get(page).status_code == 200, page
