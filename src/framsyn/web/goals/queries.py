"""Reading goals: the list of a plan's goals, and all that the page of one goal shows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Q

from framsyn.web.goals.models import GoalDecision
from framsyn.web.goals.statuses import GoalStatus, count_statuses, goal_statuses
from framsyn.web.indicators.charts import sparkline
from framsyn.web.plan.models import Element, Node, Plan, Version, Wording

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from framsyn.web.accounts.models import Organisation
    from framsyn.web.languages import Text

__all__ = [
    "Filters",
    "GoalGroup",
    "GoalList",
    "GoalRow",
    "goal_list",
    "goal_statuses",
    "in_force",
    "status_counts",
    "versions_in_force",
]

_RANK = {Version.State.PUBLISHED: 2, Version.State.CONSULTATION: 1}
_HEADINGS = (Element.Kind.MAIN_GOAL, Element.Kind.SECTION)


@dataclass(frozen=True)
class Filters:
    """What a reader has chosen on the list of goals."""

    plan: str = ""
    status: str = ""
    section: str = ""
    place: str = ""
    standing: str = ""
    text: str = ""

    @property
    def any(self) -> bool:
        """Whether anything but the plan is chosen."""
        return any((self.status, self.section, self.place, self.standing, self.text))


@dataclass(frozen=True)
class GoalRow:
    """One goal as the list shows it."""

    element: str
    number: str
    wording: Text
    main_goal: str
    section: str
    status: GoalStatus
    draft: bool = False

    @property
    def spark(self) -> str:
        """The newest figures of the decision that is shown, with its target, as a small line."""
        part = self.status.shown
        return sparkline(part.readings, part.rule.target) if part is not None else ""

    def speaks_of(self, text: str) -> bool:
        """Tell whether a text stands in the wording, in any language, or in the id."""
        needle = text.casefold()
        return any(needle in words.casefold() for words in (*self.wording.values(), self.element))


@dataclass(frozen=True)
class GoalGroup:
    """The goals of one section, under its main goal."""

    element: str
    number: str
    title: Text
    above: Text | None
    goals: Sequence[GoalRow]


@dataclass(frozen=True)
class GoalList:
    """The goals of one plan, counted and grouped."""

    version: Version | None = None
    plans: Sequence[Plan] = ()
    groups: Sequence[GoalGroup] = ()
    counts: Sequence[tuple[str, int]] = ()
    wrong: int = 0
    total: int = 0
    found: int = 0
    sections: Sequence[tuple[str, Text]] = ()
    places: Sequence[Organisation] = ()

    @property
    def rows(self) -> list[GoalRow]:
        """Goals of all groups in reading order."""
        return [row for group in self.groups for row in group.goals]


def versions_in_force() -> list[Version]:
    """Return the version in force of every plan, in the order of the plans; one query.

    That is the newest published one, else the newest one out for consultation, else the draft of a plan that has none.
    """
    best: dict[str, Version] = {}
    rows = Version.objects.exclude(state=Version.State.WITHDRAWN).select_related("plan__organisation")
    for version in rows.order_by("plan__position", "plan_id", "number"):
        old = best.get(version.plan_id)
        if old is None or _RANK.get(version.state, 0) >= _RANK.get(old.state, 0):
            best[version.plan_id] = version
    return list(best.values())


def in_force(plan: str = "", versions: Iterable[Version] | None = None) -> Version | None:
    """Return the version in force of a plan; of the regional development plan without one."""
    known = list(versions_in_force() if versions is None else versions)
    if plan:
        return next((version for version in known if version.plan_id == plan), None)
    regional = (version for version in known if version.plan.kind == Plan.Kind.REGIONAL_PLAN)
    return next(regional, known[0] if known else None)


@dataclass(frozen=True)
class _Tree:
    """Shown nodes of a version: place of each element, and the reading order."""

    kinds: Mapping[str, str]
    parents: Mapping[str, str | None]
    numbers: Mapping[str, str]
    wordings: Mapping[str, int]
    order: Sequence[str] = field(default_factory=list)

    @classmethod
    def of(cls, version: Version) -> _Tree:
        rows = (
            Node.objects.filter(version=version, state=Node.State.SHOWN)
            .order_by("position")
            .values_list("element_id", "element__kind", "parent_id", "number", "wording_id")
        )
        kinds, parents, numbers, wordings = {}, {}, {}, {}
        children: defaultdict[str | None, list[str]] = defaultdict(list)
        for name, kind, parent, number, wording in rows:
            kinds[name], parents[name], numbers[name], wordings[name] = kind, parent, number, wording
            children[parent].append(name)
        order, stack = [], list(reversed(children[None]))
        while stack:
            name = stack.pop()
            order.append(name)
            stack.extend(reversed(children.get(name, ())))
        return cls(kinds, parents, numbers, wordings, order)

    def above(self, name: str, kind: str) -> str:
        """Return the nearest element of a kind above another; empty where there is none."""
        parent = self.parents.get(name)
        while parent is not None and self.kinds.get(parent) != kind:
            parent = self.parents.get(parent)
        return parent or ""

    def goals(self, decided: Iterable[str]) -> list[str]:
        """Return what is a goal here: four-year goals, and whatever else somebody has decided a goal for."""
        wanted = set(decided)
        return [name for name in self.order if self.kinds[name] == Element.Kind.GOAL or name in wanted]


def _goal_names(version: Version) -> tuple[_Tree, list[str]]:
    """Return the tree of a version and its goals in reading order; two queries."""
    decided = GoalDecision.objects.filter(goal__nodes__version=version).values_list("goal_id", flat=True)
    tree = _Tree.of(version)
    return tree, tree.goals(decided.exclude(goal__kind=Element.Kind.GOAL).distinct())


def status_counts(plan: str = "") -> list[tuple[str, int]]:
    """Count the goals of a plan in force by status, those that ask for most attention first; six queries."""
    version = in_force(plan)
    if version is None:
        return []
    return count_statuses(goal_statuses(_goal_names(version)[1]).values())


def goal_list(filters: Filters, *, drafts: Container[str] = ()) -> GoalList:
    """Return the goals of a plan in force as they are filtered; nine queries, twelve with drafts.

    Parameters
    ----------
    filters : Filters
    drafts : container of str
        Plans of which the goals that stand only in the draft are shown too, to those who may see it.
    """
    versions = versions_in_force()
    version = in_force(filters.plan, versions)
    if version is None or (version.state == Version.State.DRAFT and version.plan_id not in drafts):
        return GoalList()
    with_goals = set(
        Element.objects.filter(Q(kind=Element.Kind.GOAL) | Q(decisions__isnull=False))
        .values_list("origin_id", flat=True)
        .distinct()
    )
    plans = [one.plan for one in versions if one.plan_id in with_goals or one.pk == version.pk]
    tree, names = _goal_names(version)
    rows, titles = _rows(tree, names, filters.place)
    if version.plan_id in drafts:
        rows, titles = _with_draft(version, rows, titles, filters.place)
    kept = [row for row in rows if _keeps(filters, row)]
    sections = {row.section or row.main_goal: titles.get(row.section or row.main_goal) for row in rows}
    decided_at = {part.decision.place for row in rows for part in row.status.parts}
    return GoalList(
        version,
        plans,
        _grouped(kept, titles, tree.numbers),
        count_statuses(row.status for row in rows),
        sum(row.status.wrong_way and row.status.code != "wrong_way" for row in rows),
        len(rows),
        len(kept),
        [(name, title) for name, title in sections.items() if title is not None],
        sorted(decided_at, key=lambda place: place.position),
    )


def _rows(
    tree: _Tree, names: Sequence[str], place: str, *, draft: bool = False
) -> tuple[list[GoalRow], dict[str, Text]]:
    above = {name: tuple(tree.above(name, kind) for kind in _HEADINGS) for name in names}
    wanted = {*names, *(heading for pair in above.values() for heading in pair if heading)}
    found = Wording.objects.in_bulk([tree.wordings[name] for name in wanted])
    titles = {name: found[tree.wordings[name]].heading for name in wanted}
    statuses = goal_statuses(names, place or None)
    rows = [
        GoalRow(name, tree.numbers[name], titles[name], *above[name], statuses[name], draft) for name in names
    ]
    return rows, titles


def _with_draft(
    version: Version, rows: list[GoalRow], titles: dict[str, Text], place: str
) -> tuple[list[GoalRow], dict[str, Text]]:
    """Add the goals that only the draft of the plan has."""
    draft = (
        Version.objects.filter(plan=version.plan_id, state=Version.State.DRAFT).exclude(pk=version.pk).first()
    )
    if draft is None:
        return rows, titles
    tree, names = _goal_names(draft)
    known = {row.element for row in rows}
    new, more = _rows(tree, [name for name in names if name not in known], place, draft=True)
    return rows + new, {**more, **titles}


def _keeps(filters: Filters, row: GoalRow) -> bool:
    status = row.status
    if filters.status == "wrong_way" and not status.wrong_way:
        return False
    if filters.status not in ("", "wrong_way", status.code):
        return False
    if filters.section and filters.section not in (row.section, row.main_goal):
        return False
    if filters.place and all(part.decision.place_id != filters.place for part in status.parts):
        return False
    if filters.standing and all(part.decision.standing != filters.standing for part in status.parts):
        return False
    return not filters.text or row.speaks_of(filters.text)


def _grouped(
    rows: Sequence[GoalRow], titles: Mapping[str, Text], numbers: Mapping[str, str]
) -> list[GoalGroup]:
    grouped: dict[tuple[str, str], list[GoalRow]] = {}
    for row in rows:
        grouped.setdefault((row.main_goal, row.section), []).append(row)
    groups, last = [], None
    for (main_goal, section), goals in grouped.items():
        name = section or main_goal
        above = titles.get(main_goal) if section and main_goal and main_goal != last else None
        last = main_goal
        groups.append(
            GoalGroup(name, numbers.get(name, ""), titles.get(name, goals[0].wording), above, goals)
        )
    return groups
