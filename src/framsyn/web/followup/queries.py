"""Reading my work: what I answer for, what it needs, and what others have changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from framsyn.web.audit.models import Entry
from framsyn.web.audit.queries import told
from framsyn.web.followup.models import Read
from framsyn.web.followup.rules import rules_in_force
from framsyn.web.followup.texts import BADGES, KIND_WORDS, sentence
from framsyn.web.followup.things import things
from framsyn.web.followup.tickets import KINDS as QUICK
from framsyn.web.measures.models import Task
from framsyn.web.notes.models import Note

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from django.contrib.auth.models import AbstractUser

    from framsyn.web.followup.due import Due
    from framsyn.web.followup.rules import Rules
    from framsyn.web.followup.things import Thing
    from framsyn.web.languages import Text

__all__ = ["Mine", "News", "Row", "Work", "my_work", "newest_entry"]

TYPES = {"measure": "measures.measure", "indicator": "indicators.indicator", "goal": "plan.element"}
MOST_NEWS = 20


@dataclass(frozen=True)
class Row:
    """One thing that is asked for."""

    kind: str
    id: str
    title: Text
    due: Due
    words: str
    as_deputy: bool = False

    @property
    def kind_word(self) -> str:
        """What it is, in a word."""
        return str(KIND_WORDS[self.kind])

    @property
    def badge(self) -> str:
        """Code of the badge."""
        return BADGES[self.due.state][0]

    @property
    def state_word(self) -> str:
        """How urgent it is."""
        return str(BADGES[self.due.state][1])

    @property
    def is_quick(self) -> bool:
        """Whether it can be answered in a minute, on one page."""
        return self.kind in QUICK


@dataclass(frozen=True)
class Mine:
    """One thing that I answer for, with what comes next."""

    kind: str
    id: str
    title: Text
    as_deputy: bool
    next: Due | None

    @property
    def kind_word(self) -> str:
        """What it is, in a word."""
        return str(KIND_WORDS[self.kind])

    @property
    def is_quick(self) -> bool:
        """Whether it can be answered in a minute, on one page."""
        return self.kind in QUICK


@dataclass(frozen=True)
class News:
    """What somebody else did to a thing of mine, or wrote about it."""

    at: datetime.datetime
    who: str
    what: str
    kind: str
    id: str
    title: Text
    note: str = ""


@dataclass(frozen=True)
class Work:
    """My work on a day."""

    needs_me: list[Row] = field(default_factory=list)
    coming: list[Row] = field(default_factory=list)
    mine: list[Mine] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    last_entry: int = 0

    @property
    def count(self) -> int:
        """How many of my own things need me now."""
        return len({(row.kind, row.id) for row in self.needs_me if not row.as_deputy})


def newest_entry() -> int:
    """Return the number of the newest audit entry; one query."""
    return Entry.objects.order_by("-id").values_list("id", flat=True).first() or 0


def task_titles(found: Iterable[Due]) -> dict[str, str]:
    """Return the titles of tasks that are due; one query, none where there are none."""
    numbers = [int(due.period) for due in found if due.what == "task"]
    rows = Task.objects.filter(pk__in=numbers) if numbers else ()
    return {str(one.pk): str(one.title) for one in rows}


def my_work(user: AbstractUser, today: datetime.date, rules: Rules | None = None) -> Work:
    """Return what somebody answers for and what it needs; twelve queries.

    Parameters
    ----------
    user : User
    today : date
    rules : Rules, optional
        Those of the site if left out.
    """
    rules = rules or rules_in_force()
    held: list[tuple[Thing, bool]] = []
    for one in things(today):
        people = one.people()
        if user.pk in people["owner"]:
            held.append((one, False))
        elif user.pk in people["deputy"]:
            held.append((one, True))
    asked = [(one, deputy, due) for one, deputy in held for due in one.dues(today, rules)]
    titles = task_titles(due for _one, _deputy, due in asked)
    rows = [
        Row(
            one.kind,
            one.id,
            one.title,
            due,
            sentence(due, today, titles.get(due.period, "")),
            as_deputy=deputy,
        )
        for one, deputy, due in asked
    ]
    rows.sort(key=lambda row: (row.as_deputy, row.due.since, row.id))
    mine = [
        Mine(
            one.kind,
            one.id,
            one.title,
            deputy,
            min(one.dues(today, rules), key=lambda due: due.day, default=None),
        )
        for one, deputy in held
    ]
    read = Read.objects.filter(person=user).values_list("entry", flat=True).first() or 0
    return Work(
        [row for row in rows if row.due.needs_you],
        [row for row in rows if row.due.state == "soon"],
        mine,
        _news(user, {(one.kind, one.id): one for one, _deputy in held}, read),
        newest_entry(),
    )


def _news(user: AbstractUser, held: dict[tuple[str, str], Thing], read: int) -> list[News]:
    """Return what others did to these things since it was read last: at most 20, newest first; two queries."""
    if not held:
        return []
    about = Q()
    for kind, name in TYPES.items():
        ids = [one for held_kind, one in held if held_kind == kind]
        if ids:
            about |= Q(object_type=name, object_id__in=ids)
    entries = Entry.objects.filter(id__gt=read, actor__isnull=False).exclude(actor=user)
    rows = list(entries.filter(about).order_by("-id")[:MOST_NEWS])
    wrote = entries.filter(action="notes.add").order_by("-id").values_list("id", "object_id", "at")
    found = []
    kinds = {name: kind for kind, name in TYPES.items()}
    for entry in rows:
        change = told(entry)
        kind = kinds[entry.object_type]
        title = held[kind, entry.object_id].title
        found.append(News(entry.at, change.actor, change.what, kind, entry.object_id, title, entry.reason))
    found += _notes(user, held, {int(pk): at for _id, pk, at in wrote[:200] if str(pk).isdigit()})
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST_NEWS]


def _notes(user: AbstractUser, held: dict[tuple[str, str], Thing], new: dict[int, Any]) -> list[News]:
    if not new:
        return []
    names = {"measure": "measure_id", "indicator": "indicator_id", "goal": "element_id"}
    about = Q()
    for kind, name in names.items():
        about |= Q(**{f"{name}__in": [one for held_kind, one in held if held_kind == kind]})
    found = []
    for note in Note.objects.filter(about, pk__in=list(new), resolved_at=None).select_related("author"):
        kind = next(kind for kind, name in names.items() if getattr(note, name))
        pk = getattr(note, names[kind])
        who = (note.author.get_full_name() or note.author.get_username()) if note.author else ""
        found.append(News(note.at, who, "", kind, pk, held[kind, pk].title, note.text))
    return found
