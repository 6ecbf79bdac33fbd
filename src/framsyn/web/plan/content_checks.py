"""Checks between the entries of a region's content files: ids used once, references to something, kinds and order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from framsyn.scenario.faults import nearest
from framsyn.web.plan.content_reading import (
    EFFECTS,
    GOALS,
    INDICATORS,
    LINKS,
    MEASURES,
    ORGANISATIONS,
    READINGS,
    WHEEL,
    ContentFile,
)

if TYPE_CHECKING:
    from framsyn.web.plan.content import Content

__all__ = ["check_references"]


# Kinds that an element may stand under; a kind that is not named here stands where the plan's author puts it.
PARENTS: dict[str, tuple[str, ...]] = {
    "main_goal": ("chapter",),
    "section": ("main_goal", "chapter"),
    "goal": ("section", "main_goal"),
    "ambition": ("section", "main_goal", "chapter"),
    "statement": ("main_goal", "chapter"),
    "driver": ("chapter",),
    "annex": ("chapter",),
    "reference": ("chapter",),
}

# Kinds of entry that a link may go from and to; "element" is any element.
ENDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "continues": (("element",), ("element",)),
    "answers": (("element", "measure"), ("driver", "challenge")),
    "leads_to": (("driver", "challenge", "priority", "choice"), ("element", "measure")),
    "supports": (("measure", "means", "focus"), ("element",)),
    "depends_on": (("element", "measure"), ("element", "measure")),
    "figure": (("element", "measure"), ("indicator",)),
}

# Kinds of element that a decision or a measure may aim at.
AIMS = ("goal", "main_goal", "ambition", "statement")

Path = list[str | int]


def check_references(content: Content, files: Mapping[str, ContentFile]) -> tuple[str, ...]:
    """Check every entry against the others; return the files that are referred to and not there.

    Parameters
    ----------
    content : Content
        All entries, each sound by itself.
    files : mapping
        The files that were read, by name, for the wording of a fault.

    Returns
    -------
    tuple of str
        Names of missing files, sorted.

    Raises
    ------
    PlanError
        An id used twice, a reference to nothing or to something of a wrong kind, a child before its parent.
    """
    check = _Check(content, files)
    check.organisations()
    check.plans()
    check.links()
    check.indicators()
    check.decisions()
    check.measures()
    check.events()
    check.effects()
    return tuple(sorted(check.missing))


class _Check:
    """The ids of all entries by kind, and what was found missing."""

    def __init__(self, content: Content, files: Mapping[str, ContentFile]) -> None:
        self.content, self.files = content, files
        self.missing: set[str] = set()
        self.organisation_ids = self._once(ORGANISATIONS, "organisation", content.organisations)
        self.indicator_ids = self._once(INDICATORS, "indicator", content.indicators)
        self.measure_ids = self._once(MEASURES, "measure", content.measures)
        self.plan_ids = {file.plan.id: "plan" for file in content.plans}
        self.element_kinds: dict[str, str] = {}
        for file in content.plans:
            self._once(f"{file.plan.id}.toml", "element", file.elements)
            self.element_kinds.update({element.id: element.kind for element in file.elements})

    def _once(self, file: str, key: str, entries: Iterable[Any]) -> dict[str, str]:
        """Ids of a list, each used once."""
        seen: dict[str, str] = {}
        for number, entry in enumerate(entries):
            if entry.id in seen:
                rule = "this id is used by an entry above"
                raise self._fault(
                    file, "duplicate-id", [key, number, "id"], entry.id, rule, "Give it an id of its own."
                )
            seen[entry.id] = key
        return seen

    def _fault(self, file: str, code: str, path: Path, got: Any, rule: str, way_out: str = "") -> Exception:
        return self.files[file].fault(code, path, got, rule, way_out)

    def _known(self, file: str, path: Path, name: str | None, home: str, known: Mapping[str, str]) -> str:
        """Kind of what a reference points to; "" where its file is not there."""
        if name is None or name in known:
            return known.get(name, "") if name else ""
        if home not in self.files:
            self.missing.add(home)
            return ""
        what = {ORGANISATIONS: "organisation", INDICATORS: "indicator", MEASURES: "measure"}.get(
            home, "element"
        )
        rule = f"no {what} of {home} has this id"
        raise self._fault(file, f"unknown-{what}", path, name, rule, nearest(name, known))

    def _organisation(self, file: str, path: Path, name: str | None) -> None:
        self._known(file, path, name, ORGANISATIONS, self.organisation_ids)

    def _plan(self, file: str, path: Path, name: str | None) -> None:
        if name is not None:
            self._known(file, path, name, f"{name}.toml", self.plan_ids)

    def _element(self, file: str, path: Path, name: str, kinds: tuple[str, ...] = ()) -> None:
        """A reference to an element, of one of some kinds; the id begins with the id of its plan."""
        kind = self._known(file, path, name, f"{name.split('.')[0]}.toml", self.element_kinds)
        if kind and kinds and kind not in kinds:
            rule = f"this is of kind {kind}; expected one of {', '.join(kinds)}"
            raise self._fault(file, "wrong-kind", path, name, rule, "Refer to another element.")

    def organisations(self) -> None:
        """The parent of an organisation stands above it."""
        above: dict[str, str] = {}
        for number, entry in enumerate(self.content.organisations):
            if entry.parent is not None:
                path: Path = ["organisation", number, "parent"]
                self._organisation(ORGANISATIONS, path, entry.parent)
                if entry.parent not in above:
                    rule = "a parent stands above its children"
                    raise self._fault(
                        ORGANISATIONS, "wrong-order", path, entry.parent, rule, "Move the parent up."
                    )
            above[entry.id] = entry.kind

    def plans(self) -> None:
        """Plans refer to plans and organisations; elements stand under elements of their plan, parents first."""
        for file in self.content.plans:
            name = f"{file.plan.id}.toml"
            self._organisation(name, ["plan", "organisation"], file.plan.organisation)
            self._plan(name, ["plan", "parent"], file.plan.parent)
            own = {element.id for element in file.elements}
            above: dict[str, str] = {}
            for number, element in enumerate(file.elements):
                path: Path = ["element", number]
                if not element.id.startswith(f"{file.plan.id}."):
                    rule = f'the id of an element begins with its plan, "{file.plan.id}."'
                    raise self._fault(name, "bad-name", [*path, "id"], element.id, rule, "Rename it.")
                if element.parent is not None:
                    self._parent(name, [*path, "parent"], element, above, own)
                above[element.id] = element.kind

    def _parent(self, file: str, path: Path, element: Any, above: Mapping[str, str], own: set[str]) -> None:
        if element.parent not in own:
            rule = "no element of this plan has this id"
            raise self._fault(
                file, "unknown-parent", path, element.parent, rule, nearest(element.parent, own)
            )
        if element.parent not in above:
            rule = "a parent stands above its children"
            raise self._fault(file, "wrong-order", path, element.parent, rule, "Move the parent up.")
        allowed = PARENTS.get(element.kind, ())
        if allowed and above[element.parent] not in allowed:
            rule = (
                f"a {element.kind} stands under {' or '.join(allowed)}, not under a {above[element.parent]}"
            )
            raise self._fault(file, "wrong-kind", path, element.parent, rule, "Choose another parent.")

    def links(self) -> None:
        """Both ends of a link are there and of kinds that the link may join, and no link is said twice."""
        seen: set[tuple[str, str, str]] = set()
        places = [(f"{file.plan.id}.toml", file.links) for file in self.content.plans]
        for name, links in [*places, (LINKS, self.content.links_between_plans)]:
            for number, link in enumerate(links):
                path: Path = ["link", number]
                triple = (link.source, link.target, link.kind)
                if triple in seen:
                    got = f"{link.source} {link.kind} {link.target}"
                    raise self._fault(
                        name, "duplicate-link", path, got, "this link is said above", "Remove it."
                    )
                seen.add(triple)
                for end, wanted in zip(("source", "target"), ENDS[link.kind], strict=True):
                    self._end(name, [*path, end], getattr(link, end), wanted, link.kind)
                if link.source == link.target:
                    rule = "a link joins two things"
                    raise self._fault(name, "link-to-itself", path, link.target, rule, "Remove it.")

    def _end(self, file: str, path: Path, name: str, wanted: tuple[str, ...], kind: str) -> None:
        found = self.element_kinds.get(name)
        if found is None and name in self.measure_ids:
            found = "measure"
        elif found is None and name in self.indicator_ids:
            found = "indicator"
        if found is not None:
            if found in wanted or ("element" in wanted and found not in ("measure", "indicator")):
                return
            rule = f'this is of kind {found}; a link "{kind}" expects {" or ".join(wanted)} here'
            raise self._fault(file, "wrong-kind", path, name, rule, "Turn the link, or choose another kind.")
        if "indicator" in wanted:
            self._known(file, path, name, INDICATORS, self.indicator_ids)
        elif "measure" in wanted and (MEASURES not in self.files or "." not in name):
            self._known(file, path, name, MEASURES, self.measure_ids)
        else:
            self._element(file, path, name)

    def indicators(self) -> None:
        """An indicator has a responsible organisation and belongs to sections."""
        for number, entry in enumerate(self.content.indicators):
            path: Path = ["indicator", number]
            self._organisation(INDICATORS, [*path, "responsible"], entry.responsible)
            for section in entry.sections:
                self._element(INDICATORS, [*path, "sections"], section, ("section", "main_goal", "chapter"))

    def decisions(self) -> None:
        """A decision is about a goal, at a place, by an indicator."""
        for number, entry in enumerate(self.content.decisions):
            path: Path = ["decision", number]
            self._element(GOALS, [*path, "goal"], entry.goal, AIMS)
            self._organisation(GOALS, [*path, "place"], entry.place)
            self._known(GOALS, [*path, "indicator"], entry.indicator, INDICATORS, self.indicator_ids)

    def measures(self) -> None:
        """A measure has an organisation, goals, and plans and measures that it hangs together with."""
        for number, entry in enumerate(self.content.measures):
            path: Path = ["measure", number]
            self._organisation(MEASURES, [*path, "organisation"], entry.organisation)
            for goal in entry.goals:
                self._element(MEASURES, [*path, "goals"], goal, AIMS)
            for plan in entry.plans:
                self._plan(MEASURES, [*path, "plans"], plan)
            for other in entry.depends_on:
                self._known(MEASURES, [*path, "depends_on"], other, MEASURES, self.measure_ids)

    def effects(self) -> None:
        """An effect is of a measure and a reading of an indicator that there is, each once."""
        self._once(EFFECTS, "effect", self.content.effects)
        for number, effect in enumerate(self.content.effects):
            self._known(EFFECTS, ["effect", number, "measure"], effect.measure, MEASURES, self.measure_ids)
        self._once(READINGS, "reading", self.content.readings)
        for number, entry in enumerate(self.content.readings):
            path: Path = ["reading", number, "indicator"]
            self._known(READINGS, path, entry.indicator, INDICATORS, self.indicator_ids)

    def events(self) -> None:
        """An event has an id of its own, stands in the wheel of an organisation, and is about a plan or a part of one."""
        self._once(WHEEL, "event", self.content.events)
        for number, entry in enumerate(self.content.events):
            path: Path = ["event", number]
            self._organisation(WHEEL, [*path, "organisation"], entry.organisation)
            self._plan(WHEEL, [*path, "plan"], entry.plan)
            if entry.element is not None:
                self._element(WHEEL, [*path, "element"], entry.element)
