"""Framsyn: the open planning system of a regional health authority.

>>> import framsyn
>>> sorted(framsyn.__all__)
['Outlook', 'PlanError', 'Region', 'Scenario', 'compare', 'run']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError

if TYPE_CHECKING:
    from framsyn.analyses.compare import compare
    from framsyn.outlook.result import Outlook
    from framsyn.outlook.run import run
    from framsyn.region import Region
    from framsyn.scenario import Scenario

__all__ = ["Outlook", "PlanError", "Region", "Scenario", "compare", "run"]

# Public names are fetched at first use: the numerical libraries behind them take longer to import than `--help` may.
_HOME = {
    "Outlook": "framsyn.outlook.result",
    "Region": "framsyn.region",
    "Scenario": "framsyn.scenario",
    "compare": "framsyn.analyses.compare",
    "run": "framsyn.outlook.run",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    message = f"module 'framsyn' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted(__all__)
