"""What the overview of the follow-up shows."""

from __future__ import annotations

import datetime
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count as Number
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from framsyn.report.words import join
from framsyn.web.audit.models import Entry
from framsyn.web.audit.queries import WORDS, public_entries, site_version, told
from framsyn.web.followup.radar import radar
from framsyn.web.goals.queries import in_force
from framsyn.web.goals.statuses import count_statuses, goal_statuses
from framsyn.web.indicators.sentences import status_name
from framsyn.web.languages import current_language
from framsyn.web.measures.queries import Filters, narrowed
from framsyn.web.measures.timeliness import CODES
from framsyn.web.plan.models import Version
from framsyn.web.thread.dead_ends import counted, find
from framsyn.web.thread.groups import outline
from framsyn.web.wheel.dates import next_occurrences
from framsyn.web.wheel.queries import events, last_board_meeting

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from framsyn.web.audit.queries import Change, public_entries
    from framsyn.web.followup.radar import Radar
    from framsyn.web.wheel.dates import Occurrence

__all__ = ["Changes", "Count", "Overview", "kept_overview", "overview", "sentence"]

NEXT = 5
CHANGES = 8
BACK = 60  # days back where no board meeting is known


@dataclass(frozen=True)
class Count:
    """How many have a code, with the badge and the words of the site."""

    code: str
    badge: str
    word: str
    number: int
    share: float
    address: str

    @property
    def marks(self) -> range:
        """One for each, to draw."""
        return range(self.number)


@dataclass(frozen=True)
class Changes:
    """What has changed since a day."""

    since: datetime.date
    meeting: Occurrence | None
    kinds: Sequence[tuple[str, int]]
    newest: Sequence[Change]
    total: int


@dataclass(frozen=True)
class Overview:
    """The page of the follow-up."""

    version: Version | None
    sentence: str
    goals: Sequence[Count]
    total: int
    measures: Sequence[tuple[str, str, Sequence[Count]]]  # code and name of what they are counted by
    measures_total: int
    changes: Changes
    dead_ends: Sequence[tuple[str, str, int]]
    dead_ends_total: int
    next_events: Sequence[Occurrence]
    owners: Radar


def sentence(counts: dict[str, int], total: int) -> str:
    """Say in one sentence where the goals stand: what goes well, what asks for attention, what nobody can tell.

    >>> from django.utils import translation
    >>> with translation.override("en"):
    ...     sentence({"on_the_way": 3, "wrong_way": 1, "no_data": 2}, 6)
    'Of 6 goals, 3 are reached or on the way, 1 goes the wrong way and 2 have no figures yet.'
    """

    def number(*codes: str) -> int:
        return sum(counts.get(code, 0) for code in codes)

    well, risk, wrong = number("reached", "on_the_way"), number("at_risk", "outside"), number("wrong_way")
    missed, unknown, tasks = number("missed"), number("no_data"), number("not_measured")
    parts = [
        (well, ngettext("%(count)s is reached or on the way", "%(count)s are reached or on the way", well)),
        (risk, ngettext("%(count)s is at risk", "%(count)s are at risk", risk)),
        (wrong, ngettext("%(count)s goes the wrong way", "%(count)s go the wrong way", wrong)),
        (missed, ngettext("%(count)s was not reached in time", "%(count)s were not reached in time", missed)),
        (
            tasks,
            ngettext(
                "%(count)s is a task that is not measured", "%(count)s are tasks that are not measured", tasks
            ),
        ),
        (unknown, ngettext("%(count)s has no figures yet", "%(count)s have no figures yet", unknown)),
    ]
    known = [words % {"count": count} for count, words in parts if count]
    if not known:
        return _("No plan with goals is in force yet.")
    begin = ngettext("Of %(total)s goal,", "Of %(total)s goals,", total) % {"total": total}
    return f"{begin} {join(known, current_language())}."


def goal_counts(codes: Iterable[tuple[str, int]], total: int, plan: str) -> list[Count]:
    """Return how many goals have each status."""
    home = reverse("goals")
    return [
        Count(
            code,
            code,
            status_name(code, current_language()),
            number,
            number / total,
            f"{home}?plan={plan}&status={code}",
        )
        for code, number in codes
    ]


def measure_counts(today: datetime.date) -> tuple[list[tuple[str, str, list[Count]]], int]:
    """Count measures by phase, by what their owners say and by their time, each by itself; one query."""
    groups = list(
        narrowed(Filters(), today)
        .order_by()
        .values("phase", "status", "timeliness")
        .annotate(number=Number("pk"))
    )
    total = sum(group["number"] for group in groups)
    home = reverse("measures")
    wanted = (
        (
            "phase",
            _("How far they have come"),
            [(code, code, "") for code in ("idea", "planned", "under_way", "completed", "stopped")],
        ),
        (
            "status",
            _("What the owners say"),
            [
                *((code, code, "") for code in ("stuck", "needs_attention", "on_plan")),
                ("none", "no_data", _("No report yet")),
            ],
        ),
        (
            "timeliness",
            _("Whether they keep their time"),
            [(code, badge, str(word)) for code, (badge, word) in CODES.items()],
        ),
    )
    found = []
    for name, title, codes in wanted:
        rows = []
        for code, badge, word in codes:
            value = None if code == "none" else code
            number = sum(group["number"] for group in groups if group[name] == value)
            if number:
                rows.append(Count(code, badge, word, number, number / total, f"{home}?{name}={code}"))
        found.append((name, title, rows))
    return found, total


def changes_since(since: datetime.date, meeting: Occurrence | None) -> Changes:
    """Return what has changed since a day that everybody may read; two queries."""
    begin = timezone.make_aware(datetime.datetime.combine(since, datetime.time.min))
    rows = public_entries().filter(at__gte=begin)
    kinds = rows.order_by().values_list("action").annotate(number=Number("pk")).order_by("-number", "action")
    counts = [(str(WORDS[action]), number) for action, number in kinds]
    newest = [told(entry, inside=False) for entry in rows.order_by("-id")[:CHANGES]]
    return Changes(since, meeting, counts, newest, sum(number for _word, number in counts))


def overview(plan: str = "", since: datetime.date | None = None) -> Overview:
    """Return the overview of a plan in force, the regional development plan without one; some 25 queries."""
    today = timezone.localdate()
    version = in_force(plan)
    if version is not None and version.state == Version.State.DRAFT:
        version = None
    known = events()
    meeting = last_board_meeting(known, today)
    begin = since or (meeting.last if meeting else today - datetime.timedelta(days=BACK))
    counts: list[tuple[str, int]] = []
    ends = []
    if version is not None:
        goals = outline(version)
        statuses = goal_statuses(goals.goals, today=today)
        counts = count_statuses(statuses.values())
        ends = find(version, goals, statuses, today)
    total = sum(number for _code, number in counts)
    measures, measures_total = measure_counts(today)
    return Overview(
        version,
        sentence(dict(counts), total),
        goal_counts(counts, total, version.plan_id if version else ""),
        total,
        measures,
        measures_total,
        changes_since(begin, None if since else meeting),
        counted(ends),
        len(ends),
        next_occurrences(known, today, NEXT),
        radar(),
    )


def kept_overview(plan: str = "", since: datetime.date | None = None) -> Overview:
    """Return the overview as it was made at the last change; two queries once it is made.

    All that it shows is the same for everybody and moves with the log or with the day, so that each process makes it once
    for each of them.
    """
    newest = Entry.objects.order_by("-id").values_list("id", "at").first()
    return _made((site_version(), newest), timezone.localdate(), current_language(), plan, since)


@functools.lru_cache(maxsize=12)
def _made(
    _version: tuple[Any, ...], _today: datetime.date, _language: str, plan: str, since: datetime.date | None
) -> Overview:
    return overview(plan, since)
