"""Places of the region: every municipality once per kind, official names, and the counts that others have published."""

from __future__ import annotations

import pytest

from framsyn.errors import PlanError
from framsyn.region import Region
from framsyn.region.places import KINDS, alphabetical, neighbours_of, place_of, places, places_above

# Persons on 1 January 2025 by hospital area, from Statistics Norway's table 13982; Namsos without Bindal.
CONTROL_SUMS = {
    "hospital-namsos": 37_745,
    "hospital-levanger": 99_437,
    "hospital-st-olavs": 293_253,
    "hospital-orkdal": 56_380,
    "hospital-nordmore-og-romsdal": 112_638,
    "hospital-alesund": 108_893,
    "hospital-volda": 50_882,
}


@pytest.fixture(scope="module")
def official(midt):
    """Return the region as Statistics Norway counts it, without Bindal."""
    return midt.with_switches(bindal=False)


def people(region, place):
    return int(region.population(2025).sel(area=list(place.areas)).sum())


@pytest.mark.parametrize("code", sorted(CONTROL_SUMS))
def test_hospital_areas_hold_the_published_number_of_people(official, code):
    assert people(official, place_of(official, code)) == CONTROL_SUMS[code]


def test_no_hospital_area_is_left_out(official):
    assert {one.code for one in places(official) if one.kind == "hospital_area"} == set(CONTROL_SUMS)


def test_bindal_belongs_to_namsos_when_it_is_counted_in(midt, official):
    with_bindal, without = (place_of(region, "hospital-namsos") for region in (midt, official))
    assert set(with_bindal.areas) - set(without.areas) == {"1811"}
    assert people(midt, with_bindal) == 37_745 + 1_374
    with pytest.raises(PlanError) as unknown:
        place_of(official, "1811")
    assert unknown.value.code == "unknown-place"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_covers_every_municipality_once(midt, kind):
    held = [area for one in places(midt) if one.kind == kind for area in one.areas]
    assert sorted(held) == sorted(midt.areas)


def test_codes_and_labels_are_there_and_codes_are_unlike(midt):
    found = places(midt)
    assert len({one.code for one in found}) == len(found) == 1 + 3 + 7 + 3 + 66
    for one in found:
        assert set(one.label) == {"nb", "nn", "en"}
        assert all(one.label.values())
        assert one.name
        assert (one.trust in midt.trusts) == (one.kind != "region")


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("5041", "Snåase – Snåsa"),
        ("5043", "Raarvihke – Røyrvik"),
        ("5025", "Rosse – Røros"),
        ("5001", "Trondheim – Tråante"),
        ("5007", "Namsos – Nåavmesjenjaelmie"),
        ("1508", "Ålesund"),
    ],
)
def test_municipalities_carry_every_official_name_in_the_official_order(midt, code, label):
    place = place_of(midt, code)
    assert set(place.label.values()) == {label}
    assert " – ".join(place.names) == label
    assert place.said("en") in place.names


def test_five_municipalities_have_a_south_sami_name(midt):
    assert [one.code for one in places(midt) if len(one.names) > 1] == [
        "5001",
        "5007",
        "5025",
        "5041",
        "5043",
    ]


def test_labels_of_areas_are_said_in_three_languages(midt):
    label = place_of(midt, "hospital-alesund").label
    assert label == {
        "nb": "Sykehusområdet Ålesund",
        "nn": "Sjukehusområdet Ålesund",
        "en": "Hospital area of Ålesund",
    }
    assert place_of(midt, "community-hnt").label["en"] == "Health community of Nord-Trøndelag"
    assert place_of(midt, "hmr").label["nn"] == "Helse Møre og Romsdal HF"


def test_larger_places_hold_the_smaller(midt):
    for one in places(midt):
        above = places_above(midt, one)
        assert all(set(one.areas) <= set(other.areas) for other in above)
        assert one not in above
    # Selbu's mental health care is Nord-Trøndelag's, its hospital and its health community are St. Olav's.
    assert [one.code for one in places_above(midt, place_of(midt, "5032"))] == [
        "hospital-st-olavs",
        "community-sto",
        "sto",
        "region",
    ]
    assert places_above(midt, place_of(midt, "region")) == ()


def test_neighbours_share_a_border_both_ways(midt):
    for area in midt.areas:
        for other in neighbours_of(midt, area):
            assert area in neighbours_of(midt, other)
    assert neighbours_of(midt, "5042") == ("5041", "5043", "5045")
    assert neighbours_of(midt, "5014") == ()  # Frøya is an island


def test_an_unknown_place_is_answered_with_the_nearest(midt):
    with pytest.raises(PlanError) as error:
        place_of(midt, "hospital-alesnd")
    assert "hospital-alesund" in str(error.value)


def test_two_hospital_areas_with_one_code_are_refused(midt):
    frames = dict(midt.frames)
    frames["areas"] = frames["areas"].replace({"somatic_area": {"Levanger": "Alesund"}})
    with pytest.raises(PlanError) as error:
        places(Region(midt.folder, midt.descriptor, frames, midt.switches))
    assert error.value.code == "place-twice"


def test_names_sort_as_in_norwegian():
    names = ["Åfjord", "Ørland", "Ørsta", "Ålesund", "Aure", "Volda"]
    assert sorted(names, key=alphabetical) == ["Aure", "Volda", "Ørland", "Ørsta", "Åfjord", "Ålesund"]
