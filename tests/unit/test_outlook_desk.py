"""A desk for moved levers: what it refuses, forgets and keeps, and that it says no more than a run does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from framsyn.errors import PlanError
from framsyn.outlook.desk import Desk
from framsyn.outlook.desk_lines import cut, place_of_label, quantiles_of_lanes
from framsyn.outlook.desk_memory import Memory
from framsyn.outlook.desk_use import Use
from framsyn.outlook.run import run
from framsyn.quantities import quantities
from framsyn.region.places import places

DRAWS, UNTIL = 5, 2028
SOMATIC = {"service_area": "SOM"}
PAGE = [
    (name, None, ("year",))
    for name in ("need", "beds", "bed_gap", "day_places", "outpatient_rooms", "staff_gap")
]
PAGE += [(name, SOMATIC, ("year",)) for name in ("need", "beds", "day_places", "outpatient_rooms")]
PAGE += [(name, None, ("year",)) for name in ("result", "liquidity", "emissions")]


@pytest.fixture(scope="module")
def desk(midt, plan):
    return Desk.open(midt, plan, draws=DRAWS, until=UNTIL)


@pytest.fixture(scope="module")
def whole(midt, plan):
    return run(midt, plan, draws=DRAWS, until=UNTIL)


def one_by_one(work, parts):
    for part in parts:
        work(part)


def test_other_people_are_refused_and_the_way_out_is_told(midt, demography, assume):
    keys = {"kind": "population", "group": "population", "target": {"parameter": "fertility"}, "effect": 0.2}
    other = demography.with_assumption(assume("more_children", **keys))
    desk = Desk.open(midt, demography, draws=2, until=2026)
    assert desk.fits(demography) and not desk.fits(other)
    with pytest.raises(PlanError, match="Open another desk") as refused:
        desk.answer(other)
    assert refused.value.code == "desk-people-differ"
    assert refused.value.data["assumptions"] == ["more_children"]
    again = Desk.open(midt, other, draws=2, until=2026)
    assert again.fits(other) and not again.fits(demography)
    assert not again.fits(other.replace("more_children", effect=0.4))


def test_the_opening_tells_how_far_it_is_and_can_be_stopped(midt, demography):
    told = []
    Desk.open(midt, demography, draws=3, until=2026, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (1, 1)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Desk.open(midt, demography, draws=3, until=2026, progress=stop)
    with pytest.raises(PlanError, match="at least 2"):
        Desk.open(midt, demography, draws=1, until=2026)


def test_a_desk_refuses_what_a_run_refuses(desk, midt, plan):
    unknown = plan.replace("disease_cancer", target={"service": "som_99"})
    for make in (lambda: desk.answer(unknown), lambda: run(midt, unknown, draws=2, until=UNTIL)):
        with pytest.raises(PlanError, match="som_99") as refused:
            make()
        assert refused.value.code == "unknown-service"
    for name, where, by in [
        ("bedz", None, ("year",)),
        ("patients", None, ("year",)),
        ("beds", {"service_area": "XXX"}, ("year",)),
        ("stays", {"service_area": "XXX"}, ("year",)),
        ("beds", {"year": 1999}, ("trust",)),
        ("liquidity", None, ("year", "trust")),
        ("beds", {"year": 2027}, ("year",)),
    ]:
        messages = []
        for outlook in (desk.answer(plan), run(midt, plan, draws=2, until=UNTIL)):
            with pytest.raises(PlanError) as refused:
                outlook.quantiles(name, by=by, where=where)
            messages.append(str(refused.value))
        assert messages[0] == messages[1]
    with pytest.raises(PlanError, match="lies in 0–1"):
        desk.answer(plan).quantiles("beds", 1.5)


@pytest.mark.parametrize(
    ("name", "where", "by"),
    [
        ("beds", None, ("year", "trust")),
        ("beds", SOMATIC, ("year",)),
        ("beds", {"service_area": ["SOM", "PHV"], "year": 2027}, ("trust", "service_area")),
        ("need", None, ("year",)),
        ("need", {"service_area": "PHV"}, ("trust", "year")),
        ("need", {"level": "day"}, ("year", "service")),
        ("need", {"service_area": ["SOM", "TSB"], "trust": "hnt"}, ("year", "level")),
        ("stays", {"service": "som_02"}, ("year",)),
        ("bed_days", {"service_area": "SOM"}, ("service",)),
        ("patients", SOMATIC, ("year",)),
        ("population", {"age": slice(65, None)}, ("year",)),
        ("population", {"year": 2028, "trust": "sto"}, ("sex", "age")),
        ("population", {"sex": "female", "age": slice(15, 49)}, ("year", "age")),
        ("population", None, ("year",)),
        ("births", None, ("year",)),
        ("staff_gap", {"profession": "nurse"}, ("year", "trust")),
        ("staff_intake_required", None, ("profession", "year")),
        ("emissions", None, ("year", "emission_source")),
        ("liquidity_breach", None, ()),
        ("result", {"year": slice(2026, 2028)}, ("year",)),
    ],
)
def test_every_question_is_answered_as_a_run_answers_it(desk, plan, whole, name, where, by):
    answer = desk.answer(plan)
    levels = (0.1, 0.3, 0.9)
    found, expected = (outlook.draws(name, by, where) for outlook in (answer, whole))
    assert found.dims == expected.dims
    for dim in found.dims:
        assert list(found[dim].values) == list(expected[dim].values)
    close = {"rtol": 1e-9, "atol": 1e-9 * float(np.abs(expected.values).max())}
    np.testing.assert_allclose(found.values, expected.values, **close)
    ours, theirs = (outlook.quantiles(name, levels, by, where) for outlook in (answer, whole))
    np.testing.assert_allclose(ours.values, theirs.values, **close)
    assert ours.attrs == theirs.attrs and ours.dims == theirs.dims
    drawn = np.quantile(found.values, levels, axis=0)
    assert np.array_equal(answer.lines([(name, where, by)], levels)[0], drawn)
    middle = whole.central_value(name, by, where)
    np.testing.assert_allclose(answer.central_value(name, by, where).values, middle.values, **close)
    assert np.array_equal(answer.central_lines([(name, where, by)])[0], answer.central_value(name, by, where))


def test_an_answer_is_an_outlook(desk, plan, whole, tmp_path):
    answer = desk.answer(plan)
    assert answer.id == whole.id and answer.manifest == whole.manifest
    assert answer.years == whole.years and answer.base_year == whole.base_year
    assert answer.quick and repr(answer).startswith("<Outlook")
    for level in ("region", "trust", "area"):
        ours, theirs = answer.summary(level), whole.summary(level)
        assert list(ours.columns) == list(theirs.columns) and len(ours) == len(theirs)
        for column in ("p10", "p50", "p90", "central"):
            np.testing.assert_allclose(ours[column], theirs[column], rtol=1e-9, atol=1e-6)
    answer.to_parquet(tmp_path / "out")
    assert (tmp_path / "out" / "trusts.parquet").is_file()
    moved = desk.answer(plan.replace("home_hospital", effect=-0.3))
    assert answer.explain(moved, "treated_bed_days").effects["home_hospital"] < 0
    assert set(answer.trusts) == set(quantities()) and len(answer.central) == len(quantities())


def test_bands_by_municipality_are_the_runs_own_until_use_is_moved(desk, midt, plan, whole):
    own = desk.answer(plan)
    for name in whole.areas.data_vars:
        assert np.array_equal(own.areas[name], whole.areas[name], equal_nan=True)
        assert np.array_equal(own.places[name], whole.places[name], equal_nan=True)
    asked = own.quantiles("need", 0.5, ("year", "area"))
    assert asked.attrs == {"band": "own", "units": "MNOK (2025)"} | {"units": asked.attrs["units"]}
    paid = desk.answer(plan.replace("sick_leave", effect=-0.2))
    assert not paid.moved and paid.quantiles("stays", 0.9, ("year", "place")).attrs["band"] == "own"
    scenario = plan.replace("disease_circulatory", effect=0.3)
    moved, truth = desk.answer(scenario), run(midt, scenario, draws=DRAWS, until=UNTIL)
    for name in truth.central_areas.data_vars:
        assert np.array_equal(moved.central_areas[name], truth.central_areas[name])
    band = moved.quantiles("bed_days", (0.1, 0.9), ("year", "area"), SOMATIC)
    assert band.attrs["band"] == "moved"
    ratio = (
        truth.central_value("bed_days", ("year", "area"), SOMATIC)
        / whole.central_value("bed_days", ("year", "area"), SOMATIC)
    ).values
    before = whole.quantiles("bed_days", (0.1, 0.9), ("year", "area"), SOMATIC).values
    np.testing.assert_allclose(band.values, before * ratio, rtol=1e-12)
    np.testing.assert_allclose(moved.areas["population"], whole.areas["population"])


def test_places_are_added_up_within_each_draw(midt, plan, whole):
    """The band of a health community is that of its trust by somatic residence, and narrower than its municipalities'."""
    codes = [p.code for p in places(midt) if p.kind in ("hospital_area", "health_community")]
    assert whole.places["place"].values.tolist() == codes
    band = whole.quantiles("population", (0.1, 0.9), ("year", "place"))
    for place in places(midt):
        if place.kind == "health_community":
            by_trust = whole.quantiles("population", (0.1, 0.9), ("year",), {"trust": place.trust})
            np.testing.assert_allclose(band.sel(place=place.code).values, by_trust.values, rtol=1e-6)
    middle = whole.central_value("stays", ("year", "place"), SOMATIC)
    parts = whole.central_value("stays", ("year", "area"), SOMATIC)
    for place in places(midt):
        if place.kind == "hospital_area":
            expected = parts.sel(area=list(place.areas)).sum("area").values
            np.testing.assert_allclose(middle.sel(place=place.code).values, expected)


def test_assumptions_limited_to_some_places_take_the_slow_road(desk, midt, plan, assume):
    scenario = plan.with_assumption(assume("here", target={"trust": "hnt"}, effect=0.1))
    answer, truth = desk.answer(scenario), run(midt, scenario, draws=DRAWS, until=UNTIL)
    assert not answer.quick and answer.id == truth.id
    for name, where, by in [
        ("beds", SOMATIC, ("year", "trust")),
        ("need", None, ("year",)),
        ("stays", SOMATIC, ()),
    ]:
        expected = truth.quantiles(name, (0.1, 0.9), by, where).values
        np.testing.assert_allclose(answer.lines([(name, where, by)], (0.1, 0.9))[0], expected, rtol=1e-12)
        np.testing.assert_allclose(
            answer.central_value(name, by, where).values, truth.central_value(name, by, where).values
        )
    assert answer.quantiles("need", 0.5, ("year", "area")).attrs["band"] == "own"
    assert np.array_equal(answer.areas["need"], truth.areas["need"], equal_nan=True)
    opened = Desk.open(midt, scenario, draws=2, until=2026)
    assert opened.answer(plan).moved and opened.answer(plan).quick


def test_an_answer_is_the_same_whatever_was_asked_before(midt, plan):
    questions = [("beds", None, ("year", "trust")), ("need", None, ("year",)), ("result", None, ("year",))]
    moved = [plan.replace("healthier_ageing", effect=size) for size in (0.5, 1.5)]
    asked = [plan, moved[0], plan.without("healthier_ageing"), moved[1], plan, moved[0]]
    used = Desk.open(midt, plan, draws=3, until=2027)
    used.memory.limit = 2e6  # a memory far too small changes nothing but the time
    for scenario in asked:
        fresh = Desk.open(midt, plan, draws=3, until=2027)
        ours, theirs = (d.answer(scenario).lines(questions) for d in (used, fresh))
        for one, other in zip(ours, theirs, strict=True):
            assert np.array_equal(one, other)
    assert used.memory.size <= 2e6


def test_several_threads_ask_one_desk_at_once(desk, plan):
    questions = [
        ("bed_gap", None, ("year", "trust")),
        ("emissions", None, ("year",)),
        ("stays", SOMATIC, ("year",)),
    ]
    scenarios = [plan.replace("work_processes", effect=-0.01 * step) for step in range(1, 9)]
    alone = [desk.answer(scenario).lines(questions) for scenario in scenarios]
    desk.memory.limit, kept = 0.0, desk.memory.limit
    desk.memory.put(b"nothing", np.zeros(1))
    desk.memory.limit = kept
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda scenario: desk.answer(scenario).lines(questions), scenarios))
    for one, other in zip(alone, together, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_lever_makes_anew_only_services_that_stand_together(desk, plan, monkeypatch):
    made = []
    block = Use._block
    monkeypatch.setattr(
        Use, "_block", lambda use, which, out: made.append(which[0]) or block(use, which, out)
    )

    def page(scenario):
        made.clear()
        desk.answer(scenario).lines(PAGE)

    page(plan)
    less = plan.replace("prevention", effect=-0.05)
    page(less)
    touched = {
        service
        for service, measure, _ in made
        if less.assumption("prevention").target.service_mask(
            list(desk.region.services), desk.region.service_area_of
        )[service]
    }
    assert {service for service, _, _ in made} == touched  # those that prevention moves are one group
    page(less)
    assert made == []
    page(plan)
    assert made == []  # what was there before is still known


def test_a_lever_of_one_service_area_leaves_the_others_as_they_are(desk, plan):
    answers = [desk.answer(plan), desk.answer(plan.replace("digital_treatment", effect=0.02))]
    for name in ("beds", "outpatient_rooms", "day_places"):
        before, after = (answer._stages.array(f"{name}:SOM") for answer in answers)
        assert before is after
    before, after = (answer._stages.array("outpatient_rooms:PHV") for answer in answers)
    assert not np.array_equal(before, after)


@pytest.mark.parametrize("first", ["lines", "central_lines"])
def test_the_central_run_is_the_same_before_and_after_the_quantiles(midt, plan, whole, first):
    questions = [
        ("beds", SOMATIC, ("year",)),
        ("staff_gap", None, ("year", "profession")),
        ("result", {}, ("year",)),
    ]
    answer = Desk.open(midt, plan, draws=DRAWS, until=UNTIL).answer(plan)
    getattr(answer, first)(questions)
    answer.lines(questions)
    for found, (name, where, by) in zip(answer.central_lines(questions), questions, strict=True):
        np.testing.assert_allclose(found, whole.central_value(name, by, where).values, rtol=1e-9, atol=1e-7)


def test_memory_lets_go_first_of_what_is_held_briefly():
    memory = Memory(24)
    for name, briefly in ((b"a", False), (b"b", True), (b"c", False), (b"d", False)):
        memory.put(name, np.zeros(1), briefly=briefly)
    assert [memory.get(name) is not None for name in (b"a", b"b", b"c", b"d")] == [True, False, True, True]


def test_memory_forgets_the_least_used_first():
    memory = Memory(24)
    for name in (b"a", b"b", b"c"):
        memory.put(name, np.zeros(1))
    memory.get(b"a")
    memory.put(b"d", {"one": np.zeros(1)})
    assert memory.get(b"b") is None and memory.get(b"a") is not None and memory.size == 24


def test_quick_quantiles_are_numpys():
    rng = np.random.default_rng(7)
    series = [
        np.asfortranarray(rng.normal(size=(101, 3, 2))),
        rng.normal(size=(101,)),
        rng.normal(size=(101, 4)),
    ]
    series[2][5, 1] = np.nan
    levels = (0.0, 0.05, 0.5, 0.77, 1.0)
    for found, values in zip(quantiles_of_lanes(series, levels, one_by_one), series, strict=True):
        assert np.array_equal(found, np.quantile(values, levels, axis=0), equal_nan=True)


def test_cuts_refuse_what_they_do_not_know():
    values, labels = np.ones((2, 3)), {"year": [2025, 2026, 2027]}
    assert cut(values, labels, ("trust",), {}) is None
    assert cut(values, labels, (), {"year": 2040}) is None
    assert cut(values, labels, ("year",), {"year": 2025}) is None
    assert cut(values, labels, (), {}, mean=True).tolist() == [1.0, 1.0]
    assert place_of_label([1, 2, 3], slice(2, 9)) is None
    assert place_of_label([1, 2, 3], slice(None, 2)) == [0, 1]
    assert place_of_label(["a"], ["a", "b"]) is None
