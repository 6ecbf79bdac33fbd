"""What a measure is tied to, read in one query."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Exists, F, OuterRef, Q, TextField, Value
from django.db.models.functions import Cast

from framsyn.web.languages import Text
from framsyn.web.measures.models import Measure
from framsyn.web.plan.models import Node, Version
from framsyn.web.plan.queries import readable

if TYPE_CHECKING:
    from framsyn.web.plan.queries import Drafts

__all__ = ["Relations", "relations_of"]


@dataclass
class Relations:
    """Ids of what a measure is tied to; plans with their titles."""

    goals: list[str] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    needed_by: list[str] = field(default_factory=list)
    plans: dict[str, Text] = field(default_factory=dict)


def relations_of(measure_id: str, drafts: Drafts | None = ()) -> Relations:
    """Return what a measure is tied to; one query instead of five.

    Parameters
    ----------
    measure_id : str
    drafts : ids of plans, or a query that gives them
        What stands in the drafts of other plans alone is left out; None for all that there is.
    """
    goals: Any = Measure.goals.through
    origins: Any = Measure.origins.through
    depends: Any = Measure.depends_on.through
    plans: Any = Measure.plans.through

    def told(rows: Any, element: str) -> Any:
        if drafts is None:
            return rows
        return rows.filter(Exists(Node.objects.filter(readable(drafts), element=OuterRef(element))))

    known = plans.objects.filter(measure=measure_id)
    if drafts is not None:
        out = Version.objects.filter(plan=OuterRef("plan_id"), state__in=Version.FROZEN)
        known = known.filter(Exists(out) | Q(plan__in=drafts))

    def part(rows: Any, kind: str, other: str, words: Any = None) -> Any:
        return rows.annotate(
            relation=Value(kind, output_field=CharField()),
            other=F(other),
            words=words if words is not None else Value("", output_field=TextField()),
        ).values_list("relation", "other", "words")

    rows = part(told(goals.objects.filter(measure=measure_id), "element_id"), "goals", "element_id").union(
        part(told(origins.objects.filter(measure=measure_id), "element_id"), "origins", "element_id"),
        part(depends.objects.filter(from_measure=measure_id), "needs", "to_measure_id"),
        part(depends.objects.filter(to_measure=measure_id), "needed_by", "from_measure_id"),
        part(
            known,
            "plans",
            "plan_id",
            Cast("plan__title", output_field=TextField()),
        ),
        all=True,
    )
    found = Relations()
    for relation, other, words in rows:
        if relation == "plans":
            found.plans[other] = Text(json.loads(words))
        else:
            getattr(found, relation).append(other)
    return found
