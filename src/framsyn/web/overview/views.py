"""The overview of the follow-up, and its file."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _

from framsyn.web.accounts.queries import may_somewhere
from framsyn.web.actions import Actor
from framsyn.web.exchange.tables import Column, Table, answer
from framsyn.web.overview.queries import kept_overview

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse

    from framsyn.web.overview.queries import Overview

__all__ = ["follow_up", "follow_up_file"]


def asked(request: HttpRequest) -> Overview:
    """Return the overview as ``?plan=`` and ``?since=`` ask for it."""
    plan = request.GET.get("plan", "").replace("\x00", "")
    given = request.GET.get("since", "")
    try:
        since = datetime.date.fromisoformat(given) if given else None
    except ValueError as error:
        raise Http404 from error
    found = kept_overview(plan, since)
    if plan and found.version is None:
        raise Http404
    return found


def follow_up(request: HttpRequest) -> HttpResponse:
    """Where the goals stand, in one sentence and one picture; what lies behind it below."""
    context = {
        "crumbs": [(_("Follow-up"), "")],
        "page": asked(request),
        "may_answer": may_somewhere(Actor.of(request), "voice.answer"),
    }
    return render(request, "overview/follow_up.html", context)


def follow_up_file(request: HttpRequest, form: str) -> Any:
    """The numbers of the overview as a file."""
    found = asked(request)
    columns = (
        Column("what", _("What is counted"), meaning="goals, measures, dead_ends"),
        Column("by", _("By what"), meaning="status, phase, timeliness, kind"),
        Column("code", _("Code")),
        Column("number", _("Number"), "whole"),
    )

    def rows() -> Iterator[tuple[object, ...]]:
        for one in found.goals:
            yield "goals", "status", one.code, one.number
        for name, _title, counts in found.measures:
            for one in counts:
                yield "measures", name, one.code, one.number
        for kind, _name, number in found.dead_ends:
            yield "dead_ends", "kind", kind, number

    return answer(request, Table("follow-up", _("Follow-up"), columns, rows), form)
