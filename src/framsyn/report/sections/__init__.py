"""The chapters of the report, each a function from evidence and language to a section."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framsyn.report.sections.assumptions import assumptions
from framsyn.report.sections.basis import about_run, sources
from framsyn.report.sections.capacity import capacity
from framsyn.report.sections.certainty import certainty, drivers
from framsyn.report.sections.money import climate, money
from framsyn.report.sections.need import need
from framsyn.report.sections.past import past
from framsyn.report.sections.people import people
from framsyn.report.sections.staff import staff
from framsyn.report.sections.summary import summary

if TYPE_CHECKING:
    from framsyn.report.blocks import Section
    from framsyn.report.evidence import Evidence

__all__ = ["CHAPTERS", "chapters"]

CHAPTERS = (
    summary,
    need,
    people,
    capacity,
    staff,
    money,
    climate,
    drivers,
    certainty,
    past,
    assumptions,
    sources,
    about_run,
)


def chapters(evidence: Evidence, lang: str) -> list[Section]:
    """All chapters in the order of the report."""
    return [chapter(evidence, lang) for chapter in CHAPTERS]
