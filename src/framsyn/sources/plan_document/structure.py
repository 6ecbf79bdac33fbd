"""What the parts of a document mean, by few and general rules.

A heading says what it is by its words or by the heading above; a list is what its heading, or the sentence before it,
announces. Every block ends somewhere: as an element, in a table, or in the text left over.
"""

from __future__ import annotations

import re

from framsyn.sources.plan_document.blocks import Block, Document, words
from framsyn.sources.plan_document.cues import Cue, heading_cue, lead_in_cue, number_word, sentences
from framsyn.sources.plan_document.draft import GUESS, LIKELY, SURE, LeftOver, Place
from framsyn.sources.plan_document.front import take_title_page
from framsyn.sources.plan_document.headings import Section, outline
from framsyn.sources.plan_document.lines import CONTENTS
from framsyn.sources.plan_document.nodes import (
    LISTED,
    SIGNPOST,
    TELLING,
    Node,
    Structure,
    add_reference,
    announces,
    mark_of,
    number_in,
    said_by,
)
from framsyn.sources.plan_document.tables import table_of

__all__ = ["structure_of"]


def structure_of(document: Document) -> Structure:
    """Return the structure of a document."""
    sections = outline(document.blocks)
    made = Structure()
    sections = take_title_page(sections, made, document.title)
    path: list[tuple[int, Node]] = []  # the headings above, by level
    for index, section in enumerate(sections):
        _Reader(made, section, path, sections[index + 1 :]).read()
    for piece in document.furniture:
        place = Place(page=piece.page, line=piece.line)
        reason = piece.reason if piece.reason in ("page-number", "header", "footer") else "unplaced"
        made.left_over.append(LeftOver(text=piece.text, reason=reason, place=place))  # type: ignore[arg-type]
    return made


class _Reader:
    """Reads one section: what its heading makes of it, then its paragraphs, lists and tables."""

    def __init__(
        self, made: Structure, section: Section, path: list[tuple[int, Node]], following: list[Section]
    ) -> None:
        self.made, self.section, self.path, self.following = made, section, path, following
        self.mode = section.name if section.name in LISTED else ""
        self.node: Node | None = None
        self.grown: Node | None = None  # the element that the next paragraph may carry on
        self.listed: Node | None = None  # the last item of a list
        self.lead_in: Block | None = None
        self.item_parent: Node | None = None

    # ------------------------------------------------------------------ the heading
    def read(self) -> None:
        """Read heading and content."""
        section = self.section
        if section.block is None:
            self.node = None
        elif section.name == "contents":
            self._contents()
            return
        elif section.name in ("goals", "ambition", "statement") and self.path:
            self._part()
        else:
            self._heading()
        blocks = section.content
        for index, block in enumerate(blocks):
            self._block(block, blocks[index + 1] if index + 1 < len(blocks) else None, blocks[index + 1 :])
        self._end_lead_in()

    def _part(self) -> None:
        """A heading such as "Goals (four years)" is a signpost: what it announces belongs to the heading above."""
        block = self.section.block
        assert block is not None
        while self.path and block.level and self.path[-1][0] >= block.level and len(self.path) > 1:
            if self.path[-1][1].kind in ("main_goal", "section"):
                break
            self.path.pop()
        self.node = self.path[-1][1]
        self.made.leave(said_by(block), "signpost", block)

    def _heading(self) -> None:
        section, block = self.section, self.section.block
        assert block is not None
        while self.path and self.path[-1][0] >= section.level:
            self.path.pop()
        above = self.path[-1][1] if self.path else None
        kind = self._kind(above)
        if kind in ("theme", "main_goal", "chapter"):
            while above is not None and (kind == "theme" or above.kind not in ("chapter", "theme")):
                if kind == "chapter" and above.kind == "section":
                    break
                if kind == "chapter" and above.kind == "main_goal":
                    kind = "section"
                    break
                above = above.parent
        cue = section.cue
        title, number = section.title, section.number
        if cue is not None and cue.name == "main_goal":
            title, number = cue.rest, cue.number
            label = section.block.text[: section.block.text.find(cue.rest)] if section.block else ""
            self.made.leave(
                said_by(block, label.strip(" :.–—-").removesuffix(number).strip()), "signpost", block
            )
        elif number and title.startswith(number):
            title = re.sub(r"^\d{1,2}(\.\d{1,2})*\.?\s+", "", title)
        if title.endswith(":"):
            title = title[:-1].rstrip()
        node = self.made.add(
            kind, above, block, title=title, number=number, confidence=section.confidence, section=section
        )
        node.announced = number_word(title) if self.mode else None
        self.node = node
        if kind in TELLING:
            self.grown = node
        self.path.append((section.level, node))

    def _kind(self, above: Node | None) -> str:
        """What a heading is, by its words and by the heading above."""
        name = self.section.name
        opened = above.section.name if above is not None and above.section is not None else ""
        listed = False
        if opened and above is not None and above.section is not None:
            listed = any(block.kind == "item" for block in above.section.content)
        if name == "main_goal" or (opened == "main_goals" and not name and not listed):
            return "main_goal"
        if opened == "drivers" and not name:
            return "driver"
        if opened == "means" and not name and not listed:
            return "means"
        if above is not None and above.kind == "main_goal":
            return "section"
        if above is not None and above.kind == "section":
            return "paragraph"
        if not name and self._is_theme():
            return "theme"
        if above is not None and above.kind in ("chapter", "theme"):
            return "section"
        if above is not None and above.kind not in ("chapter", "theme", "section", "main_goal"):
            return "paragraph" if above.kind == "paragraph" else "section"
        return "chapter"

    def _is_theme(self) -> bool:
        """A theme is a heading with a list of challenges or priorities, announced in its text or right under it."""
        blocks = self.section.content
        for index, block in enumerate(blocks[:-1]):
            if block.kind == "paragraph" and blocks[index + 1].kind == "item":
                if lead_in_cue(block.text) in ("challenge", "priority"):
                    return True
        following = self.following[0] if self.following else None
        return (
            following is not None
            and following.name in ("challenge", "priority")
            and following.level > self.section.level
        )

    def _contents(self) -> None:
        """The table of contents: kept aside, and held against the headings later."""
        block = self.section.block
        assert block is not None
        self.made.leave(said_by(block), "contents", block)
        rest = self.section.content
        for index, one in enumerate(rest):
            entry = CONTENTS.search(one.text) or re.search(r"\s\d{1,3}$", one.text)
            if one.kind == "table" or not entry:
                if not any(CONTENTS.search(later.text) for later in rest[index:]):
                    self.section.content = rest[index:]
                    break
            self.made.leave(one.all_text(), "contents", one)
            if entry:
                self.made.contents.append(re.sub(r"[\s.…]*\d{1,4}\s*$", "", one.text).strip())
        else:
            self.section.content = []
        blocks = self.section.content
        for index, one in enumerate(blocks):
            self._block(one, blocks[index + 1] if index + 1 < len(blocks) else None, blocks[index + 1 :])
        self._end_lead_in()

    # ------------------------------------------------------------------ paragraphs, items, tables
    def _block(self, block: Block, following: Block | None, rest: list[Block]) -> None:
        if block.kind == "table":
            self._end_lead_in()
            self._table(block, "")
        elif block.kind == "item":
            self._item(block, following, rest)
        elif following is not None and following.kind == "table" and len(words(block.text)) <= 30:
            self._end_lead_in()
            self.pending_caption = block
        elif following is not None and following.kind == "item" and announces(block.text):
            self._announce(block)
        else:
            self._paragraph(block)

    pending_caption: Block | None = None

    def _table(self, block: Block, caption: str) -> None:
        said = self.pending_caption
        self.pending_caption = None
        table = table_of(block, f"t{len(self.made.tables) + 1}", said.text if said else caption)
        self.made.tables.append(table)
        title = said.text if said else ""
        node = self.made.add("table", self.node, said or block, title=title, confidence=SURE)
        node.table = table
        self.grown = None

    def _announce(self, block: Block) -> None:
        self._end_lead_in()
        cue = lead_in_cue(block.text)
        if cue == "statement" and self.listed is not None and self.listed.kind != "statement":
            self._list_heading()
        if self.section.name in ("goals", "ambition", "conclusion"):
            self.mode = self.section.name
        elif cue:
            self.mode = cue
        elif self.mode and self.listed is not None:
            self.mode = self.section.name if self.section.name in LISTED else ""
        self.lead_in = block
        self.listed = None
        if self.mode:
            if len(words(block.text)) > SIGNPOST:
                self._text(block)
            else:
                self.made.leave(block.text, "signpost", block)
            self.announced = number_word(re.split(r"(?<=[.!?])\s+", block.text)[-1])
            if self.announced is not None:
                self.announcing = block
            self.lead_in = None

    announced: int | None = None
    announcing: Block | None = None
    counted: int = 0

    def _list_heading(self) -> None:
        """An item that a list of statements follows is a goal with these statements under it."""
        item = self.listed
        assert item is not None
        item.kind = "main_goal"
        item.confidence = LIKELY
        if item.text and not item.title:
            item.title, item.text = item.text, ""
        self.item_parent = item
        self.grown = None

    def _item(self, block: Block, following: Block | None, rest: list[Block]) -> None:
        announced_statement = (
            following is not None
            and following.kind == "paragraph"
            and lead_in_cue(following.text) == "statement"
        )
        if announced_statement:
            self._end_lead_in()
            parent = self.node
            while parent is not None and parent.kind in ("main_goal",) and parent.section is None:
                parent = parent.parent
            self.listed = self.made.add(
                "main_goal", parent, block, title=block.text, number=number_in(block), confidence=LIKELY
            )
            self.made.leave(mark_of(block), "signpost", block)
            self.mode = ""
            return
        if not self.mode:
            self._plain_item(block)
            return
        kind = LISTED[self.mode]
        parent = self.item_parent if self.item_parent is not None and kind == "statement" else self.node
        if block.depth and self.listed is not None and kind not in ("goal",):
            above = self.listed
            while above.parent is not None and above.parent.kind == kind and above.parent is not parent:
                above = above.parent
            parent = above
        number = number_in(block)
        if kind == "reference":
            node = add_reference(self.made, block, parent)
        elif kind == "conclusion":
            node = self.made.add(kind, parent, block, text=block.text, number=number, confidence=SURE)
        else:
            node = self.made.add(kind, parent, block, title=block.text, number=number, confidence=SURE)
        if not number:
            self.made.leave(mark_of(block), "signpost", block)
        if not block.depth or self.listed is None:
            self.listed = node
            self.counted += 1
        self.grown = None

    def _plain_item(self, block: Block) -> None:
        """An item of a list that nothing announces stays in its paragraph, one line each."""
        line = f"{block.marker if number_in(block) else '–'} {block.text}"
        if block.depth:
            line = f"  {line}"
        if not number_in(block):
            self.made.leave(mark_of(block), "signpost", block)
        if self.lead_in is not None:
            node = self._text(self.lead_in)
            self.lead_in = None
            node.text = f"{node.text}\n{line}"
            self.grown, self.in_list = node, True
            self.listed = None
            return
        if self.in_list and self.grown is not None:
            self.grown.text = f"{self.grown.text}\n{line}"
            return
        node = self.made.add("paragraph", self.node, block, text=line, confidence=GUESS)
        self.grown, self.in_list = node, True

    in_list = False

    def _paragraph(self, block: Block) -> None:
        self._end_lead_in()
        text = block.text
        listing = self.mode
        if listing and self.listed is not None and listing not in ("annex", "reference"):
            # After its list, a part such as "Goals" is over; what follows is text of the heading above.
            self._check_count()
            self.mode = listing = "" if listing not in ("ambition",) else listing
            self.item_parent = None
        if listing == "ambition":
            if self.grown is not None and self.grown.kind == "ambition":
                self.grown.text = f"{self.grown.text}\n\n{text}"
            else:
                self.grown = self.made.add("ambition", self.node, block, text=text, confidence=SURE)
            return
        if listing == "goals" and not any(one.kind == "item" for one in self.section.content):
            if announces(text):
                self.made.leave(text, "signpost", block)
                return
            node = self.made.add("goal", self.node, block, title=text, confidence=GUESS)
            self.made.facts.append(("goal-as-paragraph", {}, node, node.place))
            return
        if listing == "reference":
            add_reference(self.made, block, self.node)
            return
        if listing in ("conclusion", "annex", "vision", "value", "choice") and not any(
            one.kind == "item" for one in self.section.content
        ):
            kind = LISTED[listing]
            title = "" if kind in ("conclusion",) else text
            self.made.add(kind, self.node, block, title=title, text="" if title else text, confidence=LIKELY)
            return
        self._text(block)

    def _text(self, block: Block) -> Node:
        """Put a paragraph where it belongs: into the text of what it tells about, or as an element of its own."""
        self.in_list = False
        node = self.node
        if node is not None and node.kind in (*TELLING, "paragraph") and node.section is not None:
            node.text = f"{node.text}\n\n{block.text}".strip()
            self._sentences(block, node)
            return node
        made = self.made.add("paragraph", self.node, block, text=block.text, confidence=SURE)
        if heading_cue(block.text) == Cue("caption"):
            made.confidence = GUESS
        self._sentences(block, made)
        return made

    def _sentences(self, block: Block, node: Node) -> None:
        for kind in ("vision", "value"):
            said = sentences(kind, block.text)
            if not said or any(one.kind == kind for one in self.made.nodes):
                continue
            parts = re.split(r", | og | and ", said) if kind == "value" else [said]
            for part in parts:
                title = part.strip(' «»“”"')
                title = title[:1].upper() + title[1:]
                self.made.add(kind, self.node, block, title=title, confidence=LIKELY, also_in=node)

    # ------------------------------------------------------------------ the ends of lists
    def _end_lead_in(self) -> None:
        if self.lead_in is not None:
            block, self.lead_in = self.lead_in, None
            self._text(block)
        self._check_count()

    def _check_count(self) -> None:
        """Hold the number that a sentence gives against the number of items that followed."""
        said, block = self.announced, self.announcing
        if said is None and self.node is not None and self.mode and self.node.announced is not None:
            said, block, self.node.announced = self.node.announced, self.section.block, None
        if said is not None and block is not None and self.counted and said != self.counted:
            place = Place(page=block.page, line=block.line)
            data = {"said": said, "found": self.counted, "text": block.text}
            self.made.facts.append(("count-differs", data, None, place))
        self.announced, self.announcing, self.counted = None, None, 0
