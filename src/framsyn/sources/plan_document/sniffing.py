"""What a file is by its bytes, whatever its name says; files that cannot be read are refused here, with the way out."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from framsyn.errors import PlanError

__all__ = ["ENDINGS", "LIMITS", "decode", "form_of"]

ENDINGS = {
    ".txt": "txt",
    ".text": "txt",
    ".docx": "docx",
    ".pdf": "pdf",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".md": "markdown",
    ".markdown": "markdown",
}
NAMES = {
    "txt": "text",
    "docx": "Word document",
    "pdf": "PDF",
    "html": "HTML page",
    "markdown": "Markdown text",
}

LIMITS = {
    "bytes": 50 * 2**20,
    "pages": 1_000,
    "characters": 5_000_000,
    "unpacked": 250 * 2**20,  # of a Word document
    "ratio": 200,  # unpacked bytes per packed one
    "blocks": 60_000,
    "depth": 400,  # of tags in tags
    "seconds": 180,
    "memory": 2 * 2**30,
}

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = (
    (b"{\\rtf", "an RTF file", "Open it in a word processor and save it as .docx."),
    (
        b"\x89PNG",
        "a picture",
        "A picture has no text in it: run it through text recognition (OCR) and save a PDF with text.",
    ),
    (
        b"\xff\xd8\xff",
        "a picture",
        "A picture has no text in it: run it through text recognition (OCR) and save a PDF with text.",
    ),
    (
        b"II*\x00",
        "a picture",
        "A picture has no text in it: run it through text recognition (OCR) and save a PDF with text.",
    ),
    (
        b"GIF8",
        "a picture",
        "A picture has no text in it: run it through text recognition (OCR) and save a PDF with text.",
    ),
    (b"%!PS", "a PostScript file", "Save it as PDF."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it and give the document itself."),
    (b"Rar!", "a RAR archive", "Unpack it and give the document itself."),
    (b"7z\xbc\xaf", "a 7-zip archive", "Unpack it and give the document itself."),
    (b"MZ", "a program", "Give the document itself."),
    (b"\x7fELF", "a program", "Give the document itself."),
)


def form_of(path: Path, name: str = "") -> str:
    """Return what a file is: ``txt``, ``docx``, ``pdf``, ``html`` or ``markdown``.

    Parameters
    ----------
    path : Path
    name : str
        The name that the user knows the file by; the path's own name without it.

    Raises
    ------
    PlanError
        ``no-file``, ``empty-file``, ``too-large``, ``password-protected``, ``old-word``, ``wrong-type``, ``wrong-ending``,
        ``binary-file``.
    """
    name = name or path.name
    if not path.is_file():
        message = f"{name}: there is no such file. Check the path."
        raise PlanError("no-file", message, file=name)
    size = path.stat().st_size
    if size == 0:
        message = f"{name}: the file is empty. Save the document again and give that file."
        raise PlanError("empty-file", message, file=name, got=0)
    if size > LIMITS["bytes"]:
        limit = LIMITS["bytes"] // 2**20
        message = f"{name}: {size / 2**20:.0f} MB; at most {limit} MB are read. Save it without pictures, or part it in two."
        raise PlanError("too-large", message, file=name, got=size, expected=LIMITS["bytes"], limit=limit)
    with path.open("rb") as file:
        start = file.read(64 * 1024)
    form = _by_bytes(path, name, start)
    ending = Path(name).suffix.lower()
    said = ENDINGS.get(ending)
    if form is None:
        if said in ("pdf", "docx"):
            _refuse_ending(name, said, "text")
        return said or ("html" if _looks_like_html(start) else "txt")
    if said is not None and said != form:
        _refuse_ending(name, said, form)
    return form


def _refuse_ending(name: str, said: str, form: str) -> None:
    got = NAMES.get(form, form)
    message = (
        f"{name}: the name says {NAMES[said]}, but what is in it is not: it looks like {got}. "
        "Save the document again in the form that its name says, or give it the right ending."
    )
    raise PlanError("wrong-ending", message, file=name, got=form, expected=said)


def _by_bytes(path: Path, name: str, start: bytes) -> str | None:
    """Return the form of a file that is not plain text; None for text."""
    if b"%PDF-" in start[:1024]:
        return "pdf"
    if start.startswith(b"PK\x03\x04") or start.startswith(b"PK\x05\x06"):
        return _in_zip(path, name)
    if start.startswith(_OLE):
        whole = path.read_bytes()
        if "EncryptedPackage".encode("utf-16-le") in whole:
            message = (
                f"{name}: the document is protected by a password. Save a copy without one and give that."
            )
            raise PlanError("password-protected", message, file=name)
        message = f"{name}: a document of an old Word or Office. Open it and save it as .docx."
        raise PlanError("old-word", message, file=name)
    for sign, what, way_out in _FOREIGN:
        if start.startswith(sign):
            message = f"{name}: this is {what}. {way_out}"
            raise PlanError("wrong-type", message, file=name, got=what)
    return None


def _in_zip(path: Path, name: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        message = f"{name}: the file is cut off or damaged: {error}. Fetch it again, or save it anew."
        raise PlanError("damaged-file", message, file=name, got=str(error)) from error
    if "word/document.xml" in names:
        return "docx"
    what = (
        "a workbook"
        if any(part.startswith("xl/") for part in names)
        else "a presentation"
        if any(part.startswith("ppt/") for part in names)
        else "an OpenDocument file"
        if "content.xml" in names
        else "an archive"
    )
    message = (
        f"{name}: this is {what}; a plan is read from Word (.docx), PDF, HTML, Markdown or text. "
        "Save it as one of them."
    )
    raise PlanError("wrong-type", message, file=name, got=what)


def _looks_like_html(start: bytes) -> bool:
    head = start[:2048].lower()
    return b"<!doctype html" in head or b"<html" in head or b"<body" in head


_META = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)


def decode(data: bytes, name: str, *, html: bool = False) -> tuple[str, str]:
    """Return the text of bytes and the encoding that it was in.

    UTF-8 and UTF-16 are known by their marks and their form, everything else that reads as text is cp1252.

    Raises
    ------
    PlanError
        ``binary-file`` where zero bytes or control signs say that this is no text.

    >>> decode("Mål".encode("cp1252"), "x.txt")
    ('Mål', 'cp1252')
    """
    encoding, text = _decoded(data, html)
    control = sum(1 for sign in text if sign < " " and sign not in "\n\r\t\f\v")
    if text.count("\0") or control > max(8, len(text) // 200):
        message = (
            f"{name}: there are zero bytes or control signs in it, so it is no text. "
            "Save it as text in UTF-8, or as .docx."
        )
        raise PlanError("binary-file", message, file=name, got=control)
    if len(text) > LIMITS["characters"]:
        message = f"{name}: {len(text)} characters; at most {LIMITS['characters']} are read. Part the document in two."
        raise PlanError("too-large", message, file=name, got=len(text), expected=LIMITS["characters"])
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding


def _decoded(data: bytes, html: bool) -> tuple[str, str]:
    """Return encoding and text."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return encoding.removesuffix("-sig"), data.decode(encoding)
            except UnicodeDecodeError:
                break
    if len(data) >= 4:
        even, odd = data[0:2000:2].count(0), data[1:2000:2].count(0)
        half = max(1, min(len(data), 2000) // 2)
        for zeros, other, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
            if zeros > 0.4 * half and other < 0.1 * half:
                try:
                    return encoding, data.decode(encoding)
                except UnicodeDecodeError:
                    break
    try:
        return "utf-8", data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if html:
        said = _META.search(data[:4096])
        if said:
            try:
                return said.group(1).decode().lower(), data.decode(said.group(1).decode())
            except (UnicodeDecodeError, LookupError):
                pass
    try:
        return "cp1252", data.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1", data.decode("latin-1")
