"""What a scenario assumes, held against another one, in plain words: one line for each assumption that differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext as _

from framsyn.report.numbers import number, percent
from framsyn.scenario.levers import unsourced as rests_on_none

if TYPE_CHECKING:
    from framsyn.scenario import Assumption, Scenario

__all__ = ["Line", "assumed", "size_in", "unsourced"]

SAME = 1e-9


@dataclass(frozen=True)
class Line:
    """One assumption that differs.

    Parameters
    ----------
    name, label : str
    here, there : str
        Its effect in the last year in the scenario and in the base, in words; "not assumed" where it is missing.
    what : {"more", "less", "other", "new", "gone"}
        How it differs: of the effect itself, or of its range, course or reason alone.
    reason : str
    sourced : bool
    """

    name: str
    label: str
    here: str
    there: str
    what: str
    reason: str
    sourced: bool


def assumed(scenario: Scenario, base: Scenario, year: int, lang: str) -> list[Line]:
    """Return what differs, in the order of the scenario, what only the base has last.

    Examples
    --------
    >>> from django.utils.translation import override
    >>> from framsyn import Scenario
    >>> plan = Scenario.load("plan")
    >>> with override("en"):
    ...     [one.here for one in assumed(plan.without("home_hospital"), plan, 2040, "en")]
    ['not assumed']
    """
    ours = {one.name: one for one in scenario.assumptions}
    theirs = {one.name: one for one in base.assumptions}
    found = []
    for name, one in ours.items():
        other = theirs.get(name)
        if one != other:
            found.append(_line(one, other, year, lang))
    found += [_line(None, one, year, lang) for name, one in theirs.items() if name not in ours]
    return found


def _line(here: Assumption | None, there: Assumption | None, year: int, lang: str) -> Line:
    told = here or there
    assert told is not None
    sizes = [size_in(one, year) if one is not None else None for one in (here, there)]
    if sizes[1] is None:
        what = "new"
    elif sizes[0] is None:
        what = "gone"
    elif abs(sizes[0] - sizes[1]) <= SAME:
        what = "other"
    else:
        what = "more" if abs(sizes[0]) > abs(sizes[1]) else "less"
    missing = _("not assumed")
    return Line(
        told.name,
        told.label[lang],
        in_words(here, sizes[0], lang) if here is not None and sizes[0] is not None else missing,
        in_words(there, sizes[1], lang) if there is not None and sizes[1] is not None else missing,
        what,
        told.reason[lang],
        bool(told.source.strip()),
    )


def size_in(assumption: Assumption, year: int) -> float:
    """Return the median effect in a year, what comes true of it counted; in the assumption's own unit."""
    return float(np.asarray(assumption.values([year]), dtype=float)[-1])


def in_words(assumption: Assumption, size: float, lang: str) -> str:
    """Return an effect with its unit.

    >>> from framsyn import Scenario
    >>> home = Scenario.load("plan").assumption("home_hospital")
    >>> in_words(home, -0.041, "en")
    '−4.1%'
    """
    if assumption.unit in ("1", "share"):
        fine = 1 if abs(size) < 0.2 else 0
        return percent(size, lang, fine, signed=True)
    if assumption.unit == "year":
        return _("%(size)s years") % {"size": number(size, lang, 1, signed=True)}
    digits = max(0, 2 - int(np.floor(np.log10(abs(size))))) if abs(size) > SAME else 0
    return f"{number(size, lang, min(digits, 4), signed=True)} {assumption.unit}"


def unsourced(scenario: Scenario) -> list[Assumption]:
    """Return the assumptions whose size rests on no source."""
    return [one for one in scenario.assumptions if rests_on_none(one)]
