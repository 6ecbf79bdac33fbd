"""Reading the log for its own page: narrowed, newest first, as far as the one who asks may see it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from framsyn.web.audit.models import Entry, Seal
from framsyn.web.audit.sealing import heads_now, waiting
from framsyn.web.policies import POLICY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from framsyn.web.accounts.queries import Reach
    from framsyn.web.audit.heads import Head

__all__ = ["Filters", "State", "entries_for", "state_of_the_log"]

COMMON = "-"  # what concerns all, where an organisation is chosen


@dataclass(frozen=True)
class Filters:
    """What the log is narrowed to; empty is everything."""

    person: str = ""
    action: str = ""
    kind: str = ""
    object: str = ""
    organisation: str = ""
    since: str = ""
    until: str = ""
    before: int = 0

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        """Read the query of an address; what cannot be understood is left out."""

        def plain(name: str) -> str:
            return query.get(name, "").replace("\x00", "").strip()[:200]  # which PostgreSQL refuses

        def day(name: str) -> str:
            try:
                return datetime.date.fromisoformat(plain(name)).isoformat()
            except ValueError:
                return ""

        number = plain("before")
        return cls(
            person=plain("person"),
            action=plain("action") if plain("action") in POLICY else "",
            kind=plain("kind"),
            object=plain("object"),
            organisation=plain("organisation"),
            since=day("since"),
            until=day("until"),
            before=int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0,
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return self != Filters(before=self.before)


def entries_for(reach: Reach, filters: Filters = Filters()) -> QuerySet[Entry]:
    """Return the entries that somebody with this reach may see, newest first."""
    found = Entry.objects.select_related("organisation").order_by("-id")
    if not reach.everywhere:
        found = found.filter(organisation__in=reach.organisations)
    if filters.organisation:
        where = None if filters.organisation == COMMON else filters.organisation
        found = found.filter(organisation=where) if where else found.filter(organisation__isnull=True)
    if filters.person:
        found = found.filter(actor_name__icontains=filters.person)
    if filters.action:
        found = found.filter(action=filters.action)
    if filters.kind:
        found = found.filter(object_type=filters.kind)
    if filters.object:
        found = found.filter(object_id=filters.object)
    if filters.since:
        found = found.filter(at__gte=_begin(filters.since))
    if filters.until:
        found = found.filter(at__lt=_begin(filters.until) + datetime.timedelta(days=1))
    if filters.before:
        found = found.filter(id__lt=filters.before)
    return found


def _begin(day: str) -> datetime.datetime:
    date = datetime.date.fromisoformat(day)
    return timezone.make_aware(datetime.datetime.combine(date, datetime.time.min))


@dataclass(frozen=True)
class State:
    """How the log is."""

    last_sealed: datetime.datetime | None
    waiting: int
    heads: list[Head]


def state_of_the_log() -> State:
    """Return when something was sealed last, how much waits, and the ends of the chains."""
    last: Any = Seal.objects.order_by("-entry_id").values_list("sealed_at", flat=True).first()
    return State(last, waiting(everything=False).count(), heads_now())
