"""Runs of the outlook and their series."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router

from framsyn.quantities import quantities, quantity
from framsyn.web.api.fields import Links, Listing, One, Out, Paging, Words
from framsyn.web.api.voice import Voice
from framsyn.web.locking import last_change
from framsyn.web.outlooks.models import Run, Series

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

router = Router(tags=["Outlook"])
SOURCE = {"nb": "Framsyns framskriving", "nn": "Framsyn si framskriving", "en": "Framsyn's projection"}
LICENCE = "Framsyn, free with attribution"
_MANIFEST = (
    "engine",
    "region",
    "region_digest",
    "scenario",
    "scenario_digest",
    "switches",
    "control",
    "until",
    "seed",
    "draws",
)


class RunOut(Out):
    """One run, under the id that its inputs give it: the same id is the same figures for ever."""

    id: str
    region: str
    scenario: str
    label: Words
    description: Words
    draws: int
    is_main: bool = Field(description="The run that home, goals and indicators show.")
    baseline: str | None
    stored_at: datetime.datetime
    manifest: dict[str, Any] = Field(description="All that it takes to run it again.")
    links: Links


def run_told(voice: Voice, run: Run) -> dict[str, Any]:
    """Return a run."""
    return {
        "id": run.pk,
        "region": run.region,
        "scenario": run.scenario,
        "label": voice.words(run.label),
        "description": voice.words(run.description),
        "draws": run.draws,
        "is_main": run.is_main,
        "baseline": run.baseline_id,
        "stored_at": run.stored_at,
        "manifest": {name: run.manifest[name] for name in _MANIFEST if name in run.manifest},
        "links": {
            "self": voice.api("run", run.pk),
            "page": voice.page("outlook"),
            "files": voice.files("series_file", run.pk),
            "more": {"series": voice.api("series", run.pk)},
        },
    }


@router.get("/outlook/runs", response=Listing[RunOut], summary="List the runs of the outlook")
def runs(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> Any:
    """Kept runs, the main one first."""
    voice = Voice(request)
    voice.unless_known(response)
    return voice.listing(
        response, Run.objects.all(), paging, lambda part: [run_told(voice, run) for run in part]
    )


@router.get("/outlook/runs/{run_id}", response=RunOut, summary="One run")
def run(request: HttpRequest, response: HttpResponse, run_id: str, how: Query[One]) -> Any:
    """One run with its manifest."""
    voice = Voice(request)
    one = get_object_or_404(Run, pk=run_id)
    return voice.told(response, run_told(voice, one), last_change(one))


class SeriesOut(Out):
    """One quantity for one place and one part over the years. Every value has this unit, source, licence and quality."""

    quantity: str
    label: Words
    place: str = Field(description="region, a trust, or the code of a municipality.")
    part: str = Field(description="A service area, a profession …; empty for the whole.")
    unit: str
    source: Words
    licence: str
    quality: str
    data_through: datetime.date | None = Field(description="End of the base year: what follows is projected.")
    run: str
    years: list[int]
    values: dict[str, list[float | None]] = Field(
        description="By quantile: p10, p25, p50, p75, p90; central is the run without chance."
    )


def series_told(voice: Voice, run_id: str, row: Series) -> dict[str, Any]:
    """Return a series."""
    root, _colon, kind = row.quantity.partition(":")
    known = quantities().get(root)
    return {
        "quantity": row.quantity,
        "label": voice.words(known.labels) if known else {},
        "place": row.place,
        "part": row.part,
        "unit": "1"
        if kind or known is None
        else quantity(root).unit,  # a change or a share is a number such as 0.13
        "source": voice.words(SOURCE),
        "licence": LICENCE,
        "quality": "estimate",
        "data_through": datetime.date(row.years[0], 12, 31) if row.years else None,
        "run": run_id,
        "years": row.years,
        "values": row.values,
    }


class ManySeries(Paging):
    """Which series."""

    quantity: str | None = Field(None, max_length=60)
    place: str | None = Field(None, max_length=60)
    part: str | None = Field(None, max_length=80, description="Empty: the whole.")


@router.get("/outlook/runs/{run_id}/series", response=Listing[SeriesOut], summary="The figures of a run")
def series(request: HttpRequest, response: HttpResponse, run_id: str, query: Query[ManySeries]) -> Any:
    """Series of a run by quantity, place and part."""
    voice = Voice(request)
    one = get_object_or_404(Run, pk=run_id)
    voice.unless_known(response)
    found = Series.objects.filter(run=one).order_by("quantity", "place", "part")
    for name in ("quantity", "place", "part"):
        value = getattr(query, name)
        if value is not None:
            found = found.filter(**{name: value})

    def tell(part: Sequence[Series]) -> Iterable[dict[str, Any]]:
        return (series_told(voice, one.pk, row) for row in part)

    return voice.listing(response, found, query, tell)
