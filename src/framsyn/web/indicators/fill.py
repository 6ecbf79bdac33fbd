"""Fill an indicator with the figures that the region package holds, and keep every flag that they carry.

An indicator says in ``data`` where its figures are::

    data = { table = "beds", where = { service_area = "SOM" }, value = "beds*occupancy", period = "year", place = "trust",
             per = { value = "beds" } }

``where`` selects rows (a value or a list of values per column). ``value`` is a column, a product or a sum of columns
and numbers (``0.01*value``, ``male+female``). ``period`` is the column of the year: ``year`` is the calendar year,
``year@start`` its first day, ``year@end`` its last. ``place`` is the column of the place; ``area>somatic_trust`` adds
municipalities up to their trusts; left out, the figures are the region's. ``per`` is the denominator, from the same
rows or from a table of its own (``table``, ``where``, ``value``, ``place``), with a ``factor``.

A region's figure is a sum over its trusts only where every trust has one; a share is the sum of its parts over the sum of
their wholes, and never a mean of shares.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from framsyn.errors import PlanError
from framsyn.region.breaks import RegionBreak, breaks_of
from framsyn.web.indicators.figures import ObservationRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from framsyn import Region
    from framsyn.web.plan.content_models import Indicator

__all__ = ["ObservationRow", "REGION_PLACE", "fill"]

REGION_PLACE = "hmn"
"""The organisation that a figure of the whole region belongs to."""

_WORST_LAST = ("official", "derived", "estimate", "assumption", "synthetic")
# Rows of these tables split a published total by an assumption; added up over the column they give the total back.
_SPLIT_TOTALS = {"staff": "profession", "trust_activity": "service_area"}
# Figures that a document states without a register behind them.
_STATED = {"past_projections": "estimate"}
_PERIODS = ("year", "year@start", "year@end")
_PER_KEYS = {"table", "where", "value", "place", "factor"}
_LANGUAGES = ("nb", "nn", "en")


def fill(indicator: Indicator, region: Region) -> list[ObservationRow]:
    """Figures of an indicator from the tables of a region.

    Parameters
    ----------
    indicator : Indicator
        With or without ``data``; without, there are no figures.
    region : Region

    Returns
    -------
    list of ObservationRow
        By place and period.

    Raises
    ------
    PlanError
        ``unknown-table``, ``unknown-column``, ``no-rows`` or ``indicator-data``: ``data`` does not fit the package.
    """
    if indicator.data is None:
        return []
    return _Filling(indicator.id, indicator.data.model_dump(), region).rows()


class _Filling:
    """One indicator's declaration against one region."""

    def __init__(self, name: str, data: Mapping[str, Any], region: Region) -> None:
        self.name, self.data, self.region = name, data, region
        if data["period"] not in _PERIODS:
            raise self._wrong("period", data["period"], " or ".join(_PERIODS))
        per = data.get("per")
        if per is not None and (not isinstance(per, dict) or set(per) - _PER_KEYS or "value" not in per):
            raise self._wrong("per", per, f"a table of {', '.join(sorted(_PER_KEYS))} with at least value")
        self.per: dict[str, Any] | None = per

    def rows(self) -> list[ObservationRow]:
        data = self.data
        over = self._groups(data["table"], data["where"], data["value"], data.get("place"))
        under: dict[tuple[str, int], _Group] | None = None
        if self.per is not None:
            under = self._groups(
                self.per.get("table", data["table"]),
                self.per.get("where", data["where"] if "table" not in self.per else {}),
                self.per["value"],
                self.per.get("place", data.get("place")),
            )
        made = [self._row(key, group, under) for key, group in sorted(over.items())]
        return [row for row in made if row is not None]

    def _row(
        self, key: tuple[str, int], group: _Group, under: dict[tuple[str, int], _Group] | None
    ) -> ObservationRow | None:
        place, year = key
        numerator = denominator = None
        value, parts = group.value, [group]
        if under is not None and self.per is not None:
            if key not in under or under[key].value == 0:
                return None
            parts.append(under[key])
            numerator, denominator = group.value, under[key].value
            value = float(self.per.get("factor", 1)) * numerator / denominator
            parts = [replace(part, quality=_worse(part.quality, "derived")) for part in parts]
        start, end = date(year, 1, 1), date(year, 12, 31)
        if self.data["period"] == "year@start":
            end = start
        elif self.data["period"] == "year@end":
            start = end
        flags = [flag for part in parts for flag in part.flags]
        known = [part.coverage for part in parts if part.coverage is not None]
        coverage = min(known) if known else None
        if coverage is not None and coverage < 1:
            flags.append("incomplete")
        sources = list(dict.fromkeys(source for part in parts for source in part.sources))
        told = [self.region.sources[source] for source in sources]
        return ObservationRow(
            place=place,
            period_start=start,
            period_end=end,
            value=value,
            numerator=numerator,
            denominator=denominator,
            data_through=min([end, *(part.through for part in parts)]),
            coverage=coverage,
            provisional=False,
            quality=_worse(*(part.quality for part in parts)),
            source="; ".join(source["title"] for source in told),
            licence=", ".join(dict.fromkeys(source["license"]["name"] for source in told)),
            flags=tuple(dict.fromkeys(flags)),
            note=_said([part.note for part in parts]),
        )

    def _groups(
        self, table: str, where: Mapping[str, Any], value: str, place: str | None
    ) -> dict[tuple[str, int], _Group]:
        """Sum of the selected rows by place and year, with what is known of them."""
        frame = self._selected(table, where)
        frame = frame.assign(_value=self._calculated(frame, value))
        # A blank cell is no figure, and a sum with a blank in it would be too small.
        frame = frame[frame["_value"].notna()]
        column, _, upper = (place or "").partition(">")
        if not column:
            return self._summed(table, where, frame.assign(_place=REGION_PLACE))
        if upper:
            areas = self.region.table("areas")
            known = dict(zip(areas["area"], areas[self._column(areas, upper)], strict=True))
            frame = frame[frame[self._column(frame, column)].isin(self.region.areas)]
            frame = frame.assign(_place=frame[column].map(known))
        else:
            named = frame[self._column(frame, column)].replace({"region": REGION_PLACE})
            frame = frame.assign(_place=named)
        groups = self._summed(table, where, frame)
        if column in ("trust", "area"):
            groups.update(self._region_of(table, where, frame))
        return groups

    def _region_of(
        self, table: str, where: Mapping[str, Any], frame: pd.DataFrame
    ) -> dict[tuple[str, int], _Group]:
        """The region's sums, of the years in which every trust has a figure."""
        trusts = frame.groupby("year")["_place"].agg(set)
        whole = [year for year, present in trusts.items() if set(self.region.trusts) <= present]
        return self._summed(table, where, frame[frame["year"].isin(whole)].assign(_place=REGION_PLACE))

    def _summed(
        self, table: str, where: Mapping[str, Any], frame: pd.DataFrame
    ) -> dict[tuple[str, int], _Group]:
        groups = {}
        breaks = self._breaks(table)
        split = self._split_areas(frame)
        newest = frame[frame["year"] == frame["year"].max()] if "area" in frame else None
        for (place, year), rows in frame.groupby(["_place", "year"]):
            here = [one for one in breaks if one.is_at(None if place == REGION_PLACE else str(place))]
            flags, note = self._flags(rows, int(year), here, split.get(int(year), set()))
            groups[str(place), int(year)] = _Group(
                value=float(rows["_value"].sum()),
                quality=self._quality(table, where, rows),
                sources=self._sources(table, rows),
                through=self._through(table, int(year)),
                coverage=None if newest is None else _coverage(newest[newest["_place"] == place], rows),
                flags=flags,
                note=note,
            )
        return groups

    def _selected(self, table: str, where: Mapping[str, Any]) -> pd.DataFrame:
        frame = _published(self.region.folder) if table == "published" else self.region.table(table)
        self._column(frame, "year")
        for column, wanted in where.items():
            values = wanted if isinstance(wanted, (list, tuple)) else [wanted]
            frame = frame[frame[self._column(frame, column)].isin(values)]
        if frame.empty:
            message = (
                f"indicator {self.name}: no row of table {table} has {dict(where)}. Mend where, or take data out and say "
                "in needs what is lacking."
            )
            raise PlanError("no-rows", message, indicator=self.name, table=table, where=dict(where))
        return frame

    def _calculated(self, frame: pd.DataFrame, expression: str) -> pd.Series:
        """A sum of products of columns and numbers."""
        total: Any = 0.0
        for term in expression.split("+"):
            product: Any = 1.0
            for factor in term.split("*"):
                known = _number(factor)
                product = product * (frame[self._column(frame, factor.strip())] if known is None else known)
            total = total + product
        return total

    def _column(self, frame: pd.DataFrame, column: str) -> str:
        if column not in frame.columns:
            known = ", ".join(frame.columns)
            message = f"indicator {self.name}: the table has no column {column!r}; expected one of {known}."
            raise PlanError(
                "unknown-column", message, indicator=self.name, got=column, expected=list(frame.columns)
            )
        return column

    def _wrong(self, key: str, got: object, expected: str) -> PlanError:
        message = f"indicator {self.name}: data.{key} is {got!r}; expected {expected}."
        return PlanError("indicator-data", message, indicator=self.name, got=got, expected=expected)

    def _quality(self, table: str, where: Mapping[str, Any], rows: pd.DataFrame) -> str:
        if "quality" not in rows:
            return _STATED.get(table, "official")
        worst = _worse(*rows["quality"])
        split = _SPLIT_TOTALS.get(table)
        if split and split not in where and "quality" not in where and _WORST_LAST.index(worst) > 0:
            return "derived"
        return worst

    def _sources(self, table: str, rows: pd.DataFrame) -> tuple[str, ...]:
        if "source" in rows:
            return tuple(dict.fromkeys(rows["source"]))
        return tuple(source["name"] for source in self._resource(table)["sources"])

    def _resource(self, table: str) -> dict[str, Any]:
        resources = self.region.descriptor["resources"]
        return next(resource for resource in resources if resource["name"] == table)

    def _through(self, table: str, year: int) -> date:
        if table == "published":
            return date(year, 12, 31)
        return date.fromisoformat(self._resource(table)["dataThrough"])

    def _flags(
        self, rows: pd.DataFrame, year: int, breaks: list[RegionBreak], split: set[str]
    ) -> tuple[tuple[str, ...], dict[str, str]]:
        flags: list[str] = []
        notes: list[dict[str, str]] = []
        marked = "faulty" in rows
        measures = {*rows["measure"], "all"} if "measure" in rows else None
        if marked and rows["faulty"].any():
            flags.append("faulty")
            notes += [one.text for one in breaks if one.kind == "faulty" and one.first <= year <= one.last]
        if "approximate" in rows and self._split_across(set(rows["area"]), split):
            flags.append("approximate")
        if "approximate" not in rows or "approximate" in flags:
            for one in breaks:
                told = one.kind == "faulty" and marked
                if told or not (measures is None or one.measure in measures):
                    continue
                if one.first == year or (one.kind == "one_off" and one.first <= year <= one.last):
                    flags.append("one_off" if one.kind == "one_off" else "break")
                    notes.append(one.text)
        return tuple(flags), _said(notes)

    def _breaks(self, table: str) -> list[RegionBreak]:
        # What the publisher says of the waiting times holds for its other figures of the same years.
        return breaks_of(self.region, "waiting" if table == "published" else table)

    def _split_areas(self, frame: pd.DataFrame) -> dict[int, set[str]]:
        """Municipalities of each year whose count rests on a split source code."""
        if "approximate" not in frame:
            return {}
        return frame[frame["approximate"] == 1].groupby("year")["area"].agg(set).to_dict()

    def _split_across(self, here: set[str], split: set[str]) -> bool:
        """Whether a split code lies partly in this place: wholly inside, the split does not touch the sum."""
        for group in self.region.descriptor["framsyn"].get("jointAreas", []):
            inside = set(group["areas"]) & here
            if not inside or inside == set(group["areas"]):
                split = split - set(group["areas"])
        return bool(split & here) and bool(split - here)


@dataclass(frozen=True, slots=True)
class _Group:
    """A sum over rows of one place and year."""

    value: float
    quality: str
    sources: tuple[str, ...]
    through: date
    coverage: float | None
    flags: tuple[str, ...]
    note: dict[str, str]


def _worse(*qualities: str) -> str:
    """The worst of some qualities; a ratio of two official counts is derived."""
    return max(qualities, key=_WORST_LAST.index)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _coverage(newest: pd.DataFrame, rows: pd.DataFrame) -> float:
    """Share of a place that is counted, municipalities weighed by their newest figure."""
    present = newest["area"].isin(rows["area"])
    return 1.0 if present.all() else float(newest.loc[present, "_value"].sum() / newest["_value"].sum())


def _said(notes: list[dict[str, str]]) -> dict[str, str]:
    """Several notes as one, each said once."""
    once = list({note["en"]: note for note in notes if note}.values())
    return {lang: " ".join(note[lang] for note in once) for lang in _LANGUAGES} if once else {}


@cache
def _published(folder: Path) -> pd.DataFrame:
    """Published figures typed in one by one, beside the plan's content: ``plan/published.csv`` of the region package."""
    import pandas as pd

    path = folder / "plan" / "published.csv"
    if not path.is_file():
        message = f"{path.name}: the file is missing in the plan folder of the region. Take the table out, or add the file."
        raise PlanError("missing-table", message, file=path.name)
    frame = pd.read_csv(path, keep_default_na=False, encoding="utf-8")
    numbers = frame[["year", "value", "faulty"]].to_numpy(dtype=np.float64)
    if not np.isfinite(numbers).all():
        message = f"{path.name}: year, value and faulty must be numbers in every row. Mend the row."
        raise PlanError("not-a-number", message, file=path.name)
    return frame
