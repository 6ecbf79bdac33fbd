"""PDF files: words with their places, put together to lines, columns, paragraphs and tables."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from framsyn.errors import PlanError
from framsyn.sources.plan_document.blocks import Block, Document, Furniture
from framsyn.sources.plan_document.lines import ENDS, Line, blocks_of, hyphens_of, is_page_number, join_broken
from framsyn.sources.plan_document.pdf_layout import Row, Table, page_rows
from framsyn.sources.plan_document.sniffing import LIMITS

__all__ = ["read_pdf"]

EDGE = 0.12  # of the page's height, where headers and footers stand
OFTEN = 0.5  # of the pages that a header stands on
LARGER = 1.12  # times the size of running text: a heading
CLOSE = 1.3  # sizes of the letters from one line to the next, where the document does not show it


def read_pdf(path: Path, name: str) -> Document:
    """Read a PDF.

    Raises
    ------
    PlanError
        ``password-protected``, ``damaged-file``, ``too-many-pages``, ``no-text-layer``, ``too-large``.
    """
    pages = _open(path, name)
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfplumber.utils.exceptions import PdfminerException

    laid: list[list[Any]] = []
    raw: Counter[str] = Counter()
    try:
        with pdfplumber.open(path) as pdf:
            for page in pdf.pages:
                laid.append(page_rows(page, raw))
                page.close()
                if sum(raw.values()) > LIMITS["characters"]:
                    break
    except (PdfminerException, PDFPasswordIncorrect) as error:
        raise _damaged(name, error) from error
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # a PDF can be wrong in more ways than its readers have names for
        raise _damaged(name, error) from error
    if sum(raw.values()) > LIMITS["characters"]:
        message = f"{name}: more than {LIMITS['characters']} characters. Part the document in two."
        raise PlanError("too-large", message, file=name, got=sum(raw.values()))
    if sum(raw.values()) < 3 * max(1, len(pages)):
        message = (
            f"{name}: there is no text in it, only pictures of pages; it needs text recognition (OCR). "
            "Scan it with recognition, or ask for the file that it was printed from."
        )
        raise PlanError("no-text-layer", message, file=name, got=sum(raw.values()), pages=len(pages))
    return _document(laid, raw, len(pages))


def _open(path: Path, name: str) -> list[None]:
    """Return one entry per page, or refuse a file that is protected, damaged or far too long."""
    import pypdfium2
    import pypdfium2.raw as codes

    try:
        with pypdfium2.PdfDocument(path) as pdf:
            count = len(pdf)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == codes.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            message = f"{name}: the PDF is protected by a password. Save a copy without one and give that."
            raise PlanError("password-protected", message, file=name) from error
        raise _damaged(name, error) from error
    if count > LIMITS["pages"]:
        message = (
            f"{name}: {count} pages; at most {LIMITS['pages']} are read. Give the part that holds the plan."
        )
        raise PlanError(
            "too-many-pages", message, file=name, got=count, expected=LIMITS["pages"], limit=LIMITS["pages"]
        )
    if count == 0:
        raise _damaged(name, ValueError("no pages"))
    return [None] * count


def _damaged(name: str, error: Exception) -> PlanError:
    said = str(error) or type(error).__name__
    message = (
        f"{name}: the file is cut off or damaged: {said}. Fetch it again, or print the document to PDF anew."
    )
    return PlanError("damaged-file", message, file=name, got=said)


def _document(laid: list[list[Any]], raw: Counter[str], pages: int) -> Document:
    rows = [row for page in laid for row in page if isinstance(row, Row)]
    furniture = _furniture(laid)
    away = {id(row) for row, _reason in furniture}
    sizes: Counter[float] = Counter()
    for row in rows:
        if id(row) not in away:
            sizes[row.size] += len(row.text)
    body = sizes.most_common(1)[0][0] if sizes else 10.0
    large = sorted(
        {
            row.size
            for row in rows
            if id(row) not in away and row.size > body * LARGER and len(row.text) < 200
        },
        reverse=True,
    )
    levels: dict[float, int] = {}
    level = 0
    before: float | None = None
    for size in large:
        if before is None or size < before * 0.95:
            level += 1
        levels[size] = level
        before = size
    step = _usual_step(rows, body)
    blocks: list[Block] = []
    waiting: list[Line] = []
    taken: list[Furniture] = []
    above: Row | None = None

    def put() -> None:
        made, numbers = blocks_of(waiting.copy(), numbers_alone=False)
        blocks.extend(made)
        taken.extend(numbers)
        waiting.clear()

    between = False
    for page in laid:
        for row in page:
            if isinstance(row, Table):
                put()
                last = blocks[-1] if blocks else None
                same = (
                    last is not None and last.kind == "table" and len(last.rows[0]) == len(row.block.rows[0])
                )
                if last is not None and same and not between:
                    last.rows.extend(row.block.rows)  # carried on after a break
                else:
                    blocks.append(row.block)
                above, between = None, False
                continue
            if id(row) in away:
                continue
            between = True
            gap = above is None or abs(row.size - above.size) > 0.6 or row.bold != above.bold
            if above is not None and waiting:
                waiting[-1].full = _full(above, row)
            if above is not None and not gap:
                if row.page != above.page or row.top < above.top:  # after a page or a column
                    gap = not (_full(above, row) and not above.text.rstrip().endswith(ENDS))
                else:
                    gap = (row.top - above.top) * row.height > 1.22 * step * max(row.size, above.size)
            indent = row.left - row.column_left
            heading = levels.get(row.size)
            waiting.append(Line(row.text, row.page, None, gap, heading, _full(row), row.bold, indent))
            above = row
    put()
    _nest(blocks)
    known = hyphens_of(" ".join(row.text for row in rows))
    taken += [Furniture(row.text, reason, row.page) for row, reason in furniture]
    return Document("pdf", join_broken(blocks, known), taken, raw, [], "", pages)


def _full(row: Row, following: Row | None = None) -> bool:
    """Tell whether a line reaches the right margin of its column, or the first word of the next would not have fit."""
    if row.right > row.column_right - 0.12 * max(60.0, row.column_right - row.column_left):
        return True
    if following is None:
        return False
    word = following.words[0]
    return bool(row.right + word["x1"] - word["x0"] + 0.25 * row.size > row.column_right)


def _nest(blocks: list[Block]) -> None:
    """Nest list items by how far in they stand."""
    run: list[Block] = []
    for block in [*blocks, Block("heading")]:
        numbered = block.marker[:1].isdigit()
        if block.kind == "item" and not (run and run[-1].marker[:1].isdigit() != numbered):
            run.append(block)
            continue
        steps: list[float] = []
        for place in sorted({round(item.indent) for item in run}):
            if not steps or place - steps[-1] > 9:
                steps.append(place)
        for item in run:
            if len(steps) > 1:
                item.depth = max(
                    (index for index, step in enumerate(steps) if step <= item.indent + 4), default=0
                )
        run = [block] if block.kind == "item" else []


def _usual_step(rows: list[Row], body: float) -> float:
    """Return the usual distance from line to line, in sizes of the letters."""
    steps = []
    for first, second in pairwise(rows):
        if first.page == second.page and abs(first.size - second.size) < 0.3 and abs(first.size - body) < 0.6:
            step = (second.top - first.top) * second.height / second.size  # type: ignore[attr-defined]
            if 0.8 < step < 2.2:
                steps.append(step)
    # Lines of one paragraph stand closer than paragraphs; where every paragraph is a line, only the usual distance helps.
    low = sorted(steps)[: max(1, len(steps) // 5)]
    step = float(median(low)) if low else CLOSE
    return step if step < 1.75 else CLOSE


def _furniture(laid: list[list[Any]]) -> list[tuple[Row, str]]:
    """Return lines at the edges that stand on most pages, or that number the page."""
    edges: defaultdict[str, set[int]] = defaultdict(set)
    at_edge: list[Row] = []
    for page in laid:
        rows = [row for row in page if isinstance(row, Row)]
        for row in rows:
            if row.bottom < EDGE or row.top > 1 - EDGE:
                at_edge.append(row)
                edges[re.sub(r"\d+", "#", row.text)].add(row.page)
    pages = len(laid)
    found = []
    for row in at_edge:
        shape = re.sub(r"\d+", "#", row.text)
        if is_page_number(row.text) and len(row.text) < 16 and (pages == 1 or len(edges[shape]) > 1):
            found.append((row, "page-number"))
        elif len(edges[shape]) >= max(3, OFTEN * pages) or (pages == 2 and _at_one_height(row, at_edge)):
            found.append((row, "header" if row.top < 0.5 else "footer"))
    return found


def _at_one_height(row: Row, others: list[Row]) -> bool:
    """Tell whether the same line stands at the same height of the other page."""
    return any(
        one.page != row.page and one.text == row.text and abs(one.top - row.top) < 0.003 for one in others
    )
