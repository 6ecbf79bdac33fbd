"""Laws of JSON-stat: what is written is read back, and what is broken is told and never falls over."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statbank_server import document

from framsyn.errors import PlanError
from framsyn.sources.fetching import read_json
from framsyn.sources.statbank import join_cubes, read_cube
from framsyn.sources.statbank.client import _put_together, cut

ANSWERS = Path(__file__).parent.parent / "data" / "sources" / "ssb"
BROKEN = sorted((ANSWERS / "broken").iterdir())
WHOLE = sorted(path for path in ANSWERS.glob("*.json") if path.name != "config.json")

# Codes as they may be: letters of any script, signs, spaces, none alike.
CODES = st.lists(st.text(min_size=1, max_size=6).filter(str.isprintable), min_size=1, max_size=4, unique=True)
NAMES = st.lists(
    st.text(min_size=1, max_size=8).filter(lambda name: name not in ("value", "status")),
    min_size=1,
    max_size=4,
    unique=True,
)
# What a cell may be: a number without a sign or with one that leaves it, or a sign in place of a number.
NUMBERS = st.one_of(
    st.integers(-(2**53), 2**53).map(float), st.floats(allow_nan=False, allow_infinity=False, width=64)
)
CELLS = st.one_of(
    st.tuples(NUMBERS, st.sampled_from(["", "*", "p"])),
    st.tuples(st.none(), st.sampled_from([":", "..", ".", "..."])),
)


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    names = draw(NAMES)
    codes = {name: draw(CODES) for name in names}
    frame = pd.MultiIndex.from_product(codes.values(), names=names).to_frame(index=False).astype("str")
    cells = draw(st.lists(CELLS, min_size=len(frame), max_size=len(frame)))
    frame["value"] = np.array([np.nan if number is None else number for number, _ in cells])
    frame["status"] = pd.array([sign for _, sign in cells], dtype="str")
    return frame


@given(frames(), st.booleans(), st.booleans())
def test_what_is_written_is_read_back(frame: pd.DataFrame, sparse: bool, listed: bool) -> None:
    text = json.dumps(document(frame, sparse=sparse, listed=listed))
    pd.testing.assert_frame_equal(read_cube(text.encode()).frame(), frame)


@given(frames())
def test_lists_and_objects_say_the_same(frame: pd.DataFrame) -> None:
    found = document(frame)
    sparse = document(frame, sparse=True, listed=True)
    sparse["status"] = [found.get("status", {}).get(str(place)) for place in range(len(frame))]
    pd.testing.assert_frame_equal(read_cube(sparse).frame(), read_cube(found).frame())


@given(frames(), st.integers(1, 40))
def test_parts_put_together_are_the_whole(frame: pd.DataFrame, most: int) -> None:
    whole = read_cube(document(frame))
    codes = {dimension.code: dimension.codes for dimension in whole.dimensions}
    parts = cut(codes, most)
    cubes = []
    for part in parts:
        mask = np.logical_and.reduce([frame[name].isin(values) for name, values in part.items()])
        cubes.append(read_cube(document(frame[mask], {name: list(values) for name, values in part.items()})))
    assert all(cube.value.size <= most for cube in cubes)
    pd.testing.assert_frame_equal(_put_together(cubes, parts).frame(), frame)


@given(frames())
def test_one_part_alone_is_itself(frame: pd.DataFrame) -> None:
    cube = read_cube(document(frame))
    for dimension in cube.dimensions:
        pd.testing.assert_frame_equal(join_cubes([cube], dimension.code).frame(), frame)


# ---------------------------------------------------------------- broken documents


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_document_is_told(path: Path) -> None:
    assert_told(path.read_bytes())


def assert_told(content: bytes) -> None:
    with pytest.raises(PlanError) as caught:
        read_cube(content, "ssb 07459")
    assert caught.value.code in ("source-changed", "source-too-large")
    assert caught.value.message.startswith("ssb 07459: ")
    assert len(caught.value.message) < 600


def test_another_encoding_is_told() -> None:
    assert_told(WHOLE[0].read_text(encoding="utf-8").encode("utf-16"))


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.stem)
def test_a_byte_order_mark_is_passed_over(path: Path) -> None:
    content = path.read_bytes()
    marked = read_cube(b"\xef\xbb\xbf" + content).frame()
    pd.testing.assert_frame_equal(marked, read_cube(content).frame())


@given(st.sampled_from(WHOLE), st.data())
def test_a_cut_document_is_told(path: Path, data: st.DataObject) -> None:
    content = path.read_bytes().rstrip()
    end = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(PlanError):
        read_cube(content[:end])


@given(st.sampled_from(WHOLE), st.data())
def test_changed_bytes_are_read_or_told(path: Path, data: st.DataObject) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    read_or_told(bytes(content))


ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)


@given(st.data())
def test_any_member_may_be_anything(data: st.DataObject) -> None:
    found = json.loads((ANSWERS / "14288.json").read_text(encoding="utf-8"))
    at: object = found
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at))) if isinstance(at, list) else []
        key = data.draw(st.sampled_from(keys))
        inside = at[key]
        if not isinstance(inside, (dict, list)) or not inside or data.draw(st.booleans()):
            break
        at = inside
    if data.draw(st.booleans()):
        del at[key]
    else:
        at[key] = data.draw(ANYTHING)
    read_or_told(found)


@given(ANYTHING)
def test_any_document_is_read_or_told(found: object) -> None:
    read_or_told(found)


def read_or_told(found: object) -> None:
    """A document is either refused by an error that can be shown, or gives a table that is whole."""
    try:
        cube = read_cube(found)
    except PlanError as error:
        assert error.code in ("source-changed", "source-too-large")
        return
    frame = cube.frame()
    assert len(frame) == cube.value.size
    assert not np.isinf(frame["value"]).any()
    assert (frame["status"] != "")[frame["value"].isna()].all()


@given(st.binary(max_size=60))
def test_any_bytes_are_json_or_told(content: bytes) -> None:
    try:
        read_json(content, "a test")
    except PlanError as error:
        assert error.code == "source-changed"
