"""Tables of people: counts, life tables, fertility and migration of the country."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from framsyn.region import estimate


def population_counts(data: Path) -> pd.DataFrame:
    """Counts of 1 January by municipality, year and single age."""
    listed = pd.read_csv(data / "catchments_klass_629/hmn_municipality_catchment_2026.csv", dtype=str)
    counts = pd.read_parquet(
        data / "ssb_population_csdata/population_municipality_sex_age1_2005_2025.parquet"
    )
    counts = counts[counts["municipality_code"].isin(listed["municipality_code"])]
    frame = counts.rename(columns={"municipality_code": "area"}).assign(
        approximate=counts["boundary_approx"].astype(int)
    )
    frame = frame[["area", "year", "age", "male", "female", "approximate"]]
    return frame.sort_values(["area", "year", "age"]).reset_index(drop=True)


def life_tables(data: Path) -> pd.DataFrame:
    """Probabilities of death, ages 0 to 105."""
    frame = pd.read_csv(data / "ssb_life_tables_07902/norway_qx_mx_2000_2024.csv")
    frame = frame[frame["age"] <= 105].assign(sex=frame["sex"].str.lower(), qx=frame["qx_per_1000"] / 1000)
    return frame.sort_values(["sex", "year", "age"])[["sex", "age", "year", "qx"]].reset_index(drop=True)


def fertility_shares(data: Path) -> pd.DataFrame:
    """Shares of total fertility by five-year age group and period."""
    frame = pd.read_csv(data / "un_wpp2024_norway/norway_pct_asfr_5y_1950_2100.csv")
    years = frame["period"].str.split("-", expand=True).astype(int)
    frame = frame.assign(
        year_from=years[0],
        year_to=years[1],
        age_from=frame["age"].str.split("-").str[0].astype(int),
        share=frame["pasfr"],
    )
    frame = frame[(frame["year_from"] >= 2005) & (frame["year_to"] <= 2025)]
    return frame[["year_from", "year_to", "age_from", "share"]].reset_index(drop=True)


def national_counts(data: Path) -> np.ndarray:
    """Persons in Norway, dims (year 2005–2025, sex, age)."""
    frame = pd.read_csv(
        data / "ssb_population_csdata/population_nation_and_hmn_counties_sex_age1_2005_2025.csv"
    )
    frame = frame[frame["area_code"] == 0].sort_values(["year", "age"])
    return frame[["male", "female"]].to_numpy(dtype=float).reshape(21, 106, 2).transpose(0, 2, 1)


def national_survival(tables: pd.DataFrame, year: int) -> tuple[np.ndarray, np.ndarray]:
    """Survival of a calendar year, dims (sex, age) and (sex)."""
    chosen = tables[tables["year"] == year]
    qx = np.stack(
        [chosen[chosen["sex"] == sex].sort_values("age")["qx"].to_numpy() for sex in ("male", "female")]
    )
    return estimate.survival(qx)


def fertility_total(data: Path, tables: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """Total fertility: United Nations to 2023; 2024 from Norway's own count; 2025 the United Nations' median.

    rate(2024) = rate(2023) · (births / expected)(2024) / (births / expected)(2023), at one age pattern
    """
    frame = pd.read_csv(data / "un_wpp2024_norway/norway_tfr_1950_2100.csv").set_index("year")["tfr"]
    persons = national_counts(data)
    latest = shares[shares["year_from"] == shares["year_from"].max()].sort_values("age_from")
    pattern = estimate.mother_age_pattern(latest["share"].to_numpy())

    def level(year: int) -> float:
        at = year - 2005
        births = (persons[at + 1, :, 0] / national_survival(tables, year)[1]).sum()
        women = (persons[at, 1, 15:50] + persons[at + 1, 1, 15:50]) / 2
        return float(births / (women @ pattern))

    rows = [(year, round(float(frame.loc[year]), 4), "estimate", "un_wpp2024") for year in range(2005, 2024)]
    rows.append((2024, round(float(frame.loc[2023]) * level(2024) / level(2023), 4), "derived", "ssb_07459"))
    rows.append((2025, round(float(frame.loc[2025]), 4), "estimate", "un_wpp2024"))
    return pd.DataFrame(rows, columns=["year", "rate", "quality", "source"])


def migration_national(data: Path, tables: pd.DataFrame) -> pd.DataFrame:
    """Net migrants per inhabitant of Norway: United Nations to 2004, then what the counts leave after births and deaths."""
    rates = pd.read_csv(data / "un_wpp2024_norway/norway_births_deaths_rates_1950_2100.csv").set_index(
        "year"
    )["cnmr"]
    rows = [
        (year, round(float(rates.loc[year]) / 1000, 6), "estimate", "un_wpp2024")
        for year in range(1980, 2005)
    ]
    persons = national_counts(data)
    for at in range(len(persons) - 1):
        stay, newborn = national_survival(tables, 2005 + at)
        start, end = persons[at], persons[at + 1]
        births = end[:, 0] / newborn
        deaths = (start * (1 - stay)).sum() + (births * (1 - newborn)).sum()
        net = end.sum() - start.sum() - births.sum() + deaths
        rows.append((2005 + at, round(float(net / start.sum()), 6), "derived", "ssb_07459"))
    return pd.DataFrame(rows, columns=["year", "rate", "quality", "source"])


def national_migration(data: Path) -> dict:
    """Yearly spread of the nation's net migration rate, 2005–2024."""
    persons = national_counts(data)
    tables = life_tables(data)
    survive = np.stack([national_survival(tables, year)[0] for year in range(2005, 2025)])
    residual = estimate.migration_residual(persons[np.newaxis], survive)
    rate = residual.net.sum(axis=(2, 3))[0] / residual.survivors.sum(axis=(2, 3))[0]
    spread = float(rate.std(ddof=1))
    return row(
        "migration_sd_national", spread, 0.7 * spread, 1.4 * spread, "1/year", "derived", "ssb_07459",
        "Standard deviation of the nation's yearly net migration rate around its mean 2005–2024; residual method",
    )  # fmt: skip


def fertility_process(fertility: pd.DataFrame, slope: float) -> dict:
    """Yearly shock of total fertility around its mean of 2005–2024, at a given autocorrelation."""
    rate = fertility[fertility["year"] <= 2024]["rate"].to_numpy()
    step = rate - rate.mean()
    shock = float((step[1:] - slope * step[:-1]).std(ddof=1))
    return row(
        "tfr_sd", shock, 0.6 * shock, 1.6 * shock, "child per woman", "derived", "un_wpp2024",
        f"Standard deviation of the yearly shock of the national rate 2005–2024 at an autocorrelation of {slope:g}",
    )  # fmt: skip


def row(
    name: str, value: float, low: float, high: float, unit: str, quality: str, source: str, reason: str
) -> dict:
    """One parameter that applies to all service areas, levels and professions."""
    return {
        "parameter": name, "service_area": "", "level": "", "profession": "",
        "value": float(f"{value:.4g}"), "low": float(f"{min(low, value):.4g}"), "high": float(f"{max(high, value):.4g}"),
        "unit": unit, "quality": quality, "source": source, "reason": reason,
    }  # fmt: skip
