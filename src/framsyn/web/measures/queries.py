"""Reading many measures: narrowed, sorted, counted, a page at a time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import Case, Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from framsyn.web.accounts.models import Organisation
from framsyn.web.languages import Text, current_language
from framsyn.web.measures.models import Assignment, Benefit, Measure, StatusReport, Task
from framsyn.web.measures.people import Holder, owner_of
from framsyn.web.measures.timeliness import CODES, Timeliness, judge, sentence, with_timeliness
from framsyn.web.plan.models import Node
from framsyn.web.search.queries import ids_of_kind

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping

__all__ = [
    "SORTS",
    "BenefitSum",
    "Filters",
    "Listing",
    "Row",
    "listing",
    "rows_of",
]

PAGE = 50
NO_REPORT = "none"
SORTS = {
    "title": _("Title"),
    "owner": _("Owner"),
    "phase": _("Phase"),
    "status": _("Status"),
    "timeliness": _("Timeliness"),
    "progress": _("Tasks"),
    "end": _("End"),
    "cost": _("Cost"),
}
PHASES = list(Measure.Phase.values)
WORST_FIRST = ["stuck", "needs_attention", "on_plan"]
UNITS = {"hours": _("hours"), "fte": _("FTEs"), "mnok": _("million NOK")}


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; empty is everything."""

    phase: str = ""
    status: str = ""
    timeliness: str = ""
    goal: str = ""
    organisation: str = ""
    text: str = ""
    sort: str = ""
    descending: bool = False

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        """Read the query of an address; what nobody offers is left out."""

        def known(name: str, values: Iterable[str]) -> str:
            value = query.get(name, "")
            return value if value in values else ""

        def plain(name: str) -> str:
            return query.get(name, "").replace("\x00", "")  # which PostgreSQL refuses

        sort = query.get("sort", "")
        return cls(
            phase=known("phase", Measure.Phase.values),
            status=known("status", [*StatusReport.Status.values, NO_REPORT]),
            timeliness=known("timeliness", CODES),
            goal=plain("goal")[:100],
            organisation=plain("organisation")[:60],
            text=query.get("text", "").strip()[:200],
            sort=sort.removeprefix("-") if sort.removeprefix("-") in SORTS else "",
            descending=sort.startswith("-"),
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return replace(self, sort="", descending=False) != Filters()


@dataclass(frozen=True)
class BenefitSum:
    """What is freed in one unit, over the years."""

    kind: str
    name: str
    planned: float
    realised: float
    reported: bool  # whether anybody has told what was realised

    @property
    def share(self) -> float:
        """Realised part of what was planned."""
        return self.realised / self.planned if self.planned else 0.0

    @property
    def decimals(self) -> int:
        """Decimals that it is shown with: one below a hundred, unless both are whole."""
        whole = float(self.planned).is_integer() and float(self.realised).is_integer()
        return 0 if whole or (self.planned >= 100 and self.realised >= 10) else 1


@dataclass(frozen=True)
class Row:
    """One measure in a list."""

    id: str
    title: Text
    organisation: Organisation
    owner: Holder
    phase: str
    standing: str
    status: str
    reported_on: datetime.date | None
    timeliness: Timeliness
    why: str
    tasks: int
    tasks_done: int
    benefits: list[BenefitSum]
    start: datetime.date | None
    end: datetime.date | None
    cost: float | None
    fte: float | None

    @property
    def is_example(self) -> bool:
        """Whether nobody has decided it."""
        return self.standing == "illustration"

    @property
    def progress(self) -> float:
        """Share of the tasks that is done."""
        return self.tasks_done / self.tasks if self.tasks else 0.0


@dataclass(frozen=True)
class Listing:
    """A page of a list, and the numbers of the whole of it."""

    page: Any
    rows: list[Row]
    count: int
    unreported: int
    counts: list[tuple[str, str, str, int]]  # name of the filter, its value, badge, number
    cost: float | None
    benefits: list[BenefitSum]


def narrowed(filters: Filters, today: datetime.date) -> QuerySet[Measure]:
    """Return the measures that the filters let through, judged."""
    newest = StatusReport.objects.filter(measure=OuterRef("pk")).order_by("-date", "-id")
    found = with_timeliness(Measure.objects.all(), today).annotate(
        status=Subquery(newest.values("status")[:1])
    )
    if filters.phase:
        found = found.filter(phase=filters.phase)
    if filters.status == NO_REPORT:
        found = found.filter(status=None)
    elif filters.status:
        found = found.filter(status=filters.status)
    if filters.timeliness:
        found = found.filter(timeliness=filters.timeliness)
    if filters.organisation:
        found = found.filter(organisation=filters.organisation)
    if filters.goal:
        below = Node.objects.filter(parent=filters.goal).values("element")
        further = Node.objects.filter(parent__in=below).values("element")
        through: Any = Measure.goals.through
        linked = through.objects.filter(
            Q(element=filters.goal) | Q(element__in=below) | Q(element__in=further)
        )
        found = found.filter(pk__in=linked.values("measure"))
    if filters.text:
        found = found.filter(pk__in=ids_of_kind(filters.text, current_language(), "measure"))
    return found


def ordered(found: QuerySet[Measure], filters: Filters) -> QuerySet[Measure]:
    """Sort a list; what has no value stands last."""
    language = current_language()
    by: dict[str, Any] = {
        "title": Coalesce(KeyTextTransform(language, "title"), KeyTextTransform("nb", "title")),
        "owner": F("organisation__position"),
        "phase": in_order("phase", PHASES),
        "status": in_order("status", WORST_FIRST),
        "timeliness": in_order("timeliness", CODES),
        "progress": F("done") * 1.0 / F("tasks_count"),
        "end": F("end"),
        "cost": F("cost"),
    }
    if not filters.sort:
        return found.order_by("position", "pk")
    value = by[filters.sort]
    sort = value.desc(nulls_last=True) if filters.descending else value.asc(nulls_last=True)
    return found.order_by(sort, "position", "pk")


def in_order(field: str, codes: Iterable[str]) -> Case:
    """Return the place of a code among others, to sort by."""
    return Case(*(When(**{field: code}, then=Value(place)) for place, code in enumerate(codes)), default=None)


def with_progress(found: QuerySet[Measure]) -> QuerySet[Measure]:
    """Add the numbers of tasks and of those done."""
    tasks = Task.objects.filter(measure=OuterRef("pk")).order_by().values("measure")
    return found.annotate(
        tasks_count=Subquery(tasks.annotate(n=Count("pk")).values("n")),
        done=Subquery(tasks.annotate(n=Count("done_on")).values("n")),
    )


def benefit_sums(benefits: Iterable[Benefit]) -> list[BenefitSum]:
    """Add up benefits by kind."""
    sums: dict[str, BenefitSum] = {}
    for benefit in benefits:
        kind = benefit.kind
        name = str(UNITS[kind])
        before = sums.get(kind, BenefitSum(kind, name, 0.0, 0.0, reported=False))
        sums[kind] = replace(
            before,
            planned=before.planned + benefit.planned,
            realised=before.realised + (benefit.realised or 0.0),
            reported=before.reported or benefit.realised is not None,
        )
    return list(sums.values())


def rows_of(measures: QuerySet[Measure], today: datetime.date) -> list[Row]:
    """Return measures as rows; four queries, however many there are."""
    held = Assignment.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=today), role=Assignment.Role.OWNER, valid_from__lte=today
    ).select_related("organisation", "person")
    undone = Task.objects.filter(done_on=None, due__isnull=False).order_by("due")
    read = measures.select_related("organisation").prefetch_related(
        Prefetch("assignments", held, to_attr="owners"),
        Prefetch("tasks", undone, to_attr="undone"),
        "benefits",
    )
    return [row(measure, today) for measure in read]


def row(measure: Any, today: datetime.date) -> Row:
    """Return one measure with what was added to it as a row."""
    found = judge(measure.phase, measure.start, measure.end, measure.first_due, measure.reported_on, today)
    return Row(
        id=measure.pk,
        title=measure.title,
        organisation=measure.organisation,
        owner=owner_of(measure, measure.owners, today),
        phase=measure.phase,
        standing=measure.standing,
        status=measure.status or "",
        reported_on=measure.reported_on,
        timeliness=found,
        why=sentence(found, str(measure.undone[0].title) if measure.undone else ""),
        tasks=measure.tasks_count or 0,
        tasks_done=measure.done or 0,
        benefits=benefit_sums(measure.benefits.all()),
        start=measure.start,
        end=measure.end,
        cost=measure.cost,
        fte=measure.fte,
    )


def listing(filters: Filters, page: object, today: datetime.date, size: int = PAGE) -> Listing:
    """Return one page of the measures and the numbers of all that the filters let through; seven queries."""
    found = narrowed(filters, today)
    wanted: list[tuple[str, str, str]] = [
        *(("phase", code, code) for code in PHASES),
        *(("status", code, code) for code in StatusReport.Status.values),
        *(("timeliness", code, CODES[code][0]) for code in CODES),
    ]
    # By all three at once, so that the database judges every measure one time only.
    groups = list(
        found.order_by()
        .values("phase", "status", "timeliness")
        .annotate(number=Count("pk"), sum_cost=Sum("cost"))
    )
    numbers: Counter[tuple[str, str | None]] = Counter()
    for group in groups:
        for name in ("phase", "status", "timeliness"):
            numbers[name, group[name]] += group["number"]
    count = sum(group["number"] for group in groups)
    costs = [group["sum_cost"] for group in groups if group["sum_cost"] is not None]
    sums = (
        Benefit.objects.filter(measure__in=found.order_by().values("pk"))
        .order_by()
        .values("kind")
        .annotate(planned_sum=Sum("planned"), realised_sum=Sum("realised"))
    )
    benefits = [
        BenefitSum(
            one["kind"],
            str(UNITS[one["kind"]]),
            one["planned_sum"],
            one["realised_sum"] or 0.0,
            reported=one["realised_sum"] is not None,
        )
        for one in sums
    ]
    paginator = Paginator(range(count), size)  # counted above already
    shown = paginator.get_page(page)
    begin = (shown.number - 1) * size
    part = ordered(with_progress(found), filters)[begin : begin + size]
    return Listing(
        page=shown,
        rows=rows_of(part, today),
        count=count,
        unreported=numbers["status", None],
        counts=[
            (name, code, badge, numbers[name, code]) for name, code, badge in wanted if numbers[name, code]
        ],
        cost=sum(costs) if costs else None,
        benefits=sorted(benefits, key=lambda one: list(Benefit.Kind.values).index(one.kind)),
    )
