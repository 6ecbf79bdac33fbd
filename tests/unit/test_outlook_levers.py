"""Levers on cached draws: what a view must refuse, and what it must not forget between moves."""

from __future__ import annotations

import numpy as np
import pytest

from framsyn.errors import PlanError
from framsyn.outlook.whatif import project_ensemble

MORE_CHILDREN = {
    "kind": "population",
    "group": "population",
    "target": {"parameter": "fertility"},
    "effect": 0.2,
}


def test_population_assumptions_that_differ_from_the_ensembles_are_refused(midt, demography, assume):
    view = project_ensemble(midt, demography, draws=2, until=2026).view("stays", "SOM")
    other = demography.with_assumption(assume("more_children", **MORE_CHILDREN))
    with pytest.raises(PlanError, match="Build a new ensemble") as refused:
        view.move(other)
    assert refused.value.code == "view-people-differ"
    assert refused.value.data["assumptions"] == ["more_children"]
    own = project_ensemble(midt, other, draws=2, until=2026).view("stays", "SOM")
    assert own.move(other).shape == (2, 2)
    with pytest.raises(PlanError, match="more_children"):
        own.move(demography)
    twice = other.replace("more_children", effect=0.4)
    with pytest.raises(PlanError, match="more_children"):
        own.move(twice)


def test_a_view_gives_the_same_whatever_was_moved_before(midt, plan):
    ensemble = project_ensemble(midt, plan, draws=3, until=2030)
    moved = [plan.replace("healthier_ageing", effect=size) for size in (0.5, 1.5)]
    without = plan.without("healthier_ageing")
    used = ensemble.view("bed_days", "SOM", by_trust=True)
    for scenario in (plan, moved[0], without, moved[1], plan, moved[0]):
        fresh = ensemble.view("bed_days", "SOM", by_trust=True)
        assert np.array_equal(used.move(scenario), fresh.move(scenario))
