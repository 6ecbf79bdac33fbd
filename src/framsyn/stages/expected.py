"""Expected use: rates times people, before chance; and people and their use in one pass.

The people of a draw are millions of numbers that only their sums outlive. They are projected for a few draws at a time and
used at once, while they are in the processor's cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from framsyn.methods import cohort, use
from framsyn.stages.cells import MEASURES, SERVICE_AREAS, FactorGrid, build_factors
from framsyn.stages.paths import population_paths
from framsyn.stages.population import FLOWS, check_horizon, count_people, name_people

if TYPE_CHECKING:
    import xarray as xr

    from framsyn.scenario import Scenario
    from framsyn.stages.activity import ActivityInputs
    from framsyn.stages.draws import Draws
    from framsyn.stages.population import PopulationInputs

__all__ = [
    "AREA_COLUMNS",
    "BLOCK",
    "ExpectedUse",
    "PeopleAndUse",
    "expected_use",
    "group_people",
    "project_people_and_use",
    "use_of_classes",
]

AREA_COLUMNS = ("need", *MEASURES, "patients")
BLOCK = 4  # draws at once: eight megabytes of people for 66 municipalities and 16 years


class ExpectedUse(NamedTuple):
    """Use before chance.

    Attributes
    ----------
    activity : array [activity per year], (draw, year, class, service + service_area, measure)
    need : array [MNOK (2025) per year], dims of ``activity``
    by_area : array, (draw, year, area, service_area, column)
        Columns are :data:`AREA_COLUMNS`.
    grid : FactorGrid
    """

    activity: np.ndarray
    need: np.ndarray
    by_area: np.ndarray
    grid: FactorGrid


class PeopleAndUse(NamedTuple):
    """What :func:`project_people_and_use` finds.

    Attributes
    ----------
    flows : Dataset
        ``births``, ``deaths``, ``net_migration``, ``control_adjustment`` (draw, year, area).
    class_people : array [person], (draw, year, class, sex, age)
    area_groups : array [person], (group, draw, year, area)
        All ages, 65 and over, 80 and over.
    use : ExpectedUse
    """

    flows: xr.Dataset
    class_people: np.ndarray
    area_groups: np.ndarray
    use: ExpectedUse


def project_people_and_use(
    people_inputs: PopulationInputs,
    use_inputs: ActivityInputs,
    scenario: Scenario,
    draws: Draws,
    until: int,
    control: xr.DataArray | None = None,
    areas: list[str] | None = None,
    memory: np.ndarray | None = None,
) -> PeopleAndUse:
    """Project people and sum use over them, a few draws at a time.

    Equal to :func:`framsyn.stages.population.project_population`, :func:`group_people` and :func:`expected_use` one after
    another.

    Parameters
    ----------
    people_inputs, use_inputs : PopulationInputs, ActivityInputs
    scenario : Scenario
    draws : Draws
    until : int
        Last 1 January.
    control : DataArray [1], (year, area), optional
    areas : list of str, optional
        Labels of the areas.
    memory : array, (block, year + 1, area, sex, age), optional
        Memory for people, used again by each block; no result refers to it.

    Returns
    -------
    PeopleAndUse
    """
    check_horizon(people_inputs, until)
    paths = population_paths(people_inputs, scenario, draws, until + 1)
    n, span, count = paths["shock"].shape
    sexes, ages = people_inputs.base.shape[1:]
    if memory is None:
        memory = np.empty((min(BLOCK, n), span + 1, count, sexes, ages))
    flows = np.zeros((len(FLOWS), n, span, count))
    class_people = empty_classes(n, span, use_inputs, sexes, ages)
    area_groups = np.empty((3, n, span, count))
    found = empty_use(n, span, count, use_inputs)
    named = name_people(flows, people_inputs, draws, areas)
    grid = build_factors(use_inputs.plan, draws, named["year"].values)
    for first in range(0, n, len(memory)):
        part = slice(first, min(first + len(memory), n))
        people = memory[: part.stop - first]
        count_people(people_inputs, paths, part, control, people, flows)
        people = people[:, :span]
        groups = np.empty((3, len(people), span, count))
        gather_classes(people, use_inputs, class_people[part], groups)
        area_groups[:, part] = groups
        sum_block(people, class_people[part], use_inputs, grid, part, found)
    classes = use_inputs.class_trust.shape[1]
    return PeopleAndUse(named, class_people[:, :, :classes], area_groups, ExpectedUse(*found, grid))


def empty_classes(n: int, span: int, inputs: ActivityInputs, sexes: int, ages: int) -> np.ndarray:
    """Return room for people by class of areas; the kernel takes classes four at a time."""
    return np.zeros((n, span, -(-inputs.class_trust.shape[1] // 4) * 4, sexes, ages))


def gather_classes(
    people: np.ndarray, inputs: ActivityInputs, class_people: np.ndarray, area_groups: np.ndarray
) -> None:
    """Add people up to classes of areas and to groups of ages, in place."""
    cohort.gather_people(people, inputs.area_class, class_people, area_groups)
    if inputs.limited.any():
        cohort.gather_people(people, inputs.area_part, class_people, area_groups)


def group_people(people: np.ndarray, inputs: ActivityInputs) -> tuple[np.ndarray, np.ndarray]:
    """Add people up to classes of areas, and ages up to groups.

    Parameters
    ----------
    people : array [person], (draw, year, area, sex, age)
    inputs : ActivityInputs

    Returns
    -------
    class_people : array [person], (draw, year, class, sex, age)
    area_groups : array [person], (group, draw, year, area)
        All ages, 65 and over, 80 and over.
    """
    n, span, count, sexes, ages = people.shape
    class_people = empty_classes(n, span, inputs, sexes, ages)
    area_groups = np.empty((3, n, span, count))
    gather_classes(people, inputs, class_people, area_groups)
    return class_people[:, :, : inputs.class_trust.shape[1]], area_groups


def expected_use(
    people: np.ndarray, class_people: np.ndarray, inputs: ActivityInputs, grid: FactorGrid
) -> ExpectedUse:
    """Sum rates over people.

    Parameters
    ----------
    people : array [person], (draw, year, area, sex, age)
    class_people : array [person], (draw, year, class, sex, age)
    inputs : ActivityInputs
    grid : FactorGrid

    Returns
    -------
    ExpectedUse
    """
    classes = padded(class_people, inputs)
    n, span, count = people.shape[:3]
    found = empty_use(n, span, count, inputs)
    for part in blocks(n):
        sum_block(people[part], classes[part], inputs, grid, part, found)
    return ExpectedUse(*found, grid)


def use_of_classes(class_people: np.ndarray, inputs: ActivityInputs, grid: FactorGrid) -> ExpectedUse:
    """Sum rates over people by class of areas alone; what municipalities use is left at zero.

    Parameters
    ----------
    class_people : array [person], (draw, year, class, sex, age)
    inputs : ActivityInputs
    grid : FactorGrid

    Returns
    -------
    ExpectedUse
    """
    classes = padded(class_people, inputs)
    n, span = class_people.shape[:2]
    activity, need, by_area = empty_use(n, span, len(inputs.area_class), inputs)
    by_area[:] = 0
    for part in blocks(n):
        sum_classes(classes[part], inputs, grid, part, (activity, need))
    return ExpectedUse(activity, need, by_area, grid)


def padded(class_people: np.ndarray, inputs: ActivityInputs) -> np.ndarray:
    """Return people by class in the room that the kernel wants."""
    n, span, count, sexes, ages = class_people.shape
    classes = empty_classes(n, span, inputs, sexes, ages)
    classes[:, :, :count] = class_people
    return classes


def blocks(draws: int) -> list[slice]:
    """Return the draws a few at a time."""
    return [slice(first, min(first + BLOCK, draws)) for first in range(0, draws, BLOCK)]


def empty_use(
    n: int, span: int, count: int, inputs: ActivityInputs
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return room for activity, need and municipal use."""
    shape = (n, span, inputs.class_trust.shape[1], inputs.use.shape[0], len(MEASURES))
    return np.zeros(shape), np.zeros(shape), np.empty((n, span, count, len(SERVICE_AREAS), len(AREA_COLUMNS)))


def sum_block(
    people: np.ndarray,
    class_people: np.ndarray,
    inputs: ActivityInputs,
    grid: FactorGrid,
    part: slice,
    found: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Sum rates over the people of some draws, in place.

    Parameters
    ----------
    people : array [person], (draw in part, year, area, sex, age)
    class_people : array [person], (draw in part, year, class, sex, age)
    inputs : ActivityInputs
    grid : FactorGrid
        Of all draws.
    part : slice
    found : tuple of array
        Of all draws, from :func:`empty_use`; filled for the draws in ``part``.
    """
    rates = sum_classes(class_people, inputs, grid, part, found[:2])
    n, span, count = people.shape[:3]
    flat = people.reshape(n, span, count, -1)
    out = found[2][part].reshape(n, span, count, -1)
    variant_of_area = grid.plan.variant_of_class[inputs.area_part]
    np.matmul(flat, rates[0], out=out)
    for v in range(1, len(rates)):
        # Every area is multiplied under every variant, so that the product has one shape and one rounding.
        np.copyto(out, np.matmul(flat, rates[v]), where=(variant_of_area == v)[:, None])


def sum_classes(
    class_people: np.ndarray,
    inputs: ActivityInputs,
    grid: FactorGrid,
    part: slice,
    found: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """Sum rates over classes of areas for some draws, in place.

    Parameters
    ----------
    class_people : array [person], (draw in part, year, class, sex, age)
    inputs : ActivityInputs
    grid : FactorGrid
        Of all draws.
    part : slice
    found : tuple of array
        Activity and need of all draws.

    Returns
    -------
    array [activity or MNOK per person and year], (variant, draw in part, year, sex × age, service_area × column)
        The rates by municipality's column.
    """
    n, span, classes = class_people.shape[:3]
    flat = class_people.reshape(n, span, classes, -1)
    plan, size, areas = grid.plan, len(MEASURES), len(SERVICE_AREAS)
    width = len(AREA_COLUMNS)
    real = inputs.use.shape[0] - areas
    measure_output = np.full((inputs.use.shape[0], size), -1)
    measure_output[:real] = inputs.service_area[:real, None] * width + 1 + np.arange(size)
    measure_output[real:, 0] = np.arange(areas) * width + 1 + size
    rates = np.empty((grid.need.shape[2], n, span, flat.shape[3], areas * width))
    use.use_of_people(
        flat,
        inputs.use,
        inputs.use.any(axis=2),
        grid.shift[part],
        plan.shift_group,
        plan.service_cell,
        np.append(np.flatnonzero(np.diff(plan.segment, prepend=-1)), 106),
        grid.need[part],
        grid.operator[part],
        inputs.cost,
        measure_output,
        np.where(np.arange(len(measure_output)) < real, inputs.service_area * width, -1),
        plan.variant_of_class,
        found[0][part],
        found[1][part],
        rates,
    )
    return rates
