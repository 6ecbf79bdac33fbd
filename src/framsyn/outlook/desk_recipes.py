"""How each quantity on a desk follows from others: the stages' own functions, and what they are given.

What a quantity of a service area follows from lies in that area alone, so a lever that moves one area leaves the others as
they were; what is of all areas is put together from them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from framsyn.outlook.desk_layout import COSTED, Block
from framsyn.outlook.desk_memory import Ref, join_tokens
from framsyn.outlook.desk_need import need_of
from framsyn.outlook.desk_sums import added
from framsyn.quantities import quantity
from framsyn.region import arrays
from framsyn.stages import capacity, climate, economy, workforce
from framsyn.stages.cells import MEASURES, SERVICE_AREAS
from framsyn.stages.flows import grow_at_trusts, place_activity
from framsyn.stages.parameters import side_by_side

if TYPE_CHECKING:
    from framsyn.outlook.desk_draws import LaneParameters
    from framsyn.outlook.desk_use import Use

__all__ = ["Recipe", "Recipes", "part_of"]

Recipe = tuple[Callable[..., Any], list[Ref]]  # a function, and what it is given
OLD = {"population": 0, "population_65_plus": 65, "population_80_plus": 80}
TREATED = {f"treated_{measure}": measure for measure in MEASURES}
IN_AREAS = ("beds", "bed_gap", "beds_service_level", "day_places", "outpatient_rooms", *TREATED)


def part_of(name: str, area: str) -> str | None:
    """Return the node of a quantity in one service area; None where it follows from all of them.

    >>> part_of("beds", "SOM"), part_of("treated_stays", "SOM"), part_of("floor_area", "SOM")
    ('beds:SOM', 'treated:SOM,stays', None)
    """
    if name in TREATED:
        return f"treated:{area},{TREATED[name]}"
    return f"{name}:{area}" if name in IN_AREAS else None


class Recipes:
    """How the quantities of one scenario are made, each (lane, year, ...).

    Parameters
    ----------
    use : Use
    p : LaneParameters
    ref : callable
        Returns another quantity by name.
    """

    def __init__(self, use: Use, p: LaneParameters, ref: Callable[[str], Ref]) -> None:
        self.use = use
        self.p = p
        self.ref = ref
        self.desk = use.desk
        self.region = use.desk.region

    def of(self, name: str) -> Recipe:
        """Return how a node is made, and of what."""
        if ":" in name:
            kind, _, key = name.partition(":")
            return getattr(self, f"_{kind}")(*key.split(","))
        if name in IN_AREAS:
            return lambda *found: beside_trusts(found), self._in_areas(name)
        if name in OLD:
            return lambda: self._people_from(OLD[name]), []
        if name in self.desk.people.flows:
            return lambda: self.desk.people.flows[name].T, []
        if quantity(name).stage == "stages.economy":
            return lambda found: found[name], [self.ref("economy:all")]
        recipe: Recipe = getattr(self, f"_make_{name}")()
        return recipe

    def _refs(self, *names: str) -> list[Ref]:
        return [self.ref(name) for name in names]

    def _in_areas(self, name: str) -> list[Ref]:
        return [self.ref(str(part_of(name, area))) for area in SERVICE_AREAS]

    # ------------------------------------------------------------------ people and use

    def _people_from(self, age: int) -> np.ndarray:
        """People of some age and over by trust, (lane, year, trust)."""
        people = self.desk.people.people[:, :, age:].sum(axis=(2, 3))
        somatic = self.desk.inputs.class_trust[0]
        out = np.zeros((len(self.region.trusts), people.shape[0], people.shape[-1]))
        for place, trust in enumerate(somatic):
            out[trust] += people[:, place]
        return out.T

    def services_of(self, area: str) -> list[int]:
        """Places of a service area's services."""
        place = SERVICE_AREAS.index(area)
        return [i for i, own in enumerate(self.desk.service_area[: self.desk.real]) if own == place]

    def _residence(self, area: str, measure: str) -> Recipe:
        """Use by residents, services added up, (lane, year, trust)."""
        blocks: list[Block] = [((i, MEASURES.index(measure), False),) for i in self.services_of(area)]
        token = self.use.token_of_cells(tuple(cell for block in blocks for cell in block))
        return lambda _: self.use.total(blocks).T, [Ref(token, lambda: None)]

    def _need(self, area: str) -> Recipe:
        """Need of residents, services and levels added up, (lane, year, trust)."""
        services = self.services_of(area)
        token = self.use.token_of_cells(tuple((i, m, True) for i in services for m in COSTED))
        return lambda _: need_of(self.use, services).T, [Ref(token, lambda: None)]

    def _make_patients(self) -> Recipe:
        cells: list[Block] = [((self.desk.real + i, 0, False),) for i in range(len(SERVICE_AREAS))]
        token = join_tokens(map(self.use.token_of_block, cells))

        def make(_: None) -> np.ndarray:
            return beside_trusts([block.T for block in self.use.fill(cells)])

        return make, [Ref(token, lambda: None)]

    def _treated(self, area: str, measure: str) -> Recipe:
        """Activity at the trusts in one service area, (lane, year, trust)."""
        inputs, i, m = self.desk.inputs, SERVICE_AREAS.index(area), MEASURES.index(measure)

        def make(by_residence: np.ndarray) -> np.ndarray:
            # Years first, so that each product is of one matrix whose columns are the draws of a trust.
            placed = place_activity(by_residence.swapaxes(0, 1), inputs.flows[i]).swapaxes(0, 1)
            at_trusts = np.asfortranarray(placed[..., : by_residence.shape[-1]])
            return grow_at_trusts(at_trusts, inputs.trust_count[i, m], inputs.guests[i])

        return make, self._refs(f"residence:{area},{measure}")

    # ------------------------------------------------------------------ added up

    def _total(self, *key: str) -> Recipe:
        """A quantity of the trusts added up over trusts; service areas stay side by side."""
        name = ",".join(key)
        if name in IN_AREAS:
            parts = self._refs(*(f"total:{part_of(name, area)}" for area in SERVICE_AREAS))
            return lambda *found: side_by_side(found), parts
        if name == "staff_demand":
            return lambda lean, *work: workforce.total_staff_demand(
                added(work), lean, self.p
            ), self._staff_inputs()
        if name == "staff_gap":
            parts = self._refs("total:staff_demand", "total:staff_supply")
            return lambda demand, supply: demand - supply, parts
        return lambda values: values.sum(axis=-1), self._refs(name)

    def _areas(self, name: str) -> Recipe:
        """A quantity of service areas added up over them, (lane, year, trust)."""
        return lambda *found: added(found), self._in_areas(name)

    # ------------------------------------------------------------------ capacity

    def _beds(self, area: str) -> Recipe:
        def make(days: np.ndarray) -> np.ndarray:
            return capacity.occupied_beds(days, self.p.value("occupancy", service_area=area)[..., None])

        return make, self._refs(f"treated:{area},bed_days")

    def _beds_service_level(self, area: str) -> Recipe:
        return lambda days: capacity.service_level_of(days, area, self.p), self._refs(
            f"treated:{area},bed_days"
        )

    def _bed_gap(self, area: str) -> Recipe:
        today = arrays.beds_available(self.region).values[SERVICE_AREAS.index(area)]
        return lambda beds: beds - today, self._refs(f"beds:{area}")

    def _day_places(self, area: str) -> Recipe:
        def make(day: np.ndarray) -> np.ndarray:
            return capacity.day_places(day[:, :, None], self.p, (area,))[:, :, 0]

        return make, self._refs(f"treated:{area},day_treatments")

    def _outpatient_rooms(self, area: str) -> Recipe:
        def make(contacts: np.ndarray) -> np.ndarray:
            return capacity.consultation_rooms(contacts[:, :, None], self.p, (area,))[:, :, 0]

        return make, self._refs(f"treated:{area},outpatient_contacts")

    def _surgery(self, area: str) -> Recipe:
        """Theatres and imaging rooms."""
        return lambda stays, day, contacts: capacity.theatres_and_imaging(
            stays, day, contacts, self.p
        ), self._refs(
            *(f"treated:{area},{name}" for name in ("stays", "day_treatments", "outpatient_contacts"))
        )

    def _make_theatres(self) -> Recipe:
        return lambda found: found[0], self._refs("surgery:SOM")

    def _make_imaging_rooms(self) -> Recipe:
        return lambda found: found[1], self._refs("surgery:SOM")

    def _make_floor_area(self) -> Recipe:
        return lambda beds, rooms, places, theatres, imaging: capacity.floor_area(
            beds, rooms, places, theatres, imaging, self.p
        ), self._refs("areas:beds", "areas:outpatient_rooms", "areas:day_places", "theatres", "imaging_rooms")

    def _make_equipment_renewal(self) -> Recipe:
        due = capacity.renewal_of(self.region, tuple(self.desk.people.years.tolist()))
        return lambda: np.repeat(due[:, None], len(self.p.draws), axis=1).T, []

    # ------------------------------------------------------------------ workforce

    def _work(self, area: str) -> Recipe:
        """Work at each trust in one service area, in units of staff, (lane, year, trust)."""

        def make(*treated: np.ndarray) -> np.ndarray:
            return workforce.staff_work([values[:, :, None] for values in treated], self.p, (area,))

        return make, self._refs(*(f"treated:{area},{measure}" for measure, _ in workforce.WORK))

    def _staff_inputs(self) -> list[Ref]:
        return self._refs("lean:all", *(f"work:{area}" for area in SERVICE_AREAS))

    def _make_staff_demand(self) -> Recipe:
        return lambda lean, *work: workforce.staff_demand(added(work), lean, self.p), self._staff_inputs()

    def _lean(self, _: str) -> Recipe:
        """Staff per unit of work against the base year."""
        return lambda: workforce.lean_index(self.p), []

    def _stocks(self, _: str) -> Recipe:
        """Heads by profession."""
        return lambda: workforce.staff_stocks(self.p), []

    def _make_staff_supply(self) -> Recipe:
        return lambda stocks: workforce.staff_supply(stocks, self.p), self._refs("stocks:all")

    def _make_staff_gap(self) -> Recipe:
        return lambda demand, supply: demand - supply, self._refs("staff_demand", "staff_supply")

    def _make_staff_available(self) -> Recipe:
        return lambda supply: workforce.staff_available(supply, self.p), self._refs("staff_supply")

    def _make_staff_intake(self) -> Recipe:
        professions = arrays.professions(self.region)
        return lambda: self.p.by_profession("graduates_per_year", professions), []

    def _make_staff_intake_required(self) -> Recipe:
        return lambda demand, stocks: workforce.required_intake(demand, stocks, self.p), self._refs(
            "staff_demand", "stocks:all"
        )

    # ------------------------------------------------------------------ economy and climate

    def _economy(self, _: str) -> Recipe:
        """All accounts."""
        needs = [f"need:{area}" for area in SERVICE_AREAS]
        counts = [f"total:{name}" for name in TREATED]

        def make(
            prices: Any, capital: Any, demand: Any, space: Any, *found: np.ndarray
        ) -> dict[str, np.ndarray]:
            treated = dict(zip(MEASURES, found[: len(counts)], strict=True))
            need = added(found[len(counts) :]).sum(axis=-1)
            return economy.price_chain(treated, need, demand, space, prices, capital, self.p)

        return make, self._refs(
            "prices:all", "capital:all", "total:staff_demand", "total:floor_area", *counts, *needs
        )

    def _prices(self, _: str) -> Recipe:
        """How prices and the block grant grow, whatever the activity."""
        return lambda: economy.price_paths(self.p), []

    def _capital(self, _: str) -> Recipe:
        """Investment and loans, whatever the activity."""
        return lambda renewal: economy.capital_plan(renewal, self.p), self._refs("equipment_renewal")

    def _make_emissions(self) -> Recipe:
        names = ("stays", "day_treatments", "outpatient_contacts")

        def make(accounts: dict[str, np.ndarray], *counts: np.ndarray) -> np.ndarray:
            total = {name: values.sum(axis=-1) for name, values in zip(names, counts, strict=True)}
            return climate.emissions(total, accounts["cost_goods"] + accounts["cost_drugs"], self.p)

        return make, self._refs("economy:all", *(f"total:treated_{name}" for name in names))


def beside_trusts(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Put service areas, (lane, year, trust) each, side by side before the trusts: (lane, year, service_area, trust)."""
    lanes, years, trusts = parts[0].shape
    out = np.empty((lanes, years, len(parts), trusts), order="F")
    for place, part in enumerate(parts):
        out[:, :, place] = part
    return out
