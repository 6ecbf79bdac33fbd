"""Who answers for one goal, indicator or measure, as its page says it: units to all, names to those logged in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from framsyn.web.followup.things import answering
from framsyn.web.measures.models import Assignment
from framsyn.web.measures.people import holders
from framsyn.web.policies import may

if TYPE_CHECKING:
    import datetime
    from collections.abc import Collection

    from framsyn.web.measures.people import Holder

__all__ = ["Responsible", "responsible"]


@dataclass(frozen=True)
class Responsible:
    """Owner and deputy of a day."""

    kind: str
    id: str
    owner: Holder | None = None
    deputy: Holder | None = None
    owner_id: int | None = None
    deputy_id: int | None = None
    may_assign: bool = False
    may_hand_over: bool = False


def responsible(
    kind: str, pk: str, today: datetime.date, roles: Collection[str] = frozenset()
) -> Responsible:
    """Return who answers for a thing on a day, and what somebody with these roles may change of it; one query.

    Parameters
    ----------
    kind : {"goal", "indicator", "measure"}
    pk : str
    today : date
    roles : collection of str
        Of the one who asks, at the thing.
    """
    rows = list(
        Assignment.objects.filter(answering(today), **{kind: pk}).select_related("organisation", "person")
    )
    listed = holders(rows, today)
    people = {one.pk: one.person_id for one in rows}
    found = {role: next((one for one in listed if one.role == role), None) for role in ("owner", "deputy")}
    owner, deputy = found["owner"], found["deputy"]
    return Responsible(
        kind,
        pk,
        owner,
        deputy,
        people.get(owner.id) if owner else None,  # type: ignore[arg-type]
        people.get(deputy.id) if deputy else None,  # type: ignore[arg-type]
        may(roles, "followup.assign"),
        may(roles, "followup.hand_over"),
    )
