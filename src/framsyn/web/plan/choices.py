"""A choice of path is decided: which options were weighed, which one was taken, why, and by whose decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web import locking
from framsyn.web.actions import Act, action
from framsyn.web.goals.models import Choice
from framsyn.web.plan.models import Element
from framsyn.web.plan.versions import store_decision

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from framsyn.web.plan.versions import DecisionFacts

__all__ = ["decide_choice"]


@action("choice.decide")
def decide_choice(
    act: Act,
    element: Element,
    *,
    options: Sequence[Mapping[str, str]],
    chosen: int | None,
    reasons: Mapping[str, str],
    decision: DecisionFacts | None = None,
    seen: int | None = None,
) -> Choice:
    """Write down the options of a choice of path and, with a decision, which one was taken.

    Parameters
    ----------
    options : sequence of texts
        At least two: a choice with one way out is none.
    chosen : int or None
        Index of the option that was taken; None while the choice is open.
    reasons : mapping
        Why; needed when one is taken.
    decision : DecisionFacts or None
        Who decided; needed when one is taken.
    seen : int, optional
        :func:`~framsyn.web.locking.last_change` of the element when the user got the form.
    """
    act.require(element.origin.organisation, plans=(element.origin_id,), thing=element)
    locking.take(act, element, seen)
    if element.kind != Element.Kind.CHOICE:
        message = _("%(name)s is no choice of path, so there is nothing to choose.")
        raise PlanError("wrong-kind", message % {"name": element.pk}, got=element.kind)
    given = [dict(option) for option in options if any(option.values())]
    if len(given) < 2:
        message = _("A choice of path has at least two options; one of them may be to carry on as today.")
        raise PlanError("too-few-options", message, got=len(given))
    if chosen is not None and not 0 <= chosen < len(given):
        message = _("There are %(count)s options. Choose one of them, or leave the choice open.")
        raise PlanError("unknown-option", message % {"count": len(given)}, got=chosen)
    if chosen is not None and not any(reasons.values()):
        raise PlanError(
            "no-reason", _("Say why this path was chosen: those who come later will ask."), got=None
        )
    if chosen is not None and decision is None:
        message = _("A path is chosen by a decision. Say who decided, when, and the case number.")
        raise PlanError("no-decision", message, got=None)
    choice, _made = Choice.objects.select_for_update().get_or_create(element=element)
    before = {"options": choice.options, "chosen": choice.chosen, "reasons": dict(choice.reasons)}
    choice.options, choice.chosen, choice.reasons = given, chosen, dict(reasons)
    choice.decision = (
        store_decision(element.origin.organisation, decision) if decision and chosen is not None else None
    )
    choice.save()
    after = {
        "options": given,
        "chosen": chosen,
        "reasons": dict(reasons),
        "case_number": decision.case_number if decision else "",
    }
    act.record(
        element, before=before, after=after, label=given[chosen] if chosen is not None else str(element.pk)
    )
    return choice
