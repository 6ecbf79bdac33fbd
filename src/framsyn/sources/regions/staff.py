"""Staff by profession group, and the training intake that holds the stock of the base year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from framsyn.errors import PlanError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GROUP_OF", "PUBLISHED", "graduates", "staff_table"]

GROUP_OF = {
    "01": "specialist_nurse", "02": "nurse", "03": "other_health", "04": "other_health", "05": "specialist_doctor",
    "06": "other_doctor", "07": "psychologist", "08": "other_health", "09": "other_health", "10": "other_health",
    "11": "other_health", "12": "other_health", "13": "other_health", "14": "other_health", "15": "other_health",
    "16": "other_health", "17": "other_health", "18": "other_health", "19": "other_health", "20a": "administration",
    "20b": "administration", "21": "support", "22": "administration", "23": "support", "24": "support",
    "25": "administration", "26": "support", "27": "support", "99": "support",
}  # fmt: skip
"""Codes of table 13953 → our profession groups."""
PUBLISHED = ("specialist_doctor", "nurse", "specialist_nurse")
"""Groups that are published where the professions are not."""
ROUNDING = 3
"""Largest difference, in FTE, between the professions' sum and the published total that rounding explains."""


def staff_table(professions: pd.DataFrame, groups: pd.DataFrame, trusts: dict[str, str]) -> pd.DataFrame:
    """FTE by trust, profession group and year; the groups of a trust sum to the published total within rounding.

    Parameters
    ----------
    professions, groups : DataFrame
        As in :class:`~framsyn.sources.regions.open_data.OpenData`.
    trusts : dict of str to str
        Key of a trust → its short name.

    Raises
    ------
    PlanError
        ``source-changed``: a code without a group, professions that miss the total, or no profession at all.
    """
    import pandas as pd

    detail = professions[professions["code"] != "TOT"]
    detail = detail.assign(profession=detail["code"].map(GROUP_OF))
    if detail.empty or detail["profession"].isna().any():
        strange = sorted(set(detail.loc[detail["profession"].isna(), "code"]))
        got = f"professions {', '.join(strange) or 'none'}"
        raise _changed(got, f"the codes {', '.join(GROUP_OF)}")
    known = detail.groupby(["trust", "profession", "year"])["fte"].sum()
    total = professions[professions["code"] == "TOT"].set_index(["trust", "year"])["fte"]
    gap = float((known.groupby(["trust", "year"]).sum() - total).abs().max())
    if gap > ROUNDING:
        got = f"professions that miss the total by {gap:g} FTE"
        raise _changed(got, f"at most {ROUNDING} from rounding")
    rows = [
        (trust, profession, year, fte, "official", "ssb_13953", "")
        for (trust, profession, year), fte in known.items()
    ]
    rows.extend(_split_rows(groups, known, trusts))
    made = pd.DataFrame(rows, columns=["trust", "profession", "year", "fte", "quality", "source", "reason"])
    return made.sort_values(["trust", "profession", "year"]).reset_index(drop=True)


def _changed(got: str, expected: str) -> PlanError:
    return PlanError(
        "source-changed",
        f"Statistics Norway, table 13953: got {got}; expected {expected}. The table has a new layout: "
        "tell the project which codes are new; the region that you have stays usable.",
        source="ssb_13953",
        got=got,
        expected=expected,
    )


def _split_rows(groups: pd.DataFrame, known: pd.Series, trusts: dict[str, str]) -> list[tuple[Any, ...]]:
    """Trusts of which only the total and three groups are published, split as the others are."""
    others = [group for group in dict.fromkeys(GROUP_OF.values()) if group not in PUBLISHED]
    donors = list(dict.fromkeys(known.index.get_level_values(0)))
    names = " and ".join(trusts[trust] for trust in donors)
    reason = f"Total less the three published groups, split by the shares of {names} in the same year"
    rows: list[tuple[Any, ...]] = []
    pooled = known.groupby(["profession", "year"]).sum()
    for (trust, year), of_year in groups.groupby(["trust", "year"], sort=False):
        chosen = of_year.set_index("profession")["fte"]
        rows.extend(
            (trust, profession, year, chosen[profession], "official", "ssb_13953", "")
            for profession in PUBLISHED
        )
        rest = chosen["total"] - sum(chosen[profession] for profession in PUBLISHED)
        share = np.array([pooled[profession, year] for profession in others])
        for profession, part in zip(others, share / share.sum(), strict=True):
            rows.append(
                (trust, profession, year, round(float(rest * part), 1), "assumption", "framsyn", reason)
            )
    return rows


def graduates(staff: pd.DataFrame, parameters: pd.DataFrame, base_year: int) -> list[dict[str, Any]]:
    """New staff a year that holds the headcount of the base year, as rows of ``parameters`` [person/year].

    intake = heads · (leave rate + share of staff in the last year before the retirement age);
    ages normal around the mean, cut at 20 and at the retirement age
    """
    value = parameters.set_index(["parameter", "profession"])["value"].astype(float)
    ages = np.arange(20, 71)
    found = []
    for profession, fte in staff[staff["year"] == base_year].groupby("profession")["fte"].sum().items():
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
                "reason": f"Set so that the region's headcount of {base_year} is about stationary under the other "
                "assumptions",
            }
        )  # fmt: skip
    return found
