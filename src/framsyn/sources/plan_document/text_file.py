"""Text and Markdown files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from framsyn.sources.plan_document.blocks import Block, Document, letters
from framsyn.sources.plan_document.lines import Line, blocks_of, hyphens_of, join_broken
from framsyn.sources.plan_document.sniffing import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_markdown", "read_text"]


def read_text(path: Path, name: str) -> Document:
    """Read a text file: a paragraph per line, or lines broken at a margin; page breaks are form feeds or a leading space."""
    text, encoding = decode(path.read_bytes(), name)
    blocks, furniture = blocks_of(list(_lines(text)))
    blocks = join_broken(blocks, hyphens_of(text))
    return Document("txt", blocks, furniture, letters(text), _encoding_note(encoding))


def _encoding_note(encoding: str) -> list[tuple[str, dict[str, object]]]:
    return [] if encoding.startswith("utf") else [("encoding-guessed", {"got": encoding})]


def _lines(text: str) -> Iterator[Line]:
    gap, page, before = True, 1, ""
    paged = "\f" in text
    for number, given in enumerate(text.split("\n"), start=1):
        while "\f" in given:
            head, given = given.split("\f", 1)
            if head.strip():
                yield Line(head, page, number, gap)
            page, gap, before = page + 1, True, ""
        line = given.replace("\u00a0", " ").replace("\v", " ")
        if not line.strip():
            gap, before = True, ""
            continue
        indent = len(line) - len(line.lstrip(" "))
        # Where a page was left out as a space, the first line of the next one stands one space further in.
        turned = indent == 1 and bool(before) and not before.startswith(" ") and line[1:2].isalnum()
        yield Line(line, page if paged else None, number, gap or turned, indent=indent)
        gap, before = False, line


def read_markdown(path: Path, name: str) -> Document:
    """Read a Markdown file; its marks are read as what they stand for, its words kept as they are."""
    from markdown_it import MarkdownIt

    text, encoding = decode(path.read_bytes(), name)
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    blocks: list[Block] = []
    lists: list[tuple[str, int]] = []
    marker, level = "", None
    row: list[str] = []
    rows: list[list[str]] | None = None
    for token in tokens:
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open"):
            start = int(token.attrs.get("start", 1)) if kind.startswith("ordered") else 0
            lists.append(("1" if start or kind.startswith("ordered") else "-", start))
        elif kind in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif kind == "list_item_open":
            sign, count = lists[-1]
            marker = f"{token.info or count}." if sign == "1" else token.markup or "-"
            lists[-1] = (sign, count + 1)
        elif kind == "heading_open":
            level = int(token.tag[1:])
        elif kind == "table_open":
            rows = []
        elif kind == "tr_open":
            row = []
        elif kind == "tr_close" and rows is not None:
            rows.append(row)
        elif kind == "table_close":
            blocks.append(Block("table", rows=rows or []))
            rows = None
        elif kind == "inline":
            words = _inline(token)
            if rows is not None:
                row.append(words)
                continue
            line = token.map[0] + 1 if token.map else None
            if level is not None:
                blocks.append(Block("heading", words, level=level, line=line))
                level = None
            elif marker:
                blocks.append(Block("item", words, marker=marker, depth=len(lists) - 1, line=line))
                marker = ""
            elif words:
                blocks.append(Block("paragraph", words, line=line, bold=_bold(token)))
        elif kind in ("code_block", "fence", "html_block") and token.content.strip():
            content = re.sub(r"<[^>]*>", " ", token.content) if kind == "html_block" else token.content
            line = token.map[0] + 1 if token.map else None
            if content.strip():
                blocks.append(Block("paragraph", " ".join(content.split()), line=line))
    raw = letters("\n".join(block.text + "".join("".join(cells) for cells in block.rows) for block in blocks))
    return Document("markdown", join_broken(blocks, hyphens_of(text)), [], raw, _encoding_note(encoding))


def _inline(token: object) -> str:
    parts = []
    for child in token.children or []:  # type: ignore[attr-defined]
        if child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type == "html_inline":
            continue
        elif child.type == "image":
            parts.append(child.content)
        elif child.content:
            parts.append(child.content)
    return " ".join("".join(parts).split())


def _bold(token: object) -> bool:
    children = [child for child in token.children or [] if child.type != "text" or child.content]  # type: ignore[attr-defined]
    return (
        bool(children)
        and children[0].type == "strong_open"
        and children[-1].type == "strong_close"
        and (sum(child.type == "strong_open" for child in children) == 1)
    )
