"""Notes on the pattern that all themes share: a status note, and the future note that follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from framsyn.web.plan.actions import add_element
from framsyn.web.plan.edits import last_edit
from framsyn.web.plan.models import Element, Plan
from framsyn.web.plan.versions import create_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from framsyn.web.accounts.models import Organisation
    from framsyn.web.actions import Actor
    from framsyn.web.plan.models import Version

__all__ = ["open_future_note", "open_theme"]

# Headings in all three language forms, as content is: they are data of the plan, not words of the site.
_STATUS = (
    {"nb": "Status", "nn": "Status", "en": "Status"},
    {"nb": "Uløste utfordringer", "nn": "Uløyste utfordringar", "en": "Unsolved challenges"},
    {"nb": "Prioriteringer", "nn": "Prioriteringar", "en": "Priorities"},
    {"nb": "Veivalg", "nn": "Vegval", "en": "Choices of path"},
)
_FUTURE = (
    {"nb": "Utviklingstrekk", "nn": "Utviklingstrekk", "en": "Trends"},
    {"nb": "Ønsket framtid", "nn": "Ønskt framtid", "en": "The future we want"},
    {"nb": "Veivalg", "nn": "Vegval", "en": "Choices of path"},
)
_NAMES = {
    Plan.Kind.STATUS_NOTE: {"nb": "Statusnotat: {}", "nn": "Statusnotat: {}", "en": "Status note: {}"},
    Plan.Kind.FUTURE_NOTE: {"nb": "Framtidsnotat: {}", "nn": "Framtidsnotat: {}", "en": "Future note: {}"},
}


def open_theme(actor: Actor, theme: str, title: Mapping[str, str], organisation: Organisation) -> Version:
    """Make the status note of a new theme as a draft with the headings that all of them have."""
    names = {
        code: _NAMES[Plan.Kind.STATUS_NOTE][code].format(words) for code, words in title.items() if words
    }
    parent = Plan.objects.filter(kind=Plan.Kind.REGIONAL_PLAN).first()
    return _note(actor, f"notat-{theme}", Plan.Kind.STATUS_NOTE, theme, names, organisation, parent)


def open_future_note(actor: Actor, note: Plan) -> Version:
    """Make the future note that follows a status note, as a draft with the headings that all of them have."""
    names = {
        code: _NAMES[Plan.Kind.FUTURE_NOTE][code].format(words.split(": ", 1)[-1])
        for code, words in note.title.items()
        if words
    }
    return _note(
        actor, f"framtid-{note.theme}", Plan.Kind.FUTURE_NOTE, note.theme, names, note.organisation, note
    )


@transaction.atomic
def _note(
    actor: Actor,
    plan_id: str,
    kind: str,
    theme: str,
    title: Mapping[str, str],
    organisation: Organisation,
    parent: Plan | None,
) -> Version:
    draft = create_plan(
        actor, plan_id, kind=kind, organisation=organisation, title=title, parent=parent, theme=theme
    )
    for number, heading in enumerate(_STATUS if kind == Plan.Kind.STATUS_NOTE else _FUTURE, start=1):
        add_element(
            actor, draft, last_edit(draft), kind=Element.Kind.CHAPTER, title=heading, number=str(number)
        )
    return draft
