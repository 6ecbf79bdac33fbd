"""Which parameters a scenario may change, and that no such change can be lost."""

from __future__ import annotations

import pytest

from framsyn import PlanError, Region, Scenario
from framsyn.outlook.run import prepare_chain, run_chain
from framsyn.region.schema import parameters
from framsyn.stages.draws import Draws
from framsyn.stages.parameters import Parameters

WORDS = {"nb": "Prøve", "nn": "Prøve", "en": "Trial"}


def changing(parameter: str) -> Scenario:
    """Demography with one assumption that changes a parameter."""
    return Scenario.load("demography").with_assumption(
        {
            "name": "trial", "kind": "parameter", "group": "capacity", "label": WORDS, "reason": WORDS, "mode": "relative",
            "target": {"parameter": parameter}, "effect": 0.1, "unit": "1", "profile": {"kind": "step", "year": 2030},
            "source": "Test", "owner": "Test", "quality": "synthetic",
        }
    )  # fmt: skip


def test_a_parameter_that_holds_for_a_whole_run_cannot_be_changed_by_a_scenario():
    region = Region.load("midt-norge")
    with pytest.raises(
        PlanError, match=r'"trial" changes loss_target, which holds for a whole run.*occupancy'
    ) as caught:
        run_chain(prepare_chain(region, changing("loss_target"), 2030), Draws.central())
    assert caught.value.code == "parameter-fixed"
    assert caught.value.data == {"assumption": "trial", "got": "loss_target"}


def test_the_declared_parameters_are_those_that_the_stages_read_year_by_year(monkeypatch: pytest.MonkeyPatch):
    asked = set()
    value = Parameters.value

    def noting(self: Parameters, name: str, **keys: str | None):
        asked.add(name)
        return value(self, name, **keys)

    monkeypatch.setattr(Parameters, "value", noting)
    run_chain(prepare_chain(Region.load("midt-norge"), Scenario.load("demography"), 2026), Draws.central())
    assert asked == {name for name, parameter in parameters().items() if parameter.in_scenario}


def test_a_changed_parameter_moves_what_hangs_on_it_and_nothing_before():
    region = Region.load("midt-norge")
    plain = run_chain(prepare_chain(region, Scenario.load("demography"), 2030), Draws.central())[0]
    moved = run_chain(prepare_chain(region, changing("occupancy"), 2030), Draws.central())[0]
    beds, others = moved["beds"] / plain["beds"], moved["beds"].sel(year=slice(2025, 2029))
    assert beds.sel(year=2030).where(plain["beds"].sel(year=2030) > 0).min() == pytest.approx(1 / 1.1)
    assert others.equals(plain["beds"].sel(year=slice(2025, 2029)))
    assert moved["treated_bed_days"].equals(plain["treated_bed_days"])
