"""Attainment: what a target demands, the back-test, what is kept, what is refused, and the command."""

from __future__ import annotations

import datetime
import json
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from framsyn.analyses.attainment import Attainment, Effect, Measure, Target, attain, attainment
from framsyn.analyses.attainment_past import backtest
from framsyn.analyses.attainment_sets import course, scenario_of, smallest_set
from framsyn.errors import PlanError
from framsyn.scenario import Scenario

PLAN = Scenario.load("plan")


def target(kind: str, **more: Any) -> Target:
    """Return a target of a kind."""
    return Target("beds", {}, "region", 2030, kind, **more)


@pytest.mark.parametrize(
    ("aim", "values", "met"),
    [
        (target("reach_at_least", value=0.2), [0.19, 0.2, 0.3], [False, True, True]),
        (target("reach_at_most", value=4.0), [4.0, 4.01], [True, False]),
        (target("range", low=0.78, high=0.85), [0.77, 0.78, 0.85, 0.9], [False, True, True, False]),
        (target("hold", value=100, tolerance=5), [94, 95, 105, 106], [False, True, True, False]),
        (target("hold", value=100, tolerance=5, direction="up"), [94, 95, 300], [False, True, True]),
        (target("hold", value=100, tolerance=5, direction="down"), [10, 105, 106], [True, True, False]),
    ],
)
def test_a_target_is_met_as_the_status_of_the_goal_is(
    aim: Target, values: list[float], met: list[bool]
) -> None:
    from framsyn.web.indicators.rules import GoalRule
    from framsyn.web.indicators.status import _met

    assert aim.met(np.array(values, dtype=float)).tolist() == met
    hold = aim.type == "hold"
    directions = {"reach_at_least": "up", "reach_at_most": "down"}
    rule = GoalRule(
        aim.type,
        directions.get(aim.type, aim.direction),
        100.0 if hold else 0.0,
        datetime.date(2025, 12, 31),
        target=None if hold else aim.value,
        target_low=aim.low,
        target_high=aim.high,
        tolerance=aim.tolerance,
    )
    assert [_met(rule, rule.baseline or 0.0, float(value)) for value in values] == met


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: target("do", value=1.0), "target-type"),
        (lambda: target("reach_at_least"), "target-value"),
        (lambda: target("reach_at_most", value=math.nan), "target-value"),
        (lambda: target("range", low=1.0), "target-value"),
        (lambda: Effect("x", 0.3, 0.2, 0.4, 2026, 2028), "effect-share"),
        (lambda: Effect("x", 0.1, 0.2, 1.4, 2026, 2028), "effect-share"),
        (lambda: Effect("x", 0.1, math.nan, 0.4, 2026, 2028), "effect-share"),
        (lambda: Effect("x", 0.1, 0.2, 0.3, 2028, 2028), "effect-years"),
        (lambda: attain(None, [], [Measure("a"), Measure("a")], PLAN), "duplicate-measure"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_asked_is_refused(make: Any, code: str) -> None:
    with pytest.raises(PlanError) as error:
        make()
    assert error.value.code == code


def test_a_set_of_measures_is_a_scenario_that_can_be_written_down() -> None:
    measures = [
        Measure("a", (Effect("home_hospital", 0.1, 0.2, 0.4, 2026, 2030),)),
        Measure("b", (Effect("home_hospital", 0.0, 0.5, 0.5, 2028, 2032), Effect("remote_contacts", 1, 1, 1, 2025, 2026))),
    ]  # fmt: skip
    both = scenario_of(PLAN, measures, ["a", "b"], 2030)
    found = both.assumption("home_hospital")
    # b has come half way: 0.25 of its 0.5; together 1 − 0.8 · 0.75
    assert found.realisation.model_dump() == pytest.approx(
        {"kind": "triangular", "low": 0.1, "mode": 0.4, "high": 0.55}
    )
    assert found.profile.at([2026, 2030, 2035]).tolist() == [0.0, 1.0, 1.0]
    assert both.assumption("remote_contacts").realisation.central == 1.0
    assert Scenario.from_toml(both.to_toml()) == both
    assert "home_hospital" not in {a.name for a in scenario_of(PLAN, measures, [], 2030).assumptions}
    early = scenario_of(PLAN, measures, ["a", "b"], 2026)
    assert "home_hospital" not in {a.name for a in early.assumptions}  # nothing has come yet


def test_a_scenario_without_the_assumption_takes_its_full_effect_from_the_template() -> None:
    demography = Scenario.load("demography")
    measures = [Measure("a", (Effect("home_hospital", 0.1, 0.2, 0.4, 2026, 2030),))]
    assert scenario_of(demography, measures, ["a"], 2030) == demography
    found = scenario_of(demography, measures, ["a"], 2030, template=PLAN)
    assert found.assumption("home_hospital").effect == PLAN.assumption("home_hospital").effect
    assert len(found.assumptions) == len(demography.assumptions) + 1


def test_the_course_is_that_of_all_measures_together() -> None:
    effects = [Effect("x", 0.2, 0.4, 0.6, 2026, 2028), Effect("x", 0, 0, 0.5, 2025, 2030)]
    found = course(effects, 2030)
    assert found.years == (2025, 2026, 2027, 2028, 2029, 2030)
    assert list(found.shares) == sorted(found.shares)
    assert found.shares[-1] == 1.0


def test_with_many_measures_the_set_is_found_one_at_a_time_and_says_so() -> None:
    measures = {f"m{i:02}": Measure(f"m{i:02}", cost=i) for i in range(14)}
    found, method = smallest_set(lambda chosen: len(chosen) / 14, measures, 0.2, one_sided=True)
    assert (method, found) == ("greedy", frozenset({"m00", "m01", "m02"}))


def test_the_best_is_told_when_no_set_reaches_the_level() -> None:
    class Outlook:
        """Higher with m0, lower with m1."""

        def __init__(self, scenario: Scenario) -> None:
            names = {a.name for a in scenario.assumptions}
            self.values = (
                np.array([0.0, 1.0, 2.0, 3.0]) + ("home_hospital" in names) - 2 * ("work_processes" in names)
            )

        def draws(self, name: str, by: Any, where: Any = None) -> Any:
            import xarray as xr

            return xr.DataArray(self.values[:, None], dims=("draw", "year"), coords={"year": [2030]})

    measures = [
        Measure("m0", (Effect("home_hospital", 0.1, 0.2, 0.3, 2025, 2026),)),
        Measure("m1", (Effect("work_processes", 0.1, 0.2, 0.3, 2025, 2026),)),
        Measure("m2", (Effect("energy_use", 0.1, 0.2, 0.3, 2025, 2026),)),
    ]
    found = attainment(Outlook, target("reach_at_least", value=2.0), measures, PLAN)
    assert (found.trend, found.every, found.one_sided, found.idle) == (0.5, 0.25, False, ("m2",))
    best = found.over(0.8)
    assert (best.names, best.probability, best.reached, best.method) == (("m0",), 0.75, False, "all")
    assert found.over(0.6).reached
    assert found.over(0.5).names == ()  # none is needed
    assert found.error(0.5) == 0.25
    assert Attainment.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_a_projection_of_the_past_is_held_against_what_came() -> None:
    past: Any = SimpleNamespace(
        activity=pd.DataFrame(
            {
                "service_area": ["SOM", "SOM"],
                "measure": ["bed_days", "stays"],
                "actual_2015": [500.0, 100.0],
                "actual_2025": [400.0, 100.0],
                "comparable": [400.0, 100.0],
                "projected": [600.0, 120.0],
            }
        ),
        totals=pd.DataFrame({"place": ["region"], "median": [1100.0], "actual": [1000.0]}),
        areas=pd.DataFrame({"count_2015": [400.0, 500.0]}),
    )
    som = {"service_area": "SOM"}
    length = Target("bed_days", som, "region", 2030, "reach_at_most", 4.0, per="stays", per_where=som)
    found = backtest(past, length)
    assert found is not None
    assert (found.before, found.projected, found.actual) == (5.0, 5.0, 4.0)
    assert (found.error, found.naive_error) == (0.25, 0.25)
    rate = Target("bed_days", som, "region", 2030, "reach_at_most", 400.0, per="population", factor=1000.0)
    other = backtest(past, rate)
    assert other is not None
    assert other.actual == pytest.approx(400.0)
    assert backtest(past, Target("result", {}, "region", 2030, "reach_at_least", 0.0)) is None
    assert backtest(past, Target("bed_days", som, "hmr", 2030, "reach_at_most", 4.0)) is None


def test_the_command_tells_a_goal_and_its_measures(capsys: pytest.CaptureFixture[str]) -> None:
    from framsyn.cli import invoke

    assert invoke(["reach", "rup-2027.s10.g2", "--draws", "10", "--sets", "16"]) == 0
    said = capsys.readouterr().out
    assert "length-of-stay-somatic, hmn*" in said
    assert "home-hospital" in said
    assert invoke(["reach", "rup-2027.s10.g2", "--draws", "10", "--json"]) == 0
    payload = json.loads(capsys.readouterr().out)
    (row,) = payload["goals"]
    assert row["trend"] + sum(part["share"] for part in row["parts"]) == pytest.approx(row["every"])
    assert row["past"]["year"] == 2025
    assert invoke(["reach", "rup-2027.s9.g9"]) == 2
    assert invoke(["reach", "--over", "nan"]) == 2
    assert "rup-2027.s10.g1" in capsys.readouterr().err
