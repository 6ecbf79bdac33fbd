"""Facts of a story: figures of a kept run, said with their interval, and the direction that they point in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from framsyn.report.numbers import Interval, interval, number, percent
from framsyn.scenario.sizes import product_range
from framsyn.web.outlooks import charts
from framsyn.web.outlooks.names import CHANGE, REGION
from framsyn.web.outlooks.queries import Line, region_of

if TYPE_CHECKING:
    from framsyn.report.numbers import Style
    from framsyn.scenario import Assumption
    from framsyn.web.outlooks.models import Explanation, Run
    from framsyn.web.outlooks.queries import Lines
    from framsyn.web.stories.reading import Fact

__all__ = ["BANDS", "Kept", "Said", "direction_of", "say", "wanted"]

BANDS = ("p10", "p50", "p90")
Triple = tuple[float, float, float]  # p10, p50, p90
_SAME = 1e-9


@dataclass(frozen=True)
class Kept:
    """What the texts of a story may draw on: the main run, the one that it is held against, the scenario's assumptions."""

    run: Run
    lines: Lines
    baseline: Lines | None
    explanations: dict[tuple[str, str], Explanation]
    assumptions: dict[str, Assumption]

    def of(self, which: str) -> Lines | None:
        """Return the lines of the main run, or of the other one."""
        return self.baseline if which == "baseline" else self.lines


@dataclass(frozen=True)
class Said:
    """A fact as a text says it: ``{x}``, ``{x.signed}``, ``{x.name}``.

    Attributes
    ----------
    direction : {"up", "down", "unsure"}
    name : str
        Of the place or profession, where the fact is the highest or lowest of several.
    middle : str
        The median alone, with the digits that its interval justifies; signed where the text is a size.
    """

    text: str
    signed: str
    direction: str
    name: str = ""
    middle: str = ""

    def __format__(self, _spec: str) -> str:
        return self.text


def direction_of(low: float, high: float, against: float = 0.0) -> str:
    """Tell where an interval lies.

    >>> direction_of(2, 5, 1), direction_of(-3, -1), direction_of(-1, 4)
    ('up', 'down', 'unsure')
    """
    room = _SAME * max(abs(low), abs(high), abs(against), 1e-300)
    if low > against + room:
        return "up"
    return "down" if high < against - room else "unsure"


def wanted(fact: Fact) -> tuple[str, ...]:
    """Return the kept quantities that a fact reads."""
    return (fact.quantity,) if fact.quantity and not fact.effect else ()


def say(fact: Fact, kept: Kept, lang: str) -> Said | None:
    """Return a fact in words, or nothing where the run does not keep it."""
    if fact.effect:
        return effect(fact, kept, lang)
    if fact.assumption or fact.realisation:
        return assumed(fact, kept, lang)
    if fact.today:
        return today(fact, kept, lang)
    if fact.highest_of or fact.lowest_of:
        return extreme(fact, kept, lang)
    return lined(fact, kept, lang)


def triple(line: Line, fact: Fact) -> Triple:
    """Return p10, median and p90 in the fact's year."""
    year = line.first if fact.year == "first" else line.last
    low, middle, high = (line.at(year, band) for band in BANDS)
    return low, middle, high


def lined(fact: Fact, kept: Kept, lang: str) -> Said | None:
    """Say a kept line."""
    lines = kept.of(fact.run)
    line = lines.get(fact.quantity, fact.place, fact.part) if lines else None
    return told(fact, line, kept, lang) if line is not None else None


def told(fact: Fact, line: Line, kept: Kept, lang: str, name: str = "") -> Said | None:
    """Say a line's figure, and where it points."""
    values = triple(line, fact)
    style = charts.words_of(fact.quantity, lang, line.first)[2]
    where = direction(fact, line, values, kept)
    if where is None:
        return None
    sized = fact.size if fact.size is not None else fact.quantity.endswith(CHANGE) or fact.against == "zero"
    signed = whole(values, lang, style, signed=True)
    if not sized:
        text = whole(values, lang, style)
    elif where == "down":
        low, middle, high = values
        text = whole((-high, -middle, -low), lang, style)
    else:
        text = whole(values, lang, style) if where == "up" else signed
    middle = signed.partition(" (")[0] if sized else text.partition(" (")[0]
    return Said(text, signed, where, name, middle)


def direction(fact: Fact, line: Line, values: Triple, kept: Kept) -> str | None:
    """Tell where a figure lies against what the fact names; None where that is not kept."""
    low, middle, high = values
    if fact.against == "baseline":
        other = kept.baseline.get(fact.quantity, fact.place, fact.part) if kept.baseline else None
        if other is None:
            return None
        # Runs of one seed share their chance, so that their medians can be compared where the intervals overlap.
        theirs = other.at(line.last)
        near = 0.005 * max(abs(theirs), abs(middle))
        return direction_of(middle - near, middle + near, theirs)
    if fact.against == "beds_today":
        return direction_of(low, high, charts.beds_today(kept.run, fact.part))
    if fact.against == "floor":
        return direction_of(low, high, region_of(kept.run.region).parameter("liquidity_floor"))
    return direction_of(low, high, 0.0 if fact.against == "zero" else line.at(line.first))


def whole(values: Triple, lang: str, style: Style, *, signed: bool = False) -> str:
    """Write a median with its interval; a figure without one alone."""
    low, middle, high = values
    said: Interval = interval(middle, low, high, lang, style, signed=signed)
    return said.median if said.low == said.high else said.text


def extreme(fact: Fact, kept: Kept, lang: str) -> Said | None:
    """Say the highest or lowest median among trusts or professions, and whose it is."""
    kind = fact.highest_of or fact.lowest_of
    region = region_of(kept.run.region)
    keys = (
        [(trust, fact.part) for trust in region.trusts]
        if kind == "trusts"
        else [(REGION, part) for part in kept.lines.parts(fact.quantity)]
    )
    found = [line for place, part in keys if (line := kept.lines.get(fact.quantity, place, part)) is not None]
    if not found:
        return None
    choose = max if fact.highest_of else min
    line = choose(found, key=lambda one: triple(one, fact)[1])
    if kind == "trusts":
        name = region.label_of("trust", line.place, lang)
    else:
        name = region.label_of("profession", line.part, lang)
        name = name[0].lower() + name[1:]
    return told(fact, line, kept, lang, name)


def effect(fact: Fact, kept: Kept, lang: str) -> Said | None:
    """Say a cause of the explained change, in percent of the base year; of the central run, so without interval."""
    found = kept.explanations.get((fact.quantity, fact.part))
    cause = next((one for one in found.effects if one["name"] == fact.effect), None) if found else None
    if found is None or cause is None:
        return None
    share = cause["effect"] / found.before
    where = direction_of(share, share)
    size = rounded_percent(abs(share), lang)
    return Said(size, rounded_percent(share, lang, signed=True), where)


def rounded_percent(share: float, lang: str, *, signed: bool = False) -> str:
    """Write a share with one decimal below ten percent, none above.

    >>> rounded_percent(0.0649, "en"), rounded_percent(-0.131, "en", signed=True)
    ('6.5%', '−13%')
    """
    return percent(share, lang, 0 if abs(share) >= 0.1 else 1, signed=signed)


def assumed(fact: Fact, kept: Kept, lang: str) -> Said | None:
    """Say what an assumption does in the end, or how much of it comes true."""
    one = kept.assumptions.get(fact.assumption or fact.realisation)
    if one is None:
        return None
    if fact.realisation:
        share = one.realisation
        values = (share.p10, share.central, share.p90)
    else:
        values = effect_range(one)
    text, signed = whole(values, lang, "percent"), whole(values, lang, "percent", signed=True)
    return Said(text, signed, direction_of(values[0], values[2]))


def effect_range(one: Assumption) -> Triple:
    """Return p10, median and p90 of full effect times realisation."""
    low, middle, high = product_range(one.effect, one.realisation, (0.1, 0.5, 0.9))
    return low, middle, high


def today(fact: Fact, kept: Kept, lang: str) -> Said:
    """Say what is there in the base year, or must be kept."""
    if fact.today == "beds":
        text = number(charts.beds_today(kept.run, fact.part), lang)
    else:
        text = number(region_of(kept.run.region).parameter("liquidity_floor") / 1000, lang, 1)
    return Said(text, text, "unsure")
