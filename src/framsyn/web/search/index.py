"""What can be found, taken from where it is kept; brought up to date with every action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse

from framsyn.web.actions import LISTENERS
from framsyn.web.indicators.models import Indicator
from framsyn.web.languages import LANGUAGES, Text
from framsyn.web.measures.models import Measure
from framsyn.web.plan.models import Element, Node, Plan, Version
from framsyn.web.search.models import Document
from framsyn.web.search.stems import stems

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from framsyn.web.actions import Act

__all__ = ["Found", "complete", "rebuild", "refresh"]

BATCH = 1000
TITLE_WEIGHT = 3  # a word in the title counts as often


@dataclass(frozen=True)
class Found:
    """One thing to be found, in all its language forms."""

    kind: str
    id: str
    title: Mapping[str, str]
    text: Mapping[str, str]
    address: str

    def documents(self) -> Iterator[Document]:
        """Give a document per language; where a form is missing, the text that the page would show."""
        for language in LANGUAGES:
            title, title_language = Text(self.title).said_in(language)
            text, text_language = Text(self.text).said_in(language)
            words = stems(title, title_language) * TITLE_WEIGHT + stems(text, text_language)
            yield Document(
                kind=self.kind,
                object_id=self.id,
                language=language,
                title=title or text[:120],
                text=text,
                address=self.address,
                stems=" ".join(words),
            )


def plans(ids: Collection[str] | None) -> Iterator[Found]:
    """Give plans that have a version which everybody may read."""
    out = Exists(Version.objects.filter(plan=OuterRef("pk"), state__in=Version.FROZEN))
    for plan in chosen(Plan.objects.filter(out), ids):
        yield Found("plan", plan.pk, plan.title, plan.summary, reverse("plan", args=[plan.pk]))


def elements(ids: Collection[str] | None) -> Iterator[Found]:
    """Give elements as the newest published version of their plan words them."""
    newest = (
        Version.objects.filter(plan=OuterRef("version__plan"), state__in=Version.FROZEN)
        .order_by("-number")
        .values("id")[:1]
    )
    nodes = Node.objects.filter(state=Node.State.SHOWN, version_id=Subquery(newest)).select_related(
        "wording", "element"
    )
    if ids is not None:
        nodes = nodes.filter(element__in=ids)
    seen = set()
    for node in nodes.order_by("element_id", "version_id"):
        element, wording = node.element, node.wording
        if element.pk in seen:  # in several plans: one thing under one id
            continue
        seen.add(element.pk)
        goal = element.kind == Element.Kind.GOAL
        address = reverse("goal" if goal else "element", args=[element.pk])
        titled = any(wording.title.values())
        title, text = (wording.title, wording.text) if titled else (wording.text, Text())
        yield Found("goal" if goal else "element", element.pk, title, text, address)


def indicators(ids: Collection[str] | None) -> Iterator[Found]:
    """Give indicators."""
    for indicator in chosen(Indicator.objects.all(), ids):
        address = reverse("indicator", args=[indicator.pk])
        yield Found("indicator", indicator.pk, indicator.name, indicator.definition, address)


def measures(ids: Collection[str] | None) -> Iterator[Found]:
    """Give measures."""
    for measure in chosen(Measure.objects.all(), ids):
        yield Found("measure", measure.pk, measure.title, measure.text, reverse("measure", args=[measure.pk]))


def data_sets(ids: Collection[str] | None) -> Iterator[Found]:
    """Give data sets of the catalogue."""
    from framsyn.web.pages.catalogue import data_sets as catalogue

    for entry in catalogue():
        if ids is None or entry.name in ids:
            yield Found("data", entry.name, entry.title, entry.description, f"{reverse('data')}#{entry.name}")


def places(ids: Collection[str] | None) -> Iterator[Found]:
    """Give the places of the region, with every official name and number."""
    from framsyn.region.places import places as places_of
    from framsyn.region.places import places_above
    from framsyn.web.outlooks.queries import region_of
    from framsyn.web.pages.catalogue import REGION_NAME

    region = region_of(REGION_NAME)
    for place in places_of(region):
        if ids is not None and place.code not in ids:
            continue
        above = [one for one in places_above(region, place) if one.kind in ("hospital_area", "trust")]
        own = [place.code] if place.kind == "municipality" else []
        others = [name for name in (place.name, *place.names) if place.kind == "municipality"]
        text = {
            language: " · ".join(
                [
                    " ".join([region.label_of("place_kind", place.kind, language), *own]),
                    *dict.fromkeys(others if len(place.names) > 1 else []),
                    *(one.label[language] for one in above),
                ]
            )
            for language in LANGUAGES
        }
        yield Found("place", place.code, place.label, text, reverse("place", args=[place.code]))


def scenarios(ids: Collection[str] | None) -> Iterator[Found]:
    """Give scenarios, those too that not everybody may read: :mod:`framsyn.web.search.queries` asks who looks."""
    from framsyn.web.scenarios.models import SavedScenario
    from framsyn.web.scenarios.queries import shipped, shipped_scenario, texts

    for name in shipped():
        if ids is None or name in ids:
            scenario = shipped_scenario(name)
            address = reverse("scenario", args=[name])
            yield Found("scenario", name, texts(scenario.label), texts(scenario.description), address)
    for saved in chosen(SavedScenario.objects.filter(removed_at=None), ids):
        parts = (saved.description, saved.reason, saved.decided_by)
        text = {
            language: " · ".join(
                filter(None, [*(part.said_in(language)[0] for part in parts), saved.case_number])
            )
            for language in LANGUAGES
        }
        yield Found("scenario", saved.pk, saved.name, text, reverse("scenario", args=[saved.pk]))


def chosen(rows: Iterable, ids: Collection[str] | None) -> Iterable:
    """Return all rows, or those with the ids."""
    return rows if ids is None else rows.filter(pk__in=ids)  # type: ignore[attr-defined]


GIVERS: dict[str, Callable[[Collection[str] | None], Iterator[Found]]] = {
    "plan": plans,
    "element": elements,
    "indicator": indicators,
    "measure": measures,
    "data": data_sets,
    "place": places,
    "scenario": scenarios,
}
KIND_OF = {
    "plan.plan": "plan",
    "plan.element": "element",
    "indicators.indicator": "indicator",
    "measures.measure": "measure",
    "scenarios.savedscenario": "scenario",
}
# Actions after which more than the thing that is named may be found otherwise.
WHOLE = {"content.load", "plan.publish", "plan.discard_version"}


def rebuild() -> int:
    """Make the whole index anew, and return the number of documents."""
    Document.objects.all().delete()
    documents = [
        document for give in GIVERS.values() for found in give(None) for document in found.documents()
    ]
    Document.objects.bulk_create(documents, batch_size=BATCH)
    return len(documents)


def complete() -> int:
    """Add kinds of which a filled index has nothing yet, and return the number of documents; an empty one stays empty."""
    known = set(Document.objects.order_by().values_list("kind", flat=True).distinct())
    if not known:
        return 0
    lacking = [give for kind, give in GIVERS.items() if kind not in known]
    documents = [document for give in lacking for found in give(None) for document in found.documents()]
    Document.objects.bulk_create(documents, batch_size=BATCH)
    return len(documents)


def refresh(kind: str, ids: Collection[str]) -> None:
    """Bring some things of one kind up to date."""
    kinds = ("element", "goal") if kind == "element" else (kind,)
    Document.objects.filter(Q(kind__in=kinds), object_id__in=list(ids)).delete()
    documents = [document for found in GIVERS[kind](ids) for document in found.documents()]
    Document.objects.bulk_create(documents, batch_size=BATCH)


def listen(act: Act) -> None:
    """Follow an action."""
    if act.name in WHOLE:
        rebuild()
        return
    touched: dict[str, set[str]] = {}
    for entry in act.entries:
        kind = KIND_OF.get(entry.object_type)
        if kind:
            touched.setdefault(kind, set()).add(entry.object_id)
    for kind, ids in touched.items():
        refresh(kind, ids)


LISTENERS.append(listen)
