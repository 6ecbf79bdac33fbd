"""``django-admin rank_assumptions``: compute how much each assumption of the shipped scenarios matters, and keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from framsyn.outlook.run import run
from framsyn.web.actions import Actor
from framsyn.web.assumptions.shares import BASE, store_shares
from framsyn.web.explorer.known import region_on_view, scenario_of
from framsyn.web.outlooks.terms import terms

if TYPE_CHECKING:
    from argparse import ArgumentParser

__all__ = ["Command"]


class Command(BaseCommand):
    """Rank the assumptions of scenarios."""

    help = "Compute how much each assumption of a scenario matters for need and bed days, and keep it for the cards."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the scenarios and the size of the design."""
        parser.add_argument("scenario", nargs="*", default=["plan"], help="Scenarios that the region ships.")
        parser.add_argument("--size", type=int, default=BASE, help="Base size of the design, a power of two.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Rank each."""
        by = terms()
        for name in options["scenario"]:
            # The ranking makes its own draws; the run gives the id under which pages know it, and its centre.
            outlook = run(
                region_on_view(),
                scenario_of(name),
                draws=by.draws,
                seed=by.seed,
                until=by.until,
                control=by.control,
            )
            kept = store_shares(Actor.system("rank_assumptions"), outlook, options["size"])
            self.stdout.write(f"{name}: {kept} shares kept for run {outlook.id}")
