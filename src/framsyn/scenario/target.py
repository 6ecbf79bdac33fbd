"""What an assumption can move: the codes of services, care levels, measures, ages, places and professions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BeforeValidator, Field, model_validator

from framsyn.scenario.model import Count, FrozenModel, refuse

__all__ = [
    "LEVELS",
    "LEVEL_OF_MEASURE",
    "MEASURES",
    "PROFESSIONS",
    "SERVICE_AREAS",
    "Level",
    "ServiceAreas",
    "Target",
]

ServiceArea = Literal["SOM", "PHV", "PHBU", "TSB"]
Level = Literal["inpatient", "day", "outpatient"]
Measure = Literal["stays", "bed_days", "day_treatments", "outpatient_contacts"]
Profession = Literal[
    "specialist_doctor",
    "other_doctor",
    "specialist_nurse",
    "nurse",
    "psychologist",
    "other_health",
    "administration",
    "support",
]

SERVICE_AREAS, LEVELS, MEASURES = get_args(ServiceArea), get_args(Level), get_args(Measure)
PROFESSIONS = get_args(Profession)

LEVEL_OF_MEASURE: dict[str, str] = {
    "stays": "inpatient",
    "bed_days": "inpatient",
    "day_treatments": "day",
    "outpatient_contacts": "outpatient",
}
"""The care level that a measure belongs to. Patients are no target: they follow the whole service area."""

Code = Annotated[str, Field(min_length=1)]


def _one_or_more(value: Any) -> Any:
    """Read one code as a list of one."""
    return [value] if isinstance(value, str) else value


# A list of codes, in which one code alone may stand without brackets.
ServiceAreas = Annotated[
    tuple[ServiceArea, ...],
    BeforeValidator(_one_or_more, json_schema_input_type=ServiceArea | list[ServiceArea]),
]
Levels = Annotated[
    tuple[Level, ...], BeforeValidator(_one_or_more, json_schema_input_type=Level | list[Level])
]
Measures = Annotated[
    tuple[Measure, ...], BeforeValidator(_one_or_more, json_schema_input_type=Measure | list[Measure])
]
Professions = Annotated[
    tuple[Profession, ...],
    BeforeValidator(_one_or_more, json_schema_input_type=Profession | list[Profession]),
]
Codes = Annotated[tuple[Code, ...], BeforeValidator(_one_or_more, json_schema_input_type=Code | list[Code])]


class Target(FrozenModel):
    """What an assumption moves. A key that is left out sets no limit; a list means any of its codes.

    Examples
    --------
    >>> target = Target(service_area="SOM", measure="bed_days", age=(67, 105))
    >>> target.measure_mask(["stays", "bed_days"]).tolist()
    [False, True]
    >>> int(target.age_mask(range(106)).sum())
    39
    """

    service_area: ServiceAreas = ()
    """Service areas: SOM, PHV, PHBU, TSB."""
    service: Codes = ()
    """Service groups of the region, such as som_02."""
    level: Levels = ()
    """Care levels: inpatient, day, outpatient."""
    measure: Measures = ()
    """Measures of use: stays, bed_days, day_treatments, outpatient_contacts."""
    age: tuple[Count, Count] | None = None
    """First and last age, both included, 0–105."""
    trust: Codes = ()
    """Trusts, by the somatic catchment of the resident."""
    area: Codes = ()
    """Municipalities by four-digit code."""
    parameter: Code | None = None
    """Parameter of the region, or fertility, net_migration, mortality_improvement."""
    profession: Professions = ()
    """Professions, for a parameter of the workforce."""

    @model_validator(mode="after")
    def _possible(self) -> Target:
        if self.age is not None and not 0 <= self.age[0] <= self.age[1] <= 105:
            rule = "two ages stand in rising order within 0–105"
            raise refuse("age-out-of-range", "age", list(self.age), rule, "105 stands for 105 and over.")
        for key in ("service_area", "service", "level", "measure", "trust", "area", "profession"):
            codes = getattr(self, key)
            doubled = [code for code in codes if codes.count(code) > 1]
            if doubled:
                raise refuse(
                    "duplicate-code", key, doubled[0], "each code stands once", "Remove the second one."
                )
        for measure in self.measure:
            level = LEVEL_OF_MEASURE[measure]
            if self.level and level not in self.level:
                rule = f"expected a measure of level {' or '.join(self.level)}"
                way_out = f"{measure} belongs to level {level}; change level or measure."
                raise refuse("target-matches-nothing", "measure", measure, rule, way_out)
        return self

    def service_mask(self, services: Sequence[str], service_area_of: Mapping[str, str]) -> NDArray[np.bool_]:
        """Tell which service groups the target covers, in the order given."""
        return np.array(
            [
                (not self.service or code in self.service)
                and (not self.service_area or service_area_of[code] in self.service_area)
                for code in services
            ],
            dtype=bool,
        )

    def measure_mask(self, measures: Sequence[str]) -> NDArray[np.bool_]:
        """Tell which measures of use the target covers, in the order given."""
        return np.array(
            [
                (not self.measure or code in self.measure)
                and (not self.level or LEVEL_OF_MEASURE.get(code) in self.level)
                for code in measures
            ],
            dtype=bool,
        )

    def age_mask(self, ages: ArrayLike) -> NDArray[np.bool_]:
        """Tell which single ages the target covers."""
        years = np.asarray(ages)
        if self.age is None:
            return np.ones(years.shape, dtype=bool)
        return (years >= self.age[0]) & (years <= self.age[1])

    def area_mask(self, areas: Sequence[str], trust_of_area: Sequence[str]) -> NDArray[np.bool_]:
        """Tell which areas the target covers, by their own code and by the trust that they belong to."""
        return np.array(
            [
                (not self.area or code in self.area) and (not self.trust or trust in self.trust)
                for code, trust in zip(areas, trust_of_area, strict=True)
            ],
            dtype=bool,
        )
