"""What a document consists of before anybody says what it means: headings, paragraphs, list items and tables in order."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

__all__ = ["Block", "Document", "Furniture", "letters", "words"]

_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """Return the words of a text, as they are written; what is neither letter nor digit parts them.

    >>> words("Pasient- og brukerråd, 2027–2040.")
    ['Pasient', 'og', 'brukerråd', '2027', '2040']
    """
    return _WORD.findall(text.replace("\u00ad", "").replace("_", " "))


def letters(text: str) -> Counter[str]:
    """Return how often each letter and digit occurs: what no joining or parting of lines can change.

    >>> letters("ab a") == letters("aa-b")
    True
    """
    return Counter(sign for sign in text if sign.isalnum())


@dataclass
class Block:
    """One heading, paragraph, list item or table.

    Parameters
    ----------
    kind : str
        ``heading``, ``paragraph``, ``item`` or ``table``.
    text : str
        Without the marker of a list item; "" for a table.
    level : int or None
        Level of a heading that the file itself marks as one, from 1; None where it does not say.
    depth : int
        How deep a list item is nested, from 0.
    marker : str
        What stood before a list item or, as a number, before a heading.
    rows : list of list of str
        Cells of a table.
    page, line : int or None
        Where it begins.
    alone : bool
        Whether nothing stands right before or after it without a gap.
    bold : bool
        Whether all of it is set in bold.
    joined : bool
        Whether it was put together over a break.
    indent : float
        How far in it stands, where that is known.
    """

    kind: str
    text: str = ""
    level: int | None = None
    depth: int = 0
    marker: str = ""
    rows: list[list[str]] = field(default_factory=list)
    page: int | None = None
    line: int | None = None
    alone: bool = True
    bold: bool = False
    joined: bool = False
    indent: float = 0.0

    def all_text(self) -> str:
        """Return everything that the block says, the marker included."""
        cells = "\n".join("\t".join(row) for row in self.rows)
        return "\n".join(part for part in (self.marker, self.text, cells) if part)


@dataclass(frozen=True)
class Furniture:
    """Text that belongs to the page and not to what it says: a header, a footer, a page number."""

    text: str
    reason: str
    page: int | None = None
    line: int | None = None


@dataclass
class Document:
    """A document that was read.

    Parameters
    ----------
    form : str
        ``txt``, ``docx``, ``pdf``, ``html`` or ``markdown``.
    blocks : list of Block
        In reading order.
    furniture : list of Furniture
        What was taken away from the pages.
    raw : Counter
        Letters of the file, counted before anything was taken apart; see :func:`letters`.
    notes : list of (code, data)
        What the reader had to guess.
    title : str
        The title that the file carries in its own data, "" without one.
    pages : int or None
    """

    form: str
    blocks: list[Block]
    furniture: list[Furniture] = field(default_factory=list)
    raw: Counter[str] = field(default_factory=Counter)
    notes: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    title: str = ""
    pages: int | None = None

    def lost(self) -> Counter[str]:
        """Return the letters of the file that no block and no piece of furniture holds."""
        kept: Counter[str] = Counter()
        for block in self.blocks:
            kept += letters(block.all_text())
        for piece in self.furniture:
            kept += letters(piece.text)
        return self.raw - kept
