"""Probabilities in words that a director reads: "Likely: 7 of 10"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from framsyn.report.numbers import number, percent
from framsyn.web.goals.models import GoalDecision
from framsyn.web.indicators.sentences import decimals_of, quantity_text
from framsyn.web.languages import current_language

if TYPE_CHECKING:
    from framsyn.analyses.attainment import Attainment
    from framsyn.web.indicators.models import Indicator

__all__ = [
    "ANSWERS", "answer_of", "chance_text", "demand_text", "error_text", "moved_text", "points_text", "value_text",
]  # fmt: skip

LIKELY, EVEN = 2 / 3, 1 / 3
EDGE = 0.05

ANSWERS = {
    # the shape, the word, and what it means
    "likely": ("on_the_way", gettext_lazy("Likely"), gettext_lazy("met in at least two of three draws")),
    "even": ("at_risk", gettext_lazy("About even"), gettext_lazy("met in one to two of three draws")),
    "unlikely": ("outside", gettext_lazy("Unlikely"), gettext_lazy("met in less than one of three draws")),
    "not_asked": ("provisional", gettext_lazy("Not computed yet"), gettext_lazy("a model reaches it")),
    "no_model": ("no_data", gettext_lazy("No model"), gettext_lazy("no model of Framsyn reaches the indicator")),
    "no_target": ("not_measured", gettext_lazy("No number"), gettext_lazy("nobody has decided a number to reach")),
}  # fmt: skip
"""Answers in the order of the list: the status whose shape they borrow, their word, their meaning."""


def answer_of(probability: float) -> str:
    """Return the answer that a probability gives.

    >>> answer_of(0.7), answer_of(0.5), answer_of(0.0)
    ('likely', 'even', 'unlikely')
    """
    return "likely" if probability >= LIKELY else "even" if probability >= EVEN else "unlikely"


def chance_text(probability: float, draws: int) -> str:
    """Say a probability in tenths; at the ends, where tenths say too little or too much, otherwise.

    Parameters
    ----------
    probability : float [1]
    draws : int
    """
    lang = current_language()
    if probability <= 0:
        return _("in none of %(count)s draws") % {"count": number(draws, lang)}
    if probability >= 1:
        return _("in all %(count)s draws") % {"count": number(draws, lang)}
    if probability < EDGE:
        return _("less than 1 of 20")
    if probability > 1 - EDGE:
        return _("more than 19 of 20")
    return _("%(tenths)s of 10") % {"tenths": number(min(max(round(probability * 10), 1), 9), lang)}


def error_text(found: Attainment, probability: float | None = None) -> str:
    """Say a probability in percent with its Monte Carlo standard error."""
    lang = current_language()
    p = found.probability if probability is None else probability
    return _("%(share)s of %(draws)s draws, standard error %(error)s percentage points") % {
        "share": percent(p, lang),
        "draws": number(found.draws, lang),
        "error": number(100 * found.error(p), lang, 1),
    }


def points_text(change: float) -> str:
    """Say a change of a probability in percentage points, with its sign."""
    return number(100 * change, current_language(), 0, signed=True) if abs(change) >= 0.005 else "0"


def decimals_for(indicator: Indicator, values: list[float]) -> int:
    """Return the decimals that tell values of an indicator apart, and no more than it is given with."""
    return min(max(indicator.decimals, 0), decimals_of(values, indicator.unit) + 1)


def value_text(indicator: Indicator, value: float) -> str:
    """Write a value of an indicator with its unit."""
    places = max(indicator.decimals, 1) if indicator.unit == "share" else indicator.decimals
    return quantity_text(value, indicator.unit, current_language(), places)


def moved_text(indicator: Indicator, change: float) -> str:
    """Write a change of an indicator in its unit, with its sign and one digit more than its values have."""
    share = indicator.unit == "share"
    places = min(indicator.decimals + 1, 3)
    size = change * (100 if share else 1)
    if abs(round(size, places)) == 0:
        return "0"
    if abs(size) >= 10:
        places = 0
    return number(size, current_language(), places, signed=True)


def demand_text(decision: GoalDecision) -> str:
    """Say what a decision demands, as the end of a sentence: "at most 4 days in 2030"."""
    indicator = decision.indicator
    if indicator is None or decision.deadline is None:
        return ""
    lang = current_language()

    def written(value: float | None) -> str:
        if value is None:
            return ""
        return quantity_text(value, indicator.unit, lang, decimals_of([value], indicator.unit))

    year = {"year": str(decision.deadline.year)}
    kind = GoalDecision.Type(decision.type)
    if kind == kind.REACH_AT_LEAST:
        return _("at least %(value)s in %(year)s") % {"value": written(decision.target), **year}
    if kind == kind.REACH_AT_MOST:
        return _("at most %(value)s in %(year)s") % {"value": written(decision.target), **year}
    if kind == kind.RANGE:
        ends = {"low": written(decision.target_low), "high": written(decision.target_high)}
        return _("between %(low)s and %(high)s in %(year)s") % {**ends, **year}
    if kind == kind.HOLD:
        level = {"value": written(decision.baseline), "tolerance": written(decision.tolerance)}
        return _("still %(value)s in %(year)s, give or take %(tolerance)s") % {**level, **year}
    return ""
