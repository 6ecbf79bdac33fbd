"""What a status and its rule say, in one readable sentence in bokmål, nynorsk or English.

"Rose from 61 to 66% and must reach 75 by 2030: at this pace 71." The unit is said once, at the newest figure; short
sentences follow for what a reader must know beside it: the wrong way, a provisional figure, an override. The words stand
in ``words.toml`` beside this module.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from string import Formatter
from typing import TYPE_CHECKING

from framsyn.errors import PlanError
from framsyn.report.numbers import NARROW_SPACE, check_language, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from framsyn.web.indicators.rules import GoalRule, Override, Status

__all__ = [
    "day_text",
    "decimals_of",
    "quantity_text",
    "read_words",
    "rule_text",
    "say",
    "sentence",
    "status_name",
]

# A share is kept in 0–1 and said in percent.
_FACTOR = {"share": 100.0}
_MAY_BE_NEGATIVE = frozenset({"mnok", "index", "points"})


@cache
def read_words() -> Mapping[str, Mapping[str, str]]:
    """All texts by dotted key and language.

    >>> sorted(read_words()["status.reached"])
    ['en', 'nb', 'nn']
    """
    text = resources.files("framsyn.web.indicators").joinpath("words.toml").read_text(encoding="utf-8")
    return {
        f"{group}.{key}": said
        for group, entries in tomllib.loads(text).items()
        for key, said in entries.items()
    }


def say(key: str, lang: str, **values: str) -> str:
    """One text with its fields filled; a field without a value is an error and never a hole.

    >>> say("by.before", "nn", deadline="2030")
    ' innan 2030'
    """
    words = read_words()
    if key not in words:
        message = f'"{key}" is not in the words of goal status. Add it in nb, nn and en to words.toml.'
        raise PlanError("unknown-word", message, key=key)
    text = words[key][check_language(lang)]
    missing = {name for _, name, _, _ in Formatter().parse(text) if name} - set(values)
    if missing:
        message = f'the text "{key}" needs {", ".join(sorted(missing))}. Give a value for each field.'
        raise PlanError("word-value", message, key=key, missing=sorted(missing))
    return text.format(**values)


def status_name(code: str, lang: str) -> str:
    """Name of a status.

    >>> status_name("at_risk", "en")
    'At risk'
    """
    return say(f"status.{code}", lang)


def day_text(day: date, lang: str) -> str:
    """A day; its year alone at either end of a year, which is how yearly figures and plans name it.

    >>> from datetime import date
    >>> day_text(date(2030, 12, 31), "nb"), day_text(date(2027, 3, 1), "nb")
    ('2030', '1. mars 2027')
    """
    if (day.month, day.day) in ((1, 1), (12, 31)):
        return f"{day.year}"
    return say("date.day", lang, day=f"{day.day}", month=say(f"date.m{day.month}", lang), year=f"{day.year}")


def decimals_of(values: Iterable[float | None], unit: str) -> int:
    """Fewest decimals, at most 1 (2 for small numbers), that show decided and read values as they are.

    >>> decimals_of([0.61, 0.66, None], "share"), decimals_of([57.9, 50], "days"), decimals_of([0.482], "ratio")
    (0, 1, 2)
    """
    shown = [value * _FACTOR.get(unit, 1.0) for value in values if value is not None]
    most = 2 if shown and max(abs(value) for value in shown) < 1 else 1
    if shown and max(abs(value) for value in shown) >= 10_000:
        return 0
    return next(
        (places for places in range(most) if all(abs(round(v, places) - v) < 1e-6 for v in shown)), most
    )


def quantity_text(value: float, unit: str, lang: str, decimals: int, *, bare: bool = False) -> str:
    """A value with its unit, or bare.

    >>> quantity_text(0.66, "share", "en", 0), quantity_text(1, "days", "nb", 0)
    ('66%', '1 dag')
    """
    written = number(value * _FACTOR.get(unit, 1.0), lang, decimals)
    if bare:
        return written
    group = "unit_one" if written == "1" and f"unit_one.{unit}" in read_words() else "unit"
    if f"{group}.{unit}" not in read_words():
        known = ", ".join(
            sorted(key.removeprefix("unit.") for key in read_words() if key.startswith("unit."))
        )
        message = f'unit "{unit}" is unknown; expected one of {known}. Add it in nb, nn and en to words.toml.'
        raise PlanError("unknown-unit", message, got=unit)
    return say(f"{group}.{unit}", lang, number=written).replace(" %", NARROW_SPACE + "%")


def sentence(status: Status, rule: GoalRule, unit: str, lang: str, decimals: int | None = None) -> str:
    """Say a status in one sentence, and in short ones after it what must be known beside it.

    Parameters
    ----------
    status : Status
    rule : GoalRule
        The rule that it was judged by.
    unit : str
        Code of the indicator's unit, such as ``share`` or ``days``.
    lang : {"nb", "nn", "en"}
    decimals : int, optional
        Of the indicator; left out, as many as the values need.

    Returns
    -------
    str
    """
    write = _Writer(rule, status, unit, check_language(lang), decimals)
    return " ".join([write.main(), *write.added()])


def rule_text(rule: GoalRule, lang: str, unit: str = "count", decimals: int | None = None) -> str:
    """State the rule that a goal is judged by.

    >>> from framsyn.web.indicators.rules import GoalRule
    >>> rule_text(GoalRule("do"), "en")
    'A task without a number: reached when its measures are completed.'
    """
    return _Writer(rule, None, unit, check_language(lang), decimals).rule_text()


class _Writer:
    """Writes the parts of one sentence; holds what they share."""

    def __init__(
        self, rule: GoalRule, status: Status | None, unit: str, lang: str, decimals: int | None
    ) -> None:
        self.rule, self.status, self.unit, self.lang = rule, status, unit, lang
        self.start = status.start if status and status.start is not None else rule.baseline
        self.start_date = status.start_date if status and status.start_date else rule.baseline_date
        value = status.value if status else None
        known = (self.start, value, rule.target, rule.target_low, rule.target_high)
        self.decimals = decimals_of(known, unit) if decimals is None else decimals

    def said(self, key: str, **values: str) -> str:
        return say(key, self.lang, **values)

    def day(self, day: date | None) -> str:
        return "" if day is None else day_text(day, self.lang)

    def bare(self, value: float | None) -> str:
        return "" if value is None else quantity_text(value, self.unit, self.lang, self.decimals, bare=True)

    def full(self, value: float) -> str:
        return quantity_text(value, self.unit, self.lang, self.decimals)

    def decided(self, value: float | None, *, bare: bool = True) -> str:
        """A decided number, as round as it was decided: 50 days, not 50.0."""
        if value is None:
            return ""
        shown = value * _FACTOR.get(self.unit, 1.0)
        exact = (places for places in range(self.decimals) if abs(round(shown, places) - shown) < 1e-6)
        return quantity_text(value, self.unit, self.lang, next(exact, self.decimals), bare=bare)

    def by(self, key: str = "before") -> str:
        return self.said(f"by.{key}", deadline=self.day(self.rule.deadline)) if self.rule.deadline else ""

    def _kind(self) -> str:
        """Which wording the demand has."""
        rule = self.rule
        if rule.type == "reach_at_least":
            return "rise" if rule.target is None else "at_least"
        if rule.type == "reach_at_most":
            return "fall" if rule.target is None else "at_most"
        if rule.type == "hold":
            if rule.direction != "hold":
                return f"hold_{rule.direction}"
            return "hold" if rule.tolerance else "hold_exactly"
        return rule.type

    def demand(self, group: str, *, unit: bool) -> str:
        """The demand as ``must`` or ``aim``, with the unit where no figure before it has said it."""
        rule, start = self.rule, self.start
        low, high = rule.target_low, rule.target_high
        if rule.type == "hold" and start is not None:
            low, high = start - rule.tolerance, start + rule.tolerance
        kind = self._kind()
        last = {"hold_up": low, "hold_exactly": start, "at_least": rule.target, "at_most": rule.target}.get(
            kind, high
        )
        said = {"low": low, "high": high, "start": start, "target": rule.target}
        texts = {name: self.decided(number) for name, number in said.items()}
        if unit and last is not None:
            name = {"hold_up": "low", "hold_exactly": "start", "at_least": "target", "at_most": "target"}
            texts[name.get(kind, "high")] = self.decided(last, bare=False)
        return self.said(f"{group}.{kind}", by=self.by(), through=self.by("through"), **texts)

    def moved(self) -> str:
        status = self.status
        if status is None or status.value is None or self.start is None:
            return ""
        value = self.full(status.value)
        if status.date is not None and self.start_date is not None and status.date <= self.start_date:
            whole = self.day(status.date).isdigit()
            return self.said(
                "moved.first" if whole else "moved.first_day", value=value, date=self.day(status.date)
            )
        if status.counted_since:
            start = self.bare(self.start)
            return self.said("moved.broken", start=start, value=value, since=self.day(status.counted_since))
        start, newest = self.bare(self.start), self.bare(status.value)
        if start == newest:
            return self.said("moved.same", value=value)
        way = "up" if status.value > self.start else "down"
        return self.said(f"moved.{way}", start=start, value=value)

    def pace(self) -> str:
        """Where the pace leads, for goals with a number; never past what the unit can be."""
        status, rule = self.status, self.rule
        if status is None or status.pace_value is None or rule.type == "hold":
            return ""
        if rule.type != "range" and rule.target is None:
            return ""
        value = status.pace_value
        if self.unit == "share":
            value = min(max(value, 0.0), 1.0)
        elif self.unit not in _MAY_BE_NEGATIVE:
            value = max(value, 0.0)
        return self.bare(value)

    def main(self) -> str:
        """The sentence of the rule's own status."""
        status = self.status
        if status is None:
            return ""
        code, rule = status.computed, self.rule
        if code == "not_measured":
            suffix = "_by" if rule.deadline else ""
            return self.said(f"sentence.not_measured{suffix}", deadline=self.day(rule.deadline))
        if code == "no_data":
            return self._no_data()
        if code in ("reached", "missed"):
            aim = self.demand("aim", unit=False)
            return self.said(f"sentence.{code}", moved=self.moved(), aim=aim, by=self.by())
        values = {
            "moved": self.moved(),
            "must": self.demand("must", unit=False),
            "pace": self.pace(),
            "since": self.day(status.wrong_since),
        }
        if code in ("on_the_way", "at_risk"):
            code = "on_course_pace" if values["pace"] else "on_course"
        return self.said(f"sentence.{code}", **values)

    def _no_data(self) -> str:
        if self.start is None:
            if self.rule.type == "hold":
                return self.said("sentence.no_data_hold")
            return self.said("sentence.no_data", must=self.demand("must", unit=True))
        start, must = self.full(self.start), self.demand("must", unit=False)
        return self.said("sentence.no_new_data", start=start, date=self.day(self.start_date), must=must)

    def added(self) -> list[str]:
        """Short sentences on what must be known beside the status."""
        status = self.status
        if status is None:
            return []
        texts = []
        if status.wrong_way and status.computed != "wrong_way":
            texts.append(self.said("added.wrong_way", since=self.day(status.wrong_since)))
        if status.deadline_passed and status.computed in ("no_data", "not_measured"):
            texts.append(self.said("added.passed"))
        if status.provisional:
            texts.append(self.said("added.provisional"))
        if status.coverage is not None and status.coverage < 1:
            share = quantity_text(
                status.coverage, "share", self.lang, decimals_of([status.coverage], "share")
            )
            texts.append(self.said("added.coverage", share=share))
        if status.skipped:
            texts.append(self.said("added.skipped"))
        if status.override:
            texts.append(self._override("override", status.override))
        if status.expired:
            texts.append(self._override("expired", status.expired))
        return texts

    def _override(self, key: str, override: Override) -> str:
        reason = override.reason.strip()
        return self.said(
            f"added.{key}",
            name=status_name(override.status, self.lang),
            by=override.by.strip(),
            expires=self.day(override.expires),
            reason=reason if reason[-1] in ".!?" else reason + ".",
        )

    def rule_text(self) -> str:
        """The rule in one sentence."""
        rule = self.rule
        if rule.type == "do":
            return self.said("rule.do", by=self.by())
        start = self.said("rule.start_first")
        if self.start is not None:
            start = self.said("rule.start", start=self.full(self.start), date=self.day(self.start_date))
        tolerance = ""
        if rule.tolerance:
            spread = quantity_text(
                rule.tolerance,
                self.unit,
                self.lang,
                max(self.decimals, decimals_of([rule.tolerance], self.unit)),
            )
            tolerance = self.said("rule.tolerance", tolerance=spread)
        key = rule.type
        if rule.type in ("reach_at_least", "reach_at_most"):
            key = "direction" if rule.target is None else ("target" if rule.deadline else "target_open")
        if rule.type == "hold":
            key = "hold" if rule.deadline else "hold_open"
            within = self.said("within.first") if self.start is None else self.demand("within", unit=True)
            return self.said(f"rule.{key}", within=within, deadline=self.day(rule.deadline))
        aim = self.demand("aim", unit=True)
        return self.said(f"rule.{key}", aim=aim, start=start, by=self.by(), tolerance=tolerance)
