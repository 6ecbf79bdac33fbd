"""Kartverket: official names in their order, points and borders in degrees, made small by the region's own borders."""

from __future__ import annotations

import copy
import json

import pytest
from tests.support.statistics_services import fixture

from framsyn.errors import PlanError
from framsyn.region.borders import simplify_borders
from framsyn.sources import kartverket
from framsyn.sources.fetching import Fetcher

CODES = ["5001", "5041", "5043"]


def test_municipalities_are_listed_by_number(services, fetcher):
    found = kartverket.municipalities(fetcher, base=services.kartverket)
    assert found["code"].tolist() == CODES
    assert found["name"].tolist() == ["Trondheim", "Snåsa", "Røyrvik"]


def test_names_and_points_are_those_of_the_shipped_region(services, fetcher, midt):
    found = kartverket.places(fetcher, CODES, base=services.kartverket).set_index("code")
    shipped = midt.table("areas").set_index("area").loc[CODES]
    for column in ("name", "name_official", "lon", "lat"):
        assert found[column].tolist() == shipped[column].tolist()
    assert found.loc["5043", "name_official"] == "Raarvihke - Røyrvik"
    assert set(found["county"]) == {"50"}
    assert {asked[2]["utkoordsys"] for asked in services.asked} == {"4326"}


def test_borders_fit_the_regions_simplifier(services, fetcher):
    found = kartverket.borders(fetcher, CODES, base=services.kartverket)
    assert [one["properties"]["municipality_code"] for one in found["features"]] == CODES
    assert found["attribution"] == "© Kartverket, CC BY 4.0"
    small = json.loads(simplify_borders(found, 4_000))
    assert [one["id"] for one in small["features"]] == CODES
    assert small["features"][1]["properties"]["name_official"] == "Snåase - Snåsa"


def test_a_geojson_of_geonorge_gives_the_same_borders(services, fetcher):
    asked = kartverket.borders(fetcher, ["5043", "5041"], base=services.kartverket)
    read = kartverket.read_borders(fixture("kartverket", "geonorge.geojson"), codes=["5043", "5041"])
    assert read == asked
    with pytest.raises(PlanError) as error:
        kartverket.read_borders(fixture("kartverket", "geonorge.geojson"), codes=["5001"])
    assert error.value.code == "unknown-code"


def test_only_numbers_of_municipalities_become_addresses(services, fetcher):
    for code in ("50", "../x", "50011", "٥٠٠١", 5001):
        with pytest.raises(PlanError) as error:
            kartverket.places(fetcher, [code], base=services.kartverket)
        assert error.value.code == "unknown-code"
    assert services.asked == []


def test_what_is_missing_is_named_and_the_rest_stays_in_the_cache(services, tmp_path):
    with Fetcher(tmp_path) as fetcher, pytest.raises(PlanError) as error:
        kartverket.places(fetcher, ["5001", "5002"], base=services.kartverket)
    assert error.value.code == "source-not-found"
    assert "5002" in error.value.message
    with Fetcher(tmp_path, offline=True) as offline:
        assert len(kartverket.places(offline, ["5001"], base=services.kartverket)) == 1


def changed(path, value):
    document = copy.deepcopy(fixture("kartverket", "kommuner_5041_omrade.json"))
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return document


RING = [[12.0, 64.0], [13.0, 64.0], [13.0, 65.0], [12.0, 64.0]]


@pytest.mark.parametrize(
    ("document", "code", "said"),
    [
        (changed(["kommunenummer"], "5042"), "source-changed", "is about 5042"),
        (changed(["omrade"], None), "source-changed", "expected an object"),
        (changed(["omrade", "type"], "Point"), "source-changed", "expected a Polygon"),
        (changed(["omrade", "coordinates"], []), "source-changed", "empty"),
        (changed(["omrade", "coordinates"], [[RING[:3]]]), "source-changed", "not closed"),
        (changed(["omrade", "coordinates"], [[[*RING[:3], [12.0, "64"]]]]), "source-changed", "two numbers"),
        (
            changed(["omrade", "coordinates"], [[[point[::-1] for point in RING]]]),
            "coordinates-unfit",
            "turned",
        ),
        (
            changed(["omrade", "coordinates"], [[[[569_000.0, 7_032_000.0]] * 4]]),
            "coordinates-unfit",
            "metres",
        ),
        (changed(["omrade", "crs", "properties", "name"], "EPSG:25833"), "coordinates-unfit", "EPSG:25833"),
    ],
)
def test_a_border_of_another_shape_or_place_is_refused(services, fetcher, document, code, said):
    services.put("/kommuneinfo/v1/kommuner/5041/omrade", json.dumps(document).encode())
    with pytest.raises(PlanError) as error:
        kartverket.borders(fetcher, ["5041"], base=services.kartverket)
    assert error.value.code == code
    assert said in error.value.message


def test_names_follow_their_order_and_not_their_place():
    document = fixture("kartverket", "kommuner_5041.json")
    assert kartverket.read_place(document, "5041")["name_official"] == "Snåase - Snåsa"
    document["gyldigeNavn"].reverse()
    assert kartverket.read_place(document, "5041")["name_official"] == "Snåase - Snåsa"
    del document["gyldigeNavn"]
    assert kartverket.read_place(document, "5041")["name_official"] == "Snåsa"
