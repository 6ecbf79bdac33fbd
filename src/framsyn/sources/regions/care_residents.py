"""Use of care by residents: what is published by diagnosis and age, and what is spread or estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framsyn.sources.regions.care_trusts import beds_table, trust_activity, trust_population

if TYPE_CHECKING:
    import pandas as pd

    from framsyn.sources.regions.open_data import OpenData

__all__ = ["AGES", "CHAPTERS", "care_tables"]

CHAPTERS = (
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI", "XVII",
    "XVIII", "XIX", "XX", "XXI",
)  # fmt: skip
AGES = {"0-17": (0, 17), "18-29": (18, 29), "30-49": (30, 49), "50-66": (50, 66), "67-79": (67, 79), "80-89": (80, 89),
        "90+": (90, 105), "67+": (67, 105)}  # fmt: skip
WITHOUT_PATIENTS = ("XX",)
"""Chapters that are no main diagnosis and no service group."""

# Assumptions of the split, each named in the reason of the rows that rest on it.
CONTACTS_PER_PATIENT = {"PHBU": 12.0, "TSB": 11.0}
AGE_WEIGHTS = {
    "PHBU": {(0, 5): 0.04, (6, 12): 0.42, (13, 17): 0.54},
    "TSB": {(18, 29): 0.36, (30, 49): 0.46, (50, 66): 0.16, (67, 105): 0.02},
}


def care_tables(
    data: OpenData, trusts: dict[str, str], areas: pd.DataFrame, base_year: int
) -> dict[str, pd.DataFrame]:
    """The tables ``use``, ``use_total``, ``resident_activity``, ``trust_activity`` and ``beds``.

    Parameters
    ----------
    data : OpenData
    trusts : dict of str to str
        Key of a trust → its short name.
    areas : DataFrame
        The table ``areas``.
    base_year : int
        Year of the figures by residence.
    """
    import pandas as pd

    beds = beds_table(data.trust_years)
    residents = resident_activity(data.resident_years)
    population = trust_population(data.population, areas)
    activity = trust_activity(data.trust_years, trusts, beds, residents, population)
    of_year = activity[activity["year"] == base_year]
    use = pd.concat(
        [
            somatic_use(data.use_by_age, data.use_all_ages),
            adult_use(data.use_by_age, of_year),
            estimated_use(of_year, "PHBU"),
            estimated_use(of_year, "TSB"),
        ],
        ignore_index=True,
    )
    return {
        "use": use,
        "use_total": use_total(data.use_by_age, data.use_all_ages),
        "resident_activity": residents,
        "trust_activity": activity,
        "beds": beds,
    }


def _service(chapter: str) -> str:
    return f"som_{CHAPTERS.index(chapter) + 1:02d}"


def _row(
    service: str,
    measure: str,
    sex: str,
    ages: tuple[int, int],
    value: float,
    quality: str,
    source: str,
    reason: str = "",
) -> dict[str, Any]:
    return {
        "service": service, "measure": measure, "sex": sex, "age_from": ages[0], "age_to": ages[1],
        "value": round(float(value), 1), "quality": quality, "source": source, "reason": reason,
    }  # fmt: skip


def somatic_use(use_by_age: pd.DataFrame, use_all_ages: pd.DataFrame) -> pd.DataFrame:
    """Use by chapter and age as published; contacts and day treatments spread over ages where they are not."""
    import pandas as pd

    frame = use_by_age[
        (use_by_age["service_area"] == "SOM") & ~use_by_age["chapter"].isin(["_T", *WITHOUT_PATIENTS])
    ]
    whole = use_all_ages.set_index(["chapter", "measure"])["value"].unstack()
    rows = []
    for chapter, ages_of in frame.groupby("chapter", sort=False):
        service, sex = _service(str(chapter)), "female" if chapter == "XV" else "all"
        table = ages_of.pivot_table(index="age_group", columns="measure", values="value", sort=False)
        share = table["patients"] / table["patients"].sum()
        for measure in ("patients", "stays", "bed_days", "day_treatments", "outpatient_contacts"):
            if measure in table and table[measure].notna().all():
                for group, value in table[measure].items():
                    rows.append(_row(service, measure, sex, AGES[str(group)], value, "official", "ssb_14824"))
                continue
            total, quality, reason = _chapter_total(whole, frame, str(chapter), measure)
            for group, part in share.items():
                rows.append(
                    _row(service, measure, sex, AGES[str(group)], total * part, quality, "ssb_14824", reason)
                )
    return pd.DataFrame(rows).sort_values(["service", "measure", "age_from"], kind="stable")


def _chapter_total(
    whole: pd.DataFrame, frame: pd.DataFrame, chapter: str, measure: str
) -> tuple[float, str, str]:
    spread = "Published for all ages; spread over age groups by the chapter's patients"
    if chapter in whole.index:
        return float(whole.loc[chapter, measure]), "derived", spread
    missing = [name for name in frame["chapter"].unique() if name not in whole.index]
    rest = whole.loc["_T", measure] - whole.drop(index="_T")[measure].sum()
    patients = frame[frame["measure"] == "patients"].groupby("chapter")["value"].sum()
    part = patients[chapter] / patients[missing].sum()
    named = f"{missing[0]} to {missing[-1]}" if len(missing) > 1 else missing[0]
    reason = f"Chapters {named} are the total less the rest, split by their patients; spread over age groups by patients"
    return float(rest * part), "estimate", reason


def adult_use(use_by_age: pd.DataFrame, of_year: pd.DataFrame) -> pd.DataFrame:
    """Adult mental health care; stays are not published and follow the trusts' stays, spread by inpatients."""
    import pandas as pd

    table = use_by_age[use_by_age["service_area"] == "PHV"].pivot_table(
        index="age_group", columns="measure", values="value", sort=False
    )
    rows = []
    for measure in ("patients", "bed_days", "outpatient_contacts"):
        for group, value in table[measure].items():
            rows.append(_row("phv", measure, "all", AGES[str(group)], value, "official", "ssb_14820"))
    adult = of_year[of_year["service_area"] == "PHV"]
    stays = adult[adult["measure"] == "stays"]["value"].sum()
    day = adult[adult["measure"] == "day_treatments"]["value"].sum()
    inpatient_share = table["inpatients"] / table["inpatients"].sum()
    patient_share = table["patients"] / table["patients"].sum()
    for group in table.index:
        rows.append(
            _row("phv", "stays", "all", AGES[group], stays * inpatient_share[group], "estimate", "ssb_13942",
                 "Stays of residents are not published: the stays of the region's trusts, spread by inpatients")
        )  # fmt: skip
        rows.append(
            _row("phv", "day_treatments", "all", AGES[group], day * patient_share[group], "estimate", "ssb_13942",
                 "What the trusts' totals leave outside somatic care and substance use treatment, spread by patients")
        )  # fmt: skip
    return pd.DataFrame(rows)


def estimated_use(of_year: pd.DataFrame, service_area: str) -> pd.DataFrame:
    """Care of children and adolescents, and substance use treatment: the trusts' own activity as that of residents."""
    import pandas as pd

    sums = of_year[of_year["service_area"] == service_area].groupby("measure")["value"].sum()
    sums["patients"] = sums["outpatient_contacts"] / CONTACTS_PER_PATIENT[service_area]
    rows = []
    for measure, total in sums.items():
        reason = (
            "No open figure by residence: the region's trusts together, spread over ages by assumed shares"
        )
        if measure == "patients":
            reason = f"Contacts over an assumed {CONTACTS_PER_PATIENT[service_area]:g} a patient, spread by assumed shares"
        for ages, share in AGE_WEIGHTS[service_area].items():
            rows.append(
                _row(
                    service_area.lower(), str(measure), "all", ages, total * share, "estimate", "ssb_13942",
                    reason,
                )
            )  # fmt: skip
    return pd.DataFrame(rows)


def use_total(use_by_age: pd.DataFrame, use_all_ages: pd.DataFrame) -> pd.DataFrame:
    """Published totals over all diagnoses by age; over all ages where ages are not published."""
    import pandas as pd

    rows = []
    for row in use_by_age[use_by_age["chapter"] == "_T"].itertuples():
        first, last = AGES[row.age_group]
        rows.append(
            {
                "service_area": row.service_area, "measure": row.measure, "age_from": first, "age_to": last,
                "value": row.value, "quality": "official",
                "source": "ssb_14824" if row.service_area == "SOM" else "ssb_14820",
            }
        )  # fmt: skip
    known = {row["measure"] for row in rows if row["service_area"] == "SOM"}
    total = use_all_ages[use_all_ages["chapter"] == "_T"].set_index("measure")["value"]
    for measure in ("day_treatments", "outpatient_contacts"):
        if measure in known:
            continue
        rows.append(
            {
                "service_area": "SOM", "measure": measure, "age_from": 0, "age_to": 105, "value": total[measure],
                "quality": "official", "source": "ssb_14824",
            }
        )  # fmt: skip
    made = pd.DataFrame(rows)
    return made.sort_values(["service_area", "measure", "age_from"]).reset_index(drop=True)


def resident_activity(resident_years: pd.DataFrame) -> pd.DataFrame:
    """Yearly use by residents: Statistics Norway's count, and the patient registry's beside it."""
    made = resident_years.assign(quality="official")
    columns = ["service_area", "measure", "year", "value", "quality", "source"]
    return made[columns].sort_values(["source", "service_area", "measure", "year"]).reset_index(drop=True)
