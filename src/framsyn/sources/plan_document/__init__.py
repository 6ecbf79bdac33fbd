"""Read a plan that somebody wrote (text, Word, PDF, HTML, Markdown) into a draft for review.

A file becomes *blocks* (headings, paragraphs, list items, tables), the blocks become a *structure* (main goals, sections,
goals, ambitions, challenges …) by rules and not by a model, and the structure a :class:`PlanDraft` with findings. No word of
the source is dropped: what fits nowhere stands in the draft's text left over.
"""

from __future__ import annotations

from framsyn.sources.plan_document.child import read_safely
from framsyn.sources.plan_document.draft import (
    KINDS,
    PLAN_KINDS,
    DraftElement,
    DraftTable,
    Figure,
    Finding,
    LeftOver,
    Place,
    PlanDraft,
)
from framsyn.sources.plan_document.reading import draft_of, read_document, read_draft
from framsyn.sources.plan_document.sniffing import ENDINGS, LIMITS

__all__ = [
    "ENDINGS",
    "KINDS",
    "LIMITS",
    "PLAN_KINDS",
    "DraftElement",
    "DraftTable",
    "Figure",
    "Finding",
    "LeftOver",
    "Place",
    "PlanDraft",
    "draft_of",
    "read_document",
    "read_draft",
    "read_safely",
]
