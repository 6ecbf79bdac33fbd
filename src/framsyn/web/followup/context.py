"""What the head of every page says to somebody who is logged in: how many things need them; one query, none for others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from framsyn.web.followup.rules import rules_in_force
from framsyn.web.followup.things import attention_count

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["my_work"]


def my_work(request: HttpRequest) -> dict[str, Any]:
    """Return the number of things that need the one who asks; asked for only where a page shows it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "my_work_count": SimpleLazyObject(
            lambda: attention_count(user, timezone.localdate(), rules_in_force())
        )
    }
