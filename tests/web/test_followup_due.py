"""What is due, when somebody is reminded of it, and the rules that a site may set: pure functions of things and days."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framsyn.errors import PlanError
from framsyn.web.followup.due import Facts, dues, period_end, period_key
from framsyn.web.followup.ladder import calls
from framsyn.web.followup.mail_settings import read_email_url
from framsyn.web.followup.rules import LADDER, PERIODS, Rules, Step, read_rules, report_rule
from framsyn.web.followup.texts import sentence
from framsyn.web.followup.workdays import add_working_days, is_working_day, next_working_day

day = datetime.date
RULES = Rules()
DAYS = st.dates(day(2020, 1, 1), day(2040, 12, 31))


def measure(answered: datetime.date | None = None, **more: object) -> Facts:
    return Facts("measure", "m", day(2026, 1, 10), "under_way", day(2026, 1, 10), answered, **more)  # type: ignore[arg-type]


# ---------------------------------------------------------------- periods
@given(DAYS, st.sampled_from(PERIODS))
def test_periods_follow_each_other_without_gap(today: datetime.date, frequency: str) -> None:
    end = period_end(frequency, today)
    assert end >= today
    assert (end + datetime.timedelta(days=1)).day == 1
    after = period_end(frequency, end + datetime.timedelta(days=1))
    assert after > end
    assert period_key(frequency, after) != period_key(frequency, end)
    assert period_end(frequency, end) == end


# ---------------------------------------------------------------- measures
@pytest.mark.parametrize(
    ("answered", "today", "period", "state", "since"),
    [
        (None, day(2026, 2, 1), "2026-T1", "later", day(2026, 4, 30)),
        (None, day(2026, 3, 10), "2026-T1", "soon", day(2026, 4, 30)),
        (None, day(2026, 4, 16), "2026-T1", "now", day(2026, 4, 30)),
        (None, day(2026, 4, 30), "2026-T1", "now", day(2026, 4, 30)),
        (None, day(2026, 5, 1), "2026-T1", "overdue", day(2026, 4, 30)),
        (None, day(2026, 8, 16), "2026-T1", "overdue", day(2026, 4, 30)),
        (None, day(2026, 8, 17), "2026-T2", "overdue", day(2026, 4, 30)),  # the newest is asked for
        (day(2026, 4, 20), day(2026, 5, 2), "2026-T2", "later", day(2026, 8, 31)),
        (
            day(2026, 5, 20),
            day(2026, 6, 1),
            "2026-T2",
            "later",
            day(2026, 8, 31),
        ),  # late: it was for the one before
        (day(2026, 5, 30), day(2026, 6, 1), "2026-T3", "later", day(2026, 12, 31)),
    ],
)
def test_a_report_is_asked_for_each_tertial(
    answered: datetime.date | None, today: datetime.date, period: str, state: str, since: datetime.date
) -> None:
    (one,) = dues(measure(answered), today, RULES)
    assert (one.period, one.state, one.since) == (period, state, since)


@pytest.mark.parametrize("phase", ["idea", "planned", "completed", "stopped"])
def test_only_what_is_under_way_is_reported_on(phase: str) -> None:
    facts = Facts("measure", "m", day(2024, 1, 1), phase, tasks=((7, day(2026, 5, 1)),))
    found = [one.what for one in dues(facts, day(2026, 6, 1), RULES)]
    assert found == ([] if phase in ("completed", "stopped") else ["task"])


def test_what_began_late_in_a_period_is_reported_on_in_the_next() -> None:
    facts = Facts("measure", "m", day(2026, 4, 10), "under_way", day(2020, 1, 1))
    (one,) = dues(facts, day(2026, 4, 20), RULES)
    assert one.period == "2026-T2"


@given(DAYS, st.dates(day(2026, 2, 1), day(2030, 1, 1)))
def test_a_report_today_leaves_nothing_overdue(_other: datetime.date, today: datetime.date) -> None:
    late = dues(measure(today - datetime.timedelta(days=500)), today, RULES)
    assert [one.state for one in late] == ["overdue"]
    # A report from the first days of a period counts for the one before; the present one is not due before its end.
    assert [one.state for one in dues(measure(today), today, RULES) if one.state == "overdue"] == []


# ---------------------------------------------------------------- indicators and goals
@pytest.mark.parametrize(
    ("frequency", "answered", "today", "period", "due"),
    [
        ("year", day(2024, 12, 31), day(2026, 4, 20), "2025", day(2026, 4, 30)),
        ("month", day(2026, 1, 31), day(2026, 3, 20), "2026-M2", day(2026, 3, 30)),
        ("quarter", day(2025, 12, 31), day(2026, 5, 10), "2026-Q1", day(2026, 5, 15)),
        ("tertial", day(2025, 12, 31), day(2026, 6, 10), "2026-T1", day(2026, 6, 14)),
    ],
)
def test_a_figure_is_asked_for_when_it_can_be_counted(
    frequency: str, answered: datetime.date, today: datetime.date, period: str, due: datetime.date
) -> None:
    facts = Facts("indicator", "i", answered=answered, frequency=frequency)
    (one,) = dues(facts, today, RULES)
    assert (one.period, one.day, one.state) == (period, due, "now")


def test_an_indicator_that_nobody_has_and_nobody_filled_asks_for_nothing() -> None:
    assert dues(Facts("indicator", "i", frequency="year"), day(2026, 1, 1), RULES) == []


def test_a_status_by_hand_and_a_deadline_ask_until_their_day() -> None:
    facts = Facts("goal", "g", overrides=((3, day(2026, 5, 4)),), deadlines=((4, day(2026, 6, 1)),))
    assert [one.what for one in dues(facts, day(2026, 5, 4), RULES)] == ["override", "deadline"]
    assert [one.what for one in dues(facts, day(2026, 5, 5), RULES)] == ["deadline"]
    assert dues(facts, day(2026, 6, 2), RULES) == []


@given(DAYS, st.sampled_from(["report", "figure", "task"]))
def test_everything_that_is_due_can_be_said(today: datetime.date, what: str) -> None:
    facts = {
        "report": measure(),
        "figure": Facts("indicator", "i", answered=day(2019, 12, 31), frequency="month"),
        "task": Facts("measure", "m", phase="planned", tasks=((1, day(2026, 5, 1)),)),
    }[what]
    for one in dues(facts, today, RULES):
        words = sentence(one, today, "Open places")
        assert words.endswith(".")
        assert "%" not in words


# ---------------------------------------------------------------- the ladder
def test_each_step_is_taken_once_on_its_working_day() -> None:
    """A year day by day, by a book as the database keeps it."""
    people = {"owner": [1], "deputy": [2], "editors": [3]}
    book: dict[tuple, datetime.date] = {}
    today = day(2026, 2, 1)
    while today <= day(2027, 2, 5):
        if is_working_day(today):
            for call in calls(dues(measure(), today, RULES), people, today, RULES):
                book.setdefault(call.key, today)
        today += datetime.timedelta(days=1)
    steps = {(key[0], key[4], key[5]): on for key, on in book.items()}
    expected = {}
    for period, due in (
        ("2026-T1", day(2026, 4, 30)),
        ("2026-T2", day(2026, 8, 31)),
        ("2026-T3", day(2026, 12, 31)),
    ):
        for step in LADDER:
            for role in step.to:
                for number in people[role]:
                    expected[number, period, step.code] = step.day_of(due)
    assert steps == expected


def test_a_missed_step_is_taken_later_and_only_the_last_of_several() -> None:
    people = {"owner": [1], "deputy": [2], "editors": [3]}
    found = calls(dues(measure(), day(2026, 5, 20), RULES), people, day(2026, 5, 20), RULES)
    assert {(one.person, one.step) for one in found} == {(1, "+7w"), (2, "+7w")}


def test_what_is_long_past_is_listed_and_not_sent() -> None:
    old = Facts("measure", "m", phase="planned", tasks=((1, day(2025, 1, 1)),))
    (one,) = dues(old, day(2026, 5, 20), RULES)
    assert one.state == "overdue"
    assert calls([one], {"owner": [1]}, day(2026, 5, 20), RULES) == []


@given(DAYS, st.integers(-30, 30), st.booleans())
def test_no_step_falls_on_a_free_day(due: datetime.date, days: int, july_off: bool) -> None:
    on = Step(days=days).day_of(due, july_off=july_off)
    assert is_working_day(on, july_off=july_off)
    assert on >= due + datetime.timedelta(days=days)
    assert not july_off or on.month != 7


@given(DAYS, st.integers(0, 30))
def test_working_days_are_counted_one_by_one(start: datetime.date, count: int) -> None:
    end = add_working_days(start, count)
    between = [start + datetime.timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(is_working_day(one) for one in between) == count


@pytest.mark.parametrize(
    "free",
    [
        day(2027, 1, 1), day(2027, 3, 25), day(2027, 3, 26), day(2027, 3, 28), day(2027, 3, 29), day(2027, 5, 1),
        day(2027, 5, 6), day(2027, 5, 16), day(2027, 5, 17), day(2027, 12, 25), day(2027, 12, 26), day(2026, 5, 25),
    ],
)  # fmt: skip
def test_norwegian_holidays_are_free(free: datetime.date) -> None:
    assert not is_working_day(free)
    assert is_working_day(next_working_day(free))


# ---------------------------------------------------------------- rules of a site
def test_a_site_without_a_file_has_the_usual_rules(tmp_path: Path) -> None:
    assert read_rules(tmp_path / "follow-up.toml") == Rules()


def test_a_site_sets_its_own_rules(tmp_path: Path) -> None:
    path = tmp_path / "follow-up.toml"
    path.write_text(
        """
july_off = true
report = "quarter"
link_days = 7
send_from = "08:30"
[lag]
year = 60
[[ladder]]
days = -7
[[ladder]]
working_days = 5
to = ["owner", "deputy", "editors"]
""",
        encoding="utf-8",
    )
    rules = read_rules(path)
    assert (rules.july_off, rules.report, rules.link_days, rules.send_from) == (
        True,
        "quarter",
        7,
        datetime.time(8, 30),
    )
    assert (rules.lag["year"], rules.lag["month"]) == (60, 30)
    assert [step.code for step in rules.ladder] == ["-7", "+5w"]
    assert "quarter" in report_rule(rules)


@pytest.mark.parametrize(
    "text",
    [
        "july_off = 1", 'report = "week"', "link_days = 0", 'send_from = "early"', "[lag]\nweek = 3", "lag = 3",
        "[lag]\nyear = -1", "something = 1", "july_off = ", 'ladder = [{days = 1, to = ["boss"]}]', "ladder = [1]",
        "ladder = [{days = 3}, {days = 3}]", "ladder = [{days = 999}]", 'ladder = [{days = 1, when = "x"}]',
        "ladder = [{days = true}]",
    ],
)  # fmt: skip
def test_a_wrong_file_is_named_with_the_way_out(text: str, tmp_path: Path) -> None:
    path = tmp_path / "follow-up.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError) as raised:
        read_rules(path)
    assert raised.value.code == "bad-follow-up-file"
    assert str(path) in raised.value.message


# ---------------------------------------------------------------- the mail server's address
@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "ssl"),
    [
        ("smtp://mail.example.org", "mail.example.org", 25, False, False),
        ("smtp://mail.example.org:587?tls=1", "mail.example.org", 587, True, False),
        ("smtps://mail.example.org", "mail.example.org", 465, False, True),
        ("smtp://[::1]:2525", "::1", 2525, False, False),
    ],
)
def test_an_address_of_a_mail_server(url: str, host: str, port: int, tls: bool, ssl: bool) -> None:
    found = read_email_url(url, "plan.example.org")
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == (host, port)
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (tls, ssl)
    assert found["EMAIL_SENDER"] == "framsyn@plan.example.org"


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example.org", "mail.example.org", "smtp://a:secret@mail.example.org:port", "smtp://mail/path",
        "smtp://mail?colour=red", "smtp://mail?from=nobody", "smtp://mail?timeout=soon", "smtp://mail?tls",
        "smtp://mail?from=a%40b%0d%0aBcc:x",
    ],
)  # fmt: skip
def test_a_wrong_address_is_told_without_its_password(url: str) -> None:
    with pytest.raises(PlanError) as raised:
        read_email_url(url)
    assert raised.value.code == "bad-email-url"
    assert "secret" not in raised.value.message
