"""The committed region is what the compile script makes of the open data, byte for byte."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

from framsyn.errors import PlanError
from framsyn.region import Region, build_region

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
SHIPPED = ROOT / "src" / "framsyn" / "regions" / "midt-norge"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(),
    reason="the open data folder ../shared/data is not here; the committed region is used as it is",
)


@pytest.fixture(scope="module")
def compiler():
    spec = importlib.util.spec_from_file_location("compile_region", ROOT / "tools" / "compile_region.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def raw(compiler, tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    compiler.write_raw(DATA, folder)
    return folder


def test_compiling_gives_the_committed_bytes(raw, tmp_path):
    out = build_region(raw, tmp_path / "midt-norge")
    made = {path.relative_to(out) for path in out.rglob("*") if path.is_file()}
    for name in sorted(made):
        assert (out / name).read_bytes() == (SHIPPED / name).read_bytes(), (
            f"{name} differs: run tools/compile_region.py"
        )
    assert len(made) == len(list((SHIPPED / "tables").iterdir())) + 2


def test_a_build_replaces_the_whole_and_keeps_what_is_not_its_own(raw, tmp_path):
    out = tmp_path / "midt-norge"
    (out / "scenarios").mkdir(parents=True)
    (out / "scenarios" / "mine.toml").write_text("name = 'mine'\n", encoding="utf-8")
    (out / "datapackage.json").write_text("old", encoding="utf-8")
    build_region(raw, out)
    assert Region.load(out).name == "midt-norge"
    assert (out / "scenarios" / "mine.toml").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["midt-norge"]


def test_a_bad_raw_table_leaves_the_old_region_in_place(raw, tmp_path):
    broken = tmp_path / "raw"
    shutil.copytree(raw, broken)
    flows = broken / "flows.csv"
    flows.write_text(flows.read_text(encoding="utf-8").replace("0.93", "0.83", 1), encoding="utf-8")
    out = tmp_path / "region"
    out.mkdir()
    (out / "datapackage.json").write_text("old", encoding="utf-8")
    with pytest.raises(PlanError, match="expected 1"):
        build_region(broken, out)
    assert (out / "datapackage.json").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["raw", "region"]


def test_counts_of_an_unknown_municipality(raw, tmp_path):
    broken = tmp_path / "raw"
    shutil.copytree(raw, broken)
    areas = broken / "areas.csv"
    lines = [line for line in areas.read_text(encoding="utf-8").split("\n") if not line.startswith("5001,")]
    areas.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(PlanError, match=r"population_counts\.csv: areas \['5001'\] are not in areas\.csv"):
        build_region(broken, tmp_path / "out")


def test_no_coordinate_of_openstreetmap_is_carried():
    import csv

    with (DATA / "hospitals_hmn" / "hospital_sites_hmn.csv").open(encoding="utf-8") as file:
        theirs = {(row["lat"], row["lon"]) for row in csv.DictReader(file)}
    ours = Region.load("midt-norge").table("sites")
    assert not theirs & {(f"{lat:g}", f"{lon:g}") for lat, lon in zip(ours["lat"], ours["lon"], strict=True)}
    points = Region.load("midt-norge").table("areas").set_index("area")
    for row in ours.itertuples():
        assert (row.lon, row.lat) == (points.loc[row.area, "lon"], points.loc[row.area, "lat"])
