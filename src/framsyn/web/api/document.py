"""The description of the interface (OpenAPI 3.1): what Ninja knows of the operations, completed by what is true of all."""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import TYPE_CHECKING, Any

from framsyn.web.api.problems import KINDS, MEDIA
from framsyn.web.api.v1 import api

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["WITHOUT_OPERATION", "described", "examples", "operations"]

INTRODUCTION = """\
The plan of a health authority as JSON: plans and their text, goals with their status, indicators with
their figures, measures, and the outlook.

**Reading** what is published needs no token; drafts and names of people are told to those who have a role
there. **Writing** needs a token that may write (My account → Tokens) and calls the same actions as the pages:
the same checks, the same log.

**Texts** are objects by language form: `nb`, `nn`, `en`; `?lang=` gives one of them. **Numbers** carry unit,
source, licence, quality and the last day with data; one that rests on too few people is `null` with
`hidden: true`.

**Lists** have `total`, `limit`, `offset` and the links `next` and `previous`, which the header Link repeats.
**ETag**: send it as `If-None-Match` to be told 304 when nothing changed, and as `If-Match` to change a thing:
412 when somebody changed it meanwhile, 428 when it is missing. **Errors** have one shape (RFC 9457).
"""
TAGS = {
    "Start": "Where things are.",
    "Plans": "Plans, their versions, what they say, and how elements relate.",
    "Drafts": "Editing a draft, step by step.",
    "Goals": "Where each goal stands and what was decided about it.",
    "Indicators": "What is measured, and the figures.",
    "Measures": "What is done so that goals are reached.",
    "Outlook": "What the years to the horizon bring.",
    "Organisations, decisions, search, changes": "What belongs to all of these.",
}
# Actions that no operation calls, each with the reason; a test holds this and the operations against the policies.
WITHOUT_OPERATION = {
    "accounts.": "People, roles, passwords and second factors are for people at a page, not for programs with a token.",
    "api.": "A token cannot make or revoke tokens: it would outlive itself.",
    "assumption.": "Objections and answers are written by people who have read the card of the assumption.",
    "attainment.": "Chances of goals are computed by the machine; `framsyn reach --keep` does it there.",
    "audit.": "The log is sealed and verified where it is kept.",
    "content.": "Loads files of the machine that the site runs on; `framsyn` does it there.",
    "drafts.": "Keeps what somebody types in a form until it is saved; a program has no form.",
    "exchange.": "A workbook is a file that a person looks through before it changes anything.",
    "followup.": "Reminders and hand-overs concern one's own work and mail; they are read and answered on pages.",
    "notes.": "Internal notes stay inside: they are written and read on pages by those who work there.",
    "outlook.": "Stores a run that the machine has computed; `framsyn` does it there.",
    "plan.import": "A draft from a document is looked through by a person before it becomes one.",
    "scenario.compute": "The site computes figures itself, when somebody asks for a scenario.",
    "scenario.fork": "A program takes the file of a scenario, changes it and saves it.",
    "scenario.forget": "The site deletes for good what its owner removed a month ago.",
    "scenario.publish": "Who publishes has looked at the page of the scenario.",
    "scenario.withdraw": "Who withdraws has looked at the page of the scenario.",
    "scenario.re": "Names, texts, removing and bringing back are set where the owner sees them.",
    "scenario.share": "Who may read one's own scenario is set on its page.",
    "voice.": "What readers report is received and answered on pages.",
    "wheel.": "The year's rhythm is set on its page.",
}
_TAG = r'^(\*|(W/)?"[0-9]{1,18}(\.[0-9a-f]+)?")$'
_PROBLEM = {
    "title": "Problem",
    "description": "What went wrong (RFC 9457): what, where, got, expected, and the way out.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Explained at this address."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "In the reader's language."},
        "code": {"type": "string", "description": "Short, stable name of the fault."},
        "got": {"description": "What was sent."},
        "expected": {"description": "What would do."},
        "where": {
            "type": ["string", "null"],
            "description": "Field of the body (/text), of the query (?lang) or of the address.",
        },
        "errors": {
            "type": "array",
            "items": {"type": "object"},
            "description": "Every fault.",
        },
        "theirs": {"description": "With 412: what stands there now."},
        "request_id": {"type": "string", "description": "The log knows it under this id."},
    },
}
_WORDS = {200: "OK", 201: "Made", 204: "Done", 304: "Nothing changed since the ETag that was sent"}
_EVERY = (400, 429, 500)
_WRITING = (401, 403, 404, 409, 412, 413, 415, 422)


@functools.cache
def examples() -> dict[str, Any]:
    """Return an example of every operation, made from the demo by ``tools/write_api_examples.py``."""
    text = resources.files("framsyn.web.api").joinpath("examples.json").read_text(encoding="utf-8")
    return json.loads(text)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


@functools.cache
def described() -> dict[str, Any]:
    """Return the whole description; made once."""
    document: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/")))
    document["info"] |= {
        "title": "Framsyn",
        "description": INTRODUCTION,
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }
    document["servers"] = [{"url": "/api/v1", "description": "This site."}]
    document["tags"] = [{"name": name, "description": words} for name, words in TAGS.items()]
    components = document["components"]
    components["schemas"]["Problem"] = _PROBLEM
    components["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token from My account → Tokens. It may what its owner may, or less, for a year at most.",
        }
    }
    components["responses"] = {f"problem{status}": _problem_response(status) for status in KINDS}
    known = examples()
    for method, path, operation in operations(document):
        _complete(method, path, operation, known.get(operation["operationId"], {}))
    return document


def _problem_response(status: int) -> dict[str, Any]:
    kind = KINDS[status]
    answer: dict[str, Any] = {
        "description": f"{kind.title}. {kind.way_out}",
        "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status == 429:
        answer["headers"] = {"Retry-After": {"schema": {"type": "string"}, "description": "Seconds to wait."}}
    if status == 401:
        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return answer


def _complete(method: str, path: str, operation: dict[str, Any], example: dict[str, Any]) -> None:
    reads = method == "get"
    answers = operation["responses"]
    for status, answer in list(answers.items()):
        answer["description"] = _WORDS.get(int(status), answer["description"])
        if "content" in answer:
            headers = {"ETag": {"schema": {"type": "string"}, "description": "State of what is answered."}}
            if "Location" not in headers and status == "201":
                headers["Location"] = {"schema": {"type": "string"}, "description": "Where the new thing is."}
            if "limit" in {parameter["name"] for parameter in operation["parameters"]}:
                headers["Link"] = {
                    "schema": {"type": "string"},
                    "description": "next and prev, when there are more.",
                }
            answer["headers"] = headers
            if "answer" in example:
                answer["content"]["application/json"]["examples"] = {"demo": {"value": example["answer"]}}
    statuses = {*_EVERY, 401, 422} if reads else {*_EVERY, *_WRITING}
    if reads:
        answers["304"] = {"description": _WORDS[304]}
        operation["security"] = [{}, {"token": []}]
        operation["parameters"].append(
            _header("If-None-Match", "ETag of what the caller has.", required=False)
        )
        if "{" in path:
            statuses.add(404)
    else:
        operation["security"] = [{"token": []}]
        said = operation["description"]
        if "If-Match" in said:
            needed = "Needs If-Match" in said
            operation["parameters"].append(
                _header(
                    "If-Match", "ETag of what is changed; * changes whatever stands there.", required=needed
                )
            )
            if needed:
                statuses.add(428)
    for status in sorted(statuses):
        answers[str(status)] = {"$ref": f"#/components/responses/problem{status}"}
    operation["responses"] = dict(sorted(answers.items()))
    body = operation.get("requestBody")
    if body and "body" in example:
        body["content"]["application/json"]["examples"] = {"demo": {"value": example["body"]}}
    for parameter in operation["parameters"]:
        given = {**example.get("path", {}), **example.get("query", {})}
        if parameter["name"] in given:
            parameter["examples"] = {"demo": {"value": given[parameter["name"]]}}


def _header(name: str, words: str, *, required: bool) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if name == "If-Match":
        schema |= {"pattern": _TAG, "examples": ["*"]}
    return {"in": "header", "name": name, "required": required, "description": words, "schema": schema}
