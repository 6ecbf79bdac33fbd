"""What can be wrong with the log, and how it is told."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["KINDS", "Fault", "fault_of"]

KINDS = {
    "changed": "an entry was changed after it was sealed",
    "removed": "an entry was removed",
    "inserted": "an entry was put in past the site",
    "order": "the order was changed",
    "truncated": "the end was cut off",
    "rewritten": "the chain was made anew",
    "seal-changed": "a seal was changed",
    "seal-removed": "a seal was removed",
    "unknown-key": "the key of the seals is not known here",
}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    Parameters
    ----------
    kind : str
        One of :data:`KINDS`.
    chain : str
        Id of the organisation; empty for what concerns all.
    place : int, optional
        In the chain; the first one where the fault covers several.
    last : int, optional
        The last one.
    entry : int, optional
        Number of the entry.
    at, actor, action, about : str
        What the entry says of itself now.
    fields : tuple of str
        Fields of the entry that differ from what was sealed.
    detail : str
        How it shows.
    """

    kind: str
    chain: str
    place: int | None = None
    last: int | None = None
    entry: int | None = None
    at: str = ""
    actor: str = ""
    action: str = ""
    about: str = ""
    fields: tuple[str, ...] = ()
    detail: str = ""

    @property
    def told(self) -> str:
        """The fault in one line.

        >>> Fault("changed", "hmn", place=7, entry=12, fields=("reason",), at="2027-01-15 09:30").told
        'changed: chain hmn, place 7, entry 12 (2027-01-15 09:30): an entry was changed after it was sealed; reason'
        """
        where = [f"chain {self.chain or '*'}"]
        if self.place is not None:
            until = f"–{self.last}" if self.last is not None and self.last > self.place else ""
            where.append(f"place{'s' if until else ''} {self.place}{until}")
        if self.entry is not None:
            says = ", ".join(part for part in (self.at, self.actor, self.action, self.about) if part)
            where.append(f"entry {self.entry}{f' ({says})' if says else ''}")
        what = "; ".join(part for part in (KINDS[self.kind], ", ".join(self.fields), self.detail) if part)
        return f"{self.kind}: {', '.join(where)}: {what}"

    def facts(self) -> dict[str, Any]:
        """Return what is known, for JSON."""
        found = {**asdict(self), "fields": list(self.fields), "what": KINDS[self.kind]}
        return {name: value for name, value in found.items() if value not in (None, "", [])} | {
            "chain": self.chain
        }


def fault_of(
    kind: str, chain: str, seal: Any, entry: Any, detail: str = "", fields: list[str] | None = None
) -> Fault:
    """Return a fault at a seal, an entry or both."""
    return Fault(
        kind,
        chain,
        place=seal.place if seal is not None else None,
        entry=seal.entry_id if seal is not None else entry.pk,
        at=f"{entry.at:%Y-%m-%d %H:%M:%S}" if entry is not None else "",
        actor=entry.actor_name if entry is not None else "",
        action=entry.action if entry is not None else "",
        about=f"{entry.object_type} {entry.object_id}" if entry is not None else "",
        fields=tuple(fields or ()),
        detail=detail,
    )
