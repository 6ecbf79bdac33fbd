"""Who may do what: one table, role by action, and nothing hidden elsewhere.

A role holds in its organisation and in every organisation below that one; a membership without organisation holds in
all, and one that names a plan holds for that plan alone. Whoever a goal, an indicator or a measure is assigned to today
is its owner without a membership. Reading what is published needs no role.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from framsyn.web.accounts.models import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["POLICY", "SEEING", "may"]

_ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
_EDITORS = _ADMINISTRATORS | {Role.EDITOR}
_WRITERS = _EDITORS | {Role.CONTRIBUTOR}
_OWNERS = _EDITORS | {Role.OWNER}  # owners of the organisation, and whoever the thing itself is assigned to
_APPROVERS = _ADMINISTRATORS | {Role.APPROVER}
_DECIDERS = _EDITORS | _APPROVERS
_EVERYBODY = frozenset(Role)

# What changes something; each row is an action.
POLICY: dict[str, frozenset[str]] = {
    "accounts.add_user": _ADMINISTRATORS,
    "accounts.change_password": _EVERYBODY,  # one's own
    "accounts.set_role": _ADMINISTRATORS,
    "content.load": _ADMINISTRATORS,
    "plan.create": _ADMINISTRATORS,
    "plan.open_version": _EDITORS,
    "plan.publish": _APPROVERS,
    "plan.discard_version": _APPROVERS,
    "plan.add_element": _WRITERS,
    "plan.change_text": _WRITERS,
    "plan.move": _EDITORS,
    "plan.split": _EDITORS,
    "plan.merge": _EDITORS,
    "plan.remove": _EDITORS,
    "plan.restore": _EDITORS,
    "plan.undo": _EDITORS,
    "plan.redo": _EDITORS,
    "plan.link": _EDITORS,
    "plan.unlink": _EDITORS,
    "goal.decide": _DECIDERS,
    "goal.override": _DECIDERS,
    "goal.end_override": _DECIDERS,
    "choice.decide": _DECIDERS,
    "decision.record": _DECIDERS,
    "indicator.define": _EDITORS,
    "indicator.change": _EDITORS,
    "indicator.observe": _OWNERS,
    "indicator.mark_break": _EDITORS,
    "measure.create": _EDITORS,
    "measure.change": _OWNERS,
    "measure.report": _OWNERS,
    "measure.assign": _EDITORS,
    "measure.task": _OWNERS,
    "measure.benefit": _OWNERS,
    "measure.risk": _OWNERS,
    "outlook.store": _ADMINISTRATORS,
}

# What is read by some only; everything else that is published is read by everybody.
SEEING: dict[str, frozenset[str]] = {
    "see.draft": _EVERYBODY,
    "see.internal_note": _EVERYBODY - {Role.READER},
    "see.audit": _ADMINISTRATORS,
}


def may(roles: Iterable[str], action: str) -> bool:
    """Tell whether somebody with these roles may do this.

    >>> may({Role.EDITOR}, "plan.change_text"), may({Role.EDITOR}, "plan.publish"), may((), "plan.move")
    (True, False, False)
    """
    return not (POLICY.get(action) or SEEING[action]).isdisjoint(roles)
