"""The address of a run: the same inputs have the same id, and the same id gives the same bytes."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from framsyn.region import Region
    from framsyn.scenario import Scenario

__all__ = ["engine_version", "make_manifest"]


def engine_version() -> str:
    """Return the version of the engine, which is part of every run's address."""
    try:
        return version("framsyn")
    except PackageNotFoundError:
        return "0+unknown"


def make_manifest(
    region: Region, scenario: Scenario, draws: int, seed: int, until: int, control: str
) -> dict[str, Any]:
    """Describe a run so that it can be made again.

    The id is the first 16 hexadecimal digits of SHA-256 over the inputs, written as JSON with sorted keys. Time and machine
    are no part of it.
    """
    inputs = {
        "engine": engine_version(),
        "region": region.name,
        "region_digest": region.digest(),
        "switches": dict(sorted(region.switches.items())),
        "scenario": scenario.name,
        "scenario_digest": scenario.digest(),
        "control": control,
        "until": until,
        "seed": seed,
        "draws": draws,
    }
    text = json.dumps(inputs, sort_keys=True, ensure_ascii=False)
    return {"id": hashlib.sha256(text.encode()).hexdigest()[:16], **inputs}
