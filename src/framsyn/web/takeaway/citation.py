"""How a view is cited: what, which run, when, where, and what may be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.outlook.manifest import engine_version
from framsyn.report.numbers import number, shown
from framsyn.scenario.levers import shown_value
from framsyn.web.explorer.known import known_levers, scenario_of
from framsyn.web.templatetags.texts import date as in_words

if TYPE_CHECKING:
    from framsyn.scenario.levers import Lever
    from framsyn.web.explorer.results.view import View
    from framsyn.web.explorer.state import State

__all__ = ["citation_text", "licence_words", "moved_levers"]


def licence_words() -> str:
    """Say what may be done with the figures."""
    return _("Free to use when Framsyn is named. The data behind it keep the licences of their sources.")


def citation_text(view: View, address: str) -> str:
    """Return the citation of a view.

    Parameters
    ----------
    view : View
    address : str
        Whole address of the view.
    """
    told = {
        "version": engine_version(),
        "where": view.where,
        "scenario": view.scenario_name,
        "first": view.years[0],
        "last": view.years[-1],
        "run": view.answer.id,
        "day": in_words(timezone.localdate()),
        "address": address,
    }
    text = _(
        "The Framsyn contributors. Framsyn %(version)s: outlook for %(where)s, scenario %(scenario)s, "
        "%(first)s–%(last)s. Run %(run)s. Fetched %(day)s from %(address)s."
    )
    return f"{text % told} {licence_words()}"


def moved_levers(state: State, lang: str) -> list[tuple[str, str, str]]:
    """Return the moved levers in words: name, value now, value in the scenario."""
    if not state.levers:
        return []
    scenario, levers = scenario_of(state.scenario), known_levers()
    found = []
    for name, value in state.levers:
        lever = levers[name]
        own = shown_value(lever, scenario)
        now, before = (_said(lever, one, lang) for one in (value, own))
        found.append((str(lever.label[lang]), now, before))
    return found


def _said(lever: Lever, value: float, lang: str) -> str:
    """Write where a lever stands, with its unit."""
    if lever.unit == "percent":
        return shown(value, lang, "percent", lever.decimals)
    words = {
        "percentage_points": _("percentage points"),
        "percentage_points_per_year": _("percentage points a year"),
        "years": _("years"),
    }
    return f"{number(value, lang, lever.decimals)} {words.get(lever.unit, '')}".rstrip()
