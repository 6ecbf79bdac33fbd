"""Staff by profession group, and the training intake that holds the stock of the base year."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

GROUP_OF = {
    "01": "specialist_nurse", "02": "nurse", "03": "other_health", "04": "other_health", "05": "specialist_doctor",
    "06": "other_doctor", "07": "psychologist", "08": "other_health", "09": "other_health", "10": "other_health",
    "11": "other_health", "12": "other_health", "13": "other_health", "14": "other_health", "15": "other_health",
    "16": "other_health", "17": "other_health", "18": "other_health", "19": "other_health", "20a": "administration",
    "20b": "administration", "21": "support", "22": "administration", "23": "support", "24": "support",
    "25": "administration", "26": "support", "27": "support", "99": "support",
}  # fmt: skip
PUBLISHED = {
    "arsverk_legespesialister": "specialist_doctor",
    "arsverk_sykepleiere": "nurse",
    "arsverk_spesialsykepleiere": "specialist_nurse",
}
ROUNDING = 3
"""Largest difference, in FTE, between the professions' sum and the published total that rounding explains."""


def staff(data: Path, trust_of: dict[str, str]) -> pd.DataFrame:
    """FTE by trust, profession group and year; the groups of a trust sum to the published total within rounding."""
    frame = pd.read_csv(
        data / "ssb_hf_staffing_13953/hf_staffing_by_profession_2015_2025.csv",
        dtype={"hf_orgnr": str, "profession_code": str},
    )
    detail = frame[frame["profession_code"] != "TOT"]
    detail = detail.assign(profession=detail["profession_code"].map(GROUP_OF))
    if detail["profession"].isna().any():
        unknown = sorted(set(detail.loc[detail["profession"].isna(), "profession_code"]))
        message = f"profession codes without a group: {unknown}"
        raise ValueError(message)
    known = detail.groupby(["profession", "year"])["fte"].sum()
    total = frame[frame["profession_code"] == "TOT"].set_index("year")["fte"]
    gap = (known.groupby("year").sum() - total).abs().max()
    if gap > ROUNDING:
        message = f"professions miss the published total by {gap} FTE"
        raise ValueError(message)
    rows = [
        ("sto", profession, year, fte, "official", "ssb_13953", "")
        for (profession, year), fte in known.items()
    ]

    capacity = pd.read_csv(data / "ssb_hf_activity_13942/hf_capacity_all_hf_2024_2025.csv")
    names = {"Helse Møre og Romsdal HF": "hmr", "Helse Nord-Trøndelag HF": "hnt"}
    others = [group for group in dict.fromkeys(GROUP_OF.values()) if group not in PUBLISHED.values()]
    reason = (
        "Total less the three published groups, split by the shares of St. Olavs hospital in the same year"
    )
    for hf_name, trust in names.items():
        for year in (2024, 2025):
            chosen = capacity[(capacity["hf_name"] == hf_name) & (capacity["year"] == year)].set_index(
                "metric"
            )["value"]
            for metric, profession in PUBLISHED.items():
                rows.append((trust, profession, year, chosen[metric], "official", "ssb_13953", ""))
            rest = chosen["arsverk_totalt"] - sum(chosen[metric] for metric in PUBLISHED)
            share = np.array([known[profession, year] for profession in others])
            for profession, part in zip(others, share / share.sum(), strict=True):
                rows.append(
                    (trust, profession, year, round(float(rest * part), 1), "assumption", "framsyn", reason)
                )
    made = pd.DataFrame(rows, columns=["trust", "profession", "year", "fte", "quality", "source", "reason"])
    return made.sort_values(["trust", "profession", "year"]).reset_index(drop=True)


def graduates(staff_table: pd.DataFrame, parameters: pd.DataFrame) -> list[dict]:
    """New staff a year that holds the headcount of 2025.

    intake = heads · (leave rate + share of staff in the last year before the retirement age);
    ages normal around the mean, cut at 20 and at the retirement age
    """
    value = parameters.set_index(["parameter", "profession"])["value"].astype(float)
    ages = np.arange(20, 71)
    found = []
    for profession, fte in (
        staff_table[staff_table["year"] == 2025].groupby("profession")["fte"].sum().items()
    ):
        retire = value["retirement_age", profession]
        weight = np.exp(
            -0.5 * ((ages - value["staff_mean_age", profession]) / value["staff_age_sd", profession]) ** 2
        )
        weight = weight * (ages < retire)
        leaving = value["leave_rate", profession] + float(weight[ages == retire - 1][0] / weight.sum())
        heads = float(fte) / value["position_share", profession]
        intake = round(heads * leaving)
        found.append(
            {
                "parameter": "graduates_per_year", "service_area": "", "level": "", "profession": profession,
                "value": intake, "low": round(0.8 * intake), "high": round(1.2 * intake), "unit": "person/year",
                "quality": "assumption", "source": "framsyn",
                "reason": "Set so that the region's headcount of 2025 is about stationary under the other assumptions",
            }
        )  # fmt: skip
    return found
