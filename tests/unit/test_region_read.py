"""Every kind of bad input gives one clear error: file, row, what was got, what is expected, the way out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import framsyn
from framsyn.errors import PlanError
from framsyn.region import Region
from framsyn.region.schema import parameters, tables

SHIPPED = Path(framsyn.__file__).parent / "regions" / "midt-norge"


@pytest.fixture
def folder(tmp_path):
    copy = tmp_path / "region"
    shutil.copytree(SHIPPED, copy, ignore=shutil.ignore_patterns("scenarios"))
    return copy


def edit(folder: Path, table: str, row: int, old: str, new: str) -> None:
    """Replace a text in one row, counted as an editor counts (the header is row 1)."""
    path = folder / "tables" / f"{table}.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    assert old in lines[row - 1], lines[row - 1]
    lines[row - 1] = lines[row - 1].replace(old, new, 1)
    path.write_text("\n".join(lines), encoding="utf-8", newline="\n")


def row_of(folder: Path, table: str, start: str) -> int:
    lines = (folder / "tables" / f"{table}.csv").read_text(encoding="utf-8").split("\n")
    return next(number for number, line in enumerate(lines, start=1) if line.startswith(start))


def remove(folder: Path, table: str, start: str) -> None:
    path = folder / "tables" / f"{table}.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    kept = [line for line in lines if not line.startswith(start)]
    assert len(kept) < len(lines)
    path.write_text("\n".join(kept), encoding="utf-8", newline="\n")


BAD = {
    # what: (table, start of the row, old, new, code, words that the message must hold)
    "unknown column": ("trusts", "trust,", "short_name", "shortname", "wrong-column",
        ["'shortname'", "'short_name'"]),
    "not a number": ("population", "1505,2025,30,", "1505,2025,30,", "1505,2025,30,x", "not-a-number",
        ["'male'", "whole number"]),
    "negative count": ("population", "1505,2025,31,", "2025,31,", "2025,31,-", "out-of-range",
        ["not under 0 [person]"]),
    "a fraction of a person": ("population", "1505,2025,31,", "2025,31,", "2025,31,0.5", "out-of-range",
        ["whole number"]),
    "age over 105": ("population", "1505,2025,31,", "2025,31,", "2025,131,", "out-of-range",
        ["'age'", "'131'", "0 to 105"]),
    "impossible year": ("beds", "hmr,SOM,2025", "2025", "20255", "out-of-range", ["'year'", "2000 to 2100"]),
    "NaN": ("life_tables", "female,5,2000,", "2000,", "2000,nan#", "not-a-number", ["'qx'", "'nan#"]),
    "infinite": ("fertility_pattern", "30,", "30,0", "30,inf#0", "not-a-number", ["'share'"]),
    "a chance over 1": ("life_tables", "female,80,2000,", "2000,0.", "2000,7.", "out-of-range",
        ["'qx'", "0 to 1"]),
    "unknown trust": ("areas", "1505,", ",hmr,", ",hrm,", "unknown-code", ["'hrm'", "'hmr'"]),
    "unknown quality": ("use", "phv,patients", "official", "oficial", "unknown-code",
        ["'oficial'", "'official'"]),
    "unknown source": ("use", "phv,patients", "ssb_14820", "ssb_99999", "unknown-code", ["'ssb_99999'"]),
    "unknown service": ("use", "phv,patients", "phv,", "phw,", "unknown-code", ["'phw'"]),
    "unknown switch": ("areas", "1811,", "bindal", "bindall", "unknown-code", ["'bindall'", "'bindal'"]),
    "blank name": ("services", "som_01,", "Infectious diseases", " ", "blank", ["'name_en'"]),
    "area of three digits": ("areas", "1505,", "1505,", "505,", None, ["505"]),
    "wrong unit of a parameter": ("parameters", "occupancy,PHV", ",1,assumption", ",percent,assumption", "bad-parameter",
        ["occupancy", "'percent'", "'1'"]),
    "percent for a share": ("parameters", "occupancy,PHV", "0.87,0.85,0.9", "87,85,90", "bad-parameter",
        ["87", "written 0.3"]),
    "misspelt parameter": ("parameters", "occupancy,PHV", "occupancy", "occupency", "bad-parameter",
        ["'occupency'", "Did you mean 'occupancy'?"]),
    "value outside its range": ("parameters", "occupancy,PHV", "0.87,0.85,0.9", "0.80,0.85,0.9", "bad-parameter",
        ["outside low 0.85"]),
    "shares of a flow": ("flows", "sto,sto,SOM", "0.93", "0.95", "sums-do-not-hold",
        ["sto", "1.02", "expected 1"]),
    "ages overlap": ("use", "phv,patients,all,30", "30,49", "29,49", "sums-do-not-hold",
        ["29–49", "expected to start at 30"]),
    "season": ("season", "SOM,1,", "SOM,1,1.", "SOM,1,2.", "sums-do-not-hold", ["SOM", "expected 1"]),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_bad_value(folder, what):
    table, start, old, new, code, words = BAD[what]
    row = row_of(folder, table, start)
    edit(folder, table, row, old, new)
    with pytest.raises(PlanError) as caught:
        Region.load(folder)
    message = str(caught.value)
    if code is not None:
        assert caught.value.code == code, message
    assert f"{table}.csv" in message or code is None, message
    if what not in {"unknown column", "area of three digits", "shares of a flow", "season"}:
        assert f"row {row}:" in message, message
        assert caught.value.data["row"] == row
    for word in words:
        assert word in message, message
    assert message.rstrip().endswith("."), "the way out is a sentence"


@pytest.mark.parametrize(
    "table", ["population", "beds", "use", "parameters", "flows", "areas", "migration_area"]
)
def test_duplicate_row(folder, table):
    path = folder / "tables" / f"{table}.csv"
    lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    path.write_text("\n".join([*lines, lines[4]]) + "\n", encoding="utf-8", newline="\n")
    with pytest.raises(
        PlanError, match=rf"{table}\.csv row {len(lines) + 1}: .* stands twice, first in row 5"
    ) as caught:
        Region.load(folder)
    assert caught.value.code == "duplicate-row"


@pytest.mark.parametrize(
    ("table", "start", "words"),
    [
        ("population", "5001,", "no row for area 5001"),
        ("population", "5001,2025,40,", "area 5001, year 2025, age 40"),
        ("fertility_area", "5001,", "no row for area 5001"),
        ("migration_variation", "5001,", "no row for area 5001"),
        ("migration_area", "5001,2015-2025,all,20", "area 5001, period 2015-2025, age_from 20"),
        ("life_tables", "male,40,2010", "sex male, age 40, year 2010"),
        ("beds", "hnt,TSB", "trust hnt, service_area TSB"),
        ("use", "som_09,stays", "service som_09, measure stays"),
        ("season", "TSB,7,", "service_area TSB, month 7"),
        ("use_ratio", "sto,SOM", "trust sto, service_area SOM"),
        ("trust_activity", "hmr,PHV,stays,2025", "trust hmr, service_area PHV, measure stays, year 2025"),
    ],
)
def test_missing_row(folder, table, start, words):
    remove(folder, table, start)
    with pytest.raises(PlanError, match=rf"{table}\.csv: no row for") as caught:
        Region.load(folder)
    assert words in str(caught.value)
    assert caught.value.code == "missing-row"


def test_missing_municipality_in_the_list_itself(folder):
    remove(folder, "areas", "5001,")
    with pytest.raises(PlanError, match="'5001'"):
        Region.load(folder)


def test_missing_table(folder):
    (folder / "tables" / "beds.csv").unlink()
    with pytest.raises(PlanError, match=r"beds\.csv: the file is missing"):
        Region.load(folder)


def test_missing_border(folder):
    path = folder / "borders.geojson"
    drawn = json.loads(path.read_text(encoding="utf-8"))
    drawn["features"] = [part for part in drawn["features"] if part["properties"]["area"] != "5001"]
    path.write_text(json.dumps(drawn), encoding="utf-8")
    with pytest.raises(PlanError, match="no border for area 5001"):
        Region.load(folder)


def test_wrong_unit_in_the_descriptor(folder):
    path = folder / "datapackage.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"unit": "person"', '"unit": "1000 persons"', 1),
        encoding="utf-8",
    )
    with pytest.raises(PlanError, match="has unit '1000 persons'; the engine calculates with 'person'"):
        Region.load(folder)


@pytest.mark.parametrize("key", ["sources", "framsyn", "resources", "name"])
def test_missing_key_in_the_descriptor(folder, key):
    path = folder / "datapackage.json"
    descriptor = json.loads(path.read_text(encoding="utf-8"))
    del descriptor[key]
    path.write_text(json.dumps(descriptor), encoding="utf-8")
    with pytest.raises(PlanError, match=f"the key '{key}' is missing"):
        Region.load(folder)


def test_broken_descriptor(folder):
    (folder / "datapackage.json").write_text("{", encoding="utf-8")
    with pytest.raises(PlanError, match="not readable as JSON"):
        Region.load(folder)


def test_a_folder_that_is_no_region(tmp_path):
    with pytest.raises(PlanError, match=r"no datapackage\.json here"):
        Region.load(tmp_path)


def test_a_changed_number_runs_and_is_said(folder):
    """A planner may change any number in a text file: the region loads, its address differs, the check tells."""
    before = Region.load(folder).digest()
    edit(folder, "parameters", row_of(folder, "parameters", "occupancy,SOM"), "0.85,0.8,0.9", "0.83,0.8,0.9")
    region = Region.load(folder)
    assert region.parameter("occupancy", service_area="SOM") == 0.83
    assert region.digest() != before
    assert [finding.table for finding in region.check() if finding.level == "warning"] == ["parameters"]


def test_a_lost_person_is_found(folder):
    row = row_of(folder, "population", "1505,2025,30,")
    lines = (folder / "tables" / "population.csv").read_text(encoding="utf-8").split("\n")
    area, year, age, male, female = lines[row - 1].split(",")
    edit(folder, "population", row, lines[row - 1], ",".join([area, year, age, str(int(male) + 1), female]))
    errors = [finding for finding in Region.load(folder).check() if finding.level == "error"]
    assert any("272414; published 272413" in finding.message for finding in errors)


def test_windows_line_ends_change_nothing(folder):
    before = Region.load(folder)
    path = folder / "tables" / "beds.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    after = Region.load(folder)
    assert after.digest() == before.digest()
    assert after.table("beds").equals(before.table("beds"))


def test_every_declared_column_has_a_description_and_every_table_a_key():
    for table in tables().values():
        assert table.key, table.name
        assert set(table.complete) <= set(table.columns)
        for field in table.fields:
            assert field.description
            assert field.type in {"string", "integer", "number"}
    assert all(parameter.minimum < parameter.maximum for parameter in parameters().values())


def test_each_declared_parameter_is_in_the_shipped_table():
    assert set(Region.load("midt-norge").table("parameters")["parameter"]) == set(parameters())
