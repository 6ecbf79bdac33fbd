"""Every kept figure of a run as a table that is given out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.quantities import quantity
from framsyn.web.exchange.tables import About, Column, Table
from framsyn.web.languages import current_language
from framsyn.web.outlooks.models import Run, Series

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BANDS", "series_table"]

BANDS = ("p10", "p25", "p50", "p75", "p90", "central")


def series_table(run: Run, place: str = "") -> Table:
    """Return the figures of a run with their intervals, by quantity, place, part and year; of one place if it is named."""
    meanings = {
        "p10": _("lower end of the 80 % interval"),
        "p25": _("lower end of the 50 % interval"),
        "p50": _("median"),
        "p75": _("upper end of the 50 % interval"),
        "p90": _("upper end of the 80 % interval"),
        "central": _("run with every assumption at its central value"),
    }
    columns = (
        Column("run", _("Run")),
        Column("quantity", _("Quantity")),
        Column("unit", _("Unit")),
        Column("place", _("Where")),
        Column("part", _("Part"), meaning=_("service area, level or profession")),
        Column("year", _("Year"), "whole"),
        *(Column(band, band, "number", meaning=meanings[band]) for band in BANDS),
    )
    language = current_language()
    kept = Series.objects.filter(run=run, **({"place": place} if place else {}))
    roots = kept.order_by().values_list("quantity", flat=True).distinct()
    names = {name: str(quantity(name.partition(":")[0]).labels[language]) for name in roots}

    def rows() -> Iterator[tuple[Any, ...]]:
        for row in kept.order_by("quantity", "place", "part").iterator():
            root, _colon, kind = row.quantity.partition(":")
            unit = "1" if kind else quantity(root).unit  # a change or a share is a number of the kind 0.13
            for number, year in enumerate(row.years):
                yield (
                    run.id,
                    row.quantity,
                    unit,
                    row.place,
                    row.part,
                    year,
                    *(row.values[band][number] for band in BANDS),
                )

    return Table(
        f"outlook-{run.id}",
        _("The outlook: every figure shown, with its interval"),
        columns,
        rows,
        About(
            source=_("Framsyn, run %(run)s") % {"run": run.id},
            notes=(_("It rests on the data sets of the catalogue, each under its own licence."),),
        ),
        dimensions=("quantity", "place", "part", "year"),
        values=BANDS,
        time="year",
        place="place",
        labels={"quantity": names},
    )
