"""A new goal in one go: its words in the plan's draft, its indicator, and the first decision about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import transaction

from framsyn.web.goals.actions import Terms, decide
from framsyn.web.indicators.actions import Definition, define
from framsyn.web.indicators.names import free_id
from framsyn.web.plan.actions import add_element
from framsyn.web.plan.edits import last_edit
from framsyn.web.plan.models import Element, Node, Plan, Version
from framsyn.web.plan.versions import open_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from framsyn.web.accounts.models import Organisation
    from framsyn.web.actions import Actor

__all__ = ["draft_of", "headings_for", "make_goal"]

_HEADINGS = (Element.Kind.CHAPTER, Element.Kind.MAIN_GOAL, Element.Kind.SECTION)


def draft_of(plan: Plan) -> Version | None:
    """Return the draft that is being worked on."""
    return Version.objects.filter(plan=plan, state=Version.State.DRAFT).first()


def headings_for(version: Version) -> list[tuple[str, str]]:
    """Return the headings under which a goal may stand, indented by their level, in reading order; one query."""
    nodes = Node.objects.filter(version=version, state=Node.State.SHOWN, element__kind__in=_HEADINGS)
    rows = list(nodes.select_related("wording", "element").order_by("position"))
    names = {node.element_id for node in rows}
    children: dict[str | None, list[Node]] = {}
    for node in rows:
        children.setdefault(node.parent_id if node.parent_id in names else None, []).append(node)
    found: list[tuple[str, str]] = []

    def walk(parent: str | None, depth: int) -> None:
        for node in children.get(parent, ()):
            number = f"{node.number} " if node.number else ""
            found.append((node.element_id, f"{'– ' * depth}{number}{node.wording.heading}"))
            walk(node.element_id, depth + 1)

    walk(None, 0)
    return found


def make_goal(
    actor: Actor,
    plan: Plan,
    section: str,
    *,
    title: Mapping[str, str],
    text: Mapping[str, str],
    place: Organisation,
    terms: Terms,
    new: Definition | None = None,
) -> Element:
    """Write a goal into the plan's draft, opened where there is none, and decide what it demands; all of it or nothing.

    Parameters
    ----------
    new : Definition, optional
        An indicator that does not exist yet and that the goal is measured by.
    """
    with transaction.atomic():
        draft = draft_of(plan) or open_version(actor, plan)
        edit = add_element(
            actor, draft, last_edit(draft), kind=Element.Kind.GOAL, title=title, text=text, parent=section
        )
        goal = Element.objects.select_related("origin").get(pk=edit.element_id)
        if new is not None:
            indicator = define(actor, free_id(new.name), new, elements=Element.objects.filter(pk=section))
            terms = replace(terms, indicator=indicator)
        decide(actor, goal, place, terms)
    return goal
