"""Stages one by one: small inputs that can be followed by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framsyn.errors import PlanError
from framsyn.methods.staffing import one_year
from framsyn.scenario import Assumption, Scenario
from framsyn.stages.capacity import equipment_due, occupied_beds, rooms_needed
from framsyn.stages.cells import SERVICE_AREAS, age_segments, build_factors, plan_factors
from framsyn.stages.draws import Draws
from framsyn.stages.parameters import Parameters
from framsyn.stages.population import autoregressive, mobility_profile, prepare_population, project_population
from framsyn.stages.workforce import (
    age_distribution,
    entry_ages,
    lean_index,
    staff_demand,
    staff_work,
    total_staff_demand,
)

YEARS = np.array([2025, 2030, 2040])


# ---------------------------------------------------------------- draws
def test_the_central_draw_knows_no_chance():
    central = Draws.central(5)
    assert central.is_central and len(central) == 1
    assert (central.normals("anything", (3, 2)) == 0).all()
    assert central.uniform("anything") == 0.5


def test_draws_of_a_whole_run_are_those_of_its_chunks():
    chunks = Draws.chunks(3, 10, 4)
    assert [len(part) for part in chunks] == [4, 4, 2]
    together = np.concatenate([part.uniform("x") for part in chunks])
    np.testing.assert_array_equal(together, Draws.range(3, 0, 10).uniform("x"))


# ---------------------------------------------------------------- population
def test_a_swing_grows_to_its_long_run_size():
    path = autoregressive(np.random.default_rng(1).standard_normal((4000, 40)), 2.0, 0.7)
    spread = path.std(axis=0)
    assert spread[0] == pytest.approx(2 * np.sqrt(1 - 0.49), rel=0.05)
    assert spread[-1] == pytest.approx(2, rel=0.05)
    again = np.corrcoef(path[:, -2], path[:, -1])[0, 1]
    assert again == pytest.approx(0.7, abs=0.03)


def test_young_adults_move_most_and_the_old_least():
    profile = mobility_profile(np.arange(106))
    assert 20 <= profile.argmax() <= 28
    assert profile[80] < profile[40] < profile[5] < profile.max()
    assert profile[:81].mean() == pytest.approx(1)


def test_mortality_falls_and_its_doubt_grows(midt):
    inputs = prepare_population(midt)
    assert (inputs.mortality_drift < 0).all()
    found = project_population(inputs, None, Draws.range(1, 0, 40), 2045, areas=midt.areas)
    old = found["population"].sel(age=slice(80, None)).sum(("area", "sex", "age"))
    spread = (old.std("draw") / old.mean("draw")).values
    assert spread[0] == 0
    assert spread[1] < spread[5] < spread[20]


def test_a_horizon_before_the_count_is_refused(midt):
    with pytest.raises(PlanError, match="2025 or later"):
        project_population(prepare_population(midt), None, Draws.central(), 2024)


# ---------------------------------------------------------------- factors
def test_ages_that_factors_treat_alike_share_a_segment(demography, assume):
    scenario = demography.with_assumption(assume("a", target={"age": [67, 105]}, effect=0.1))
    scenario = scenario.with_assumption(assume("b", target={"age": [18, 79]}, effect=0.1))
    segment = age_segments(list(scenario.assumptions))
    assert segment[[0, 17, 18, 66, 67, 79, 80, 105]].tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_factors_grow_along_their_profile(midt, demography, assume):
    scenario = demography.with_assumption(
        assume("a", target={"service": "phv", "level": "inpatient"}, effect=0.3, realisation=0.5)
    )
    plan = plan_factors(midt, scenario, {}, 1)
    grid = build_factors(plan, Draws.central(), YEARS)
    cell = plan.service_cell[midt.services.index("phv")]
    other = plan.service_cell[midt.services.index("som_01")]
    np.testing.assert_allclose(grid.need[0, :, 0, cell, 0, 1], [1.0, 1.05, 1.15])
    np.testing.assert_allclose(grid.operator[0, :, 0, cell, 0, 0, 0], [1.0, 1.05, 1.15])
    assert (grid.operator[0, :, 0, cell, 0, 3, 3] == 1).all()
    assert (grid.operator[0, :, 0, other] == np.eye(4)).all()


@pytest.mark.parametrize(
    ("kind", "keys", "code"),
    [
        ("age_shift", {"target": {"age": [60, 105], "trust": "hnt"}, "effect": 1}, "key-unfit"),
        ("levelling", {"target": {"service_area": "SOM", "area": "5006"}, "effect": 0.5}, "key-unfit"),
        ("population", {"target": {"parameter": "fertility", "trust": "hnt"}, "effect": 0.1}, "key-unfit"),
    ],
)
def test_what_holds_everywhere_cannot_be_limited_to_a_place(demography, assume, kind, keys, code):
    with pytest.raises(PlanError) as caught:
        demography.with_assumption(assume("here", kind=kind, **keys))
    assert caught.value.code == code


def test_levellings_close_what_is_left(midt, demography, assume):
    scenario = demography
    for name, size in (("first", 0.5), ("second", 0.4)):
        scenario = scenario.with_assumption(
            assume(name, kind="levelling", target={"service_area": "PHV"}, effect=size)
        )
    grid = build_factors(plan_factors(midt, scenario, {}, 1), Draws.central(), YEARS)
    np.testing.assert_allclose(grid.levelling[0, -1], [0, 0.7, 0, 0])


# ---------------------------------------------------------------- parameters
def test_parameters_change_relatively_and_absolutely_in_order(midt, demography, assume):
    base = midt.parameter("occupancy", service_area="SOM")
    scenario = demography.with_assumption(
        assume(
            "more",
            kind="parameter",
            mode="relative",
            target={"parameter": "occupancy", "service_area": "SOM"},
            effect=0.1,
        )
    ).with_assumption(
        assume("less", kind="parameter", mode="absolute", target={"parameter": "occupancy"}, effect=-0.05)
    )
    p = Parameters(midt, scenario, Draws.central(), YEARS)
    np.testing.assert_allclose(
        p.value("occupancy", service_area="SOM")[0],
        [base, base * (1 + 0.1 / 3) - 0.05 / 3, base * 1.1 - 0.05],
    )
    other = midt.parameter("occupancy", service_area="PHV")
    np.testing.assert_allclose(
        p.value("occupancy", service_area="PHV")[0], other - 0.05 * np.array([0, 1 / 3, 1])
    )


# ---------------------------------------------------------------- capacity
@given(st.floats(0, 1e6), st.floats(0.3, 1))
def test_beds_at_an_occupancy_hold_their_days(days, occupancy):
    assert occupied_beds(np.array(days), occupancy) * 365 * occupancy == pytest.approx(days, rel=1e-12)


def test_rooms_by_hand():
    # 230 days of 8 hours at half use are 920 hours; 1 840 sessions of 60 minutes fill two rooms.
    assert rooms_needed(np.array(1840.0), 60, 230, 8, 0.5) == pytest.approx(2)


def test_equipment_is_renewed_at_value_over_life_in_the_long_run():
    table = pd.DataFrame({"units": [10], "replacement_value": [8.0], "mean_age": [4.0], "life": [8.0]})
    due = equipment_due(table, np.arange(2025, 2025 + 160))
    assert due[40:].mean() == pytest.approx(10, rel=0.05)
    assert due.sum() == pytest.approx(160 * 80 / 8, rel=0.05)


def test_old_equipment_is_a_backlog_of_the_first_five_years():
    table = pd.DataFrame({"units": [1], "replacement_value": [100.0], "mean_age": [20.0], "life": [5.0]})
    due = equipment_due(table, np.arange(2025, 2030))
    assert due.sum() == pytest.approx(100, rel=0.05)
    assert due.max() < 1.6 * due.min()


# ---------------------------------------------------------------- workforce
@given(st.floats(30, 55), st.floats(5, 15), st.integers(60, 70))
def test_ages_of_staff_are_shares_of_those_who_work(mean, sd, retirement):
    shares = age_distribution(mean, sd, retirement)
    assert shares.sum() == pytest.approx(1)
    assert (shares[np.arange(20, 76) >= retirement] == 0).all()


def test_entrants_are_whole_people():
    for mean in (22.0, 24.5, 27.3, 33.0):
        shares = entry_ages(mean)
        assert shares.sum() == pytest.approx(1)
        assert (np.arange(20, 76) * shares).sum() == pytest.approx(mean, abs=0.51)


def test_a_year_of_staff_by_hand():
    stock, older = np.zeros(56), np.full(56, np.nan)
    stock[[20, 45]] = 100.0  # 40 and 65 years old
    for limit, left in ((66.0, 0.0), (66.25, 90 * 0.25)):
        one_year(stock, 0.1, np.clip(limit - np.arange(20, 76), 0, 1), older)
        assert older[21] == pytest.approx(90)
        assert older[46] == pytest.approx(left)
        assert older.sum() == pytest.approx(90 + left)


def test_staff_of_all_trusts_is_the_sum_over_trusts(midt, plan):
    p = Parameters(midt, plan, Draws.range(1, 0, 6), np.arange(2025, 2029))
    work = np.random.default_rng(4).uniform(0.5, 2.0, (6, 4, 3))
    lean = lean_index(p)
    one_by_one = staff_demand(work, lean, p)
    assert one_by_one.shape == (6, 4, 8, 3)
    np.testing.assert_allclose(total_staff_demand(work, lean, p), one_by_one.sum(axis=3), rtol=1e-13)


def test_work_of_some_service_areas_adds_up_to_that_of_all(midt, plan):
    p = Parameters(midt, plan, Draws.range(1, 0, 2), np.arange(2025, 2027))
    treated = list(np.random.default_rng(4).uniform(0.5, 2.0, (3, 2, 2, len(SERVICE_AREAS), 3)))
    parts = [
        staff_work([values[:, :, [i]] for values in treated], p, (area,))
        for i, area in enumerate(SERVICE_AREAS)
    ]
    np.testing.assert_allclose(sum(parts), staff_work(treated, p), rtol=1e-13)


def test_words_of_the_helper_make_a_whole_assumption(assume):
    assert Assumption(**assume("x", effect=0.1)).kind == "factor"
    assert isinstance(Scenario.load("demography").with_assumption(assume("x", effect=0.1)), Scenario)
