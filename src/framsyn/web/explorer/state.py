"""What is on view in the explorer, as an address says it: nothing else decides what a reader is shown.

=========== ====================================================================================================
scenario    a scenario that the region ships ("plan"), or a saved one ("s-" and its address)
compare     the one that it is held against, or "none"
place       "region", a trust ("hmr"), a hospital area, a health community or a municipality ("1508")
service     SOM, PHV, PHBU or TSB; all when left out
year        the year on view
month       1–12, beds of that month; the mean of the year when left out
…           one more per lever that is moved, by the lever's name and in the unit that is shown: work_processes=-10
=========== ====================================================================================================

What is usual is left out, so that an address says what is special about a view. An address is written by anybody: what
cannot be used is never guessed at, but told as a :class:`Fault` beside the view that remains.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.region.arrays import SERVICE_AREAS
from framsyn.report.numbers import number
from framsyn.web.explorer.known import known_levers, known_places, scenario_of
from framsyn.web.languages import current_language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from framsyn.scenario.levers import Lever

__all__ = ["FIRST_YEAR", "LAST_YEAR", "NONE", "Fault", "State", "decimals_of"]

FIRST_YEAR, LAST_YEAR = 2025, 2040
NONE = "none"
"""The scenario that is held against nothing."""
# What else may stand in an address of the explorer: its own ways of asking, and those of pages around it.
_OTHERS = frozenset({"lang", "part", "width", "panel", "whole", "of", "embed", "present", "form", "print"})
_LONGEST = 40  # characters of a value that is read at all, and of one that is told back
_MOST_FAULTS = 5


@dataclass(frozen=True)
class Fault:
    """Something in an address that cannot be used: where, and what to do."""

    name: str
    code: str
    message: str


@dataclass(frozen=True)
class State:
    """What is on view.

    Examples
    --------
    >>> State(place="hmr", year=2035).query()
    'place=hmr&year=2035'
    >>> State().query()
    ''
    """

    scenario: str = "plan"
    compare: str = "demography"
    place: str = "region"
    service: str = ""
    year: int = LAST_YEAR
    month: int = 0
    levers: tuple[tuple[str, float], ...] = ()

    @classmethod
    def read(cls, query: Mapping[str, Any]) -> tuple[State, tuple[Fault, ...]]:
        """Read an address; ``query`` is a QueryDict, or a mapping from name to text.

        Returns
        -------
        state : State
            What can be shown; usual values in place of what cannot.
        faults : tuple of Fault
            What could not be used, told in the language of the page.
        """
        reader = _Reader(query)
        state = cls(
            scenario=reader.scenario("scenario", cls.scenario),
            compare=reader.scenario("compare", cls.compare),
            place=reader.place(),
            service=reader.service(),
            year=reader.whole("year", LAST_YEAR, FIRST_YEAR, LAST_YEAR),
            month=reader.whole("month", 0, 0, 12),
            levers=reader.levers(),
        )
        return state, tuple(reader.faults[:_MOST_FAULTS])

    @property
    def moves(self) -> dict[str, float]:
        """Moved levers by name, in the unit that is shown."""
        return dict(self.levers)

    def parameters(self) -> dict[str, str]:
        """Return what the address says, in one fixed order, without what is usual."""
        said = {
            field.name: str(getattr(self, field.name))
            for field in fields(self)
            if field.name != "levers" and getattr(self, field.name) != field.default
        }
        return {**said, **{name: f"{value:.10g}" for name, value in self.levers}}

    def query(self) -> str:
        """Return the state as the query of an address, without question mark; equal states give equal queries."""
        return urlencode(self.parameters())


class _Reader:
    """Takes the parts of an address, and gathers what is wrong with them."""

    def __init__(self, query: Mapping[str, Any]) -> None:
        self.query = query
        self.faults: list[Fault] = []

    def fault(self, name: str, code: str, message: str) -> None:
        self.faults.append(Fault(name[:_LONGEST], code, message))

    def text(self, name: str) -> str:
        """Return a value; a name that stands several times with different values is a fault."""
        getlist = getattr(self.query, "getlist", None)
        values = getlist(name) if getlist else [str(self.query[name])] if name in self.query else []
        values = [value.strip() for value in values if value.strip()]
        if len(set(values)) > 1:
            self.fault(
                name,
                "repeated",
                _("%(name)s stands there more than once; the first one is used.") % {"name": name},
            )
        return values[0] if values else ""

    def scenario(self, name: str, usual: str) -> str:
        said = self.text(name)
        if not said or said == usual or (name == "compare" and said == NONE):
            return said or usual
        try:
            scenario_of(said)
        except PlanError:
            message = _("There is no scenario “%(got)s”. The usual one is shown; choose another in the list.")
            self.fault(name, "unknown-scenario", message % {"got": said[:_LONGEST]})
            return usual
        return said

    def place(self) -> str:
        said = self.text("place")
        if not said or said in known_places():
            return said or State.place
        message = _("There is no place “%(got)s” in the region. The whole region is shown.")
        self.fault("place", "unknown-place", message % {"got": said[:_LONGEST]})
        return State.place

    def service(self) -> str:
        said = self.text("service")
        if said in ("", *SERVICE_AREAS):
            return said
        message = _("There is no service area “%(got)s”; there are %(known)s. All are shown.")
        self.fault(
            "service",
            "unknown-service",
            message % {"got": said[:_LONGEST], "known": ", ".join(SERVICE_AREAS)},
        )
        return State.service

    def whole(self, name: str, usual: int, low: int, high: int) -> int:
        said = self.text(name)
        if not said:
            return usual
        if re.fullmatch(r"[0-9]{1,4}", said) and low <= int(said) <= high:
            return int(said)
        message = _(
            "“%(got)s” cannot be shown as %(name)s; expected %(low)s to %(high)s. %(usual)s is shown."
        )
        label = (_("Year") if name == "year" else _("Month")).lower()
        told = {"got": said[:_LONGEST], "name": label, "low": low, "high": high, "usual": usual}
        self.fault(name, f"bad-{name}", message % told)
        return usual

    def levers(self) -> tuple[tuple[str, float], ...]:
        known = known_levers()
        ours = {field.name for field in fields(State)} | _OTHERS
        for name in self.query:
            if name not in known and name not in ours:
                message = _("There is no lever “%(got)s” here; it is left out.")
                self.fault(name, "unknown-lever", message % {"got": name[:_LONGEST]})
                if len(self.faults) >= _MOST_FAULTS:
                    break
        found = ((name, self.lever(lever)) for name, lever in known.items() if name in self.query)
        return tuple((name, value) for name, value in found if value is not None)

    def lever(self, lever: Lever) -> float | None:
        said = self.text(lever.name)
        if not said:
            return None
        language = current_language()
        label = str(lever.label[language])
        value = _number(said)
        if value is None:
            message = _(
                "“%(got)s” is no number for “%(lever)s”; the lever is left where the scenario has it."
            )
            self.fault(lever.name, "not-a-number", message % {"got": said[:_LONGEST], "lever": label})
            return None
        if not lever.low <= value <= lever.high:
            value = min(max(value, lever.low), lever.high)
            message = _(
                "“%(lever)s” can be moved from %(low)s to %(high)s; %(value)s is shown in place of %(got)s."
            )
            told = {
                "lever": label,
                "low": number(lever.low, language, lever.decimals),
                "high": number(lever.high, language, lever.decimals),
                "value": number(value, language, lever.decimals),
                "got": said[:_LONGEST],
            }
            self.fault(lever.name, "out-of-range", message % told)
        return value


def decimals_of(lever: Lever) -> int:
    """Return the decimals that a lever is shown with."""
    return lever.decimals


def _number(said: str) -> float | None:
    """Read a number as people of three languages write it; nothing that is not a finite number.

    >>> _number("−7,5"), _number("1e3"), _number("nan"), _number("5 %")
    (-7.5, None, None, 5.0)
    """
    plain = said[: _LONGEST + 1].replace("\u2212", "-").replace(",", ".").replace("%", "").strip()
    if (
        len(said) > _LONGEST
        or re.fullmatch(r"[+-]?(?:[0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})", plain) is None
    ):
        return None
    return float(plain) + 0.0  # no negative nought
