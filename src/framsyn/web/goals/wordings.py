"""The words of a goal: as the version in force has them, or as a draft does where nothing is in force yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framsyn.web.plan.models import Node, Version

if TYPE_CHECKING:
    from framsyn.web.plan.models import Element, Wording

__all__ = ["node_in_force", "wording_in_force"]

_RANK = {
    Version.State.PUBLISHED: 3,
    Version.State.CONSULTATION: 2,
    Version.State.DRAFT: 1,
    Version.State.WITHDRAWN: 0,
}


def node_in_force(element_id: str) -> Node | None:
    """Return the place of an element in the version in force of its own plan; one query."""
    nodes = Node.objects.filter(element=element_id).select_related(
        "version__plan__organisation__parent", "wording", "element__origin__organisation__parent"
    )
    return max(
        nodes,
        key=lambda node: (
            node.version.plan_id == node.element.origin_id,
            _RANK[Version.State(node.version.state)],
            node.version.number,
        ),
        default=None,
    )


def wording_in_force(element: Element) -> Wording | None:
    """Return the words in force of an element."""
    node = node_in_force(element.pk)
    return node.wording if node else None
