"""Broken, huge, encrypted and hostile files: each is refused with its own code, and what cannot be foreseen is ended."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from framsyn.errors import PlanError
from framsyn.sources.plan_document import LIMITS, read_draft, read_safely

HEAD = '<?xml version="1.0"?>{}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
TAIL = "</w:body></w:document>"
PARAGRAPH = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"


def archive(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name.replace("__", "/").replace("_DOT_", "."), data)
    return target.getvalue()


def word(text: str = "Et avsnitt om planen.", doctype: str = "") -> bytes:
    return archive(word__document_DOT_xml=(HEAD.format(doctype) + PARAGRAPH.format(text) + TAIL).encode())


def protected_word() -> bytes:
    data = bytearray(word())
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + offset] |= 1
    return bytes(data)


def pdf(pages: int = 1, password: str = "") -> bytes:
    from pypdf import PdfWriter

    writer = PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(200, 200)
    if password:
        writer.encrypt(password, algorithm="AES-256")
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def bomb() -> bytes:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made,
        made.open("word/document.xml", "w") as part,
    ):
        part.write(HEAD.format("").encode())
        for _piece in range(65):
            part.write(b" " * 2**22)
        part.write(TAIL.encode())
    return target.getvalue()


ENTITIES = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
REFUSED: list[tuple[str, str, Callable[[], bytes], str, str]] = [
    ("empty", "plan.txt", lambda: b"", "empty-file", "empty"),
    ("blank", "plan.txt", lambda: b" \n\n  \n", "empty-file", "no words"),
    ("picture", "plan.pdf", lambda: b"\x89PNG\r\n\x1a\n" + b"0" * 99, "wrong-type", "OCR"),
    ("rtf", "plan.txt", lambda: b"{\\rtf1 hei}", "wrong-type", ".docx"),
    ("workbook", "plan.docx", lambda: archive(xl__workbook_DOT_xml=b"<x/>"), "wrong-type", "workbook"),
    ("odt", "plan.docx", lambda: archive(content_DOT_xml=b"<x/>"), "wrong-type", "OpenDocument"),
    ("word as pdf", "plan.pdf", word, "wrong-ending", "Word document"),
    ("pdf as word", "plan.docx", pdf, "wrong-ending", "PDF"),
    ("text as pdf", "plan.pdf", lambda: b"Bare tekst.", "wrong-ending", "text"),
    ("cut word", "plan.docx", lambda: word("x" * 5000)[:200], "damaged-file", "cut off"),
    ("torn xml", "plan.docx", lambda: archive(word__document_DOT_xml=b"<w:document"), "damaged-file", "damaged"),
    ("no body", "plan.docx", lambda: archive(word__document_DOT_xml=b"<x/>"), "damaged-file", "no body"),
    ("cut pdf", "plan.pdf", lambda: pdf()[:60], "damaged-file", "damaged"),
    ("password pdf", "plan.pdf", lambda: pdf(password="hemmelig"), "password-protected", "password"),
    ("password word", "plan.docx", protected_word, "password-protected", "password"),
    ("encrypted word", "plan.docx", lambda: OLE + "EncryptedPackage".encode("utf-16-le"), "password-protected", "copy"),
    ("old word", "plan.doc", lambda: OLE + b"\0" * 600, "old-word", ".docx"),
    ("entities", "plan.docx", lambda: word("&b;", ENTITIES), "xml-entities", "entities"),
    ("zip bomb", "plan.docx", bomb, "zip-bomb", "MB"),
    ("scan", "plan.pdf", lambda: pdf(3), "no-text-layer", "OCR"),
    ("10 000 pages", "plan.pdf", lambda: pdf(10_000), "too-many-pages", "10000 pages"),
    ("deep", "plan.html", lambda: b"<html>" + b"<div>" * 100_000 + b"hei", "too-deep", "deep"),
    ("zero bytes", "plan.txt", lambda: b"Plan\0for\0noe\0\0" + b"a" * 50, "binary-file", "zero bytes"),
    ("noise", "plan.md", lambda: bytes(range(256)) * 40, "binary-file", "UTF-8"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "make", "code", "said"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED]
)
def test_what_cannot_be_read_is_refused_with_the_way_out(
    name: str, make: Callable[[], bytes], code: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(make())
    with pytest.raises(PlanError) as refused:
        read_draft(path)
    assert refused.value.code == code
    assert said in refused.value.message
    assert refused.value.message.startswith(f"{name}: ")


def test_a_file_of_500_megabytes_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "plan.txt"
    with path.open("wb") as file:
        file.truncate(500 * 2**20)  # holes: it takes no room on the disk
    begin = time.monotonic()
    with pytest.raises(PlanError) as refused:
        read_safely(path)
    assert refused.value.code == "too-large"
    assert time.monotonic() - begin < 2
    assert "500 MB" in refused.value.message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PlanError) as refused:
        read_safely(tmp_path / "plan.txt")
    assert refused.value.code == "no-file"


# ------------------------------------------------------------------ the process that reads
def test_the_child_finds_what_this_process_finds(root: Path) -> None:
    path = root / "tests/data/plan_small.txt"
    assert read_safely(path) == read_draft(path)


def test_the_child_tells_what_it_refuses(tmp_path: Path) -> None:
    path = tmp_path / "upload.bin"
    path.write_bytes(word("&b;", ENTITIES))
    with pytest.raises(PlanError) as refused:
        read_safely(path, "Planen vår.docx")
    assert refused.value.code == "xml-entities"
    assert refused.value.message.startswith("Planen vår.docx: ")


def test_a_child_that_takes_too_long_is_ended(root: Path) -> None:
    with pytest.raises(PlanError) as refused:
        read_safely(root / "tests/data/plan_small.txt", seconds=0.01)
    assert refused.value.code == "too-slow"
    assert refused.value.data["file"] == "plan_small.txt"


def test_a_child_may_not_take_all_memory(tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="this system has no limit on the memory of a process")
    path = tmp_path / "plan.txt"
    path.write_text("Et avsnitt om planen som er langt nok.\n\n" * 50_000, encoding="utf-8")
    with pytest.raises(PlanError) as refused:
        read_safely(path, memory=150 * 2**20)
    assert refused.value.code in ("too-much-memory", "reader-stopped")


def test_too_many_paragraphs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITS, "blocks", 100)
    path = tmp_path / "plan.txt"
    path.write_text("Et avsnitt.\n\n" * 101, encoding="utf-8")
    with pytest.raises(PlanError) as refused:
        read_draft(path)
    assert refused.value.code == "too-large"
