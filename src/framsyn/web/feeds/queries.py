"""Changes that everybody may know of, from the log: what is published, and nothing about drafts."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from django.db.models import CharField, Exists, OuterRef, Q
from django.db.models.functions import Cast
from django.utils import timezone

from framsyn.web.audit.models import Entry
from framsyn.web.audit.queries import WORDS
from framsyn.web.languages import Text
from framsyn.web.plan.models import Element, Node, Version

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["THINGS", "Changes", "PublicChange", "Thing", "public_changes"]


@dataclass(frozen=True)
class Thing:
    """A sort of thing that changes: how the log calls it, its page, and its resource."""

    object_type: str
    page: str
    resource: str


THINGS = {
    "plan": Thing("plan.plan", "plan", "plan"),
    "goal": Thing("plan.element", "goal", "goal"),
    "element": Thing("plan.element", "element", "element"),
    "indicator": Thing("indicators.indicator", "indicator", "indicator"),
    "measure": Thing("measures.measure", "measure", "measure"),
}
_VERSION = "plan.version"


@dataclass(frozen=True)
class PublicChange:
    """One change, without who made it."""

    id: int
    at: datetime.datetime
    action: str
    kind: str  # of THINGS; empty for what has no page of its own
    object_id: str
    title: Text
    reason: str

    @property
    def what(self) -> str:
        """What happened, in the language of the page."""
        return str(WORDS[self.action])


def _told(entry: Entry, goals: set[str]) -> PublicChange:
    label = entry.object_label
    title = Text(label) if isinstance(label, dict) else Text(nb=str(label), nn=str(label), en=str(label))
    kind = next((name for name, thing in THINGS.items() if thing.object_type == entry.object_type), "")
    object_id = entry.object_id
    if kind == "goal" and object_id not in goals:
        kind = "element"
    if entry.object_type == _VERSION:  # told as a change of its plan
        kind, object_id = "plan", str((entry.after or {}).get("plan", ""))
    return PublicChange(
        entry.pk, entry.at, entry.action, kind if object_id else "", object_id, title, entry.reason
    )


class Changes(Sequence[PublicChange]):
    """Public changes, newest first, read when they are looked at: a part takes two queries, counting one."""

    def __init__(self, rows: QuerySet[Entry]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return self.rows.count()

    @overload
    def __getitem__(self, part: int) -> PublicChange: ...
    @overload
    def __getitem__(self, part: slice) -> list[PublicChange]: ...
    def __getitem__(self, part: int | slice) -> Any:
        """Return one change, or a part of them."""
        if isinstance(part, int):
            return self[part : part + 1][0]
        found = list(self.rows[part])
        elements = [entry.object_id for entry in found if entry.object_type == THINGS["goal"].object_type]
        goals = set(
            Element.objects.filter(pk__in=elements, kind=Element.Kind.GOAL).values_list("pk", flat=True)
        )
        return [_told(entry, goals) for entry in found]

    def count(self, value: Any = None) -> int:
        """Return how many there are; a paginator asks so."""
        return len(self)

    @property
    def newest(self) -> Entry | None:
        """The newest of them; one query."""
        return self.rows.first()


def public_changes(kind: str = "", object_id: str = "", *, since: datetime.date | None = None) -> Changes:
    """Return public changes, newest first.

    Parameters
    ----------
    kind : {"", "plan", "goal", "indicator", "measure"}
    object_id : str
        Of one thing of the kind.
    since : date, optional
        From this day on.
    """
    # What is said of an element that no version shows to everybody is work on a draft.
    open_nodes = Node.objects.filter(element=OuterRef("object_id")).exclude(
        version__state=Version.State.DRAFT
    )
    hidden = Q(object_type="plan.element") & ~Q(Exists(open_nodes))
    rows = Entry.objects.filter(action__in=WORDS).exclude(hidden).order_by("-id")
    if kind == "plan":
        versions = Version.objects.annotate(key=Cast("pk", CharField()))
        if object_id:
            versions = versions.filter(plan=object_id)
        of_plan = Q(object_type="plan.plan") & (Q(object_id=object_id) if object_id else Q())
        rows = rows.filter(of_plan | Q(object_type=_VERSION, object_id__in=versions.values("key")))
    elif kind:
        rows = rows.filter(object_type=THINGS[kind].object_type)
        if kind == "goal" and not object_id:
            goals = Element.objects.filter(pk=OuterRef("object_id"), kind=Element.Kind.GOAL)
            rows = rows.filter(Exists(goals))
        if object_id:
            rows = rows.filter(object_id=object_id)
    if since is not None:
        rows = rows.filter(at__gte=timezone.make_aware(datetime.datetime.combine(since, datetime.time.min)))
    return Changes(rows)
