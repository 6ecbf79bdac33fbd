"""One writer for each sheet: from the values of a row to the action that a form would call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.accounts.models import Organisation
from framsyn.web.goals import actions as goal_actions
from framsyn.web.goals.models import GoalDecision
from framsyn.web.indicators import actions as indicator_actions
from framsyn.web.indicators.models import Indicator
from framsyn.web.indicators.names import free_id
from framsyn.web.languages import LANGUAGES, Text
from framsyn.web.measures import actions as measure_actions
from framsyn.web.measures import parts
from framsyn.web.measures.models import Benefit, Measure, Risk, Task
from framsyn.web.plan.models import Element, Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from framsyn.web.exchange.applying import Trial
    from framsyn.web.exchange.difference import Change

__all__ = ["WRITERS"]

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TEXTS = ("name", "definition", "numerator", "denominator", "source", "needs")


def _text(values: Mapping[str, Any], name: str) -> Text:
    """Return a text of the three columns that hold it."""
    return Text({code: values[f"{name}.{code}"] for code in LANGUAGES if values.get(f"{name}.{code}")})


def _changed(change: Change) -> set[str]:
    return {cell.column.partition(".")[0] for cell in change.cells}


def _all(model: Any, names: Iterable[str] | None, field: str) -> list[Any]:
    """Return the things of these ids; the error names those that are not there."""
    wanted = list(names or ())
    found = {one.pk: one for one in model.objects.filter(pk__in=wanted)}
    missing = [name for name in wanted if name not in found]
    if missing:
        message = _("%(names)s is not in the plan yet. Put its row above this one.")
        raise PlanError("not-there", message % {"names": ", ".join(missing)}, field=field, got=missing)
    return [found[name] for name in wanted]


def _one(model: Any, name: str, field: str) -> Any:
    return _all(model, [name], field)[0]


def _new_id(name: str) -> str:
    if name and not _ID.fullmatch(name):
        message = _(
            "“%(got)s” cannot be an id. Use lower-case letters, digits and hyphens, or leave it empty."
        )
        raise PlanError("bad-name", message % {"got": name}, field="id", got=name)
    return name


def indicator(trial: Trial, change: Change, values: Mapping[str, Any]) -> None:
    """Define an indicator, or change its definition."""
    definition = indicator_actions.Definition(
        **{name: _text(values, name) for name in _TEXTS},
        unit=values["unit"],
        frequency=values["frequency"],
        direction=values["direction"],
        decimals=values["decimals"],
        licence=values.get("licence") or "",
        small_number=values.get("small_number"),
        responsible=_one(Organisation, values["responsible"], "responsible"),
    )
    sections = _all(Element, values.get("elements"), "elements")
    if change.now is None:
        made = indicator_actions.define(
            trial.actor, _new_id(change.id) or free_id(definition.name), definition, elements=sections
        )
    else:
        made = Indicator.objects.select_related("responsible").get(pk=change.now.id)
        indicator_actions.change(
            trial.actor, made, definition, elements=sections, seen=trial.seen(made, change)
        )
    trial.touched(made)


def goal(trial: Trial, change: Change, values: Mapping[str, Any]) -> None:
    """Decide what a goal demands; the decision in force is superseded."""
    thing = _one(Element, values["goal"], "goal")
    place = _one(Organisation, values["place"], "place")
    old = GoalDecision.objects.filter(pk=change.now.id).first() if change.now is not None else None
    numbers = ("baseline", "target", "target_low", "target_high")
    terms = goal_actions.Terms(
        type=values["type"],
        standing=values["standing"],
        indicator=_one(Indicator, values["indicator"], "indicator") if values.get("indicator") else None,
        direction=old.direction if old is not None and old.type == values["type"] else "",
        **{name: values.get(name) for name in numbers},
        baseline_date=values.get("baseline_date"),
        tolerance=values.get("tolerance") or 0.0,
        deadline=values.get("deadline"),
        decided_by=_text(values, "decided_by"),
        case_number=values.get("case_number") or "",
        decided_on=values.get("decided_on"),
        source=_text(values, "source"),
        note=_text(values, "note"),
    )
    goal_actions.decide(
        trial.actor,
        thing,
        place,
        terms,
        supersedes=old,
        reason=values.get("reason") or "",
        seen=trial.seen(thing, change),
    )
    trial.touched(thing)


def observation(trial: Trial, change: Change, values: Mapping[str, Any]) -> None:
    """Put a figure in, or correct one."""
    thing = _one(Indicator, values["indicator"], "indicator")
    counted = bool(_changed(change) & {"numerator", "denominator"})
    both = values.get("numerator") is not None and values.get("denominator") is not None
    derived = change.now is not None and counted and both and "value" not in _changed(change)
    figure = indicator_actions.Figure(
        place=values["place"],
        period_start=values["period_start"],
        period_end=values["period_end"],
        value=None if derived else values.get("value"),  # follows from the new counts
        numerator=values.get("numerator"),
        denominator=values.get("denominator"),
        data_through=values.get("data_through"),
        coverage=values.get("coverage"),
        provisional=values.get("state") == "provisional",
        source=values.get("source") or "",
        licence=values.get("licence") or "",
        note=_text(values, "note"),
    )
    indicator_actions.observe(
        trial.actor, thing, figure, reason=values.get("reason") or "", seen=trial.seen(thing, change)
    )
    trial.touched(thing)


def measure(trial: Trial, change: Change, values: Mapping[str, Any]) -> None:
    """Make a measure, or change what was changed of it."""
    given: dict[str, Any] = {
        "text": _text(values, "text"),
        "owner_unit": _text(values, "owner_unit"),
        "phase": values.get("phase"),
        "standing": values.get("standing"),
        "start": values.get("start"),
        "end": values.get("end"),
        "cost": values.get("cost"),
        "fte": values.get("fte"),
        "assumption": values.get("assumption") or "",
        "goals": _all(Element, values.get("goals"), "goals"),
        "plans": _all(Plan, values.get("plans"), "plans"),
        "depends_on": _all(Measure, values.get("depends_on"), "depends_on"),
    }
    title, owner = _text(values, "title"), _one(Organisation, values["organisation"], "organisation")
    if change.now is None:
        made = measure_actions.create(trial.actor, title, owner, id=_new_id(change.id), **given)
    else:
        made = Measure.objects.select_related("organisation").get(pk=change.now.id)
        changed = _changed(change)
        given = {
            name: value
            for name, value in {**given, "title": title, "organisation": owner}.items()
            if name in changed
        }
        measure_actions.change(trial.actor, made, seen=trial.seen(made, change), **given)
    trial.touched(made)


def _part(
    model: Any, action: Callable[..., Any], name: str, given: Callable[[Mapping[str, Any]], dict[str, Any]]
) -> Callable[..., None]:
    """Return the writer of tasks, benefits or risks."""

    def write(trial: Trial, change: Change, values: Mapping[str, Any]) -> None:
        owner = _one(Measure, values["measure"], "measure")
        own = model.objects.filter(pk=change.now.id).first() if change.now is not None else None
        said = {"removed": True} if change.status == "removed" else given(values)
        action(trial.actor, owner, **{name: own}, **said, seen=trial.seen(owner, change))
        trial.touched(owner)

    return write


WRITERS: dict[str, Callable[..., None]] = {
    "indicators": indicator,
    "goals": goal,
    "observations": observation,
    "measures": measure,
    "tasks": _part(
        Task,
        parts.task,
        "task",
        lambda values: {
            "title": _text(values, "title"),
            "due": values.get("due"),
            "done_on": values.get("done_on"),
        },
    ),
    "benefits": _part(
        Benefit,
        parts.benefit,
        "benefit",
        lambda values: {
            "kind": values["kind"],
            "year": values["year"],
            "planned": values["planned"],
            "realised": values.get("realised"),
            "note": _text(values, "note"),
        },
    ),
    "risks": _part(
        Risk,
        parts.risk,
        "risk",
        lambda values: {
            "text": _text(values, "text"),
            "probability": values["probability"],
            "consequence": values["consequence"],
            "mitigation": _text(values, "mitigation"),
            "closed": values.get("closed") == "yes",
        },
    ),
}
