"""Data of a fan chart: checked, in the unit shown, and the words and the table that go with it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from framsyn.errors import PlanError
from framsyn.report.frames import QUANTILES, display_frame
from framsyn.report.numbers import decimals_for, display_factor, shown
from framsyn.report.words import word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from framsyn.report.figure import About

__all__ = ["Beside", "Break", "FanData", "Target", "fan_headings"]


Row = dict[str, float]
"""Year and values of one row."""


@dataclass(frozen=True)
class Target:
    """A value to reach by a year, or to compare with, in the unit of the data.

    ``text`` is the label at the end of its line, ``name`` the word in the key and the description; both say "target" where
    left out.
    """

    value: float
    year: int
    text: str = ""
    name: str = ""


@dataclass(frozen=True)
class Break:
    """A break in a series: the first year that is counted in the new way, and why in a few words."""

    year: int
    text: str


@dataclass(frozen=True)
class Beside:
    """The median of another scenario, year by year in the unit of the data, and its name."""

    name: str
    years: Sequence[int]
    values: Sequence[float]


@dataclass(frozen=True)
class FanData:
    """Checked data of a fan chart in display units, and the words about them.

    Parameters
    ----------
    about : About
    parts, past : dict
        Rows of the projection, and counted years, by group and in the order of years.
    breaks : tuple of Break
    labels : dict
        Group code → name.
    factor : float
        From the unit of the data to the one shown.
    beside : Beside, optional
        In the unit shown.
    focus : int, optional
        The year that the words speak of; the last one where left out.
    """

    about: About
    parts: dict[str, list[Row]]
    past: dict[str, list[Row]]
    breaks: tuple[Break, ...]
    labels: dict[str, str]
    factor: float
    beside: Beside | None = None
    focus: int | None = None

    @classmethod
    def read(
        cls,
        frame: pd.DataFrame,
        history: pd.DataFrame | None,
        about: About,
        *,
        name: str,
        breaks: Sequence[Break],
        labels: Mapping[str, str] | None = None,
    ) -> FanData:
        """Check the frames and turn them into display units."""
        names = dict(labels) if labels is not None else {"": ""}
        required = ("group", "year", *QUANTILES)
        checked = display_frame(frame, required, QUANTILES, about.style, chart=name, key=("group", "year"))
        groups = set(checked["group"])
        if groups != set(names):
            message = (
                f'chart "{name}": the frame has groups {", ".join(sorted(groups))} and labels name '
                f"{', '.join(sorted(names))}. Give one label per group."
            )
            raise PlanError("chart-groups", message, chart=name, got=sorted(groups), expected=sorted(names))
        if (checked.groupby("group")["year"].nunique() < 2).any():
            raise one_year(name)
        check_order(checked[list(QUANTILES)].to_numpy().T, name)
        past: dict[str, list[Row]] = {}
        if history is not None:
            counted = history if "group" in history.columns else history.assign(group="")
            known = display_frame(
                counted,
                ("group", "year", "value"),
                ("value",),
                about.style,
                chart=name,
                key=("group", "year"),
            )
            past = rows_by_group(known.sort_values(["group", "year"]), ("value",))
        parts = rows_by_group(checked.sort_values(["group", "year"]), QUANTILES)
        return cls(about, parts, past, tuple(breaks), names, display_factor(about.style))

    @classmethod
    def of_bands(
        cls,
        years: Sequence[int],
        bands: np.ndarray,
        about: About,
        *,
        name: str,
        beside: Beside | None = None,
        focus: int | None = None,
    ) -> FanData:
        """Check one series that is at hand as numbers, without a frame.

        Parameters
        ----------
        years : sequence of int
            Rising.
        bands : array, (5, year)
            The 10, 25, 50, 75 and 90 % quantiles.
        about : About
        name : str
        beside : Beside, optional
        focus : int, optional
        """
        factor = display_factor(about.style)
        shown_bands = np.asarray(bands, dtype=float) * factor
        if shown_bands.shape != (len(QUANTILES), len(years)) or not np.isfinite(shown_bands).all():
            message = (
                f'chart "{name}": bands have shape {shown_bands.shape} with {np.isnan(shown_bands).sum()} missing '
                f"values; expected {len(QUANTILES)} quantiles of {len(years)} years, none missing."
            )
            raise PlanError("chart-bands", message, chart=name, got=list(shown_bands.shape))
        if len(years) < 2:
            raise one_year(name)
        check_order(shown_bands, name)
        columns = ("year", *QUANTILES)
        rows = [
            dict(zip(columns, row, strict=True))
            for row in zip(map(int, years), *shown_bands.tolist(), strict=True)
        ]
        if beside is not None:
            beside = Beside(beside.name, beside.years, [float(value) * factor for value in beside.values])
        return cls(about, {"": rows}, {}, (), {"": ""}, factor, beside, focus)

    def of(self, group: str) -> list[Row]:
        """Rows of a group."""
        return self.parts[group]

    def past_of(self, group: str) -> list[Row]:
        """Counted years of a group; none where nothing is counted."""
        return self.past.get(group, [])

    @cached_property
    def last_count(self) -> int:
        """Last counted year, or the first of the projection."""
        if self.past:
            return int(max(rows[-1]["year"] for rows in self.past.values()))
        return int(min(rows[0]["year"] for rows in self.parts.values()))

    @cached_property
    def years(self) -> tuple[int, int]:
        """First and last year drawn."""
        every = [rows for found in (self.parts, self.past) for rows in found.values()]
        last = max(rows[-1]["year"] for rows in self.parts.values())
        return int(min(rows[0]["year"] for rows in every)), int(last)

    def told(self, group: str) -> Row:
        """Row of the year that the words speak of."""
        rows = self.of(group)
        return next((row for row in rows if row["year"] == self.focus), rows[-1])

    @property
    def beside_told(self) -> float | None:
        """Value of the other scenario in the year that the words speak of."""
        if self.beside is None:
            return None
        year = self.years[1] if self.focus is None else self.focus
        return dict(zip(self.beside.years, self.beside.values, strict=True)).get(year)

    def decimals(self, group: str) -> int:
        """Decimals that the last interval of a group justifies."""
        last = self.told(group)
        if last["q10"] == last["q90"]:  # a counted year has no width of its own
            last = self.of(group)[-1]
        return decimals_for(last["q10"], last["q90"], last["q50"])

    def write(self, value: float, decimals: int) -> str:
        """Write a value in the reader's way."""
        return shown(value, self.about.lang, self.about.style, decimals)

    def values(self, group: str) -> dict[str, str]:
        """Words of the first and last value of a group, rounded as the last interval allows."""
        rows, past = self.of(group), self.past_of(group)
        decimals = self.decimals(group)
        start, end = rows[0], self.told(group)
        first = past[-1]["value"] if past else start["q50"]
        first_year = int(past[-1]["year"] if past else start["year"])
        low, high = (self.write(end[quantile], decimals) for quantile in ("q10", "q90"))
        unit = f" {self.about.unit}" if self.about.unit and self.about.style != "percent" else ""
        texts = self.write(first, decimals), self.write(end["q50"], decimals)
        direction = "same" if texts[0] == texts[1] and low == high else "unsure"
        if first < end["q10"]:
            direction = "rise"
        elif first > end["q90"]:
            direction = "fall"
        if end is start and not past:
            direction = "start"
        return {
            "what": self.about.what,
            "first": texts[0],
            "first_year": str(first_year),
            "last": texts[1],
            "last_year": str(int(end["year"])),
            "low": low,
            "high": high,
            "unit": unit,
            "direction": direction,
        }

    def finding(self, group: str) -> str:
        """Sentence of the finding."""
        values = self.values(group)
        kind = "finding" if self.focus is None or values["low"] == values["high"] else "told"
        return word(f"fan.{kind}.{values['direction']}", self.about.lang, **values)

    def describe(self, group: str) -> str:
        """Sentences of the text alternative."""
        values = self.values(group)
        place = self.labels[group]
        lead = f"{place}: " if place else ""
        sentence = lead + word(f"fan.describe.{values['direction']}", self.about.lang, **values)
        if values["low"] == values["high"]:
            return sentence + self.beside_sentence(group)
        return f"{sentence} {word('fan.interval', self.about.lang, **values)}{self.beside_sentence(group)}"

    def beside_sentence(self, group: str) -> str:
        """One sentence about the other scenario, if there is one."""
        value = self.beside_told
        if self.beside is None or value is None:
            return ""
        text, year = self.write(value, self.decimals(group)), int(self.told(group)["year"])
        return " " + word("fan.beside", self.about.lang, name=self.beside.name, value=text, year=year)

    def break_sentences(self) -> str:
        """One sentence per break in the series."""
        return "".join(
            " " + word("fan.break", self.about.lang, year=item.year, text=item.text) for item in self.breaks
        )

    def table(self) -> dict[str, list[Any]]:
        """Numbers of the chart, counted and projected, as columns with headings in words."""
        several = set(self.labels) != {""}
        columns = [*(["group"] if several else []), "year", *(["value"] if self.past else []), *QUANTILES]
        rows: list[dict[str, Any]] = []
        for code, label in self.labels.items():
            merged: dict[float, dict[str, Any]] = {}
            for row in (*self.past_of(code), *self.of(code)):
                merged.setdefault(row["year"], {}).update(row)
            rows += [{"group": label, **merged[year]} for year in sorted(merged)]
        headings = fan_headings(self.about.lang)
        data = {headings[column]: [row.get(column, math.nan) for row in rows] for column in columns}
        notes = {item.year: item.text for item in self.breaks}
        if any(int(row["year"]) in notes for row in rows):
            data[word("run.table.note", self.about.lang)] = [
                word("fan.break", self.about.lang, year=int(row["year"]), text=notes[int(row["year"])])
                if int(row["year"]) in notes
                else ""
                for row in rows
            ]
        if self.beside is not None:
            other = dict(zip(self.beside.years, self.beside.values, strict=True))
            data[self.beside_heading] = [other.get(int(row["year"]), math.nan) for row in rows]
        return data

    @property
    def beside_heading(self) -> str:
        """Heading of the other scenario's median in the table."""
        assert self.beside is not None  # asked for only where there is one
        return word("fan.beside_heading", self.about.lang, name=self.beside.name)

    def table_decimals(self) -> dict[str, int]:
        """Decimals per heading."""
        headings = fan_headings(self.about.lang)
        digits = max(self.decimals(group) for group in self.labels)
        found = {headings[column]: max(digits, 0) for column in ("value", *QUANTILES)}
        return found | ({self.beside_heading: max(digits, 0)} if self.beside is not None else {})


def one_year(name: str) -> PlanError:
    """Error of a chart over time that has one year only."""
    message = (
        f'chart "{name}": a group has one year only; a chart over time needs two. Show a number instead.'
    )
    return PlanError("chart-one-year", message, chart=name)


def check_order(bands: np.ndarray, name: str) -> None:
    """Refuse quantiles, (quantile, row), that fall from q10 to q90 by more than rounding."""
    if (bands[1:] < bands[:-1] - 1e-9 * abs(bands[:-1])).any():
        message = f'chart "{name}": quantiles fall from q10 to q90; expected q10 ≤ q25 ≤ q50 ≤ q75 ≤ q90.'
        raise PlanError("chart-quantile-order", message, chart=name)


def rows_by_group(frame: pd.DataFrame, values: Sequence[str]) -> dict[str, list[Row]]:
    """Year and values of each row, by group, in the frame's order."""
    found: dict[str, list[Row]] = {}
    columns = ["year", *values]
    lists = (frame[column].tolist() for column in columns)
    for group, *numbers in zip(frame["group"].tolist(), *lists, strict=True):
        found.setdefault(str(group), []).append(dict(zip(columns, numbers, strict=True)))
    return found


def fan_headings(lang: str) -> dict[str, str]:
    """Headings of the table columns of a fan chart."""
    return {
        "group": word("table.place", lang),
        "year": word("table.year", lang),
        "value": word("table.counted", lang),
        "q10": word("table.quantile", lang, share=10),
        "q25": word("table.quantile", lang, share=25),
        "q50": word("table.median", lang),
        "q75": word("table.quantile", lang, share=75),
        "q90": word("table.quantile", lang, share=90),
    }
