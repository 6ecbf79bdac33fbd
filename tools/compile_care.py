"""Use of care by residents, activity and beds of the trusts: what is published, and what follows from it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

CHAPTERS = (
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI", "XVII",
    "XVIII", "XIX", "XX", "XXI",
)  # fmt: skip
AGES = {"0-17": (0, 17), "18-29": (18, 29), "30-49": (30, 49), "50-66": (50, 66), "67-79": (67, 79), "80-89": (80, 89),
        "90+": (90, 105), "67+": (67, 105)}  # fmt: skip
RESIDENT_MEASURES = {
    "pasienter": "patients",
    "pasienter_dogn": "inpatients",
    "dognopphold": "stays",
    "oppholdsdogn": "bed_days",
    "polikliniske_konsultasjoner": "outpatient_contacts",
    "dagbehandlinger": "day_treatments",
}
TRUST_MEASURES = {
    "utskrivninger": "stays",
    "liggedager": "bed_days",
    "dagbehandlinger": "day_treatments",
    "polikliniske_konsultasjoner": "outpatient_contacts",
}
NPR_MEASURES = (
    "patients",
    "inpatients",
    "inpatient_stays",
    "bed_days",
    "outpatient_contacts",
    "day_treatments",
)
BEDS = {
    "senger_somatikk": "SOM",
    "senger_psyk_voksne": "PHV",
    "senger_psyk_barn": "PHBU",
    "senger_rus": "TSB",
}

# Assumptions of the split, each named in the reason of the rows that rest on it.
STAYS_PER_BED = {"PHV": 20.0, "PHBU": 12.0, "TSB": 25.0}
CONTACTS_PER_PATIENT = {"PHBU": 12.0, "TSB": 11.0}
AGE_WEIGHTS = {
    "PHBU": {(0, 5): 0.04, (6, 12): 0.42, (13, 17): 0.54},
    "TSB": {(18, 29): 0.36, (30, 49): 0.46, (50, 66): 0.16, (67, 105): 0.02},
}


def care_tables(
    data: Path, trust_of: dict[str, str], counts: pd.DataFrame, areas: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The tables use, use_total, resident_activity, trust_activity and beds."""
    beds = beds_table(data, trust_of)
    residents = resident_activity(data)
    population = trust_population(counts, areas)
    activity = trust_activity(data, trust_of, beds, residents, population)
    use = pd.concat(
        [
            somatic_use(data),
            adult_use(data, activity),
            estimated_use(activity, "PHBU"),
            estimated_use(activity, "TSB"),
        ],
        ignore_index=True,
    )
    return {
        "use": use,
        "use_total": use_total(data),
        "resident_activity": residents,
        "trust_activity": activity,
        "beds": beds,
    }


def trust_population(counts: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """Persons by psychiatric catchment and year, without municipalities behind a switch."""
    official = areas[areas["switch"] == ""]
    frame = counts.merge(official[["area", "psychiatric_trust"]], on="area")
    frame["persons"] = frame["male"] + frame["female"]
    return frame.groupby(["year", "psychiatric_trust"])["persons"].sum().unstack()


# --- residents -------------------------------------------------------------------------------------------------------


def _published(data: Path) -> pd.DataFrame:
    frame = pd.read_csv(data / "ssb_patients_by_diagnosis_14824/hmn_patients_age_icd_chapter_2025.csv")
    frame = frame.assign(measure=frame["metric"].map(RESIDENT_MEASURES))
    return frame[frame["age_group"] != "alle"]


def _blocks(data: Path) -> pd.DataFrame:
    frame = pd.read_csv(
        data / "ssb_patients_by_diagnosis_14824/hmn_patients_icd_block_all_ages_2025_partial.csv"
    )
    frame = frame[frame["metric"].isin(RESIDENT_MEASURES)]
    frame = frame.assign(measure=frame["metric"].map(RESIDENT_MEASURES))
    return (
        frame[frame["level"].isin(["chapter", "total"])].set_index(["icd_code", "measure"])["value"].unstack()
    )


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
) -> dict:
    return {
        "service": service, "measure": measure, "sex": sex, "age_from": ages[0], "age_to": ages[1],
        "value": round(float(value), 1), "quality": quality, "source": source, "reason": reason,
    }  # fmt: skip


def somatic_use(data: Path) -> pd.DataFrame:
    """Patients, stays and days by chapter and age as published; contacts and day treatments spread over ages."""
    frame = _published(data)
    frame = frame[(frame["service_area"] == "SOM") & (frame["icd10_chapter"] != "_T")]
    blocks = _blocks(data)
    rows = []
    for chapter, ages_of in frame.groupby("icd10_chapter", sort=False):
        service, sex = _service(chapter), "female" if chapter == "XV" else "all"
        table = ages_of.pivot_table(index="age_group", columns="measure", values="value", sort=False)
        for measure in ("patients", "stays", "bed_days"):
            for group, value in table[measure].items():
                rows.append(_row(service, measure, sex, AGES[group], value, "official", "ssb_14824"))
        share = table["patients"] / table["patients"].sum()
        for measure in ("day_treatments", "outpatient_contacts"):
            total, quality, reason = _chapter_total(blocks, frame, chapter, measure)
            for group, part in share.items():
                rows.append(
                    _row(service, measure, sex, AGES[group], total * part, quality, "ssb_14824", reason)
                )
    return pd.DataFrame(rows).sort_values(["service", "measure", "age_from"], kind="stable")


def _chapter_total(
    blocks: pd.DataFrame, frame: pd.DataFrame, chapter: str, measure: str
) -> tuple[float, str, str]:
    spread = "Published for all ages; spread over age groups by the chapter's patients"
    if chapter in blocks.index:
        return float(blocks.loc[chapter, measure]), "derived", spread
    missing = [name for name in frame["icd10_chapter"].unique() if name not in blocks.index]
    rest = blocks.loc["_T", measure] - blocks.drop(index="_T")[measure].sum()
    patients = frame[frame["measure"] == "patients"].groupby("icd10_chapter")["value"].sum()
    part = patients[chapter] / patients[missing].sum()
    reason = "Chapters II to V are the total less the rest, split by their patients; spread over age groups by patients"
    return float(rest * part), "estimate", reason


def adult_use(data: Path, activity: pd.DataFrame) -> pd.DataFrame:
    """Adult mental health care; stays are not published and follow the trusts' stays, spread by inpatients."""
    frame = _published(data)
    table = frame[frame["service_area"] == "VOP"].pivot_table(
        index="age_group", columns="measure", values="value", sort=False
    )
    rows = []
    for measure in ("patients", "bed_days", "outpatient_contacts"):
        for group, value in table[measure].items():
            rows.append(_row("phv", measure, "all", AGES[group], value, "official", "ssb_14820"))
    of_year = activity[(activity["year"] == 2025) & (activity["service_area"] == "PHV")]
    stays = of_year[of_year["measure"] == "stays"]["value"].sum()
    day = of_year[of_year["measure"] == "day_treatments"]["value"].sum()
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


def estimated_use(activity: pd.DataFrame, service_area: str) -> pd.DataFrame:
    """Care of children and adolescents, and substance use treatment: the trusts' own activity as that of residents."""
    of_year = activity[(activity["year"] == 2025) & (activity["service_area"] == service_area)]
    sums = of_year.groupby("measure")["value"].sum()
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
                    service_area.lower(), measure, "all", ages, total * share, "estimate", "ssb_13942", reason
                )
            )
    return pd.DataFrame(rows)


def use_total(data: Path) -> pd.DataFrame:
    """Published totals over all diagnoses by age."""
    frame = _published(data)
    frame = frame[frame["icd10_chapter"] == "_T"]
    rows = []
    for row in frame.itertuples():
        first, last = AGES[row.age_group]
        som = row.service_area == "SOM"
        rows.append(
            {
                "service_area": "SOM" if som else "PHV", "measure": row.measure, "age_from": first, "age_to": last,
                "value": row.value, "quality": "official", "source": "ssb_14824" if som else "ssb_14820",
            }
        )  # fmt: skip
    total = _blocks(data).loc["_T"]
    for measure in ("day_treatments", "outpatient_contacts"):
        rows.append(
            {
                "service_area": "SOM", "measure": measure, "age_from": 0, "age_to": 105, "value": total[measure],
                "quality": "official", "source": "ssb_14824",
            }
        )  # fmt: skip
    made = pd.DataFrame(rows)
    return made.sort_values(["service_area", "measure", "age_from"]).reset_index(drop=True)


def resident_activity(data: Path) -> pd.DataFrame:
    """Yearly use by residents: Statistics Norway's count, and the patient registry's beside it."""
    frame = pd.read_csv(data / "ssb_patients_by_diagnosis_14824/hmn_residents_timeseries_2015_2025.csv")
    frame = frame.assign(
        service_area=frame["service_area"].map({"SOM": "SOM", "VOP": "PHV"}),
        measure=frame["metric"].map(RESIDENT_MEASURES),
        source=frame["service_area"].map({"SOM": "ssb_14824", "VOP": "ssb_14820"}),
    )
    registry = pd.read_csv(data / "facts/midt_residents_somatic_2017_2025.csv").melt(
        "metric", var_name="year"
    )
    registry = registry[registry["metric"].isin(NPR_MEASURES)]
    registry = registry.assign(
        service_area="SOM",
        measure=registry["metric"].replace({"inpatient_stays": "stays"}),
        year=registry["year"].astype(int),
        source="npr_fhi",
    )
    made = pd.concat([frame, registry], ignore_index=True).assign(quality="official")
    columns = ["service_area", "measure", "year", "value", "quality", "source"]
    return made[columns].sort_values(["source", "service_area", "measure", "year"]).reset_index(drop=True)


# --- trusts ----------------------------------------------------------------------------------------------------------


def _trust_file(data: Path, trust_of: dict[str, str]) -> pd.DataFrame:
    frame = pd.read_csv(data / "ssb_hf_activity_13942/hf_activity_hmn_2015_2025.csv", dtype={"hf_orgnr": str})
    return frame.assign(trust=frame["hf_orgnr"].map(trust_of))


def beds_table(data: Path, trust_of: dict[str, str]) -> pd.DataFrame:
    """Beds by service area: 2015–2025 somatic, 2015–2025 adult mental health, 2024–2025 the other two."""
    history = _trust_file(data, trust_of)
    history = history.assign(service_area=history["service_area"].replace({"VOP": "PHV"}))
    counted = history[(history["metric"] == "dognplasser") & (history["service_area"] != "TOT")]
    beds = {(r.trust, r.service_area, r.year): r.value for r in counted.itertuples()}
    capacity = pd.read_csv(data / "ssb_hf_activity_13942/hf_capacity_all_hf_2024_2025.csv")
    names = {
        "Helse Møre og Romsdal HF": "hmr",
        "Helse Nord-Trøndelag HF": "hnt",
        "St. Olavs hospital HF": "sto",
    }
    known = capacity[capacity["metric"].isin(BEDS)].assign(trust=capacity["hf_name"].map(names))
    for row in known.dropna(subset="trust").itertuples():
        beds.setdefault((row.trust, BEDS[row.metric], row.year), row.value)
    used = history[history["metric"] == "beleggsprosent"]
    occupancy = {(r.trust, r.service_area, r.year): r.value / 100 for r in used.itertuples()}
    rows = [
        {
            "trust": trust, "service_area": area, "year": year, "beds": value,
            "occupancy": occupancy.get((trust, area, year), float("nan")), "quality": "official", "source": "ssb_13942",
        }
        for (trust, area, year), value in sorted(beds.items())
    ]  # fmt: skip
    return pd.DataFrame(rows)


def trust_activity(
    data: Path,
    trust_of: dict[str, str],
    beds: pd.DataFrame,
    residents: pd.DataFrame,
    population: pd.DataFrame,
) -> pd.DataFrame:
    """Activity by treating trust: what is published, and the split of what the total leaves.

    Bed days and stays of the rest follow beds (stays with an assumed turnover per bed); contacts of substance use
    treatment follow St. Olavs' contacts per inhabitant; the other contacts are adult care by the region's residents
    and, what is left, care of children and adolescents, in the same proportion at every trust.
    """
    frame = _trust_file(data, trust_of)
    frame = frame[frame["metric"].isin(TRUST_MEASURES)].assign(measure=frame["metric"].map(TRUST_MEASURES))
    value = frame.set_index(["trust", "service_area", "measure", "year"])["value"]
    rows = [
        _activity(trust, area, measure, year, found, "official", "")
        for (trust, area, measure, year), found in value.items()
        if area in ("SOM", "TSB")
    ]
    for year in sorted(frame["year"].unique()):
        adult = residents[(residents["service_area"] == "PHV") & (residents["year"] == year)]
        contacts = float(adult.set_index("measure")["value"]["outpatient_contacts"])
        rate = value["sto", "TSB", "outpatient_contacts", year] / population.loc[year, "sto"]
        rest = {
            trust: value[trust, "TOT", "outpatient_contacts", year]
            - value[trust, "SOM", "outpatient_contacts", year]
            for trust in trust_of.values()
        }
        substance = {trust: rate * population.loc[year, trust] for trust in rest}
        adult_share = contacts / (sum(rest.values()) - sum(substance.values()))
        for trust in rest:
            mental = rest[trust] - substance[trust]
            if trust != "sto":
                rows.append(
                    _activity(trust, "TSB", "outpatient_contacts", year, substance[trust], "estimate",
                              "Contacts per inhabitant of St. Olavs hospital, so it shows no difference between trusts")
                )  # fmt: skip
            reason = "Contacts outside somatic care less substance use treatment, split by the region's adult contacts"
            rows.append(
                _activity(trust, "PHV", "outpatient_contacts", year, mental * adult_share, "estimate", reason)
            )
            rows.append(
                _activity(
                    trust, "PHBU", "outpatient_contacts", year, mental * (1 - adult_share), "estimate", reason
                )
            )
            rows.extend(_inpatient_rows(trust, year, value, beds))
            rows.extend(_day_rows(trust, year, value))
    made = pd.DataFrame(rows)
    made["value"] = made["value"].round(1)
    return made.sort_values(["trust", "service_area", "measure", "year"]).reset_index(drop=True)


def _activity(
    trust: str, area: str, measure: str, year: int, value: float, quality: str, reason: str
) -> dict:
    return {
        "trust": trust, "service_area": area, "measure": measure, "year": year, "value": float(value),
        "quality": quality, "source": "ssb_13942", "reason": reason,
    }  # fmt: skip


def _inpatient_rows(trust: str, year: int, value: pd.Series, beds: pd.DataFrame) -> list[dict]:
    """Bed days and stays outside somatic care, split by beds; earlier years take the nearest year's beds."""
    of_trust = beds[beds["trust"] == trust].set_index(["service_area", "year"])["beds"]

    def nearest(area: str) -> float:
        of_area = of_trust[area]
        return float(of_area.loc[min(of_area.index, key=lambda known: (abs(known - year), known))])

    areas = ["PHV", "PHBU"] if trust == "sto" else ["PHV", "PHBU", "TSB"]
    rows = []
    for measure in ("bed_days", "stays"):
        rest = value[trust, "TOT", measure, year] - value[trust, "SOM", measure, year]
        if trust == "sto":
            rest -= value["sto", "TSB", measure, year]
        weight = {
            area: nearest(area) * (STAYS_PER_BED[area] if measure == "stays" else 1.0) for area in areas
        }
        reason = "What the total leaves outside somatic care, split by beds"
        if measure == "stays":
            reason += f" times assumed stays per bed and year ({', '.join(f'{a} {STAYS_PER_BED[a]:g}' for a in areas)})"
        for area in areas:
            part = rest * weight[area] / sum(weight.values())
            rows.append(_activity(trust, area, measure, year, part, "estimate", reason))
    return rows


def _day_rows(trust: str, year: int, value: pd.Series) -> list[dict]:
    rest = value[trust, "TOT", "day_treatments", year] - value[trust, "SOM", "day_treatments", year]
    if trust == "sto":
        rest -= value["sto", "TSB", "day_treatments", year]
    rows = [
        _activity(trust, "PHV", "day_treatments", year, max(rest, 0.0), "derived",
                  "What the total leaves outside somatic care and known substance use treatment; all booked here"),
        _activity(trust, "PHBU", "day_treatments", year, 0.0, "assumption",
                  "Not published apart; the small rest is booked under adult care"),
    ]  # fmt: skip
    if trust != "sto":
        rows.append(
            _activity(trust, "TSB", "day_treatments", year, 0.0, "assumption",
                      "Not published apart; the small rest is booked under adult care")
        )  # fmt: skip
    return rows
