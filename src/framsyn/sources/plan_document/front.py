"""The title page of a document: its lines are kept aside, and one of them is the title."""

from __future__ import annotations

import re

from framsyn.sources.plan_document.blocks import Block, words
from framsyn.sources.plan_document.headings import Section
from framsyn.sources.plan_document.nodes import Structure

__all__ = ["take_title_page"]


def take_title_page(sections: list[Section], made: Structure, title: str) -> list[Section]:
    """Take the title page away: the short lines before the first real heading, of which the longest is the title."""
    lines: list[Block] = []
    heads: list[Block] = []
    named = ""
    for section in sections[:3]:
        block = section.block
        if block is not None and block.level == 0:
            named = named or block.text
        elif block is not None and (section.cue is not None or section.number):
            break
        leading = []
        for one in section.content:
            if not _is_front_line(one):
                break
            leading.append(one)
        whole = len(leading) == len(section.content)
        if block is not None:
            if not whole and block.level != 0:
                # A heading with text of its own is the first chapter; it also says what the document is called.
                named = named or ("" if lines else block.text)
                break
            if block.level and len(sections) <= 3:
                break
            lines.append(block)
            heads.append(block)
            section.block, section.title, section.level = None, "", 0
        lines += leading
        section.content = section.content[len(leading) :]
        if not whole:
            break
    for block in lines:
        made.leave(block.text, "title-page", block)
    marked = [block for block in lines if (block.bold or block in heads) and not _PERIOD.match(block.text)]
    fit = marked or [block for block in lines if not re.match(r"^[^:]{2,25}:", block.text)]
    longest = max(fit, key=lambda block: len(block.text), default=None)
    made.title = named or title or (longest.text if longest else "")
    return sections


_PERIOD = re.compile(r"^\W*20\d\d\W+20\d\d\W*$")


def _is_front_line(block: Block) -> bool:
    """Tell whether a block may stand on a title page: a short line that is no sentence."""
    return (
        block.kind == "paragraph"
        and len(words(block.text)) <= 15
        and not block.text.rstrip().endswith((".", ":", ";"))
    )
