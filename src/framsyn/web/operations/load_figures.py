"""Indicators with their figures, goal decisions and measures of the content files, as rows."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from framsyn.web.goals.models import GoalDecision
from framsyn.web.indicators.fill import fill
from framsyn.web.indicators.models import Break, Indicator, Observation
from framsyn.web.indicators.small_numbers import hide_small
from framsyn.web.measures.models import Assignment, Benefit, Measure, Risk, Task
from framsyn.web.operations.load_plans import join, text_of, upsert

if TYPE_CHECKING:
    from collections.abc import Mapping

    from framsyn.region import Region
    from framsyn.web.actions import Act
    from framsyn.web.plan.content import Content
    from framsyn.web.plan.content import Decision as DecisionEntry
    from framsyn.web.plan.content import Measure as MeasureEntry

__all__ = ["load_decisions", "load_indicators", "load_measures", "load_observations"]

_DIRECTION = {"reach_at_least": "up", "reach_at_most": "down", "hold": "hold", "range": "range"}


def load_indicators(content: Content, keys: set[str]) -> None:
    """Add indicators with breaks and the elements that they belong to, or bring them up to the package."""
    rows, breaks, pairs = [], [], set()
    for position, entry in enumerate(content.indicators):
        if entry.id not in keys:
            continue
        rows.append(
            Indicator(
                pk=entry.id,
                name=text_of(entry.name),
                definition=text_of(entry.definition),
                numerator=text_of(entry.numerator),
                denominator=text_of(entry.denominator),
                unit=entry.unit,
                decimals=entry.decimals,
                frequency=entry.frequency,
                direction=entry.direction,
                source=text_of(entry.source),
                licence=entry.licence or "",
                small_number=entry.small_number,
                responsible_id=entry.responsible,
                needs=text_of(entry.needs),
                comparison=list(entry.comparison),
                outlook=entry.outlook.model_dump() if entry.outlook else None,
                recipe=entry.data.model_dump() if entry.data else None,
                position=position,
            )
        )
        breaks += [
            Break(
                indicator_id=entry.id,
                date=one.date,
                until=one.until,
                kind=one.kind,
                place=one.place or "",
                text=text_of(one.text),
            )
            for one in entry.breaks
        ]
        pairs |= {(entry.id, element) for element in entry.sections}
    upsert(Indicator, rows)
    Break.objects.filter(indicator__in=keys).delete()
    Break.objects.bulk_create(breaks)
    join(Indicator.elements, pairs)


def load_observations(act: Act, content: Content, keys: set[str] | None, region: Region) -> None:
    """Fill indicators from the region's tables. A figure that has changed is a new revision; the old one is kept.

    Parameters
    ----------
    keys : set of str or None
        Indicators; all of them without it.
    """
    entries = [entry for entry in content.indicators if entry.data and (keys is None or entry.id in keys)]
    current = {
        (one.indicator_id, one.place, one.period_start, one.period_end): one
        for one in Observation.objects.filter(current=True, indicator__in=[entry.id for entry in entries])
    }
    new, outdated = [], []
    for entry in entries:
        for row in fill(entry, region):
            old = current.get((entry.id, row.place, row.period_start, row.period_end))
            if old is not None and (old.value == row.value or old.created_by_id is not None):
                continue
            if old is not None:
                outdated.append(old.pk)
            new.append(
                Observation(
                    indicator_id=entry.id,
                    place=row.place,
                    period_start=row.period_start,
                    period_end=row.period_end,
                    value=row.value,
                    numerator=row.numerator,
                    denominator=row.denominator,
                    data_through=row.data_through,
                    coverage=row.coverage,
                    state=Observation.State.PROVISIONAL if row.provisional else Observation.State.FINAL,
                    quality="faulty" if row.faulty else row.quality,
                    source=row.source[:200],
                    licence=row.licence[:100],
                    note=row.note,
                    revision=old.revision + 1 if old else 1,
                    created_at=act.at,
                )
            )
    Observation.objects.filter(pk__in=outdated).update(current=False)
    Observation.objects.bulk_create(new, batch_size=2000)
    touched = {row.indicator_id for row in new}
    for indicator in Indicator.objects.filter(pk__in=touched, small_number__isnull=False):
        hide_small(indicator)


def load_decisions(act: Act, content: Content, keys: set[str], wordings: Mapping[str, int]) -> None:
    """Add decisions about goals; one that has changed in the package supersedes the one loaded before."""
    entries = [
        entry for entry in content.decisions if f"{entry.goal} {entry.place} {entry.indicator or '-'}" in keys
    ]
    newest = {
        (one.goal_id, one.place_id, one.indicator_id): one
        for one in GoalDecision.objects.filter(goal__in=[entry.goal for entry in entries]).order_by("id")
    }
    directions = {entry.id: entry.direction for entry in content.indicators}
    GoalDecision.objects.bulk_create(
        _decision(
            act,
            entry,
            wordings[entry.goal],
            directions,
            newest.get((entry.goal, entry.place, entry.indicator)),
        )
        for entry in entries
    )


def _decision(
    act: Act,
    entry: DecisionEntry,
    wording: int,
    directions: Mapping[str, str],
    old: GoalDecision | None,
) -> GoalDecision:
    return GoalDecision(
        goal_id=entry.goal,
        place_id=entry.place,
        indicator_id=entry.indicator,
        wording_id=wording,
        type=entry.type,
        direction=_DIRECTION.get(entry.type) or directions.get(entry.indicator or "", "none"),
        standing=entry.standing,
        baseline=entry.baseline,
        baseline_date=entry.baseline_date,
        target=entry.target,
        target_low=entry.target_low,
        target_high=entry.target_high,
        tolerance=entry.tolerance or 0,
        deadline=entry.deadline,
        decided_by=text_of(entry.decided_by),
        case_number=entry.case_number or "",
        decided_on=entry.decided_on,
        source=text_of(entry.source),
        note=text_of(entry.note),
        supersedes=old,
        created_at=act.at,
    )


def load_measures(act: Act, content: Content, keys: set[str]) -> None:
    """Add measures with their owner, tasks, benefits, risks and relations, or bring them up to the package."""
    entries = [(position, entry) for position, entry in enumerate(content.measures) if entry.id in keys]
    upsert(Measure, [_measure(act, entry, position) for position, entry in entries])
    parts: dict[Any, list[Any]] = {Assignment: [], Task: [], Benefit: [], Risk: []}
    goals, plans, needed = set(), set(), set()
    for _position, entry in entries:
        parts[Assignment].append(
            Assignment(
                measure_id=entry.id,
                role=Assignment.Role.OWNER,
                organisation_id=entry.organisation,
                unit=text_of(entry.unit_owner),
                valid_from=entry.start,
            )
        )
        parts[Task] += [
            Task(
                measure_id=entry.id,
                title=text_of(task.title),
                due=task.due,
                done_on=task.done
                if isinstance(task.done, datetime.date)
                else task.due
                if task.done
                else None,
                position=position,
            )
            for position, task in enumerate(entry.tasks)
        ]
        parts[Benefit] += [
            Benefit(
                measure_id=entry.id,
                kind=benefit.kind,
                year=benefit.year,
                planned=benefit.planned,
                realised=benefit.realised,
            )
            for benefit in entry.benefits
        ]
        parts[Risk] += [
            Risk(
                measure_id=entry.id,
                text=text_of(risk.text),
                probability=risk.probability,
                consequence=risk.consequence,
                mitigation=text_of(risk.mitigation),
            )
            for risk in entry.risks
        ]
        goals |= {(entry.id, goal) for goal in entry.goals}
        plans |= {(entry.id, plan) for plan in entry.plans}
        needed |= {(entry.id, other) for other in entry.depends_on}
    for model, rows in parts.items():
        model.objects.filter(measure__in=keys).delete()
        model.objects.bulk_create(rows)
    join(Measure.goals, goals)
    join(Measure.plans, plans)
    join(Measure.depends_on, needed)


def _measure(act: Act, entry: MeasureEntry, position: int) -> Measure:
    return Measure(
        pk=entry.id,
        title=text_of(entry.title),
        text=text_of(entry.text),
        organisation_id=entry.organisation,
        owner_unit=text_of(entry.unit_owner),
        phase=entry.phase,
        standing=entry.standing,
        start=entry.start,
        end=entry.end,
        cost=entry.cost_mnok,
        fte=entry.fte,
        assumption=entry.assumption or "",
        created_at=act.at,
        updated_at=act.at,
        position=position,
    )
