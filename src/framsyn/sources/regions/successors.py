"""Counts of old municipalities on the codes of today, whole where a code went over whole, by shares where it was divided.

``framsyn.sources.klass`` says who became what and by which share; here the shares are laid on many ages at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from framsyn.sources.klass import carry

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Successors"]


class Successors:
    """What the municipalities of today were before.

    Parameters
    ----------
    changes : DataFrame
        From :func:`framsyn.sources.klass.changes`.
    weights : DataFrame
        Shares of divided codes.
    areas : sequence of str
        Municipalities of today.
    years : sequence of int
        Years of the counts of 1 January.

    Attributes
    ----------
    codes : list of str
        Every code, old or of today, that counts of these areas may stand under.

    Examples
    --------
    >>> import pandas as pd
    >>> changes = pd.DataFrame([("1504", "1507", "2020-01-01")], columns=["old", "new", "date"])
    >>> Successors(changes, None, ["1507"], [2019, 2020]).codes
    ['1504', '1507']
    """

    def __init__(
        self, changes: pd.DataFrame, weights: pd.DataFrame | None, areas: Sequence[str], years: Sequence[int]
    ) -> None:
        self._changes, self._weights, self._areas = changes, weights, set(areas)
        self._last = f"{max(years)}-01-01"
        known, found = set(areas), set(areas)
        moved = changes[(changes["old"] != "") & (changes["new"] != "") & (changes["old"] != changes["new"])]
        while found:
            found = set(moved.loc[moved["new"].isin(found), "old"]) - known
            known |= found
        self.codes = sorted(known)

    def carry(self, counted: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
        """Lay counts on today's codes.

        Parameters
        ----------
        counted : DataFrame
            area, year, age, male, female [person]; NaN where there is no count.

        Returns
        -------
        DataFrame
            The same columns and ``approximate`` (1 where a share is in it), whole persons, sorted; an area and year without
            any count is not there.
        list of str
            What was divided, for people to read.
        """
        import pandas as pd

        # The service shows 0 persons under a code before it came to be and after it ended.
        persons = counted["male"] + counted["female"]
        whole = persons.groupby([counted["area"], counted["year"]]).transform("sum")
        alive = counted[(whole > 0) & persons.notna()]
        pairs = alive[["area", "year"]].drop_duplicates().assign(value=1.0)
        _, report = carry(pairs, self._changes, self._weights, "area", when="year", until=self._last)
        ways = report.rename(columns={"source": "area", "when": "year"})[
            ["area", "year", "target", "share", "kind"]
        ]
        ways = ways.assign(year=ways["year"].astype("int64"))
        merged = alive.merge(ways, on=["area", "year"], how="left")
        merged["target"] = merged["target"].fillna(merged["area"])
        merged["share"] = merged["share"].fillna(1.0)
        merged = merged[merged["target"].isin(self._areas)]
        merged["approximate"] = (merged["share"] < 1).astype("int64")
        for sex in ("male", "female"):
            merged[sex] = merged[sex] * merged["share"]
        keys = ["target", "year", "age"]
        made = merged.groupby(keys).agg({"male": "sum", "female": "sum", "approximate": "max"})
        made = made.round().astype("int64").reset_index().rename(columns={"target": "area"})
        flags = made.groupby(["area", "year"])["approximate"].transform("max")
        divided = ways[ways["kind"].str.contains("divided") & ways["target"].isin(self._areas)]
        notes = []
        for area, of_area in divided.groupby("area"):
            shares = of_area.drop_duplicates("target")
            told = ", ".join(f"{row.target} {row.share:.3g}" for row in shares.itertuples())
            years = f"{of_area['year'].min()}–{of_area['year'].max()}"
            notes.append(f"{area} was divided; counts of {years} are shared: {told}.")
        return pd.DataFrame(made.assign(approximate=flags)), notes
