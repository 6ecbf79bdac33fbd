"""Which lever does most for nurses, beds, need or money: every lever moved alone, on the desk that is open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from framsyn.analyses.strongest import Pull, strongest_levers
from framsyn.report.charts import About, Chart, ranking
from framsyn.report.numbers import decimals_for, number, shown
from framsyn.report.words import word
from framsyn.web.explorer import room
from framsyn.web.explorer.form import address_of, unit_said
from framsyn.web.explorer.keeping import Keeper
from framsyn.web.explorer.known import region_on_view
from framsyn.web.explorer.room import NotOpen, Opening
from framsyn.web.explorer.state import State
from framsyn.web.languages import current_language

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from framsyn.outlook.result import Outlook
    from framsyn.report.numbers import Style
    from framsyn.scenario.levers import Lever

__all__ = ["TARGETS", "Line", "strongest"]

TARGETS = {
    "nurses": gettext_lazy("Nurses"),
    "beds": gettext_lazy("Beds"),
    "need": gettext_lazy("Need"),
    "result": gettext_lazy("Money"),
}
UNITS = {
    "nurses": gettext_lazy("FTEs fewer missing"),
    "beds": gettext_lazy("beds fewer"),
    "need": gettext_lazy("million NOK less"),
    "result": gettext_lazy("million NOK better a year"),
}
MOST = 10  # bars; the table holds all
LEAST = 0.05  # of the unit: below this a lever does nothing
_found: Keeper[tuple[list[Pull], list[Lever]]] = Keeper(16)


@dataclass(frozen=True)
class Line:
    """One lever in the table: where it is, where it would go, and what that gives."""

    label: str
    now: str
    then: str
    gain: float
    address: str


def result_of(target: str, year: int) -> Callable[[Outlook], float]:
    """Return how a target is taken out of an answer; less is better."""
    sign = -1.0 if target == "result" else 1.0
    name = {"nurses": "staff_gap"}.get(target, target)
    where = {"profession": "nurse"} if target == "nurses" else None
    return lambda one: sign * one.central_value(name, ("year",), where).sel(year=year).item()


@require_safe
def strongest(request: HttpRequest) -> HttpResponse:
    """Rank the levers by what each does alone to ``?target=`` in the region, from where the address has them."""
    state, faults = State.read(request.GET)
    target = request.GET.get("target", "nurses")
    target = target if target in TARGETS else "nurses"
    lang = current_language()
    context: dict[str, Any] = {
        "crumbs": [(_("Outlook"), address_of(state)), (_("Which lever does most?"), "")],
        "targets": TARGETS.items(),
        "target": target,
        "again": request.get_full_path(),
        "state": state,
        "faults": faults,
        "label": region_on_view().label[lang],
        "parameters": [(name, value) for name, value in state.parameters().items()],
    }
    try:
        pulls, left_out = ranked(state, target)
    except NotOpen:
        response = render(request, "explorer/strongest.html", context)
        response["Cache-Control"] = "no-store"
        return response
    lines = lines_of(state, pulls, lang)
    helping = [line for line in lines if line.gain >= LEAST]
    context |= {
        "lines": helping,
        "digits": digits(helping) if helping else 0,
        "unit": UNITS[target],
        "idle": len(lines) - len(helping),
        "left_out": [lever.label[lang] for lever in left_out],
        "chart": chart(state, target, helping, lang) if helping else None,
    }
    return render(request, "explorer/strongest.html", context)


def ranked(state: State, target: str) -> tuple[list[Pull], list[Lever]]:
    """Return what every lever does alone; made once for all who ask.

    Raises
    ------
    NotOpen
        While the desk is being opened.
    """
    scenario, by = room.moved(state), room.terms()
    desk = room.desk(scenario, by)
    if isinstance(desk, Opening):
        raise NotOpen(desk)
    key = (scenario.digest(), by, state.year, target)
    return _found.get(key, lambda: strongest_levers(desk, scenario, result_of(target, state.year)))


def lines_of(state: State, pulls: list[Pull], lang: str) -> list[Line]:
    """Return the levers, the one that gives most first."""
    lines = []
    for pull in pulls:
        end, change = pull.least
        rounded = round(end, pull.lever.decimals)
        moved = {**state.moves, pull.lever.name: rounded}
        there = replace(state, levers=tuple(moved.items()))
        lines.append(
            Line(
                pull.lever.label[lang],
                value_of(pull.lever, pull.value, lang),
                value_of(pull.lever, rounded, lang),
                -change,
                address_of(there),
            )
        )
    return sorted(lines, key=lambda line: -line.gain)


def value_of(lever: Lever, value: float, lang: str) -> str:
    """Write where a lever stands, with its unit."""
    style: Style = "percent" if lever.unit == "percent" else "number"
    said = shown(value, lang, style, lever.decimals, signed=value != 0)
    unit = unit_said(lever.unit)
    return said if unit in ("", "%") else f"{said} {unit}"


def chart(state: State, target: str, lines: list[Line], lang: str) -> Chart:
    """Draw what the levers give, the strongest first."""
    frame = pd.DataFrame({"label": [line.label for line in lines], "value": [line.gain for line in lines]})
    scenario = room.moved(state)
    where = f"{region_on_view().label[lang]}, {state.year}"
    said = {
        "lever": lines[0].label,
        "gain": number(lines[0].gain, lang, digits(lines)),
        "unit": UNITS[target],
    }
    info = About(
        _("What each lever gives alone"),
        str(UNITS[target]),
        where,
        word("page.source_own", lang, id=room.answer(state).id),
        lang,
        "number",
        scenario.label[lang],
    )
    title = _("“%(lever)s” does most: %(gain)s %(unit)s") % said
    return ranking(frame, info, name="strongest", title=title, most=MOST)


def digits(lines: list[Line]) -> int:
    """Return the decimals that the gains are told with: two digits of the largest."""
    return decimals_for(0.0, max(line.gain for line in lines) * 0.9)
