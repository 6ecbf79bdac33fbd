"""Locking out who guesses passwords: five wrong ones for one user name from one address, then a rest.

Counting is django-axes' work. A name that nobody has is counted and answered like one that somebody has.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from axes.backends import AxesStandaloneBackend
from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.utils import timezone

from framsyn.web.accounts.limits import mark_of_address

if TYPE_CHECKING:
    import datetime

    from django.contrib.auth.models import AbstractUser
    from django.http import HttpRequest, HttpResponse

__all__ = ["LockoutBackend", "as_answered", "is_locked", "locked_until", "typed_name", "unlock_name"]


class LockoutBackend(AxesStandaloneBackend):
    """Refuses who is locked out. A check of a password that no request asks for, as of a command, is not counted."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:  # type: ignore[override]
        """Raise when the name is locked for this address."""
        if request is not None:
            super().authenticate(request, **credentials)


def folded(name: str) -> str:
    """Return a user name as it is counted: capitals and forms of letters make no other name.

    >>> folded(" Kari ")
    'kari'
    """
    return unicodedata.normalize("NFKC", name).replace("\x00", "").strip().lower()[:150]


def typed_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Return the user name that is tried; for django-axes."""
    given = (credentials or {}).get("username") or request.POST.get("username", "")
    return folded(str(given))


def as_answered(
    request: HttpRequest, response: HttpResponse, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Return the answer of the login page, which tells that one is locked out; for django-axes."""
    return response


def locked_until(request: HttpRequest, name: str) -> datetime.datetime | None:
    """Return when this name may be tried again from this address; one query."""
    rows = AccessAttempt.objects.filter(username=folded(name), ip_address=mark_of_address(request))
    last = rows.order_by("-attempt_time").values_list("attempt_time", flat=True).first()
    return last + settings.AXES_COOLOFF_TIME if last else None


def is_locked(user: AbstractUser) -> bool:
    """Tell whether a person is locked out from some address just now; one query."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    failures: dict[str, int] = {}
    rows = AccessAttempt.objects.filter(username=folded(user.get_username()), attempt_time__gte=since)
    for address, count in rows.values_list("ip_address", "failures_since_start"):
        failures[address] = failures.get(address, 0) + count
    return any(count >= settings.AXES_FAILURE_LIMIT for count in failures.values())


def unlock_name(user: AbstractUser) -> int:
    """Forget the wrong passwords of a person, and return of how many places."""
    return reset(username=folded(user.get_username()))
