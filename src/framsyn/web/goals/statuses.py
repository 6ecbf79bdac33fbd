"""The status of goals: for any number of them in two queries, by the rule that every page shows."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db.models import F, FilteredRelation, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from framsyn.report.words import join
from framsyn.web.accounts.models import Organisation
from framsyn.web.goals.models import GoalDecision, Override
from framsyn.web.indicators import status as rules
from framsyn.web.indicators.readings import newest_readings
from framsyn.web.languages import current_language

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping, Sequence

    from django.db.models import QuerySet

    from framsyn.web.indicators.rules import GoalRule, Reading, Status

__all__ = [
    "ORDER",
    "GoalStatus",
    "PartStatus",
    "count_statuses",
    "goal_statuses",
    "judge_decision",
    "override_of",
    "rule_of",
    "status_of_goal",
    "with_overrides",
]

ORDER = ("wrong_way", "missed", "outside", "at_risk", "on_the_way", "reached", "no_data", "not_measured")
"""Statuses from the one that asks for most attention; the last two say that nothing is judged."""
_WORST_FIRST = (
    "wrong_way", "missed", "outside", "at_risk", "no_data", "on_the_way", "reached", "not_measured",
)  # fmt: skip
"""Of several demands the worst is shown; one that nobody can judge hides that the others are met."""


def rule_of(decision: GoalDecision) -> GoalRule:
    """Return the rule that a decision demands; which way is better follows from its type where it says none."""
    return rules.GoalRule(
        decision.type,
        "" if decision.direction == GoalDecision.Direction.NONE else decision.direction,
        decision.baseline,
        decision.baseline_date,
        decision.target,
        decision.target_low,
        decision.target_high,
        decision.tolerance,
        decision.deadline,
    )


@dataclass(frozen=True)
class PartStatus:
    """One decision of a goal, judged: the region's, or one trust's."""

    decision: GoalDecision
    rule: GoalRule
    status: Status
    readings: Sequence[Reading]

    @property
    def code(self) -> str:
        """Code of the status that is shown."""
        return self.status.code

    @property
    def wrong_way(self) -> bool:
        """Whether the indicator moves the wrong way, whatever the status says."""
        return self.status.wrong_way or self.status.code == "wrong_way"

    @property
    def unit(self) -> str:
        """Unit of the indicator."""
        return self.decision.indicator.unit if self.decision.indicator else "count"

    def said_in(self, language: str) -> str:
        """Return the status in one sentence."""
        return rules.sentence(self.status, self.rule, self.unit, language)

    @property
    def sentence(self) -> str:
        """The status in one sentence, in the language of the page."""
        return self.said_in(current_language())

    @property
    def rule_text(self) -> str:
        """The rule in one sentence, in the language of the page."""
        return rules.rule_text(self.rule, current_language(), self.unit)


@dataclass(frozen=True)
class GoalStatus:
    """Where a goal stands.

    Attributes
    ----------
    element : str
        Id of the goal.
    code : str
        One of :data:`ORDER`.
    shown : PartStatus or None
        The decision that the code is of; None where nothing is decided.
    parts : tuple of PartStatus
        Every decision in force: the region's first, then those of its trusts.
    """

    element: str
    code: str
    shown: PartStatus | None = None
    parts: tuple[PartStatus, ...] = ()

    @property
    def wrong_parts(self) -> tuple[PartStatus, ...]:
        """Parts other than the one that is shown which move the wrong way."""
        return tuple(part for part in self.parts if part is not self.shown and part.wrong_way)

    @property
    def wrong_way(self) -> bool:
        """Whether any part moves the wrong way."""
        return any(part.wrong_way for part in self.parts)

    @property
    def is_example(self) -> bool:
        """Whether the number that the status is judged by is an example that nobody has decided."""
        return self.shown is not None and self.shown.decision.standing == GoalDecision.Standing.ILLUSTRATION

    @property
    def standing(self) -> str:
        """Standing of the decision that is shown; empty where there is none."""
        return self.shown.decision.standing if self.shown else ""

    @property
    def deadline(self) -> datetime.date | None:
        """Deadline of the decision that is shown."""
        return self.shown.decision.deadline if self.shown else None

    def said_in(self, language: str) -> str:
        """Return the status in one sentence, and a short one for the parts that go the wrong way."""
        with translation.override(language):
            if self.shown is None:
                return _("Nobody has decided yet what this goal is measured by.")
            text = self.shown.said_in(language)
            if not self.wrong_parts:
                return text
            where = list(dict.fromkeys(_where(part, self.shown) for part in self.wrong_parts))
            return f"{text} {_('Wrong way: %(places)s.') % {'places': join(where, language)}}"

    @property
    def sentence(self) -> str:
        """The sentence in the language of the page."""
        return self.said_in(current_language())


def _where(part: PartStatus, shown: PartStatus) -> str:
    """Name a part: by its place, and by its indicator where the place is the one that is shown."""
    if part.decision.place_id != shown.decision.place_id:
        return str(part.decision.place)
    return str(part.decision.indicator or part.decision.place)


def judge_decision(
    decision: GoalDecision, readings: Sequence[Reading], override: Override | None, today: datetime.date
) -> PartStatus:
    """Judge one decision."""
    rule = rule_of(decision)
    manual = None
    if override is not None:
        by = override.created_by
        name = (by.get_full_name() or by.get_username()) if by else "Framsyn"
        manual = rules.Override(override.status, override.reason, override.expires, name)
    return PartStatus(decision, rule, rules.judge(rule, readings, today, manual), readings)


_BY_HAND = ("id", "status", "reason", "expires", "created_at")
_WHO = ("username", "first_name", "last_name")


def with_overrides(decisions: QuerySet[GoalDecision]) -> QuerySet[GoalDecision]:
    """Let each decision bring the status by hand that holds for it, for :func:`override_of`, without a query of its own."""
    brought = {f"by_hand_{name}": F(f"by_hand__{name}") for name in _BY_HAND}
    brought |= {f"by_hand_by_{name}": F(f"by_hand__created_by__{name}") for name in _WHO}
    # Setting one by hand ends the one before, so that at most one is open.
    one = FilteredRelation("overrides", condition=Q(overrides__ended_at__isnull=True))
    return decisions.annotate(by_hand=one).annotate(**brought)


def override_of(decision: Any) -> Override | None:
    """Return the status by hand that a decision of :func:`with_overrides` brings, if there is one."""
    if decision.by_hand_id is None:
        return None
    names = {name: getattr(decision, f"by_hand_by_{name}") for name in _WHO}
    by = get_user_model()(**names) if names["username"] is not None else None
    return Override(
        decision=decision, created_by=by, **{name: getattr(decision, f"by_hand_{name}") for name in _BY_HAND}
    )


def goal_statuses(
    element_ids: Iterable[str], place: str | None = None, today: datetime.date | None = None
) -> dict[str, GoalStatus]:
    """Return the status of every goal asked for; two queries, however many there are.

    Parameters
    ----------
    element_ids : iterable of str
    place : str, optional
        Organisation whose decision is shown where it has one; the region's without it.
    today : date, optional

    Returns
    -------
    dict of str to GoalStatus
        One for every id, also where nothing is decided.
    """
    wanted = list(dict.fromkeys(element_ids))
    day = today or timezone.localdate()
    decisions = list(
        with_overrides(GoalDecision.objects.filter(goal__in=wanted, superseded_by__isnull=True))
        .select_related("place", "indicator")
        .order_by("place__position", "id")
    )
    series = {(one.indicator_id, one.place_id) for one in decisions if one.indicator_id}
    readings: Mapping[tuple[Any, str], Sequence[Reading]] = newest_readings(series, day)
    judged: defaultdict[str, list[PartStatus]] = defaultdict(list)
    for one in decisions:
        own = readings.get((one.indicator_id, one.place_id), ())
        judged[one.goal_id].append(judge_decision(one, own, override_of(one), day))
    return {name: status_of_goal(name, judged.get(name, []), place) for name in wanted}


def status_of_goal(name: str, parts: list[PartStatus], place: str | None = None) -> GoalStatus:
    """Return the status of a goal from that of its decisions: the region's, never a mean of the parts."""
    if not parts:
        return GoalStatus(name, "no_data")
    here = [part for part in parts if part.decision.place_id == place] or _of_region(parts)
    shown = min(here, key=_attention)
    ordered = sorted(parts, key=lambda part: (part is not shown, part not in here))
    return GoalStatus(name, shown.code, shown, tuple(ordered))


def _of_region(parts: list[PartStatus]) -> list[PartStatus]:
    """Return the decisions of the place above the others; all of them where none stands above."""
    region = [p for p in parts if p.decision.place.kind == Organisation.Kind.HEALTH_AUTHORITY]
    if region:
        return region
    places = {part.decision.place_id for part in parts}
    return [part for part in parts if part.decision.place.parent_id not in places]


def _attention(part: PartStatus) -> tuple[bool, bool, int]:
    """Order the demands of one goal: what can be measured first, decided before example, worst first."""
    example = part.decision.standing == GoalDecision.Standing.ILLUSTRATION
    return part.code == "not_measured", example, _WORST_FIRST.index(part.code)


def count_statuses(statuses: Iterable[GoalStatus]) -> list[tuple[str, int]]:
    """Count goals by status, those that ask for most attention first; statuses without goals are left out."""
    counted = Counter(status.code for status in statuses)
    return [(code, counted[code]) for code in ORDER if counted[code]]
