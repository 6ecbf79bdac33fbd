"""My work, the one-minute report by link, handing over, the radar: what each shows, to whom, and what it changes."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from mail_server import mail_settings, serving

from framsyn.errors import PlanError
from framsyn.web.accounts.models import Membership, Organisation
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.audit.models import Entry
from framsyn.web.followup import actions
from framsyn.web.followup.models import Letter, LetterChoice, Ticket
from framsyn.web.followup.radar import radar
from framsyn.web.followup.tickets import digest_of, issue
from framsyn.web.indicators.models import Indicator, Observation
from framsyn.web.measures.models import Assignment, Measure
from framsyn.web.plan.models import Element

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}
Give = Callable[..., Assignment]


@pytest.fixture
def owner(db: None) -> Any:
    """A person without any role, who answers for what is assigned."""
    return get_user_model().objects.create_user(
        "kari", email="kari@example.org", password="a long password", first_name="Kari", last_name="Testesen"
    )


@pytest.fixture
def give() -> Give:
    def do(user: Any, role: str = "owner", **thing: Any) -> Assignment:
        today = timezone.localdate()
        Assignment.objects.filter(role=role, **thing).delete()
        place = Organisation.objects.get(pk="hmn")
        return Assignment.objects.create(
            role=role,
            organisation=place,
            person=user,
            valid_from=today - datetime.timedelta(days=30),
            **thing,
        )

    return do


@pytest.fixture
def measure(owner: Any, give: Give) -> Measure:
    found = Measure.objects.get(pk="home-hospital")
    Measure.objects.filter(pk=found.pk).update(created_at=timezone.now() - datetime.timedelta(days=400))
    give(owner, measure=found)
    return found


@pytest.fixture
def indicator(owner: Any, give: Give) -> Indicator:
    found = Indicator.objects.filter(frequency="year", unit="share", small_number=None).first()
    assert found is not None
    found.observations.update(current=False)
    end = datetime.date(timezone.localdate().year - 3, 12, 31)
    Observation.objects.create(
        indicator=found, place=found.responsible_id, period_start=end.replace(month=1, day=1), period_end=end,
        value=0.4, data_through=end, created_at=timezone.now(), revision=99,
    )  # fmt: skip
    give(owner, indicator=found)
    return found


@pytest.fixture
def owner_client(owner: Any) -> Client:
    client = Client(headers=ENGLISH)
    client.force_login(owner)
    return client


def ticket(user: Any, thing: Any, days: int = 14, ago: int = 0) -> str:
    kind = "measure" if isinstance(thing, Measure) else "indicator"
    now = timezone.now() - datetime.timedelta(days=ago)
    return issue(user, kind, thing.pk, now=now, days=days)


def fields(page: str) -> dict[str, str]:
    """Return what a browser would send: hidden fields and what is filled in."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    found.pop("csrfmiddlewaretoken", None)
    return found


# ---------------------------------------------------------------- by the link of a letter
def test_the_link_works_once(owner: Any, measure: Measure) -> None:
    token = ticket(owner, measure)
    stranger = Client(headers=ENGLISH)
    for _look in range(3):  # scanners of mail look too
        page = stranger.get(f"/report/{token}/")
        assert page.status_code == 200
    assert stranger.head(f"/report/{token}/").status_code == 200
    assert "You report as Kari Testesen" in page.content.decode()
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["Cache-Control"] == "no-store"
    given = {
        **fields(page.content.decode()),
        "status": "on_plan",
        "text": "Twelve places are open.",
        "phase": "under_way",
    }
    answer = stranger.post(f"/report/{token}/", given)
    assert (answer.status_code, answer["Location"]) == (302, f"/report/{token}/thanks/")
    thanks = stranger.get(answer["Location"]).content.decode()
    assert "Thank you" in thanks
    assert "is due on" in thanks
    report = measure.reports.get()
    assert (report.status, report.text, report.created_by) == ("on_plan", "Twelve places are open.", owner)
    entry = Entry.objects.get(action="measure.report")
    assert (entry.actor, entry.actor_name) == (owner, "Kari Testesen, by link")

    again = stranger.post(f"/report/{token}/", given)
    assert again.status_code == 410
    assert measure.reports.count() == 1
    assert stranger.get(f"/report/{token}/").status_code == 410
    assert "sessionid" not in stranger.cookies  # nobody is logged in by it


def test_a_form_with_faults_does_not_use_the_link_up(owner: Any, measure: Measure) -> None:
    token = ticket(owner, measure)
    client = Client(headers=ENGLISH)
    answer = client.post(f"/report/{token}/", {"status": "stuck", "phase": "under_way", "text": ""})
    assert answer.status_code == 422
    assert "what holds it up" in answer.content.decode()
    assert measure.reports.count() == 0
    assert client.post(f"/report/{token}/", {"status": "on_plan", "phase": "under_way"}).status_code == 302


def test_two_at_once_are_one_report(owner: Any, measure: Measure, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second click comes while the first is being saved: the ticket decides, not the page."""
    token = ticket(owner, measure)
    from framsyn.web.followup import quick

    real = quick.use

    def late(one: Ticket, now: datetime.datetime) -> bool:
        Ticket.objects.filter(pk=one.pk).update(used_at=now)
        return real(one, now)

    monkeypatch.setattr(quick, "use", late)
    answer = Client(headers=ENGLISH).post(f"/report/{token}/", {"status": "on_plan", "phase": "under_way"})
    assert answer.status_code == 422 or answer.status_code == 410
    assert measure.reports.count() == 0


def test_the_link_expires_and_a_new_one_is_mailed(owner: Any, measure: Measure, settings: Any) -> None:
    token = ticket(owner, measure, ago=15)
    client = Client(headers=ENGLISH)
    gone = client.get(f"/report/{token}/")
    assert gone.status_code == 410
    unknown = client.get("/report/not-a-token-of-ours/")
    same = lambda answer, name: answer.content.decode().replace(name, "")  # noqa: E731
    strip = lambda text: re.sub(r'value="[^"]{64}"|\?lang|next=[^"]*', "", text)  # noqa: E731
    assert unknown.status_code == 410
    assert strip(same(gone, token)) == strip(same(unknown, "not-a-token-of-ours"))  # nothing to be learned
    asked = [client.post(f"/report/{one}/new/") for one in (token, "not-a-token-of-ours", token)]
    assert {one.status_code for one in asked} == {200}
    letter = Letter.objects.get()  # one, though it was asked for twice
    assert (letter.kind, letter.person) == ("link", owner)
    with serving() as server:
        mail_settings(settings, server.port)
        from framsyn.web.followup.post_room import send_waiting

        send_waiting()
        (mail,) = server.taken
        text = mail.get_body(("plain",)).get_content()
    (link,) = re.findall(r"https://plan\.example\.org(/report/[\w-]+/)", text)
    assert client.get(link).status_code == 200
    assert not Ticket.objects.filter(digest__in=text.split()).exists()


@pytest.mark.parametrize("how", ["left", "ended"])
def test_whoever_no_longer_answers_cannot_use_the_link(how: str, owner: Any, measure: Measure) -> None:
    token = ticket(owner, measure)
    if how == "left":
        owner.is_active = False
        owner.save()
    else:
        yesterday = timezone.localdate() - datetime.timedelta(days=1)
        Assignment.objects.filter(person=owner).update(valid_to=yesterday)
    client = Client(headers=ENGLISH)
    assert client.get(f"/report/{token}/").status_code == 410
    assert client.post(f"/report/{token}/", {"status": "on_plan", "phase": "under_way"}).status_code == 410
    assert measure.reports.count() == 0


def test_the_database_does_not_know_the_token(owner: Any, measure: Measure) -> None:
    token = ticket(owner, measure)
    row = Ticket.objects.values().get()
    assert token not in str(row)
    assert row["digest"] == digest_of(token)
    assert len(token) >= 43


def test_a_figure_by_link(owner: Any, indicator: Indicator) -> None:
    token = ticket(owner, indicator)
    client = Client(headers=ENGLISH)
    page = client.get(f"/report/{token}/").content.decode()
    year = timezone.localdate().year
    assert f'<option value="{year - 2}"' in page
    assert "40" in page  # the last figure, as a help
    given = {**fields(page), "period": str(year - 2), "value": "45,5"}
    assert client.post(f"/report/{token}/", given).status_code == 302
    found = indicator.observations.get(period_start=datetime.date(year - 2, 1, 1), current=True)
    assert found.value == pytest.approx(0.455)


def test_what_somebody_else_changed_meanwhile_is_shown(owner: Any, measure: Measure, editor: Any) -> None:
    from framsyn.web.measures.actions import report

    token = ticket(owner, measure)
    client = Client(headers=ENGLISH)
    given = fields(client.get(f"/report/{token}/").content.decode())
    report(Actor(user=editor, name="Test Editor"), measure, status="stuck", text="No nurses.")
    mine = {**given, "status": "on_plan", "text": "All well.", "phase": "under_way"}
    answer = client.post(f"/report/{token}/", mine)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "No nurses." in page
    assert "All well." in page
    assert client.post(f"/report/{token}/", {**mine, **fields(page)}).status_code == 302
    assert [one.text for one in measure.reports.all()] == ["No nurses.", "All well."]


# ---------------------------------------------------------------- my work
def test_my_work_is_for_those_who_are_logged_in(client: Client) -> None:
    answer = client.get("/my-work/")
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/my-work/")


def test_my_work_begins_with_what_is_overdue(
    owner_client: Client, measure: Measure, indicator: Indicator
) -> None:
    page = owner_client.get("/my-work/").content.decode()
    assert "2 things wait for you" in page or "3 things wait for you" in page
    assert page.index("Needs you now") < page.index("What I answer for")
    assert f'href="/my-work/report/measure/{measure.pk}/"' in page
    assert f'href="/my-work/report/indicator/{indicator.pk}/"' in page
    head = page[: page.index("<main")]
    assert re.search(r"My work <b[^>]*>2</b>", head)


def test_my_work_is_calm_without_things(owner_client: Client) -> None:
    page = owner_client.get("/my-work/").content.decode()
    assert "No goal, indicator or measure is given to you." in page
    assert "<b class" not in page[: page.index("<main")]


def test_the_number_in_the_head_costs_one_query(owner_client: Client, measure: Measure) -> None:
    with CaptureQueriesContext(connection) as asked:
        owner_client.get("/accessibility/")
    assert sum("measures_assignment" in query["sql"] for query in asked) == 1


def test_a_report_from_my_work(owner_client: Client, measure: Measure, owner: Any) -> None:
    page = owner_client.get(f"/my-work/report/measure/{measure.pk}/").content.decode()
    given = {
        **fields(page),
        "status": "needs_attention",
        "text": "Two nurses are missing.",
        "phase": "under_way",
    }
    assert owner_client.post(f"/my-work/report/measure/{measure.pk}/", given)["Location"] == "/my-work/"
    assert measure.reports.get().created_by == owner
    other = Measure.objects.get(pk="imaging-ai")
    assert owner_client.get(f"/my-work/report/measure/{other.pk}/").status_code == 404  # not hers


def test_what_others_did_is_told_until_it_is_read(
    owner_client: Client, measure: Measure, editor: Any
) -> None:
    from framsyn.web.measures.actions import report

    report(Actor(user=editor, name="Test Editor"), measure, status="stuck", text="No nurses.")
    page = owner_client.get("/my-work/").content.decode()
    assert "Test Editor" in page
    entry = re.search(r'name="entry" value="(\d+)"', page)
    assert entry
    owner_client.post("/my-work/read/", {"entry": entry[1]})
    assert "Test Editor" not in owner_client.get("/my-work/").content.decode()


# ---------------------------------------------------------------- who answers
def test_an_owner_hands_over_to_the_deputy(
    owner: Any, owner_client: Client, measure: Measure, give: Give
) -> None:
    deputy = get_user_model().objects.create_user("ola", first_name="Ola")
    give(deputy, "deputy", measure=measure)
    page = owner_client.get(f"/follow-up/measure/{measure.pk}/hand-over/").content.decode()
    assert re.search(rf'value="{deputy.pk}" selected', page)
    today = timezone.localdate()
    day = today + datetime.timedelta(days=7)
    given = {**fields(page), "person": deputy.pk, "valid_from": day.isoformat(), "note": "The clinic knows."}
    answer = owner_client.post(f"/follow-up/measure/{measure.pk}/hand-over/", given)
    assert answer["Location"] == f"/measures/{measure.pk}/#people"
    rows = {(one.role, one.person_id): (one.valid_from, one.valid_to) for one in measure.assignments.all()}
    assert rows["owner", owner.pk][1] == day - datetime.timedelta(days=1)
    assert rows["owner", deputy.pk] == (day, None)
    assert rows["deputy", deputy.pk][1] == day - datetime.timedelta(days=1)
    entry = Entry.objects.get(action="followup.hand_over")
    assert (entry.reason, entry.actor) == ("The clinic knows.", owner)


def test_handing_over_says_what_is_wrong(owner: Any, measure: Measure) -> None:
    actor = Actor(user=owner, name="Kari")
    today = timezone.localdate()
    for person, day, code in (
        (owner, today, "already-owner"),
        (get_user_model().objects.create_user("left", is_active=False), today, "has-left"),
        (get_user_model().objects.create_user("ola"), today - datetime.timedelta(days=1), "day-past"),
    ):
        with pytest.raises(PlanError) as raised:
            actions.hand_over(actor, measure, person, valid_from=day)
        assert raised.value.code == code


def test_goals_and_indicators_are_given_to_people(
    editor_client: Any, owner: Any, indicator: Indicator
) -> None:
    goal = "rup-2027.s1.g1"
    for kind, pk, page in (
        ("goal", goal, f"/goals/{goal}/"),
        ("indicator", indicator.pk, f"/indicators/{indicator.pk}/"),
    ):
        form = editor_client.get(f"/follow-up/{kind}/{pk}/people/").content.decode()
        given = {
            **fields(form), "role": "deputy", "organisation": "hmn", "unit_nb": "Fagavdelingen", "person": owner.pk,
            "valid_from": timezone.localdate().isoformat(),
        }  # fmt: skip
        answer = editor_client.post(f"/follow-up/{kind}/{pk}/people/", given)
        assert answer.status_code == 302, answer.content.decode()
        inside = editor_client.get(page).content.decode()
        assert "Kari Testesen" in inside
        outside = Client().get(page).content.decode()
        assert "Fagavdelingen" in outside
        assert "Kari Testesen" not in outside  # strangers see the unit, never the person


def test_no_page_tells_strangers_a_name(
    owner: Any, measure: Measure, indicator: Indicator, acting: Any
) -> None:
    from framsyn.web.measures.actions import report

    report(acting(owner), measure, status="on_plan", text="Well.")
    client = Client()
    for address in (
        f"/measures/{measure.pk}/", "/measures/", "/measures/measures.csv", f"/indicators/{indicator.pk}/",
        "/follow-up/owners/", "/goals/rup-2027.s1.g1/",
    ):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code == 200
        assert "Testesen" not in answer.content.decode(), address


@pytest.mark.parametrize(
    ("kind", "pk"),
    [("goal", "rup-2027.s1"), ("goal", "nothing"), ("plan", "rup-2027"), ("measure", "nothing")],
)
def test_only_goals_indicators_and_measures_have_owners(kind: str, pk: str, editor_client: Any) -> None:
    assert editor_client.get(f"/follow-up/{kind}/{pk}/people/").status_code == 404
    assert editor_client.get(f"/follow-up/{kind}/{pk}/hand-over/").status_code == 404


def test_a_reader_neither_assigns_nor_hands_over(reader: Any, measure: Measure) -> None:
    actor = Actor(user=reader, name="R")
    goal = Element.objects.get(pk="rup-2027.s1.g1")
    place = Organisation.objects.get(pk="hmn")
    today = timezone.localdate()
    with pytest.raises(NotAllowed):
        actions.hand_over(actor, measure, reader, valid_from=today)
    with pytest.raises(NotAllowed):
        actions.assign(actor, goal, role="owner", organisation=place, person=reader, valid_from=today)


# ---------------------------------------------------------------- radar, reminding now, letters
def test_the_radar(owner: Any, measure: Measure, indicator: Indicator) -> None:
    seen = radar()
    late = {row.id: row for row in seen.overdue}
    assert late[measure.pk].owner == "Kari Testesen"
    assert late[measure.pk].days > 0
    assert late[indicator.pk].due < timezone.localdate()
    (one,) = [row for row in seen.owners if row.id == owner.pk]
    assert (one.things, one.overdue, one.has_updated) == (2, 2, False)
    assert seen.updated_share == 0.0
    from framsyn.web.measures.actions import report

    report(Actor(user=owner, name="Kari"), measure, status="on_plan")
    after = radar()
    assert measure.pk not in {row.id for row in after.overdue + after.never_updated}
    assert after.updated_share == 1.0
    owner.is_active = False
    owner.save()
    assert {measure.pk, indicator.pk} <= {row.id for row in radar().departed}


def test_the_radar_of_an_organisation_holds_those_below_it() -> None:
    everything, region, trust = radar(), radar("hmn"), radar("sto")
    assert everything.followed >= region.followed > trust.followed > 0


def test_remind_now_and_not_twice_a_day(
    owner: Any, measure: Measure, editor_client: Any, settings: Any, reader_client: Any
) -> None:
    address = f"/follow-up/owners/{owner.pk}/remind/"
    with serving() as server:
        mail_settings(settings, server.port)
        answer = editor_client.post(address, follow=True, headers=ENGLISH)
        assert "Kari Testesen has been reminded." in answer.content.decode()
        answer = editor_client.post(address, follow=True, headers=ENGLISH)
        assert "reminded today already" in answer.content.decode()
        assert [mail["To"] for mail in server.taken] == [owner.email]
    assert reader_client.post(address).status_code == 403
    assert Client().post(address).status_code == 302


def test_an_editor_reminds_only_of_things_of_the_own_organisation(owner: Any, measure: Measure) -> None:
    editor = get_user_model().objects.create_user("trust-editor")
    place = Organisation.objects.get(pk="hnt")
    Membership.objects.create(user=editor, organisation=place, role="editor", valid_from=timezone.localdate())
    actor = Actor(user=editor, name="E")
    with pytest.raises(PlanError) as raised:
        actions.remind(actor, owner, [place])  # the measure is another trust's
    assert raised.value.code == "nothing-due"
    with pytest.raises(NotAllowed):
        actions.remind(actor, owner, [Organisation.objects.get(pk="sto")])
    with pytest.raises(NotAllowed):
        actions.remind(actor, owner)


def test_letters_are_chosen_by_oneself(owner: Any, owner_client: Client) -> None:
    given = {"language": "nn", "away_from": "2027-07-01", "away_to": "2027-07-28", "quiet_days": ["4"]}
    assert owner_client.post("/account/letters/", given).status_code == 302
    chosen = LetterChoice.objects.get(person=owner)
    assert (chosen.language, chosen.away_to, chosen.quiet_days) == ("nn", datetime.date(2027, 7, 28), [4])
    wrong = owner_client.post("/account/letters/", {**given, "away_to": "2027-06-01"})
    assert wrong.status_code == 200
    assert LetterChoice.objects.get(person=owner).away_to == datetime.date(2027, 7, 28)
    quiet = owner_client.post("/account/letters/", {**given, "quiet_days": list("01234")})
    assert "Leave one working day open" in quiet.content.decode()


def test_only_an_administrator_sees_letters_that_went_wrong(
    editor_client: Any, administrator_client: Any
) -> None:
    assert administrator_client.get("/follow-up/letters/").status_code == 200
    assert editor_client.get("/follow-up/letters/").status_code == 403
    assert Client().get("/follow-up/letters/").status_code == 302


# ---------------------------------------------------------------- all pages
def test_pages_ask_the_database_few_times(
    owner: Any, owner_client: Client, editor_client: Any, measure: Measure, indicator: Indicator, give: Give
) -> None:
    give(owner, goal=Element.objects.get(pk="rup-2027.s1.g1"))
    token = ticket(owner, measure)
    asked_by = {
        owner_client: (
            "/my-work/",
            f"/my-work/report/measure/{measure.pk}/",
            f"/my-work/report/indicator/{indicator.pk}/",
            f"/report/{token}/",
            "/account/letters/",
            f"/follow-up/measure/{measure.pk}/hand-over/",
            f"/measures/{measure.pk}/",
            f"/indicators/{indicator.pk}/",
        ),
        editor_client: (
            "/follow-up/owners/",
            "/follow-up/owners/?organisation=hmn",
            "/follow-up/goal/rup-2027.s1.g1/people/",
            "/goals/rup-2027.s1.g1/",
        ),
        Client(): ("/follow-up/owners/", f"/report/{token}/"),
    }
    much = {}
    for client, addresses in asked_by.items():
        for address in addresses:
            with CaptureQueriesContext(connection) as asked:
                assert client.get(address).status_code == 200, address
            queries = [one["sql"] for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
            much[address.replace(token, "…")] = len(queries)
    # One more than other pages may: the number in the head.
    assert {address: number for address, number in much.items() if number > 16} == {}
