"""Which lever does most for nurses, beds, need or money at a place: every lever moved alone, on the desk that is open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from framsyn.analyses.strongest import Pull, strongest_levers
from framsyn.errors import PlanError
from framsyn.report.charts import About, Chart, ranking
from framsyn.report.numbers import decimals_for, number, shown
from framsyn.report.words import word
from framsyn.web.explorer import room
from framsyn.web.explorer.form import address_of, place_options, service_choices, unit_said
from framsyn.web.explorer.keeping import Keeper
from framsyn.web.explorer.known import known_places
from framsyn.web.explorer.results.series import Want, ask_of, beds_per_day, central_of
from framsyn.web.explorer.results.view import label_of
from framsyn.web.explorer.room import NotOpen, Opening
from framsyn.web.explorer.state import State
from framsyn.web.languages import current_language

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from framsyn.outlook.result import Outlook
    from framsyn.region.places import Place
    from framsyn.report.numbers import Style
    from framsyn.scenario.levers import Lever

__all__ = ["TARGETS", "Line", "result_of", "strongest", "targets_of"]

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
KNOWN = {"region": tuple(TARGETS), "trust": ("nurses", "beds", "need")}
"""What is known of a region and of a trust."""
OF_RESIDENTS = ("beds", "need")
"""What is known of the residents of all smaller places; their beds are those that they use, wherever these stand."""
OF_SERVICE = frozenset({"beds", "need"})
"""What is parted by service area."""
MOST = 10  # bars; the table holds all
LEAST, LEAST_OF_RESIDENTS = 0.05, 0.005  # of the unit: below this a lever does nothing
_found: Keeper[tuple[list[Pull], list[Lever]]] = Keeper(64)


@dataclass(frozen=True)
class Line:
    """One lever in the table: where it is, where it would go, and what that gives."""

    label: str
    now: str
    then: str
    gain: float
    address: str


def targets_of(place: Place) -> tuple[str, ...]:
    """Return what can be ranked for at a place."""
    return KNOWN.get(place.kind, OF_RESIDENTS)


def result_of(target: str, place: Place, service: str, year: int) -> Callable[[Outlook], float]:
    """Return how a target is taken out of an answer; less is better.

    Parameters
    ----------
    target : str
        One of :func:`targets_of` the place.
    place : Place
    service : str
        Service area, "" for all.
    year : int
    """
    part = service if target in OF_SERVICE else ""
    local = place.kind not in KNOWN
    name = "staff_gap" if target == "nurses" else "bed_days" if target == "beds" and local else target
    ask = ask_of(Want(name, "nurse" if target == "nurses" else part), place)
    if ask is None:
        message = f"{target} is not known for {place.code}; there are {', '.join(targets_of(place))}."
        raise PlanError("unknown-target", message, got=target, expected=targets_of(place))

    def read(one: Outlook) -> float:
        values = central_of(one, [ask])[0].reshape(-1)
        if name == "bed_days":
            values = values * beds_per_day(one, place, part)
        value = float(values[min(max(year - one.years[0], 0), len(one.years) - 1)])
        return -value if target == "result" else value

    return read


@require_safe
def strongest(request: HttpRequest) -> HttpResponse:
    """Rank the levers by what each does alone to ``?target=`` at the place on view, from where the address has them."""
    state, faults = State.read(request.GET)
    lang = current_language()
    place = known_places()[state.place]
    known = targets_of(place)
    asked = request.GET.get("target", "")
    target = asked if asked in known else known[0]
    state = replace(state, service=state.service if target in OF_SERVICE else "")
    where = place.label[lang]
    parameters = state.parameters() | {"place": "", "service": ""}  # which the form asks for itself
    context: dict[str, Any] = {
        "crumbs": [(_("Outlook"), address_of(state)), (_("Which lever does most?"), "")],
        "targets": [(code, TARGETS[code]) for code in known],
        "target": target,
        "unknown": TARGETS[asked] if asked in TARGETS and asked not in known else "",
        "places": place_options(state.place, lang),
        "services": service_choices(state.service, lang) if target in OF_SERVICE else (),
        "of_residents": place.kind not in KNOWN,
        "again": request.get_full_path(),
        "state": state,
        "faults": faults,
        "label": where,
        "parameters": [(name, value) for name, value in parameters.items() if value],
    }
    try:
        pulls, left_out = ranked(state, target)
    except NotOpen:
        response = render(request, "explorer/strongest.html", context)
        response["Cache-Control"] = "no-store"
        return response
    lines = lines_of(state, pulls, lang)
    least = LEAST_OF_RESIDENTS if place.kind not in KNOWN else LEAST
    helping = [line for line in lines if line.gain >= least]
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
    key = (scenario.digest(), by, state.place, state.service, state.year, target)
    result = result_of(target, known_places()[state.place], state.service, state.year)
    return _found.get(key, lambda: strongest_levers(desk, scenario, result))


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
    where = f"{known_places()[state.place].label[lang]}, {state.year}"
    if state.service:
        where = f"{label_of('service_area', state.service, lang)}, {where}"
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
