"""A chart as an object: one drawing, its finding in words, its table, and the forms in which it leaves the house.

A chart knows how to draw itself at any width, so that a phone gets its own drawing and not a shrunken one. The
drawing is a Vega-Lite specification or, for maps, plain SVG. Text stays text; every SVG names itself to a screen reader.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.report.drawing import (
    Drawing,
    SvgDrawing,
    VegaDrawing,
    own_ids,
    title_elements,
)
from framsyn.report.numbers import Style, check_language, display_factor, number
from framsyn.report.theme import FONT, MUTED, PAPER
from framsyn.report.words import word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

__all__ = ["About", "Chart", "Drawing", "SvgDrawing", "VegaDrawing", "figure_css"]

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
    numbers : DataFrame or mapping
        The numbers of the chart, as columns under headings in the reader's language and in the unit shown. Charts that
        follow a hand give plain lists, which take a tenth of the time.
    lang : str
    draw : callable
        Width [px] → drawing.
    decimals : mapping
        Decimals per column of the table; columns not named are shown as they are.
    has_links : bool
        Whether there are links inside the drawing; then it is a group to a screen reader and not one picture.
    """

    name: str
    title: str
    subtitle: str
    description: str
    numbers: pd.DataFrame | Mapping[str, list[Any]]
    lang: str
    draw: Callable[[float], Drawing] = field(repr=False)
    decimals: Mapping[str, int] = field(default_factory=dict, repr=False)
    has_links: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9-]*", self.name):
            message = f'chart name "{self.name}" cannot be an id; use lower-case letters, digits and hyphens.'
            raise PlanError("chart-name", message, got=self.name)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The numbers as a frame."""
        import pandas as pd

        return self.numbers if isinstance(self.numbers, pd.DataFrame) else pd.DataFrame(self.numbers)

    def _columns(self) -> list[tuple[str, list[Any], bool]]:
        """Heading, values and whether they are numbers, column by column."""
        if isinstance(self.numbers, Mapping):
            return [
                (heading, values, isinstance(values[0] if values else None, int | float))
                for heading, values in self.numbers.items()
            ]
        return [
            (str(heading), values.tolist(), values.dtype.kind in "fiu")
            for heading, values in self.numbers.items()
        ]

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
        """Draw as SVG with a role, a title and a description for screen readers.

        Parameters
        ----------
        width : float [px]
        with_title : bool
            False where the page shows title and subtitle itself.
        """
        drawing = self.draw(width)
        head, extra = title_elements(self.title, self.subtitle, drawing.width) if with_title else ("", 0.0)
        height = drawing.height + extra
        ident = f"{self.name}-{self.lang}-{round(width)}"
        body = own_ids(drawing.body(), ident)
        if with_title:
            body = f'{head}<g transform="translate(0,{extra:g})">{body}</g>'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="framsyn-chart" width="{drawing.width:g}" '
            f'height="{height:g}" viewBox="0 0 {drawing.width:g} {height:g}" font-family="{FONT}" lang="{self.lang}" '
            f'role="{"group" if self.has_links else "img"}" aria-labelledby="{ident}-title {ident}-desc">'
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
        for column, values, numeric in self._columns():
            right = ' class="n"' if numeric else ""
            head += f'<th scope="col"{right}>{html.escape(column)}</th>'
            columns.append(
                [f"<td{right}>{text}</td>" for text in self._cells(column, values, numeric=numeric)]
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

    def _cells(self, column: str, values: Sequence[Any], *, numeric: bool) -> list[str]:
        """Values of a column as they are read, safe in markup."""
        absent = html.escape(word("figure.absent", self.lang))
        if column in self.decimals:
            digits = self.decimals[column]
            return [
                absent if value is None or value != value else number(float(value), self.lang, digits)
                for value in values
            ]
        texts = (absent if value is None or value != value else str(value) for value in values)
        return list(texts) if numeric else [text if text is absent else html.escape(text) for text in texts]


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
