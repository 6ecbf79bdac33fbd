"""What a measure is tied to, read in one query."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, F, TextField, Value
from django.db.models.functions import Cast

from framsyn.web.languages import Text
from framsyn.web.measures.models import Measure

__all__ = ["Relations", "relations_of"]


@dataclass
class Relations:
    """Ids of what a measure is tied to; plans with their titles."""

    goals: list[str] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    needed_by: list[str] = field(default_factory=list)
    plans: dict[str, Text] = field(default_factory=dict)


def relations_of(measure_id: str) -> Relations:
    """Return what a measure is tied to; one query instead of five."""
    goals: Any = Measure.goals.through
    origins: Any = Measure.origins.through
    depends: Any = Measure.depends_on.through
    plans: Any = Measure.plans.through

    def part(rows: Any, kind: str, other: str, words: Any = None) -> Any:
        return rows.annotate(
            relation=Value(kind, output_field=CharField()),
            other=F(other),
            words=words if words is not None else Value("", output_field=TextField()),
        ).values_list("relation", "other", "words")

    rows = part(goals.objects.filter(measure=measure_id), "goals", "element_id").union(
        part(origins.objects.filter(measure=measure_id), "origins", "element_id"),
        part(depends.objects.filter(from_measure=measure_id), "needs", "to_measure_id"),
        part(depends.objects.filter(to_measure=measure_id), "needed_by", "from_measure_id"),
        part(
            plans.objects.filter(measure=measure_id),
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
