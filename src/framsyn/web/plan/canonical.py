"""The bytes of a version that its digest is taken of: the same on every machine and in every database."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from framsyn.web.plan.structure import Place, Tree

if TYPE_CHECKING:
    from framsyn.web.plan.models import Version

__all__ = ["canonical_bytes", "digest_of", "text_digest", "tree_of", "write_tree"]


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def text_digest(title: dict[str, str], text: dict[str, str]) -> str:
    """Return the SHA-256 of a wording; empty language forms do not count.

    >>> text_digest({"nb": "Mål", "en": ""}, {}) == text_digest({"nb": "Mål"}, {"nn": ""})
    True
    """
    said = [{key: words for key, words in part.items() if words} for part in (title, text)]
    return hashlib.sha256(_bytes(said)).hexdigest()


def tree_of(version: Version) -> Tree:
    """Read the tree of a version (one query)."""
    rows = version.nodes.order_by("position", "id").values_list(
        "element_id",
        "parent_id",
        "position",
        "wording_id",
        "number",
        "state",
        "merged_into_id",
        "split_from_id",
    )
    return Tree({row[0]: Place(*row[1:]) for row in rows})


def write_tree(version: Version, tree: Tree) -> None:
    """Write the tree of a version that has none yet (one statement per few hundred nodes)."""
    from framsyn.web.plan.models import Node

    Node.objects.bulk_create(
        Node(
            version=version,
            element_id=name,
            parent_id=place.parent,
            position=place.position,
            number=place.number,
            wording_id=place.wording,
            state=place.state,
            merged_into_id=place.merged_into,
            split_from_id=place.split_from,
        )
        for name, place in tree.items()
    )


def canonical_bytes(version: Version) -> bytes:
    """Return a version as JSON: keys sorted, no blanks, elements in reading order, hidden ones too (two queries).

    No number that only this database knows is in it, so that a restored backup and another site give the same bytes.
    """
    tree = tree_of(version)
    nodes = {node.element_id: node for node in version.nodes.select_related("element", "wording")}
    elements = []
    for name, _depth in tree.walk(hidden=True):
        place, node = tree[name], nodes[name]
        elements.append(
            {
                "id": name,
                "kind": node.element.kind,
                "origin": node.element.origin_id,
                "parent": place.parent,
                "position": place.position,
                "number": place.number,
                "state": place.state,
                "merged_into": place.merged_into,
                "split_from": place.split_from,
                "title": {key: words for key, words in node.wording.title.items() if words},
                "text": {key: words for key, words in node.wording.text.items() if words},
            }
        )
    return _bytes(
        {
            "plan": version.plan_id,
            "number": version.number,
            "label": dict(version.label),
            "note": dict(version.note),
            "date": version.date.isoformat() if version.date else None,
            "based_on": version.based_on.number if version.based_on else None,
            "elements": elements,
        }
    )


def digest_of(version: Version) -> str:
    """Return the SHA-256 of :func:`canonical_bytes` in hexadecimal."""
    return hashlib.sha256(canonical_bytes(version)).hexdigest()
