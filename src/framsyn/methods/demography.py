"""Life tables, mortality trend and the cohort-component projection in its plain form.

:func:`project` is one run in plain NumPy, written to be read: the compiled kernels of the engine are tested
against it.

References
----------
Preston, S. H., Heuveline, P. & Guillot, M. (2001). Demography: Measuring and Modeling Population Processes.
Blackwell. Chapter 3 (life table), chapter 6 (cohort-component projection).
Lee, R. D. & Carter, L. R. (1992). Modeling and forecasting U.S. mortality. Journal of the American
Statistical Association 87 (419), 659–671.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from framsyn.errors import PlanError
from framsyn.methods.checks import Floats, check_shape, finite_array, finite_number, whole_number

__all__ = [
    "LeeCarter",
    "LifeTable",
    "Projection",
    "calendar_year_survival",
    "central_rates",
    "lee_carter",
    "life_table",
    "project",
]

INFANT_SHARE = 0.1  # years lived in the first year by those who die in it (most die in the first weeks)
FERTILE = slice(15, 50)
MALE, FEMALE = 0, 1


@dataclass(frozen=True)
class LifeTable:
    """Period life table with radix 1; every array has dims (..., age), ``ages`` dims (age).

    Attributes
    ----------
    ages : ndarray [year]
        First age of each group; the last group is open.
    qx : ndarray [1]
        Share of those alive at the group's start that dies in it.
    lx : ndarray [1]
        Share of a birth cohort that is alive at the group's start.
    Lx : ndarray [person-year]
        Years lived in the group per newborn.
    ex : ndarray [year]
        Years left to live at the group's start.
    """

    ages: Floats
    qx: Floats
    lx: Floats
    Lx: Floats
    ex: Floats


@dataclass(frozen=True)
class LeeCarter:
    """Mortality by age and year as ``log m = a(age) + b(age) · k(year)``, with Σ b = 1 and Σ k = 0.

    Attributes
    ----------
    a, b : ndarray [1], dims (age)
        Mean of the log rates, and how strongly each age follows the index.
    k : ndarray [1], dims (year)
        Index of mortality.
    drift, drift_se, sigma : float [1 per year]
        Mean yearly change of the index, its standard error, and the standard deviation of the yearly changes.
    explained : float [1]
        Share of the variance over time that the index explains.
    """

    a: Floats
    b: Floats
    k: Floats
    drift: float
    drift_se: float
    sigma: float
    explained: float


@dataclass(frozen=True)
class Projection:
    """One run of the cohort-component method, with the flows that balance it.

    Attributes
    ----------
    population : ndarray [person], dims (year, area, sex, age)
        Persons on 1 January; year 0 is the start.
    births, deaths, net_migration : ndarray [person per year], dims (year, area, sex)
        Flows of the calendar year that starts on 1 January of that year. The population of the next year is
        the population + births − deaths + net migration.
    """

    population: Floats
    births: Floats
    deaths: Floats
    net_migration: Floats


def life_table(mx: ArrayLike, ages: ArrayLike) -> LifeTable:
    """Life table from death rates.

    q = n·m / (1 + n·(1 − a)·m), a = 0.1 in a first single year of age and 0.5 elsewhere; the last group is
    open, q = 1 and L = l/m.

    Parameters
    ----------
    mx : array_like [1 per year], dims (..., age)
        Deaths per person-year.
    ages : array_like [year], dims (age)
        First age of each group, starting at 0 or later, rising.

    Returns
    -------
    LifeTable

    Raises
    ------
    PlanError
        ``bad-ages``, ``wrong-shape``, ``open-group-without-deaths``, or as for any array.

    Examples
    --------
    >>> table = life_table([0.01, 0.02, 0.1], [0, 1, 50])
    >>> float(table.ex[0].round(4)), float(table.ex[-1])
    (36.94, 10.0)
    """
    rates = finite_array("mx", mx, low=0)
    start = finite_array("ages", ages, low=0, dims=1)
    if start.size < 2 or (np.diff(start) <= 0).any():
        message = f"ages are {start.tolist()}; a life table needs two or more ages that rise."
        raise PlanError("bad-ages", message, got=start.tolist())
    check_shape("mx", rates.shape[-1:], start.shape, "(age) on the last axis")
    if (rates[..., -1] == 0).any():
        message = (
            f"The open last group ({start[-1]:g}+) has a death rate of 0. Start the open group at a lower "
            "age."
        )
        raise PlanError("open-group-without-deaths", message, age=float(start[-1]))
    width = np.append(np.diff(start), np.inf)
    lived = np.full(start.size, 0.5)
    if start[0] == 0 and width[0] == 1:
        lived[0] = INFANT_SHARE
    closed, n, a = rates[..., :-1], width[:-1], lived[:-1]
    # Tiny groups can show a rate so high that the formula passes 1; nobody dies twice.
    q = np.minimum(n * closed / (1 + n * (1 - a) * closed), 1.0)
    alive = np.concatenate([np.ones((*q.shape[:-1], 1)), np.cumprod(1 - q, axis=-1)], axis=-1)
    died = alive[..., :-1] * q
    years = np.concatenate(
        [n * alive[..., 1:] + a * n * died, (alive[..., -1] / rates[..., -1])[..., None]], axis=-1
    )
    left = np.cumsum(years[..., ::-1], axis=-1)[..., ::-1]
    expectation = np.divide(left, alive, out=np.zeros_like(left), where=alive > 0)
    everyone = np.concatenate([q, np.ones((*q.shape[:-1], 1))], axis=-1)
    return LifeTable(ages=start, qx=everyone, lx=alive, Lx=years, ex=expectation)


def central_rates(qx: ArrayLike) -> Floats:
    """Death rates from one-year death probabilities at ages 0, 1, 2 and so on.

    m = q / (1 − (1 − a)·q), the inverse of :func:`life_table`'s step; the open last group keeps q as read
    with a = ½.

    Parameters
    ----------
    qx : array_like [1], dims (..., age)
        Share of those of exact age x that dies before x + 1.

    Returns
    -------
    ndarray [1 per year], dims (..., age)

    Examples
    --------
    >>> central_rates([0.1, 0.1, 0.4]).round(6)
    array([0.10989 , 0.105263, 0.5     ])
    """
    q = finite_array("qx", qx, low=0, high=1)
    lived = np.full(q.shape[-1], 0.5)
    lived[0] = INFANT_SHARE
    return q / (1 - (1 - lived) * q)


def calendar_year_survival(qx: ArrayLike) -> tuple[Floats, Floats]:
    """Share that survives a calendar year, by age on 1 January, and of the children born in it.

    S(x) = 1 − (q(x) + q(x+1))/2: a person aged x on 1 January is on average half a year past the birthday.
    The open last group keeps its own q. Newborn: 1 − 0.9·q(0), for most infant deaths fall in the first
    weeks.

    Parameters
    ----------
    qx : array_like [1], dims (..., age)
        One-year death probabilities at ages 0, 1, 2 …; the last age is open.

    Returns
    -------
    survival : ndarray [1], dims (..., age)
    newborn : ndarray [1], dims (...)

    Examples
    --------
    >>> survival, newborn = calendar_year_survival([0.01, 0.02, 0.04])
    >>> survival.round(3), float(newborn)
    (array([0.985, 0.97 , 0.96 ]), 0.991)
    """
    q = finite_array("qx", qx, low=0, high=1)
    if q.ndim == 0 or q.shape[-1] < 2:
        message = f"qx has shape {q.shape}; it needs at least two ages on its last axis."
        raise PlanError("bad-ages", message, got=q.shape)
    survival = 1 - q
    survival[..., :-1] = 1 - (q[..., :-1] + q[..., 1:]) / 2
    return survival, np.asarray(1 - (1 - INFANT_SHARE) * q[..., 0])


def lee_carter(log_mx: ArrayLike) -> LeeCarter:
    """Fit of the Lee–Carter model by singular values.

    log m(x, t) = a(x) + b(x)·k(t) + e; a random walk with drift describes k: drift = (k(T) − k(1))/(T − 1),
    and its standard error is sigma/√(T − 1).

    Parameters
    ----------
    log_mx : array_like [log of 1 per year], dims (age, year)
        Logarithms of the death rates; a rate of zero must be pooled or smoothed first.

    Returns
    -------
    LeeCarter

    Raises
    ------
    PlanError
        ``too-few-years``, ``flat-mortality``, or as for any array.

    Examples
    --------
    >>> fall = np.outer([0.5, 0.3, 0.2], [2.0, 0.0, -2.0])
    >>> fit = lee_carter(np.array([[-6.0], [-7.0], [-3.0]]) + fall)
    >>> fit.b.round(6), fit.k.round(6), round(fit.drift, 6)
    (array([0.5, 0.3, 0.2]), array([ 2.,  0., -2.]), -2.0)
    """
    table = finite_array("log_mx", log_mx, dims=2)
    years = table.shape[1]
    if years < 3:
        message = f"log_mx has {years} years; the drift and its spread need at least three."
        raise PlanError("too-few-years", message, got=years, expected=3)
    a = table.mean(axis=1)
    left, values, right = np.linalg.svd(table - a[:, None], full_matrices=False)
    total = left[:, 0].sum()
    if values[0] <= 1e-12 * max(1.0, float(np.abs(table).max())) or abs(total) < 1e-12:
        message = (
            "log_mx does not change over the years in a way that one index can carry. Check its axes (age, "
            "year)."
        )
        raise PlanError("flat-mortality", message)
    b = left[:, 0] / total
    k = values[0] * right[0] * total
    k = k - k.mean()
    changes = np.diff(k)
    sigma = float(changes.std(ddof=1))
    return LeeCarter(
        a=a,
        b=b,
        k=k,
        drift=float(changes.mean()),
        drift_se=sigma / float(np.sqrt(changes.size)),
        sigma=sigma,
        explained=float(values[0] ** 2 / (values**2).sum()),
    )


def project(
    population: ArrayLike,
    survival: ArrayLike,
    fertility: ArrayLike,
    migration: ArrayLike | None = None,
    *,
    newborn: ArrayLike,
    steps: int = 1,
    boy_share: float = 0.514,
) -> Projection:
    """Cohort-component projection by single year of age, from 1 January to 1 January.

    N[t+1, a+1] = N[t, a]·S[t, a]·(1 + m[a]); the last age is open. Births of year t are Σ_a f[t, a]·(W[t, a]
    + W[t+1, a])/2 over women W of 15 to 49, the mean of the counts on both 1 Januaries (migrants included).
    Newborn children survive by ``newborn`` and move by the rate of age 0.

    Parameters
    ----------
    population : array_like [person], dims (area, sex, age)
        Count on the first 1 January; sex 0 is male and 1 female, ages from 0, the last one open.
    survival : array_like [1], dims (sex, age), (area, sex, age) or (year, area, sex, age)
        Share that survives the year, by age on 1 January.
    fertility : array_like [1 per year], dims (age), (area, age) or (year, area, age)
        Births per woman and year; only ages 15 to 49 count.
    migration : array_like [1 per year], dims as ``survival``, optional
        Net migration as a share of the survivors, by age on 1 January; at least −1.
    newborn : array_like [1], dims (sex), (area, sex) or (year, area, sex)
        Share of the children born in the year that live at its end.
    steps : int [year]
        Years to project.
    boy_share : float [1]
        Boys among the births.

    Returns
    -------
    Projection

    Raises
    ------
    PlanError
        ``wrong-shape`` or as for any array.

    Examples
    --------
    >>> people = np.zeros((1, 2, 106)); people[0, :, 30] = 1000.0
    >>> fertility = np.zeros(106); fertility[30] = 0.2
    >>> run = project(people, np.full((2, 106), 0.99), fertility, newborn=[0.997, 0.998])
    >>> float(run.births.sum()), run.population[1, 0, :, 31]
    (100.0, array([990., 990.]))
    """
    start = finite_array("population", population, low=0, dims=3)
    areas, sexes, ages = start.shape
    check_shape("population", start.shape, (areas, 2, ages), "(area, sex, age)")
    steps = whole_number("steps", steps, low=0)
    share = finite_number("boy_share", boy_share, low=0, high=1)
    lives = _by_year("survival", finite_array("survival", survival, low=0, high=1), steps, start.shape)
    baby = _by_year("newborn", finite_array("newborn", newborn, low=0, high=1), steps, (areas, sexes))
    women_rates = finite_array("fertility", fertility, low=0)
    births_per_woman = _by_year("fertility", women_rates, steps, (areas, ages))
    rate = finite_array("migration", np.zeros(ages) if migration is None else migration, low=-1)
    moves = _by_year("migration", rate, steps, start.shape)
    people = np.empty((steps + 1, *start.shape))
    people[0] = start
    births = np.empty((steps, areas, sexes))
    deaths, net_migration = np.empty_like(births), np.empty_like(births)
    for t in range(steps):
        survivors = people[t] * lives[t]
        arrived = survivors * (1 + moves[t])
        people[t + 1, :, :, 0] = 0.0
        people[t + 1, :, :, 1:] = arrived[..., :-1]
        people[t + 1, :, :, -1] += arrived[..., -1]
        women = (people[t, :, FEMALE] + people[t + 1, :, FEMALE]) / 2
        born = (births_per_woman[t] * women)[:, FERTILE].sum(axis=-1)
        births[t] = born[:, None] * np.array([share, 1 - share])
        surviving_babies = births[t] * baby[t]
        people[t + 1, :, :, 0] += surviving_babies * (1 + moves[t, :, :, 0])
        deaths[t] = (people[t] - survivors).sum(axis=-1) + births[t] - surviving_babies
        net_migration[t] = (arrived - survivors).sum(axis=-1) + surviving_babies * moves[t, :, :, 0]
    return Projection(population=people, births=births, deaths=deaths, net_migration=net_migration)


def _by_year(name: str, array: Floats, steps: int, shape: tuple[int, ...]) -> Floats:
    """The array with every axis written out, (year, *shape); leading axes that are left out are repeated."""
    full = (steps, *shape)
    trailing = full[len(full) - array.ndim :] if array.ndim <= len(full) else ()
    if array.ndim == 0 or array.shape != trailing:
        message = (
            f"{name} has shape {array.shape}, expected the last axes of (year {steps}, then {shape}). Check "
            "its axes."
        )
        raise PlanError("wrong-shape", message, name=name, got=array.shape, expected=full)
    return np.broadcast_to(array, full)
