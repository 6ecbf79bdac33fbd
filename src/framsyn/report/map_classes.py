"""Five classes of the values of a map, with round bounds and colours."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from framsyn.errors import PlanError
from framsyn.report.numbers import number, shown
from framsyn.report.theme import SEQUENTIAL, WARM
from framsyn.report.words import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.report.numbers import Style

__all__ = ["Classes", "five_classes"]

_CLASSES = 5


@dataclass(frozen=True)
class Classes:
    """Four inner bounds of five classes, with colours; a value on a bound belongs to the class above."""

    bounds: tuple[float, ...]
    decimals: int
    colours: tuple[str, ...]

    def index(self, value: float) -> int:
        """Class of a value, 0 the lowest.

        >>> five_classes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).index(9)
        4
        """
        return int(np.searchsorted(self.bounds, value, side="right"))

    def texts(self, lang: str, style: Style) -> list[str]:
        """Words of the five classes."""
        ends = [shown(bound, lang, style, self.decimals) for bound in self.bounds]
        bare = [number(bound, lang, self.decimals) for bound in self.bounds]
        inner = [
            word("map.between", lang, low=low, high=high)
            for low, high in zip(bare[:-1], ends[1:], strict=True)
        ]
        return [word("map.under", lang, high=ends[0]), *inner, word("map.over", lang, low=ends[-1])]


def five_classes(values: Sequence[float], bounds: Sequence[float] | None = None) -> Classes:
    """Divide values into five classes of about equal count with round bounds.

    Values on both sides of zero get zero as a bound, and warm colours below it.

    Parameters
    ----------
    values : sequence of float [unit shown]
    bounds : sequence of float, optional
        Four rising bounds of one's own, for maps that must compare (years, scenarios).

    Returns
    -------
    Classes

    Examples
    --------
    >>> five_classes([3, 8, 11, 14, 17, 19, 22, 26, 31, 38]).bounds
    (10.0, 16.0, 20.0, 28.0)
    >>> 0.0 in five_classes([-12, -8, -3, 2, 5, 7, 9, 12, 15, 21]).bounds
    True
    """
    array = np.asarray(values, dtype=float)
    chosen = tuple(float(bound) for bound in bounds) if bounds is not None else _round_bounds(array)
    if len(chosen) != _CLASSES - 1 or any(high <= low for low, high in pairwise(chosen)):
        message = f"map classes have bounds {list(chosen)}; expected {_CLASSES - 1} rising numbers."
        raise PlanError("map-bounds", message, got=list(chosen))
    if bounds is None and array.min() < 0 < array.max() and 0.0 not in chosen:
        nearest = min(range(len(chosen)), key=lambda place: abs(chosen[place]))
        chosen = tuple(sorted(0.0 if place == nearest else bound for place, bound in enumerate(chosen)))
    decimals = next(
        places for places in range(9) if all(abs(round(b, places) - b) < 1e-9 for b in chosen) or places == 8
    )
    below = sum(bound <= 0 for bound in chosen) if 0.0 in chosen and array.min() < 0 else 0
    warm = WARM[:below][::-1]
    return Classes(chosen, decimals, (*warm, *(SEQUENTIAL[1 if below else 0 :][: _CLASSES - below])))


def _round_bounds(values: np.ndarray) -> tuple[float, ...]:
    """Quintiles rounded to the coarsest step that keeps them apart."""
    quintiles = np.quantile(values, [0.2, 0.4, 0.6, 0.8])
    reach = float(values.max() - values.min()) or abs(float(values[0])) or 1.0
    for power in range(int(np.ceil(np.log10(reach))), int(np.ceil(np.log10(reach))) - 5, -1):
        for factor in (5, 2, 1):
            step = factor * 10.0**power
            rounded = np.round(np.round(quintiles / step) * step, 9)
            if (np.diff(rounded) > 0).all() and (np.abs(rounded - quintiles) <= reach / 20).all():
                return tuple(float(bound) + 0.0 for bound in rounded)
    even = np.linspace(float(values.min()), float(values.min()) + reach, _CLASSES + 1)[1:-1]
    digits = max(0, 2 - int(np.floor(np.log10(reach))))
    return tuple(float(bound) for bound in even.round(digits))
