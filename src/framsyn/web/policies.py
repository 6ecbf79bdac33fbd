"""Who may do what: one table, role by action, and nothing hidden elsewhere.

A role holds in its organisation and in every organisation below that one; a membership without organisation holds in
all, and one that names a plan holds for that plan alone. Whoever a goal, an indicator or a measure is assigned to today
is its owner without a membership. Reading what is published needs no role, nor does what a row opens to strangers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from framsyn.web.accounts.models import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["POLICY", "SEEING", "STRANGER", "may"]

_ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
_EDITORS = _ADMINISTRATORS | {Role.EDITOR}
_WRITERS = _EDITORS | {Role.CONTRIBUTOR}
_OWNERS = _EDITORS | {Role.OWNER}  # owners of the organisation, and whoever the thing itself is assigned to
_APPROVERS = _ADMINISTRATORS | {Role.APPROVER}
_DECIDERS = _EDITORS | _APPROVERS
_EVERYBODY = frozenset(Role)
_INSIDERS = _EVERYBODY - {Role.READER}
STRANGER = "stranger"
"""In a row: open to everybody, also to readers who are not logged in."""
_ANYBODY = _EVERYBODY | {STRANGER}

# What changes something; each row is an action.
POLICY: dict[str, frozenset[str]] = {
    "accounts.add_from_provider": _ADMINISTRATORS,  # done by the system at a login
    "accounts.add_user": _ADMINISTRATORS,
    "accounts.change_password": _EVERYBODY,  # one's own
    "accounts.connect_identity": _EVERYBODY,  # one's own
    "accounts.deactivate": _ADMINISTRATORS,
    "accounts.end_sessions": _EVERYBODY,  # one's own
    "accounts.follow_provider": _ADMINISTRATORS,  # done by the system at a login
    "accounts.new_recovery_codes": _EVERYBODY,  # one's own
    "accounts.reactivate": _ADMINISTRATORS,
    "accounts.reset_second_factor": _ADMINISTRATORS,
    "accounts.set_password": _ADMINISTRATORS,
    "accounts.set_role": _ADMINISTRATORS,
    "accounts.switch_off_second_factor": _EVERYBODY,  # one's own
    "accounts.switch_on_second_factor": _EVERYBODY,  # one's own
    "accounts.unlock": _ADMINISTRATORS,
    "api.make_token": _EVERYBODY,  # one's own
    "api.revoke_token": _ADMINISTRATORS,  # anybody's; one's own takes no role
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
    "plan.import": _EDITORS,
    "plan.import_discard": _EDITORS,
    "plan.import_read": _EDITORS,
    "plan.import_review": _EDITORS,
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
    "attainment.store": _ADMINISTRATORS,
    "scenario.save": _EVERYBODY,  # for oneself
    "scenario.fork": _EVERYBODY,  # for oneself
    "scenario.rename": _EVERYBODY,  # one's own; who publishes there once it is published
    "scenario.share": _EVERYBODY,  # one's own
    "scenario.remove": _EVERYBODY,  # one's own
    "scenario.restore": _EVERYBODY,  # one's own
    "scenario.publish": _DECIDERS,
    "scenario.withdraw": _DECIDERS,
    "scenario.lock": _DECIDERS,
    "scenario.compute": _ADMINISTRATORS,  # done by the system, beside the pages
    "scenario.forget": _ADMINISTRATORS,  # done by the system, a month after a removal
    "assumption.object": _EVERYBODY,
    "assumption.answer": _DECIDERS,
    "assumption.rank": _ADMINISTRATORS,
    "followup.assign": _EDITORS,
    "followup.choose": _EVERYBODY,  # one's own letters
    "followup.hand_over": _OWNERS,
    "followup.remind": _EDITORS,
    "followup.settle": _ADMINISTRATORS,
    "notes.add": _INSIDERS,
    "notes.resolve": _INSIDERS,
    "wheel.add": _EDITORS,
    "wheel.change": _EDITORS,
    "wheel.remove": _EDITORS,
    "voice.report": _ANYBODY,
    "voice.take": _EDITORS,
    "voice.answer": _EDITORS,
    "voice.forget": _ADMINISTRATORS,
}

# What is read by some only; everything else that is published is read by everybody.
SEEING: dict[str, frozenset[str]] = {
    "see.draft": _EVERYBODY,
    "see.letters": _ADMINISTRATORS,
    "see.owners": _EVERYBODY,  # by name; their number is public
    "see.internal_note": _INSIDERS,
    "see.audit": _ADMINISTRATORS,
    "see.shared_scenario": _EVERYBODY,
    "see.exchange": _OWNERS | _APPROVERS,  # whoever may change something that the workbook holds
}


def may(roles: Iterable[str], action: str) -> bool:
    """Tell whether somebody with these roles may do this.

    >>> may({Role.EDITOR}, "plan.change_text"), may({Role.EDITOR}, "plan.publish"), may((), "plan.move")
    (True, False, False)
    >>> may((), "voice.report")
    True
    """
    wanted = POLICY.get(action) or SEEING[action]
    return STRANGER in wanted or not wanted.isdisjoint(roles)
