"""The owner radar: things that nobody has ever updated, that are overdue, whose owner has left, or that have no owner.

The owner who never updates is the way a tool like this dies: this page is read before the meeting, not after it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils import timezone

from framsyn.web.accounts.models import Organisation
from framsyn.web.audit.models import Entry
from framsyn.web.followup.rules import rules_in_force
from framsyn.web.followup.texts import KIND_WORDS, sentence
from framsyn.web.followup.things import things

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping, Sequence

    from framsyn.web.followup.due import Due
    from framsyn.web.followup.rules import Rules
    from framsyn.web.followup.things import Thing
    from framsyn.web.languages import Text

__all__ = ["OwnerRow", "Radar", "RadarRow", "radar"]

UPDATES = (
    "measure.report",
    "measure.task",
    "measure.benefit",
    "indicator.observe",
    "goal.decide",
    "goal.override",
)


@dataclass(frozen=True)
class RadarRow:
    """One thing on the radar.

    Parameters
    ----------
    kind : {"measure", "indicator", "goal"}
    id : str
    title : Text
    route : str
        Name of the route of its page.
    owner : str
        Who answers; empty where nobody does. Names are for those who are logged in.
    unit : str
        The function that answers; may be shown to everybody.
    organisation : str
    due : date or None
        Since when something is missing.
    days : int
        How long.
    words : str
        What is missing, in a sentence.
    """

    kind: str
    id: str
    title: Text
    route: str
    owner: str
    unit: str
    organisation: str
    due: datetime.date | None = None
    days: int = 0
    words: str = ""

    @property
    def kind_word(self) -> str:
        """What it is, in a word."""
        return str(KIND_WORDS[self.kind])


@dataclass(frozen=True)
class OwnerRow:
    """One person who owns something."""

    id: int
    name: str
    things: int
    overdue: int
    has_updated: bool
    organisations: tuple[str, ...] = ()

    @property
    def can_be_reminded(self) -> bool:
        """Whether there is something to remind of."""
        return self.overdue > 0


@dataclass(frozen=True)
class Radar:
    """What the radar sees on a day."""

    never_updated: list[RadarRow] = field(default_factory=list)
    overdue: list[RadarRow] = field(default_factory=list)
    departed: list[RadarRow] = field(default_factory=list)
    without_owner: list[RadarRow] = field(default_factory=list)
    without_person: list[RadarRow] = field(default_factory=list)
    owners: list[OwnerRow] = field(default_factory=list)
    followed: int = 0

    @property
    def updated_share(self) -> float | None:
        """Share of the owners who have ever updated anything; None without owners."""
        return sum(one.has_updated for one in self.owners) / len(self.owners) if self.owners else None

    @property
    def on_time_share(self) -> float | None:
        """Share of the owners of whom nothing is overdue; None without owners."""
        return sum(not one.overdue for one in self.owners) / len(self.owners) if self.owners else None


def radar(
    organisation_id: str | None = None,
    today: datetime.date | None = None,
    rules: Rules | None = None,
    found: Sequence[Thing] | None = None,
    parents: Mapping[str, str | None] | None = None,
) -> Radar:
    """Return what the radar sees; nine queries.

    Parameters
    ----------
    organisation_id : str, optional
        Only things of this organisation and of those below it; all if left out.
    today : date, optional
    rules : Rules, optional
    found : sequence of Thing, optional
        Read if left out.
    parents : mapping, optional
        Organisation above each; read if left out.
    """
    today = today or timezone.localdate()
    rules = rules or rules_in_force()
    listed = list(things(today) if found is None else found)
    if organisation_id is not None:
        below = _with_those_below(organisation_id, parents)
        listed = [one for one in listed if one.organisation in below]
    listed = [one for one in listed if _is_followed(one)]
    seen = Radar(followed=len(listed))
    late: dict[tuple[str, str], Due] = {}
    for one in listed:
        overdue = [due for due in one.dues(today, rules) if due.state == "overdue"]
        if overdue:
            late[one.kind, one.id] = overdue[0]
            seen.overdue.append(_row(one, today, overdue[0]))
        if one.kind in ("measure", "indicator") and one.facts.answered is None:
            seen.never_updated.append(_row(one, today))
        if one.last_owner_left:
            seen.departed.append(_row(one, today))
        elif not one.owners:
            seen.without_owner.append(_row(one, today))
        elif not one.people()["owner"]:
            seen.without_person.append(_row(one, today))
    seen.overdue.sort(key=lambda row: (-row.days, row.id))
    seen.owners.extend(_owners(listed, late))
    return seen


def _is_followed(one: Thing) -> bool:
    """Tell whether somebody should follow a thing up: not a measure that has ended."""
    return one.kind != "measure" or one.facts.phase in ("under_way", "planned")


def _with_those_below(organisation_id: str, known: Mapping[str, str | None] | None) -> set[str]:
    parents = known if known is not None else dict(Organisation.objects.values_list("pk", "parent_id"))
    found = {organisation_id}
    while more := {pk for pk, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _row(one: Thing, today: datetime.date, due: Due | None = None) -> RadarRow:
    person = next((who.person for who in one.owners if who.person is not None), None)
    unit = next((str(who.unit) for who in one.owners if str(who.unit)), "")
    return RadarRow(
        one.kind,
        one.id,
        one.title,
        one.route,
        str(person.get_full_name() or person.get_username()) if person else "",
        unit,
        one.organisation,
        due.since if due else None,
        (today - due.since).days if due else 0,
        sentence(due, today) if due and due.what != "task" else "",
    )


def _owners(listed: Iterable[Thing], late: dict[tuple[str, str], Due]) -> list[OwnerRow]:
    """Return the people who own something, those with most overdue first; one query."""
    held: dict[int, tuple[str, list[Thing]]] = {}
    for one in listed:
        for who in one.owners:
            if who.person is not None:
                name = str(who.person.get_full_name() or who.person.get_username())
                held.setdefault(who.person.pk, (name, []))[1].append(one)
    active = set(
        Entry.objects.filter(actor__in=list(held), action__in=UPDATES)
        .values_list("actor", flat=True)
        .distinct()
    )
    found = [
        OwnerRow(
            pk,
            name,
            len(own),
            sum((one.kind, one.id) in late for one in own),
            pk in active,
            tuple(sorted({one.organisation for one in own if (one.kind, one.id) in late})),
        )
        for pk, (name, own) in held.items()
    ]
    return sorted(found, key=lambda one: (-one.overdue, one.has_updated, one.name))
