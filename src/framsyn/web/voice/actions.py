"""What readers and handlers may do with a report.

What people write of themselves stays out of the log, which nobody can edit: the report keeps it, and can let go of it.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.accounts.models import Organisation
from framsyn.web.actions import Act, action
from framsyn.web.languages import LANGUAGES, Text
from framsyn.web.locking import take as take_lock
from framsyn.web.voice.models import DAYS, KEEP_ADDRESS_DAYS, Report

if TYPE_CHECKING:
    from framsyn.web.actions import Actor

__all__ = ["addresses_to_forget", "answer", "forget", "report", "take"]

CORRECTED = "corrected"


def told(report: Report) -> dict[str, Any]:
    """Return a report as the log keeps it: without the words and the address of the one who wrote it."""
    return {
        "subject": report.subject,
        "figure": report.figure,
        "page": report.page,
        "status": report.status,
        "due": report.due,
        "handler": report.handler_id,
        "answer": report.answer,
        "correction": dict(report.correction),
    }


def now(report: Report, seen: int | None) -> dict[str, Any] | None:
    """Return what stands there now, for somebody who saw something else perhaps."""
    return None if seen is None else told(Report.objects.get(pk=report.pk))


def label(report: Report) -> str:
    """Return what the log calls a report."""
    return f"{report.figure or report.page or report.subject} ({report.received_at:%Y-%m-%d})"


@action("voice.report")
def report(
    act: Act,
    subject: str,
    wrong: str,
    *,
    organisation: Organisation | None = None,
    figure: str = "",
    page: str = "",
    better: str = "",
    source: str = "",
    email: str = "",
    language: str = "nb",
) -> Report:
    """Take a reader's report in, with the day by which it is answered.

    Raises
    ------
    PlanError
        ``text-missing``, ``unknown-subject``.
    """
    act.require(organisation)
    if not wrong.strip():
        message = _("The report says nothing yet. Write what is wrong.")
        raise PlanError("text-missing", message, field="wrong")
    if subject not in DAYS:
        message = _("Nobody can report on “%(got)s”. Choose one of the list.")
        raise PlanError("unknown-subject", message % {"got": subject}, field="subject", got=subject)
    made = Report.objects.create(
        subject=subject,
        figure=figure[:120],
        page=page[:300],
        wrong=wrong.strip(),
        better=better.strip(),
        source=source.strip(),
        email=email,
        language=language if language in LANGUAGES else "nb",
        organisation=organisation,
        received_at=act.at,
        due=timezone.localtime(act.at).date() + datetime.timedelta(days=DAYS[subject]),
    )
    act.record(made, after=told(made), label=label(made))
    return made


@action("voice.take")
def take(act: Act, report: Report, *, seen: int | None = None) -> Report:
    """Take a report to work on it; one that was answered is opened again."""
    act.require(report.organisation)
    take_lock(act, report, seen, now(report, seen))
    before = told(report)
    report.status = Report.Status.IN_WORK
    report.handler = act.actor.user
    report.answered_at = None
    report.save()
    act.record(report, before=before, after=told(report), label=label(report))
    return report


@action("voice.answer")
def answer(
    act: Act,
    report: Report,
    status: str,
    words: str,
    *,
    correction: Text | None = None,
    seen: int | None = None,
) -> Report:
    """Answer a report. What was corrected is told to everybody in its own words.

    Raises
    ------
    PlanError
        ``no-answer`` (a status that answers nothing), ``text-missing``, ``stale``.
    """
    act.require(report.organisation)
    take_lock(act, report, seen, now(report, seen))
    if status not in Report.ANSWERED:
        message = _("“%(got)s” is no answer. Say that it was corrected, or that there was no fault.")
        raise PlanError("no-answer", message % {"got": status}, field="status", got=status)
    if not words.strip():
        raise PlanError("text-missing", _("The answer has no words yet. Write it."), field="words")
    correction = correction or Text()
    if status == CORRECTED and not any(correction.values()):
        message = _("Say in one sentence what was corrected; everybody may read it.")
        raise PlanError("text-missing", message, field="correction")
    before = told(report)
    report.status, report.answer = status, words.strip()
    report.correction = correction if status == CORRECTED else Text()  # type: ignore[assignment]
    report.handler = act.actor.user or report.handler
    report.answered_at = act.at
    report.save()
    act.record(report, before=before, after=told(report), label=label(report))
    return report


def addresses_to_forget(today: datetime.date) -> list[Report]:
    """Return the reports whose sender's address is to be deleted now."""
    day = today - datetime.timedelta(days=KEEP_ADDRESS_DAYS)
    return list(Report.objects.exclude(email="").filter(answered_at__date__lte=day))


@action("voice.forget")
def _forget(act: Act, reports: list[Report]) -> int:
    act.require()
    for one in reports:
        one.email = ""
        one.address_deleted_at = act.at
        one.save(update_fields=["email", "address_deleted_at"])
        act.record(one, after={"address": "deleted"}, label=label(one))
    return len(reports)


def forget(actor: Actor, today: datetime.date | None = None) -> int:
    """Delete the e-mail addresses of reports that were answered six months ago; return how many there were."""
    due = addresses_to_forget(today or timezone.localdate())
    return _forget(actor, due) if due else 0
