"""Where the thing of a note belongs: its organisation, its plans, its page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.urls import reverse

from framsyn.web.indicators.models import Indicator
from framsyn.web.measures.actions import plans_of
from framsyn.web.measures.models import Measure
from framsyn.web.plan.models import Element

if TYPE_CHECKING:
    from collections.abc import Iterable

    from framsyn.web.accounts.models import Organisation

__all__ = ["Place", "find", "kind_of", "place_of"]


@dataclass(frozen=True)
class Place:
    """Where a thing belongs.

    Parameters
    ----------
    kind : {"element", "indicator", "measure"}
        Name of the reference in a note.
    """

    kind: str
    thing: Any
    organisation: Organisation
    plans: Iterable[str] = field(default=())

    @property
    def address(self) -> str:
        """The page of the thing."""
        route = "goal" if self.kind == "element" and self.thing.kind == Element.Kind.GOAL else self.kind
        return reverse(route, args=[self.thing.pk])


def kind_of(thing: Any) -> str:
    """Return how a note refers to a thing."""
    return {Element: "element", Indicator: "indicator", Measure: "measure"}[type(thing)]


def place_of(thing: Any) -> Place:
    """Return where an element, an indicator or a measure belongs."""
    if isinstance(thing, Element):
        return Place("element", thing, thing.origin.organisation, (thing.origin_id,))
    if isinstance(thing, Indicator):
        return Place("indicator", thing, thing.responsible)
    return Place("measure", thing, thing.organisation, plans_of(thing))


_FOUND: dict[str, Any] = {
    "element": lambda: Element.objects.select_related("origin__organisation__parent__parent"),
    "indicator": lambda: Indicator.objects.select_related("responsible__parent__parent"),
    "measure": lambda: Measure.objects.select_related("organisation__parent__parent"),
}


def find(kind: str, pk: str) -> Place:
    """Return the place of the thing with an id, or answer that there is none."""
    thing = _FOUND[kind]().filter(pk=pk).first() if kind in _FOUND and "\x00" not in pk else None
    if thing is None:
        raise Http404
    return place_of(thing)
