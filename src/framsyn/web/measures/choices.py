"""What measures can be narrowed to, and the goals that they can serve, in reading order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from framsyn.web.accounts.models import Organisation
from framsyn.web.measures.models import Measure
from framsyn.web.plan.models import Element, Node, Version, Wording
from framsyn.web.plan.queries import HEADINGS, readable

if TYPE_CHECKING:
    from framsyn.web.plan.queries import Drafts

__all__ = ["Choices", "GoalChoice", "choices", "goal_groups"]


@dataclass(frozen=True)
class GoalChoice:
    """A section and its goals, to choose from."""

    section: str
    title: str
    goals: list[tuple[str, str]]


@dataclass(frozen=True)
class Choices:
    """What the list can be narrowed to."""

    organisations: list[Organisation]
    sections: list[GoalChoice]


def choices() -> Choices:
    """Return the organisations and the goals that have measures; four queries."""
    organisations = list(Organisation.objects.filter(measures__isnull=False).distinct())
    through: Any = Measure.goals.through
    served = set(through.objects.values_list("element", flat=True).distinct())
    return Choices(organisations, goal_groups(served) if served else [])


class _Place(NamedTuple):
    """Where an element stands in one version, without its words."""

    element: str
    kind: str
    parent: str | None
    position: int
    number: str
    wording: int
    version: int
    rank: tuple[bool, bool, bool, bool, int]


def places(drafts: Drafts = ()) -> dict[str, _Place]:
    """Return where every heading and goal stands, as :func:`~framsyn.web.plan.queries.newest_nodes` chooses; one query.

    Thousands of pages are made with this list beside them: it reads no words and makes no models.
    """
    rows = Node.objects.filter(
        readable(drafts), element__kind__in=(Element.Kind.GOAL, *HEADINGS)
    ).values_list(
        "element_id",
        "element__kind",
        "parent_id",
        "position",
        "number",
        "wording_id",
        "version_id",
        "state",
        "version__plan_id",
        "element__origin_id",
        "version__state",
        "version__number",
    )
    found: dict[str, _Place] = {}
    for element, kind, parent, position, number, wording, version, *chosen_by in rows:
        state, plan, origin, standing, newest = chosen_by
        rank = (
            state == Node.State.SHOWN,
            plan == origin,
            standing == Version.State.PUBLISHED,
            standing != Version.State.DRAFT,
            newest,
        )
        one = _Place(element, kind, parent, position, number, wording, version, rank)
        if one.element not in found or rank > found[one.element].rank:
            found[one.element] = one
    return found


def goal_groups(only: set[str] | None = None, drafts: Drafts = ()) -> list[GoalChoice]:
    """Return goals by their section, in reading order; two queries.

    Parameters
    ----------
    only : set of str, optional
        Leave out all other goals, and shorten the words of these.
    drafts : ids of plans, or a query that gives them
        Plans of which the goals that stand in the draft alone are told too.
    """
    known = places(drafts)

    def way(name: str | None) -> tuple[tuple[int, int], ...]:
        """Return version and position of all that an element stands under, and its own."""
        steps: list[tuple[int, int]] = []
        while name in known and len(steps) <= len(HEADINGS):
            steps.insert(0, (known[name].version, known[name].position))
            name = known[name].parent
        return tuple(steps)

    goals = [one for one in known.values() if one.kind == "goal" and (only is None or one.element in only)]
    groups: dict[str, list[_Place]] = {}
    for goal in sorted(goals, key=lambda one: (way(one.element), one.element)):
        groups.setdefault(goal.parent if goal.parent in known else "", []).append(goal)
    wanted = [one.wording for one in goals] + [known[section].wording for section in groups if section]
    words = {one.pk: str(one.heading) for one in Wording.objects.filter(pk__in=wanted)}
    return [
        GoalChoice(
            section,
            f"{known[section].number} {words[known[section].wording]}".strip() if section else "",
            [
                (one.element, words[one.wording] if only is None else short(words[one.wording]))
                for one in inside
            ],
        )
        for section, inside in groups.items()
    ]


def short(words: str, most: int = 80) -> str:
    """Return the beginning of a long text, cut between words.

    >>> short("one two three", 9)
    'one two …'
    """
    return words if len(words) <= most else f"{words[:most].rsplit(' ', 1)[0]} …"
