"""How much each assumption matters: Sobol's shares of the uncertainty of need and of bed days, computed once for a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framsyn.analyses.drivers import rank_drivers
from framsyn.web.assumptions.actions import keep_shares

if TYPE_CHECKING:
    from collections.abc import Callable

    from framsyn.outlook.result import Outlook
    from framsyn.web.actions import Actor

__all__ = ["RANKED", "store_shares"]

RANKED = ("need", "bed_days")
"""Results whose uncertainty is shared out; the analysis knows need, activity and capacity."""
BASE = 256


def store_shares(
    actor: Actor, outlook: Outlook, size: int = BASE, progress: Callable[[int, int], None] | None = None
) -> int:
    """Rank the assumptions of a run and keep their shares; some seconds of work before the database is touched.

    Parameters
    ----------
    actor : Actor
    outlook : Outlook
    size : int
        Base size of the design, a power of two.
    progress : callable, optional
        Called with (done, whole).

    Returns
    -------
    int
        How many shares are kept.
    """
    rows: list[dict[str, Any]] = []
    digest = outlook.scenario.digest()
    for number, quantity in enumerate(RANKED):

        def tell(done: int, whole: int, number: int = number) -> None:
            if progress is not None:
                progress(number * whole + done, len(RANKED) * whole)

        ranked = rank_drivers(outlook, quantity, n=size, progress=tell)
        # What is uncertain of one assumption (size, realisation, conversion) counts together.
        together = (
            ranked.groupby("input", sort=False)[["total", "total_low", "total_high"]].sum().clip(0.0, 1.0)
        )
        rows += [
            {
                "scenario_digest": digest,
                "quantity": quantity,
                "year": int(ranked.attrs["year"]),
                "assumption": str(name),
                "total": float(row["total"]),
                "low": float(row["total_low"]),
                "high": float(row["total_high"]),
                "size": size,
            }
            for name, row in together.iterrows()
        ]
    return keep_shares(actor, outlook.id, rows)
