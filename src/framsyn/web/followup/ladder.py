"""Which step of the ladder each person is at: a pure function of what is due and of the day."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from framsyn.web.followup.due import Due
    from framsyn.web.followup.rules import Rules

__all__ = ["Call", "calls"]


@dataclass(frozen=True)
class Call:
    """One person to be reminded of one thing: the key by which it is written down, and never again.

    Parameters
    ----------
    person : int
    due : Due
    period : str
    day : date
        When it was or is due.
    step : str
        Code of the step.
    escalated : bool
        Whether the person is told of it on behalf of somebody else.
    """

    person: int
    due: Due
    period: str
    day: datetime.date
    step: str
    escalated: bool = False

    @property
    def key(self) -> tuple[int, str, str, str, str, str]:
        """What must not be there twice."""
        return (self.person, self.due.kind, self.due.id, self.due.what, self.period, self.step)


def calls(
    found: Iterable[Due], people: Mapping[str, Sequence[int]], today: datetime.date, rules: Rules
) -> list[Call]:
    """Return who stands at which step today.

    A step that was not taken on its day, because the site was down or the person away, is taken later; of several that a
    person missed only the last is.

    Parameters
    ----------
    found : iterable of Due
        Of one thing.
    people : mapping of "owner", "deputy", "editors" to the numbers of people
    today : date
    rules : Rules

    Examples
    --------
    >>> from framsyn.web.followup.due import Due
    >>> from framsyn.web.followup.rules import Rules
    >>> day = datetime.date(2026, 12, 18)
    >>> task = Due("measure", "m", "task", "7", day, day, "now", (("7", day),))
    >>> people = {"owner": [1], "deputy": [2], "editors": [3]}
    >>> [call.step for call in calls([task], people, datetime.date(2026, 12, 10), Rules())]
    ['-14']
    >>> [(call.person, call.step) for call in calls([task], people, datetime.date(2026, 12, 30), Rules())]
    [(1, '+7w'), (2, '+7w')]
    """
    listed: dict[tuple[int, str, str], Call] = {}
    oldest = today - datetime.timedelta(days=rules.reach)
    for due in found:
        for period, day in due.asked:
            if day < oldest:
                continue
            steps = [(step.day_of(day, july_off=rules.july_off), step) for step in rules.ladder]
            reached = sorted(
                ((on, step) for on, step in steps if on <= today and (due.chases or not step.is_after)),
                key=lambda pair: (pair[0], pair[1].is_after, pair[1].days, pair[1].working_days),
            )
            for _on, step in reached:  # a later step of the same person takes the place of the earlier one
                for role in step.to:
                    for person in people.get(role, ()):
                        escalated = role == "editors" and person not in people.get("owner", ())
                        listed[person, due.what, period] = Call(
                            person, due, period, day, step.code, escalated
                        )
    return list(listed.values())
