"""What operations that write share: the things that a body names, and the header of a new thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from django.http import Http404
from django.utils.translation import gettext as _
from pydantic import StringConstraints

from framsyn.errors import PlanError
from framsyn.web.accounts.models import Organisation
from framsyn.web.api.fields import Day, In, WordsIn
from framsyn.web.indicators.models import Indicator
from framsyn.web.languages import Text
from framsyn.web.measures.models import Measure
from framsyn.web.plan.models import Element, Plan
from framsyn.web.plan.versions import DecisionFacts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import Model, QuerySet
    from django.http import HttpResponse

    from framsyn.web.api.voice import Voice

__all__ = [
    "CaseNumber",
    "DecisionIn",
    "does",
    "elements_named",
    "indicator_named",
    "made",
    "measures_named",
    "named",
    "organisation_named",
    "part_of",
    "plans_named",
    "text",
    "unknown",
]


def does(action: str) -> dict[str, Any]:
    """Name the action that an operation calls; the description of the interface tells it.

    >>> does("goal.decide")
    {'x-action': 'goal.decide'}
    """
    return {"x-action": action}


def text(words: Mapping[Any, str] | None) -> Text:
    """Return a text without its empty forms."""
    return Text(
        {code: said.replace("\r\n", "\n").strip() for code, said in (words or {}).items() if said.strip()}
    )


def made(response: HttpResponse, address: str) -> None:
    """Say where the new thing is."""
    response["Location"] = address


def unknown(field: str, got: Any) -> PlanError:
    """Return the refusal of a name that nothing has."""
    message = _("%(field)s names %(got)s, which is not here. Nothing was changed.")
    return PlanError("unknown", message % {"field": field, "got": got}, field=field, got=got)


def organisation_named(name: str, field: str = "organisation") -> Organisation:
    """Return an organisation that a body names, with those above it."""
    found = Organisation.objects.select_related("parent__parent__parent").filter(pk=name).first()
    if found is None:
        raise unknown(field, name)
    return found


def indicator_named(name: str | None, field: str = "indicator") -> Indicator | None:
    """Return an indicator that a body names."""
    if not name:
        return None
    found = Indicator.objects.select_related("responsible__parent__parent__parent").filter(pk=name).first()
    if found is None:
        raise unknown(field, name)
    return found


def named(query: QuerySet[Any], names: Iterable[str], field: str) -> list[Any]:
    """Return the things that a body names, in its order."""
    wanted = list(dict.fromkeys(names))
    found = query.in_bulk(wanted)
    for name in wanted:
        if name not in found:
            raise unknown(field, name)
    return [found[name] for name in wanted]


def measures_named(names: Iterable[str], field: str) -> list[Measure]:
    """Return measures that a body names."""
    return named(Measure.objects.all(), names, field)


def plans_named(voice: Voice, names: Iterable[str], field: str) -> list[Plan]:
    """Return plans that a body names and the caller may know of."""
    wanted = list(names)
    known = voice.known_plans(wanted)
    for name in wanted:
        if name not in known:
            raise unknown(field, name)
    return named(Plan.objects.select_related("organisation"), wanted, field)


def elements_named(voice: Voice, names: Iterable[str], field: str) -> list[Element]:
    """Return elements that a body names and the caller may read."""
    wanted = list(names)
    seen = voice.visible(wanted) if wanted else {}
    for name in wanted:
        if name not in seen:
            raise unknown(field, name)
    return named(Element.objects.select_related("origin__organisation"), wanted, field)


def part_of(query: QuerySet[Any], number: int) -> Model:
    """Return a part of a thing by its number, or answer that it is not here."""
    found = query.filter(pk=number).first()
    if found is None:
        raise Http404
    return found


CaseNumber = Annotated[str, StringConstraints(max_length=60)]


class DecisionIn(In):
    """What a board or a meeting decided."""

    title: WordsIn
    date: Day
    body: WordsIn = {}
    case_number: CaseNumber = ""
    text: WordsIn = {}
    url: Annotated[str, StringConstraints(max_length=200, pattern=r"^(https?://\S+)?$")] = ""

    def facts(self) -> DecisionFacts:
        """Return it as actions take it."""
        return DecisionFacts(
            text(self.title), self.date, text(self.body), self.case_number, text(self.text), self.url
        )
