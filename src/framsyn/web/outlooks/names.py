"""Names of what is kept of a run, without anything that computes."""

from __future__ import annotations

__all__ = ["CHANGE", "REGION", "SHARE"]

REGION = "region"
CHANGE, SHARE = ":change", ":share"  # since the base year; of the people. Taken within each draw.
