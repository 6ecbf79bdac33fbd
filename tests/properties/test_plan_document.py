"""Laws of the importer: every word of a document is somewhere in its draft, and no bytes make it crash."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plan_files import Piece, to_docx, to_html, to_markdown

from framsyn.errors import PlanError
from framsyn.sources.plan_document import PLAN_KINDS, PlanDraft, read_draft
from framsyn.sources.plan_document.blocks import words
from framsyn.sources.plan_document.plan_parts import plan_parts

SOME = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
FEW = settings(SOME, max_examples=25)

WORD = st.sampled_from(
    "mål hovedmål ambisjon vi skal 4 2027 2040 innhold vedlegg og Midt- sykehus tiltak dette betyr utfordringer "
    "Helse folk 12 % Strategiske gjennom å ble ære (15-årsperspektiv) 1. 2.1 - • visjon er: verdier 272 413".split()
)
LINE = st.lists(WORD, min_size=1, max_size=14).map(" ".join)
MARKED = st.sampled_from(
    ("Hovedmål 1: Ha folk nok", "Mål (4-årsperiode)", "Ambisjon", "Vedlegg:", "Innhold", "Strategiske mål", "Dette betyr:",
     "Utfordringsbildet", "Forslag til konklusjon", "Notat", "1. Bakgrunn", "2.1 Om oss", "Kunnskapsgrunnlag")
)  # fmt: skip
PIECE = st.one_of(
    st.builds(Piece, st.just("paragraph"), LINE | MARKED),
    st.builds(Piece, st.just("heading"), LINE | MARKED, st.integers(1, 4)),
    st.builds(Piece, st.just("item"), LINE, mark=st.sampled_from(("•", "1", "2"))),
    st.builds(
        Piece, st.just("table"), rows=st.lists(st.lists(WORD, min_size=3, max_size=3), min_size=1, max_size=4)
    ),
)
PIECES = st.lists(PIECE, min_size=1, max_size=25)


def to_text(pieces: list[Piece]) -> str:
    lines = []
    for piece in pieces:
        if piece.kind == "table":
            lines.append("\n".join("\t".join(row) for row in piece.rows))
        elif piece.kind == "item":
            lines.append(f"{piece.mark}. {piece.text}" if piece.mark.isdigit() else f"- {piece.text}")
        else:
            lines.append(piece.text)
    return "\n\n".join(lines)


def said(pieces: list[Piece]) -> Counter[str]:
    found: Counter[str] = Counter()
    for piece in pieces:
        found.update(words(piece.text))
        for row in piece.rows:
            found.update(words(" ".join(row)))
    return found


def sound(draft: PlanDraft) -> None:
    known: set[str] = set()
    for element in draft.elements:
        assert element.parent is None or element.parent in known
        known.add(element.id)
    parts = plan_parts(draft, "plan")
    ids = [part.id for part in parts]
    assert len(set(ids)) == len(ids)
    placed: set[str] = set()
    for part in parts:
        assert part.kind in PLAN_KINDS
        assert part.parent is None or part.parent in placed
        assert part.title or part.text
        placed.add(part.id)


def held(draft: PlanDraft) -> Counter[str]:
    """Letters, since a word that a hyphen parts at a line's end is made whole."""
    return Counter("".join(word * count for word, count in draft.words_held().items()))


def spelled(found: Counter[str]) -> Counter[str]:
    return Counter("".join(word * count for word, count in found.items()))


@SOME
@given(PIECES)
def test_no_word_of_a_text_is_lost(tmp_path: Path, pieces: list[Piece]) -> None:
    path = tmp_path / "x.txt"
    path.write_text(to_text(pieces), encoding="utf-8")
    draft = read_draft(path)
    assert spelled(said(pieces)) - held(draft) == Counter()
    assert "not-placed" not in {finding.code for finding in draft.findings}
    sound(draft)


@SOME
@given(PIECES, st.booleans())
def test_no_word_of_a_page_is_lost(tmp_path: Path, pieces: list[Piece], styled: bool) -> None:
    path = tmp_path / "x.html"
    path.write_text(to_html(pieces, styled=styled), encoding="utf-8")
    draft = read_draft(path)
    assert spelled(said(pieces)) - held(draft) == Counter()
    assert "not-placed" not in {finding.code for finding in draft.findings}
    sound(draft)


@FEW
@given(PIECES, st.booleans())
def test_no_word_of_a_word_document_is_lost(tmp_path: Path, pieces: list[Piece], styled: bool) -> None:
    draft = read_draft(to_docx(pieces, tmp_path / "x.docx", styled=styled))
    assert spelled(said(pieces)) - held(draft) == Counter()
    sound(draft)


@FEW
@given(PIECES)
def test_no_word_of_markdown_is_lost(tmp_path: Path, pieces: list[Piece]) -> None:
    path = tmp_path / "x.md"
    path.write_text(to_markdown(pieces), encoding="utf-8")
    draft = read_draft(path)
    assert spelled(said(pieces)) - held(draft) == Counter()
    sound(draft)


@pytest.mark.parametrize("ending", ("txt", "html", "md", "docx", "pdf", "xyz"))
@FEW
@given(data=st.binary(max_size=2000))
def test_random_bytes_are_read_or_refused(tmp_path: Path, ending: str, data: bytes) -> None:
    path = tmp_path / f"x.{ending}"
    start = {"pdf": b"%PDF-1.7\n", "docx": b"PK\x03\x04"}.get(ending, b"")
    path.write_bytes(start + data)
    try:
        sound(read_draft(path))
    except PlanError as error:
        assert error.code


@FEW
@given(st.text(max_size=1500))
def test_random_text_is_read_or_refused_and_no_letter_of_it_is_lost(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.txt"
    path.write_text(text, encoding="utf-8")
    try:
        draft = read_draft(path)
    except PlanError as error:
        assert error.code in ("empty-file", "binary-file", "wrong-type")
        return
    sound(draft)


@FEW
@given(place=st.floats(0, 1), cut=st.booleans(), value=st.integers(0, 255))
def test_a_damaged_word_document_is_read_or_refused(
    tmp_path: Path, place: float, cut: bool, value: int
) -> None:
    path = to_docx(
        [Piece("heading", "Hovedmål 1: Ha folk nok", 1), Piece("paragraph", "Et avsnitt.")],
        tmp_path / "x.docx",
    )
    data = bytearray(path.read_bytes())
    at = min(len(data) - 1, int(place * len(data)))
    if cut:
        del data[at:]
    else:
        data[at] = value
    path.write_bytes(bytes(data))
    try:
        sound(read_draft(path))
    except PlanError as error:
        assert error.code
