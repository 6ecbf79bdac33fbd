"""What can be taken away from a view: each with its kind, its rough size and a word on what it is good for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from framsyn.report.numbers import number
from framsyn.web.explorer.results import pieces
from framsyn.web.explorer.results.render import Picture
from framsyn.web.takeaway.pdf_file import pdf_can_be_made
from framsyn.web.takeaway.snippet import snippet_text
from framsyn.web.takeaway.tables import view_rows

if TYPE_CHECKING:
    from framsyn.web.explorer.results.view import View

__all__ = ["File", "Group", "listing"]

KILO = 1000
_PNG, _BOOK, _MAP = 250.0, 8.0, 90.0  # kB; as large as they usually are, for they are not made to be listed


@dataclass(frozen=True)
class File:
    """One file: its ending in words, its address, and how large it is, where that is known before it is made."""

    word: str
    address: str
    size: str = ""


@dataclass(frozen=True)
class Group:
    """Files of one thing."""

    id: str
    title: str
    text: str
    files: list[File]


def listing(view: View) -> list[Group]:
    """Return everything that can be taken away, by what it is for."""
    query = f"?{view.query}" if view.query else ""

    def at(name: str, *args: str) -> str:
        return reverse(name, args=args) + query

    report = [File("Word", at("take_report", "docx"), rough(400, view.lang))]
    if pdf_can_be_made():
        report.insert(0, File("PDF", at("take_report", "pdf"), rough(200, view.lang)))
    length = sum(len(str(row)) for row in view_rows(view))
    words = {"csv": "csv", "xlsx": "xlsx", "stat.json": "JSON-stat", "json": "JSON"}
    share = {"csv": 0.8, "xlsx": 0.5, "stat.json": 0.7, "json": 2.0}
    tables = [
        File(word, at("take_view", form), rough(length * share[form] / KILO, view.lang))
        for form, word in words.items()
    ]
    groups = [
        Group(
            "report",
            _("Report on the view"),
            _("Key figures, charts, table, assumptions with sources, and how to cite: ready to send."),
            report,
        ),
        Group(
            "table",
            _("Table of the view"),
            _("Every figure of the view with its interval, year by year; the other scenario too."),
            tables,
        ),
        Group(
            "python",
            _("Program"),
            _("A few lines of Python that make the figure again on your own machine, to the same run."),
            [File("Python", at("take_snippet"), rough(len(snippet_text(view)) / KILO, view.lang))],
        ),
    ]
    charts = [
        Group(
            name,
            title,
            "",
            [File(word, at("take_chart", name, form), rough(size, view.lang)) for word, form, size in files],
        )
        for name, title, files in chart_files(view)
    ]
    return [*groups, *charts]


def chart_files(view: View) -> list[tuple[str, str, list[tuple[str, str, float]]]]:
    """Return the charts of a view with their titles and files; what takes long to reckon is named without being made."""
    found = []
    for piece in pieces(view, "now").values():
        if isinstance(piece, Picture):
            chart = piece.chart
            drawing, table = len(chart.svg().encode()) / KILO, len(chart.csv()) / KILO
            found.append((chart.name, chart.title, forms_of(drawing, table)))
    if view.at and not view.local:
        found.append(("explorer-why", _("Why it changes"), forms_of(9, 0.4)))
        if view.state.levers or (view.compared and view.compared.scenario != view.answer.scenario):
            found.append(("explorer-moved", _("What the change does"), forms_of(7, 0.3)))
    if view.at:
        found.append(("explorer-where", _("Where it changes"), forms_of(_MAP, 3)))
    found.append(("explorer-trusts", _("Beds trust by trust"), forms_of(14, 4)))
    return found


def forms_of(drawing: float, table: float) -> list[tuple[str, str, float]]:
    """Return word, ending and size [kB] of the files of a chart."""
    return [("PNG", "png", _PNG), ("SVG", "svg", drawing), ("csv", "csv", table), ("xlsx", "xlsx", _BOOK)]


def rough(kilobytes: float, lang: str) -> str:
    """Say a size in kilobytes, with one digit that counts.

    >>> rough(0.4, "en"), rough(38.2, "en"), rough(412, "en")
    ('1 kB', '40 kB', '400 kB')
    """
    size = max(1.0, kilobytes)
    digits = -len(str(int(size))) + 1
    return f"{number(size, lang, digits)} kB"
