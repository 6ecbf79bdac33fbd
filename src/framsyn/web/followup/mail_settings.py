"""The mail server from one address in the environment; imported by the settings, so it imports nothing of Django's.

``smtp://user:password@mail.example.org:587?tls=1&from=plan@example.org``; ``smtps://`` speaks TLS from the first byte.
"""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from framsyn.errors import PlanError

__all__ = ["read_email_url"]

PORTS = {"smtp": 25, "smtps": 465}
EXAMPLE = "smtp://user:password@mail.example.org:587?tls=1&from=plan@example.org"


def read_email_url(url: str, host: str = "localhost") -> dict[str, Any]:
    """Return Django's e-mail settings; without an address no letter is sent.

    Parameters
    ----------
    url : str
    host : str
        Name of the site, for the sender where the address names none.

    Raises
    ------
    PlanError
        ``bad-email-url``, without the password in its message.

    Examples
    --------
    >>> found = read_email_url("smtp://plan:s%40fe@mail.example.org:587?tls=1&from=plan@example.org")
    >>> found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_HOST_PASSWORD"]
    ('mail.example.org', 587, True, 's@fe')
    >>> read_email_url("")["EMAIL_HOST"]
    ''
    """
    if not url:
        url = "smtp://"
    try:
        parts = urlsplit(url)
        given = parse_qs(parts.query, strict_parsing=True) if parts.query else {}
        port = parts.port
    except ValueError as error:
        raise _fault("address", str(error)) from error
    if parts.scheme not in PORTS:
        raise _fault("scheme", f"it begins with {parts.scheme or 'nothing'}://, not with smtp:// or smtps://")
    if parts.path not in ("", "/"):
        raise _fault("path", "it has a path after the host")
    if unknown := sorted(set(given) - {"tls", "from", "timeout"}):
        raise _fault(
            "query", f"it has {', '.join(unknown)}, which is not known; expected tls, from or timeout"
        )
    sender = given.get("from", [f"framsyn@{host}"])[0]
    address = parseaddr(sender)[1]
    if "@" not in address or any(sign in sender for sign in "\r\n"):
        raise _fault("from", f"from is {sender!r}, which is no address")
    timeout = given.get("timeout", ["30"])[0]
    if not timeout.isdigit() or int(timeout) < 1:
        raise _fault("timeout", f"timeout is {timeout!r}, not a number of seconds")
    return {
        "EMAIL_HOST": parts.hostname or "",
        "EMAIL_PORT": port or PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": given.get("tls", ["0"])[0] == "1" and parts.scheme == "smtp",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": int(timeout),
        "EMAIL_SENDER": address,
        "DEFAULT_FROM_EMAIL": sender if "<" in sender else f"Framsyn <{sender}>",
    }


def _fault(part: str, what: str) -> PlanError:
    message = f"FRAMSYN_EMAIL_URL cannot be used: {what}. Write it like {EXAMPLE}"
    return PlanError("bad-email-url", message, part=part)
