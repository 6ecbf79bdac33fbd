"""The painter draws what Vega draws: the same texts at the same places, the same lines."""

import importlib.util
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from framsyn.errors import PlanError
from framsyn.report.painter import paint
from framsyn.report.panels import Label, Panel, labels_layer, marks_layer, rects_layer

_SPEC = importlib.util.spec_from_file_location(
    "charts_for_painter", Path(__file__).with_name("test_report_charts.py")
)
charts = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(charts)


def texts_and_corners(body):
    """Texts with their places, and all corners of paths and rectangles, rounded to half pixels."""
    texts, corners = [], set()

    def walk(element, x, y):
        for u, v in re.findall(r"translate\(([-\d.e]+)[, ]*([-\d.e]*)\)", element.get("transform", "")):
            x, y = x + float(u), y + float(v or 0)
        if element.tag.endswith("text"):
            at = (x + float(element.get("x", 0)), y + float(element.get("y", 0)))
            texts.append((element.text, element.get("text-anchor", "start"), at))
        if element.tag.endswith("path") and element.get("fill", "none") != "none":
            numbers = re.findall(r"[ML](-?[\d.]+),(-?[\d.]+)", element.get("d", ""))
            corners.update((round(x + float(u)), round(y + float(v))) for u, v in numbers)
        for child in element:
            walk(child, x, y)

    walk(ElementTree.fromstring(f"<svg>{body}</svg>"), 0.0, 0.0)
    return texts, corners


@pytest.mark.parametrize("width", [360, 720])
@pytest.mark.parametrize("kind", charts.CHARTS)
def test_texts_stand_where_vega_puts_them(kind, width):
    drawing = charts.CHARTS[kind]().draw(width)
    ours, _ = texts_and_corners(drawing.body())
    vegas, _ = texts_and_corners(drawing.body_by_vega())
    assert sorted(t[:2] for t in ours) == sorted(t[:2] for t in vegas)
    for (text, anchor, at), (_, _, other) in zip(sorted(ours), sorted(vegas), strict=True):
        assert at == pytest.approx(other, abs=1.1), (text, anchor)


def test_marks_and_scales():
    panel = Panel(10, 0, 100, 50, (2025, 2035), (0, 5))
    rows = [{"year": 2025, "value": 0}, {"year": 2030, "value": 5}]
    assert 'd="M10,50L60,0"' in paint([panel.line(rows, "year", "value", "#000000")], "nb")
    square = marks_layer(
        [{"x": 5, "y": 5, "color": "#000000", "stroke": "#ffffff", "shape": "square"}], size=16
    )
    assert 'd="M3,3L7,3L7,7L3,7Z"' in paint(square, "nb")
    bar = rects_layer([{"x": 9, "x2": 1, "y": 2, "y2": 4, "color": "#000000", "stroke": "transparent"}])
    assert paint(bar, "nb") == '<rect x="1" y="2" width="8" height="2" fill="#000000"/>'
    assert "a &amp; b" in paint(labels_layer([Label(0, 0, "a & b")]), "nb")


def test_what_no_piece_uses_is_refused():
    with pytest.raises(PlanError, match='mark "arc" has no painter'):
        paint([{"mark": {"type": "arc"}, "encoding": {}, "data": {"values": []}}], "nb")
    with pytest.raises(PlanError, match='shape "star"'):
        paint(marks_layer([{"x": 0, "y": 0, "color": "#000000", "stroke": "#000000", "shape": "star"}]), "nb")
