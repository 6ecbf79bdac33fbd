"""Whether a measure keeps its time, by a rule that can be said in one sentence; apart from phase and status.

The rule: a measure is late when the day of an open task or its own end has passed, soon due when one of them comes
within 30 days, and not updated when it is under way and nobody has reported for 120 days; else it is on time.
What has ended, and what has no dates, is not judged.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db.models import Case, CharField, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from framsyn.web.measures.models import Measure, StatusReport, Task
from framsyn.web.templatetags.texts import date as in_words

__all__ = ["CODES", "RULE", "SILENT", "SOON", "Timeliness", "judge", "sentence", "with_timeliness"]

SOON = 30  # days before a date from which it is soon due
SILENT = 120  # days without a report after which nobody knows: one tertial, the rhythm of follow-up
ENDED = ("completed", "stopped")

# Code → badge of the look, word.
CODES = {
    "late": ("late", gettext_lazy("Late")),
    "due_soon": ("signal", gettext_lazy("Due soon")),
    "not_updated": ("no_data", gettext_lazy("Not updated")),
    "on_time": ("on_time", gettext_lazy("On time")),
    "no_dates": ("not_measured", gettext_lazy("No dates yet")),
    "ended": ("not_measured", gettext_lazy("Not judged")),
}
RULE = gettext_lazy(
    "A measure is late when the day of an open task or its own end has passed, due soon when one of them comes within "
    "30 days, and not updated when it is under way and nobody has reported for 120 days; else it is on time."
)


@dataclass(frozen=True)
class Timeliness:
    """A judgement and the day that it rests on.

    Parameters
    ----------
    code : str
        One of :data:`CODES`.
    day : date or None
        The day passed or to come, or that of the last sign of life.
    days : int
        Days from that day to today, or from today to it.
    of_task : bool
        Whether the day is a task's, not the measure's own end.
    """

    code: str
    day: datetime.date | None = None
    days: int = 0
    of_task: bool = False

    @property
    def badge(self) -> str:
        """Code of the badge."""
        return CODES[self.code][0]

    @property
    def word(self) -> str:
        """The judgement in a word or two."""
        return str(CODES[self.code][1])


def judge(
    phase: str,
    start: datetime.date | None,
    end: datetime.date | None,
    first_due: datetime.date | None,
    reported_on: datetime.date | None,
    today: datetime.date,
) -> Timeliness:
    """Judge a measure.

    Parameters
    ----------
    phase : str
    start, end : date or None
        Of the measure.
    first_due : date or None
        Earliest day of a task that is not done.
    reported_on : date or None
        Day of the last report.
    today : date

    Examples
    --------
    >>> day = datetime.date
    >>> judge("under_way", day(2026, 1, 1), day(2028, 1, 1), day(2026, 6, 30), None, day(2026, 7, 2))
    Timeliness(code='late', day=datetime.date(2026, 6, 30), days=2, of_task=True)
    >>> judge("planned", None, day(2028, 1, 1), None, None, day(2026, 7, 2)).code
    'on_time'
    """
    if phase in ENDED:
        return Timeliness("ended")
    dates = [(day, of_task) for day, of_task in ((first_due, True), (end, False)) if day is not None]
    first, of_task = min(dates, default=(None, False), key=lambda pair: (pair[0], not pair[1]))
    if first is not None and first < today:
        return Timeliness("late", first, (today - first).days, of_task)
    if first is not None and first <= today + datetime.timedelta(days=SOON):
        return Timeliness("due_soon", first, (first - today).days, of_task)
    if phase == "under_way":
        sign = reported_on or start
        if sign is None or sign < today - datetime.timedelta(days=SILENT):
            return Timeliness("not_updated", reported_on, (today - sign).days if sign else 0)
    if first is None:
        return Timeliness("no_dates")
    return Timeliness("on_time", first, (first - today).days, of_task)


def sentence(found: Timeliness, task: str = "") -> str:
    """Say in one sentence why a measure is judged so.

    >>> from django.utils import translation
    >>> with translation.override("en"):
    ...     sentence(Timeliness("late", datetime.date(2026, 6, 30), 2, of_task=True), "Open 12 places")
    'Late by 2 days: the task “Open 12 places” was due on 30 June 2026.'
    """
    facts = {"days": found.days, "day": in_words(found.day), "task": task}
    if found.code == "late" and found.of_task:
        return (
            ngettext(
                "Late by %(days)s day: the task “%(task)s” was due on %(day)s.",
                "Late by %(days)s days: the task “%(task)s” was due on %(day)s.",
                found.days,
            )
            % facts
        )
    if found.code == "late":
        return (
            ngettext(
                "Late by %(days)s day: it was to be finished by %(day)s.",
                "Late by %(days)s days: it was to be finished by %(day)s.",
                found.days,
            )
            % facts
        )
    if found.code == "not_updated":
        if found.day is None:
            return _("Not updated: it is under way, and nobody has reported yet.")
        return _("Not updated: the last report is %(days)s days old, from %(day)s.") % facts
    if found.code == "ended":
        return _("It has ended, so its time is not judged.")
    if found.code == "no_dates":
        return _("Neither an open task nor the measure itself has a day yet.")
    if found.of_task:
        words = {
            "due_soon": _("Due soon: the task “%(task)s” is due on %(day)s."),
            "on_time": _("On time: next is the task “%(task)s”, due on %(day)s."),
        }
    else:
        words = {
            "due_soon": _("Due soon: it is to be finished by %(day)s."),
            "on_time": _("On time: it is to be finished by %(day)s."),
        }
    return words[found.code] % facts


def with_timeliness(measures: QuerySet[Measure], today: datetime.date) -> QuerySet[Measure]:
    """Add ``first_due``, ``reported_on`` and ``timeliness``, the same judgement made by the database.

    A list of thousands can so be narrowed and counted without being read.
    """
    due = Task.objects.filter(measure=OuterRef("pk"), done_on=None).order_by().values("measure")
    newest = StatusReport.objects.filter(measure=OuterRef("pk")).order_by("-date", "-id")
    soon, silent = today + datetime.timedelta(days=SOON), today - datetime.timedelta(days=SILENT)
    judged = measures.annotate(
        first_due=Subquery(due.annotate(first=Min("due")).values("first")),
        reported_on=Subquery(newest.values("date")[:1]),
    )
    return judged.annotate(
        sign=Coalesce("reported_on", "start"),
        timeliness=Case(
            When(phase__in=ENDED, then=Value("ended")),
            When(Q(first_due__lt=today) | Q(end__lt=today), then=Value("late")),
            When(Q(first_due__lte=soon) | Q(end__lte=soon), then=Value("due_soon")),
            When(
                Q(phase="under_way") & (Q(sign__lt=silent) | Q(sign=None)),
                then=Value("not_updated"),
            ),
            When(first_due=None, end=None, then=Value("no_dates")),
            default=Value("on_time"),
            output_field=CharField(),
        ),
    )
