"""Population counts as they come: years that are missing, codes that were split, municipalities counted together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from framsyn.errors import PlanError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["AGES", "Counts"]

AGES = 106


class Counts:
    """Counts of 1 January as an array, with what is known about the ground they cover.

    Parameters
    ----------
    raw : Path
        Folder with ``population_counts.csv``.
    areas : list of str
        Codes in the order of the array.
    joint : list of dict
        Groups of municipalities that were counted together up to ``lastYear``; their joint counts are split by the
        shares per age and sex of the first year in which they are counted apart.

    Attributes
    ----------
    persons : array [person], dims (area, year, sex, age)
    known, approximate : array of bool, dims (area, year)
        Whether there is a count, and whether it rests on a split source code.
    """

    def __init__(self, raw: Path, areas: list[str], joint: list[dict[str, Any]]) -> None:
        import pandas as pd

        path = raw / "population_counts.csv"
        if not path.is_file():
            raise PlanError("missing-table", f"{path}: the file is missing. Add the counts.", file=path.name)
        frame = pd.read_csv(path, dtype={"area": str})
        unknown = sorted(set(frame["area"]) - set(areas))
        lacking = sorted(set(areas) - set(frame["area"]))
        if unknown or lacking:
            raise PlanError(
                "unknown-area",
                f"{path.name}: areas {unknown or lacking} {'are not in areas.csv' if unknown else 'have no counts'}; "
                "expected the same municipalities in both files. Add or take out rows.",
                file=path.name,
                got=unknown or lacking,
            )
        self.areas = areas
        self.years = list(range(int(frame["year"].min()), int(frame["year"].max()) + 1))
        where = (
            frame["area"].map({area: i for i, area in enumerate(areas)}).to_numpy(),
            frame["year"].to_numpy() - self.years[0],
        )
        self.persons = np.zeros((len(areas), len(self.years), 2, AGES))
        self.persons[where[0], where[1], 0, frame["age"].to_numpy()] = frame["male"].to_numpy()
        self.persons[where[0], where[1], 1, frame["age"].to_numpy()] = frame["female"].to_numpy()
        self.known = np.zeros((len(areas), len(self.years)), dtype=bool)
        self.known[where] = True
        self.approximate = np.zeros_like(self.known)
        self.approximate[where] = frame["approximate"].to_numpy() == 1
        self.joint = [
            ([areas.index(area) for area in group["areas"]], self.years.index(group["lastYear"]))
            for group in joint
        ]
        for members, last in self.joint:
            self._split(members, last)

    def _split(self, members: list[int], last: int) -> None:
        """Give each member of a joint count its share of the first year in which they are counted apart."""
        after = self.persons[members, last + 1]
        whole = after.sum(axis=0)
        share = np.divide(after, whole, out=np.full_like(after, 1 / len(members)), where=whole > 0)
        for year in range(last + 1):
            total = self.persons[members, year].sum(axis=0)
            parts = np.floor(total * share)
            left = total - parts.sum(axis=0)
            parts[int(np.argmax(after.sum(axis=(1, 2))))] += left
            self.persons[members, year] = parts

    def together(self) -> NDArray[np.float64]:
        """Counts in which every member of a joint group carries the sum of the group."""
        persons = self.persons.copy()
        for members, _ in self.joint:
            persons[members] = persons[members].sum(axis=0)
        return persons

    def comparable(self) -> NDArray[np.bool_]:
        """Where two consecutive counts cover the same ground, dims (area, year − 1)."""
        valid = self.known[:, :-1] & self.known[:, 1:]
        changed = self.approximate[:, :-1] & ~self.approximate[:, 1:]
        for members, _ in self.joint:
            changed[members] = False
        return valid & ~changed
