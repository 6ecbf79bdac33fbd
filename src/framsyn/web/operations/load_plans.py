"""Organisations, plans, elements and links of the content files, as rows."""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.web.accounts.models import Organisation
from framsyn.web.goals.models import Choice
from framsyn.web.indicators.models import Indicator
from framsyn.web.measures.models import Measure
from framsyn.web.plan.canonical import text_digest, tree_of, write_tree
from framsyn.web.plan.models import Decision, Element, Link, Node, Plan, Version, Wording
from framsyn.web.plan.structure import Tree
from framsyn.web.plan.versions import freeze

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from framsyn.web.actions import Act
    from framsyn.web.plan.content import Content, PlanFile

__all__ = ["load_links", "load_organisations", "load_plans", "text_of"]

# The plan that the region lives by first, then what it builds on, then notes and folders.
_ORDER = (
    "regional_plan",
    "regional_strategy",
    "national_plan",
    "trust_plan",
    "sub_strategy",
    "folder",
    "future_note",
    "status_note",
)
_AS_TODAY = {"nb": "Fortsette som i dag", "nn": "Halde fram som i dag", "en": "Carry on as today"}


def text_of(text: Any) -> dict[str, str]:
    """Return a content text as the site keeps it; nothing for none."""
    return {} if text is None else {code: text[code] for code in ("nb", "nn", "en")}


def load_organisations(content: Content, keys: set[str]) -> None:
    """Add organisations, or bring them up to the package."""
    rows = [
        Organisation(
            pk=entry.id,
            kind=entry.kind,
            parent_id=entry.parent,
            org_number=entry.org_number or "",
            name=text_of(entry.name),
            short=text_of(entry.short),
            note=text_of(entry.owner_note),
            source=entry.source if isinstance(entry.source, str) else entry.source.title,
            position=position,
        )
        for position, entry in enumerate(content.organisations)
        if entry.id in keys
    ]
    upsert(Organisation, rows)


def upsert(model: Any, rows: list[Any]) -> None:
    """Add rows, or write all their fields when they are there."""
    fields = [column.attname for column in model._meta.concrete_fields if not column.primary_key]
    if rows:
        model.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=[name for name in fields if name != "created_at"],
        )


def load_plans(act: Act, content: Content, keys: set[str]) -> dict[str, int]:
    """Add plans with their elements, or a next version of a plan whose content has changed.

    Returns
    -------
    dict
        Element id → id of its wording in the newest version.
    """
    ordered = sorted(
        content.plans, key=lambda file: (_ORDER.index(file.plan.kind), -file.plan.period[0], file.plan.id)
    )
    files = [file for file in ordered if file.plan.id in keys]
    upsert(Plan, [_plan(file, position) for position, file in enumerate(ordered) if file.plan.id in keys])
    _elements(files)
    wordings = _wordings(act, files)
    for file in files:
        _version(act, file, wordings)
    _choices(files)
    kept = dict(
        Node.objects.filter(version__plan__in=[file.plan.id for file in content.plans])
        .order_by("version__number")
        .values_list("element_id", "wording_id")
    )
    return kept


def _plan(file: PlanFile, position: int) -> Plan:
    plan = file.plan
    return Plan(
        pk=plan.id,
        kind=plan.kind,
        organisation_id=plan.organisation,
        parent_id=plan.parent,
        theme=plan.theme or "",
        title=text_of(plan.title),
        summary=text_of(plan.summary),
        period_from=plan.period[0],
        period_to=plan.period[1],
        source_title=plan.source.title,
        source_date=str(plan.source.date or ""),
        source_note=text_of(plan.source.note),
        position=position,
    )


def _elements(files: list[PlanFile]) -> None:
    entries = {entry.id: (file, entry) for file in files for entry in file.elements}
    known = {element.pk: element for element in Element.objects.filter(pk__in=[*entries])}
    changed = []
    for name, element in known.items():
        _file, entry = entries[name]
        if element.kind != entry.kind:
            message = (
                f"{name} is a {element.kind} on this site and a {entry.kind} in the content files. What an element is "
                "never changes: give the new one an id of its own."
            )
            raise PlanError("kind-changed", message, got=entry.kind, expected=element.kind)
        if (element.source, element.url) != (entry.source or "", entry.url or ""):
            element.source, element.url = entry.source or "", entry.url or ""
            changed.append(element)
    Element.objects.bulk_create(
        Element(
            pk=name, kind=entry.kind, origin_id=file.plan.id, source=entry.source or "", url=entry.url or ""
        )
        for name, (file, entry) in entries.items()
        if name not in known
    )
    Element.objects.bulk_update(changed, ["source", "url"])


def _wordings(act: Act, files: list[PlanFile]) -> dict[str, int]:
    """Return the wording of every element in the files, made where it is new."""
    digests = {
        entry.id: text_digest(text_of(entry.title), text_of(entry.text))
        for file in files
        for entry in file.elements
    }
    kept = {
        (element, digest): pk
        for pk, element, digest in Wording.objects.filter(element__in=[*digests]).values_list(
            "pk", "element_id", "digest"
        )
    }
    new = [
        Wording(
            element_id=entry.id,
            title=text_of(entry.title),
            text=text_of(entry.text),
            digest=digests[entry.id],
            created_at=act.at,
        )
        for file in files
        for entry in file.elements
        if (entry.id, digests[entry.id]) not in kept
    ]
    for wording in Wording.objects.bulk_create(new):
        kept[wording.element_id, wording.digest] = wording.pk
    return {name: kept[name, digest] for name, digest in digests.items()}


def _tree(file: PlanFile, wordings: Mapping[str, int]) -> Tree:
    tree = Tree()
    for entry in file.elements:
        tree = tree.added(entry.id, wordings[entry.id], parent=entry.parent, number=entry.number or "")
    return tree


def _version(act: Act, file: PlanFile, wordings: Mapping[str, int]) -> None:
    """Make the version that a file describes, unless the newest one says the same already."""
    versions = list(Version.objects.filter(plan_id=file.plan.id).order_by("number"))
    newest = versions[-1] if versions else None
    tree = _tree(file, wordings)
    if newest is not None:
        now = tree_of(newest)
        if newest.state == file.version.state and tree == Tree(
            {name: place for name, place in now.items() if place.state == "shown"}
        ):
            return
        tree = now.as_in(tree)
        if not newest.is_frozen:
            newest.delete()
            versions.pop()
    based_on = versions[-1] if versions else None
    said = file.version
    day = said.date if isinstance(said.date, datetime.date) else None
    version = Version.objects.create(
        plan_id=file.plan.id,
        number=based_on.number + 1 if based_on else 1,
        label={"nb": said.label},  # as printed in the source, which is in bokmål
        based_on=based_on,
        date=day,
        note=text_of(said.decided_by) if day is None else {},
        decision=_decision(file, day),
        created_at=act.at,
    )
    write_tree(version, tree)
    if said.state != Version.State.DRAFT:
        freeze(version, said.state, act.at)


def _decision(file: PlanFile, day: datetime.date | None) -> Decision | None:
    if day is None or file.version.decided_by is None:
        return None
    decision, _made = Decision.objects.get_or_create(
        organisation_id=file.plan.organisation,
        date=day,
        case_number=file.version.case_number or "",
        defaults={"title": text_of(file.plan.title), "body": text_of(file.version.decided_by)},
    )
    return decision


def _choices(files: Iterable[PlanFile]) -> None:
    """Give every choice of path its two first options: the path that it names, and to carry on as today."""
    Choice.objects.bulk_create(
        (
            Choice(element_id=entry.id, options=[text_of(entry.title), _AS_TODAY])
            for file in files
            for entry in file.elements
            if entry.kind == Element.Kind.CHOICE
        ),
        ignore_conflicts=True,
    )


def load_links(content: Content, keys: set[str]) -> list[str]:
    """Add links: between elements as links, to measures and indicators as what those already say about elements.

    Returns
    -------
    list of str
        Links that the site has no place for.
    """
    elements, measures = set(content.elements), {entry.id for entry in content.measures}
    indicators = {entry.id for entry in content.indicators}
    links: list[Link] = []
    pairs: defaultdict[Any, set[tuple[str, str]]] = defaultdict(set)
    left_out = []
    for entry in content.links:
        name = f"{entry.source} {entry.kind} {entry.target}"
        if name not in keys:
            continue
        source, target = entry.source, entry.target
        if source in elements and target in elements:
            links.append(Link(source_id=source, target_id=target, kind=entry.kind, note=text_of(entry.note)))
        elif source in elements and target in indicators:
            pairs[Indicator.elements].add((target, source))
        elif source in elements and target in measures and entry.kind == "leads_to":
            pairs[Measure.origins].add((target, source))
        elif source in measures and target in elements and entry.kind in ("supports", "answers"):
            aim = Measure.goals if entry.kind == "supports" else Measure.origins
            pairs[aim].add((source, target))
        elif source in measures and target in measures and entry.kind == "depends_on":
            pairs[Measure.depends_on].add((source, target))
        else:
            left_out.append(name)
    Link.objects.bulk_create(
        links, update_conflicts=True, unique_fields=["source", "target", "kind"], update_fields=["note"]
    )
    for relation, wanted in pairs.items():
        join(relation, wanted)
    return left_out


def join(relation: Any, pairs: Iterable[tuple[str, str]]) -> None:
    """Add pairs to a many-to-many relation in one statement."""
    through, column = relation.through, relation.field
    own, other = column.m2m_column_name(), column.m2m_reverse_name()
    through.objects.bulk_create(
        (through(**{own: left, other: right}) for left, right in sorted(pairs)), ignore_conflicts=True
    )
