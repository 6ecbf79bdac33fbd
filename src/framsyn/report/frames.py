"""Checks on the frames that charts are drawn from, and their columns in display units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from framsyn.errors import PlanError
from framsyn.report.numbers import display_factor

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from framsyn.report.numbers import Style

__all__ = ["QUANTILES", "display_frame", "part_by_breaks"]

QUANTILES = ("q10", "q25", "q50", "q75", "q90")


def display_frame(
    frame: pd.DataFrame,
    required: Sequence[str],
    values: Sequence[str],
    style: Style,
    *,
    chart: str,
    key: Sequence[str] = (),
) -> pd.DataFrame:
    """Check a frame and turn its value columns into display units.

    Parameters
    ----------
    frame : DataFrame
    required : sequence of str
        Columns that must be there.
    values : sequence of str
        Numeric columns to scale (share → percent, MNOK → billion NOK), where present; none may hold NaN.
    style : {"number", "percent", "money"}
    chart : str
        Name for the error message.
    key : sequence of str
        Columns that together name a row once.

    Returns
    -------
    DataFrame
        A copy.

    Raises
    ------
    PlanError
        For a missing column, an empty frame, NaN in a value, or a doubled row.
    """
    missing = [column for column in required if column not in frame.columns]
    if missing:
        message = (
            f'chart "{chart}": the frame has columns {", ".join(map(str, frame.columns))}; '
            f"missing: {', '.join(missing)}. Name the columns as the chart's documentation does."
        )
        raise PlanError("chart-columns", message, chart=chart, missing=missing)
    if frame.empty:
        message = f'chart "{chart}": the frame has no rows. Leave the chart out and say why instead.'
        raise PlanError("chart-empty", message, chart=chart)
    present = [column for column in values if column in frame.columns]
    holes = [column for column in present if not np.isfinite(frame[column].to_numpy(dtype=float)).all()]
    if holes:
        message = f'chart "{chart}": {", ".join(holes)} hold missing or infinite values; leave such rows out.'
        raise PlanError("chart-missing-value", message, chart=chart, columns=holes)
    if key and frame.duplicated(list(key)).any():
        first = frame.loc[frame.duplicated(list(key)), list(key)].iloc[0].to_dict()
        message = f'chart "{chart}": row {first} comes twice; one row per {", ".join(key)}.'
        raise PlanError("chart-double-row", message, chart=chart, row=first)
    scaled = frame.copy()
    factor = display_factor(style)
    for column in present:
        scaled[column] = scaled[column].astype(float) * factor
    return scaled


def part_by_breaks(years: Sequence[int], breaks: Sequence[int]) -> list[int]:
    """Number the pieces of a series: a new piece starts in each break year, and after a missing year.

    >>> part_by_breaks([2019, 2020, 2021, 2022, 2024], [2021])
    [0, 0, 1, 1, 2]
    """
    parts: list[int] = []
    for index, year in enumerate(years):
        if index == 0:
            parts.append(0)
            continue
        previous = years[index - 1]
        cut = year - previous > 1 or any(previous < mark <= year for mark in breaks)
        parts.append(parts[-1] + int(cut))
    return parts
