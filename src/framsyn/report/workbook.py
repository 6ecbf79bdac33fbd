"""The workbook: results, assumptions, sources and a data dictionary, one file per language.

Numbers are numbers and carry a format, so that a planner can go on counting; units stand in the heads or in a column of
their own. By trust only what open data can tell apart is shown: somatic care, the other services together, and the
professions that every trust publishes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xlsxwriter

from framsyn.outlook.manifest import engine_version
from framsyn.quantities import Quantity, quantities
from framsyn.report.blocks import Span, Table
from framsyn.report.evidence import Evidence
from framsyn.report.sections.assumptions import course, moves, owner, parameter_table
from framsyn.report.sections.basis import breaks_table, sources_table, tables_table
from framsyn.report.sections.common import unit_word
from framsyn.report.sections.need import headline_table
from framsyn.report.sections.past import foreign
from framsyn.report.sections.summary import headline, key_figures, old_table, people_table
from framsyn.report.words import word
from framsyn.report.workbook_book import FORMATS, Book
from framsyn.report.workbook_results import municipalities, results

__all__ = ["workbook_name", "write_workbook"]


def workbook_name(lang: str) -> str:
    """File name of the workbook in a language.

    >>> workbook_name("nb")
    'workbook.nb.xlsx'
    """
    return f"workbook.{lang}.xlsx"


def write_workbook(path: Path, evidence: Evidence, lang: str) -> None:
    """Write the workbook in one language.

    Parameters
    ----------
    path : Path
    evidence : Evidence
    lang : str
    """
    with xlsxwriter.Workbook(str(path), {"strings_to_urls": False, "constant_memory": False}) as raw:
        raw.set_properties(
            {
                "title": word(
                    "page.title", lang, region=evidence.outlook.region.label[lang], year=evidence.last
                ),
                "comments": f"Framsyn {engine_version()}, {evidence.outlook.id}",
            }
        )
        formats = {name: raw.add_format(look) for name, look in FORMATS.items()}
        book = Book(raw, lang, formats)
        overview(book, evidence)
        results(book, evidence, "region")
        results(book, evidence, "trusts")
        municipalities(book, evidence)
        assumption_sheet(book, evidence)
        parameters(book, evidence)
        sources(book, evidence)
        dictionary(book)


def overview(book: Book, evidence: Evidence) -> None:
    """First sheet: the sentence, key figures, the plan's table, what the other sheets hold, the run."""
    lang = book.lang
    sheet = book.sheet("overview", (34, 20, 20, 24, 20, 24, 20))
    region = evidence.outlook.region.label[lang]
    sheet.write(0, 0, word("page.title", lang, region=region, year=evidence.last), book.formats["title"])
    sheet.write(1, 0, headline(evidence, lang), book.formats["lead"])
    draws = evidence.manifest["draws"]
    sheet.write(2, 0, word("workbook.note", lang, draws=draws), book.formats["plain"])
    line = 4
    sheet.write(line, 0, word("summary.figures", lang), book.formats["section"])
    heads = [word("head.quantity", lang), word("head.unit", lang), *map(str, evidence.years)]
    for column, head in enumerate(heads):
        sheet.write(line + 1, column, head, book.formats["head"])
    line += 2
    for card in key_figures(evidence, lang):
        book.cell(sheet, line, 0, card.label)
        book.cell(sheet, line, 1, card.unit)
        for column, (_, value, interval) in enumerate(card.values, start=2):
            book.cell(sheet, line, column, (f"{value} ({interval})" if interval else value, "right"))
        line += 1
    for table in (people_table(evidence, lang), old_table(evidence, lang), headline_table(evidence, lang)):
        line = small_table(book, sheet, table, line + 1)
    sheet.write(line + 1, 0, word("workbook.sheets", lang), book.formats["section"])
    line += 2
    for key in ("region", "trusts", "areas", "assumptions", "parameters", "sources", "dictionary"):
        name = word(f"workbook.{key}", lang)
        sheet.write_url(line, 0, f"internal:'{name}'!A1", book.formats["plain"], name)
        line += 1
    sheet.write(line + 1, 0, word("about_run.caption", lang), book.formats["section"])
    line += 2
    for key, value in evidence.manifest.items():
        if isinstance(value, dict):
            value = ", ".join(f"{name}={'on' if on else 'off'}" for name, on in value.items())
        book.cell(sheet, line, 0, word(f"about_run.{key}", lang))
        book.cell(sheet, line, 1, (str(value), "plain"))
        line += 1


def small_table(book: Book, sheet: Any, table: Table, line: int) -> int:
    """Write a table of texts below what stands in a sheet; return the next free line."""
    sheet.write(line, 0, table.caption, book.formats["section"])
    for column, head in enumerate(table.columns):
        sheet.write(line + 1, column, head.head, book.formats["head"])
    for offset, row in enumerate(table.rows, start=2):
        for column, cell in enumerate(row):
            look = "right" if table.columns[column].numeric else "text"
            book.cell(sheet, line + offset, column, (plain_text(cell), look))
    return line + 2 + len(table.rows)


def plain_text(cell: Any) -> str:
    """Text of a cell without its markup."""
    if isinstance(cell, Span):
        return cell.text
    if isinstance(cell, tuple):
        return "\n".join(plain_text(part) for part in cell)
    return str(cell)


# --- what the results rest on ----------------------------------------------------------------------------------------


def assumption_sheet(book: Book, evidence: Evidence) -> None:
    """Assumptions with sizes as numbers."""
    lang = book.lang
    keys = ("name", "moves", "size", "realisation", "profile", "source")
    names = {key: word(f"assumption.{key}", lang) for key in keys}
    heads = [
        word("head.group", lang),
        names["name"],
        names["moves"],
        f"{names['size']}: {word('head.median', lang).lower()}",
        f"{names['size']}: {word('head.low', lang)}",
        f"{names['size']}: {word('head.high', lang)}",
        word("head.unit", lang),
        f"{names['realisation']}: {word('head.median', lang).lower()}",
        f"{names['realisation']}: {word('head.low', lang)}",
        f"{names['realisation']}: {word('head.high', lang)}",
        names["profile"],
        word("head.reason", lang),
        word("assumption.set", lang),
        names["source"],
        word("head.owner", lang),
        word("head.quality", lang),
        word("head.name", lang),
    ]
    rows = []
    for a in evidence.outlook.scenario.assumptions:
        effect, real = a.effect, a.realisation
        met = (a.set_to_meet[lang], "mark") if a.set_to_meet is not None else ""
        rows.append(
            [
                word(f"group.{a.group}", lang),
                a.label[lang],
                moves(evidence.outlook.region, a, lang),
                (effect.central, "any"),
                (effect.p10, "any"),
                (effect.p90, "any"),
                unit_word(a.unit, lang),
                (real.central, "percent"),
                (real.p10, "percent"),
                (real.p90, "percent"),
                course(a, lang),
                a.reason[lang],
                met,
                plain_text(foreign(a.source, lang)),
                owner(a.owner, lang),
                word(f"quality.{a.quality}", lang),
                a.name,
            ]
        )
    widths = [12, 30, 34, 12, 12, 12, 16, 12, 12, 12, 18, 60, 50, 50, 30, 14, 24]
    book.frame("assumptions", heads, widths, rows, keep=2)


def parameters(book: Book, evidence: Evidence) -> None:
    """Parameters that no open source gives, with values as numbers."""
    lang, region = book.lang, evidence.outlook.region
    table = parameter_table(evidence, lang)
    frame = region.table("parameters")
    frame = frame[frame["quality"].isin(("assumption", "estimate"))]
    heads = [
        word("head.parameter", lang),
        word("head.for", lang),
        word("head.value", lang),
        word("head.low", lang),
        word("head.high", lang),
        word("head.unit", lang),
        word("head.quality", lang),
        word("head.reason", lang),
        word("head.source", lang),
        word("head.name", lang),
    ]
    heads[3:5] = [
        f"{word('head.range', lang)}: {side}" for side in (word("head.from", lang), word("head.to", lang))
    ]
    rows = [
        [
            told[0],
            told[1],
            (float(row["value"]), "any"),
            (float(row["low"]), "any"),
            (float(row["high"]), "any"),
            told[4],
            word(f"quality.{row['quality']}", lang),
            plain_text(told[5]),
            row["source"],
            row["parameter"],
        ]
        for told, row in zip(table.rows, frame.to_dict("records"), strict=True)
    ]
    book.frame("parameters", heads, [36, 34, 12, 12, 12, 20, 14, 70, 18, 26], rows)


def sources(book: Book, evidence: Evidence) -> None:
    """Sources with licences, the tables of the data package, breaks in series."""
    sheet = book.sheet("sources", (80, 34, 24, 90))
    line = 0
    for table in (sources_table, tables_table, breaks_table):
        line = small_table(book, sheet, table(evidence, book.lang), line) + 1
    sheet.freeze_panes(0, 1)


def dictionary(book: Book) -> None:
    """Every quantity of the results: name, label, unit, dimensions, definition."""
    lang = book.lang
    heads = [
        word("head.name", lang),
        word("head.quantity", lang),
        word("head.unit", lang),
        word("head.dims", lang),
        word("head.definition", lang),
    ]
    rows = [
        [
            rule.name,
            rule.labels[lang],
            unit_word(rule.unit, lang),
            ", ".join(word(f"dimension.{dim}", lang) for dim in ("year", *rule.dims)),
            definition(rule, lang),
        ]
        for rule in quantities().values()
    ]
    book.frame("dictionary", heads, [28, 34, 26, 40, 100], rows)


def definition(rule: Quantity, lang: str) -> str:
    """Definition of a quantity; the English one is the table's own."""
    return rule.text if lang == "en" else word(f"definition.{rule.name}", lang)
