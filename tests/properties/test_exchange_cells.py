"""Cells survive: what stands in a plan is written and read unchanged; whatever is typed is read or told, never a crash."""

from __future__ import annotations

import datetime
import io

import xlsxwriter
from hypothesis import example, given
from hypothesis import strategies as st

from framsyn.web.exchange.columns import Column
from framsyn.web.exchange.opening import opened
from framsyn.web.exchange.values import BadCell, check_sum, clean, read, same
from framsyn.web.exchange.vocabulary import YES_NO, Vocabulary

COLUMNS = [
    Column("a", "A", type)
    for type in ("text", "words", "number", "figure", "share", "whole", "day", "choice", "references")
]
TYPED = st.one_of(
    st.none(),
    st.text(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.from_regex(r"[+-−]?[0-9  .,]{1,12} ?%?", fullmatch=True),
    st.from_regex(r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,5}", fullmatch=True),
)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=300).map(clean)


@given(st.sampled_from(COLUMNS), TYPED, st.booleans())
def test_whatever_is_typed_is_read_or_told(column, value, share):
    try:
        found = read(column, value, Vocabulary(YES_NO), share=share)
    except BadCell as error:
        assert str(error).strip()
        return
    assert same(found, read(column, found, Vocabulary(YES_NO), share=share)), "what was read reads as itself"
    if column.type == "day" and found is not None:
        datetime.date.fromisoformat(found)


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300))
def test_the_same_number_has_the_same_check_sum_and_no_other(one, other):
    assert same(one, other) == (check_sum("x", one) == check_sum("x", other))
    assert same(one, float(f"{one:.15g}")), "what a spreadsheet keeps of it is enough"


@given(st.dates(min_value=datetime.date(1900, 3, 1)))
def test_a_day_is_read_in_every_way_of_writing_it(day):
    column = Column("due", "Due", "day")
    for typed in (
        day,
        day.isoformat(),
        f"{day.day}.{day.month}.{day.year:04d}",
        f" {day.day:02d}.{day.month:02d}.{day.year:04d} ",
    ):
        assert read(column, typed, None) == day.isoformat()


@given(
    st.lists(
        st.tuples(TEXTS, st.floats(-1e12, 1e12), st.dates(min_value=datetime.date(1900, 3, 1))),
        min_size=1,
        max_size=8,
    )
)
@example(
    [("_x0041_", 0.1, datetime.date(2027, 1, 1)), ("=cmd|' /C calc'!A0", -0.0, datetime.date(1900, 3, 1))]
)
def test_a_sheet_there_and_back(rows):
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Any")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, (text, value, due) in enumerate(rows):
            sheet.write_number(number, 0, number + 1)
            sheet.write_string(number, 1, text)
            sheet.write_number(number, 2, value)
            sheet.write_datetime(number, 3, due, day)
    found = opened(target.getvalue()).sheets[0]
    columns = [Column("text", "T", "words"), Column("value", "V", "number"), Column("due", "D", "day")]
    back = [
        [read(column, cell, None) for column, cell in zip(columns, row[1:], strict=True)]
        for row in found.rows
    ]
    for (text, value, due), got in zip(rows, back, strict=True):
        assert check_sum("text", got[0]) == check_sum("text", text)
        assert same(got[1], value) and got[2] == due.isoformat()
