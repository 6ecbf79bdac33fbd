"""What is due, in words: for pages and letters alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from framsyn.web.templatetags.texts import date as in_words
from framsyn.web.templatetags.texts import month_name

if TYPE_CHECKING:
    import datetime

    from framsyn.web.followup.due import Due

__all__ = ["BADGES", "KIND_WORDS", "period_words", "sentence", "state_word", "task_words"]

KIND_WORDS = {
    "measure": gettext_lazy("Measure"),
    "indicator": gettext_lazy("Indicator"),
    "goal": gettext_lazy("Goal"),
}
# State → badge of the look, word.
BADGES = {
    "overdue": ("late", gettext_lazy("Overdue")),
    "now": ("signal", gettext_lazy("Due now")),
    "soon": ("on_time", gettext_lazy("Coming")),
    "later": ("not_measured", gettext_lazy("Later")),
}


def state_word(state: str) -> str:
    """Return how urgent it is, in a word or two."""
    return str(BADGES[state][1])


def period_words(period: str) -> str:
    """Return a period as people name it.

    >>> from django.utils import translation
    >>> with translation.override("en"):
    ...     [period_words(key) for key in ("2026-T3", "2026-M8", "2026-Q1", "2026")]
    ['tertial 3 of 2026', 'August 2026', 'quarter 1 of 2026', '2026']
    """
    year, _dash, part = period.partition("-")
    if not part:
        return year
    facts = {"number": part[1:], "year": year}
    if part.startswith("T"):
        return _("tertial %(number)s of %(year)s") % facts
    if part.startswith("Q"):
        return _("quarter %(number)s of %(year)s") % facts
    return f"{month_name(int(part[1:]))} {year}"


def sentence(due: Due, today: datetime.date, task: str = "") -> str:
    """Say in one sentence what is asked for, and since when.

    Parameters
    ----------
    due : Due
    today : date
    task : str
        Title of the task where it is one.
    """
    first = due.since if due.since < due.day else due.day
    facts = {
        "period": period_words(due.period) if due.what in ("report", "figure") else "",
        "day": in_words(due.day),
        "since": in_words(first),
        "task": task,
    }
    late = (today - due.since).days if due.since < today else 0
    if not late:
        words = {
            "report": _("A status report for %(period)s is due on %(day)s."),
            "figure": _("The figure for %(period)s is due on %(day)s."),
            "task": _("The task “%(task)s” is due on %(day)s."),
            "override": _("The status set by hand holds until %(day)s, then the rule decides again."),
            "deadline": _("The deadline of the goal is %(day)s."),
        }
        return words[due.what] % facts
    if due.what == "task":
        many = ngettext(
            "The task “%(task)s” was due on %(since)s, %(days)s day ago.",
            "The task “%(task)s” was due on %(since)s, %(days)s days ago.",
            late,
        )
    elif due.what == "figure":
        many = ngettext(
            "A figure has been missing since %(since)s, for %(days)s day.",
            "A figure has been missing since %(since)s, for %(days)s days.",
            late,
        )
    else:
        many = ngettext(
            "A status report has been missing since %(since)s, for %(days)s day.",
            "A status report has been missing since %(since)s, for %(days)s days.",
            late,
        )
    return many % {**facts, "days": late}


def task_words(due: Due, titles: dict[int, str]) -> str:
    """Return the title of the task that is due; empty where it is none."""
    return titles.get(int(due.period), "") if due.what == "task" else ""
