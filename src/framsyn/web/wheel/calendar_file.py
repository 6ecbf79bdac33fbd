"""The annual wheel as an iCalendar file (RFC 5545), for calendars that subscribe to it.

Written by hand: all-day events with a rhythm of years need six properties, and a library would be a dependency for them.
The UID of an event follows from its id alone, so that a calendar updates what it has instead of adding it again.
"""

from __future__ import annotations

import datetime
import uuid
from typing import TYPE_CHECKING

from framsyn.web.wheel.dates import days_in, rhythm
from framsyn.web.wheel.models import Event

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["calendar_text", "escaped", "folded", "uid_of"]

_HOME = uuid.UUID("5b1c7f0e-6a55-5f0e-9c43-0f6f3a2f6d11")  # the name space of Framsyn's events
_OCTETS = 75
_UTC = "%Y%m%dT%H%M%SZ"


def uid_of(event_id: str) -> str:
    """Return the UID of an event: the same for ever, on every machine.

    >>> uid_of("board-june") == uid_of("board-june")
    True
    """
    return str(uuid.uuid5(_HOME, event_id))


def escaped(words: str) -> str:
    r"""Return a text as a property holds it (RFC 5545, 3.3.11).

    >>> escaped("a, b; c\nd")
    'a\\, b\\; c\\nd'
    """
    whole = words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return whole.replace("\r\n", "\n").replace("\n", "\\n").replace("\r", "")


def folded(line: str) -> str:
    r"""Return a content line in parts of at most 75 octets, never within a letter (RFC 5545, 3.1).

    >>> [len(part.encode()) <= 75 for part in folded("SUMMARY:" + "å" * 60).split("\r\n")]
    [True, True]
    """
    parts: list[str] = []
    here = ""
    for letter in line:
        room = _OCTETS - (1 if parts else 0)  # the blank that a continued line begins with
        if len((here + letter).encode("utf-8")) > room:
            parts.append(here)
            here = ""
        here += letter
    return "\r\n ".join([*parts, here])


def calendar_text(events: Iterable[Event], language: str, name: str, address: str, year: int) -> str:
    """Return the calendar.

    Parameters
    ----------
    events : iterable of Event
    language : str
    name : str
        Of the calendar.
    address : str
        Of the wheel's page, with scheme and host.
    year : int
        From which events that come back are told.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Framsyn//Annual wheel//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{escaped(name)}",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:P1D",
    ]
    for event in events:
        lines += event_lines(event, language, address, year)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def event_lines(event: Event, language: str, address: str, year: int) -> list[str]:
    """Return one event; none where it does not come from the year onwards."""
    begin = event.year if event.year is not None else year
    first = days_in(event, begin)
    if first is None or (event.every == 0 and first.last.year < year):
        return []
    known = [
        ("DESCRIPTION", str(event.note)),
        ("CONTACT", str(event.responsible)),
        ("COMMENT", rhythm(event)),
    ]
    lines = [
        "BEGIN:VEVENT",
        f"UID:{uid_of(event.pk)}",
        f"DTSTAMP:{event.updated_at.astimezone(datetime.UTC).strftime(_UTC)}",
        f"LAST-MODIFIED:{event.updated_at.astimezone(datetime.UTC).strftime(_UTC)}",
        f"DTSTART;VALUE=DATE:{first.first:%Y%m%d}",
        f"DTEND;VALUE=DATE:{first.last + datetime.timedelta(days=1):%Y%m%d}",
        f"SUMMARY;LANGUAGE={language}:{escaped(str(event.title))}",
        *(f"{key};LANGUAGE={language}:{escaped(words)}" for key, words in known if words),
        f"CATEGORIES:{escaped(str(event.get_kind_display()))}",
        f"URL:{address}#event-{event.pk}",
        f"STATUS:{'TENTATIVE' if event.standing == Event.Standing.ILLUSTRATION else 'CONFIRMED'}",
        "TRANSP:TRANSPARENT",
    ]
    if event.every:
        lines.append(f"RRULE:FREQ=YEARLY{f';INTERVAL={event.every}' if event.every > 1 else ''}")
    lines.append("END:VEVENT")
    return lines
