"""Sources and licences, breaks in series, and how the run is made again."""

from __future__ import annotations

from typing import Any

from framsyn.outlook.manifest import engine_version
from framsyn.region.breaks import every_break
from framsyn.report.blocks import Block, Cell, Code, Column, Fold, Heading, Paragraph, Section, Span, Table
from framsyn.report.evidence import Evidence
from framsyn.report.numbers import number
from framsyn.report.sections.common import source_title
from framsyn.report.words import read_words, word

__all__ = ["about_run", "breaks_table", "reproduce", "sources", "sources_table", "tables_table"]

METHOD_PAGES = (
    "population",
    "need-and-activity",
    "capacity",
    "workforce",
    "economy",
    "climate",
    "why-a-number-moves",
    "hindcast",
    "random-numbers",
)


def sources(evidence: Evidence, lang: str) -> Section:
    """Where every figure comes from."""
    tables = tables_table(evidence, lang)
    blocks: list[Block] = [
        Paragraph(word("sources_part.text", lang)),
        sources_table(evidence, lang),
        Paragraph(word("sources_part.map", lang), "note"),
        Fold(word("sources_part.open", lang, count=len(tables.rows)), (tables,)),
        Heading(word("sources_part.breaks", lang)),
        breaks_table(evidence, lang),
    ]
    return Section("sources", word("report.sources", lang), blocks)


def licence(source: dict[str, Any], lang: str) -> Cell:
    """Name of a licence with its address, or that none is stated."""
    said = source.get("license") or {}
    if said.get("name") == "not-stated":
        return word("sources_part.not_stated", lang)
    return Span(str(said.get("name", "")), href=str(said.get("path", "")))


def sources_table(evidence: Evidence, lang: str) -> Table:
    """Sources with licences; a title that is not translated stands in English."""
    heads = (Column(word("head.source", lang), wide=True), Column(word("head.licence", lang)))
    rows: list[tuple[Cell, ...]] = []
    for key, source in evidence.outlook.region.sources.items():
        translated = f"source.{key}" in read_words() or lang == "en"
        title = source_title(evidence, key, lang)
        rows.append(
            (
                Span(title, lang="" if translated else "en", href=str(source.get("path", ""))),
                licence(source, lang),
            )
        )
    return Table("sources-table", word("sources_part.caption", lang), heads, tuple(rows))


def tables_table(evidence: Evidence, lang: str) -> Table:
    """Tables of the data package with their date and sources."""
    heads = (
        Column(word("head.table", lang)),
        Column(word("head.through", lang), numeric=True),
        Column(word("head.source", lang), wide=True),
    )
    rows: list[tuple[Cell, ...]] = []
    for resource in evidence.outlook.region.descriptor["resources"]:
        key = f"table_name.{resource['name']}"
        title: Cell = word(key, lang) if key in read_words() else Span(resource["title"], lang="en")
        listed = tuple(
            Span(
                source_title(evidence, source["name"], lang),
                lang="" if f"source.{source['name']}" in read_words() else "en",
            )
            for source in resource.get("sources", [])
        )
        rows.append((title, str(resource.get("dataThrough", "")), listed))
    return Table("tables-table", word("sources_part.tables", lang), heads, tuple(rows))


def breaks_table(evidence: Evidence, lang: str) -> Table:
    """Breaks in the series that the model rests on."""
    heads = (
        Column(word("head.table", lang)),
        Column(word("head.year", lang), numeric=True),
        Column(word("head.kind", lang)),
        Column(word("head.text", lang), wide=True),
    )
    rows: list[tuple[Cell, ...]] = []
    region = evidence.outlook.region
    for one in every_break(region):
        key = f"series.{one.table}"
        title: Cell = word(key, lang) if key in read_words() else Span(one.table, lang="en")
        place = f"{region.label_of('trust', one.trust, lang)}: " if one.trust else ""
        rows.append((title, one.years, word(f"sources_part.{one.kind}", lang), place + one.text[lang]))
    return Table("breaks-table", word("sources_part.breaks_caption", lang), heads, tuple(rows))


def reproduce(evidence: Evidence) -> tuple[str, str]:
    """Make the run again: in Python, and on the command line."""
    m = evidence.manifest
    name = evidence.outlook.region.name
    region = f'"{name}"'
    off = [key for key, on in m["switches"].items() if not on]
    load = f"framsyn.Region.load({region}" + "".join(f", {key}=False" for key in off) + ")"
    python = (
        "import framsyn\n\n"
        f"region = {load}\n"
        f'outlook = framsyn.run(region, "{m["scenario"]}", draws={m["draws"]}, seed={m["seed"]}, until={m["until"]}, '
        f'control="{m["control"]}")\n'
        f'assert outlook.id == "{evidence.outlook.id}"'
    )
    command = (
        f"framsyn run {m['scenario']} --region {name} --draws {m['draws']} --seed {m['seed']} "
        f"--until {m['until']} --control {m['control']}"
    ) + "".join(f" --switch {key}=false" for key in off)
    return python, command


def about_run(evidence: Evidence, lang: str) -> Section:
    """Inputs of the run, how to make it again, where the method is."""
    m = evidence.manifest
    python, command = reproduce(evidence)
    values: dict[str, Cell] = {
        "id": evidence.outlook.id,
        "engine": engine_version(),
        "region": evidence.outlook.region.label[lang],
        "region_digest": m["region_digest"],
        "switches": switches(evidence, lang),
        "scenario": evidence.outlook.scenario.label[lang],
        "scenario_digest": m["scenario_digest"],
        "control": word(f"about_run.control_{m['control']}", lang),
        "until": str(m["until"]),
        "seed": str(m["seed"]),
        "draws": number(m["draws"], lang),
    }
    heads = (Column(word("head.quantity", lang)), Column(word("head.value", lang), wide=True))
    rows = tuple((word(f"about_run.{key}", lang), value) for key, value in values.items())
    pages = "\n".join(f"docs/explanation/{page}.md" for page in METHOD_PAGES)
    blocks: list[Block] = [
        Paragraph(word("about_run.text", lang)),
        Code(word("about_run.python", lang), python),
        Code(word("about_run.command", lang), command),
        Table("run-table", word("about_run.caption", lang), heads, rows),
        Code(word("about_run.method", lang), pages),
        Paragraph(word("about_run.files", lang)),
        Paragraph(word("page.in_english", lang), "note"),
    ]
    return Section("run", word("about_run.heading", lang), blocks)


def switches(evidence: Evidence, lang: str) -> str:
    """Switches of the region in words."""
    said = evidence.outlook.region.descriptor["framsyn"]["switches"]
    parts = []
    for key, on in evidence.manifest["switches"].items():
        answer = word("table.yes" if on else "table.no", lang)
        parts.append(f"{said[key]['label'][lang]}: {answer}")
    return "; ".join(parts)
