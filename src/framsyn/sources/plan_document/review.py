"""What a person should look at in a draft: each finding says what, where, and the way out."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from framsyn.sources.plan_document.blocks import words
from framsyn.sources.plan_document.draft import DraftElement, Finding, LeftOver, Place
from framsyn.sources.plan_document.repeats import alike

if TYPE_CHECKING:
    from framsyn.sources.plan_document.blocks import Document
    from framsyn.sources.plan_document.nodes import Node, Structure

__all__ = ["FINDINGS", "findings_of", "worded"]

# code → level, what, way out; the braces are filled from the finding's data.
FINDINGS: dict[str, tuple[Literal["look", "note"], str, str]] = {
    "count-differs": (
        "look",
        "The text announces {said} items and {found} were found: “{text}”.",
        "See in the source whether one is missing, or was taken for two.",
    ),
    "listed-twice": (
        "note",
        "“{title}” and its {count} statements stand twice in the document; {same} of them in the same words. "
        "They are one set here.",
        "Nothing, unless two sets are meant.",
    ),
    "listed-twice-differs": (
        "look",
        "The two lists say this differently: kept “{kept}”, put aside “{other}”.",
        "Choose the wording that is meant.",
    ),
    "listed-once": (
        "look",
        "This stands in one of two lists that are otherwise the same: “{kept}{other}”.",
        "Decide whether it belongs to the plan.",
    ),
    "same-text-twice": (
        "look",
        "The same {kind} stands twice: “{text}”.",
        "Leave one of them out, if the second is a slip.",
    ),
    "part-without-goals": (
        "look",
        "{parts} parts could hold goals and {lists} do; “{title}” has none of its own.",
        "See in the source whether the list after it belongs to it too.",
    ),
    "ambition-of-paragraphs": (
        "look",
        "The ambition of “{title}” has {count} paragraphs; the others have one.",
        "Keep it as one ambition, or part it in the editor.",
    ),
    "part-without-ambition": (
        "look",
        "“{title}” has goals and no ambition, as the other parts have.",
        "See in the source whether one is missing.",
    ),
    "number-missing": (
        "look",
        "The numbers of {what} go from {before} to {after}.",
        "See in the source whether something is missing or was numbered wrongly.",
    ),
    "contents-not-found": (
        "look",
        "The table of contents names “{text}”, and no heading says so.",
        "See whether the heading is worded otherwise in the text.",
    ),
    "goal-as-paragraph": (
        "look",
        "This goal is a paragraph and no list item.",
        "Make it a paragraph if it is no goal.",
    ),
    "sentence-broken": (
        "look",
        "The text breaks off: “…{text}”.",
        "See in the source how the sentence ends.",
    ),
    "joined": (
        "note",
        "{count} paragraphs that a page or an empty line broke in the middle of a sentence were put together.",
        "Nothing, unless one of them reads wrongly.",
    ),
    "encoding-guessed": (
        "look",
        "The file does not say how its letters are stored; it was read as {got}.",
        "If letters such as æ, ø, å look wrong, save the file as UTF-8.",
    ),
    "not-placed": (
        "look",
        "Words of the source fit nowhere and stand in the text left over: “{text}”.",
        "Put them where they belong, in the editor.",
    ),
    "title-missing": (
        "look",
        "The document does not say what it is called; the name of the file stands in.",
        "Write the title.",
    ),
    "no-structure": (
        "look",
        "No headings were found: all of it is paragraphs.",
        "Mark the headings in the source, or sort the paragraphs in the editor.",
    ),
    "nothing-known": (
        "look",
        "Headings and paragraphs were found, but neither goals nor challenges nor statements.",
        "Choose what each part is in the review, if the document is a plan.",
    ),
}


def worded(code: str, data: dict[str, Any], place: Place, element: str | None = None) -> Finding:
    """Return a finding in words."""
    level, message, way_out = FINDINGS[code]
    said = message.format(
        **{key: _short(value) if isinstance(value, str) else value for key, value in data.items()}
    )
    return Finding(
        code=code,
        level=level,
        message=said,
        way_out=way_out,
        place=place,
        element=element,
        data=data,
    )


def _short(text: str, width: int = 160) -> str:
    text = " ".join(text.split())
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}…"


def findings_of(made: Structure, document: Document, elements: list[DraftElement]) -> list[Finding]:
    """Return the findings of a draft: those to look at first, each in the order of the document."""
    found = [worded(code, data, place, node.id if node else None) for code, data, node, place in made.facts]
    found += [worded(code, dict(data), Place()) for code, data in document.notes]
    for check in (_goal_lists, _ambitions, _numbers, _twice, _broken, _shape):
        found += check(made)
    found += _contents(made)
    joined = sum(block.joined for block in document.blocks)
    if joined:
        found.append(worded("joined", {"count": joined}, Place()))
    return sorted(found, key=lambda one: (one.level != "look", one.place.page or 0, one.place.line or 0))


def _goal_lists(made: Structure) -> list[Finding]:
    """Parts that could hold goals: sections of main goals, and main goals without sections."""
    mains = [node for node in made.nodes if node.kind == "main_goal"]
    parts = []
    for main in mains:
        parts += made.under(main, "section") or [main]
    holders = [node for node in made.nodes if made.under(node, "goal")]
    if not holders or len(parts) == len([part for part in parts if part in holders]):
        return []
    return [
        worded(
            "part-without-goals",
            {"parts": len(parts), "lists": len(holders), "title": part.title},
            part.place,
            part.id,
        )
        for part in parts
        if part not in holders
    ]


def _ambitions(made: Structure) -> list[Finding]:
    found = []
    ambitions = [node for node in made.nodes if node.kind == "ambition"]
    for node in ambitions:
        count = len([part for part in node.text.split("\n\n") if part.strip()])
        title = node.parent.title if node.parent else ""
        if count > 1:
            found.append(
                worded("ambition-of-paragraphs", {"title": title, "count": count}, node.place, node.id)
            )
    if ambitions:
        for node in made.nodes:
            if made.under(node, "goal") and not made.under(node, "ambition"):
                found.append(worded("part-without-ambition", {"title": node.title}, node.place, node.id))
    return found


def _numbers(made: Structure) -> list[Finding]:
    """Numbers among siblings of one kind that leave one out or come twice."""
    families: dict[tuple[int, str], list[Node]] = {}
    for node in made.nodes:
        last = node.number.split(".")[-1]
        if last.isdigit():
            heading = "heading" if node.section is not None else node.kind
            stem = ".".join(node.number.split(".")[:-1])
            families.setdefault((id(node.parent), f"{heading} {stem}"), []).append(node)
    found = []
    for (_parent, what), family in families.items():
        for before, after in pairwise(family):
            first, second = int(before.number.split(".")[-1]), int(after.number.split(".")[-1])
            if second != first + 1 and not (second == 1 and what.split()[0] != "heading"):
                kind = what.split(maxsplit=1)[0].replace("_", " ")
                data = {"what": f"{kind}s", "before": before.number, "after": after.number}
                found.append(worded("number-missing", data, after.place, after.id))
    return found


def _twice(made: Structure) -> list[Finding]:
    found = []
    seen: dict[tuple[str, str], Node] = {}
    for node in made.nodes:
        said = " ".join(re.sub(r"\W+", " ", f"{node.title} {node.text}").casefold().split())
        if node.kind in ("chapter", "section", "theme", "table") or len(said) < 12:
            continue
        if (node.kind, said) in seen:
            data = {"kind": node.kind.replace("_", " "), "text": node.title or node.text}
            found.append(worded("same-text-twice", data, node.place, node.id))
        seen.setdefault((node.kind, said), node)
    return found


def _broken(made: Structure) -> list[Finding]:
    found = []
    for node in made.nodes:
        text = node.text.strip()
        if (
            node.kind == "paragraph"
            and len(text) > 80
            and re.search(r"\w$", text)
            and "\n" not in text[-200:]
        ):
            if "://" in text.split()[-1]:
                continue
            found.append(worded("sentence-broken", {"text": text[-60:]}, node.place, node.id))
    return found


def _contents(made: Structure) -> list[Finding]:
    """Entries of the table of contents that no heading says."""
    titles = [f"{node.number} {node.title}" for node in made.nodes if node.section is not None]
    titles += [node.title for node in made.nodes if node.section is not None]
    titles += [made.title]
    found = []
    for entry in made.contents:
        plain = re.sub(r"^(\w+ )?\d+(\.\d+)*[\s:.]+", "", entry).rstrip(":")
        if not any(alike(plain, title) > 0.85 or alike(entry, title) > 0.85 for title in titles):
            found.append(worded("contents-not-found", {"text": entry}, Place()))
    return found


def _shape(made: Structure) -> list[Finding]:
    kinds = Counter(node.kind for node in made.nodes)
    if made.nodes and not any(node.section is not None for node in made.nodes):
        return [worded("no-structure", {}, Place())]
    if made.nodes and not set(kinds) - {"chapter", "section", "paragraph", "table", "annex", "reference"}:
        return [worded("nothing-known", {}, Place())]
    return []


def put_missing_aside(made: Structure, document: Document, elements: list[DraftElement]) -> list[Finding]:
    """Find words of the document that no element, table or text left over holds, and put them aside with a finding.

    The reader's own losses are found letter by letter, since lines may have been joined; from blocks to elements every word
    is counted.
    """
    held: Counter[str] = Counter()
    for element in elements:
        if element.also_in is None:
            held.update(words(f"{element.number} {element.title} {element.text} {element.url}"))
    for table in made.tables:
        held.update(words(table.all_text()))
    for piece in made.left_over:
        held.update(words(piece.text))
    found = []
    for block in document.blocks:
        missing = Counter(words(block.all_text())) - held
        own = Counter(words(block.all_text()))
        held.subtract(own - missing)
        held = Counter({word: count for word, count in held.items() if count > 0})
        if missing and not (set(missing) <= set(words(block.marker))):
            text = block.text or " ".join(" ".join(row) for row in block.rows)
            place = Place(page=block.page, line=block.line)
            made.left_over.append(LeftOver(text=text, reason="unplaced", place=place))
            found.append(worded("not-placed", {"text": text}, place))
        elif missing:
            made.left_over.append(
                LeftOver(text=block.marker, reason="signpost", place=Place(page=block.page, line=block.line))
            )
    lost = document.lost()
    if sum(lost.values()):
        text = "".join(sign * count for sign, count in sorted(lost.items()))[:400]
        made.left_over.append(LeftOver(text=text, reason="unplaced"))
        found.append(worded("not-placed", {"text": text}, Place()))
    return found
