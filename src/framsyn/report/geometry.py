"""Borders on paper: an equal-area projection fitted to a region, SVG paths, and room for place names."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from framsyn.errors import PlanError
from framsyn.report.layout import text_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Box", "Projection", "place_labels", "read_borders", "rings_of", "svg_path"]

Ring = np.ndarray


def read_borders(borders: Mapping[str, Any] | str | Path, key: str) -> dict[str, dict[str, Any]]:
    """Read a GeoJSON FeatureCollection into features by area code.

    Parameters
    ----------
    borders : mapping, str or Path
        The collection, or its file.
    key : str
        Property that holds the area code.

    Returns
    -------
    dict
        code → feature.
    """
    collection = (
        json.loads(Path(borders).read_text(encoding="utf-8")) if isinstance(borders, str | Path) else borders
    )
    features: dict[str, dict[str, Any]] = {}
    for feature in collection.get("features", []):
        code = feature.get("properties", {}).get(key)
        kind = (feature.get("geometry") or {}).get("type")
        if code is None or kind not in ("Polygon", "MultiPolygon") or str(code) in features:
            message = (
                f"borders: feature {code!r} of kind {kind!r} cannot be drawn; expected one Polygon or MultiPolygon "
                f'per area with its code in the property "{key}".'
            )
            raise PlanError("border-feature", message, area=code, kind=kind)
        features[str(code)] = feature
    if not features:
        message = "borders: the collection has no features; expected one per municipality."
        raise PlanError("border-empty", message)
    return features


def rings_of(feature: Mapping[str, Any]) -> Iterator[Ring]:
    """Rings of a feature, each an array (points, 2) of longitude and latitude in degrees."""
    geometry = feature["geometry"]
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    for polygon in polygons:
        for ring in polygon:
            yield np.asarray(ring, dtype=float)[:, :2]


@dataclass(frozen=True)
class Projection:
    """Albers' equal-area conic projection, so that a municipality's share of the ink is its share of the land.

    n = (sin φ1 + sin φ2) / 2, C = cos² φ1 + 2 n sin φ1, ρ = √(C − 2 n sin φ) / n, θ = n (λ − λ0),
    x = ρ sin θ, y = ρ0 − ρ cos θ (Snyder, Map Projections: A Working Manual, 1987, section 14; sphere).

    Parameters
    ----------
    parallels : tuple of float [degree]
        Standard parallels φ1 and φ2.
    meridian : float [degree]
        Central meridian λ0.
    scale : float [px per radius]
    offset : tuple of float [px]
    """

    parallels: tuple[float, float]
    meridian: float
    scale: float = 1.0
    offset: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def fitted(
        cls, points: np.ndarray, width: float, height: float, margin: float = 2.0
    ) -> tuple[Projection, float, float]:
        """Fit to points so that all lie within a width and a height.

        Returns
        -------
        projection : Projection
        width, height : float [px]
            That the points take, with the margin.
        """
        west, south = points.min(axis=0)
        east, north = points.max(axis=0)
        sixth = (north - south) / 6
        plain = cls((south + sixth, north - sixth), (west + east) / 2)
        flat = plain(points)
        (left, top), (right, bottom) = flat.min(axis=0), flat.max(axis=0)
        scale = min((width - 2 * margin) / (right - left), (height - 2 * margin) / (bottom - top))
        offset = (margin - left * scale, margin - top * scale)
        fitted = cls(plain.parallels, plain.meridian, scale, offset)
        return fitted, (right - left) * scale + 2 * margin, (bottom - top) * scale + 2 * margin

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Project longitude and latitude [degree] to x and y [px], y downwards."""
        first, second = np.radians(self.parallels)
        cone = (np.sin(first) + np.sin(second)) / 2
        constant = np.cos(first) ** 2 + 2 * cone * np.sin(first)
        longitude, latitude = np.radians(np.asarray(points, dtype=float)).T
        radius = np.sqrt(constant - 2 * cone * np.sin(latitude)) / cone
        angle = cone * (longitude - np.radians(self.meridian))
        x = radius * np.sin(angle) * self.scale + self.offset[0]
        y = radius * np.cos(angle) * self.scale + self.offset[1]
        return np.column_stack([x, y])


def svg_path(rings: Sequence[np.ndarray]) -> str:
    """Path data of projected rings with one decimal, points that fall together left out.

    >>> import numpy as np
    >>> svg_path([np.array([[0, 0], [10, 0.01], [10, 5], [0, 0]])])
    'M0,0L10,0L10,5Z'
    """
    pieces = []
    for ring in rings:
        points: list[tuple[float, float]] = []
        for x, y in ring.round(1).tolist():
            if not points or points[-1] != (x, y):
                points.append((x, y))
        if len(points) > 1 and points[0] == points[-1]:
            points.pop()
        if len(points) >= 3:
            pieces.append("M" + "L".join(f"{x:g},{y:g}" for x, y in points) + "Z")
    return "".join(pieces)


@dataclass(frozen=True)
class Box:
    """A rectangle [px]."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box, margin: float = 0.0) -> bool:
        """Whether two boxes share room.

        >>> Box(0, 0, 10, 10).overlaps(Box(11, 0, 20, 10)), Box(0, 0, 10, 10).overlaps(Box(9, 0, 20, 10))
        (False, True)
        """
        return (
            self.left < other.right + margin
            and other.left < self.right + margin
            and self.top < other.bottom + margin
            and other.top < self.bottom + margin
        )

    def within(self, width: float, height: float) -> bool:
        """Whether the box lies inside a drawing."""
        return self.left >= 0 and self.top >= 0 and self.right <= width and self.bottom <= height


def place_labels(
    points: Sequence[tuple[float, float]],
    texts: Sequence[Sequence[str]],
    *,
    width: float,
    height: float,
    taken: Sequence[Box] = (),
    size: float = 12.0,
) -> list[Box]:
    """Find a place beside each point for its lines of text so that no label covers another, or another's point.

    Places near the point come first, to the right before left, above and below; labels in crowded spots move
    outwards, and the caller draws a leader to those. Points with the fewest free neighbours choose first.

    Raises
    ------
    PlanError
        When there is no room within 140 px; fewer labels or a wider drawing help.
    """
    line = size * 1.2
    dots = [Box(x - 5, y - 5, x + 5, y + 5) for x, y in points]
    sizes = [(max(text_width(part, size) for part in lines), line * len(lines)) for lines in texts]
    crowd = [sum(abs(x - u) + abs(y - v) < 80 for u, v in points) for x, y in points]
    placed: dict[int, Box] = {}
    for index in sorted(range(len(points)), key=lambda place: (-crowd[place], place)):
        (x, y), (wide, high) = points[index], sizes[index]
        for box in _candidates(x, y, wide, high):
            others = [*placed.values(), *taken, *(dot for place, dot in enumerate(dots) if place != index)]
            if box.within(width, height) and not any(box.overlaps(other, 2.0) for other in others):
                placed[index] = box
                break
        else:
            message = (
                f'map: no room for the label "{" ".join(texts[index])}"; name fewer places or draw wider.'
            )
            raise PlanError("label-room", message, label=list(texts[index]))
    return [placed[index] for index in range(len(points))]


def _candidates(x: float, y: float, wide: float, high: float) -> Iterator[Box]:
    angles = np.radians([0, 180, 45, 315, 135, 225, 90, 270, 22, 338, 158, 202, 68, 292, 112, 248])
    for distance in range(9, 141, 8):
        for angle in angles:
            u, v = np.cos(angle), np.sin(angle)
            # The nearest edge or corner of the label touches a circle around the point.
            left = x + u * distance - (wide if u < -0.1 else wide / 2 if abs(u) <= 0.1 else 0.0)
            top = y + v * distance - high / 2 + v * high / 2
            yield Box(float(left), float(top), float(left + wide), float(top + high))
