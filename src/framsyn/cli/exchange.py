"""``framsyn exchange export | check | import``: the plan as a workbook, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.text import Text

from framsyn.cli import terminal
from framsyn.cli.options import JsonOption
from framsyn.cli.progress import Work
from framsyn.cli.site import DataOption

if TYPE_CHECKING:
    from framsyn.web.exchange.difference import Difference
    from framsyn.web.exchange.reading import Reading

__all__ = ["check", "export", "fhir", "take_in"]

SHOWN = 40
FileArgument = Annotated[Path, Parameter(help="The workbook (.xlsx).")]


def export(
    file: FileArgument,
    /,
    *,
    plan: Annotated[str, Parameter(help="Id of one plan; everything if left out.")] = "",
    language: Annotated[str, Parameter(help="Of heads and choices: nb, nn or en.")] = "nb",
    data: DataOption = None,
) -> int:
    """Write goals, indicators, figures and measures into a workbook."""
    from framsyn.errors import PlanError
    from framsyn.web.operations import start

    start.set_up(data, existing=True)
    from framsyn.web.exchange.book import write_workbook
    from framsyn.web.exchange.rows import Scope
    from framsyn.web.languages import LANGUAGES
    from framsyn.web.operations.backup import written_whole
    from framsyn.web.plan.models import Plan

    if language not in LANGUAGES:
        message = f"{language} is no language here; expected nb, nn or en."
        raise PlanError("unknown-language", message, got=language)
    if plan and not Plan.objects.filter(pk=plan).exists():
        known = ", ".join(Plan.objects.values_list("pk", flat=True))
        message = f"there is no plan {plan}. Nothing was written. Choose one of: {known}."
        raise PlanError("unknown-plan", message, got=plan)
    with Work() as work, work.phase(f"Writing {file}"):
        content = write_workbook(language, Scope(plan))
        with written_whole(file) as target:
            target.write_bytes(content)
    terminal.stdout().print(
        Text(f"{file}: written. Change it, then: framsyn exchange check {file}"), soft_wrap=True
    )
    return 0


def check(file: FileArgument, /, *, data: DataOption = None, json: JsonOption = False) -> int:
    """Show what a workbook would change, and every cell that is wrong; nothing is changed."""
    _reading, found = _checked(file, data)
    tell(file, found, as_json=json, done=False)
    return 1 if found.errors or found.waiting else 0


def take_in(file: FileArgument, /, *, data: DataOption = None, json: JsonOption = False) -> int:
    """Change what a workbook changes, all of it or nothing."""
    reading, found = _checked(file, data)
    from framsyn.web.actions import Actor
    from framsyn.web.exchange.applying import apply

    if found.errors or found.waiting or not found.doing:
        tell(file, found, as_json=json, done=False)
        return 1 if found.errors or found.waiting else 0
    with Work() as work, work.phase(f"Changing {len(found.doing)} rows"):
        done = apply(Actor.system("exchange"), reading, found.digest)
    tell(file, done, as_json=json, done=True)
    return 0


def fhir(
    file: Annotated[Path, Parameter(help="A FHIR R4 document (.json).")],
    /,
    *,
    write: Annotated[
        bool, Parameter(help="Put the figures in. Without it they are shown, and nothing is changed.")
    ] = False,
    reason: Annotated[
        str, Parameter(help="Why figures that stand there are corrected; it goes into the log.")
    ] = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Show what the MeasureReports of a FHIR document would change, and with --write change it."""
    from framsyn.web.operations import start

    start.set_up(data, existing=True)
    from framsyn.sources.fhir.opening import LARGEST
    from framsyn.web.actions import Actor
    from framsyn.web.exchange.applying import apply
    from framsyn.web.exchange.applying import check as checked
    from framsyn.web.exchange.fhir import read_document

    actor = Actor.system("exchange")
    with Work() as work, work.phase(f"Reading {file}"):
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
        reading = read_document(content, file.name, reason)
        found = checked(actor, reading)
    stopped = bool(found.errors or found.waiting)
    if write and found.doing and not stopped:
        with Work() as work, work.phase(f"Changing {len(found.doing)} figures"):
            found = apply(actor, reading, found.digest)
        tell(file, found, as_json=json, done=True)
        return 0
    tell(file, found, as_json=json, done=False)
    return 1 if stopped else 0


def _checked(file: Path, data: Path | None) -> tuple[Reading, Difference]:
    from framsyn.web.operations import start

    start.set_up(data, existing=True)
    from framsyn.web.actions import Actor
    from framsyn.web.exchange.applying import check as checked
    from framsyn.web.exchange.opening import LARGEST, opened
    from framsyn.web.exchange.reading import read_book
    from framsyn.web.exchange.vocabulary import vocabularies

    with Work() as work, work.phase(f"Reading {file}"):
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
        reading = read_book(opened(content, file.name), vocabularies())
        return reading, checked(Actor.system("exchange"), reading)


def tell(file: Path, found: Difference, *, as_json: bool, done: bool) -> None:
    """Tell what differs: counts, wrong cells, and the first rows."""
    counts = {status: count for status, count in found.counts.items() if count}
    if as_json:
        terminal.write_json(
            {
                "file": str(file),
                "done": done,
                "counts": counts,
                "unchanged": found.unchanged,
                "errors": [
                    {"sheet": error.sheet, "cell": error.cell, "message": error.message}
                    for error in found.errors
                ],
                "notices": found.notices,
                "changes": [
                    {
                        "kind": change.kind,
                        "status": change.status,
                        "row": change.row,
                        "id": change.id,
                        "message": change.message,
                        "cells": [
                            {"column": cell.column, "before": cell.before, "after": cell.after}
                            for cell in change.cells
                        ],
                    }
                    for change in found.changes
                ],
            }
        )
        return
    out = terminal.stdout()

    def say(words: str) -> None:
        out.print(Text(words), soft_wrap=True)

    for error in found.errors:
        say(str(error))
    for notice in found.notices:
        say(notice)
    for change in found.changes[:SHOWN]:
        say(f"{change.sheet} row {change.row}, {change.status}: {change.label}")
        for cell in change.cells:
            say(f"    {cell.column}: {_short(cell.before)} → {_short(cell.after)}")
        if change.message:
            say(f"    {change.message}")
    if len(found.changes) > SHOWN:
        say(f"… and {len(found.changes) - SHOWN} rows more (--json tells all)")
    parts = [f"{count} {status}" for status, count in counts.items()] or ["0 changes"]
    end = "All of it is done." if done else "Nothing was changed."
    say(f"{file}: {', '.join(parts)}; {found.unchanged} rows as they were. {end}")


def _short(value: Any) -> str:
    words = "–" if value in (None, "", []) else "; ".join(value) if isinstance(value, list) else str(value)
    words = " ".join(words.split())
    return words if len(words) <= 70 else f"{words[:69]}…"
