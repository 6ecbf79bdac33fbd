"""The pieces that charts are drawn from: panels with axes, lines, bands, bars, and labels at fixed places.

A panel is a rectangle with a linear scale along each side. Because scale and margins are known before drawing, labels
get their places here, where they can make room for each other, and every layer is plain Vega-Lite.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framsyn.report.layout import text_width
from framsyn.report.theme import GREY, GRID, INK, MAIN, MUTED, PAPER, SIZE, tint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.report.layout import Ticks
    from framsyn.report.numbers import Style

__all__ = [
    "KeyItem",
    "Label",
    "Panel",
    "band_tints",
    "key_row",
    "labels_layer",
    "marks_layer",
    "rects_layer",
    "rules_layer",
    "tick_expression",
]

Layer = dict[str, Any]
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Label:
    """A text at a place of the drawing [px]."""

    x: float
    y: float
    text: str
    colour: str = INK
    align: str = "left"
    baseline: str = "middle"
    bold: bool = False
    size: float = SIZE["label"]
    halo: bool = False

    @property
    def width(self) -> float:
        """Width of the text [px]."""
        return text_width(self.text, self.size, bold=self.bold)

    @property
    def left(self) -> float:
        """Left edge of the text [px]."""
        return self.x - {"left": 0.0, "center": 0.5, "right": 1.0}[self.align] * self.width


def _field(name: str) -> dict[str, Any]:
    return {"field": name, "type": "quantitative", "scale": None, "axis": None}


def _literal(name: str) -> dict[str, Any]:
    return {"field": name, "type": "nominal", "scale": None, "legend": None}


def _static(rows: Rows, mark: dict[str, Any], channels: Sequence[str], literals: Sequence[str] = ()) -> Layer:
    encoding: dict[str, Any] = {}
    for channel in channels:
        encoding[channel] = {"field": channel} if channel in ("x2", "y2") else _field(channel)
    for channel in literals:
        encoding[channel] = _literal(channel)
    return {"data": {"values": rows}, "mark": mark, "encoding": encoding}


def labels_layer(labels: Sequence[Label]) -> list[Layer]:
    """Draw texts at their places, those with a halo on a white rim first.

    >>> len(labels_layer([Label(0, 0, "a"), Label(0, 20, "b", halo=True)]))
    2
    """
    rows = [
        {
            "x": round(label.x, 2),
            "y": round(label.y, 2),
            "text": label.text,
            "color": label.colour,
            "align": label.align,
            "baseline": label.baseline,
            "weight": 600 if label.bold else 400,
            "size": label.size,
            "halo": label.halo,
        }
        for label in labels
    ]
    mark: dict[str, Any] = {name: {"expr": f"datum.{name}"} for name in ("align", "baseline")}
    mark |= {"type": "text", "fontWeight": {"expr": "datum.weight"}, "fontSize": {"expr": "datum.size"}}
    layers: list[dict[str, Any]] = []
    haloed = [row for row in rows if row["halo"]]
    if haloed:
        rim = {**mark, "stroke": PAPER, "strokeWidth": 3.5, "strokeJoin": "round"}
        layers.append(_text(haloed, rim))
    if rows:
        layers.append(_text(rows, mark))
    return layers


def _text(rows: Rows, mark: dict[str, Any]) -> Layer:
    layer = _static(rows, mark, ("x", "y"), ("color",))
    layer["encoding"]["text"] = {"field": "text", "type": "nominal"}
    return layer


def rules_layer(rows: Rows, *, width: float = 1.0, dash: Sequence[float] = ()) -> list[Layer]:
    """Straight lines between two places: rows of x, y, x2, y2 [px] and color."""
    mark = {"type": "rule", "strokeWidth": width, "strokeDash": list(dash)}
    return [_static(rows, mark, ("x", "y", "x2", "y2"), ("color",))] if rows else []


def rects_layer(rows: Rows) -> list[Layer]:
    """Rectangles: rows of x, y, x2, y2 [px], color (fill) and stroke."""
    if not rows:
        return []
    layer = _static(rows, {"type": "rect", "strokeWidth": 1.5}, ("x", "y", "x2", "y2"))
    layer["encoding"] |= {"fill": _literal("color"), "stroke": _literal("stroke")}
    return [layer]


def marks_layer(rows: Rows, *, size: float = 60) -> list[Layer]:
    """Point marks: rows of x, y [px], color (fill), stroke and shape."""
    if not rows:
        return []
    layer = _static(rows, {"type": "point", "size": size, "opacity": 1, "strokeWidth": 1.4}, ("x", "y"))
    layer["encoding"] |= {
        "fill": _literal("color"),
        "stroke": _literal("stroke"),
        "shape": _literal("shape"),
    }
    return [layer]


def tick_expression(style: Style, lang: str, decimals: int, *, absolute: bool = False) -> str:
    """Vega expression that writes a tick in the reader's way; the number locale comes with the rendering."""
    value = "abs(datum.value)" if absolute else "datum.value"
    text = f"format({value}, ',.{decimals}f')"
    if style != "percent":
        return text
    return text + (" + '%'" if lang == "en" else " + '\u202f%'")


@dataclass(frozen=True)
class Panel:
    """A rectangle of the drawing with a linear scale along x and, for lines, along y.

    Parameters
    ----------
    left, top, width, height : float [px]
        Place within the plotting area.
    x_domain, y_domain : tuple of float [unit of the data]
    """

    left: float
    top: float
    width: float
    height: float
    x_domain: tuple[float, float]
    y_domain: tuple[float, float] = (0.0, 1.0)

    def px(self, value: float) -> float:
        """Place of a value along x [px]."""
        low, high = self.x_domain
        return self.left + (value - low) / (high - low) * self.width

    def py(self, value: float) -> float:
        """Place of a value along y [px]."""
        low, high = self.y_domain
        return self.top + self.height - (value - low) / (high - low) * self.height

    def x(self, name: str) -> dict[str, Any]:
        """Encoding of a field along x."""
        scale = {
            "domain": list(self.x_domain),
            "range": [self.left, self.left + self.width],
            "nice": False,
            "zero": False,
        }
        return {"field": name, "type": "quantitative", "scale": scale, "axis": None}

    def y(self, name: str) -> dict[str, Any]:
        """Encoding of a field along y."""
        scale = {
            "domain": list(self.y_domain),
            "range": [self.top + self.height, self.top],
            "nice": False,
            "zero": False,
        }
        return {"field": name, "type": "quantitative", "scale": scale, "axis": None}

    def band(self, rows: Rows, x: str, low: str, high: str, colour: str) -> Layer:
        """Area between two fields."""
        encoding = {"x": self.x(x), "y": self.y(low), "y2": {"field": high}}
        return {
            "data": {"values": rows},
            "mark": {"type": "area", "color": colour, "line": False},
            "encoding": encoding,
        }

    def line(
        self,
        rows: Rows,
        x: str,
        y: str,
        colour: str,
        *,
        width: float = 2.2,
        dash: Sequence[float] = (),
        part: str = "",
    ) -> Layer:
        """Line through rows; a field ``part`` cuts it into pieces."""
        encoding: dict[str, Any] = {"x": self.x(x), "y": self.y(y)}
        if part:
            encoding["detail"] = {"field": part, "type": "nominal"}
        mark = {"type": "line", "color": colour, "strokeWidth": width, "strokeDash": list(dash)}
        return {"data": {"values": rows}, "mark": mark, "encoding": encoding}

    def axes(
        self,
        *,
        x_values: Sequence[float] = (),
        x_label: str = "format(datum.value, 'd')",
        y_ticks: Ticks | None = None,
        y_label: str = "",
        plot_height: float,
        plot_width: float | None = None,
        x_grid: bool = False,
    ) -> Layer:
        """Axes of the panel as a layer without marks: ticks are given, labels are Vega expressions."""
        x, y = self.x("x"), self.y("y")
        if x_values:
            x["axis"] = {
                "values": list(x_values),
                "labelExpr": x_label,
                "title": None,
                "orient": "bottom",
                "offset": self.top + self.height - plot_height,
                "grid": False,
                "labelOverlap": False,
                "labelFlush": False,
                "domain": not x_grid,
                "domainColor": GREY,
                "ticks": not x_grid,
                "tickColor": GREY,
                "tickSize": 4,
                "labelPadding": 4,
                "zindex": 0,
            }
        if y_ticks is not None:
            y["axis"] = {
                "values": list(y_ticks.values),
                "labelExpr": y_label,
                "title": None,
                "orient": "left",
                "offset": -self.left,
                "grid": False,
                "labelOverlap": False,
                "labelFlush": False,
                "zindex": 0,
            }
        grid: list[Layer] = []
        right = self.left + (plot_width or self.width)
        if y_ticks is not None:
            grid += rules_layer(
                [
                    {"x": self.left, "x2": right, "y": self.py(v), "y2": self.py(v), "color": GRID}
                    for v in y_ticks.values
                ]
            )
        if x_grid:
            bottom = self.top + self.height
            grid += rules_layer(
                [
                    {"x": self.px(v), "x2": self.px(v), "y": self.top, "y2": bottom, "color": GRID}
                    for v in x_values
                ]
            )
        empty = {
            "data": {"values": [{"x": self.x_domain[0], "y": self.y_domain[0]}]},
            "mark": {"type": "point", "size": 0, "opacity": 0},
            "encoding": {"x": x, "y": y},
        }
        return {"layer": [*grid, empty], "resolve": {"scale": {"x": "shared", "y": "shared"}}}


@dataclass(frozen=True)
class KeyItem:
    """An entry of the small key above a chart: a line, a dashed line, a patch or a point, and its word."""

    kind: str
    text: str
    colour: str = MAIN
    shape: str = "circle"
    stroke: str | None = None

    @property
    def width(self) -> float:
        """Width of sign and word [px]."""
        return 24 + text_width(self.text) + 16


def key_row(items: Sequence[KeyItem], left: float, right: float, bottom: float) -> tuple[list[Layer], float]:
    """Lay a key out in as many rows as needed, the last one ending at ``bottom``.

    Returns
    -------
    layers : list of dict
    height : float [px]
        Of all rows.
    """
    rows: list[list[KeyItem]] = [[]]
    used = 0.0
    for item in items:
        if rows[-1] and used + item.width - 16 > right - left:
            rows.append([])
            used = 0.0
        rows[-1].append(item)
        used += item.width
    height = 18.0 * len(rows)
    dots: list[dict[str, Any]] = []
    thin: list[dict[str, Any]] = []
    rules, dashes, rects, points, labels = [], [], [], [], []
    for index, row in enumerate(rows):
        x, y = left, bottom - height + 18.0 * index + 9
        for item in row:
            middle = {"x": x, "x2": x + 18, "y": y, "y2": y, "color": item.colour}
            if item.kind == "line":
                rules.append(middle)
            elif item.kind == "dashed":
                dashes.append(middle)
            elif item.kind in ("upright", "break"):
                target = dots if item.kind == "break" else thin
                target.append({**middle, "x": x + 9, "x2": x + 9, "y": y - 6, "y2": y + 6})
            elif item.kind == "patch":
                rects.append({**middle, "y": y - 5, "y2": y + 5, "stroke": item.stroke or item.colour})
            else:
                points.append(
                    {
                        "x": x + 9,
                        "y": y,
                        "color": item.colour,
                        "stroke": item.stroke or item.colour,
                        "shape": item.shape,
                    }
                )
            labels.append(Label(x + 24, y, item.text, MUTED))
            x += item.width
    layers = rules_layer(rules, width=2.4) + rules_layer(dashes, width=1.6, dash=[5, 3]) + rects_layer(rects)
    layers += rules_layer(dots, dash=[1, 3]) + rules_layer(thin, width=0.8)
    return layers + marks_layer(points) + labels_layer(labels), height


def band_tints(colour: str) -> tuple[str, str]:
    """Colours of the 80 % and the 50 % band of a line.

    >>> len(band_tints("#00707a"))
    2
    """
    return tint(colour, 0.18), tint(colour, 0.42)
