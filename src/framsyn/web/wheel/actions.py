"""What may be done with the annual wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from django.utils.text import slugify
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.actions import Act, action
from framsyn.web.languages import Text
from framsyn.web.locking import take
from framsyn.web.wheel.dates import check_when
from framsyn.web.wheel.models import Event

if TYPE_CHECKING:
    from framsyn.web.accounts.models import Organisation
    from framsyn.web.plan.models import Element, Plan

__all__ = ["FIELDS", "Fields", "add", "change", "plans_of", "remove"]

FIELDS = (
    "title", "kind", "standing", "month", "day", "end_month", "end_day", "every", "year", "plan", "element",
    "responsible", "note", "source",
)  # fmt: skip
LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a"})


class Fields(TypedDict, total=False):
    """What an event says of itself."""

    title: Text
    kind: str
    standing: str
    month: int
    day: int | None
    end_month: int | None
    end_day: int | None
    every: int
    year: int | None
    plan: Plan | None
    element: Element | None
    responsible: Text
    note: Text
    source: str


def told(event: Event) -> dict[str, Any]:
    """Return an event as the log keeps it."""
    found: dict[str, Any] = {}
    for name in FIELDS:
        value = getattr(event, f"{name}_id" if name in ("plan", "element") else name)
        found[name] = dict(value) if isinstance(value, dict) else value
    return found


def now(event: Event, seen: int | None) -> dict[str, Any] | None:
    """Return what stands there now, for somebody who saw something else perhaps."""
    return None if seen is None else told(Event.objects.get(pk=event.pk))


def plans_of(event: Event) -> list[str]:
    """Return the plan that an event is about: a role on it counts."""
    return [event.plan_id] if event.plan_id else []


def put(event: Event, given: Fields) -> None:
    """Set what is given and check the whole."""
    for name, value in given.items():
        setattr(event, name, value)
    if not any(event.title.values()):
        message = _("The event has no title yet. Write it in one language form at least.")
        raise PlanError("text-missing", message, field="title")
    if event.kind not in Event.Kind.values or event.standing not in Event.Standing.values:
        message = _("There is no kind or standing “%(got)s”. Choose one of the list.")
        raise PlanError("unknown-kind", message % {"got": f"{event.kind}, {event.standing}"}, field="kind")
    check_when(event.month, event.day, event.end_month, event.end_day, event.every, event.year)


def free_id(title: Text) -> str:
    """Return an id that no event has: the title in small letters, with a number where it is taken."""
    words = str(title.get("nb") or title.get("nn") or title.get("en") or "")
    base = slugify(words.lower().translate(LETTERS))[:70].strip("-") or "event"
    taken = set(Event.objects.filter(pk__startswith=base).values_list("pk", flat=True))
    number, found = 1, base
    while found in taken:
        number += 1
        found = f"{base}-{number}"
    return found


@action("wheel.add")
def add(act: Act, organisation: Organisation, **given: Unpack[Fields]) -> Event:
    """Add an event to the wheel of an organisation."""
    plan = given.get("plan")
    act.require(organisation, plans=[plan.pk] if plan else [])
    event = Event(organisation=organisation, created_at=act.at, updated_at=act.at)
    put(event, given)
    event.pk = free_id(event.title)
    event.save(force_insert=True)
    act.record(event, after=told(event))
    return event


@action("wheel.change")
def change(act: Act, event: Event, *, seen: int | None = None, **given: Unpack[Fields]) -> Event:
    """Change an event; ``seen`` is :func:`framsyn.web.locking.last_change` when the user got the form."""
    act.require(event.organisation, plans=plans_of(event))
    take(act, event, seen, now(event, seen))
    before = told(event)
    put(event, given)
    event.updated_at = act.at
    event.save()
    after = told(event)
    changed = [name for name in FIELDS if before[name] != after[name]]
    act.record(
        event, before={name: before[name] for name in changed}, after={name: after[name] for name in changed}
    )
    return event


@action("wheel.remove")
def remove(act: Act, event: Event, *, seen: int | None = None, reason: str = "") -> Event:
    """Take an event out of the wheel; the log keeps what it said."""
    act.require(event.organisation, plans=plans_of(event))
    take(act, event, seen, now(event, seen))
    act.record(event, before=told(event), reason=reason)
    Event.objects.filter(pk=event.pk).delete()
    return event
