"""Data of a fan chart: checked, in the unit shown, and the words and the table that go with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from framsyn.errors import PlanError
from framsyn.report.frames import QUANTILES, display_frame
from framsyn.report.numbers import decimals_for, display_factor, shown
from framsyn.report.words import word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from framsyn.report.figure import About

__all__ = ["Break", "FanData", "Target", "fan_headings"]


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
class FanData:
    """Checked data of a fan chart in display units, and the words about them."""

    about: About
    frame: pd.DataFrame
    history: pd.DataFrame | None
    breaks: tuple[Break, ...]
    labels: dict[str, str]
    factor: float

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
            message = f'chart "{name}": a group has one year only; a chart over time needs two. Show a number instead.'
            raise PlanError("chart-one-year", message, chart=name)
        ordered = checked[list(QUANTILES)].to_numpy()
        if (ordered[:, 1:] < ordered[:, :-1] - 1e-9 * abs(ordered[:, :-1])).any():
            message = f'chart "{name}": quantiles fall from q10 to q90; expected q10 ≤ q25 ≤ q50 ≤ q75 ≤ q90.'
            raise PlanError("chart-quantile-order", message, chart=name)
        past = None
        if history is not None:
            counted = history if "group" in history.columns else history.assign(group="")
            past = display_frame(
                counted,
                ("group", "year", "value"),
                ("value",),
                about.style,
                chart=name,
                key=("group", "year"),
            )
            past = past.sort_values(["group", "year"])
        factor = display_factor(about.style)
        return cls(about, checked.sort_values(["group", "year"]), past, tuple(breaks), names, factor)

    @cached_property
    def parts(self) -> dict[str, list[Row]]:
        """Rows by group, in the order of years."""
        return rows_by_group(self.frame, QUANTILES)

    @cached_property
    def past(self) -> dict[str, list[Row]]:
        """Counted years by group."""
        return {} if self.history is None else rows_by_group(self.history, ("value",))

    def of(self, group: str) -> list[Row]:
        """Rows of a group."""
        return self.parts[group]

    def past_of(self, group: str) -> list[Row]:
        """Counted years of a group; none where nothing is counted."""
        return self.past.get(group, [])

    @cached_property
    def last_count(self) -> int:
        """Last counted year, or the first of the projection."""
        return int(self.frame["year"].min() if self.history is None else self.history["year"].max())

    @cached_property
    def years(self) -> tuple[int, int]:
        """First and last year drawn."""
        first = self.frame["year"].min() if self.history is None else self.history["year"].min()
        return int(min(first, self.frame["year"].min())), int(self.frame["year"].max())

    def decimals(self, group: str) -> int:
        """Decimals that the last interval of a group justifies."""
        last = self.of(group)[-1]
        return decimals_for(last["q10"], last["q90"], last["q50"])

    def write(self, value: float, decimals: int) -> str:
        """Write a value in the reader's way."""
        return shown(value, self.about.lang, self.about.style, decimals)

    def values(self, group: str) -> dict[str, str]:
        """Words of the first and last value of a group, rounded as the last interval allows."""
        rows, past = self.of(group), self.past_of(group)
        decimals = self.decimals(group)
        start, end = rows[0], rows[-1]
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
        return word(f"fan.finding.{values['direction']}", self.about.lang, **values)

    def describe(self, group: str) -> str:
        """Sentences of the text alternative."""
        values = self.values(group)
        place = self.labels[group]
        lead = f"{place}: " if place else ""
        sentence = lead + word(f"fan.describe.{values['direction']}", self.about.lang, **values)
        if values["low"] == values["high"]:
            return sentence
        return f"{sentence} {word('fan.interval', self.about.lang, **values)}"

    def break_sentences(self) -> str:
        """One sentence per break in the series."""
        return "".join(
            " " + word("fan.break", self.about.lang, year=item.year, text=item.text) for item in self.breaks
        )

    def table(self) -> pd.DataFrame:
        """Numbers of the chart, counted and projected, with headings in words."""
        rows = []
        for code, label in self.labels.items():
            merged: dict[float, Row] = {}
            for row in (*self.past_of(code), *self.of(code)):
                merged.setdefault(row["year"], {}).update(row)
            rows += [{"group": label, **merged[year]} for year in sorted(merged)]
        columns = [] if set(self.labels) == {""} else ["group"]
        columns += ["year", *([] if self.history is None else ["value"]), *QUANTILES]
        return pd.DataFrame(rows, columns=columns).rename(columns=fan_headings(self.about.lang))

    def table_decimals(self) -> dict[str, int]:
        """Decimals per heading."""
        headings = fan_headings(self.about.lang)
        digits = max(self.decimals(group) for group in self.labels)
        return {headings[column]: max(digits, 0) for column in ("value", *QUANTILES)}


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
