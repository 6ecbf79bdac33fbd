"""From the draft to what a plan of the site consists of: kinds that a plan knows, places where they may stand, ids."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framsyn.sources.plan_document.draft import KINDS, PLAN_KINDS, DraftElement

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from framsyn.sources.plan_document.draft import PlanDraft

__all__ = ["PlanPart", "plan_parts"]

# What a plan of the site makes of the kinds that only a draft has.
_BECOMES = {"theme": "chapter", "conclusion": "paragraph", "table": "paragraph"}
# What a kind may stand under; one that is not named stands anywhere. As the content files demand it.
_UNDER = {
    "chapter": (),
    "main_goal": ("chapter",),
    "section": ("main_goal", "chapter"),
    "goal": ("section", "main_goal"),
    "ambition": ("section", "main_goal", "chapter"),
    "statement": ("main_goal", "chapter"),
    "driver": ("chapter",),
    "annex": ("chapter",),
    "reference": ("chapter",),
}
_LETTER = {
    "chapter": "ch",
    "section": "s",
    "paragraph": "p",
    "driver": "d",
    "main_goal": "h",
    "goal": "g",
    "ambition": "a",
    "challenge": "c",
    "priority": "q",
    "statement": "u",
    "vision": "vision",
    "value": "v",
    "means": "m",
    "focus": "f",
    "annex": "x",
    "reference": "r",
    "choice": "k",
}
_HEADINGS = ("chapter", "section", "main_goal")


@dataclass(frozen=True)
class PlanPart:
    """One element of the plan that is to be made."""

    id: str
    kind: str
    parent: str | None
    number: str
    title: str
    text: str
    url: str
    source: str
    """Where it stands in the document."""
    draft_id: str


def plan_parts(
    draft: PlanDraft,
    plan: str,
    *,
    kinds: Mapping[str, str] | None = None,
    left_out: Collection[str] = (),
    taken: Collection[str] = (),
) -> list[PlanPart]:
    """Return the elements of the plan that a draft becomes, in reading order.

    Parameters
    ----------
    draft : PlanDraft
    plan : str
        Id of the plan; the id of every element begins with it.
    kinds : mapping, optional
        Other kinds that somebody chose in the review, by id in the draft.
    left_out : collection of str
        Ids in the draft that are not taken in; what stands under them moves up.
    taken : collection of str
        Ids of elements that exist already.
    """
    chosen = dict(kinds or {})
    out = set(left_out)
    used = set(taken)
    counts: Counter[str] = Counter()
    tables = {table.id: table for table in draft.tables}
    above: dict[str, DraftElement] = {element.id: element for element in draft.elements}
    made: dict[str, PlanPart] = {}
    parts: list[PlanPart] = []
    for element in draft.elements:
        if element.id in out:
            continue
        said = chosen.get(element.id, element.kind)
        kind = _BECOMES.get(said, said if said in KINDS else "paragraph")
        parent = _parent(element, kind, above, made)
        stem = f"{parent.id if parent else plan}.{_LETTER[kind]}"
        if len(stem) > 90:
            stem = f"{plan}.{_LETTER[kind]}"
        counts[stem] += 1
        while f"{stem}{counts[stem]}" in used:
            counts[stem] += 1
        name = f"{stem}{counts[stem]}"
        title, text = element.title, element.text
        if element.table is not None:
            text = "\n".join(tables[element.table].lines())
        if kind == "ambition" and not title and "\n\n" not in text:
            title, text = text, ""
        if kind != "paragraph" and not title:
            head, _gap, rest = text.partition("\n\n")
            title, text = head, rest
        if kind not in (*_HEADINGS, "paragraph") and len(title) > 1000:
            title, text = "", "\n\n".join(piece for piece in (title, text) if piece)
        if not title and not text:
            continue
        part = PlanPart(
            id=name,
            kind=kind,
            parent=parent.id if parent else None,
            number=element.number[:20],
            title=title,
            text=text,
            url=element.url if element.url.startswith("https://") and len(element.url) <= 200 else "",
            source=f"{draft.file}, {element.place}"[:300] if str(element.place) else draft.file[:300],
            draft_id=element.id,
        )
        made[element.id] = part
        parts.append(part)
    return parts


def _parent(
    element: DraftElement, kind: str, above: Mapping[str, DraftElement], made: Mapping[str, PlanPart]
) -> PlanPart | None:
    """Return the nearest element above that is taken in and that this kind may stand under; None for the top."""
    allowed = _UNDER.get(kind)
    name = element.parent
    while name is not None:
        part = made.get(name)
        if part is not None and (part.kind in allowed if allowed is not None else part.kind in PLAN_KINDS):
            return part
        name = above[name].parent if name in above else None
    return None
