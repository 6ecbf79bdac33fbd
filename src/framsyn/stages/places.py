"""Classes of municipalities: those that share their trusts, and those that assumptions limited to some places tell apart.

Use is summed by classes of areas, since all of a class use care alike. What an assumption limited to some places touches is
summed by finer classes; everything else keeps the whole ones, so that not a bit of it moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from framsyn.stages.cells import MEASURES

if TYPE_CHECKING:
    from framsyn.region import Region
    from framsyn.scenario import Assumption, Scenario
    from framsyn.stages.cells import FactorPlan

__all__ = ["Places", "class_areas", "limited_cells"]


@dataclass(frozen=True)
class Places:
    """Which class each area belongs to; the finer classes stand behind the whole ones.

    Attributes
    ----------
    area_class, area_part : array of int, (area,)
        Whole class and finer class; the same where no assumption is limited to some places.
    class_trust : array of int, (service_area, class)
    members : dict of str to array of bool, (class, 2)
        For each assumption limited to some places: the finer classes that it holds for, in somatic care and elsewhere.
    """

    area_class: np.ndarray
    area_part: np.ndarray
    class_trust: np.ndarray
    members: dict[str, np.ndarray]


def class_areas(region: Region, scenario: Scenario, area_trust: np.ndarray) -> Places:
    """Put areas into classes.

    Parameters
    ----------
    region : Region
    scenario : Scenario
    area_trust : array of int, (service_area, area)
        Place of each area's trust, by service area.
    """
    held = {
        a.name: area_membership(region, a)
        for a in scenario.assumptions
        if a.kind in ("factor", "shift") and (a.target.trust or a.target.area)
    }
    width = len(area_trust)
    classes, area_class = np.unique(area_trust.T, axis=0, return_inverse=True)
    area_class = area_part = area_class.reshape(-1)
    if held:
        keys = np.concatenate([area_trust.T, *held.values()], axis=1)
        parts, area_part = np.unique(keys, axis=0, return_inverse=True)
        area_part = area_part.reshape(-1) + len(classes)
        whole = np.concatenate([classes, np.zeros((len(classes), 2 * len(held)), classes.dtype)], axis=1)
        classes = np.concatenate([whole, parts])
    columns = (slice(width + 2 * i, width + 2 * i + 2) for i in range(len(held)))
    members = {name: classes[:, own].astype(bool) for name, own in zip(held, columns, strict=True)}
    return Places(area_class, area_part, classes[:, :width].T.copy(), members)


def area_membership(region: Region, assumption: Assumption) -> np.ndarray:
    """Whether each area is in an assumption's target for somatic care and for the other services, (area, 2) of int."""
    target = assumption.target
    inside = np.ones((len(region.areas), 2), bool)
    for i, service_area in enumerate(("SOM", "PHV")):
        if target.area:
            inside[:, i] &= np.isin(region.areas, list(target.area))
        if target.trust:
            places = np.array(region.trusts)[region.area_trust(service_area)]
            inside[:, i] &= np.isin(places, list(target.trust))
    return inside.astype(np.int64)


def limited_cells(plan: FactorPlan, names: set[str]) -> np.ndarray:
    """What assumptions limited to some places move: activity and need, (2, service + service_area, measure) of bool."""
    found = np.zeros((2, len(plan.service_cell), len(MEASURES)), bool)
    for i, a in enumerate(plan.assumptions):
        hit = plan.touches[i].any(axis=(0, 2))[plan.service_cell]
        if plan.kind[i] < 2 and a.name in names:
            found[: 2 if plan.kind[i] == 0 else 1] |= hit[:, None] & plan.rows[i]
        elif plan.kind[i] == 2:
            source, target = plan.route[i]
            moved = hit if a.name in names else hit & found[0, :, source]
            found[0, moved, target] = True
            if a.name in names:
                found[0, hit, source] = True
                found[0, hit, 1] |= source == 0
    return found
