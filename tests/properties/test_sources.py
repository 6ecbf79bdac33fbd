"""Properties of reading and carrying: totals stay, nothing but PlanError comes out of what is broken."""

from __future__ import annotations

import json
import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.statistics_services import FIXTURES, fixture

from framsyn.errors import PlanError
from framsyn.sources import fhi, kartverket, klass
from framsyn.sources.fetching import read_json
from framsyn.sources.quality_indicators import read_indicators

CODES = [f"{number:04d}" for number in range(1, 9)]


@st.composite
def histories(draw):
    """Changes of a few codes over some years, with shares for each division."""
    rows, weights = [], {}
    for year in draw(st.lists(st.integers(2010, 2024), unique=True, max_size=4)):
        for old in draw(st.lists(st.sampled_from(CODES), unique=True, max_size=3)):
            news = draw(st.lists(st.sampled_from(CODES), unique=True, min_size=1, max_size=3))
            rows += [(old, new, f"{year}-01-01") for new in news]
            if len(news) > 1:
                parts = draw(st.lists(st.integers(1, 100), min_size=len(news), max_size=len(news)))
                weights.update(
                    {
                        (old, new, f"{year}-01-01"): part / sum(parts)
                        for new, part in zip(news, parts, strict=True)
                    }
                )
    shares = pd.DataFrame(
        [(*key, share) for key, share in weights.items()], columns=["source", "target", "date", "weight"]
    )
    return pd.DataFrame(rows, columns=["old", "new", "date"], dtype=object), shares


@st.composite
def tables(draw):
    keys = draw(
        st.lists(
            st.tuples(st.sampled_from(CODES), st.integers(2008, 2026), st.sampled_from("mf")), unique=True
        )
    )
    counts = st.integers(0, 10**9)
    return pd.DataFrame([(*key, draw(counts)) for key in keys], columns=["area", "year", "sex", "value"])


@given(histories(), tables())
@settings(deadline=None)
def test_carrying_keeps_every_total_and_tells_all_that_moved(history, table):
    changes, weights = history
    table = table.astype({"value": "int64"})
    after, report = klass.carry(table, changes, weights, "area", when="year")
    assert list(after) == list(table)
    assert not after.duplicated(["area", "year", "sex"]).any()
    for keys in ([], ["year"], ["year", "sex"]):
        before_sums = table.groupby(keys)["value"].sum() if keys else pd.Series([table["value"].sum()])
        after_sums = after.groupby(keys)["value"].sum() if keys else pd.Series([after["value"].sum()])
        assert after_sums.tolist() == pytest.approx(before_sums.reindex(after_sums.index).tolist(), rel=1e-12)
        assert len(before_sums) == len(after_sums)
    # What a code had is what it kept and what the report says went away.
    for year, sums in table.groupby("year"):
        of_year = report[report["when"] == year]
        for code, had in sums.groupby("area")["value"].sum().items():
            told = of_year[of_year["source"] == code]
            if len(told):
                assert math.fsum(told["share"]) == pytest.approx(1)
                assert told["value"].sum() == pytest.approx(had)
    expected = table.groupby(["area", "year"])["value"].sum().to_dict()
    for row in report.itertuples():
        expected[row.source, row.when] -= row.value
        expected[row.target, row.when] = expected.get((row.target, row.when), 0) + row.value
    found = after.groupby(["area", "year"])["value"].sum()
    assert {key: value for key, value in expected.items() if abs(value) > 1e-3} == pytest.approx(
        {key: value for key, value in found.items() if abs(value) > 1e-3}, rel=1e-6, abs=1e-2
    )


@given(histories(), tables(), st.data())
@settings(deadline=None)
def test_carrying_is_linear_and_a_hidden_part_hides_the_whole(history, table, data):
    changes, weights = history
    table = table.astype({"value": "float64"})
    once, _ = klass.carry(table, changes, weights, "area", when="year")
    twice, _ = klass.carry(table.assign(value=table["value"] * 2), changes, weights, "area", when="year")
    assert twice["value"].tolist() == pytest.approx((once["value"] * 2).tolist())
    if len(table):
        place = data.draw(st.integers(0, len(table) - 1))
        table.loc[place, "value"] = math.nan
        hidden, report = klass.carry(table, changes, weights, "area", when="year")
        assert hidden["value"].isna().any()
        known = hidden["value"].notna()
        assert hidden.loc[known, "value"].tolist() == pytest.approx(once.loc[known, "value"].tolist())
        assert len(hidden) == len(once)
        assert report["unknown"].sum() <= report["rows"].sum()


# --- what is broken -------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["5001", "k", ":", "2024-01-01"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
READERS = {
    "codes_629_2025.json": ("klass", klass.read_codes),
    "changes_131_2005_2025.json": ("klass", klass.read_changes),
    "corresponds_629_131_2025.json": ("klass", klass.read_correspondence),
    "data.json": ("fhi", fhi.read_data),
    "kommuner_5041.json": ("kartverket", lambda document: kartverket.read_place(document, "5041")),
    "geonorge.geojson": ("kartverket", kartverket.read_borders),
}


def paths_in(document, path=()):
    yield path
    children = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    for key, child in list(children)[:6]:
        yield from paths_in(child, (*path, key))


def replaced(document, path, value):
    if not path:
        return value
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[path[0]] = replaced(copy[path[0]], path[1:], value)
    return copy


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
@settings(deadline=None)
def test_an_answer_with_one_part_changed_is_read_or_refused(name, data):
    folder, read = READERS[name]
    document = fixture(folder, name)
    path = data.draw(st.sampled_from(list(paths_in(document))))
    try:
        read(replaced(document, path, data.draw(JSON)))
    except PlanError as error:
        assert error.message and error.code


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
@settings(deadline=None)
def test_an_answer_with_bytes_changed_is_read_or_refused(name, data):
    folder, read = READERS[name]
    content = bytearray((FIXTURES / folder / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)) | st.just(len(content)))
    try:
        read(read_json(bytes(content[:cut]), name))
    except PlanError as error:
        assert error.message and error.code


EXPORT = (FIXTURES / "hdir" / "nki_eksport.csv").read_bytes()
CSV = (FIXTURES / "fhi" / "table_csv3.csv").read_text(encoding="utf-8")


@given(st.data())
@settings(deadline=None)
def test_an_export_with_bytes_changed_is_read_or_refused(data):
    content = bytearray(EXPORT)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=5))
    try:
        read_indicators(bytes(content))
    except PlanError as error:
        assert error.message and error.code


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_an_export_or_refused(content):
    with pytest.raises(PlanError):
        read_indicators(content)


@given(
    st.text(max_size=60)
    | st.builds(
        lambda text, place: CSV[:place] + text + CSV[place:], st.text(max_size=6), st.integers(0, len(CSV))
    )
)
def test_any_text_is_a_csv_of_fhi_or_refused(text):
    try:
        fhi.read_csv_answer(text)
    except PlanError as error:
        assert error.message and error.code


WEIGHTS = "source,target,weight\n5012,5055,0.35\n5012,5056,0.35\n5012,5059,0.3\n"


@given(st.text(max_size=8), st.integers(0, len(WEIGHTS)), st.integers(0, 8))
def test_any_shares_are_read_or_refused(text, place, gone):
    try:
        found = klass.read_weights(WEIGHTS[:place] + text + WEIGHTS[place + gone :])
        assert found.groupby(["source", "date"])["weight"].sum().tolist() == pytest.approx(
            [1.0] * found.groupby(["source", "date"]).ngroups, abs=1e-2
        )
    except PlanError as error:
        assert error.message and error.code


CORPUS = {
    "nested": b"[" * 100_000,
    "long number": b'{"codes": ' + b"9" * 5_000 + b"}",
    "twice": b'{"codes": [], "codes": []}',
    "nan": b'{"codes": NaN}',
    "bom": b"\xef\xbb\xbf[]",
    "utf-16": '{"codes": []}'.encode("utf-16"),
    "latin-1": '{"codes": "Snåsa"}'.encode("latin-1"),
    "cut": b'{"codes": [{"code": "0301", "na',
    "empty": b"",
    "null": b"null",
    "xml": b'<?xml version="1.0"?><codeList/>',
    "lone surrogate": b'{"codes": [{"code": "\\ud800", "name": 1}]}',
    "huge size": json.dumps({**fixture("fhi", "data.json"), "size": [10**9, 10**9, 10**9]}).encode(),
}


@pytest.mark.parametrize("kind", CORPUS)
@pytest.mark.parametrize("name", READERS)
def test_the_corpus_of_broken_answers_is_refused(name, kind):
    with pytest.raises(PlanError):
        READERS[name][1](read_json(CORPUS[kind], kind))
