"""A moved lever on a desk is a run: every quantity in every draw, whatever was moved, and the same address."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framsyn.errors import PlanError
from framsyn.outlook.desk import Desk
from framsyn.outlook.run import run
from framsyn.quantities import quantities
from framsyn.region import Region

DRAWS, UNTIL = 5, 2029
SHARE = st.floats(-0.3, 0.3).map(lambda x: round(x, 3))
PART = st.floats(0.0, 0.5).map(lambda x: round(x, 3))
AGES = st.sampled_from([None, [0, 17], [14, 39], [60, 105], [67, 105], [80, 89]])
AREA = st.sampled_from(["SOM", "PHV", "PHBU", "TSB"])
PROFILES = st.sampled_from(
    [
        {"kind": "linear", "from": 2025, "to": 2040},
        {"kind": "step", "year": 2025},  # in force in the base year, which the chance of bed days knows
        {"kind": "step", "year": 2027},
    ]
)
PARAMETERS = (
    ("capacity", "occupancy", -0.1),
    ("capacity", "room_utilisation", 0.1),
    ("workforce", "sick_leave", -0.2),
    ("workforce", "leave_rate", 0.2),
    ("workforce", "retirement_age", 0.02),
    ("workforce", "position_share", 0.05),
    ("workforce", "graduates_per_year", 0.2),
    ("workforce", "productivity_growth", 0.5),
    ("economy", "income_growth_real", 0.5),
    ("economy", "investment_base", 0.3),
    ("economy", "loan_rate", 0.4),
    ("climate", "energy_kwh_per_m2", -0.2),
    ("climate", "remote_share", 0.5),
)


def spread(size: float) -> dict[str, float | str]:
    """Return a distribution around a size."""
    low, high = sorted((0.6 * size, 1.2 * size))
    return {"kind": "triangular", "low": low, "mode": size, "high": high} if high > low else size  # type: ignore[return-value]


@st.composite
def targets(draw):
    """Return a target of cells."""
    target = {"service_area": draw(AREA)}
    ages = draw(AGES)
    return target if ages is None else {**target, "age": ages}


@st.composite
def levers(draw):
    """Return the keys of an assumption of any kind that a desk can move."""
    kind = draw(
        st.sampled_from(["need", "practice", "shift", "age_shift", "levelling", "parameter", "parameter"])
    )
    if kind == "parameter":
        group, name, size = draw(st.sampled_from(PARAMETERS))
        effect = spread(size * draw(st.floats(0.2, 1.0)))
        keys = {
            "kind": kind,
            "group": group,
            "target": {"parameter": name},
            "mode": "relative",
            "effect": effect,
        }
    elif kind == "shift":
        levels = draw(st.permutations(["inpatient", "day", "outpatient"]))
        keys = {
            "kind": kind,
            "group": "practice",
            "target": {"service_area": "SOM", "age": draw(AGES) or [0, 105]},
            "from_level": levels[0],
            "to_level": levels[1],
            "conversion": {"kind": "uniform", "low": 0.8, "high": 1.5},
            "effect": spread(draw(PART)),
        }
    elif kind == "age_shift":
        keys = {
            "kind": kind,
            "target": {"service_area": "SOM", "age": [draw(st.sampled_from([50, 60, 75])), 105]},
            "effect": spread(draw(st.floats(-2, 4).map(lambda x: round(x, 2)))),
        }
    elif kind == "levelling":
        keys = {"kind": kind, "target": {"service_area": ["SOM", "PHV"]}, "effect": spread(draw(PART))}
    else:
        keys = {"kind": "factor", "group": kind, "target": draw(targets()), "effect": spread(draw(SHARE))}
    return {**keys, "profile": draw(PROFILES)}


@pytest.fixture(scope="module")
def desk(midt, plan):
    return Desk.open(midt, plan, draws=DRAWS, until=UNTIL)


@pytest.fixture(scope="module")
def uneven_desk(tmp_path_factory, midt, plan):
    """A desk in a made-up region whose trusts' residents do not use care alike, so that levelling moves something."""
    folder = tmp_path_factory.mktemp("desk") / "uneven"
    shutil.copytree(midt.folder, folder)
    path = folder / "tables" / "use_ratio.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table["ratio"] = [str([0.9, 1.15, 1.05, 0.95][i % 4]) for i in range(len(table))]
    table.to_csv(path, index=False, lineterminator="\n")
    return Desk.open(Region.load(folder), plan, draws=DRAWS, until=UNTIL)


def same(desk: Desk, scenario) -> None:
    """Hold an answer against the run that it stands for."""
    try:
        truth = run(desk.region, scenario, draws=DRAWS, until=UNTIL)
    except PlanError as refused:  # such as a target that meets no use: then the desk says the same
        with pytest.raises(PlanError) as ours:
            desk.answer(scenario)
        assert str(ours.value) == str(refused)
        return
    answer = desk.answer(scenario)
    assert answer.id == truth.id
    assert answer.quick
    for name in quantities():
        for ours, theirs in ((answer.trusts, truth.trusts), (answer.central, truth.central)):
            found, expected = ours[name], theirs[name]
            expected = expected.transpose(*found.dims).values
            # A gap or a result is a small difference of large numbers; counts near nothing are held against their like.
            size = np.abs(expected).max() if np.size(expected) else 0.0
            np.testing.assert_allclose(
                found.values, expected, rtol=1e-9, atol=1e-11 * size + 1e-9, err_msg=name
            )
    for name in truth.central_areas.data_vars:
        assert np.array_equal(answer.central_areas[name], truth.central_areas[name]), name
    if not answer.moved:
        for name in truth.areas.data_vars:
            assert np.array_equal(answer.areas[name], truth.areas[name], equal_nan=True), name


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_levers_of_every_kind_give_what_a_run_gives(desk, plan, assume, data):
    scenario = plan
    for name in data.draw(
        st.lists(st.sampled_from([a.name for a in plan.assumptions]), max_size=3, unique=True)
    ):
        change = data.draw(st.sampled_from(["gone", "half", "now"]))
        if change == "gone":
            scenario = scenario.without(name)
        elif change == "half":
            scenario = scenario.replace(name, realisation=0.5)
        else:
            scenario = scenario.replace(name, profile={"kind": "step", "year": 2025})
    for place, keys in enumerate(data.draw(st.lists(levers(), max_size=2))):
        scenario = scenario.with_assumption(assume(f"lever_{place}", **keys))
    same(desk, scenario)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=PART, other=levers())
def test_levelling_gives_what_a_run_gives_where_use_is_uneven(uneven_desk, plan, assume, size, other):
    scenario = plan.replace("levelling", effect=spread(size)).with_assumption(assume("other", **other))
    same(uneven_desk, scenario)
