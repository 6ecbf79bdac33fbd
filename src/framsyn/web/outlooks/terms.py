"""How runs are made on this site: as the run that home, goals and indicators show, so that all pages say the same."""

from __future__ import annotations

from dataclasses import dataclass

from framsyn.web.outlooks.queries import main_run

__all__ = ["Terms", "terms"]


@dataclass(frozen=True)
class Terms:
    """What a run depends on beside region and scenario."""

    draws: int = 1000
    seed: int = 1
    until: int = 2040
    control: str = "none"


def terms() -> Terms:
    """Return how runs are made; one query."""
    run = main_run()
    if run is None:
        return Terms()
    made = run.manifest
    return Terms(int(made["draws"]), int(made["seed"]), int(made["until"]), str(made["control"]))
