"""Reading what is to be followed up, and who answers for it: eight queries for all, one to count a person's."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import F, Max, Min, OuterRef, Q, Subquery
from django.utils import timezone

from framsyn.web.followup.due import Due, Facts, dues
from framsyn.web.goals.models import GoalDecision, Override
from framsyn.web.goals.queries import versions_in_force
from framsyn.web.indicators.models import Indicator, Observation
from framsyn.web.languages import Text
from framsyn.web.measures.models import Assignment, Measure, StatusReport, Task
from framsyn.web.plan.models import Element, Node, Version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.contrib.auth.models import AbstractUser
    from django.db.models import QuerySet

    from framsyn.web.followup.rules import Rules

__all__ = ["KINDS", "Answerer", "Thing", "answering", "attention_count", "facts_of", "things"]

KINDS = ("measure", "indicator", "goal")
OWNER, DEPUTY = Assignment.Role.OWNER, Assignment.Role.DEPUTY


@dataclass(frozen=True)
class Answerer:
    """Who answers for a thing on a day, as owner or as deputy.

    Parameters
    ----------
    person : User or None
        Nobody where only a unit is named, or where the person has left.
    unit : Text
    organisation : str
    left : bool
        Whether a person is named who no longer has a login.
    """

    person: AbstractUser | None
    unit: Text
    organisation: str
    left: bool = False


@dataclass(frozen=True)
class Thing:
    """A measure, an indicator or a goal, with its facts and its people on a day."""

    facts: Facts
    title: Text
    organisation: str
    owners: Sequence[Answerer] = ()
    deputies: Sequence[Answerer] = ()
    last_owner_left: bool = False  # the last owner left, or the days ended and nobody came after
    example: bool = False

    @property
    def kind(self) -> str:
        """Which of :data:`KINDS`."""
        return self.facts.kind

    @property
    def id(self) -> str:
        """Id of the thing."""
        return self.facts.id

    @property
    def route(self) -> str:
        """Name of its page's route."""
        return self.kind

    def dues(self, today: datetime.date, rules: Rules) -> list[Due]:
        """Return what it asks for."""
        return dues(self.facts, today, rules)

    def people(self) -> dict[str, list[int]]:
        """Return the numbers of those who answer, by part."""
        return {
            "owner": [one.person.pk for one in self.owners if one.person is not None],
            "deputy": [one.person.pk for one in self.deputies if one.person is not None],
        }


@dataclass
class _Assigned:
    """What the assignments of one thing say about a day."""

    owners: list[Answerer] = field(default_factory=list)
    deputies: list[Answerer] = field(default_factory=list)
    ended: bool = False
    first: datetime.date | None = None

    @property
    def last_owner_left(self) -> bool:
        if self.owners:
            return any(one.left for one in self.owners) and not any(one.person for one in self.owners)
        return self.ended


def _assigned(today: datetime.date) -> dict[tuple[str, str], _Assigned]:
    found: dict[tuple[str, str], _Assigned] = defaultdict(_Assigned)
    for one in Assignment.objects.select_related("person").order_by("valid_from", "id"):
        key = next((kind, getattr(one, f"{kind}_id")) for kind in KINDS if getattr(one, f"{kind}_id"))
        listed = found[key]
        listed.first = min(filter(None, (listed.first, one.valid_from)))
        if one.valid_from > today:
            continue
        if one.valid_to is not None and one.valid_to < today:
            listed.ended = listed.ended or one.role == OWNER
            continue
        person = one.person
        left = person is not None and not person.is_active
        who = Answerer(None if left else person, one.unit, one.organisation_id, left)
        (listed.owners if one.role == OWNER else listed.deputies).append(who)
    return dict(found)


def _newest_report(outer: str) -> Subquery:
    rows = StatusReport.objects.filter(measure=OuterRef(outer)).order_by().values("measure")
    return Subquery(rows.annotate(last=Max("date")).values("last"))


def _newest_figure(outer: str, responsible: str) -> Subquery:
    """Return the end of the newest period that has a figure, of the place that answers for the indicator."""
    rows = Observation.objects.filter(indicator=OuterRef(outer), place=OuterRef(responsible), current=True)
    return Subquery(rows.order_by().values("indicator").annotate(last=Max("period_end")).values("last"))


def _day(at: datetime.datetime) -> datetime.date:
    return timezone.localtime(at).date()


def _measures(people: Mapping[tuple[str, str], _Assigned]) -> list[Thing]:
    tasks: dict[str, list[tuple[int, datetime.date]]] = defaultdict(list)
    for pk, measure, due in Task.objects.filter(done_on=None, due__isnull=False).values_list(
        "pk", "measure_id", "due"
    ):
        tasks[measure].append((pk, due))
    rows = Measure.objects.annotate(reported_on=_newest_report("pk"))
    found = []
    for one in rows:
        row: Any = one
        who = people.get(("measure", one.pk), _Assigned())
        facts = Facts(
            "measure",
            one.pk,
            known_since=_day(one.created_at),
            phase=one.phase,
            start=one.start,
            answered=row.reported_on,
            tasks=tuple(tasks[one.pk]),
        )
        found.append(
            _thing(facts, one.title, one.organisation_id, who, example=one.standing == "illustration")
        )
    return found


def _thing(facts: Facts, title: Text, organisation: str, who: _Assigned, *, example: bool = False) -> Thing:
    return Thing(facts, title, organisation, who.owners, who.deputies, who.last_owner_left, example)


def _indicators(people: Mapping[tuple[str, str], _Assigned]) -> list[Thing]:
    rows = Indicator.objects.annotate(measured_to=_newest_figure("pk", "responsible"))
    found = []
    for one in rows:
        row: Any = one
        who = people.get(("indicator", one.pk), _Assigned())
        facts = Facts(
            "indicator", one.pk, known_since=who.first, frequency=one.frequency, answered=row.measured_to
        )
        found.append(_thing(facts, one.name, one.responsible_id, who))
    return found


def _in_force() -> QuerySet[GoalDecision]:
    return GoalDecision.objects.filter(superseded_by=None)


def _goals(people: Mapping[tuple[str, str], _Assigned]) -> list[Thing]:
    versions = [one.pk for one in versions_in_force() if one.state != Version.State.DRAFT]
    nodes = Node.objects.filter(
        version__in=versions, element__kind=Element.Kind.GOAL, state=Node.State.SHOWN
    ).select_related("wording", "element__origin")
    deadlines: dict[str, list[tuple[int, datetime.date]]] = defaultdict(list)
    for pk, goal, day in _in_force().exclude(deadline=None).values_list("pk", "goal_id", "deadline"):
        deadlines[goal].append((pk, day))
    overrides: dict[str, list[tuple[int, datetime.date]]] = defaultdict(list)
    for pk, goal, day in Override.objects.filter(ended_at=None, decision__superseded_by=None).values_list(
        "pk", "decision__goal_id", "expires"
    ):
        overrides[goal].append((pk, day))
    found: dict[str, Thing] = {}
    for node in nodes:
        element = node.element
        who = people.get(("goal", element.pk), _Assigned())
        facts = Facts(
            "goal",
            element.pk,
            known_since=who.first,
            overrides=tuple(overrides[element.pk]),
            deadlines=tuple(deadlines[element.pk]),
        )
        found[element.pk] = _thing(facts, node.wording.heading, element.origin.organisation_id, who)
    return list(found.values())


def things(today: datetime.date, *, organisations: set[str] | None = None) -> list[Thing]:
    """Return all measures, indicators and goals in force, with their people; eight queries.

    Parameters
    ----------
    today : date
    organisations : set of str, optional
        Only things of these.
    """
    people = _assigned(today)
    found = [*_measures(people), *_indicators(people), *_goals(people)]
    return [one for one in found if organisations is None or one.organisation in organisations]


def facts_of(kind: str, pk: str) -> Facts | None:
    """Return what decides when a report on a measure, or a figure of an indicator, is due; one or two queries."""
    if kind == "measure":
        row: Any = Measure.objects.filter(pk=pk).annotate(reported_on=_newest_report("pk")).first()
        if row is None:
            return None
        return Facts("measure", pk, _day(row.created_at), row.phase, row.start, row.reported_on)
    row = Indicator.objects.filter(pk=pk).annotate(measured_to=_newest_figure("pk", "responsible")).first()
    if row is None:
        return None
    first = Assignment.objects.filter(indicator=pk).aggregate(first=Min("valid_from"))["first"]
    return Facts("indicator", pk, first, frequency=row.frequency, answered=row.measured_to)


def answering(today: datetime.date) -> Q:
    """Return the condition under which an assignment holds on a day."""
    return Q(valid_from__lte=today) & (Q(valid_to=None) | Q(valid_to__gte=today))


def attention_count(person: AbstractUser, today: datetime.date, rules: Rules) -> int:
    """Return how many of the things that a person owns need something done now; one query."""
    tasks = Task.objects.filter(measure=OuterRef("measure"), done_on=None).order_by().values("measure")
    expiring = Override.objects.filter(
        decision__goal=OuterRef("goal"), decision__superseded_by=None, ended_at=None, expires__gte=today
    )
    ahead = _in_force().filter(goal=OuterRef("goal"), deadline__gte=today).order_by().values("goal")
    rows = Assignment.objects.filter(answering(today), person=person, role=OWNER).values_list(
        "measure_id",
        "indicator_id",
        "goal_id",
        "valid_from",
        "measure__phase",
        "measure__start",
        "measure__created_at",
        "indicator__frequency",
        _newest_report("measure"),
        _newest_figure("indicator", "indicator__responsible"),
        Subquery(tasks.annotate(first=Min("due")).values("first")),
        Subquery(
            expiring.order_by().values(to=F("decision__goal")).annotate(first=Min("expires")).values("first")
        ),
        Subquery(ahead.annotate(first=Min("deadline")).values("first")),
    )
    needing = set()
    for measure, indicator, goal, begun, phase, start, made, frequency, reported, measured, *days in rows:
        task, override, deadline = ([(0, day)] if day else [] for day in days)
        kind = "measure" if measure else "indicator" if indicator else "goal"
        facts = Facts(
            kind,
            measure or indicator or goal,
            known_since=_day(made) if made else begun,
            phase=phase or "",
            start=start,
            answered=reported or measured,
            frequency=frequency or "",
            tasks=tuple(task),
            overrides=tuple(override),
            deadlines=tuple(deadline),
        )
        if any(one.needs_you for one in dues(facts, today, rules)):
            needing.add((kind, facts.id))
    return len(needing)
