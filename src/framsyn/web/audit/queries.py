"""Reading the log as people may see it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from framsyn.web.audit.models import Entry
from framsyn.web.languages import Text

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["Change", "history_of", "public_entries", "recent_changes", "site_version", "words_of"]

# What happened, in words. These are told to everybody: what others may read anyway. An action that is not here is not told
# on the home page, and in the history of a thing only to those who work on drafts.
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
    "followup.assign": _("Owner changed"),
    "followup.hand_over": _("Handed over to a new owner"),
    "outlook.store": _("New outlook"),
    "attainment.store": _("New answers to what can be reached"),
    "content.load": _("Content loaded"),
    "scenario.publish": _("Scenario published"),
    "scenario.lock": _("Scenario locked as decided"),
}
# What was given as the reason of these stands on public pages; other reasons are for those who work here.
PUBLIC_REASONS = frozenset(
    {
        "goal.decide",
        "goal.override",
        "goal.end_override",
        "indicator.change",
        "indicator.observe",
        "indicator.mark_break",
    }
)
# Nothing about these is told outside the log itself.
INTERNAL = ("notes.", "drafts.", "auth.", "accounts.")
# The words of every action, for the log's own page.
ALL_WORDS = {
    **WORDS,
    "plan.create": _("New plan"),
    "plan.import": _("Plan imported"),
    "plan.import_discard": _("Import thrown away"),
    "plan.import_read": _("Document read for import"),
    "plan.import_review": _("Import reviewed"),
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
    "wheel.add": _("Event added to the annual wheel"),
    "wheel.change": _("Event of the annual wheel changed"),
    "wheel.remove": _("Event taken out of the annual wheel"),
    "scenario.save": _("Scenario saved"),
    "scenario.fork": _("Scenario made from another"),
    "scenario.rename": _("Name and texts of a scenario changed"),
    "scenario.share": _("Readers of a scenario changed"),
    "scenario.withdraw": _("Scenario withdrawn"),
    "scenario.remove": _("Scenario removed"),
    "scenario.restore": _("Scenario brought back"),
    "scenario.compute": _("Figures of a scenario computed"),
    "scenario.forget": _("Removed scenario deleted for good"),
    "assumption.object": _("Objection to an assumption"),
    "assumption.answer": _("Objection to an assumption answered"),
    "assumption.rank": _("Effect of the assumptions computed"),
    "notes.add": _("Internal note left"),
    "notes.resolve": _("Internal note marked as done"),
    "voice.report": _("Error reported by a reader"),
    "voice.take": _("Report of a reader taken"),
    "voice.answer": _("Reader answered"),
    "voice.forget": _("Reader's e-mail address deleted"),
    "accounts.add_user": _("Person added"),
    "accounts.set_role": _("Role changed"),
    "accounts.change_password": _("Password changed"),
    "api.make_token": _("Token made"),
    "api.revoke_token": _("Token revoked"),
    "followup.remind": _("Reminded by an editor"),
    "followup.settle": _("Letter settled"),
    "followup.choose": _("Choices about letters changed"),
    "accounts.set_password": _("New password given"),
    "accounts.add_from_provider": _("Person added at single sign-on"),
    "accounts.follow_provider": _("Roles and name taken over from single sign-on"),
    "accounts.connect_identity": _("Login connected with single sign-on"),
    "accounts.deactivate": _("Login closed"),
    "accounts.reactivate": _("Login opened again"),
    "accounts.unlock": _("Unlocked after wrong passwords"),
    "accounts.end_sessions": _("Sessions ended"),
    "accounts.switch_on_second_factor": _("Second factor switched on"),
    "accounts.switch_off_second_factor": _("Second factor switched off"),
    "accounts.new_recovery_codes": _("New recovery codes made"),
    "accounts.reset_second_factor": _("Second factor reset"),
}
# Where a thing that the log names has its page.
ADDRESSES = {
    "plan.plan": "plan",
    "plan.element": "element",
    "indicators.indicator": "indicator",
    "measures.measure": "measure",
    "scenarios.savedscenario": "scenario",
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


def words_of(action: str) -> str:
    """Return an action in words; its name where nobody has given it words."""
    return str(ALL_WORDS.get(action, action))


def told(entry: Entry, *, inside: bool = True) -> Change:
    """Return an entry as it is told; to readers outside the house its reason only where that is public."""
    label = entry.object_label
    title = Text(label) if isinstance(label, dict) else Text(nb=str(label), nn=str(label), en=str(label))
    route = ADDRESSES.get(entry.object_type, "")
    reason = entry.reason if inside or entry.action in PUBLIC_REASONS else ""
    return Change(entry.at, words_of(entry.action), title, entry.actor_name, reason, route, entry.object_id)


def public_entries() -> QuerySet[Entry]:
    """Return the entries that everybody may know of."""
    rows = Entry.objects.filter(action__in=WORDS)
    for internal in INTERNAL:
        rows = rows.exclude(object_type__startswith=internal)
    # An element that stands in drafts alone is not known outside. Plans stand above the log: asked for by name.
    nodes = apps.get_model("plan", "Node").objects.filter(element_id=OuterRef("object_id"))
    return rows.filter(~Q(object_type="plan.element") | Exists(nodes.exclude(version__state="draft")))


def recent_changes(count: int) -> list[Change]:
    """Return the newest changes that everybody may read; one query."""
    return [told(entry, inside=False) for entry in public_entries().order_by("-id")[:count]]


def history_of(object_type: str, object_id: str, count: int = 50, *, drafts: bool = False) -> list[Change]:
    """Return what happened to one thing, newest first; one query.

    Parameters
    ----------
    object_type, object_id : str
    count : int
    drafts : bool
        Whether the reader may see drafts: then the steps of the work on them are told too, with their reasons.
    """
    if object_type.startswith(INTERNAL):
        return []
    steps = [name for name in ALL_WORDS if name in WORDS or (drafts and name.startswith("plan."))]
    rows = Entry.objects.filter(object_type=object_type, object_id=object_id, action__in=steps)
    return [told(entry, inside=drafts) for entry in rows.order_by("-id")[:count]]


def site_version() -> str:
    """Return what changes whenever an entry is committed, and at no other time; one quick query.

    The number of the newest entry is not enough: on PostgreSQL an entry with a lower number may be committed after it. How
    many of the last thousand numbers are there tells that as well. A transaction that stays open while a thousand others are
    committed is seen with the next entry.
    """
    near = "SELECT count(*), max(id) FROM audit_entry WHERE id > (SELECT max(id) FROM audit_entry) - 1000"
    with connection.cursor() as cursor:
        cursor.execute(near)
        count, last = cursor.fetchone()
    return f"{last or 0}.{count}"
