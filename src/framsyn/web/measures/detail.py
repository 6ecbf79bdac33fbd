"""Reading one measure with all that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString

from framsyn.report.sections.assumptions import course, share_text, size
from framsyn.report.sections.assumptions import owner as owner_words
from framsyn.report.sections.past import foreign
from framsyn.web.audit.queries import Change, history_of
from framsyn.web.goals.statuses import goal_statuses
from framsyn.web.languages import Text, current_language
from framsyn.web.measures.checks import assumption_named, scenario
from framsyn.web.measures.models import Benefit, Measure, StatusReport
from framsyn.web.measures.people import Holder, holders, owner_of
from framsyn.web.measures.queries import Row, benefit_sums
from framsyn.web.measures.relations import Relations, relations_of
from framsyn.web.measures.timeliness import CODES, judge, sentence, with_timeliness
from framsyn.web.plan.queries import newest_nodes
from framsyn.web.templatetags.texts import said

if TYPE_CHECKING:
    import datetime

    from framsyn.web.measures.models import Risk, StatusReport, Task
    from framsyn.web.plan.queries import Drafts

__all__ = ["Detail", "Moved", "detail", "moved"]


@dataclass(frozen=True)
class GoalLine:
    """A goal that the measure serves, and where it stands."""

    id: str
    title: Text
    status: str
    sentence: str
    is_example: bool


@dataclass(frozen=True)
class TaskLine:
    """A task on the line of time."""

    id: int
    title: Text
    due: datetime.date | None
    done_on: datetime.date | None
    state: str  # done, late, open

    @property
    def day(self) -> datetime.date | None:
        """The day at which it stands."""
        return self.done_on or self.due


@dataclass(frozen=True)
class BenefitLine:
    """What one year frees, with its shares of the largest year of its kind."""

    id: int
    year: int
    planned: float
    realised: float | None
    note: Text
    planned_share: float
    realised_share: float


@dataclass(frozen=True)
class BenefitTable:
    """Benefits of one kind."""

    kind: str
    name: str
    lines: list[BenefitLine]
    decimals: int


@dataclass(frozen=True)
class RiskLine:
    """A risk for the matrix: numbers and words that need no further look-up."""

    id: int
    text: SafeString
    mitigation: SafeString
    probability: int
    consequence: int
    closed_on: datetime.date | None


@dataclass(frozen=True)
class Neighbour:
    """A measure that comes before or after this one."""

    id: str
    title: Text
    phase: str
    badge: str
    timeliness: str


@dataclass(frozen=True)
class Moved:
    """The assumption of the outlook that a measure moves, in the reader's words."""

    name: str
    label: str
    size: str
    realisation: str
    course: str
    reason: str
    source: Text
    owner: str
    scenario: str


@dataclass(frozen=True)
class Detail:
    """All that the page of a measure shows."""

    measure: Measure
    row: Row
    owner: Holder
    holders: list[Holder]
    report: StatusReport | None
    reports: list[StatusReport]
    tasks: list[TaskLine]
    benefits: list[BenefitTable]
    risks: list[RiskLine]
    closed_risks: list[RiskLine]
    goals: list[GoalLine]
    origins: list[tuple[str, Text]]
    needs: list[Neighbour]
    needed_by: list[Neighbour]
    assumption: Moved | None
    plans: list[tuple[str, Text]]
    history: list[Change]
    answering: frozenset[int]  # people to whom it is assigned today

    @property
    def earlier(self) -> list[StatusReport]:
        """Reports before the last one, newest first."""
        return self.reports[1:]

    @property
    def cost_decimals(self) -> int:
        """Decimals of the cost: one, unless it is whole."""
        return decimals(self.measure.cost)

    @property
    def fte_decimals(self) -> int:
        """Decimals of the staff: one, unless it is whole."""
        return decimals(self.measure.fte)


def decimals(*values: float | None) -> int:
    """Return 0 if all figures are whole, else 1.

    >>> decimals(3.0, None), decimals(3.5)
    (0, 1)
    """
    return 0 if all(value is None or float(value).is_integer() for value in values) else 1


def moved(name: str) -> Moved | None:
    """Return an assumption in the language of the page."""
    found = assumption_named(name) if name else None
    if found is None:
        return None
    language = current_language()
    return Moved(
        name=found.name,
        label=found.label[language],
        size=size(found, language),
        realisation=share_text(found, language),
        course=course(found, language),
        reason=found.reason[language],
        source=source_words(found.source, language),
        owner=owner_words(found.owner, language),
        scenario=scenario().label[language],
    )


def source_words(source: str, language: str) -> Text:
    """Return a source, which stands in English in the scenario, in the language of the page where it is translated."""
    said = foreign(source, language)
    return Text({language: said}) if isinstance(said, str) else Text(en=source)


def task_line(task: Task, today: datetime.date) -> TaskLine:
    """Return a task with its state."""
    late = task.done_on is None and task.due is not None and task.due < today
    state = "done" if task.done_on else "late" if late else "open"
    return TaskLine(task.pk, task.title, task.due, task.done_on, state)


def benefit_tables(benefits: list[Benefit]) -> list[BenefitTable]:
    """Return benefits by kind, each year with its share of the largest figure."""
    tables = []
    for total in benefit_sums(benefits):
        own = [one for one in benefits if one.kind == total.kind]
        most = max([one.planned for one in own] + [one.realised or 0.0 for one in own]) or 1.0
        lines = [
            BenefitLine(
                one.pk,
                one.year,
                one.planned,
                one.realised,
                one.note,
                one.planned / most,
                max(0.0, one.realised or 0.0) / most,
            )
            for one in own
        ]
        figures = [one.planned for one in own] + [one.realised for one in own]
        tables.append(
            BenefitTable(total.kind, str(Benefit.Kind(total.kind).label), lines, decimals(*figures))
        )
    return tables


def risk_line(risk: Risk) -> RiskLine:
    """Return a risk as the matrix prints it."""
    return RiskLine(
        risk.pk, said(risk.text), said(risk.mitigation), risk.probability, risk.consequence, risk.closed_on
    )


def goal_lines(tied: Relations, drafts: Drafts = ()) -> tuple[list[GoalLine], list[tuple[str, Text]]]:
    """Return the goals that a measure serves and the choices that it comes from; four queries."""
    nodes = newest_nodes([*tied.goals, *tied.origins], drafts=drafts) if tied.goals or tied.origins else {}
    statuses = goal_statuses(tied.goals) if tied.goals else {}
    known = sorted(
        (one for one in tied.goals if one in nodes), key=lambda one: (nodes[one].version_id, order(one))
    )
    lines = [
        GoalLine(
            name,
            nodes[name].wording.heading,
            statuses[name].code if name in statuses else "no_data",
            statuses[name].sentence if name in statuses else "",
            statuses[name].is_example if name in statuses else False,
        )
        for name in known
    ]
    return lines, [(name, nodes[name].wording.heading) for name in tied.origins if name in nodes]


def order(name: str) -> tuple[tuple[int, str], ...]:
    """Return an element's id so that "s2.g10" sorts after "s2.g9".

    >>> order("s10.g2") > order("s2.g10")
    True
    """
    return tuple((int("".join(filter(str.isdigit, part)) or 0), part) for part in name.split("."))


def detail(measure_id: str, today: datetime.date, drafts: Drafts = ()) -> Detail | None:
    """Return one measure, and nothing where there is none; eleven queries."""
    tied = relations_of(measure_id, drafts)
    wanted = [measure_id, *tied.needs, *tied.needed_by]
    judged = with_timeliness(Measure.objects.filter(pk__in=wanted), today)
    read: Any = judged.select_related("organisation__parent__parent__parent").prefetch_related(
        "tasks", "benefits", "risks"
    )
    measures: dict[str, Any] = {one.pk: one for one in read}
    measure = measures.get(measure_id)
    if measure is None:
        return None
    assignments = list(measure.assignments.select_related("organisation", "person"))
    reports = list(measure.reports.select_related("created_by").order_by("-date", "-id"))
    tasks = list(measure.tasks.all())
    undone = sorted((task for task in tasks if task.done_on is None and task.due), key=lambda task: task.due)
    risks = sorted(measure.risks.all(), key=lambda risk: (-risk.score, risk.pk))
    goals, origins = goal_lines(tied, drafts)
    timeliness = judge(
        measure.phase, measure.start, measure.end, measure.first_due, measure.reported_on, today
    )
    row = Row(
        id=measure.pk,
        title=measure.title,
        organisation=measure.organisation,
        owner=owner_of(measure, assignments, today),
        phase=measure.phase,
        standing=measure.standing,
        status=reports[0].status if reports else "",
        reported_on=measure.reported_on,
        timeliness=timeliness,
        why=sentence(timeliness, str(undone[0].title) if undone else ""),
        tasks=len(tasks),
        tasks_done=sum(task.done_on is not None for task in tasks),
        benefits=benefit_sums(measure.benefits.all()),
        start=measure.start,
        end=measure.end,
        cost=measure.cost,
        fte=measure.fte,
    )
    lines = [task_line(task, today) for task in tasks]
    return Detail(
        measure=measure,
        row=row,
        owner=row.owner,
        holders=holders(assignments, today),
        report=reports[0] if reports else None,
        reports=reports,
        tasks=sorted(lines, key=lambda line: (line.day is None, line.day or today)),
        benefits=benefit_tables(list(measure.benefits.all())),
        risks=[risk_line(risk) for risk in risks if risk.closed_on is None],
        closed_risks=[risk_line(risk) for risk in risks if risk.closed_on is not None],
        goals=goals,
        origins=origins,
        needs=[neighbour(measures[one]) for one in tied.needs if one in measures],
        needed_by=[neighbour(measures[one]) for one in tied.needed_by if one in measures],
        assumption=moved(measure.assumption),
        plans=list(tied.plans.items()),
        history=history_of("measures.measure", measure.pk),
        answering=frozenset(
            one.person_id
            for one in assignments
            if one.person_id and one.valid_from <= today and (one.valid_to is None or one.valid_to >= today)
        ),
    )


def neighbour(measure: Any) -> Neighbour:
    """Return a measure before or after another."""
    badge, word = CODES[measure.timeliness]
    return Neighbour(measure.pk, measure.title, measure.phase, badge, str(word))
