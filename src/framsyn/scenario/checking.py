"""Hold the targets of a scenario against a region: every code known, every target matching something.

A factor whose target matches no cell would count as 1 and nobody would see it, so it is a fault here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from framsyn.scenario.assumption import Assumption
from framsyn.scenario.faults import nearest
from framsyn.scenario.target import LEVEL_OF_MEASURE

__all__ = ["Mismatch", "check_against_region"]


@dataclass(frozen=True)
class Mismatch:
    """One place where an assumption does not fit the region."""

    code: str
    assumption: str
    key: str
    got: Any
    expected: str
    way_out: str = ""


class BaseUse(NamedTuple):
    """Use in the base year as targets are held against it.

    Attributes
    ----------
    size : array, (service, measure, sex, age)
        Without sign; zero where nothing is known.
    services, measures : list of str
    ages : array of int
    """

    size: np.ndarray
    services: list[str]
    measures: list[str]
    ages: np.ndarray


def check_against_region(assumptions: Sequence[Assumption], region: Any) -> Iterator[Mismatch]:
    """Find what does not fit the region, in the order of the assumptions.

    Parameters
    ----------
    assumptions : sequence of Assumption
    region : Region
        Its codes, its table ``parameters`` and its base-year use are asked for.

    Yields
    ------
    Mismatch
    """
    use = base_use(region) if assumptions else None
    for assumption in assumptions:
        yield from _unknown_codes(assumption, region)
        if assumption.kind == "parameter":
            yield from _parameter(assumption, region)
        elif assumption.kind != "population":
            assert use is not None
            yield from _empty_target(assumption, region, use)


def base_use(region: Any) -> BaseUse:
    """Return a region's use; without xarray's own ways, which cost a moved lever more than the check."""
    use = region.use()
    dims = ("service", "measure", "sex", "age")
    size = np.abs(np.nan_to_num(use.values)).transpose([use.dims.index(dim) for dim in dims])
    services, measures, ages = (use.indexes[dim] for dim in ("service", "measure", "age"))
    return BaseUse(size, list(services), list(measures), np.asarray(ages))


def _unknown_codes(assumption: Assumption, region: Any) -> Iterator[Mismatch]:
    known: dict[str, Iterable[str]] = {
        "service": region.services,
        "trust": region.trusts,
        "area": region.areas,
    }
    for key, codes in known.items():
        for code in getattr(assumption.target, key):
            if code not in codes:
                yield Mismatch(
                    f"unknown-{key}",
                    assumption.name,
                    f"target.{key}",
                    code,
                    f"expected a {key} of region {region.name}",
                    nearest(code, codes),
                )
    if assumption.target.area and assumption.target.trust:
        trust_of = np.asarray(region.area_trust("SOM"))
        trusts = [region.trusts[index] for index in trust_of]
        if not assumption.target.area_mask(region.areas, trusts).any():
            yield Mismatch(
                "target-matches-nothing",
                assumption.name,
                "target.area",
                list(assumption.target.area),
                f"expected areas of trust {' or '.join(assumption.target.trust)}",
                "Change area or trust.",
            )


def _parameter(assumption: Assumption, region: Any) -> Iterator[Mismatch]:
    table = region.table("parameters")
    target = assumption.target
    rows = table[table["parameter"] == target.parameter]
    if rows.empty:
        names = sorted(set(table["parameter"]))
        yield Mismatch(
            "unknown-parameter",
            assumption.name,
            "target.parameter",
            target.parameter,
            f"expected a parameter of region {region.name}",
            nearest(str(target.parameter), names),
        )
        return
    for key in ("service_area", "level", "profession"):
        column = rows[key].fillna("").astype(str)
        for code in getattr(target, key):
            if not column.isin(["", code]).any():
                yield Mismatch(
                    "target-matches-nothing",
                    assumption.name,
                    f"target.{key}",
                    code,
                    f"{target.parameter} is given for {', '.join(sorted(set(column)))}",
                    "Use one of these, or leave the key out.",
                )
    if assumption.mode == "relative" and (rows["value"] == 0).all():
        yield Mismatch(
            "target-matches-nothing",
            assumption.name,
            "mode",
            "relative",
            f"{target.parameter} is 0 in region {region.name}, so that a relative change moves nothing",
            'Write mode = "absolute" and the unit of the parameter.',
        )
    units = sorted(set(rows["unit"]))
    if assumption.mode == "absolute" and assumption.unit not in units:
        yield Mismatch(
            "unit-unfit",
            assumption.name,
            "unit",
            assumption.unit,
            f"{target.parameter} has the unit {' or '.join(units)}",
            "Write the effect in that unit.",
        )


def _empty_target(assumption: Assumption, region: Any, use: BaseUse) -> Iterator[Mismatch]:
    """Find a target that meets no use in the base year."""
    target = assumption.target
    service = target.service_mask(use.services, region.service_area_of)
    measure = target.measure_mask(use.measures)
    if assumption.kind == "shift":
        measure = np.array([LEVEL_OF_MEASURE.get(code) == assumption.from_level for code in use.measures])
    age = target.age_mask(use.ages)
    if not (use.size[service][:, measure][..., age] > 0).any():
        written = {key: value for key, value in target.model_dump(exclude_none=True).items() if value}
        if assumption.from_level:
            written["from_level"] = assumption.from_level
        shown = ", ".join(
            f"{key} {' or '.join(map(str, value)) if isinstance(value, tuple) else value}"
            for key, value in written.items()
        )
        yield Mismatch(
            "target-matches-nothing",
            assumption.name,
            "target",
            shown or "everything",
            f"expected a target that meets use of region {region.name} in the base year",
            "A factor that matches no cell would count as 1. Change the target or remove the assumption.",
        )
