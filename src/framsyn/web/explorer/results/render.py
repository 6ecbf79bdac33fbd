"""Blocks as markup: a chart with its table, files and words, or a sentence in its place."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from django.template.loader import get_template
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from framsyn.report.charts import Chart

if TYPE_CHECKING:
    from framsyn.web.explorer.results.view import View

__all__ = ["NARROW", "WIDE", "Note", "Picture", "Piece", "page_address", "render"]

WIDE, NARROW = 480, 340
"""Widths [px] that charts are drawn for: two beside each other, and a phone."""


def page_address(view: View) -> str:
    """Return the address of the view."""
    return f"{reverse('outlook')}?{view.query}" if view.query else reverse("outlook")


@dataclass(frozen=True)
class Picture:
    """A chart, what must be known to read it, and the width [px] that it is drawn for on a wide screen."""

    chart: Chart
    about: str
    width: float = WIDE


@dataclass(frozen=True)
class Note:
    """Why nothing is drawn, in words."""

    title: str
    text: str
    more: str = ""


Piece = Picture | Note | SafeString | None
"""What a block holds: a chart, words in its place, markup of its own, or nothing in this view."""


def render(name: str, view: View, piece: Piece) -> SafeString:
    """Return a piece as the element with the id of its block."""
    if piece is None:
        return format_html('<section class="result" id="{}" hidden></section>', name)
    if isinstance(piece, Note):
        more = format_html("<p>{}</p>", piece.more) if piece.more else ""
        return format_html(
            '<section class="result result--note" id="{}"><h3>{}</h3><p>{}</p>{}</section>',
            name,
            piece.title,
            piece.text,
            more,
        )
    if not isinstance(piece, Picture):
        return piece
    chart = piece.chart
    filled = {
        "title": escape(chart.title),
        "subtitle": escape(chart.subtitle),
        "description": escape(chart.description),
        "about": escape(piece.about),
        "drawing": chart.svg(NARROW if view.narrow else piece.width, with_title=False),
        "table": chart.html_table(),
        "query": escape(view.query),
        "page": escape(quote(page_address(view), safe="")),
    }
    pieces = _shell(name, chart.name, view.lang, bool(view.query), piece.width > WIDE)
    return mark_safe("".join(filled[text] if number % 2 else text for number, text in enumerate(pieces)))


@dataclass(frozen=True)
class _Words:
    """Stands for a chart while its frame is made."""

    name: str
    title: str
    subtitle: str
    description: str


@functools.lru_cache(maxsize=256)
def _shell(block: str, name: str, lang: str, is_special: bool, is_wide: bool) -> tuple[str, ...]:
    """Return what stays the same around a chart, cut where the rest goes in: text, name, text, name, …, text.

    Templates take longer than drawing; so the frame of a chart is made once in each language, with marks in place of what
    changes. ``is_special`` tells whether the address of the view says anything.
    """
    del lang  # the templates speak the language that is active
    address = reverse("take_chart", args=[name, "csv"])
    report = f"{reverse('report-error')}?{urlencode({'figure': name})}&page={_mark('page')}"
    words = _Words(name, *(_mark(key) for key in ("title", "subtitle", "description")))
    context = {
        "id": block,
        "is_wide": is_wide,
        "chart": words,
        "wide": "",
        "narrow": _mark("drawing"),
        "table": _mark("table"),
        "heading": "h3",
        "csv": f"{address}?{_mark('query')}" if is_special else address,
        "about": _mark("about"),
        "report": report,
    }
    made = get_template("explorer_results/chart.html").render(context)
    return tuple(re.split(f"{_EDGE}([a-z]+){_EDGE}", made))


_EDGE = "\x1f"
"""Separates units of text in ASCII, and stands in no text of ours."""


def _mark(name: str) -> str:
    return f"{_EDGE}{name}{_EDGE}"
