"""Who answers for a measure, as pages say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from framsyn.web.languages import Text
from framsyn.web.measures.models import Assignment

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from framsyn.web.accounts.models import Organisation
    from framsyn.web.measures.models import Measure

__all__ = ["Holder", "holders", "owner_of"]

OWNER = "owner"


@dataclass(frozen=True)
class Holder:
    """Somebody who answers for a measure, now or earlier.

    Parameters
    ----------
    standing : {"now", "later", "ended", "left"}
        ``left``: the days still run, but the person no longer has a login here.
    """

    id: int | None
    role: str
    role_name: str
    organisation: Organisation
    unit: Text
    person: str
    valid_from: datetime.date | None
    valid_to: datetime.date | None
    standing: str

    @property
    def is_now(self) -> bool:
        """Whether this one answers today."""
        return self.standing == "now"


def holder(assignment: Assignment, today: datetime.date) -> Holder:
    """Return an assignment as it is told."""
    person = assignment.person
    if assignment.valid_from > today:
        standing = "later"
    elif assignment.valid_to is not None and assignment.valid_to < today:
        standing = "ended"
    else:
        standing = "now" if person is None or person.is_active else "left"
    return Holder(
        assignment.pk,
        assignment.role,
        str(Assignment.Role(assignment.role).label),
        assignment.organisation,
        assignment.unit,
        (person.get_full_name() or person.get_username()) if person else "",
        assignment.valid_from,
        assignment.valid_to,
        standing,
    )


def holders(assignments: Iterable[Assignment], today: datetime.date) -> list[Holder]:
    """Return all who answer or answered: owners before deputies, those of today first, the last one next."""
    told = [holder(assignment, today) for assignment in assignments]
    order = ("now", "left", "later", "ended")
    by_day = sorted(told, key=lambda one: one.valid_from, reverse=True)  # type: ignore[arg-type,return-value]
    return sorted(by_day, key=lambda one: (one.role != OWNER, order.index(one.standing)))


def owner_of(measure: Measure, assignments: Iterable[Assignment], today: datetime.date) -> Holder:
    """Return who owns a measure today; the organisation and its function where nobody is named."""
    for one in holders(assignments, today):
        if one.role == OWNER and one.standing in ("now", "left"):
            return one
    label = str(Assignment.Role(OWNER).label)
    return Holder(None, OWNER, label, measure.organisation, measure.owner_unit, "", None, None, "now")
