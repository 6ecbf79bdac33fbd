"""Plans and versions as a whole: create, open, freeze, discard; links between elements; decisions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.actions import Act, action
from framsyn.web.plan.canonical import digest_of, tree_of, write_tree
from framsyn.web.plan.edits import take_draft
from framsyn.web.plan.models import Decision, Element, Link, Node, Plan, Version

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    from framsyn.web.accounts.models import Organisation

__all__ = [
    "DecisionFacts",
    "create_plan",
    "discard_version",
    "freeze",
    "link",
    "open_version",
    "publish",
    "record_decision",
    "store_decision",
    "unlink",
]

_PLAN_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TAKEN = ("element", "import", "new")  # addresses below /plan/


@dataclass(frozen=True)
class DecisionFacts:
    """What a decision consists of before it is stored."""

    title: Mapping[str, str]
    date: datetime.date
    body: Mapping[str, str] = field(default_factory=dict)
    case_number: str = ""
    text: Mapping[str, str] = field(default_factory=dict)
    url: str = ""


@action("plan.create")
def create_plan(
    act: Act,
    plan_id: str,
    *,
    kind: str,
    organisation: Organisation,
    title: Mapping[str, str],
    summary: Mapping[str, str] | None = None,
    period: tuple[int | None, int | None] = (None, None),
    parent: Plan | None = None,
    theme: str = "",
) -> Version:
    """Make a plan with an empty draft, and return the draft; whoever leads a plan may open those that follow it up."""
    act.require(organisation, plans=(parent.pk,) if parent else ())
    if not _PLAN_ID.fullmatch(plan_id) or plan_id in _TAKEN:
        message = _(
            "%(got)s cannot be the short name of a plan. Use lower-case letters, digits and hyphens, such as plan-2031."
        )
        raise PlanError("bad-name", message % {"got": plan_id or "–"}, got=plan_id)
    if Plan.objects.filter(pk=plan_id).exists():
        message = _(
            "There is already a plan %(got)s. Choose another short name, or open a new version of that plan."
        )
        raise PlanError("duplicate-id", message % {"got": plan_id}, got=plan_id)
    first, last = period
    if first and last and first > last:
        message = _("The plan begins in %(first)s and ends in %(last)s. Put the first year first.")
        raise PlanError("wrong-order", message % {"first": first, "last": last}, got=list(period))
    plan = Plan.objects.create(
        pk=plan_id,
        kind=kind,
        organisation=organisation,
        parent=parent,
        theme=theme,
        title=dict(title),
        summary=dict(summary or {}),
        period_from=first,
        period_to=last,
        position=(Plan.objects.aggregate(last=Max("position"))["last"] or 0) + 1,
    )
    version = Version.objects.create(plan=plan, number=1, created_at=act.at, created_by=act.actor.user)
    act.record(plan, after={"kind": kind, "title": dict(title), "organisation": organisation.pk})
    return version


@action("plan.open_version")
def open_version(
    act: Act, plan: Plan, *, based_on: Version | None = None, label: Mapping[str, str] | None = None
) -> Version:
    """Open a draft that begins as another version of the plan stood: the latest one, or any earlier one."""
    act.require(plan.organisation, plans=(plan.pk,))
    versions = list(Version.objects.select_for_update().filter(plan=plan).order_by("number"))
    draft = next((version for version in versions if not version.is_frozen), None)
    if draft is not None:
        message = _(
            "Version %(number)s of %(plan)s is already being worked on. Edit that draft, or discard it first."
        )
        names = {"number": draft.number, "plan": plan}
        raise PlanError("draft-exists", message % names, plan=plan.pk, number=draft.number)
    if based_on is not None and based_on.plan_id != plan.pk:
        message = _("Version %(number)s belongs to another plan. Choose a version of this plan.")
        raise PlanError("other-plan", message % {"number": based_on.number}, got=based_on.plan_id)
    source = based_on or (versions[-1] if versions else None)
    version = Version.objects.create(
        plan=plan,
        number=versions[-1].number + 1 if versions else 1,
        label=dict(label or {}),
        based_on=source,
        created_at=act.at,
        created_by=act.actor.user,
    )
    if source is not None:
        write_tree(version, tree_of(source))
    after = {"plan": plan.pk, "number": version.number, "based_on": source.number if source else None}
    act.record(version, after=after, label=dict(plan.title))
    return version


def freeze(version: Version, state: str, at: Any) -> None:
    """Close a draft for ever: from here on the database itself refuses changes."""
    faults = tree_of(version).faults()
    if faults:
        message = f"{version.plan_id} {version.number} cannot be frozen: {'; '.join(faults)}."
        raise PlanError("unsound", message, got=faults)
    version.state = state
    version.frozen_at = at
    version.digest = digest_of(version)
    version.save()


@action("plan.publish")
def publish(
    act: Act,
    version: Version,
    seen: int,
    *,
    date: datetime.date,
    state: str = Version.State.PUBLISHED,
    decision: DecisionFacts | None = None,
    label: Mapping[str, str] | None = None,
    note: Mapping[str, str] | None = None,
) -> Version:
    """Publish a draft, or send it out for consultation. It never changes after that."""
    draft = take_draft(act, version, seen, None).version
    if state not in Version.FROZEN:
        message = _("A version is published or sent out for consultation, not %(got)s.")
        raise PlanError("wrong-state", message % {"got": state}, got=state)
    if not draft.nodes.filter(state=Node.State.SHOWN).exists():
        raise PlanError("empty-version", _("This version says nothing yet. Add an element first."), got=0)
    if state == Version.State.PUBLISHED and decision is None:
        message = _("A version is published by a decision. Say who decided, when, and the case number.")
        raise PlanError("no-decision", message, got=None)
    if decision is not None:
        draft.decision = store_decision(draft.plan.organisation, decision)
    draft.date = date
    if label is not None:
        draft.label = dict(label)
    if note is not None:
        draft.note = dict(note)
    freeze(draft, state, act.at)
    after = {
        "plan": draft.plan_id,
        "number": draft.number,
        "state": state,
        "digest": draft.digest,
        "case_number": decision.case_number if decision else "",
    }
    act.record(draft, before={"state": Version.State.DRAFT.value}, after=after, label=dict(draft.plan.title))
    return draft


@action("plan.discard_version")
def discard_version(act: Act, version: Version, seen: int, *, reason: str = "") -> None:
    """Throw a draft away. Its elements keep their ids, and the log keeps what was done."""
    draft = take_draft(act, version, seen, None).version
    before = {"plan": draft.plan_id, "number": draft.number, "edits": draft.edits.count()}
    act.record(draft, before=before, label=dict(draft.plan.title), reason=reason)
    draft.delete()


@action("plan.link")
def link(
    act: Act, source: Element, target: Element, kind: str, *, note: Mapping[str, str] | None = None
) -> Link:
    """Join two elements: the source continues, answers, leads to, supports, depends on or conflicts with the target."""
    act.require(source.origin.organisation, plans=(source.origin_id,))
    if kind not in Link.Kind.values:
        message = _("%(got)s is no kind of link. Choose one of: %(kinds)s.")
        raise PlanError(
            "unknown-kind", message % {"got": kind, "kinds": ", ".join(Link.Kind.values)}, got=kind
        )
    if source.pk == target.pk:
        raise PlanError(
            "link-to-itself", _("An element cannot be linked to itself. Choose another."), got=target.pk
        )
    if Link.objects.filter(source=source, target=target, kind=kind).exists():
        raise PlanError("duplicate-link", _("This link is there already."), got=kind)
    made = Link.objects.create(source=source, target=target, kind=kind, note=dict(note or {}))
    act.record(source, after={"link": kind, "target": target.pk}, label=str(source.pk))
    return made


@action("plan.unlink")
def unlink(act: Act, joined: Link, *, reason: str = "") -> None:
    """Take a link away."""
    act.require(joined.source.origin.organisation, plans=(joined.source.origin_id,))
    before = {"link": joined.kind, "target": joined.target_id, "note": dict(joined.note)}
    act.record(joined.source, before=before, label=str(joined.source_id), reason=reason)
    joined.delete()


def store_decision(organisation: Organisation, facts: DecisionFacts) -> Decision:
    """Store a decision as a part of an action; :func:`record_decision` is the action for a decision alone."""
    if not any(facts.title.values()):
        raise PlanError("empty-text", _("A decision needs a title in one language form at least."), got=None)
    if facts.date > timezone.localdate():
        message = _("The decision is dated %(date)s, which is still to come. Record it when it is made.")
        raise PlanError("future-date", message % {"date": facts.date}, got=facts.date.isoformat())
    return Decision.objects.create(
        title=dict(facts.title),
        organisation=organisation,
        body=dict(facts.body),
        case_number=facts.case_number,
        date=facts.date,
        text=dict(facts.text),
        url=facts.url,
    )


@action("decision.record")
def record_decision(act: Act, organisation: Organisation, facts: DecisionFacts) -> Decision:
    """Record what was decided, by whom and under which case number."""
    act.require(organisation)
    decision = store_decision(organisation, facts)
    act.record(
        decision, after={"case_number": facts.case_number, "date": facts.date, "body": dict(facts.body)}
    )
    return decision
