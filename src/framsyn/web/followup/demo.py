"""What the demo's owner answers for, so that My work, the radar and the one-minute report can be tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from framsyn.web.followup.actions import assign
from framsyn.web.indicators.models import Indicator
from framsyn.web.measures.assigning import field_of
from framsyn.web.measures.models import Assignment, Measure
from framsyn.web.notes.places import place_of
from framsyn.web.plan.models import Element

if TYPE_CHECKING:
    from framsyn.web.actions import Actor

__all__ = ["give_to_owner"]

OWNER, EDITOR = "demo-owner", "demo-editor"
OWNED = (
    (Measure, ("home-hospital", "event-learning", "task-sharing")),
    (Indicator, ("waiting-time-somatic", "survival-30-days")),
    (Element, ("rup-2027.s1.g1", "rup-2027.s10.g2")),
)
DEPUTISED = ((Measure, ("full-time-posts",)),)


def give_to_owner(actor: Actor) -> None:
    """Make the demo's owner answer for a few things, with the editor as deputy; what is given already stays."""
    users = {
        user.get_username(): user for user in get_user_model().objects.filter(username__in=(OWNER, EDITOR))
    }
    owner, editor = users.get(OWNER), users.get(EDITOR)
    if owner is None or editor is None or owner.assignments.exists():
        return
    for role, person, listed in (
        ("owner", owner, OWNED),
        ("deputy", editor, OWNED),
        ("deputy", owner, DEPUTISED),
    ):
        for model, names in listed:
            found: Any = model._default_manager.filter(pk__in=names)
            for thing in found:
                now = Assignment.objects.filter(
                    role="owner", valid_to=None, **{field_of(thing): thing}
                ).last()
                assign(
                    actor,
                    thing,
                    role=role,
                    organisation=now.organisation if now else place_of(thing).organisation,
                    unit=now.unit if now and role == "owner" else None,
                    person=person,
                    valid_from=timezone.localdate(),
                )
