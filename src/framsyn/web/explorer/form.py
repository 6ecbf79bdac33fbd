"""What the explorer's form shows: the choices of a view, and the levers in their groups."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext as _

from framsyn.region.arrays import SERVICE_AREAS
from framsyn.report.numbers import number, shown, value_range
from framsyn.scenario.levers import LEVER_GROUPS, held, lever_range, unsourced
from framsyn.web.assumptions.wording import group_name
from framsyn.web.explorer.known import known_levers, known_places, region_on_view, scenario_choices
from framsyn.web.explorer.reach import why_idle
from framsyn.web.explorer.room import laid
from framsyn.web.explorer.state import FIRST_YEAR, LAST_YEAR, NONE, State
from framsyn.web.templatetags.texts import month_name

if TYPE_CHECKING:
    from framsyn.report.numbers import Style
    from framsyn.scenario import Scenario
    from framsyn.scenario.levers import Lever

__all__ = [
    "Choice",
    "Form",
    "LeverGroup",
    "LeverRow",
    "Options",
    "address_of",
    "explorer_form",
    "lever_rows",
    "place_options",
    "service_choices",
]

SCALE = 1000  # width of the drawing behind a slider, in its own units


@dataclass(frozen=True)
class Choice:
    """Something that can be chosen."""

    code: str
    name: str
    chosen: bool


@dataclass(frozen=True)
class Options:
    """Choices under one heading; an empty heading for those that need none."""

    heading: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class LeverRow:
    """A lever as the page shows it. Numbers are in the shown unit; ``…_at`` are places on the drawing behind the slider."""

    lever: Lever
    label: str
    text: str
    unit: str
    value: str
    own: str
    own_said: str
    range_said: str
    low_said: str
    high_said: str
    value_at: float
    own_at: float
    neutral_at: float
    range_at: tuple[float, float]
    idle: str
    moved: bool
    unsourced: bool
    card: str
    back: str

    @property
    def note(self) -> str:
        """Where the scenario has the lever, and its range, in words."""
        own = self.own_said if self.unit in ("", "%") else f"{self.own_said} {self.unit}"
        return _("Scenario: %(own)s (%(range)s)") % {"own": own, "range": self.range_said}

    @property
    def limits(self) -> str:
        """How far the lever goes, in words."""
        return _("It can be moved from %(low)s to %(high)s.") % {"low": self.low_said, "high": self.high_said}

    @property
    def range_width(self) -> float:
        """Width of the bar of the range."""
        return self.range_at[1] - self.range_at[0]


@dataclass(frozen=True)
class LeverGroup:
    """Levers that belong together."""

    code: str
    name: str
    first: tuple[LeverRow, ...]
    more: tuple[LeverRow, ...]

    @property
    def moved(self) -> int:
        """How many of them are moved."""
        return sum(row.moved for row in (*self.first, *self.more))

    @property
    def more_open(self) -> bool:
        """Whether one of those that are folded away is moved."""
        return any(row.moved for row in self.more)


@dataclass(frozen=True)
class Form:
    """All that the form shows."""

    scenarios: tuple[Options, ...]
    compared: tuple[Options, ...]
    places: tuple[Options, ...]
    services: tuple[Choice, ...]
    years: tuple[Choice, ...]
    months: tuple[Choice, ...]
    groups: tuple[LeverGroup, ...]
    reset: str
    save: str
    take: str

    @property
    def moved(self) -> int:
        """How many levers are moved."""
        return sum(group.moved for group in self.groups)


def explorer_form(state: State, lang: str) -> Form:
    """Return the form of a state; at most four queries, those of the saved scenarios."""
    saved = scenario_choices()
    nothing = Options("", (Choice(NONE, _("Nothing"), state.compare == NONE),))
    return Form(
        scenarios=_options(saved, state.scenario),
        compared=(nothing, *_options(saved, state.compare)),
        places=place_options(state.place, lang),
        services=service_choices(state.service, lang),
        years=tuple(
            Choice(str(year), str(year), year == state.year) for year in range(FIRST_YEAR, LAST_YEAR + 1)
        ),
        months=(
            Choice("0", _("Whole year"), state.month == 0),
            *(Choice(str(month), month_name(month), month == state.month) for month in range(1, 13)),
        ),
        groups=_groups(lever_rows(state, lang)),
        reset=address_of(replace(state, levers=())),
        save=address_of(state, "scenario_new"),
        take=address_of(state, "take"),
    )


def address_of(state: State, route: str = "outlook") -> str:
    """Return the address of a state."""
    query = state.query()
    return f"{reverse(route)}?{query}" if query else reverse(route)


def _options(groups: list[tuple[str, list[tuple[str, str]]]], chosen: str) -> tuple[Options, ...]:
    found = [
        Options(heading, tuple(Choice(code, name, code == chosen) for code, name in members))
        for heading, members in groups
    ]
    return tuple(found)


def place_options(chosen: str, lang: str) -> tuple[Options, ...]:
    """Return the places, kind by kind from the largest."""
    headings = {
        "region": "",
        "trust": _("Trusts"),
        "hospital_area": _("Hospital areas"),
        "health_community": _("Health communities"),
        "municipality": _("Municipalities"),
    }
    return tuple(
        Options(
            heading,
            tuple(
                Choice(place.code, place.label[lang], place.code == chosen)
                for place in known_places().values()
                if place.kind == kind
            ),
        )
        for kind, heading in headings.items()
    )


def service_choices(chosen: str, lang: str) -> tuple[Choice, ...]:
    """Return all service areas together, and each."""
    region = region_on_view()
    named = ((code, region.label_of("service_area", code, lang)) for code in SERVICE_AREAS)
    return (
        Choice("", _("All"), not chosen),
        *(Choice(code, name, code == chosen) for code, name in named),
    )


def lever_rows(state: State, lang: str) -> list[LeverRow]:
    """Return every lever as a state has it, in the order of the groups."""
    asked = laid(state.scenario)
    return [
        _row(lever, asked.scenario, state, asked.own[name], lang) for name, lever in known_levers().items()
    ]


def _groups(rows: list[LeverRow]) -> tuple[LeverGroup, ...]:
    found = []
    for code in LEVER_GROUPS:
        ours = [row for row in rows if row.lever.group == code]
        first = [row for row in ours if row.lever.first]
        # A group without a chosen few, or with a single lever folded away, is shown whole.
        if not first or len(ours) - len(first) < 2:
            first = ours
        if ours:
            found.append(
                LeverGroup(
                    code, group_name(code), tuple(first), tuple(row for row in ours if row not in first)
                )
            )
    return tuple(found)


def _row(lever: Lever, scenario: Scenario, state: State, own: float, lang: str) -> LeverRow:
    value = state.moves.get(lever.name, own)
    low, high = sorted(lever_range(lever, scenario))

    style: Style = "percent" if lever.unit == "percent" else "number"

    def at(position: float) -> float:
        share = (position - lever.low) / (lever.high - lever.low)
        return round(SCALE * min(1.0, max(0.0, share)), 1)

    def said(position: float) -> str:
        return number(position, lang, lever.decimals)

    return LeverRow(
        lever=lever,
        label=str(lever.label[lang]),
        text=str(lever.text[lang]),
        unit=unit_said(lever.unit),
        value=f"{value:.{lever.decimals}f}" if value == round(value, lever.decimals) else f"{value:.10g}",
        own=f"{own:.{lever.decimals}f}",
        own_said=shown(own, lang, style, lever.decimals),
        low_said=said(lever.low),
        high_said=said(lever.high),
        range_said=said(low) if said(low) == said(high) else value_range(said(low), said(high), lang),
        value_at=at(value),
        own_at=at(own),
        neutral_at=at(lever.neutral),
        range_at=(at(low), at(high)),
        idle=why_idle(lever, scenario, state, lang),
        moved=lever.name in state.moves,
        unsourced=unsourced(held(lever, scenario) or lever.template),
        card=f"{get_script_prefix()}assumptions/{lever.name}/?scenario={state.scenario}",
        back=address_of(replace(state, levers=tuple(one for one in state.levers if one[0] != lever.name))),
    )


def unit_said(unit: str) -> str:
    """Return the unit of a lever in words."""
    return {
        "percent": "%",
        "percentage_points": _("percentage points"),
        "percentage_points_per_year": _("percentage points a year"),
        "years": _("years"),
        "number": "",
    }[unit]
