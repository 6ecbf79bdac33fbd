"""Internal notes are added and resolved; they are never changed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.actions import Act, action
from framsyn.web.notes.models import Note
from framsyn.web.notes.places import place_of

if TYPE_CHECKING:
    from django.db.models import Model

__all__ = ["add", "resolve"]


def _recorded(act: Act, note: Note, thing: Any, **facts: Any) -> None:
    # The log is kept for ever and read by others: it knows that there was a note and can prove what it said, not the words.
    digest = hashlib.sha256(note.text.encode()).hexdigest()
    about = {"about": thing._meta.label_lower, "id": str(thing.pk), "sha256": digest}
    act.record(note, after={**about, **facts}, label=str(thing.pk))


@action("notes.add")
def add(act: Act, thing: Model, text: str) -> Note:
    """Leave a note on an element, an indicator or a measure.

    Raises
    ------
    PlanError
        ``empty-text``, ``too-long``.
    """
    place = place_of(thing)
    act.require(place.organisation, plans=place.plans, thing=thing)
    words = text.replace("\x00", "").strip()
    if not words:
        raise PlanError("empty-text", _("Write the note first."), field="text", got="")
    if len(words) > Note.LONGEST:
        message = _("The note has %(got)s characters. Write at most %(most)s, or several notes.")
        raise PlanError(
            "too-long", message % {"got": len(words), "most": Note.LONGEST}, field="text", got=len(words)
        )
    note = Note.objects.create(
        text=words, author=act.actor.user, at=act.at, organisation=place.organisation, **{place.kind: thing}
    )
    _recorded(act, note, thing)
    return note


@action("notes.resolve")
def resolve(act: Act, note: Note) -> Note:
    """Mark a note as done with; it stays where it is.

    Raises
    ------
    PlanError
        ``resolved``.
    """
    place = place_of(note.about)
    act.require(place.organisation, plans=place.plans, thing=note.about)
    note = Note.objects.select_for_update(of=("self",)).get(pk=note.pk)
    if note.resolved_at is not None:
        raise PlanError("resolved", _("This note is marked as done already."), got=note.pk)
    note.resolved_at, note.resolved_by = act.at, act.actor.user
    note.save(update_fields=("resolved_at", "resolved_by"))
    _recorded(act, note, place.thing, resolved=True)
    return note
