"""``framsyn plan import``: a document read into the draft of a plan."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.text import Text

from framsyn.cli import terminal
from framsyn.cli.options import JsonOption
from framsyn.cli.progress import Work
from framsyn.errors import PlanError

if TYPE_CHECKING:
    from rich.console import Console

    from framsyn.sources.plan_document import PlanDraft

__all__ = ["take_in"]

DEEPEST = 4
# Kinds of which the review prints every one; paragraphs and references are counted under their heading.
COUNTED = ("paragraph", "reference", "annex")
NAMES = {
    "main_goal": "main goals",
    "section": "sections",
    "goal": "four-year goals",
    "ambition": "ambitions",
    "driver": "drivers",
    "challenge": "challenges",
    "priority": "priorities",
    "statement": "statements",
    "theme": "themes",
    "conclusion": "proposed conclusions",
    "means": "means",
    "focus": "focus areas",
    "vision": "vision",
    "value": "values",
    "choice": "choices of path",
    "chapter": "chapters",
    "annex": "annexes",
    "reference": "references",
    "table": "tables",
    "paragraph": "paragraphs",
    "parts_with_goals": "parts with a list of goals",
    "population_tables": "tables of people",
}


def take_in(
    file: Annotated[Path, Parameter(help="The document: .docx, .pdf, .html, .md or .txt.")],
    /,
    *,
    plan: Annotated[
        str | None,
        Parameter(
            help="Short name of the plan; made from the name of the file if left out.", show_default=False
        ),
    ] = None,
    title: Annotated[
        str, Parameter(help="Title; what the document says if left out.", show_default=False)
    ] = "",
    kind: Annotated[
        str, Parameter(help="Kind of plan, such as trust_plan or status_note.")
    ] = "regional_plan",
    organisation: Annotated[
        str | None, Parameter(help="Id of the organisation whose plan it is.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None, Parameter(help="Write the draft as a content file (.toml).", show_default=False)
    ] = None,
    load: Annotated[bool, Parameter(help="Make a draft of it in the site's database.")] = False,
    data: Annotated[
        Path | None, Parameter(help="Folder of that database; FRAMSYN_DATA if left out.", show_default=False)
    ] = None,
    json: JsonOption = False,
) -> int:
    """Read a document, show what was found, and write or load the draft where asked to."""
    from framsyn.sources.plan_document import read_safely

    with Work() as work, work.phase(f"Reading {file.name}"):
        draft = read_safely(file, title=title)
    name = plan or plan_name(out.stem if out else file.stem)
    done: dict[str, Any] = {}
    if out is not None:
        done["out"] = str(write(draft, out, name, organisation or "", kind))
    if load:
        done |= load_draft(draft, name, organisation, kind, title, data)
    if json:
        terminal.write_json(
            {"plan": name, "counts": draft.counts(), **done, "draft": draft.model_dump(mode="json")}
        )
        return 0
    show(terminal.stdout(), draft)
    console = terminal.stdout()
    if out is not None:
        console.print(Text(f"Written to {out}, in {draft.language} alone, as the source."), soft_wrap=True)
    if load:
        told = f"Draft {done['version']} of {name} is made. Edit it at /plan/{name}/edit/."
        console.print(Text(told), soft_wrap=True)
    if out is None and not load:
        console.print(
            Text("Nothing was written. Write the draft with --out, or load it into the site with --load.")
        )
    return 0


def plan_name(stem: str) -> str:
    """Return a short name made from the name of a file.

    >>> plan_name("Utviklingsplan 2031 (utkast)")
    'utviklingsplan-2031-utkast'
    """
    plain = stem.lower().replace("æ", "ae").replace("ø", "o").replace("å", "a")
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:60].strip("-") or "plan"


def write(draft: PlanDraft, out: Path, name: str, organisation: str, kind: str) -> Path:
    """Write the content file, whole or not at all."""
    from framsyn.sources.plan_document.toml_out import draft_to_toml

    text = draft_to_toml(draft, name, organisation=organisation, kind=kind)
    partly = out.with_name(f".{out.name}.part")
    try:
        partly.write_text(text, encoding="utf-8", newline="\n")
        partly.replace(out)
    finally:
        partly.unlink(missing_ok=True)
    return out


def load_draft(
    draft: PlanDraft, name: str, organisation: str | None, kind: str, title: str, data: Path | None
) -> dict[str, Any]:
    """Make a draft in the site's database."""
    from framsyn.web.operations import start

    start.set_up(data, existing=True)
    start.bring_up_to_date()
    from framsyn.web.accounts.models import Organisation
    from framsyn.web.actions import Actor
    from framsyn.web.plan_import.actions import import_plan

    roots = Organisation.objects.filter(kind="health_authority")
    chosen = Organisation.objects.filter(pk=organisation).first() if organisation else None
    if organisation is None and roots.count() == 1:
        chosen = roots.first()
    if chosen is None:
        known = (
            ", ".join(Organisation.objects.order_by("position", "pk").values_list("pk", flat=True))
            or "none yet"
        )
        message = (
            f'organisation "{organisation or ""}" is not on this site. Name one with --organisation: {known}.'
        )
        raise PlanError("unknown-organisation", message, got=organisation, expected=known)
    version = import_plan(
        Actor.system("plan import"), draft, name, organisation=chosen, kind=kind, title=title
    )
    return {"version": version.number, "organisation": chosen.pk}


def show(console: Console, draft: PlanDraft) -> None:
    """Print the review: counts, tree, tables, findings, text left over."""
    terminal.heading(console, draft.title, _about(draft))
    console.print()
    rows = [(NAMES.get(kind, kind), str(count)) for kind, count in draft.counts().items() if count]
    console.print(
        terminal.one_table([("Found", [row[0] for row in rows])], [("Number", [row[1] for row in rows])])
    )
    terminal.heading(console, "Structure")
    for line in tree_lines(draft, console.width):
        console.print(Text(line), soft_wrap=True)
    for table in draft.tables:
        terminal.heading(console, table.caption or "Table", f"{table.place}; {table.kind}")
        for line in table.lines():
            console.print(Text(line, overflow="fold"), width=console.width)
    look = [finding for finding in draft.findings if finding.level == "look"]
    notes = [finding for finding in draft.findings if finding.level == "note"]
    terminal.heading(console, f"Look at this ({len(look)})")
    for finding in look:
        place = f" ({finding.place})" if str(finding.place) else ""
        console.print(Text(f"• {finding.message}{place} {finding.way_out}"))
    for finding in notes:
        console.print(Text(f"  {finding.message}", style="dim"))
    reasons: dict[str, int] = {}
    for piece in draft.left_over:
        reasons[piece.reason] = reasons.get(piece.reason, 0) + 1
    if reasons:
        said = ", ".join(f"{reason} {count}" for reason, count in reasons.items())
        console.print()
        console.print(Text(f"Text left over, kept with the draft: {said}.", style="dim"))
    console.print()


def _about(draft: PlanDraft) -> str:
    period = f", {draft.period[0]}–{draft.period[1]}" if draft.period else ""
    return f"{draft.file}: {draft.form}, {draft.language}{period}, {draft.source_words} words"


def tree_lines(draft: PlanDraft, width: int) -> list[str]:
    """Return the tree, one line for each element but paragraphs and references, which are counted."""
    depths = draft.depths()
    lines = []
    for element in draft.elements:
        if element.kind in COUNTED:
            continue
        under = draft.children(element.id)
        counted = [
            f"{count} {NAMES[kind]}" if count > 1 else f"1 {kind}"
            for kind in COUNTED
            if (count := sum(child.kind == kind for child in under))
        ]
        tail = f"  [{', '.join(counted)}]" if counted else ""
        unsure = " ?" if element.confidence < 0.6 else ""
        name = element.kind.replace("_", " ")
        number = f" {element.number}" if element.number else ""
        first = "  " * min(depths[element.id], DEEPEST) + f"{name}{number}{unsure}: "
        said = " ".join((element.title or element.text).split())
        room = max(20, width - len(first) - len(tail))
        lines.append(first + (said if len(said) <= room else said[: room - 1].rstrip() + "…") + tail)
    return lines
