"""KLASS: codes of a day, changes and correspondences, asked of a real server; figures carried from old codes to new."""

from __future__ import annotations

import csv
import json
import math

import pandas as pd
import pytest
from tests.support.statistics_services import FIXTURES, fixture

from framsyn.errors import PlanError
from framsyn.sources import klass
from framsyn.sources.fetching import Fetcher

# Persons on 1 January 2025 by hospital area (Statistics Norway, table 13982); Namsos without Bindal.
CONTROL_SUMS = {
    "Namsos": 37_745,
    "Levanger": 99_437,
    "St. Olavs hospital": 293_253,
    "Orkdal": 56_380,
    "Nordmøre og Romsdal": 112_638,
    "Ålesund": 108_893,
    "Volda": 50_882,
}


@pytest.fixture(scope="module")
def moved():
    return klass.read_changes(fixture("klass", "changes_131_2005_2025.json"))


def people(midt):
    return midt.population(2025).sum([dim for dim in midt.population(2025).dims if dim != "area"]).to_series()


def test_control_sums_of_2025_follow_from_the_correspondence(services, fetcher, midt):
    pairs = klass.correspondence(
        fetcher, klass.HOSPITAL_AREAS, klass.MUNICIPALITIES, "2025-01-01", base=services.klass
    )
    counts = people(midt)
    sums = pairs.assign(persons=pairs["target"].map(counts)).groupby("source_name")["persons"].sum()
    assert sums.drop("Sandnessjøen").astype(int).to_dict() == CONTROL_SUMS
    # Bindal, counted to Sandnessjøen by Statistics Norway and to Namsos by the plan.
    assert sums["Sandnessjøen"] == 1_374
    assert sums.sum() == 760_602


def test_psychiatric_areas_of_nord_trondelag_hold_selbu_and_tydal(services, fetcher, midt):
    pairs = klass.correspondence(
        fetcher, klass.DISTRICT_PSYCHIATRIC_AREAS, klass.MUNICIPALITIES, "2025-01-01", base=services.klass
    )
    own = pairs[pairs["source_name"].isin(["Levanger", "Namsos", "Stjørdal"])]
    assert people(midt)[own["target"].tolist()].sum() == 142_201
    assert set(pairs.loc[pairs["source_name"] == "Stjørdal", "target"]) >= {"5032", "5033"}


def test_codes_of_a_day_come_with_levels_and_parents(services, fetcher):
    codes = klass.codes_at(fetcher, klass.HOSPITAL_AREAS, "2025-01-01", base=services.klass).set_index("code")
    assert codes.loc["S25", ["name", "level"]].tolist() == ["Namsos", 3]
    assert codes.loc[codes.loc["S25", "parent"], "parent"] == "H04"
    assert services.asked[-1][2] == {"date": "2025-01-01", "language": "nb"}


def test_names_keep_their_sami_form(services, fetcher):
    codes = klass.codes_at(fetcher, klass.MUNICIPALITIES, 2025, base=services.klass).set_index("code")
    assert codes.loc["5041", "name"] == "Snåase - Snåsa"
    assert len(codes) == 66


def test_changes_are_asked_for_a_stretch_of_time(services, fetcher):
    found = klass.changes(fetcher, klass.MUNICIPALITIES, "2005-01-01", "2025-01-01", base=services.klass)
    assert services.asked[-1][2] == {"from": "2005-01-01", "to": "2025-01-01", "language": "nb"}
    assert set(found.loc[found["old"] == "1507", "new"]) == {"1508", "1580"}
    with pytest.raises(PlanError) as turned:
        klass.changes(fetcher, klass.MUNICIPALITIES, "2025-01-01", "2005-01-01", base=services.klass)
    assert turned.value.code == "date-unfit"


def test_all_pages_of_the_list_are_read_from_our_own_address(services, fetcher):
    found = klass.classifications(fetcher, base=services.klass)
    assert found["number"].tolist() == [131, 104, 629, 632]
    assert [asked[2]["page"] for asked in services.asked] == ["0", "1"]


def test_a_date_without_a_table_is_told_as_not_found(services, fetcher):
    with pytest.raises(PlanError) as error:
        klass.correspondence(fetcher, 629, 103, "2025-01-01", base=services.klass)
    assert error.value.code == "source-not-found"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"<html>Vedlikehold</html>", "no whole JSON"),
        (b'{"codes": []}', "the list is empty"),
        (b'{"Codes": []}', 'there is no "codes"'),
        (b'{"codes": [{"code": 301, "name": "Oslo"}]}', "expected a text"),
        (b'{"codes": [{"code": "0301"}]}', '"name" is missing'),
        (b'{"codes": [{"code": "0301", "name": "Oslo"}, {"code": "0301", "name": "Oslo"}]}', "stands twice"),
        (b'{"codes": [{"code": "0301", "name": "Oslo", "validFrom": "i dag"}]}', "expected a date"),
        (b'{"codes": [{"code": "0301", "name": "Oslo", "level": "-1"}]}', "expected a number"),
    ],
)
def test_a_changed_layout_is_named(services, fetcher, answer, said):
    services.put("/klass/v1/classifications/131/codesAt", answer)
    with pytest.raises(PlanError) as error:
        klass.codes_at(fetcher, 131, "2025-01-01", base=services.klass)
    assert error.value.code == "source-changed"
    assert said in error.value.message


def test_what_was_fetched_answers_with_the_network_off(services, tmp_path):
    with Fetcher(tmp_path) as online:
        first = klass.codes_at(online, 629, "2025-01-01", base=services.klass)
    with Fetcher(tmp_path, offline=True) as offline:
        again = klass.codes_at(offline, 629, "2025-01-01", base=services.klass)
        with pytest.raises(PlanError) as error:
            klass.codes_at(offline, 629, "2024-01-01", base=services.klass)
    pd.testing.assert_frame_equal(first, again)
    assert error.value.code == "not-in-cache"


def test_a_service_that_is_busy_is_told_and_what_came_before_is_kept(services, tmp_path):
    services.put("/klass/v1/classifications/629/correspondsAt", b"busy", status=503)
    with Fetcher(tmp_path, sleep=lambda seconds: None) as online:
        kept = klass.codes_at(online, 629, "2025-01-01", base=services.klass)
        with pytest.raises(PlanError) as error:
            klass.correspondence(online, 629, 131, "2025-01-01", base=services.klass)
    assert error.value.code == "source-busy"
    with Fetcher(tmp_path, offline=True) as offline:
        assert klass.codes_at(offline, 629, "2025-01-01", base=services.klass).equals(kept)


# --- carrying -------------------------------------------------------------------------------------------------------


def table(**people):
    return pd.DataFrame({"area": list(people), "value": list(people.values())}).assign(
        area=lambda frame: frame["area"].str.removeprefix("c")
    )


def test_snillfjord_is_divided_and_halsa_goes_over_whole(moved):
    before = table(
        c5012=1_000.0, c1571=1_500.0, c5011=4_000.0, c5013=5_000.0, c5019=900.0, c5018=3_300.0, c5016=1_600.0
    )
    after, report = klass.carry(before, moved, klass.municipality_weights(), "area")
    assert after.set_index("area")["value"].to_dict() == pytest.approx(
        {"5055": 350 + 1_500 + 4_000, "5056": 350 + 5_000, "5059": 300 + 1_600, "5058": 900 + 3_300}
    )
    told = report.set_index(["source", "target"])
    assert told.loc[("5012", "5055"), ["kind", "share", "value"]].tolist() == [
        "divided and merged",
        0.35,
        350.0,
    ]
    assert told.loc[("1571", "5055"), ["kind", "share", "path"]].tolist() == ["merged", 1.0, "1571 → 5055"]
    assert told.loc[("5019", "5058"), "kind"] == "merged"
    assert set(report["source"]) == set(before["area"])


def test_only_changes_after_the_day_of_a_row_touch_it(moved):
    rows = pd.DataFrame(
        [
            ("1613", 2017, 100.0),
            ("5012", 2019, 90.0),
            ("5055", 2020, 6_000.0),
            ("1507", 2023, 67_000.0),
            ("1508", 2024, 58_509.0),
        ],
        columns=["area", "year", "value"],
    )
    after, report = klass.carry(rows, moved, klass.municipality_weights(), "area", when="year")
    found = after.set_index(["area", "year"])["value"]
    assert found["5059", 2017] == pytest.approx(30.0)
    assert found["5059", 2019] == pytest.approx(27.0)
    assert found["5055", 2020] == 6_000
    assert found["1508", 2024] == 58_509
    assert found["1580", 2023] == pytest.approx(67_000 * 9_357 / 67_866)
    assert report.loc[report["source"] == "1613", "path"].tolist()[0] == "1613 → 5012 → 5055"
    assert set(report["when"]) == {2017, 2019, 2023}


def test_until_leaves_later_changes_out(moved):
    after, report = klass.carry(table(c1507=10.0), moved, None, "area", until="2023-01-01")
    assert after["area"].tolist() == ["1507"]
    assert report.empty


def test_shares_agree_with_csdata_for_every_year(moved):
    """The way through 2008, 2012, 2018, 2019, 2020 and 2024 gives what csdata wrote for each year (halves for Haram)."""
    with (FIXTURES / "klass" / "redistricting_csdata.csv").open(encoding="utf-8") as file:
        listed = list(csv.DictReader(file))
    expected = {
        (row["municipality_code_original"], int(row["year"]), row["municipality_code_2024"]): float(
            row["weight"]
        )
        for row in listed
    }
    origins = sorted({(old, year) for old, year, _ in expected})
    frame = pd.DataFrame(origins, columns=["area", "year"]).assign(origin=lambda f: f["area"], value=1.0)
    after, _ = klass.carry(frame, moved, klass.municipality_weights("halves"), "area", when="year")
    found = {(row.origin, row.year, row.area): row.value for row in after.itertuples()}
    assert len(expected) > 200
    assert found == pytest.approx(expected)


def test_hidden_and_missing_values_stay_so_and_nought_is_a_number(moved):
    before = pd.DataFrame(
        {
            "area": ["5011", "5012", "5015", "5017", "5018", "5019"],
            "value": [10.0, math.nan, 0.0, 7.0, math.nan, math.nan],
            "status": ["", ":", "", "", "..", ":"],
        }
    )
    after, report = klass.carry(before, moved, klass.municipality_weights(), "area", status="status")
    found = after.set_index("area")
    assert math.isnan(found.loc["5055", "value"])
    assert found["status"].to_dict() == {"5055": ":", "5056": ":", "5059": ":", "5057": "", "5058": ".."}
    assert found.loc["5057", "value"] == 7.0
    assert report.set_index(["source", "target"]).loc[("5012", "5059"), "unknown"] == 1


def test_counts_that_are_only_joined_stay_whole_numbers(moved):
    after, _ = klass.carry(table(c5018=3, c5019=4), moved, None, "area")
    assert after["value"].dtype.kind == "i"
    assert after["value"].tolist() == [7]


def test_a_code_that_kept_its_number_is_joined_in_place(moved):
    after, report = klass.carry(table(c5001=190_000, c5030=6_000), moved, None, "area")
    assert after.values.tolist() == [["5001", 196_000]]
    # What stayed where it was is no move; what came to it is told.
    assert report[["source", "target", "kind"]].values.tolist() == [["5030", "5001", "merged"]]


def test_a_new_name_moves_nothing_and_pieces_that_meet_again_are_one():
    renamed = pd.DataFrame([("5025", "5025", "2023-01-01")], columns=["old", "new", "date"])
    assert klass.carry(table(c5025=5.0), renamed, None, "area")[1].empty
    rows = [
        ("A", "B", "2020-01-01"),
        ("A", "C", "2020-01-01"),
        ("B", "D", "2024-01-01"),
        ("C", "D", "2024-01-01"),
    ]
    there = pd.DataFrame(rows, columns=["old", "new", "date"])
    after, report = klass.carry(table(A=8.0), there, {("A", "B"): 0.25, ("A", "C"): 0.75}, "area")
    assert after.values.tolist() == [["D", 8.0]]
    assert len(report) == 1
    assert report["share"].item() == report["value"].item() / 8 == 1.0


def test_other_columns_keep_rows_apart_and_several_figures_go_together(moved):
    before = pd.DataFrame(
        [("5012", "m", 10.0, 1.0), ("5012", "f", 20.0, 2.0), ("5011", "m", 1.0, 0.0)],
        columns=["area", "sex", "stays", "days"],
    )
    after, _ = klass.carry(before, moved, klass.municipality_weights(), "area", values=["stays", "days"])
    assert list(after) == ["area", "sex", "stays", "days"]
    assert after.set_index(["area", "sex"]).loc[("5055", "m")].tolist() == pytest.approx([4.5, 0.35])
    assert after[["stays", "days"]].sum().tolist() == pytest.approx([31.0, 3.0])


@pytest.mark.parametrize(
    ("weights", "code"),
    [
        (None, "weights-missing"),
        ({("5012", "5055"): 0.5, ("5012", "5056"): 0.5}, "weights-unfit"),
        ({("5012", "5055"): 0.5, ("5012", "5056"): 0.3, ("5012", "5059"): 0.3}, "weights-unfit"),
        ({("5012", "5055"): 0.35, ("5012", "5056"): 0.35, ("5012", "0301"): 0.3}, "weights-unfit"),
        ({("5012", "5055"): -0.5, ("5012", "5056"): 1.2, ("5012", "5059"): 0.3}, "weights-unfit"),
        ({("5012", "5055"): math.nan, ("5012", "5056"): 0.5, ("5012", "5059"): 0.5}, "weights-unfit"),
    ],
)
def test_a_division_without_fit_shares_is_refused(moved, weights, code):
    with pytest.raises(PlanError) as error:
        klass.carry(table(c5012=5.0), moved, weights, "area")
    assert error.value.code == code
    assert "5012" in error.value.message


def test_a_code_that_ended_needs_somebody_to_say_where_it_went():
    ended = pd.DataFrame([("9999", "", "2020-01-01")], columns=["old", "new", "date"])
    with pytest.raises(PlanError) as error:
        klass.carry(table(c9999=5.0), ended, None, "area")
    assert error.value.code == "code-ended"
    after, report = klass.carry(table(c9999=5.0), ended, {("9999", "0301"): 1.0}, "area")
    assert after.values.tolist() == [["0301", 5.0]]
    assert len(report) == 1


def test_blank_cells_of_changes_and_weights_are_blank_and_numbers_are_no_codes(moved):
    rows = [("5012", math.nan, "2020-01-01"), (None, "5055", "2020-01-01")]
    ended = pd.DataFrame(rows, columns=["old", "new", "date"])
    shares = pd.DataFrame([("5012", "5055", math.nan, 1.0)], columns=["source", "target", "date", "weight"])
    assert klass.carry(table(c5012=5.0), ended, shares, "area")[0].values.tolist() == [["5055", 5.0]]
    numbers = pd.DataFrame([(301, 302, "2020-01-01")], columns=["old", "new", "date"])
    with pytest.raises(PlanError) as error:
        klass.carry(table(c0301=5.0), numbers, None, "area")
    assert error.value.code == "code-unfit"
    with pytest.raises(PlanError) as error:
        klass.carry(table(c5012=5.0), moved, {(5012, 5055): 1.0}, "area")
    assert error.value.code == "code-unfit"


def test_unknown_codes_are_refused_with_what_they_became(moved):
    known = klass.read_codes(fixture("klass", "codes_131_2025.json"))["code"]
    after, _ = klass.carry(table(c5012=5.0), moved, klass.municipality_weights(), "area", codes=known)
    assert len(after) == 3
    with pytest.raises(PlanError) as error:
        klass.carry(
            table(c5012=5.0, c4711=1.0, c1850=1.0), moved, klass.municipality_weights(), "area", codes=known
        )
    assert error.value.code == "unknown-code"
    assert error.value.data["got"] == ["1850", "1850", "4711"]
    assert "1850 (now 1806)" in error.value.message


def test_a_code_that_still_holds_does_not_go_over_whole():
    part = pd.DataFrame([("0001", "0002", "2020-01-01")], columns=["old", "new", "date"])
    with pytest.raises(PlanError) as error:
        klass.carry(table(c0001=10.0), part, None, "area", codes=["0001", "0002"])
    assert error.value.code == "code-still-holds"
    shares = {("0001", "0001"): 0.75, ("0001", "0002"): 0.25}
    after, _ = klass.carry(table(c0001=10.0), part, shares, "area", codes=["0001", "0002"])
    assert after.values.tolist() == [["0001", 7.5], ["0002", 2.5]]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (pd.DataFrame({"area": [301], "value": [1.0]}), "code-unfit"),
        (pd.DataFrame({"area": [""], "value": [1.0]}), "code-unfit"),
        (pd.DataFrame({"area": ["0301"], "value": ["1"]}), "number-unfit"),
        (pd.DataFrame({"area": ["0301"], "value": [math.inf]}), "number-unfit"),
        (pd.DataFrame({"area": ["0301", "0301"], "value": [1.0, 2.0]}), "row-twice"),
        (pd.DataFrame({"kommune": ["0301"], "value": [1.0]}), "column-missing"),
    ],
)
def test_a_table_that_cannot_be_carried_is_refused(moved, frame, code):
    with pytest.raises(PlanError) as error:
        klass.carry(frame, moved, None, "area")
    assert error.value.code == code


def test_shares_from_counts_are_made_only_where_they_can_be_told(moved):
    counts = {"1508": 58_509, "1580": 9_357, "5055": 6_000, "5056": 5_000, "5059": 18_000}
    made = klass.weights_from_counts(moved, counts)
    assert set(made["source"]) == {"1507"}
    shipped = klass.municipality_weights()
    pd.testing.assert_series_equal(
        made["weight"], shipped.loc[shipped["source"] == "1507", "weight"].reset_index(drop=True)
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("source;target;weight\n1;2;1\n", "column-missing"),
        ("source,target,weight\n", "file-empty"),
        ("source,target,weight\n1,,1\n", "cell-empty"),
        ('source,target,weight\n1,2,"0,5"\n', "number-unfit"),
        ("source,target,weight\n1,2,=1+1\n", "number-unfit"),
        ("source,target,weight\n1,2,1e400\n", "number-unfit"),
        ("source,target,weight\n1,2,1/0\n", "number-unfit"),
        ("source,target,weight\n1,2,0.5\n", "weights-unfit"),
        ("source,target,weight\n1,2,1\n1,2,0\n", "row-twice"),
        ("source,target,weight,date\n1,2,1,31.12.2024\n", "date-unfit"),
    ],
)
def test_shares_of_ones_own_are_read_strictly(text, code):
    with pytest.raises(PlanError) as error:
        klass.read_weights(text)
    assert error.value.code == code


def test_shipped_shares_say_where_they_are_from():
    for rule in ("population", "halves"):
        shares = klass.municipality_weights(rule)
        assert (shares[["quality", "reason", "credit", "date"]] != "").all(axis=None)
        assert shares.groupby("source")["weight"].sum().tolist() == pytest.approx(
            [1.0] * shares["source"].nunique()
        )
    assert json.dumps(shares.to_dict("records"))
