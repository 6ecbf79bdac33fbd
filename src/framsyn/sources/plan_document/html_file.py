"""HTML pages: what a reader sees, without scripts, styles and pictures; nothing is fetched."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from framsyn.errors import PlanError
from framsyn.sources.plan_document.blocks import Block, Document, letters
from framsyn.sources.plan_document.lines import hyphens_of, join_broken, marker_of
from framsyn.sources.plan_document.sniffing import LIMITS, decode

__all__ = ["read_html"]

_UNSEEN = {
    "script",
    "style",
    "head",
    "template",
    "noscript",
    "svg",
    "math",
    "iframe",
    "object",
    "select",
    "title",
}
_EMPTY = {
    "br",
    "hr",
    "img",
    "input",
    "meta",
    "link",
    "wbr",
    "col",
    "area",
    "base",
    "embed",
    "source",
    "track",
    "param",
}
_BLOCKS = {
    "p", "div", "section", "article", "main", "header", "footer", "aside", "nav", "ul", "ol", "dl", "dt", "dd", "li",
    "table", "caption", "tr", "td", "th", "thead", "tbody", "tfoot", "blockquote", "pre", "figure", "figcaption",
    "address", "form", "fieldset", "body", "html", "details", "summary", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
}  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


class _Reader(HTMLParser):
    """Reads tags as they come; nothing is nested in memory, so depth costs nothing."""

    def __init__(self, name: str) -> None:
        super().__init__(convert_charrefs=True)
        self.name = name
        self.blocks: list[Block] = []
        self.title = ""
        self.stack: list[str] = []
        self.unseen = 0
        self.in_title = False
        self.words: list[str] = []
        self.strong: list[str] = []
        self.bold = 0
        self.lists: list[list[object]] = []
        self.item: tuple[str, int] | None = None
        self.tables: list[list[list[str]]] = []
        self.span = 1
        self.cell = 0
        self.down: dict[int, int] = {}
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a tag."""
        given = dict(attrs)
        if tag == "title":
            self.in_title = True
        if tag in _UNSEEN and tag not in _EMPTY:
            self.flush()
            self.unseen += 1
            self.stack.append(tag)
            return
        if tag == "br":
            self.words.append("\n")
            return
        if tag in _EMPTY:
            if tag == "hr":
                self.flush()
            return
        if len(self.stack) >= LIMITS["depth"]:
            message = (
                f"{self.name}: tags lie more than {LIMITS['depth']} deep in each other, as in no page that people wrote. "
                "Open it in a browser, and save it as PDF or text."
            )
            raise PlanError(
                "too-deep", message, file=self.name, got=len(self.stack), expected=LIMITS["depth"]
            )
        if self.unseen:
            self.stack.append(tag)
            return
        if tag in _BLOCKS:
            self.flush()
            if tag in ("li", "p", "dt", "dd", "tr", "td", "th"):
                self.close_open(tag)
        self.stack.append(tag)
        if tag in ("b", "strong"):
            self.bold += 1
        elif tag in ("ul", "ol"):
            start = given.get("start") or "1"
            self.lists.append([tag, int(start) if start.isdigit() else 1])
        elif tag == "li":
            kind, count = self.lists[-1] if self.lists else ["ul", 1]
            self.item = (f"{count}." if kind == "ol" else "•", max(0, len(self.lists) - 1))
            if self.lists:
                self.lists[-1][1] = int(str(count)) + 1
        elif tag == "table":
            self.tables.append([])
            self.down = {}
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
            self.cell = 0
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            self.begin_cell(given)

    def begin_cell(self, given: dict[str, str | None]) -> None:
        """Leave room for cells from above, and remember how far this one reaches."""
        row = self.tables[-1][-1]
        while self.down.get(len(row), 0):
            self.down[len(row)] -= 1
            row.append("")
        wide, high = (_count(given.get(key)) for key in ("colspan", "rowspan"))
        for column in range(len(row), len(row) + wide):
            if high > 1:
                self.down[column] = high - 1
        self.span = wide

    def close_open(self, tag: str) -> None:
        """Close a tag of this kind that the page left open."""
        for open_tag in reversed(self.stack):
            if open_tag == tag:
                self.handle_endtag(tag)
                return
            if open_tag in ("ul", "ol", "table", "td", "th", "div", "body"):
                return

    def handle_endtag(self, tag: str) -> None:
        """End a tag, and those inside it that the page left open."""
        if tag == "title":
            self.in_title = False
        if tag not in self.stack:
            return
        while self.stack:
            ended = self.stack.pop()
            if ended in _UNSEEN:
                self.unseen = max(0, self.unseen - 1)
            elif not self.unseen:
                self.end(ended)
            if ended == tag:
                break

    def end(self, tag: str) -> None:
        """Do what the end of a visible tag means."""
        if tag in ("td", "th") and self.tables and self.tables[-1]:
            self.tables[-1][-1].extend([self.text(), *[""] * (self.span - 1)])
            self.words, self.strong = [], []
        elif tag in _BLOCKS:
            self.flush(_HEADINGS.get(tag))
        if tag in ("b", "strong"):
            self.bold = max(0, self.bold - 1)
        elif tag in ("ul", "ol") and self.lists:
            self.lists.pop()
            self.item = None
        elif tag == "li":
            self.item = None
        elif tag == "table" and self.tables:
            rows = [row for row in self.tables.pop() if any(row)]
            if rows:
                self.blocks.append(Block("table", rows=rows, line=self.getpos()[0]))

    def handle_data(self, data: str) -> None:
        """Take text."""
        if self.in_title:
            self.title += data
        if self.unseen:
            return
        self.seen.append(data)
        if "pre" not in self.stack:
            data = data.replace("\n", " ")
        self.words.append(data)
        if self.bold:
            self.strong.append(data)

    def text(self) -> str:
        """Return the words taken so far, with single spaces."""
        return "\n".join(" ".join(line.split()) for line in "".join(self.words).split("\n")).strip()

    def flush(self, level: int | None = None) -> None:
        """Make a block of the words taken so far."""
        if self.tables and self.stack and any(tag in ("td", "th") for tag in self.stack[-40:]):
            if self.words and level is None:
                self.words.append(" ")
            return
        text = self.text()
        strong = " ".join("".join(self.strong).split())
        self.words, self.strong = [], []
        if not text:
            return
        if len(self.blocks) >= LIMITS["blocks"]:
            message = f"{self.name}: more than {LIMITS['blocks']} paragraphs. Part the document in two."
            raise PlanError("too-large", message, file=self.name, got=len(self.blocks))
        line = self.getpos()[0]
        lines = [part for part in text.split("\n") if part]
        whole = " ".join(lines)
        if level is not None:
            self.blocks.append(Block("heading", whole, level=level, line=line))
        elif self.item is not None:
            marker, depth = self.item
            self.blocks.append(Block("item", whole, marker=marker, depth=depth, line=line))
            self.item = None
        elif len(lines) > 1 and all(marker_of(part) for part in lines):
            for part in lines:
                self.blocks.append(_typed(part, line))
        else:
            block = _typed(whole, line)
            block.bold = bool(strong) and strong == whole
            self.blocks.append(block)


def _typed(text: str, line: int) -> Block:
    """Return a paragraph, or the list item that somebody typed with a marker of their own."""
    found = marker_of(text)
    if found is None:
        return Block("paragraph", text, line=line)
    return Block("item", found[1], marker=found[0], line=line, depth=1 if found[0] in ("o", "◦", "○") else 0)


def _count(given: str | None) -> int:
    return min(int(given), 100) if given and given.isdigit() and int(given) > 0 else 1


def read_html(path: Path, name: str) -> Document:
    """Read an HTML page."""
    text, encoding = decode(path.read_bytes(), name, html=True)
    reader = _Reader(name)
    reader.feed(text)
    reader.close()
    reader.flush()
    seen = "".join(reader.seen)
    raw = letters(seen)
    notes: list[tuple[str, dict[str, object]]] = []
    if encoding in ("cp1252", "latin-1"):
        notes.append(("encoding-guessed", {"got": encoding}))
    blocks = join_broken(reader.blocks, hyphens_of(seen))
    return Document("html", blocks, [], raw, notes, " ".join(reader.title.split()))
