"""The rules of follow-up in one place: how often, how early, to whom; each site may set its own in one small file.

``FRAMSYN_DATA/follow-up.toml``, every part of it optional::

    july_off = true            # nobody is reminded in July
    report = "tertial"         # how often a measure under way is reported on: month, quarter, tertial, year
    link_days = 14             # how long the link of a letter serves
    send_from = "07:00"        # not earlier in the day

    [lag]                      # days from the end of a period until its figure should be in
    month = 30
    year = 120

    [[ladder]]                 # replaces the whole ladder
    days = -14                 # calendar days from the due day; or working_days
    to = ["owner"]             # owner, deputy, editors
"""

from __future__ import annotations

import datetime
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from framsyn.errors import PlanError
from framsyn.web.followup.workdays import add_working_days, next_working_day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["LADDER", "MONTHS", "Rules", "Step", "read_rules", "report_rule", "rules_in_force"]

FILE = "follow-up.toml"
WHO = ("owner", "deputy", "editors")
MONTHS = {"month": 1, "quarter": 3, "tertial": 4, "year": 12}
PERIODS = tuple(MONTHS)


@dataclass(frozen=True)
class Step:
    """One step of the ladder: when, counted from the due day, and to whom.

    Parameters
    ----------
    days : int
        Calendar days; before the due day when negative.
    working_days : int
        Working days after the due day; counted instead of ``days`` when above 0.
    to : tuple of {"owner", "deputy", "editors"}
    """

    days: int = 0
    working_days: int = 0
    to: tuple[str, ...] = ("owner",)

    @property
    def code(self) -> str:
        """Name of the step in the books: it must not change when its wording does.

        >>> Step(days=-14).code, Step().code, Step(working_days=7).code
        ('-14', '0', '+7w')
        """
        return f"+{self.working_days}w" if self.working_days else str(self.days)

    @property
    def is_after(self) -> bool:
        """Whether it comes when the due day has passed."""
        return self.working_days > 0 or self.days > 0

    def day_of(self, due: datetime.date, *, july_off: bool = False) -> datetime.date:
        """Return the working day on which the step is taken.

        >>> Step(working_days=7).day_of(datetime.date(2026, 12, 18))
        datetime.date(2026, 12, 30)
        """
        if self.working_days:
            return add_working_days(due, self.working_days, july_off=july_off)
        return next_working_day(due + datetime.timedelta(days=self.days), july_off=july_off)


LADDER = (
    Step(days=-14),
    Step(),
    Step(working_days=7, to=("owner", "deputy")),
    Step(working_days=21, to=("editors",)),
)


@dataclass(frozen=True)
class Rules:
    """What holds on this site."""

    ladder: tuple[Step, ...] = LADDER
    report: str = "tertial"
    lag: Mapping[str, int] = field(
        default_factory=lambda: {"month": 30, "quarter": 45, "tertial": 45, "year": 120}
    )
    july_off: bool = False
    link_days: int = 14
    send_from: datetime.time = datetime.time(7)
    window: int = 14  # days before it is due that something is shown as due now
    grace: int = 28  # days, see grace_of

    @property
    def lead(self) -> int:
        """Days before the due day at which a period begins to ask for its answer."""
        return max([self.window, *(-step.days for step in self.ladder if step.days < 0)])

    def grace_of(self, frequency: str) -> int:
        """Days at a period's edge that belong to its neighbour: at most a week for each month of the period.

        What began so few days before its end is reported on in the next one; a report from so few of its first days
        counts for the one before, which it tells about.
        """
        return min(self.grace, 7 * MONTHS[frequency])

    @property
    def reach(self) -> int:
        """Days after the due day in which the ladder may still have a step; what is older is listed, not sent."""
        return max((max(step.days, 2 * step.working_days) for step in self.ladder), default=0) + 45


_WORDS = {
    "month": gettext_lazy("month"),
    "quarter": gettext_lazy("quarter"),
    "tertial": gettext_lazy("four months (tertial)"),
    "year": gettext_lazy("year"),
}


def report_rule(rules: Rules) -> str:
    """Say in one sentence when a measure is to be reported on."""
    return _(
        "A measure under way is reported on once in every %(period)s, by the last day of it; a report from its first "
        "%(days)s days counts for the one before. A figure is put in when its period has ended and the usual time for "
        "counting has passed."
    ) % {"period": _WORDS[rules.report], "days": rules.grace_of(rules.report)}


def read_rules(path: Path) -> Rules:
    """Return the rules of a file; the default ones where there is none.

    Raises
    ------
    PlanError
        ``bad-follow-up-file`` that names the place and the way out.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Rules()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _fault(path, f"cannot be read as TOML: {error}") from error
    known = {"july_off", "report", "link_days", "send_from", "lag", "ladder"}
    if unknown := sorted(set(given) - known):
        raise _fault(path, f"has no {', '.join(unknown)}; it may hold {', '.join(sorted(known))}")
    found: dict[str, Any] = {}
    if "july_off" in given:
        found["july_off"] = _is(path, given, "july_off", bool, "true or false")
    if "report" in given:
        if given["report"] not in PERIODS:
            raise _fault(path, f"report is {given['report']!r}; expected one of {', '.join(PERIODS)}")
        found["report"] = given["report"]
    if "link_days" in given:
        found["link_days"] = _is(path, given, "link_days", int, "a number of days from 1 to 60", 1, 60)
    if "send_from" in given:
        try:
            found["send_from"] = datetime.time.fromisoformat(str(given["send_from"]))
        except ValueError as error:
            raise _fault(
                path, f'send_from is {given["send_from"]!r}; expected a time such as "07:00"'
            ) from error
    if "lag" in given:
        lag = _is(path, given, "lag", dict, "a table of days by period")
        if unknown := sorted(set(lag) - set(PERIODS)):
            raise _fault(path, f"lag has no {', '.join(unknown)}; expected {', '.join(PERIODS)}")
        days = {name: _is(path, lag, name, int, "a number of days from 0 to 730", 0, 730) for name in lag}
        found["lag"] = {**Rules().lag, **days}
    if "ladder" in given:
        found["ladder"] = tuple(
            _step(path, row) for row in _is(path, given, "ladder", list, "a list of steps")
        )
        codes = [step.code for step in found["ladder"]]
        if len(set(codes)) < len(codes):
            raise _fault(path, "ladder has two steps on the same day; give each step a day of its own")
    return Rules(**found)


def _step(path: Path, row: Any) -> Step:
    if not isinstance(row, dict) or set(row) - {"days", "working_days", "to"}:
        raise _fault(path, f"ladder has the step {row!r}; a step holds days or working_days, and to")
    to = row.get("to", ["owner"])
    if not isinstance(to, list) or not to or any(one not in WHO for one in to):
        raise _fault(path, f"ladder has the step {row!r}; to names one or more of {', '.join(WHO)}")
    days = _is(path, {"days": 0, **row}, "days", int, "calendar days from -180 to 180", -180, 180)
    working = _is(path, {"working_days": 0, **row}, "working_days", int, "working days from 0 to 120", 0, 120)
    return Step(days, working, tuple(to))


def _is(
    path: Path, given: Mapping[str, Any], name: str, kind: type, wanted: str, low: int = 0, high: int = 0
) -> Any:
    """Return a part of the file when it is what it should be."""
    value = given[name]
    sound = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if not sound or (kind is int and not low <= value <= high):
        raise _fault(path, f"{name} is {value!r}; expected {wanted}")
    return value


def _fault(path: Path, what: str) -> PlanError:
    message = f"{path.name} {what}. Mend the file {path}, or remove it to use the usual rules."
    return PlanError("bad-follow-up-file", message, file=str(path))


def rules_in_force() -> Rules:
    """Return the rules of this site; the file is read again when it was changed."""
    from django.conf import settings

    path = settings.DATA / FILE
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:
        return Rules()
    return _kept(path, stamp)


@lru_cache(maxsize=2)
def _kept(path: Path, stamp: int) -> Rules:
    return read_rules(path)
