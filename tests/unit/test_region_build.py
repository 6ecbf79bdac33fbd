"""The package as a file set: it validates, stays small, hangs together on the map, and is written in one stroke."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import pytest

import framsyn
from framsyn.errors import PlanError
from framsyn.region import build_region
from framsyn.region.borders import shared_edges, simplify_borders
from framsyn.region.region import Region

SHIPPED = Path(framsyn.__file__).parent / "regions" / "midt-norge"


@pytest.fixture(scope="module")
def descriptor():
    return json.loads((SHIPPED / "datapackage.json").read_text(encoding="utf-8"))


def test_size_limits():
    files = [SHIPPED / "datapackage.json", SHIPPED / "borders.geojson", *(SHIPPED / "tables").glob("*.csv")]
    assert sum(path.stat().st_size for path in files) <= 1_500_000
    assert (SHIPPED / "borders.geojson").stat().st_size <= 80_000


def test_every_file_is_described_with_its_size_hash_licence_and_date(descriptor):
    named = {resource["path"] for resource in descriptor["resources"]}
    there = {f"tables/{path.name}" for path in (SHIPPED / "tables").iterdir()} | {"borders.geojson"}
    assert named == there
    for resource in descriptor["resources"]:
        content = (SHIPPED / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()
        assert resource["sources"], resource["name"]
        assert resource["licenses"], resource["name"]
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", resource["dataThrough"]), resource["name"]
        assert b"\r" not in content


def test_kartverket_is_named():
    assert "© Kartverket, CC BY 4.0" in (SHIPPED / "borders.geojson").read_text(encoding="utf-8")


def test_frictionless_finds_the_package_valid():
    frictionless = pytest.importorskip("frictionless", reason="frictionless is not installed")
    report = frictionless.validate(str(SHIPPED / "datapackage.json"))
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "message"])[:5]


def test_every_figure_that_is_not_official_has_its_reason():
    region = Region.load("midt-norge")
    for name in ("parameters", "flows", "use", "trust_activity", "staff", "season", "equipment", "use_ratio"):
        frame = region.table(name)
        assert (frame.loc[frame["quality"] == "assumption", "reason"].str.len() >= 8).all(), name


def test_official_names_carry_their_sami_form():
    names = Region.load("midt-norge").table("areas").set_index("area")["name_official"]
    assert "Snåase" in names["5041"]
    assert "Raarvihke" in names["5043"]
    assert "Rosse" in names["5025"]


def test_neighbours_share_their_border_points():
    drawn = json.loads((SHIPPED / "borders.geojson").read_text(encoding="utf-8"))
    assert len(drawn["features"]) == 66
    shared, torn = shared_edges(drawn)
    assert shared > 500
    assert torn == 0
    edges = Counter()
    for feature in drawn["features"]:
        for polygon in feature["geometry"]["coordinates"]:
            for ring in polygon:
                assert ring[0] == ring[-1]
                assert len(ring) >= 4
                edges.update(zip(map(tuple, ring), map(tuple, ring[1:]), strict=False))
    # a common piece is run once in each direction, so no municipality lies on top of its neighbour
    assert max(edges.values()) == 1


def square(code: str, x: float, steps: int = 40) -> dict:
    """A square of side 1 whose left and right sides wiggle the same way, so that neighbours fit."""
    wiggle = [0.02 if i % 2 else 0.0 for i in range(steps + 1)]
    left = [[x + wiggle[i], i / steps] for i in range(steps + 1)]
    right = [[x + 1 + wiggle[i], i / steps] for i in range(steps + 1)]
    ring = [*right, *left[::-1], right[0]]
    properties = {"municipality_code": code, "name": code}
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def test_simplifying_keeps_two_squares_side_by_side():
    made = {"type": "FeatureCollection", "features": [square("0001", 0), square("0002", 1)]}
    small = simplify_borders(made, limit=900)
    assert len(small) <= 900
    drawn = json.loads(small)
    assert shared_edges(drawn)[1] == 0
    assert shared_edges(drawn)[0] >= 1
    assert simplify_borders(made, limit=900) == small


def test_a_failed_build_leaves_nothing_behind(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    with pytest.raises(PlanError, match=r"no region\.json here"):
        build_region(raw, tmp_path / "out")
    facts = {
        key: {}
        for key in (
            "name", "title", "description", "version", "keywords", "licenses", "label", "baseYear", "periods", "switches",
            "controlSums", "jointAreas", "sources", "tables",
        )
    }  # fmt: skip
    facts.pop("periods")
    (raw / "region.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(PlanError, match="the key 'periods' is missing"):
        build_region(raw, tmp_path / "out")
    (raw / "region.json").write_text("{", encoding="utf-8")
    with pytest.raises(PlanError, match="not readable as JSON"):
        build_region(raw, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]
