"""What the pages of the importer show."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from framsyn.sources.plan_document import KINDS
from framsyn.web.accounts.models import Organisation
from framsyn.web.plan_import.models import KEPT, Upload
from framsyn.web.plan_import.words import finding_words, kind_words, place_words, reason_words

if TYPE_CHECKING:
    from framsyn.sources.plan_document import DraftElement, DraftTable, PlanDraft
    from framsyn.web.actions import Actor

__all__ = ["PAGE", "ReviewPage", "Row", "organisations_for", "review_page", "short_name", "uploads_for"]

PAGE = 100  # elements on one page of the review
_SHOWN = (
    "main_goal", "section", "goal", "ambition", "theme", "challenge", "priority", "statement", "conclusion", "driver",
    "means", "focus",
)  # fmt: skip


def organisations_for(actor: Actor, action: str) -> list[str]:
    """Return the organisations for which somebody may do an action; asks once for all roles."""
    found = list(Organisation.objects.select_related("parent__parent__parent").order_by("position", "pk"))
    if actor.is_system:
        return [one.pk for one in found]
    if actor.user is None:
        return []
    from framsyn.web.policies import may

    held = [
        one
        for one in actor.user.memberships.valid_on(timezone.localdate())  # type: ignore[attr-defined]
        if one.plan_id is None and may({one.role}, action)
    ]
    everywhere = any(one.organisation_id is None for one in held)
    places = {one.organisation_id for one in held}

    def here(organisation: Organisation | None) -> bool:
        while organisation is not None:
            if organisation.pk in places:
                return True
            organisation = organisation.parent
        return False

    return [one.pk for one in found if everywhere or here(one)]


def uploads_for(actor: Actor) -> list[Upload]:
    """Return the documents that wait, without what is in them, for somebody who may import for their organisations."""
    places = organisations_for(actor, "plan.import")
    waiting = Upload.objects.filter(organisation__in=places, created_at__gte=timezone.now() - KEPT)
    return list(waiting.select_related("organisation", "created_by").defer("found"))


def short_name(draft: PlanDraft) -> str:
    """Return a short name to begin with, made from the title and the first year.

    >>> from framsyn.sources.plan_document import PlanDraft
    >>> short_name(PlanDraft(file="x.txt", form="txt", title="Plan for Ålesund og omland", period=(2027, 2040)))
    'plan-for-alesund-og-2027'
    """
    plain = draft.title.lower().replace("æ", "ae").replace("ø", "o").replace("å", "a")
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain)[:4]
    if draft.period and str(draft.period[0]) not in words:
        words.append(str(draft.period[0]))
    return "-".join(words)[:60].strip("-") or "plan"


@dataclass
class Row:
    """One element in the review."""

    element: DraftElement
    depth: int
    kind: str
    found_as: str
    place: str
    left_out: bool
    unsure: bool
    table: DraftTable | None = None
    findings: list[str] = field(default_factory=list)


@dataclass
class ReviewPage:
    """What the review shows."""

    upload: Upload
    draft: PlanDraft
    rows: list[Row]
    number: int
    pages: list[int]
    counts: list[tuple[str, int]]
    findings: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    left_over: list[tuple[str, str, str]]
    signposts: int
    kinds: list[tuple[str, str]]
    until: Any


def review_page(upload: Upload, number: int) -> ReviewPage:
    """Return one page of the review; findings, counts and the text left over are about the whole document."""
    draft = upload.draft
    depths = draft.depths()
    pages = max(1, -(-len(draft.elements) // PAGE))
    number = min(max(1, number), pages)
    tables = {table.id: table for table in draft.tables}
    place_of = {element.id: index // PAGE + 1 for index, element in enumerate(draft.elements)}
    told: dict[str, list[str]] = {}
    findings: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for finding in draft.findings:
        what, way_out = finding_words(finding)
        entry = {
            "what": what,
            "way_out": way_out,
            "place": place_words(finding.place),
            "element": finding.element,
            "page": place_of.get(finding.element or "", number),
        }
        (findings if finding.level == "look" else notes).append(entry)
        if finding.element and finding.level == "look":
            told.setdefault(finding.element, []).append(what)
    out = set(upload.left_out)
    rows = [
        Row(
            element=element,
            depth=min(depths[element.id], 4),
            kind=upload.kind_of(element),
            found_as=kind_words(element.kind),
            place=place_words(element.place),
            left_out=element.id in out,
            unsure=element.confidence < 0.6,
            table=tables.get(element.table or ""),
            findings=told.get(element.id, []),
        )
        for element in draft.elements[(number - 1) * PAGE : number * PAGE]
    ]
    counts: dict[str, int] = {}
    for element in draft.elements:
        if element.id not in out:
            kind = upload.kind_of(element)
            counts[kind] = counts.get(kind, 0) + 1
    kept = [piece for piece in draft.left_over if piece.reason != "signpost"]
    return ReviewPage(
        upload=upload,
        draft=draft,
        rows=rows,
        number=number,
        pages=list(range(1, pages + 1)),
        counts=[(kind_words(kind), counts[kind]) for kind in _SHOWN if kind in counts],
        findings=findings,
        notes=notes,
        left_over=[(reason_words(piece.reason), place_words(piece.place), piece.text) for piece in kept],
        signposts=len(draft.left_over) - len(kept),
        kinds=[(kind, kind_words(kind)) for kind in KINDS],
        until=upload.created_at + KEPT,
    )
