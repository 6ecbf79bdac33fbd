"""The view as one table: every series of the place with its interval, year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.quantities import quantity
from framsyn.web.exchange.tables import About, Column, Table
from framsyn.web.explorer.results.series import QUANTILES
from framsyn.web.takeaway.citation import citation_text, licence_words, moved_levers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from framsyn.report.charts import Chart
    from framsyn.web.explorer.results.view import View

__all__ = ["chart_table", "view_rows", "view_table"]

BANDS = tuple(f"p{round(level * 100)}" for level in QUANTILES)


def view_rows(view: View) -> Iterator[tuple[Any, ...]]:
    """Give the rows of :func:`view_table`: those of the answer, then those of what it is held against."""
    for outlook, series, name in (
        (view.answer, view.series, view.scenario_name),
        (view.compared, view.others, ""),
    ):
        if outlook is None:
            continue
        label = name or outlook.scenario.label[view.lang]
        for want, bands in series.items():
            unit = quantity(want.name).unit
            for number, year in enumerate(outlook.years):
                numbers = (float(value) for value in bands[:, number])
                yield (label, outlook.id, want.name, unit, view.place.code, want.part, year, *numbers)


def view_table(view: View, address: str, page: str) -> Table:
    """Return the table of a view.

    Parameters
    ----------
    view : View
    address : str
        Of the table, without ending.
    page : str
        Whole address of the view.
    """
    meanings = {
        "p10": _("lower end of the 80 % interval"),
        "p25": _("lower end of the 50 % interval"),
        "p50": _("median"),
        "p75": _("upper end of the 50 % interval"),
        "p90": _("upper end of the 80 % interval"),
    }
    columns = (
        Column("scenario", _("Scenario")),
        Column("run", _("Run")),
        Column("quantity", _("Quantity")),
        Column("unit", _("Unit")),
        Column("place", _("Where")),
        Column("part", _("Part of it"), meaning=_("service area, level or profession")),
        Column("year", _("Year"), "whole"),
        *(Column(band, band, "number", meaning=meanings[band]) for band in BANDS),
    )
    notes = [citation_text(view, page)]
    for label, now, before in moved_levers(view.state, view.lang):
        notes.append(
            _("Moved: %(lever)s to %(now)s (%(before)s in the scenario)")
            % {"lever": label, "now": now, "before": before}
        )
    names = {want.name: str(quantity(want.name).labels[view.lang]) for want in view.series}
    return Table(
        f"framsyn-{view.answer.id}-{view.place.code}",
        _("%(where)s: every figure of the view, with its interval") % {"where": view.where},
        columns,
        lambda: view_rows(view),
        About(source=view.source, licence=licence_words(), notes=tuple(notes), address=address),
        dimensions=("scenario", "quantity", "part", "place", "year"),
        values=BANDS,
        time="year",
        place="place",
        labels={"quantity": names, "place": {view.place.code: view.where}},
    )


def chart_table(view: View, chart: Chart, address: str, page: str) -> Table:
    """Return the numbers of a chart as a table; its columns have the headings of the chart."""
    columns = []
    for number, (heading, values) in enumerate(chart.table.items(), start=1):
        kind = {"i": "whole", "f": "number"}.get(values.dtype.kind, "text")
        columns.append(Column(f"column_{number}", str(heading), kind))
    rows = list(chart.table.itertuples(index=False, name=None))
    notes = (chart.description, citation_text(view, page))
    about = About(source=chart.subtitle, licence=licence_words(), notes=notes, address=address)
    return Table(chart.name, chart.title, tuple(columns), lambda: rows, about)
