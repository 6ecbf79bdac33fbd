"""Pages of the red thread and of its dead ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from framsyn.web.access import may_see
from framsyn.web.exchange.tables import answer
from framsyn.web.goals.queries import in_force, versions_in_force
from framsyn.web.goals.statuses import goal_statuses
from framsyn.web.goals.wordings import node_in_force
from framsyn.web.plan.models import Version
from framsyn.web.thread.beads import read_threads
from framsyn.web.thread.dead_ends import KINDS, counted, find
from framsyn.web.thread.files import dead_ends_table, thread_table
from framsyn.web.thread.groups import outline
from framsyn.web.thread.pages import Drawing, plan_thread
from framsyn.web.thread.rights import rights_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from framsyn.web.plan.models import Plan
    from framsyn.web.thread.beads import Thread
    from framsyn.web.thread.dead_ends import DeadEnd

__all__ = ["dead_ends_file", "dead_ends_page", "goal_file", "goal_thread", "thread", "thread_file"]


def chosen(request: HttpRequest) -> tuple[Version | None, Sequence[Plan]]:
    """Return the version in force of the plan that is asked for, and the plans that can be chosen."""
    versions = [
        one
        for one in versions_in_force()
        if one.state != Version.State.DRAFT or may_see(request, "see.draft", one.plan.organisation)
    ]
    wanted = request.GET.get("plan", "").replace("\x00", "")
    version = in_force(wanted, versions)
    if version is None and wanted:
        raise Http404
    return version, [
        one.plan for one in versions if one.plan.kind in ("regional_plan", "regional_strategy", "trust_plan")
    ]


def thread(request: HttpRequest) -> HttpResponse:
    """The thread of a plan, folded by section; ``?open=`` unfolds one."""
    version, plans = chosen(request)
    opened = request.GET.get("open", "").replace("\x00", "")
    page = plan_thread(version, opened) if version else None
    if page is not None and opened and page.unfolded is None:
        raise Http404
    context = {
        "crumbs": [(_("Follow-up"), reverse("follow-up")), (_("The red thread"), "")],
        "page": page,
        "plans": plans,
    }
    return render(request, "thread/plan.html", context)


def thread_file(request: HttpRequest, form: str) -> Any:
    """The thread of a plan as a file."""
    version, _plans = chosen(request)
    page = plan_thread(version) if version else None
    return answer(request, thread_table(page.threads.values() if page else ()), form)


def of_goal(request: HttpRequest, element_id: str) -> tuple[Version, Thread]:
    """Return the thread of a goal in force, and the version that it stands in."""
    node = node_in_force(element_id)
    if node is None:
        raise Http404
    version = node.version
    if version.state == Version.State.DRAFT and not may_see(request, "see.draft", version.plan.organisation):
        raise Http404
    goals = outline(version).goals
    if element_id not in goals:
        raise Http404
    return version, read_threads(goals, element_id)[0]


def goal_thread(request: HttpRequest, element_id: str) -> HttpResponse:
    """The thread of one goal."""
    version, found = of_goal(request, element_id)
    title = _("The red thread of this goal")
    context = {
        "crumbs": [
            (_("Follow-up"), reverse("follow-up")),
            (_("The red thread"), f"{reverse('thread')}?plan={version.plan_id}"),
            (_("Goal %(number)s") % {"number": found.number} if found.number else element_id, ""),
        ],
        "in_force": version,
        "thread": found,
        "drawing": Drawing.of([found], "goal-thread", title),
    }
    return render(request, "thread/goal.html", context)


def goal_file(request: HttpRequest, element_id: str, form: str) -> Any:
    """The thread of one goal as a file."""
    _version, found = of_goal(request, element_id)
    return answer(request, thread_table([found]), form)


def found_in(version: Version | None) -> list[DeadEnd]:
    """Return the dead ends of a version; ten queries."""
    if version is None:
        return []
    goals = outline(version)
    return find(version, goals, goal_statuses(goals.goals))


def dead_ends_page(request: HttpRequest) -> HttpResponse:
    """Every dead end of a plan, by kind, with the form that mends it for those who may."""
    version, plans = chosen(request)
    found = found_in(version)
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    allowed = rights_of(request, version.plan_id if version else "")
    groups = [
        {
            "kind": code,
            "name": name,
            "count": count,
            "rows": [(one, allowed(one.action, one.organisation)) for one in found if one.kind == code],
        }
        for code, name, count in counted(found)
        if kind in ("", code)
    ]
    context = {
        "crumbs": [(_("Follow-up"), reverse("follow-up")), (_("Dead ends"), "")],
        "in_force": version,
        "plans": plans,
        "kind": kind,
        "counts": counted(found),
        "groups": groups,
        "total": len(found),
        "files_query": f"plan={version.plan_id}" if version else "",
    }
    return render(request, "thread/dead_ends.html", context)


def dead_ends_file(request: HttpRequest, form: str) -> Any:
    """The dead ends of a plan as a file."""
    return answer(request, dead_ends_table(found_in(chosen(request)[0])), form)
