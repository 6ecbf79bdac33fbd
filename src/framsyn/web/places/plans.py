"""What the plans mean for a place: goals and measures of its trust, and texts that name it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from framsyn.web.accounts.models import Organisation
from framsyn.web.goals.models import GoalDecision
from framsyn.web.goals.statuses import GoalStatus, goal_statuses
from framsyn.web.languages import current_language
from framsyn.web.measures.models import Measure
from framsyn.web.plan.queries import newest_wordings
from framsyn.web.search.models import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.region.places import Place
    from framsyn.web.languages import Text

__all__ = ["Goal", "Mention", "Planned", "planned_for"]

MOST_MENTIONS = 8
SPEAKING = ("plan", "element", "goal", "measure")


@dataclass(frozen=True)
class Goal:
    """A goal that is decided for the place's trust, with the status there."""

    element: str
    wording: Text
    status: GoalStatus


@dataclass(frozen=True)
class Mention:
    """A text that names the place, its hospital area or its trust."""

    title: str
    address: str
    name: str


@dataclass(frozen=True)
class Planned:
    """What the plans hold for a place.

    Attributes
    ----------
    goals : list of Goal
        With a target of the trust's own; of the region without a trust.
    measures : list of Measure
        That the trust answers for.
    mentions : list of Mention
    regional_goals, regional_measures : int
        How many hold for the whole region.
    """

    goals: Sequence[Goal]
    measures: Sequence[Measure]
    mentions: Sequence[Mention]
    regional_goals: int
    regional_measures: int


def planned_for(place: Place, names: Sequence[str]) -> Planned:
    """Return what the plans hold for a place; nine queries.

    Parameters
    ----------
    place : Place
    names : sequence of str
        How texts may name the place.
    """
    decided = GoalDecision.objects.filter(superseded_by__isnull=True)
    of_place = dict.fromkeys(
        decided.filter(place=place.trust).order_by("goal").values_list("goal", flat=True)
    )
    statuses = goal_statuses(of_place, place.trust)
    said = newest_wordings(of_place)
    goals = [Goal(one, said[one].heading, statuses[one]) for one in of_place if one in said]
    going_on = Measure.objects.filter(~Q(phase=Measure.Phase.STOPPED)).select_related("organisation")
    measures = list(going_on.order_by("position", "id"))
    own = [one for one in measures if one.organisation_id == place.trust]
    regional = decided.exclude(place__kind=Organisation.Kind.TRUST).values("goal").distinct().count()
    wide = sum(one.organisation.kind != Organisation.Kind.TRUST for one in measures)
    return Planned(goals, own, mentions(names), regional, wide)


def mentions(names: Sequence[str]) -> list[Mention]:
    """Return published texts that name a place, as whole words and with their capital letters; two queries.

    Bokmål is looked through, since names are the same in every language form; what is found is shown in the reader's.
    """
    asked = Q()
    for name in names:
        asked |= Q(title__contains=name) | Q(text__contains=name)
    if not names:
        return []
    rows = Document.objects.filter(asked, language="nb", kind__in=SPEAKING).order_by("kind", "object_id")
    hits: dict[tuple[str, str], str] = {}
    for row in rows:
        text = f"{row.title} {row.text}"
        named = next((name for name in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)), "")
        if named:
            hits[row.kind, row.object_id] = named
    shown = Document.objects.filter(
        language=current_language(), object_id__in=[object_id for _kind, object_id in hits]
    )
    by_key = {(one.kind, one.object_id): one for one in shown}
    found = [
        Mention(by_key[key].title, by_key[key].address, name) for key, name in hits.items() if key in by_key
    ]
    return found[:MOST_MENTIONS]
