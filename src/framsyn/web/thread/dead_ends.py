"""Where the red thread breaks, said in a sentence each, with the form that mends it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from framsyn.web.goals.models import GoalDecision
from framsyn.web.goals.queries import in_force
from framsyn.web.goals.statuses import GoalStatus, goal_statuses
from framsyn.web.indicators.models import Indicator
from framsyn.web.measures.models import Assignment, Measure, Risk
from framsyn.web.thread.beads import HIGH
from framsyn.web.thread.groups import Outline, outline

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping

    from framsyn.web.languages import Text
    from framsyn.web.plan.models import Version

__all__ = ["KINDS", "DeadEnd", "counted", "dead_ends", "find"]

KINDS = {
    "goal_without_measure": gettext_lazy("Goal without a measure"),
    "goal_without_indicator": gettext_lazy("Goal without an indicator"),
    "target_without_data": gettext_lazy("Target without figures"),
    "measure_without_owner": gettext_lazy("Measure without an owner"),
    "measure_without_goal": gettext_lazy("Measure without a goal"),
    "unused_indicator": gettext_lazy("Indicator that no goal uses"),
    "unhandled_risk": gettext_lazy("High risk that nothing is done about"),
    "decided_without_case": gettext_lazy("Decided goal without a decision"),
    "expired_override": gettext_lazy("Status set by hand that has expired"),
    "stopped_dependency": gettext_lazy("Waits for a measure that has stopped"),
}
"""Kinds of dead ends, those that break the thread first."""

ENDED = (Measure.Phase.COMPLETED, Measure.Phase.STOPPED)


@dataclass(frozen=True)
class DeadEnd:
    """One place where the thread breaks.

    Parameters
    ----------
    kind : str
        One of :data:`KINDS`.
    object_type : {"goal", "measure", "indicator"}
    object_id : str
    title : Text
        Of the goal, measure or indicator that it is about.
    sentence : str
        What is missing, in the language of the page.
    address : str
        Page of the thing.
    mend : str
        Address of the form that mends it.
    mend_words : str
        What that form does.
    action : str
        The action behind it: whoever may do it is shown the form.
    organisation : str
        Where that must be allowed.
    """

    kind: str
    object_type: str
    object_id: str
    title: Text
    sentence: str
    address: str
    mend: str
    mend_words: str
    action: str
    organisation: str = field(default="")

    @property
    def kind_name(self) -> str:
        """What the kind is called."""
        return str(KINDS[self.kind])


def dead_ends(plan_id: str = "", today: datetime.date | None = None) -> list[DeadEnd]:
    """Return every dead end of a plan in force, the regional development plan without one; eleven queries.

    Measures and indicators that belong to no plan's goals are told with the plan that is asked for first.
    """
    version = in_force(plan_id)
    if version is None:
        return []
    goals = outline(version)
    return find(version, goals, goal_statuses(goals.goals, today=today), today)


def counted(found: Iterable[DeadEnd]) -> list[tuple[str, str, int]]:
    """Count dead ends by kind: code, name, number."""
    numbers = Counter(one.kind for one in found)
    return [(kind, str(name), numbers[kind]) for kind, name in KINDS.items() if numbers[kind]]


def find(
    version: Version, goals: Outline, statuses: Mapping[str, GoalStatus], today: datetime.date | None = None
) -> list[DeadEnd]:
    """Return the dead ends of a version whose goals and statuses are read already; six queries."""
    day = today or timezone.localdate()
    found = _Finder(version, goals, statuses, day)
    found.goals_themselves()
    found.measures()
    found.indicators()
    found.risks()
    order = list(KINDS)
    return sorted(found.found, key=lambda one: order.index(one.kind))


class _Finder:
    """What has been read, and what has been found in it."""

    def __init__(
        self, version: Version, goals: Outline, statuses: Mapping[str, GoalStatus], day: datetime.date
    ) -> None:
        self.version, self.outline, self.statuses, self.day = version, goals, statuses, day
        self.home = version.plan.organisation_id
        self.found: list[DeadEnd] = []
        self.serves: defaultdict[str, set[str]] = defaultdict(set)  # measure → goals, of any plan
        through: Any = Measure.goals.through
        for measure, goal in through.objects.values_list("measure_id", "element_id"):
            self.serves[measure].add(goal)
        self.all_measures = {one.pk: one for one in Measure.objects.all()}
        mine = set(goals.goals)
        self.own = {
            name: one
            for name, one in self.all_measures.items()
            if self.serves[name] & mine or not self.serves[name]
        }

    def _goal(self, kind: str, goal: str, sentence: str, mend: str, words: str, action: str) -> None:
        title = self.outline.goals[goal][1]
        address = reverse("goal", args=[goal])
        self.found.append(
            DeadEnd(kind, "goal", goal, title, sentence, address, mend, words, action, self.home)
        )

    def _measure(
        self, kind: str, measure: Measure, sentence: str, mend: str, words: str, action: str
    ) -> None:
        address = reverse("measure", args=[measure.pk])
        self.found.append(
            DeadEnd(
                kind,
                "measure",
                measure.pk,
                measure.title,
                sentence,
                address,
                mend,
                words,
                action,
                measure.organisation_id,
            )
        )

    def goals_themselves(self) -> None:
        """Goals without measure or indicator, without figures, without a decision, with an expired status."""
        served = {
            goal
            for name, goals in self.serves.items()
            if self.all_measures[name].phase != Measure.Phase.STOPPED
            for goal in goals
        }
        for goal in self.outline.goals:
            decide = reverse("goal_decide", args=[goal])
            parts = self.statuses[goal].parts
            if goal not in served:
                self._goal(
                    "goal_without_measure",
                    goal,
                    _("No measure that goes on is bound to the goal, so nothing moves it."),
                    f"{reverse('measure-new')}?goal={goal}",
                    _("New measure for this goal"),
                    "measure.create",
                )
            if all(part.decision.indicator_id is None for part in parts):
                self._goal(
                    "goal_without_indicator",
                    goal,
                    _("The goal has no indicator, so nobody can see how it goes."),
                    decide,
                    _("Decide what it is measured by"),
                    "goal.decide",
                )
            for part in parts:
                self._part(goal, part, f"{decide}?decision={part.decision.pk}")

    def _part(self, goal: str, part: Any, decide: str) -> None:
        made = part.decision
        has_target = made.target is not None or made.target_low is not None or made.type == "hold"
        facts = {"indicator": made.indicator, "place": made.place}
        if has_target and made.indicator_id and not part.readings:
            self._goal(
                "target_without_data",
                goal,
                _("The target for “%(indicator)s” (%(place)s) has no figures to be held against.") % facts,
                reverse("indicator_observe", args=[made.indicator_id]),
                _("Put a figure in"),
                "indicator.observe",
            )
        named = made.decision_id or made.case_number or any(made.decided_by.values())
        if made.standing == GoalDecision.Standing.DECIDED and not named:
            self._goal(
                "decided_without_case",
                goal,
                _("What is demanded at %(place)s is said to be decided, but not by whom or in which case.")
                % facts,
                decide,
                _("Decide anew, with who decided it"),
                "goal.decide",
            )
        if part.status.expired:
            self._goal(
                "expired_override",
                goal,
                _("The status at %(place)s was set by hand, and the day until which it held has passed.")
                % facts,
                reverse("goal", args=[goal]),
                _("End it or set it anew"),
                "goal.end_override",
            )

    def measures(self) -> None:
        """Measures without owner or goal, and those that wait for one that has stopped."""
        held = (
            Assignment.objects.filter(measure__in=list(self.own), role=Assignment.Role.OWNER)
            .filter(Q(valid_to=None) | Q(valid_to__gte=self.day))
            .filter(Q(person=None) | Q(person__is_active=True))
        )
        owned = set(held.values_list("measure_id", flat=True))
        needs: defaultdict[str, list[str]] = defaultdict(list)
        through: Any = Measure.depends_on.through
        rows = through.objects.filter(
            from_measure__in=list(self.own), to_measure__phase=Measure.Phase.STOPPED
        )
        for source, target in rows.values_list("from_measure_id", "to_measure_id"):
            needs[source].append(target)
        for name, measure in self.own.items():
            if measure.phase in ENDED:
                continue
            if name not in owned:
                self._measure(
                    "measure_without_owner",
                    measure,
                    _("Nobody who is here answers for the measure."),
                    reverse("measure-assign", args=[name]),
                    _("Name an owner"),
                    "measure.assign",
                )
            if not self.serves[name]:
                self._measure(
                    "measure_without_goal",
                    measure,
                    _("The measure serves no goal."),
                    f"{reverse('measure-edit', args=[name])}#goals",
                    _("Choose the goals that it serves"),
                    "measure.change",
                )
            for other in needs[name]:
                self._measure(
                    "stopped_dependency",
                    measure,
                    _("It waits for “%(other)s”, which has stopped.")
                    % {"other": self.all_measures[other].title},
                    reverse("measure-edit", args=[name]),
                    _("Take the dependency out"),
                    "measure.change",
                )

    def indicators(self) -> None:
        """Indicators that no goal in force, of any plan, is measured by."""
        unused = Indicator.objects.exclude(
            pk__in=GoalDecision.objects.filter(superseded_by__isnull=True, indicator__isnull=False).values(
                "indicator"
            )
        )
        for one in unused:
            self.found.append(
                DeadEnd(
                    "unused_indicator",
                    "indicator",
                    one.pk,
                    one.name,
                    _("No goal is measured by the indicator."),
                    reverse("indicator", args=[one.pk]),
                    f"{reverse('goals')}?plan={self.version.plan_id}",
                    _("Choose a goal that it measures"),
                    "goal.decide",
                    self.home,
                )
            )

    def risks(self) -> None:
        """High risks, of the goals and of their measures, that say nothing of what is done."""
        rows = Risk.objects.filter(closed_on__isnull=True).filter(
            Q(measure__in=list(self.own)) | Q(element__in=list(self.outline.goals))
        )
        for risk in rows.order_by("id"):
            if risk.score < HIGH or any(risk.mitigation.values()):
                continue
            sentence = _(
                "The risk “%(risk)s” is %(probability)s × %(consequence)s, and nothing is done about it."
            ) % {
                "risk": risk.text,
                "probability": risk.probability,
                "consequence": risk.consequence,
            }
            if risk.measure_id:
                mend = reverse("measure-risk", args=[risk.measure_id, risk.pk])
                measure = self.own[risk.measure_id]
                self._measure(
                    "unhandled_risk", measure, sentence, mend, _("Say what is done"), "measure.risk"
                )
            else:
                goal = risk.element_id or ""
                mend = f"{reverse('measure-new')}?goal={goal}"
                self._goal(
                    "unhandled_risk", goal, sentence, mend, _("New measure for this goal"), "measure.create"
                )
