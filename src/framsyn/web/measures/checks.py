"""What cannot be true of a measure, told with the way out."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.scenario import Scenario
from framsyn.web.measures.models import Benefit, Measure

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from framsyn.scenario import Assumption

__all__ = [
    "assumption_named",
    "check_assumption",
    "check_benefit_once",
    "check_dates",
    "check_dependencies",
    "check_positive",
    "check_risk",
    "check_text",
]

SCENARIO = "plan"  # the scenario whose assumptions measures move


def check_text(text: dict[str, str], field: str) -> None:
    """Refuse a text that is empty in every language form."""
    if not any(text.values()):
        raise PlanError(
            "text-missing", _("It has no words yet. Write it in one language form at least."), field=field
        )


def check_dates(start: datetime.date | None, end: datetime.date | None, field: str = "end") -> None:
    """Refuse an end before its start."""
    if start and end and end < start:
        message = _("The end, %(end)s, lies before the start, %(start)s. Move one of them.")
        raise PlanError(
            "end-before-start",
            message % {"start": start, "end": end},
            field=field,
            got=str(end),
            expected=str(start),
        )


def check_positive(value: float | None, field: str) -> None:
    """Refuse what is below nothing."""
    if value is not None and not value >= 0:
        message = _("%(value)s is below zero. Write what it takes or frees as a figure from 0 upwards.")
        raise PlanError("negative", message % {"value": f"{value:g}"}, field=field, got=value)


def check_risk(probability: int, consequence: int) -> None:
    """Refuse what is not on the scale."""
    for field, value in (("probability", probability), ("consequence", consequence)):
        if value not in range(1, 6):
            message = _("%(value)s is not on the scale. Choose 1, 2, 3, 4 or 5.")
            raise PlanError("risk-off-scale", message % {"value": value}, field=field, got=value)


def assumption_named(name: str) -> Assumption | None:
    """Return the assumption of the plan's scenario with a name, if there is one."""
    for assumption in scenario().assumptions:
        if assumption.name == name:
            return assumption
    return None


@functools.cache
def scenario() -> Scenario:
    """Return the scenario whose assumptions measures move; read once."""
    return Scenario.load(SCENARIO)


def check_assumption(name: str) -> None:
    """Refuse an assumption that the outlook's scenario does not have."""
    if name and assumption_named(name) is None:
        known = ", ".join(assumption.name for assumption in scenario().assumptions)
        message = _(
            "The scenario “plan” has no assumption “%(name)s”. Choose one of these, or none: %(known)s."
        )
        raise PlanError(
            "unknown-assumption", message % {"name": name, "known": known}, field="assumption", got=name
        )


def check_dependencies(measure: Measure, needed: Iterable[Measure]) -> None:
    """Refuse dependencies that lead back to the measure itself; one query."""
    edges: dict[str, set[str]] = {}
    through: Any = Measure.depends_on.through
    for source, target in through.objects.values_list("from_measure_id", "to_measure_id"):
        edges.setdefault(source, set()).add(target)
    for other in needed:
        path = way(edges, other.pk, measure.pk)
        if path:
            titles = {one.pk: str(one.title) for one in Measure.objects.filter(pk__in=path)}
            circle = " → ".join(titles.get(pk, pk) for pk in [measure.pk, *path])
            message = _(
                "“%(title)s” cannot come first: it waits for this measure itself (%(circle)s). Take one of them out."
            )
            raise PlanError(
                "dependency-cycle",
                message % {"title": other.title, "circle": circle},
                field="depends_on",
                got=path,
            )


def way(edges: dict[str, set[str]], begin: str, goal: str) -> list[str]:
    """Return a way from one measure to another along what they wait for, or nothing.

    >>> way({"a": {"b"}, "b": {"c"}}, "a", "c"), way({"a": {"b"}}, "b", "a")
    (['a', 'b', 'c'], [])
    """
    ways = [[begin]]
    seen = {begin}
    for path in ways:
        if path[-1] == goal:
            return path
        for other in sorted(edges.get(path[-1], ())):
            if other not in seen:
                seen.add(other)
                ways.append([*path, other])
    return []


def check_benefit_once(measure: Measure, kind: str, year: int, benefit: Benefit | None) -> None:
    """Refuse a second row of one kind and year."""
    others = Benefit.objects.filter(measure=measure, kind=kind, year=year)
    if benefit is not None:
        others = others.exclude(pk=benefit.pk)
    if others.exists():
        message = _("%(kind)s in %(year)s stands here already. Change that row, or choose another year.")
        words = Benefit.Kind(kind).label
        raise PlanError(
            "benefit-twice",
            message % {"kind": f"{words[:1].upper()}{words[1:]}", "year": year},
            field="year",
            got=year,
        )
