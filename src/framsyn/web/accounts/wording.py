"""What roles mean, in sentences, and times of the day as people say them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from framsyn.web.accounts.models import Role
from framsyn.web.policies import may

if TYPE_CHECKING:
    from framsyn.errors import PlanError

__all__ = ["ABILITIES", "MEANING", "clock", "role_table", "said"]

# What a role means, in a sentence.
MEANING = {
    Role.READER: gettext_lazy(
        "Reads what is published, which needs no login, and drafts that are not published yet."
    ),
    Role.CONTRIBUTOR: gettext_lazy("Writes texts in drafts of plans, and internal notes."),
    Role.OWNER: gettext_lazy("Reports on measures and indicators, changes them, hands over to a deputy."),
    Role.EDITOR: gettext_lazy(
        "Writes on drafts of plans, decides goals, reports on measures and indicators."
    ),
    Role.APPROVER: gettext_lazy("Publishes plans, records what is decided, sets a status by hand."),
    Role.PREPAREDNESS: gettext_lazy("Sees drafts and internal notes; leads the preparedness work."),
    Role.ADMINISTRATOR: gettext_lazy("All that others may; loads content, gives people roles."),
}
# What somebody may do, in words: an action of each group stands for the group.
ABILITIES = (
    ("plan.change_text", gettext_lazy("Open a draft of a plan and write in it")),
    ("plan.publish", gettext_lazy("Publish a plan, or make a new one")),
    ("goal.decide", gettext_lazy("Record what a goal demands, and set its status by hand")),
    ("choice.decide", gettext_lazy("Record decisions and choices of path")),
    ("indicator.observe", gettext_lazy("Define indicators and enter figures")),
    ("measure.report", gettext_lazy("Make measures, change them and report on them")),
    ("outlook.store", gettext_lazy("Store outlooks and load content")),
    ("accounts.set_role", gettext_lazy("Give people logins and roles")),
)


def role_table() -> list[dict[str, object]]:
    """Return for each role its name, what it means, and the abilities that it has."""
    return [
        {
            "name": role.label,
            "meaning": MEANING[role],
            "abilities": [may({role}, action) for action, _words in ABILITIES],
        }
        for role in map(Role, Role.values)
    ]


def clock(until: datetime.datetime | None) -> str:
    """Return when something may be tried again: in seconds when it is soon, else the time of the day.

    >>> from django.utils import translation
    >>> with translation.override("en"):
    ...     clock(None)
    'later'
    """
    if until is None:
        return _("later")
    seconds = (until - timezone.now()).total_seconds()
    if seconds < 60:
        count = max(int(seconds) + 1, 1)
        return ngettext("in %(count)s second", "in %(count)s seconds", count) % {"count": count}
    # To the next whole minute, so that it is not a moment too early.
    local = timezone.localtime(until + datetime.timedelta(seconds=59))
    return _("after %(time)s") % {"time": f"{local:%H.%M}"}


def said(error: PlanError) -> str:
    """Return a refusal in the reader's language."""
    words = {
        "username-taken": _("The user name is taken. Choose another; nobody was added."),
        "last-administrator": _("This is the last administrator. Make somebody else administrator first."),
        "unknown-role": _("There is no such role."),
    }
    return words.get(error.code, error.message)
