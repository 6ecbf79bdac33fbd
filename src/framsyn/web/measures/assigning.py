"""Who answers for a measure, a goal or an indicator: the one rule for giving it to somebody, with no gap and no overlap."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.measures.checks import check_dates
from framsyn.web.measures.models import Assignment

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser

    from framsyn.web.accounts.models import Organisation
    from framsyn.web.indicators.models import Indicator
    from framsyn.web.languages import Text
    from framsyn.web.measures.models import Measure
    from framsyn.web.plan.models import Element

    Followed = Measure | Indicator | Element

__all__ = ["field_of", "give", "of"]

_ONE = datetime.timedelta(days=1)


def field_of(thing: Followed) -> str:
    """Return the kind of a thing, as an assignment names it: measure, goal or indicator."""
    return {"measures.measure": "measure", "plan.element": "goal"}.get(thing._meta.label_lower, "indicator")


def give(
    thing: Followed,
    *,
    role: str,
    organisation: Organisation,
    unit: Text,
    person: AbstractUser | None,
    valid_from: datetime.date,
    valid_to: datetime.date | None,
) -> tuple[list[Assignment], Assignment]:
    """Make an assignment; whoever had the part before ends the day before."""
    if role not in Assignment.Role.values:
        raise PlanError("unknown-role", _("Choose owner or deputy."), field="role", got=role)
    if person is None and not any(unit.values()):
        raise PlanError("nobody", _("Name a unit, a person, or both."), field="unit")
    if person is not None and not person.is_active:
        message = _("%(name)s has left. Choose somebody else.") % {"name": person.get_full_name() or person}
        raise PlanError("has-left", message, field="person")
    check_dates(valid_from, valid_to, "valid_to")
    same = Assignment.objects.filter(role=role, **{field_of(thing): thing})
    later = same.filter(valid_from__gt=valid_from).order_by("valid_from").first()
    if later is not None and (valid_to is None or valid_to >= later.valid_from):
        message = _("From %(day)s on it is given to somebody else already. End this one before that day.")
        raise PlanError(
            "owner-twice", message % {"day": later.valid_from}, field="valid_to", got=str(later.valid_from)
        )
    held = same.filter(Q(valid_to=None) | Q(valid_to__gte=valid_from), valid_from__lte=valid_from)
    before = list(held.select_related("person"))
    held.filter(valid_from=valid_from).delete()
    held.update(valid_to=valid_from - _ONE)
    given = Assignment.objects.create(
        role=role,
        organisation=organisation,
        unit=unit,
        person=person,
        valid_from=valid_from,
        valid_to=valid_to,
        **{field_of(thing): thing},
    )
    return before, given


def of(assignment: Assignment) -> dict[str, Any]:
    """Return what the log keeps of an assignment."""
    return {
        "role": assignment.role,
        "organisation": assignment.organisation_id,
        "unit": dict(assignment.unit),
        "person": assignment.person.get_username() if assignment.person else None,
        "valid_from": assignment.valid_from,
        "valid_to": assignment.valid_to,
    }
