"""What the page of one element reads: where it stands, its words over time, its links, its log."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from framsyn.web.audit.models import Entry
from framsyn.web.plan.compare import wording_difference
from framsyn.web.plan.models import Element, Node, Plan, Version, Wording
from framsyn.web.plan.queries import Thread, in_force, joined_elements, threads_of
from framsyn.web.plan.structure import SHOWN

if TYPE_CHECKING:
    import datetime
    from collections.abc import Collection

__all__ = ["ElementPage", "LogLine", "element_page"]

_DONE = {
    "plan.add_element": _("added"),
    "plan.change_text": _("text changed"),
    "plan.move": _("moved"),
    "plan.split": _("split"),
    "plan.merge": _("merged"),
    "plan.remove": _("removed"),
    "plan.restore": _("restored"),
    "plan.undo": _("undone"),
    "plan.redo": _("done again"),
    "plan.link": _("linked"),
    "plan.unlink": _("link taken away"),
    "choice.decide": _("choice of path decided"),
    "goal.decide": _("goal decided"),
    "goal.override": _("status set by hand"),
    "goal.end_override": _("status by hand ended"),
}


@dataclass
class Standing:
    """The element in one version of one plan."""

    node: Node
    in_force: bool

    @property
    def version(self) -> Version:
        """The version."""
        return self.node.version


@dataclass
class WordingStep:
    """One wording in the history of an element."""

    wording: Wording
    versions: list[Version]
    difference: dict[str, Any] | None

    @property
    def version_ids(self) -> set[int]:
        """Keys of the versions that have these words."""
        return {version.pk for version in self.versions}


@dataclass
class LogLine:
    """One entry of the log, as a reader sees it."""

    at: datetime.datetime
    said: Any
    who: str
    reason: str


@dataclass
class ElementPage:
    """All that the page of an element shows."""

    element: Element
    wording: Wording | None
    node: Node | None
    plans: list[tuple[Plan, list[Standing]]]
    threads: list[Thread]
    history: list[WordingStep]
    entries: list[LogLine]
    indicators: list[Any] = field(default_factory=list)
    measures: list[Any] = field(default_factory=list)
    draft: Version | None = None
    leads_to: Node | None = None


def element_page(element: Element, *, drafts: Collection[str] = ()) -> ElementPage:
    """Read the page of an element (at most 14 queries).

    Parameters
    ----------
    drafts : container of str
        Ids of the plans of which the reader may see the draft.
    """
    nodes = list(
        Node.objects.filter(element=element)
        .select_related("version__plan", "wording")
        .order_by("version__plan__position", "version__number")
    )
    versions: defaultdict[str, list[Version]] = defaultdict(list)
    for version in Version.objects.filter(plan__in={node.version.plan_id for node in nodes}):
        versions[version.plan_id].append(version)
    seen = [node for node in nodes if node.version.is_frozen or node.version.plan_id in drafts]
    forces = {plan: in_force(found, drafts=plan in drafts) for plan, found in versions.items()}
    plans: dict[str, tuple[Plan, list[Standing]]] = {}
    for node in seen:
        force = forces[node.version.plan_id]
        entry = plans.setdefault(node.version.plan_id, (node.version.plan, []))
        entry[1].append(Standing(node, force is not None and force.pk == node.version_id))
    node = _leading(element, seen, forces)
    return ElementPage(
        element=element,
        wording=node.wording if node else None,
        node=node,
        plans=sorted(plans.values(), key=lambda pair: pair[0].pk != element.origin_id),
        threads=threads_of(joined_elements([element.pk], drafts=drafts).get(element.pk, [])),
        history=_history(seen),
        entries=_log(element, drafts=element.origin_id in drafts),
        indicators=list(element.indicators.all()),  # type: ignore[attr-defined]
        measures=list(element.measures.all()),  # type: ignore[attr-defined]
        draft=next((one for one in versions[element.origin_id] if not one.is_frozen), None)
        if element.origin_id in drafts
        else None,
        leads_to=_target(node),
    )


def _log(element: Element, *, drafts: bool) -> list[LogLine]:
    """Return the newest entries of the log; without ``drafts`` only what concerns versions that are frozen by now."""
    frozen = set(Version.objects.filter(state__in=Version.FROZEN).values_list("plan_id", "number"))
    found = []
    for entry in Entry.objects.filter(object_type="plan.element", object_id=element.pk).order_by("-id")[:40]:
        facts = entry.after or entry.before or {}
        if drafts or "version" not in facts or (facts.get("plan"), facts.get("version")) in frozen:
            found.append(
                LogLine(entry.at, _DONE.get(entry.action, entry.action), entry.actor_name, entry.reason)
            )
    return found[:20]


def _leading(element: Element, nodes: list[Node], forces: dict[str, Version | None]) -> Node | None:
    """Return the node that tells what the element says now: in force in its own plan, else anywhere."""
    ranked = sorted(
        nodes,
        key=lambda node: (
            node.state == SHOWN,
            node.version.plan_id == element.origin_id,
            getattr(forces[node.version.plan_id], "pk", None) == node.version_id,
            node.version.is_frozen,
            node.version.number,
        ),
    )
    return ranked[-1] if ranked else None


def _target(node: Node | None) -> Node | None:
    """Return where a merged element leads in its version, through further merges (1 query)."""
    if node is None or node.merged_into_id is None:
        return None
    merged = {
        one.element_id: one
        for one in Node.objects.filter(version=node.version_id)
        .exclude(state="removed")
        .select_related("wording")
    }
    target = merged.get(node.merged_into_id)
    while target is not None and target.merged_into_id in merged:
        target = merged[target.merged_into_id]
    return target


def _history(nodes: list[Node]) -> list[WordingStep]:
    """Return the wordings in the order in which versions took them, each with its difference from the one before."""
    steps: dict[int, WordingStep] = {}
    before: Wording | None = None
    for node in sorted(nodes, key=lambda node: (node.version.created_at, node.version.number)):
        step = steps.get(node.wording_id)
        if step is None:
            difference = wording_difference(before, node.wording) if before is not None else None
            step = steps[node.wording_id] = WordingStep(node.wording, [], difference)
            before = node.wording
        step.versions.append(node.version)
    return list(steps.values())[::-1]
