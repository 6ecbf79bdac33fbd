"""Use on a desk: sums over age that a moved lever multiplies.

A lever that multiplies or shifts between levels only multiplies and adds the sums of ``desk_sums``, and only in the services
that it touches. Chance is the run's own normal number on the new mean, so a moved lever shows its own effect and not new
luck.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from framsyn.methods.factors import add_chance, add_products, factor_rows
from framsyn.outlook.desk_layout import BED_DAYS, Block, Cell
from framsyn.outlook.desk_memory import join_tokens, token_of
from framsyn.outlook.desk_sums import Sums, added
from framsyn.stages.activity import LEVEL_OF_MEASURE, PATIENTS_LEVEL
from framsyn.stages.cells import MEASURES, SERVICE_AREAS, check_path

if TYPE_CHECKING:
    from framsyn.outlook.desk_shared import DeskUse
    from framsyn.scenario import Assumption, Scenario
    from framsyn.stages.cells import FactorPlan

__all__ = ["Use"]


class Use:
    """Use under one scenario, by residence.

    Parameters
    ----------
    desk : DeskUse
    scenario : Scenario
        Without assumptions limited to some places.
    tokens : mapping of str to bytes
        Token of each assumption by name.
    """

    def __init__(self, desk: DeskUse, scenario: Scenario, tokens: Mapping[str, bytes]) -> None:
        self.desk = desk
        self.inputs = desk.inputs
        self.layout = desk.layout(scenario, tokens)
        known = self.layout.plan
        own = {
            kind: [a for a in scenario.assumptions if a.kind in kind]
            for kind in (("factor", "shift"), ("age_shift",), ("levelling",))
        }
        factors, shifts, levellings = own.values()
        areas = [areas for _, areas in known.levellings]
        self.plan: FactorPlan = replace(
            known, assumptions=factors, shifts=shifts, levellings=list(zip(levellings, areas, strict=True))
        )
        self._tokens = [tokens[a.name] for a in factors]
        self._shift_tokens = [tokens[a.name] for a in shifts]
        self.even = bool((self.inputs.ratio == 1).all())
        self._levelling = [
            join_tokens(tokens[a.name] for a, hit in self.plan.levellings if hit[i] and not self.even)
            for i in range(len(SERVICE_AREAS))
        ]
        self.token = token_of(self._tokens, self._shift_tokens, self._levelling)
        self._effects = [self._effect(a, tokens) for a in factors]
        for a, path in zip(factors, self._effects, strict=True):
            if tokens[a.name] not in desk.checked:
                check_path(a, path)
                desk.checked.add(tokens[a.name])
        self._shifted = [self._effect(a, tokens) for a in shifts]
        self.sums = Sums(desk, self.layout, self._shifted, self._shift_tokens)
        self._levels = [self._effect(a, tokens) for a in levellings]
        self._row_tokens: dict[bytes, bytes] = {}
        self._lengths: dict[int, bytes] = {}
        # Within one call of fill only: what its threads read.
        self._held: dict[bytes, np.ndarray] = {}
        self._factors: dict[bytes, np.ndarray] = {}
        self._sizes: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None

    def _effect(self, assumption: Assumption, tokens: Mapping[str, bytes]) -> np.ndarray:
        return self.desk.draws.effect_of(assumption, self.desk.people.years, tokens[assumption.name])

    # ------------------------------------------------------------------ services

    def token_of_block(self, block: Block) -> bytes:
        """Return the token of a measure of a service, or of its need: what touches it, and the sums that it is made of."""
        service, measure, need = block[0]
        token = b"block %d " % service + self._levelling[self.desk.service_area[service]]
        for cell in block:
            row = self.layout.row(cell)
            if row.key not in self._row_tokens:
                self._row_tokens[row.key] = row.key + join_tokens(self._tokens[a] for a in row.order)
            token += self._row_tokens[row.key]
            for part in self.layout.parts(cell):
                token += part.key + self.sums.group_token(part.shifts)
        return token + self._length_token(service) if measure == BED_DAYS and not need else token

    def token_of_cells(self, cells: tuple[Cell, ...]) -> bytes:
        """Return one token for some services and measures of one service area: of all that may move any of them."""
        key, orders, shifts = self.layout.reach(cells)
        moved = [self._tokens[a] for a in orders] + [self._shift_tokens[i] for i in shifts]
        return key + join_tokens([*moved, self._levelling[self.desk.service_area[cells[0][0]]]])

    def fill(self, wanted: Sequence[Block]) -> list[np.ndarray]:
        """Return some services' measures or need, (trust, year, lane) each, and make what is missing on all processors."""
        tokens = [self.token_of_block(block) for block in wanted]
        found = {token: self.desk.memory.get(token) for token in tokens}
        missing = [
            (block, token) for block, token in zip(wanted, tokens, strict=True) if found[token] is None
        ]
        if missing:
            self._ready([block for block, _ in missing])

            def make(item: tuple[Block, bytes]) -> None:
                block, token = item
                found[token] = self._block(block, self.room())
                self.desk.memory.put(token, found[token])

            self.desk.each(make, missing)
            self.done()
        return [np.asarray(found[token]) for token in tokens]

    def total(self, blocks: Sequence[Block]) -> np.ndarray:
        """Return the sum of a service area's blocks, (trust, year, lane).

        A few at a time are added up and kept, so that one that moves leaves most sums as they are.
        """
        return added(self._few(self.layout.in_few(tuple(blocks))))

    def make(self, lists: Sequence[Sequence[Block]]) -> None:
        """Make what is missing of the sums of several lists of blocks, on all processors."""
        self._few([few for blocks in lists for few in self.layout.in_few(tuple(blocks))])

    def _few(self, groups: list[tuple[Block, ...]]) -> list[np.ndarray]:
        """Return the sums of some blocks each, and make those that are missing on all processors."""
        memory = self.desk.memory
        tokens = [b"few " + self.token_of_cells(sum(group, ())) for group in groups]
        kept = [memory.get(token) for token in tokens]
        missing = [place for place, own in enumerate(kept) if own is None]
        for place, own in zip(missing, self._added([groups[place] for place in missing]), strict=True):
            kept[place] = own
            memory.put(tokens[place], own)
        return kept

    def _added(self, groups: Sequence[Sequence[Block]]) -> list[np.ndarray]:
        """Return the sum of each group of blocks, (trust, year, lane); the blocks themselves are not kept.

        One room serves all blocks of a group in turn: fresh memory costs more than what is written to it.
        """
        self._ready([block for group in groups for block in group])
        found: list[np.ndarray] = [np.empty(0)] * len(groups)

        def make(place: int) -> None:
            first, *others = groups[place]
            total = self._block(first, self.room())
            room = self.room() if others else total
            for block in others:
                total += self._block(block, room)
            found[place] = total

        self.desk.each(make, range(len(groups)))
        self.done()
        return found

    def room(self) -> np.ndarray:
        """Return room for a block, (trust, year, lane)."""
        return np.empty((len(self.desk.region.trusts), len(self.desk.people.years), len(self.desk.draws)))

    def _ready(self, blocks: Sequence[Block]) -> None:
        """Make what several blocks need before the threads begin, so that no two of them make the same."""
        cells = [cell for block in blocks for cell in block]
        new = [s for s in days_of(cells) if self.desk.memory.get(self._length_token(s)) is None]
        starts = [(service, m, False) for service in new for m in (0, BED_DAYS)]
        self._held = self.sums.of([*cells, *starts])
        self.make_factors(cells + starts)
        for service in new:
            self.length(service)

    def make_factors(self, cells: Iterable[Cell]) -> None:
        """Make the rows of factors of some cells, on all processors."""
        wanted = {self.layout.bands(cell).factor: cell for cell in cells}
        self._all_sizes()
        self.desk.each(self.factor, wanted.values())

    def done(self) -> None:
        """Let go of what the threads read."""
        self._held, self._sizes = {}, None
        self._factors.clear()

    def _block(self, block: Block, out: np.ndarray) -> np.ndarray:
        """Fill a room with a block."""
        return self._need(block, out) if block[0][2] else self._activity(block[0], out)

    def _need(self, block: Block, out: np.ndarray) -> np.ndarray:
        """Need of a service [MNOK (2025) per year], (trust, year, lane)."""
        for place, cell in enumerate(block):
            part = self._mean(cell, out=out if place == 0 else None)
            part *= self.inputs.cost[cell[:2]]
            if place:
                out += part
        return out

    def _activity(self, cell: Cell, out: np.ndarray) -> np.ndarray:
        """A measure of a service by residence with its chance, or the patients of a service area, (trust, year, lane)."""
        service, measure, _ = cell
        mean = self._mean(cell, out=out)
        spread = np.ones((mean.shape[0], mean.shape[2]))
        if service < self.desk.real:
            level = LEVEL_OF_MEASURE[measure]
            spread *= self.inputs.overdispersion[level]
            if measure == BED_DAYS:  # days come in stays
                spread = spread * 2 * self.length(service)
            normals = self.desk.normals[service, level]
        else:
            first = self.desk.service_area.index(service - self.desk.real)
            normals = self.desk.normals[first, PATIENTS_LEVEL]
        add_chance(spread, normals, mean)
        return mean

    def _mean(self, cell: Cell, years: slice = slice(None), out: np.ndarray | None = None) -> np.ndarray:
        """Return what is expected before chance and cost, (trust, year, lane)."""
        people = self.desk.people.people
        span = len(range(*years.indices(people.shape[0])))
        mean = np.empty((len(self.desk.region.trusts), span, people.shape[4])) if out is None else out
        factor = self.factor(cell)
        for place, source in enumerate(self.layout.row(cell).sources):
            sums = self._held[self.sums.token(cell, source)]
            add_products(np.ascontiguousarray(sums[:, :, years]), factor, source, place == 0, mean)
        if not self.even:
            mean *= self.scale(self.desk.service_area[cell[0]])[:, years]
        return mean

    def factor(self, cell: Cell) -> np.ndarray:
        """Return a row of factors for the bands of a measure, (band, measure, year, lane)."""
        row, bands = self.layout.row(cell), self.layout.bands(cell)
        if bands.factor not in self._factors:
            paths, conversion, length = self._all_sizes()
            out = np.empty((bands.touches.shape[1], len(MEASURES), *paths.shape[1:]))
            plan = self.plan
            factor_rows(
                paths,
                conversion,
                length,
                plan.kind,
                plan.rows,
                plan.route,
                row.order,
                bands.touches,
                row.sources,
                out,
            )
            self._factors[bands.factor] = out
        return self._factors[bands.factor]

    def _all_sizes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Effects (assumption, year, lane), conversions (assumption, lane) and ratios of length (assumption,)."""
        if self._sizes is None:
            years, lanes = len(self.desk.people.years), len(self.desk.draws)
            sizes = self.layout.sizes_for(years, lanes)
            for i, (a, effect) in enumerate(zip(self.plan.assumptions, self._effects, strict=True)):
                if sizes.tokens[i] == self._tokens[i]:
                    continue  # as the scenario before had it
                sizes.paths[i] = effect.T
                if a.kind == "shift" and a.conversion is not None:
                    stream = f"assumption/{a.name}/conversion"
                    sizes.conversion[i] = self.desk.draws.quantile(a.conversion, stream)
                    sizes.length[i] = a.length_ratio or 1.0
                sizes.tokens[i] = self._tokens[i]
            self._sizes = sizes.paths, sizes.conversion, sizes.length
        return self._sizes

    def _length_token(self, service: int) -> bytes:
        """Token of the base year's mean length of stay, which a lever that starts later leaves alone."""
        if service not in self._lengths:
            orders = [self.layout.row((service, measure, False)).order for measure in (0, BED_DAYS)]
            starting = [
                [self._tokens[a] for a in order.tolist() if self._effects[a][:, 0].any()] for order in orders
            ]
            shifts = self.layout.shifts_of(service)
            moved = [self._shift_tokens[i] for i in shifts if self._shifted[i][:, 0].any()]
            self._lengths[service] = token_of("length", service, starting, moved)
        return self._lengths[service]

    def length(self, service: int) -> np.ndarray:
        """Mean length of stay in the base year, [day] (trust, lane)."""
        token = self._length_token(service)
        found = self.desk.memory.get(token)
        if found is None:
            stays, days = (
                self._mean((service, measure, False), slice(0, 1))[:, 0] for measure in (0, BED_DAYS)
            )
            found = np.divide(days, stays, out=np.ones_like(days), where=stays > 0)
            self.desk.memory.put(token, found)
        return np.asarray(found)

    def scale(self, area: int) -> np.ndarray:
        """What the trusts use against the region after part of the distance is closed, (trust, year, lane)."""
        closing = np.zeros((len(self.desk.people.years), len(self.desk.draws)))
        for (_, areas), level in zip(self.plan.levellings, self._levels, strict=True):
            if areas[area]:
                closing = 1 - (1 - closing) * (1 - level.T)
        return (1 - closing) * self.inputs.ratio[:, area, None, None] + closing


def days_of(cells: Iterable[Cell]) -> list[int]:
    """Services whose bed days are among some cells: their chance needs the length of stay."""
    return [service for service, measure, need in cells if measure == BED_DAYS and not need]
