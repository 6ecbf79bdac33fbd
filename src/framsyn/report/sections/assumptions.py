"""Every assumption of the scenario with size, course, reason and source, and the region's parameters behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framsyn.report.blocks import (
    Block,
    Cell,
    Column,
    Entries,
    Entry,
    Fold,
    Heading,
    Paragraph,
    Section,
    Table,
)
from framsyn.report.numbers import MINUS, number, percent, value_range
from framsyn.report.sections.common import unit_word
from framsyn.report.sections.past import foreign
from framsyn.report.words import join, read_words, word

if TYPE_CHECKING:
    from framsyn.region import Region
    from framsyn.report.evidence import Evidence
    from framsyn.scenario import Assumption

__all__ = ["assumptions", "course", "moves", "owner", "parameter_table", "size", "target_words"]

OPEN_AGE = 105


def assumptions(evidence: Evidence, lang: str) -> Section:
    """What the scenario supposes, group by group."""
    scenario = evidence.outlook.scenario
    listed = scenario.assumptions
    blocks: list[Block] = [Paragraph(scenario.description[lang])]
    if listed:
        marked = sum(a.set_to_meet is not None for a in listed)
        text = word("assumption.lead", lang, name=scenario.label[lang], count=len(listed))
        text += " " + word("assumption.marked", lang, count=marked) if marked else ""
        blocks.append(Paragraph(text))
    else:
        blocks.append(Paragraph(word("assumption.none", lang)))
    for group in dict.fromkeys(a.group for a in listed):
        blocks.append(entries(evidence, [a for a in listed if a.group == group], group, lang))
    parameters = parameter_table(evidence, lang)
    blocks += [
        Heading(word("parameters.heading", lang)),
        Paragraph(word("parameters.text", lang)),
        Fold(word("parameters.open", lang, count=len(parameters.rows)), (parameters,)),
    ]
    return Section("assumptions", word("report.assumptions", lang), blocks)


def entries(evidence: Evidence, listed: list[Assumption], group: str, lang: str) -> Entries:
    """Assumptions of a group: what each moves, how much, how surely, why, and on whose word."""
    told = []
    for a in listed:
        facts = (
            (word("assumption.moves", lang), moves(evidence.outlook.region, a, lang)),
            (word("assumption.size", lang), size(a, lang)),
            (word("assumption.realisation", lang), share_text(a, lang)),
            (word("assumption.profile", lang), course(a, lang)),
        )
        met = f"{word('assumption.set', lang)}. {a.set_to_meet[lang]}" if a.set_to_meet is not None else ""
        who = ". ".join(
            f"{word(f'head.{key}', lang)}: {value}"
            for key, value in (
                ("owner", owner(a.owner, lang)),
                ("quality", word(f"quality.{a.quality}", lang)),
            )
        )
        who += "."
        source = foreign(a.source, lang)
        dotted = f"{source}." if isinstance(source, str) else source
        told.append(
            Entry(
                a.label[lang],
                facts,
                a.reason[lang],
                met,
                (f"{word('assumption.source', lang)}:", dotted, who),
            )
        )
    heading = word("assumption.caption", lang, group=word(f"group.{group}", lang))
    return Entries(f"assumptions-{group}", heading, tuple(told))


def owner(text: str, lang: str) -> str:
    """Owner of an assumption: body and role.

    >>> owner("Helse Midt-Norge RHF, finance", "nb")
    'Helse Midt-Norge RHF, økonomi'
    """
    body, comma, role = text.rpartition(", ")
    key = f"owner.{role}"
    return f"{body}{comma}{word(key, lang)}" if key in read_words() else text


def ranged(central: float, low: float, high: float, lang: str, decimals: int, sign: str = "") -> str:
    """Write a size with its range, the unit once."""
    middle = number(central, lang, decimals, signed=True)
    if low == high:
        return middle + sign
    ends = value_range(
        number(low, lang, decimals, signed=True), number(high, lang, decimals, signed=True), lang
    )
    return f"{middle}{sign} ({ends})"


def size(a: Assumption, lang: str) -> str:
    """Full effect with the range that eight of ten draws lie in, in the reader's unit."""
    effect = a.effect
    values: tuple[float, float, float] = (effect.central, effect.p10, effect.p90)
    if a.unit == "year":
        return word("assumption.years", lang, value=ranged(*values, lang, 1))
    hundred = (values[0] * 100, values[1] * 100, values[2] * 100)
    finest = max(map(abs, hundred))
    decimals = 1 if finest < 20 else 0
    if a.kind == "parameter" and a.mode == "absolute":
        if a.unit not in ("1", "1/year"):
            return f"{ranged(*values, lang, 2)} {unit_word(a.unit, lang)}"
        key = "a_year" if a.unit == "1/year" else "points_size"
        return word(f"assumption.{key}", lang, value=ranged(*hundred, lang, 2 if finest < 1 else decimals))
    return ranged(*hundred, lang, decimals, percent_sign(lang))


def percent_sign(lang: str) -> str:
    """Percent sign with the language's space before it."""
    return percent(0.0, lang).removeprefix("0")


def share_text(a: Assumption, lang: str) -> str:
    """Share of the effect that comes true, with its range."""
    r = a.realisation
    middle = percent(r.central, lang)
    if r.p10 == r.p90:
        return middle
    return f"{middle} ({value_range(number(r.p10 * 100, lang), number(r.p90 * 100, lang), lang)})"


def course(a: Assumption, lang: str) -> str:
    """Time profile in words."""
    profile = a.profile
    if profile.kind == "step":
        return word("assumption.step", lang, first=profile.year)
    first, last = (
        (profile.start, profile.end) if profile.kind != "points" else (profile.years[0], profile.years[-1])
    )
    return word(f"assumption.{profile.kind}", lang, first=first, last=last)


def moves(region: Region, a: Assumption, lang: str) -> str:
    """What an assumption moves, in words."""
    parts = target_words(region, a, lang)
    if a.kind == "shift" and a.conversion is not None and a.from_level and a.to_level:
        levels = {
            key: region.label_of("level", code, lang).lower()
            for key, code in (("from_level", a.from_level), ("to_level", a.to_level))
        }
        parts.append(
            word("assumption.from_to", lang, **levels, conversion=number(a.conversion.central, lang, 1))
        )
    text = "; ".join(parts) or word("assumption.everything", lang)
    return text[0].upper() + text[1:]


def target_words(region: Region, a: Assumption, lang: str) -> list[str]:
    """Parts of a target in words."""
    target = a.target
    parts = []
    if target.parameter:
        parts.append(word(f"parameter.{target.parameter}", lang))
    for kind in ("service_area", "service", "level", "measure", "profession"):
        codes = getattr(target, kind)
        if codes:
            names = [region.label_of(kind, code, lang) for code in codes]
            parts.append(join([name[0].lower() + name[1:] for name in names], lang))
    for kind in ("trust", "area"):
        codes = getattr(target, kind)
        if codes:
            parts.append(join([region.label_of(kind, code, lang) for code in codes], lang))
    if target.age:
        low, high = target.age
        key = "ages_over" if high == OPEN_AGE else "ages"
        parts.append(word(f"assumption.{key}", lang, low=low, **({} if high == OPEN_AGE else {"high": high})))
    return parts


def parameter_table(evidence: Evidence, lang: str) -> Table:
    """Parameters of the region that no open source gives."""
    region = evidence.outlook.region
    frame = region.table("parameters")
    frame = frame[frame["quality"].isin(("assumption", "estimate"))]
    heads = (
        Column(word("head.parameter", lang)),
        Column(word("head.for", lang)),
        Column(word("head.value", lang), numeric=True),
        Column(word("head.range", lang), numeric=True),
        Column(word("head.unit", lang)),
        Column(word("head.reason", lang), wide=True),
    )
    rows: list[tuple[Cell, ...]] = []
    for row in frame.to_dict("records"):
        keys = [(kind, str(row[kind])) for kind in ("service_area", "level", "profession") if row[kind]]
        place = ", ".join(region.label_of(kind, code, lang) for kind, code in keys) or word(
            "parameters.all", lang
        )
        ends = [plain(float(row[key]), lang) for key in ("low", "high")]
        rows.append(
            (
                word(f"parameter.{row['parameter']}", lang),
                place,
                plain(float(row["value"]), lang),
                value_range(ends[0], ends[1], lang),
                unit_word(str(row["unit"]), lang),
                foreign(str(row["reason"]), lang),
            )
        )
    return Table("parameters", word("parameters.caption", lang), heads, tuple(rows))


def plain(value: float, lang: str) -> str:
    """Write a parameter with the digits that the table holds.

    >>> plain(0.0135, "nb"), plain(19000.0, "en"), plain(-0.5, "en")
    ('0,0135', '19,000', '−0.5')
    """
    digits = f"{abs(value):.6f}".rstrip("0").partition(".")[2]
    text = number(value, lang, len(digits))
    return text if value >= 0 else text.replace("-", MINUS)
