"""Reminders through a year against a real mail server: each once, on working days, to those who still answer."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from mail_server import MailServer, mail_settings, serving

from framsyn.web.accounts.models import Membership, Organisation
from framsyn.web.followup.daily import run_day
from framsyn.web.followup.models import Letter, LetterChoice, Reminder
from framsyn.web.indicators.models import Indicator, Observation
from framsyn.web.measures.models import Assignment, Measure, StatusReport, Task

pytestmark = pytest.mark.django_db
day = datetime.date
BEGIN = day(2026, 12, 1)


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with serving() as running:
        mail_settings(settings, running.port)
        yield running


def at(today: datetime.date, hour: int = 7) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(today, datetime.time(hour)))


def person(name: str, **given: Any) -> Any:
    return get_user_model().objects.create_user(
        name, email=f"{name}@example.org", first_name=name.title(), **given
    )


def give(
    user: Any, role: str = "owner", since: datetime.date = BEGIN, until: Any = None, **thing: Any
) -> Assignment:
    place = Organisation.objects.get(pk="hmn")
    Assignment.objects.filter(role=role, valid_to=None, **thing).update(
        valid_to=since - datetime.timedelta(days=1)
    )
    return Assignment.objects.create(
        role=role, organisation=place, person=user, valid_from=since, valid_to=until, **thing
    )


def measure(name: str, phase: str = "under_way") -> Measure:
    made = at(day(2026, 6, 1))
    return Measure.objects.create(
        pk=name,
        title={"nb": f"Tiltak {name}", "en": f"Measure {name}"},
        organisation_id="hmn",
        phase=phase,
        start=day(2026, 6, 1),
        created_at=made,
        updated_at=made,
    )


def indicator(name: str, through: datetime.date) -> Indicator:
    source = Indicator.objects.first()
    assert source is not None
    made = Indicator.objects.create(
        pk=name,
        name={"nb": "Andel", "en": "Share"},
        definition={"en": "a share"},
        source={"en": "a count"},
        unit="share",
        frequency="year",
        direction="up",
        responsible_id="hmn",
    )
    Observation.objects.create(
        indicator=made,
        place="hmn",
        period_start=day(through.year, 1, 1),
        period_end=through,
        value=0.4,
        data_through=through,
        created_at=timezone.now(),
    )
    return made


def reported(one: Measure, today: datetime.date) -> None:
    StatusReport.objects.create(measure=one, date=today, status="on_plan", created_at=at(today))


def days_of(server: MailServer, address: str) -> list[datetime.date]:
    """Return the days of the letters to an address: the books say them, the server says how many there are."""
    letters = Letter.objects.filter(person__email=address, state="sent").order_by("day")
    assert len(letters) == len(server.to(address))
    assert {one.message_id for one in letters} == {mail["Message-ID"] for mail in server.to(address)}
    return [one.day for one in letters]


def run(first: datetime.date, last: datetime.date, events: dict[datetime.date, Any] | None = None) -> None:
    today = first
    while today <= last:
        if events and today in events:
            events[today]()
        run_day(today, at(today))
        if today.day % 7 == 0:  # a second time a day, by hand or by another timer: nothing more to do
            assert not run_day(today, at(today, 9)).written
        today += datetime.timedelta(days=1)


def test_a_year(server: MailServer) -> None:
    owner, deputy, editor = person("kari"), person("ola"), person("red")
    leaver, before, after, nobody = person("slutter"), person("gammel"), person("ny"), person("uten")
    nobody.email = ""
    nobody.save()
    Membership.objects.create(user=editor, organisation_id="hmn", role="editor", valid_from=BEGIN)
    a, b, c, d = (measure(name) for name in ("a", "b", "c", "d"))
    share = indicator("share-a", day(2025, 12, 31))
    easter = Task.objects.create(measure=c, title={"nb": "Påskeoppgave"}, due=day(2027, 3, 25))
    may = Task.objects.create(measure=c, title={"nb": "Syttende mai"}, due=day(2027, 5, 17))
    c.phase = "planned"  # its tasks are due, but nobody reports on what has not begun
    c.save()
    give(owner, measure=a)
    give(deputy, "deputy", measure=a)
    give(owner, indicator=share)
    give(owner, measure=c)
    give(deputy, "deputy", measure=c)
    give(leaver, measure=b)
    give(before, measure=d, until=day(2027, 3, 31))
    give(after, measure=d, since=day(2027, 4, 1))
    give(nobody, measure=measure("e"))

    def done(task: Task, today: datetime.date) -> None:
        task.done_on = today
        task.save()

    events = {
        day(2027, 1, 5): lambda: reported(a, day(2027, 1, 5)),
        day(2027, 2, 15): lambda: get_user_model().objects.filter(pk=leaver.pk).update(is_active=False),
        day(2027, 4, 8): lambda: done(easter, day(2027, 4, 8)),
        day(2027, 5, 19): lambda: done(may, day(2027, 5, 19)),
        day(2027, 8, 10): lambda: reported(a, day(2027, 8, 10)),
    }
    run(BEGIN, day(2027, 12, 31), events)

    # By hand, from the calendar of 2027. Easter: 25–29 March; Ascension 6 May; 17 May is a Monday, and Whit Monday too.
    assert days_of(server, owner.email) == [
        day(2026, 12, 17), day(2026, 12, 31),  # report for the last tertial of 2026; answered on 5 January
        day(2027, 3, 11), day(2027, 3, 30), day(2027, 4, 7),  # the task of Maundy Thursday, done on 8 April
        day(2027, 4, 16), day(2027, 4, 30),  # report for tertial 1, and the figure for 2026
        day(2027, 5, 3),  # the task of 17 May
        day(2027, 5, 12),  # seven working days after 30 April
        day(2027, 5, 18),  # 17 May is no day for letters
        day(2027, 12, 17), day(2027, 12, 31),  # answered on 10 August, so nothing for tertial 2
    ]  # fmt: skip
    assert days_of(server, deputy.email) == [day(2027, 4, 7), day(2027, 5, 12)]
    assert days_of(server, leaver.email) == [day(2026, 12, 17), day(2026, 12, 31), day(2027, 1, 12)]
    assert days_of(server, before.email) == [day(2026, 12, 17), day(2026, 12, 31), day(2027, 1, 12)]
    # Whoever comes after is not chased for what was missed a quarter of a year before, which the radar shows.
    assert days_of(server, after.email)[:3] == [day(2027, 4, 16), day(2027, 4, 30), day(2027, 5, 12)]
    # 21 working days after: to the editor, of the things that nobody has answered; and of the things of nobody.
    assert day(2027, 2, 1) in days_of(server, editor.email)
    assert day(2027, 6, 2) in days_of(server, editor.email)
    assert not server.to("uten@example.org")

    every = Counter(
        (one.person_id, one.kind, one.thing, one.what, one.period, one.step) for one in Reminder.objects.all()
    )
    assert max(every.values()) == 1
    assert max(Counter(Letter.objects.values_list("person", "day")).values()) == 1
    assert len(set(server.ids)) == len(server.ids) == Letter.objects.filter(state="sent").count()
    assert all(one.day.weekday() < 5 for one in Letter.objects.all())
    free = {day(2027, 3, 25), day(2027, 3, 26), day(2027, 3, 29), day(2027, 5, 6), day(2027, 5, 17)}
    assert not free & set(Letter.objects.values_list("day", flat=True))


def test_a_letter_reads_well(server: MailServer) -> None:
    owner = person("kari")
    one = measure("a")
    give(owner, measure=one)
    give(owner, indicator=indicator("share-a", day(2024, 12, 31)))
    LetterChoice.objects.create(person=owner, language="nn")
    run_day(day(2026, 12, 17), at(day(2026, 12, 17)))
    (mail,) = server.to(owner.email)
    assert mail["Content-Language"] == "nn"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == "Framsyn <plan@example.org>"
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    assert "Tiltak a" in text
    assert "Tiltak a" in html
    links = re.findall(r"https://plan\.example\.org/report/[\w-]+/", text)
    assert len(links) == len(set(links)) == 1  # the figure was due long before anybody reminds
    assert links == re.findall(r'href="(https://plan\.example\.org/report/[\w-]+/)"', html)
    assert "<img" not in html
    assert '<html lang="nn">' in html


def test_the_server_is_down_for_three_days(settings: Any) -> None:
    owner = person("kari")
    give(owner, measure=measure("a"))
    soon = measure("b", "planned")
    give(owner, measure=soon)
    Task.objects.create(measure=soon, title={"nb": "Oppgave"}, due=day(2027, 1, 4))
    with serving() as server:
        port = server.port
    mail_settings(settings, port)
    for number in (17, 18, 21):
        done = run_day(day(2026, 12, number), at(day(2026, 12, number)))
        assert "mail server" in done.outcome.trouble
    (letter,) = Letter.objects.all()
    assert (letter.state, letter.tries) == ("waiting", 0)
    assert f"127.0.0.1:{port}" in letter.trouble
    with serving(port) as server:
        run_day(day(2026, 12, 22), at(day(2026, 12, 22)))
        (mail,) = server.taken  # one letter with both things, not one for each day
        assert {"Tiltak a", "Tiltak b"} <= set(
            re.findall(r"Tiltak \w", mail.get_body(("plain",)).get_content())
        )
    letter.refresh_from_db()
    assert letter.state == "sent"


def test_what_was_answered_while_a_letter_waited_is_left_out(settings: Any) -> None:
    owner = person("kari")
    one = measure("a")
    give(owner, measure=one)
    with serving() as server:
        port = server.port
    mail_settings(settings, port)
    run_day(day(2026, 12, 17), at(day(2026, 12, 17)))
    reported(one, day(2026, 12, 17))
    with serving(port) as server:
        done = run_day(day(2026, 12, 18), at(day(2026, 12, 18)))
        assert server.taken == []
    assert done.outcome.counts == {"dropped": 1}


def test_greylisting_is_tried_again(server: MailServer) -> None:
    owner = person("kari")
    give(owner, measure=measure("a"))
    answers = iter(["451 4.7.1 Greylisted, try again later", "451 4.7.1 Greylisted, try again later", None])
    server.on_recipient = lambda _address: next(answers)
    today = day(2026, 12, 17)
    assert run_day(today, at(today)).outcome.counts == {"later": 1}
    letter = Letter.objects.get()
    assert (letter.state, letter.next_try_at) == ("waiting", at(today) + datetime.timedelta(minutes=15))
    assert run_day(today, at(today) + datetime.timedelta(minutes=5)).outcome.counts == {}  # not yet
    assert run_day(today, at(today) + datetime.timedelta(minutes=16)).outcome.counts == {"later": 1}
    assert run_day(today, at(today) + datetime.timedelta(hours=1)).outcome.counts == {"sent": 1}
    assert len(server.taken) == 1


def test_a_refused_address_is_shown_to_an_administrator(
    server: MailServer, administrator_client: Any
) -> None:
    wrong, right = person("borte"), person("her")
    give(wrong, measure=measure("a"))
    give(right, measure=measure("b"))
    server.on_recipient = lambda address: "550 5.1.1 No such user here" if "borte" in address else None
    today = day(2026, 12, 17)
    assert run_day(today, at(today)).outcome.counts == {"refused": 1, "sent": 1}
    assert [mail["To"] for mail in server.taken] == [right.email]
    page = administrator_client.get("/follow-up/letters/", headers={"accept-language": "en"}).content.decode()
    assert "No such user here" in page
    assert "borte@example.org" in page
    letter = Letter.objects.get(state="refused")
    server.on_recipient = None
    answer = administrator_client.post(f"/follow-up/letters/{letter.pk}/settle/", {"again": "1"})
    assert answer.status_code == 302
    run_day(today, at(today, 9))
    assert [mail["To"] for mail in server.taken] == [right.email, wrong.email]


def test_whoever_is_away_is_left_alone_and_the_deputy_steps_in(server: MailServer) -> None:
    owner, deputy = person("kari"), person("ola")
    one = measure("a")
    give(owner, measure=one)
    give(deputy, "deputy", measure=one)
    LetterChoice.objects.create(person=owner, away_from=day(2026, 12, 15), away_to=day(2026, 12, 20))
    run(day(2026, 12, 15), day(2026, 12, 22))
    assert days_of(server, deputy.email) == [day(2026, 12, 17)]
    assert days_of(server, owner.email) == [day(2026, 12, 21)]  # the first day back


def test_a_quiet_day_moves_the_letter(server: MailServer) -> None:
    owner = person("kari")
    give(owner, measure=measure("a"))
    LetterChoice.objects.create(person=owner, quiet_days=[3])
    run(day(2026, 12, 17), day(2026, 12, 21))  # 17 December is a Thursday
    assert days_of(server, owner.email) == [day(2026, 12, 18)]
