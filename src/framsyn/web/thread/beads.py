"""What a red thread consists of, and how it is read from the plan."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from framsyn.web.goals.models import GoalDecision
from framsyn.web.goals.statuses import goal_statuses
from framsyn.web.indicators.sentences import status_name
from framsyn.web.languages import Text, current_language
from framsyn.web.measures.models import Measure, Risk
from framsyn.web.plan.models import Decision
from framsyn.web.templatetags.look import STATUSES, risk_level
from framsyn.web.templatetags.texts import date as in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from framsyn.web.goals.statuses import GoalStatus

__all__ = ["STAGES", "Bead", "Thread", "goal_bead", "missing", "put_together", "read_threads"]

STAGES = ("goal", "indicator", "measure", "risk", "decision")
HIGH = 15  # probability times consequence from which a risk asks for something to be done


@dataclass(frozen=True)
class Bead:
    """One thing on a thread.

    Parameters
    ----------
    stage : str
        One of :data:`STAGES`.
    id : str
    title : Text
    shape, tone, word : str
        Its status: a shape of the site's, its tone, and what it is called.
    note : str
        A few more words.
    address : str
    of : str
        The measure that a risk belongs to; empty for a risk of the goal itself.
    is_missing : bool
        Nothing is there: the thread is broken.
    """

    stage: str
    id: str
    title: Text
    shape: str = ""
    tone: str = "quiet"
    word: str = ""
    note: str = ""
    address: str = ""
    of: str = ""
    is_missing: bool = False

    @property
    def spoken(self) -> str:
        """All that it shows, as one text."""
        return ". ".join(
            part for part in (f"{stage_name(self.stage)}: {self.title}", self.word, self.note) if part
        )


@dataclass(frozen=True)
class Thread:
    """One goal and what hangs on it; a chain of sums where goals are folded together."""

    goal: Bead
    number: str = ""
    indicators: tuple[Bead, ...] = ()
    measures: tuple[Bead, ...] = ()
    risks: tuple[Bead, ...] = ()
    decisions: tuple[Bead, ...] = ()
    is_sum: bool = False
    goals: tuple[str, ...] = field(default=())  # folded together

    def stage(self, name: str) -> tuple[Bead, ...]:
        """Return the beads of a stage."""
        return (self.goal,) if name == "goal" else getattr(self, f"{name}s")

    @property
    def stages(self) -> list[tuple[str, str, tuple[Bead, ...]]]:
        """Code, name and beads of the stages behind the goal."""
        return [(name, stage_name(name), self.stage(name)) for name in STAGES[1:]]


def stage_name(stage: str) -> str:
    """Return what a stage is called."""
    return {
        "goal": _("Goal"),
        "indicator": _("Indicator"),
        "measure": _("Measure"),
        "risk": _("Risk"),
        "decision": _("Decision"),
    }[stage]


def marked(code: str) -> dict[str, Any]:
    """Return shape, tone and word of a status."""
    shape, tone, word = STATUSES[code]
    return {
        "shape": shape,
        "tone": tone,
        "word": status_name(code, current_language()) if word is None else str(word),
    }


def missing(stage: str, goal: str = "") -> Bead:
    """Return the gap in a thread at a stage; a goal without risks is no gap, but says so."""
    words = {
        "indicator": _("No indicator"),
        "measure": _("No measure"),
        "risk": _("No open risk"),
        "decision": _("No decision"),
    }[stage]
    title = Text(dict.fromkeys(("nb", "nn", "en"), words))
    if stage == "risk":
        return Bead(stage, "", title)
    return Bead(stage, f"{goal}-{stage}", title, "ring", "look", is_missing=True)


def goal_bead(element: str, title: Text, status: GoalStatus, number: str = "") -> Bead:
    """Return a goal as a bead."""
    note = number and _("Goal %(number)s") % {"number": number}
    return Bead(
        "goal", element, title, note=note, address=reverse("goal", args=[element]), **marked(status.code)
    )


def indicator_beads(status: GoalStatus) -> tuple[Bead, ...]:
    """Return the indicators of a goal, each once, with the status of the decision that comes first."""
    found: dict[str, Bead] = {}
    for part in status.parts:
        indicator = part.decision.indicator
        if indicator is None:
            continue
        old = found.get(indicator.pk)
        if old is None:
            found[indicator.pk] = Bead(
                "indicator",
                indicator.pk,
                indicator.name,
                note=str(part.decision.place),
                address=reverse("indicator", args=[indicator.pk]),
                **marked(part.code),
            )
        elif str(part.decision.place) not in old.note.split(", "):
            found[indicator.pk] = replace(old, note=f"{old.note}, {part.decision.place}")
    return tuple(found.values())


def decision_beads(status: GoalStatus, cases: Mapping[int, Decision]) -> tuple[Bead, ...]:
    """Return who decided what a goal demands, each decision once."""
    found: dict[tuple[Any, ...], Bead] = {}
    for part in status.parts:
        made = part.decision
        case = cases.get(made.decision_id) if made.decision_id else None
        title: Any = case.title if case else made.decided_by if any(made.decided_by.values()) else made.source
        number = made.case_number or (case.case_number if case else "")
        day = made.decided_on or (case.date if case else None)
        key = (str(title), number, day, made.standing)
        if key in found:
            continue
        words = [number and _("case %(number)s") % {"number": number}, day and in_words(day)]
        if not any(title.values()):
            title = Text(dict.fromkeys(("nb", "nn", "en"), str(GoalDecision.Standing(made.standing).label)))
        found[key] = Bead(
            "decision",
            str(made.pk),
            title,
            note=", ".join(word for word in words if word),
            address=f"{reverse('goal', args=[made.goal_id])}#decisions",
            **marked(made.standing),
        )
    return tuple(found.values())


def measure_bead(measure: Measure, others: int = 0) -> Bead:
    """Return a measure as a bead, with the number of other goals that it serves too."""
    note = str(measure.organisation)
    if others:
        also = ngettext("also for %(count)s other goal", "also for %(count)s other goals", others)
        note = f"{note}, {also % {'count': others}}"
    return Bead(
        "measure",
        measure.pk,
        measure.title,
        note=note,
        address=reverse("measure", args=[measure.pk]),
        **marked(measure.phase),
    )


def risk_bead(risk: Risk, goal: str) -> Bead:
    """Return an open risk as a bead."""
    level = risk_level(risk.score)
    shape, tone = {"high": ("triangle", "look"), "medium": ("half", "quiet"), "low": ("ring", "quiet")}[level]
    words = {"high": _("high risk"), "medium": _("medium risk"), "low": _("low risk")}
    home = reverse("measure", args=[risk.measure_id]) if risk.measure_id else reverse("goal", args=[goal])
    handled = "" if any(risk.mitigation.values()) else _("nothing is done about it")
    return Bead(
        "risk",
        str(risk.pk),
        risk.text,
        shape,
        tone,
        f"{words[level]} ({risk.probability} × {risk.consequence})",
        handled,
        f"{home}#risks",
        of=risk.measure_id or "",
    )


def put_together(
    goal: Bead,
    number: str,
    status: GoalStatus,
    measures: Iterable[Measure],
    risks: Iterable[Risk],
    *,
    cases: Mapping[int, Decision] | None = None,
    also: Mapping[str, int] | None = None,
) -> Thread:
    """Return the thread of a goal out of what has been read."""
    beads = tuple(measure_bead(one, (also or {}).get(one.pk, 0)) for one in measures)
    place = {bead.id: number for number, bead in enumerate(beads)}
    hung = sorted(
        (risk_bead(one, goal.id) for one in risks), key=lambda bead: (place.get(bead.of, len(place)), bead.id)
    )
    return Thread(
        goal, number, indicator_beads(status), beads, tuple(hung), decision_beads(status, cases or {})
    )


def read_threads(goals: Mapping[str, tuple[str, Text]], only: str = "") -> list[Thread]:
    """Return the threads of goals; six queries, however many there are.

    Parameters
    ----------
    goals : mapping
        Id → number and wording.
    only : str
        The thread of this goal alone; the others are named where they share a measure with it.
    """
    shown = [only] if only else list(goals)
    known = goal_statuses(shown)
    through: Any = Measure.goals.through
    served: defaultdict[str, list[Measure]] = defaultdict(list)
    serves: defaultdict[str, list[str]] = defaultdict(list)
    rows = through.objects.filter(element__in=list(goals)).select_related("measure__organisation")
    for row in rows.order_by("measure__position", "measure_id"):
        served[row.element_id].append(row.measure)
        serves[row.measure_id].append(row.element_id)
    of_measures: defaultdict[str, list[Risk]] = defaultdict(list)
    of_goals: defaultdict[str, list[Risk]] = defaultdict(list)
    open_risks = Risk.objects.filter(closed_on__isnull=True)
    own = {measure.pk for name in shown for measure in served[name]}
    for risk in open_risks.filter(Q(measure__in=own) | Q(element__in=shown)):
        (of_measures[risk.measure_id] if risk.measure_id else of_goals[risk.element_id or ""]).append(risk)
    wanted = {p.decision.decision_id for name in shown for p in known[name].parts if p.decision.decision_id}
    cases = Decision.objects.in_bulk(wanted) if wanted else {}
    found = []
    for name in shown:
        number, title = goals[name]
        also = {measure.pk: len(serves[measure.pk]) - 1 for measure in served[name]}
        risks = [*(risk for measure in served[name] for risk in of_measures[measure.pk]), *of_goals[name]]
        found.append(
            put_together(
                goal_bead(name, title, known[name], number),
                number,
                known[name],
                served[name],
                risks,
                cases=cases,
                also=also,
            )
        )
    return found
