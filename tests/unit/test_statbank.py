"""StatBank's client against a service on this machine: tables, parts, signs, troubles and changed layouts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from statbank_server import StatbankServer, document

from framsyn.cli import invoke
from framsyn.errors import PlanError
from framsyn.sources.fetching import Fetcher
from framsyn.sources.statbank import LAYOUTS, Dimension, Statbank, join_cubes, read_cube, tables
from framsyn.sources.statbank.client import cut
from framsyn.sources.statbank.selection import chosen_codes

ANSWERS = Path(__file__).parent.parent / "data" / "sources" / "ssb"
PEOPLE = ["5007", "5049"]


def answer_of(table: str) -> dict:
    return json.loads((ANSWERS / f"{table}.json").read_text(encoding="utf-8"))


@pytest.fixture
def server() -> Iterator[StatbankServer]:
    with StatbankServer() as running:
        for table in LAYOUTS:
            running.add(table, read_cube(answer_of(table)).frame())
        yield running


def bank(server: StatbankServer, folder: Path, **settings: object) -> Statbank:
    return Statbank(Fetcher(folder, sleep=lambda _: None, **settings), base=server.base)


# ---------------------------------------------------------------- the tables


def test_population_has_one_row_per_person_group(server: StatbankServer, tmp_path: Path) -> None:
    frame = tables.population(bank(server, tmp_path), PEOPLE, "2025")
    assert list(frame.columns) == ["area", "sex", "age", "year", "value", "status"]
    assert len(frame) == 2 * 2 * 106
    assert set(frame["sex"]) == {"male", "female"}
    assert (frame["age"].min(), frame["age"].max(), set(frame["status"])) == (0, 105, {""})
    # Statistics Norway, 07459, 1 January 2025.
    assert frame.groupby("area")["value"].sum().to_dict() == {"5007": 15_154.0, "5049": 1_121.0}


def test_every_table_gives_the_columns_it_promises(server: StatbankServer, tmp_path: Path) -> None:
    service = bank(server, tmp_path)
    found = {
        "population": tables.population(service, "5007"),
        "projections": tables.projections(service, "5007", variants=["MMMM", "HHMH"]),
        "old projections": tables.projections(service, "5007", table="12882"),
        "life_tables": tables.life_tables(service, "top(1)"),
        "trust_activity": tables.trust_activity(service, "883974832"),
        "trust_staff": tables.trust_staff(service, "*"),
        "catchment_population": tables.catchment_population(service, "S28"),
        "patients": tables.patients(service, "H04"),
        "patients_mental": tables.patients_mental(service, "H04"),
        "health_personnel": tables.health_personnel(service, "5007"),
    }
    keys = {
        "population": "area sex age",
        "projections": "area sex age variant",
        "old projections": "area sex age variant",
        "life_tables": "sex age",
        "trust_activity": "trust service_area measure",
        "trust_staff": "trust profession service_area",
        "catchment_population": "catchment service_area sex age",
        "patients": "area age_from age_to diagnosis measure",
        "patients_mental": "area age_from age_to measure",
        "health_personnel": "area education sector",
    }
    for name, frame in found.items():
        assert list(frame.columns) == [*keys[name].split(), "year", "value", "status"], name
        assert not frame.duplicated([*keys[name].split(), "year"]).any(), name
        assert frame["value"].isna().equals(frame["status"].isin([":", "..", "."])), name
        assert pd.api.types.is_integer_dtype(frame["year"]), name
        assert not frame.drop(columns="value").isna().any(axis=None), name


def test_units_become_those_of_a_region(server: StatbankServer, tmp_path: Path) -> None:
    service = bank(server, tmp_path)
    deaths = tables.life_tables(service, "2024").set_index(["sex", "age"])["value"]
    assert deaths["male", 80] == pytest.approx(
        answer_value("07902", Kjonn="1", AlderX="080", Tid="2024") / 1000
    )
    activity = tables.trust_activity(service, "883974832", "2024").set_index(["service_area", "measure"])[
        "value"
    ]
    assert activity["SOM", "bed_days"] == 221_899
    assert activity["SOM", "occupancy"] == 0.90
    assert activity["PHV", "beds"] == 193
    staff = tables.trust_staff(service, "883974832", "2025").set_index("profession")["value"]
    assert staff["TOT"] == pytest.approx(staff.drop("TOT").sum(), abs=3)
    groups = tables.patients(service, "H04", ages=["999A", "90+"], diagnoses="_T")
    assert set(zip(groups["age_from"], groups["age_to"], strict=True)) == {(0, 105), (90, 105)}


def answer_value(table: str, **codes: str) -> float:
    frame = read_cube(answer_of(table)).frame()
    for name, code in codes.items():
        frame = frame[frame[name] == code]
    (value,) = frame["value"]
    return float(value)


def test_hidden_missing_and_zero_are_three_things(server: StatbankServer, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "Region": ["5007"] * 4,
            "FagUtd": ["01", "02", "03", "04"],
            "Sektor": ["1"] * 4,
            "ContentsCode": ["Sysselsatte"] * 4,
            "Tid": ["2024"] * 4,
            "value": [0.0, 0.0, None, None],
            "status": ["", ":", ".", ".."],
        }
    )
    server.add("07944", frame)
    for sparse in (False, True):
        server.sparse = sparse
        got = tables.health_personnel(bank(server, tmp_path / str(sparse)), "5007")
        assert got["status"].tolist() == ["", ":", ".", ".."]
        assert got["value"].isna().tolist() == [False, True, True, True]
        assert got["value"][0] == 0.0


# ---------------------------------------------------------------- limits and parts


def test_a_large_query_is_cut_and_put_together_again(server: StatbankServer, tmp_path: Path) -> None:
    whole = tables.population(bank(server, tmp_path / "whole"), PEOPLE)
    for most in (424, 150, 60):
        server.calls.clear()
        server.config["maxDataCells"] = most
        got = tables.population(bank(server, tmp_path / str(most)), PEOPLE)
        pd.testing.assert_frame_equal(got, whole)
        sizes = [product(call.selection) for call in server.data_calls()]
        assert max(sizes) <= most and sum(sizes) == len(whole)
        assert {call.status for call in server.data_calls()} == {200}


def product(selection: dict[str, list[str]]) -> int:
    cells = 1
    for codes in selection.values():
        cells *= len(codes)
    return cells


def test_parts_hold_whole_years_so_that_a_new_year_fetches_itself_alone(
    server: StatbankServer, tmp_path: Path
) -> None:
    server.config["maxDataCells"] = 500
    tables.population(bank(server, tmp_path), PEOPLE)
    server.calls.clear()
    frame = server.tables["07459"][0]
    server.add("07459", pd.concat([frame, frame[frame["Tid"] == "2025"].assign(Tid="2026")]))
    got = tables.population(bank(server, tmp_path, fresh_for=0), PEOPLE)
    assert set(got["year"]) == {2024, 2025, 2026}
    assert [call.status for call in server.data_calls()] == [304, 304, 200]


def test_limits_come_from_the_service(server: StatbankServer, tmp_path: Path) -> None:
    server.config.update(maxDataCells=1234, maxCallsPerTimeWindow=3, timeWindow=10)
    now = [0.0]

    def sleep(wait: float) -> None:
        now[0] += wait

    service = Statbank(Fetcher(tmp_path, clock=lambda: now[0], sleep=sleep), base=server.base)
    assert service.limits().cells == 1234
    for table in ("07459", "07902", "13942"):
        service.dimensions(table)
    assert now[0] == 10.0
    server.config.pop("maxDataCells")
    with pytest.raises(PlanError, match="maxDataCells"):
        bank(server, tmp_path / "b").limits()


def test_a_long_query_goes_by_post_and_answers_alike(server: StatbankServer, tmp_path: Path) -> None:
    frame = pd.concat(server.tables["07459"][0].assign(Region=f"{code}") for code in range(1000, 1400)).query(
        "Tid == '2025' and Alder == '080'"
    )
    server.add("07459", frame.drop_duplicates(["Region", "Kjonn", "Alder", "Tid"]))
    got = tables.population(bank(server, tmp_path), "*")
    assert len(got) == 800
    assert [call.method for call in server.data_calls()] == ["POST"]
    with pytest.raises(PlanError) as caught:
        server.close()
        tables.population(bank(server, tmp_path, offline=True), "1???", "2024")
    assert caught.value.code == "source-changed"
    assert len(tables.population(bank(server, tmp_path, offline=True), "*")) == 800


def test_a_code_with_a_comma_does_not_become_two(server: StatbankServer, tmp_path: Path) -> None:
    frame = read_cube(answer_of("13953")).frame()
    frame["Yrke"] = frame["Yrke"].replace({"01": "01,02", "02": "(02)"})
    server.add("13953", frame)
    got = tables.trust_staff(bank(server, tmp_path), "*")
    assert {"01,02", "(02)"} <= set(got["profession"])


@pytest.mark.parametrize("most", [1, 2, 3, 5, 11, 23, 24])
def test_parts_are_the_query_each_cell_once(most: int) -> None:
    codes = {"A": ("a", "b"), "B": tuple("cdefg"), "Tid": ("1", "2", "3")}
    cells = [
        (a, b, t) for part in cut(codes, most) for a in part["A"] for b in part["B"] for t in part["Tid"]
    ]
    assert len(cells) == len(set(cells)) == 30


def test_what_the_publisher_notes_is_kept_once() -> None:
    frame = pd.DataFrame({"A": ["a", "b"], "Tid": ["1", "1"], "value": [1.0, 2.0]})
    found = document(frame) | {"note": ["A break in 2025.", 4]}
    later = document(frame.assign(Tid="2")) | {"note": ["A break in 2025.", "Rounded."]}
    whole = join_cubes([read_cube(found), read_cube(later)], "Tid")
    assert whole.notes == ("A break in 2025.", "Rounded.")
    assert read_cube(found | {"note": "loose"}).notes == ()


def test_parts_that_do_not_fit_are_refused() -> None:
    frame = pd.DataFrame({"A": ["a", "b"], "Tid": ["1", "1"], "value": [1.0, 2.0]})
    one = read_cube(document(frame))
    other = read_cube(document(frame.assign(A=["a", "c"], Tid="2")))
    with pytest.raises(PlanError, match="run the same again"):
        join_cubes([one, other], "Tid")


# ---------------------------------------------------------------- choosing codes

YEARS = Dimension("Tid", "år", tuple(str(year) for year in range(2015, 2026)), ())
AREAS = Dimension("Region", "region", ("0", "50", "5001", "5006", "5501", "[50]"), ())


@pytest.mark.parametrize(
    ("dimension", "wanted", "expected"),
    [
        (YEARS, "*", YEARS.codes),
        (YEARS, "top(2)", ("2024", "2025")),
        (YEARS, "top(2,1)", ("2023", "2024")),
        (YEARS, "TOP(99)", YEARS.codes),
        (YEARS, "bottom(1)", ("2015",)),
        (YEARS, "from(2024)", ("2024", "2025")),
        (YEARS, "to(2016)", ("2015", "2016")),
        (YEARS, "range(2016, 2017)", ("2016", "2017")),
        (YEARS, ["2025", "2015", "2025", "top(1)"], ("2015", "2025")),
        (AREAS, "50??", ("5001", "5006")),
        (AREAS, "50*", ("50", "5001", "5006")),
        (AREAS, ["[50]"], ("[50]",)),
        (AREAS, "[5*", ("[50]",)),
    ],
)
def test_codes_are_chosen_in_the_order_of_the_table(
    dimension: Dimension, wanted: object, expected: tuple
) -> None:
    assert chosen_codes(dimension, wanted) == expected


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ("2030", "source-changed"),
        ("9*", "source-changed"),
        ("from(2030)", "source-changed"),
        ("range(2020,2018)", "source-changed"),
        ("top(0)", "selection-unfit"),
        ("top(x)", "selection-unfit"),
        ("top()", "selection-unfit"),
        ("range(2020)", "selection-unfit"),
        ("from()", "selection-unfit"),
        ([], "selection-unfit"),
        ("median(3)", "source-changed"),
        ("", "source-changed"),
    ],
)
def test_a_choice_that_finds_nothing_is_told(wanted: object, code: str) -> None:
    with pytest.raises(PlanError) as caught:
        chosen_codes(YEARS, wanted)
    assert caught.value.code == code


def test_what_is_not_chosen_is_not_added_up_unseen(server: StatbankServer, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match='"Kjonn"') as caught:
        bank(server, tmp_path).table("07459", {"Region": "5007", "Alder": "*", "Tid": "2025"})
    assert caught.value.code == "selection-incomplete"
    assert server.data_calls() == []


# ---------------------------------------------------------------- troubles


@pytest.mark.parametrize("trouble", ["429", "500", "503", "cut", "drop"])
def test_one_trouble_is_overcome(server: StatbankServer, tmp_path: Path, trouble: str) -> None:
    server.trouble(trouble)
    assert len(tables.population(bank(server, tmp_path), PEOPLE)) == 848


@pytest.mark.parametrize(
    ("trouble", "code"),
    [("429:900", "source-busy"), ("503", "source-busy"), ("cut", "source-unreachable"), ("drop", "source-unreachable"),
     ("html", "source-changed"), ("broken", "source-changed")],
)  # fmt: skip
def test_what_was_fetched_is_kept_and_what_is_missing_is_named(
    server: StatbankServer, tmp_path: Path, trouble: str, code: str
) -> None:
    server.config["maxDataCells"] = 424
    service = bank(server, tmp_path)
    fetched = service.table("07459", {"Region": PEOPLE, "Kjonn": "*", "Alder": "*", "Tid": "2024"})
    server.trouble(*[trouble] * 5)
    with pytest.raises(PlanError, match="1 of 2 parts are fetched and kept; missing are Tid 2025") as caught:
        tables.population(bank(server, tmp_path), PEOPLE)
    assert caught.value.code == code
    assert caught.value.data["missing_parts"] == [{"Tid": ("2025",)}]
    # The next run asks for what is missing alone.
    server._troubles.clear()
    server.calls.clear()
    frame = tables.population(bank(server, tmp_path), PEOPLE)
    assert len(frame) == 848 and len(server.data_calls()) == 1
    assert frame[frame["year"] == 2024]["value"].sum() == fetched.value.sum()


def test_a_renamed_dimension_is_named_with_what_is_there(server: StatbankServer, tmp_path: Path) -> None:
    server.rename("07459", "Kjonn", "Kjoenn")
    with pytest.raises(PlanError) as caught:
        tables.population(bank(server, tmp_path), PEOPLE)
    assert caught.value.code == "source-changed"
    assert caught.value.data["missing"] == "Kjonn"
    assert "Kjoenn" in caught.value.data["there"]


def test_a_code_that_is_gone_is_named_with_what_is_there(server: StatbankServer, tmp_path: Path) -> None:
    server.withdraw("13942", "ContentsCode", "Liggedag")
    with pytest.raises(PlanError, match='no code "Liggedag"') as caught:
        tables.trust_activity(bank(server, tmp_path), "*")
    assert caught.value.data["dimension"] == "ContentsCode"
    assert "Utskriv" in caught.value.data["there"]
    with pytest.raises(PlanError, match='no code "9999"'):
        tables.population(bank(server, tmp_path), ["5007", "9999"])


def test_a_table_that_is_gone_is_told(server: StatbankServer, tmp_path: Path) -> None:
    server.tables.pop("07459")
    with pytest.raises(PlanError) as caught:
        tables.population(bank(server, tmp_path), PEOPLE)
    assert caught.value.code == "source-not-found"


def test_a_table_changed_between_two_calls_is_told(server: StatbankServer, tmp_path: Path) -> None:
    service = bank(server, tmp_path)
    service.dimensions("07459")
    server.withdraw("07459", "Alder", "105+")
    with pytest.raises(PlanError) as caught:
        tables.population(service, PEOPLE)
    assert caught.value.code == "source-refused"
    assert "Non-existent value" in caught.value.message


@pytest.mark.parametrize(
    ("column", "code", "now"), [("Tid", "2025", "2025K1"), ("Alder", "080", "80-84"), ("Alder", "105+", "XX")]
)
def test_codes_of_another_kind_are_told(
    server: StatbankServer, tmp_path: Path, column: str, code: str, now: str
) -> None:
    frame = server.tables["07459"][0]
    server.add("07459", frame.assign(**{column: frame[column].replace({code: now})}))
    with pytest.raises(PlanError, match=now.replace("+", r"\+")) as caught:
        tables.population(bank(server, tmp_path), PEOPLE)
    assert caught.value.code == "source-changed"


def test_all_is_there_with_the_network_off(server: StatbankServer, tmp_path: Path) -> None:
    first = tables.population(bank(server, tmp_path, fresh_for=0), PEOPLE, "from(2024)")
    server.close()
    service = bank(server, tmp_path, offline=True)
    pd.testing.assert_frame_equal(tables.population(service, PEOPLE, "from(2024)"), first)
    assert {one.status for one in service.fetcher.fetched} == {"cache"}
    with pytest.raises(PlanError, match="network is off") as caught:
        tables.population(service, PEOPLE, "2024")
    assert caught.value.code == "not-in-cache"


def test_progress_tells_which_part(server: StatbankServer, tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    server.config["maxDataCells"] = 424
    tables.population(bank(server, tmp_path, progress=lambda *step: told.append(step)), PEOPLE)
    assert told == [(0, 1, "SSB 07459, part 1 of 2"), (0, 1, "SSB 07459, part 2 of 2")]


def test_tables_are_found_over_all_pages(server: StatbankServer, tmp_path: Path) -> None:
    found = bank(server, tmp_path).find("table")
    assert found["table"].tolist() == sorted(LAYOUTS)
    assert found["first"].tolist()[0] == "2024"
    assert bank(server, tmp_path).find("nothing").empty


def test_a_variant_that_is_none_is_told(server: StatbankServer, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="MMMM, LLML, HHMH"):
        tables.projections(bank(server, tmp_path), "5007", variants=["XXXX"])


def test_the_command_searches_and_lists(
    server: StatbankServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(Statbank.__init__.__kwdefaults__, "base", server.base)
    assert invoke(["sources", "--find", "0745*", "--cache", str(tmp_path), "--json"]) == 0
    assert [row["table"] for row in json.loads(capsys.readouterr().out)["tables"]] == ["07459"]
    assert invoke(["sources", "--find", "table", "--cache", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert all(table in told for table in LAYOUTS)
    assert invoke(["sources", "--find", "nothing", "--cache", str(tmp_path)]) == 1
    assert "No table" in capsys.readouterr().out
    assert invoke(["sources", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {row["table"] for row in listed["tables"]} == set(LAYOUTS)


def test_the_script_of_the_page_runs(
    server: StatbankServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = ANSWERS.parents[3] / "docs" / "how-to" / "fetch-official-statistics.md"
    (script,) = re.findall(r"^```py\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    monkeypatch.setenv("FRAMSYN_CACHE", str(tmp_path))
    names: dict[str, object] = {}
    exec(
        script.replace("from(2020)", "from(2024)").replace("(fetcher)", f"(fetcher, base={server.base!r})"),
        names,
    )
    assert list(names["people"].columns) == ["area", "sex", "age", "year", "value", "status"]
    assert (tmp_path / "http" / "http.sqlite").is_file()
    told = page.read_text(encoding="utf-8")
    assert all(name in told for name in tables.__all__) and all(table in told for table in LAYOUTS)


def test_layouts_name_pages_and_no_column_twice() -> None:
    for layout in LAYOUTS.values():
        assert layout.page.endswith(layout.table)
        names = [*layout.columns.values()]
        assert len(set(names)) == len(names)
        assert not set(layout.columns) & set(layout.fixed)
