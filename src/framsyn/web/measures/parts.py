"""Changes to the parts of a measure: tasks, benefits and risks. Each is logged on the measure."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web import locking
from framsyn.web.actions import Act, action
from framsyn.web.languages import Text
from framsyn.web.measures.actions import plans_of
from framsyn.web.measures.checks import check_benefit_once, check_positive, check_risk, check_text
from framsyn.web.measures.models import Benefit, Measure, Risk, Task

if TYPE_CHECKING:
    from django.db.models import Model

__all__ = ["benefit", "risk", "task"]

YEARS = (2000, 2100)


def own(measure: Measure, part: Model | None) -> None:
    """Refuse a part of another measure."""
    if part is not None and part.measure_id != measure.pk:  # type: ignore[attr-defined]
        raise PlanError("foreign-part", _("It belongs to another measure. Open it from there."), got=part.pk)


def kept(part: Model | None, names: tuple[str, ...]) -> dict[str, Any] | None:
    """Return what the log keeps of a part."""
    return None if part is None else {"id": part.pk, **{name: getattr(part, name) for name in names}}


def store(act: Act, measure: Measure, part: Model | None, model: type[Model], values: dict[str, Any]) -> Any:
    """Add or change a part, touch the measure, and log it."""
    names = tuple(values)
    before = kept(part, names)
    if part is None:
        part = model(measure=measure)  # type: ignore[call-arg]
    for name, value in values.items():
        setattr(part, name, value)
    part.save()
    touch(act, measure)
    act.record(
        measure, before={model._meta.model_name: before}, after={model._meta.model_name: kept(part, names)}
    )
    return part


def remove(act: Act, measure: Measure, part: Model | None, names: tuple[str, ...]) -> None:
    """Take a part away; the log keeps what it said."""
    if part is None:
        raise PlanError("nothing-to-remove", _("It is not there any more."))
    name = part._meta.model_name
    before = kept(part, names)
    part.delete()
    touch(act, measure)
    act.record(measure, before={name: before}, after={name: None})


def touch(act: Act, measure: Measure) -> None:
    """Note when a measure was last worked on."""
    measure.updated_at = act.at
    measure.save(update_fields=["updated_at"])


@action("measure.task")
def task(
    act: Act,
    measure: Measure,
    *,
    task: Task | None = None,
    title: dict[str, str] | None = None,
    due: datetime.date | None = None,
    done_on: datetime.date | None = None,
    removed: bool = False,
    seen: int | None = None,
) -> Task | None:
    """Add a task, change one, or take it away.

    Parameters
    ----------
    measure : Measure
    task : Task, optional
        The one to change; a new one if left out.
    title : Text
    due, done_on : date, optional
    removed : bool
    seen : int, optional
        :func:`~framsyn.web.locking.last_change` of the measure when the user got the form.

    Raises
    ------
    PlanError
        ``text-missing``, ``day-to-come``, ``foreign-part``, ``nothing-to-remove``.
    """
    act.require(measure.organisation, plans=plans_of(measure), thing=measure)
    locking.take(act, measure, seen)
    own(measure, task)
    if removed:
        remove(act, measure, task, ("title", "due", "done_on"))
        return None
    text = Text(title or {})
    check_text(text, "title")
    if done_on and done_on > timezone.localdate():
        message = _("%(day)s is still to come. Leave it empty until the task is done.")
        raise PlanError("day-to-come", message % {"day": done_on}, field="done_on", got=str(done_on))
    values: dict[str, Any] = {"title": text, "due": due, "done_on": done_on}
    if task is None:
        values["position"] = measure.tasks.count()
    return store(act, measure, task, Task, values)


@action("measure.benefit")
def benefit(
    act: Act,
    measure: Measure,
    *,
    benefit: Benefit | None = None,
    kind: str = "",
    year: int = 0,
    planned: float = 0.0,
    realised: float | None = None,
    note: dict[str, str] | None = None,
    removed: bool = False,
    seen: int | None = None,
) -> Benefit | None:
    """Add what a measure frees in a year, change it, or take it away.

    Parameters
    ----------
    measure : Measure
    benefit : Benefit, optional
        The one to change; a new one if left out.
    kind : {"hours", "fte", "mnok"}
    year : int
    planned, realised : float
        In the unit of the kind; realised is empty until it is known.
    note : Text, optional
    removed : bool
    seen : int, optional
        :func:`~framsyn.web.locking.last_change` of the measure when the user got the form.

    Raises
    ------
    PlanError
        ``unknown-kind``, ``year-out-of-range``, ``negative``, ``benefit-twice``, ``foreign-part``, ``nothing-to-remove``.
    """
    act.require(measure.organisation, plans=plans_of(measure), thing=measure)
    locking.take(act, measure, seen)
    own(measure, benefit)
    if removed:
        remove(act, measure, benefit, ("kind", "year", "planned", "realised", "note"))
        return None
    if kind not in Benefit.Kind.values:
        raise PlanError(
            "unknown-kind", _("Choose hours, full-time equivalents or kroner."), field="kind", got=kind
        )
    if not YEARS[0] <= year <= YEARS[1]:
        message = _("%(year)s is no year of a plan. Write a year from %(first)s to %(last)s.")
        raise PlanError(
            "year-out-of-range",
            message % {"year": year, "first": YEARS[0], "last": YEARS[1]},
            field="year",
            got=year,
        )
    check_positive(planned, "planned")
    check_benefit_once(measure, kind, year, benefit)
    values = {"kind": kind, "year": year, "planned": planned, "realised": realised, "note": Text(note or {})}
    return store(act, measure, benefit, Benefit, values)


@action("measure.risk")
def risk(
    act: Act,
    measure: Measure,
    *,
    risk: Risk | None = None,
    text: dict[str, str] | None = None,
    probability: int = 0,
    consequence: int = 0,
    mitigation: dict[str, str] | None = None,
    closed: bool = False,
    seen: int | None = None,
) -> Risk:
    """Add a risk, assess it anew, or close it; a closed risk is kept.

    Parameters
    ----------
    measure : Measure
    risk : Risk, optional
        The one to change; a new one if left out.
    text : Text
    probability, consequence : int
        1–5.
    mitigation : Text, optional
    closed : bool
    seen : int, optional
        :func:`~framsyn.web.locking.last_change` of the measure when the user got the form.

    Raises
    ------
    PlanError
        ``text-missing``, ``risk-off-scale``, ``foreign-part``.
    """
    act.require(measure.organisation, plans=plans_of(measure), thing=measure)
    locking.take(act, measure, seen)
    own(measure, risk)
    words = Text(text or {})
    check_text(words, "text")
    check_risk(probability, consequence)
    closed_on = (risk.closed_on if risk and risk.closed_on else timezone.localdate()) if closed else None
    values = {
        "text": words,
        "probability": probability,
        "consequence": consequence,
        "mitigation": Text(mitigation or {}),
        "closed_on": closed_on,
    }
    return store(act, measure, risk, Risk, values)
