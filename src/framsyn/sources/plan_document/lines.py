"""Lines to blocks: which lines belong together, what is a list item, a row of a table, or a number of a page."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from framsyn.sources.plan_document.blocks import Block, Furniture

__all__ = ["Line", "blocks_of", "hyphens_of", "is_page_number", "join_broken", "joined"]

ENDS = (".", "!", "?", ":", ";", "…", "»", "”", '"')
BULLETS = "-–—•·▪◦‣●○■□➢✓*"
_PRIVATE = "\uf000-\uf0ff"  # bullets of symbol fonts
_BULLET = re.compile(rf"^([{re.escape(BULLETS)}{_PRIVATE}])\s*(?=\S)(.*)$", re.DOTALL)
_ROUND = re.compile(r"^(o)\s+(?=[^\W\d_])(.*)$", re.DOTALL)
_NUMBER = re.compile(r"^(\(?(?:\d{1,2}|[a-z])[.)])\s+(\S.*)$", re.DOTALL)
_OUTLINE = re.compile(r"^\d{1,2}(?:\.\d{1,2})+\.?\s+\S")
CONTENTS = re.compile(r"(\.{3,}|…{2,}|(?:\. ){3,}|^[^\t]{3,}\t)\s*\d{1,3}\s*$")
_ENTRY = re.compile(r"^[^\t]{3,}\t\s*\d{1,3}$")
_PAGE = re.compile(
    r"^\W*(?:(?:side|page|s\.|p\.)\s*)?\d{1,4}(?:\s*(?:av|of|/|\|)\s*\d{1,4})?\W*$", re.IGNORECASE
)
_LINK = re.compile(r"^(https?://\S+\s*)+$")
_STAYS = {"og", "eller", "samt", "til", "enn", "men", "and", "or", "to", "than"}
WIDEST = 140  # a file with longer lines has a paragraph in each


@dataclass
class Line:
    """One line of a page or a text file.

    Parameters
    ----------
    text : str
    page, number : int or None
    gap : bool
        Whether there is space above it.
    level : int or None
        Level of the heading that its size makes of it.
    full : bool or None
        Whether the line reaches the right margin; None where only its length can tell.
    """

    text: str
    page: int | None = None
    number: int | None = None
    gap: bool = False
    level: int | None = None
    full: bool | None = None
    bold: bool = False
    indent: float = 0.0


def is_page_number(text: str) -> bool:
    """Tell whether a line holds the number of a page and nothing else.

    >>> is_page_number("Side 3 av 20"), is_page_number("– 16 –"), is_page_number("2027 plan")
    (True, True, False)
    """
    return bool(_PAGE.match(text.strip())) and any(sign.isdigit() for sign in text)


def marker_of(text: str) -> tuple[str, str] | None:
    """Part a line into the marker of a list item and its words; None when it is no list item.

    >>> marker_of("- Ha nok senger"), marker_of("2) To"), marker_of("Uten merke")
    (('-', 'Ha nok senger'), ('2)', 'To'), None)
    """
    if _OUTLINE.match(text):
        return None
    for pattern in (_BULLET, _ROUND, _NUMBER):
        found = pattern.match(text)
        if found:
            mark, rest = found.groups()
            tight = len(text) > 1 and not text[1].isspace() and mark in BULLETS
            if tight:  # "-5 %", "*fotnote"
                return None
            return mark, rest.strip()
    return None


def hyphens_of(text: str) -> tuple[Counter[str], Counter[str]]:
    """Return the words of a text, and the words with a hyphen inside: what tells whether a hyphen at a line's end stays."""
    lower = text.lower()
    return Counter(re.findall(r"\w+", lower)), Counter(re.findall(r"\w+-\w+", lower))


def joined(first: str, second: str, known: tuple[Counter[str], Counter[str]] | None = None) -> str:
    """Join two lines of one paragraph; a word that was broken at the line's end is made whole.

    >>> joined("primær-", "helsetjenesten"), joined("pasient-", "og brukerråd"), joined("Midt-", "Norge"), joined("en", "to")
    ('primærhelsetjenesten', 'pasient- og brukerråd', 'Midt-Norge', 'en to')
    """
    first, second = first.rstrip(), second.lstrip()
    if first.endswith("\u00ad"):
        return first[:-1] + second
    if not first or not second or not first.endswith("-") or len(first) < 2 or not first[-2].isalnum():
        return f"{first} {second}".strip()
    head = (re.findall(r"\w+(?=-$)", first) or [""])[0]
    tail = (re.findall(r"^\w+", second) or [""])[0]
    if tail.lower() in _STAYS:
        return f"{first} {second}"
    if not tail or not tail[0].islower() or head.isupper() or head[-1:].isdigit():
        return first + second
    if known is not None:
        whole, hyphened = known
        if hyphened[f"{head}-{tail}".lower()] > whole[(head + tail).lower()]:
            return first + second
    return first[:-1] + second


def _width(lines: list[Line]) -> int:
    lengths = sorted(len(line.text) for line in lines if line.text.strip() and "\t" not in line.text)
    if not lengths:
        return WIDEST
    width = lengths[min(len(lengths) - 1, int(len(lengths) * 0.95))]
    return width if width <= WIDEST else 0


def _goes_on(block: Block, last: Line, line: Line, width: int) -> bool:
    """Tell whether a line without a gap above carries on what the line before began."""
    begins = line.text.strip()[:1]
    if last.text.rstrip().endswith(("-", ",")) or begins.islower():
        return True
    if last.full is not None:
        return last.full
    if width == 0:
        return False
    first = line.text.split(maxsplit=1)[0]
    return len(last.text.rstrip()) + 1 + len(first) > width * 0.93


def blocks_of(lines: list[Line], *, numbers_alone: bool = True) -> tuple[list[Block], list[Furniture]]:
    """Put lines together to blocks.

    Parameters
    ----------
    lines : list of Line
        Empty lines left out, each with the gap above it.
    numbers_alone : bool
        Whether a number between two gaps is taken for the number of a page.

    Returns
    -------
    blocks, furniture
    """
    width = _width(lines)
    known = hyphens_of(" ".join(line.text for line in lines))
    blocks: list[Block] = []
    furniture: list[Furniture] = []
    last: Line | None = None
    for index, line in enumerate(lines):
        text = line.text.strip()
        gap = line.gap or last is None
        below = index + 1 == len(lines) or lines[index + 1].gap
        if numbers_alone and gap and below and is_page_number(text) and len(text) <= 12 and not _year(text):
            furniture.append(Furniture(text, "page-number", line.page, line.number))
            if index + 1 < len(lines):
                lines[index + 1].gap = True
            continue
        block = blocks[-1] if blocks else None
        listed = CONTENTS.search(text) or (
            block is not None and CONTENTS.search(block.text) and _ENTRY.match(text)
        )
        if "\t" in line.text.strip("\n") and not listed and _cells(line.text) > 1:
            row = [cell.strip() for cell in line.text.rstrip("\n").split("\t")]
            if block is not None and block.kind == "table" and not line.gap:
                block.rows.append(row)
            else:
                blocks.append(Block("table", rows=[row], page=line.page, line=line.number))
            last = line
            continue
        part = _part(blocks, last, line, gap)
        if part is not None:
            mark, rest = part
            depth = _depth(blocks, mark, line)
            blocks.append(
                Block(
                    "item",
                    rest,
                    marker=mark,
                    depth=depth,
                    page=line.page,
                    line=line.number,
                    alone=gap and below,
                    indent=line.indent,
                )
            )
        elif (
            block is not None
            and last is not None
            and not gap
            and block.kind != "table"
            and block.level == line.level
            and (line.level is not None or _goes_on(block, last, line, width))
            and not CONTENTS.search(block.text)
            and not listed
        ):
            block.text = joined(block.text, text, known)
            block.alone = block.alone and below
            block.bold = block.bold and line.bold
            last = line
            continue
        else:
            kind = "paragraph" if line.level is None else "heading"
            blocks.append(
                Block(
                    kind,
                    text,
                    level=line.level,
                    page=line.page,
                    line=line.number,
                    alone=gap,
                    bold=line.bold,
                )
            )
        blocks[-1].alone = gap and (below or blocks[-1].kind == "item")
        if not below and blocks[-1].kind != "item":
            # What follows without a gap may be its next line; then it stays alone as long as that one ends in a gap.
            following = lines[index + 1]
            blocks[-1].alone = gap and _goes_on(blocks[-1], line, following, width)
        last = line
    return blocks, furniture


def _year(text: str) -> bool:
    return bool(re.fullmatch(r"(19|20)\d\d", text))


def _cells(text: str) -> int:
    return sum(1 for cell in text.split("\t") if cell.strip())


def _part(blocks: list[Block], last: Line | None, line: Line, gap: bool) -> tuple[str, str] | None:
    """Return marker and words when a line begins a list item where one may begin."""
    if line.level is not None:
        return None
    block = blocks[-1] if blocks else None
    found = marker_of(line.text.strip())
    if found is None:
        return None
    mark, rest = found
    if gap or last is None or block is None or block.kind in ("item", "table", "heading"):
        if (
            mark[0].isalnum()
            and mark not in ("o",)
            and block is not None
            and block.kind == "item"
            and not gap
        ):
            # "… i RHF-et \n10. november": a date inside an item is no new item.
            return found if _follows(block.marker, mark) else None
        return found
    if len(blocks) > 1 and blocks[-2].kind == "item" and block.text[:1].islower():
        return found  # the paragraph is the rest of an item, after an empty line
    if last.text.rstrip().endswith(ENDS) and not (mark in "-–—" and rest[:1].islower()):
        return found
    return found if not mark[0].isalnum() and mark not in "-–—" else None


def _follows(before: str, mark: str) -> bool:
    first, second = re.sub(r"\W", "", before), re.sub(r"\W", "", mark)
    if first.isdigit() and second.isdigit():
        return int(second) == int(first) + 1
    return not first.isdigit() and not second.isdigit()


def _depth(blocks: list[Block], mark: str, line: Line) -> int:
    """How deep an item is nested: a round marker under a full one, or further in than the one before."""
    if len(blocks) > 1 and blocks[-1].kind == "paragraph" and blocks[-1].text[:1].islower():
        blocks = blocks[:-1]  # the rest of the item before, after an empty line
    above = blocks[-1] if blocks else None
    if above is None or above.kind != "item":
        return 0
    if mark == "o" or mark in "◦○":
        return (
            above.depth
            if above.marker == mark
            else (1 if _first_marker(blocks) not in ("o", "◦", "○") else 0)
        )
    if above.marker in ("o", "◦", "○"):
        return 0
    return above.depth


def _first_marker(blocks: list[Block]) -> str:
    first = ""
    for block in reversed(blocks):
        if block.kind != "item":
            break
        first = block.marker
    return first


def join_broken(blocks: list[Block], known: tuple[Counter[str], Counter[str]] | None = None) -> list[Block]:
    """Put paragraphs together that a page break or an empty line broke in the middle of a sentence.

    A paragraph or item that does not end like a sentence is carried on by the next paragraph when that begins with a small
    letter. Web addresses between them, as at the foot of a page, stay where they are.
    """
    result: list[Block] = []
    for block in blocks:
        target = (
            next((one for one in reversed(result) if not _LINK.match(one.text)), None) if result else None
        )
        if (
            target is not None
            and block.kind == "paragraph"
            and target.kind in ("paragraph", "item")
            and not block.bold
            and _carries_on(target.text, block.text)
        ):
            target.text = joined(target.text, block.text, known)
            target.joined = True
            continue
        result.append(block)
    return result


def _carries_on(first: str, second: str) -> bool:
    if (
        not first
        or first.rstrip().endswith(ENDS)
        or CONTENTS.search(first)
        or (first.endswith(")") and len(first) < 60)
    ):
        return False
    begin = second[:1]
    if begin.islower() and not _LINK.match(second):
        return True
    # "… som løp ut i" is carried on by "2020, og …": a short word waits for what it belongs to.
    return begin.isdigit() and len(first) > 60 and bool(re.search(r"\b[a-zæøå]{1,4}$", first))
