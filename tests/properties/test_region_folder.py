"""A broken region folder gives one clear error: never a crash, never a wrong number, never a file from elsewhere."""

from __future__ import annotations

import json
import shutil
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import framsyn
from framsyn.errors import PlanError
from framsyn.region import Region
from framsyn.region.read import read_descriptor, read_table
from framsyn.region.schema import tables

SHIPPED = Path(framsyn.__file__).parent / "regions" / "midt-norge"
DESCRIPTOR = (SHIPPED / "datapackage.json").read_bytes()
KNOWN = {
    "@sources": tuple(source["name"] for source in json.loads(DESCRIPTOR)["sources"]),
    "@periods": tuple(json.loads(DESCRIPTOR)["framsyn"]["periods"]),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    copy = tmp_path_factory.mktemp("region") / "region"
    shutil.copytree(SHIPPED, copy, ignore=shutil.ignore_patterns("scenarios", "plan"))
    return copy


@pytest.fixture
def broken(folder):
    """Give the folder to break, and make it whole again."""
    yield folder
    for path in (folder / "datapackage.json", *(folder / "tables").iterdir()):
        path.unlink()
        shutil.copy(SHIPPED / path.relative_to(folder), path)


def beds(path: Path):
    """Read the table of beds alone, with the codes that its columns may hold."""
    codes = {"@trusts.trust": ("hmr", "hnt", "sto")}
    return read_table(path, tables()["beds"], {**KNOWN, **codes})


# ---------------------------------------------------------------- the descriptor: a corpus
def changed(*keys, to):
    """Return the descriptor with one value replaced."""
    descriptor = json.loads(DESCRIPTOR)
    inner = descriptor
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = to
    return json.dumps(descriptor).encode()


CORPUS = {
    "empty": (b"", "bad-json", "not readable as JSON"),
    "truncated": (DESCRIPTOR[: len(DESCRIPTOR) // 2], "bad-json", "not readable as JSON"),
    "byte order mark": (b"\xef\xbb\xbf" + DESCRIPTOR, "bad-json", "BOM"),
    "UTF-16": (DESCRIPTOR.decode().encode("utf-16"), "bad-json", "UTF-8"),
    "latin-1": (DESCRIPTOR.decode().encode("latin-1", "replace"), "bad-json", "UTF-8"),
    "a key twice": (b'{"name": "other",' + DESCRIPTOR[1:], "bad-json", "'name' stands twice"),
    "not a number": (b'{"x": NaN,' + DESCRIPTOR[1:], "bad-json", "NaN is no number"),
    "infinity": (b'{"x": -Infinity,' + DESCRIPTOR[1:], "bad-json", "-Infinity is no number"),
    "a number of 5000 digits": (b'{"x": ' + b"9" * 5000 + b"}", "bad-json", "digits"),
    "deeper than a reader goes": (b"[" * 100_000, "bad-json", "recursion"),
    "a list": (b"[]", "bad-descriptor", "expected one JSON object"),
    "name leads out": (changed("name", to="../../etc"), "bad-descriptor", "small letters"),
    "name is a number": (changed("name", to=7), "bad-descriptor", "name is 7"),
    "no own keys": (changed("framsyn", to={}), "bad-descriptor", "framsyn.label is None"),
    "own keys in a list": (changed("framsyn", to=[]), "bad-descriptor", "expected an object"),
    "label without nynorsk": (changed("framsyn", "label", to={"nb": "x", "en": "x"}), "bad-descriptor", "nb, nn and en"),
    "year in words": (changed("framsyn", "baseYear", to="now"), "bad-descriptor", "'now'; expected a year"),
    "year without end": (changed("framsyn", "baseYear", to=10**30), "bad-descriptor", "from 2000 to 2100"),
    "periods are no list": (changed("framsyn", "periods", to=3), "bad-descriptor", "framsyn.periods is 3"),
    "a period is no text": (changed("framsyn", "periods", to=[[1]]), "bad-descriptor", "a list of texts"),
    "a switch is a number": (changed("framsyn", "switches", to={"a": 1}), "bad-descriptor", "true or false"),
    "sums are no list": (changed("framsyn", "controlSums", to={"a": 1}), "bad-descriptor", "controlSums"),
    "joint areas are texts": (changed("framsyn", "jointAreas", to=["1508"]), "bad-descriptor", "jointAreas"),
    "sources are a text": (changed("sources", to="abc"), "bad-descriptor", "sources is 'abc'"),
    "a source without name": (changed("sources", 0, to={}), "bad-descriptor", "sources[0] is {}"),
    "a source twice": (changed("sources", 1, to={"name": KNOWN["@sources"][0]}), "bad-descriptor", "sources[1].name"),
    "no resources": (changed("resources", to=None), "bad-descriptor", "resources is None"),
    "a resource twice": (changed("resources", 1, to={"name": "trusts"}), "bad-descriptor", "'trusts'"),
    "schema is a list": (changed("resources", 0, "schema", to=[]), "bad-descriptor", "a list of fields"),
    "a field is a text": (changed("resources", 0, "schema", "fields", to=["a"]), "bad-descriptor", "a list of fields"),
    **{
        f"path {place}": (changed("resources", 0, "path", to=place), "bad-descriptor", "a path inside the region's folder")
        for place in ("../../etc/passwd", "/etc/passwd", "C:\\x.csv", "tables\\..\\..\\x", "http://x/y.csv", "", ["a"], 1)
    },
}  # fmt: skip


@pytest.mark.parametrize("what", CORPUS)
def test_a_broken_descriptor_is_told(broken, what):
    content, code, told = CORPUS[what]
    (broken / "datapackage.json").write_bytes(content)
    with pytest.raises(PlanError) as caught:
        Region.load(broken)
    assert caught.value.code == code
    assert told in caught.value.message
    assert "datapackage.json" in caught.value.message


# ---------------------------------------------------------------- links that lead out of the folder
@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own there")
@pytest.mark.parametrize("file", ["datapackage.json", "tables/trusts.csv"])
def test_a_link_out_of_the_folder_is_not_followed(broken, tmp_path, file):
    secret = tmp_path / "secret"
    secret.write_text("a secret,of somebody else\n")
    (broken / file).unlink()
    (broken / file).symlink_to(secret)
    with pytest.raises(PlanError, match="leads out of the region's folder") as caught:
        Region.load(broken)
    assert caught.value.code == "outside-region"
    assert "somebody else" not in caught.value.message


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own there")
def test_a_link_to_a_whole_region_is_one(folder, tmp_path):
    (tmp_path / "mine").symlink_to(folder)
    assert read_descriptor(tmp_path / "mine")["name"] == "midt-norge"


# ---------------------------------------------------------------- tables: a corpus
BEDS = (SHIPPED / "tables" / "beds.csv").read_bytes()
HEAD, *ROWS = BEDS.rstrip(b"\n").split(b"\n")


def with_row(row: bytes) -> bytes:
    return b"\n".join([HEAD, ROWS[0], row, *ROWS[2:], b""])


def with_beds(text: str) -> bytes:
    return with_row(f"hmr,PHBU,2025,{text},,official,ssb_13942".encode())


TABLES = {
    "empty": (b"", "bad-csv", "No columns"),
    "truncated in a row": (BEDS[:-9], "unknown-code|blank|not-a-number", "row"),
    "UTF-16": (BEDS.decode().encode("utf-16"), "bad-csv", "UTF-8"),
    "latin-1": (with_row("hmr,PHBU,2025,12,,official,møre".encode("latin-1")), "bad-csv", "UTF-8"),
    "semicolons": (BEDS.replace(b",", b";"), "wrong-column", "unknown column"),
    "an open quote": (with_row(b'"' + ROWS[1]), "bad-csv", "EOF inside string"),
    "NUL": (with_row(ROWS[1].replace(b"hmr", b"h\0r")), "unknown-code", "'h\\x00r'"),
    "a column twice": (BEDS.replace(b"year,beds", b"year,year", 1), "wrong-column", "column"),
    "one value more in a row": (with_row(ROWS[1] + b",x"), "bad-csv", "saw 8"),
    "one value more in every row": (b"\n".join([HEAD, *(row + b",x" for row in ROWS)]), "bad-csv", "7 columns of the head"),
    "a decimal comma in every row": (
        b"\n".join([HEAD, *(row.replace(b",,", b",5,,") for row in ROWS)]), "bad-csv", "Write decimals with a point"),
    "one value less": (with_row(ROWS[1].rpartition(b",")[0]), "blank", "'source'"),
    "a row twice": (with_row(ROWS[0]), "duplicate-row", "stands twice"),
    "an unknown trust": (with_row(ROWS[1].replace(b"hmr", b"hmx")), "unknown-code", "'hmx'"),
    "an empty row": (with_row(b""), "blank", "row 3"),
    **{
        f"beds {text}"[:24]: (with_beds(text), "not-a-number|out-of-range", "column 'beds'")
        for text in ("NaN", "inf", "-inf", "1e400", "1e300", "9" * 400, "1e16", "0x10", "1_000", "=1+1", "1.5e", "−5")
    },
    "beds with a decimal comma in quotes": (with_beds('"12,5"'), "not-a-number", "'12,5'"),
}  # fmt: skip


@pytest.mark.parametrize("what", TABLES)
def test_a_broken_table_is_told(tmp_path, what):
    content, codes, told = TABLES[what]
    path = tmp_path / "beds.csv"
    path.write_bytes(content)
    with warnings.catch_warnings(), pytest.raises(PlanError) as caught:
        warnings.simplefilter("error")
        beds(path)
    assert caught.value.code in codes.split("|")
    assert told in caught.value.message
    assert "beds.csv" in caught.value.message


def test_a_byte_order_mark_and_windows_line_ends_change_no_figure(tmp_path):
    (tmp_path / "plain.csv").write_bytes(BEDS)
    (tmp_path / "marked.csv").write_bytes(b"\xef\xbb\xbf" + BEDS.replace(b"\n", b"\r\n"))
    assert beds(tmp_path / "plain.csv").equals(beds(tmp_path / "marked.csv"))


@pytest.mark.parametrize("table", [table.name for table in tables().values() if table.complete])
def test_a_table_of_all_combinations_is_not_read_without_rows(broken, table):
    path = broken / "tables" / f"{table}.csv"
    path.write_bytes(path.read_bytes().partition(b"\n")[0] + b"\n")
    with pytest.raises(PlanError, match="a header and no row|unknown-code|expected one of") as caught:
        Region.load(broken)
    assert caught.value.code in ("missing-row", "unknown-code")


# ---------------------------------------------------------------- whatever else may stand there
junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
PLACES = [
    (), ("name",), ("title",), ("sources",), ("resources",), ("framsyn",), ("sources", 0), ("resources", 0),
    ("resources", 0, "path"), ("resources", 0, "schema"), ("resources", 0, "schema", "fields"),
    ("resources", 0, "schema", "fields", 0), *(("framsyn", key) for key in
    ("label", "baseYear", "periods", "switches", "controlSums", "jointAreas")),
]  # fmt: skip


@given(place=st.sampled_from(PLACES), value=junk)
@settings(max_examples=150)
def test_any_value_at_any_place_of_the_descriptor_is_read_or_refused(folder, place, value):
    content = changed(*place, to=value) if place else json.dumps(value).encode()
    path = folder / "datapackage.json"
    try:
        path.write_bytes(content)
        descriptor = read_descriptor(folder)
    except PlanError as error:
        assert "datapackage.json" in error.message
    else:
        assert isinstance(descriptor["name"], str)
        assert 2000 <= descriptor["framsyn"]["baseYear"] <= 2100
    finally:
        path.write_bytes(DESCRIPTOR)


@given(data=st.data())
@settings(max_examples=150)
def test_any_damage_to_a_table_is_refused_or_read_as_it_stands(tmp_path_factory, data):
    """What is read after a splice has as many rows as the file has lines: no value is dropped in silence."""
    start = data.draw(st.integers(0, len(BEDS)))
    stop = data.draw(st.integers(start, min(len(BEDS), start + 40)))
    put = data.draw(
        st.binary(max_size=12)
        | st.sampled_from([b",", b"\n", b'"', b"\0", b"\r", b";", b"1e999", b"\xff", b",,"])
    )
    content = BEDS[:start] + put + BEDS[stop:]
    path = tmp_path_factory.getbasetemp() / "beds.csv"
    path.write_bytes(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = beds(path)
    except PlanError as error:
        assert "beds.csv" in error.message
    else:
        lines = content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
        assert len(found) <= len(lines) - 1
        assert found.columns.tolist() == list(tables()["beds"].columns)
        if b'"' not in content:
            assert len(found) == len(lines) - 1
            assert all(len(line.split(",")) == len(found.columns) for line in lines)
