"""What the list of plans reads: the hierarchy, and the main plan in short."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from framsyn.web.plan.models import Element, Node, Plan, Version
from framsyn.web.plan.queries import in_force
from framsyn.web.plan.structure import SHOWN

if TYPE_CHECKING:
    from collections.abc import Container

__all__ = ["PlanRow", "Summary", "plan_tree", "summary_of"]


@dataclass
class PlanRow:
    """A plan in the tree of plans.

    Parameters
    ----------
    version : Version or None
        In force; None for a plan that is only a draft and a reader who may not see it.
    newer : Version or None
        In consultation or a draft, after the one in force.
    """

    plan: Plan
    version: Version | None
    newer: Version | None = None
    children: list[PlanRow] = field(default_factory=list)


def plan_tree(*, drafts: Container[str] = ()) -> list[PlanRow]:
    """Return all plans below those that they follow up, with the drafts of some (2 queries)."""
    versions: defaultdict[str, list[Version]] = defaultdict(list)
    for version in Version.objects.order_by("number"):
        versions[version.plan_id].append(version)
    rows = {}
    for plan in Plan.objects.select_related("organisation"):
        insider = plan.pk in drafts
        shown = in_force(versions[plan.pk], drafts=insider)
        if shown is None and not insider:
            continue
        later = [
            one
            for one in versions[plan.pk]
            if shown and one.number > shown.number and (insider or one.is_frozen)
        ]
        rows[plan.pk] = PlanRow(plan, shown, later[-1] if later else None)
    tops = []
    for row in rows.values():
        (rows[row.plan.parent_id].children if row.plan.parent_id in rows else tops).append(row)
    return tops


@dataclass
class Summary:
    """What a plan is made of, for the list of plans."""

    plan: Plan
    version: Version
    drivers: list[Node]
    counts: dict[str, int]


def summary_of(plan: Plan, version: Version) -> Summary:
    """Read the challenge picture of a plan and how much it holds (1 query)."""
    nodes = list(
        version.nodes.filter(state=SHOWN)
        .select_related("element", "wording")
        .order_by("parent_id", "position")
    )
    return Summary(
        plan=plan,
        version=version,
        drivers=[node for node in nodes if node.element.kind == Element.Kind.DRIVER],
        counts=Counter(node.element.kind for node in nodes),
    )
