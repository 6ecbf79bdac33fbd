"""Changes to measures: made, changed, reported on, given to somebody; their tasks, benefits and risks in :mod:`.parts`."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web import locking
from framsyn.web.actions import Act, action
from framsyn.web.languages import Text
from framsyn.web.measures.assigning import give, of
from framsyn.web.measures.checks import (
    check_assumption,
    check_dates,
    check_dependencies,
    check_positive,
    check_text,
)
from framsyn.web.measures.models import Assignment, Measure, StatusReport, Task

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import AbstractUser
    from django.db.models import QuerySet

    from framsyn.web.accounts.models import Organisation

__all__ = ["assign", "change", "create", "facts", "plans_of", "report"]

RESERVED = {"new"}  # an address of its own
PLAIN = ("owner_unit", "phase", "standing", "start", "end", "cost", "fte", "assumption", "title", "text")
MANY = ("goals", "origins", "plans", "depends_on")
LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a"})


def plans_of(measure: Measure) -> QuerySet[Any, str]:
    """Return the ids of the plans that a measure belongs to; asked for when they are looked at."""
    return measure.plans.order_by().values_list("pk", flat=True)


def facts(measure: Measure) -> dict[str, Any]:
    """Return what the log keeps of a measure itself; four queries."""
    found: dict[str, Any] = {name: getattr(measure, name) for name in PLAIN}
    found["organisation"] = measure.organisation_id
    for name in MANY:
        found[name] = sorted(str(pk) for pk in getattr(measure, name).values_list("pk", flat=True))
    return found


def free_id(title: dict[str, str]) -> str:
    """Return an id made of the title that no measure has yet."""
    words = next((title[code] for code in ("en", "nb", "nn") if title.get(code)), "")
    stem = slugify(words.lower().translate(LETTERS))[:60].strip("-") or "measure"
    taken = set(Measure.objects.filter(pk__startswith=stem).values_list("pk", flat=True)) | RESERVED
    number = 1
    name = stem
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    return name


def check(measure: Measure) -> None:
    """Raise when what a measure says of itself cannot be true."""
    check_text(measure.title, "title")
    check_dates(measure.start, measure.end)
    check_positive(measure.cost, "cost")
    check_positive(measure.fte, "fte")
    check_assumption(measure.assumption)


def put(measure: Measure, given: dict[str, Any]) -> None:
    """Set the plain parts of a measure."""
    unknown = sorted(set(given) - {*PLAIN, *MANY, "organisation"})
    if unknown:
        message = (
            f"a measure has no {', '.join(unknown)}; it has {', '.join((*PLAIN, *MANY, 'organisation'))}."
        )
        raise PlanError("unknown-part", message, got=unknown)
    for name in (*PLAIN, "organisation"):
        if name in given:
            setattr(measure, name, given[name])


@action("measure.create")
def create(
    act: Act, title: dict[str, str], organisation: Organisation, *, id: str = "", **given: Any
) -> Measure:
    """Make a measure.

    Parameters
    ----------
    title : Text
    organisation : Organisation
        Who owns it.
    id : str
        Made of the title if left out.
    **given
        ``text``, ``owner_unit``, ``phase``, ``standing``, ``start``, ``end``, ``cost`` [MNOK], ``fte`` [FTE],
        ``assumption``, ``goals``, ``origins``, ``plans``, ``depends_on``.

    Raises
    ------
    PlanError
        ``text-missing``, ``end-before-start``, ``negative``, ``unknown-assumption``, ``id-taken``.
    """
    act.require(organisation, plans=[plan.pk for plan in given.get("plans", ())])
    if id in RESERVED or (id and Measure.objects.filter(pk=id).exists()):
        raise PlanError(
            "id-taken", _("The id “%(id)s” is taken. Choose another.") % {"id": id}, field="id", got=id
        )
    last = Measure.objects.aggregate(last=Max("position"))["last"] or 0
    measure = Measure(pk=id or free_id(title), created_at=act.at, updated_at=act.at, position=last + 1)
    put(measure, {"title": Text(title), "organisation": organisation, **given})
    check(measure)
    measure.save(force_insert=True)
    for name in MANY:
        getattr(measure, name).set(given.get(name, ()))
    if any(measure.owner_unit.values()):
        Assignment.objects.create(
            measure=measure,
            role=Assignment.Role.OWNER,
            organisation=organisation,
            unit=measure.owner_unit,
            valid_from=timezone.localdate(),
        )
    act.record(measure, after=facts(measure))
    return measure


@action("measure.change")
def change(act: Act, measure: Measure, *, seen: int | None = None, **given: Any) -> Measure:
    """Change what a measure says of itself.

    Parameters
    ----------
    measure : Measure
    seen : int, optional
        :func:`~framsyn.web.locking.last_change` of the measure when the user got the form; None: whatever stands there.
    **given
        As in :func:`create`, with ``title`` and ``organisation``.

    Raises
    ------
    PlanError
        As in :func:`create`; ``stale``, ``nothing-changed``, ``dependency-cycle``.
    """
    act.require(measure.organisation, plans=plans_of(measure), thing=measure)
    if "organisation" in given and given["organisation"] != measure.organisation:
        act.require(given["organisation"], plans=plans_of(measure))
    locking.take(act, measure, seen)
    measure = Measure.objects.get(pk=measure.pk)  # the caller's own stays as it is when this is refused
    before = facts(measure)
    put(measure, given)
    check(measure)
    if "depends_on" in given:
        check_dependencies(measure, given["depends_on"])
    measure.updated_at = act.at
    measure.save()
    for name in MANY:
        if name in given:
            getattr(measure, name).set(given[name])
    after = facts(measure)
    changed = {name for name in after if after[name] != before[name]}
    if not changed:
        raise PlanError("nothing-changed", _("Nothing was changed."))
    act.record(
        measure,
        before={name: before[name] for name in sorted(changed)},
        after={name: after[name] for name in sorted(changed)},
    )
    return measure


@action("measure.report")
def report(
    act: Act,
    measure: Measure,
    *,
    status: str,
    text: str = "",
    phase: str = "",
    done: Iterable[Task] = (),
    date: datetime.date | None = None,
    seen: int | None = None,
) -> StatusReport:
    """Say how a measure goes.

    Parameters
    ----------
    measure : Measure
    status : str
        One of :class:`~framsyn.web.measures.models.StatusReport.Status`.
    text : str
        Needed when it does not go as planned.
    phase : str
        A new phase; the present one if left out.
    done : iterable of Task
        Tasks done since the last report.
    date : date, optional
        Today if left out.
    seen : int, optional
        :func:`~framsyn.web.locking.last_change` of the measure when the user got the form; None: whatever stands there.

    Raises
    ------
    PlanError
        ``unknown-status``, ``unknown-phase``, ``text-missing``, ``day-to-come``, ``foreign-task``, ``open-tasks``.
    """
    act.require(measure.organisation, plans=plans_of(measure), thing=measure)
    locking.take(act, measure, seen)
    today = timezone.localdate()
    date = date or today
    done = list(done)
    phase = phase or measure.phase
    if status not in StatusReport.Status.values:
        message = _("There is no status “%(got)s”. Choose one of these: %(known)s.")
        known = ", ".join(str(label) for label in StatusReport.Status.labels)
        raise PlanError(
            "unknown-status", message % {"got": status, "known": known}, field="status", got=status
        )
    if phase not in Measure.Phase.values:
        message = _("There is no phase “%(got)s”. Choose one of these: %(known)s.")
        known = ", ".join(str(label) for label in Measure.Phase.labels)
        raise PlanError("unknown-phase", message % {"got": phase, "known": known}, field="phase", got=phase)
    if status != "on_plan" and not text.strip():
        message = _("Say in a sentence what holds it up, and what would help.")
        raise PlanError("text-missing", message, field="text")
    if date > today:
        message = _("%(day)s is still to come. A report tells how it went up to today.")
        raise PlanError("day-to-come", message % {"day": date}, field="date", got=str(date))
    foreign = [task for task in done if task.measure_id != measure.pk]
    if foreign:
        message = _("The task “%(task)s” belongs to another measure.") % {"task": foreign[0].title}
        raise PlanError("foreign-task", message, field="done")
    still_open = measure.tasks.filter(done_on=None).exclude(pk__in=[task.pk for task in done])
    if phase == "completed" and still_open.exists():
        titles = "”, “".join(str(task.title) for task in still_open)
        message = _(
            "It cannot be completed with open tasks: “%(tasks)s”. Tick them as done, or choose another phase."
        )
        raise PlanError("open-tasks", message % {"tasks": titles}, field="phase")
    last = measure.reports.last()
    said = StatusReport.objects.create(
        measure=measure,
        date=date,
        status=status,
        text=text.strip(),
        created_at=act.at,
        created_by=act.actor.user,
    )
    Task.objects.filter(pk__in=[task.pk for task in done], done_on=None).update(done_on=date)
    before = {"phase": measure.phase, "status": last.status if last else None}
    measure.phase = phase
    measure.updated_at = act.at
    measure.save(update_fields=["phase", "updated_at"])
    act.record(
        measure,
        before=before,
        after={
            "phase": phase,
            "status": status,
            "date": date,
            "text": said.text,
            "done": [str(task.title) for task in done],
        },
    )
    return said


@action("measure.assign")
def assign(
    act: Act,
    measure: Measure,
    *,
    role: str,
    organisation: Organisation,
    unit: dict[str, str] | None = None,
    person: AbstractUser | None = None,
    valid_from: datetime.date,
    valid_to: datetime.date | None = None,
    seen: int | None = None,
) -> Assignment:
    """Make somebody owner or deputy from a day; the one who was it before ends the day before.

    Parameters
    ----------
    measure : Measure
    role : {"owner", "deputy"}
    organisation : Organisation
    unit : Text, optional
        The function that answers.
    person : User, optional
        Who holds it now.
    valid_from, valid_to : date
        First and last day; without the last one until somebody else takes over.
    seen : int, optional
        :func:`~framsyn.web.locking.last_change` of the measure when the user got the form; None: whatever stands there.

    Raises
    ------
    PlanError
        ``unknown-role``, ``nobody``, ``end-before-start``, ``has-left``, ``owner-twice``.
    """
    act.require(measure.organisation, plans=plans_of(measure), thing=measure)
    locking.take(act, measure, seen)
    before, given = give(
        measure,
        role=role,
        organisation=organisation,
        unit=Text(unit or {}),
        person=person,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    act.record(measure, before=[of(one) for one in before] or None, after=of(given))
    return given
