"""Scenarios: those that are shipped, and saved ones that the caller may read."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, Query

from framsyn.web.api.fields import Links, Listing, One, Out, Paging, Words
from framsyn.web.api.read.outlooks import router
from framsyn.web.api.voice import Voice
from framsyn.web.explorer.room import terms
from framsyn.web.locking import last_change
from framsyn.web.scenarios.models import Reading
from framsyn.web.scenarios.queries import (
    Known,
    known_or_404,
    saved_known,
    shipped,
    shipped_known,
    visible,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class ScenarioOut(Out):
    """What may be assumed about the years to come. Its file holds all of it and runs to the same id anywhere."""

    id: str = Field(description="plan, demography …, or the address of a saved one.")
    name: Words
    description: Words
    visibility: str = Field(description="published, organisation or private; what is shipped is published.")
    origin: str | None = Field(
        description="What it was made from: a shipped one, or s- and the id of a saved one."
    )
    organisation: str | None
    run: str = Field(description="Id of its run under the engine and the data of today.")
    run_when_saved: str | None
    computed: bool = Field(description="Whether the figures of today are there; its page computes them.")
    says: Words = Field(description="What follows, in one line.")
    manifest: dict[str, Any] = Field(description="All that it takes to run it again.")
    saved_at: datetime.datetime | None
    locked_at: datetime.datetime | None
    decided_by: Words
    case_number: str
    decided_on: datetime.date | None
    links: Links


class ScenarioDetail(ScenarioOut):
    """A scenario with its file."""

    toml: str = Field(description="All that it assumes, as a file of the engine.")


def scenario_told(voice: Voice, known: Known, reading: Reading | None) -> dict[str, Any]:
    """Return a scenario."""
    saved = known.saved
    return {
        "id": known.slug,
        "name": voice.words(known.name),
        "description": voice.words(known.description),
        "visibility": saved.visibility if saved else "published",
        "origin": shown_origin(voice, known),
        "organisation": saved.organisation_id if saved else None,
        "run": known.run_id,
        "run_when_saved": saved.run_id if saved else None,
        "computed": reading is not None,
        "says": voice.words(reading.text) if reading else {},
        "manifest": known.manifest,
        "saved_at": saved.created_at if saved else None,
        "locked_at": saved.locked_at if saved else None,
        "decided_by": voice.words(saved.decided_by) if saved else {},
        "case_number": saved.case_number if saved else "",
        "decided_on": saved.decided_on if saved else None,
        "links": {
            "self": voice.api("scenario", known.slug),
            "page": voice.page("scenario", known.slug),
            "files": {
                "toml": voice.page("scenario_toml", known.slug),
                **(voice_files(voice, known) if reading else {}),
            },
        },
    }


def voice_files(voice: Voice, known: Known) -> dict[str, str]:
    """Return the files of the figures."""
    return {form: voice.page("scenario_figures", known.slug, form) for form in ("csv", "xlsx", "stat.json")}


def shown_origin(voice: Voice, known: Known) -> str | None:
    """Return what a scenario was made from; another saved one is named to its owner alone, who opened it once."""
    if known.saved is None:
        return None
    user = voice.actor.user
    own = user is not None and known.saved.owner_id == user.pk
    return known.saved.origin if own or known.saved.origin in shipped() else None


@router.get("/scenarios", response=Listing[ScenarioOut], summary="List scenarios")
def scenarios(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> Any:
    """What is shipped, then what the caller may read: decided, published, shared in the organisation, one's own."""
    voice = Voice(request)
    voice.unless_known(response)
    by = terms()
    found: list[Known] = [shipped_known(name, by) for name in shipped()]
    found += [saved_known(one) for one in visible(voice.actor)]

    def tell(part: Sequence[Known]) -> Iterable[dict[str, Any]]:
        rows = Reading.objects.filter(pk__in=[one.run_id for one in part]).only("id", "text")
        readings = {one.pk: one for one in rows}
        return [scenario_told(voice, one, readings.get(one.run_id)) for one in part]

    return voice.listing(response, found, paging, tell)


@router.get("/scenarios/{scenario_id}", response=ScenarioDetail, summary="One scenario")
def scenario(request: HttpRequest, response: HttpResponse, scenario_id: str, how: Query[One]) -> Any:
    """One scenario with its file; 404 for what the caller may not read."""
    return scenario_answer(Voice(request), response, scenario_id)


def scenario_answer(voice: Voice, response: HttpResponse, scenario_id: str) -> dict[str, Any]:
    """Return one scenario with its version."""
    if "\x00" in scenario_id:
        raise Http404
    known = known_or_404(voice.actor, scenario_id)
    reading = Reading.objects.filter(pk=known.run_id).only("id", "text").first()
    data = {**scenario_told(voice, known, reading), "toml": known.toml()}
    return voice.told(response, data, last_change(known.saved) if known.saved else 0)
