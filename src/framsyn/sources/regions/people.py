"""People of the nation: fertility, net migration, and how much they move, from counts of 1 January."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from framsyn.methods.vital import migration_residual, mother_age_pattern, survival

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = [
    "fertility_process",
    "fertility_total",
    "migration_national",
    "national_migration",
    "parameter_row",
]

UN_ESTIMATES_TO = 2023
"""Last year that the United Nations' estimates of 2024 cover; later ones are their projection."""
FIRST_YEAR = 2005
"""First year whose national figures are derived; earlier ones are the United Nations'."""


def national_counts(nation: pd.DataFrame) -> tuple[NDArray[np.float64], int]:
    """Persons in the country, dims (year, sex, age) [person], and the first of the consecutive years."""
    frame = nation.sort_values(["year", "age"])
    values = frame[["male", "female"]].to_numpy(dtype=float)
    return values.reshape(-1, 106, 2).transpose(0, 2, 1), int(frame["year"].min())


def national_survival(
    life_tables: pd.DataFrame, year: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Survival of a calendar year, dims (sex, age) and (sex) [1]."""
    chosen = life_tables[life_tables["year"] == year]
    qx = np.stack(
        [chosen[chosen["sex"] == sex].sort_values("age")["qx"].to_numpy() for sex in ("male", "female")]
    )
    return survival(qx)


def fertility_total(
    nation: pd.DataFrame, life_tables: pd.DataFrame, shares: pd.DataFrame, un: pd.DataFrame
) -> pd.DataFrame:
    """Total fertility: the United Nations' estimates, then the nation's own count, last the United Nations' median.

    rate(t) = rate(2023) · (births / expected)(t) / (births / expected)(2023), at one age pattern

    Returns
    -------
    DataFrame
        year, rate [child per woman], quality, source; to the year of the last count.
    """
    import pandas as pd

    rate = un.set_index("year")["rate"]
    persons, first = national_counts(nation)
    last = first + len(persons) - 1
    latest = shares[shares["year_from"] == shares["year_from"].max()].sort_values("age_from")
    pattern = mother_age_pattern(latest["share"].to_numpy())

    def level(year: int) -> float:
        at = year - first
        births = (persons[at + 1, :, 0] / national_survival(life_tables, year)[1]).sum()
        women = (persons[at, 1, 15:50] + persons[at + 1, 1, 15:50]) / 2
        return float(births / (women @ pattern))

    known = float(rate.loc[UN_ESTIMATES_TO])
    rows: list[tuple[int, float, str, str]] = [
        (year, round(float(rate.loc[year]), 4), "estimate", "un_wpp2024")
        for year in range(FIRST_YEAR, UN_ESTIMATES_TO + 1)
    ]
    rows.extend(
        (year, round(known * level(year) / level(UN_ESTIMATES_TO), 4), "derived", "ssb_07459")
        for year in range(UN_ESTIMATES_TO + 1, last)
    )
    rows.append((last, round(float(rate.loc[last]), 4), "estimate", "un_wpp2024"))
    return pd.DataFrame(rows, columns=["year", "rate", "quality", "source"])


def migration_national(nation: pd.DataFrame, life_tables: pd.DataFrame, un: pd.DataFrame) -> pd.DataFrame:
    """Net migrants per inhabitant: the United Nations to 2004, then what the counts leave after births and deaths.

    Returns
    -------
    DataFrame
        year, rate [1/year], quality, source.
    """
    import pandas as pd

    rows = [
        (int(year), round(float(rate), 6), "estimate", "un_wpp2024")
        for year, rate in zip(un["year"], un["rate"], strict=True)
        if year < FIRST_YEAR
    ]
    persons, first = national_counts(nation)
    for at in range(len(persons) - 1):
        stay, newborn = national_survival(life_tables, first + at)
        start, end = persons[at], persons[at + 1]
        births = end[:, 0] / newborn
        deaths = (start * (1 - stay)).sum() + (births * (1 - newborn)).sum()
        net = end.sum() - start.sum() - births.sum() + deaths
        rows.append((first + at, round(float(net / start.sum()), 6), "derived", "ssb_07459"))
    return pd.DataFrame(rows, columns=["year", "rate", "quality", "source"])


def national_migration(nation: pd.DataFrame, life_tables: pd.DataFrame) -> dict[str, Any]:
    """Yearly spread of the nation's net migration rate, as a row of ``parameters`` [1/year]."""
    persons, first = national_counts(nation)
    years = range(first, first + len(persons) - 1)
    survive = np.stack([national_survival(life_tables, year)[0] for year in years])
    residual = migration_residual(persons[np.newaxis], survive)
    rate = residual.net.sum(axis=(2, 3))[0] / residual.survivors.sum(axis=(2, 3))[0]
    spread = float(rate.std(ddof=1))
    return parameter_row(
        "migration_sd_national", spread, 0.7 * spread, 1.4 * spread, "1/year", "derived", "ssb_07459",
        "Standard deviation of the nation's yearly net migration rate around its mean "
        f"{years[0]}–{years[-1]}; residual method",
    )  # fmt: skip


def fertility_process(fertility: pd.DataFrame, slope: float) -> dict[str, Any]:
    """Yearly shock of total fertility around its mean at a given autocorrelation, as a row of ``parameters``."""
    counted = fertility[fertility["year"] < fertility["year"].max()]
    rate = counted["rate"].to_numpy()
    step = rate - rate.mean()
    shock = float((step[1:] - slope * step[:-1]).std(ddof=1))
    return parameter_row(
        "tfr_sd", shock, 0.6 * shock, 1.6 * shock, "child per woman", "derived", "un_wpp2024",
        f"Standard deviation of the yearly shock of the national rate {counted['year'].min()}–"
        f"{counted['year'].max()} at an autocorrelation of {slope:g}",
    )  # fmt: skip


def parameter_row(
    name: str, value: float, low: float, high: float, unit: str, quality: str, source: str, reason: str
) -> dict[str, Any]:
    """One parameter that applies to all service areas, levels and professions, in four significant digits."""
    return {
        "parameter": name, "service_area": "", "level": "", "profession": "",
        "value": float(f"{value:.4g}"), "low": float(f"{min(low, value):.4g}"), "high": float(f"{max(high, value):.4g}"),
        "unit": unit, "quality": quality, "source": source, "reason": reason,
    }  # fmt: skip
