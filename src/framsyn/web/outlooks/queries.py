"""Reading kept runs."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
from django.db.models import Q

from framsyn.region import Region
from framsyn.web.outlooks.models import Explanation, Run, Series
from framsyn.web.outlooks.names import REGION

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Line", "Lines", "main_run", "region_of"]

BANDS = {"q10": "p10", "q25": "p25", "q50": "p50", "q75": "p75", "q90": "p90"}
Key = tuple[str, str, str]  # quantity, place, part


@dataclass(frozen=True)
class Line:
    """One quantity over the years, with its bands."""

    quantity: str
    place: str
    part: str
    years: list[int]
    values: dict[str, list[float]]

    def at(self, year: int, band: str = "p50") -> float:
        """Return the value of a year."""
        return self.values[band][self.years.index(year)]

    @property
    def first(self) -> int:
        """Base year."""
        return self.years[0]

    @property
    def last(self) -> int:
        """Horizon."""
        return self.years[-1]

    def frame(self) -> pd.DataFrame:
        """Return year, q10, q25, q50, q75, q90 as fan charts want them."""
        return pd.DataFrame({"year": self.years, **{name: self.values[band] for name, band in BANDS.items()}})


class Lines:
    """Lines of one run, read in one query for all that a page shows.

    Parameters
    ----------
    run : Run
    quantities, places : iterable of str
        What is read; the region is a place too.
    mapped : tuple of str, optional
        Quantity and part that are read for every place, municipalities among them.
    """

    def __init__(
        self,
        run: Run,
        quantities: Iterable[str],
        places: Iterable[str],
        mapped: tuple[str, str] | None = None,
    ) -> None:
        wanted = Q(quantity__in=list(quantities), place__in=list(places))
        if mapped is not None:
            wanted |= Q(quantity=mapped[0], part=mapped[1])
        rows = Series.objects.filter(wanted, run=run)
        self.run = run
        self._lines: dict[Key, Line] = {
            (row.quantity, row.place, row.part): Line(
                row.quantity, row.place, row.part, row.years, row.values
            )
            for row in rows
        }

    def get(self, quantity: str, place: str = REGION, part: str = "") -> Line | None:
        """Return a line, or None where the run keeps none."""
        return self._lines.get((quantity, place, part))

    def __getitem__(self, key: Key | str) -> Line:
        """Return a line that must be there: by quantity of the region, or by quantity, place and part."""
        return self._lines[(key, REGION, "") if isinstance(key, str) else key]

    def places(self, quantity: str, part: str = "") -> list[str]:
        """Return the places for which a quantity is kept."""
        return [place for name, place, own in self._lines if name == quantity and own == part]

    def parts(self, quantity: str, place: str = REGION) -> list[str]:
        """Return the parts in which a quantity is kept, the whole left out."""
        return [part for name, own, part in self._lines if name == quantity and own == place and part]


def main_run() -> Run | None:
    """Return the run that the site shows, if one is kept."""
    return Run.objects.filter(is_main=True).select_related("baseline").first()


def explanations(run: Run) -> dict[tuple[str, str], Explanation]:
    """Return the kept explanations by quantity and part."""
    return {(found.quantity, found.part): found for found in run.explanations.all()}


@functools.lru_cache(maxsize=8)
def region_of(name: str) -> Region:
    """Return a region, read once per process; for names, borders and what was counted."""
    return Region.load(name)
