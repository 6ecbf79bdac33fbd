"""All draws of a run side by side, and the central run as one lane more behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from framsyn.outlook.desk_memory import Memory, token_of
from framsyn.stages.draws import CENTRAL, Draws, WholeRun
from framsyn.stages.parameters import Parameters

if TYPE_CHECKING:
    from framsyn.region import Region
    from framsyn.scenario import Assumption, Scenario
    from framsyn.scenario.distributions import Distribution

__all__ = ["LaneDraws", "LaneParameters", "assumption_token"]


def assumption_token(assumption: Assumption) -> bytes:
    """Return a token of all in an assumption that moves a number; wording and sources move none."""
    return token_of(assumption.moving)


class LaneDraws(Draws):
    """The draws of a run and, last, the central run; arrays hold each series' draws side by side in memory.

    Parameters
    ----------
    seed, draws : int
    memory : Memory, optional
        Holds the effects of assumptions.

    Examples
    --------
    >>> LaneDraws(1, 3).normals("weather", (1,))[-1], len(LaneDraws(1, 3))
    (array([0.]), 4)
    """

    memory: Memory
    known: dict[str, np.ndarray]

    def __init__(self, seed: int, draws: int, memory: Memory | None = None) -> None:
        super().__init__(seed, np.append(np.arange(draws), CENTRAL), WholeRun(seed, draws))
        object.__setattr__(self, "memory", memory or Memory(0.0))
        object.__setattr__(self, "known", {})

    def normals(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        """Return standard normal numbers of an input, (lane, *shape), made once; the central run has zeros."""
        if name not in self.known:
            drawn = Draws(self.seed, self.index[:-1]).normals(name, shape)
            self.known[name] = np.asfortranarray(np.concatenate([drawn, np.zeros((1, *shape))]))
        return self.known[name]

    def uniform(self, name: str) -> np.ndarray:
        """Return one number in (0, 1) per lane; one half in the central run."""
        assert self.whole is not None
        return np.append(self.whole.uniform(name), 0.5)

    def quantile(self, distribution: float | Distribution, stream: str) -> np.ndarray:
        """Return a distribution's value in each lane, (lane,)."""
        if isinstance(distribution, int | float):
            return np.full(len(self), float(distribution))
        found = np.asarray(distribution.ppf(self.uniform(stream)), dtype=float)
        found[-1] = float(distribution.central)
        return found

    def effect(self, assumption: Assumption, years: np.ndarray) -> np.ndarray:
        """Return effect × realisation × time profile of an assumption, (lane, year)."""
        return self.effect_of(assumption, years, assumption_token(assumption))

    def effect_of(self, assumption: Assumption, years: np.ndarray, token: bytes) -> np.ndarray:
        """Return :meth:`effect` of an assumption whose token is known."""
        token = b"effect " + token
        found = self.memory.get(token)
        if found is None:
            found = np.asfortranarray(super().effect(assumption, years))
            self.memory.put(token, found)
        return np.asarray(found)


class LaneParameters(Parameters):
    """Parameters of one scenario on a desk: made once, and it is known who read which.

    Parameters
    ----------
    region : Region
    scenario : Scenario
    draws : LaneDraws
    years : array of int, (year,)
    tokens : mapping of str to bytes
        Token of each assumption by name.
    """

    draws: LaneDraws

    def __init__(
        self,
        region: Region,
        scenario: Scenario,
        draws: LaneDraws,
        years: np.ndarray,
        tokens: Mapping[str, bytes],
    ) -> None:
        super().__init__(region, scenario, draws, years)
        self._read: list[set[str]] = []
        self._tokens: dict[str, tuple[bytes, ...]] = {}
        for assumption in scenario.assumptions:
            if assumption.kind == "parameter":
                name = str(assumption.target.parameter)
                self._tokens[name] = (*self._tokens.get(name, ()), tokens[assumption.name])

    def signature(self, names: Iterable[str]) -> tuple[tuple[bytes, ...], ...]:
        """Return what the scenario says about some parameters."""
        return tuple(self._tokens.get(name, ()) for name in names)

    @contextmanager
    def reading(self) -> Iterator[set[str]]:
        """Note the parameters that are read meanwhile."""
        names: set[str] = set()
        self._read.append(names)
        try:
            yield names
        finally:
            self._read.pop()

    def value(
        self,
        name: str,
        service_area: str | None = None,
        level: str | None = None,
        profession: str | None = None,
    ) -> np.ndarray:
        """Return a parameter, (lane, year), in the unit of the region's table."""
        for names in self._read:
            names.add(name)
        token = "parameter", name, service_area, level, profession, self._tokens.get(name)
        found = self.draws.memory.get(token)
        if found is None:
            found = np.asfortranarray(super().value(name, service_area, level, profession))
            self.draws.memory.put(token, found)
        return np.asarray(found)
