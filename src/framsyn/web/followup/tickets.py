"""Links that let one person report on one thing once, without logging in.

The token is random, 256 bits, and goes out in the letter alone: the database keeps its SHA-256, so that nobody who reads the
database, a backup or the log can use it.
"""

from __future__ import annotations

import datetime
import hashlib
import secrets
from typing import TYPE_CHECKING

from django.db.models import Q

from framsyn.web.followup.models import Letter, Ticket

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser

__all__ = ["KINDS", "digest_of", "issue", "ticket_of", "use"]

KINDS = ("measure", "indicator")  # what can be reported on in a minute
_LONGEST = 100  # no token of ours is longer; nothing longer is worth a digest


def digest_of(token: str) -> str:
    """Return what the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue(
    person: AbstractUser,
    kind: str,
    thing: str,
    *,
    now: datetime.datetime,
    days: int,
    letter: Letter | None = None,
) -> str:
    """Make a ticket and return its token, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    Ticket.objects.create(
        digest=digest_of(token),
        person=person,
        letter=letter,
        kind=kind,
        thing=thing,
        created_at=now,
        expires_at=now + datetime.timedelta(days=days),
    )
    return token


def ticket_of(token: str) -> Ticket | None:
    """Return the ticket of a token, used and expired ones too; one query."""
    if len(token) > _LONGEST:
        return None
    return Ticket.objects.filter(digest=digest_of(token)).select_related("person").first()


def use(ticket: Ticket, now: datetime.datetime) -> bool:
    """Use a ticket up inside the transaction of what it is used for; False when somebody was faster, or it has expired."""
    valid = Q(pk=ticket.pk, used_at=None, expires_at__gt=now)
    return Ticket.objects.filter(valid).update(used_at=now) == 1
