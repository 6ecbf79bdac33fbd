"""Breaks in a region's series: which years they touch, where, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from framsyn.methods.trend import SeriesBreak

if TYPE_CHECKING:
    from collections.abc import Iterator

    from framsyn.region.region import Region

__all__ = ["RegionBreak", "break_faults", "breaks_of", "every_break"]

LANGUAGES = ("nb", "nn", "en")


@dataclass(frozen=True, slots=True)
class RegionBreak:
    """One row of the table ``breaks``.

    Parameters
    ----------
    table, measure : str
        What breaks; measure "all" is every one of the table.
    first, last : int [year]
        First year that is counted in the new way, or the years that are faulty or bear the event.
    month, last_month : int or None
        Month in which it begins and ends, where they are known.
    trust : str
        Trust that it is limited to; empty is every place.
    kind : {"level", "faulty", "one_off"}
    text : dict of str to str
        Why, by language.
    """

    table: str
    measure: str
    first: int
    last: int
    month: int | None
    last_month: int | None
    trust: str
    kind: str
    text: dict[str, str]

    @property
    def series(self) -> SeriesBreak:
        """The break as a trend of yearly figures takes it."""
        return SeriesBreak(self.first, self.kind, None if self.kind == "level" else self.last)

    @property
    def years(self) -> str:
        """Its years as they are written.

        >>> RegionBreak("waiting", "mean_wait", 2022, 2024, 11, 11, "", "faulty", {}).years
        '2022–2024'
        """
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"

    def is_at(self, trust: str | None) -> bool:
        """Tell whether it touches a trust; the region, None, is touched by what touches any of them."""
        return trust is None or self.trust in ("", trust)


def breaks_of(region: Region, table: str, measure: str | None = None) -> list[RegionBreak]:
    """Return the breaks of a table's series, the oldest first.

    Parameters
    ----------
    region : Region
    table : str
    measure : str, optional
        One measure, with the breaks of all of them; left out, every break of the table.
    """
    found = [one for one in every_break(region) if one.table == table]
    if measure is not None:
        found = [one for one in found if one.measure in (measure, "all")]
    return sorted(found, key=lambda one: one.first)


def break_faults(region: Region) -> list[tuple[int, str]]:
    """Return the rows of the table, counted from 0, that contradict themselves, and how."""
    frame = region.table("breaks")
    faults = []
    for row, one in enumerate(frame.to_dict("records")):
        said = one["last_year"] == one["last_year"]
        if one["kind"] == "level" and said:
            faults.append(
                (
                    row,
                    f"a change of level has last_year {one['last_year']:.0f}; a new way of counting does not end. "
                    "Take it out, or choose the kind faulty or one_off.",
                )
            )
        elif said and one["last_year"] < one["year"]:
            faults.append(
                (row, f"last_year {one['last_year']:.0f} is before year {one['year']}. Mend one of the two.")
            )
        elif one["last_month"] == one["last_month"] and not said:
            faults.append((row, "last_month stands without last_year. Give the year too."))
    return faults


def every_break(region: Region) -> Iterator[RegionBreak]:
    """Give every break of a region, in the order of the table."""
    for row in region.table("breaks").to_dict("records"):
        first = int(row["year"])
        last = _whole(row["last_year"])
        yield RegionBreak(
            str(row["table"]),
            str(row["measure"]),
            first,
            first if last is None else last,
            _whole(row["month"]),
            _whole(row["last_month"]),
            str(row["trust"]),
            str(row["kind"]),
            {lang: str(row[f"text_{lang}"]) for lang in LANGUAGES},
        )


def _whole(value: float) -> int | None:
    """A cell as a whole number; a blank one is NaN."""
    return None if value != value else int(value)
