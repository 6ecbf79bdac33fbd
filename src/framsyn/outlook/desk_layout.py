"""Which assumptions touch which services and ages, whatever their sizes: the same for every move of a lever."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from framsyn.outlook.desk_memory import join_tokens, token_of
from framsyn.stages.cells import shift_ramp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.stages.cells import FactorPlan

__all__ = ["AGES", "BED_DAYS", "COSTED", "Bands", "Block", "Cell", "Layout", "Part", "Row", "runs_of"]

AGES = 106
BED_DAYS = 1
FEW = 3  # services
COSTED = (1, 2, 3)  # measures that need is weighed from: bed days, day treatments, contacts
Cell = tuple[int, int, bool]  # service, measure, and whether its need is meant
Block = tuple[Cell, ...]  # cells of one service that are added up: a measure, or need of all levels


class Row(NamedTuple):
    """How one measure of a service follows from the base year's measures.

    Attributes
    ----------
    sources : tuple of int
        Base-year measures that are read.
    order : array of int, (touching,)
        Assumptions that touch it, the last first.
    touches : array of bool, (touching, age)
    key : bytes
        Equal where rows are equal.
    """

    sources: tuple[int, ...]
    order: np.ndarray
    touches: np.ndarray
    key: bytes


class Part(NamedTuple):
    """Ages of a service that are summed together: those that no shift moves, or those that one moves.

    Attributes
    ----------
    first, stop : int
        Ages.
    segment : array of int, (age,)
        Neighbouring ages that the same assumptions touch share one; −1 outside the part.
    runs : list of (int, int)
        First age and the age behind the last of each run of one segment.
    touches : array of bool, (touching, segment)
    shifts : tuple of int
        Age shifts that move the part, by place in the plan.
    key : bytes
        Equal where parts are equal, whatever the size of the shifts.
    """

    first: int
    stop: int
    segment: np.ndarray
    runs: list[tuple[int, int]]
    touches: np.ndarray
    shifts: tuple[int, ...]
    key: bytes


class Bands(NamedTuple):
    """Ages of a measure, near or apart, that the same assumptions touch: one factor serves each band.

    Attributes
    ----------
    touches : array of bool, (touching, band)
    place : array of int, (segment,)
        Band of each segment of each part, one part after another.
    key : bytes
        Equal where the same segments share a band.
    factor : bytes
        Equal where the same factors multiply the bands.
    """

    touches: np.ndarray
    place: np.ndarray
    key: bytes
    factor: bytes


class Sizes(NamedTuple):
    """Sizes of the assumptions of the scenario that was last filled in; one scenario is filled in at a time.

    Attributes
    ----------
    paths : array [1], (assumption, year, lane)
    conversion : array [1], (assumption, lane)
    length : array [1], (assumption,)
    tokens : list of bytes
        Whose sizes stand there.
    """

    paths: np.ndarray
    conversion: np.ndarray
    length: np.ndarray
    tokens: list[bytes]


class Layout:
    """Rows and parts of a plan of factors, found once.

    Parameters
    ----------
    plan : FactorPlan
        Without variants of places.
    cuts : sequence of array of bool, (age,)
        For each service area, ages that begin a segment whatever the plan.
    area_of : list of int
        Service area of each service.
    """

    def __init__(self, plan: FactorPlan, cuts: Sequence[np.ndarray], area_of: list[int]) -> None:
        self.plan = plan
        self._cuts = cuts
        self._area_of = area_of
        self._rows: dict[tuple[int, int, bool], Row] = {}
        self._parts: dict[tuple[int, int, int, int, bool], list[Part]] = {}
        self._bands: dict[tuple[int, int, int, int, bool], Bands] = {}
        self._segments: dict[tuple[int, int], np.ndarray] = {}
        self._reach: dict[tuple[Cell, ...], tuple[bytes, list[int], list[int]]] = {}
        self._alike: dict[tuple[Cell, ...], list[tuple[Cell, ...]]] = {}
        self._few: dict[tuple[Block, ...], list[tuple[Block, ...]]] = {}
        self._sizes: Sizes | None = None
        self._cell = plan.service_cell.tolist()
        self._group = plan.shift_group.tolist()

    def row(self, cell: Cell) -> Row:
        """Return how a measure of a service follows from the base year's measures."""
        service, measure, need = cell
        place = self._cell[service]
        key = place, measure, need
        if key not in self._rows:
            plan = self.plan
            touching = plan.touches[:, 0, place].any(axis=1) & ((plan.kind == 0) if need else True)
            sources, order = [measure], []
            for a in np.flatnonzero(touching)[::-1]:
                if plan.kind[a] < 2:
                    if plan.rows[a, sources].any():
                        order.append(int(a))
                    continue
                source, target = plan.route[a].tolist()
                if target in sources and source not in sources:
                    sources.append(source)
                if source in sources or (source == 0 and BED_DAYS in sources):
                    order.append(int(a))
            ages = plan.touches[order, 0, place][:, plan.segment]
            found = token_of(measure, need, sources, order, ages.tobytes())
            self._rows[key] = Row(tuple(sources), np.array(order, dtype=np.int64), ages, found)
        return self._rows[key]

    def parts(self, cell: Cell) -> list[Part]:
        """Return the ages of a service that are summed together for a measure."""
        service, measure, need = cell
        group = self._group[service]
        place, area = self._cell[service], self._area_of[service]
        key = place, area, group, measure, need
        if key not in self._parts:
            touches = self.row(cell).touches
            segment = self._segment(place, area)
            members = tuple(self.plan.shift_members[group])
            ramps = np.array([shift_ramp(self.plan.shifts[i]) for i in members]).reshape(-1, AGES)
            start = int(ramps.any(axis=0).argmax()) if ramps.any() else AGES
            still = [part_of(touches, segment, 0, start, ())] if start else []
            moved = [part_of(touches, segment, start, AGES, members)] if start < AGES else []
            self._parts[key] = still + moved
        return self._parts[key]

    def bands(self, cell: Cell) -> Bands:
        """Return the ages of a measure in bands; those of its need are made of the bands of its activity."""
        service, measure, need = cell
        key = self._cell[service], self._area_of[service], self._group[service], measure, need
        if key not in self._bands:
            row = self.row(cell)
            if need:
                activity = service, measure, False
                among = self.row(activity).order.tolist()
                columns = self.bands(activity).touches[[among.index(a) for a in row.order.tolist()]]
            else:
                columns = np.concatenate([part.touches for part in self.parts(cell)], axis=1)
            touches, place = np.unique(columns, axis=1, return_inverse=True)
            if need:
                place = place[self.bands(activity).place]
            shared = token_of(place.tolist(), [part.key for part in self.parts(cell)])
            factor = token_of(row.sources, row.order.tolist(), touches.tolist())
            self._bands[key] = Bands(np.ascontiguousarray(touches), place, shared, factor)
        return self._bands[key]

    def alike(self, cells: tuple[Cell, ...]) -> list[tuple[Cell, ...]]:
        """Return cells of need in groups: within each, the same factors multiply the bands."""
        if cells not in self._alike:
            groups: dict[bytes, list[Cell]] = {}
            for cell in cells:
                bands = self.bands(cell)
                key = token_of(self.row(cell).order.tolist(), bands.touches.tolist())
                groups.setdefault(key, []).append(cell)
            self._alike[cells] = [tuple(group) for group in groups.values()]
        return self._alike[cells]

    def in_few(self, blocks: tuple[Block, ...]) -> list[tuple[Block, ...]]:
        """Cut a list of blocks in groups of a few: those that the same levers move stand together."""
        if blocks not in self._few:
            touching = [{a for cell in block for a in self.row(cell).order.tolist()} for block in blocks]
            how_many = Counter(a for own in touching for a in own)
            shared = {a for a, count in how_many.items() if 1 < count < len(blocks)}
            together: dict[tuple[int, ...], list[Block]] = {}
            for block, own in zip(blocks, touching, strict=True):
                together.setdefault(tuple(sorted(own & shared)), []).append(block)
            self._few[blocks] = [few for own in together.values() for few in cut_evenly(own, FEW)]
        return self._few[blocks]

    def _segment(self, place: int, area: int) -> np.ndarray:
        """Segment of each age: one for all measures of a service, so that they share what is summed."""
        if (place, area) not in self._segments:
            ages = self.plan.touches[:, 0, place][:, self.plan.segment]
            begins = self._cuts[area].copy()
            begins[1:] |= (ages[:, 1:] != ages[:, :-1]).any(axis=0)
            self._segments[place, area] = np.cumsum(begins)
        return self._segments[place, area]

    def sizes_for(self, years: int, lanes: int) -> Sizes:
        """Return room for the sizes of all assumptions, filled in by the scenario before."""
        if self._sizes is None:
            count = len(self.plan.assumptions)
            room = np.empty((count, years, lanes)), np.ones((count, lanes)), np.ones(count)
            self._sizes = Sizes(*room, [b""] * count)
        return self._sizes

    def reach(self, cells: tuple[Cell, ...]) -> tuple[bytes, list[int], list[int]]:
        """Return a key of what some services are made of, and the assumptions and shifts that move any of them."""
        if cells not in self._reach:
            rows = [self.row(cell) for cell in cells]
            # The length of stay, and so the chance of bed days, follows from stays too.
            rows += [
                self.row((s, 0, False)) for s, measure, need in cells if measure == BED_DAYS and not need
            ]
            keys = [row.key for row in rows] + [part.key for cell in cells for part in self.parts(cell)]
            orders = sorted({a for row in rows for a in row.order.tolist()})
            shifts = sorted({i for service, _, _ in cells for i in self.shifts_of(service)})
            self._reach[cells] = join_tokens([token_of(cells), *keys]), orders, shifts
        return self._reach[cells]

    def shifts_of(self, service: int) -> list[int]:
        """Age shifts that move a service, by place in the plan."""
        return self.plan.shift_members[self._group[service]]


def part_of(touches: np.ndarray, whole: np.ndarray, first: int, stop: int, shifts: tuple[int, ...]) -> Part:
    """Number the segments of the ages from ``first`` to ``stop``."""
    segment = np.full(AGES, -1)
    segment[first:stop] = whole[first:stop] - whole[first]
    ages = [int(np.flatnonzero(segment == g)[0]) for g in range(int(segment.max()) + 1)]
    own = np.ascontiguousarray(touches[:, ages])
    key = token_of(segment.tobytes(), shifts)
    return Part(first, stop, segment, runs_of(segment, first, stop), own, shifts, key)


def runs_of(segment: np.ndarray, first: int, stop: int) -> list[tuple[int, int]]:
    """First age and the age behind the last of each run of one segment.

    >>> runs_of(np.array([0, 0, 1, 0]), 0, 4)
    [(0, 2), (2, 3), (3, 4)]
    """
    cuts = first + 1 + np.flatnonzero(np.diff(segment[first:stop]))
    edges = [first, *cuts.tolist(), stop]
    return list(pairwise(edges))


def cut_evenly(blocks: Sequence[Block], most: int) -> list[tuple[Block, ...]]:
    """Cut a list in as few pieces as hold no more than ``most`` each.

    >>> [len(piece) for piece in cut_evenly([()] * 9, 5)]
    [4, 5]
    """
    pieces = -(-len(blocks) // most)
    edges = np.linspace(len(blocks), 0, pieces + 1).astype(int).tolist()[::-1]
    return [tuple(blocks[first:stop]) for first, stop in pairwise(edges)]
