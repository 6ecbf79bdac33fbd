"""Episodes to cells: against a plain count, row by row, and against files that are not what they should be."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pandas as pd
import pytest
from plain_cells import MEASURES, plain_cells

from framsyn.errors import PlanError
from framsyn.region import Region
from framsyn.sources.episodes.mappings import diagnosis_codes, mappings_of, read_units
from framsyn.sources.episodes.synthetic import write_synthetic

pytest.importorskip("duckdb")
from framsyn.sources.episodes.build import build_cells

KEY = ["service", "level", "age", "sex", "area", "year", "month"]
ROW = {
    "person": 1, "birth_year": 1950, "sex": 1, "municipality": "1508", "unit": "hmr_alesund", "care_level": 1,
    "in_time": "2025-03-01 10:00", "out_time": "2025-03-04 09:00", "diagnosis": "I219",
}  # fmt: skip


@pytest.fixture(scope="module")
def region():
    return Region.load("midt-norge")


def episodes(*rows: dict) -> pd.DataFrame:
    frame = pd.DataFrame([{**ROW, **row} for row in rows])
    for name in ("in_time", "out_time"):
        frame[name] = pd.to_datetime(frame[name])
    return frame


def counted(frame: pd.DataFrame, region: Region, folder: Path, **options) -> tuple[pd.DataFrame, object]:
    source = folder / "rows.parquet"
    frame.to_parquet(source)
    report = build_cells(source, region, folder / "cells", **options)
    return pd.read_parquet(folder / "cells" / "cells.parquet"), report


def as_dict(cells: pd.DataFrame) -> dict:
    return {
        tuple(row[: len(KEY)]): dict(zip(MEASURES, row[len(KEY) : len(KEY) + 4], strict=True))
        for row in cells[[*KEY, *MEASURES]].itertuples(index=False)
        if any(row[len(KEY) :])
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_the_query_counts_as_the_plain_rules_do(region, tmp_path, seed):
    source = write_synthetic(tmp_path / "rows.parquet", region, 30_000, seed=seed, people=4_000, faults=0.02)
    report = build_cells(source, region, tmp_path / "cells", until="2026-01-01")
    found = as_dict(pd.read_parquet(tmp_path / "cells" / "cells.parquet"))
    rows = pd.read_parquet(source)
    expected, faults = plain_cells(rows, mappings_of(region), pd.Timestamp("2026-01-01"))
    assert found == expected
    assert {name: count for name, count in report.left_out.items() if count} == faults
    assert len(faults) >= 5
    assert report.counted + sum(report.left_out.values()) == report.rows == 30_000


def test_the_rules_one_by_one(region, tmp_path):
    frame = episodes(
        {},  # three nights
        {"person": 2, "in_time": "2024-12-30 22:00", "out_time": "2025-01-02 08:00"},  # over New Year
        {"person": 3, "out_time": "2025-03-03 12:00"},  # moved to another unit: one stay
        {
            "person": 3,
            "in_time": "2025-03-03 16:00",
            "out_time": "2025-03-08 12:00",
            "unit": "sto_oya",
            "diagnosis": "J18",
        },
        {"person": 4, "out_time": "2025-03-01 22:00"},  # no night: a day treatment
        {"person": 5, "in_time": "2025-12-30 08:00", "out_time": None},  # still in
        {"person": 6, "out_time": "2025-03-03 12:00"},  # back after nine hours: two stays
        {"person": 6, "in_time": "2025-03-03 21:00", "out_time": "2025-03-05 12:00"},
        {"person": 7, "care_level": 8},
        {"person": 8, "municipality": "0301", "care_level": 3, "out_time": "2025-03-01 10:30"},
    )
    cells, report = counted(frame, region, tmp_path, until="2026-01-01")
    circulatory = (
        cells[cells["service"] == "som_09"].groupby(["level", "year", "month"])[list(MEASURES)].sum()
    )
    assert circulatory.loc[("inpatient", 2025, 3)].tolist() == [3, 3 + 2 + 2, 0, 0]  # 1 and twice 6
    assert circulatory.loc[("inpatient", 2024, 12)].tolist() == [0, 2, 0, 0]
    assert circulatory.loc[("inpatient", 2025, 1)].tolist() == [1, 1, 0, 0]
    assert circulatory.loc[("inpatient", 2025, 12)].tolist() == [0, 2, 0, 0]  # nights, and no stay yet
    assert circulatory.loc[("day", 2025, 3)].tolist() == [0, 0, 1, 0]
    moved = cells[cells["service"] == "som_10"][list(MEASURES)].sum()
    assert moved.tolist() == [1, 7, 0, 0]  # the longer episode names the stay
    assert report.left_out["radiotherapy_of_inpatient"] == 1
    assert report.elsewhere["outpatient_contacts"] == 1
    assert set(cells.loc[cells["outpatient_contacts"] > 0, "area"]) == {"other"}


def test_sites_are_told_apart_when_asked(region, tmp_path):
    frame = episodes(
        {}, {"person": 2, "unit": "sto_oya"}, {"person": 3, "unit": "sto_ostmarka", "diagnosis": None}
    )
    cells, _ = counted(frame, region, tmp_path, by_site=True)
    assert cells.groupby(["service", "site"])["stays"].sum().to_dict() == {
        ("som_09", "hmr_alesund"): 1, ("som_09", "sto_oya"): 1, ("phv", "sto_ostmarka"): 1,
    }  # fmt: skip


def test_the_folder_is_its_owners_alone_and_holds_no_person(region, tmp_path):
    cells, _ = counted(episodes({"person": "a-pseudonym"}, {"person": "another"}), region, tmp_path)
    folder = tmp_path / "cells"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {
        "cells.parquet": 0o600, "quality.json": 0o600, "manifest.json": 0o600,
    }  # fmt: skip
    assert "person" not in cells.columns
    for path in folder.iterdir():
        assert b"pseudonym" not in path.read_bytes()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert json.loads((folder / "quality.json").read_text())["rows"] == 2


def test_other_names_of_columns_and_the_registrys_own(region, tmp_path):
    frame = episodes({}).rename(
        columns={"person": "lopenr", "municipality": "komNrHjem", "care_level": "omsorgsniva"}
    )
    cells, _ = counted(frame, region, tmp_path, columns={"person": "lopenr"})
    assert cells["bed_days"].sum() == 3


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda frame: frame.drop(columns="sex"), "column-missing"),
        (lambda frame: frame.assign(SEX=1), "column-twice"),
        (lambda frame: frame.assign(in_time=1.5), "column-type"),
        (lambda frame: frame.assign(in_time="31.12.2025 kl 9"), "value-unfit"),
        (lambda frame: frame.iloc[:0], "file-empty"),
    ],
)
def test_a_file_that_does_not_fit_is_told_and_nothing_is_written(region, tmp_path, change, code):
    with pytest.raises(PlanError) as caught:
        counted(change(episodes({})), region, tmp_path)
    assert caught.value.code == code
    assert [path.name for path in tmp_path.iterdir()] == ["rows.parquet"]


@pytest.mark.parametrize("cut", [0, 3, 100, -1])
def test_a_broken_file_is_told(region, tmp_path, cut):
    whole = tmp_path / "whole.parquet"
    episodes({}).to_parquet(whole)
    content = whole.read_bytes()
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(content[:cut] if cut >= 0 else content[:200] + b"\xff" * 400 + content[-4:])
    with pytest.raises(PlanError) as caught:
        build_cells(broken, region, tmp_path / "cells")
    assert caught.value.code == "file-unreadable"
    assert not (tmp_path / "cells").exists()


def test_a_folder_with_something_else_is_left_alone(region, tmp_path):
    (tmp_path / "cells").mkdir()
    (tmp_path / "cells" / "letter.txt").write_text("mine")
    with pytest.raises(PlanError) as caught:
        counted(episodes({}), region, tmp_path)
    assert caught.value.code == "target-unfit"
    assert (tmp_path / "cells" / "letter.txt").read_text() == "mine"


def test_cells_are_made_anew_in_place(region, tmp_path):
    counted(episodes({}), region, tmp_path)
    cells, _ = counted(episodes({}, {"person": 2}), region, tmp_path)
    assert cells["stays"].sum() == 2


def test_units_from_a_table(region, tmp_path):
    table = tmp_path / "units.csv"
    table.write_text("﻿unit,site,service_area\n974745569,Tromsø,TSB\n", encoding="utf-8")
    mappings = mappings_of(region, read_units(table))
    cells, report = counted(
        episodes({"unit": "974745569"}, {"person": 2}), region, tmp_path, mappings=mappings
    )
    assert cells[cells["stays"] > 0]["service"].tolist() == ["tsb"]
    assert report.left_out["unknown_unit"] == 1
    assert mappings.version != mappings_of(region).version


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("unit,site\na,b\n", "column-missing"),
        ("unit,site,service_area\n", "file-empty"),
        ("unit,site,service_area\na,b,XXX\n", "unknown-label"),
        ("unit,site,service_area\na,b,SOM\na,c,SOM\n", "row-twice"),
        ("unit,site,service_area\n,b,SOM\n", "cell-empty"),
    ],
)
def test_a_table_of_units_that_does_not_fit(tmp_path, text, code):
    (tmp_path / "units.csv").write_text(text)
    with pytest.raises(PlanError) as caught:
        read_units(tmp_path / "units.csv")
    assert caught.value.code == code


def test_ranges_of_diagnoses():
    assert diagnosis_codes("C98-D01") == ["C98", "C99", "D00", "D01"]
    for span in ("D01-C98", "C1-D2", ""):
        with pytest.raises(PlanError):
            diagnosis_codes(span)


def test_made_up_use_is_as_concentrated_as_stated(region, tmp_path):
    path = write_synthetic(tmp_path / "rows.parquet", region, 300_000, people=20_000)
    use = pd.read_parquet(path, columns=["person"])["person"].value_counts().to_numpy()
    assert use[:200].sum() / use.sum() == pytest.approx(0.20, abs=0.02)
    assert use[:2_000].sum() / use.sum() == pytest.approx(0.66, abs=0.03)
    again = write_synthetic(tmp_path / "again.parquet", region, 300_000, people=20_000)
    assert pd.read_parquet(again).equals(pd.read_parquet(path))
