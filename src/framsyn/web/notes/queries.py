"""Reading internal notes: only for those who may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framsyn.web.notes.models import Note
from framsyn.web.notes.places import kind_of
from framsyn.web.policies import may

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Notes", "notes_of"]


@dataclass(frozen=True)
class Notes:
    """The notes on one thing, as its page shows them."""

    kind: str
    thing_id: str
    open: list[Note]
    resolved: list[Note]
    longest: int = Note.LONGEST


def notes_of(thing: Any, roles: Iterable[str]) -> Notes | None:
    """Return the notes on a thing for somebody with these roles there, None for those who may not read them; one query."""
    if not may(roles, "see.internal_note"):
        return None
    kind = kind_of(thing)
    found = list(Note.objects.filter(**{kind: thing}).select_related("author", "resolved_by"))
    return Notes(
        kind,
        str(thing.pk),
        [note for note in found if note.resolved_at is None],
        [note for note in reversed(found) if note.resolved_at is not None],
    )
