"""How a chart is drawn: a body at one width, as plain SVG or as Vega-Lite layers, and the title above it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any, Protocol

from framsyn.report.layout import wrap
from framsyn.report.numbers import number_locale
from framsyn.report.painter import paint
from framsyn.report.theme import INK, MUTED, SIZE, config, time_locale

__all__ = [
    "Drawing",
    "SvgDrawing",
    "VegaDrawing",
    "escaped",
    "own_ids",
    "slim",
    "title_block",
    "title_elements",
]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_VEGA_LITE = "6.4"
_LINE = {"title": 23.0, "subtitle": 18.0}
_TITLE_GAP = 4.0
_TITLE_SPACE = 14.0


class Drawing(Protocol):
    """A body of a chart at one width, without title."""

    @property
    def width(self) -> float:
        """Whole width [px]."""

    @property
    def height(self) -> float:
        """Whole height [px]."""

    def body(self) -> str:
        """SVG elements of the body."""


@dataclass(frozen=True)
class SvgDrawing:
    """A drawing that already is SVG."""

    width: float
    height: float
    elements: str

    def body(self) -> str:
        """Return the elements."""
        return self.elements


@dataclass(frozen=True)
class VegaDrawing:
    """A drawing as Vega-Lite layers with every margin fixed.

    Parameters
    ----------
    layers : list of dict
    width, height : float [px]
        Whole drawing, margins included.
    margins : tuple of float [px]
        Left, right, top, bottom.
    lang : str
    """

    layers: list[dict[str, Any]]
    width: float
    height: float
    margins: tuple[float, float, float, float]
    lang: str

    def specification(self, title: str = "", subtitle: str = "") -> dict[str, Any]:
        """Vega-Lite specification, with a title above where one is given."""
        left, right, top, bottom = self.margins
        head: dict[str, Any] = {}
        extra = 0.0
        if title:
            title_lines, subtitle_lines, extra = title_block(title, subtitle, self.width)
            head["title"] = {
                "text": title_lines,
                "subtitle": subtitle_lines,
                "anchor": "start",
                "frame": "group",
                "dx": -left,
                "offset": _TITLE_SPACE - 4,  # from the top of the layers, key and labels included
            }
        return {
            "$schema": SCHEMA,
            **head,
            "width": self.width - left - right,
            "height": self.height - top - bottom,
            "padding": {"left": left, "right": right, "top": top + extra, "bottom": bottom},
            "autosize": {"type": "none"},
            "layer": self.layers,
            "resolve": {"scale": {"x": "independent", "y": "independent"}},
            "config": config(),
        }

    def body(self) -> str:
        """Draw the layers; what Vega would draw from :meth:`specification`, without starting it."""
        left, _, top, _ = self.margins
        return f'<g transform="translate({left:g},{top:g})">{paint(self.layers, self.lang)}</g>'

    def body_by_vega(self) -> str:
        """Let Vega render the layers and keep what is inside the outermost element."""
        import vl_convert  # only here and for PNG: its engine takes most of a second to start

        svg = vl_convert.vegalite_to_svg(
            self.specification(),
            vl_version=_VEGA_LITE,
            show_warnings=False,
            format_locale=number_locale(self.lang),
            time_format_locale=time_locale(self.lang),
        )
        inner = svg[svg.index(">") + 1 : svg.rindex("</svg>")]
        return slim(inner)


def title_block(title: str, subtitle: str, width: float) -> tuple[list[str], list[str], float]:
    """Lines of title and subtitle, and the height that they take [px]."""
    title_lines = wrap(title, width - 4, SIZE["title"], bold=True)
    subtitle_lines = wrap(subtitle, width - 4, SIZE["subtitle"]) if subtitle else []
    height = len(title_lines) * _LINE["title"] + len(subtitle_lines) * _LINE["subtitle"]
    return title_lines, subtitle_lines, height + (_TITLE_GAP if subtitle_lines else 0) + _TITLE_SPACE


def title_elements(title: str, subtitle: str, width: float) -> tuple[str, float]:
    """Return the title and the subtitle as SVG, and how much room they take [px]."""
    title_lines, subtitle_lines, height = title_block(title, subtitle, width)
    elements = []
    y: float = SIZE["title"]
    for line in title_lines:
        elements.append(
            f'<text x="0" y="{y:g}" font-size="{SIZE["title"]}" font-weight="600" fill="{INK}">{escaped(line)}</text>'
        )
        y += _LINE["title"]
    y += _TITLE_GAP - 4
    for line in subtitle_lines:
        elements.append(
            f'<text x="0" y="{y:g}" font-size="{SIZE["subtitle"]}" fill="{MUTED}">{escaped(line)}</text>'
        )
        y += _LINE["subtitle"]
    return "".join(elements), height


def escaped(text: str) -> str:
    """Return a text as it stands between tags."""
    return html.escape(text, quote=False)


_NOISE = re.compile(r' (?:class|role|aria-[a-z]+|pointer-events|font-family)="[^"]*"')
_EMPTY_PATH = re.compile(r'<path (?:d="(?:M0,0h0v0h0Z)?"|display="none"| )*/>')
_WHITE = re.compile(r'^<rect width="[^"]*" height="[^"]*" fill="[^"]*"/>')


def slim(body: str) -> str:
    """Drop what the renderer repeats on every element: classes, roles, the font, empty paths, its background."""
    body = _NOISE.sub("", body)
    body = _WHITE.sub("", body)
    body = _EMPTY_PATH.sub("", body)
    previous = ""
    while previous != body:
        previous = body
        body = re.sub(r"<g(?: transform=\"translate\(0,0\)\")?></g>", "", body)
    return body


def own_ids(body: str, ident: str) -> str:
    """Prefix ids and the references to them, so that many drawings live in one page."""
    body = re.sub(r'\bid="([^"]+)"', rf'id="{ident}-\1"', body)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{ident}-\1)", body)
