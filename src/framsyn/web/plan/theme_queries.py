"""The thread of a theme: status note → future note → choices of path → decisions → goals and measures."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from framsyn.web.goals.models import Choice
from framsyn.web.plan.models import Element, Node, Plan, Version
from framsyn.web.plan.queries import Joined, in_force, joined_elements
from framsyn.web.plan.structure import SHOWN

if TYPE_CHECKING:
    from collections.abc import Collection

    from framsyn.web.languages import Text

__all__ = ["NOTES", "ThemePage", "ThemeRow", "theme_page", "themes"]

NOTES = (Plan.Kind.STATUS_NOTE, Plan.Kind.FUTURE_NOTE)


@dataclass
class ThemeRow:
    """A theme in the list."""

    theme: str
    note: Plan
    future: Plan | None
    challenges: int = 0
    priorities: int = 0
    choices: int = 0
    decided: int = 0


@dataclass
class Point:
    """A challenge, a priority or a paragraph of a note, with where it leads."""

    element_id: str
    kind: str
    number: str
    title: Text
    text: Text
    leads_to: list[Joined] = field(default_factory=list)
    answered_by: list[Joined] = field(default_factory=list)


@dataclass
class PathChoice:
    """A choice of path with its options, what it comes from and where it leads."""

    point: Point
    options: list[tuple[Text, bool]]
    reasons: Text
    decision: Any
    comes_from: list[Joined]
    measures: list[Any]

    @property
    def is_decided(self) -> bool:
        """Whether a path has been taken."""
        return any(taken for _option, taken in self.options)


@dataclass
class ThemePage:
    """A theme from what is known to what is decided."""

    theme: str
    note: Plan | None
    version: Version | None
    future: Plan | None
    future_version: Version | None
    status: list[Point]
    challenges: list[Point]
    priorities: list[Point]
    outlook: list[Point]
    choices: list[PathChoice]
    aims: list[Joined]
    measures: list[Any]


def _notes(theme: str | None = None) -> list[Plan]:
    plans = Plan.objects.filter(kind__in=NOTES).exclude(theme="").select_related("organisation")
    return list(plans.filter(theme=theme) if theme else plans)


def _versions(plans: list[Plan], *, drafts: Collection[str]) -> dict[str, Version]:
    found: defaultdict[str, list[Version]] = defaultdict(list)
    for version in Version.objects.filter(plan__in=plans).select_related("plan"):
        found[version.plan_id].append(version)
    shown = {plan: in_force(versions, drafts=plan in drafts) for plan, versions in found.items()}
    return {plan: version for plan, version in shown.items() if version is not None}


def themes(*, drafts: Collection[str] = ()) -> list[ThemeRow]:
    """Return every theme with how much its notes hold (4 queries)."""
    plans = _notes()
    versions = _versions(plans, drafts=drafts)
    rows: dict[str, ThemeRow] = {}
    for plan in sorted(plans, key=lambda plan: plan.kind != Plan.Kind.STATUS_NOTE):
        if plan.pk in versions:
            row = rows.setdefault(plan.theme, ThemeRow(plan.theme, plan, None))
            if row.note is not plan:
                row.future = plan
    decided = set(Choice.objects.exclude(chosen=None).values_list("element_id", flat=True))
    themes_by_plan = {plan.pk: plan.theme for plan in plans}
    nodes = Node.objects.filter(version__in=versions.values(), state=SHOWN).values_list(
        "version__plan_id", "element__kind", "element_id"
    )
    for plan_id, kind, element in nodes:
        row = rows[themes_by_plan[plan_id]]
        row.challenges += kind == Element.Kind.CHALLENGE
        row.priorities += kind == Element.Kind.PRIORITY
        row.choices += kind == Element.Kind.CHOICE
        row.decided += element in decided
    return sorted(rows.values(), key=lambda row: (row.note.position, row.theme))


def theme_page(theme: str, *, drafts: Collection[str] = ()) -> ThemePage | None:
    """Read the thread of a theme (8 queries)."""
    plans = _notes(theme)
    versions = _versions(plans, drafts=drafts)
    plans = [plan for plan in plans if plan.pk in versions]
    if not plans:
        return None
    note = next((plan for plan in plans if plan.kind == Plan.Kind.STATUS_NOTE), None)
    future = next((plan for plan in plans if plan.kind == Plan.Kind.FUTURE_NOTE), None)
    nodes = list(
        Node.objects.filter(version__in=versions.values(), state=SHOWN)
        .select_related("element", "wording", "version")
        .order_by("version__plan__position", "parent_id", "position")
    )
    joined = joined_elements([node.element_id for node in nodes], drafts=drafts)
    points: defaultdict[tuple[bool, str], list[Point]] = defaultdict(list)
    for node in nodes:
        points[future is not None and node.version.plan_id == future.pk, node.element.kind].append(
            _point(node, joined)
        )
    ids = [
        point.element_id
        for (_future, kind), found in points.items()
        if kind == Element.Kind.CHOICE
        for point in found
    ]
    stored = {
        choice.element_id: choice
        for choice in Choice.objects.filter(element__in=ids).select_related("decision")
    }
    measures: defaultdict[str, list[Any]] = defaultdict(list)
    for element in Element.objects.filter(pk__in=ids).prefetch_related("resulting_measures"):
        measures[element.pk] = list(element.resulting_measures.all())  # type: ignore[attr-defined]
    choices = [
        _choice(
            point, stored.get(point.element_id), joined.get(point.element_id, []), measures[point.element_id]
        )
        for key in ((False, Element.Kind.CHOICE), (True, Element.Kind.CHOICE))
        for point in points[key]
    ]
    aims = {end.element_id: end for found in points.values() for point in found for end in point.leads_to}
    return ThemePage(
        theme=theme,
        note=note,
        version=versions[note.pk] if note else None,
        future=future,
        future_version=versions[future.pk] if future else None,
        status=[
            point
            for kind in (Element.Kind.CHAPTER, Element.Kind.PARAGRAPH)
            for point in points[False, kind]
            if any(point.text.values())
        ],
        challenges=points[False, Element.Kind.CHALLENGE] + points[True, Element.Kind.CHALLENGE],
        priorities=points[False, Element.Kind.PRIORITY] + points[True, Element.Kind.PRIORITY],
        outlook=[
            point
            for kind in (Element.Kind.CHAPTER, Element.Kind.PARAGRAPH)
            for point in points[True, kind]
            if any(point.text.values())
        ],
        choices=choices,
        aims=[end for end in aims.values() if end.element_kind in (Element.Kind.GOAL, Element.Kind.AMBITION)],
        measures=list({one.pk: one for found in measures.values() for one in found}.values()),
    )


def _point(node: Node, joined: dict[str, list[Joined]]) -> Point:
    ends = joined.get(node.element_id, [])
    return Point(
        element_id=node.element_id,
        kind=node.element.kind,
        number=node.number,
        title=node.wording.title,
        text=node.wording.text,
        leads_to=[end for end in ends if end.kind == "leads_to" and end.outwards],
        answered_by=[end for end in ends if end.kind == "answers" and not end.outwards],
    )


def _choice(point: Point, stored: Choice | None, ends: list[Joined], measures: list[Any]) -> PathChoice:
    from framsyn.web.languages import Text

    options = (
        [(Text(option), stored.chosen == index) for index, option in enumerate(stored.options)]
        if stored
        else []
    )
    return PathChoice(
        point=point,
        options=options,
        reasons=stored.reasons if stored else Text(),
        decision=stored.decision if stored else None,
        comes_from=[end for end in ends if end.kind == "leads_to" and not end.outwards],
        measures=measures,
    )
