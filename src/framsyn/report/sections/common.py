"""What several chapters say alike: where numbers come from, names of places, tables over the years."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from framsyn.report.blocks import Cell, Column, Table
from framsyn.report.evidence import Evidence, Triple, spell
from framsyn.report.figure import About
from framsyn.report.words import word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import xarray as xr

    from framsyn.report.numbers import Style

__all__ = [
    "about",
    "heads",
    "numbers_table",
    "own_source",
    "place_name",
    "source_title",
    "unit_word",
    "years_table",
]

MOST: dict[Style, int] = {"number": 1, "percent": 1, "money": 2}
"""Decimals that a table shows at most."""


def own_source(evidence: Evidence, lang: str, *keys: str) -> str:
    """Name the run as source, after the region's sources that its numbers rest on.

    Open data come first where a chart shows them beside the projection.
    """
    run = evidence.outlook.id
    if not keys:
        return word("page.source_own", lang, id=run)
    titles = [source_title(evidence, key, lang) for key in keys]
    return word("page.source_with", lang, source="; ".join(titles), id=run)


def source_title(evidence: Evidence, key: str, lang: str) -> str:
    """Title of a source, in the reader's language where the words hold one."""
    from framsyn.report.words import read_words

    if f"source.{key}" in read_words():
        return word(f"source.{key}", lang)
    return str(evidence.outlook.region.sources[key]["title"])


def about(
    evidence: Evidence,
    lang: str,
    what: str,
    unit: str = "",
    *,
    style: Style = "number",
    sources: Sequence[str] = (),
    scenario: bool = True,
) -> About:
    """Subtitle of a chart of the whole region."""
    return About(
        what,
        unit,
        evidence.outlook.region.label[lang],
        own_source(evidence, lang, *sources),
        lang,
        style,
        evidence.outlook.scenario.label[lang] if scenario else "",
    )


def place_name(evidence: Evidence, code: str, lang: str) -> str:
    """Name of a trust, or of the whole."""
    return (
        word("head.region", lang)
        if code == "region"
        else evidence.outlook.region.label_of("trust", code, lang)
    )


def unit_word(unit: str, lang: str) -> str:
    """Unit in the reader's language.

    >>> unit_word("bed day per year", "nn")
    'liggjedøgn i året'
    """
    return word(f"unit.{unit}", lang)


def heads(lang: str, *keys: str) -> list[str]:
    """Heads of columns in words."""
    return [word(key, lang) for key in keys]


def numbers_table(
    name: str,
    caption: str,
    columns: Sequence[str | Column],
    rows: Iterable[tuple[Cell, ...]],
    source: str,
) -> Table:
    """Make a table whose first column names its rows and whose others are numbers, unless a head is a column itself.

    >>> numbers_table("t", "T", ["Place", "Beds", Column("Note")], [("Molde", "7", "")], "").columns[1:]
    (Column(head='Beds', numeric=True, wide=False), Column(head='Note', numeric=False, wide=False))
    """
    made = tuple(
        column if isinstance(column, Column) else Column(column, numeric=place > 0)
        for place, column in enumerate(columns)
    )
    return Table(name, caption, made, tuple(rows), source)


def _growth(values: xr.DataArray, year: int) -> xr.DataArray:
    return values / values.sel(year=year) - 1


def years_table(
    evidence: Evidence,
    lang: str,
    name: str,
    caption: str,
    first_head: str,
    rows: Sequence[tuple[str, xr.DataArray, Style]],
    *,
    change: bool = True,
) -> Table:
    """Make a table of draws in the years of the report, with the change to the horizon.

    Parameters
    ----------
    rows : sequence of (label, draws, style)
        Draws by year alone.
    change : bool
        Add a column with the change to the horizon, taken within each draw.
    """
    heads = [Column(first_head), *(Column(str(year), numeric=True) for year in evidence.years)]
    span = {"first": evidence.first, "last": evidence.last}
    if change:
        heads.append(Column(word("head.change", lang, **span), numeric=True))
    body: list[tuple[Cell, ...]] = []
    for label, values, style in rows:
        texts = spell(evidence.triples(values), lang, style, most=MOST[style])
        if change:
            grown = evidence.once(("grown", name, len(body)), partial(_growth, values, evidence.first))
            texts += spell([evidence.triple(grown)], lang, "percent", signed=True, most=1)
        body.append((label, *texts))
    return Table(name, caption, tuple(heads), tuple(body), own_source(evidence, lang))


def highest_and_lowest(triples: dict[str, Triple]) -> tuple[str, str]:
    """Codes of the largest and the smallest median."""
    return max(triples, key=lambda code: triples[code].median), min(
        triples, key=lambda code: triples[code].median
    )
