"""Changes to goals: decide, set the status by hand, end that."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web import locking
from framsyn.web.actions import Act, action
from framsyn.web.goals.models import GoalDecision, Override
from framsyn.web.goals.statuses import rule_of
from framsyn.web.goals.wordings import wording_in_force
from framsyn.web.indicators.rules import OVERRIDABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from framsyn.web.accounts.models import Organisation
    from framsyn.web.indicators.models import Indicator
    from framsyn.web.plan.models import Element

__all__ = ["LONGEST", "Terms", "check_terms", "decide", "end_override", "override"]

LONGEST = datetime.timedelta(days=366)
"""A status set by hand holds at most this long; then somebody looks again."""

_AGAINST = {"reach_at_least": "down", "reach_at_most": "up"}
_DIRECTION = {"reach_at_least": "up", "reach_at_most": "down", "hold": "hold", "range": "range"}
_FIELDS = (
    "type",
    "standing",
    "baseline",
    "baseline_date",
    "target",
    "target_low",
    "target_high",
    "tolerance",
    "deadline",
    "case_number",
    "decided_on",
)


@dataclass(frozen=True)
class Terms:
    """What is decided about a goal at one place. Numbers are in the unit of the indicator, a share in 0–1."""

    type: str
    standing: str = "decided"
    indicator: Indicator | None = None
    direction: str = ""
    baseline: float | None = None
    baseline_date: datetime.date | None = None
    target: float | None = None
    target_low: float | None = None
    target_high: float | None = None
    tolerance: float = 0.0
    deadline: datetime.date | None = None
    decided_by: Mapping[str, str] = field(default_factory=dict)
    case_number: str = ""
    decided_on: datetime.date | None = None
    source: Mapping[str, str] = field(default_factory=dict)
    note: Mapping[str, str] = field(default_factory=dict)


def _refuse(code: str, field_name: str, message: str, **values: Any) -> None:
    raise PlanError(code, message % values, field=field_name, **values)


def check_terms(terms: Terms, today: datetime.date) -> None:
    """Refuse terms that contradict themselves; the error names the field to mend.

    Raises
    ------
    PlanError
        ``data["field"]`` is the name of the field.
    """
    if terms.type not in GoalDecision.Type.values or terms.standing not in GoalDecision.Standing.values:
        _refuse("unknown-kind", "type", _("Choose what the goal demands and whether it is decided."))
    if terms.indicator is None and terms.type != "do":
        _refuse(
            "no-indicator",
            "indicator",
            _("Choose the indicator that this goal is measured by, or make it a task."),
        )
    if terms.baseline is not None and terms.baseline_date is None:
        _refuse("baseline-without-date", "baseline_date", _("Give the day that the baseline was read for."))
    if terms.tolerance < 0:
        _refuse("goal-tolerance", "tolerance", _("The tolerance is 0 or more."))
    if terms.deadline and terms.baseline_date and terms.deadline <= terms.baseline_date:
        _refuse(
            "deadline-before-baseline", "deadline", _("The deadline must be after the day of the baseline.")
        )
    if terms.deadline and terms.deadline < today:
        _refuse("deadline-passed", "deadline", _("The deadline has passed already. Choose a day to come."))
    if terms.decided_on and terms.decided_on > today:
        _refuse(
            "future-date", "decided_on", _("The decision is dated in the future. Record it when it is made.")
        )
    if terms.standing == "decided" and not any(terms.decided_by.values()):
        _refuse(
            "no-decider",
            "decided_by",
            _("A decided goal names who decided it. Otherwise call it proposed or an example."),
        )
    _check_numbers(terms)


def _check_numbers(terms: Terms) -> None:
    if terms.type in _AGAINST:
        if terms.target_low is not None or terms.target_high is not None:
            _refuse(
                "goal-range",
                "target_low",
                _("Only a goal that stays within a range has a lowest and a highest value."),
            )
        if terms.indicator is not None and terms.indicator.direction == _AGAINST[terms.type]:
            _refuse(
                "against-direction",
                "type",
                _(
                    "%(indicator)s is an indicator where the other way is better. Choose the type that fits it."
                ),
                indicator=str(terms.indicator),
            )
        if terms.target is not None and terms.baseline is not None:
            low = terms.type == "reach_at_least"
            if (terms.target < terms.baseline) if low else (terms.target > terms.baseline):
                _refuse(
                    "target-behind-baseline",
                    "target",
                    _(
                        "The target lies below the baseline: the goal would be reached before it began. Mend one of the two."
                    )
                    if low
                    else _(
                        "The target lies above the baseline: the goal would be reached before it began. Mend one of the two."
                    ),
                )
        return
    if terms.target is not None:
        _refuse(
            "goal-target",
            "target",
            _("Only a goal to reach a level has a target. Take it out, or choose another type."),
        )
    band = (terms.target_low, terms.target_high)
    if terms.type == "range":
        if terms.target_low is None or terms.target_high is None or terms.target_low > terms.target_high:
            _refuse(
                "goal-range",
                "target_low",
                _("Give the lowest and the highest value of the range, in that order."),
            )
    elif band != (None, None):
        _refuse(
            "goal-range",
            "target_low",
            _("Only a goal that stays within a range has a lowest and a highest value."),
        )


def _facts(decision: GoalDecision) -> dict[str, Any]:
    """Return what the log keeps of a decision."""
    facts = {name: getattr(decision, name) for name in _FIELDS}
    return {**facts, "decision": decision.pk, "place": decision.place_id, "indicator": decision.indicator_id}


@action("goal.decide")
def decide(
    act: Act,
    goal: Element,
    place: Organisation,
    terms: Terms,
    *,
    supersedes: GoalDecision | None = None,
    reason: str = "",
    seen: int | None = None,
) -> GoalDecision:
    """Decide what a goal demands at a place. An earlier decision is never changed: the new one supersedes it.

    Parameters
    ----------
    supersedes : GoalDecision, optional
        The decision that falls away; without it the one in force for the same place and indicator, if there is one.
    seen : int, optional
        :func:`~framsyn.web.locking.last_change` of the goal when the user got the form; None decides whatever stands there.
    """
    act.require(place, plans=(goal.origin_id,), thing=goal)
    locking.take(act, goal, seen)
    check_terms(terms, timezone.localdate())
    wording = wording_in_force(goal)
    if wording is None:
        _refuse(
            "no-wording",
            "",
            _("%(goal)s has no words in any version of its plan. Write it first."),
            goal=goal.pk,
        )
    old = supersedes
    if old is None:
        old = (
            GoalDecision.objects.select_for_update(of=("self",))
            .filter(goal=goal, place=place, indicator=terms.indicator, superseded_by__isnull=True)
            .order_by("-id")
            .first()
        )
    elif old.goal_id != goal.pk:
        _refuse("other-goal", "", _("That decision is about another goal."))
    elif GoalDecision.objects.filter(supersedes=old).exists():
        _refuse(
            "superseded",
            "",
            _("That decision has been superseded meanwhile. Look at the one in force and decide again."),
        )
    decision = GoalDecision(
        goal=goal,
        place=place,
        indicator=terms.indicator,
        wording=wording,
        direction=terms.direction or _DIRECTION.get(terms.type) or GoalDecision.Direction.NONE,
        decided_by=dict(terms.decided_by),
        source=dict(terms.source),
        note=dict(terms.note),
        supersedes=old,
        created_at=act.at,
        created_by=act.actor.user,
        **{name: getattr(terms, name) for name in _FIELDS},
    )
    rule_of(decision)  # refuses what the rule of the status could not judge
    decision.save(force_insert=True)
    label = dict(wording.heading) if wording else str(goal.pk)
    act.record(goal, before=_facts(old) if old else None, after=_facts(decision), label=label, reason=reason)
    return decision


@action("goal.override")
def override(
    act: Act,
    decision: GoalDecision,
    status: str,
    reason: str,
    expires: datetime.date,
    *,
    seen: int | None = None,
) -> Override:
    """Set the status of a decision by hand: with a reason, and until a day within a year.

    ``seen`` is the :func:`~framsyn.web.locking.last_change` of the goal, as in :func:`decide`.
    """
    act.require(decision.place, plans=(decision.goal.origin_id,), thing=decision.goal)
    locking.take(act, decision.goal, seen)
    today = timezone.localdate()
    if status not in OVERRIDABLE:
        _refuse("override-status", "status", _("Choose one of the statuses that the rule gives."))
    if not reason.strip():
        _refuse("override-without-reason", "reason", _("Say in a sentence why the rule does not fit."))
    if expires < today:
        _refuse("override-passed", "expires", _("The last day has passed already. Choose a day to come."))
    if expires > today + LONGEST:
        _refuse(
            "override-too-long",
            "expires",
            _("A status set by hand holds for a year at most. Choose an earlier day."),
        )
    if GoalDecision.objects.filter(supersedes=decision).exists():
        _refuse(
            "superseded",
            "",
            _("That decision has been superseded meanwhile. Look at the one in force and decide again."),
        )
    open_ones = list(Override.objects.select_for_update().filter(decision=decision, ended_at__isnull=True))
    for one in open_ones:
        one.ended_at = act.at
        one.save(update_fields=("ended_at",))
    made = Override.objects.create(
        decision=decision,
        status=status,
        reason=reason.strip(),
        expires=expires,
        created_at=act.at,
        created_by=act.actor.user,
    )
    before = {"status": open_ones[-1].status, "expires": open_ones[-1].expires} if open_ones else None
    after = {"decision": decision.pk, "place": decision.place_id, "status": status, "expires": expires}
    act.record(decision.goal, before=before, after=after, label=dict(decision.wording.heading), reason=reason)
    return made


@action("goal.end_override")
def end_override(act: Act, manual: Override, *, reason: str = "", seen: int | None = None) -> Override:
    """End a status set by hand: the rule speaks again. ``seen`` is as in :func:`override`."""
    goal = manual.decision.goal
    act.require(manual.decision.place, plans=(goal.origin_id,), thing=goal)
    locking.take(act, goal, seen)
    manual.refresh_from_db(fields=("ended_at",))
    if manual.ended_at is not None:
        _refuse("ended", "", _("That status has been ended already."))
    manual.ended_at = act.at
    manual.save(update_fields=("ended_at",))
    decision = manual.decision
    before = {
        "decision": decision.pk,
        "place": decision.place_id,
        "status": manual.status,
        "expires": manual.expires,
    }
    act.record(decision.goal, before=before, after=None, label=dict(decision.wording.heading), reason=reason)
    return manual
