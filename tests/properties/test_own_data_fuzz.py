"""Files that somebody brings, broken or hostile: read, or refused with the way out; never a crash, never a file outside."""

from __future__ import annotations

import datetime
import io
import math
import zipfile
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from framsyn.errors import PlanError
from framsyn.region import Region
from framsyn.region.own import columnar, opening
from framsyn.region.own.cells import BadCell, read_cell
from framsyn.region.own.columnar import read_columnar
from framsyn.region.own.delimited import read_delimited
from framsyn.region.own.files import chosen_tables, copy_region, export_files
from framsyn.region.own.reading import given_in, read_all
from framsyn.region.own.sheets import ERRORS, read_workbook
from framsyn.region.own.taking_in import propose
from framsyn.region.schema import Field, tables
from framsyn.report.own_data import write_own_data

REGION = Region.load("midt-norge")
KNOWN = {
    "@sources": tuple(REGION.sources),
    "@periods": tuple(REGION.periods),
    "@trusts.trust": tuple(REGION.trusts),
    "@areas.area": tuple(REGION.areas),
    "@services.service": tuple(REGION.services),
}
READERS: dict[str, Callable[[bytes, str], Any]] = {
    "csv": read_delimited,
    "parquet": read_columnar,
    "xlsx": read_workbook,
}
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The table of medical equipment as each kind of file."""
    folder = tmp_path_factory.mktemp("whole")
    for kind in ("csv", "parquet"):
        export_files(REGION, chosen_tables(["equipment"]), folder / kind, kind)
    write_own_data(folder / "equipment.xlsx", REGION, ["equipment"])
    found = {kind: (folder / kind / f"equipment.{kind}").read_bytes() for kind in ("csv", "parquet")}
    return {**found, "xlsx": (folder / "equipment.xlsx").read_bytes()}


def read_or_refused(kind: str, content: bytes, name: str = "equipment") -> str:
    """Read a file; return what it was refused for, or nothing."""
    try:
        tables_given = READERS[kind](content, f"{name}.{kind}")
    except PlanError as error:
        assert error.message.strip() and len(error.message) < 2_000
        return error.code
    reading = read_all(tables_given if isinstance(tables_given, list) else [tables_given], KNOWN)
    for error in reading.errors:
        assert error.place and error.code and str(error)
    return ""


# ---------------------------------------------------------------- broken by chance


@pytest.mark.parametrize("kind", READERS)
@QUICK
@given(data=st.data())
def test_a_file_that_was_cut_or_changed_is_read_or_refused(
    kind: str, whole: dict[str, bytes], data: st.DataObject
) -> None:
    content = bytearray(whole[kind])
    if data.draw(st.booleans(), "cut"):
        del content[data.draw(st.integers(0, len(content))) :]
    for place, sign in data.draw(st.lists(st.tuples(st.floats(0, 0.9999), st.integers(0, 255)), max_size=12)):
        if content:
            content[int(place * len(content))] = sign
    read_or_refused(kind, bytes(content))


@pytest.mark.parametrize("kind", READERS)
@QUICK
@given(content=st.binary(max_size=400))
@example(content=b"")
@example(content=b"PK\x03\x04")
@example(content=b"PAR1PAR1")
@example(content=b"\xef\xbb\xbf")
@example(content=b"\xff\xfe")
@example(content=b"\xff\xfet")
@example(content=b'class"\n')
@example(content=b"sep=;")
def test_any_bytes_are_refused(kind: str, content: bytes) -> None:
    assert read_or_refused(kind, content)


ROW = st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=12), min_size=1, max_size=14)


@QUICK
@given(rows=st.lists(ROW, max_size=6), delimiter=st.sampled_from(",;\t"))
def test_any_rows_below_the_heads_are_read_or_told(rows: list[list[str]], delimiter: str) -> None:
    heads = delimiter.join(tables()["equipment"].columns)
    text = "\n".join([heads, *(delimiter.join(row) for row in rows)])
    read_or_refused("csv", text.encode())


# ---------------------------------------------------------------- cells

FIELDS = [field for table in tables().values() for field in table.fields]
TYPED = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(allow_nan=False),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.binary(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.from_regex(r"[+\-−]?[0-9  .,]{1,12} ?%?", fullmatch=True),
    st.sampled_from(
        ["=1+1", " =SUM(A1:A9)", "#REF!", "1e999", "nan", "inf", "-0", "１２", "٣", "0x10", "1_000"]
    ),
)


@given(st.sampled_from(FIELDS), TYPED, st.booleans())
@settings(max_examples=400, deadline=None)
def test_whatever_stands_in_a_cell_is_read_or_told(field: Field, value: Any, comma: bool) -> None:
    allowed = ["a", "b"] if field.allowed else None
    try:
        found = read_cell(field, value, allowed, decimal_comma=comma)
    except BadCell as bad:
        assert bad.got and bad.expected and bad.way_out and len(str(bad)) < 1_000
        return
    assert read_cell(field, found, allowed, decimal_comma=comma) == found, "what was read reads as itself"
    if field.type == "string":
        assert isinstance(found, str) and not found.lstrip().startswith("=")
    elif found is not None:
        assert math.isfinite(found)
        assert field.minimum is None or found >= field.minimum
        assert field.maximum is None or found <= field.maximum


TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff\u2028\u2029\x85"),
    max_size=40,
).filter(
    lambda text: text.strip(" \u00a0") and not text.lstrip().startswith("=") and text.strip() not in ERRORS
)
ONE = st.tuples(st.floats(0, 1e9), st.floats(0, 60), st.floats(1, 60), TEXT, st.one_of(st.just(""), TEXT))


@QUICK
@given(rows=st.lists(ONE, min_size=1, max_size=6))
@example(rows=[(0.1234567, 0.0, 1.0, "a;b\tc,d\"e'", "007")])
@example(rows=[(1e-7, 1e-300, 12.5, " 1,5", "")])
def test_a_table_there_and_back_in_every_kind_of_file(rows: list[tuple[Any, ...]]) -> None:
    frame = pd.DataFrame(
        [
            {
                "class": f"0{number}",
                "name_nb": text,
                "name_nn": text,
                "name_en": text,
                "units": units,
                "mean_age": age,
                "life": life,
                "replacement_value": units / 7,
                "quality": "estimate",
                "source": REGION.descriptor["sources"][0]["name"],
                "reason": reason,
            }
            for number, (units, age, life, text, reason) in enumerate(rows)
        ]
    )
    buffers = {"parquet": io.BytesIO(), "xlsx": io.BytesIO()}
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), buffers["parquet"])
    book = openpyxl.Workbook()
    book.active.title = "equipment"
    book.active.append(list(frame.columns))
    for row in frame.itertuples(index=False):
        book.active.append(list(row))
    book.save(buffers["xlsx"])
    files = {kind: buffer.getvalue() for kind, buffer in buffers.items()}
    files["csv"] = frame.to_csv(index=False).encode()
    for kind, content in files.items():
        given_tables = READERS[kind](content, f"equipment.{kind}")
        reading = read_all(given_tables if isinstance(given_tables, list) else [given_tables], KNOWN)
        assert reading.errors == [], kind
        pd.testing.assert_frame_equal(
            reading.frames["equipment"], frame, check_dtype=False, check_exact=kind != "xlsx", obj=kind
        )


# ---------------------------------------------------------------- hostile by intent


def packed(change: Callable[[dict[str, bytes]], None], content: bytes) -> bytes:
    """A workbook with its parts changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()


def sheet(rows: list[list[Any]], title: str = "equipment") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def parquet(columns: dict[str, Any]) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target)
    return target.getvalue()


HEADS = tables()["equipment"].columns
GOOD = ["x", "A", "A", "A", 1, 2, 3, 4, "estimate", "ssb_07459", "why"]


def test_zip_bombs_entities_macros_and_passwords_are_refused(
    whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "Limits", partial(opening.Limits, unpacked=2**24))
    bomb = packed(lambda parts: parts.update({"xl/x.xml": b" " * (2**24 + 1)}), whole["xlsx"])
    assert len(bomb) < 2**17
    assert read_or_refused("xlsx", bomb) == "hostile"
    entity = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst>&a;</sst>'
    assert (
        read_or_refused("xlsx", packed(lambda p: p.update({"xl/sharedStrings.xml": entity}), whole["xlsx"]))
        == "hostile"
    )
    assert (
        read_or_refused("xlsx", packed(lambda p: p.update({"xl/vbaProject.bin": b"x"}), whole["xlsx"]))
        == "macros"
    )
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100
    assert read_or_refused("xlsx", old) == "old-format"
    assert read_or_refused("xlsx", old + "EncryptedPackage".encode("utf-16-le")) == "encrypted"


def test_broken_xml_inside_a_sound_package_is_told_as_damage(whole: dict[str, bytes]) -> None:
    """The reader of values parses some parts with another parser, whose errors are of another kind."""
    for name in ("[Content_Types].xml", "xl/styles.xml", "xl/sharedStrings.xml", "xl/workbook.xml"):
        broken = packed(
            lambda parts, name=name: parts.update({name: parts[name].replace(b'="', b"= ", 1)}), whole["xlsx"]
        )
        assert read_or_refused("xlsx", broken) in ("damaged", ""), name


def test_a_parquet_that_promises_too_much_is_refused(
    whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columnar, "MOST_ROWS", 3)
    assert read_or_refused("parquet", whole["parquet"]) == "hostile"


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("units", datetime.date(2025, 1, 1), "not-a-number"),
        ("units", [1, 2], "not-a-number"),
        ("units", True, "not-a-number"),
        ("class", datetime.datetime(2025, 1, 1), "not-a-text"),
        ("class", b"x", "not-a-text"),
        ("class", 1.5, "not-a-text"),
        ("units", float("inf"), "not-a-number"),
        ("reason", "=HYPERLINK(1)", "formula"),
        ("reason", "bell\x07", "control-character"),
        ("reason", "x" * 6_000, "too-long"),
        ("source", "../../etc/passwd", "unknown-source"),
    ],
)
def test_what_a_column_cannot_hold_is_told_by_its_row(column: str, value: Any, code: str) -> None:
    row = {**dict(zip(HEADS, GOOD, strict=True)), column: value}
    content = parquet({name: [row[name]] for name in HEADS})
    reading = read_all([read_columnar(content, "equipment.parquet")], KNOWN)
    assert [(error.code, error.cell) for error in reading.errors] == [(code, f"row 1, column {column}")]


def test_decimals_and_missing_numbers_of_parquet_are_read() -> None:
    row = {**dict(zip(HEADS, GOOD, strict=True)), "units": Decimal("1.5")}
    reading = read_all(
        [read_columnar(parquet({name: [row[name]] for name in HEADS}), "equipment.parquet")], KNOWN
    )
    assert reading.errors == [] and reading.frames["equipment"]["units"].tolist() == [1.5]


def test_formulas_errors_merged_cells_and_stray_cells_are_told_by_their_cell() -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheet([HEADS, GOOD, [*GOOD[:3], "B", *GOOD[4:]]])))
    one = book.active
    one["A3"], one["E2"], one["F2"], one["N2"] = "y", "=1+1", "#N/A", "note"
    one["E9"] = "=2+2"
    one.merge_cells("G2:H2")
    target = io.BytesIO()
    book.save(target)
    reading = read_all(read_workbook(target.getvalue(), "t.xlsx"), KNOWN)
    told = {error.cell: error.code for error in reading.errors}
    assert told == {
        "E2": "formula", "F2": "formula", "H2": "blank", "G2:H2": "merged", "N2": "wrong-column", "E9": "formula",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["../../evil", "..\\evil", "/etc/passwd", "beds\x00", "CON", "a" * 300, "; rm -rf"]
)
def test_names_that_are_paths_are_names_of_no_table(name: str, tmp_path: Path) -> None:
    with pytest.raises(PlanError) as refused:
        read_delimited(b"trust,service_area\nx,y\n", f"{name}.csv")
    assert refused.value.code == "unknown-table"
    title = "".join(sign for sign in name if sign not in "[]:*?/\\\x00")[:31]
    if title != "beds":
        with pytest.raises(PlanError) as refused:
            read_workbook(sheet([["trust", "service_area"], ["x", "y"]], title), "t.xlsx")
        assert refused.value.code == "unknown-table"


def test_a_name_that_is_a_path_with_all_columns_goes_into_its_table_and_nowhere_else(tmp_path: Path) -> None:
    own = Region.load(copy_region(REGION, tmp_path / "own"))
    path = tmp_path / "..evil.csv"
    path.write_text(",".join(HEADS) + "\nnew,A,A,A,1,2,3,4,estimate,ssb_07459,why\n")
    before = sorted(tmp_path.rglob("*"))
    found = propose(path, own)
    assert [(change.table, change.kind) for change in found.changes] == [("equipment", "added")]
    assert sorted(tmp_path.rglob("*")) == before


def test_a_kind_is_told_by_what_is_in_a_file(whole: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "equipment.csv"
    for kind in ("xlsx", "parquet"):
        path.write_bytes(whole[kind])
        assert [one.table.name for one in given_in(path)][-1] == "equipment"
    for ending in (".xlsx", ".parquet"):
        path = tmp_path / f"equipment{ending}"
        path.write_bytes(whole["csv"])
        with pytest.raises(PlanError) as refused:
            given_in(path)
        assert refused.value.code in ("not-a-workbook", "damaged")


@pytest.mark.parametrize(
    ("heads", "told"),
    [
        ([*HEADS[:-1], "resaon"], {"an unknown column 'resaon'", "no column 'reason'"}),
        ([*HEADS, "class"], {"the column 'class' 2 times"}),
        ([*HEADS, "extra"], {"an unknown column 'extra'"}),
        (HEADS[1:], {"no column 'class'"}),
    ],
)
def test_wrong_heads_are_told_with_the_nearest_name(heads: list[str], told: set[str]) -> None:
    for given_tables in (
        [read_delimited(",".join(heads).encode(), "equipment.csv")],
        read_workbook(sheet([heads]), "t.xlsx"),
    ):
        reading = read_all(given_tables, KNOWN)
        assert {error.got for error in reading.errors} == told
