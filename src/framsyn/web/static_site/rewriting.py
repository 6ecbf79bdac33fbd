"""Make a page of the site one that works as a file: own addresses become relative, what needs a server goes.

Links to what the folder holds lead there; the words of other links stay, without the link, and an address of another site is
told in words. Forms, scripts, feeds and links for reporting errors go. All else stays letter by letter.
"""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from framsyn.web.static_site.links import Links

__all__ = ["offline"]

GONE = frozenset({"form", "script"})
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_END_OF_FIGURE, _FILES, _PLACE, _REPORT = "figure__end", "figure__files", "framsyn-place", "/report-error/"
_BETWEEN = " ·\n\t\u202f"


class Edit(NamedTuple):
    """A stretch of the page and what stands there instead."""

    begin: int
    end: int
    text: str


class _Reader(HTMLParser):
    """Finds what has to change, by place in the page."""

    def __init__(self, page: str, file: str, links: Links) -> None:
        super().__init__(convert_charrefs=False)
        self.page, self.file, self.links = page, file, links
        self.edits: list[Edit] = []
        self.lines = [0]
        for line in page.splitlines(keepends=True):
            self.lines.append(self.lines[-1] + len(line))
        self.going = ("", 0, 0)  # tag, depth and place of what goes as a whole
        self.anchors: list[tuple[str, str]] = []  # per open link: what closes it, and what follows it
        self.files = 0  # depth inside the files of a figure
        self.kept_file = False
        self.feed(page)
        self.close()

    def at(self) -> int:
        """Place of the tag that is being read."""
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.start(tag, dict(attrs), closed=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.start(tag, dict(attrs), closed=tag in VOID)

    def start(self, tag: str, attributes: dict[str, str | None], *, closed: bool) -> None:
        begin = self.at()
        text = self.get_starttag_text() or ""
        if self.going[0]:
            if tag == self.going[0] and not closed:
                self.going = (tag, self.going[1] + 1, self.going[2])
            return
        classes = (attributes.get("class") or "").split()
        if _FILES in classes:
            self.files, self.kept_file = 1, False
        elif self.files and tag == "span" and not closed:
            self.files += 1
        if tag in GONE and not closed:
            self.going = (tag, 1, begin)
        elif tag == "link":
            found = self.links.find(attributes.get("href") or "", self.file)
            new = text.replace(escape(attributes.get("href") or ""), escape(found)) if found else ""
            self.edits.append(Edit(begin, begin + len(text), new))
        elif tag == "a" and not closed:
            self.anchor(begin, text, attributes, classes)

    def anchor(self, begin: int, text: str, attributes: dict[str, str | None], classes: list[str]) -> None:
        """Lead a link to its file, or take it away."""
        address = attributes.get("href") or ""
        found = self.links.find(address, self.file)
        useless = _END_OF_FIGURE in classes or urlsplit(address).path == _REPORT
        if self.files and found is not None and not self.kept_file:
            self.kept_file = True
        elif self.files or useless:  # one form of a table lies in the folder
            before = len(self.page[:begin].rstrip(_BETWEEN))
            self.going = ("a", 1, before)
            return
        if found is None and _PLACE in classes:  # still shows its name under the pointer
            self.edits.append(Edit(begin, begin + len(text), f'<g class="{_PLACE}">'))
            self.anchors.append(("", "</g>"))
            return
        if found is None:
            outside = bool(urlsplit(address).scheme)
            self.edits.append(Edit(begin, begin + len(text), ""))
            self.anchors.append(("", f' <span class="muted">({escape(address)})</span>' if outside else ""))
            return
        new = text.replace(f'"{escape(address)}"', f'"{escape(found)}"')
        if new == text and found != address:
            new = text.replace(f'"{address}"', f'"{escape(found)}"')
        self.edits.append(Edit(begin, begin + len(text), new))
        self.anchors.append(("</a>", ""))

    def handle_endtag(self, tag: str) -> None:
        begin = self.at()
        end = self.page.index(">", begin) + 1
        name, depth, since = self.going
        if name:
            if tag == name:
                self.going = (name, depth - 1, since) if depth > 1 else ("", 0, 0)
                if depth == 1:
                    self.edits.append(Edit(since, end, ""))
            return
        if self.files and tag == "span":
            self.files -= 1
        if tag == "a" and self.anchors:
            closing, more = self.anchors.pop()
            if not closing:
                self.edits.append(Edit(begin, end, more))


def offline(page: str, file: str, links: Links) -> str:
    """Return a page of the site as it stands in the folder.

    Parameters
    ----------
    page : str
        Markup as the site answers.
    file : str
        Its place in the folder.
    links : Links

    Examples
    --------
    >>> from framsyn.web.static_site.links import Links
    >>> links = Links({"/data/": "nb/data.html"})
    >>> offline('<a href="/data/">Data</a> <a href="/goals/">Goals</a><form></form>', "nb/stories/x.html", links)
    '<a href="../data.html">Data</a> Goals'
    """
    parts, last = [], 0
    for edit in sorted(_Reader(page, file, links).edits):
        if edit.begin < last:  # inside what has gone
            continue
        parts += [page[last : edit.begin], edit.text]
        last = edit.end
    return "".join([*parts, page[last:]])
