"""Scenarios: what is assumed, in a text file, with uncertainty, course, reason, source and owner."""

from __future__ import annotations

from framsyn.scenario.assumption import Assumption
from framsyn.scenario.distributions import Distribution, Fixed, Lognormal, Normal, Triangular, Uniform
from framsyn.scenario.model import Wording
from framsyn.scenario.profiles import Linear, Logistic, Points, Profile, Step
from framsyn.scenario.scenario import Figure, Headline, Scenario
from framsyn.scenario.target import Target

__all__ = [
    "Assumption",
    "Distribution",
    "Figure",
    "Fixed",
    "Headline",
    "Linear",
    "Logistic",
    "Lognormal",
    "Normal",
    "Points",
    "Profile",
    "Scenario",
    "Step",
    "Target",
    "Triangular",
    "Uniform",
    "Wording",
]
