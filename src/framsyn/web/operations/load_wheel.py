"""The annual wheel of the content files, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framsyn.web.operations.load_plans import text_of, upsert
from framsyn.web.wheel.models import Event

if TYPE_CHECKING:
    from framsyn.web.actions import Act
    from framsyn.web.plan.content import Content

__all__ = ["load_events"]


def load_events(act: Act, content: Content, keys: set[str]) -> None:
    """Add events of the annual wheel, or bring them up to the package."""
    rows = [
        Event(
            pk=entry.id,
            organisation_id=entry.organisation,
            title=text_of(entry.title),
            kind=entry.kind,
            standing=entry.standing,
            month=entry.month,
            day=entry.day,
            end_month=entry.end_month,
            end_day=entry.end_day,
            every=entry.every,
            year=entry.year,
            plan_id=entry.plan,
            element_id=entry.element,
            responsible=text_of(entry.responsible),
            note=text_of(entry.note),
            source=entry.source or "",
            created_at=act.at,
            updated_at=act.at,
        )
        for entry in content.events
        if entry.id in keys
    ]
    upsert(Event, rows)
