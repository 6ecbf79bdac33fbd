"""Which draws a stage computes, and the random numbers that belong to each.

Draw *d* of the input called *name* takes its numbers from ``SeedSequence([seed, crc32(name), d])`` alone. Two scenarios with
one seed therefore share their random numbers, adding an assumption leaves the others' numbers alone, and the split of the
draws into chunks changes nothing. The central run is a draw without chance: every distribution stands at its median and
every shock at zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from framsyn.methods import streams

if TYPE_CHECKING:
    from framsyn.scenario import Assumption
    from framsyn.scenario.distributions import Distribution

__all__ = ["Draws", "WholeRun"]

CENTRAL = -1


class WholeRun:
    """Uniform numbers of all draws of a run, computed once for all its chunks; the same numbers as chunk by chunk.

    Parameters
    ----------
    seed : int
    draws : int
    """

    def __init__(self, seed: int, draws: int) -> None:
        self.seed = seed
        self.index = np.arange(draws)
        self._known: dict[str, np.ndarray] = {}

    def uniform(self, name: str) -> np.ndarray:
        """Return one number in (0, 1) per draw of the run."""
        if name not in self._known:
            self._known[name] = streams.uniform(self.seed, name, self.index)
        return self._known[name]


@dataclass(frozen=True)
class Draws:
    """A set of draws of one seed.

    Parameters
    ----------
    seed : int
    index : array of int, (draw,)
        Numbers of the draws; ``[-1]`` is the central run.

    Examples
    --------
    >>> Draws.central(1).normals("weather", (2,))
    array([[0., 0.]])
    >>> Draws.range(1, 0, 3).uniform("weather").shape
    (3,)
    """

    seed: int
    index: np.ndarray
    whole: WholeRun | None = None

    @classmethod
    def central(cls, seed: int = 1) -> Draws:
        """Return the one draw in which nothing is left to chance."""
        return cls(seed, np.array([CENTRAL]))

    @classmethod
    def range(cls, seed: int, first: int, stop: int) -> Draws:
        """Return draws ``first`` to ``stop - 1``."""
        return cls(seed, np.arange(first, stop))

    @classmethod
    def chunks(cls, seed: int, draws: int, size: int) -> list[Draws]:
        """Return all draws of a run in chunks that share what is drawn once."""
        whole = WholeRun(seed, draws)
        return [
            cls(seed, np.arange(first, min(first + size, draws)), whole) for first in range(0, draws, size)
        ]

    @property
    def is_central(self) -> bool:
        """Whether this is the central run."""
        return bool(self.index[0] == CENTRAL)

    def __len__(self) -> int:
        """Return the number of draws."""
        return len(self.index)

    def normals(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        """Return standard normal numbers of an input, (draw, *shape); zeros in the central run."""
        if self.is_central:
            return np.zeros((1, *shape))
        return streams.normals(self.seed, name, self.index, shape)

    def uniform(self, name: str) -> np.ndarray:
        """Return one number in (0, 1) per draw; one half in the central run."""
        if self.is_central:
            return np.full(1, 0.5)
        if self.whole is not None:
            return self.whole.uniform(name)[self.index]
        return streams.uniform(self.seed, name, self.index)

    def effect(self, assumption: Assumption, years: np.ndarray) -> np.ndarray:
        """Return effect × realisation × time profile of an assumption, (draw, year), in the assumption's unit."""
        stream = f"assumption/{assumption.name}"
        size = self.quantile(assumption.effect, stream)
        share = self.quantile(assumption.realisation, f"{stream}/realisation")
        return (size * share)[:, None] * assumption.profile.at(years)[None, :]

    def quantile(self, distribution: float | Distribution, stream: str) -> np.ndarray:
        """Return a distribution's value in each draw, (draw,)."""
        if isinstance(distribution, int | float):
            return np.full(len(self), float(distribution))
        if self.is_central:
            return np.full(1, float(distribution.central))
        return np.asarray(distribution.ppf(self.uniform(stream)), dtype=float)
