"""One plan text as a text file, Word document, HTML page, Markdown and PDF: the importer must find the same in all."""

from __future__ import annotations

import html
import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Piece", "chromium", "pieces_of", "printed", "to_docx", "to_html", "to_markdown", "unwrapped"]

BULLET = re.compile(r"^\s*([-•*\uf000-\uf0ff])\s+(.*)$")
NUMBER = re.compile(r"^\s+(\d{1,2})\.\s+(.*)$")


@dataclass
class Piece:
    """A heading (with level), a paragraph, an item or a table."""

    kind: str
    text: str = ""
    level: int = 0
    mark: str = ""
    rows: list[list[str]] = field(default_factory=list)


def pieces_of(text: str, level_of: Callable[[str], int | None]) -> list[Piece]:
    """Part a text with a paragraph on each line; ``level_of`` tells which lines are headings."""
    found: list[Piece] = []
    gap = True
    for line in text.split("\n"):
        if not line.strip():
            gap = True
            continue
        bullet, number, level = BULLET.match(line), NUMBER.match(line), level_of(line.strip())
        cells = line.split("\t")
        if len(cells) > 2:
            row = [cell.strip() for cell in cells]
            if found and found[-1].kind == "table" and not gap:
                found[-1].rows.append(row)
            else:
                found.append(Piece("table", rows=[row]))
        elif bullet:
            found.append(Piece("item", bullet[2].strip(), mark="•"))
        elif number:
            found.append(Piece("item", number[2].strip(), mark=number[1]))
        elif level:
            found.append(Piece("heading", line.strip(), level))
        else:
            found.append(Piece("paragraph", line.strip()))
        gap = False
    return found


def unwrapped(text: str) -> str:
    """Put each paragraph of a text that was broken at a margin on one line, and no more: for making other forms of it."""
    lines: list[str] = []
    gap, last = True, ""
    for given in text.split("\n"):
        line = given.rstrip()
        if not line.strip():
            gap = True
            continue
        marked = bool(BULLET.match(line) or NUMBER.match(line) or re.match(r"^\s*(o|\d{1,2}\.)\s", line))
        begins = line.lstrip()[:1]
        carried = lines and not marked and not last.endswith((".", ":", ";")) and begins.islower()
        wrapped = (
            lines
            and not marked
            and not gap
            and len(last) > 72
            and not (given[:1] == " " and last.endswith("."))
        )
        if carried or wrapped:
            lines[-1] = f"{lines[-1]} {line.strip()}"
        else:
            lines += ["", line]
        gap, last = False, line.strip()
    return "\n".join(lines)


def to_html(pieces: list[Piece], *, styled: bool = True, style: str = "") -> str:
    """Return a page; without ``styled`` its headings are paragraphs and its items begin with a typed hyphen."""
    parts = [
        f"<!doctype html><html lang='nb'><head><meta charset='utf-8'><style>{style}</style></head><body>"
    ]
    open_list = ""
    for piece in pieces:
        wanted = ""
        if piece.kind == "item" and styled:
            wanted = "ol" if piece.mark.isdigit() else "ul"
        if wanted != open_list or (wanted == "ol" and piece.mark == "1"):
            parts.append(f"</{open_list}>" if open_list else "")
            parts.append(f"<{wanted}>" if wanted else "")
            open_list = wanted
        said = html.escape(piece.text)
        if piece.kind == "table":
            rows = "".join(
                "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
                for row in piece.rows
            )
            parts.append(f"<table border='1' style='border-collapse:collapse'>{rows}</table>")
        elif piece.kind == "item":
            typed = f"{piece.mark}." if piece.mark.isdigit() else "-"
            parts.append(f"<li>{said}</li>" if styled else f"<p>{typed} {said}</p>")
        elif piece.kind == "heading" and styled:
            parts.append(f"<h{piece.level}>{said}</h{piece.level}>")
        else:
            parts.append(f"<p>{said}</p>")
    parts.append(f"</{open_list}>" if open_list else "")
    parts.append("</body></html>")
    return "\n".join(part for part in parts if part)


def to_markdown(pieces: list[Piece]) -> str:
    """Return the text with the marks of Markdown."""
    parts = []
    for piece in pieces:
        if piece.kind == "table":
            width = max(len(row) for row in piece.rows)
            rows = [[*row, *[""] * (width - len(row))] for row in piece.rows]
            lines = ["| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in rows]
            lines.insert(1, "|" + " --- |" * width)
            parts.append("\n".join(lines))
        elif piece.kind == "item":
            parts.append(f"{piece.mark}. {piece.text}" if piece.mark.isdigit() else f"- {piece.text}")
        elif piece.kind == "heading":
            parts.append("#" * piece.level + " " + piece.text)
        else:
            parts.append(re.sub(r"([\[\]<>*_#])", r"\\\1", piece.text))
    return "\n\n".join(parts) + "\n"


def to_docx(pieces: list[Piece], path: Path, *, styled: bool = True) -> Path:
    """Write a Word document, with heading and list styles or with plain paragraphs alone."""
    from docx import Document

    document = Document()
    for piece in pieces:
        if piece.kind == "table":
            width = max(len(row) for row in piece.rows)
            table = document.add_table(rows=0, cols=width)
            for row in piece.rows:
                cells = table.add_row().cells
                for cell, said in zip(cells, row, strict=False):
                    cell.text = said
        elif piece.kind == "heading" and styled:
            document.add_heading(piece.text, piece.level)
        elif piece.kind == "item" and styled:
            document.add_paragraph(piece.text, style="List Number" if piece.mark.isdigit() else "List Bullet")
        elif piece.kind == "item":
            typed = f"{piece.mark}." if piece.mark.isdigit() else "-"
            document.add_paragraph(f"{typed} {piece.text}")
        else:
            document.add_paragraph(piece.text)
    document.save(path)
    return path


def chromium() -> str | None:
    """Return the browser that prints, None where there is none."""
    return os.environ.get("FRAMSYN_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def printed(pages: dict[str, str], folder: Path, *, numbered: bool = False) -> dict[str, Path]:
    """Print HTML pages to PDF with Chromium, with page numbers and a header where asked for; name → file."""
    # In a thread of its own: the tests of the browser may hold one driver open in this one, and a thread has room for one.
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(_printed, pages, folder, numbered=numbered).result()


def _printed(pages: dict[str, str], folder: Path, *, numbered: bool) -> dict[str, Path]:
    from playwright.sync_api import sync_playwright

    made = {}
    margin = {"top": "25mm", "bottom": "25mm", "left": "22mm", "right": "22mm"}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for name, page_html in pages.items():
            page = browser.new_page()
            page.set_content(page_html)
            made[name] = folder / f"{name}.pdf"
            page.pdf(
                path=str(made[name]),
                format="A4",
                margin=margin,
                display_header_footer=numbered,
                header_template="<div style='font-size:9px;margin-left:22mm'>Plan for helsetjenesten</div>",
                footer_template="<div style='font-size:9px;width:100%;text-align:center'>"
                "<span class='pageNumber'></span></div>",
            )
            page.close()
        browser.close()
    return made
