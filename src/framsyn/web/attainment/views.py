"""Can we reach it: all goals by answer, and one goal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from framsyn.analyses.attainment import LEVELS
from framsyn.report.numbers import percent
from framsyn.web.access import may_see, plans_with
from framsyn.web.attainment.page import block_of, goal_reach, level_of
from framsyn.web.attainment.queries import DEFAULT, reach_list
from framsyn.web.attainment.tables import reach_table
from framsyn.web.attainment.wording import ANSWERS
from framsyn.web.exchange.tables import answer
from framsyn.web.goals.wordings import node_in_force
from framsyn.web.languages import current_language
from framsyn.web.plan.models import Version

if TYPE_CHECKING:
    from django.http import HttpRequest

    from framsyn.web.attainment.queries import ReachList
    from framsyn.web.plan.models import Node

__all__ = ["reach", "reach_file", "reach_goal"]

LONGEST = 80


def scenario_asked(request: HttpRequest) -> str:
    """Return the scenario that is asked for; one that nobody has asked about yet has no answers."""
    return request.GET.get("scenario", DEFAULT).replace("\x00", "")[:LONGEST] or DEFAULT


def listed(request: HttpRequest) -> ReachList:
    """Return the goals of the plan that is asked for."""
    mine = plans_with(request, "see.draft")
    plan = request.GET.get("plan", "").replace("\x00", "").strip()[:LONGEST]
    return reach_list(scenario_asked(request), plan, mine["see.draft"])


def reach(request: HttpRequest) -> HttpResponse:
    """Show all goals by answer."""
    found = listed(request)
    groups = [
        {
            "code": code,
            "shape": ANSWERS[code][0],
            "word": ANSWERS[code][1],
            "meaning": ANSWERS[code][2],
            "goals": [
                (goal, block_of(goal.shown, {}, 0.8, {}, drawn=False) if goal.shown else None)
                for goal in goals
            ],
        }
        for code, goals in found.groups
    ]
    counts = [
        (code, *ANSWERS[code], count) for code, count in found.counts.items() if count or code != "not_asked"
    ]
    context = {
        "crumbs": [(_("Goals"), reverse("goals")), (_("Can we reach it?"), "")],
        "list": found,
        "groups": groups,
        "counts": counts,
        "unknown": found.scenario not in {name for name, _label in found.scenarios},
    }
    return render(request, "attainment/reach.html", context)


def reach_file(request: HttpRequest, form: str) -> Any:
    """Give the list as a file."""
    return answer(request, reach_table(listed(request)), form)


def reach_goal(request: HttpRequest, element_id: str) -> HttpResponse:
    """Show one goal."""
    node = goal_node(request, element_id)
    over, understood = level_of(request.GET.get("over"))
    page = goal_reach(element_id, scenario_asked(request), over)
    lang = current_language()
    number = _("Goal %(number)s") % {"number": node.number} if node.number else element_id
    context = {
        "crumbs": [
            (_("Goals"), reverse("goals")),
            (_("Can we reach it?"), reverse("reach")),
            (number, ""),
        ],
        "node": node,
        "page": page,
        "levels": [(f"{level:g}", percent(level, lang), level == over) for level in LEVELS],
        "over": percent(over, lang),
        "understood": understood,
        "answers": ANSWERS,
        "unknown": page.scenario not in {name for name, _label in page.scenarios},
    }
    return render(request, "attainment/goal.html", context)


def goal_node(request: HttpRequest, element_id: str) -> Node:
    """Return the place of a goal in force; one that stands in a draft alone is for those who work on it."""
    node = node_in_force(element_id)
    if node is None or node.element.kind not in ("goal", "main_goal", "ambition", "statement"):
        raise Http404
    plan = node.version.plan
    if node.version.state == Version.State.DRAFT and not may_see(
        request, "see.draft", plan.organisation, plans=(plan.pk,)
    ):
        raise Http404
    return node
