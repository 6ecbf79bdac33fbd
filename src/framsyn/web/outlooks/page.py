"""The charts of a kept run: need, beds, staff, money and climate, why it changes, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from framsyn.report.charts import Target
from framsyn.report.numbers import number
from framsyn.report.words import word
from framsyn.web.outlooks import charts
from framsyn.web.outlooks.names import CHANGE, REGION
from framsyn.web.outlooks.queries import Line, Lines, explanations, region_of

if TYPE_CHECKING:
    from framsyn.report.charts import Chart
    from framsyn.web.outlooks.models import Run

__all__ = ["Figures", "known_place", "stored_charts"]

QUANTITIES = (
    "population",
    "need",
    f"need{CHANGE}",
    "bed_days",
    "beds",
    "staff_demand",
    "staff_gap",
    "result",
    "liquidity",
    "emissions",
)
WITH_SERVICE = {"need", f"need{CHANGE}", "bed_days", "beds"}


@dataclass(frozen=True)
class Figures:
    """Charts under one heading."""

    name: str
    charts: list[Chart]


def known_place(run: Run, place: str) -> bool:
    """Tell whether a place is the region, one of its trusts or one of its municipalities."""
    region = region_of(run.region)
    return place == REGION or place in region.trusts or place in region.areas


def stored_charts(run: Run, service: str, place: str, lang: str) -> list[Figures]:
    """Return the charts for a service area ("" for all) and a known place; two queries.

    What is kept for the region alone (money, climate) is left out for a trust, and what only an assumption would make
    differ between trusts is too.
    """
    region = region_of(run.region)
    places = (REGION, place) if place != REGION else (REGION, *region.trusts)
    lines = Lines(run, QUANTITIES, places, ("need", "SOM") if (place, service) == (REGION, "SOM") else None)

    def line(name: str) -> Line | None:
        return lines.get(name, place, service if name in WITH_SERVICE else "")

    groups = [
        Figures("need", need(run, lines, place, service, lang)),
        Figures("capacity", capacity(run, line, place, service, lang)),
        Figures("staff", fans(run, [line("staff_demand"), line("staff_gap")], lang)),
        Figures("money", money(run, line("result"), line("liquidity"), lang)),
        Figures("climate", fans(run, [line("emissions")], lang)),
    ]
    return [group for group in groups if group.charts]


def need(run: Run, lines: Lines, place: str, service: str, lang: str) -> list[Chart]:
    """Return the charts of people and need: over the years, by trust, why, where."""
    history = charts.population_history(run, place)
    source = word("source.ssb_07459", lang)
    people = charts.fan(
        run, lines["population", place, ""], lang, name="outlook-people", history=history, source=source
    )
    found = [people]
    own = lines.get("need", place, service)
    if own is not None:
        found.append(charts.fan(run, own, lang, name="outlook-need"))
    if place != REGION:
        return found
    by_trust = charts.fans_by_trust(run, lines, f"need{CHANGE}", service, lang, name="outlook-need-trusts")
    reason = explanations(run).get(("need", service))
    if by_trust is not None:
        found.append(by_trust)
    if reason is not None:
        found.append(charts.why(run, reason, lang, name="outlook-why"))
    if service == "SOM":
        last = lines["population"].last
        found.append(charts.map_of_change(run, lines, lang, last, name="outlook-map"))
    return found


def capacity(run: Run, line: object, place: str, service: str, lang: str) -> list[Chart]:
    """Return the charts of bed days and beds; today's beds as a line to compare with."""
    days, beds = line("bed_days"), line("beds")  # type: ignore[operator]
    found = fans(run, [days], lang)
    if beds is not None:
        draw = charts.beds_against_today if place == REGION else charts.fan
        found.append(draw(run, beds, lang, name="outlook-beds"))
    return found


def money(run: Run, result: Line | None, liquidity: Line | None, lang: str) -> list[Chart]:
    """Return the charts of result and liquidity, with the floor that liquidity must keep."""
    found = fans(run, [result], lang)
    if liquidity is not None:
        floor = region_of(run.region).parameter("liquidity_floor")
        label = word("money_part.floor_label", lang, value=number(floor / 1000, lang, 1))
        target = Target(floor, liquidity.last, label, word("money_part.floor", lang))
        found.append(charts.fan(run, liquidity, lang, name="outlook-liquidity", target=target))
    return found


def fans(run: Run, lines: list[Line | None], lang: str) -> list[Chart]:
    """Return a fan chart per line that is kept."""
    return [
        charts.fan(run, line, lang, name=f"outlook-{line.quantity.replace('_', '-').replace(':', '-')}")
        for line in lines
        if line is not None
    ]
