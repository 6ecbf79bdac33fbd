"""Reading the group of a report: its own figure, and one for each place of its stratifier."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.sources.fhir.elements import (
    LANGUAGES,
    day,
    extension_value,
    extensions,
    number,
    part,
    parts,
    short,
    text,
    wrong,
)
from framsyn.sources.fhir.measures import codes_of
from framsyn.sources.fhir.model import Figure
from framsyn.sources.fhir.terms import ABSENT, EXTENSION, PLACE_CODES, UCUM, unit_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["group_figures"]

Period = tuple["datetime.date", "datetime.date"]
# What FHIR takes out of the two counts before it divides them.
_TAKEN_OUT = {
    "numerator": ("numerator-exclusion",),
    "denominator": ("denominator-exclusion", "denominator-exception"),
}
_MASKED = ("masked", "not-permitted")


def group_figures(
    group: tuple[Mapping[str, Any], str],
    period: Period,
    unit: str,
    whole: Callable[[], tuple[list[str], str]],
    place_of: Callable[[str], str | None],
    notices: list[str],
) -> Iterator[tuple[Figure, str]]:
    """Yield the figures of a group with where they stand.

    Parameters
    ----------
    group : (dict, str)
    period : (date, date)
    unit : str
        Of the indicator.
    whole : callable
        Gives the names that the place of the whole group may be known by, and where they stand.
    place_of : callable
    notices : list of str
        Gets what was left aside.
    """
    value, where = group
    places: dict[str, Figure] = {}
    found: list[tuple[Figure, str]] = []
    for stratifier, place in parts(value, "stratifier", where):
        if not _is_by_place(stratifier, place):
            notices.append(f"{place}: it does not part by place, and is not read.")
            continue
        for stratum, stratum_where in parts(stratifier, "stratum", place):
            one = _stratum(stratum, stratum_where, period, unit, place_of)
            if one.place in places:
                message = f"{stratum_where}: {short(one.place)} stands there twice; take one of them out."
                raise PlanError("figure-twice", message, where=stratum_where, got=one.place)
            places[one.place] = one
            found.append((one, stratum_where))
    if value.get("population") or value.get("measureScore"):
        names, named_where = whole()
        place_id = _known(names, named_where, place_of)
        own = _numbers(value, where, Figure(place_id, *period), unit)
        if place_id not in places:
            found.insert(0, (own, where))
        elif not _agree(own, places[place_id]):
            message = (
                f"{where}: the whole of it and its part {short(place_id)} are of the same place and have not the "
                "same figures. Mend one of them; nothing was changed."
            )
            raise PlanError("figures-disagree", message, where=where, got=place_id)
    if not found:
        notices.append(f"{where}: it holds no figure.")
    yield from found


def _is_by_place(stratifier: Mapping[str, Any], where: str) -> bool:
    for concept, place in parts(stratifier, "code", where):
        words = {code for _system, code in codes_of(concept, place)} | {text(concept, "text", place)}
        if any(word.casefold() in PLACE_CODES for word in words):
            return True
    return False


def _stratum(
    stratum: Mapping[str, Any],
    where: str,
    period: Period,
    unit: str,
    place_of: Callable[[str], str | None],
) -> Figure:
    if stratum.get("component"):
        message = f"{where}: parted by more than the place; send the report parted by place alone. Nothing was changed."
        raise PlanError("several-parts", message, where=where)
    concept = part(stratum, "value", where)
    names = [code for _system, code in codes_of(concept, f"{where}.value") if code]
    names.append(text(concept, "text", f"{where}.value"))
    figure = Figure(_known([one for one in names if one], f"{where}.value", place_of), *period)
    return _numbers(stratum, where, _described(stratum, where, figure), unit)


def _known(names: list[str], where: str, place_of: Callable[[str], str | None]) -> str:
    for name in names:
        found = place_of(name)
        if found:
            return found
    got = names[0] if names else None
    raise wrong(got, "an organisation or a municipality that is known here", where, "unknown-place")


def _described(stratum: Mapping[str, Any], where: str, figure: Figure) -> Figure:
    """Return the figure with what stands in our own extension."""
    for address, own in extensions(stratum, where):
        if address != f"{EXTENSION}figure":
            continue
        for name, one in extensions(own, where):
            place = f"{where}.extension[{short(name)}]"
            if name == "data-through":
                figure = replace(figure, data_through=day(one.get("valueDate"), place, last=True))
            elif name == "coverage":
                figure = replace(figure, coverage=number(one, "valueDecimal", place))
            elif name == "state":
                figure = replace(figure, provisional=text(one, "valueCode", place) == "provisional")
            elif name == "quality":
                figure = replace(figure, quality=text(one, "valueCode", place))
            elif name == "source":
                figure = replace(figure, source=text(one, "valueString", place))
            elif name == "licence":
                figure = replace(figure, licence=text(one, "valueString", place))
            elif name == "note":
                words = {code: text(form, "valueString", place) for code, form in extensions(one, place)}
                figure = replace(figure, note={code: words[code] for code in LANGUAGES if words.get(code)})
            elif name == "revision":
                size = number(one, "valuePositiveInt", place)
                figure = replace(figure, revision=None if size is None else int(size))
    return figure


def _numbers(value: Mapping[str, Any], where: str, figure: Figure, unit: str) -> Figure:
    """Return the figure with its counts and its score."""
    score = part(value, "measureScore", where)
    reason = extension_value(score, ABSENT, "valueCode", f"{where}.measureScore")
    counts = _counts(value, where)
    if reason in _MASKED:
        if counts or score.get("value") is not None or figure.coverage is not None:
            message = (
                f"{where}: it is said to be masked and holds a number all the same. Take one of them out."
            )
            raise PlanError("hidden-figure-told", message, where=where)
        return replace(figure, hidden=True)
    told = number(score, "value", f"{where}.measureScore")
    scale = _scale(score, f"{where}.measureScore", unit)
    found = {name: _left(counts, name, where) for name in ("numerator", "denominator") if name in counts}
    if told is None and not found and unit in ("count", "persons") and "initial-population" in counts:
        told = counts["initial-population"]  # a cohort: the count is the figure
    return replace(
        figure,
        value=None if told is None else told * scale if scale != 1 else told,
        numerator=found.get("numerator"),
        denominator=found.get("denominator"),
    )


def _scale(score: Mapping[str, Any], where: str, unit: str) -> float:
    """Return what a value is multiplied with to be in our unit; a score of another unit is refused."""
    code = text(score, "code", where)
    system = text(score, "system", where)
    if not code and not system:
        return 0.01 if text(score, "unit", where) == "%" and unit == "share" else 1.0
    found = unit_of(code) if system in ("", UCUM) else None
    # Plain numbers are written with UCUM's 1, whatever they count.
    plain = code == "1" and unit in ("share", "ratio", "index", "count", "points", "persons", "beds")
    if plain or code == f"{{{unit}}}":
        return 1.0
    if found is None or found[0] != unit:
        raise wrong(code or system, f"the unit of the indicator, {unit}", f"{where}.code", "unknown-unit")
    return found[1]


def _counts(value: Mapping[str, Any], where: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for one, place in parts(value, "population", where):
        count = number(one, "count", place)
        if count is None:
            given = extension_value(one, f"{EXTENSION}count", "valueDecimal", place)
            count = number({"valueDecimal": given}, "valueDecimal", place)
        if count is None:
            continue
        codes = [code for _system, code in codes_of(part(one, "code", place), f"{place}.code")]
        if not codes:
            raise wrong(None, "what is counted, such as numerator", f"{place}.code")
        if codes[0] in found:
            raise wrong(codes[0], "each population once", f"{place}.code")
        found[codes[0]] = count
    return found


def _left(counts: Mapping[str, float], name: str, where: str) -> float:
    left = counts[name] - math.fsum(counts.get(one, 0.0) for one in _TAKEN_OUT[name])
    if left < 0:
        raise wrong(left, f"a {name} of at least 0 after exclusions", f"{where}.population")
    return left


def _agree(one: Figure, other: Figure) -> bool:
    if one.hidden != other.hidden:
        return False
    pairs = ((one.value, other.value), (one.numerator, other.numerator), (one.denominator, other.denominator))
    return all(
        first is None or second is None or math.isclose(first, second, rel_tol=1e-9, abs_tol=1e-12)
        for first, second in pairs
    )
