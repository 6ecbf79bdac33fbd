"""Draws the pieces of :mod:`framsyn.report.panels` straight to SVG, as Vega would, a hundred times faster.

A report holds more than a hundred drawings. The pieces they are made of (texts, rules, rectangles, points, lines, bands
and axes with given ticks) have their places fixed before drawing, so that no layout engine is needed. The specification
stays the one truth: notebook and page hand it to Vega, and a test holds this painter against Vega piece by piece.
"""

from __future__ import annotations

import html
import math
import re
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.report.numbers import number
from framsyn.report.theme import MUTED, SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["paint"]

Layer = dict[str, Any]

_ANCHOR = {"left": "start", "center": "middle", "right": "end"}
# Vega's own shifts from a baseline to the alphabetic one, in shares of the size of the text.
_BASELINE = {"middle": 0.30, "top": 0.79, "bottom": -0.21, "alphabetic": 0.0}
_LABEL = re.compile(
    r"format\((?P<value>datum\.value|abs\(datum\.value\)), '(?P<form>d|,\.(?P<decimals>\d+)f)'\)"
    r"(?: \+ '(?P<sign>[^']*)')?"
)
_HALF_ROOT = math.sqrt(3) / 2
_PADDING = 6  # labelPadding of the theme, for axes that set none


def paint(layers: Sequence[Layer], lang: str) -> str:
    """Draw layers in their order.

    Parameters
    ----------
    layers : sequence of dict
        Layers made of the pieces in :mod:`framsyn.report.panels`.
    lang : str
        How axes write their numbers.

    Returns
    -------
    str
        SVG elements in the coordinates of the plotting area.

    Raises
    ------
    PlanError
        ``not-painted`` for a mark that no piece uses.

    Examples
    --------
    >>> from framsyn.report.panels import rules_layer
    >>> paint(rules_layer([{"x": 0, "y": 1, "x2": 9, "y2": 1, "color": "#000000"}]), "nb")
    '<path d="M0,1H9" stroke="#000000" stroke-width="1"/>'
    """
    return "".join(_layer(layer, lang) for layer in layers)


def _layer(layer: Layer, lang: str) -> str:
    if "layer" in layer:
        # Vega draws the axes of a group below its marks.
        axes = "".join(
            _axes(inner, lang) for inner in layer["layer"] if {"x", "y"} <= set(inner.get("encoding", ()))
        )
        return axes + paint(layer["layer"], lang)
    kind = layer["mark"]["type"]
    if kind not in _MARKS:
        message = (
            f'mark "{kind}" has no painter; expected one of {", ".join(_MARKS)}. Draw with Vega instead.'
        )
        raise PlanError("not-painted", message, got=kind, expected=list(_MARKS))
    return _MARKS[kind](layer["mark"], layer["encoding"], layer["data"]["values"])


def _n(value: float) -> str:
    """Write a coordinate with at most two decimals."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _place(encoding: Mapping[str, Any]) -> Callable[[float], float]:
    """Scale of an encoding: the identity where places are given in pixels."""
    scale = encoding.get("scale")
    if scale is None:
        return float
    (low, high), (start, end) = scale["domain"], scale["range"]
    slope = (end - start) / (high - low)
    return lambda value: start + (float(value) - low) * slope


def _stroke(mark: Mapping[str, Any], colour: str, width: float) -> str:
    dash = " ".join(f"{length:g}" for length in mark.get("strokeDash") or ())
    return f'stroke="{colour}" stroke-width="{width:g}"' + (f' stroke-dasharray="{dash}"' if dash else "")


def _text(mark: Mapping[str, Any], encoding: Mapping[str, Any], rows: list[dict[str, Any]]) -> str:
    del encoding
    rim = ""
    if "stroke" in mark:
        rim = f' stroke="{mark["stroke"]}" stroke-width="{mark["strokeWidth"]:g}" stroke-linejoin="round"'
    return "".join(
        _words(
            row["x"],
            row["y"],
            row["text"],
            row["color"],
            row["align"],
            row["baseline"],
            row["size"],
            row["weight"],
            rim,
        )
        for row in rows
    )


def _words(
    x: float,
    y: float,
    text: str,
    colour: str,
    align: str,
    baseline: str,
    size: float,
    weight: int,
    rim: str = "",
) -> str:
    shift = math.floor(_BASELINE[baseline] * size + 0.5)
    anchor = "" if align == "left" else f' text-anchor="{_ANCHOR[align]}"'
    bold = f' font-weight="{weight}"' if weight != 400 else ""
    written = html.escape(text, quote=False)
    return f'<text x="{_n(x)}" y="{_n(y + shift)}" font-size="{size:g}"{bold}{anchor} fill="{colour}"{rim}>{written}</text>'


def _rule(mark: Mapping[str, Any], encoding: Mapping[str, Any], rows: list[dict[str, Any]]) -> str:
    del encoding
    by_colour: dict[str, list[str]] = {}
    for row in rows:
        x, y, x2, y2 = (_n(row[key]) for key in ("x", "y", "x2", "y2"))
        end = f"H{x2}" if y == y2 else f"V{y2}" if x == x2 else f"L{x2},{y2}"
        by_colour.setdefault(row["color"], []).append(f"M{x},{y}{end}")
    return "".join(
        f'<path d="{"".join(lines)}" {_stroke(mark, colour, mark["strokeWidth"])}/>'
        for colour, lines in by_colour.items()
    )


def _rect(mark: Mapping[str, Any], encoding: Mapping[str, Any], rows: list[dict[str, Any]]) -> str:
    del encoding
    drawn = []
    for row in rows:
        left, right = sorted((row["x"], row["x2"]))
        top, bottom = sorted((row["y"], row["y2"]))
        edge = (
            ""
            if row["stroke"] == "transparent"
            else f' stroke="{row["stroke"]}" stroke-width="{mark["strokeWidth"]:g}"'
        )
        drawn.append(
            f'<rect x="{_n(left)}" y="{_n(top)}" width="{_n(right - left)}" height="{_n(bottom - top)}" '
            f'fill="{row["color"]}"{edge}/>'
        )
    return "".join(drawn)


def _point(mark: Mapping[str, Any], encoding: Mapping[str, Any], rows: list[dict[str, Any]]) -> str:
    if not mark["size"]:
        return ""
    del encoding
    r = math.sqrt(mark["size"]) / 2
    drawn = []
    for row in rows:
        paint_of = f'fill="{row["color"]}" stroke="{row["stroke"]}" stroke-width="{mark["strokeWidth"]:g}"'
        if row["shape"] == "circle":
            drawn.append(f'<circle cx="{_n(row["x"])}" cy="{_n(row["y"])}" r="{_n(r)}" {paint_of}/>')
            continue
        if row["shape"] not in _CORNERS:
            message = (
                f'shape "{row["shape"]}" has no painter; expected circle or one of {", ".join(_CORNERS)}.'
            )
            raise PlanError("not-painted", message, got=row["shape"], expected=["circle", *_CORNERS])
        corners = "L".join(
            f"{_n(row['x'] + r * dx)},{_n(row['y'] + r * dy)}" for dx, dy in _CORNERS[row["shape"]]
        )
        drawn.append(f'<path d="M{corners}Z" {paint_of}/>')
    return "".join(drawn)


def _line(mark: Mapping[str, Any], encoding: Mapping[str, Any], rows: list[dict[str, Any]]) -> str:
    x, y = _place(encoding["x"]), _place(encoding["y"])
    part = encoding.get("detail", {}).get("field")
    pieces: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        pieces.setdefault(row[part] if part else 0, []).append(row)
    along, up = encoding["x"]["field"], encoding["y"]["field"]
    look = f'fill="none" {_stroke(mark, mark["color"], mark["strokeWidth"])} stroke-linecap="round" stroke-linejoin="round"'
    return "".join(
        f'<path d="M{"L".join(f"{_n(x(row[along]))},{_n(y(row[up]))}" for row in piece)}" {look}/>'
        for piece in pieces.values()
    )


def _area(mark: Mapping[str, Any], encoding: Mapping[str, Any], rows: list[dict[str, Any]]) -> str:
    x, y = _place(encoding["x"]), _place(encoding["y"])
    along, low, high = encoding["x"]["field"], encoding["y"]["field"], encoding["y2"]["field"]
    there = [f"{_n(x(row[along]))},{_n(y(row[low]))}" for row in rows]
    back = [f"{_n(x(row[along]))},{_n(y(row[high]))}" for row in reversed(rows)]
    return f'<path d="M{"L".join([*there, *back])}Z" fill="{mark["color"]}"/>'


def _axes(layer: Layer, lang: str) -> str:
    """Draw the axes of a layer: each stands at the start of the other one's range, where its panel begins."""
    encoding = layer["encoding"]
    drawn = ""
    if encoding["x"].get("axis"):
        drawn += _bottom_axis(
            encoding["x"]["axis"], encoding["x"]["scale"], encoding["y"]["scale"]["range"][0], lang
        )
    if encoding["y"].get("axis"):
        drawn += _left_axis(
            encoding["y"]["axis"], encoding["y"]["scale"], encoding["x"]["scale"]["range"][0], lang
        )
    return drawn


def _bottom_axis(axis: Mapping[str, Any], scale: Mapping[str, Any], line: float, lang: str) -> str:
    place, size = _place({"scale": scale}), SIZE["label"]
    below = line + axis["labelPadding"] + (axis["tickSize"] if axis["ticks"] else 0)
    labels = "".join(
        _words(place(value), below, _tick(value, axis["labelExpr"], lang), MUTED, "center", "top", size, 400)
        for value in axis["values"]
    )
    if not axis["domain"]:
        return labels
    start, end = scale["range"]
    marks = "".join(f"M{_n(place(value))},{_n(line)}v{axis['tickSize']:g}" for value in axis["values"])
    path = f"M{_n(start)},{_n(line)}H{_n(end)}{marks}"
    return f'<path d="{path}" fill="none" stroke="{axis["domainColor"]}" stroke-width="1"/>{labels}'


def _left_axis(axis: Mapping[str, Any], scale: Mapping[str, Any], line: float, lang: str) -> str:
    place, size = _place({"scale": scale}), SIZE["label"]
    return "".join(
        _words(
            line - _PADDING,
            place(value),
            _tick(value, axis["labelExpr"], lang),
            MUTED,
            "right",
            "middle",
            size,
            400,
        )
        for value in axis["values"]
    )


def _tick(value: float, expression: str, lang: str) -> str:
    """Write a tick as its Vega expression says.

    >>> _tick(-1500, "format(abs(datum.value), ',.0f') + '%'", "en"), _tick(2030, "format(datum.value, 'd')", "nb")
    ('1,500%', '2030')
    """
    found = _LABEL.fullmatch(expression)
    if not found:
        message = f"axis label {expression!r} has no painter; write it with tick_expression."
        raise PlanError("not-painted", message, got=expression)
    size = abs(value) if found["value"].startswith("abs") else value
    text = str(round(size)) if found["form"] == "d" else number(size, lang, int(found["decimals"]))
    return text + (found["sign"] or "")


_CORNERS = {
    "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "diamond": ((-1, 0), (0, -1), (1, 0), (0, 1)),
    "triangle-up": ((0, -_HALF_ROOT), (-1, _HALF_ROOT), (1, _HALF_ROOT)),
    "triangle-right": ((_HALF_ROOT, 0), (-_HALF_ROOT, -1), (-_HALF_ROOT, 1)),
    "triangle-left": ((-_HALF_ROOT, 0), (_HALF_ROOT, -1), (_HALF_ROOT, 1)),
}
_MARKS: dict[str, Callable[..., str]] = {
    "text": _text,
    "rule": _rule,
    "rect": _rect,
    "point": _point,
    "line": _line,
    "area": _area,
}
