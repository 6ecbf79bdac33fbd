"""Read the content files of a region's plans and check them against each other.

A folder holds ``organisations.toml``, ``indicators.toml``, ``goals.toml``, ``measures.toml``, ``links.toml`` (links
between plans), ``wheel.toml`` (the annual wheel), ``effects.toml`` (what measures give of assumptions), ``readings.toml``
(where the outlook has an indicator) and one file per plan, named by the plan's id. Nothing is guessed:
an unknown key, a missing language, an id used twice or a reference to nothing is a `PlanError` that names file,
entry, what was met and the way out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from framsyn.errors import PlanError
from framsyn.scenario.faults import nearest
from framsyn.web.plan.content_checks import check_references
from framsyn.web.plan.content_effects import Effect, Reading
from framsyn.web.plan.content_events import Event
from framsyn.web.plan.content_models import (
    Decision,
    Element,
    Indicator,
    Link,
    Measure,
    Organisation,
    Plan,
    PlanFile,
    Source,
    Text,
    Version,
)
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

__all__ = [
    "Content",
    "Decision",
    "Effect",
    "Element",
    "Event",
    "Indicator",
    "Link",
    "Measure",
    "Organisation",
    "Plan",
    "PlanFile",
    "Reading",
    "Source",
    "Text",
    "Version",
    "read_content",
]

LISTS: dict[str, tuple[str, Any]] = {
    ORGANISATIONS: ("organisation", Organisation),
    INDICATORS: ("indicator", Indicator),
    GOALS: ("decision", Decision),
    MEASURES: ("measure", Measure),
    LINKS: ("link", Link),
    WHEEL: ("event", Event),
    EFFECTS: ("effect", Effect),
    READINGS: ("reading", Reading),
}


@dataclass(frozen=True)
class Content:
    """All content of a region's plans, in the order of the files.

    Parameters
    ----------
    organisations, plans, indicators, decisions, measures : tuple
        The entries; each plan file holds its version, elements in reading order and links.
    links_between_plans : tuple
        Links that stand in a file of their own.
    events : tuple
        Entries of the annual wheel.
    effects, readings : tuple
        What measures give of assumptions, and where the outlook has an indicator.
    missing_files : tuple of str
        Files that an entry refers to and that are not in the folder.
    """

    organisations: tuple[Organisation, ...] = ()
    plans: tuple[PlanFile, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    decisions: tuple[Decision, ...] = ()
    measures: tuple[Measure, ...] = ()
    links_between_plans: tuple[Link, ...] = ()
    events: tuple[Event, ...] = ()
    effects: tuple[Effect, ...] = ()
    readings: tuple[Reading, ...] = ()
    missing_files: tuple[str, ...] = ()

    @cached_property
    def elements(self) -> Mapping[str, Element]:
        """Every element of every plan by its id."""
        return {element.id: element for file in self.plans for element in file.elements}

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Links of all plans, then those between plans."""
        return tuple(link for file in self.plans for link in file.links) + self.links_between_plans

    def plan(self, name: str) -> PlanFile:
        """Return the file of a plan by the plan's id."""
        for file in self.plans:
            if file.plan.id == name:
                return file
        known = nearest(name, [file.plan.id for file in self.plans])
        raise PlanError("unknown-plan", f'content: no plan "{name}". {known}'.rstrip(), got=name)

    def of_kind(self, plan: str, kind: str, parent: str | None = None) -> tuple[Element, ...]:
        """Elements of one kind in a plan, in reading order; with ``parent``, only those right under it."""
        return tuple(
            element
            for element in self.plan(plan).elements
            if element.kind == kind and (parent is None or element.parent == parent)
        )


def read_content(folder: Path | str, *, whole: bool = False) -> Content:
    """Read and check every content file of a folder.

    Parameters
    ----------
    folder : Path or str
        Folder with the TOML files.
    whole : bool
        Refuse a reference to a file that is not there. Without it such a reference passes and the file is named
        in ``missing_files``; a reference into a file that is there is always checked.

    Returns
    -------
    Content

    Raises
    ------
    PlanError
        The first fault that was found: file and line, entry, got, expected, way out.
    """
    place = Path(folder)
    if not place.is_dir():
        raise PlanError(
            "no-folder", f"{place}: no such folder of content files. Name one.", file=str(place), got=None
        )
    lists: dict[str, tuple[Any, ...]] = {}
    plans: list[PlanFile] = []
    files: dict[str, ContentFile] = {}
    for path in sorted(place.glob("*.toml")):
        file = files[path.name] = ContentFile.read(path)
        if path.name in LISTS:
            key, model = LISTS[path.name]
            lists[path.name] = file.entries(key, model)
        else:
            plans.append(file.plan())
    content = Content(
        organisations=lists.get(ORGANISATIONS, ()),
        plans=tuple(plans),
        indicators=lists.get(INDICATORS, ()),
        decisions=lists.get(GOALS, ()),
        measures=lists.get(MEASURES, ()),
        links_between_plans=lists.get(LINKS, ()),
        events=lists.get(WHEEL, ()),
        effects=lists.get(EFFECTS, ()),
        readings=lists.get(READINGS, ()),
    )
    missing = check_references(content, files)
    if whole and missing:
        names = ", ".join(missing)
        raise PlanError(
            "file-missing",
            f"{place.name}: entries refer to {names}, which the folder does not hold. "
            "Add the file, or take the references out.",
            file=missing[0],
            got=names,
        )
    return replace(content, missing_files=missing)
