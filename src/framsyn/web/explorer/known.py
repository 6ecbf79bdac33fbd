"""What the explorer may speak of: the region on view, its places and levers, and the scenarios that have a name."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from framsyn.errors import PlanError
from framsyn.region.places import places
from framsyn.scenario.levers import read_levers
from framsyn.web.outlooks.queries import region_of

if TYPE_CHECKING:
    from framsyn.region import Region
    from framsyn.region.places import Place
    from framsyn.scenario import Scenario
    from framsyn.scenario.levers import Lever

__all__ = [
    "REGION_NAME",
    "SAVED",
    "known_levers",
    "known_places",
    "region_on_view",
    "scenario_choices",
    "scenario_of",
]

REGION_NAME = "midt-norge"
"""The region whose plan the site carries."""
SAVED = "s-"
"""How the name of a saved scenario begins in an address."""
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,80}")


def region_on_view() -> Region:
    """Return the region, read once per process."""
    return region_of(REGION_NAME)


@functools.lru_cache(maxsize=1)
def known_levers() -> dict[str, Lever]:
    """Return the levers by name, in their order."""
    return {lever.name: lever for lever in read_levers(region_on_view())}


@functools.lru_cache(maxsize=1)
def known_places() -> dict[str, Place]:
    """Return the places by code, in their order."""
    return {place.code: place for place in places(region_on_view())}


def scenario_of(name: str) -> Scenario:
    """Return a scenario by its name in an address: one that the region ships, or ``s-`` and the address of a saved one.

    Raises
    ------
    PlanError
        ``unknown-scenario``: there is none of that name, or not for this reader.
    """
    # What is saved is read by the rules of its own pages, which in turn make runs as the room does.
    from framsyn.web.scenarios.queries import saved_scenario, shipped, shipped_scenario

    if _NAME.fullmatch(name) is None:
        raise PlanError("unknown-scenario", f'There is no scenario "{name[:60]}".', got=name[:60])
    if name.startswith(SAVED):
        return saved_scenario(name)
    # Only names that the region ships: a path of a file on this machine is none of a reader's business.
    known = shipped()
    if name not in known:
        message = f'There is no scenario "{name}"; there are {", ".join(known)}.'
        raise PlanError("unknown-scenario", message, got=name, expected=known)
    return shipped_scenario(name)


def scenario_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the scenarios that this reader may choose among, in groups: heading, and name and words of each."""
    from framsyn.web.scenarios.queries import choices

    return choices()
