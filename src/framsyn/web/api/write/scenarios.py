"""Scenarios: save one from its file, lock one as decided."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field
from pydantic import StringConstraints

from framsyn.web.api.etags import seen_by
from framsyn.web.api.fields import Day, Id, In, WordsIn
from framsyn.web.api.read.outlooks import router
from framsyn.web.api.read.scenarios import ScenarioDetail, scenario_answer
from framsyn.web.api.voice import Voice
from framsyn.web.api.write.common import does, made, organisation_named, text
from framsyn.web.scenarios.actions import forget_removed, lock, save
from framsyn.web.scenarios.forms import checked
from framsyn.web.scenarios.making import MOST_CHARACTERS
from framsyn.web.scenarios.queries import found_or_404, texts


class ScenarioIn(In):
    """A scenario as a file."""

    toml: Annotated[str, StringConstraints(max_length=MOST_CHARACTERS)] = Field(
        description="All that it assumes, as a file of the engine."
    )
    name: WordsIn | None = Field(None, description="The file's own label if left out.")
    description: WordsIn | None = Field(None, description="The file's own if left out.")
    organisation: Id


@router.post(
    "/scenarios",
    response={201: ScenarioDetail},
    summary="Save a scenario",
    openapi_extra=does("scenario.save"),
)
def save_scenario(request: HttpRequest, response: HttpResponse, sent: ScenarioIn) -> Any:
    """Save a scenario from its file. The caller alone sees it until it is shared or published on its page."""
    voice = Voice(request)
    organisation = organisation_named(sent.organisation)
    voice.actor.require("scenario.save", organisation)
    scenario = checked(sent.toml, "")
    saved = save(
        voice.actor,
        scenario,
        name=text(sent.name) if sent.name else texts(scenario.label),
        description=text(sent.description) if sent.description else texts(scenario.description),
        organisation=organisation,
        as_it_is=True,
    )
    forget_removed()
    made(response, voice.api("scenario", saved.slug))
    return scenario_answer(voice, response, saved.slug)


class LockIn(In):
    """The decision that locks a scenario."""

    decided_by: WordsIn = Field(description="The body; never a person.")
    case_number: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    decided_on: Day


@router.post(
    "/scenarios/{scenario_id}/lock",
    response=ScenarioDetail,
    summary="Lock a scenario as decided",
    openapi_extra=does("scenario.lock"),
)
def lock_scenario(request: HttpRequest, response: HttpResponse, scenario_id: str, sent: LockIn) -> Any:
    """Lock a published scenario for ever. Needs If-Match with the scenario's ETag."""
    voice = Voice(request)
    saved = found_or_404(voice.actor, scenario_id)
    seen = seen_by(request)
    lock(
        voice.actor,
        saved,
        decided_by=text(sent.decided_by),
        case_number=sent.case_number,
        decided_on=sent.decided_on,
        seen=seen,
    )
    return scenario_answer(voice, response, saved.slug)
