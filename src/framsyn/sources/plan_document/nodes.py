"""Elements while the structure of a document is being made, and what lists and sentences are taken for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from framsyn.sources.plan_document.blocks import Block, words
from framsyn.sources.plan_document.cues import lead_in_cue
from framsyn.sources.plan_document.draft import LIKELY, SURE, DraftElement, DraftTable, LeftOver, Place
from framsyn.sources.plan_document.headings import Section

__all__ = [
    "LISTED",
    "SIGNPOST",
    "TELLING",
    "Node",
    "Structure",
    "add_reference",
    "announces",
    "mark_of",
    "number_in",
    "said_by",
    "to_elements",
]

# Kind of the items of a list, by the cue that announces it.
LISTED = {
    "goals": "goal",
    "ambition": "ambition",
    "challenge": "challenge",
    "priority": "priority",
    "statement": "statement",
    "means": "means",
    "focus": "focus",
    "main_goals": "main_goal",
    "choice": "choice",
    "conclusion": "conclusion",
    "annex": "annex",
    "reference": "reference",
    "value": "value",
    "vision": "vision",
    "drivers": "driver",
}
# Headings of these kinds hold their paragraphs as their own text.
TELLING = ("driver", "means", "challenge", "priority", "choice", "focus")
SIGNPOST = 12  # words of a sentence that only announces the list after it
LINK = re.compile(r"^\[?(?P<title>.+?)\]?\s*\((?P<url>https?://[^)\s]+|#)\)\s*$")
URL = re.compile(r"https://[^\s)>\]]+")


@dataclass
class Node:
    """An element while the structure is being made."""

    kind: str
    title: str = ""
    text: str = ""
    number: str = ""
    parent: Node | None = None
    place: Place = field(default_factory=Place)
    confidence: float = SURE
    section: Section | None = None
    table: DraftTable | None = None
    url: str = ""
    also_in: Node | None = None
    id: str = ""
    announced: int | None = None
    """How many items the sentence before its list says that there are."""


@dataclass
class Structure:
    """Elements in reading order, tables, and the text that became neither."""

    title: str = ""
    nodes: list[Node] = field(default_factory=list)
    tables: list[DraftTable] = field(default_factory=list)
    left_over: list[LeftOver] = field(default_factory=list)
    contents: list[str] = field(default_factory=list)
    facts: list[tuple[str, dict[str, Any], Node | None, Place]] = field(default_factory=list)
    """What the findings tell: code, data, element, place."""

    def add(self, kind: str, parent: Node | None, block: Block | None, **more: Any) -> Node:
        """Add an element; it is placed where its block stands."""
        place = Place(page=block.page, line=block.line) if block else Place()
        node = Node(kind, parent=parent, place=place, **more)
        self.nodes.append(node)
        return node

    def leave(self, text: str, reason: Any, block: Block) -> None:
        """Put text aside, with the reason."""
        if text.strip():
            self.left_over.append(
                LeftOver(text=text, reason=reason, place=Place(page=block.page, line=block.line))
            )

    def under(self, node: Node | None, kind: str | None = None) -> list[Node]:
        """Return what stands right under an element."""
        return [one for one in self.nodes if one.parent is node and (kind is None or one.kind == kind)]


def announces(text: str) -> bool:
    """Tell whether a paragraph ends so that a list is to follow."""
    return text.rstrip().endswith((":", ";")) or (lead_in_cue(text) is not None and len(words(text)) <= 20)


def number_in(block: Block) -> str:
    """Return the number of a numbered item."""
    sign = block.marker.strip("().")
    return sign if sign.isdigit() or (len(sign) == 1 and sign.isalpha() and sign != "o") else ""


def mark_of(block: Block) -> str:
    """Return the letter that stands as the bullet of an item, as "o" does; other bullets are no text."""
    return block.marker if block.marker == "o" else ""


def said_by(block: Block, label: str | None = None) -> str:
    """Return what a heading says with the number before it, or a part of it."""
    text = block.text if label is None else label
    return f"{block.marker} {text}".strip() if block.marker and label is None else text


def add_reference(made: Structure, block: Block, parent: Node | None) -> Node:
    """Add a reference with its address, where it has one."""
    found = LINK.match(block.text)
    address = URL.search(block.text)
    title, url = block.text, address.group() if address else ""
    if found:
        title = found["title"].replace("\\", "")
        url = found["url"] if found["url"].startswith("https://") else ""
    return made.add(
        "reference", parent, block, title=title, url=url, number=number_in(block), confidence=LIKELY
    )


def to_elements(made: Structure) -> list[DraftElement]:
    """Return the elements, each with its id in the draft."""
    for index, node in enumerate(made.nodes, start=1):
        node.id = f"e{index}"
    return [
        DraftElement(
            id=node.id,
            kind=node.kind,
            parent=node.parent.id if node.parent else None,
            number=node.number,
            title=node.title,
            text=node.text.strip(),
            url=node.url,
            place=node.place,
            confidence=node.confidence,
            table=node.table.id if node.table else None,
            also_in=node.also_in.id if node.also_in else None,
        )
        for node in made.nodes
    ]
