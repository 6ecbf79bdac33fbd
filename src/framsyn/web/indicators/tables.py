"""The list of indicators, and the figures of one, as tables that are given out; small numbers are never among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.web.accounts.models import Organisation
from framsyn.web.exchange.tables import About, Column, Table
from framsyn.web.indicators.charts import unit_text
from framsyn.web.indicators.models import Indicator, Observation
from framsyn.web.indicators.queries import COLUMNS, export_rows
from framsyn.web.languages import current_language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from framsyn.web.indicators.queries import IndicatorList

__all__ = ["figures_columns", "figures_table", "indicators_table"]


def indicators_table(found: IndicatorList) -> Table:
    """Return the indicators as they are filtered, with the newest figure of each."""
    columns = (
        Column("indicator", _("Id")),
        Column("name", _("Name")),
        Column("unit", _("Unit")),
        Column("direction", _("Which way is better"), meaning="up, down, hold, range, none"),
        Column("frequency", _("How often a figure comes"), meaning="year, tertial, quarter, month"),
        Column("place", _("Where"), meaning=_("id of the organisation")),
        Column(
            "value", _("Newest figure"), "number", meaning=_("in the unit of the indicator; a share in 0–1")
        ),
        Column("period_end", _("Last day of the period"), "day"),
        Column("state", _("State"), meaning="final, provisional"),
        Column("movement", _("Movement"), meaning="better, worse, steady"),
        Column("source", _("Source")),
        Column("licence", _("Licence")),
        Column("needs", _("What it needs before there are figures")),
    )

    def rows() -> Iterator[tuple[Any, ...]]:
        for row in found.rows:
            one, newest = row.indicator, row.newest
            yield (
                one.pk,
                str(one.name),
                one.unit,
                one.direction,
                one.frequency,
                row.place.pk if row.place and newest else None,
                newest.value if newest else None,
                newest.date if newest else None,
                ("provisional" if newest.provisional else "final") if newest else None,
                row.movement,
                str(one.source),
                one.licence,
                str(one.needs),
            )

    return Table("indicators", _("Indicators with their newest figures"), columns, rows)


def figures_columns(indicator: Indicator) -> tuple[Column, ...]:
    """Return the columns of the figures of one indicator."""
    unit = unit_text(indicator.unit, current_language())
    meaning = _("a share in 0–1") if indicator.unit == "share" else ""
    found = (
        Column("place", _("Where"), meaning=_("id of an organisation or code of a municipality")),
        Column("period_start", _("First day of the period"), "day"),
        Column("period_end", _("Last day of the period"), "day"),
        Column("value", _("Value"), "number", unit, meaning),
        Column("numerator", _("Numerator"), "number", meaning=_("count above the line, where it is known")),
        Column(
            "denominator", _("Denominator"), "number", meaning=_("count below the line, where it is known")
        ),
        Column("data_through", _("Data through"), "day", meaning=_("last day with data")),
        Column(
            "coverage", _("Coverage"), "number", "", _("share of what should be counted that is counted, 0–1")
        ),
        Column("state", _("State"), meaning="final, provisional"),
        Column("quality", _("Quality"), meaning="official, derived, estimate, assumption, synthetic, faulty"),
        Column("source", _("Source of this figure")),
        Column("licence", _("Licence")),
        Column(
            "revision", _("Revision"), "whole", meaning=_("1 for the first figure, higher after a correction")
        ),
    )
    assert tuple(one.name for one in found) == COLUMNS
    return found


def figures_table(indicator: Indicator) -> Table:
    """Return every figure of an indicator that may be shown, of all places; three queries."""
    last = Observation.objects.filter(indicator=indicator, current=True).order_by("-data_through").first()
    names = {place.pk: str(place) for place in Organisation.objects.all()}
    return Table(
        indicator.pk,
        str(indicator.name),
        figures_columns(indicator),
        lambda: export_rows(indicator),
        About(
            source=str(indicator.source),
            licence=indicator.licence,
            data_through=last.data_through.isoformat() if last else "",
            notes=tuple(
                filter(
                    None,
                    (
                        str(indicator.definition),
                        *(
                            f"{mark.date.isoformat()}{f'/{mark.until.isoformat()}' if mark.until else ''}: {mark.text}"
                            for mark in indicator.breaks.all()
                        ),
                    ),
                )
            ),
        ),
        dimensions=("place", "period_start", "period_end"),
        values=("value",),
        time="period_end",
        place="place",
        labels={"place": names},
        is_long=True,
    )
