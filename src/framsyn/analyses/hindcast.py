"""How an earlier projection would have fared: fitted to what was known in 2015 and held against the count of 2025.

The naive forecast says that nothing changes, with an interval as wide as the changes that the municipalities had seen in
the ten years before. A projection that does not beat it is not worth its trouble.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from framsyn.methods import scoring
from framsyn.methods.trend import NoTrend, Trend, fit_trend
from framsyn.outlook.executors import map_chunks
from framsyn.region.breaks import breaks_of
from framsyn.stages.draws import Draws
from framsyn.stages.population import PopulationInputs, prepare_population, project_population

if TYPE_CHECKING:
    from framsyn.region import Region
    from framsyn.region.breaks import RegionBreak

__all__ = ["Hindcast", "hindcast"]

BASE, TARGET, FIT_PERIOD = 2015, 2025, "2005-2015"
LOW, HIGH, ALPHA = 0.1, 0.9, 0.2
CHUNK = 50
TESTED = (("SOM", "stays"), ("SOM", "bed_days"), ("PHV", "bed_days"), ("PHV", "outpatient_contacts"))


@dataclass(frozen=True)
class Hindcast:
    """Scores of a projection made with the knowledge of 2015.

    Attributes
    ----------
    areas : DataFrame
        area, name, trust, count_2015, actual, median, p10, p90, covered, naive_low, naive_high, score, naive_score, crps,
        error (median / actual − 1).
    scores : dict of str to float
        coverage [1], naive_coverage [1], interval_score and naive_interval_score [person] (mean over municipalities),
        relative_score and naive_relative_score [1] (each divided by the municipality's count), crps and naive_crps
        [person], bias and median_absolute_error [1].
    totals : DataFrame
        place, actual, median, p10, p90 for the trusts and the region.
    activity : DataFrame
        service_area, measure, actual_2015, actual_2025, comparable (2025 in the way of counting of 2015; NaN where a break
        parts the two and no trend tells the jump), projected (demography alone), error and naive_error (against what
        compares), trend with trend_low and trend_high (a year [1], around the breaks; NaN where none can be told),
        points (that the trend rests on), left_out (years), breaks (what they are, in English).
    strategy : DataFrame
        figure, said, unit, year, due (by the last count on an even way), came, as_of, places (the
        trusts with an open series; empty for the region), note: the strategy of 2016.
    """

    areas: pd.DataFrame
    scores: dict[str, float]
    totals: pd.DataFrame
    activity: pd.DataFrame
    strategy: pd.DataFrame

    @property
    def missed(self) -> pd.DataFrame:
        """Municipalities whose count fell outside the 80 % interval, the largest miss first."""
        outside = self.areas[~self.areas["covered"]].copy()
        beyond = np.maximum(outside["p10"] - outside["actual"], outside["actual"] - outside["p90"])
        return outside.assign(beyond=beyond / outside["actual"]).sort_values("beyond", ascending=False)


def hindcast(
    region: Region,
    draws: int = 1000,
    seed: int = 1,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Hindcast:
    """Project from 2015 to 2025 with what was known in 2015 and score the result.

    Parameters
    ----------
    region : Region
    draws : int
    seed : int
    workers : int, optional
    progress : callable, optional
        Called with (done, total) chunks of draws; an exception that it raises cancels the work.

    Returns
    -------
    Hindcast
    """
    inputs = prepare_population(region, BASE, FIT_PERIOD)
    chunks = [Draws.range(seed, first, min(first + CHUNK, draws)) for first in range(0, draws, CHUNK)]

    rates = tested_rates(region)
    memory = threading.local()

    def project(part: Draws) -> tuple[np.ndarray, np.ndarray]:
        # Ages and sexes are added up inside the chunk, whose memory serves the worker's next one.
        if not hasattr(memory, "people"):
            memory.people = np.empty((CHUNK, TARGET - BASE + 2, *inputs.base.shape))
        people = project_population(inputs, None, part, TARGET, out=memory.people)["population"].values[:, -1]
        return people.sum(axis=(2, 3)), np.tensordot(people.sum(axis=1), rates, axes=([1, 2], [1, 2]))

    parts = map_chunks(project, chunks, workers, progress=progress)
    totals, use = (np.concatenate(found) for found in zip(*parts, strict=True))
    counted = region.population(TARGET).transpose("area", "sex", "age").values
    actual = counted.sum(axis=(1, 2))
    groups = scored_groups(region)
    areas, scores = score_areas(
        region, groups, groups @ inputs.base.sum(axis=(1, 2)), totals @ groups.T, groups @ actual
    )
    return Hindcast(
        areas=areas,
        scores=scores,
        totals=score_totals(region, totals, actual),
        activity=score_activity(region, inputs, rates, use),
        strategy=score_strategy(region),
    )


def scored_groups(region: Region) -> np.ndarray:
    """Which municipalities are scored together, (group, area) of 0 and 1.

    Municipalities whose counts of the base year rest on one joint source cannot be scored apart.
    """
    left = list(region.areas)
    rows = []
    for area in region.areas:
        if area not in left:
            continue
        together = [area]
        for joint in region.descriptor["framsyn"].get("jointAreas", []):
            if area in joint["areas"] and joint["lastYear"] >= BASE:
                together = [code for code in joint["areas"] if code in left]
        left = [code for code in left if code not in together]
        rows.append(np.isin(region.areas, together))
    return np.array(rows, dtype=float)


def score_areas(
    region: Region, groups: np.ndarray, start: np.ndarray, totals: np.ndarray, actual: np.ndarray
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Score each municipality, and the naive forecast beside it."""
    low, middle, high = np.quantile(totals, (LOW, 0.5, HIGH), axis=0)
    naive_low, naive_high, naive_draws = naive_forecast(region, groups, start)
    score = scoring.interval_score(low, high, actual, ALPHA)
    naive_score = scoring.interval_score(naive_low, naive_high, actual, ALPHA)
    crps = np.array([scoring.crps(totals[:, i], actual[i]) for i in range(len(actual))])
    naive_crps = np.array([scoring.crps(naive_draws[:, i], actual[i]) for i in range(len(actual))])
    covered = (actual >= low) & (actual <= high)
    members = [[code for code, inside in zip(region.areas, row, strict=True) if inside] for row in groups]
    frame = pd.DataFrame(
        {
            "area": ["+".join(codes) for codes in members],
            "name": [" + ".join(region.label_of("area", code, "nb") for code in codes) for codes in members],
            "trust": np.array(region.trusts)[region.area_trust("SOM")][groups.argmax(axis=1)],
            "count_2015": start,
            "actual": actual,
            "median": middle,
            "p10": low,
            "p90": high,
            "covered": covered,
            "naive_low": naive_low,
            "naive_high": naive_high,
            "score": score,
            "naive_score": naive_score,
            "crps": crps,
            "error": middle / actual - 1,
        }
    )
    scores = {
        "coverage": float(covered.mean()),
        "naive_coverage": float(((actual >= naive_low) & (actual <= naive_high)).mean()),
        "interval_score": float(np.mean(score)),
        "naive_interval_score": float(np.mean(naive_score)),
        "relative_score": float(np.mean(score / actual)),
        "naive_relative_score": float(np.mean(naive_score / actual)),
        "crps": float(np.mean(crps)),
        "naive_crps": float(np.mean(naive_crps)),
        "bias": float(np.mean(frame["error"])),
        "median_absolute_error": float(np.median(np.abs(frame["error"]))),
        "naive_median_absolute_error": float(np.median(np.abs(start / actual - 1))),
    }
    return frame, scores


def naive_forecast(
    region: Region, groups: np.ndarray, start: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """No change, with the spread of the municipalities' changes in the ten years before.

    Returns the 80 % interval and the forecast's draws (change, area).
    """
    history = region.table("population_history")
    history = history[history["area"].isin(region.areas)].pivot(index="area", columns="year", values="total")
    counts = history.loc[region.areas, [year for year in history.columns if year <= BASE]]
    years = counts.columns.to_numpy()
    joined = groups @ np.nan_to_num(counts.to_numpy(dtype=float))
    # Some municipalities have no comparable count in 2005; their first year is used, scaled to ten years.
    first = (joined > 0).argmax(axis=1)
    before = joined[np.arange(len(joined)), first]
    growth = np.log(joined[:, -1] / before) * 10 / (BASE - years[first])
    low, high = np.quantile(growth, (LOW, HIGH))
    middle = np.median(growth)
    return (
        start * np.exp(low - middle),
        start * np.exp(high - middle),
        start * np.exp(growth[:, None] - middle),
    )


def score_totals(region: Region, totals: np.ndarray, actual: np.ndarray) -> pd.DataFrame:
    """Hold the trusts and the region against the count."""
    member = region.area_trust("SOM")
    rows = []
    for place, inside in [
        *((t, member == i) for i, t in enumerate(region.trusts)),
        ("region", np.ones(len(member), bool)),
    ]:
        low, middle, high = np.quantile(totals[:, inside].sum(axis=1), (LOW, 0.5, HIGH))
        count = actual[inside].sum()
        rows.append(
            {
                "place": place,
                "actual": count,
                "median": middle,
                "p10": low,
                "p90": high,
                "error": middle / count - 1,
                "covered": low <= count <= high,
            }
        )
    return pd.DataFrame(rows)


def tested_rates(region: Region) -> np.ndarray:
    """Use per person of the measures that are tested, (measure, sex, age)."""
    use = region.use().sel(sex=["male", "female"])
    found = []
    for area, measure in TESTED:
        services = [s for s in region.services if region.service_area_of[s] == area]
        found.append(use.sel(service=services, measure=measure).sum("service").transpose("sex", "age").values)
    return np.stack(found)


def score_activity(
    region: Region, inputs: PopulationInputs, rates: np.ndarray, use: np.ndarray
) -> pd.DataFrame:
    """What demography alone would have said of use in 2025: use by age of today, scaled to the total of 2015.

    Use by age in 2015 is not published openly, so its pattern is that of 2025; the test is of growth, not of the pattern.
    """
    series = region.table("resident_activity")
    rows = []
    for i, (area, measure) in enumerate(TESTED):
        chosen = series[
            (series["service_area"] == area)
            & (series["measure"] == measure)
            & series["source"].str.startswith("ssb")
        ]
        seen = chosen.set_index("year")["value"]
        if BASE not in seen or TARGET not in seen:
            continue
        growth = np.median(use[:, i]) / (inputs.base * rates[i]).sum()
        projected = seen[BASE] * growth
        marks = breaks_of(region, "resident_activity", measure)
        trend = fit_trend(seen.index, np.log(seen), [mark.series for mark in marks])
        comparable = compared(float(seen[TARGET]), trend, marks)
        rows.append(
            {
                "service_area": area,
                "measure": measure,
                "actual_2015": seen[BASE],
                "actual_2025": seen[TARGET],
                "comparable": comparable,
                "projected": projected,
                "error": projected / comparable - 1,
                "naive_error": seen[BASE] / comparable - 1,
                **trend_columns(trend),
                "breaks": "; ".join(f"{mark.years}: {mark.text['en']}" for mark in marks),
            }
        )
    return pd.DataFrame(rows)


def compared(value: float, trend: Trend | NoTrend, marks: Sequence[RegionBreak]) -> float:
    """Return the figure of the target year in the way of counting of the base year.

    A change of level between the two is taken off as the trend around it tells its size; where none can be told, or the
    year itself is faulty, there is nothing to compare with, and the answer is NaN.
    """
    if any(
        mark.kind == "faulty" and mark.first <= year <= mark.last for mark in marks for year in (BASE, TARGET)
    ):
        return math.nan
    if not any(mark.kind == "level" and BASE < mark.first <= TARGET for mark in marks):
        return value
    if isinstance(trend, NoTrend):
        return math.nan
    return value / math.exp(sum(jump.size for jump in trend.jumps if BASE < jump.at <= TARGET))


def trend_columns(trend: Trend | NoTrend) -> dict[str, float | int | str]:
    """Growth a year with its interval, of a trend of logarithms; NaN where none can be told."""
    rates = (trend.slope, trend.low, trend.high) if isinstance(trend, Trend) else (math.nan,) * 3
    names = ("trend", "trend_low", "trend_high")
    return {
        **{name: math.expm1(rate) for name, rate in zip(names, rates, strict=True)},
        "points": trend.points,
        "left_out": "+".join(f"{year:.0f}" for year in trend.left_out),
    }


def score_strategy(region: Region) -> pd.DataFrame:
    """Hold the figures of the strategy of 2016 against what came."""
    past = region.table("past_projections")
    past = past[past["made"] == 2016]
    history = region.table("population_history")
    history = history[history["area"].isin(region.areas)]
    totals = history.groupby("year")[["total", "age_67_79", "age_80_plus"]].sum()
    over_67 = totals["age_67_79"] + totals["age_80_plus"]
    last = int(totals.index.max())
    # What should have come by the last count if the way to 2030 were even.
    part = (last - 2016) / (2030 - 2016)
    came = {
        "population_2015_as_stated": (totals["total"].get(2016), 1.0),
        "population_growth": (totals["total"].get(last) - totals["total"].get(2016), part),
        "growth_over_67": (100 * (over_67.get(last) / over_67.get(2016) - 1), part),
    }
    staff = region.table("staff").groupby(["trust", "year"])["fte"].sum().unstack()
    counted = staff[[2016, last]].dropna()
    if len(counted):
        came["fte_growth"] = (100 * (counted[last].sum() / counted[2016].sum() - 1), part)
    rows = []
    for row in past.itertuples():
        if row.figure not in came:
            continue
        value, share = came[row.figure]
        places = list(counted.index) if row.figure == "fte_growth" else []
        rows.append(
            {
                "figure": row.figure,
                "said": row.value,
                "unit": row.unit,
                "year": row.year,
                "due": row.value * share,
                "came": value,
                "as_of": last if share < 1 else 2016,
                "places": "+".join(places),
                "note": row.note,
            }
        )
    return pd.DataFrame(rows)
