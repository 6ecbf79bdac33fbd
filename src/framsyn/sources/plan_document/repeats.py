"""Lists that a document holds twice: the set under a heading stays, the other is put aside, and what differs is told."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from framsyn.sources.plan_document.draft import LeftOver

if TYPE_CHECKING:
    from framsyn.sources.plan_document.nodes import Node, Structure

__all__ = ["alike", "set_repeats_aside"]

SAME, SIMILAR = 0.999, 0.72


def alike(first: str, second: str) -> float:
    """Return how alike two texts are, 1 where they have the same words.

    >>> alike("Vi er gode lagspillere.", "Vi er gode  lagspillere")
    1.0
    """
    one, two = (re.sub(r"\W+", " ", text).casefold().split() for text in (first, second))
    if one == two:
        return 1.0
    return min(0.998, SequenceMatcher(None, " ".join(one), " ".join(two), autojunk=False).ratio())


def set_repeats_aside(made: Structure) -> None:
    """Join goals with statements that the document lists twice.

    Two goals of nearly the same name that both have statements are one. The one under a heading of its own is kept, since
    its text stands there; the other's goal and statements go to the text left over.
    """
    holders = [node for node in made.nodes if node.kind == "main_goal" and made.under(node, "statement")]
    gone: list[Node] = []
    for index, second in enumerate(holders):
        for first in holders[:index]:
            if first in gone or second in gone or alike(first.title, second.title) < SIMILAR:
                continue
            kept, other = (first, second) if first.section is not None else (second, first)
            if kept.section is None and other.section is None:
                kept, other = first, second
            _compare(made, kept, other)
            gone.append(other)
            gone.extend(made.under(other, "statement"))
    if not gone:
        return
    for node in gone:
        text = " ".join(part for part in (node.number, node.title, node.text) if part)
        made.left_over.append(LeftOver(text=text, reason="repeated", place=node.place))
    away = {id(node) for node in gone}
    for node in made.nodes:
        if node.parent is not None and id(node.parent) in away and id(node) not in away:
            node.parent = node.parent.parent
    made.nodes = [node for node in made.nodes if id(node) not in away]


def _compare(made: Structure, kept: Node, other: Node) -> None:
    if alike(kept.title, other.title) < SAME:
        data = {"kept": kept.title, "other": other.title}
        made.facts.append(("listed-twice-differs", data, kept, other.place))
    here, there = made.under(kept, "statement"), made.under(other, "statement")
    left = list(there)
    same = 0
    for statement in here:
        best = max(left, key=lambda one: alike(one.title, statement.title), default=None)
        likeness = alike(best.title, statement.title) if best is not None else 0.0
        if best is None or likeness < SIMILAR:
            data = {"kept": statement.title, "other": ""}
            made.facts.append(("listed-once", data, statement, statement.place))
            continue
        left.remove(best)
        if likeness < SAME:
            data = {"kept": statement.title, "other": best.title}
            made.facts.append(("listed-twice-differs", data, statement, best.place))
        else:
            same += 1
    for statement in left:
        data = {"kept": "", "other": statement.title}
        made.facts.append(("listed-once", data, kept, statement.place))
    about = {"title": kept.title, "count": len(here), "same": same}
    made.facts.append(("listed-twice", about, kept, other.place))
