"""Write the counts that the tests of ``framsyn region build`` serve: tests/data/sources/midt-norge/population-*.txt.

Run from the project's root:

    python tools/write_source_fixtures.py --data ../shared/data

One line per municipality and year: code, year, 1 where the count rests on a divided code, then men by age 0–105 and women by
age 0–105, spaces between. A run of noughts at the end of a sex is left out. The nation and its two counties follow under the
codes 0, 15 and 50. One file for each leading digit of the codes, so that none is large.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "tests" / "data" / "sources" / "midt-norge"


def main() -> None:
    """Read the arguments and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data")
    folder = parser.parse_args().data
    listed = pd.read_csv(folder / "catchments_klass_629/hmn_municipality_catchment_2026.csv", dtype=str)
    counts = pd.read_parquet(
        folder / "ssb_population_csdata/population_municipality_sex_age1_2005_2025.parquet"
    )
    counts = counts[counts["municipality_code"].isin(listed["municipality_code"])]
    counts = counts.rename(columns={"municipality_code": "area", "boundary_approx": "approximate"})
    wide = pd.read_csv(
        folder / "ssb_population_csdata/population_nation_and_hmn_counties_sex_age1_2005_2025.csv"
    )
    wide = wide.rename(columns={"area_code": "area"}).assign(approximate=False)
    wide["area"] = wide["area"].astype(str)
    frame = pd.concat([counts, wide], ignore_index=True).sort_values(["area", "year", "age"])
    lines: dict[str, list[str]] = {}
    for (area, year), of_year in frame.groupby(["area", "year"]):
        sexes = " / ".join(_numbers(of_year[sex]) for sex in ("male", "female"))
        lines.setdefault(area[0], []).append(f"{area} {year} {int(of_year['approximate'].any())} / {sexes}")
    TARGET.mkdir(parents=True, exist_ok=True)
    for digit, told in lines.items():
        (TARGET / f"population-{digit}.txt").write_text(
            "\n".join(told) + "\n", encoding="utf-8", newline="\n"
        )


def _numbers(values: pd.Series) -> str:
    listed = [int(value) for value in values]
    while listed and listed[-1] == 0:
        listed.pop()
    return " ".join(map(str, listed))


if __name__ == "__main__":
    main()
