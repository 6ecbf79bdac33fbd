"""Whether a lever can move anything that is on view, and in plain words why not."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from framsyn.quantities import quantities
from framsyn.region.arrays import SERVICE_AREAS
from framsyn.web.explorer.known import known_places, region_on_view

if TYPE_CHECKING:
    from framsyn.region.places import Place
    from framsyn.scenario import Scenario
    from framsyn.scenario.assumption import Assumption
    from framsyn.scenario.levers import Lever
    from framsyn.web.explorer.state import State

__all__ = ["why_idle"]

# Stages whose figures are told for larger places only: of the whole region, and of nothing smaller than a trust.
_OF_REGION = frozenset({"stages.economy", "stages.climate"})
_OF_TRUST = _OF_REGION | {"stages.workforce"}
_OF_CARE = frozenset({"factor", "shift", "age_shift", "levelling"})


def why_idle(lever: Lever, scenario: Scenario, state: State, lang: str) -> str:
    """Return why a lever moves nothing that is on view; empty where it can.

    Parameters
    ----------
    lever : Lever
    scenario : Scenario
        Says what its assumption acts on; the lever's own template does where the scenario lacks it.
    state : State
    lang : str
    """
    if lever.idle is not None:
        return str(lever.idle[lang])
    held = next((a for a in scenario.assumptions if a.name == lever.name), lever.template)
    place = known_places()[state.place]
    return _other_service(held, state.service, lang) or _larger_place(lever, place) or _elsewhere(held, place)


def _other_service(assumption: Assumption, service: str, lang: str) -> str:
    if not service or assumption.kind not in _OF_CARE:
        return ""
    touched = touched_areas(assumption)
    if service in touched:
        return ""
    region = region_on_view()
    names = [region.label_of("service_area", code, lang) for code in (service, *touched)]
    names = [name[0].lower() + name[1:] for name in names]
    return _("It acts on %(theirs)s, and %(ours)s is on view.") % {
        "theirs": ", ".join(names[1:]),
        "ours": names[0],
    }


@functools.lru_cache(maxsize=256)
def touched_areas(assumption: Assumption) -> tuple[str, ...]:
    """Return the service areas that an assumption about care acts on."""
    region = region_on_view()
    if assumption.kind == "levelling":
        return assumption.target.service_area or tuple(SERVICE_AREAS)
    mask = assumption.target.service_mask(region.services, region.service_area_of)
    found = {region.service_area_of[code] for code, hit in zip(region.services, mask, strict=True) if hit}
    return tuple(code for code in SERVICE_AREAS if code in found)


def _larger_place(lever: Lever, place: Place) -> str:
    stages = {quantities()[name].stage for name in lever.moves}
    if place.kind != "region" and stages <= _OF_REGION:
        return _("It moves money or climate, which is told for the whole region only.")
    if place.kind not in ("region", "trust") and stages <= _OF_TRUST:
        return _("It moves staff or money, which is not told for places smaller than a trust.")
    return ""


def _elsewhere(assumption: Assumption, place: Place) -> str:
    target = assumption.target
    if not (target.trust or target.area):
        return ""
    region = region_on_view()
    trusts = [region.trusts[index] for index in region.area_trust("SOM")]
    touched = target.area_mask(region.areas, trusts)
    inside = {area for area, hit in zip(region.areas, touched, strict=True) if hit}
    return "" if inside & set(place.areas) else _("It acts in other parts of the region.")
