"""Borders made small without tearing neighbours apart.

The border lines are cut where they part (arcs), each arc is simplified once, and every municipality is put together
from the same simplified arcs, so that two neighbours keep the same points along their common border.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from heapq import heapify, heappop, heappush
from typing import Any

__all__ = ["shared_edges", "simplify_borders"]

Point = tuple[float, float]
Ring = list[Point]


def simplify_borders(collection: dict[str, Any], limit: int = 80_000, digits: int = 3) -> bytes:
    """GeoJSON of the same municipalities in at most ``limit`` bytes.

    Arcs are thinned by Visvalingam's rule (the point whose triangle with its neighbours has the smallest area goes
    first), with a common threshold that is raised until the file fits; islands and lakes under the same area go, the
    largest part of each municipality stays; outer rings run counter-clockwise (RFC 7946).

    Parameters
    ----------
    collection : dict
        GeoJSON FeatureCollection of polygons with the properties ``municipality_code`` and ``name``.
    limit : int [byte]
    digits : int
        Decimals of a degree that are kept; three are about 50–100 m.

    References
    ----------
    Visvalingam, M., Whyatt, J. D. (1993), Line generalisation by repeated elimination of points,
    The Cartographic Journal 30 (1).
    """
    rings = _rings(collection, digits)
    arcs, members = _cut([ring for _, _, _, ring in rings])
    order = [_removal_order(arc) for arc in arcs]
    threshold = 2e-7
    while True:
        text = _write(collection, rings, arcs, order, members, threshold)
        if len(text) <= limit:
            return text
        threshold *= 1.15


def shared_edges(collection: dict[str, Any]) -> tuple[int, int]:
    """How many border pieces stand in exactly two rings, and how many in more than two (none, if all is well)."""
    count: dict[tuple[Point, Point], int] = defaultdict(int)
    for _, _, _, ring in _rings(collection, 9):
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
            count[(a, b) if a < b else (b, a)] += 1
    return sum(n == 2 for n in count.values()), sum(n > 2 for n in count.values())


def _rings(collection: dict[str, Any], digits: int) -> list[tuple[int, int, int, Ring]]:
    """(feature, part, ring of the part, open ring of rounded points without repeats)."""
    found = []
    for number, feature in enumerate(collection["features"]):
        geometry = feature["geometry"]
        parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        for part, polygon in enumerate(parts):
            for inner, coordinates in enumerate(polygon):
                ring: Ring = []
                for lon, lat in coordinates[:-1]:
                    point = (round(lon, digits), round(lat, digits))
                    if not ring or ring[-1] != point:
                        ring.append(point)
                while len(ring) > 1 and ring[0] == ring[-1]:
                    ring.pop()
                ring = _without_spikes(ring)
                if len(ring) >= 3:
                    found.append((number, part, inner, ring))
    return found


def _without_spikes(ring: Ring) -> Ring:
    """Take out points where rounding makes the ring go out and straight back."""
    changed = True
    while changed and len(ring) >= 3:
        changed = False
        for i in range(len(ring)):
            if ring[i - 1] == ring[(i + 1) % len(ring)]:
                drop = {i, (i + 1) % len(ring)}
                ring = [point for j, point in enumerate(ring) if j not in drop]
                changed = True
                break
    return ring


def _cut(rings: list[Ring]) -> tuple[list[Ring], list[list[tuple[int, bool]]]]:
    """Cut rings into arcs where lines part; an arc that two rings share is one arc, run backward by one of them."""
    around: dict[Point, set[Point]] = defaultdict(set)
    for ring in rings:
        for before, point, after in zip(ring[-1:] + ring[:-1], ring, ring[1:] + ring[:1], strict=True):
            around[point].update((before, after))
    uses: dict[tuple[Point, Point], int] = defaultdict(int)
    for ring in rings:
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
            uses[(a, b) if a < b else (b, a)] += 1

    def parts_here(before: Point, point: Point, after: Point) -> bool:
        first = uses[(before, point) if before < point else (point, before)]
        second = uses[(point, after) if point < after else (after, point)]
        return len(around[point]) > 2 or first != second

    arcs: list[Ring] = []
    known: dict[tuple[Point, ...], int] = {}
    members = []
    for ring in rings:
        size = len(ring)
        knots = [i for i in range(size) if parts_here(ring[i - 1], ring[i], ring[(i + 1) % size])]
        if not knots:  # an island, or an enclave: start at its smallest point so that both users agree
            knots = [min(range(size), key=ring.__getitem__)]
        pieces = []
        for start, stop in zip(knots, [*knots[1:], knots[0] + size], strict=True):
            arc = [ring[i % size] for i in range(start, stop + 1)]
            forward = tuple(arc) <= tuple(reversed(arc))
            key = tuple(arc if forward else arc[::-1])
            if key not in known:
                known[key] = len(arcs)
                arcs.append(list(key))
            pieces.append((known[key], forward))
        members.append(pieces)
    return arcs, members


def _removal_order(arc: Ring) -> list[float]:
    """For every point the threshold at which it goes; end points and two points of a closed arc never go."""
    size = len(arc)
    gone_at = [math.inf] * size
    before, after = list(range(-1, size - 1)), list(range(1, size + 1))
    scale = math.cos(math.radians(arc[0][1]))

    def area(i: int) -> float:
        (ax, ay), (bx, by), (cx, cy) = arc[before[i]], arc[i], arc[after[i]]
        return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) * scale / 2

    queue = [(area(i), i) for i in range(1, size - 1)]
    current = {i: size_of for size_of, i in queue}
    heapify(queue)
    left, least = size, 4 if arc[0] == arc[-1] else 2
    highest = 0.0
    while queue and left > least:
        value, i = heappop(queue)
        if gone_at[i] != math.inf or current[i] != value:
            continue
        highest = max(highest, value)
        gone_at[i] = highest
        left -= 1
        a, c = before[i], after[i]
        after[a], before[c] = c, a
        for j in (a, c):
            if 0 < j < size - 1:
                current[j] = area(j)
                heappush(queue, (current[j], j))
    return gone_at


def _area(ring: Ring) -> float:
    """Signed area in square degrees at the ring's latitude; positive where the ring runs counter-clockwise."""
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))
    return twice / 2 * math.cos(math.radians(ring[0][1]))


def _write(
    collection: dict[str, Any],
    rings: list[tuple[int, int, int, Ring]],
    arcs: list[Ring],
    order: list[list[float]],
    members: list[list[tuple[int, bool]]],
    threshold: float,
) -> bytes:
    thin = [
        [point for point, gone in zip(arc, when, strict=True) if gone > threshold]
        for arc, when in zip(arcs, order, strict=True)
    ]
    shared: dict[int, int] = defaultdict(int)
    for pieces in members:
        for arc, _ in pieces:
            shared[arc] += 1
    largest: dict[int, float] = defaultdict(float)
    for feature, _, inner, whole in rings:
        if inner == 0:
            largest[feature] = max(largest[feature], abs(_area(whole)))
    polygons: dict[int, dict[int, list[Ring]]] = defaultdict(lambda: defaultdict(list))
    for (feature, part, inner, whole), pieces in zip(rings, members, strict=True):
        touches = any(shared[arc] > 1 for arc, _ in pieces)
        main = inner == 0 and abs(_area(whole)) == largest[feature]
        if not touches and not main and abs(_area(whole)) < 40 * threshold:
            continue
        ring: Ring = []
        for arc, forward in pieces:
            ring.extend((thin[arc] if forward else thin[arc][::-1])[:-1])
        if len(ring) < 3 or (inner and not polygons[feature][part]):
            continue
        if (_area(ring) < 0) == (inner == 0):
            ring = ring[::-1]
        polygons[feature][part].append(ring)
    features = []
    for number, feature in enumerate(collection["features"]):
        parts = [
            [[[x, y] for x, y in ring + ring[:1]] for ring in polygon]
            for polygon in polygons[number].values()
            if polygon
        ]
        features.append(
            {
                "type": "Feature",
                "id": feature["properties"]["municipality_code"],
                "properties": {
                    "area": feature["properties"]["municipality_code"],
                    "name": feature["properties"]["name"],
                    **_official(feature["properties"]),
                },
                "geometry": {"type": "MultiPolygon", "coordinates": parts},
            }
        )
    made = {"type": "FeatureCollection", "attribution": "© Kartverket, CC BY 4.0", "features": features}
    return (json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8")


def _official(properties: dict[str, Any]) -> dict[str, str]:
    """The official form with its Sámi names, where it says more than the Norwegian name."""
    official = properties.get("name_official") or properties["name"]
    return {} if official == properties["name"] else {"name_official": official}
