"""Who may do what: one table, role by action, and nothing hidden elsewhere.

A role holds in its organisation and in every organisation below that one; a membership without organisation holds in
all. Reading what is published needs no role.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from framsyn.web.accounts.models import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["POLICY", "may"]

_EDITORS = frozenset({Role.EDITOR, Role.ADMINISTRATOR})
_ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})

POLICY: dict[str, frozenset[str]] = {
    "accounts.add_user": _ADMINISTRATORS,
    "accounts.change_password": frozenset(Role),  # one's own
    "accounts.set_role": _ADMINISTRATORS,
    "content.load": _ADMINISTRATORS,
    "plan.create": _ADMINISTRATORS,
    "plan.open_version": _EDITORS,
    "plan.publish": _ADMINISTRATORS,
    "plan.discard_version": _ADMINISTRATORS,
    "plan.add_element": _EDITORS,
    "plan.change_text": _EDITORS,
    "plan.move": _EDITORS,
    "plan.split": _EDITORS,
    "plan.merge": _EDITORS,
    "plan.remove": _EDITORS,
    "plan.restore": _EDITORS,
    "plan.undo": _EDITORS,
    "plan.redo": _EDITORS,
    "plan.link": _EDITORS,
    "plan.unlink": _EDITORS,
    "goal.decide": _EDITORS,
    "goal.override": _EDITORS,
    "goal.end_override": _EDITORS,
    "choice.decide": _EDITORS,
    "decision.record": _EDITORS,
    "indicator.define": _EDITORS,
    "indicator.change": _EDITORS,
    "indicator.observe": _EDITORS,
    "indicator.mark_break": _EDITORS,
    "measure.create": _EDITORS,
    "measure.change": _EDITORS,
    "measure.report": _EDITORS,
    "measure.assign": _EDITORS,
    "measure.task": _EDITORS,
    "measure.benefit": _EDITORS,
    "measure.risk": _EDITORS,
    "outlook.store": _ADMINISTRATORS,
}


def may(roles: Iterable[str], action: str) -> bool:
    """Tell whether somebody with these roles may do this.

    >>> may({Role.EDITOR}, "plan.change_text"), may({Role.EDITOR}, "plan.publish"), may((), "plan.move")
    (True, False, False)
    """
    return not POLICY[action].isdisjoint(roles)
