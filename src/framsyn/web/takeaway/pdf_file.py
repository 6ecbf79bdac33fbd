"""The report of a view as PDF, where the extra ``pdf`` is installed."""

from __future__ import annotations

import importlib.util
from importlib import resources
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from framsyn.errors import PlanError

if TYPE_CHECKING:
    from framsyn.web.takeaway.content import Content

__all__ = ["pdf_can_be_made", "pdf_file", "refuse_without_writer", "report_markup"]

_WIDTH = 640  # px, the width of the text of a page


def pdf_can_be_made() -> bool:
    """Tell whether the library that makes PDF is installed."""
    return importlib.util.find_spec("weasyprint") is not None


def refuse_without_writer() -> None:
    """Say what is missing, before anything is reckoned in vain."""
    if pdf_can_be_made():
        return
    message = _(
        "PDF cannot be made here: the extra “pdf” is not installed (pip install “framsyn[pdf]”). "
        "Take the Word document, or print the page to a file."
    )
    raise PlanError("no-pdf-writer", message)


def report_markup(content: Content) -> str:
    """Return the report as a page on its own, charts inside, its look apart."""
    drawings = [
        {
            "chart": picture.chart,
            "about": picture.about,
            "svg": mark_safe(picture.chart.svg(_WIDTH, with_title=False)),
        }
        for picture in content.pictures
    ]
    return render_to_string("takeaway/report.html", {"content": content, "drawings": drawings})


def pdf_file(content: Content) -> bytes:
    """Return the report as PDF.

    Raises
    ------
    PlanError
        ``no-pdf-writer`` where the extra is not installed.
    """
    refuse_without_writer()
    from weasyprint import CSS, HTML

    # Nothing is fetched: everything that the document shows is inside it, and its look lies beside this module.
    look = resources.files("framsyn.web.takeaway").joinpath("report.css").read_text(encoding="utf-8")
    paper = HTML(string=report_markup(content), url_fetcher=_nothing)
    sheets = [CSS(string=look, url_fetcher=_nothing)]
    return paper.write_pdf(stylesheets=sheets, pdf_variant="pdf/ua-1")


def _nothing(address: str, *_args: object, **_more: object) -> dict[str, object]:
    message = f"a report fetches nothing; it asked for {address[:80]}."
    raise PlanError("report-fetches", message)
