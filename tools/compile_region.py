"""Compile the region midt-norge from open data files and from the assumptions in tools/midt-norge.

Run from the project's root:

    python tools/compile_region.py --data ../shared/data

Reads the data once, writes raw tables to a temporary folder, and lets ``framsyn.region.build`` estimate what is
derived, check everything and put the region in place. The same data give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "src"))

import compile_care  # noqa: E402
import compile_people  # noqa: E402
import compile_staff  # noqa: E402

from framsyn.region.build import build_region, write_table  # noqa: E402

ASSUMPTIONS = HERE / "midt-norge"
TARGET = HERE.parent / "src" / "framsyn" / "regions" / "midt-norge"
TRUST_OF = {"997005562": "hmr", "983974791": "hnt", "883974832": "sto"}
COUNTIES = {"15", "50"}


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
    shutil.copyfile(ASSUMPTIONS / "region.json", raw / "region.json")
    points = pd.read_csv(data / "kartverket_municipalities_2024/municipality_points_2024.csv", dtype={0: str})
    points = points.set_index("municipality_code")[["kartverket_repr_lon", "kartverket_repr_lat"]]
    borders = json.loads(
        (data / "kartverket_municipalities_2024/hmn_municipalities_2024_medium.geojson").read_text(
            encoding="utf-8"
        )
    )
    (raw / "borders.geojson").write_text(json.dumps(borders), encoding="utf-8")

    frames: dict[str, pd.DataFrame] = {
        "trusts": trusts(),
        "areas": areas(data, points, borders),
        "sites": sites(points),
        "services": assumed("services"),
        "population_counts": compile_people.population_counts(data),
        "life_tables": compile_people.life_tables(data),
        "fertility_shares": compile_people.fertility_shares(data),
        "flows": with_quality("flows"),
        "season": season(),
        "equipment": with_quality("equipment"),
        "income": assumed("income"),
        "breaks": assumed("breaks"),
        "use_ratio": use_ratio(),
        "controls": controls(data),
        "past_projections": past_projections(data),
        "waiting": waiting(data),
    }
    frames["fertility_total"] = compile_people.fertility_total(
        data, frames["life_tables"], frames["fertility_shares"]
    )
    frames["migration_national"] = compile_people.migration_national(data, frames["life_tables"])
    frames |= compile_care.care_tables(data, TRUST_OF, frames["population_counts"], frames["areas"])
    frames["staff"] = compile_staff.staff(data, TRUST_OF)
    frames["parameters"] = parameters(data, frames["staff"], frames["fertility_total"])
    for name, frame in frames.items():
        write_table(frame, raw / f"{name}.csv")


def assumed(name: str) -> pd.DataFrame:
    """A hand-written table of tools/midt-norge."""
    return pd.read_csv(ASSUMPTIONS / f"{name}.csv", keep_default_na=False, dtype={"area": str})


def with_quality(name: str, quality: str = "assumption", source: str = "framsyn") -> pd.DataFrame:
    """A hand-written table in which every row has the same quality and source."""
    frame = assumed(name)
    frame.insert(len(frame.columns) - 1, "quality", quality)
    frame.insert(len(frame.columns) - 1, "source", source)
    return frame


def trusts() -> pd.DataFrame:
    """The three trusts."""
    return pd.DataFrame(
        [
            ("hmr", "997005562", "Helse Møre og Romsdal HF", "Møre og Romsdal"),
            ("hnt", "983974791", "Helse Nord-Trøndelag HF", "Nord-Trøndelag"),
            ("sto", "883974832", "St. Olavs hospital HF", "St. Olavs hospital"),
        ],
        columns=["trust", "org_number", "name", "short_name"],
    )


def areas(data: Path, points: pd.DataFrame, borders: dict) -> pd.DataFrame:
    """Municipalities with both catchments, official names and points."""
    frame = pd.read_csv(data / "catchments_klass_629/hmn_municipality_catchment_2026.csv", dtype=str)
    official = {
        part["properties"]["municipality_code"]: part["properties"]["name_official"]
        for part in borders["features"]
    }
    psychiatric = {"D33": "sto", "D34": "sto", "D35": "hnt", "D36": "hnt", "D37": "hnt"}
    made = []
    for row in frame.sort_values("municipality_code").itertuples():
        code = row.municipality_code
        bindal = code == "1811"
        trust = "hnt" if bindal else TRUST_OF[row.hf_orgnr]
        made.append(
            {
                "area": code,
                "name": row.municipality_name,
                "name_official": official[code],
                "county": code[:2],
                "somatic_trust": trust,
                "somatic_area": "Namsos" if bindal else row.local_hospital_area,
                "psychiatric_trust": "hnt" if bindal else psychiatric.get(row.dps_area_id, "hmr"),
                "psychiatric_area": "Namsos" if bindal else row.dps_area,
                "switch": "bindal" if bindal else "",
                "lon": points.loc[code, "kartverket_repr_lon"],
                "lat": points.loc[code, "kartverket_repr_lat"],
                "source": "klass_629",
            }
        )
    return pd.DataFrame(made)


def sites(points: pd.DataFrame) -> pd.DataFrame:
    """Hospital sites at the official point of their municipality."""
    frame = assumed("sites")
    frame["lon"] = points.loc[frame["area"], "kartverket_repr_lon"].to_numpy()
    frame["lat"] = points.loc[frame["area"], "kartverket_repr_lat"].to_numpy()
    frame["quality"], frame["source"] = "derived", "general_knowledge"
    return frame


def season() -> pd.DataFrame:
    """Monthly factors, one row per service area and month, mean exactly 1."""
    wide = assumed("season")
    rows = []
    for row in wide.to_dict("records"):
        values = np.array([float(row[str(month)]) for month in range(1, 13)])
        for month, factor in enumerate((values / values.mean()).round(5), start=1):
            rows.append((row["service_area"], month, factor, "assumption", "framsyn", row["reason"]))
    return pd.DataFrame(rows, columns=["service_area", "month", "factor", "quality", "source", "reason"])


def use_ratio() -> pd.DataFrame:
    """All 1: nothing open tells the trusts apart."""
    reason = "No open figures of use by trust of residence; the region's use everywhere"
    rows = [
        (trust, area, 1, "assumption", "framsyn", reason)
        for trust in ("hmr", "hnt", "sto")
        for area in ("SOM", "PHV", "PHBU", "TSB")
    ]
    return pd.DataFrame(rows, columns=["trust", "service_area", "ratio", "quality", "source", "reason"])


def controls(data: Path) -> pd.DataFrame:
    """The plan's own table and Statistics Norway's county totals."""
    plan = [
        ("hmr", 2025, 272_413, 0.22),
        ("hmr", 2040, 278_653, 0.26),
        ("hnt", 2025, 138_556, 0.23),
        ("hnt", 2040, 139_469, 0.28),
        ("sto", 2025, 349_633, 0.18),
        ("sto", 2040, 380_580, 0.22),
        ("region", 2025, 760_602, 0.20),
        ("region", 2040, 798_702, 0.25),
    ]
    trust = pd.DataFrame(plan, columns=["place", "year", "persons", "share_65_plus"])
    trust = trust.assign(control_set="trust", variant="plan", source="hmn_plan")
    county = pd.read_csv(
        data / "ssb_projection_county_14288/county_population_projection_2024_2050.csv",
        dtype={"county_code": str},
    )
    county = county[county["county_code"].isin(COUNTIES)].rename(
        columns={"county_code": "place", "population": "persons"}
    )
    county = county.assign(control_set="county", share_65_plus="", source="ssb_14288")
    columns = ["control_set", "place", "variant", "year", "persons", "share_65_plus", "source"]
    county = county.sort_values(["place", "variant", "year"])
    return pd.concat([trust.astype({"share_65_plus": object}), county], ignore_index=True)[columns]


def past_projections(data: Path) -> pd.DataFrame:
    """What the region has said before."""
    frame = pd.read_csv(data / "facts/milestones.csv")
    keys = {
        "population of the three counties as the document says": ("population_2015_as_stated", 2015, 2016),
        "population growth expected by 2030": ("population_growth", 2030, 2016),
        "growth of people over 67 by 2030": ("growth_over_67", 2030, 2016),
        "more FTE needed by 2030": ("fte_growth", 2030, 2016),
        "population (with Bindal)": ("population", 2025, 2025),
        "population expected (with Bindal)": ("population", 2040, 2025),
        "need of somatic services": ("need_somatic", 2040, 2025),
        "need of mental health services": ("need_mental_health", 2040, 2025),
        "share of use by the top 1 % of people": ("use_share_top_1", 2016, 2016),
        "share of use by the top 10 % of people": ("use_share_top_10", 2016, 2016),
        "use of a 70-year-old against a 40-year-old": ("use_ratio_70_to_40", 2016, 2016),
    }
    unit = {"persons": "person", "percent": "percent", "ratio": "ratio"}
    notes = {
        "population_2015_as_stated": "The count was 710 704 on 1 January 2015 and 716 256 on 1 January 2016 in today's "
        "borders; the document looks a year behind",
        "need_somatic": "Unit and base year are not stated in the source",
        "need_mental_health": "Unit and base year are not stated in the source",
    }
    rows = []
    for row in frame.itertuples():
        if row.figure not in keys:
            continue  # a figure of the old municipality structure
        key, year, made = keys[row.figure]
        source = "hmn_plan" if made == 2025 else "hmn_strategy"
        rows.append((key, float(row.value), unit[row.unit], year, made, source, notes.get(key, "")))
    return pd.DataFrame(rows, columns=["figure", "value", "unit", "year", "made", "source", "note"])


def waiting(data: Path) -> pd.DataFrame:
    """Waiting times and counts; the region's own values from November 2022 to November 2024 are marked faulty."""
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
    frame = pd.DataFrame(rows, columns=["place", "service_area", "measure", "year", "value", "unit"])
    frame["faulty"] = frame["year"].between(2022, 2024).astype(int)
    frame["source"] = "nki"
    targets = pd.read_csv(data / "nki_waiting_times/national_wait_targets.csv")
    target = pd.DataFrame(
        {
            "place": "region",
            "service_area": targets["service_area"],
            "measure": "target_mean_wait",
            "year": 2025,
            "value": targets["target_mean_wait_days"].astype(float),
            "unit": "day",
            "faulty": 0,
            "source": "wait_targets",
        }
    )
    return pd.concat([frame, target], ignore_index=True)


def parameters(data: Path, staff: pd.DataFrame, fertility: pd.DataFrame) -> pd.DataFrame:
    """The hand-written parameters and those that follow from the data."""
    frame = assumed("parameters")
    slope = float(frame.set_index("parameter").loc["tfr_autocorrelation", "value"])
    extra = [
        *compile_staff.graduates(staff, frame),
        compile_people.national_migration(data),
        compile_people.fertility_process(fertility, slope),
    ]
    frame = frame[~frame["parameter"].isin({row["parameter"] for row in extra})]
    return pd.concat([frame, pd.DataFrame(extra)], ignore_index=True)[list(frame.columns)]


if __name__ == "__main__":
    main()
