"""The figures of places as tables that are given out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.quantities import quantity
from framsyn.web.exchange.tables import About, Column, Table
from framsyn.web.languages import current_language
from framsyn.web.places.figures import ACTIVITY, BANDS, SMALL, Figures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from framsyn.region import Region
    from framsyn.region.places import Place
    from framsyn.web.outlooks.models import Run
    from framsyn.web.places.overview import Row

__all__ = ["list_table", "place_table"]


def about_run(run: Run, *notes: str) -> About:
    """Return where figures of a run come from."""
    return About(
        source=_("Framsyn, run %(run)s; Statistics Norway, table 07459; Kartverket") % {"run": run.pk},
        notes=notes,
    )


def place_table(run: Run, region: Region, place: Place) -> Table:
    """Return the figures of one place by quantity, part and year, with their intervals."""
    figures = Figures(run, place)
    language = current_language()
    columns = (
        Column("run", _("Run")),
        Column("place", _("Where")),
        Column("quantity", _("Quantity")),
        Column("unit", _("Unit")),
        Column("part", _("Part"), meaning=_("service area, level or profession")),
        Column("year", _("Year"), "whole"),
        *(Column(band, band, "number") for band in (*BANDS, "central")),
    )

    def rows() -> Iterator[Sequence[Any]]:
        for (name, part), track in sorted(figures.own.items()):
            for number, year in enumerate(track.years):
                told = (
                    *((track.bands[band][number] if track.bands else None) for band in BANDS),
                    track.central[number],
                )
                if name in ACTIVITY:
                    told = tuple(None if value is None or value < SMALL else value for value in told)
                yield (run.pk, place.code, name, quantity(name).unit, part, year, *told)

    return Table(
        f"framsyn-{place.code}",
        _("%(place)s in the outlook") % {"place": place.label[language]},
        columns,
        rows,
        about_run(
            run,
            _("Numbers of care under five are left out."),
            _(
                "Use of care by municipality is not published; what stands here follows from people and ages alone."
            ),
        ),
        dimensions=("quantity", "part", "year"),
        values=(*BANDS, "central"),
        time="year",
        labels={"quantity": {name: str(quantity(name).labels[language]) for name, _part in figures.own}},
    )


def list_table(run: Run, rows: Sequence[Row], first: int, last: int) -> Table:
    """Return all places with their people, now and at the horizon, in the central run."""
    language = current_language()
    columns = (
        Column("place", _("Code")),
        Column("name", _("Name")),
        Column("kind", _("Kind")),
        Column("trust", _("Health trust")),
        Column("people", _("Inhabitants %(year)s") % {"year": first}, "number", "person"),
        Column("people_then", _("Inhabitants %(year)s") % {"year": last}, "number", "person"),
        Column("share_65", _("65 and older %(year)s") % {"year": first}, "number"),
        Column("share_65_then", _("65 and older %(year)s") % {"year": last}, "number"),
        Column("growth_80", _("Growth of 80 and older"), "number"),
    )
    return Table(
        "framsyn-places",
        _("Places of the region"),
        columns,
        lambda: (
            (
                row.place.code,
                row.place.label[language],
                row.place.kind,
                row.place.trust,
                row.people,
                round(row.people_then, 1),
                round(row.old, 5),
                round(row.old_then, 5),
                round(row.growth_80[0], 5),
            )
            for row in rows
        ),
        about_run(run, _("From the central run, in which every assumption has its middle value.")),
        dimensions=("place",),
        values=("people", "people_then", "share_65", "share_65_then", "growth_80"),
        place="place",
        labels={"place": {row.place.code: row.place.label[language] for row in rows}},
    )
