"""Word documents, read from their parts: also text boxes, footnotes and content controls, which nothing may swallow."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from framsyn.errors import PlanError
from framsyn.sources.plan_document.blocks import Block, Document, Furniture, letters
from framsyn.sources.plan_document.lines import hyphens_of, join_broken, marker_of
from framsyn.sources.plan_document.sniffing import LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_word"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_HEADING = re.compile(r"^(?:heading|overskrift|rubrik)\s*(\d)$", re.IGNORECASE)
_LIST = re.compile(r"list|liste|punkt", re.IGNORECASE)
_PARTS = re.compile(r"^word/(header|footer|footnotes|endnotes)\d*\.xml$")


def read_word(path: Path, name: str) -> Document:
    """Read a .docx file.

    Raises
    ------
    PlanError
        ``damaged-file``, ``zip-bomb``, ``xml-entities``, ``password-protected``.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_size(archive, name)
            return _Word(archive, name).read()
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError, ElementTree.ParseError) as error:
        message = f"{name}: the file is cut off or damaged: {error}. Fetch it again, or open it in Word and save it anew."
        raise PlanError("damaged-file", message, file=name, got=str(error)) from error
    except RuntimeError as error:  # what zipfile says of a member with a password
        message = f"{name}: the document is protected by a password. Save a copy without one and give that."
        raise PlanError("password-protected", message, file=name, got=str(error)) from error


def _check_size(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse an archive that is made to fill memory when unpacked."""
    unpacked = sum(member.file_size for member in archive.infolist())
    packed = max(1, sum(member.compress_size for member in archive.infolist()))
    text = sum(member.file_size for member in archive.infolist() if member.filename.endswith(".xml"))
    if unpacked > LIMITS["unpacked"] or (text > 20 * 2**20 and unpacked / packed > LIMITS["ratio"]):
        message = (
            f"{name}: unpacked it would fill {unpacked / 2**20:.0f} MB from {packed / 2**20:.1f} MB, as no document that "
            "people wrote. Save it anew from Word, or as PDF."
        )
        raise PlanError("zip-bomb", message, file=name, got=unpacked, expected=LIMITS["unpacked"])


class _Word:
    """One document while it is read."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self.archive, self.name = archive, name
        self.styles = self._styles()
        self.formats = self._number_formats()
        self.counters: Counter[tuple[str, int]] = Counter()
        self.said: list[str] = []
        self.blocks: list[Block] = []
        self.number = 0

    def xml(self, part: str) -> ElementTree.Element | None:
        """Parse one part; a part with a document type is refused, since entities could be declared in it."""
        try:
            data = self.archive.read(part)
        except KeyError:
            if part == "word/document.xml":
                raise
            return None
        if (
            b"<!DOCTYPE" in data[:4096]
            or b"<!ENTITY" in data
            or "<!DOCTYPE".encode("utf-16-le") in data[:8192]
        ):
            message = (
                f"{self.name}: {part} declares entities, which no Word document does and which could fill the memory. "
                "Open it in Word and save it anew."
            )
            raise PlanError("xml-entities", message, file=self.name, got=part)
        return ElementTree.fromstring(data)  # entities are refused above; expat fetches nothing

    def read(self) -> Document:
        """Read body, notes, headers and footers."""
        root = self.xml("word/document.xml")
        body = root.find(f"{_W}body") if root is not None else None
        if body is None:
            message = f"{self.name}: there is no body in the document. Open it in Word and save it anew."
            raise PlanError("damaged-file", message, file=self.name, got="no body")
        self._walk(body)
        furniture = []
        for part in sorted(self.archive.namelist()):
            found = _PARTS.match(part)
            if not found:
                continue
            root = self.xml(part)
            for paragraph in root.iter(f"{_W}p") if root is not None else ():
                text = self._text(paragraph)
                self.said.append(text)
                if not text:
                    continue
                if found.group(1) in ("footnotes", "endnotes"):
                    self.blocks.append(Block("paragraph", text, marker="", alone=False))
                else:
                    furniture.append(Furniture(text, found.group(1)))
        core = self.xml("docProps/core.xml")
        title = core.findtext(f"{_DC}title") if core is not None else None
        whole = "\n".join(self.said)
        blocks = join_broken(self.blocks, hyphens_of(whole))
        return Document("docx", blocks, furniture, letters(whole), [], (title or "").strip())

    def _styles(self) -> dict[str, tuple[str, str | None, int | None, str | None]]:
        """Style id → name, id of the style that it is based on, outline level, list."""
        root = self.xml("word/styles.xml")
        found: dict[str, tuple[str, str | None, int | None, str | None]] = {}
        for style in root.iter(f"{_W}style") if root is not None else ():
            name = style.find(f"{_W}name")
            based = style.find(f"{_W}basedOn")
            outline = style.find(f"{_W}pPr/{_W}outlineLvl")
            listed = style.find(f"{_W}pPr/{_W}numPr/{_W}numId")
            found[style.get(f"{_W}styleId", "")] = (
                name.get(f"{_W}val", "") if name is not None else "",
                based.get(f"{_W}val") if based is not None else None,
                _int(outline),
                listed.get(f"{_W}val") if listed is not None else None,
            )
        return found

    def _number_formats(self) -> dict[str, dict[int, str]]:
        """List id → level → format (bullet, decimal …)."""
        root = self.xml("word/numbering.xml")
        if root is None:
            return {}
        kinds = {
            one.get(f"{_W}abstractNumId"): {
                int(level.get(f"{_W}ilvl", "0")): (
                    fmt.get(f"{_W}val", "") if (fmt := level.find(f"{_W}numFmt")) is not None else ""
                )
                for level in one.findall(f"{_W}lvl")
            }
            for one in root.findall(f"{_W}abstractNum")
        }
        return {
            one.get(f"{_W}numId", ""): kinds.get(
                ref.get(f"{_W}val") if (ref := one.find(f"{_W}abstractNumId")) is not None else None, {}
            )
            for one in root.findall(f"{_W}num")
        }

    def _walk(self, parent: ElementTree.Element) -> None:
        stack = list(reversed(list(parent)))
        while stack:
            node = stack.pop()
            if node.tag == f"{_W}p":
                self._paragraph(node)
            elif node.tag == f"{_W}tbl":
                self._table(node)
            elif node.tag not in (f"{_W}del", f"{_W}moveFrom", f"{_MC}Fallback"):
                stack.extend(reversed(list(node)))

    def _paragraph(self, node: ElementTree.Element) -> None:
        self.number += 1
        boxes = list(_boxes(node))
        text = self._text(node)
        if text:
            self.said.append(text)
            self.blocks.append(self._block(node, text))
            if len(self.blocks) > LIMITS["blocks"]:
                message = f"{self.name}: more than {LIMITS['blocks']} paragraphs. Part the document in two."
                raise PlanError("too-large", message, file=self.name, got=len(self.blocks))
        for box in boxes:
            self._walk(box)

    def _block(self, node: ElementTree.Element, text: str) -> Block:
        properties = node.find(f"{_W}pPr")
        style = properties.find(f"{_W}pStyle") if properties is not None else None
        name, level, listed = self._style(style.get(f"{_W}val") if style is not None else None)
        own = properties.find(f"{_W}outlineLvl") if properties is not None else None
        if _int(own) is not None and (_int(own) or 0) < 9:
            level = (_int(own) or 0) + 1
        if name.lower() in ("title", "tittel"):
            level = 0
        if level is not None:
            return Block("heading", text, level=level, line=self.number)
        numbered = properties.find(f"{_W}numPr") if properties is not None else None
        typed = marker_of(text)
        if numbered is not None or listed is not None or (_LIST.search(name) and not typed):
            depth = _int(numbered.find(f"{_W}ilvl")) if numbered is not None else 0
            identity = numbered.find(f"{_W}numId") if numbered is not None else None
            number_id = identity.get(f"{_W}val", "") if identity is not None else listed or name
            return Block(
                "item",
                text,
                marker=self._marker(number_id, depth or 0, name),
                depth=depth or 0,
                line=self.number,
            )
        if typed:
            nested = 1 if typed[0] in ("o", "◦", "○") else 0
            return Block("item", typed[1], marker=typed[0], depth=nested, line=self.number)
        return Block("paragraph", text, line=self.number, bold=_all_bold(node))

    def _marker(self, number_id: str, depth: int, style: str) -> str:
        kind = self.formats.get(number_id, {}).get(depth, "decimal" if "umber" in style else "bullet")
        if kind in ("bullet", "none", ""):
            return "•"
        self.counters[number_id, depth] += 1
        return f"{self.counters[number_id, depth]}."

    def _style(self, name: str | None) -> tuple[str, int | None, str | None]:
        """Return name, heading level and list of a style, by itself or by what it is based on."""
        first, seen = "", 0
        listed: str | None = None
        while name is not None and seen < 20:
            label, based, outline, own_list = self.styles.get(name, (name, None, None, None))
            first = first or label
            listed = listed or own_list
            found = _HEADING.match(label)
            if found:
                return first, int(found.group(1)), listed
            if outline is not None and outline < 9:
                return first, outline + 1, listed
            name, seen = based, seen + 1
        return first, None, listed

    def _text(self, node: ElementTree.Element) -> str:
        """Words of one paragraph, without those of boxes in it and of text that was deleted."""
        parts: list[str] = []
        stack = list(reversed(list(node)))
        while stack:
            part = stack.pop()
            tag = part.tag
            if tag in (f"{_W}t", f"{_W}delText"):
                parts.append(part.text or "" if tag == f"{_W}t" else "")
            elif tag == f"{_W}tab":
                parts.append("\t")
            elif tag in (f"{_W}br", f"{_W}cr"):
                parts.append(" ")
            elif tag == f"{_W}noBreakHyphen":
                parts.append("-")
            elif tag not in (
                f"{_W}txbxContent",
                f"{_W}del",
                f"{_W}moveFrom",
                f"{_MC}Fallback",
                f"{_W}pPr",
                f"{_W}p",
            ):
                stack.extend(reversed(list(part)))
        return "\t".join(" ".join(piece.split()) for piece in "".join(parts).split("\t")).strip()

    def _table(self, node: ElementTree.Element) -> None:
        rows: list[list[str]] = []
        for row in node.iter(f"{_W}tr"):
            cells: list[str] = []
            for cell in row.findall(f"{_W}tc"):
                said = [self._text(paragraph) for paragraph in cell.iter(f"{_W}p")]
                text = " ".join(part.replace("\t", " ") for part in said if part)
                self.said.append(text)
                span = _int(cell.find(f"{_W}tcPr/{_W}gridSpan")) or 1
                cells.extend([text, *[""] * (min(span, 100) - 1)])
            rows.append(cells)
        self.number += 1
        if any(any(row) for row in rows):
            self.blocks.append(Block("table", rows=rows, line=self.number))


def _boxes(node: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """Text boxes in a paragraph, each once: what old readers should see instead is left out."""
    stack = list(node)
    while stack:
        part = stack.pop()
        if part.tag == f"{_W}txbxContent":
            yield part
        elif part.tag != f"{_MC}Fallback":
            stack.extend(part)


def _all_bold(node: ElementTree.Element) -> bool:
    runs = [
        run for run in node.iter(f"{_W}r") if "".join(part.text or "" for part in run.iter(f"{_W}t")).strip()
    ]
    return bool(runs) and all(
        (bold := run.find(f"{_W}rPr/{_W}b")) is not None and bold.get(f"{_W}val") not in ("0", "false")
        for run in runs
    )


def _int(node: ElementTree.Element | None) -> int | None:
    value = node.get(f"{_W}val") if node is not None else None
    return int(value) if value is not None and value.lstrip("-").isdigit() else None
