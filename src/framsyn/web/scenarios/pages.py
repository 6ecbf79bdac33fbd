"""What the pages of scenarios show."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.web.accounts.queries import may_somewhere
from framsyn.web.audit.models import Entry
from framsyn.web.audit.queries import WORDS, words_of
from framsyn.web.locking import last_change
from framsyn.web.outlooks.names import CHANGE
from framsyn.web.outlooks.terms import terms
from framsyn.web.policies import may
from framsyn.web.scenarios import comparing, drawings, upgrades
from framsyn.web.scenarios.actions import KEPT_DAYS, may_change
from framsyn.web.scenarios.assumed import assumed
from framsyn.web.scenarios.figures import KEPT, figure, lines_of, table_digests
from framsyn.web.scenarios.models import KEY, Reading, SavedScenario
from framsyn.web.scenarios.queries import (
    Known,
    grouped,
    readings_now,
    region_of,
    saved_known,
    shipped,
    shipped_known,
    state_of,
    visible,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.report.charts import Chart
    from framsyn.web.actions import Actor
    from framsyn.web.scenarios.assumed import Line as Assumed

__all__ = ["Detail", "Listed", "SideBySide", "chosen_year", "detail", "listed", "side_by_side"]

A_PAGE = 50
MIDDLE_YEAR = 2030
BASES = {"demography": ""}  # a shipped scenario that is held against nothing
BASE, BASE_OF_BASE = "plan", "demography"


# ---------------------------------------------------------------- the list
@dataclass(frozen=True)
class Entered:
    """One scenario in the list."""

    known: Known
    text: Any
    state: str
    is_older: bool = False


@dataclass(frozen=True)
class Listed:
    """What the list shows."""

    groups: list[tuple[str, str, list[Entered]]]
    removed: list[SavedScenario]
    waits: bool
    may_save: bool
    page: Any = None


def listed(actor: Actor, lang: str, number: str = "1") -> Listed:
    """Return the scenarios that somebody may read, in groups; what is not computed yet is asked for."""
    by = terms()
    ours = [shipped_known(name, by) for name in shipped()]
    page = Paginator(visible(actor), A_PAGE).get_page(number)
    rows = list(page.object_list)
    saved = {one.slug: saved_known(one) for one in rows}
    light = readings_now([*ours], light=True)
    ids = {name for one in saved.values() if one.saved for name in (one.run_id, one.saved.run_id)}
    texts = {one.pk: one for one in Reading.objects.filter(pk__in=ids).only("id", "text")} if ids else {}
    fresh = [one for one in saved.values() if one.saved and not {one.run_id, one.saved.run_id} & texts.keys()]
    if fresh:
        readings_now(fresh, light=True)

    def entered(known: Known) -> Entered:
        reading = texts.get(known.run_id) or light.get(known.run_id)
        old = texts.get(known.saved.run_id) if known.saved and reading is None else None
        told = reading or old
        state = "ready" if told else state_of(known.run_id, light)[0]
        return Entered(known, told.text if told else None, state, old is not None)

    groups = [("shipped", _("Shipped with Framsyn"), [entered(one) for one in ours])]
    groups += [
        (code, heading, [entered(saved[one.slug]) for one in members])
        for code, heading, members in grouped(actor, rows)
        if members
    ]
    waits = any(one.state == "waiting" for _code, _heading, members in groups for one in members)
    return Listed(groups, removed_by(actor), waits, may_somewhere(actor, "scenario.save"), page)


def removed_by(actor: Actor) -> list[SavedScenario]:
    """Return what somebody has removed and may still bring back."""
    if actor.user is None:
        return []
    since = timezone.now() - datetime.timedelta(days=KEPT_DAYS)
    return list(SavedScenario.objects.filter(owner=actor.user, removed_at__gte=since).order_by("-removed_at"))


# ---------------------------------------------------------------- one of them
@dataclass(frozen=True)
class Row:
    """One quantity in a few years."""

    label: str
    unit: str
    cells: list[tuple[int, str, str]]


@dataclass(frozen=True)
class Step:
    """One thing that happened to a saved scenario."""

    at: datetime.datetime
    what: str
    by: str


@dataclass
class Detail:
    """What the page of a scenario shows."""

    state: str
    trouble: str = ""
    ahead: int = 0
    text: Any = None
    years: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    base: Known | None = None
    assumed: list[Assumed] = field(default_factory=list)
    unreadable: str = ""
    reasons: list[str] = field(default_factory=list)
    then: Reading | None = None
    beside: list[upgrades.Beside] = field(default_factory=list)
    moved: list[Chart] = field(default_factory=list)
    last_year: int = 0
    history: list[Step] = field(default_factory=list)
    may: dict[str, bool] = field(default_factory=dict)
    names: bool = False
    seen: int = 0
    explorer: str = ""
    draws: int = 0
    seed: int = 1
    until: int = 2040


def detail(actor: Actor, known: Known, lang: str) -> Detail:
    """Return what the page of a scenario shows."""
    saved = known.saved
    ids = {known.run_id, *([saved.run_id] if saved else [])}
    found = {one.pk: one for one in Reading.objects.filter(pk__in=ids)}
    if known.run_id not in found:
        readings_now([known])
    shown = Detail(*state_of(known.run_id, found))
    for name in ("draws", "seed", "until"):
        setattr(shown, name, known.manifest[name])
    now = found.get(known.run_id)
    shown.last_year = int(known.manifest["until"])
    if now is not None:
        _tell_figures(shown, known, now, lang)
    if saved is not None:
        _tell_upgrade(shown, known, saved, found, lang)
        _tell_rights(shown, actor, saved)
    else:
        shown.may = {"fork": may_somewhere(actor, "scenario.fork")}
    _tell_assumed(shown, actor, known, lang)
    shown.explorer = explorer_query(known)
    return shown


def _tell_figures(shown: Detail, known: Known, now: Reading, lang: str) -> None:
    lines = lines_of(now)
    first = lines["population", ""]
    shown.text = now.text
    shown.years = list(
        dict.fromkeys((first.first, min(max(MIDDLE_YEAR, first.first), first.last), first.last))
    )
    for name, part in KEPT:
        line = lines[name, part]
        label, unit = drawings.label_of(now, name, part, line.first, lang)
        shown.rows.append(Row(label, unit, [(year, *figure(line, year, lang)) for year in shown.years]))
        if name == "need":
            change = lines[f"{name}{CHANGE}", part]
            unit = _("change since %(first)s") % {"first": line.first}
            later = [(year, *figure(change, year, lang)) for year in shown.years[1:]]
            cells = [(line.first, "", ""), *later]
            shown.rows.append(Row(label, unit, cells))
    shown.charts = drawings.fans(now, known.name, lang)


def _tell_upgrade(
    shown: Detail, known: Known, saved: SavedScenario, found: dict[str, Reading], lang: str
) -> None:
    if saved.run_id == known.run_id:
        return
    after = table_digests(region_of(str(saved.manifest["region"])))
    shown.reasons = upgrades.reasons(saved.manifest, known.manifest, saved.tables, after, lang)
    shown.then = found.get(saved.run_id)
    now = found.get(known.run_id)
    if shown.then is None or now is None:
        return
    shown.beside = upgrades.beside(shown.then, now, shown.last_year, lang)
    shown.moved = upgrades.what_moved(shown.then, now, known.name, lang)


def _tell_rights(shown: Detail, actor: Actor, saved: SavedScenario) -> None:
    user = actor.user
    own = user is not None and saved.owner_id == user.pk
    roles = actor.roles_in(saved.organisation)
    decides = user is not None
    shown.names = own or may(roles, "see.owners")
    open_still = not saved.is_locked
    shown.may = {
        "fork": user is not None and may_somewhere(actor, "scenario.fork"),
        "edit": may_change(actor, saved),
        "share": own and not saved.is_published and saved.organisation_id is not None,
        "publish": decides and not saved.is_published and may(roles, "scenario.publish"),
        "withdraw": decides and saved.is_published and open_still and may(roles, "scenario.withdraw"),
        "lock": decides and saved.is_published and open_still and may(roles, "scenario.lock"),
        "remove": own and not saved.is_published,
    }
    shown.seen = last_change(saved) if any(shown.may.values()) else 0
    rows = Entry.objects.filter(object_type=saved._meta.label_lower, object_id=saved.pk)
    if not shown.names:
        rows = rows.filter(action__in=WORDS)
    shown.history = [
        Step(entry.at, words_of(entry.action), entry.actor_name if shown.names else "")
        for entry in rows.order_by("-id")[:30]
    ]


def _tell_assumed(shown: Detail, actor: Actor, known: Known, lang: str) -> None:
    shown.base = base_of(actor, known)
    try:
        scenario = known.scenario()
        if shown.base is not None:
            shown.assumed = assumed(scenario, shown.base.scenario(), shown.last_year, lang)
    except PlanError as error:
        shown.unreadable = error.message


def base_of(actor: Actor, known: Known) -> Known | None:
    """Return what a scenario is held against: what it was made from where one may read that, else the plan."""
    if known.saved is None:
        base = BASE_OF_BASE if known.key != BASE_OF_BASE else ""
    else:
        base = known.saved.origin
        if base.startswith(KEY):
            found = visible(actor).filter(pk=base.removeprefix(KEY)).first()
            if found is not None:
                return saved_known(found)
            base = BASE
    names = shipped()
    if not base:
        return None
    return shipped_known(base if base in names else names[0], terms())


def explorer_query(known: Known) -> str:
    """Return the query by which the explorer shows a scenario, in the view that it was saved from."""
    kept = parse_qsl(known.saved.query) if known.saved is not None else []
    view = {name: value for name, value in kept if name in ("compare", "place", "service", "year", "month")}
    return urlencode({"scenario": known.key, **view})


# ---------------------------------------------------------------- beside each other
@dataclass(frozen=True)
class Why:
    """Why a scenario differs from the first, and where."""

    known: Known
    is_same: bool
    charts: list[Chart]
    place: Chart | None
    state: str
    trouble: str


@dataclass(frozen=True)
class SideBySide:
    """What the comparison shows."""

    rows: list[comparing.Row]
    whys: list[Why]

    @property
    def waits(self) -> bool:
        """Whether something is still being computed."""
        return any(one.state == "waiting" for one in self.whys)


def chosen_year(said: str, years: Sequence[int]) -> int:
    """Return the year of an address, the last one where it says none that there is.

    >>> chosen_year("2030", [2030, 2040]), chosen_year("x", [2030, 2040])
    (2030, 2040)
    """
    return int(said) if said.isascii() and said.isdigit() and int(said[:6]) in years else years[-1]


def side_by_side(known: Sequence[Known], readings: Sequence[Reading], year: int, lang: str) -> SideBySide:
    """Return the table, why each differs from the first, and where."""
    found, _asked = comparing.comparisons(known, readings)
    whys = []
    for number, (scenario, reading) in enumerate(zip(known[1:], readings[1:], strict=True), start=1):
        same = reading.pk == readings[0].pk
        comparison = found.get(reading.pk)
        state, trouble = "ready", ""
        if comparison is None and not same:
            state, trouble, _ahead = state_of(f"{readings[0].pk}:{reading.pk}", {})
        charts = (
            comparing.waterfalls(comparison, known[0], scenario, reading, lang, name=f"why-{number}")
            if comparison
            else []
        )
        place = (
            None
            if same
            else comparing.map_of_difference(
                known[0], scenario, readings[0], reading, year, lang, name=f"where-{number}"
            )
        )
        whys.append(Why(scenario, same, charts, place, state, trouble))
    return SideBySide(comparing.rows([str(one.name) for one in known], readings, year, lang), whys)
