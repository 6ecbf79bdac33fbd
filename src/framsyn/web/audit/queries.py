"""Reading the log as people may see it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from framsyn.web.audit.models import Entry
from framsyn.web.languages import Text

__all__ = ["Change", "history_of", "recent_changes"]

# What happened, in words. Only these are told on the home page: what others may read anyway.
WORDS = {
    "plan.publish": _("Version published"),
    "goal.decide": _("Goal decided"),
    "goal.override": _("Status set by hand"),
    "goal.end_override": _("Status by hand ended"),
    "choice.decide": _("Choice of path made"),
    "decision.record": _("Decision recorded"),
    "indicator.define": _("New indicator"),
    "indicator.change": _("Indicator changed"),
    "indicator.observe": _("New figure"),
    "indicator.mark_break": _("Break in series marked"),
    "measure.create": _("New measure"),
    "measure.change": _("Measure changed"),
    "measure.report": _("Status reported"),
    "measure.assign": _("Owner changed"),
    "measure.task": _("Task changed"),
    "measure.benefit": _("Benefit reported"),
    "measure.risk": _("Risk assessed"),
    "outlook.store": _("New outlook"),
    "content.load": _("Content loaded"),
}
# The history of one thing tells every action in words.
ALL_WORDS = {
    **WORDS,
    "plan.create": _("New plan"),
    "plan.open_version": _("Draft opened"),
    "plan.discard_version": _("Draft thrown away"),
    "plan.add_element": _("Added"),
    "plan.change_text": _("Text changed"),
    "plan.move": _("Moved"),
    "plan.split": _("Split in two parts"),
    "plan.merge": _("Merged with another"),
    "plan.remove": _("Removed from the draft"),
    "plan.restore": _("Restored"),
    "plan.undo": _("Step undone"),
    "plan.redo": _("Step done again"),
    "plan.link": _("Link made"),
    "plan.unlink": _("Link taken away"),
    "accounts.add_user": _("Person added"),
    "accounts.set_role": _("Role changed"),
    "accounts.change_password": _("Password changed"),
}
# Where a thing that the log names has its page.
ADDRESSES = {
    "plan.plan": "plan",
    "plan.element": "element",
    "indicators.indicator": "indicator",
    "measures.measure": "measure",
}


@dataclass(frozen=True)
class Change:
    """One change, as it is told."""

    at: datetime.datetime
    what: str
    title: Text
    actor: str
    reason: str
    route: str
    object_id: str


def told(entry: Entry) -> Change:
    """Return an entry as it is told."""
    label = entry.object_label
    title = Text(label) if isinstance(label, dict) else Text(nb=str(label), nn=str(label), en=str(label))
    words = str(ALL_WORDS.get(entry.action, entry.action))
    route = ADDRESSES.get(entry.object_type, "")
    return Change(entry.at, words, title, entry.actor_name, entry.reason, route, entry.object_id)


def recent_changes(count: int) -> list[Change]:
    """Return the newest changes that everybody may read; one query."""
    return [told(entry) for entry in Entry.objects.filter(action__in=WORDS).order_by("-id")[:count]]


def history_of(object_type: str, object_id: str, count: int = 50) -> list[Change]:
    """Return what happened to one thing, newest first; one query."""
    rows = Entry.objects.filter(object_type=object_type, object_id=object_id).order_by("-id")[:count]
    return [told(entry) for entry in rows]
