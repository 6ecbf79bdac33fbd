"""The rule of timeliness: each case with its sentence, and the database's judgement is the same."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from framsyn.web.measures.models import Measure, StatusReport, Task
from framsyn.web.measures.timeliness import SILENT, SOON, judge, sentence, with_timeliness

TODAY = datetime.date(2027, 6, 15)


def days(number: int) -> datetime.date:
    return TODAY + datetime.timedelta(number)


@pytest.mark.parametrize(
    ("phase", "start", "end", "due", "reported", "code", "words"),
    [
        ("under_way", -300, 300, -1, -5, "late", "Late by 1 day: the task “T” was due on 14 June 2027."),
        ("planned", -300, -12, None, None, "late", "Late by 12 days: it was to be finished by 3 June 2027."),
        ("under_way", -300, 300, 0, -5, "due_soon", "Due soon: the task “T” is due on 15 June 2027."),
        ("planned", 0, SOON, None, None, "due_soon", "Due soon: it is to be finished by 15 July 2027."),
        ("under_way", -300, 300, None, -121, "not_updated",
         "Not updated: the last report is 121 days old, from 14 February 2027."),
        ("under_way", -300, 300, None, None, "not_updated", "Not updated: it is under way, and nobody has reported yet."),
        ("under_way", -SILENT, 300, 200, None, "on_time", "On time: next is the task “T”, due on 1 January 2028."),
        ("planned", None, SOON + 1, None, None, "on_time", "On time: it is to be finished by 16 July 2027."),
        ("idea", None, None, None, None, "no_dates", "Neither an open task nor the measure itself has a day yet."),
        ("completed", -300, -12, -1, None, "ended", "It has ended, so its time is not judged."),
        ("stopped", -300, -12, -1, None, "ended", "It has ended, so its time is not judged."),
    ],
)  # fmt: skip
def test_each_case_has_its_sentence(
    phase: str,
    start: int | None,
    end: int | None,
    due: int | None,
    reported: int | None,
    code: str,
    words: str,
) -> None:
    given_days = [None if number is None else days(number) for number in (start, end, due, reported)]
    found = judge(phase, *given_days, today=TODAY)
    assert found.code == code
    with translation.override("en"):
        assert sentence(found, "T") == words


def test_the_earliest_day_decides() -> None:
    assert judge("planned", None, days(-3), days(-9), None, TODAY).days == 9
    assert judge("planned", None, days(-9), days(-3), None, TODAY).of_task is False


_DAY = st.none() | st.integers(-200, 200)


class SameInTheDatabase(TestCase):
    """The list is judged by the database, one measure by Python: they agree on any measure."""

    @settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
    @given(
        phase=st.sampled_from(Measure.Phase.values),
        start=_DAY,
        end=_DAY,
        tasks=st.lists(st.tuples(_DAY, st.booleans()), max_size=3),
        reports=st.lists(st.integers(-400, 0), max_size=2),
    )
    def test_same(
        self, phase: str, start: int | None, end: int | None, tasks: list[Any], reports: list[int]
    ) -> None:
        def day(number: int | None) -> datetime.date | None:
            return None if number is None else days(number)

        now = timezone.now()
        measure = Measure.objects.create(
            pk="any", title={}, organisation_id="sto", phase=phase, start=day(start), end=day(end),
            created_at=now, updated_at=now,
        )  # fmt: skip
        for due, done in tasks:
            Task.objects.create(measure=measure, title={}, due=day(due), done_on=TODAY if done else None)
        for number in reports:
            StatusReport.objects.create(measure=measure, date=day(number), status="on_plan", created_at=now)
        undone = [day(due) for due, done in tasks if not done and due is not None]
        expected = judge(
            phase, day(start), day(end), min(undone, default=None), day(max(reports, default=None)), TODAY
        )
        found = with_timeliness(Measure.objects.filter(pk="any"), TODAY).get()
        assert found.timeliness == expected.code
