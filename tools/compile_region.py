"""Compile the region midt-norge from open data files and from the assumptions in framsyn.sources.regions.

Run from the project's root:

    python tools/compile_region.py --data ../shared/data

Reads the data once into tidy frames, as the clients of ``framsyn.sources`` would fill them, and lets
``framsyn.sources.regions`` and ``framsyn.region.build`` make the tables, check everything and put the region in place. The
same data give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "src"))

from framsyn.region.build import build_region, write_raw_folder  # noqa: E402
from framsyn.sources.regions import OpenData, assemble, find_authority  # noqa: E402

TARGET = HERE.parent / "src" / "framsyn" / "regions" / "midt-norge"
AUTHORITY = find_authority("helse-midt-norge")
TRUST_OF = AUTHORITY.trust_of
NAMED = {trust.name: trust.key for trust in AUTHORITY.trusts}
COUNTIES = {"15", "50"}
PSYCHIATRIC = {"D33": "sto", "D34": "sto", "D35": "hnt", "D36": "hnt", "D37": "hnt"}
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
    "dognplasser": "beds",
    "beleggsprosent": "occupancy",
}
BEDS = {
    "senger_somatikk": "SOM",
    "senger_psyk_voksne": "PHV",
    "senger_psyk_barn": "PHBU",
    "senger_rus": "TSB",
}
FTE_GROUPS = {
    "arsverk_totalt": "total",
    "arsverk_legespesialister": "specialist_doctor",
    "arsverk_sykepleiere": "nurse",
    "arsverk_spesialsykepleiere": "specialist_nurse",
}
REGISTRY_MEASURES = {
    "patients": "patients",
    "inpatients": "inpatients",
    "inpatient_stays": "stays",
    "bed_days": "bed_days",
    "outpatient_contacts": "outpatient_contacts",
    "day_treatments": "day_treatments",
}
SERVICE_AREAS = {"VOP": "PHV"}


def main() -> None:
    """Read the arguments and compile."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data", type=Path, default=HERE.parent.parent / "shared" / "data", help="folder of open data"
    )
    parser.add_argument("--out", type=Path, default=TARGET, help="region folder that is written")
    arguments = parser.parse_args()
    if not arguments.data.is_dir():
        parser.error(f"{arguments.data}: no such folder; give the folder of open data with --data")
    out = compile_region(arguments.data, arguments.out)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    sys.stdout.write(f"{out.name}: {size / 1e6:.2f} MB\n")


def compile_region(data: Path, out: Path) -> Path:
    """Write the raw tables of the region and build it."""
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder)
        write_raw(data, raw)
        return build_region(raw, out)


def write_raw(data: Path, raw: Path) -> None:
    """Everything that the build needs, in the project's own table format."""
    made = assemble(AUTHORITY, read_open_data(data))
    write_raw_folder(raw, made.facts, made.tables, made.borders)


def read_open_data(data: Path) -> OpenData:
    """The open data files as tidy frames."""
    shares, tfr, migration = united_nations(data)
    borders = json.loads(
        (data / "kartverket_municipalities_2024/hmn_municipalities_2024_medium.geojson").read_text(
            encoding="utf-8"
        )
    )
    listed = municipalities(data)
    by_age, all_ages = use(data)
    professions, groups = fte(data)
    return OpenData(
        municipalities=listed,
        places=places(data, borders),
        borders=borders,
        population=population(data, listed),
        nation=nation(data),
        life_tables=life_tables(data),
        fertility_shares=shares,
        fertility_un=tfr,
        migration_un=migration,
        use_by_age=by_age,
        use_all_ages=all_ages,
        resident_years=resident_years(data),
        trust_years=trust_years(data),
        professions=professions,
        profession_groups=groups,
        projection=projection(data),
        waits=waits(data),
    )


def municipalities(data: Path) -> pd.DataFrame:
    """Municipalities with both catchments; a psychiatric area without a trust of its own is Møre og Romsdal's."""
    frame = pd.read_csv(data / "catchments_klass_629/hmn_municipality_catchment_2026.csv", dtype=str)
    return pd.DataFrame(
        {
            "area": frame["municipality_code"],
            "name": frame["municipality_name"],
            "somatic_trust": frame["hf_orgnr"].map(TRUST_OF),
            "somatic_area": frame["local_hospital_area"],
            "psychiatric_trust": frame["dps_area_id"].map(PSYCHIATRIC).fillna("hmr"),
            "psychiatric_area": frame["dps_area"],
        }
    )


def places(data: Path, borders: dict) -> pd.DataFrame:
    """Official names and representation points."""
    points = pd.read_csv(data / "kartverket_municipalities_2024/municipality_points_2024.csv", dtype={0: str})
    official = {
        part["properties"]["municipality_code"]: part["properties"]["name_official"]
        for part in borders["features"]
    }
    points = points[points["municipality_code"].isin(official)]
    return pd.DataFrame(
        {
            "area": points["municipality_code"],
            "name_official": points["municipality_code"].map(official),
            "lon": points["kartverket_repr_lon"],
            "lat": points["kartverket_repr_lat"],
        }
    )


def population(data: Path, listed: pd.DataFrame) -> pd.DataFrame:
    """Counts of 1 January by municipality, year and single age."""
    counts = pd.read_parquet(
        data / "ssb_population_csdata/population_municipality_sex_age1_2005_2025.parquet"
    )
    counts = counts[counts["municipality_code"].isin(listed["area"])]
    frame = counts.rename(columns={"municipality_code": "area"}).assign(
        approximate=counts["boundary_approx"].astype(int)
    )
    return frame[["area", "year", "age", "male", "female", "approximate"]]


def nation(data: Path) -> pd.DataFrame:
    """Persons in Norway."""
    frame = pd.read_csv(
        data / "ssb_population_csdata/population_nation_and_hmn_counties_sex_age1_2005_2025.csv"
    )
    return frame[frame["area_code"] == 0][["year", "age", "male", "female"]]


def life_tables(data: Path) -> pd.DataFrame:
    """Probabilities of death, ages 0 to 105."""
    frame = pd.read_csv(data / "ssb_life_tables_07902/norway_qx_mx_2000_2024.csv")
    frame = frame[frame["age"] <= 105].assign(sex=frame["sex"].str.lower(), qx=frame["qx_per_1000"] / 1000)
    return frame[["sex", "age", "year", "qx"]]


def united_nations(data: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Shares of total fertility by mother's age and period, total fertility, and net migration before 2005."""
    shares = pd.read_csv(data / "un_wpp2024_norway/norway_pct_asfr_5y_1950_2100.csv")
    years = shares["period"].str.split("-", expand=True).astype(int)
    shares = shares.assign(
        year_from=years[0],
        year_to=years[1],
        age_from=shares["age"].str.split("-").str[0].astype(int),
        share=shares["pasfr"],
    )
    shares = shares[(shares["year_from"] >= 2005) & (shares["year_to"] <= 2025)]
    tfr = pd.read_csv(data / "un_wpp2024_norway/norway_tfr_1950_2100.csv").rename(columns={"tfr": "rate"})
    rates = pd.read_csv(data / "un_wpp2024_norway/norway_births_deaths_rates_1950_2100.csv")
    rates = rates[rates["year"].between(1980, 2004)].assign(rate=rates["cnmr"] / 1000)
    return (
        shares[["year_from", "year_to", "age_from", "share"]].reset_index(drop=True),
        tfr[["year", "rate"]],
        rates[["year", "rate"]],
    )


def use(data: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Use by residents of 2025 by chapter: by age, and for all ages."""
    frame = pd.read_csv(data / "ssb_patients_by_diagnosis_14824/hmn_patients_age_icd_chapter_2025.csv")
    frame = frame[frame["age_group"] != "alle"]
    by_age = pd.DataFrame(
        {
            "service_area": frame["service_area"].replace(SERVICE_AREAS),
            "chapter": frame["icd10_chapter"],
            "age_group": frame["age_group"],
            "measure": frame["metric"].map(RESIDENT_MEASURES),
            "value": frame["value"],
        }
    )
    blocks = pd.read_csv(
        data / "ssb_patients_by_diagnosis_14824/hmn_patients_icd_block_all_ages_2025_partial.csv"
    )
    blocks = blocks[blocks["metric"].isin(RESIDENT_MEASURES) & blocks["level"].isin(["chapter", "total"])]
    all_ages = pd.DataFrame(
        {
            "chapter": blocks["icd_code"],
            "measure": blocks["metric"].map(RESIDENT_MEASURES),
            "value": blocks["value"],
        }
    )
    return by_age, all_ages


def resident_years(data: Path) -> pd.DataFrame:
    """Yearly use by residents: Statistics Norway's count, and the patient registry's beside it."""
    frame = pd.read_csv(data / "ssb_patients_by_diagnosis_14824/hmn_residents_timeseries_2015_2025.csv")
    frame = frame.assign(
        service_area=frame["service_area"].replace(SERVICE_AREAS),
        measure=frame["metric"].map(RESIDENT_MEASURES),
        source=frame["service_area"].map({"SOM": "ssb_14824", "VOP": "ssb_14820"}),
    )
    registry = pd.read_csv(data / "facts/midt_residents_somatic_2017_2025.csv").melt(
        "metric", var_name="year"
    )
    registry = registry[registry["metric"].isin(REGISTRY_MEASURES)]
    registry = registry.assign(
        service_area="SOM",
        measure=registry["metric"].map(REGISTRY_MEASURES),
        year=registry["year"].astype(int),
        source="npr_fhi",
    )
    made = pd.concat([frame, registry], ignore_index=True)
    return made[["service_area", "measure", "year", "value", "source"]]


def trust_years(data: Path) -> pd.DataFrame:
    """Activity, beds and occupancy by trust and service area."""
    history = pd.read_csv(
        data / "ssb_hf_activity_13942/hf_activity_hmn_2015_2025.csv", dtype={"hf_orgnr": str}
    )
    history = history[history["metric"].isin(TRUST_MEASURES)]
    history = pd.DataFrame(
        {
            "trust": history["hf_orgnr"].map(TRUST_OF),
            "service_area": history["service_area"].replace(SERVICE_AREAS),
            "measure": history["metric"].map(TRUST_MEASURES),
            "year": history["year"],
            "value": history["value"].where(history["metric"] != "beleggsprosent", history["value"] / 100),
        }
    )
    capacity = pd.read_csv(data / "ssb_hf_activity_13942/hf_capacity_all_hf_2024_2025.csv")
    capacity = capacity[capacity["metric"].isin(BEDS) & capacity["hf_name"].isin(NAMED)]
    beds = pd.DataFrame(
        {
            "trust": capacity["hf_name"].map(NAMED),
            "service_area": capacity["metric"].map(BEDS),
            "measure": "beds",
            "year": capacity["year"],
            "value": capacity["value"],
        }
    )
    made = pd.concat([history, beds], ignore_index=True)
    return made.drop_duplicates(["trust", "service_area", "measure", "year"], keep="first")


def fte(data: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """FTE by profession of St. Olavs hospital, and by the published groups of the other two trusts."""
    frame = pd.read_csv(
        data / "ssb_hf_staffing_13953/hf_staffing_by_profession_2015_2025.csv",
        dtype={"hf_orgnr": str, "profession_code": str},
    )
    professions = frame.assign(trust=frame["hf_orgnr"].map(TRUST_OF)).rename(
        columns={"profession_code": "code"}
    )
    capacity = pd.read_csv(data / "ssb_hf_activity_13942/hf_capacity_all_hf_2024_2025.csv")
    others = {name: key for name, key in NAMED.items() if key not in set(professions["trust"])}
    capacity = capacity[capacity["metric"].isin(FTE_GROUPS) & capacity["hf_name"].isin(others)]
    groups = pd.DataFrame(
        {
            "trust": capacity["hf_name"].map(others),
            "profession": capacity["metric"].map(FTE_GROUPS),
            "year": capacity["year"],
            "fte": capacity["value"],
        }
    )
    return professions[["trust", "code", "year", "fte"]], groups


def projection(data: Path) -> pd.DataFrame:
    """Statistics Norway's projection of the two counties."""
    frame = pd.read_csv(
        data / "ssb_projection_county_14288/county_population_projection_2024_2050.csv",
        dtype={"county_code": str},
    )
    frame = frame[frame["county_code"].isin(COUNTIES)]
    return frame.rename(columns={"county_code": "county", "population": "persons"})[
        ["county", "variant", "year", "persons"]
    ]


def waits(data: Path) -> pd.DataFrame:
    """Waiting times and counts of the trusts and of the region."""
    rows = []
    mean = pd.read_csv(
        data / "nki_waiting_times/somatic_mean_wait_days_by_hf_2021_2024.csv", dtype={"hf_orgnr": str}
    )
    for row in mean[mean["hf_orgnr"].isin(list(TRUST_OF))].itertuples():
        rows.append((TRUST_OF[row.hf_orgnr], "SOM", "mean_wait", row.year, row.value, "day"))
    started = pd.read_csv(
        data / "nki_waiting_times/started_treatment_counts_hmn_2021_2024.csv", dtype={"hf_orgnr": str}
    )
    measure = {"started_treatment": "started", "under23_entitled_to_care": "entitled"}
    for row in started[started["hf_orgnr"].isin(list(TRUST_OF))].itertuples():
        rows.append(
            (TRUST_OF[row.hf_orgnr], row.service_area, measure[row.metric], row.year, row.value, "person")
        )
    region = pd.read_csv(data / "facts/nki_rhf_2021_2024.csv")
    region = region[region["region"] == "Helse Midt-Norge"]
    names = {
        "mean_wait_somatic": ("SOM", "mean_wait", "day"),
        "median_wait_somatic": ("SOM", "median_wait", "day"),
        "mean_wait_phv_adult": ("PHV", "mean_wait", "day"),
        "mean_wait_tsb": ("TSB", "mean_wait", "day"),
        "deadline_breach_phv": ("PHV", "deadline_breach_share", "percent"),
        "deadline_breach_bup": ("PHBU", "deadline_breach_share", "percent"),
        "deadline_breach_tsb": ("TSB", "deadline_breach_share", "percent"),
        "deadline_breach_somatic": ("SOM", "deadline_breaches", "person"),
        "started_help_somatic": ("SOM", "started", "person"),
    }
    for row in region.to_dict("records"):
        if row["indicator"] in names:
            area, what, unit = names[row["indicator"]]
            for year in range(2021, 2025):
                if not pd.isna(row[str(year)]):
                    rows.append(("region", area, what, year, row[str(year)], unit))
    return pd.DataFrame(rows, columns=["place", "service_area", "measure", "year", "value", "unit"])


if __name__ == "__main__":
    main()
