"""What the pages of the plan read: a few queries each, answers as plain values that templates only print."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from framsyn.web.goals.queries import goal_statuses
from framsyn.web.plan.models import Element, Link, Node, Plan, Version, Wording
from framsyn.web.plan.structure import SHOWN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from django.db.models import QuerySet

    from framsyn.web.languages import Text

    Drafts = Collection[str] | QuerySet[Plan]

__all__ = [
    "HEADINGS",
    "Block",
    "Joined",
    "PlanPage",
    "Said",
    "Thread",
    "headings_of",
    "in_force",
    "joined_elements",
    "main_plan",
    "newest_nodes",
    "newest_wordings",
    "plan_page",
    "readable",
    "threads_of",
]

# (kind of link, from this element): how a reader says it, and in which order the red thread is told.
_SAID = {
    (Link.Kind.CONTINUES, True): _("Continues"),
    (Link.Kind.ANSWERS, True): _("Answers"),
    (Link.Kind.LEADS_TO, False): _("Comes from"),
    (Link.Kind.SUPPORTS, False): _("Is supported by"),
    (Link.Kind.ANSWERS, False): _("Is answered by"),
    (Link.Kind.LEADS_TO, True): _("Leads to"),
    (Link.Kind.SUPPORTS, True): _("Supports"),
    (Link.Kind.CONTINUES, False): _("Is carried on in"),
    (Link.Kind.DEPENDS_ON, True): _("Depends on"),
    (Link.Kind.DEPENDS_ON, False): _("Is needed by"),
    (Link.Kind.CONFLICTS, True): _("Conflicts with"),
    (Link.Kind.CONFLICTS, False): _("Conflicts with"),
}

HEADINGS = (Element.Kind.CHAPTER, Element.Kind.MAIN_GOAL, Element.Kind.SECTION)


def in_force(versions: Iterable[Version], *, drafts: bool = False) -> Version | None:
    """Return the version that a reader is shown: the newest published, else the newest in consultation, else a draft.

    Parameters
    ----------
    drafts : bool
        Whether the reader may see a draft.
    """
    ranked = sorted(
        (version for version in versions if drafts or version.is_frozen),
        key=lambda version: (version.state == Version.State.PUBLISHED, version.is_frozen, version.number),
    )
    return ranked[-1] if ranked else None


def main_plan() -> Plan | None:
    """Return the plan that the region lives by: the first regional development plan, else the first plan."""
    plans = list(Plan.objects.all())
    return next((plan for plan in plans if plan.kind == Plan.Kind.REGIONAL_PLAN), plans[0] if plans else None)


@dataclass
class Said:
    """What an element says, wherever it is referred to."""

    element_id: str
    kind: str
    origin: Plan
    heading: Text


@dataclass
class Joined:
    """One end of a link, seen from the other."""

    kind: str
    outwards: bool
    element_id: str
    element_kind: str
    heading: Text
    plan: Plan
    note: Text
    link_id: int
    address: str


@dataclass
class Thread:
    """What an element is linked to in one way."""

    said: Any
    ends: list[Joined]


def threads_of(joined: Iterable[Joined]) -> list[Thread]:
    """Group links by what they say, in the order of the red thread."""
    groups: defaultdict[tuple[str, bool], list[Joined]] = defaultdict(list)
    for one in joined:
        groups[one.kind, one.outwards].append(one)
    return [Thread(said, groups[key]) for key, said in _SAID.items() if key in groups]


@dataclass
class Block:
    """One element in a version, with what stands under it."""

    element_id: str
    kind: str
    kind_name: str
    address: str
    number: str
    title: Text
    text: Text
    level: int
    origin: Plan | None
    split_from: str | None
    status: Any = None
    children: list[Block] = field(default_factory=list)
    joined: list[Joined] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    first: bool = False
    last: bool = False

    @property
    def is_heading(self) -> bool:
        """Whether it has a place in the table of contents."""
        return self.kind in HEADINGS

    @property
    def has_headings(self) -> bool:
        """Whether headings stand right under it."""
        return any(child.is_heading for child in self.children)

    @property
    def heading_level(self) -> int:
        """Level of its heading in the page: 2 to 6."""
        return min(2 + self.level, 6)

    @property
    def heading(self) -> Text:
        """The title, or the text of an element without one."""
        return self.title if any(self.title.values()) else self.text


@dataclass
class PlanPage:
    """A version of a plan as a page."""

    plan: Plan
    version: Version
    versions: list[Version]
    blocks: list[Block]
    hidden: list[Node]
    counts: dict[str, int]
    digest_short: str

    @property
    def newest_frozen(self) -> Version | None:
        """The version in force, whichever is shown."""
        return in_force(self.versions)

    @property
    def is_in_force(self) -> bool:
        """Whether the version shown is the one in force."""
        return self.newest_frozen is not None and self.newest_frozen.pk == self.version.pk


def plan_page(
    plan: Plan, version: Version, versions: list[Version], *, links: bool = True, drafts: Drafts = ()
) -> PlanPage:
    """Read a version (8 queries: nodes, links, the words at their other ends, and what the goals need)."""
    nodes = list(version.nodes.select_related("element", "wording").order_by("position", "id"))
    shown = [node for node in nodes if node.state == SHOWN]
    statuses = goal_statuses([node.element_id for node in shown if node.element.kind == Element.Kind.GOAL])
    blocks = _blocks(plan, shown, statuses)
    if links:
        joined = joined_elements([node.element_id for node in shown], drafts=drafts)
        for block in walk(blocks):
            block.joined = joined.get(block.element_id, [])
            block.threads = threads_of(block.joined)
    return PlanPage(
        plan=plan,
        version=version,
        versions=versions,
        blocks=blocks,
        hidden=[node for node in nodes if node.state != SHOWN],
        counts=Counter(node.element.kind for node in shown),
        digest_short=version.digest[:12],
    )


def _blocks(plan: Plan, nodes: list[Node], statuses: dict[str, Any]) -> list[Block]:
    families: defaultdict[str | None, list[Node]] = defaultdict(list)
    for node in nodes:
        families[node.parent_id].append(node)
    foreign = {node.element.origin_id for node in nodes} - {plan.pk}
    origins = Plan.objects.in_bulk(foreign) if foreign else {}
    kinds = {kind.value: str(kind.label) for kind in Element.Kind}
    base = element_base()

    def made(parent: str | None, level: int) -> list[Block]:
        family = families.get(parent, [])
        return [
            Block(
                element_id=node.element_id,
                kind=node.element.kind,
                kind_name=kinds[node.element.kind],
                address=f"{base}{node.element_id}/",
                number=node.number,
                title=node.wording.title,
                text=node.wording.text,
                level=level,
                origin=origins.get(node.element.origin_id),
                split_from=node.split_from_id,
                status=statuses.get(node.element_id),
                children=made(node.element_id, level + 1),
                first=index == 0,
                last=index == len(family) - 1,
            )
            for index, node in enumerate(family)
        ]

    return made(None, 0)


def walk(blocks: Iterable[Block]) -> Iterable[Block]:
    """Yield blocks in reading order."""
    for block in blocks:
        yield block
        yield from walk(block.children)


def readable(drafts: Drafts = ()) -> Q:
    """Return which nodes somebody may read: those of versions that are out, and those of the drafts of some plans."""
    return ~Q(version__state=Version.State.DRAFT) | Q(version__plan__in=drafts)


def newest_nodes(ids: Iterable[str], *, drafts: Drafts = ()) -> dict[str, Node]:
    """Return the node that tells what each element says: in its own plan, published before consultation (1 query).

    Where only the heading is wanted, :func:`newest_wordings` reads less.

    Parameters
    ----------
    ids : iterable of str
    drafts : ids of plans, or a query that gives them
        What stands in the drafts of other plans alone is left out.
    """
    found: dict[str, tuple[tuple[Any, ...], Node]] = {}
    rows = Node.objects.filter(readable(drafts), element__in=set(ids))
    rows = rows.select_related("wording", "version", "element__origin")
    for node in rows:
        version = node.version
        rank = (
            node.state == SHOWN,
            version.plan_id == node.element.origin_id,
            version.state == Version.State.PUBLISHED,
            version.is_frozen,
            version.number,
        )
        if node.element_id not in found or rank > found[node.element_id][0]:
            found[node.element_id] = (rank, node)
    return {name: node for name, (_rank, node) in found.items()}


def newest_wordings(ids: Iterable[str], *, drafts: Drafts = ()) -> dict[str, Said]:
    """Return what each element says, as :func:`newest_nodes` chooses (3 queries)."""
    plans = Plan.objects.in_bulk()
    ranks: dict[str, tuple[Any, ...]] = {}
    rows = Node.objects.filter(readable(drafts), element__in=set(ids)).values_list(
        "element_id",
        "element__kind",
        "element__origin_id",
        "version__plan_id",
        "version__state",
        "version__number",
        "state",
        "wording_id",
    )
    for element, kind, origin, plan, version_state, number, state, wording in rows:
        rank = (
            state == SHOWN,
            plan == origin,
            version_state == Version.State.PUBLISHED,
            version_state != Version.State.DRAFT,
            number,
            kind,
            origin,
            wording,
        )
        ranks[element] = max(rank, ranks.get(element, rank))
    wordings = {rank[-1] for rank in ranks.values()}
    headings = dict(Wording.objects.filter(pk__in=wordings).exclude(title={}).values_list("pk", "title"))
    untitled = wordings - set(headings)
    if untitled:
        headings.update(Wording.objects.filter(pk__in=untitled).values_list("pk", "text"))
    return {
        element: Said(element, kind, plans[origin], headings[wording])
        for element, (*_rank, kind, origin, wording) in ranks.items()
    }


def element_base() -> str:
    """Return the address that the ids of elements are put behind; ids need no quoting."""
    return reverse("element", args=["x"])[: -len("x/")]


def joined_elements(ids: Iterable[str], *, drafts: Drafts = ()) -> dict[str, list[Joined]]:
    """Return what each element is linked to, in both directions, as far as it may be read (4 queries)."""
    wanted = set(ids)
    links = list(Link.objects.filter(Q(source__in=wanted) | Q(target__in=wanted)))
    ends = {link.source_id for link in links} | {link.target_id for link in links}
    said = newest_wordings(ends, drafts=drafts) if links else {}
    base = element_base()
    found: defaultdict[str, list[Joined]] = defaultdict(list)
    for link in links:
        for own, other, outwards in (
            (link.source_id, link.target_id, True),
            (link.target_id, link.source_id, False),
        ):
            if own in wanted and other in said:
                end = said[other]
                found[own].append(
                    Joined(
                        kind=link.kind,
                        outwards=outwards,
                        element_id=other,
                        element_kind=end.kind,
                        heading=end.heading,
                        plan=end.origin,
                        note=link.note,
                        link_id=link.pk,
                        address=f"{base}{other}/",
                    )
                )
    return found


def headings_of(blocks: Iterable[Block]) -> list[Block]:
    """Return the headings in reading order, for a list to choose from."""
    return [block for block in walk(blocks) if block.is_heading]
