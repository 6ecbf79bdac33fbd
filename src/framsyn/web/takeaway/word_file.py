"""The report of a view as a Word document, charts as pictures with their words beside them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.web.explorer.results.render import Picture
    from framsyn.web.takeaway.content import Content

__all__ = ["word_file"]

_LANGUAGES = {"nb": "nb-NO", "nn": "nn-NO", "en": "en-GB"}
_WIDTH = 640  # px that charts are drawn for, at two pixels each
_LONGEST = 255  # characters of a property of a document
_INCHES = 6.3  # between the margins of A4


def word_file(content: Content) -> bytes:
    """Return the document.

    Raises
    ------
    PlanError
        ``no-word-writer`` where the library that writes such documents is not installed.
    """
    try:
        from docx import Document
        from docx.shared import Cm
    except ImportError as error:
        raise PlanError(
            "no-word-writer",
            _(
                "Word documents cannot be made here: python-docx is not installed. Take the tables and pictures instead."
            ),
        ) from error
    book = Document()
    for section in book.sections:
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.5)
    _speak(book, content.lang)
    book.core_properties.title = content.title
    book.core_properties.author = "Framsyn"
    book.core_properties.comments = content.citation[:_LONGEST]
    book.add_heading(content.title, 0)
    book.add_paragraph(content.lead)
    _table(book, [], content.facts)
    book.add_heading(_("Key figures"), 1)
    heads = [
        _("Quantity"),
        _("Unit"),
        str(content.first),
        str(content.year),
        _("80% interval"),
        _("Change since then"),
    ]
    _table(
        book,
        heads,
        [(one.what, one.unit, one.before, one.after, one.span, one.change) for one in content.figures],
    )
    book.add_paragraph(content.certainty)
    book.add_heading(_("Charts"), 1)
    for picture in content.pictures:
        _picture(book, picture)
    book.add_heading(_("All figures of the view"), 1)
    _table(
        book,
        [_("Quantity"), _("Unit"), *map(str, content.heads)],
        [
            (row.label, row.unit, *(f"{median} ({span})" if span else median for median, span in row.cells))
            for row in content.rows
        ],
    )
    book.add_heading(_("Assumptions"), 1)
    if content.levers:
        book.add_paragraph(_("Moved by hand in this view:"))
        _table(book, [_("Lever"), _("Here"), _("In the scenario")], content.levers)
    _table(book, [_("Assumption"), _("Reason"), _("Source")], content.assumptions)
    book.add_heading(_("How to cite"), 1)
    book.add_paragraph(content.citation)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _speak(book: Any, lang: str) -> None:
    """Say which language the text is in, for spelling and for those who hear it."""
    from docx.oxml.ns import qn

    run = book.styles["Normal"].element.get_or_add_rPr()
    language = run.makeelement(qn("w:lang"), {qn("w:val"): _LANGUAGES[lang]})
    run.append(language)


def _table(book: Any, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Add a table; its first row repeats on every page."""
    from docx.oxml.ns import qn

    if not rows:
        return
    table = book.add_table(rows=0, cols=len(rows[0]))
    table.style = "Light Grid Accent 1" if heads else "Light List"
    if heads:
        cells = table.add_row()
        for cell, text in zip(cells.cells, heads, strict=True):
            cell.text = text
        properties = cells._tr.get_or_add_trPr()
        properties.append(properties.makeelement(qn("w:tblHeader"), {qn("w:val"): "true"}))
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = str(text)


def _picture(book: Any, picture: Picture) -> None:
    from docx.shared import Inches

    chart = picture.chart
    book.add_heading(chart.title, 2)
    book.add_paragraph(chart.subtitle)
    drawing = chart.svg(_WIDTH, with_title=False)
    import vl_convert

    book.add_picture(io.BytesIO(vl_convert.svg_to_png(drawing, scale=2.0)), width=Inches(_INCHES))
    # The alternative text is what a reader of the page hears.
    shape = book.inline_shapes[-1]._inline.docPr
    shape.set("descr", chart.description)
    shape.set("title", chart.title)
    if picture.about:
        book.add_paragraph(picture.about)
