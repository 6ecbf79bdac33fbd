"""How often something may be tried from one place, counted for all processes together.

A view that takes posts from strangers is marked::

    @limited("feedback", "10/10m")
    def feedback(request): ...

The eleventh post within ten minutes is answered with 429 and the time when one may try again. Only posts count. Who is
logged in is counted as that person, everybody else by the address of the machine, which is kept as a keyed digest alone.
"""

from __future__ import annotations

import datetime
import functools
import ipaddress
import math
import re
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.accounts.models import RateWindow

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

__all__ = ["address_of", "limited", "mark_of_address", "take"]

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
SAFE = ("GET", "HEAD", "OPTIONS")
NOWHERE = "0.0.0.0"


def parsed(rate: str) -> tuple[int, int]:
    """Return how many in how many seconds.

    >>> parsed("10/5m"), parsed("3/h")
    ((10, 300), (3, 3600))
    """
    found = re.fullmatch(r"([1-9]\d*)/(\d*)([smhd])", rate)
    if found is None:
        message = f'"{rate}" is no rate; write how many in how long, as 10/5m (s, m, h or d).'
        raise PlanError("bad-rate", message, got=rate)
    count, times, unit = found.groups()
    return int(count), int(times or 1) * SECONDS[unit]


def address_of(request: HttpRequest) -> str:
    """Return the address that a request comes from.

    Behind the proxy (FRAMSYN_HTTPS=1) it is the last one in X-Forwarded-For, the only one that the proxy itself has seen;
    anywhere else that header is what a stranger wrote, and is not read.
    """
    given = request.META.get("REMOTE_ADDR", "")
    if settings.HTTPS:
        given = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or given
    try:
        return str(ipaddress.ip_address(given.strip("[]")))
    except ValueError:
        return NOWHERE


def mark_of_address(request: HttpRequest) -> str:
    """Return a digest of the address, in the form of an address: what may be kept of it.

    An address of IPv6 is counted as its network of 64 bits, of which one person has billions of addresses.
    """
    address = ipaddress.ip_address(address_of(request))
    if address.version == 6:
        address = ipaddress.ip_network((address, 64), strict=False).network_address
    digest = salted_hmac("framsyn.accounts.address", str(address), algorithm="sha256").digest()
    return str(ipaddress.IPv6Address(b"\xfd" + digest[:15]))


def take(request: HttpRequest, name: str, rate: str, who: str = "") -> datetime.datetime | None:
    """Count one try, and return when one may try again if it is one too many.

    One statement of the database, so that no two processes count the same try.

    Parameters
    ----------
    request : HttpRequest
    name : str
        What is tried.
    rate : str
        How many in how long: "10/5m".
    who : str, optional
        Who is counted; the person who is logged in, else the address, if left out.
    """
    if not settings.RATE_LIMITS:
        return None
    count, seconds = parsed(rate)
    if not who:
        user = getattr(request, "user", None)
        who = f"user {user.pk}" if user is not None and user.is_authenticated else mark_of_address(request)
    now = timezone.now()
    window = math.floor(now.timestamp() / seconds)
    until = datetime.datetime.fromtimestamp((window + 1) * seconds, tz=datetime.UTC)
    key = salted_hmac("framsyn.accounts.limits", f"{name} {rate} {window} {who}", algorithm="sha256")
    table = connection.ops.quote_name(RateWindow._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (id, count, until) VALUES (%s, 1, %s) "
            f"ON CONFLICT (id) DO UPDATE SET count = {table}.count + 1 RETURNING count",
            [key.hexdigest(), connection.ops.adapt_datetimefield_value(until)],
        )
        (tried,) = cursor.fetchone()
    if tried == 1:  # somebody new: a good moment to forget who was counted before
        RateWindow.objects.filter(until__lt=now).delete()
    return until if tried > count else None


def limited(name: str, rate: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Mark a view: posts beyond a rate are answered with 429 and the time to try again.

    Parameters
    ----------
    name : str
        What is counted; views of the same name are counted together.
    rate : str
        How many in how long: "10/5m", "100/h".
    """
    parsed(rate)

    def mark(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            until = None if request.method in SAFE else take(request, name, rate)
            return view(request, *args, **kwargs) if until is None else too_many(request, until)

        return run

    return mark


def too_many(request: HttpRequest, until: datetime.datetime) -> HttpResponse:
    """Answer that it was tried too often, and when it may be tried again."""
    context = {"until": until, "crumbs": [(_("Too many tries"), "")]}
    response = render(request, "accounts/too_many.html", context, status=429)
    wait = math.ceil((until - timezone.now()).total_seconds())
    response["Retry-After"] = str(max(wait, 1))
    return response
