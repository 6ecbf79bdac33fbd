"""Use by age times people on a desk, summed over the ages that share a factor, and kept.

Ages that no shift moves are summed once; those that one moves, again when it moves. Both are then added up in bands: a
lever that multiplies reads one number per band instead of one per age.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from framsyn.methods.factors import set_back
from framsyn.outlook.desk_layout import AGES, Cell, Layout, Part
from framsyn.outlook.desk_memory import join_tokens
from framsyn.outlook.executors import single_threaded_blas
from framsyn.stages.cells import MEASURES, shift_ramp

if TYPE_CHECKING:
    from framsyn.outlook.desk_shared import DeskUse

__all__ = ["Sums", "added"]

Source = tuple[Cell, int]  # a measure, and a base-year measure that it reads


class Sums:
    """Sums over age under one scenario.

    Parameters
    ----------
    desk : DeskUse
    layout : Layout
    shifted : sequence of array, (lane, year)
        Sizes of the age shifts.
    tokens : sequence of bytes
        Of the age shifts.
    """

    def __init__(
        self, desk: DeskUse, layout: Layout, shifted: Sequence[np.ndarray], tokens: Sequence[bytes]
    ) -> None:
        self.desk = desk
        self.layout = layout
        self._shifted = shifted
        self._tokens = tokens
        self._groups: dict[tuple[int, ...], bytes] = {}
        self._known: dict[Source, bytes] = {}

    def group_token(self, shifts: tuple[int, ...]) -> bytes:
        """Return a token of the sizes of some age shifts."""
        if shifts not in self._groups:
            self._groups[shifts] = join_tokens(self._tokens[i] for i in shifts)
        return self._groups[shifts]

    def token(self, cell: Cell, source: int) -> bytes:
        """Return the token of a base-year measure summed in the bands of a measure that reads it."""
        key = cell, source
        if key not in self._known:
            parts = [part.key + self.group_token(part.shifts) for part in self.layout.parts(cell)]
            bands = self.layout.bands(cell)
            self._known[key] = b"bands %d %d " % (cell[0], source) + bands.key + b"".join(parts)
        return self._known[key]

    def of(self, cells: Iterable[Cell]) -> dict[bytes, np.ndarray]:
        """Return the sums that some measures read, (band, trust, year, lane) each, by token; what is missing is made."""
        wanted = {
            self.token(cell, source): (cell, source)
            for cell in cells
            for source in self.layout.row(cell).sources
        }
        found = {token: self.desk.sums.get(token) for token in wanted}
        missing = {token: wanted[token] for token, values in found.items() if values is None}
        if missing:
            summed = self._parts(missing.values())
            people = self.desk.people.people
            one = len(self.desk.region.trusts) * people.shape[0] * people.shape[4] * 8.0
            bands = [self.layout.bands(cell).touches.shape[1] for cell, _ in missing.values()]
            self.desk.sums.make_room(one * sum(bands))

            def add(token: bytes) -> None:
                cell, source = missing[token]
                keys = [self._part_token(cell[0], source, part) for part in self.layout.parts(cell)]
                found[token] = in_bands([summed[key] for key in keys], self.layout.bands(cell).place)
                self.desk.sums.put(token, found[token])

            self.desk.each(add, missing)
        return found

    def _part_token(self, service: int, source: int, part: Part) -> bytes:
        """Token of a base-year measure of a service summed over a part of the ages."""
        return b"part %d %d " % (service, source) + part.key + self.group_token(part.shifts)

    def _parts(self, wanted: Iterable[Source]) -> dict[bytes, np.ndarray]:
        """Return sums by part of the ages; those that share ages and shifts are made at once."""
        found: dict[bytes, np.ndarray] = {}
        batches: dict[tuple[int, bytes], tuple[Part, dict[tuple[int, int], bytes]]] = {}
        for cell, source in wanted:
            for part in self.layout.parts(cell):
                token = self._part_token(cell[0], source, part)
                held = found.get(token)
                if held is None:
                    held = self.desk.sums.get(token)
                if held is not None:
                    found[token] = held
                    continue
                area = self.desk.service_area[cell[0]]
                key = area, part.key + self.group_token(part.shifts)
                batches.setdefault(key, (part, {}))[1][cell[0], source] = token
        for (area, _), (part, columns) in batches.items():
            if part.shifts:
                self._widen(area, part, columns)
            found |= self._sum(area, part, columns)
        return found

    def _widen(self, area: int, part: Part, columns: dict[tuple[int, int], bytes]) -> None:
        """Add all measures of the services that share a part: setting people back takes longest, and serves them all."""
        for service in [i for i, own in enumerate(self.desk.service_area[: self.desk.real]) if own == area]:
            if any(own.key == part.key for own in self.layout.parts((service, 0, False))):
                for measure in range(len(MEASURES)):
                    token = self._part_token(service, measure, part)
                    if (service, measure) not in columns and self.desk.sums.get(token) is None:
                        columns[service, measure] = token

    def _sum(
        self, area: int, part: Part, columns: Mapping[tuple[int, int], bytes]
    ) -> dict[bytes, np.ndarray]:
        """Sum some measures of a service area's services over a part of the ages, (segment, trust, year, lane) each."""
        desk = self.desk
        people = desk.people.people
        years, lanes = people.shape[0], people.shape[4]
        trusts = len(desk.region.trusts)
        rates = np.stack([desk.inputs.use[service, source].reshape(2, AGES).T for service, source in columns])
        segments = int(part.segment.max()) + 1
        desk.sums.make_room(8.0 * len(columns) * segments * trusts * years * lanes)
        out = [np.empty((segments, trusts, years, lanes)) for _ in columns]
        members = [np.flatnonzero(desk.inputs.class_trust[area] == h) for h in range(trusts)]
        effects = [self._shifted[i] for i in part.shifts]
        ramps = np.array([shift_ramp(self.layout.plan.shifts[i]) for i in part.shifts]).reshape(-1, AGES)

        def fill(t: int) -> None:
            total = np.empty((segments, len(columns), lanes))
            moved = np.zeros((segments, AGES, 2, lanes) if part.shifts else 0)
            used = np.empty((segments, 2), dtype=np.int64)
            for h, classes in enumerate(members):
                total[:] = 0.0
                if len(classes):
                    there = people[t, classes[0]] if len(classes) == 1 else people[t, classes].sum(axis=0)
                    if part.shifts:
                        younger = np.stack([effect[:, t] for effect in effects])
                        set_back(there, younger, ramps, part.segment, part.first, moved, used)
                        for g, (low, high) in enumerate(used.tolist()):
                            add_sum(rates, moved[g], slice(low, high), total[g])
                            moved[g, low:high] = 0.0
                    else:
                        for low, high in part.runs:
                            add_sum(rates, there, slice(low, high), total[part.segment[low]])
                for column, values in enumerate(out):
                    values[:, h, t] = total[:, column]

        with single_threaded_blas():
            desk.each(fill, range(years))
        found = dict(zip(columns.values(), out, strict=True))
        for token, values in found.items():
            # Once in bands, only ages that stay where they are, below those that a shift moves, are read again.
            desk.sums.put(token, values, briefly=part.stop == AGES)
        return found


def in_bands(parts: Sequence[np.ndarray], place: np.ndarray) -> np.ndarray:
    """Add up the segments of parts, (segment, ...) each, that share a band: (band, ...).

    >>> in_bands([np.array([[1.0], [2.0]]), np.array([[4.0]])], np.array([0, 1, 0]))
    array([[5.],
           [2.]])
    """
    out = np.empty((int(place.max()) + 1, *parts[0].shape[1:]))
    begun = set()
    segments = (values for part in parts for values in part)
    for band, values in zip(place.tolist(), segments, strict=True):
        if band in begun:
            out[band] += values
        else:
            out[band] = values
            begun.add(band)
    return out


def add_sum(rates: np.ndarray, people: np.ndarray, ages: slice, out: np.ndarray) -> None:
    """Add rates (column, age, sex) times people (age, sex, lane) of some ages to sums (column, lane)."""
    columns, lanes = out.shape
    out += rates[:, ages].reshape(columns, -1) @ people[ages].reshape(-1, lanes)


def added(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Add arrays up.

    >>> added([np.ones(2), np.ones(2)])
    array([2., 2.])
    """
    total = parts[0].copy(order="K")
    for part in parts[1:]:
        total += part
    return total
