"""Pages of the voice of the reader: report, see the answer, handle, and what was corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.web.access import actor_for, actor_somewhere
from framsyn.web.accounts.limits import limited
from framsyn.web.accounts.queries import reach_of
from framsyn.web.actions import Actor
from framsyn.web.languages import current_language
from framsyn.web.locking import last_change
from framsyn.web.saving import tried
from framsyn.web.templatetags.texts import date as in_words
from framsyn.web.voice import actions
from framsyn.web.voice.forms import AnswerForm, ReportForm, page_of
from framsyn.web.voice.letters import send_answer
from framsyn.web.voice.models import DAYS, Report
from framsyn.web.voice.queries import corrections, home_organisation, queue

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["answer_report", "corrected", "handle", "report_error", "reports", "take_report", "told"]


@limited("voice.report", "30/h")
def report_error(request: HttpRequest) -> HttpResponse:
    """Take a report in: of the figure ``?figure=`` on ``?page=``, or of anything else that is wrong."""
    figure = request.GET.get("figure", "").replace("\x00", "")[:120]
    subject = request.GET.get("subject", "")
    subject = subject if subject in DAYS else "figure" if figure else "other"
    page = page_of(request.GET.get("page", ""))
    form = ReportForm(request.POST or None, initial={"figure": figure, "page": page, "subject": subject})
    if request.method == "POST" and form.is_valid():
        if form.is_robot:
            return redirect("corrections")
        actor, home = Actor.of(request), home_organisation()
        language = current_language()
        made = tried(
            request, form, lambda: actions.report(actor, organisation=home, language=language, **form.given())
        )
        if made is not None:
            messages.success(request, _("Thank you. Keep the address of this page: the answer comes here."))
            return redirect("voice-told", made.code)
    context = {
        "crumbs": [(_("Report an error"), "")],
        "form": form,
        "figure": form["figure"].value() or "",
        "page": page_of(form["page"].value() or ""),
        "figure_days": DAYS["figure"],
        "accessibility_weeks": DAYS["accessibility"] // 7,
    }
    return render(request, "voice/report.html", context)


def told(request: HttpRequest, code: str) -> HttpResponse:
    """Show a report and its answer to whoever has the code."""
    found = get_object_or_404(Report, code=code)
    context = {
        "crumbs": [(_("Report an error"), reverse("report-error")), (_("Your report"), "")],
        "report": found,
        "is_late": found.is_late(timezone.localdate()),
    }
    response = render(request, "voice/told.html", context)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"  # the address is the key
    return response


def corrected(request: HttpRequest) -> HttpResponse:
    """List what was corrected because readers told of it."""
    context = {"crumbs": [(_("Corrected errors"), "")], "page": corrections(request.GET.get("page"))}
    return render(request, "voice/corrections.html", context)


# ---------------------------------------------------------------- those who handle reports
def reports(request: HttpRequest) -> HttpResponse:
    """Show the queue to those who handle reports."""
    actor = actor_somewhere(request, "voice.take")
    reach = reach_of(actor, "voice.take")
    status = request.GET.get("status", "")
    places = None if reach.everywhere else [one.pk for one in reach.organisations]
    found = queue(places, status, request.GET.get("page"))
    context = {
        "crumbs": [(_("What readers report"), "")],
        "queue": found,
        "status": status,
        "statuses": list(found.counts.items()),
    }
    return render(request, "voice/queue.html", context)


def one_report(request: HttpRequest, number: int, action: str) -> tuple[Report, Actor]:
    """Return a report and the one who handles it."""
    found = get_object_or_404(
        Report.objects.select_related("organisation__parent__parent", "handler"), pk=number
    )
    return found, actor_for(request, action, found.organisation)


def shown(request: HttpRequest, report: Report, form: AnswerForm) -> HttpResponse:
    """Show a report to the one who handles it."""
    context = {
        "crumbs": [
            (_("What readers report"), reverse("voice")),
            (_("Report of %(day)s") % {"day": in_words(report.received_at)}, ""),
        ],
        "report": report,
        "form": form,
        "is_late": report.is_late(timezone.localdate()),
        "is_page": bool(report.page and page_of(report.page)),
    }
    return render(request, "voice/handle.html", context)


def handle(request: HttpRequest, number: int) -> HttpResponse:
    """Show a report with the form of its answer."""
    report, _actor = one_report(request, number, "voice.take")
    return shown(request, report, AnswerForm(initial={**initial_of(report), "seen": last_change(report)}))


def initial_of(report: Report) -> dict[str, Any]:
    """Return what the form of the answer begins with."""
    return {
        "status": report.status if report.is_answered else None,
        "words": report.answer,
        "correction": report.correction,
    }


def take_report(request: HttpRequest, number: int) -> HttpResponse:
    """Take a report to work on it."""
    report, actor = one_report(request, number, "voice.take")
    if request.method == "POST":
        actions.take(actor, report)
        messages.success(request, _("The report is yours to answer."))
    return redirect("voice-handle", number)


def answer_report(request: HttpRequest, number: int) -> HttpResponse:
    """Answer a report, and send the answer where an address was left."""
    report, actor = one_report(request, number, "voice.answer")
    if request.method != "POST":
        return redirect("voice-handle", number)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return shown(request, report, form)
    given = form.cleaned_data
    done = tried(
        request,
        form,
        lambda: actions.answer(
            actor, report, given["status"], given["words"], correction=given["correction"], seen=given["seen"]
        ),
        lambda: initial_of(Report.objects.get(pk=number)),
    )
    if done is None:
        return shown(request, one_report(request, number, "voice.answer")[0], form)
    messages.success(request, _("The answer stands on the reader's page."))
    if report.email:
        address = request.build_absolute_uri(reverse("voice-told", args=[report.code]))
        if send_answer(report, address):
            messages.success(request, _("It was sent by e-mail too."))
        else:
            messages.warning(
                request, _("It could not be sent by e-mail; the reader finds it on the page of the report.")
            )
    return redirect("voice-handle", number)
