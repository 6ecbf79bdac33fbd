"""Who may take the workbook out and bring it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from framsyn.web.accounts.queries import may_somewhere

if TYPE_CHECKING:
    from framsyn.web.actions import Actor

__all__ = ["may_exchange"]


def may_exchange(actor: Actor) -> bool:
    """Tell whether an actor may change anything that the workbook holds: by a role, or because it is assigned to them."""
    if may_somewhere(actor, "see.exchange"):
        return True
    user = actor.user
    if user is None or not user.is_active:
        return False
    today = timezone.localdate()
    held = user.assignments.filter(valid_from__lte=today)  # type: ignore[attr-defined]
    return held.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today)).exists()
