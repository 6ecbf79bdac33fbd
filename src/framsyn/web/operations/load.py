"""Load a region's content files into the site: what is new is added, what people have worked on is never overwritten.

A load remembers a digest of every entry in its own audit entry. The next load therefore knows what has changed in the
package since, and does nothing when nothing has. An entry that has changed in the package is loaded anew unless somebody
has changed it on the site meanwhile; then it stays as it is here and the report names it. A published version of a plan
never changes: new content of a plan becomes its next version.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framsyn.region import Region
from framsyn.web.actions import Act, action
from framsyn.web.audit.models import Entry
from framsyn.web.goals.models import GoalDecision
from framsyn.web.operations.load_effects import load_effects, load_readings
from framsyn.web.operations.load_figures import (
    load_decisions,
    load_indicators,
    load_measures,
    load_observations,
)
from framsyn.web.operations.load_plans import load_links, load_organisations, load_plans
from framsyn.web.operations.load_wheel import load_events
from framsyn.web.plan.content import read_content
from framsyn.web.plan.models import Edit, Plan, Version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from framsyn.web.actions import Actor
    from framsyn.web.plan.content import Content

__all__ = ["LoadReport", "load_content"]

_OBJECTS = {
    "organisation": "accounts.organisation",
    "indicator": "indicators.indicator",
    "measure": "measures.measure",
    "event": "wheel.event",
    "effect": "attainment.measureeffect",
}


@dataclass
class LoadReport:
    """What a load did, by entry ("plan rup-2027", "measure discharge-teams" …).

    Parameters
    ----------
    loaded : list of str
        New, or changed in the package and loaded anew.
    kept : list of str
        Changed in the package, but worked on here since: left as it is here.
    gone : list of str
        Loaded once and no longer in the package: left as it is here.
    left_out : list of str
        Links that the site has no place for.
    """

    loaded: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def load_content(actor: Actor, folder: Path | str) -> LoadReport:
    """Load the content files of a region.

    Parameters
    ----------
    actor : Actor
    folder : Path or str
        The region package's ``plan`` folder.

    Returns
    -------
    LoadReport

    Raises
    ------
    PlanError
        A content file has a fault, or the actor may not load content.
    """
    folder = Path(folder)
    content = read_content(folder)
    known = _known(folder)
    given = _digests(content, folder)
    news = {key for key in given if known.get(key) != given[key]}
    report = LoadReport(gone=sorted(set(known) - set(given)))
    kept = _touched(news)
    report.kept = sorted(kept)
    news -= kept
    if news:
        remembered = {key: digest for key, digest in given.items() if key not in kept}
        remembered |= {key: known[key] for key in kept if key in known}
        _load(actor, folder, content, news, remembered, report)
    return report


@action("content.load")
def _load(
    act: Act, folder: Path, content: Content, news: set[str], remembered: dict[str, str], report: LoadReport
) -> None:
    act.require()
    keys = {kind: {key.split(" ", 1)[1] for key in news if key.startswith(f"{kind} ")} for kind in _KINDS}
    load_organisations(content, keys["organisation"])
    wordings = load_plans(act, content, keys["plan"])
    load_indicators(content, keys["indicator"])
    load_measures(act, content, keys["measure"])
    report.left_out = load_links(content, keys["link"])
    load_decisions(act, content, keys["decision"], wordings)
    load_events(act, content, keys["event"])
    load_effects(content, keys["effect"])
    load_readings(content, keys["reading"])
    if keys["tables"] or keys["indicator"]:
        region = Region.load(folder.parent)
        load_observations(act, content, None if keys["tables"] else keys["indicator"], region)
    report.loaded = sorted(news)
    act.record(
        Entry(pk=0),
        label=folder.parent.name,
        after={"folder": folder.parent.name, "digests": remembered, "left_out": report.left_out},
    )


_KINDS = (
    "organisation",
    "plan",
    "indicator",
    "measure",
    "link",
    "decision",
    "event",
    "effect",
    "reading",
    "tables",
)


def _digest(value: Any) -> str:
    return hashlib.sha256(repr(value).encode("utf-8")).hexdigest()[:20]


def _digests(content: Content, folder: Path) -> dict[str, str]:
    """Return "kind id" → digest of every entry."""
    found = {f"organisation {entry.id}": _digest(entry) for entry in content.organisations}
    for file in content.plans:
        found[f"plan {file.plan.id}"] = _digest((file.plan, file.version, file.elements))
    found |= {f"indicator {entry.id}": _digest(entry) for entry in content.indicators}
    found |= {f"measure {entry.id}": _digest(entry) for entry in content.measures}
    for link in content.links:
        found[f"link {link.source} {link.kind} {link.target}"] = _digest(link)
    for entry in content.decisions:
        found[f"decision {entry.goal} {entry.place} {entry.indicator or '-'}"] = _digest(entry)
    found |= {f"event {entry.id}": _digest(entry) for entry in content.events}
    found |= {f"effect {entry.id}": _digest(entry) for entry in content.effects}
    found |= {f"reading {entry.id}": _digest(entry) for entry in content.readings}
    described = folder.parent / "datapackage.json"
    tables = [described] if described.is_file() else []
    tables += sorted(folder.glob("*.csv"))
    found["tables of-the-region"] = _digest([path.read_bytes() for path in tables])
    return found


def _known(folder: Path) -> dict[str, str]:
    """Return the digests that the last load of this region remembered."""
    for entry in Entry.objects.filter(action="content.load").order_by("-id"):
        if entry.after and entry.after.get("folder") == folder.parent.name:
            return entry.after["digests"]
    return {}


def _touched(keys: Iterable[str]) -> set[str]:
    """Return those entries that somebody has made or changed on the site."""
    wanted = list(keys)
    if not wanted:
        return set()
    plans = set(Version.objects.exclude(created_by=None).values_list("plan_id", flat=True))
    plans |= set(Edit.objects.exclude(by=None).values_list("version__plan_id", flat=True))
    plans |= set(
        Entry.objects.filter(object_type="plan.plan").exclude(actor=None).values_list("object_id", flat=True)
    ) & set(Plan.objects.values_list("pk", flat=True))
    objects = set(
        Entry.objects.filter(object_type__in=_OBJECTS.values())
        .exclude(actor=None)
        .values_list("object_type", "object_id")
    )
    decisions = {
        " ".join((goal, place, indicator or "-"))
        for goal, place, indicator in GoalDecision.objects.exclude(created_by=None).values_list(
            "goal_id", "place_id", "indicator_id"
        )
    }
    found = set()
    for key in wanted:
        kind, name = key.split(" ", 1)
        if (
            (kind == "plan" and name in plans)
            or (kind == "decision" and name in decisions)
            or (_OBJECTS.get(kind), name) in objects
        ):
            found.add(key)
    return found
