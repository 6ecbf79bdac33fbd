"""Stamps and hashes: what only the site can put on an entry and on a seal.

A stamp is made in the moment an entry is written, of all that it says, with a key that the database does not hold. A row
that somebody puts into the table past the site has none, so it is found even after it has been sealed.
"""

from __future__ import annotations

import datetime
import secrets
from typing import TYPE_CHECKING, Any

from framsyn.web.audit.canonical import FIELDS, FORM, facts_of
from framsyn.web.audit.keys import present_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from framsyn.web.audit.keys import Key

__all__ = ["changed_fields", "contents_of", "hash_of", "stamp_holds", "stamp_of"]

_SHORT = (
    8  # letters of a field's digest: enough to tell which field it was, once the whole is known to be changed
)


def stamp_of(entry: Any) -> str:
    """Return the stamp of an entry that is about to be written: key, a number used once, and the HMAC of both texts."""
    key, once = present_key(), secrets.token_hex(6)
    return f"{key.id}.{once}.{_stamp(key, once, facts_of(entry))}"


def _stamp(key: Key, once: str, facts: Mapping[str, str]) -> str:
    return key.digest(_lines("stamp", FORM, once, *(facts[name] for name in FIELDS)))[:32]


def _lines(*parts: Any) -> str:
    """Put parts together that hold no line break, so that no two lists of parts give the same text."""
    return "\n".join(map(str, parts))


def stamp_holds(stamp: str | None, facts: Mapping[str, str], keys: Mapping[str, Key]) -> bool | None:
    """Tell whether the site wrote an entry as it stands; None when its key is not known.

    Parameters
    ----------
    stamp : str or None
    facts : mapping
        :func:`framsyn.web.audit.canonical.facts_of` the entry.
    keys : mapping
        By id.
    """
    name, _, rest = (stamp or "").partition(".")
    once, _, found = rest.partition(".")
    if not found:
        return False
    if name not in keys:
        return None
    return secrets.compare_digest(found, _stamp(keys[name], once, facts))


def contents_of(entry: Any, facts: Mapping[str, str], key: Key) -> tuple[str, str]:
    """Return the HMAC of all that an entry says, and a short one for each of its fields."""
    said = [facts[name] for name in FIELDS]
    whole = key.digest(_lines("entry", FORM, entry.pk, entry.stamp, *said))
    parts = [key.short(f"{entry.pk} {place} {part}") for place, part in enumerate(said)]
    return whole, "".join(parts)


def changed_fields(sealed: str, now: str) -> list[str]:
    """Return the fields of an entry that differ, by the short digests of then and now.

    >>> changed_fields("aaaaaaaabbbbbbbb", "aaaaaaaacccccccc")
    ['actor_id']
    """
    return [
        name
        for place, name in enumerate(FIELDS)
        if sealed[place * _SHORT : (place + 1) * _SHORT] != now[place * _SHORT : (place + 1) * _SHORT]
    ]


def hash_of(seal: Any, key: Key, *, place: int | None = None) -> str:
    """Return the hash of a seal, as it stands or as it would be at another place of its chain."""
    return key.digest(
        _lines(
            "seal",
            seal.form,
            key.id,
            seal.chain,
            seal.place if place is None else place,
            seal.entry_id,
            seal.sealed_at.astimezone(datetime.UTC).isoformat(timespec="microseconds"),
            seal.late,
            seal.content,
            seal.fields,
            seal.previous,
        )
    )
