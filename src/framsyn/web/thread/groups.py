"""The goals of a plan by main goal and section, and their threads folded together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from framsyn.web.goals.models import GoalDecision
from framsyn.web.languages import Text
from framsyn.web.plan.models import Element, Node
from framsyn.web.thread.beads import Bead, Thread, marked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from framsyn.web.plan.models import Version

__all__ = ["Group", "Outline", "folded", "outline"]

GOAL, SECTION, MAIN_GOAL = "goal", "section", "main_goal"


@dataclass(frozen=True)
class Group:
    """A section, or a main goal with goals of its own, and the goals right below it."""

    element: str
    number: str
    title: Text
    main_goal: str
    goals: tuple[str, ...]


@dataclass(frozen=True)
class Outline:
    """The goals of a version in reading order, and the groups that they stand in."""

    goals: dict[str, tuple[str, Text]]
    groups: tuple[Group, ...]
    titles: dict[str, tuple[str, Text]]


def outline(version: Version) -> Outline:
    """Return the goals of a version by section; one query."""
    decided = GoalDecision.objects.filter(goal=OuterRef("element"))
    rows = (
        Node.objects.filter(version=version, state=Node.State.SHOWN)
        .annotate(decided=Exists(decided))
        .filter(
            Q(element__kind__in=(Element.Kind.MAIN_GOAL, Element.Kind.SECTION, Element.Kind.CHAPTER))
            | Q(element__kind=Element.Kind.GOAL)
            | Q(decided=True)
        )
        .order_by("position")
        .values_list(
            "element_id", "element__kind", "parent_id", "number", "wording__title", "wording__text", "decided"
        )
    )
    titles: dict[str, tuple[str, Text]] = {}
    kinds: dict[str, tuple[str, bool]] = {}
    parents: dict[str, str | None] = {}
    children: defaultdict[str | None, list[str]] = defaultdict(list)
    for name, kind, parent, number, title, text, is_decided in rows:
        titles[name] = (number, Text(title if any((title or {}).values()) else text or {}))
        kinds[name], parents[name] = (kind, is_decided), parent
    for name, parent in parents.items():
        children[parent if parent in parents else None].append(name)
    order: list[str] = []
    stack = list(reversed(children[None]))
    while stack:
        order.append(stack.pop())
        stack.extend(reversed(children.get(order[-1], ())))
    grouped: defaultdict[str, list[str]] = defaultdict(list)
    goals = [name for name in order if kinds[name][0] == GOAL or kinds[name][1]]
    for name in goals:
        grouped[_heading(name, parents, kinds)].append(name)
    groups = tuple(
        Group(
            element,
            *(titles.get(element) or ("", Text())),
            _above(element, parents, kinds),
            tuple(names),
        )
        for element, names in grouped.items()
    )
    return Outline({name: titles[name] for name in goals}, groups, titles)


def _heading(name: str, parents: dict[str, str | None], kinds: dict[str, tuple[str, bool]]) -> str:
    """Return the section or main goal that a goal stands in; the goal itself where it stands in none."""
    here = parents.get(name)
    while here is not None and kinds.get(here, ("", False))[0] not in (
        SECTION,
        MAIN_GOAL,
    ):
        here = parents.get(here)
    return here or name


def _above(name: str, parents: dict[str, str | None], kinds: dict[str, tuple[str, bool]]) -> str:
    here: str | None = name
    while here is not None and kinds.get(here, ("", False))[0] != MAIN_GOAL:
        here = parents.get(here)
    return here or name


def folded(group: Group, threads: Sequence[Thread], address: str) -> Thread:
    """Return the threads of a group as one chain of sums that leads to them.

    What is missing is counted in goals: "2 of 5 goals have none" says more than a mean.
    """
    goals = len(threads)
    words = ngettext("%(count)s goal", "%(count)s goals", goals) % {"count": goals}
    look = _worst(thread.goal for thread in threads)
    goal = Bead("goal", group.element, group.title, look.shape, look.tone, words, address=address)
    return Thread(
        goal,
        group.number,
        indicators=(_sum("indicator", threads, address),),
        measures=(_sum("measure", threads, address),),
        risks=(_sum("risk", threads, address),),
        decisions=(_sum("decision", threads, address),),
        is_sum=True,
        goals=group.goals,
    )


def _worst(beads: Iterable[Bead]) -> Bead:
    order = ("wrong", "look", "quiet", "well")
    return min(beads, key=lambda bead: order.index(bead.tone))


def _sum(stage: str, threads: Sequence[Thread], address: str) -> Bead:
    beads = {bead.id for thread in threads for bead in thread.stage(stage)}
    count = len(beads)
    without = sum(not thread.stage(stage) for thread in threads)
    facts = {"count": count}
    if stage == "indicator":
        title = ngettext("%(count)s indicator", "%(count)s indicators", count) % facts
    elif stage == "measure":
        title = ngettext("%(count)s measure", "%(count)s measures", count) % facts
    elif stage == "risk":
        title = ngettext("%(count)s open risk", "%(count)s open risks", count) % facts
        high = {bead.id for thread in threads for bead in thread.risks if bead.tone == "look"}
        note = _("%(count)s of them high") % {"count": len(high)} if high else ""
        shape, tone = ("triangle", "look") if high else ("ring", "quiet")
        return Bead(stage, stage, _same(title), shape, tone, note=note, address=address)
    else:
        done = [t for t in threads if any(bead.word == marked("decided")["word"] for bead in t.decisions)]
        title = _("%(count)s of %(all)s decided") % {"count": len(done), "all": len(threads)}
        examples = [
            t for t in threads if any(bead.word == marked("illustration")["word"] for bead in t.decisions)
        ]
        note = (
            ngettext("%(count)s has example numbers", "%(count)s have example numbers", len(examples))
            % {"count": len(examples)}
            if examples
            else ""
        )
        mark = marked("decided") if len(done) == len(threads) else marked("proposed")
        return Bead(stage, stage, _same(title), mark["shape"], mark["tone"], note=note, address=address)
    if without == 0:
        return Bead(
            stage, stage, _same(title), "check", "well", note=_("every goal has one"), address=address
        )
    note = ngettext("%(count)s goal has none", "%(count)s goals have none", without) % {"count": without}
    return Bead(
        stage, stage, _same(title), "triangle", "look", note=note, address=address, is_missing=count == 0
    )


def _same(words: str) -> Text:
    return Text(dict.fromkeys(("nb", "nn", "en"), words))
