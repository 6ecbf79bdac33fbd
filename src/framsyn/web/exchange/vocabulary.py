"""What may be chosen in a cell: codes in words of three languages, and names of places, indicators, goals, measures."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import override

from framsyn.web.accounts.models import Organisation
from framsyn.web.goals.models import GoalDecision
from framsyn.web.indicators.actions import UNITS
from framsyn.web.indicators.charts import unit_text
from framsyn.web.indicators.models import Indicator, Observation
from framsyn.web.languages import LANGUAGES
from framsyn.web.measures.checks import scenario
from framsyn.web.measures.models import Benefit, Measure
from framsyn.web.plan.models import Element, Plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Vocabulary", "plain", "vocabularies"]

YES_NO = {"yes": {"nb": "ja", "nn": "ja", "en": "yes"}, "no": {"nb": "nei", "nn": "nei", "en": "no"}}


def plain(words: str) -> str:
    """Return words as they are compared: without case and superfluous spaces.

    >>> plain("  St. Olavs   HOSPITAL ")
    'st. olavs hospital'
    """
    return " ".join(words.split()).casefold()


@dataclass
class Vocabulary:
    """Codes, how each is said, and how what people write is read.

    Parameters
    ----------
    labels : dict
        Code → language → label, in the order in which they are offered.
    open : bool
        Whether the list is too long, or too much of a list, to be offered in full in an error.

    Examples
    --------
    >>> yes = Vocabulary(YES_NO)
    >>> yes.code("Ja"), yes.code("maybe"), yes.label("no", "nb")
    ('yes', None, 'nei')
    """

    labels: dict[str, dict[str, str]]
    open: bool = False
    known: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the way back from labels to codes."""
        known: defaultdict[str, set[str]] = defaultdict(set)
        for code, labels in self.labels.items():
            for label in labels.values():
                known[plain(label)].add(code)
        for code in self.labels:
            known[plain(code)] = {code}  # a code always means itself
        self.known = dict(known)

    def code(self, words: str) -> str | None:
        """Return the code of what somebody wrote, in any language; None when there is none, or more than one."""
        found = self.known.get(plain(words), set())
        return next(iter(found)) if len(found) == 1 else None

    def label(self, code: str, language: str) -> str:
        """Return how a code is written in a workbook: in words where these lead back to it, else as it is."""
        label = self.labels.get(code, {}).get(language, "")
        return label if label and self.code(label) == code else code

    def offered(self, language: str) -> list[str]:
        """Return what a cell offers."""
        return [self.label(code, language) for code in self.labels]


def _choices(choices: Iterable[tuple[Any, Any]]) -> Vocabulary:
    labels: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        with override(language):
            for code, label in choices:
                labels.setdefault(str(code), {})[language] = str(label)
    return Vocabulary(labels)


def _named(rows: Iterable[tuple[str, Mapping[str, str]]]) -> Vocabulary:
    return Vocabulary({pk: {code: name[code] for code in name if name[code]} for pk, name in rows}, open=True)


def _ids(names: Iterable[str]) -> Vocabulary:
    return Vocabulary({name: {} for name in names}, open=True)


def _elements(kind: str, tied: str) -> Vocabulary:
    """Return the elements of a kind, and those of other kinds that are tied already."""
    found = Element.objects.filter(Q(kind=kind) | Q(**{f"{tied}__isnull": False})).distinct()
    return _ids(found.order_by("origin__position", "pk").values_list("pk", flat=True))


def vocabularies() -> dict[str, Vocabulary]:
    """Return every vocabulary by name; six queries."""
    units = {unit: {language: unit_text(unit, language) or unit for language in LANGUAGES} for unit in UNITS}
    places = Vocabulary(
        {
            place.pk: {code: place.short.get(code) or place.name.get(code, "") for code in LANGUAGES}
            for place in Organisation.objects.all()
        },
        open=True,
    )
    areas = set(Observation.objects.order_by().values_list("place", flat=True).distinct()) - set(
        places.labels
    )
    return {
        "yes_no": Vocabulary(YES_NO),
        "goal_type": _choices(GoalDecision.Type.choices),
        "goal_standing": _choices(GoalDecision.Standing.choices),
        "unit": Vocabulary(units),
        "frequency": _choices(Indicator.Frequency.choices),
        "direction": _choices(Indicator.Direction.choices),
        "state": _choices(Observation.State.choices),
        "phase": _choices(Measure.Phase.choices),
        "measure_standing": _choices(Measure.Standing.choices),
        "benefit_kind": _choices(Benefit.Kind.choices),
        "assumption": Vocabulary(
            {one.name: {code: one.label[code] for code in LANGUAGES} for one in scenario().assumptions},
            open=True,
        ),
        "organisation": places,
        "place": Vocabulary({**places.labels, **{area: {} for area in sorted(areas)}}, open=True),
        "indicator": _ids(Indicator.objects.values_list("pk", flat=True)),
        "goal": _elements(Element.Kind.GOAL, "measures"),
        "section": _elements(Element.Kind.SECTION, "indicators"),
        "measure": _ids(Measure.objects.values_list("pk", flat=True)),
        "plan": _ids(Plan.objects.values_list("pk", flat=True)),
    }
