"""A region's own tables: out and back without a difference, wrong cells told by address, all of it written or nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import openpyxl
import pytest

from framsyn.cli import invoke
from framsyn.errors import PlanError
from framsyn.region import Region
from framsyn.region.own import taking_in
from framsyn.region.own.files import chosen_tables, copy_region, export_files, write_whole
from framsyn.region.own.given import known_tables
from framsyn.region.own.reading import given_in
from framsyn.region.own.taking_in import propose, take_in
from framsyn.region.schema import tables
from framsyn.report.own_data import write_own_data
from framsyn.report.words import read_words

REGION = Region.load("midt-norge")


@pytest.fixture
def own(tmp_path: Path) -> Region:
    """A region of one's own, a copy of the one that comes along."""
    return Region.load(copy_region(REGION, tmp_path / "own"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of every table."""
    path = tmp_path_factory.mktemp("whole") / "all.xlsx"
    write_own_data(path, REGION, lang="en")
    return path


def workbook(path: Path, *names: str, filled: bool = True, lang: str = "en") -> openpyxl.Workbook:
    write_own_data(path, REGION, names, lang, filled=filled)
    return openpyxl.load_workbook(path)


def saved(book: openpyxl.Workbook, path: Path) -> Path:
    book.save(path)
    return path


def stamps(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# ---------------------------------------------------------------- there and back


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_every_table_comes_back_as_it_went(kind: str, tmp_path: Path) -> None:
    export_files(REGION, chosen_tables([]), tmp_path / "out", kind)
    assert len(list((tmp_path / "out").iterdir())) == len(known_tables()) == len(tables()) + 1
    found = propose(tmp_path / "out", REGION, replace=True)
    assert (found.changes, found.errors, found.notices) == ([], [], [])
    assert sum(found.rows.values()) == sum(len(frame) for frame in REGION.frames.values()) + len(
        REGION.sources
    )


def test_the_whole_workbook_comes_back_as_it_went(whole: Path) -> None:
    found = propose(whole, REGION, replace=True)
    assert (found.changes, found.errors, found.notices) == ([], [], [])
    assert set(found.rows) == set(known_tables())


def test_a_csv_export_is_the_tables_byte_by_byte(tmp_path: Path) -> None:
    export_files(REGION, chosen_tables([]), tmp_path / "out", "csv")
    for name in tables():
        assert (tmp_path / "out" / f"{name}.csv").read_bytes() == (
            REGION.folder / "tables" / f"{name}.csv"
        ).read_bytes()


def test_an_empty_template_changes_nothing(tmp_path: Path) -> None:
    workbook(tmp_path / "t.xlsx", filled=False)
    found = propose(tmp_path / "t.xlsx", REGION, replace=True)
    assert (found.changes, found.errors) == ([], [])


def test_leading_zeros_blanks_and_digits_survive(own: Region, tmp_path: Path) -> None:
    """A county 03 stays 03, a blank occupancy is no zero and a zero no blank, seven digits stay seven."""
    areas = own.folder / "tables" / "areas.csv"
    old = "1505,Kristiansund,Kristiansund,"
    areas.write_text(areas.read_text("utf-8").replace(f"{old}15,", f"{old}03,"), "utf-8")
    beds = own.folder / "tables" / "beds.csv"
    lines = beds.read_text("utf-8").splitlines()
    lines[1] = "hmr,PHBU,2024,0.1234567,,official,ssb_13942"
    lines[2] = "hmr,PHBU,2025,1234567,0,official,ssb_13942"
    beds.write_text("\n".join(lines) + "\n", "utf-8")
    region = Region.load(own.folder)
    for kind in ("csv", "parquet"):
        export_files(region, chosen_tables(["areas", "beds"]), tmp_path / kind, kind)
        assert propose(tmp_path / kind, region, replace=True).changes == []
    write_own_data(tmp_path / "b.xlsx", region, ["areas", "beds"])
    found = propose(tmp_path / "b.xlsx", region, replace=True)
    assert (found.changes, found.errors) == ([], [])
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    assert book["areas"]["D5"].value == "03"
    assert [book["beds"][cell].value for cell in ("D5", "E5", "D6", "E6")] == [0.1234567, None, 1234567, 0]


# ---------------------------------------------------------------- what a workbook looks like


@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
def test_a_sheet_has_heads_meanings_names_choices_and_limits(lang: str, tmp_path: Path) -> None:
    book = workbook(tmp_path / "t.xlsx", "beds", filled=False, lang=lang)
    sheet = book["beds"]
    heads = {"nb": "Helseforetak", "nn": "Helseføretak", "en": "Health trust"}
    assert sheet["A2"].value == heads[lang]
    assert sheet["D2"].value == {"nb": "Senger [seng]", "nn": "Senger [seng]", "en": "Beds [bed]"}[lang]
    meanings = {
        "nb": "Gjennomsnittlig antall disponible senger",
        "nn": "Gjennomsnittleg tal disponible senger",
    }
    assert sheet["D3"].value == meanings.get(lang, tables()["beds"].field("beds").description)
    assert [cell.value for cell in sheet[4]] == tables()["beds"].columns
    assert sheet.freeze_panes == "D5"
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    assert (rules["C5"].type, rules["C5"].formula1, rules["C5"].formula2) == ("whole", "2000", "2100")
    assert (rules["E5"].type, float(rules["E5"].formula2)) == ("decimal", 1.5)
    offered = rules["F5"].formula1.replace("$", "").partition("!")
    lists = book[offered[0].strip("'")]
    assert [row[0].value for row in lists[offered[2]]] == list(tables()["beds"].field("quality").allowed)
    assert rules["G5"].formula1.startswith("'sources'!")
    assert all(
        sheet.column_dimensions[letter].width >= 9 for letter in "ABEG" if letter in sheet.column_dimensions
    )


def test_every_column_has_its_words_in_three_languages() -> None:
    words = read_words()
    for table in known_tables().values():
        for column in table.fields:
            needed = {f"field_name.{column.name}", f"field_text.{column.description}"}
            needed |= {f"field_unit.{column.unit}"} if column.unit not in ("", "1") else set()
            assert needed <= set(words), f"{table.name}.{column.name}: add to words_own_data.toml"


def test_the_dictionary_tells_every_column_and_every_quantity(whole: Path) -> None:
    from framsyn.quantities import quantities

    book = openpyxl.load_workbook(whole, read_only=True)
    told = [(row[0], row[1]) for row in book["Data dictionary"].iter_rows(min_row=2, values_only=True)]
    assert told == [(table.name, column) for table in known_tables().values() for column in table.columns]
    names = [row[0] for row in book["Computed quantities"].iter_rows(min_row=2, values_only=True)]
    assert names == list(quantities())


def test_sheets_may_be_renamed_and_columns_moved_and_left_in_any_order(own: Region, tmp_path: Path) -> None:
    book = workbook(tmp_path / "t.xlsx", "season")
    sheet = book["season"]
    sheet.title = "Sesong"
    sheet.move_range(f"C4:C{sheet.max_row}", cols=10)
    sheet.delete_cols(3)
    found = propose(saved(book, tmp_path / "t.xlsx"), own)
    assert (found.changes, found.errors) == ([], [])


# ---------------------------------------------------------------- wrong cells


def test_all_wrong_cells_are_told_at_once_with_the_way_out(own: Region, tmp_path: Path) -> None:
    book = workbook(tmp_path / "t.xlsx", "beds")
    sheet = book["beds"]
    sheet["F7"], sheet["D8"], sheet["G9"], sheet["C11"] = "oficial", "1.234", "own_count", "x"
    sheet["C10"] = sheet["C7"].value
    sheet["E12"], sheet["D13"], sheet["A14"], sheet["D15"] = 85, None, "hxx", "30 %"
    sheet["C16"], sheet["D17"], sheet["D18"] = 2020.5, "=1+", "#REF!"
    before = stamps(own.folder)
    found = propose(saved(book, tmp_path / "t.xlsx"), own)
    told = {error.cell: error for error in found.errors}
    codes = {
        "F7": "unknown-code", "D8": "not-a-number", "G9": "unknown-source", "A10": "duplicate-row", "C11": "not-a-number",
        "E12": "out-of-range", "D13": "blank", "A14": "unknown-code", "D15": "not-a-number", "C16": "out-of-range",
        "D17": "formula", "D18": "formula",
    }  # fmt: skip
    assert {cell: error.code for cell, error in told.items()} == codes
    assert "Did you mean official" in told["F7"].way_out
    assert "1234 or 1,234" in told["D8"].way_out
    assert "Add it to the sheet (or file) sources" in told["G9"].way_out
    assert told["E12"].way_out == "Write 0.85 for 85 %."
    assert all(
        error.place == "beds" and error.got and error.expected and error.way_out for error in found.errors
    )
    with pytest.raises(PlanError) as refused:
        take_in(found)
    assert refused.value.code == "has-errors"
    assert stamps(own.folder) == before


def test_a_code_that_lost_its_zero_is_told_how_it_is_written(tmp_path: Path) -> None:
    from framsyn.region.own.cells import BadCell, read_cell

    field = tables()["population"].field("area")
    with pytest.raises(BadCell) as bad:
        read_cell(field, 301, ("0301", "1505"))
    assert "Write 0301 as text" in bad.value.way_out


def test_a_new_source_comes_with_its_sheet(own: Region, tmp_path: Path) -> None:
    book = workbook(tmp_path / "t.xlsx", "beds")
    book["beds"]["D6"], book["beds"]["F6"], book["beds"]["G6"] = 999.5, "estimate", "own_count"
    book["sources"].append(["own_count", "Own count of beds", None, "internal"])
    found = propose(saved(book, tmp_path / "t.xlsx"), own)
    assert found.errors == []
    assert [(change.table, change.kind, change.column) for change in found.changes] == [
        ("sources", "added", ""),
        ("beds", "changed", "beds"),
        ("beds", "changed", "quality"),
        ("beds", "changed", "source"),
    ]
    others = {
        name: one
        for name, one in stamps(own.folder).items()
        if name not in ("datapackage.json", "tables/beds.csv")
    }
    take_in(found)
    after = stamps(own.folder)
    assert {name: one for name, one in after.items() if name in others} == others
    assert len(after) == len(others) + 2
    lines = (own.folder / "tables" / "beds.csv").read_text("utf-8").splitlines()
    old = (REGION.folder / "tables" / "beds.csv").read_text("utf-8").splitlines()
    assert lines[2] == "hmr,PHBU,2025,999.5,,estimate,own_count"
    assert lines[:2] + lines[3:] == old[:2] + old[3:]
    loaded = Region.load(own.folder)
    assert loaded.sources["own_count"]["license"] == {"name": "internal"}
    resource = next(one for one in loaded.descriptor["resources"] if one["name"] == "beds")
    assert [source["name"] for source in resource["sources"]][-1] == "own_count"
    assert [f for f in loaded.check() if "was changed after" in f.message] == []
    assert propose(tmp_path / "t.xlsx", loaded).changes == []


def test_rows_that_do_not_fit_together_are_told_at_their_cell(own: Region, tmp_path: Path) -> None:
    """The strict reader looks across tables too, before anything is written."""
    book = workbook(tmp_path / "t.xlsx", "flows")
    book["flows"]["D5"] = 0.9
    before = stamps(own.folder)
    found = propose(saved(book, tmp_path / "t.xlsx"), own)
    assert [(error.place, error.cell, error.code) for error in found.errors] == [
        ("flows", "A5", "sums-do-not-hold")
    ]
    assert "expected 1" in found.errors[0].way_out
    assert stamps(own.folder) == before


def test_a_row_stays_unless_replace_takes_it_out(own: Region, tmp_path: Path) -> None:
    path = tmp_path / "equipment.csv"
    lines = (own.folder / "tables" / "equipment.csv").read_text("utf-8").splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n", "utf-8")
    kept = propose(path, own)
    assert kept.changes == [] and "1 rows of the region are not in it" in kept.notices[0]
    taken = propose(path, own, replace=True)
    assert [change.kind for change in taken.changes] == ["removed"]
    take_in(taken)
    assert (own.folder / "tables" / "equipment.csv").read_text("utf-8").splitlines() == lines[:-1]


# ---------------------------------------------------------------- text files as people have them


@pytest.mark.parametrize(
    ("delimiter", "encoding", "comma", "said"),
    [
        (",", "utf-8", False, None),
        (";", "utf-8-sig", True, "semicolon, decimal comma"),
        (";", "cp1252", True, "semicolon, Windows-1252, decimal comma"),
        ("\t", "utf-16", False, "tab, UTF-16"),
    ],
)
def test_a_csv_is_read_as_spreadsheets_write_it(
    delimiter: str, encoding: str, comma: bool, said: str | None, tmp_path: Path
) -> None:
    frame = REGION.table("areas").copy()
    for name in ("lon", "lat"):
        frame[name] = frame[name].map(lambda value: f"{value:.7g}".replace(".", "," if comma else "."))
    path = tmp_path / "areas.csv"
    path.write_bytes(
        frame.to_csv(index=False, sep=delimiter, lineterminator="\r\n").encode(encoding, "xmlcharrefreplace")
    )
    found = propose(path, REGION)
    plain = [change for change in found.changes if change.column != "name_official"]
    assert (plain, found.errors) == ([], [])
    assert found.notices == ([f"areas.csv: read with {said}."] if said else [])


def test_a_row_of_the_wrong_length_and_a_quote_left_open_are_told(tmp_path: Path) -> None:
    path = tmp_path / "season.csv"
    text = (REGION.folder / "tables" / "season.csv").read_text("utf-8")
    path.write_text(text.replace("SOM,2,", "SOM,2,1,", 1), "utf-8")
    found = propose(path, REGION)
    assert [(error.cell, error.code) for error in found.errors] == [("row 3", "wrong-length")]
    path.write_text(text + '"SOM,2', "utf-8")
    with pytest.raises(PlanError) as refused:
        propose(path, REGION)
    assert refused.value.code == "bad-csv"


# ---------------------------------------------------------------- writing


def test_the_region_that_comes_along_is_never_written(tmp_path: Path) -> None:
    book = workbook(tmp_path / "t.xlsx", "equipment")
    book["equipment"]["E5"] = 99
    found = propose(saved(book, tmp_path / "t.xlsx"), REGION)
    before = stamps(REGION.folder)
    with pytest.raises(PlanError) as refused:
        take_in(found)
    assert (
        refused.value.code == "region-shipped" and "framsyn region copy midt-norge" in refused.value.message
    )
    link = tmp_path / "link"
    link.symlink_to(REGION.folder)
    found.folder = link
    with pytest.raises(PlanError):
        take_in(found)
    assert stamps(REGION.folder) == before


def test_a_disk_that_fails_midway_leaves_the_region_as_it_was(
    own: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = workbook(tmp_path / "t.xlsx", "equipment")
    book["equipment"]["E5"] = 99
    found = propose(saved(book, tmp_path / "t.xlsx"), own)
    before = stamps(own.folder)
    beside = sorted(path.name for path in own.folder.parent.iterdir())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for name in ("write_descriptor", "swap_folder"):
        with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
            patch.setattr(taking_in, name, full)
            take_in(found)
        assert stamps(own.folder) == before
        assert sorted(path.name for path in own.folder.parent.iterdir()) == beside


def test_a_region_that_others_changed_meanwhile_is_left_alone(own: Region, tmp_path: Path) -> None:
    book = workbook(tmp_path / "t.xlsx", "equipment")
    book["equipment"]["E5"] = 99
    found = propose(saved(book, tmp_path / "t.xlsx"), own)
    path = own.folder / "tables" / "trusts.csv"
    path.write_bytes(path.read_bytes().replace(b"Helse Nord-", b"Helse i Nord-"))
    assert path.read_bytes() != (REGION.folder / "tables" / "trusts.csv").read_bytes()
    with pytest.raises(PlanError) as refused:
        take_in(found)
    assert refused.value.code == "region-moved"


def test_a_file_that_is_there_is_not_replaced_unasked(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    path.write_text("my work")

    def write(target: Path) -> None:
        target.write_text("new")

    with pytest.raises(PlanError) as refused:
        write_whole(path, write, force=False)
    assert refused.value.code == "target-exists" and path.read_text() == "my work"
    write_whole(path, write, force=True)
    assert path.read_text() == "new" and list(tmp_path.iterdir()) == [path]


def test_a_folder_is_read_without_what_is_no_table(tmp_path: Path) -> None:
    export_files(REGION, chosen_tables(["beds"]), tmp_path / "out", "csv")
    (tmp_path / "out" / "notes.md").write_text("x")
    assert [given.table.name for given in given_in(tmp_path / "out")] == ["beds", "sources"]
    shutil.copy(tmp_path / "out" / "beds.csv", tmp_path / "out" / "BEDS.tsv")
    with pytest.raises(PlanError) as refused:
        given_in(tmp_path / "out")
    assert refused.value.code == "table-twice"


# ---------------------------------------------------------------- the command line


def test_the_command_line_from_template_to_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert invoke(["region", "copy", "midt-norge", "--out", "my-region"]) == 0
    assert invoke(["region", "copy", "midt-norge", "--out", "my-region"]) == 2
    assert invoke(["region", "template", "beds", "--out", "t.xlsx"]) == 0
    assert invoke(["region", "template", "beds", "--out", "t.xlsx"]) == 2
    assert invoke(["region", "export", "my-region", "beds", "--out", "beds.xlsx"]) == 0
    book = openpyxl.load_workbook("beds.xlsx")
    book["beds"]["D5"] = 13
    book.save("beds.xlsx")
    capsys.readouterr()
    assert invoke(["region", "import", "beds.xlsx", "--region", "my-region", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["counts"] == {"beds": {"added": 0, "removed": 0, "changed": 1}} and not said["done"]
    assert (said["changes"][0]["before"], said["changes"][0]["after"]) == (12, 13)
    assert invoke(["region", "import", "beds.xlsx", "--region", "midt-norge", "--write"]) == 2
    assert invoke(["region", "import", "beds.xlsx", "--region", "my-region", "--write"]) == 0
    assert "all of it is written" in capsys.readouterr().out
    assert Region.load("my-region").table("beds")["beds"].iloc[0] == 13
    book["beds"]["D5"] = "many"
    book.save("beds.xlsx")
    assert invoke(["region", "import", "beds.xlsx", "--region", "my-region", "--write"]) == 1
    assert "beds!D5: got 'many'" in capsys.readouterr().out
