"""FHI's statistics banks: asked by POST with every dimension named; hidden, missing and nought are three things."""

from __future__ import annotations

import copy
import math

import pytest
from tests.support.statistics_services import FIXTURES, fixture

from framsyn.errors import PlanError
from framsyn.sources import fhi

ALL = {"GEO": ["5007", "5041"], "AAR": "*", "MEASURE_TYPE": ["ANTALL", "RATE"]}


def test_banks_tables_and_nested_dimensions_are_listed(services, fetcher):
    assert fhi.sources(fetcher, base=services.fhi)["source"].tolist() == ["oppdiktet"]
    assert fhi.tables(fetcher, "oppdiktet", base=services.fhi)["table"].tolist() == [17]
    found = fhi.dimensions(fetcher, "oppdiktet", 17, base=services.fhi)
    assert list(found) == ["GEO", "AAR", "MEASURE_TYPE"]
    assert list(found["GEO"].items())[1:3] == [("50", "Trøndelag"), ("5007", "Namsos")]
    assert fhi.flags(fetcher, "oppdiktet", 17, base=services.fhi)["k"] == "Anonymisert: få tilfeller"


def test_figures_keep_apart_hidden_missing_and_nought(services, fetcher):
    found = fhi.data(fetcher, "oppdiktet", 17, ALL, base=services.fhi)
    rows = found.set_index(["GEO", "AAR", "MEASURE_TYPE"])
    assert rows.loc[("5007", "2023_2023", "ANTALL"), ["value", "status"]].tolist() == [120, ""]
    assert rows.loc[("5007", "2024_2024", "ANTALL"), ["value", "status"]].tolist() == [0, ""]
    hidden = rows.loc[("5041", "2023_2023", "ANTALL")]
    assert math.isnan(hidden["value"])
    assert hidden[["status", "sign"]].tolist() == [":", "k"]
    assert rows["status"].tolist()[-2:] == ["..", "."]
    assert found["value"].isna().tolist() == [False] * 4 + [True] * 4
    body = services.asked[-1][3]
    assert body["dimensions"][1] == {"code": "AAR", "filter": "all", "values": ["*"]}
    assert body["response"] == {"format": "json-stat2", "maxRowCount": 200_000}


@pytest.mark.parametrize(
    ("selection", "code", "said"),
    [
        ({"GEO": ["5007"], "AAR": "*"}, "dimension-missing", "MEASURE_TYPE is not asked for"),
        ({**ALL, "KJONN": ["0"]}, "dimension-missing", "KJONN is no dimension"),
        ({**ALL, "GEO": ["5012"]}, "unknown-code", "GEO has no 5012"),
        ({**ALL, "GEO": "99*"}, "unknown-code", "begins with 99"),
        ({**ALL, "GEO": []}, "unknown-code", "no code asked for"),
    ],
)
def test_a_question_that_does_not_fit_is_not_sent(services, fetcher, selection, code, said):
    with pytest.raises(PlanError) as error:
        fhi.data(fetcher, "oppdiktet", 17, selection, base=services.fhi)
    assert error.value.code == code
    assert said in error.value.message
    assert [asked[0] for asked in services.asked] == ["GET"]


def test_a_question_that_is_too_large_is_not_sent(services, fetcher):
    with pytest.raises(PlanError) as error:
        fhi.data(
            fetcher,
            "oppdiktet",
            17,
            {"GEO": "*", "AAR": "*", "MEASURE_TYPE": "*"},
            most=15,
            base=services.fhi,
        )
    assert (error.value.code, error.value.data["got"]) == ("source-too-large", 16)


def test_a_bank_cannot_be_another_address(fetcher):
    for name in ("../admin", "a/b", "", "nokkel?x=1"):
        with pytest.raises(PlanError) as error:
            fhi.tables(fetcher, name, base="http://127.0.0.1:1")
        assert error.value.code == "unknown-code"


@pytest.mark.parametrize(
    "change",
    [
        {"value": None},
        {"value": [1, 2]},
        {"value": [True] * 8},
        {"id": ["GEO"]},
        {"dimension": []},
        {"size": [2, 2, 3]},
        {"status": {"99": ":"}},
        {"version": "1.2"},
    ],
)
def test_a_changed_answer_is_named(services, fetcher, change):
    import json

    document = {**copy.deepcopy(fixture("fhi", "data.json")), **change}
    services.put("/fhi/open/v1/oppdiktet/Table/17/data", json.dumps(document).encode())
    with pytest.raises(PlanError) as error:
        fhi.data(fetcher, "oppdiktet", 17, ALL, base=services.fhi)
    assert error.value.code == "source-changed"


def test_what_the_table_says_of_a_sign_goes_before_what_is_usual():
    document = copy.deepcopy(fixture("fhi", "data.json"))
    document["value"][4] = "#"
    assert fhi.read_data(document)["status"].tolist()[4] == "#"
    document["extension"]["flags"]["label"]["#"] = "Skjult: få personer"
    assert fhi.read_data(document)["status"].tolist()[4] == ":"


def test_sparse_answers_and_signs_beside_values_are_read_alike():
    whole = fixture("fhi", "data.json")
    numbers = {str(place): value for place, value in enumerate(whole["value"]) if not isinstance(value, str)}
    signs = {str(place): value for place, value in enumerate(whole["value"]) if isinstance(value, str)}
    sparse = {**whole, "value": numbers, "status": signs}
    assert fhi.read_data(sparse).equals(fhi.read_data(whole))


def test_a_csv_taken_by_hand_is_read_with_either_mark():
    text = (FIXTURES / "fhi" / "table_csv3.csv").read_text(encoding="utf-8")
    found = fhi.read_csv_answer(text)
    assert found["value"].tolist()[:2] == [120.0, 8.1]
    assert found["status"].tolist() == ["", "", ":", ".."]
    assert fhi.read_csv_answer("\ufeff" + text.replace("8,1", "8.1").replace(";", ",")).equals(found)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "source-changed"),
        ("GEO;AAR;VERDI\n", "source-changed"),
        ("GEO;GEO;VERDI\n1;2;3\n", "source-changed"),
        ("GEO;AAR;VERDI\n1;2\n", "source-changed"),
        ("GEO;AAR;VERDI\n1;2;3\n1;2;4\n", "row-twice"),
        ("GEO;AAR;VERDI\n1;2;=1+1\n", "number-unfit"),
        ("GEO;AAR;VERDI\n1;2;1e999\n", "number-unfit"),
        ('GEO;AAR;VERDI\n1;"2;3\n', "source-changed"),
    ],
)
def test_a_broken_csv_is_refused(text, code):
    with pytest.raises(PlanError) as error:
        fhi.read_csv_answer(text)
    assert error.value.code == code
