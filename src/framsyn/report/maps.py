"""Maps of the municipalities in five classes, drawn as SVG.

Vega has no hatching and no title per shape, and a map has no axis that it would bring; so a map is plain SVG: small,
fast, each municipality with its name and number under the pointer. Report, page, notebook and file get the same one.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from framsyn.errors import PlanError
from framsyn.report.figure import About, Chart, SvgDrawing
from framsyn.report.frames import display_frame
from framsyn.report.geometry import Box, Projection, place_labels, read_borders, rings_of, svg_path
from framsyn.report.layout import text_width, wrap
from framsyn.report.map_classes import Classes, five_classes
from framsyn.report.numbers import display_factor, shown
from framsyn.report.theme import INK, MUTED, PAPER, SIZE
from framsyn.report.words import word

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path


__all__ = ["Classes", "choropleth", "five_classes"]

_LEGEND_ROW = 19.0
_MOST_HEIGHT = 600.0
_NAMED = 3
_NAME_LINE = 22.0  # above a map whose municipalities are links


def choropleth(
    borders: Mapping[str, Any] | str | Path,
    frame: pd.DataFrame,
    about: About,
    *,
    name: str,
    sites: pd.DataFrame | None = None,
    groups: Mapping[str, str] | None = None,
    bounds: Sequence[float] | None = None,
    title: str | None = None,
    key: str = "area",
    signed: bool = False,
    links: Mapping[str, str] | None = None,
    marked: Collection[str] = (),
) -> Chart:
    """Draw a value per municipality in five classes.

    Parameters
    ----------
    borders : mapping, str or Path
        GeoJSON FeatureCollection in degrees with the properties ``area`` (see ``key``) and ``name``, and
        ``name_official`` where a place has official names in several languages.
    frame : DataFrame
        Columns area, value [unit of the style]; a municipality without a row is hatched and counted as such.
    about : About
    name : str
    sites : DataFrame, optional
        Columns name, lon, lat; drawn as points with names. A column ``short`` holds the names for a narrow drawing.
    groups : mapping, optional
        Area → trust; borders between trusts are drawn stronger.
    bounds : sequence of float, optional
        Inner bounds of the classes in the unit of the frame.
    title : str, optional
    key : str
        Property of the features that holds the area code.
    signed : bool
        Write a plus before positive values, for changes.
    links : mapping, optional
        Area → address. Each municipality becomes a link whose name stands above the map while it is pointed at or has the
        focus; for pages that bring the site's style sheet.
    marked : collection of str
        Areas with a strong outline.

    Returns
    -------
    Chart
    """
    lang, style = about.lang, about.style
    features = read_borders(borders, key)
    data = display_frame(frame, ("area", "value"), ("value",), style, chart=name, key=("area",))
    values = {str(row.area): float(row.value) for row in data.itertuples()}
    unknown = sorted(set(values) - set(features))
    if unknown:
        message = f'map "{name}": areas {", ".join(unknown)} have a value and no border. Use the region\'s own borders.'
        raise PlanError("map-areas", message, chart=name, areas=unknown)
    factor = display_factor(style)
    own = [bound * factor for bound in bounds] if bounds is not None else None
    classes = five_classes(list(values.values()), own)
    texts = classes.texts(lang, style)
    names = {code: str(feature["properties"].get("name", code)) for code, feature in features.items()}
    official = {
        code: str(feature["properties"].get("name_official") or names[code]).replace(" - ", " – ")
        for code, feature in features.items()
    }
    written = {
        code: shown(value, lang, style, classes.decimals, signed=signed) for code, value in values.items()
    }
    counts = [sum(classes.index(value) == place for value in values.values()) for place in range(len(texts))]
    rings = {code: list(rings_of(feature)) for code, feature in features.items()}
    points = np.concatenate([ring for parts in rings.values() for ring in parts])
    stronger = _shared_borders(rings, groups) if groups else []
    outlined = _outline(rings, set(marked)) if marked else []
    top = _NAME_LINE if links else 0.0

    def draw(width: float) -> SvgDrawing:
        legend = _Legend.of(
            classes, texts, counts, len(features) - len(values), about, with_sites=sites is not None
        )
        projection, used, height = Projection.fitted(points, width, _MOST_HEIGHT)
        flat = projection(points)
        spot = _free_corner(flat, legend, width, height) if width >= 560 else None
        shapes = []
        for code in features:
            fill = classes.colours[classes.index(values[code])] if code in values else "url(#hatch)"
            tip = f"{official[code]}: {written.get(code, word('map.no_data', lang))}"
            path = svg_path([projection(ring) for ring in rings[code]])
            shapes.append(_shape(path, fill, tip, (links or {}).get(code, "")))
        parts = [
            '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
            '<rect width="6" height="6" fill="#f3f4f4"/><line x1="0" y1="0" x2="0" y2="6" stroke="#9aa5aa" '
            'stroke-width="1.6"/></pattern></defs>',
            f'<g stroke="{PAPER}" stroke-width="0.7" stroke-linejoin="round" fill-rule="evenodd">{"".join(shapes)}</g>',
        ]
        if stronger:
            lines = "".join(
                "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in projection(np.array(edge))) for edge in stronger
            )
            parts.append(
                f'<path d="{lines}" fill="none" stroke="{INK}" stroke-width="1.3" stroke-linecap="round" '
                'pointer-events="none"/>'
            )
        if outlined:
            lines = "".join(
                "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in projection(np.array(edge))) for edge in outlined
            )
            parts.append(
                f'<path d="{lines}" fill="none" stroke="{INK}" stroke-width="2.6" stroke-linejoin="round" '
                'stroke-linecap="round" pointer-events="none"/>'
            )
        taken = []
        if spot:
            taken = [Box(spot[0], spot[1], spot[0] + legend.width, spot[1] + legend.height)]
        if sites is not None and len(sites):
            names_column = "short" if width < 560 and "short" in sites.columns else "name"
            named = sites.assign(name=sites[names_column])
            parts.append(_draw_sites(named, projection, max(used, width), height, taken))
        x, y = spot or (0.0, height + 14)
        parts.append(legend.svg(x, y))
        total = height if spot else height + 14 + legend.height
        if links:
            hint = _text(0, 13, word("map.hint", lang), MUTED, ' class="framsyn-hint"')
            parts = [f'{hint}<g transform="translate(0,{top:g})">', *parts, "</g>"]
        return SvgDrawing(width, round(total + top + 4, 1), "".join(parts))

    ordered = sorted(values, key=lambda code: values[code])
    most = "; ".join(f"{names[code]} {written[code]}" for code in ordered[::-1][:_NAMED])
    least = "; ".join(f"{names[code]} {written[code]}" for code in ordered[:_NAMED])
    listed = "; ".join(f"{text}: {count}" for text, count in zip(texts, counts, strict=True))
    if len(values) < len(features):
        listed += f"; {word('map.no_data', lang)}: {len(features) - len(values)}"
    finding = title or word(
        "map.finding",
        lang,
        what=about.what,
        high_name=names[ordered[-1]],
        high=written[ordered[-1]],
        low_name=names[ordered[0]],
        low=written[ordered[0]],
    )
    description = word("map.describe", lang, total=len(features), listed=listed, most=most, least=least)
    value_heading = word("table.value", lang)
    table = pd.DataFrame(
        {
            word("table.code", lang): list(features),
            word("table.municipality", lang): [official[code] for code in features],
            value_heading: [values.get(code, float("nan")) for code in features],
            word("table.class", lang): [
                texts[classes.index(values[code])] if code in values else word("map.no_data", lang)
                for code in features
            ],
        }
    )
    return Chart(
        name,
        finding,
        about.subtitle,
        description,
        table,
        lang,
        draw,
        {value_heading: classes.decimals},
        bool(links),
    )


def _shape(path: str, fill: str, tip: str, address: str) -> str:
    """One municipality: its name under the pointer, or a link with its name above the map."""
    said = html.escape(tip)
    if not address:
        return f'<path d="{path}" fill="{fill}"><title>{said}</title></path>'
    name = _text(0, 13 - _NAME_LINE, tip, INK, ' class="framsyn-name" visibility="hidden" stroke="none"')
    return (
        f'<a class="framsyn-place" href="{html.escape(address)}"><title>{said}</title>'
        f'<path d="{path}" fill="{fill}"/>{name}</a>'
    )


def _outline(rings: Mapping[str, list[np.ndarray]], marked: set[str]) -> list[list[tuple[float, float]]]:
    """Edges that a group of municipalities shares with none of its own."""
    seen: dict[frozenset[tuple[float, ...]], list[tuple[float, float]]] = {}
    for code in marked & set(rings):
        for ring in rings[code]:
            for start, stop in pairwise(map(tuple, ring.tolist())):
                edge = frozenset((start, stop))
                if seen.pop(edge, None) is None:
                    seen[edge] = [start, stop]
    return list(seen.values())


@dataclass(frozen=True)
class _Legend:
    """Rows of the legend: sign, words, count of municipalities."""

    rows: tuple[tuple[str, str, str], ...]
    width: float
    height: float

    @classmethod
    def of(
        cls,
        classes: Classes,
        texts: list[str],
        counts: list[int],
        missing: int,
        about: About,
        *,
        with_sites: bool,
    ) -> _Legend:
        def counted(count: int) -> str:
            return word("map.count_one" if count == 1 else "map.count_many", about.lang, count=count)

        rows = [
            (colour, text, counted(count))
            for colour, text, count in zip(classes.colours, texts, counts, strict=True)
        ]
        rows = rows[::-1]
        if missing:
            rows.append(("url(#hatch)", word("map.no_data", about.lang), counted(missing)))
        if with_sites:
            rows.append(("site", word("map.site", about.lang), ""))
        text_room = max(text_width(text) for _, text, _ in rows)
        width = 28 + text_room + 14 + max(text_width(count) for _, _, count in rows)
        return cls(tuple(rows), width, _LEGEND_ROW * len(rows))

    def svg(self, x: float, y: float) -> str:
        counts_at = x + 28 + max(text_width(text) for _, text, _ in self.rows) + 14
        parts = []
        for place, (fill, text, count) in enumerate(self.rows):
            middle = y + _LEGEND_ROW * (place + 0.5)
            if fill == "site":
                parts.append(_dot(x + 10, middle))
            else:
                parts.append(f'<rect x="{x:g}" y="{middle - 6:g}" width="20" height="12" fill="{fill}"/>')
            parts.append(_text(x + 28, middle + 4, text, INK))
            parts.append(_text(counts_at, middle + 4, count, MUTED) if count else "")
        return "".join(parts)


def _text(x: float, y: float, text: str, colour: str, extra: str = "") -> str:
    words = html.escape(text, quote=False)
    return f'<text x="{x:g}" y="{y:g}" font-size="{SIZE["label"]}" fill="{colour}"{extra}>{words}</text>'


def _dot(x: float, y: float) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{PAPER}" stroke="{INK}" stroke-width="2"/>'


def _free_corner(
    flat: np.ndarray, legend: _Legend, width: float, height: float
) -> tuple[float, float] | None:
    """Corner of the map in which the legend covers no land."""
    for x, y in (
        (0.0, 4.0),
        (width - legend.width, height - legend.height),
        (width - legend.width, 4.0),
        (0.0, height - legend.height),
    ):
        box = Box(x - 12, y - 12, x + legend.width + 12, y + legend.height + 12)
        inside = (
            (flat[:, 0] > box.left)
            & (flat[:, 0] < box.right)
            & (flat[:, 1] > box.top)
            & (flat[:, 1] < box.bottom)
        )
        if not inside.any():
            return x, y
    return None


def _shared_borders(
    rings: Mapping[str, list[np.ndarray]], groups: Mapping[str, str]
) -> list[list[tuple[float, float]]]:
    """Edges that two municipalities of different groups share, point for point."""
    owner: dict[tuple[tuple[float, ...], tuple[float, ...]], str] = {}
    shared = []
    for code, parts in rings.items():
        for ring in parts:
            for start, stop in pairwise(map(tuple, ring.tolist())):
                other = owner.setdefault((start, stop) if start < stop else (stop, start), code)
                if other != code and groups.get(other) != groups.get(code):
                    shared.append([start, stop])
    return shared


def _draw_sites(
    sites: pd.DataFrame, projection: Projection, width: float, height: float, taken: list[Box]
) -> str:
    """Points with names beside them; sites at one point share a label."""
    display_frame(sites, ("name", "lon", "lat"), ("lon", "lat"), "number", chart="sites")
    places = projection(sites[["lon", "lat"]].to_numpy(dtype=float))
    at: dict[tuple[float, float], list[str]] = {}
    for (x, y), text in zip(places.tolist(), sites["name"].astype(str), strict=True):
        near = next((spot for spot in at if abs(spot[0] - x) + abs(spot[1] - y) < 6), (x, y))
        at.setdefault(near, [])
        at[near] += [line for line in wrap(text, 150) if line not in at[near]]
    spots = list(at)
    boxes = place_labels(
        spots, [at[spot] for spot in spots], width=width, height=height, taken=taken, size=SIZE["label"]
    )
    rim = f' stroke="{PAPER}" stroke-width="3.5" stroke-linejoin="round" paint-order="stroke"'
    leaders, dots, labels = [], [], []
    for (x, y), box in zip(spots, boxes, strict=True):
        near_x, near_y = min(max(x, box.left), box.right), min(max(y, box.top), box.bottom)
        if (near_x - x) ** 2 + (near_y - y) ** 2 > 16**2:
            leaders.append(f"M{x:.1f},{y:.1f}L{near_x:.1f},{near_y:.1f}")
        dots.append(_dot(x, y))
        for place, line in enumerate(at[(x, y)]):
            labels.append(
                _text(
                    round(box.left, 1), round(box.top + 11 + SIZE["label"] * 1.2 * place, 1), line, INK, rim
                )
            )
    lines = f'<path d="{"".join(leaders)}" fill="none" stroke="{INK}" stroke-width="0.8"/>' if leaders else ""
    return lines + "".join(dots) + "".join(labels)
