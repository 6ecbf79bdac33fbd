"""A chart as an object: one drawing, its finding in words, its table, and the forms in which it leaves the house.

A chart knows how to draw itself at any width, so that a phone gets its own drawing and not a shrunken one. The
drawing is a Vega-Lite specification or, for maps, plain SVG. Text stays text; every SVG names itself to a screen reader.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from framsyn.errors import PlanError
from framsyn.report.layout import wrap
from framsyn.report.numbers import Style, check_language, display_factor, number, number_locale
from framsyn.report.painter import paint
from framsyn.report.theme import FONT, INK, MUTED, PAPER, SIZE, config, time_locale
from framsyn.report.words import word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

__all__ = ["About", "Chart", "Drawing", "SvgDrawing", "VegaDrawing", "figure_css"]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_VEGA_LITE = "6.4"
_LINE = {"title": 23.0, "subtitle": 18.0}
_TITLE_GAP = 4.0
_TITLE_SPACE = 14.0
WIDE, NARROW = 720, 360


@dataclass(frozen=True)
class About:
    """What a chart shows: the words of its subtitle, and how its numbers are written.

    Parameters
    ----------
    what : str
        The quantity, as a sentence begins ("Døgnsenger").
    unit : str
        Unit in words ("senger"); empty where the quantity says it.
    where : str
        The place ("Helse Midt-Norge").
    source : str
        Where the numbers come from.
    lang : str
    style : {"number", "percent", "money"}
        Shares come as 0–1 and are shown in percent; money comes in MNOK and is shown in billions.
    scenario : str
        Name of the scenario in words; empty where a chart shows several or none.
    """

    what: str
    unit: str
    where: str
    source: str
    lang: str = "nb"
    style: Style = "number"
    scenario: str = ""

    def __post_init__(self) -> None:
        check_language(self.lang)
        display_factor(self.style)

    @property
    def subtitle(self) -> str:
        """What, unit, where, scenario and source in one line.

        >>> About("Beds", "in use", "Levanger", "Framsyn", "en").subtitle
        'Beds (in use), Levanger. Source: Framsyn.'
        """
        what = self.what
        if self.unit and self.unit.lower() != self.what.lower():
            what = f"{self.what}, {self.unit}" if "(" in self.unit else f"{self.what} ({self.unit})"
        parts = [what, self.where] + (
            [word("about.scenario", self.lang, name=self.scenario)] if self.scenario else []
        )
        head = ", ".join(part for part in parts if part)
        return (
            f"{head}. {word('about.source', self.lang)}: {self.source.rstrip('.')}."
            if self.source
            else f"{head}."
        )


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
            title_lines, subtitle_lines, extra = _title_block(title, subtitle, self.width)
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
        return _slim(inner)


@dataclass(frozen=True)
class Chart:
    """A figure with its finding, its text alternative and its table.

    Parameters
    ----------
    name : str
        Short name; ids and file names come from it.
    title : str
        The finding, in a sentence.
    subtitle : str
        What, unit, where, source.
    description : str
        What a sighted reader sees.
    table : DataFrame
        The numbers of the chart, with headings in the reader's language and values in the unit shown.
    lang : str
    draw : callable
        Width [px] → drawing.
    decimals : mapping
        Decimals per column of the table; columns not named are shown as they are.
    """

    name: str
    title: str
    subtitle: str
    description: str
    table: pd.DataFrame
    lang: str
    draw: Callable[[float], Drawing] = field(repr=False)
    decimals: Mapping[str, int] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9-]*", self.name):
            message = f'chart name "{self.name}" cannot be an id; use lower-case letters, digits and hyphens.'
            raise PlanError("chart-name", message, got=self.name)

    @property
    def spec(self) -> dict[str, Any]:
        """Vega-Lite specification at full width (a dict that Altair and vega-embed take)."""
        return self.specification(WIDE)

    def specification(self, width: float = WIDE) -> dict[str, Any]:
        """Vega-Lite specification at a width, with the title in it.

        Raises
        ------
        PlanError
            For a map, which is drawn as SVG.
        """
        drawing = self.draw(width)
        if not isinstance(drawing, VegaDrawing):
            message = f'chart "{self.name}" is drawn as SVG and has no Vega-Lite form; use svg() or png().'
            raise PlanError("no-specification", message, chart=self.name)
        spec = drawing.specification(self.title, self.subtitle)
        return {**spec, "description": self.description}

    def svg(self, width: float = WIDE, *, with_title: bool = True) -> str:
        """Draw as SVG with ``role="img"``, a title and a description for screen readers.

        Parameters
        ----------
        width : float [px]
        with_title : bool
            False where the page shows title and subtitle itself.
        """
        drawing = self.draw(width)
        head, extra = _title_elements(self.title, self.subtitle, drawing.width) if with_title else ("", 0.0)
        height = drawing.height + extra
        ident = f"{self.name}-{self.lang}-{round(width)}"
        body = _own_ids(drawing.body(), ident)
        if with_title:
            body = f'{head}<g transform="translate(0,{extra:g})">{body}</g>'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="framsyn-chart" width="{drawing.width:g}" '
            f'height="{height:g}" viewBox="0 0 {drawing.width:g} {height:g}" font-family="{FONT}" lang="{self.lang}" '
            f'role="img" aria-labelledby="{ident}-title {ident}-desc">'
            f'<title id="{ident}-title">{html.escape(self.title)}</title>'
            f'<desc id="{ident}-desc">{html.escape(self.description)}</desc>'
            f'<rect width="{drawing.width:g}" height="{height:g}" fill="{PAPER}"/>{body}</svg>'
        )

    def png(self, scale: float = 2.0, width: float = WIDE) -> bytes:
        """Draw as PNG, ``scale`` pixels per unit."""
        import vl_convert

        return vl_convert.svg_to_png(self.svg(width), scale=scale)

    def csv(self) -> str:
        """Table of the chart as comma-separated text."""
        return self.table.to_csv(index=False, lineterminator="\n")

    def html_table(self) -> str:
        """Table of the chart as HTML, numbers aligned right and written in the reader's way."""
        head, columns = "", []
        for column, values in self.table.items():
            right = _right(values.dtype.kind in "fiu")
            head += f'<th scope="col"{right}>{html.escape(str(column))}</th>'
            columns.append(
                [f"<td{right}>{html.escape(self._cell(str(column), v))}</td>" for v in values.tolist()]
            )
        rows = [f"<tr>{''.join(cells)}</tr>" for cells in zip(*columns, strict=True)]
        caption = html.escape(
            f"{self.title}. {self.subtitle}" if not self.title.endswith(".") else self.title
        )
        return (
            f'<table class="framsyn-table"><caption>{caption}</caption><thead><tr>{head}</tr></thead>'
            f"<tbody>{''.join(rows)}</tbody></table>"
        )

    def html_figure(self, widths: tuple[float, ...] = (WIDE, NARROW), heading: int = 3) -> str:
        """Figure for a page: heading, a drawing per width (the page shows one), text alternative and table.

        Parameters
        ----------
        widths : tuple of float [px]
            Wide first; :func:`figure_css` shows the one that fits.
        heading : int
            Level of the heading.
        """
        kinds = ("wide", "narrow") if len(widths) > 1 else ("only",)
        drawings = "".join(
            f'<div class="framsyn-{kind}">{self.svg(width, with_title=False)}</div>'
            for kind, width in zip(kinds, widths, strict=True)
        )
        return (
            f'<figure class="framsyn-figure" id="{self.name}-{self.lang}" lang="{self.lang}"><figcaption>'
            f"<h{heading}>{html.escape(self.title)}</h{heading}>"
            f'<p class="framsyn-subtitle">{html.escape(self.subtitle)}</p></figcaption>{drawings}'
            f"<details><summary>{html.escape(word('figure.table', self.lang))}</summary>"
            f'<p class="framsyn-description">{html.escape(self.description)}</p>'
            f'<div class="framsyn-scroll" tabindex="0" role="region" '
            f'aria-label="{html.escape(word("figure.table_of", self.lang, title=self.title))}">'
            f"{self.html_table()}</div></details></figure>"
        )

    def _repr_html_(self) -> str:
        return self.svg()

    def _cell(self, column: str, value: object) -> str:
        if value is None or value != value:
            return word("figure.absent", self.lang)
        if column in self.decimals:
            return number(float(value), self.lang, self.decimals[column])  # type: ignore[arg-type]
        return str(value)


def figure_css() -> str:
    """Style rules that the HTML figures need: one drawing per screen width, tables with aligned numbers."""
    return (
        ".framsyn-figure{margin:2rem 0;max-width:720px}.framsyn-figure svg{display:block;max-width:100%;height:auto}"
        f".framsyn-subtitle{{color:{MUTED};margin:.2rem 0 1rem}}.framsyn-narrow{{display:none}}"
        ".framsyn-scroll{overflow-x:auto;max-height:28rem}.framsyn-table{border-collapse:collapse;"
        "font-variant-numeric:tabular-nums}.framsyn-table caption{text-align:left;padding:.4rem 0}"
        ".framsyn-table th,.framsyn-table td{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #e1e7e9}"
        ".framsyn-table .n{text-align:right}"
        "@media (max-width:760px){.framsyn-wide{display:none}.framsyn-narrow{display:block}}"
        "@media print{.framsyn-wide{display:block}.framsyn-narrow{display:none}.framsyn-figure{break-inside:avoid}}"
    )


def _right(numeric: bool) -> str:
    return ' class="n"' if numeric else ""


def _title_block(title: str, subtitle: str, width: float) -> tuple[list[str], list[str], float]:
    """Lines of title and subtitle, and the height that they take [px]."""
    title_lines = wrap(title, width - 4, SIZE["title"], bold=True)
    subtitle_lines = wrap(subtitle, width - 4, SIZE["subtitle"]) if subtitle else []
    height = len(title_lines) * _LINE["title"] + len(subtitle_lines) * _LINE["subtitle"]
    return title_lines, subtitle_lines, height + (_TITLE_GAP if subtitle_lines else 0) + _TITLE_SPACE


def _title_elements(title: str, subtitle: str, width: float) -> tuple[str, float]:
    title_lines, subtitle_lines, height = _title_block(title, subtitle, width)
    elements = []
    y: float = SIZE["title"]
    for line in title_lines:
        elements.append(
            f'<text x="0" y="{y:g}" font-size="{SIZE["title"]}" font-weight="600" fill="{INK}">{_esc(line)}</text>'
        )
        y += _LINE["title"]
    y += _TITLE_GAP - 4
    for line in subtitle_lines:
        elements.append(
            f'<text x="0" y="{y:g}" font-size="{SIZE["subtitle"]}" fill="{MUTED}">{_esc(line)}</text>'
        )
        y += _LINE["subtitle"]
    return "".join(elements), height


def _esc(text: str) -> str:
    return html.escape(text, quote=False)


_NOISE = re.compile(r' (?:class|role|aria-[a-z]+|pointer-events|font-family)="[^"]*"')
_EMPTY_PATH = re.compile(r'<path (?:d="(?:M0,0h0v0h0Z)?"|display="none"| )*/>')
_WHITE = re.compile(r'^<rect width="[^"]*" height="[^"]*" fill="[^"]*"/>')


def _slim(body: str) -> str:
    """Drop what the renderer repeats on every element: classes, roles, the font, empty paths, its background."""
    body = _NOISE.sub("", body)
    body = _WHITE.sub("", body)
    body = _EMPTY_PATH.sub("", body)
    previous = ""
    while previous != body:
        previous = body
        body = re.sub(r"<g(?: transform=\"translate\(0,0\)\")?></g>", "", body)
    return body


def _own_ids(body: str, ident: str) -> str:
    """Prefix ids and the references to them, so that many drawings live in one page."""
    body = re.sub(r'\bid="([^"]+)"', rf'id="{ident}-\1"', body)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{ident}-\1)", body)
