"""Sessions that their owner can see and end, with a longest life and a longest rest.

A row tells who is logged in, with what kind of browser, since when, and the hour of the last use. It holds no address of a
machine.
"""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser
    from django.contrib.sessions.backends.base import SessionBase
    from django.http import HttpRequest

    from framsyn.web.accounts.models import Session

__all__ = ["SessionStore", "browser_of", "is_over", "mark_of", "sessions_of", "touch"]

BEGAN, USED, DEVICE = "began", "used", "device"
# How exactly the last use is known: a row is not written anew for every page.
EXACTNESS = datetime.timedelta(minutes=5)
# The first that fits; most browsers claim to be others as well.
_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrom(?:e|ium)/|CriOS/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Macintosh|Mac OS X"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux|X11"),
)


class SessionStore(DatabaseStore):
    """Keeps sessions in :class:`framsyn.web.accounts.models.Session`, each read together with its owner."""

    owner: AbstractUser | None = None

    def _get_session_from_db(self) -> Session | None:
        rows = self.model.objects.select_related("user")
        try:
            row: Session = rows.get(session_key=self.session_key, expire_date__gt=timezone.now())
        except self.model.DoesNotExist:
            self._session_key = None
            return None
        self.owner = row.user
        return row

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the model of a row."""
        from framsyn.web.accounts.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row, with the owner beside the packed data."""
        row: Session = super().create_model_instance(data)
        who = data.get(SESSION_KEY)
        row.user_id = int(who) if who else None
        row.device = data.get(DEVICE, "")
        row.began = moment(data.get(BEGAN))
        used = moment(data.get(USED))
        row.used = used.replace(minute=0, second=0, microsecond=0) if used else None
        return row


def moment(stamp: Any) -> datetime.datetime | None:
    """Return a time from seconds since 1970.

    >>> moment(0).isoformat(), moment(None)
    ('1970-01-01T00:00:00+00:00', None)
    """
    return datetime.datetime.fromtimestamp(stamp, tz=datetime.UTC) if stamp is not None else None


def browser_of(agent: str) -> str:
    """Return the kind of browser and machine, and nothing that tells one from the other of its kind.

    >>> browser_of("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox, Linux'
    >>> browser_of("curl/8.5.0")
    ''
    """
    found = (
        next((name for name, pattern in known if re.search(pattern, agent)), "")
        for known in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(filter(None, found))


def began(sender: Any, request: HttpRequest, **_more: Any) -> None:
    """Note in the session when it began and in what browser; a good moment to forget sessions that are over."""
    now = int(timezone.now().timestamp())
    SessionStore.clear_expired()
    request.session[BEGAN] = request.session[USED] = now
    request.session[DEVICE] = browser_of(request.headers.get("User-Agent", ""))


user_logged_in.connect(began, dispatch_uid="framsyn.sessions.began")


def is_over(session: SessionBase, now: datetime.datetime) -> bool:
    """Tell whether a session has lived, or rested, longer than the settings allow."""
    start, used = moment(session.get(BEGAN)), moment(session.get(USED))
    if start is None or used is None:
        return True
    return now - start > settings.SESSION_LONGEST or now - used > settings.SESSION_IDLE


def touch(session: SessionBase, now: datetime.datetime) -> None:
    """Note that a session is in use; written at most every five minutes."""
    used = moment(session.get(USED))
    if used is None or now - used >= EXACTNESS:
        session[USED] = int(now.timestamp())


def mark_of(key: str, use: str = "session") -> str:
    """Return a name for a session that can stand on a page: the key itself would open it.

    >>> mark_of("a") == mark_of("a") != mark_of("b")
    True
    """
    return salted_hmac(f"framsyn.accounts.{use}", key, algorithm="sha256").hexdigest()[:24]


def sessions_of(user: AbstractUser, current: str | None) -> list[dict[str, Any]]:
    """Return the sessions of a person that are still good, the present one first, then the newest; one query."""
    from framsyn.web.accounts.models import Session

    now = timezone.now()
    rows = Session.objects.filter(
        user=user,
        expire_date__gt=now,
        began__gt=now - settings.SESSION_LONGEST,
        used__gt=now - settings.SESSION_IDLE - datetime.timedelta(hours=1),  # the hour is all that is kept
    ).order_by("-used", "-began")
    found = [
        {
            "key": row.session_key,
            "mark": mark_of(row.session_key),
            "device": row.device,
            "began": row.began,
            "used": row.used,
            "current": current is not None and constant_time_compare(row.session_key, current),
        }
        for row in rows
    ]
    return sorted(found, key=lambda one: not one["current"])
