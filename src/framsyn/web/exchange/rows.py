"""What the database holds, as the sheets of the workbook have it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Max, Q

from framsyn.web.audit.models import Entry
from framsyn.web.exchange.kinds import KINDS
from framsyn.web.goals.models import GoalDecision
from framsyn.web.indicators.models import Indicator, Observation
from framsyn.web.indicators.readings import shown
from framsyn.web.languages import LANGUAGES
from framsyn.web.measures.models import Benefit, Measure, Risk, Task
from framsyn.web.plan.models import Node, Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["Held", "Scope", "held"]


@dataclass(frozen=True)
class Scope:
    """What is taken out: everything, or one plan with its goals, measures and indicators."""

    plan: str = ""


@dataclass
class Held:
    """One row as the database has it.

    Parameters
    ----------
    about : tuple of str
        Type and id of the thing whose log tells when this row was last changed.
    values : dict
        By technical name of the column; days as ISO text.
    """

    id: str
    about: tuple[str, str]
    values: dict[str, Any]
    last: int = 0


def held(kind: str, scope: Scope | None = None) -> list[Held]:
    """Return the rows of a sheet; at most six queries."""
    rows = _READ[kind](scope or Scope())
    changes = _last_changes({one.about[0] for one in rows})
    columns = KINDS[kind].columns
    for row in rows:
        row.last = changes.get(row.about, 0)
        row.values = {column.name: row.values.get(column.name) for column in columns}
    return rows


def _last_changes(types: Iterable[str]) -> dict[tuple[str, str], int]:
    about = Entry.objects.filter(object_type__in=list(types)).order_by()
    found = about.values_list("object_type", "object_id").annotate(last=Max("id"))
    return {(kind, pk): last for kind, pk, last in found}


def _spread(name: str, text: Mapping[str, str] | None) -> dict[str, str]:
    return {f"{name}.{code}": (text or {}).get(code, "") for code in LANGUAGES}


def _day(value: Any) -> str | None:
    return value.isoformat() if value else None


def _many(model: Any, first: str, second: str) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one, other in model.objects.order_by(second).values_list(first, second):
        found[one].append(other)
    return found


def _indicators(scope: Scope) -> list[Held]:
    rows = Indicator.objects.all()
    if scope.plan:
        rows = rows.filter(pk__in=_indicators_of(scope.plan))
    sections = _many(Indicator.elements.through, "indicator_id", "element_id")
    return [
        Held(
            one.pk,
            ("indicators.indicator", one.pk),
            {
                "id": one.pk,
                **{
                    key: value
                    for name in ("name", "definition", "numerator", "denominator", "source", "needs")
                    for key, value in _spread(name, getattr(one, name)).items()
                },
                "unit": one.unit,
                "decimals": one.decimals,
                "frequency": one.frequency,
                "direction": one.direction,
                "licence": one.licence,
                "small_number": one.small_number,
                "responsible": one.responsible_id,
                "elements": sections.get(one.pk),
            },
        )
        for one in rows
    ]


def _indicators_of(plan: str) -> set[str]:
    """Return the indicators of a plan's sections, and those that its goals are measured by."""
    here = Node.objects.filter(version__plan=plan).order_by().values("element")
    own = set(Indicator.objects.filter(elements__in=here).order_by().values_list("pk", flat=True))
    decided = GoalDecision.objects.filter(goal__in=here, indicator__isnull=False).order_by()
    return own | set(decided.values_list("indicator_id", flat=True))


def _goals(scope: Scope) -> list[Held]:
    """Return the decisions in force of goals that everybody may read; what stands in a draft alone stays there."""
    shown_in = Node.objects.filter(state=Node.State.SHOWN).exclude(version__state=Version.State.DRAFT)
    if scope.plan:
        shown_in = shown_in.filter(version__plan=scope.plan)
    rows = (
        GoalDecision.objects.filter(
            superseded_by__isnull=True, goal__in=shown_in.order_by().values("element")
        )
        .select_related("indicator", "wording")
        .order_by("goal_id", "place_id", "id")
    )
    return [decision_row(one) for one in rows]


def decision_row(one: GoalDecision) -> Held:
    """Return a decision as its sheet has it."""
    numbers = ("target", "target_low", "target_high", "tolerance", "baseline")
    return Held(
        str(one.pk),
        ("plan.element", one.goal_id),
        {
            "id": str(one.pk),
            "goal": one.goal_id,
            "wording": str(one.wording.heading),
            "place": one.place_id,
            "indicator": one.indicator_id,
            "unit": one.indicator.unit if one.indicator else None,
            "type": one.type,
            **{name: getattr(one, name) for name in numbers},
            "tolerance": one.tolerance or None,
            "baseline_date": _day(one.baseline_date),
            "deadline": _day(one.deadline),
            "standing": one.standing,
            **_spread("decided_by", one.decided_by),
            "case_number": one.case_number,
            "decided_on": _day(one.decided_on),
            **_spread("source", one.source),
            **_spread("note", one.note),
        },
    )


def _observations(scope: Scope) -> list[Held]:
    rows = (
        shown(Observation.objects.all())
        .select_related("indicator")
        .order_by("indicator__position", "indicator_id", "place", "period_end", "period_start")
    )
    if scope.plan:
        rows = rows.filter(indicator__in=_indicators_of(scope.plan))
    return [
        Held(
            str(one.pk),
            ("indicators.indicator", one.indicator_id),
            {
                "id": str(one.pk),
                "indicator": one.indicator_id,
                "unit": one.indicator.unit,
                "place": one.place,
                "period_start": _day(one.period_start),
                "period_end": _day(one.period_end),
                "value": one.value,
                "numerator": one.numerator,
                "denominator": one.denominator,
                "data_through": _day(one.data_through),
                "coverage": one.coverage,
                "state": one.state,
                "source": one.source,
                "licence": one.licence,
                **_spread("note", one.note),
            },
        )
        for one in rows
    ]


def _measures(scope: Scope) -> list[Held]:
    rows = Measure.objects.all()
    if scope.plan:
        rows = rows.filter(plans=scope.plan)
    goals = _many(Measure.goals.through, "measure_id", "element_id")
    plans = _many(Measure.plans.through, "measure_id", "plan_id")
    needed = _many(Measure.depends_on.through, "from_measure_id", "to_measure_id")
    return [
        Held(
            one.pk,
            ("measures.measure", one.pk),
            {
                "id": one.pk,
                **_spread("title", one.title),
                **_spread("text", one.text),
                "organisation": one.organisation_id,
                **_spread("owner_unit", one.owner_unit),
                "phase": one.phase,
                "standing": one.standing,
                "start": _day(one.start),
                "end": _day(one.end),
                "cost": one.cost,
                "fte": one.fte,
                "assumption": one.assumption,
                "goals": goals.get(one.pk),
                "plans": plans.get(one.pk),
                "depends_on": needed.get(one.pk),
            },
        )
        for one in rows
    ]


def _parts(model: Any, values: Callable[[Any], dict[str, Any]]) -> Callable[[Scope], list[Held]]:
    def read(scope: Scope) -> list[Held]:
        rows = (
            model.objects.filter(measure__isnull=False)
            .select_related("measure")
            .order_by("measure__position", "measure_id", *model._meta.ordering)
        )
        if scope.plan:
            rows = rows.filter(Q(measure__plans=scope.plan))
        return [
            Held(
                str(one.pk),
                ("measures.measure", one.measure_id),
                {
                    "id": str(one.pk),
                    "measure": one.measure_id,
                    "measure_title": str(one.measure.title),
                    **values(one),
                },
            )
            for one in rows
        ]

    return read


_READ: dict[str, Callable[[Scope], list[Held]]] = {
    "indicators": _indicators,
    "goals": _goals,
    "observations": _observations,
    "measures": _measures,
    "tasks": _parts(
        Task,
        lambda one: {**_spread("title", one.title), "due": _day(one.due), "done_on": _day(one.done_on)},
    ),
    "benefits": _parts(
        Benefit,
        lambda one: {
            "kind": one.kind,
            "year": one.year,
            "planned": one.planned,
            "realised": one.realised,
            **_spread("note", one.note),
        },
    ),
    "risks": _parts(
        Risk,
        lambda one: {
            **_spread("text", one.text),
            "probability": one.probability,
            "consequence": one.consequence,
            **_spread("mitigation", one.mitigation),
            "closed": "yes" if one.closed_on else "no",
        },
    ),
}
