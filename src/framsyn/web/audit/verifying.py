"""Checking the log: every chain from its first entry to its last, in constant memory, and what is wrong by its place.

What an entry says is held against the content that was sealed, a seal against its own hash, each seal against the one
before, the end of each chain against heads kept elsewhere, and the stamp of every entry against the site's key. A seal that
does not hold where it stands is tried at the places around: so rows that were moved, or that moved up because one was taken
away, are told apart from rows that were changed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Count

from framsyn.web.audit.canonical import FIELDS, FORM, facts_of
from framsyn.web.audit.displaced import Displaced
from framsyn.web.audit.faults import Fault, fault_of
from framsyn.web.audit.heads import Head
from framsyn.web.audit.models import Entry, Seal
from framsyn.web.audit.stamps import changed_fields, contents_of, hash_of, stamp_holds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from framsyn.web.audit.keys import Key

__all__ = ["Report", "verify"]

CHUNK = 1_000
MOST = 1_000  # faults that are kept with all that is known of them; the rest is counted
TRIED = 50  # places tried on either side for a seal that does not hold where it stands


@dataclass
class Report:
    """What was found.

    Parameters
    ----------
    entries, late, waiting : int
        Entries that are sealed, of these older than the seals, and entries that wait for their seal.
    heads : dict
        The end of each chain.
    held : int
        Heads kept elsewhere that the log still has.
    faults : list of Fault
        The first of them.
    count : Counter
        All faults, by kind.
    """

    entries: int = 0
    late: int = 0
    waiting: int = 0
    held: int = 0
    heads: dict[str, Head] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    count: Counter[str] = field(default_factory=Counter)

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.count

    def add(self, fault: Fault) -> None:
        """Take a fault in."""
        self.count[fault.kind] += 1
        if len(self.faults) < MOST:
            self.faults.append(fault)


def verify(
    keys: Mapping[str, Key],
    kept: Iterable[Head] = (),
    step: Callable[[int, int], None] = lambda _done, _total: None,
) -> Report:
    """Check the whole log.

    Parameters
    ----------
    keys : mapping
        The present key and earlier ones, by id.
    kept : iterable of Head
        Ends of chains that were kept elsewhere, by chain and place.
    step : callable
        Told how many seals are checked, and of how many.
    """
    report = Report()
    promised: dict[str, dict[int, Head]] = {}
    for head in kept:
        promised.setdefault(head.chain, {})[head.place] = head
    total = Seal.objects.count()
    walk = None
    for done, (seal, entry) in enumerate(_rows(), start=1):
        if walk is None or walk.chain != seal.chain:
            if walk is not None:
                walk.end()
            walk = _Walk(seal.chain, keys, promised.pop(seal.chain, {}), report)
        walk.take(seal, entry)
        if done % CHUNK == 0:
            step(done, max(total, done))
    if walk is not None:
        walk.end()
    for chain, heads in promised.items():
        _Walk(chain, keys, heads, report).end()
    _check_waiting(keys, report)
    _check_copies(report)
    step(report.entries, max(report.entries, 1))
    return report


def _rows() -> Iterator[tuple[Any, Any]]:
    """Give every seal with its entry, chain by chain; the entry is None where it is gone."""
    chain, place, number = "", -1, -1
    while True:
        # In the order of the index, from where the last chunk ended; the number of the entry parts two that claim one place.
        rows = list(
            Seal.objects.raw(
                "SELECT * FROM audit_seal WHERE (chain, place, entry_id) > (%s, %s, %s) "
                "ORDER BY chain, place, entry_id LIMIT %s",
                [chain, place, number, CHUNK],
            )
        )
        found = Entry.objects.in_bulk([seal.entry_id for seal in rows])
        for seal in rows:
            yield seal, found.get(seal.entry_id)
        if len(rows) < CHUNK:
            return
        chain, place, number = rows[-1].chain, rows[-1].place, rows[-1].entry_id


class _Walk:
    """One chain, from its first seal to its last."""

    def __init__(
        self, chain: str, keys: Mapping[str, Key], promised: dict[int, Head], report: Report
    ) -> None:
        self.chain = chain
        self.keys = keys
        self.promised = promised
        self.report = report
        self.place = 0  # of the seal before
        self.hash = ""  # and its hash
        self.sound = True  # whether it was found to hold
        self.good = 0  # the last place up to which a kept head agrees
        self.rewritten = False  # whether one did not
        self.displaced = Displaced(chain)
        self.doubtful: tuple[Any, Any, str] | None = None  # a seal that holds nowhere, and the hash before it
        self.strange: set[str] = set()  # keys that nobody has

    def take(self, seal: Any, entry: Any) -> None:
        """Check the next seal."""
        self.report.entries += 1
        self.report.late += seal.late
        key = self.keys.get(seal.key)
        if key is None:
            self.tell_unknown_key(seal.key, seal, entry)
        holds_at = self._place_of(seal, key)
        self._settle(seal if holds_at is not None else None)
        missing = seal.place - self.place - 1
        if missing > 0:
            self._gap(seal, missing)
        if holds_at is None and key is not None:
            self.doubtful = (seal, entry, self.hash)
        elif key is not None and holds_at is not None:
            for fault in self.displaced.take(seal, entry, holds_at):
                self.report.add(fault)
            if holds_at == seal.place and not missing and self.sound and seal.previous != self.hash:
                words = "the hash of the one before is not that which this one was sealed after"
                self.report.add(fault_of("order", self.chain, seal, entry, words))
        if entry is None:
            self.report.add(fault_of("removed", self.chain, seal, None))
        elif key is not None and holds_at is not None:
            self._check_content(seal, entry, key)
        if holds_at is not None:
            self._check_head(seal, holds_at)
        self.place, self.hash = max(self.place, seal.place), seal.hash
        self.sound = holds_at == seal.place and key is not None

    def end(self) -> None:
        """Check the end of the chain against the heads that were kept."""
        self._settle(None)
        for fault in self.displaced.end():
            self.report.add(fault)
        if self.place:
            self.report.heads[self.chain] = Head(self.chain, self.place, self.hash)
        beyond = [place for place in self.promised if place > self.place]
        if beyond:
            words = f"the log ends at place {self.place}, but a head kept elsewhere says that it had {max(beyond)} entries"
            self.report.add(
                Fault("truncated", self.chain, place=self.place + 1, last=max(beyond), detail=words)
            )

    def _place_of(self, seal: Any, key: Key | None) -> int | None:
        """Return the place that a seal was made for; None when it was not made with this key for any place around."""
        if key is None or seal.form != FORM:
            return seal.place if key is None else None
        if hash_of(seal, key) == seal.hash:
            return seal.place
        near = sorted(range(-TRIED, TRIED + 1), key=abs)
        for shift in (self.displaced.shift, *near):
            if seal.place + shift > 0 and hash_of(seal, key, place=seal.place + shift) == seal.hash:
                return seal.place + shift
        return None

    def tell_unknown_key(self, name: str, seal: Any, entry: Any) -> None:
        """Tell of a key that nobody has, once in each chain."""
        if name not in self.strange:
            self.strange.add(name)
            words = f"made with a key that this site does not have ({name}), from here on"
            self.report.add(fault_of("unknown-key", self.chain, seal, entry, words))

    def _gap(self, seal: Any, missing: int) -> None:
        first, last = self.place + 1, seal.place - 1
        what = f"place {first} is" if missing == 1 else f"places {first}–{last} are"
        words = f"{what} gone, with their seals" if missing > 1 else f"{what} gone, with its seal"
        self.report.add(Fault("removed", self.chain, place=first, last=last, detail=words))
        self.sound = False

    def _settle(self, following: Any) -> None:
        """Say what a seal that holds nowhere is, now that the next one is known."""
        if self.doubtful is None:
            return
        seal, entry, before = self.doubtful
        self.doubtful = None
        stamped = entry is not None and stamp_holds(entry.stamp, facts_of(entry), self.keys)
        jumped = following is not None and following.previous == before != seal.hash
        if jumped or (entry is not None and not stamped and not seal.late and following is None):
            kind, words = "inserted", "sealed, but not by this site"
        else:
            kind, words = "seal-changed", "the seal itself was changed"
        self.report.add(fault_of(kind, self.chain, seal, entry, words))
        if entry is not None and kind == "seal-changed" and not stamped and not seal.late:
            self.report.add(fault_of("changed", self.chain, seal, entry, "the entry was changed as well"))

    def _check_content(self, seal: Any, entry: Any, key: Key) -> None:
        facts = facts_of(entry)
        content, fields = contents_of(entry, facts, key)
        if content != seal.content:
            changed = changed_fields(seal.fields, fields) or ["stamp"]
            self.report.add(fault_of("changed", self.chain, seal, entry, fields=changed))
        elif (entry.organisation_id or "") != seal.chain:
            self.report.add(fault_of("changed", self.chain, seal, entry, fields=["organisation_id"]))
        elif not seal.late:
            _check_stamp(seal, entry, facts, self)

    def _check_head(self, seal: Any, place: int) -> None:
        head = self.promised.pop(place, None)
        if head is None:
            return
        if head.hash == seal.hash:
            self.good = place
            self.report.held += 1
        if head.hash == seal.hash or self.rewritten:
            return
        self.rewritten = True
        words = (
            "a head kept elsewhere has another hash here: the chain was made anew "
            f"{f'after place {self.good}, the last one that agrees' if self.good else 'from its beginning'}"
        )
        self.report.add(Fault("rewritten", self.chain, place=seal.place, entry=seal.entry_id, detail=words))


def _check_stamp(seal: Any, entry: Any, facts: Mapping[str, str], walk: _Walk) -> bool:
    """Check that the site wrote an entry; False when it did not, or when that cannot be told."""
    holds = stamp_holds(entry.stamp, facts, walk.keys)
    if holds is None:
        walk.tell_unknown_key(entry.stamp.partition(".")[0], seal, entry)
    elif not holds:
        then = "it has no seal" if seal is None else "before it was sealed"
        words = f"written into the table past the site; {then}"
        walk.report.add(fault_of("inserted", walk.chain, seal, entry, words))
    return bool(holds)


def _check_waiting(keys: Mapping[str, Key], report: Report) -> None:
    """Check the entries that have no seal: whether the site wrote them, and whether they ever had one."""
    last, walks = -1, dict[str, _Walk]()
    while True:
        rows = list(Entry.objects.filter(seal__isnull=True, id__gt=last).order_by("id")[:CHUNK])
        for entry in rows:
            chain = entry.organisation_id or ""
            walk = walks.setdefault(chain, _Walk(chain, keys, {}, report))
            if not _check_stamp(None, entry, facts_of(entry), walk):
                continue
            after = Seal.objects.filter(chain=chain, entry_id__gt=entry.pk).order_by("place").first()
            if after is not None and (after.sealed_at - entry.at).total_seconds() > PATIENCE:
                words = f"it has no seal, though later ones have: its seal was removed; entry {after.pk} is sealed"
                report.add(fault_of("seal-removed", chain, None, entry, words))
            else:
                report.waiting += 1
        if len(rows) < CHUNK:
            return
        last = rows[-1].pk


def _check_copies(report: Report) -> None:
    """Find entries that carry the stamp of another one: the database refuses them as long as its index is there."""
    twice = (
        Entry.objects.exclude(stamp=None)
        .order_by()
        .values("stamp")
        .annotate(count=Count("id"))
        .filter(count__gt=1)
    )
    for stamp in twice.values_list("stamp", flat=True)[:MOST]:
        first, *copies = Entry.objects.filter(stamp=stamp).select_related("seal").order_by("id")
        for entry in copies:
            words = f"a copy of entry {first.pk}"
            seal = getattr(entry, "seal", None)
            report.add(fault_of("inserted", entry.organisation_id or "", seal, entry, words))


# A transaction may be open for this long; an entry that was committed later than others waits for its seal rightly.
PATIENCE = 3_600.0
assert len(FIELDS) * 8 <= 200
