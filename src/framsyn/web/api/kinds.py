"""What may be chosen in a field, as types: the values of the models.

They are literals and not the models' own classes, because several of those have the same name (Kind, Standing, Status) and a
description of the interface holds one of each name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from framsyn.web.goals.models import GoalDecision
from framsyn.web.indicators.models import Indicator, Observation
from framsyn.web.indicators.rules import CODES, OVERRIDABLE
from framsyn.web.measures.models import Assignment, Benefit, Measure, StatusReport
from framsyn.web.plan.models import Element, Link, Plan, Version

if TYPE_CHECKING:
    PlanKind = str
    VersionState = str
    ElementKind = str
    LinkKind = str
    GoalType = str
    GoalDirection = str
    GoalStanding = str
    GoalStatusCode = str
    HandStatus = str
    Frequency = str
    IndicatorDirection = str
    ObservationState = str
    MeasurePhase = str
    MeasureStanding = str
    ReportStatus = str
    AssignmentRole = str
    BenefitKind = str
else:
    PlanKind = Literal[tuple(Plan.Kind.values)]
    VersionState = Literal[tuple(Version.State.values)]
    ElementKind = Literal[tuple(Element.Kind.values)]
    LinkKind = Literal[tuple(Link.Kind.values)]
    GoalType = Literal[tuple(GoalDecision.Type.values)]
    GoalDirection = Literal[tuple(GoalDecision.Direction.values)]
    GoalStanding = Literal[tuple(GoalDecision.Standing.values)]
    GoalStatusCode = Literal[CODES]
    HandStatus = Literal[OVERRIDABLE]
    Frequency = Literal[tuple(Indicator.Frequency.values)]
    IndicatorDirection = Literal[tuple(Indicator.Direction.values)]
    ObservationState = Literal[tuple(Observation.State.values)]
    MeasurePhase = Literal[tuple(Measure.Phase.values)]
    MeasureStanding = Literal[tuple(Measure.Standing.values)]
    ReportStatus = Literal[tuple(StatusReport.Status.values)]
    AssignmentRole = Literal[tuple(Assignment.Role.values)]
    BenefitKind = Literal[tuple(Benefit.Kind.values)]
