"""FHIR for any indicator and any document: nothing is lost there and back, and nothing but PlanError is raised."""

from __future__ import annotations

import copy
import datetime
import json
from typing import Any

from fhir_schema import faults
from hypothesis import given, settings
from hypothesis import strategies as st

from framsyn.errors import PlanError
from framsyn.sources.fhir import Figure, Indicator, bundle, read_json, read_reports
from framsyn.sources.fhir.terms import UCUM_OF

ADDRESS = "https://plan.example/indicators/x/fhir/measure"
EXAMPLES = 60
slugs = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+){0,3}", fullmatch=True).filter(lambda word: len(word) <= 80)
letters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"))
sentences = st.text(letters, min_size=1, max_size=40).filter(lambda words: words.strip())
texts = st.dictionaries(st.sampled_from(["nb", "nn", "en"]), sentences, max_size=3)
numbers = st.floats(allow_nan=False, allow_infinity=False, width=64)
counts = st.one_of(
    st.none(),
    st.integers(0, 2**40).map(float),
    st.floats(0, 1e9, allow_nan=False).filter(lambda number: number == 0 or number > 1e-300),
)
days = st.dates(datetime.date(1990, 1, 1), datetime.date(2030, 12, 31))


@st.composite
def indicators(draw: Any) -> Indicator:
    return Indicator(
        id=draw(slugs),
        name=draw(texts),
        definition=draw(texts),
        unit=draw(st.sampled_from(sorted(UCUM_OF))),
        frequency=draw(st.sampled_from(["year", "tertial", "quarter", "month"])),
        direction=draw(st.sampled_from(["up", "down", "hold", "range", "none"])),
        source=draw(texts),
        responsible=draw(slugs),
        responsible_name=draw(st.one_of(st.just(""), sentences)),
        numerator=draw(texts),
        denominator=draw(texts),
        decimals=draw(st.integers(0, 4)),
        licence=draw(st.one_of(st.just(""), sentences)),
        small_number=draw(st.one_of(st.none(), st.integers(0, 1000))),
    )


@st.composite
def figures(draw: Any) -> list[Figure]:
    found = {}
    for _number in range(draw(st.integers(1, 5))):
        start = draw(days)
        end = draw(st.dates(start, datetime.date(2031, 12, 31)))
        place = draw(slugs)
        told = draw(st.booleans())
        number = {
            "value": draw(numbers),
            "numerator": draw(counts),
            "denominator": draw(counts),
            "coverage": draw(st.one_of(st.none(), st.floats(0, 1))),
        }
        found[place, start, end] = Figure(
            place,
            start,
            end,
            **(number if told else {"hidden": True}),
            data_through=draw(st.one_of(st.none(), days)),
            provisional=draw(st.one_of(st.none(), st.booleans())),
            quality=draw(st.sampled_from(["", "official", "derived", "estimate"])),
            source=draw(st.one_of(st.just(""), sentences)),
            licence=draw(st.one_of(st.just(""), sentences)),
            note=draw(texts),
            revision=draw(st.one_of(st.none(), st.integers(1, 9))),
        )
    return list(found.values())


def in_order(given_figures: list[Figure]) -> list[Figure]:
    return sorted(given_figures, key=lambda one: (one.period_end, one.period_start, one.place))


@settings(max_examples=EXAMPLES, deadline=None)
@given(indicators(), figures())
def test_there_and_back_loses_nothing_and_is_valid(indicator: Indicator, given_figures: list[Figure]) -> None:
    document = bundle(indicator, given_figures, ADDRESS, {one.place: "a place" for one in given_figures})
    assert faults(document) == []
    back = read_reports(read_json(json.dumps(document, ensure_ascii=False).encode()))
    assert back.indicators == [indicator]
    assert in_order([one for _indicator, one, _where in back.figures]) == in_order(given_figures)
    assert back.notices == []


anything = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        numbers,
        st.text(max_size=8),
        st.sampled_from(["summary", "2024", "Patient/1", "hmn", "numerator"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at] if at else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        found += paths(one, (*at, key))
    return found


WHOLE = bundle(
    Indicator(
        "x", {"nb": "X"}, {"nb": "X"}, "share", "year", "up", {"nb": "X"}, "hmn", denominator={"nb": "N"}
    ),
    [
        Figure("hmn", datetime.date(2024, 1, 1), datetime.date(2024, 12, 31), 0.5, 1.5, 3, note={"nb": "N"}),
        Figure("sto", datetime.date(2024, 1, 1), datetime.date(2024, 12, 31), hidden=True),
    ],
    ADDRESS,
)
PLACES = paths(WHOLE)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.booleans(), anything), min_size=1, max_size=3))
def test_a_damaged_document_is_read_or_refused_clearly(damage: list[tuple[Any, bool, Any]]) -> None:
    document = copy.deepcopy(WHOLE)
    for path, cut, value in damage:
        target: Any = document
        try:
            for key in path[:-1]:
                target = target[key]
            if cut:
                del target[path[-1]]
            else:
                target[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier damage took it away
    for units in (None, {"x": "share"}):
        try:
            found = read_reports(document, units)
        except PlanError as error:
            assert error.message
            assert error.code
        else:
            assert all(isinstance(figure, Figure) for _indicator, figure, _where in found.figures)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.integers(0, 3000).map(lambda cut: json.dumps(WHOLE).encode()[:cut]),
        anything.map(lambda one: json.dumps(one).encode()),
    )
)
def test_any_bytes_are_opened_or_refused_clearly(content: bytes) -> None:
    try:
        read_reports(read_json(content), {"x": "share"})
    except PlanError as error:
        assert error.code
