"""The stages after use, on a desk: each quantity is made when it is asked for, and again only if what it is made of moved.

The equations are the stages' own functions. What a quantity is made of is known by its inputs' tokens and by the parameters
that its function was seen to read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from framsyn.outlook.desk_draws import LaneParameters
from framsyn.outlook.desk_layout import COSTED, Block
from framsyn.outlook.desk_memory import Ref, join_tokens, token_of
from framsyn.outlook.desk_need import need_of
from framsyn.outlook.desk_shared import DeskUse
from framsyn.outlook.desk_use import Use
from framsyn.quantities import quantity
from framsyn.region import arrays
from framsyn.stages import capacity, climate, economy, workforce
from framsyn.stages.cells import MEASURES, SERVICE_AREAS
from framsyn.stages.flows import grow_at_trusts, place_activity

if TYPE_CHECKING:
    from framsyn.scenario import Scenario

__all__ = ["DeskStages", "Stages"]

FEW = 5  # services
OLD = {"population": 0, "population_65_plus": 65, "population_80_plus": 80}


# What a quantity of one service area follows from in that area alone, beside parameters.
OWN_MEASURE = {
    "beds": "bed_days",
    "bed_gap": "bed_days",
    "beds_service_level": "bed_days",
    "day_places": "day_treatments",
    "outpatient_rooms": "outpatient_contacts",
    **{f"treated_{measure}": measure for measure in MEASURES},
}


class DeskStages:
    """What the scenarios of a desk share beyond use: who reads which parameter.

    Parameters
    ----------
    use : DeskUse
    """

    def __init__(self, use: DeskUse) -> None:
        self.use = use
        self.reads: dict[str, tuple[str, ...]] = {}


class Stages:
    """Every quantity of one scenario, (lane, year, ...), the last lane the central run.

    Parameters
    ----------
    desk : DeskStages
    scenario : Scenario
        Without assumptions limited to some places.
    tokens : mapping of str to bytes
        Token of each assumption by name.
    """

    def __init__(self, desk: DeskStages, scenario: Scenario, tokens: Mapping[str, bytes]) -> None:
        self.desk = desk
        self.region = desk.use.region
        self.memory = desk.use.memory
        self.years = desk.use.people.years
        self.use = Use(desk.use, scenario, tokens)
        self.p = LaneParameters(self.region, scenario, desk.use.draws, self.years, tokens)
        self._refs: dict[str, Ref] = {}

    # ------------------------------------------------------------------ the graph

    def ref(self, name: str) -> Ref:
        """Return a quantity, or what some quantities are made of, to be made when it is asked for."""
        if name not in self._refs:
            make, inputs = self._recipe(name)
            self._refs[name] = self._node(name, make, inputs)
        return self._refs[name]

    def array(self, name: str) -> np.ndarray:
        """Return a quantity with its lanes, (lane, year, ...)."""
        return np.asarray(self.ref(name).value())

    def token_in(self, name: str, area: str) -> bytes:
        """Return a token of a quantity in one service area alone, whatever the others do."""
        measure = OWN_MEASURE.get(name)
        whole = self.ref(name).token
        if measure is None:
            return whole
        if name == "beds_service_level":
            return self.ref(f"level:{area}").token
        read = self.p.signature((*self.desk.reads[name], *self.desk.reads["beds"]))
        return token_of(name, area, self.ref(f"treated:{area},{measure}").token, read)

    def _node(self, name: str, make: Callable[..., Any], inputs: list[Ref]) -> Ref:
        """Return a node; the parameters that its function reads are learned when it is made for the first time."""
        made: list[Any] = []
        if name not in self.desk.reads:
            made.append(self._make(name, make, inputs))
        tokens = [ref.token for ref in inputs]
        token = token_of(name, tokens, self.p.signature(self.desk.reads[name]))
        if made:
            self.memory.put(token, made[0])

        def value() -> Any:
            found = self.memory.get(token)
            if found is None:
                found = self._make(name, make, inputs)
                self.memory.put(token, found)
            return found

        return Ref(token, value)

    def _make(self, name: str, make: Callable[..., Any], inputs: list[Ref]) -> Any:
        """Make a value and learn which parameters are read for it."""
        values = [ref.value() for ref in inputs]
        with self.p.reading() as names:
            found = make(*values)
        known = self.desk.reads.get(name, ())
        self.desk.reads[name] = (*known, *sorted(names - set(known)))
        return in_lanes(found)

    def _recipe(self, name: str) -> tuple[Callable[..., Any], list[Ref]]:
        """Return how a node is made, and of what."""
        if ":" in name:
            kind, _, key = name.partition(":")
            return getattr(self, f"_{kind}")(*key.split(","))
        if name.startswith("treated_"):
            parts = [self.ref(f"treated:{area},{name.removeprefix('treated_')}") for area in SERVICE_AREAS]
            return lambda *found: beside_trusts(found), parts
        if name in OLD:
            return lambda: self._people_from(OLD[name]), []
        if name in self.desk.use.people.flows:
            return lambda: self.desk.use.people.flows[name].T, []
        if name == "patients":
            return self._patients()
        stage = quantity(name).stage
        if stage == "stages.economy":
            return lambda found: found[name], [self.ref("economy:all")]
        recipe: tuple[Callable[..., Any], list[Ref]] = getattr(self, f"_make_{name}")()
        return recipe

    def _refs_of(self, *names: str) -> list[Ref]:
        return [self.ref(name) for name in names]

    # ------------------------------------------------------------------ people and use

    def _people_from(self, age: int) -> np.ndarray:
        """People of some age and over by trust, (lane, year, trust)."""
        people = self.desk.use.people.people[:, :, age:].sum(axis=(2, 3))
        somatic = self.desk.use.inputs.class_trust[0]
        out = np.zeros((len(self.region.trusts), len(self.years), people.shape[-1]))
        for place, trust in enumerate(somatic):
            out[trust] += people[:, place]
        return out.T

    def services_of(self, area: str) -> list[int]:
        """Places of a service area's services."""
        place = SERVICE_AREAS.index(area)
        return [i for i, own in enumerate(self.desk.use.service_area[: self.desk.use.real]) if own == place]

    def _residence(self, area: str, measure: str) -> tuple[Callable[..., Any], list[Ref]]:
        """Use by residents, services added up, (lane, year, trust)."""
        return self._added([((i, MEASURES.index(measure), False),) for i in self.services_of(area)])

    def _need(self, area: str) -> tuple[Callable[..., Any], list[Ref]]:
        """Need of residents, services and levels added up, (lane, year, trust)."""
        services = self.services_of(area)
        token = self.use.token_of_cells(tuple((i, m, True) for i in services for m in COSTED))
        return lambda _: need_of(self.use, services).T, [Ref(token, lambda: None)]

    def _added(self, blocks: list[Block]) -> tuple[Callable[..., Any], list[Ref]]:
        """Services of a service area added up, a few at a time, so that one that moves leaves most sums as they are."""
        token = self.use.token_of_cells(tuple(cell for block in blocks for cell in block))
        return lambda _: added(self._sums_of(in_few(blocks))).T, [Ref(token, lambda: None)]

    def _sums_of(self, groups: list[tuple[Block, ...]]) -> list[np.ndarray]:
        """Return the sums of some blocks each, and make those that are missing on all processors."""
        tokens = [b"few " + self.use.token_of_cells(sum(group, ())) for group in groups]
        kept = [self.memory.get(token) for token in tokens]
        missing = [place for place, own in enumerate(kept) if own is None]
        for place, own in zip(missing, self.use.added([groups[place] for place in missing]), strict=True):
            kept[place] = own
            self.memory.put(tokens[place], own)
        return kept

    def make_use(self) -> None:
        """Make all use that is not there at once, so that all processors are busy: for who asks for most of it."""
        for area in SERVICE_AREAS:
            names = [f"residence:{area},{measure}" for measure in MEASURES]
            if any(
                name in self.desk.reads and self.memory.get(self.ref(name).token) is None for name in names
            ):
                services = self.services_of(area)
                blocks: list[list[Block]] = [
                    [((i, m, False),) for i in services] for m in range(len(MEASURES))
                ]
                self._sums_of([group for own in blocks for group in in_few(own)])

    def _patients(self) -> tuple[Callable[..., Any], list[Ref]]:
        cells: list[Block] = [((self.desk.use.real + i, 0, False),) for i in range(len(SERVICE_AREAS))]
        token = join_tokens(map(self.use.token_of_block, cells))

        def make(_: None) -> np.ndarray:
            return beside_trusts([block.T for block in self.use.fill(cells)])

        return make, [Ref(token, lambda: None)]

    def _treated(self, area: str, measure: str) -> tuple[Callable[..., Any], list[Ref]]:
        """Activity at the trusts in one service area, (lane, year, trust)."""
        inputs, i, m = self.desk.use.inputs, SERVICE_AREAS.index(area), MEASURES.index(measure)

        def make(by_residence: np.ndarray) -> np.ndarray:
            # Years first, so that each product is of one matrix whose columns are the draws of a trust.
            placed = place_activity(by_residence.swapaxes(0, 1), inputs.flows[i]).swapaxes(0, 1)
            at_trusts = np.asfortranarray(placed[..., : by_residence.shape[-1]])
            return grow_at_trusts(at_trusts, inputs.trust_count[i, m], inputs.guests[i])

        return make, self._refs_of(f"residence:{area},{measure}")

    # ------------------------------------------------------------------ capacity

    def _make_beds(self) -> tuple[Callable[..., Any], list[Ref]]:
        def make(days: np.ndarray) -> np.ndarray:
            return capacity.occupied_beds(days, self.p.by_service_area("occupancy")[..., None])

        return make, self._refs_of("treated_bed_days")

    def _make_beds_service_level(self) -> tuple[Callable[..., Any], list[Ref]]:
        return lambda *found: beside_trusts(found), [self.ref(f"level:{area}") for area in SERVICE_AREAS]

    def _level(self, area: str) -> tuple[Callable[..., Any], list[Ref]]:
        """Beds by service level in one service area, (lane, year, trust)."""
        return lambda days: capacity.service_level_of(days, area, self.p), self._refs_of(
            f"treated:{area},bed_days"
        )

    def _make_bed_gap(self) -> tuple[Callable[..., Any], list[Ref]]:
        today = np.asfortranarray(arrays.beds_available(self.region).values)
        return lambda beds: beds - today, self._refs_of("beds")

    def _make_day_places(self) -> tuple[Callable[..., Any], list[Ref]]:
        return lambda day: capacity.day_places(day, self.p), self._refs_of("treated_day_treatments")

    def _make_outpatient_rooms(self) -> tuple[Callable[..., Any], list[Ref]]:
        return lambda contacts: capacity.consultation_rooms(contacts, self.p), self._refs_of(
            "treated_outpatient_contacts"
        )

    def _surgery(self, _: str) -> tuple[Callable[..., Any], list[Ref]]:
        """Theatres and imaging rooms."""
        return lambda stays, day, contacts: capacity.theatres_and_imaging(
            stays, day, contacts, self.p
        ), self._refs_of("treated_stays", "treated_day_treatments", "treated_outpatient_contacts")

    def _make_theatres(self) -> tuple[Callable[..., Any], list[Ref]]:
        return lambda found: found[0], self._refs_of("surgery:all")

    def _make_imaging_rooms(self) -> tuple[Callable[..., Any], list[Ref]]:
        return lambda found: found[1], self._refs_of("surgery:all")

    def _make_floor_area(self) -> tuple[Callable[..., Any], list[Ref]]:
        return lambda beds, rooms, places, theatres, imaging: capacity.floor_area(
            beds, rooms, places, theatres, imaging, self.p
        ), self._refs_of("beds", "outpatient_rooms", "day_places", "theatres", "imaging_rooms")

    def _make_equipment_renewal(self) -> tuple[Callable[..., Any], list[Ref]]:
        due = capacity.renewal_of(self.region, tuple(self.years.tolist()))
        return lambda: np.repeat(due[:, None], len(self.p.draws), axis=1).T, []

    # ------------------------------------------------------------------ workforce

    def _make_staff_demand(self) -> tuple[Callable[..., Any], list[Ref]]:
        treated = [f"treated_{measure}" for measure, _ in workforce.WORK]
        return lambda lean, *found: workforce.staff_demand(found, lean, self.p), self._refs_of(
            "lean:all", *treated
        )

    def _lean(self, _: str) -> tuple[Callable[..., Any], list[Ref]]:
        """Staff per unit of work against the base year."""
        return lambda: workforce.lean_index(self.p), []

    def _stocks(self, _: str) -> tuple[Callable[..., Any], list[Ref]]:
        """Heads by profession."""
        return lambda: workforce.staff_stocks(self.p), []

    def _make_staff_supply(self) -> tuple[Callable[..., Any], list[Ref]]:
        return lambda stocks: workforce.staff_supply(stocks, self.p), self._refs_of("stocks:all")

    def _make_staff_gap(self) -> tuple[Callable[..., Any], list[Ref]]:
        return lambda demand, supply: demand - supply, self._refs_of("staff_demand", "staff_supply")

    def _make_staff_available(self) -> tuple[Callable[..., Any], list[Ref]]:
        return lambda supply: workforce.staff_available(supply, self.p), self._refs_of("staff_supply")

    def _make_staff_intake(self) -> tuple[Callable[..., Any], list[Ref]]:
        professions = arrays.professions(self.region)
        return lambda: self.p.by_profession("graduates_per_year", professions), []

    def _make_staff_intake_required(self) -> tuple[Callable[..., Any], list[Ref]]:
        return lambda demand, stocks: workforce.required_intake(demand, stocks, self.p), self._refs_of(
            "staff_demand", "stocks:all"
        )

    # ------------------------------------------------------------------ economy and climate

    def _total(self, name: str) -> tuple[Callable[..., Any], list[Ref]]:
        """A quantity of the trusts added up over trusts."""
        return lambda values: values.sum(axis=-1), self._refs_of(name)

    def _economy(self, _: str) -> tuple[Callable[..., Any], list[Ref]]:
        """All accounts."""
        needs = [f"need:{area}" for area in SERVICE_AREAS]
        counts = [f"total:treated_{measure}" for measure in MEASURES]
        count, parts = len(counts), len(needs)

        def make(prices: Any, capital: Any, *found: np.ndarray) -> dict[str, np.ndarray]:
            treated = dict(zip(MEASURES, found[:count], strict=True))
            need = sum(found[count + 1 : count + parts], start=found[count]).sum(axis=-1)
            demand, space = found[count + parts :]
            return economy.price_chain(treated, need, demand, space, prices, capital, self.p)

        return make, self._refs_of(
            "prices:all", "capital:all", *counts, *needs, "total:staff_demand", "total:floor_area"
        )

    def _prices(self, _: str) -> tuple[Callable[..., Any], list[Ref]]:
        """How prices and the block grant grow, whatever the activity."""
        return lambda: economy.price_paths(self.p), []

    def _capital(self, _: str) -> tuple[Callable[..., Any], list[Ref]]:
        """Investment and loans, whatever the activity."""
        return lambda renewal: economy.capital_plan(renewal, self.p), self._refs_of("equipment_renewal")

    def _make_emissions(self) -> tuple[Callable[..., Any], list[Ref]]:
        names = ("stays", "day_treatments", "outpatient_contacts")

        def make(accounts: dict[str, np.ndarray], *counts: np.ndarray) -> np.ndarray:
            total = {name: values.sum(axis=-1) for name, values in zip(names, counts, strict=True)}
            return climate.emissions(total, accounts["cost_goods"] + accounts["cost_drugs"], self.p)

        return make, self._refs_of("economy:all", *(f"total:treated_{name}" for name in names))


def in_few(blocks: list[Block]) -> list[tuple[Block, ...]]:
    """Cut a list of blocks in groups of a few."""
    return [tuple(blocks[i : i + FEW]) for i in range(0, len(blocks), FEW)]


def added(parts: list[np.ndarray]) -> np.ndarray:
    """Add arrays up.

    >>> added([np.ones(2), np.ones(2)])
    array([2., 2.])
    """
    total = parts[0].copy()
    for part in parts[1:]:
        total += part
    return total


def beside_trusts(parts: Any) -> np.ndarray:
    """Put service areas, (lane, year, trust) each, side by side before the trusts: (lane, year, service_area, trust)."""
    lanes, years, trusts = parts[0].shape
    out = np.empty((lanes, years, len(parts), trusts), order="F")
    for place, part in enumerate(parts):
        out[:, :, place] = part
    return out


def in_lanes(value: Any) -> Any:
    """Lay arrays so that the draws of a series lie side by side."""
    if isinstance(value, np.ndarray):
        return np.asfortranarray(value)
    if isinstance(value, dict):
        return {key: in_lanes(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return (
            type(value)(*map(in_lanes, value)) if hasattr(value, "_fields") else tuple(map(in_lanes, value))
        )
    return value
