"""Which blocks are headings: those that the file marks, those that a cue word gives away, and those of a heading's shape."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from framsyn.sources.plan_document.blocks import Block, words
from framsyn.sources.plan_document.cues import Cue, heading_cue
from framsyn.sources.plan_document.draft import GUESS, LIKELY, SURE
from framsyn.sources.plan_document.lines import CONTENTS, is_page_number

__all__ = ["Section", "outline"]

LONGEST = 110  # signs of a heading that nothing but its shape gives away
FEW = 60  # blocks per marked heading, above which a file is taken to mark none
_NUMBERED = re.compile(r"^(\d{1,2}(?:\.\d{1,2})*)\.?\s+(\S.*)$")
_FIELD = re.compile(r"^[^:]{2,25}:\s+\S")


@dataclass
class Section:
    """A heading with what stands under it until the next one.

    Parameters
    ----------
    level : int
        0 for what stands before the first heading.
    """

    title: str = ""
    level: int = 0
    number: str = ""
    cue: Cue | None = None
    block: Block | None = None
    confidence: float = SURE
    content: list[Block] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Name of the cue of its heading, "" without one."""
        return self.cue.name if self.cue else ""


def outline(blocks: list[Block]) -> list[Section]:
    """Return the sections of a document in reading order, each with its level.

    A file that marks its headings is believed. Where it marks none, a heading is a short line that stands alone and does not
    end like a sentence; its level follows from its number, from what it says, or from the heading before it.
    """
    marked = [block for block in blocks if block.kind == "heading" and block.level]
    by_shape = len(marked) * FEW < max(len(blocks), 2 * FEW)
    sections = [Section()]
    listed = contents_of(blocks)
    for index, block in enumerate(blocks):
        made = None if index in listed else _heading(blocks, index, by_shape=by_shape)
        if made is None:
            sections[-1].content.append(block)
        else:
            sections.append(made)
    sections = _without_empty(sections)
    return _levelled(sections)


def contents_of(blocks: list[Block]) -> set[int]:
    """Return the places of the entries of a table of contents: lines after its heading that end with a page's number."""
    found: set[int] = set()
    for index, block in enumerate(blocks):
        cue = (
            heading_cue(block.text)
            if block.kind in ("heading", "paragraph") and len(block.text) < 40
            else None
        )
        if cue is None or cue.name != "contents":
            continue
        missed = 0
        for place in range(index + 1, len(blocks)):
            if _ENTRY.search(blocks[place].text):
                found.update(range(place - missed, place + 1))
                missed = 0
            elif missed or len(blocks[place].text) > LONGEST:
                break
            else:
                missed = 1
    return found


_ENTRY = re.compile(r"(\.{3,}|…|\s)\s*\d{1,3}$")


def _heading(blocks: list[Block], index: int, *, by_shape: bool) -> Section | None:
    block = blocks[index]
    text = block.text.strip()
    if block.kind == "table" or not text:
        return None
    if CONTENTS.search(text):
        return None
    numbered = _NUMBERED.match(text)
    if block.kind == "heading":
        cue = heading_cue(text)
        cue = None if cue and cue.name == "caption" else cue
        number, title = (
            (numbered.group(1), numbered.group(2)) if numbered else (block.marker.rstrip("."), text)
        )
        return Section(title, 0, number, cue, block, SURE)
    if block.kind == "item":
        if not _outline_item(blocks, index):
            return None
        cue = heading_cue(text)
        if cue is not None and cue.name == "caption":
            return None
        if not by_shape and cue is None:
            return None
        return Section(text, 0, block.marker.rstrip(".)"), cue, block, LIKELY)
    cue = heading_cue(text)
    if cue is not None and cue.name != "caption" and _could_be(block, cue, blocks, index):
        number, title = (numbered.group(1), numbered.group(2)) if numbered else ("", text)
        return Section(
            title, 0, number, cue, block, SURE if block.bold or cue.name == "main_goal" else LIKELY
        )
    if cue is None and _has_shape(blocks, index) and (by_shape or block.bold):
        number, title = (numbered.group(1), numbered.group(2)) if numbered else ("", text)
        return Section(title, 0, number, None, block, LIKELY if numbered or block.bold else GUESS)
    return None


def _could_be(block: Block, cue: Cue, blocks: list[Block], index: int) -> bool:
    """Tell whether a paragraph that has a cue word is a heading and not a sentence."""
    text = block.text.strip()
    if text.endswith((".", ",", ";")) and cue.name != "main_goal":
        return False
    if not block.alone and not block.bold and not _NUMBERED.match(text):
        return cue.name in ("main_goal", "goals", "ambition") and len(text) <= LONGEST
    if len(words(text)) > (30 if cue.name == "main_goal" else 14):
        return False
    if cue.name in ("statement",) or (
        text.endswith(":") and cue.name not in ("annex", "reference", "contents", "goals")
    ):
        return False
    return text[:1].isupper() or text[:1].isdigit()


def _outline_item(blocks: list[Block], index: int) -> bool:
    """Tell whether something with a number before it is a heading: alone, short, no sentence, and no list around it."""
    block = blocks[index]
    if not block.marker[:1].isdigit() or not block.alone or not _short(block.text):
        return False
    near = [blocks[place] for place in (index - 1, index + 1) if 0 <= place < len(blocks)]
    return not any(one.kind == "item" and one.marker[:1].isdigit() for one in near)


def _short(text: str) -> bool:
    text = text.strip()
    return (
        3 <= len(text) <= LONGEST
        and len(words(text)) <= 15
        and not text.endswith((".", ",", ";", "?", "!", ":", "…"))
        and "http" not in text
        and "www." not in text
        and "](" not in text
        and not text.startswith(("[", "(", "«", "“", "<", ">", "&"))
        and sum(sign.isalpha() for sign in text) > 0.6 * len(text.replace(" ", ""))
    )


def _has_shape(blocks: list[Block], index: int) -> bool:
    block = blocks[index]
    text = block.text.strip()
    if (
        block.kind != "paragraph"
        or not block.alone
        or not _short(text)
        or _FIELD.match(text)
        or is_page_number(text)
    ):
        return False
    if not (text[:1].isupper() or _NUMBERED.match(text)) or "\t" in text or "@" in text:
        return False
    following = blocks[index + 1] if index + 1 < len(blocks) else None
    before = blocks[index - 1] if index else None
    if following is None or following.kind == "table" or block.joined:
        return False
    # The announcement of a list, and the words at its end, are no headings.
    return not (
        before is not None and before.kind == "paragraph" and before.text.rstrip().endswith((",", "-"))
    )


# Headings that stand right under the heading of what they are a part of.
_PARTS = (
    "goals",
    "ambition",
    "challenge",
    "priority",
    "statement",
    "means",
    "focus",
    "choice",
    "vision",
    "value",
)


def _without_empty(sections: list[Section]) -> list[Section]:
    """Turn headings that only their shape gives away, and under which nothing stands, back into paragraphs."""
    kept: list[Section] = []
    following: Section | None = None
    for section in reversed(sections):
        hollow = not section.content and (
            following is None
            or (following.name not in _PARTS and not following.number and following.block is not None)
        )
        if section.block is not None and section.cue is None and section.confidence == GUESS and hollow:
            section.block.bold = True  # it was set apart: it may still be the title of the document
            kept.append(Section(level=-1, content=[section.block]))
            continue
        kept.append(section)
        following = section
    merged: list[Section] = []
    for section in reversed(kept):
        if section.level == -1 and merged:
            merged[-1].content.extend(section.content)
        else:
            section.level = 0
            merged.append(section)
    return merged


def _levelled(sections: list[Section]) -> list[Section]:
    """Give each section its level, and end the last main goal where its goals end."""
    marked = [section.block.level for section in sections if section.block and section.block.level]
    deepest = max(marked, default=0)
    goal_levels = [
        section.block.level
        for section in sections
        if section.block and section.block.level and section.name == "main_goal"
    ]
    goal_level = min(goal_levels, default=1)
    opening: Section | None = None
    for section in sections:
        block = section.block
        if block is None:
            continue
        if block.level:
            section.level = block.level
        elif section.name == "main_goal":
            section.level = goal_level
        elif block.bold and deepest and section.cue is None:
            section.level = deepest + 1
        elif section.number and section.name != "main_goal":
            section.level = section.number.count(".") + 1
        elif (section.cue and section.name not in ("goals", "ambition", "statement")) and not _inside(
            opening, section
        ):
            section.level = 1
        elif opening is not None:
            section.level = opening.level + 1
        else:
            section.level = 1
        if section.level <= (opening.level if opening else 1):
            opening = section if _opens(section) else None
        if opening is None and _opens(section):
            opening = section
    if not marked:
        _close_last_goal(sections)
    return sections


def _opens(section: Section) -> bool:
    """Tell whether the headings that follow stand under this one; a list right under it says all that it announces."""
    if section.cue is None or not section.cue.opens:
        return False
    return section.name not in ("main_goals", "means") or not any(
        block.kind == "item" for block in section.content
    )


def _inside(opening: Section | None, section: Section) -> bool:
    """Tell whether a cue of this kind belongs under the heading that is open, as priorities do under a goal."""
    return opening is not None and opening.name in ("main_goal",) and section.name in (
        "challenge", "priority", "means", "focus", "vision", "value", "purpose", "drivers"
    )  # fmt: skip


def _close_last_goal(sections: list[Section]) -> None:
    goals = [index for index, section in enumerate(sections) if section.name == "main_goal"]
    if not goals:
        return
    parts = [
        index
        for index, section in enumerate(sections)
        if section.name in ("goals", "ambition") and index > goals[-1]
    ]
    if not parts:
        return
    for index in range(max(parts) + 1, len(sections)):
        section = sections[index]
        if section.level > 1 and section.cue is None:
            section.level = 1
            break
        if section.level <= 1:
            break
