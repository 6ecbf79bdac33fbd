"""Two or more outlooks side by side, draw by draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from framsyn.errors import PlanError
from framsyn.quantities import quantities, quantity

if TYPE_CHECKING:
    from framsyn.outlook.result import Outlook

__all__ = ["compare"]


def compare(
    first: Outlook, second: Outlook, years: Sequence[int] | None = None, names: Sequence[str] | None = None
) -> pd.DataFrame:
    """Compare two outlooks of one region.

    With one seed and one number of draws the difference is taken within each draw, so that chance which both share does
    not widen its interval.

    Parameters
    ----------
    first, second : Outlook
    years : sequence of int, optional
        The last common year if left out.
    names : sequence of str, optional
        Quantities; all if left out.

    Returns
    -------
    DataFrame
        quantity, part, unit, year, first, second (medians), difference, p10, p90 (of the difference), share.
    """
    for key in ("region_digest", "switches"):
        if first.manifest[key] != second.manifest[key]:
            message = f"the outlooks differ in {key}; a comparison needs one region with the same switches. Run both again."
            raise PlanError("outlooks-not-comparable", message, key=key)
    common = [year for year in first.years if year in second.years]
    chosen = list(years) if years is not None else [common[-1]]
    for year in chosen:
        if year not in common:
            message = f"year {year} is not in both outlooks; common are {common[0]}–{common[-1]}."
            raise PlanError("year-outside-run", message, got=year, expected=common)
    paired = all(first.manifest[key] == second.manifest[key] for key in ("seed", "draws"))
    for name in names or ():
        quantity(name)
    rows = []
    for rule in quantities().values():
        if names is not None and rule.name not in names:
            continue
        for part, where in first._parts(rule, "region"):
            one = first.draws(rule.name, ("year",), where).sel(year=chosen)
            two = second.draws(rule.name, ("year",), where).sel(year=chosen)
            for i, year in enumerate(chosen):
                a, b = one.values[:, i], two.values[:, i]
                change = b - a if paired else np.array([np.median(b) - np.median(a)])
                low, middle, high = (
                    np.quantile(change, (0.1, 0.5, 0.9)) if paired else (np.nan, float(change[0]), np.nan)
                )
                start = float(np.median(a))
                rows.append(
                    {
                        "quantity": rule.name,
                        "part": part,
                        "unit": rule.unit,
                        "year": year,
                        "first": start,
                        "second": float(np.median(b)),
                        "difference": middle,
                        "p10": low,
                        "p90": high,
                        "share": middle / start if start else np.nan,
                    }
                )
    return pd.DataFrame(rows)
