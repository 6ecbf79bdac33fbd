"""The region: what is known about places, people, care, staff and money before anything is assumed."""

from __future__ import annotations

from framsyn.region.build import build_region
from framsyn.region.check import Finding
from framsyn.region.region import Region

__all__ = ["Finding", "Region", "build_region"]
