"""Reading what a card and the list show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q

from framsyn.errors import PlanError
from framsyn.report.numbers import percent
from framsyn.report.sections.assumptions import course, moves, share_text, size
from framsyn.report.sections.assumptions import owner as owner_words
from framsyn.report.words import word
from framsyn.scenario.levers import LEVER_GROUPS
from framsyn.web.accounts.queries import reach_of
from framsyn.web.assumptions.actions import responsible
from framsyn.web.assumptions.models import Objection, Share
from framsyn.web.assumptions.subjects import said, said_range, subject_of, subjects
from framsyn.web.explorer.known import region_on_view
from framsyn.web.languages import current_language
from framsyn.web.measures.detail import source_words
from framsyn.web.measures.models import Measure
from framsyn.web.outlooks.models import Explanation
from framsyn.web.scenarios.computing import scenario_from
from framsyn.web.scenarios.queries import shipped, shipped_scenario, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.scenario import Scenario
    from framsyn.web.actions import Actor
    from framsyn.web.assumptions.subjects import Subject
    from framsyn.web.languages import Text

__all__ = ["Card", "Earlier", "Effects", "Row", "card_of", "effects_of", "objections_to", "rows_of"]

LARGE = 0.05
"""Share of the uncertainty from which an assumption is said to matter much."""
SAVED = 8
"""Saved scenarios that a card tells of."""


@dataclass(frozen=True)
class Effects:
    """How much an assumption matters, by quantity; empty where nothing was computed for the scenario."""

    run: str = ""
    year: int = 0
    shares: dict[str, Share] = field(default_factory=dict)

    @property
    def largest(self) -> float | None:
        """The largest of its shares; None where nothing was computed."""
        if not self.run:
            return None
        return max((share.total for share in self.shares.values()), default=0.0)

    @property
    def need_said(self) -> str:
        """Share of the uncertainty of need, written."""
        return self.said("need")

    @property
    def bed_days_said(self) -> str:
        """Share of the uncertainty of bed days, written."""
        return self.said("bed_days")

    def said(self, quantity: str) -> str:
        """Write the share of a quantity; what the ranking left out has none."""
        return share_said(self.shares[quantity].total if quantity in self.shares else 0.0, current_language())


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    subject: Subject
    label: str
    value: str
    span: str
    quality: str
    effects: Effects
    objections: int
    waiting: int

    @property
    def look_first(self) -> bool:
        """Whether the ground is weak and the effect large."""
        return self.subject.held and self.subject.is_weak and (self.effects.largest or 0.0) >= LARGE


@dataclass(frozen=True)
class Earlier:
    """What another scenario, or an earlier run, has."""

    name: str
    address: str
    value: str
    span: str
    is_this: bool = False


@dataclass(frozen=True)
class Done:
    """What an assumption did to need in a kept run."""

    run: str
    label: Text
    stored_at: Any
    part: str
    year: int
    effect: float


@dataclass(frozen=True)
class Card:
    """All that a card shows."""

    subject: Subject
    row: Row
    moves: str
    size: str
    realisation: str
    course: str
    source: Text
    owner: str
    base: list[tuple[str, str]]
    others: list[Earlier]
    saved: list[Earlier]
    runs: list[Done]
    measures: list[Measure]


def share_said(share: float, lang: str) -> str:
    """Write a share of an uncertainty.

    >>> share_said(0.123, "en"), share_said(0.003, "en"), share_said(0.0, "en")
    ('12%', '<1%', '0%')
    """
    return f"<{percent(0.01, lang)}" if 0 < share < 0.005 else percent(share, lang)


def effects_of(scenario: Scenario) -> dict[str, Effects]:
    """Return how much each assumption of a scenario matters, from the newest ranking of the same assumptions; one query."""
    found: dict[str, Effects] = {}
    rows = list(Share.objects.filter(scenario_digest=scenario.digest()).order_by("-computed_at", "-id"))
    if not rows:
        return found
    newest = rows[0]
    for row in rows:
        if row.run == newest.run:
            one = found.setdefault(row.assumption, Effects(newest.run, newest.year))
            one.shares[row.quantity] = row
    # What the ranking left out has no share at all; that was computed too.
    for assumption in scenario.assumptions:
        found.setdefault(assumption.name, Effects(newest.run, newest.year))
    return found


def counts() -> dict[str, tuple[int, int]]:
    """Return how many objections each assumption has, and how many wait; one query."""
    rows = Objection.objects.order_by().values("assumption")
    waiting = Count("id", filter=Q(status=Objection.Status.OPEN))
    return {
        row["assumption"]: (row["all"], row["open"]) for row in rows.annotate(all=Count("id"), open=waiting)
    }


def row_of(
    one: Subject, lang: str, effects: dict[str, Effects], objections: dict[str, tuple[int, int]]
) -> Row:
    """Return a line of the list."""
    number, waiting = objections.get(one.name, (0, 0))
    return Row(
        subject=one,
        label=one.label(lang),
        value=said(one, one.value, lang) if one.held else "",
        span=said_range(one, lang),
        quality=word(f"quality.{one.assumption.quality}", lang),
        effects=effects.get(one.name, Effects()),
        objections=number,
        waiting=waiting,
    )


def rows_of(scenario: Scenario, lang: str, *, source: str = "", sort: str = "") -> list[Row]:
    """Return the lines of the list; two queries.

    Parameters
    ----------
    source : {"", "without"}
        Only those without a source.
    sort : {"", "effect", "name"}
        By the groups of the levers where left out.
    """
    effects, objections = effects_of(scenario), counts()
    rows = [row_of(one, lang, effects, objections) for one in subjects(scenario)]
    if source == "without":
        rows = [row for row in rows if not row.subject.sourced]
    if sort == "effect":
        rows.sort(key=lambda row: -(row.effects.largest or 0.0))
    elif sort == "name":
        rows.sort(key=lambda row: row.label.casefold())
    return rows


def grouped(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Return the lines by group, in the order of the groups."""
    return [
        (group, inside)
        for group in LEVER_GROUPS
        if (inside := [row for row in rows if row.subject.group == group])
    ]


def card_of(one: Subject, scenario: Scenario, key: str, actor: Actor, lang: str) -> Card:
    """Return the card of an assumption; eight queries at most."""
    name, a = one.name, one.assumption
    return Card(
        subject=one,
        row=row_of(one, lang, effects_of(scenario), {}),
        moves=moves(region_on_view(), a, lang),
        size=size(a, lang),
        realisation=share_text(a, lang),
        course=course(a, lang),
        source=source_words(a.source, lang),
        owner=owner_words(a.owner, lang),
        base=base_values(one, lang),
        others=[found for other in shipped() if (found := earlier(name, other, key, lang)) is not None],
        saved=saved_values(name, key, actor, lang),
        runs=runs_of(name),
        measures=list(Measure.objects.filter(assumption=name).order_by("position", "id")),
    )


def base_values(one: Subject, lang: str) -> list[tuple[str, str]]:
    """Return what the region's table says of the parameter that is moved: for whom, and how much."""
    from framsyn.report.sections.assumptions import plain
    from framsyn.report.sections.common import unit_word

    target, region = one.assumption.target, region_on_view()
    if one.assumption.kind != "parameter":
        return []
    frame = region.table("parameters")
    found = []
    for row in frame[frame["parameter"] == target.parameter].to_dict("records"):
        keys = [(kind, str(row[kind])) for kind in ("service_area", "level", "profession") if row[kind]]
        if any(getattr(target, kind) and code not in getattr(target, kind) for kind, code in keys):
            continue
        place = ", ".join(region.label_of(kind, code, lang) for kind, code in keys)
        unit = str(row["unit"])
        value = float(row["value"])
        if unit in ("1", "1/year"):
            text = f"{plain(value * 100, lang)} %" if lang != "en" else f"{plain(value * 100, lang)}%"
        else:
            text = f"{plain(value, lang)} {unit_word(unit, lang)}"
        found.append((place, text))
    return found


def earlier(name: str, other: str, key: str, lang: str) -> Earlier | None:
    """Return what a shipped scenario says of an assumption, or that it says nothing."""
    scenario = shipped_scenario(other)
    label = scenario.label[lang]
    try:
        one = subject_of(name, scenario)
    except PlanError:
        return Earlier(label, other, "", "", other == key)
    if not one.held:
        return Earlier(label, other, "", "", other == key)
    return Earlier(label, other, said(one, one.value, lang), said_range(one, lang), other == key)


def saved_values(name: str, key: str, actor: Actor, lang: str) -> list[Earlier]:
    """Return what the newest saved scenarios that somebody may read say of an assumption; one query or two."""
    found = []
    for saved in visible(actor).order_by("-updated_at")[:SAVED]:
        try:
            one = subject_of(name, scenario_from(saved.toml))
        except PlanError:
            continue
        if one.held:
            value, span = said(one, one.value, lang), said_range(one, lang)
            found.append(Earlier(str(saved.name), saved.key, value, span, saved.key == key))
    return found


def runs_of(name: str) -> list[Done]:
    """Return what an assumption did to need in the kept runs that are explained; one query."""
    found = []
    for told in (
        Explanation.objects.filter(quantity="need").select_related("run").order_by("-run__stored_at", "part")
    ):
        effect = next((one["effect"] for one in told.effects if one["name"] == name), None)
        if effect:
            run = told.run
            found.append(Done(run.pk, run.label, run.stored_at, told.part, told.year, float(effect)))
    return found


def objections_to(name: str, actor: Actor) -> tuple[list[Objection], bool]:
    """Return the objections to an assumption as somebody may read them, and whether that person may answer.

    Everybody is shown that there was one, of which kind, and the answer. The words are shown to their writer, to those who
    answer, and to everybody once published.
    """
    found = list(Objection.objects.filter(assumption=name))
    reach = reach_of(actor, "assumption.answer")
    organisation = responsible() if reach and not reach.everywhere else None
    answers = reach.everywhere or (organisation is not None and reach.holds(organisation))
    for objection in found:
        own = actor.user is not None and objection.author_id == actor.user.pk
        objection.is_own = own  # type: ignore[attr-defined]
        objection.shown = answers or own or objection.is_published  # type: ignore[attr-defined]
    return found, answers
