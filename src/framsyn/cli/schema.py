"""``framsyn schema``: the JSON Schema of a scenario file."""

from __future__ import annotations

import sys
from importlib.resources import files

__all__ = ["schema"]


def schema() -> int:
    """Print the published schema."""
    sys.stdout.write(files("framsyn.scenario").joinpath("scenario.schema.json").read_text(encoding="utf-8"))
    return 0
