"""A region is built, refreshed, compared and checked from services on this machine (tests/support/region_sources.py)."""

from __future__ import annotations

import csv
import json
import shutil
import tomllib
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from tests.support import region_sources as worlds

import framsyn.cli.region_sources as region_sources
from framsyn.cli import region as command
from framsyn.errors import PlanError
from framsyn.outlook.run import run
from framsyn.region import Region
from framsyn.region.difference import compare_regions
from framsyn.scenario import Scenario
from framsyn.sources.fetching import Rate

OFTEN = {name: Rate(calls=1_000_000, seconds=1.0, attempts=1) for name in ("ssb", "klass", "kartverket")}
DATA = Path(__file__).resolve().parents[1] / "data" / "sources" / "midt-norge"
OTHERS = ("helse-nord", "helse-vest", "helse-sor-ost")


@pytest.fixture(autouse=True)
def often(monkeypatch):
    monkeypatch.setattr(region_sources, "LIMITS", OFTEN)


def build(services, name: str, out: Path, cache: Path, **options) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(region_sources, "ADDRESSES", services.addresses)
        patch.setattr(region_sources, "LIMITS", OFTEN)
        return command.build(name, out=out, cache=cache, **options)


def indicators_of(region: Region, path: Path) -> Path:
    """An export of the quality indicators with the shipped region's figures of its trusts."""
    numbers = {("SOM", "mean_wait"): "374", ("TSB", "started"): "375", ("PHBU", "entitled"): "19"}
    names = dict(zip(region.table("trusts")["trust"], region.table("trusts")["name"], strict=True))
    lines = ["Tidsperiode;Kvalitetsindikator;Måltall;Lokasjon;Verdi;QualityIndicatorID"]
    for row in region.table("waiting").itertuples():
        number = numbers.get((row.service_area, row.measure))
        if number and row.place in names:
            value = f"{row.value:g}".replace(".", ",")
            lines.append(f"{row.year};Indikator {number};Antall;{names[row.place]};{value};{number}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def midt(tmp_path_factory):
    place = tmp_path_factory.mktemp("midt")
    services = worlds.midt_norge()
    with services.running():
        exported = indicators_of(Region.load("midt-norge"), place / "nki.csv")
        code = build(services, "Helse Midt-Norge RHF", place / "region", place / "cache", indicators=exported)
    assert code == 0
    return Region.load(place / "region")


@pytest.fixture(scope="module")
def nord_once(tmp_path_factory):
    place = tmp_path_factory.mktemp("nord")
    services = worlds.made_up("helse-nord")
    with services.running():
        assert build(services, "helse-nord", place / "region", place / "cache") == 0
        yield services, place


@pytest.fixture
def nord(nord_once, tmp_path, monkeypatch):
    """Services of Helse Nord with made-up figures, and a copy of the region and cache that were built from them."""
    services, place = nord_once
    for name in ("region", "cache"):
        shutil.copytree(place / name, tmp_path / name)
    monkeypatch.setattr(region_sources, "ADDRESSES", services.addresses)
    monkeypatch.setattr(services.bank, "tables", dict(services.bank.tables))
    monkeypatch.setattr(services.pages, "broken", set())
    return services, tmp_path / "region", tmp_path / "cache"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_midt_norge_differs_from_the_shipped_region_only_where_the_list_says_so(midt):
    changes = compare_regions(Region.load("midt-norge"), midt)
    found = Counter((change.table, change.kind) for change in changes)
    with (DATA / "differences.csv").open(encoding="utf-8", newline="") as file:
        listed = {(row["table"], row["kind"]): int(row["count"]) for row in csv.DictReader(file)}
    assert dict(found) == listed


def test_midt_norge_passes_the_same_checks_as_the_shipped_region(midt):
    assert midt.check() == Region.load("midt-norge").check()


@pytest.mark.parametrize(
    ("area", "persons"),
    [
        ("Namsos", 37_745),
        ("Levanger", 99_437),
        ("St. Olavs hospital", 293_253),
        ("Orkdal", 56_380),
        ("Nordmøre og Romsdal", 112_638),
        ("Ålesund", 108_893),
        ("Volda", 50_882),
    ],
)
def test_the_control_sums_of_2025(midt, area, persons):
    areas = midt.table("areas")
    inside = areas[(areas["somatic_area"] == area) & (areas["switch"] == "")]["area"]
    people = midt.table("population")
    chosen = people[(people["year"] == 2025) & people["area"].isin(inside)]
    assert int(chosen["male"].sum() + chosen["female"].sum()) == persons
    said = [one for one in midt.descriptor["framsyn"]["controlSums"] if one.get("localArea") == area]
    assert [one["persons"] for one in said] == [persons]


def test_a_lost_person_is_found_by_the_control_sums(midt, tmp_path):
    shutil.copytree(midt.folder, tmp_path / "region")
    table = tmp_path / "region" / "tables" / "population.csv"
    frame = pd.read_csv(table, dtype={"area": str})
    at = frame.index[(frame["area"] == "5007") & (frame["year"] == 2025) & (frame["age"] == 40)][0]
    frame.loc[at, "male"] -= 1
    frame.to_csv(table, index=False)
    told = " ".join(finding.message for finding in Region.load(tmp_path / "region").check())
    for where in ("Namsos 2025", "county 50 2025", "hnt 2025", "region 2025"):
        assert where in told


@pytest.mark.parametrize("name", OTHERS)
def test_another_authority_is_built_checked_and_run(name, tmp_path, capsys):
    services = worlds.made_up(name)
    with services.running():
        assert build(services, name, tmp_path / "region", tmp_path / "cache") == 0
    region = Region.load(tmp_path / "region")
    assert region.name == name
    assert [finding for finding in region.check() if finding.level == "error"] == []
    scenario = Scenario.load("demography", region=region)
    assert "Midt-Norge" not in scenario.owner
    outlook = run(region, scenario, draws=10, until=2030, workers=1)
    assert outlook is not None
    capsys.readouterr()
    assert command.check(str(tmp_path / "region"), json=True) == 0
    said = json.loads(capsys.readouterr().out)
    assert {"flows", "parameters", "income"} <= {gap["table"] for gap in said["gaps"]}
    for gap in said["gaps"]:
        assert all(gap[key] for key in ("missing", "why", "owner", "close"))
    assert any("Sunnaas" in gap["missing"] for gap in said["gaps"]) == (name == "helse-sor-ost")


def test_the_network_off_gives_the_same_bytes(nord, tmp_path):
    services, folder, cache = nord
    asked = len(services.bank.calls), len(services.pages.calls)
    assert build(services, "HELSE NORD", tmp_path / "again", cache, offline=True) == 0
    assert (len(services.bank.calls), len(services.pages.calls)) == asked
    assert contents(tmp_path / "again") == contents(folder)


def test_offline_without_answers_names_every_source_at_once(tmp_path):
    services = worlds.made_up("helse-vest")
    with services.running(), pytest.raises(PlanError) as caught:
        build(services, "helse-vest", tmp_path / "region", tmp_path / "cache", offline=True)
    assert not services.bank.calls
    assert caught.value.code == "sources-missing"
    for source in (
        "KLASS",
        "Kartverket",
        "07459",
        "07902",
        "13942",
        "13953",
        "13982",
        "14288",
        "14820",
        "14824",
    ):
        assert source in caught.value.message
    assert not (tmp_path / "region").exists()


def test_sources_that_fail_are_named_together_and_the_old_region_stays(nord, tmp_path):
    services, folder, _ = nord
    before = contents(folder)
    services.bank.trouble("503")
    services.pages.broken = {"/kommuner/5501"}
    with pytest.raises(PlanError) as caught:
        build(services, "helse-nord", folder, tmp_path / "fresh")
    assert caught.value.code == "sources-missing"
    assert caught.value.data["codes"] == ["source-not-found", "source-busy"]
    assert "Kartverket" in caught.value.message
    assert "07902" in caught.value.message
    assert contents(folder) == before
    # what was fetched is kept: the next attempt asks for what is missing alone
    services.pages.broken = set()
    services.bank.calls.clear()
    assert build(services, "helse-nord", folder, tmp_path / "fresh") == 0
    assert {call.path.split("/")[-2] for call in services.bank.data_calls()} == {"07902"}
    assert contents(folder) == before


def test_a_changed_table_is_named_and_the_old_region_stays(nord, tmp_path):
    services, folder, _ = nord
    before = contents(folder)
    services.bank.rename("13953", "Yrke", "Profesjon")
    services.bank.withdraw("13942", "ContentsCode", "Dognplass")
    with pytest.raises(PlanError) as caught:
        build(services, "helse-nord", folder, tmp_path / "fresh")
    assert caught.value.data["codes"] == ["source-changed", "source-changed"]
    assert "Profesjon" in caught.value.message
    assert "Dognplass" in caught.value.message
    assert contents(folder) == before


def test_refresh_shows_old_new_and_why_and_writes_when_told(nord, capsys):
    services, folder, cache = nord
    season = folder / "tables" / "season.csv"
    frame = pd.read_csv(season)
    frame["reason"] = "Our own count of 2025"
    frame.to_csv(season, index=False, lineterminator="\n")
    mine = season.read_bytes()
    assert command.refresh(folder, cache=cache) == 0
    assert "No difference" in capsys.readouterr().out
    table, _, _ = services.bank.tables["13942"]
    beds = (
        (table["HelseReg"] == "983974880")
        & (table["HelseTjenomr"] == "SOM")
        & (table["ContentsCode"] == "Dognplass")
        & (table["Tid"] == "2025")
    )
    old = float(table.loc[beds, "value"].iloc[0])
    services.bank.add("13942", table.assign(value=table["value"].mask(beds, old + 7)))
    before = contents(folder)
    assert command.refresh(folder, cache=cache) == 1
    shown = capsys.readouterr().out
    assert f"fin SOM 2025: beds {old} → {old + 7}" in shown
    assert "ssb_13942 (updated 2026-02-25)" in shown
    assert "--write" in shown
    assert contents(folder) == before
    assert command.refresh(folder, cache=cache, write=True, json=True) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["written"] is True
    assert said["summary"]["beds"]["changed"] == 1
    assert season.read_bytes() == mine
    after = Region.load(folder).table("beds").set_index(["trust", "service_area", "year"])["beds"]
    assert after["fin", "SOM", 2025] == old + 7
    assert (folder / "scenarios" / "demography.toml").is_file()


def test_refresh_refuses_a_region_that_was_not_built_from_sources(nord, tmp_path):
    _, folder, cache = nord
    descriptor = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    descriptor["name"] = "elsewhere"
    del descriptor["framsyn"]["authority"]
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    with pytest.raises(PlanError, match="was not built from the sources"):
        command.refresh(folder, cache=cache)


def test_diff_and_check_for_people_and_programs(nord, tmp_path, capsys):
    _, folder, _ = nord
    shutil.copytree(folder, tmp_path / "other")
    path = tmp_path / "other" / "tables" / "season.csv"
    frame = pd.read_csv(path)
    frame.loc[0, "reason"] = "Counted"
    frame.to_csv(path, index=False, lineterminator="\n")
    assert command.diff(str(folder), str(folder)) == 0
    assert capsys.readouterr().out.startswith("No difference")
    assert command.diff(str(folder), str(tmp_path / "other"), table=["season"], json=True) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["summary"]["season"] == {"added": 0, "removed": 0, "changed": 1, "why": ""}
    assert said["changes"][0]["after"] == "Counted"
    assert said["changes"][0]["key"] == {"service_area": "SOM", "month": 1}
    with pytest.raises(PlanError, match="no such table"):
        command.diff(str(folder), str(folder), table=["seasons"])
    assert command.check(str(folder)) == 0
    shown = capsys.readouterr().out
    assert "as published (ssb_13982)" in shown
    assert "To close it:" in shown


def test_the_built_package_is_a_valid_data_package(nord):
    frictionless = pytest.importorskip("frictionless")
    _, folder, _ = nord
    report = frictionless.validate(
        str(folder / "datapackage.json"),
        pick_errors=["package-error", "resource-error", "schema-error", "byte-count", "hash-count"],
    )
    assert report.valid, report.flatten(["type", "note"])


def test_the_scenario_of_another_authority_is_its_own(nord):
    _, folder, _ = nord
    said = tomllib.loads((folder / "scenarios" / "demography.toml").read_text(encoding="utf-8"))
    assert said["owner"] == "Helse Nord RHF, planning"
