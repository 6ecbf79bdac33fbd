"""Write the small answers of StatBank that the tests read, in its documented format, from the folder of open data.

Run from the project's root:

    python tools/make_ssb_fixtures.py --data ../shared/data

What each file holds and under which licence stands in tests/data/sources/ssb/README.md. The same data give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "src"))
sys.path.insert(0, str(HERE.parent / "tests" / "support"))

from statbank_server import codes_of, document  # noqa: E402

from framsyn.sources.statbank.layouts import LAYOUTS  # noqa: E402

TARGET = HERE.parent / "tests" / "data" / "sources" / "ssb"
METRICS = {
    "dognplasser": "Dognplass", "utskrivninger": "Utskriv", "liggedager": "Liggedag", "sengedogn": "Sengedogn",
    "polikliniske_konsultasjoner": "Polikliniske", "dagbehandlinger": "Dag", "beleggsprosent": "BeleggSsb",
    "beleggsprosent_oecd": "BeleggOecd", "pasienter": "Pasient", "pasienter_dogn": "PasientDognBeh",
    "dognopphold": "DognOpphold", "oppholdsdogn": "OppholdDogn",
}  # fmt: skip
CONFIG = {
    "apiVersion": "2.3.2",
    "appVersion": "2.5.0",
    "languages": [{"id": "no", "label": "Norsk"}, {"id": "en", "label": "English"}],
    "defaultLanguage": "no",
    "maxDataCells": 800000,
    "maxCallsPerTimeWindow": 30,
    "timeWindow": 60,
    "license": "https://www.ssb.no/en/diverse/lisens",
    "defaultDataFormat": "json-stat2",
    "dataFormats": ["json-stat2", "csv", "px", "xlsx", "html", "json-px", "parquet"],
    "features": [{"id": "CORS", "params": [{"key": "enabled", "value": "True"}]}],
}


def age_code(age: int) -> str:
    """Write an age as StatBank does."""
    return f"{age:03d}" if age < 105 else "105+"


def population(data: Path) -> pd.DataFrame:
    """Namsos and Flatanger on 1 January 2024 and 2025 (07459)."""
    frame = pd.read_parquet(data / "ssb_population_csdata/population_municipality_sex_age1_2005_2025.parquet")
    frame = frame[frame["municipality_code"].isin(["5007", "5049"]) & frame["year"].isin([2024, 2025])]
    frame = frame.melt(["municipality_code", "age", "year"], ["female", "male"], "Kjonn")
    return pd.DataFrame(
        {
            "Region": frame["municipality_code"],
            "Kjonn": frame["Kjonn"].map({"female": "2", "male": "1"}),
            "Alder": frame["age"].map(age_code),
            "ContentsCode": "Personer1",
            "Tid": frame["year"].astype(str),
            "value": frame["value"],
        }
    )


def life_tables(data: Path) -> pd.DataFrame:
    """Every fifth age of 2023 and 2024 (07902)."""
    frame = pd.read_csv(data / "ssb_life_tables_07902/norway_qx_mx_2000_2024.csv")
    frame = frame[frame["year"].isin([2023, 2024]) & (frame["age"] % 5 == 0) & (frame["age"] <= 105)]
    return pd.DataFrame(
        {
            "Kjonn": frame["sex"].map({"Male": "1", "Female": "2"}),
            "AlderX": frame["age"].map("{:03d}".format),
            "ContentsCode": "Dodssannsynlighet",
            "Tid": frame["year"].astype(str),
            "value": frame["qx_per_1000"],
        }
    )


def activity(data: Path) -> pd.DataFrame:
    """The three trusts of Midt-Norge, 2023–2025 (13942)."""
    frame = pd.read_csv(data / "ssb_hf_activity_13942/hf_activity_hmn_2015_2025.csv", dtype={"hf_orgnr": str})
    frame = frame[frame["year"] >= 2023]
    return pd.DataFrame(
        {
            "HelseReg": frame["hf_orgnr"],
            "HelseTjenomr": frame["service_area"],
            "ContentsCode": frame["metric"].map(METRICS),
            "Tid": frame["year"].astype(str),
            "value": frame["value"],
        }
    )


def staffing(data: Path) -> pd.DataFrame:
    """St. Olavs hospital, 2024–2025 (13953)."""
    frame = pd.read_csv(
        data / "ssb_hf_staffing_13953/hf_staffing_by_profession_2015_2025.csv", dtype={"hf_orgnr": str}
    )
    frame = frame[frame["year"] >= 2024]
    return pd.DataFrame(
        {
            "HelseReg": frame["hf_orgnr"],
            "Yrke": frame["profession_code"],
            "HelseTjenomr": "TOT",
            "ContentsCode": "Arsverk",
            "Tid": frame["year"].astype(str),
            "value": frame["fte"],
        }
    )


def patients(data: Path, service_area: str) -> pd.DataFrame:
    """Residents of Midt-Norge in 2025 by age and diagnosis (14824), or by age (14820)."""
    frame = pd.read_csv(data / "ssb_patients_by_diagnosis_14824/hmn_patients_age_icd_chapter_2025.csv")
    frame = frame[frame["service_area"] == service_area]
    ages = {"alle": "999A" if service_area == "SOM" else "Ialt", "0-17": "00-17"}
    found = pd.DataFrame(
        {
            "Region": "H04",
            "Kjonn": "0",
            "Alder": frame["age_group"].replace(ages),
            "Aktor": "_T",
            "Diagnose": frame["icd10_chapter"],
            "ContentsCode": frame["metric"].map(METRICS).replace({"Polikliniske": "KontaktPolikl"}),
            "Tid": "2025",
            "value": frame["value"],
        }
    )
    return found if service_area == "SOM" else found.drop(columns="Diagnose")


def made_up() -> dict[str, pd.DataFrame]:
    """Tables of which no figures are at hand by these dimensions: the figures are made up, 10, 20, 30 and so on."""
    shapes = {
        "14288": {"Region": ["5007"], "Kjonn": ["1", "2"], "Alder": ["000", "080", "105+"],
                  "ContentsCode": ["Personer", "Personer1", "Personer2"], "Tid": ["2030", "2040"]},
        "12882": {"Region": ["5007"], "Kjonn": ["1", "2"], "Alder": ["000", "080", "105+"],
                  "ContentsCode": ["Personer", "Personer1", "Personer2"], "Tid": ["2025"]},
        "13982": {"HelseReg": ["S28"], "HelseTjenomr": ["SOM", "DPS"], "Kjonn": ["0", "2", "1"],
                  "Alder": ["000", "105+"], "ContentsCode": ["Personer"], "Tid": ["2025"]},
        "07944": {"Region": ["5007"], "FagUtd": ["01", "02"], "Sektor": ["1", "2"],
                  "ContentsCode": ["Sysselsatte"], "Tid": ["2023", "2024"]},
    }  # fmt: skip
    found = {}
    for table, codes in shapes.items():
        frame = pd.MultiIndex.from_product(codes.values(), names=list(codes)).to_frame(index=False)
        frame["value"] = [10.0 * (place + 1) for place in range(len(frame))]
        frame["status"] = ""
        # One of each sign, as a service hides, lacks and does not have.
        frame.loc[[0, 1, 2], "status"] = [":", "..", "."]
        frame.loc[[0, 1, 2], "value"] = None
        found[table] = frame
    return found


def main() -> None:
    """Read the arguments and write the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=TARGET)
    arguments = parser.parse_args()
    data = arguments.data
    if not data.is_dir():
        parser.error(f"{data}: no such folder; give the folder of open data with --data")
    real = {
        "07459": population(data),
        "07902": life_tables(data),
        "13942": activity(data),
        "13953": staffing(data),
        "14824": patients(data, "SOM"),
        "14820": patients(data, "VOP"),
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    write(arguments.out / "config.json", CONFIG)
    for number, (table, frame) in enumerate({**real, **made_up()}.items()):
        label = f"{table}: {LAYOUTS[table].title}"
        # Both ways in which the format may list codes and values.
        codes = codes_of(frame)
        if LAYOUTS[table].measures:
            codes["ContentsCode"] = list(LAYOUTS[table].measures)
        found = document(frame, codes, label=label, listed=number % 2 == 0, sparse=number % 3 == 0)
        write(
            arguments.out / f"{table}.json",
            {**found, "source": "Statistisk sentralbyrå" if table in real else "made up for tests"},
        )


def write(path: Path, found: dict) -> None:
    """Write one file, a line per member."""
    lines = (f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in found.items())
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
