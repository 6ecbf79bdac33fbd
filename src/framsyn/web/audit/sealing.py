"""Sealing: every committed entry gets its place in the chain of its organisation, after the writer has gone on.

Writers only insert their entry and never wait for each other over a chain. One sealer at a time looks for entries without a
seal and appends them: ``hash`` is the HMAC of place, content and the hash before, so a row that is changed, removed, put in
or moved later breaks the chain there.

An entry counts as waiting because it has no seal, never because its number is high: on PostgreSQL a lower number may be
committed after a higher one.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Max, Q
from django.utils import timezone

from framsyn.web.audit import heads
from framsyn.web.audit.canonical import FORM, facts_of
from framsyn.web.audit.heads import Head
from framsyn.web.audit.keys import present_key
from framsyn.web.audit.stamps import contents_of, hash_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Sealed", "heads_now", "seal", "seal_old", "waiting"]

log = logging.getLogger("framsyn.web.audit")
BATCH = 500
# The usual look goes this far back below the last sealed number; `framsyn audit seal` and the start of a site look at all.
NEAR = 5_000
LOCK = 0x66726D74  # any number that nobody else takes for a lock of PostgreSQL


@dataclass
class Sealed:
    """What one run of the sealer did.

    Parameters
    ----------
    count : int
        Entries that were given a place.
    busy : bool
        Another sealer was at work, and there may be entries that it did not see.
    heads : dict
        The chains that grew.
    """

    count: int = 0
    busy: bool = False
    heads: dict[str, Head] = field(default_factory=dict)


def seal(*, everything: bool = False) -> Sealed:
    """Give all waiting entries their places, and write the new ends of the chains to the file of heads.

    Parameters
    ----------
    everything : bool
        Look at the whole log, and not only near its end.
    """
    done = Sealed()
    while True:
        grown = _seal_batch(everything=everything)
        if grown is None:
            done.busy = True
            break
        count, ends = grown
        done.count += count
        done.heads |= ends
        if count < BATCH:
            break
    if done.heads:
        heads.append(done.heads.values())
    return done


def _seal_batch(*, everything: bool) -> tuple[int, dict[str, Head]] | None:
    """Seal one batch in a transaction of its own; None when another sealer is at it."""
    from framsyn.web.audit.models import Seal

    if connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
                if not cursor.fetchone()[0]:
                    return None
            return _append(list(waiting(everything=everything)[:BATCH]), Seal)
    entries = list(waiting(everything=everything)[:BATCH])
    if not entries:
        return 0, {}
    ends = _ends({entry.organisation_id or "" for entry in entries}, Seal)
    seals, grown = _made(entries, dict(ends), Seal)
    # The one place in the file where a writer may have to wait: for one insert of rows that are ready.
    with transaction.atomic():
        taken = Seal.objects.filter(entry_id__in=[entry.pk for entry in entries]).exists()
        if taken or _ends(ends, Seal) != ends:  # by another sealer, since they were read
            return None
        Seal.objects.bulk_create(seals)
    return len(seals), grown


def waiting(*, everything: bool) -> Any:
    """Return the entries without a seal, in the order of their numbers."""
    from framsyn.web.audit.models import Entry, Seal

    found = Entry.objects.filter(seal__isnull=True).order_by("id")
    if not everything:
        last = Seal.objects.aggregate(last=Max("entry_id"))["last"] or 0
        found = found.filter(id__gt=last - NEAR)
    return found


def seal_old(entry_model: Any, seal_model: Any) -> int:
    """Seal what was written before there were seals, marked as such; the migration that brings the seals calls it."""
    count = 0
    while True:
        entries = list(entry_model.objects.filter(seal__isnull=True).order_by("id")[:BATCH])
        _append(entries, seal_model, late=True)
        count += len(entries)
        if len(entries) < BATCH:
            return count


def _append(entries: list[Any], seal_model: Any, *, late: bool = False) -> tuple[int, dict[str, Head]]:
    ends = _ends({entry.organisation_id or "" for entry in entries}, seal_model)
    seals, grown = _made(entries, ends, seal_model, late=late)
    seal_model.objects.bulk_create(seals)
    return len(seals), grown


def _ends(chains: Iterable[str], seal_model: Any) -> dict[str, Head]:
    """Return the last seal of each chain."""
    found = {}
    for chain in chains:
        last = seal_model.objects.filter(chain=chain).order_by("-place").first()
        found[chain] = Head(chain, last.place, last.hash) if last else Head(chain, 0, "")
    return found


def _made(
    entries: list[Any], ends: dict[str, Head], seal_model: Any, *, late: bool = False
) -> tuple[list[Any], dict[str, Head]]:
    key, now = present_key(), timezone.now()
    seals, grown = [], {}
    for entry in entries:
        chain = entry.organisation_id or ""
        before = ends[chain]
        content, fields = contents_of(entry, facts_of(entry), key)
        one = seal_model(
            entry_id=entry.pk,
            chain=chain,
            place=before.place + 1,
            sealed_at=now,
            late=late,
            form=FORM,
            key=key.id,
            content=content,
            fields=fields,
            previous=before.hash,
        )
        one.hash = hash_of(one, key)
        ends[chain] = grown[chain] = Head(chain, one.place, one.hash)
        seals.append(one)
    return seals, grown


def heads_now() -> list[Head]:
    """Return the last seal of every chain; two queries."""
    from framsyn.web.audit.models import Seal

    ends = Seal.objects.order_by().values("chain").annotate(last=Max("place")).values_list("chain", "last")
    here = Q()
    for chain, place in ends:
        here |= Q(chain=chain, place=place)
    rows = Seal.objects.filter(here).order_by("chain") if here else ()
    return [Head(seal.chain, seal.place, seal.hash) for seal in rows]
