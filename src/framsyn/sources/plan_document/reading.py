"""From a file to the draft of a plan."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from framsyn.errors import PlanError
from framsyn.sources.plan_document.blocks import words
from framsyn.sources.plan_document.draft import Place, PlanDraft
from framsyn.sources.plan_document.lines import is_page_number
from framsyn.sources.plan_document.nodes import to_elements
from framsyn.sources.plan_document.repeats import set_repeats_aside
from framsyn.sources.plan_document.review import findings_of, put_missing_aside, worded
from framsyn.sources.plan_document.sniffing import LIMITS, form_of
from framsyn.sources.plan_document.structure import structure_of

if TYPE_CHECKING:
    from framsyn.sources.plan_document.blocks import Document

__all__ = ["draft_of", "language_of", "read_document", "read_draft"]

_COMMON = {
    "nb": set("ikke jeg hva fra mer utdanning være blir og å skal det en noen hvordan".split()),
    "nn": set("ikkje eg kva frå meir utdanning vere blir og å skal det ein nokon korleis".split()),
    "en": set("the and of to in is that for with shall are be by our we".split()),
}
_PERIOD = re.compile(r"\b(20\d\d)\s*[-–—/]\s*(20\d\d)\b")


def read_document(path: Path, name: str = "") -> Document:
    """Read a file into blocks.

    Parameters
    ----------
    path : Path
    name : str
        The name that the user knows the file by.

    Raises
    ------
    PlanError
        The file cannot be read, and why; the codes are told in :mod:`.sniffing` and by the reader of each form.
    """
    name = name or path.name
    form = form_of(path, name)
    if form == "pdf":
        _need("pdfplumber", name)
        from framsyn.sources.plan_document.pdf_file import read_pdf as read
    elif form == "docx":
        from framsyn.sources.plan_document.word_file import read_word as read
    elif form == "html":
        from framsyn.sources.plan_document.html_file import read_html as read
    elif form == "markdown":
        from framsyn.sources.plan_document.text_file import read_markdown as read
    else:
        from framsyn.sources.plan_document.text_file import read_text as read
    document = read(path, name)
    if len(document.blocks) > LIMITS["blocks"]:
        message = f"{name}: more than {LIMITS['blocks']} paragraphs. Part the document in two."
        raise PlanError("too-large", message, file=name, got=len(document.blocks), expected=LIMITS["blocks"])
    if not any(words(block.all_text()) for block in document.blocks):
        message = f"{name}: there are no words in it. Give the document that holds the plan."
        raise PlanError("empty-file", message, file=name, got=0)
    return document


def _need(package: str, name: str) -> None:
    from importlib.util import find_spec

    if find_spec(package) is None:
        message = f"{name}: reading PDF needs {package}, which is not installed. Run: pip install 'framsyn[documents]'"
        raise PlanError("no-reader", message, file=name, missing=package)


def read_draft(path: Path, name: str = "", title: str = "") -> PlanDraft:
    """Read a file into the draft of a plan, in this process; :func:`~.child.read_safely` does it in one with limits."""
    document = read_document(path, name)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return draft_of(document, name or path.name, title=title, digest=digest)


def draft_of(document: Document, name: str, *, title: str = "", digest: str = "") -> PlanDraft:
    """Return the draft of a plan that a document holds."""
    source = sum(len(words(block.all_text())) for block in document.blocks)
    source += sum(len(words(piece.text)) for piece in document.furniture)
    made = structure_of(document)
    set_repeats_aside(made)
    elements = to_elements(made)
    missing = put_missing_aside(made, document, elements)
    findings = missing + findings_of(made, document, elements)
    chosen = title or made.title
    if not chosen:
        chosen = re.sub(r"[_-]+", " ", Path(name).stem).strip() or "?"
        findings.append(worded("title-missing", {}, Place()))
    return PlanDraft(
        file=name,
        form=document.form,
        digest=digest,
        language=language_of(" ".join(block.text for block in document.blocks[:400])),
        title=chosen,
        period=_period(chosen, document),
        elements=tuple(elements),
        tables=tuple(made.tables),
        left_over=tuple(made.left_over),
        findings=tuple(findings),
        source_words=source,
    )


def language_of(text: str) -> Literal["nb", "nn", "en"]:
    """Return the language form that a text is in, by words that only one of them has often.

    >>> language_of("Vi skal ikke vente"), language_of("Kva skal vi ikkje gjere?"), language_of("The goals of the plan")
    ('nb', 'nn', 'en')
    """
    said = [word.lower() for word in words(text)]
    counts = {code: sum(word in known for word in said) for code, known in _COMMON.items()}
    best: Literal["nb", "nn", "en"] = "nb"
    for code in ("nn", "en"):
        if counts[code] > counts[best]:
            best = code  # type: ignore[assignment]
    return best


def _period(title: str, document: Document) -> tuple[int, int] | None:
    """Return the years that the title, or one of the first lines, says that the plan is for."""
    first = [
        block.text
        for block in document.blocks[:12]
        if len(block.text) < 120 and not is_page_number(block.text)
    ]
    for text in (title, *first):
        found = _PERIOD.search(text)
        if found and int(found[1]) < int(found[2]):
            return int(found[1]), int(found[2])
    return None
